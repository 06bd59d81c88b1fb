"""Runs one name server or one Postfix each, from a configuration of its own; never uses one below /etc."""
import os
import shutil
import signal
import subprocess
import sys
import time

import dnsmsg

HERE = os.path.dirname(os.path.abspath(__file__))


class Problem(Exception):
    """The lab itself could not do what a case asked of it."""


def wait_until(true, seconds, what, pause=0.05):
    """Call true() until it returns something true, and return that; Problem when the time is over."""
    end = time.monotonic() + seconds
    while True:
        value = true()
        if value:
            return value
        if time.monotonic() > end:
            raise Problem("waited %g s in vain: %s" % (seconds, what))
        time.sleep(pause)


def write(path, text, mode=0o644):
    """Make the file path with this text, and its directory."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as out:
        os.chmod(path, mode)
        out.write(text)
    return path


def tool(*argv, **more):
    """Run a program to its end and return what it printed; Problem when it fails."""
    done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                          encoding="utf-8", errors="replace", timeout=60, check=False, **more)
    if done.returncode != 0:
        raise Problem("%s: exit %d: %s" % (" ".join(argv), done.returncode, done.stdout.strip()))
    return done.stdout


class Daemon:
    """A program in the foreground of its own directory, with a log."""

    def __init__(self, work, name, addresses=()):
        self.name, self.dir, self.addresses = name, os.path.join(work, name), list(addresses)
        self.log = os.path.join(self.dir, "log")
        self.process = None
        os.makedirs(self.dir, exist_ok=True)

    def argv(self):
        raise NotImplementedError

    def path(self, *parts):
        return os.path.join(self.dir, *parts)

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(self.argv(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            cwd=self.dir, start_new_session=True)

    def stop(self):
        if self.process is None:
            return
        self.process.send_signal(signal.SIGCONT)
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def signal(self, number):
        """To the whole session of the server, so that its workers stop or go on with it."""
        os.killpg(self.process.pid, number)

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def serves(self, zone):
        """Every address answers for the zone with authority."""
        if not self.alive():
            raise Problem("%s ended at once; see its log" % self.name)
        for address in self.addresses:
            answer = dnsmsg.ask(address, zone, "SOA", 0.3)
            if not (answer and answer.aa and answer.records):
                return False
        return True


class Knot(Daemon):
    """knotd: signs its zones itself; zones: {name: text of the zone}."""

    TEMPLATE = """server:
    rundir: {dir}/run
    listen: [{listen}]
    pidfile: {dir}/knot.pid
    background-workers: 2
    udp-workers: 1
    tcp-workers: 2
database:
    storage: {dir}/db
