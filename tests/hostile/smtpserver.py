"""A mail server that does whatever a case wants, and the keys and certificates that it presents.

A behaviour is a function of a Talk, one for each connection; what it raises ends the connection, as its end does.
Certificates are patched after they were signed: the agent checks no signature of them, and so any content can be had.
"""
import base64
import math
import os
import re
import socket
import ssl
import struct
import subprocess
import threading
import time

from dnsserver import family
from servers import tool, write
from world import HOST, spki_of

PORT = 25
ANY_CIPHER = "ALL:COMPLEMENTOFALL:@SECLEVEL=0"


class Talk:
    """One connection; nth: the how manieth since the behaviour was set."""

    def __init__(self, peer, nth, kit):
        self.peer, self.nth, self.kit, self.buffer = peer, nth, kit, b""

    def say(self, *pieces, pause=0.0):
        for piece in pieces:
            self.peer.sendall(piece)
            time.sleep(pause)

    def line(self):
        """A command; the end of the connection is the end of the talk."""
        while b"\n" not in self.buffer:
            more = self.peer.recv(4096)
            if not more:
                raise OSError("the client is gone")
            self.buffer += more
        line, self.buffer = self.buffer.split(b"\n", 1)
        return line

    def greet(self, banner=b"220 hostile ESMTP\r\n"):
        self.say(banner)
        self.line()

    def offer(self):
        self.greet()
        self.say(b"250-hostile\r\n250-SIZE\r\n250 STARTTLS\r\n")
        self.line()

    def until_tls(self):
        self.offer()
        self.say(b"220 go on\r\n")

    def hello(self):
        """The client's first TLS bytes."""
        return self.peer.recv(4096)

    def tls(self, *identities, **how):
        """The handshake, and QUIT."""
        self.quit(self.kit.context(*identities, **how).wrap_socket(self.peer, server_side=True))

    @staticmethod
    def quit(link):
        link.recv(100)
        link.sendall(b"221 bye\r\n")

    def drip_tls(self, identity, pause):
        """The handshake, one byte of the server after the other."""
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        link = self.kit.context(identity).wrap_bio(incoming, outgoing, server_side=True)
        while True:
            try:
                link.do_handshake()
            except ssl.SSLWantReadError:
                pass
            for byte in outgoing.read():
                self.say(bytes([byte]), pause=pause)
            incoming.write(self.hello())

    def reset(self):
        self.peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def wait(self):
        """Say nothing more until the client goes."""
        while self.peer.recv(4096):
            pass


class Endpoint:
    """One address."""

    def __init__(self, address, kit, behaviour):
        self.address, self.kit, self.lock, self.link = address, kit, threading.Lock(), None
        self.behave(behaviour)

    def behave(self, behaviour, listens=True):
        with self.lock:
            self.behaviour, self.count = behaviour, 0
        if listens and self.link is None:
            self.link = socket.socket(family(self.address), socket.SOCK_STREAM)
            self.link.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self.link.bind((self.address, PORT))
            self.link.listen(64)
            threading.Thread(target=self._accept, args=(self.link,), daemon=True).start()
        elif not listens:
            self.stop()

    def stop(self):
        if self.link is not None:
            self.link.shutdown(socket.SHUT_RDWR)
            self.link.close()
            self.link = None

    def _accept(self, link):
        while True:
            try:
                peer, _ = link.accept()
            except OSError:
                return
            with self.lock:
                self.count += 1
                behaviour, nth = self.behaviour, self.count
            threading.Thread(target=self._talk, args=(peer, behaviour, nth), daemon=True).start()

    def _talk(self, peer, behaviour, nth):
        with peer:
            try:
                peer.settimeout(30)
                peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                behaviour(Talk(peer, nth, self.kit))
            except (OSError, ssl.SSLError):
                pass  # the client has enough of it


# ---- what is presented


