"""What danesafe promises for other shapes of the DNS: whatever cannot be rolled over safely is named and waited for.

Each case is a function of a Case (cases.py), in a world of its own shape (topology.py).
"""
import re
import shutil
import time

import dnsmsg
import topology
from agent import LONG
from servers import wait_until
from topology import CHILD_SECONDARY, NS4, NS5, NS6
from world import AGENT_RESOLVER, BIND, HOLD, HOST, NSD, OWNER, SENDER_RESOLVER, TLSA_TTL, ZONE

SLACK = 0.5  # seconds by which two observers of the lab may differ


def held_back(case, why, seconds=HOLD + 3):
    """For longer than the hold nothing new is presented, nor called ready."""
    passes = case.agent.run_for(seconds)
    case.check(not [s for s in case.probe.handshakes if s.spki not in (None, case.world.old_spki)],
               "the new key is not deployed %s (%d passes)" % (why, passes))
    case.check(not case.agent.in_stage("ready", "deployed"), "nor is it called ready", case.agent.stages())


def to_the_end(case):
    """All that a rollover promises, however long something was in its way."""
    case.until_retired()
    case.check_order()
    ttls = {dnsmsg.tlsa(dnsmsg.ask(a, case.world.owner, "TLSA"))[1] for a in case.world.authorities}
    case.check(ttls == {TLSA_TTL}, "the records have the TTL that they had (P02)", ttls)
    case.check_pass_codes(0, 1)
    case.check_no_failures()


def leaves(case, name):
    """The name server is taken out of the NS sets and goes on answering what it has: senders that know the old NS set
    may ask it for the TTL of that, and keep what it says for the TTL of the records."""
    world = case.world
    world.unlist_server(name)
    case.agent.run_until(lambda: name not in world.ns_names(AGENT_RESOLVER), 30, "the agent can see that it left")
    seen = case.agent.passes[-1].begun
    case.until_retired()
    new = case.probe.presented(case.new_key())
    waited, span = new[0].begun - seen if new else None, world.NS_TTL + TLSA_TTL + 2 * (HOLD - TLSA_TTL)
    case.check(new and waited >= span - SLACK, "after it left, the holds of the NS set and of its data are waited for "
               "(%g s)" % span, waited)


def mismatch(case):
    """a name server only in the parent's NS set serves old data: found, both lists are named, it is waited for (D10)"""
    case.adopt(code=1)
    case.world.freeze("ns4")
    case.rollover()
    case.until_said(NS4[0], r"the parent lists ns1\S* ns2\S* ns3\S* ns4\S*; the zone itself lists ns1\S* ns2\S* ns3",
                    "fix at registrar or zone")
    held_back(case, "while the parent sends senders to old data")
    case.opinions(0, True, "a name server in the parent's NS set alone has old data, which names the key in use")
    said = case.agent.call("verify").out
    case.check(re.search(r"not everybody has the same name servers.*: the parent lists .*ns4", said), "verify names both lists", said)
    case.check(case.agent.passes[-1].code == 1, "the passes exit 1", case.agent.passes[-1].code)
    leaves(case, "ns4")
    to_the_end(case)


def newserver(case):
    """a name server that joins both NS sets in mid-rollover with old data is waited for (D08)"""
    agent = case.adopt()
    case.world.freeze("ns4")
    agent.run_until(lambda: agent.in_stage("published", "ready"), LONG, "the next key is published")
    case.world.list_server("ns4")
    case.rollover()
    case.until_said(NS4[0])
    held_back(case, "while the new name server lacks its record")
    case.opinions(0, True, "a name server that joined has old data")
    case.world.thaw("ns4")
    to_the_end(case)


def oldserver(case):
    """a name server with old data that leaves both NS sets counts on for the TTL of the NS set (D09)"""
    case.adopt()
    case.world.freeze("ns4")
    case.rollover()
    case.until_said(NS4[0])
    case.opinions(0, True, "a name server that is about to leave has old data, which names the key in use")
    leaves(case, "ns4")
    to_the_end(case)


def expired(case):
    """one authority serves the new record under expired signatures: that is no evidence, and is named (D14)"""
    if not shutil.which("ldns-signzone"):
        case.say("skipped: no ldns-signzone")
        return
    agent = case.adopt()
    new = case.until_ready()
    case.world.regress("ns3", case.world.expire(case.world.snapshot()))
    case.check("3 1 1 " + new in (case.world.dig_all()[BIND[0]] or ()), "the new record is visible there")
    case.rollover()
    case.until_said(BIND[0] + ".*bogus.*signature ended")
    held_back(case, "on the word of an expired signature")
    case.opinions(2, True, "one authority serves expired signatures")
    case.check(agent.stages().get(new) == "generated", "it fell back", agent.stages())
    case.world.recover("ns3")
    to_the_end(case)


