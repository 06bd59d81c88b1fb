"""What danesafe promises about name servers that say less than all: who speaks for whom, and what it is called.

Each case is a function of a Case (cases.py); worlds of another shape are in topology.py.
"""
import re
import socket
import threading
import time

import topology
from cases_topology import held_back, to_the_end
from servers import wait_until, write
from topology import NS4, NoIpv6
from world import BIND, HOLD, HOST, NSD, PRIMARY, TSIG_NAME

UPDATE = 5  # the opcode of RFC 2136
MEDDLER = "127.0.0.26"


def noipv6(case):
    """a name server's IPv6 address cannot be reached from here: its IPv4 address speaks for it, said once; with
    ipv6: require it is waited for (E17)"""
    agent = case.adopt()
    noted = [p for p in agent.passes if "noted" in p.err and "2001:db8::22: not asked" in p.err]
    case.world.freeze("ns2")
    agent.run_for(3)
    case.check(len(noted) == 1 and not [p for p in agent.passes[1:] if p.err], "it is said once",
               [p.err for p in agent.passes])
    case.check_pass_codes(0)
    case.rollover()
    case.until_said(NSD[0] + ".*answers without it", NoIpv6.FAR + ".*answers without it")
    held_back(case, "while the address that speaks for it lags")
    case.opinions(0, True, "a name server lags, and has an IPv6 address that nobody here reaches")
    with open(agent.config, "a", encoding="ascii") as out:
        out.write("ipv6: require\n")
    case.world.thaw("ns2")
    case.until_said(NoIpv6.FAR + ".*silent: this machine has no IPv6 route")
    wait_until(lambda: len(case.world.records()) == 2, 30, "the others have the new record")
    held_back(case, "while it is required")
    rewrite(agent, "ipv6: require", "ipv6: auto")
    to_the_end(case)


def anycast(case):
    """two servers behind one address, told apart by NSID, one of them lags: named, waited for, seen to catch up (D13)"""
    world = case.world
    world.secondaries["ns4"].mood("several " + NSD[0])
    case.adopt()
    world.freeze("ns2")
    case.agent.run_until(lambda: "behind %s, two" % NS4[0] in case.agent.call("status", "-v", HOST).out, 30,
                         "both are known")
    whole = case.agent.call("status", "-v", HOST).out
    case.check("behind %s, one" % NS4[0] in whole, "status -v names both", whole)
    case.rollover()
    case.until_said(NS4[0] + r"( \(two\)|.* two) .*without it")
    held_back(case, "while one of them lags")
    case.opinions(0, True, "one of two servers behind an address lags")
    world.thaw("ns2")
    case.agent.run_until(lambda: case.agent.in_stage("published", "ready", "deployed"), 60, "both have caught up")
    to_the_end(case)


def primary(case):
    """a hidden primary is no authority: nobody waits for it, and a serial that lags is told beside its own"""
    world = case.world
    agent = case.adopt()
    world.freeze("ns2")
    case.rollover()
    case.until_said(NSD[0] + r" \(serial \d+, primary \d+\) still answers without it")
    held_back(case, "while a secondary lags")
    said = agent.call("status", "-v", HOST).out
    case.check(PRIMARY[0] not in said and PRIMARY[1] not in said, "the primary is no authority", said)
    case.opinions(0, True, "a secondary of a hidden primary lags")
    world.thaw("ns2")
    agent.run_until(lambda: len(world.records()) == 2, 60, "every authority has the new record")
    world.silence("ns1")
    agent.run_until(lambda: agent.in_stage("ready", "deployed"), 60, "the key goes on while the primary hangs")
    world.speak("ns1")
    to_the_end(case)


def rewrite(agent, old, new):
    """Another setting from now on."""
    with open(agent.config, encoding="ascii") as config:
        text = config.read()
    with open(agent.config, "w", encoding="ascii") as out:
        out.write(text.replace(old, new))


def fallback(case):
    """a name server goes back to old data after the deployment: critical in the next pass, with a command that puts the
    old key back, and that cures; nothing is withdrawn meanwhile (D07)"""
    world, config = case.world, case.world.postfix.dir
    agent = case.adopt()
    rewrite(agent, "retire-hold: 3s", "retire-hold: 300s")
    before = world.snapshot()
    case.until_ready()
    case.rollover()
    new = agent.run_until(lambda: agent.in_stage("deployed"), 60, "the new key is deployed")[0]
    wait_until(lambda: case.new_key() == new, 30, "it is presented")
    files = world.postfix.get("smtpd_tls_chain_files", "smtpd_tls_cert_file", "smtpd_tls_key_file")
    world.regress("ns3", before)
    bad_at = time.monotonic()
    agent.run()
    said = agent.table()
    cure = re.search(r"deploy key %s now, which every set matches: danesafe (tls --config-dir %s deploy-server-cert \S+ \S+),"
                     r" then postfix -c %s reload" % (world.old_spki[:8], config, config), said)
    case.check("CRITICAL" in said and BIND[0] in said and cure, "the next pass says so, and what cures it", said)
    case.opinions(2, None, "a name server fell back behind the key in use")
    agent.must(*cure.group(1).split())
    world.postfix.reload()
    wait_until(lambda: case.new_key() == world.old_spki, 30, "the old key is presented again")
    case.opinions(0, True, "the old key is presented, which every set has")
    well_at = time.monotonic()
    agent.run_for(5)
    shown = world.dig_all()
    case.check(all(world.old_record in records for records in shown.values()) and len(shown[PRIMARY[0]]) == 2,
               "nothing was withdrawn", shown)
    case.check(case.new_key() == world.old_spki, "nor anything deployed")
    world.recover("ns3")
    agent.run_until(lambda: all("3 1 1 " + new in records for records in world.dig_all().values()), 60, "it caught up")
    agent.run_for(HOLD + 1)
    world.postfix.set(**files)
    world.postfix.reload()
    rewrite(agent, "retire-hold: 300s", "retire-hold: 3s")
    case.until_retired()
    case.check(case.new_key() == new, "in the end the new key is presented", case.new_key())
    wrong = [s for s in case.probe.failures() if not bad_at <= s.begun <= well_at]
    case.check(not wrong, "no handshake failed before and after", wrong[:1])


