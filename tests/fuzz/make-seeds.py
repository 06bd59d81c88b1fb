#!/usr/bin/python3
"""Makes the seeds of the fuzz targets anew: real answers of Knot DNS, keys by openssl, and texts.

usage: make-seeds.py FOLDER      writes FOLDER/TARGET/NAME; needs knotd, keymgr and openssl
"""
import base64
import hashlib
import hmac
import os
import socket
import struct
import subprocess
import sys
import tempfile
import time

import texts

OWNER, ZONE = "_25._tcp.mx1.example.org.", "example.org."
TYPES = {"A": 1, "NS": 2, "SOA": 6, "AAAA": 28, "DS": 43, "DNSKEY": 48, "TLSA": 52}
TSIG_NAME, TSIG_SECRET = "upd.key.", base64.b64encode(b"secret secret secret secret!").decode()
CONF = """server:
    rundir: {dir}
    listen: 127.0.0.1@{port}
    udp-workers: 1
    tcp-workers: 1
database:
    storage: {dir}/db
log:
  - target: stderr
    any: warning
key:
  - id: {key}
    algorithm: hmac-sha256
    secret: {secret}
acl:
  - id: update
    key: {key}
    action: [update, query]
policy:
  - id: own
    algorithm: {algorithm}
    single-type-signing: on
    nsec3: {nsec3}
    cds-cdnskey-publish: none
zone:
  - domain: {zone}
    file: {dir}/zone
    storage: {dir}
    acl: update
    zonefile-sync: -1
    journal-content: none
    dnssec-signing: {signs}
    dnssec-policy: own
"""


def wire_name(text):
    parts = [part.encode() for part in text.rstrip(".").split(".") if part]
    return b"".join(bytes([len(part)]) + part for part in parts) + b"\0"


def record(owner, rtype, rclass, ttl, rdata):
    return wire_name(owner) + struct.pack("!HHIH", rtype, rclass, ttl, len(rdata)) + rdata


def question(name, rtype):
    opt = b"\0" + struct.pack("!HHIH", 41, 1232, 0x8000, 0)
    head = struct.pack("!HHHHHH", 0x1234, 0, 1, 0, 0, 1)
    return head + wire_name(name) + struct.pack("!HH", TYPES[rtype], 1) + opt


def sign(message, now, key=TSIG_NAME):
    """With a TSIG behind it; returns (message, MAC)."""
    algorithm, when = wire_name("hmac-sha256."), struct.pack("!HIH", 0, now, 300)
    variables = wire_name(key) + struct.pack("!HI", 255, 0) + algorithm + when + struct.pack("!HH", 0, 0)
    mac = hmac.new(base64.b64decode(TSIG_SECRET), message + variables, hashlib.sha256).digest()
    rdata = algorithm + when + struct.pack("!H", len(mac)) + mac + message[:2] + struct.pack("!HH", 0, 0)
    more = struct.unpack("!H", message[10:12])[0] + 1
    return message[:10] + struct.pack("!H", more) + message[12:] + record(key, 250, 255, 0, rdata), mac


class Knot:
    """One knotd with one zone, on a free port of this machine, as long as the block lasts."""

    def __init__(self, zone, text, signs="on", algorithm="ecdsap256sha256", nsec3="off"):
        self.folder, self.zone = tempfile.TemporaryDirectory(), zone
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.conf = os.path.join(self.folder.name, "knot.conf")
        os.mkdir(os.path.join(self.folder.name, "db"))
        with open(os.path.join(self.folder.name, "zone"), "w", encoding="ascii") as out:
            out.write("$ORIGIN %s\n%s" % (zone, text))
        with open(self.conf, "w", encoding="ascii") as out:
            out.write(CONF.format(dir=self.folder.name, port=self.port, zone=zone, signs=signs, nsec3=nsec3,
                                  algorithm=algorithm, key=TSIG_NAME, secret=TSIG_SECRET))
        self.ds = ""
        if signs == "on":
            self.keymgr("generate", "algorithm=" + algorithm, "ksk=yes", "zsk=yes")
            lines = self.keymgr("ds").splitlines()
            self.ds = next(line for line in lines if line.split()[4] == "2")

    def keymgr(self, *words):
        return subprocess.run(["keymgr", "-c", self.conf, self.zone, *words], check=True,
                              stdout=subprocess.PIPE, encoding="ascii").stdout

    def __enter__(self):
        self.process = subprocess.Popen(["knotd", "-c", self.conf])
        while self.ask(question(self.zone, "SOA"), patient=True)[3] & 15:
            time.sleep(0.1)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.folder.cleanup()

    def ask(self, message, patient=False):
        while True:
            try:
                with socket.create_connection(("127.0.0.1", self.port), 5) as link:
                    link.sendall(struct.pack("!H", len(message)) + message)
                    stream = link.makefile("rb")
                    return stream.read(struct.unpack("!H", stream.read(2))[0])
            except ConnectionRefusedError:
                if not patient or self.process.poll() is not None:
                    raise
                time.sleep(0.1)


