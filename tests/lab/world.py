"""Builds a private Internet for one mail host on loopback addresses; never touches the machine's network.

A root, a parent zone, a signed child zone on three brands of name server, two caching validating
resolvers and one or two real Postfix instances, all inside the namespaces made by netns.enter().
"""
import base64
import hashlib
import os
import re
import signal
import shutil
import subprocess

import dnsmsg
import netns
from servers import Bind, Cache, Knot, Nsd, Postfix, Problem, Unbound, tool, wait_until, write

AGENT_RESOLVER, SENDER_RESOLVER = "127.0.0.1", "127.0.0.2"
ROOT, PARENT = "127.0.0.10", "127.0.0.11"
PRIMARY = ["127.0.0.21", "fd00::21"]
NSD = ["127.0.0.22", "fd00::22"]
BIND = ["127.0.0.23"]
ENDPOINT_1 = ["127.0.0.41", "fd00::41"]
ENDPOINT_2 = ["127.0.0.42", "fd00::42"]
MORE = ["127.0.0.24", "127.0.0.25", "127.0.0.26", "127.0.0.31", "fd00::31", "127.0.0.32"]  # see topology.py
ADDRESSES = [SENDER_RESOLVER, ROOT, PARENT] + PRIMARY + NSD + BIND + MORE + ENDPOINT_1 + ENDPOINT_2

ZONE, HOST, OWNER = "example.org.", "mx1.example.org", "_25._tcp.mx1.example.org."
OTHER_OWNER = "_25._tcp.mail.example.org."
TLSA_TTL = 5
TSIG_NAME = "danesafe-lab"
PROGRAMS = ("knotd knotc keymgr nsd nsd-control named rndc unbound postfix postconf posttls-finger dig nsupdate "
            "openssl ip mount").split()
TIMING = {"profile": "emergency", "hold-factor": "1", "stale-allowance": "0s", "hold-floor": "0s",
          "client-slack": "1s", "clock-slack": "1s", "settle": "2s", "assumed-ttl": "5s", "retire-hold": "3s",
          "key-retention": "3s", "rollover-every": "365d", "stuck-warning": "5s", "stuck-critical": "20s"}
HOLD = 7.0  # of the old set under TIMING: TTL 5 s, client-slack 1 s, clock-slack 1 s


def missing():
    """Why the lab cannot run here, or None."""
    if os.geteuid() != 0:
        return "not root"
    for program in PROGRAMS:
        if not shutil.which(program):
            return "no program %s" % program
    if not os.path.isdir("/proc/sys/net/ipv6"):
        return "no IPv6"
    return None


def spki_of(certificate):
    """Lower-case hex SHA-256 of the SPKI of a PEM certificate file."""
    pem = tool("openssl", "x509", "-in", certificate, "-noout", "-pubkey")
    body = re.sub(r"-----[^-]+-----|\s", "", pem)
    return hashlib.sha256(base64.b64decode(body)).hexdigest()


def make_key(directory, name, common_name=HOST):
    """A new RSA-2048 key with a self-signed certificate: (key file, certificate file, SPKI hash)."""
    os.makedirs(directory, mode=0o700, exist_ok=True)
    key, cert = (os.path.join(directory, name + end) for end in (".key", ".cert"))
    tool("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "365", "-subj", "/CN=" + common_name,
         "-addext", "subjectAltName=DNS:" + common_name, "-keyout", key, "-out", cert)
    os.chmod(key, 0o600)
    return key, cert, spki_of(cert)


def expired_cert(directory, key, common_name):
    """A certificate for this key that ended when it was made; its file."""
    request, cert = (os.path.join(directory, "expired" + end) for end in (".csr", ".cert"))
    tool("openssl", "req", "-new", "-key", key, "-subj", "/CN=" + common_name, "-out", request)
    tool("openssl", "x509", "-req", "-in", request, "-signkey", key, "-days", "0", "-out", cert)
    return cert


