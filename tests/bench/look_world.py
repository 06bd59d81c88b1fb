"""The world of look_bench.py: one signed zone with many mail hosts on three addresses, a root that delegates to it,
a validating resolver.  Inside namespaces of its own; real servers (NSD, Unbound), keys and signatures of ldns."""
import glob
import os
import socket
import subprocess

import servers

ZONE = "big."
ADDRESSES = ["127.0.1.1", "127.0.1.2", "127.0.1.3"]
ROOT, RESOLVER, MAIL = "127.0.1.10", "127.0.0.53", "127.0.0.25"
ALGORITHM = "ECDSAP256SHA256"

NSD = """server:
{listen}  username: ""
  chroot: ""
  zonesdir: "{dir}"
  database: ""
  cookie-secret-file: ""
  pidfile: "{dir}/nsd.pid"
  xfrdfile: "{dir}/xfrd.state"
  xfrdir: "{dir}"
  zonelistfile: "{dir}/zone.list"
  server-count: 1
  rrl-ratelimit: 0
  receive-buffer-size: 4194304
  send-buffer-size: 4194304
remote-control:
  control-enable: no
zone:
  name: "{zone}"
  zonefile: "{file}"
"""

UNBOUND = """server:
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
  trust-anchor-file: "{anchor}"
  module-config: "validator iterator"
  msg-cache-size: 256m
  rrset-cache-size: 512m
  so-rcvbuf: 4m
remote-control:
  control-enable: no
"""


def head(names):
    """The first records of a zone with these name servers."""
    return ("$TTL 3600\n@ IN SOA %s host.%s 1 3600 900 1209600 300\n" % (names[0], ZONE)
            + "".join("@ IN NS %s\n" % name for name in names))


class Server(servers.Daemon):
    """NSD with one zone."""

    def __init__(self, work, name, zone, file, addresses, port=53):
        super().__init__(work, name, addresses)
        self.zone = zone
        self.config = servers.write(self.path("nsd.conf"), NSD.format(
            dir=self.dir, zone=zone, file=file,
            listen="".join("  ip-address: %s@%d\n" % (address, port) for address in addresses)))
        self.port = port

    def argv(self):
        return ["nsd", "-d", "-c", self.config]

    def up(self):
        self.start()
        if self.port == 53:
            servers.wait_until(lambda: self.serves(self.zone), 60, self.name)
        return self


class Resolver(servers.Daemon):
    """Unbound with the root of this world."""

    def __init__(self, work, anchor):
        super().__init__(work, "unbound", [RESOLVER])
        servers.write(self.path("root.hints"), ". 3600 NS ns1.\nns1. 3600 A %s\n" % ROOT)
        self.config = servers.write(self.path("unbound.conf"), UNBOUND.format(
            address=RESOLVER, dir=self.dir, anchor=anchor))

    def argv(self):
        return ["unbound", "-d", "-c", self.config]

    def up(self):
        self.start()
        servers.wait_until(lambda: answers(RESOLVER), 30, self.name)
        return self


def answers(address):
    done = subprocess.run(["dig", "+time=1", "+tries=1", "+short", "@" + address, ZONE, "SOA"],
                          stdout=subprocess.PIPE, check=False)
    return done.returncode == 0 and done.stdout.strip() != b""


class Sink:
    """An address where questions arrive and nothing ever comes back, over UDP and TCP."""

    def __init__(self, address):
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind((address, 53))

    def close(self):
        self.udp.close()


def sign(folder, zone, text):
    """The signed file and the file with the DS of the zone."""
    os.makedirs(folder)
    file = servers.write(os.path.join(folder, "zone"), text)
    key = servers.tool("ldns-keygen", "-k", "-a", ALGORITHM, zone, cwd=folder).strip()
    subprocess.run(["ldns-signzone", "-o", zone, "zone", key], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return file + ".signed", glob.glob(os.path.join(folder, "*.ds"))[0], os.path.join(folder, key + ".key")


class World:
    """The servers of `hosts` mail hosts, up."""

    def __init__(self, work, hosts, record):
        self.work, self.hosts, self.servers = work, hosts, []
        names = ["ns%d.%s" % (i + 1, ZONE) for i in range(len(ADDRESSES))]
        glue = "".join("%s IN A %s\n" % pair for pair in zip(names, ADDRESSES))
        big = head(names) + glue
        big += "".join("_25._tcp.h%d IN TLSA %s\nh%d IN A %s\n" % (i, record(i), i, MAIL) for i in range(hosts))
        self.file, ds, _key = sign(os.path.join(work, "big"), ZONE, big)
        with open(ds, encoding="ascii") as line:
            root = head(["ns1."]) + "ns1. IN A %s\n" % ROOT + glue + line.read()
        root += "".join("%s IN NS %s\n" % (ZONE, name) for name in names)
        root_file, _ds, anchor = sign(os.path.join(work, "root"), ".", root)
        self.root = Server(work, "nsd-root", ".", root_file, [ROOT]).up()
        self.big = None
        self.serve(ADDRESSES)
        self.resolver = Resolver(work, anchor).up()

    def serve(self, addresses, port=53):
        """From now on only these addresses answer."""
        if self.big is not None:
            self.big.stop()
        self.big = Server(self.work, "nsd-big-%d-%d" % (len(addresses), port), ZONE, self.file, addresses, port).up()

    def stop(self):
        for one in (self.resolver, self.big, self.root):
            one.stop()


def owner(i):
    return "_25._tcp.h%d.%s" % (i, ZONE)