class Seeds:
    def __init__(self, top):
        self.top = top

    def add(self, target, name, data):
        os.makedirs(os.path.join(self.top, target), exist_ok=True)
        with open(os.path.join(self.top, target, name), "wb") as out:
            out.write(data)

    def answer(self, name, *messages, otherwise=0):
        data = struct.pack("!IB", int(time.time()), otherwise)
        for message in messages:
            data += struct.pack("!H", len(message)) + message
        self.add("judge", name, data)
        for target in "answer", "wire":
            self.add(target, name, messages[0])


    def look(self, name, messages):
        data = struct.pack("!IB", int(time.time()), 0)
        for message in messages:
            data += struct.pack("!H", len(message)) + with_ad(message)
        self.add("look", name, data)


def with_ad(message):
    return message[:3] + bytes([message[3] | 0x20]) + message[4:]


def address_of(name, address):
    """An answer that nobody gave."""
    asked = wire_name(name) + struct.pack("!HH", 1, 1)
    return struct.pack("!HHHHHH", 0, 0x8400, 1, 1, 0, 0) + asked + record(name, 1, 1, 60, socket.inet_aton(address))


def answers(seeds):
    """Every kind of zone, its TLSA answer with keys and DS, and what else is read."""
    for name, more in texts.ZONES.items():
        with Knot(ZONE, texts.ZONE + more["text"], **more["how"]) as child, \
                Knot("org.", texts.PARENT + child.ds + "\n", signs="off") as parent:
            tlsa, keys = child.ask(question(OWNER, "TLSA")), child.ask(question(ZONE, "DNSKEY"))
            ds = with_ad(parent.ask(question(ZONE, "DS")))
            seeds.answer(name, tlsa, keys, ds)
            seeds.look(name, [tlsa, keys, ds, address_of("ns2.example.net.", "192.0.2.9")] +
                       [child.ask(question(*what)) for what in texts.CHILD] +
                       [parent.ask(question(*what)) for what in texts.PARENTS])
            if name != "shown":
                continue
            seeds.answer("not-vouched", tlsa, keys, ds, otherwise=3)
            seeds.answer("truncated", tlsa[:2] + bytes([tlsa[2] | 2]) + tlsa[3:], keys, ds)
            seeds.answer("referral", parent.ask(question("mx1.example.org.", "A")))
            for rtype in "SOA", "NS", "DNSKEY":
                seeds.answer(rtype.lower(), with_ad(child.ask(question(ZONE, rtype))))
            for rtype in "A", "AAAA":
                seeds.answer(rtype.lower(), with_ad(child.ask(question("mx1.example.org.", rtype))))
            seeds.answer("refused", child.ask(question("example.net.", "SOA")))


def change(sections, zone=ZONE):
    """An update: prerequisites and changes, lists of records."""
    counts = [len(section) for section in sections]
    head = struct.pack("!HHHHHH", 0x4321, 0x2800, 1, counts[0], counts[1], 0)
    return head + wire_name(zone) + struct.pack("!HH", 6, 1) + b"".join(sections[0] + sections[1])