def _integer(number):
    body = number.to_bytes(number.bit_length() // 8 + 1, "big")
    return b"\2" + _length(body) + body


def _length(body):
    size = len(body)
    return bytes([size]) if size < 128 else bytes([0x82]) + size.to_bytes(2, "big")


def large_rsa(bits):
    """An RSA key as PEM, of so many primes that it is quickly made; good enough to sign with."""
    primes = []
    while len(primes) < bits // 1024:
        primes.append(int(tool("openssl", "prime", "-generate", "-bits", "1024")))
    first, second = primes[::2], primes[1::2]
    p, q = math.prod(first), math.prod(second)
    order = [math.lcm(*(prime - 1 for prime in part)) for part in (first, second)]
    d = pow(65537, -1, math.lcm(*order))
    numbers = (0, p * q, 65537, d, p, q, d % order[0], d % order[1], pow(q, -1, p))
    body = b"".join(_integer(number) for number in numbers)
    text = base64.encodebytes(b"\x30" + _length(body) + body).decode("ascii")
    return "-----BEGIN RSA PRIVATE KEY-----\n%s-----END RSA PRIVATE KEY-----\n" % text


def patched(pem, change):
    """A certificate whose DER was changed; of the same length."""
    der = base64.b64decode(re.sub(r"-----[^-]+-----|\s", "", pem))
    made = change(der)
    assert made != der and len(made) == len(der)
    return "-----BEGIN CERTIFICATE-----\n%s-----END CERTIFICATE-----\n" % base64.encodebytes(made).decode("ascii")


def dated(begin, end):
    """A change of both dates (UTCTime)."""
    def change(der):
        times = iter((begin, end))
        return re.sub(rb"\x17\x0d\d{12}Z", lambda _: b"\x17\x0d" + next(times) + b"Z", der, count=2)
    return change


class Kit:
    """Keys by name: old and new are those of the world; others are made when they are first wanted."""

    KEYS = {"other": ["RSA", "-pkeyopt", "rsa_keygen_bits:2048"], "rsa1024": ["RSA", "-pkeyopt", "rsa_keygen_bits:1024"],
            "ec": ["EC", "-pkeyopt", "ec_paramgen_curve:P-256"], "p384": ["EC", "-pkeyopt", "ec_paramgen_curve:P-384"],
            "ed25519": ["ED25519"]}
    MANY = ",".join("DNS:name-%d-of-a-hundred.example.org" % at for at in range(100))

    def __init__(self, directory):
        self.directory, self.pairs, self.spki = directory, {}, {}
        os.makedirs(directory)

    def have(self, name, key, cert):
        """These files are known by that name."""
        self.pairs[name], self.spki[name] = (key, cert), spki_of(cert)

    def make(self, name):
        """Before the case begins: what the name says, if it is not there yet."""
        if name in self.pairs:
            return
        path = os.path.join(self.directory, name)
        if name in self.KEYS:
            tool("openssl", "genpkey", "-algorithm", *self.KEYS[name], "-out", path + ".key")
            self._certify(name, path + ".key")
        elif name == "rsa16384":
            write(path + ".key", large_rsa(16384))
            self._certify(name, path + ".key")
        elif name == "hundred":
            self._certify(name, self.pairs["new"][0], "-addext", "subjectAltName=" + self.MANY)
        elif name in ("chain", "endless-chain"):
            with open(self.pairs["new"][1], encoding="ascii") as stream:
                pem = stream.read()
            self.have(name, self.pairs["new"][0], write(path + ".cert", pem * (25 if name == "chain" else 250)))
        else:
            self._patch(name, path)

    def _certify(self, name, key, *more):
        cert = os.path.join(self.directory, name + ".cert")
        tool("openssl", "req", "-x509", "-key", key, "-days", "365", "-subj", "/CN=" + HOST, "-out", cert, *more)
        self.have(name, key, cert)

    def _patch(self, name, path):
        """The new key in a certificate that is odd."""
        change = {"expired": dated(b"200101000000", b"210101000000"), "future": dated(b"400101000000", b"410101000000"),
                  "backward": dated(b"400101000000", b"200101000000"),
                  "nul": lambda der: der.replace(b"mx1.example.org", b"mx1\0example\x1b\x1b\0\0"),
                  "escapes": lambda der: der.replace(b"mx1.example.org", b"\x1b]0;xx\x07\x1b[2J\r\nok")}[name]
        key, cert = self.pairs["new"]
        with open(cert, encoding="ascii") as stream:
            self.have(name, key, write(path + ".cert", patched(stream.read(), change)))

    def context(self, *identities, versions=(None, None), ciphers=ANY_CIPHER, ask=ssl.CERT_NONE, by_name=None):
        """by_name(name told by the client or None) may choose another identity, or an alert."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_ciphers(ciphers)
        if versions[0]:
            context.minimum_version = versions[0]
        if versions[1]:
            context.maximum_version = versions[1]
        if ask != ssl.CERT_NONE:
            context.load_verify_locations(self.pairs["old"][1])
            context.verify_mode = ask
        for name in identities:
            key, cert = self.pairs[name]
            context.load_cert_chain(cert, key)
        if by_name:
            def choose(link, told, _):
                chosen = by_name(told)
                if isinstance(chosen, str):
                    link.context = self.context(chosen)
                    return None
                return chosen
            context.sni_callback = choose
        return context

    def name_of(self, spki_id):
        """The names of a key by the first digits of its hash."""
        found = [name for name, spki in self.spki.items() if spki.startswith(spki_id)]
        return found[0] if found else spki_id