def badds(case):
    """the parent's DS turns bad while a key is ready: nothing advances, it is said at once; then it recovers (E14)"""
    agent = case.adopt()
    new = case.until_ready()
    good = case.world.ds
    case.world.new_ds("12345 13 2 " + "00" * 32)
    bad_at = time.monotonic()
    case.until_said("SERVFAIL")  # each resolver believes the old DS for a while, the agent's too
    case.check(case.agent.passes[-1].code == 1, "the pass exits 1", case.agent.passes[-1].code)
    wait_until(lambda: [s for s in case.probe.failures() if s.begun > bad_at], 30, "senders defer, for all to see")
    case.rollover()
    held_back(case, "while the zone is bogus")
    case.opinions(3, False, "the DS at the parent is wrong: the resolver says SERVFAIL")
    case.world.new_ds(good)
    for resolver in (case.world.agent_resolver, case.world.sender_resolver):
        resolver.stop()  # Unbound remembers for a minute that the keys of a zone were bad
        resolver.start()
    wait_until(lambda: all(s.ok for s in case.probe.handshakes[-8:]), 40, "senders verify again")
    well_at = time.monotonic()
    case.until_retired()
    case.check_order()
    case.check(case.new_key() == new, "the rollover goes on with the same key")
    case.check_pass_codes(0, 1)
    bad = [s for s in case.probe.failures() if not bad_at <= s.begun <= well_at]
    case.check(not bad, "no handshake failed before and after", bad[:1])
    case.check(agent.in_stage("deployed") == [new], "and status says so", agent.stages())


def delegated(case):
    """_tcp.mx1 is a zone of its own: its name servers count, a lagging one is waited for; then its DS goes (D21)"""
    agent = case.adopt()
    case.world.freeze("tcp2")
    case.rollover()
    case.until_said(CHILD_SECONDARY[0])
    text = agent.table() + agent.passes[-1].err + agent.passes[-1].out
    case.check(NSD[0] not in text and BIND[0] not in text, "the name servers of the zone above do not count", text)
    held_back(case, "while a name server of its zone lags")
    case.opinions(0, True, "a name server of a delegated _tcp lags")
    case.world.thaw("tcp2")
    to_the_end(case)
    case.world.unsign_child()
    case.until_said("in the zone _tcp.mx1.example.org.: the parent has no DS")
    shown = case.world.dig_all()
    agent.run_for(HOLD)
    case.check(case.world.dig_all() == shown, "without its DS nothing more is published", case.world.dig_all())
    case.opinions(1, False, "a delegated _tcp without a DS: senders that insist on DANE find none")


def apex(case):
    """_25._tcp.mx1 is a zone of its own without records: the first ones are published there, and rolled over (D21)"""
    world = case.world
    agent = case.adopt(tlsa_ttl="5s")
    agent.run_until(lambda: world.old_record in world.records(), LONG, "the presented key is published")
    case.until_ready()
    case.rollover()
    to_the_end(case)
    case.opinions(0, True, "the owner is a zone of its own")


def wildcard(case):
    """the record is that of a wildcard: it is rolled over itself, never shadowed, other ports keep answering (D22)"""
    world, others = case.world, []
    agent = case.adopt()
    agent.on_pass = lambda _: others.append((world.other_answers(), set(world.dig_all().values())))
    case.rollover()
    to_the_end(case)
    empty = [o for o, _ in others if frozenset() in o or None in o]
    case.check(others and not empty, "another port has an answer after every pass", empty[:1])
    case.opinions(0, True, "the records are those of a wildcard")
    case.check(world.other_answers() == set(world.dig_all().values()), "and the same one as this", others[-1:])
    records = agent.call("records", HOST).out
    case.check("*.%s. 5 IN TLSA 3 1 1 " % HOST in records, "records shows the wildcard", records)


def shared(case):
    """two services behind one wildcard: their records are changed once, not refused the second time (D22)"""
    agent = case.adopt(services="[25/tcp, 465/tcp]")  # nobody listens at 465
    agent.run_until(lambda: len(case.world.records()) == 2, LONG, "the next key's record is published")
    told = agent.call("history").out
    case.check("NXRRSET" not in told and "failed" not in told, "no update was refused", told)
    case.check(not case.probe.failures(), "no DANE handshake failed", case.probe.failures()[:1])