def updates(seeds):
    rdata = bytes([3, 1, 1]) + bytes(range(32))
    add, none = record(OWNER, 52, 1, 60, rdata), record(OWNER, 52, 254, 0, b"")
    now = int(time.time())
    asked = {
        "read": sign(question(OWNER, "TLSA"), now),
        "read-nothing": sign(question("_25._tcp.mx9.example.org.", "TLSA"), now),
        "done": sign(change(([], [add])), now),
        "not-as-expected": sign(change(([none], [add])), now),
        "not-the-zone": sign(change(([], [add]), "example.net."), now),
        "bad-time": sign(change(([], [add])), now - 9000),
        "bad-key": sign(change(([], [add])), now, "other.key."),
        "unsigned": (question(OWNER, "TLSA"), b"\0" * 32),
    }
    with Knot(ZONE, texts.ZONE + texts.ZONES["shown"]["text"]) as server:
        for name, (message, mac) in asked.items():
            reply = server.ask(message)
            seeds.add("update", name, struct.pack("!I", now) + mac + struct.pack("!H", len(message)) + message +
                      struct.pack("!H", len(reply)) + reply)
            seeds.add("wire", "update-" + name, message)


def openssl(*words):
    return subprocess.run(["openssl", *words], check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout


def pems(seeds):
    """Keys of several kinds, certificates, a chain, and what is neither."""
    kinds = {"rsa": ["RSA", "-pkeyopt", "rsa_keygen_bits:2048"], "ed25519": ["ED25519"],
             "p256": ["EC", "-pkeyopt", "ec_paramgen_curve:P-256"], "p521": ["EC", "-pkeyopt", "ec_paramgen_curve:P-521"]}
    with tempfile.TemporaryDirectory() as work:
        ca, request = os.path.join(work, "ca"), os.path.join(work, "request")
        for kind, words in kinds.items():
            key, cert = os.path.join(work, kind), os.path.join(work, kind + ".crt")
            openssl("genpkey", "-algorithm", *words, "-out", key)
            openssl("req", "-new", "-x509", "-days", "36500", "-key", key, "-subj", "/CN=mx1.example.org", "-out", cert,
                    "-addext", "subjectAltName=DNS:mx1.example.org,DNS:*.example.org,IP:192.0.2.1")
            with open(key, "rb") as pem, open(cert, "rb") as certificate:
                seeds.add("pem", kind, pem.read() + certificate.read())
        openssl("req", "-new", "-x509", "-days", "36500", "-key", os.path.join(work, "p256"), "-subj", "/CN=CA", "-out", ca)
        openssl("req", "-new", "-key", os.path.join(work, "p521"), "-subj", "/CN=mx1.example.org", "-out", request)
        leaf = openssl("x509", "-req", "-in", request, "-CA", ca, "-CAkey", os.path.join(work, "p256"), "-days", "36500",
                       "-set_serial", "7")
        with open(ca, "rb") as issuer:
            seeds.add("pem", "chain", openssl("pkey", "-in", os.path.join(work, "p521")) + leaf + issuer.read())
        seeds.add("pem", "sec1", openssl("ec", "-in", os.path.join(work, "p256")))
        seeds.add("pem", "explicit", openssl("ec", "-in", os.path.join(work, "p256"), "-param_enc", "explicit"))
        seeds.add("pem", "pkcs1", openssl("rsa", "-traditional", "-in", os.path.join(work, "rsa")))
        seeds.add("pem", "encrypted", openssl("pkcs8", "-topk8", "-in", os.path.join(work, "p256"), "-passout", "pass:x"))
        seeds.add("pem", "public", openssl("pkey", "-pubout", "-in", os.path.join(work, "p256")))
        seeds.add("pem", "der", openssl("pkey", "-outform", "DER", "-in", os.path.join(work, "p256")))


def main():
    seeds = Seeds(sys.argv[1])
    for target, files in texts.SEEDS.items():
        for name, text in files.items():
            seeds.add(target, name, text if isinstance(text, bytes) else text.encode())
    pems(seeds)
    updates(seeds)
    answers(seeds)


if __name__ == "__main__":
    main()