class World:
    """Use as a context manager after netns.enter(ADDRESSES): with World(work) as world: …

    Worlds of another shape are subclasses (topology.py); what they change are the attributes and the methods up
    to _extra_servers().
    """

    NS_TTL = 30          # of the NS sets and the DS
    LEVEL = "dane-only"  # what the sender demands
    SPLIT_KEYS = False   # the zone has a KSK and a ZSK
    NSEC3 = False        # what denies names: their hashes
    UPDATES = "_tcp.mx1"  # at and below which danesafe may update
    MORE_ZONES = ""      # settings of the publisher beside the usual ones
    owner = OWNER        # the name whose TLSA records a sender ends up with

    NS3 = BIND

    def __init__(self, work, second_endpoint=False):
        self.work = work
        self.addresses = {"ns1": PRIMARY, "ns2": NSD, "ns3": self.NS3}
        self.above = self.below = ("ns1", "ns2", "ns3")  # the NS sets of the parent and of the zone
        self.authorities = PRIMARY + NSD + self.NS3  # who has the records; one list for all observers
        self.update_server, self.source = PRIMARY[0], None
        self.endpoints = ENDPOINT_1 + (ENDPOINT_2 if second_endpoint else [])
        self.started, self.all_logs = [], {}
        self.path = lambda *parts: os.path.join(work, *parts)
        os.environ["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        for name in ("MAIL_CONFIG", "LD_PRELOAD"):
            os.environ.pop(name, None)

    def __enter__(self):
        try:
            self._build()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    # ---- the shape

    def _tlsa_text(self):
        """Where the first record is, as lines of the zone."""
        return "_25._tcp.mx1 %d TLSA %s\n" % (TLSA_TTL, self.old_record)

    def _zone_text(self):
        text = "$ORIGIN example.org.\n$TTL 30\n@ SOA ns1 hostmaster 1 2 1 3600 5\n"
        text += "".join("@ %d NS %s\n" % (self.NS_TTL, name) for name in self.below)
        text += "@ MX 10 mx1\n" + self._glue()
        for address in self.endpoints:
            text += "mx1 %s %s\n" % ("AAAA" if ":" in address else "A", address)
        # a name that danesafe has no right to update, as if others ran its zone
        text += "mail A %s\n_25._tcp.mail %d TLSA %s\n" % (ENDPOINT_1[0], TLSA_TTL, self.old_record)
        return text + self._tlsa_text()

    def _parent_text(self, ds):
        text = "$ORIGIN org.\n$TTL 30\n@ SOA ns hostmaster 1 3600 600 86400 5\n@ NS ns\nns A %s\n" % PARENT
        text += "".join("example %d NS %s.example\n" % (self.NS_TTL, name) for name in self.above)
        return text + "example %d DS %s\n" % (self.NS_TTL, ds) + self._glue(".example")

    def _secondary(self, name):
        """A secondary of the zone by the name of its name server."""
        return self.third_server() if name == "ns3" else self._brand(Nsd, name)

    def _brand(self, brand, name):
        addresses = self.addresses[name]
        return brand(self.work, name, addresses, ZONE, next(a for a in PRIMARY if (":" in a) == (":" in addresses[0])))

    def _extra_servers(self):
        """What else is to run; called before the zone is written.  May add to self.secondaries and set self.source,
        where they get their zone from."""
        return []

    def _first_answers(self):
        """True when the world is as it is to be before the first pass."""
        return set(self.records()) == {self.old_record}

    # ---- building

    def third_server(self):
        """What stands at the addresses of ns3."""
        return self._brand(Bind, "ns3")

    def _build(self):
        key, cert, self.old_spki = make_key(self.path("tls"), "old")
        self.old_record = "3 1 1 " + self.old_spki
        secret = base64.b64encode(os.urandom(32)).decode()
        self.tsig_file = write(self.path("tsig.key"), 'key "%s" {\n\talgorithm hmac-sha256;\n\tsecret "%s";\n};\n'
                               % (TSIG_NAME, secret), 0o600)
        netns.bind_over("/etc/resolv.conf", "nameserver %s\noptions trust-ad timeout:2\n" % SENDER_RESOLVER, self.work)
        write(self.path("sender", "main.cf"), "compatibility_level = 3.6\nsmtp_tls_loglevel = 1\n")

        self.tsig = (TSIG_NAME, secret)
        self.secondaries = {name: self._secondary(name) for name in self.addresses if name != "ns1"}
        transfers = {name: server.addresses[0] for name, server in self.secondaries.items()}
        extra = self._extra_servers()
        self.ns1 = Knot(self.work, "ns1", PRIMARY, {ZONE: self._zone_text()}, transfers, self.tsig, self.UPDATES,
                        self.SPLIT_KEYS, self.NSEC3)
        self.source = self.source or self.ns1
        self.ds = ds = self.ns1.make_keys()[ZONE]
        self.parents = Knot(self.work, "parents", [ROOT, PARENT], {".": "", "org.": ""})
        ds_of = self.parents.make_keys()
        write(self.path("parents", "zones", "org.zone"), self._parent_text(ds))
        write(self.path("parents", "zones", "root.zone"), self._root_text(ds_of["org."]))
        self.anchor = ds_of["."]
        self.agent_resolver = Unbound(self.work, "unbound-agent", AGENT_RESOLVER, ROOT, self.anchor)
        self.sender_resolver = Unbound(self.work, "unbound-sender", SENDER_RESOLVER, ROOT, self.anchor)
        self.postfix = Postfix(self.work, "postfix", ENDPOINT_1, HOST, key, cert)
        servers = [self.ns1, self.parents, self.agent_resolver, self.sender_resolver]
        servers += [s for s in self.secondaries.values() if s not in extra] + extra + [self.postfix]
        self.postfix2 = None
        if ENDPOINT_2[0] in self.endpoints:
            self.postfix2 = Postfix(self.work, "postfix2", ENDPOINT_2, HOST, key, cert)
            servers.append(self.postfix2)
        for server in servers:
            self.started.append(server)
            self.all_logs[server.name] = server.log
            server.start()
            if isinstance(server, Knot):
                # named remembers for ten minutes that a primary refused a connection
                wait_until(lambda server=server: all(server.serves(zone) for zone in server.zones), 20,
                           "%s answers for its zones" % server.name)
        for server in self.secondaries.values():
            wait_until(lambda server=server: server.serves(server.zone), 20, "%s answers for its zone" % server.name)
        wait_until(self._first_answers, 20, "every authority shows the first record")
        for resolver in (AGENT_RESOLVER, SENDER_RESOLVER):
            wait_until(lambda resolver=resolver: self._validated(resolver), 20, "%s validates" % resolver)
        self.snapshots = 0
        self.cache = None

    def _validated(self, resolver):
        answer = dnsmsg.ask(resolver, OWNER, "TLSA", 2.0, recurse=True)
        return answer and answer.ad and dnsmsg.tlsa(answer)[0]

    def _glue(self, relative_to=""):
        lines = ""
        for name, addresses in self.addresses.items():
            for address in addresses:
                lines += "%s%s %s %s\n" % (name, relative_to, "AAAA" if ":" in address else "A", address)
        return lines

    @staticmethod
    def _root_text(ds):
        return ("$ORIGIN .\n$TTL 3600\n@ SOA root.lab. hostmaster.lab. 1 3600 600 86400 30\n@ NS root.lab.\n"
                "root.lab. A %s\norg. NS ns.org.\nns.org. A %s\norg. DS %s\n" % (ROOT, PARENT, ds))

    # ---- looking

    def dig_all(self, timeout=0.5, owner=None):
        """{authority address: frozenset of TLSA texts, or None when it was silent or not authoritative}."""
        seen = {}
        for address in self.authorities:
            answer = dnsmsg.ask(address, owner or self.owner, "TLSA", timeout)
            seen[address] = dnsmsg.tlsa(answer)[0] if answer and answer.aa and answer.rcode in (0, 3) else None
        return seen

    def records(self):
        """The TLSA records that every authority shows alike; nothing while they differ."""
        sets = set(self.dig_all().values())
        return sets.pop() or frozenset() if len(sets) == 1 else frozenset()

    def serial(self, address):
        answer = dnsmsg.ask(address, ZONE, "SOA")
        return answer.records[0][3] if answer and answer.records else None

    # ---- hands: what a person would do without danesafe

    def update(self, *lines):
        """One RFC 2136 update under the TSIG key: lines like 'add 3 1 1 …' or 'del 3 1 1 …'."""
        text = "server %s\nzone %s\n" % (self.update_server, ZONE)
        for line in lines:
            word, record = line.split(" ", 1)
            ttl = "%d " % TLSA_TTL if word == "add" else ""
            text += "update %s %s %sTLSA %s\n" % (word, OWNER, ttl, record)
        done = subprocess.run(["nsupdate", "-k", self.tsig_file], input=text + "send\n", encoding="ascii",
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, timeout=30)
        if done.returncode != 0:
            raise Problem("nsupdate: " + done.stdout)

    def by_others(self, *records):
        """Those who run the other name's zone replace its records."""
        zone, owner = ZONE.rstrip("."), OTHER_OWNER.split("." + ZONE)[0]
        self.ns1.control("zone-begin", zone)
        self.ns1.control("zone-unset", zone, owner, "TLSA")
        for record in records:
            self.ns1.control("zone-set", zone, owner, str(TLSA_TTL), "TLSA", record)
        self.ns1.control("zone-commit", zone)

    # ---- mischief

    def freeze(self, name):
        """The secondary gets no transfer any more and keeps answering with what it has."""
        self.source.refused.add(name)
        self._new_transfer_rights()

    def thaw(self, name):
        self.source.refused.discard(name)
        self._new_transfer_rights()
        self.secondaries[name].catch_up()

    def _new_transfer_rights(self):
        self.source.configure()
        self.source.control("reload")

    def snapshot(self):
        """The zone as the primary serves it now, signatures included, in a file."""
        self.snapshots += 1
        text = tool("dig", "+noall", "+answer", "+onesoa", "@" + PRIMARY[0], "-b", "127.0.0.1", ZONE, "AXFR")
        return write(self.path("snapshot-%d.zone" % self.snapshots), text)

    def regress(self, name, snapshot):
        """The secondary serves the old data of the snapshot from now on, validly signed, until recover()."""
        server = self.secondaries[name]
        self.freeze(name)
        server.stop()
        server.forget_to(snapshot)
        server.start()
        wait_until(lambda: server.serves(ZONE), 15, "%s answers with its old data" % name)

    recover = thaw

    def intercept(self, name):
        """A cache answers at the addresses of the secondary in its place, with what the primary says."""
        server = self.secondaries[name]
        server.stop()
        self.cache = Cache(self.work, name + "-cache", server.addresses, PRIMARY[0])
        self.started.append(self.cache)
        self.all_logs[self.cache.name] = self.cache.log
        self.cache.start()
        wait_until(lambda: self.cache.serves(ZONE), 15, "the cache answers at the address of %s" % name)

    def give_back(self, name):
        """The secondary answers at its addresses itself again, with what the primary has."""
        server = self.secondaries[name]
        self.cache.stop()
        server.forget_to(self.snapshot())
        server.start()
        wait_until(lambda: server.serves(ZONE), 15, "%s answers itself" % name)

    def silence(self, name):
        """The name server stops answering, as if its machine hung."""
        self._server(name).signal(signal.SIGSTOP)

    def speak(self, name):
        self._server(name).signal(signal.SIGCONT)

    def _server(self, name):
        return self.ns1 if name == "ns1" else self.secondaries[name]

    # ---- danesafe's side

    def write_config(self, **host_settings):
        """The configuration file for danesafe in this world; host_settings override, with _ for -."""
        host = {"standby": "true", "publisher": "zone", "keys": "[rsa-2048]", "deploy": "postfix",
                "config-dir": self.postfix.dir}
        host.update({name.replace("_", "-"): str(value) for name, value in host_settings.items()})
        os.makedirs(self.path("state"), mode=0o750, exist_ok=True)
        flow = lambda table: "{ %s }" % ", ".join("%s: %s" % item for item in table.items())
        return write(self.path("danesafe.yaml"), "state-dir: %s\nresolver: %s\ntiming: %s\npublishers:\n"
                     "  zone: { method: nsupdate, server: %s, tsig-key: %s%s }\nhosts:\n  %s: %s\n" % (
                         self.path("state"), AGENT_RESOLVER, flow(TIMING), self.update_server, self.tsig_file,
                         self.MORE_ZONES, HOST, flow(host)), 0o600)

    def logs(self):
        """Every log of the world, by name."""
        found = dict(self.all_logs)
        for name in ("probe.log", "danesafe.log"):
            found[name] = self.path(name)
        return {name: path for name, path in found.items() if os.path.exists(path)}

    def stop(self):
        """End what was started, the last one first; nothing may stay, so go on after a problem."""
        for server in reversed(self.started):
            try:
                server.stop()
            except (Problem, OSError, subprocess.SubprocessError) as problem:
                print("# stopping %s: %s" % (server.name, problem), flush=True)
        self.started = []
