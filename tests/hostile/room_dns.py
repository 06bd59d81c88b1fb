"""A world whose third name server is hostile at every address; runs DNS cases in it, several in one pass.

Each case has a slot of its own, that is one IPv4 and one IPv6 address of the name server, so that what only waits
waits together. A new key is always on its way: what a case must not count as showing it keeps it in `generated`.
"""
import re

import cases_dnssec
import cases_steps
import cases_transport
import world as lab_world
from dnscase import NS, SHOWN, SOA, TLSA, DNSKEY, ZoneKit
from dnsserver import HostileServer, honest
from servers import Problem, tool
from watch import WatchedAgent

SLOTS = 4
ADDRESSES = [["127.0.0.%d" % (61 + slot), "fd00::%d" % (61 + slot)] for slot in range(SLOTS)]
TABLE = {row.name: row for row in cases_transport.CASES + cases_dnssec.CASES + cases_steps.CASES}
RANK = {"generated": 0, "published": 1, "ready": 2}
HONEST_PASS = 20  # seconds


class HostileWorld(lab_world.World):
    NS3 = [address for pair in ADDRESSES for address in pair]

    def third_server(self):
        self.hostile = HostileServer(self.NS3, lab_world.PRIMARY[0], self.path("hostile.log"))
        return self.hostile


class Group:
    """Cases that share a pass."""

    def __init__(self):
        self.rows, self.blocks = [], False

    def takes(self, row):
        if self.rows and (alone(row) or alone(self.rows[0]) or last(row) != last(self.rows[0])):
            return False
        if len(self.rows) == SLOTS:
            return False
        return not (self.blocks and "blocked" in row.options)

    def add(self, row):
        self.rows.append(row)
        self.blocks = self.blocks or "blocked" in row.options


def groups(rows):
    """The rows in as few passes as they can share; those that wait keep each other company."""
    made = []
    for row in sorted(rows, key=lambda row: (last(row), alone(row), not waits(row))):
        for group in made:
            if group.takes(row) and waits(group.rows[0]) == waits(row):
                break
        else:
            group = Group()
            made.append(group)
        group.add(row)
    return made


def alone(row):
    return bool(row.options.get("alone") or row.options.get("steps"))


def last(row):
    return row.options.get("last", 0)


def waits(row):
    return "no answer" in row.words or "over TCP" in row.words


