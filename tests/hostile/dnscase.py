"""What the tables of DNS cases are made of: the row, what the zone can sign, and the usual ways to change an answer."""
import collections
import glob
import os
import threading
import time

import dnswire
from dnsserver import honest
from dnswire import AA, DNSKEY, NS, OPT, RRSIG, SOA, TC, TLSA, Key, RR, signature
import world as lab_world

OWNER, ZONE = dnswire.name(lab_world.OWNER), dnswire.name(lab_world.ZONE)
SHOWN, NONE, UNSIGNED, BOGUS, SILENT = "shown", "none", "unsigned", "bogus", "silent"
DAY = 86400

Case = collections.namedtuple("Case", "name behaviour look words options")


def case(name, behaviour, look, words="", **options):
    """A row. look and words: what evidence says, words a pattern in its detail. Options:
    udp, tcp      False: nobody listens there
    v6            the behaviour over IPv6; and look6, words6, where they differ
    covers        does the answer count as showing the new key (default: when it is shown)
    ttl           what evidence tells of it
    blocked       a pattern of the alert that keeps the whole host waiting
    alert         (code, pattern): such an alert says that of each address of the case
    alone         it is of the zone, not of one address: no other case in the same pass
    steps         a function of the room that does it all and returns what is wrong
    elsewhere     some other address does not show the key because of it
    everybody     the agent's resolver is treated like that, too
    last          what it leaves behind would disturb the others: the higher, the later
    seconds       a bound for the pass, instead of the usual one
    """
    return Case(name, behaviour, look, words, options)


class ZoneKit:
    """The zone's true key, some that are not, and answers of yesterday."""

    def __init__(self, world, server):
        self.work, self.begin = world.work, int(time.time()) - 3600
        self.end = self.begin + 14 * DAY
        pem = glob.glob(os.path.join(world.ns1.dir, "db", "keys", "keys", "*.pem"))
        self.key = Key(pem[0])
        self.old = {rtype: server.primary_answer(owner, rtype)
                    for owner, rtype in ((OWNER, TLSA), (ZONE, DNSKEY), (ZONE, SOA), (ZONE, NS))}
        self.strangers, self.lock = {}, threading.Lock()

    def stranger(self, word="", **how):
        """A key that the zone does not have; the same for the same word."""
        with self.lock:
            if word not in self.strangers:
                self.strangers[word] = Key.new(os.path.join(self.work, "stranger-%s.pem" % word), **how)
            return self.strangers[word]

    def sign(self, records, key=None, begin=None, end=None, ttl=None, **wrong):
        return signature(records, key or self.key, ZONE, begin or self.begin, end or self.end, ttl, **wrong)


# ---- behaviours


def each(rtype, *behaviours):
    """These questions are met by the behaviour, others honestly; of several the n-th in turn."""
    def behave(q):
        if q.type == rtype:
            yield from behaviours[(q.nth_of_type - 1) % len(behaviours)](q)
        else:
            yield from honest(q)
    return behave


def tlsa_anew(*behaviours):
    """TLSA questions are met by the n-th in turn; one that is sent again, because the first answer is slow, as before."""
    def behave(q):
        if q.type == TLSA:
            yield from behaviours[(q.nth_asked - 1) % len(behaviours)](q)
        else:
            yield from honest(q)
    return behave


def tlsa(*behaviours):
    return each(TLSA, *behaviours)


def changed(change):
    """An honest answer, changed in place by change(message, q)."""
    def behave(q):
        message = q.honest()
        change(message, q)
        yield q.fitting(message)
    return behave


def wire_changed(change):
    """The bytes of an honest answer, as change(bytes) makes them."""
    def behave(q):
        yield change(q.honest().wire())
    return behave


def silence(_q):
    return iter(())


def rcode(value):
    def change(message, _q):
        message.empty()
        message.rcode(value)
    return changed(change)


def flags(on=0, off=0):
    def change(message, _q):
        message.flags = (message.flags | on) & ~off
    return changed(change)


def signed_set(make, **how):
    """TLSA records in place of the honest ones, signed with the zone's true key: make(records) is the new list."""
    def change(message, q):
        records = make(message.of(TLSA))
        message.answer = records + [q.zone.sign(records, **how)]
    return changed(change)


def signed_again(**how):
    """The honest records under another signature; how: as of ZoneKit.sign, but key may be a function of the kit."""
    def change(message, q):
        more = dict(how)
        if callable(more.get("key")):
            more["key"] = more["key"](q.zone)
        for name in ("begin", "end"):
            if name in more:
                more[name] += int(time.time())
        records = message.of(TLSA)
        message.answer = records + [q.zone.sign(records, **more)]
    return changed(change)


def denial(make, code=0):
    """No records, but an authority section: the signed SOA and what make(q) gives, signed."""
    def change(message, q):
        soa = dnswire.Message(q.place.server.primary_answer(ZONE, SOA)).answer
        message.answer, message.authority = [], list(soa)
        message.additional = [rr for rr in message.additional if rr.type == OPT]
        message.rcode(code)
        for record in make(q):
            message.authority += [record, q.zone.sign([record])]
    return changed(change)


def old(q):
    """Yesterday's answer, validly signed."""
    if q.type in (TLSA, SOA):
        message = dnswire.Message(q.zone.old[q.type])
        message.ident = q.ident
        yield q.fitting(message)
    else:
        yield from honest(q)


def truncating(over_tcp):
    """Over UDP nothing but TC; over TCP as over_tcp does."""
    def behave(q):
        if q.tcp:
            yield from over_tcp(q)
            return
        message = q.honest()
        message.empty()
        message.flags |= TC
        yield message.wire()
    return behave


def big(behaviour):
    """Too long for UDP, whole over TCP."""
    return truncating(behaviour)


def with_keys(keys, sign_tlsa_with=None, anchor=True):
    """keys(kit, ttl, honest record) is the DNSKEY set; the TLSA set is signed by sign_tlsa_with(kit)."""
    def behave(q):
        message = q.honest()
        if q.type == DNSKEY:
            records = keys(q.zone, message.of(DNSKEY)[0])
            signer = q.zone.key if anchor else q.zone.stranger("wrong")
            message.answer = records + [q.zone.sign(records, signer)]
        elif q.type == TLSA and sign_tlsa_with:
            records = message.of(TLSA)
            message.answer = records + [q.zone.sign(records, sign_tlsa_with(q.zone))]
        yield q.fitting(message)
    return behave


def record(data, ttl=lab_world.TLSA_TTL, owner=OWNER, rtype=TLSA, **more):
    return RR(owner, rtype, ttl, data, **more)


__all__ = [name for name in dir() if not name.startswith("_")]
