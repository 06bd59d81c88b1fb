"""Cases of the content: aliases, lies, signatures, keys, denials, TTLs; most of it signed with the zone's true key."""
import random
import struct

from dnscase import *
from dnsserver import honest
from dnswire import A, AD, CNAME, DNAME, NSEC, NSEC3, SEP_FLAG, TLSA, ZONE_FLAG, REVOKE_FLAG, labels, name
from dnswire import key_tag

LAME = "not authoritative for the zone"
NO_ALIAS = "^its alias: no signature"
NO_PROOF = "^it denies the records without a proof"
ALONE_DENIES = "^it denies the records, the resolver does not"
DS_MISFIT = "^its DNSKEY set: no key fits the DS records"
HUGE = 2 ** 31
EVERYTHING = b"\0\7" + b"\x62\1\x80\0\0\0\0"  # a bitmap: NS SOA MX RRSIG... but no TLSA, no CNAME


def lame(message, _q):
    message.flags &= ~AA


def referral_up(message, _q):
    message.empty()
    message.flags &= ~AA
    message.authority = [record(name("root.lab"), 3600, b"\0", NS)]


def from_cache(message, _q):
    message.flags &= ~AA
    for rr in message.answer:
        rr.ttl = 2


def ttl_of_all(ttl):
    def change(message, _q):
        for rr in message.answer:
            rr.ttl = ttl
    return change


def alias(count, ring=False):
    """The owner is an alias of an alias..."""
    def change(message, _q):
        at = lambda number: OWNER if number == 0 or (ring and number == count) else name("a%d.example.org" % number)
        message.answer = [record(at(number + 1), owner=at(number), rtype=CNAME) for number in range(count)]
    return change


def dname(message, _q):
    message.answer = [record(name("elsewhere.example.org"), owner=name("_tcp.mx1.example.org"), rtype=DNAME)]
    message.answer.append(record(name("_25.elsewhere.example.org"), rtype=CNAME))


def unsigned(message, _q):
    message.without_signatures()


def unsigned_with_ad(message, _q):
    message.without_signatures()
    message.flags |= AD


def flipped(message, _q):
    for rr in message.answer:
        if rr.type == RRSIG:
            rr.rdata = rr.rdata[:-1] + bytes([rr.rdata[-1] ^ 1])


def forged_record(message, _q):
    for rr in message.answer:
        if rr.type == TLSA:
            rr.rdata = rr.rdata[:-1] + bytes([rr.rdata[-1] ^ 1])


def one_missing(message, _q):
    message.answer.remove(message.of(TLSA)[0])


def one_more(message, _q):
    message.answer.append(record(b"\3\1\1" + bytes(32)))


def signature_elsewhere(message, _q):
    message.authority = message.of(RRSIG)
    message.without_signatures()


def short_signature(message, _q):
    for rr in message.answer:
        if rr.type == RRSIG:
            rr.rdata = rr.rdata[:19]


def other_type_covered(message, _q):
    for rr in message.answer:
        if rr.type == RRSIG:
            rr.rdata = struct.pack("!H", 1) + rr.rdata[2:]


def of_another_owner(message, q):
    records = [rr.copy(owner=name("_25._tcp.mx2.example.org")) for rr in message.of(TLSA)]
    message.answer = records + [q.zone.sign(records)]


def in_additional(message, _q):
    message.additional = message.answer + message.additional
    message.answer = []


def of_class_chaos(message, _q):
    for rr in message.answer:
        rr.rclass = 3


def twice(message, _q):
    message.answer += message.of(TLSA)


def with_rcode(code):
    def change(message, _q):
        message.rcode(code)
    return changed(change)


def two_signatures(message, q):
    bad = message.of(RRSIG)[0].copy()
    bad.rdata = bad.rdata[:-1] + bytes([bad.rdata[-1] ^ 1])
    message.answer.insert(0, bad)


# ---- many signatures, many keys


