"""What danesafe promises for records of usage 2: they name who issued the certificate, and senders deliver all along.

Each case is a function of a Case (cases.py). The issuers are made by openssl, their certificates by requests that
danesafe writes.
"""
import glob
import os
import re
import time

from agent import LONG
from servers import tool, wait_until, write
from world import HOLD, HOST, spki_of

SLACK = 0.5


class Issuer:
    """A CA of one root, which it sends along."""

    def __init__(self, case, name):
        self.case, self.name, self.count = case, name, 0
        self.path = lambda end: case.world.path("tls", "%s.%s" % (name, end))
        tool("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "365", "-subj", "/CN=CA " + name,
             "-keyout", self.path("key"), "-out", self.path("pem"))
        self.record = "2 1 1 " + spki_of(self.path("pem"))

    def leaf(self, key_file):
        """The answer to the request of this key."""
        self.count += 1
        request, cert = self.path("csr"), self.path("%d.cert" % self.count)
        asked = self.case.agent.must("tls", "--config-dir", self.case.world.postfix.dir, "output-server-csr",
                                     "-k", key_file, HOST)
        write(request, asked.out)
        tool("openssl", "x509", "-req", "-in", request, "-CA", self.path("pem"), "-CAkey", self.path("key"),
             "-CAcreateserial", "-copy_extensions", "copy", "-days", "90", "-out", cert)
        return cert

    def chain(self, key_file):
        leaf = self.leaf(key_file)
        with open(leaf, encoding="ascii") as first, open(self.path("pem"), encoding="ascii") as root:
            return write(leaf + ".chain", first.read() + root.read())


def key_file(case, spki):
    return glob.glob(case.world.path("state", "keys", "*.%s.key.pem" % spki[:8]))[0]


def everywhere(case, *records):
    return all(shown == frozenset(records) for shown in case.world.dig_all().values())


def cert_file(case):
    return case.world.postfix.get("smtpd_tls_cert_file")["smtpd_tls_cert_file"]


def refused(case, one):
    """A chain of a key that is not ours, a private key in the file, and no issuer in it."""
    agent, tls = case.agent, case.world.path("tls")
    tool("openssl", "req", "-new", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=x", "-keyout", tls + "/x.key", "-out",
         tls + "/x.csr")
    tool("openssl", "x509", "-req", "-in", tls + "/x.csr", "-CA", one.path("pem"), "-CAkey", one.path("key"),
         "-CAcreateserial", "-days", "9", "-out", tls + "/x.cert")
    said = agent.call("install-cert", HOST, tls + "/x.cert")
    case.check(said.code == 4 and case.world.old_spki[:8] in said.err, "a chain of another key is refused, and the "
               "keys are named", said.err)
    leaf = one.leaf(tls + "/old.key")
    said = agent.call("install-cert", HOST, leaf)
    case.check(said.code == 78 and "issuer" in said.err, "so is one without its issuer", said.err)
    with open(leaf, encoding="ascii") as cert, open(tls + "/old.key", encoding="ascii") as key:
        both = write(tls + "/both", key.read() + cert.read(), 0o600)
    said = agent.call("install-cert", HOST, both)
    case.check(said.code == 78 and "private key" in said.err, "and a file with a private key", said.err)


def another_issuer(case, two, was):
    """A chain of another issuer for the key in use: its record first, the hold, the chain, the old record goes."""
    agent, before = case.agent, cert_file(case)
    new = case.new_key()
    said = agent.must("install-cert", HOST, two.chain(key_file(case, new))).out
    case.check("held back" in said, "a chain of another issuer is said to be held back", said)
    agent.run_until(lambda: everywhere(case, was, two.record), LONG, "both issuers are in every set")
    case.check(cert_file(case) == before, "and while it is new there the old chain is sent")
    agent.run_until(lambda: cert_file(case) != before, LONG, "the new chain is sent")
    deployed = os.stat(os.path.join(case.world.postfix.dir, "main.cf")).st_mtime - time.time() + time.monotonic()
    shown = case.probe.shown_everywhere_at(two.record, before=deployed)
    case.check(shown is not None and deployed - shown >= HOLD - SLACK, "its record was on every authority for the hold "
               "(%g s) before" % HOLD, shown and deployed - shown)
    case.opinions(0, True, "just deployed, both issuers named")
    agent.run_until(lambda: everywhere(case, two.record), LONG, "the record of the old issuer is gone")
    case.check(case.new_key() == new, "the key is the same")


def not_sent(case):
    """Somebody sets a file without the issuer: verify says why senders fail."""
    postfix, right = case.world.postfix, cert_file(case)
    with open(right, encoding="ascii") as chain:
        leaf = re.match(r"(?s).*?-----END CERTIFICATE-----\n", chain.read()).group(0)
    postfix.set(smtpd_tls_cert_file=write(case.world.path("tls", "bare.pem"), leaf))
    postfix.reload()
    before = len(case.probe.failures())
    wait_until(lambda: len(case.probe.failures()) > before + 2, 30, "senders fail")
    case.opinions(2, False, "the issuer is not sent")
    said = case.agent.call("verify", HOST)
    case.check("no certificate of an issuer is sent" in said.out, "verify says why", said.out)
    case.until_said(r"CRITICAL.*no 2 1 1 of it does \(no certificate of an issuer is sent\)")


def issuer(case):
    """2 1 1: chains of an issuer, whose record two keys share; another issuer is published and waited for (R12, R13)"""
    one, two, world = Issuer(case, "one"), Issuer(case, "two"), case.world
    agent = case.adopt(tlsa='["2 1 1"]')
    case.until_said("danesafe install-cert")
    case.check(everywhere(case, world.old_record), "no certificate of ours is published as if of an issuer")
    refused(case, one)
    agent.must("install-cert", HOST, one.chain(world.path("tls", "old.key")))
    agent.run_until(lambda: everywhere(case, one.record), LONG, "the issuer alone is in every set")
    case.opinions(0, True, "2 1 1 alone")
    standby = agent.run_until(lambda: agent.in_stage("generated"), LONG, "a standby key waits")[0]
    agent.must("install-cert", HOST, one.chain(key_file(case, standby)))
    agent.run_until(lambda: agent.in_stage("ready"), LONG, "it is ready")
    case.rollover()
    case.until_retired()
    case.check(case.new_key() == standby and everywhere(case, one.record),
               "the old key is gone, and the record that both shared stays", world.dig_all())
    another_issuer(case, two, one.record)
    case.check_no_failures()
    not_sent(case)


ALL = (issuer,)