log:
  - target: stderr
    any: info
{keys}policy:
  - id: lab
    algorithm: ecdsap256sha256
    single-type-signing: {single}
    manual: {manual}
    dnskey-ttl: 5
    cds-cdnskey-publish: none
    nsec3: {nsec3}
{remotes}template:
  - id: default
    storage: {dir}/zones
    semantic-checks: on
    dnssec-signing: on
    dnssec-policy: lab
    zonefile-sync: -1
    zonefile-load: difference-no-serial
    journal-content: all
    serial-policy: increment
{zones}"""

    def __init__(self, work, name, addresses, zones, secondaries=(), tsig=None, updates=None, split_keys=False,
                 nsec3=False):
        super().__init__(work, name, addresses)
        self.split_keys, self.nsec3 = split_keys, nsec3
        self.zones, self.secondaries, self.tsig, self.updates = zones, dict(secondaries), tsig, updates
        self.refused = set()
        for zone, text in zones.items():
            write(self.path("zones", self._file(zone)), text)
        os.makedirs(self.path("run"))
        os.makedirs(self.path("db"))
        self.configure()

    @staticmethod
    def _file(zone):
        return (zone.rstrip(".") or "root") + ".zone"

    def configure(self):
        """Write the configuration; secondaries in self.refused get no transfer."""
        keys = remotes = acls = ""
        if self.tsig:
            keys = "key:\n  - id: %s\n    algorithm: hmac-sha256\n    secret: %s\n" % self.tsig
            acls += ("  - id: update\n    key: %s\n    action: update\n    update-type: [TLSA]\n"
                     "    update-owner: name\n    update-owner-match: sub-or-equal\n"
                     "    update-owner-name: [%s]\n" % (self.tsig[0], self.updates))
        if self.secondaries:
            remotes = "remote:\n" + "".join("  - id: %s\n    address: %s\n    via: %s\n" % (
                name, address, next(a for a in self.addresses if (":" in a) == (":" in address)))
                for name, address in self.secondaries.items())
            welcome = ["127.0.0.1"] + [a for n, a in self.secondaries.items() if n not in self.refused]
            acls += "  - id: transfer\n    address: [%s]\n    action: transfer\n" % ", ".join(welcome)
        zones = "zone:\n"
        for zone in self.zones:
            zones += '  - domain: "%s"\n' % zone
            zones += '    file: "%s"\n' % self._file(zone)
            if self.secondaries:
                zones += "    notify: [%s]\n    acl: [transfer%s]\n" % (
                    ", ".join(self.secondaries), ", update" if self.tsig else "")
        if acls:
            remotes += "acl:\n" + acls
        write(self.path("knot.conf"), self.TEMPLATE.format(
            dir=self.dir, single="off" if self.split_keys else "on", manual="on" if self.split_keys else "off",
            nsec3="on" if self.nsec3 else "off", listen=", ".join(self.addresses), keys=keys, remotes=remotes, zones=zones), 0o600)

    def keymgr(self, zone, *words):
        return tool("keymgr", "-c", self.path("knot.conf"), zone, *words)

    def make_keys(self):
        """The signing key of each zone, before the first start; returns {zone: DS in presentation format}."""
        made = {}
        for zone in self.zones:
            for ksk, zsk in (("yes", "no"), ("no", "yes")) if self.split_keys else (("yes", "yes"),):
                self.keymgr(zone, "generate", "algorithm=ecdsap256sha256", "ksk=" + ksk, "zsk=" + zsk)
            lines = self.keymgr(zone, "ds").splitlines()
            made[zone] = next(line.split(" DS ", 1)[1] for line in lines if " DS " in line and line.split()[4] == "2")
        return made

    def argv(self):
        return ["knotd", "-c", self.path("knot.conf")]

    def control(self, *words):
        return tool("knotc", "-s", self.path("run", "knot.sock"), "-t", "10", *words)

    def edit(self, zone, *changes):
        """Changes of one zone at once: ("set" or "unset", owner, TTL, type, rdata ...)."""
        self.control("zone-begin", zone)
        for word, owner, ttl, *rest in changes:
            self.control("zone-" + word, zone, owner, *([str(ttl)] if word == "set" else []), *rest)
        self.control("zone-commit", zone)


class Secondary(Daemon):
    """What NSD and BIND have in common as secondaries of one zone."""

    def __init__(self, work, name, addresses, zone, primary):
        super().__init__(work, name, addresses)
        self.zone, self.primary = zone, primary
        self.file = self.path("zones", zone.rstrip(".") + ".zone")
        os.makedirs(self.path("zones"), exist_ok=True)

    def forget_to(self, snapshot):
        """While stopped: hold exactly the zone in the file snapshot, and nothing newer."""
        shutil.rmtree(self.path("zones"))
        os.makedirs(self.path("zones"))
        shutil.copyfile(snapshot, self.file)

    def catch_up(self):
        """Ask for a transfer now."""
        raise NotImplementedError


class Nsd(Secondary):
    """nsd as a secondary."""

    def __init__(self, work, name, addresses, zone, primary):
        super().__init__(work, name, addresses, zone, primary)
        listen = "".join("  ip-address: %s\n" % address for address in addresses)
        write(self.path("nsd.conf"), """server:
{listen}  username: ""
  chroot: ""
  zonesdir: "{dir}/zones"
  database: ""
  cookie-secret-file: ""
  pidfile: "{dir}/nsd.pid"
  xfrdfile: "{dir}/zones/xfrd.state"
  xfrdir: "{dir}"
  zonelistfile: "{dir}/zone.list"
  server-count: 1
  xfrd-reload-timeout: 0
  zonefiles-write: 1
  rrl-ratelimit: 0
  verbosity: 1
remote-control:
  control-enable: yes
  control-interface: {dir}/control
zone:
  name: "{zone}"
  zonefile: "{file}"
  allow-notify: {primary} NOKEY
  request-xfr: {primary} NOKEY
  outgoing-interface: {source}
""".format(listen=listen, dir=self.dir, zone=zone, file=self.file, primary=primary, source=addresses[0]))

    def argv(self):
        return ["nsd", "-d", "-c", self.path("nsd.conf")]

    def catch_up(self):
        tool("nsd-control", "-c", self.path("nsd.conf"), "transfer", self.zone)


class Bind(Secondary):
    """named as a secondary."""

    CONTROL_KEY = 'key lab { algorithm hmac-sha256; secret "bGFiIGNvbnRyb2wgY2hhbm5lbCBvbmx5IQ=="; };'

    def __init__(self, work, name, addresses, zone, primary):
        super().__init__(work, name, addresses, zone, primary)
        v4 = "; ".join(a for a in addresses if ":" not in a)
        v6 = "; ".join(a for a in addresses if ":" in a) or "none"
        write(self.path("named.conf"), """{key}
controls {{ inet {source} port 953 allow {{ any; }} keys {{ lab; }}; }};
options {{
  directory "{dir}"; pid-file "{dir}/named.pid"; session-keyfile "{dir}/session.key"; managed-keys-directory "{dir}";
  listen-on {{ {v4}; }}; listen-on-v6 {{ {v6}; }};
  recursion no; dnssec-validation no; empty-zones-enable no; allow-query {{ any; }}; notify no;
  min-refresh-time 1; max-refresh-time 3; min-retry-time 1; max-retry-time 2;
}};
zone "{zone}" {{ type secondary; file "{file}"; masterfile-format text; primaries {{ {primary}; }};
  transfer-source {source}; notify-source {source}; }};