def hides(case):
    """no TLSA record, and a wildcard of another type: the first record would hide it, and is refused (D22)"""
    world, others = case.world, []
    agent = case.adopt()
    agent.on_pass = lambda _: others.append(world.other_answers())
    case.until_said(r"would hide \*\.mx1\.example\.org\. from the names beside it")
    agent.run_for(HOLD)
    case.check(set(world.dig_all().values()) == {frozenset()}, "nothing is published", world.dig_all())
    case.check(others and all(o == {True} for o in others), "another port keeps its answer", others)
    case.opinions(0, False, "there are no records: senders that insist on DANE find none")
    case.check_no_failures()


def alias(case):
    """the owner is a CNAME into another zone: its name servers are waited for, the record goes there (D18)"""
    world = case.world
    agent = case.adopt()
    world.freeze("prov2")
    case.rollover()
    case.until_said(CHILD_SECONDARY[0])
    held_back(case, "while a name server of the zone behind the alias lags")
    case.opinions(0, True, "the owner is an alias, and a name server behind it lags")
    world.thaw("prov2")
    to_the_end(case)
    case.check(world.aliases() == {(world.owner,)}, "the alias stays, alone", world.aliases())
    said = agent.call("status", "-v", HOST).out
    case.check("alias of mx1.tlsa.prov.org." in said and "an alias leads here" in said, "status -v shows the chain", said)
    said = agent.call("verify", HOST)
    case.check(said.code == 0 and "where an alias leads" in said.out, "and so does verify", said.out)
    said = agent.call("records", HOST).out
    case.check("mx1.tlsa.prov.org. 5 IN TLSA 3 1 1 " in said and OWNER + " 5" not in said,
               "records has them at the end of the chain", said)


def dname(case):
    """a DNAME into another zone, and there a CNAME: every link is verified and waited for, the record goes to the end"""
    world = case.world
    agent = case.adopt()
    world.freeze("prov2")
    case.rollover()
    case.until_said(CHILD_SECONDARY[0])
    held_back(case, "while a name server of the zone behind the DNAME lags")
    case.opinions(0, True, "a DNAME, then a CNAME, and a name server behind them lags")
    world.thaw("prov2")
    to_the_end(case)
    said = agent.call("status", "-v", HOST).out
    case.check("alias of _25.mx1.tlsa.prov.org." in said and "alias of keys.tlsa.prov.org." in said,
               "status -v shows both links", said)
    world.silence("ns2")  # of the first link's zone alone
    case.until_said(NSD[0] + ".*no answer")
    world.speak("ns2")


def loop(case):
    """the alias that takes the place of the records leads nowhere, then to itself: both block, a loop stops mail (D20)"""
    world = case.world
    agent = case.adopt()
    case.until_ready()
    world.ns1.edit(ZONE, ("unset", OWNER, 0, "TLSA"), ("set", OWNER, TLSA_TTL, "CNAME", "nothing." + ZONE))
    case.until_said("dane-inactive|leads to a name without records")
    case.rollover()
    held_back(case, "while the alias leads nowhere")
    case.opinions(0, False, "an alias to a name that is not there: senders that insist on DANE find none")
    world.ns1.edit(ZONE, ("unset", OWNER, 0, "CNAME"), ("set", OWNER, TLSA_TTL, "CNAME", OWNER))
    case.until_said("alias-loop|lead nowhere: they are a loop")
    held_back(case, "while the alias leads to itself")
    case.opinions(2, False, "an alias to itself")
    case.check(agent.passes[-1].code == 1, "the passes exit 1", agent.passes[-1].code)


def retarget(case):
    """the alias is moved from a name that others have to one of ours: the old one binds as long as caches lead there
    (D19)"""
    world = case.world
    agent = case.adopt()
    case.rollover()
    held_back(case, "while the records of others lack it")
    case.opinions(0, True, "the owner is an alias of what others run")
    case.check({r for s in world.dig_all().values() for r in s or ()} == {world.old_record},
               "nothing is published where no alias leads", world.dig_all())
    world.move(world.owner)
    agent.run_until(lambda: world.aliases() == {(world.owner,)}, 30, "every name server has the new alias")
    moved = time.monotonic()
    to_the_end(case)
    new = case.probe.presented(case.new_key())
    case.check(new and new[0].begun - moved >= HOLD - 1 - SLACK, "the old alias is waited for (%g s)" % HOLD,
               new and new[0].begun - moved)


def renamed(case):
    """mx1 itself is a CNAME: the records at both names are rolled over (D23)"""
    world = case.world
    agent = case.adopt()
    case.rollover()
    to_the_end(case)
    case.opinions(0, True, "the host is an alias, and has records at both names")
    both = [s for owner in (OWNER, world.REAL) for s in world.dig_all(owner=owner).values()]
    new = "3 1 1 " + case.new_key()
    case.check(all(s and new in s and world.old_record not in s for s in both), "both names have the new record", both)
    case.check(world.REAL in agent.call("status", "-v", HOST).out, "status -v shows both")