class Meddler(threading.Thread):
    """Stands before the primary, by TCP; what is to happen does so when the first update is on its way."""

    def __init__(self, address, upstream, happens):
        super().__init__(daemon=True)
        self.upstream, self.happens, self.updates = upstream, happens, 0
        self.server = socket.create_server((address, 53))

    def run(self):
        while True:
            link, _ = self.server.accept()
            with link, socket.create_connection((self.upstream, 53)) as primary:
                link.settimeout(10)
                primary.settimeout(10)
                message = self.receive(link)
                if len(message) > 4 and message[4] >> 3 & 15 == UPDATE:
                    self.updates += 1
                    if self.updates == 1:
                        self.happens()
                primary.sendall(message)
                link.sendall(self.receive(primary))

    @staticmethod
    def receive(link):
        """One message with its length, whole."""
        data = b""
        while len(data) < 2 or len(data) < 2 + int.from_bytes(data[:2], "big"):
            more = link.recv(65536)
            if not more:
                break
            data += more
        return data


def editor(case):
    """somebody else changes the RRset between danesafe's look and its update: refused, looked at again, kept (P03)"""
    world = case.world
    foreign = "3 1 1 " + "42" * 32
    meddler = Meddler(MEDDLER, PRIMARY[0], lambda: world.update("add " + foreign))
    meddler.start()
    world.update_server = MEDDLER
    agent = case.adopt()
    world.update_server = PRIMARY[0]
    case.until_said("someone else changed the RRset")
    case.check(meddler.updates == 1, "the update was refused", meddler.updates)
    agent.run_until(lambda: len(world.records()) == 3, 30, "every authority shows three records")
    case.check({world.old_record, foreign} < world.records(), "the other's record is kept beside the new one",
               world.records())
    case.rollover()
    to_the_end(case)
    shown = world.dig_all()
    case.check(all(foreign in records for records in shown.values()), "to the end", shown)


class Forger(Meddler):
    """Does not pass updates on, and refuses them itself, unsigned."""

    def run(self):
        while True:
            link, _ = self.server.accept()
            with link:
                link.settimeout(10)
                message = self.receive(link)
                if len(message) > 4 and message[4] >> 3 & 15 == UPDATE:
                    self.updates += 1
                    question = message[14:message.index(b"\0", 14) + 5]
                    reply = message[2:4] + b"\xa8\x05" + message[6:8] + bytes(6) + question
                    link.sendall(len(reply).to_bytes(2, "big") + reply)
                    continue
                with socket.create_connection((self.upstream, 53)) as upstream:
                    upstream.settimeout(10)
                    upstream.sendall(message)
                    link.sendall(self.receive(upstream))


def tsig(case):
    """what a primary refuses is told apart: an unknown key, a wrong secret, no right, and a refusal that nobody signed,
    which is none (P05)"""
    world = case.world
    with open(world.tsig_file, encoding="ascii") as key:
        good = key.read()
    forger = Forger(MEDDLER, PRIMARY[0], None)
    forger.start()
    world.update_server = MEDDLER
    agent = case.adopt()
    world.update_server = PRIMARY[0]
    case.until_said("REFUSED; not signed with key %s., so it proves nothing" % TSIG_NAME)
    rewrite(agent, "server: " + MEDDLER, "server: " + PRIMARY[0])
    for word, wrong in (("BADKEY", good.replace(TSIG_NAME, "another-key")),
                        ("BADSIG", re.sub(r'secret "[^"]*"', 'secret "%s"' % ("A" * 43 + "="), good))):
        write(world.tsig_file, wrong, 0o600)
        case.until_said(word + ": ")
        case.check(set(world.dig_all().values()) == {frozenset({world.old_record})}, "nothing was changed: " + word,
                   world.dig_all())
    write(world.tsig_file, good, 0o600)
    right, world.ns1.updates = world.ns1.updates, "_tcp.mx2"
    world.ns1.configure()
    world.ns1.control("reload")
    case.until_said("no right")
    world.ns1.updates = right
    world.ns1.configure()
    world.ns1.control("reload")
    case.rollover()
    to_the_end(case)


ALL = (noipv6, anycast, primary, fallback, editor, tsig)
WORLDS = {"noipv6": topology.NoIpv6, "anycast": topology.Crooks, "primary": topology.HiddenPrimary}
