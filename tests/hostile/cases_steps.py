"""Cases of several passes: what is good now and bad then. Each is a function of the room that returns what is wrong."""
import os
import re
import sqlite3
import time

import world as lab_world
from dnscase import *
from dnsserver import honest


SIGHTINGS_ONE = 32  # core/fold.h
PASSES = SIGHTINGS_ONE + 2  # one row more each, were there no end


def expect(room, behaviour, stages, look, words="", covers=None):
    """One pass while every hostile address behaves so: [what is wrong]. covers: whether it shows the new key."""
    for place in room.places.values():
        place.behave(behaviour)
    _, key, evidence = room.look()
    wrong = [] if key["stage"] in stages else ["the key is %s, not %s" % (key["stage"], "/".join(stages))]
    for address in room.places:
        one = evidence[address]
        if one["result"] != look or words not in one["detail"]:
            wrong.append("%s: %s, %s instead of %s, %s" % (address, one["result"], one["detail"], look, words))
        if covers not in (None, one["covers"]):
            wrong.append("%s: covers is %s" % (address, one["covers"]))
    return wrong


def until_ready(room):
    """Honest passes until the key could be deployed."""
    room.be_honest()
    room.agent.run_until(lambda: room.agent.in_stage("ready"), 30, "the key is ready")


def refused_after_publication(room):
    wrong = expect(room, honest, ("published", "ready"), SHOWN)
    return wrong + expect(room, rcode(5), ("generated",), SILENT, "REFUSED")


def old_every_second(room):
    """Never ready, for caches may have what was shown in between; well over the hold."""
    wrong, begun = [], time.monotonic()
    while time.monotonic() < begun + lab_world.HOLD + 4:
        wrong += expect(room, honest, ("published",), SHOWN)
        wrong += expect(room, old, ("generated",), SHOWN)
        time.sleep(0.5)
    return wrong


def answers_differ(room):
    """Of several answers in a pass one is old: found out once the address was seen to go back and forth."""
    one_more, wrong = tlsa(signed_set(lambda records: records + [record(b"\3\1\1" + bytes(32))])), []
    for behaviour in (honest, one_more, honest):
        wrong += expect(room, behaviour, ("published", "ready"), SHOWN)
        room.agent.run_for(2)  # what was seen is dated in seconds
    for _ in range(2):
        wrong += expect(room, tlsa_anew(honest, old), ("generated",), SHOWN, covers=False)
    return wrong


def verify_where_tcp_hangs(room):
    """verify asks each address by TCP, too; where that is swallowed it is not needed, and does not hold it up."""
    for place in room.places.values():
        place.behave(lambda q: iter(()) if q.tcp and q.type == TLSA else honest(q))
    done = room.agent.call("verify", lab_world.HOST)
    if done.code == 0 and done.ended - done.begun < 20:
        return []
    return ["verify exits %s after %.1f s: %s" % (done.code, done.ended - done.begun, done.out.partition("\n")[0])]


def silence_is_not_consent(room):
    """Who was silent for one pass may have served the old set meanwhile: the wait begins again."""
    until_ready(room)
    wrong = expect(room, silence, ("generated",), SILENT, "no answer")
    return wrong + expect(room, honest, ("published",), SHOWN)


def bogus_for_one_pass(room):
    until_ready(room)
    wrong = expect(room, tlsa(signed_again(end=-60, begin=-3600)), ("generated",), BOGUS, "its signature ended")
    return wrong + expect(room, honest, ("published",), SHOWN)


def rollover_among_liars(room):
    """A rollover is wanted, and the key is never presented while one address lies."""
    room.agent.must("rollover", lab_world.HOST, "--reason", "test")
    wrong = []
    for behaviour, look, words in ((old, SHOWN, ""), (tlsa(rcode(3)), BOGUS, "without a proof"), (rcode(2), SILENT, ""),
                                   (tlsa(signed_again(begin=3600, end=7200)), BOGUS, "begins only"),
                                   (old, SHOWN, "")):
        wrong += expect(room, behaviour, ("generated",), look, words)
        time.sleep(2)
    serving = {one["key"] for service in room.agent.host()["services"] for one in service["serving"]}
    if serving != {room.world.old_spki[:8]}:
        wrong.append("presented: %s" % serving)
    return wrong


def without_honest_ones(room, behaviour, look):
    """Knot and NSD hang, and the rest behaves so to everybody: all in time, nothing is believed, nothing goes on."""
    wrong = []
    for name in ("ns1", "ns2"):
        room.world.silence(name)
    try:
        for place in room.places.values():
            place.behave(behaviour, everybody=True)
        host, key, evidence = room.look()
    finally:
        for name in ("ns1", "ns2"):
            room.world.speak(name)
    if key["stage"] != "generated" or not host["alerts"]:
        wrong.append("the key is %s, alerts %s" % (key["stage"], [alert["code"] for alert in host["alerts"]]))
    for address, one in evidence.items():
        allowed = (look, SILENT) if address in room.places else (SILENT,)
        if one["result"] not in allowed or not one["detail"]:
            wrong.append("%s: %s, %s" % (address, one["result"], one["detail"]))
    return wrong


def nobody_answers(room):
    return without_honest_ones(room, silence, SILENT)


def nobody_is_honest(room):
    return without_honest_ones(room, tlsa(rcode(3)), BOGUS)


def strange_set(_records):
    return [record(b"\3\1\1" + os.urandom(32), ttl=lab_world.TLSA_TTL + os.urandom(1)[0] % 4)]


def rows(room):
    """How much of what name servers said is remembered."""
    with sqlite3.connect("file:%s?mode=ro" % room.world.path("state", "state.db"), uri=True) as state:
        return {table: state.execute("SELECT count(*) FROM " + table).fetchone()[0]
                for table in ("authority", "sighting", "rrset", "instance", "owner")}


def another_set_with_each_answer(room):
    """All are remembered in as many rows as there is room for; nothing goes on, and it is said who does that."""
    liars = list(room.places)[:2]
    for address in liars:
        room.places[address].behave(tlsa(signed_set(strange_set)))
    for _ in range(PASSES):
        room.agent.run()
    before = rows(room)
    for _ in range(2):
        room.agent.run()
    _, key, evidence = room.look()
    after = rows(room)
    wrong = [] if key["stage"] == "generated" else ["the key is %s" % key["stage"]]
    most = after["authority"] * SIGHTINGS_ONE
    if before != after or after["sighting"] > most or after["rrset"] > most + SIGHTINGS_ONE:
        wrong.append("it grows: %s, then %s" % (before, after))
    said = room.agent.call("status", "-v", lab_world.HOST).out
    for address in liars:
        if evidence[address]["covers"] or not re.search(address + r"( \(serial \d+\))? still answers without it", said):
            wrong.append("%s covers, or is not named in:\n%s" % (address, said[-900:]))
    return wrong


CASES = [case(function.__name__.replace("_", "-"), honest, SHOWN, steps=function) for function in (
    refused_after_publication, old_every_second, answers_differ, verify_where_tcp_hangs, silence_is_not_consent,
    bogus_for_one_pass)]
CASES += [case(function.__name__.replace("_", "-"), honest, SHOWN, steps=function, last=last) for function, last in (
    (rollover_among_liars, 1), (another_set_with_each_answer, 2), (nobody_answers, 4), (nobody_is_honest, 5))]