def wrong_signatures(count, first=True):
    """So many signatures of the zone's true key that are wrong; then, or not, the good one."""
    def change(message, _q):
        good = message.of(RRSIG)[0]
        bad = [good.copy(rdata=good.rdata[:-4] + struct.pack("!I", at)) for at in range(count)]
        message.answer = message.of(TLSA) + (bad + [good] if first else [good] + bad)
    return change


def same_tag(key, count):
    """So many keys of the same tag: words of the point in another order."""
    words = [key[at:at + 2] for at in range(4, len(key), 2)]
    chance, made = random.Random(count), set()
    while len(made) < count:
        chance.shuffle(words)
        made.add(key[:4] + b"".join(words))
    assert all(key_tag(one) == key_tag(key) for one in made)
    return sorted(made)


def keytrap(keys, signatures):
    """Keys of one tag, and signatures that only all of them together could not check."""
    def behave(q):
        message = q.honest()
        if q.type == DNSKEY:
            true = message.of(DNSKEY)[0]
            records = [true.copy(rdata=rdata) for rdata in same_tag(true.rdata, keys)]
            records.append(true)
            message.answer = records + [q.zone.sign(records)]
        elif q.type == TLSA:
            wrong_signatures(signatures)(message, q)
        yield q.fitting(message)
    return behave


def more_keys(*kinds):
    """The true key and strangers of these (word, flags, protocol)."""
    def keys(kit, true):
        return [true] + [kit.stranger(word, flags=flags_of, protocol=protocol).record(ZONE, true.ttl)
                         for word, flags_of, protocol in kinds]
    return keys


def by_stranger(word, flags_of, protocol=3):
    """The zone lists a key that must not sign, and the records are signed by it."""
    return with_keys(more_keys((word, flags_of, protocol)),
                     lambda kit: kit.stranger(word, flags=flags_of, protocol=protocol))


def other_keys(kit, true):
    return [kit.stranger("wrong").record(ZONE, true.ttl)]


def revoked(kit, true):
    return [true.copy(rdata=struct.pack("!H", ZONE_FLAG | SEP_FLAG | REVOKE_FLAG) + true.rdata[2:])]


# ---- name servers


def ns_names(*labels_of):
    """The zone has these name servers as well."""
    def change(message, _q):
        message.answer += [record(bytes([len(label)]) + label + ZONE, 30, ZONE, NS) for label in labels_of]
    return change


def nobody(count, q, owner):
    """So many addresses where nobody is, others for each of our own."""
    net = int(q.place.address.rpartition(".")[2].rpartition(":")[2])
    return [record(bytes((10, 9, net + 100 * (":" in q.place.address), at)), 30, owner, A) for at in range(count)]


def ns_glue(count):
    """A name server has so many addresses more."""
    def change(message, q):
        message.additional += nobody(count, q, b"\3ns3" + ZONE)
    return change


def more_endpoints(count):
    """The mail host has so many addresses more."""
    def change(message, q):
        if q.name == name("mx1.example.org"):
            message.answer += nobody(count, q, q.name)
    return change


def glue_of_strangers(message, _q):
    """Addresses of names that serve nothing here."""
    message.additional += [record(bytes((10, 9, 1, at)), 30, name("a.example.net"), A) for at in range(20)]


# ---- denials


def nsec(owner, following, bitmap=EVERYTHING):
    return lambda q: [record(name(following) + bitmap, 5, name(owner), NSEC)]


def nsec3(algorithm=1, flags_of=0, iterations=0, salt=b"", hashed=b"0" * 32, following=b"\xff" * 20):
    rdata = struct.pack("!BBHB", algorithm, flags_of, iterations, len(salt)) + salt
    rdata += bytes([len(following)]) + following + EVERYTHING
    return lambda q: [record(rdata, 5, bytes([len(hashed)]) + hashed + ZONE, NSEC3)]


