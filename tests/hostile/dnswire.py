"""DNS messages taken apart, changed and put together again, and signed with any key; never asks anybody.

Names are wire bytes without compression. A signature is what openssl(1) makes of the bytes that it is told to sign:
whatever is to be wrong about it can be chosen.
"""
import hashlib
import os
import re
import struct
import subprocess
import base64

A, NS, CNAME, SOA, AAAA, DNAME, OPT, RRSIG, NSEC, DNSKEY, NSEC3, TLSA = 1, 2, 5, 6, 28, 39, 41, 46, 47, 48, 50, 52
IN = 1
QR, AA, TC, RD, AD, CD = 0x8000, 0x0400, 0x0200, 0x0100, 0x0020, 0x0010
ZONE_FLAG, REVOKE_FLAG, SEP_FLAG = 0x0100, 0x0080, 0x0001
P256 = 13


def name(text):
    """'a.b.' as wire bytes; bytes are labels already joined by dots."""
    raw = text.encode("latin-1") if isinstance(text, str) else text
    return b"".join(bytes([len(label)]) + label for label in raw.rstrip(b".").split(b".") if label) + b"\0"


def labels(wire):
    """How many labels a name has, without the root."""
    count, at = 0, 0
    while wire[at]:
        count, at = count + 1, at + 1 + wire[at]
    return count


def _read_name(wire, at):
    out, end = b"", None
    for _ in range(200):
        size = wire[at]
        if size >= 0xC0:
            end = at + 2 if end is None else end
            at = struct.unpack_from("!H", wire, at)[0] & 0x3FFF
            continue
        out += wire[at:at + 1 + size]
        at += 1 + size
        if size == 0:
            return out, at if end is None else end
    raise ValueError("a name without an end")


class RR:
    """One record."""

    def __init__(self, owner, rtype, ttl, rdata, rclass=IN):
        self.owner, self.type, self.ttl, self.rdata, self.rclass = owner, rtype, ttl, rdata, rclass

    def copy(self, **changes):
        made = RR(self.owner, self.type, self.ttl, self.rdata, self.rclass)
        made.__dict__.update(changes)
        return made

    def wire(self):
        return self.owner + struct.pack("!HHIH", self.type, self.rclass, self.ttl, len(self.rdata)) + self.rdata

    def covers(self, rtype):
        return self.type == RRSIG and struct.unpack_from("!H", self.rdata)[0] == rtype


class Message:
    """A whole message; sections are lists that may be changed at will."""

    def __init__(self, wire):
        self.ident, self.flags, counts = *struct.unpack_from("!HH", wire), struct.unpack_from("!HHHH", wire, 4)
        at, self.question = 12, []
        for _ in range(counts[0]):
            owner, at = _read_name(wire, at)
            self.question.append((owner,) + struct.unpack_from("!HH", wire, at))
            at += 4
        self.answer, at = self._records(wire, at, counts[1])
        self.authority, at = self._records(wire, at, counts[2])
        self.additional, at = self._records(wire, at, counts[3])

    @staticmethod
    def _records(wire, at, count):
        found = []
        for _ in range(count):
            owner, at = _read_name(wire, at)
            rtype, rclass, ttl, size = struct.unpack_from("!HHIH", wire, at)
            at += 10
            rdata, end = wire[at:at + size], at + size
            if rtype in (NS, CNAME, DNAME):
                rdata = _read_name(wire, at)[0]
            elif rtype == SOA:
                first, at = _read_name(wire, at)
                second, at = _read_name(wire, at)
                rdata = first + second + wire[at:end]
            found.append(RR(owner, rtype, ttl, rdata, rclass))
            at = end
        return found, at

    def wire(self, counts=None):
        """Bytes; counts in place of the true ones when given."""
        sections = (self.answer, self.authority, self.additional)
        head = struct.pack("!HH", self.ident, self.flags)
        head += struct.pack("!HHHH", *(counts or [len(self.question)] + [len(part) for part in sections]))
        body = b"".join(owner + struct.pack("!HH", *rest) for owner, *rest in self.question)
        return head + body + b"".join(rr.wire() for part in sections for rr in part)

    def rcode(self, value):
        self.flags = self.flags & ~15 | value & 15
        for rr in self.additional:
            if rr.type == OPT:
                rr.ttl = rr.ttl & 0xFFFFFF | value >> 4 << 24

    def empty(self):
        """Nothing but the question and the OPT."""
        self.answer, self.authority = [], []
        self.additional = [rr for rr in self.additional if rr.type == OPT]

    def of(self, rtype):
        """The records of this type in the answer."""
        return [rr for rr in self.answer if rr.type == rtype]

    def without_signatures(self):
        self.answer = [rr for rr in self.answer if rr.type != RRSIG]