def families(case):
    """one name server with only IPv6, one with only IPv4: the first lags, is named and waited for"""
    case.adopt()
    case.world.freeze("ns2")
    case.rollover()
    case.until_said(NSD[1])
    held_back(case, "while the one that only IPv6 reaches lags")
    case.opinions(0, True, "a name server that only IPv6 reaches lags")
    case.world.thaw("ns2")
    to_the_end(case)


def unsigned(case):
    """no DS at the parent: nothing is published or deployed, and it is said; with the DS it goes on (S04)"""
    world = case.world
    agent = case.adopt(code=1, tlsa_ttl="5s")
    agent.call("rollover", HOST, "--reason", "test")
    case.until_said("no DS")
    held_back(case, "in an unsigned zone")
    case.opinions(1, False, "an unsigned zone: senders that insist on DANE find none")
    case.check(set(world.dig_all().values()) == {frozenset()}, "nothing is published", world.dig_all())
    case.check([p.code for p in agent.passes[-3:]] == [1, 1, 1], "the passes exit 1", [p.code for p in agent.passes])
    world.new_ds(world.ds)
    agent.run_until(lambda: world.records() and world.old_record in world.records(), LONG,
                    "the presented key is published")
    case.until_retired()
    wait_until(lambda: case.probe.handshakes[-1].verdict == "Verified", 30, "a sender verifies the new key")
    case.check(case.new_key() != world.old_spki, "in the end the new key is presented")
    case.check_pass_codes(0, 1)
    case.check_no_failures()


def lame(case):
    """one name server refuses, one answers without authority, one does not know TLSA: precise reasons (D16)"""
    world = case.world
    case.adopt()
    new = case.until_ready()
    for name, mood in (("ns4", "refused"), ("ns5", "lame"), ("ns6", "notimp")):
        world.secondaries[name].mood(mood)
    case.rollover()
    case.until_said(NS4[0] + r"\b.*REFUSED", NS5[0] + r"\b.*not authoritative", NS6[0] + r"\b.*NOTIMP")
    held_back(case, "on the word of three")
    case.opinions(1, True, "three of six name servers refuse, answer without authority, do not know TLSA")
    case.check(case.agent.stages().get(new) == "generated", "it fell back", case.agent.stages())
    for name in world.CROOKS:
        world.secondaries[name].mood("well")
    to_the_end(case)


def zsk(case):
    """the primary changes its ZSK while the hold runs, servers at different points: no false bogus (D24)"""
    world, said = case.world, []
    agent = case.adopt()
    agent.on_pass = lambda a: said.append(a.passes[-1].out + a.passes[-1].err + a.table())
    agent.run_until(lambda: agent.in_stage("published"), LONG, "the next key is published")
    before = world.tags(world.authorities[0])
    world.publish_zsk()
    agent.run_until(lambda: all(world.keys_at(a) == 3 for a in world.authorities) and all(
        world.keys_at(r, True) == 3 for r in (AGENT_RESOLVER, SENDER_RESOLVER)), 60, "everybody knows the new ZSK")
    world.freeze("ns2")
    world.use_zsk()
    agent.run_until(lambda: not world.tags(world.authorities[0]) & before, 30, "the new ZSK signs")
    agent.run_until(lambda: not world.tags(BIND[0]) & before, 30, "at ns3 too")
    case.check(world.tags(NSD[0]) == before, "ns2 still has the old signatures")
    case.opinions(0, True, "name servers at different points of a change of the ZSK")
    agent.run_for(3)
    world.thaw("ns2")
    case.rollover()
    to_the_end(case)
    case.check(not world.tags(NSD[0]) & before, "in the end ns2 has the new ones")
    case.check(not [text for text in said if "bogus" in text], "nothing was ever called bogus",
               [text for text in said if "bogus" in text][:1])


ALL = (mismatch, newserver, oldserver, expired, badds, delegated, apex, wildcard, shared, hides, alias, dname, loop,
       retarget, renamed, families, unsigned, lame, zsk)
WORLDS = {"mismatch": topology.Forgotten, "newserver": topology.Joining, "oldserver": topology.Leaving,
          "expired": topology.Signed, "badds": topology.Signed, "delegated": topology.Delegated, "apex": topology.Apex,
          "wildcard": topology.Wildcard, "shared": topology.HashedWildcard,
          "hides": topology.Hidden, "alias": topology.Alias, "dname": topology.Chain,
          "retarget": topology.Moved, "renamed": topology.Renamed, "families": topology.Families,
          "unsigned": topology.Unsigned, "lame": topology.Crooks, "zsk": topology.TwoKeys}