def tlsa_data(*rdata):
    """Validly signed records of these data beside the honest ones."""
    return tlsa(signed_set(lambda records: records + [record(data) for data in rdata]))


def with_ttl(ttl, told=None):
    """Validly signed with this original TTL."""
    return tlsa(signed_set(lambda records: [rr.copy(ttl=ttl if told is None else told) for rr in records], ttl=ttl))


CASES = [
    # ---- who is asked
    case("lame", changed(lame), SILENT, LAME),
    case("lame-to-tlsa", tlsa(changed(lame)), SILENT, LAME),
    case("referral-upward", changed(referral_up), SILENT, LAME),
    case("from-a-cache", tlsa(changed(from_cache)), SILENT, LAME),
    case("empty-answer", tlsa(changed(lambda m, q: m.empty())), BOGUS, NO_PROOF),
    case("answer-in-additional", tlsa(changed(in_additional)), BOGUS, NO_PROOF),
    case("answer-of-another-owner", tlsa(changed(of_another_owner)), BOGUS, NO_PROOF),
    case("answer-of-another-class", tlsa(changed(of_class_chaos)), BOGUS, NO_PROOF),
    case("old-data", old, SHOWN, covers=False),
    case("a-record-twice", tlsa(changed(twice)), SHOWN),

    # ---- aliases
    case("cname-loop", tlsa(changed(alias(1, ring=True))), BOGUS, NO_ALIAS),
    case("cname-endless", tlsa(changed(alias(30))), BOGUS, NO_ALIAS),
    case("dname", tlsa(changed(dname)), BOGUS, NO_ALIAS),

    # ---- signatures
    case("unsigned", tlsa(changed(unsigned)), BOGUS, "^no signature"),
    case("unsigned-with-ad", tlsa(changed(unsigned_with_ad)), BOGUS, "^no signature"),
    case("unsigned-everything", changed(unsigned), BOGUS, "^its DNSKEY set: no signature"),
    case("signature-in-authority", tlsa(changed(signature_elsewhere)), BOGUS, "^no signature"),
    case("signature-of-another-type", tlsa(changed(other_type_covered)), BOGUS, "^no signature"),
    case("signature-cut", tlsa(changed(short_signature)), BOGUS, "malformed signature"),
    case("signature-flipped", tlsa(changed(flipped)), BOGUS, r"^its signature by key \d+ is wrong"),
    case("record-forged", tlsa(changed(forged_record)), BOGUS, r"^its signature by key \d+ is wrong"),
    case("record-missing", tlsa(changed(one_missing)), BOGUS, r"^its signature by key \d+ is wrong"),
    case("record-added", tlsa(changed(one_more)), BOGUS, r"^its signature by key \d+ is wrong"),
    case("expired", tlsa(signed_again(begin=-3 * DAY, end=-60)), BOGUS, "^its signature ended at 20"),
    case("not-yet", tlsa(signed_again(begin=3600, end=3 * DAY)), BOGUS, "^its signature begins only at 20"),
    case("backward", tlsa(signed_again(begin=3600, end=-3600)), BOGUS, "^its signature (begins|ended)"),
    case("signed-by-a-stranger", tlsa(signed_again(key=lambda kit: kit.stranger())), BOGUS,
         r"^signed with key \d+, which is not among"),
    case("signed-by-another-zone", tlsa(signed_again(signer=name("evil.example"))), BOGUS, "^signed by another zone"),
    case("signed-by-the-parent", tlsa(signed_again(signer=name("org"))), BOGUS, "^signed by another zone"),
    case("signed-for-another-owner", tlsa(signed_again(owner=name("_25._tcp.mx2.example.org"))), BOGUS,
         r"^its signature by key \d+ is wrong"),
    case("signed-with-algorithm-5", tlsa(signed_again(algorithm=5)), BOGUS, "algorithm 5, which is not accepted"),
    case("signed-with-algorithm-8", tlsa(signed_again(algorithm=8)), BOGUS, "^signed with key"),
    case("signed-with-algorithm-253", tlsa(signed_again(algorithm=253)), BOGUS, "algorithm 253, which is not accepted"),
    case("wildcard", tlsa(signed_again(owner=name("*.mx1.example.org"), labels=3)), BOGUS,
         "^records of a wildcard, without a proof that nothing stands closer"),
    case("too-many-labels", tlsa(signed_again(labels=labels(OWNER) + 1)), BOGUS, "^its signature is of a longer name"),
    case("a-bad-and-a-good-signature", tlsa(changed(two_signatures)), SHOWN),
    case("signatures-good-then-400-bad", tlsa(changed(wrong_signatures(400, first=False))), SHOWN),
    case("signatures-400-bad-then-good", tlsa(changed(wrong_signatures(400))), BOGUS, r"key \d+ is wrong"),

    # ---- keys
    case("keys-of-another-zone", with_keys(other_keys, lambda kit: kit.stranger("wrong"), anchor=False), BOGUS, DS_MISFIT),
    case("key-revoked", with_keys(revoked), BOGUS, DS_MISFIT),
    case("signed-by-a-revoked-key", by_stranger("revoked", ZONE_FLAG | REVOKE_FLAG), BOGUS, "which is not among"),
    case("signed-by-a-key-without-zone", by_stranger("host", 0), BOGUS, "which is not among"),
    case("signed-by-a-key-of-protocol-2", by_stranger("two", ZONE_FLAG, 2), BOGUS, "which is not among"),
    case("signed-by-a-second-key", by_stranger("second", ZONE_FLAG), SHOWN),
    case("keys-unsigned", each(DNSKEY, changed(unsigned)), BOGUS, "^its DNSKEY set: no signature"),
    case("keys-flipped", each(DNSKEY, changed(flipped)), BOGUS, r"^its DNSKEY set: its signature by key \d+ is wrong"),
    case("keys-empty", each(DNSKEY, changed(lambda m, q: m.empty())), BOGUS, "^its DNSKEY set: no keys"),
    case("keys-lame", each(DNSKEY, changed(lame)), SILENT, "^its DNSKEY set: " + LAME),
    case("keys-500-signatures-480", keytrap(500, 480), BOGUS, "^its DNSKEY set: more than 16 keys"),
    case("keys-200-signatures-200", keytrap(200, 200), BOGUS, "^its DNSKEY set: more than 16 keys"),
    case("keys-of-one-tag", keytrap(15, 480), BOGUS, r"^its (DNSKEY set: its )?signature by key \d+ is wrong"),

    # ---- denials
    case("nxdomain", tlsa(rcode(3)), BOGUS, NO_PROOF),
    case("nxdomain-with-records", tlsa(with_rcode(3)), BOGUS, "^records, and NXDOMAIN"),
    case("nxdomain-signed", tlsa(denial(nsec("mx1.example.org", "ns1.example.org"), 3)), BOGUS, ALONE_DENIES),
    case("nodata-signed", tlsa(denial(nsec("_25._tcp.mx1.example.org", "ns1.example.org"))), BOGUS, ALONE_DENIES),
    case("nsec-denies-all", tlsa(denial(nsec("example.org", "example.org"))), BOGUS, ALONE_DENIES),
    case("nsec-of-another-zone", tlsa(denial(nsec("a.example.net", "z.example.net"))), BOGUS, "it denies the records"),
    case("nsec-broken", tlsa(denial(nsec("example.org", "example.org", b"\0\xff"))), BOGUS, "it denies the records"),
    case("nsec3-algorithm-7", tlsa(denial(nsec3(algorithm=7))), BOGUS, "it denies the records"),
    case("nsec3-65535-iterations", tlsa(denial(nsec3(iterations=65535))), BOGUS, "it denies the records"),
    case("nsec3-opt-out", tlsa(denial(nsec3(flags_of=1))), BOGUS, "it denies the records"),
    case("nsec3-no-hash", tlsa(denial(nsec3(following=b""))), BOGUS, "it denies the records"),
    case("soa-alone", tlsa(denial(lambda q: [])), BOGUS, NO_PROOF),

    # ---- TTLs and data
    case("ttl-zero", with_ttl(0), SHOWN, ttl=0),
    case("ttl-above-signed", tlsa(changed(ttl_of_all(3600))), BOGUS, "^its TTL 3600 is above the signed 5"),
    case("ttl-below-signed", tlsa(changed(ttl_of_all(2))), BOGUS,
         "^intercepted: the TTL 2 of its TLSA set is below the signed 5"),
    case("ttl-sign-bit-unsigned", tlsa(changed(ttl_of_all(HUGE))), BOGUS, "^its TTL 2147483648 is above"),
    # caches are taken to have had the old set as long as that: no key is ready after these
    case("ttl-2-31-less-1", with_ttl(HUGE - 1), SHOWN, ttl=HUGE - 1, last=1),
    case("ttl-2-31", with_ttl(HUGE), SHOWN, ttl=HUGE, last=1),
    case("ttl-2-32-less-1", with_ttl(2 * HUGE - 1), SHOWN, ttl=2 * HUGE - 1, last=1),
    # what no sender uses is as if it were not there; of what one uses each kind must match
    case("tlsa-2-1-1", tlsa_data(b"\2\1\1" + bytes(32)), SHOWN, covers=False),
    case("tlsa-0-0-0", tlsa_data(b"\0\0\0" + bytes(40)), SHOWN),
    case("tlsa-255-255-255", tlsa_data(b"\xff\xff\xff" + b"\x1b[2J"), SHOWN),
    case("tlsa-no-data", tlsa_data(b"\3\1\1"), SHOWN),
    case("tlsa-two-bytes", tlsa_data(b"\3\1"), BOGUS, "(malformed|well-formed|is wrong)"),
    case("tlsa-60-kilobytes", tlsa_data(b"\3\0\0" + bytes(60000)), SHOWN, covers=False),

    # ---- the resolver meets the same
    case("silence-to-everybody", silence, SILENT, "^no answer", everybody=True),
    case("servfail-to-everybody", rcode(2), SILENT, "SERVFAIL", everybody=True),
    case("lame-to-everybody", changed(lame), SILENT, LAME, everybody=True),
    case("unsigned-to-everybody", changed(unsigned), BOGUS, "^its DNSKEY set: no signature", everybody=True),
    case("flipped-to-everybody", changed(flipped), BOGUS, "^its DNSKEY set: its signature", everybody=True),
    case("nxdomain-to-everybody", tlsa(rcode(3)), BOGUS, NO_PROOF, everybody=True),

    # ---- the names of name servers
    case("ns-terminal-escapes", each(NS, changed(ns_names(b"\x1b[2J\x1b]0;x\x07", b"a\0b", b"\xff\xfe", b"\r\nok"))), SHOWN,
         blocked="not every name server is known: unreadable-name.invalid", alone=True),
    case("ns-names-400", each(NS, big(changed(ns_names(*(b"n%d" % at for at in range(400)))))), SHOWN,
         blocked="not every name server is known", alone=True),
    case("ns-glue-200-silent", each(NS, big(changed(ns_glue(200)))), SHOWN, alone=True, last=2,
         elsewhere=True, seconds=40, blocked="more than 64 addresses"),
    case("host-200-addresses", each(A, big(changed(more_endpoints(200)))), SHOWN, alone=True, last=3, seconds=45,
         blocked="more than 32 addresses"),
    case("ns-glue-of-nobody", each(NS, changed(glue_of_strangers)), SHOWN),

    # ---- from pass to pass
    case("serial-goes-back", each(SOA, old), SHOWN, alert=("regression", r" from serial \d+ to \d+")),
]
