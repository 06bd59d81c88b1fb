"""What danesafe promises for records of other kinds than 3 1 1: none disables another, and senders deliver all along.

Each case is a function of a Case (cases.py). The sender takes only the best digest of a kind (RFC 7671, section 9).
"""
from agent import LONG
from servers import wait_until
from world import HOST


def sets_shown(case):
    """Every set that some authority was seen to answer, once."""
    return {shown for look in list(case.probe.looks) for shown in look.shown.values() if shown}


def of_kind(records, kind):
    return {record[6:] for record in records if record.startswith(kind)}


def trap(case):
    """The record of another key of a better kind: senders fail, and danesafe says of which kind."""
    alien = "3 1 2 " + 64 * "ab"
    case.world.update("add " + alien)
    before = len(case.probe.failures())
    wait_until(lambda: len(case.probe.failures()) > before + 2, 30, "senders fail")
    case.check(True, "a stray 3 1 2 of another key stops mail, whatever 3 1 1 says")
    case.opinions(2, False, "a stray 3 1 2", gnutls=True)
    case.until_said(r"CRITICAL.*does not match key \w{8}: no 3 1 2 of it does")
    status = case.agent.host()
    case.check([s["record"] for s in status["services"][0]["strangers"]] == [alien], "status names the stranger",
               status["services"])
    case.check(not status["mail_safe"], "and says that mail is not safe")
    case.agent.run_for(3)
    case.check(all(alien in shown for shown in case.world.dig_all().values()), "and leaves it alone")
    case.world.update("del " + alien)


def kinds(case):
    """a second matching type, 3 1 2, comes in the course of a rollover for all keys in one change (P01)"""
    agent = case.adopt(tlsa='["3 1 1", "3 1 2"]')
    case.until_ready()
    shown = case.world.records()
    case.check(len(of_kind(shown, "3 1 1")) == len(of_kind(shown, "3 1 2")) == 2,
               "both keys have both records", shown)
    case.opinions(0, True, "records 3 1 1 and 3 1 2")
    case.rollover()
    case.until_retired()
    case.check_order()
    agent.run_until(lambda: agent.in_stage("ready"), LONG, "the next standby key is ready")
    odd = [s for s in sets_shown(case) if of_kind(s, "3 1 2") and
           len(of_kind(s, "3 1 2")) != len(of_kind(s, "3 1 1"))]
    case.check(not odd, "no authority ever showed a set with a 3 1 2 of some of its keys alone", odd)
    case.check_pass_codes(0)
    with open(agent.config, encoding="ascii") as config:
        text = config.read()
    with open(agent.config, "w", encoding="ascii") as out:
        out.write(text.replace(', "3 1 2"', ""))
    standby = agent.in_stage("ready")
    agent.run_until(lambda: not any(of_kind(r, "3 1 2") for r in case.world.dig_all().values()), 30,
                    "3 1 2 is gone everywhere")
    case.check(len(of_kind(case.world.records(), "3 1 1")) == 2, "3 1 1 of both keys stays", case.world.records())
    case.check(agent.in_stage("ready") == standby, "the standby key waits for nothing again", agent.stages())
    case.check_no_failures()
    trap(case)


def certs(case):
    """3 0 1: every certificate is a rollover, published and waited for; 3 1 1 goes when it has come (R14)"""
    agent = case.adopt(tlsa='["3 0 1"]')
    case.until_ready()
    shown = case.world.records()
    case.check(len(of_kind(shown, "3 0 1")) == 2 and len(shown) == 2, "both keys have a 3 0 1 and nothing else", shown)
    case.opinions(0, True, "records 3 0 1 alone")
    old, ready = case.world.old_spki, agent.in_stage("ready")
    case.rollover()
    case.until_retired()
    new = case.new_key()
    case.check([new] == ready, "the key that was ready is presented", (new, ready))
    after = case.world.dig_all().values()
    case.check(all(len(of_kind(r, "3 0 1")) >= 1 and not shown <= r for r in after),
               "the record of the old certificate is withdrawn", after)
    case.check(case.probe.presented(old)[-1].begun < case.probe.presented(new)[-1].begun, "the old key is over")
    agent.run_until(lambda: agent.in_stage("ready"), LONG, "the next standby key is ready")
    listed = agent.must("records", HOST).out
    case.check(len(case.world.records()) == 2 and all(record in listed for record in case.world.records()),
               "danesafe records lists what is there", listed)
    case.check_pass_codes(0)
    case.check_no_failures()


ALL = (kinds, certs)