def ask_for(owner, rtype, ident=0):
    """A question with DO and room for 4096 bytes."""
    return (struct.pack("!HHHHHH", ident, 0, 1, 0, 0, 1) + owner + struct.pack("!HH", rtype, IN)
            + b"\0" + struct.pack("!HHIH", OPT, 4096, 0x8000, 0))


# ---- keys and signatures


def _der_integers(der):
    """The two integers of an ECDSA signature."""
    at, found = 2 + (der[1] & 0x80 and der[1] & 0x7F), []
    for _ in range(2):
        size = der[at + 1]
        found.append(int.from_bytes(der[at + 2:at + 2 + size], "big"))
        at += 2 + size
    return found


def key_tag(rdata):
    total = sum(byte << 8 if at % 2 == 0 else byte for at, byte in enumerate(rdata))
    return (total + (total >> 16)) & 0xFFFF


class Key:
    """A P-256 key in a PEM file."""

    made = {}  # bytes that were signed before: the signature

    def __init__(self, path, flags=ZONE_FLAG | SEP_FLAG, protocol=3):
        self.path, self.flags, self.protocol = path, flags, protocol
        pem = subprocess.run(["openssl", "pkey", "-in", path, "-pubout"], stdout=subprocess.PIPE, check=True).stdout
        self.point = base64.b64decode(re.sub(rb"-----[^-]+-----|\s", b"", pem))[-64:]

    @classmethod
    def new(cls, path, **how):
        subprocess.run(["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", path],
                       stderr=subprocess.DEVNULL, check=True)
        os.chmod(path, 0o600)
        return cls(path, **how)

    def rdata(self):
        return struct.pack("!HBB", self.flags, self.protocol, P256) + self.point

    def record(self, owner, ttl):
        return RR(owner, DNSKEY, ttl, self.rdata())

    def sign(self, data):
        at = (self.path, hashlib.sha256(data).digest())
        if at not in self.made:
            der = subprocess.run(["openssl", "dgst", "-sha256", "-sign", self.path], input=data,
                                 stdout=subprocess.PIPE, check=True).stdout
            self.made[at] = b"".join(part.to_bytes(32, "big") for part in _der_integers(der))
        return self.made[at]


def signature(records, key, zone, begin, end, ttl=None, **wrong):
    """The RRSIG over the records; wrong: owner, labels, signer, tag, algorithm told otherwise than they are."""
    first = records[0]
    ttl = first.ttl if ttl is None else ttl
    owner = wrong.get("owner", first.owner)
    head = struct.pack("!HBBIIIH", first.type, wrong.get("algorithm", P256), wrong.get("labels", labels(first.owner)),
                       ttl, int(end) & 0xFFFFFFFF, int(begin) & 0xFFFFFFFF, wrong.get("tag", key_tag(key.rdata())))
    head += wrong.get("signer", zone)
    data = head + b"".join(
        owner.lower() + struct.pack("!HHIH", first.type, IN, ttl, len(rdata)) + rdata
        for rdata in sorted({rr.rdata for rr in records}))
    return RR(first.owner, RRSIG, first.ttl, head + key.sign(data))