""".format(key=self.CONTROL_KEY, dir=self.dir, v4=v4, v6=v6, zone=zone, file=self.file, primary=primary,
           source=addresses[0]))
        write(self.path("rndc.key"), self.CONTROL_KEY + "\n", 0o600)

    def argv(self):
        return ["named", "-g", "-n", "1", "-c", self.path("named.conf")]

    def catch_up(self):
        tool("rndc", "-s", self.addresses[0], "-p", "953", "-k", self.path("rndc.key"), "retransfer", self.zone)


class Crooked(Daemon):
    """A name server that answers like the primary, in its own words when told to (crooked.py)."""

    def __init__(self, work, name, addresses, zone, primary):
        super().__init__(work, name, addresses)
        self.zone, self.primary = zone, primary
        self.mood("well")

    def mood(self, word):
        """What crooked.py lists."""
        write(self.path("mood.new"), word)
        os.rename(self.path("mood.new"), self.path("mood"))

    def argv(self):
        here = os.path.dirname(os.path.abspath(__file__))
        return [sys.executable, os.path.join(here, "crooked.py"), self.addresses[0], self.primary, self.path("mood")]


class Unbound(Daemon):
    """unbound: validates and caches, with the lab's root."""

    def __init__(self, work, name, address, root_address, anchor):
        super().__init__(work, name, [address])
        write(self.path("root.hints"), ". 3600 NS root.lab.\nroot.lab. 3600 A %s\n" % root_address)
        write(self.path("unbound.conf"), """server:
  interface: {address}
  access-control: 0.0.0.0/0 allow
  username: ""
  chroot: ""
  directory: "{dir}"
  pidfile: "{dir}/unbound.pid"
  use-syslog: no
  logfile: ""
  num-threads: 1
  do-not-query-localhost: no
  root-hints: "{dir}/root.hints"
  trust-anchor: ". {anchor}"
  module-config: "validator iterator"
  cache-min-ttl: 0
  prefetch: no
  serve-expired: no
  # a server that rests for a moment is asked again soon: the cases end within minutes
  infra-host-ttl: 10
  # and so is a name that was bogus
  val-bogus-ttl: 5
  val-log-level: 2
remote-control:
  control-enable: no
""".format(address=address, dir=self.dir, anchor="DS " + anchor))

    def argv(self):
        return ["unbound", "-d", "-c", self.path("unbound.conf")]


class Cache(Daemon):
    """A packet cache at the addresses of another server, fed by one at `source`."""

    def __init__(self, work, name, addresses, source):
        super().__init__(work, name, addresses)
        self.source = source

    def argv(self):
        return [sys.executable, os.path.join(HERE, "cache.py"), self.source] + self.addresses


class Postfix:
    """One Postfix instance on one IPv4 and one IPv6 address; receives on port 25 and delivers nothing."""

    def __init__(self, work, name, addresses, hostname, key_file, cert_file):
        self.name, self.dir, self.addresses = name, os.path.join(work, name), list(addresses)
        self.log = os.path.join(work, name + ".log")
        self.started = False
        write(os.path.join(self.dir, "main.cf"), """compatibility_level = 3.6
queue_directory = {dir}-queue
data_directory = {dir}-data
syslog_name = {name}
maillog_file = {log}
maillog_file_prefixes = {work}
myhostname = {hostname}
mydestination = $myhostname
inet_interfaces = {listen}
inet_protocols = all
alias_maps =
alias_database =
local_recipient_maps =
local_transport = discard
default_transport = discard
smtpd_peername_lookup = no
smtpd_relay_restrictions = reject_unauth_destination
smtpd_tls_security_level = may
smtpd_tls_loglevel = 1
smtpd_tls_cert_file = {cert}
smtpd_tls_key_file = {key}
""".format(dir=self.dir, name=name, log=self.log, work=work, hostname=hostname, listen=", ".join(addresses),
            cert=cert_file, key=key_file))
        services = "".join("%s:25 inet n - n - - smtpd\n" % (
            "[%s]" % address if ":" in address else address) for address in addresses)
        write(os.path.join(self.dir, "master.cf"), services + """pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
local unix - n n - - local
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
""")
        os.makedirs(self.dir + "-queue")
        os.makedirs(self.dir + "-data")
        shutil.chown(self.dir + "-data", "postfix")

    def start(self):
        tool("postfix", "-c", self.dir, "start")
        self.started = True

    def stop(self):
        if self.started:
            tool("postfix", "-c", self.dir, "stop")
            self.started = False

    def get(self, *names):
        return dict(line.split(" = ", 1) if " = " in line else (line.rstrip(" ="), "")
                    for line in tool("postconf", "-c", self.dir, *names).splitlines())

    def set(self, **values):
        tool("postconf", "-c", self.dir, "-e", *("%s=%s" % item for item in values.items()))

    def reload(self):
        tool("postfix", "-c", self.dir, "reload")
