"""Asks one address one DNS question over UDP and reads the answer; never follows, caches or validates."""
import collections
import os
import socket
import struct

TYPES = {"A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "TXT": 16, "AAAA": 28, "DS": 43, "RRSIG": 46, "DNSKEY": 48, "TLSA": 52}
Answer = collections.namedtuple("Answer", "rcode aa ad records")  # records: list of (owner, type, ttl, rdata)


def _encode_name(name):
    labels = [part.encode() for part in name.rstrip(".").split(".") if part]
    return b"".join(bytes([len(part)]) + part for part in labels) + b"\0"


def _read_name(wire, at):
    labels, end = [], None
    for _ in range(128):
        size = wire[at]
        if size >= 0xC0:
            if end is None:
                end = at + 2
            at = struct.unpack_from("!H", wire, at)[0] & 0x3FFF
        elif size == 0:
            return ".".join(labels) + ".", at + 1 if end is None else end
        else:
            labels.append(wire[at + 1:at + 1 + size].decode("latin-1").lower())
            at += 1 + size
    raise ValueError("name too long")


def skip_name(wire, at):
    """The byte behind the name at `at`."""
    return _read_name(wire, at)[1]


def parse(wire):
    """Wire bytes to Answer; the answer section only."""
    _, flags, questions, answers = struct.unpack_from("!HHHH", wire)
    at = 12
    for _ in range(questions):
        at = _read_name(wire, at)[1] + 4
    records = []
    for _ in range(answers):
        owner, at = _read_name(wire, at)
        rtype, _, ttl, size = struct.unpack_from("!HHIH", wire, at)
        at += 10
        rdata = wire[at:at + size]
        if rtype in (TYPES["NS"], TYPES["CNAME"]):
            rdata = _read_name(wire, at)[0]
        if rtype == TYPES["SOA"]:
            rest = _read_name(wire, _read_name(wire, at)[1])[1]
            rdata = struct.unpack_from("!I", wire, rest)[0]
        records.append((owner, rtype, ttl, rdata))
        at += size
    return Answer(flags & 15, bool(flags & 0x400), bool(flags & 0x20), records)


def ask(address, name, rtype, timeout=1.0, recurse=False):
    """Answer, or None when nothing usable came back in time."""
    ident = os.urandom(2)
    flags = 0x0120 if recurse else 0  # RD and AD: "tell me whether it was validated"
    query = ident + struct.pack("!HHHHH", flags, 1, 0, 0, 1) + _encode_name(name)
    query += struct.pack("!HH", TYPES[rtype], 1)
    query += b"\0" + struct.pack("!HHIH", 41, 1232, 0x8000, 0)  # EDNS with DO
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as link:
            link.settimeout(timeout)
            link.connect((address, 53))
            link.send(query)
            while True:
                wire = link.recv(4096)
                if wire[:2] == ident:
                    return parse(wire)
    except (OSError, ValueError, IndexError, struct.error):
        return None


def tlsa(answer):
    """The TLSA records of an answer as a frozenset of texts like '3 1 1 ab12…', and the TTL (or None)."""
    texts, ttl = set(), None
    for _, rtype, one_ttl, rdata in answer.records if answer else ():
        if rtype == TYPES["TLSA"]:
            texts.add("%d %d %d %s" % (rdata[0], rdata[1], rdata[2], rdata[3:].hex()))
            ttl = one_ttl
    return frozenset(texts), ttl