class DnsRoom:
    """The world, the agent, and where every case stands."""

    def __init__(self, work, program, second=None):
        self.world = HostileWorld(work)
        self.program = program

    def __enter__(self):
        self.world.__enter__()
        self.places = self.world.hostile.places
        self.world.hostile.zone = ZoneKit(self.world, self.world.hostile)
        tool("ip", "route", "add", "10.9.0.0/16", "dev", "lo")  # where nobody answers and nobody says so
        self.agent = WatchedAgent(self.world, self.program)
        self.agent.must("run")  # adopts
        self.agent.must("run")  # makes the next key
        # from here on it is a case that holds the key up, and no secondary that has not got the record yet
        self.agent.run_until(lambda: self.agent.in_stage("published", "ready"), 30, "every name server has the record")
        found = self.agent.in_stage("published", "ready")
        if len(found) != 1:
            raise Problem("not one key is on its way: %s" % self.agent.stages())
        self.key = found[0]
        return self

    def __exit__(self, *_):
        self.world.stop()

    def behave(self, slot, row):
        options = row.options
        for address, behaviour in zip(ADDRESSES[slot], (row.behaviour, options.get("v6", row.behaviour))):
            self.places[address].behave(behaviour, options.get("udp", True), options.get("tcp", True),
                                         options.get("everybody", False))

    def be_honest(self):
        for place in self.places.values():
            place.behave(honest)

    def look(self):
        """One pass, and what status says after it: (the host, the key on its way, {address: evidence})."""
        self.agent.run()
        host = self.agent.said()
        key = next(key for key in host["keys"] if key["spki_sha256"].lower() == self.key)
        return host, key, {one["address"]: one for one in key["evidence"]}

    def run_group(self, group):
        """{case: [what is wrong]}."""
        if group.rows[0].options.get("steps"):
            row = group.rows[0]
            try:
                wrong = row.options["steps"](self)
            finally:
                self.be_honest()
            return {row.name: wrong + self.agent.take_wrong()}
        for slot, row in enumerate(group.rows):
            self.behave(slot, row)
        before = self.agent.stages().get(self.key)
        host, key, evidence = self.look()
        verbose = self.agent.call("status", "-v", lab_world.HOST).out.splitlines()
        together = self.agent.take_wrong() + self._others(evidence, len(group.rows)) + self._stage(
            group, before, key["stage"])
        seconds = self.agent.passes[-1].ended - self.agent.passes[-1].begun
        results = {}
        for slot, row in enumerate(group.rows):
            wrong = [text for number, address in enumerate(ADDRESSES[slot])
                     for text in judge(row, number == 1, address, evidence.get(address)) +
                     untold(verbose, address, evidence.get(address))]
            if row.options.get("blocked"):
                wrong += blocked(host, row.options["blocked"])
            if row.options.get("alert"):
                wrong += alerted(host, ADDRESSES[slot], *row.options["alert"])
            if seconds > row.options.get("seconds", HONEST_PASS):
                wrong.append("the pass took %.1f s" % seconds)
            results[row.name] = wrong + together
        self.be_honest()
        return results

    def _others(self, evidence, used):
        """Who is honest must be seen to be."""
        honest_ones = lab_world.PRIMARY + lab_world.NSD + [a for pair in ADDRESSES[used:] for a in pair]
        return ["the honest %s is %s" % (address, brief(evidence.get(address))) for address in honest_ones
                if evidence.get(address, {}).get("result") != SHOWN]

    @staticmethod
    def _stage(group, before, after):
        """The key goes back where anybody lacks it, and on only where nobody does."""
        if not all(covers(row) and not row.options.get("elsewhere") for row in group.rows):
            return [] if after == "generated" else ["the key is %s although it is not shown everywhere" % after]
        if group.blocks and RANK[after] > RANK[before]:
            return ["the key went on to %s although the host is blocked" % after]
        if not group.blocks and after not in ("published", "ready"):
            return ["the key is %s although every address shows it" % after]
        return []


def covers(row):
    return row.options.get("covers", row.look == SHOWN and row.options.get("look6", SHOWN) == SHOWN)


def brief(one):
    return "not asked" if one is None else "%s: %s" % (one["result"], one["detail"])


def judge(row, is_v6, address, one):
    """What is wrong about the evidence of one address."""
    look, words = row.look, row.words
    if is_v6:
        look, words = row.options.get("look6", look), row.options.get("words6", words)
    if one is None:
        return ["%s was not looked at" % address]
    wrong = []
    if one["result"] != look or not re.search(words or "", one["detail"]):
        wrong.append("%s: %s /%s/ expected, but %s" % (address, look, words, brief(one)))
    if look != SHOWN and not one["detail"]:
        wrong.append("%s: no reason is given" % address)
    if one["covers"] != (look == SHOWN and row.options.get("covers", True)):
        wrong.append("%s: covers is %s" % (address, one["covers"]))
    if "ttl" in row.options and one["ttl"] != row.options["ttl"]:
        wrong.append("%s: TTL %s" % (address, one["ttl"]))
    return wrong


def untold(verbose, address, one):
    """The reason stands in status -v as well."""
    if one is None or one["result"] == SHOWN:
        return []
    told = " %s: %s: %s" % (address, one["result"], one["detail"])
    return [] if any(told in line for line in verbose) else ["status -v does not say%s" % told]


def blocked(host, pattern):
    texts = [alert["text"] for alert in host["alerts"] if alert["code"] == "blocked"]
    return [] if any(re.search(pattern, text) for text in texts) else [
        "no alert says that the host is blocked by /%s/: %s" % (pattern, texts)]


def alerted(host, addresses, code, pattern):
    texts = [alert["text"] for alert in host["alerts"] if alert["code"] == code]
    return ["no alert %s says of %s /%s/: %s" % (code, address, pattern, texts) for address in addresses
            if not any(re.search(re.escape(address) + pattern, text) for text in texts)]


Room = DnsRoom
MORE_ADDRESSES = HostileWorld.NS3 + ["127.0.0.99", "fd00::99"]
