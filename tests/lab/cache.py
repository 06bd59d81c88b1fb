"""A packet cache in front of a name server, such as dnsdist's: AA and signatures as they were, TTLs that run down.

Run as a daemon: cache.py SERVER ADDRESS... listens on port 53 of each address (UDP). Its answers are never quite
fresh, as behind another cache; so each of them can be told from the server's own.
"""
import select
import socket
import struct
import sys
import time

import dnsmsg

OPT = 41


def ttls(wire):
    """Where the TTL of each record stands."""
    counts = struct.unpack_from("!HHHH", wire, 4)
    at, found = 12, []
    for _ in range(counts[0]):
        at = dnsmsg.skip_name(wire, at) + 4
    for _ in range(sum(counts[1:])):
        at = dnsmsg.skip_name(wire, at)
        rtype, size = struct.unpack_from("!H", wire, at)[0], struct.unpack_from("!H", wire, at + 8)[0]
        if rtype != OPT:
            found.append(at + 4)
        at += 10 + size
    return found


def fetch(server, query):
    """The server's answer, or None."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        link.settimeout(0.5)
        try:
            link.connect((server, 53))
            link.send(query)
            return link.recv(4096)
        except OSError:
            return None


class Cache:
    """Answers by question; each is kept until the first of its records has run down."""

    def __init__(self, server):
        self.server, self.kept = server, {}

    def answer(self, query):
        key = query[2:]
        begun, wire, places = self.kept.get(key, (0, None, ()))
        if wire is None or self.age(begun) >= min(self.ttl(wire, place) for place in places):
            begun, wire = time.monotonic(), fetch(self.server, query)
            if wire is None:
                return None
            places = ttls(wire)
            if not places:
                return query[:2] + wire[2:]
            self.kept[key] = begun, wire, places
        aged = bytearray(query[:2] + wire[2:])
        for place in places:
            struct.pack_into("!I", aged, place, max(0, self.ttl(wire, place) - self.age(begun)))
        return bytes(aged)

    @staticmethod
    def ttl(wire, place):
        return struct.unpack_from("!I", wire, place)[0]

    @staticmethod
    def age(begun):
        return 1 + int(time.monotonic() - begun)


def main():
    server, addresses = sys.argv[1], sys.argv[2:]
    cache, links = Cache(server), []
    for address in addresses:
        link = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
        link.bind((address, 53))
        links.append(link)
    while True:
        for link in select.select(links, [], [])[0]:
            query, sender = link.recvfrom(4096)
            reply = cache.answer(query) if len(query) > 12 else None
            if reply:
                link.sendto(reply, sender)


if __name__ == "__main__":
    main()
