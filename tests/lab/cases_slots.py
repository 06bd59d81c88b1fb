"""What danesafe promises where Postfix has keys of two algorithms: each slot rolls on its own.

Each case is a function of a Case (cases.py).
"""
import subprocess

from agent import LONG
from servers import wait_until, write
from world import ENDPOINT_1, HOLD, HOST, spki_of

SLACK = 0.5  # seconds by which two observers of the lab may differ
BOTH = "[rsa-2048, ecdsa-p256]"


def presented(case, algorithm):
    """The key that a sender is given that knows this algorithm only."""
    pem = case.world.path("presented.pem")
    write(pem, subprocess.run(["openssl", "s_client", "-starttls", "smtp", "-tls1_2", "-cipher", "a" + algorithm.upper(),
                               "-connect", ENDPOINT_1[0] + ":25"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, encoding="utf-8", timeout=20, check=False).stdout)
    return spki_of(pem)


def slot(agent, name):
    """{SPKI hash: stage} of the slot."""
    return {key["spki_sha256"].lower(): key["stage"] for key in agent.host()["keys"] if key["slot"] == name}


def algorithms(case):
    """an ECDSA key beside that of RSA is published and waited for before it is presented (R03), and rolls on its own
    (R02); with its record gone the senders that prefer it fail, and verify says so"""
    world = case.world
    agent = case.adopt()
    case.until_ready()
    with open(agent.config, encoding="ascii") as config:
        text = config.read()
    with open(agent.config, "w", encoding="ascii") as out:
        out.write(text.replace("keys: [rsa-2048]", "keys: " + BOTH))
    first = agent.run_until(lambda: [k for k, s in slot(agent, "ecdsa").items() if s == "deployed"], LONG,
                            "the first ECDSA key is deployed")[0]
    wait_until(lambda: case.probe.presented(first), 30, "a sender is given it")
    everywhere = case.probe.shown_everywhere_at("3 1 1 " + first, before=case.probe.presented(first)[0].begun)
    waited = everywhere and case.probe.presented(first)[0].begun - everywhere
    case.check(waited and waited >= HOLD - SLACK, "its record was everywhere for the hold (%g s) before (R03)" % HOLD,
               waited)
    case.check(presented(case, "rsa") == world.old_spki, "who knows RSA only still gets the RSA key",
               presented(case, "rsa"))
    agent.run_until(lambda: "ready" in slot(agent, "ecdsa").values(), LONG, "the next ECDSA key is ready")
    rsa = {"3 1 1 " + key for key in slot(agent, "rsa")}
    agent.must("rollover", HOST, "--slot", "ecdsa", "--reason", "test")
    agent.run_until(lambda: slot(agent, "ecdsa").get(first, "retired") == "retired", LONG, "the first one is retired")
    case.check(all(rsa <= shown and "3 1 1 " + first not in shown for shown in world.dig_all().values()),
               "the records of the RSA keys stay, that of the ECDSA key is gone (R02)", world.dig_all())
    case.check(slot(agent, "rsa").get(world.old_spki) == "deployed" and presented(case, "rsa") == world.old_spki,
               "the RSA key stays in use", slot(agent, "rsa"))
    case.check_pass_codes(0, 1)
    case.check_no_failures()
    case.opinions(0, True, "keys of two algorithms, both published")
    second = presented(case, "ecdsa")
    case.check(slot(agent, "ecdsa").get(second) == "deployed", "who knows ECDSA only gets the new one", second)
    world.update("del 3 1 1 " + second)
    wait_until(lambda: all("3 1 1 " + second not in shown for shown in world.dig_all().values()), 60, "it is gone")
    # danetool offers RSA first, and sees that one alone
    case.opinions(2, False, "keys of two algorithms, only that of RSA is published", gnutls=True)


ALL = (algorithms,)
