"""A name server on one IPv4 address that relays questions to another one and bends what comes back; keeps nothing.

Usage: crooked.py ADDRESS UPSTREAM MOODFILE. The file is read for every question and holds one of
    well       the answer as it is
    refused    REFUSED to everything
    lame       the answer without its AA bit
    notimp     NOTIMP to questions for TLSA
    several A  as a balancer before two servers: every other answer is that of the name server A; each gives the
               NSID that it has, "one" and "two", to who asks for it, in the form that NSD gives its own
"""
import itertools
import socket
import struct
import sys

REFUSED, NOTIMP, TLSA, OPT = 5, 4, 52, 41
ASKS_NSID = b"\0\3\0\0"  # option 3 without data, the last thing of a question


def question_end(wire):
    """Where the one question of a message ends."""
    at = 12
    while wire[at]:
        at += 1 + wire[at]
    return at + 5


def deny(query, rcode):
    """The header and question of the query, and the rcode."""
    ident, flags = struct.unpack_from("!HH", query)
    header = struct.pack("!HHHHHH", ident, 0x8000 | (flags & 0x7900) | rcode, 1, 0, 0, 0)
    return header + query[12:question_end(query)]


def relay(query, upstream):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        link.settimeout(2)
        link.connect((upstream, 53))
        link.send(query)
        return bytearray(link.recv(65535))


def with_nsid(query, reply, name):
    """The answer with its OPT, the last record, holding the name."""
    if not query.endswith(ASKS_NSID):
        return reply
    at = reply.rindex(struct.pack("!BH", 0, OPT))
    option = struct.pack("!HH", 3, len(name)) + name
    return reply[:at + 9] + struct.pack("!H", len(option)) + option


def answer(query, upstream, mood, turn):
    if mood.startswith("several "):
        server, name = ((upstream, b"one"), (mood.split()[1], b"two"))[turn % 2]
        return with_nsid(query, relay(query, server), name)
    end = question_end(query)
    qtype = struct.unpack_from("!H", query, end - 4)[0]
    if mood == "refused":
        return deny(query, REFUSED)
    if mood == "notimp" and qtype == TLSA:
        return deny(query, NOTIMP)
    reply = relay(query, upstream)
    if mood == "lame":
        reply[2] &= ~0x04
    return reply


def main():
    address, upstream, mood_file = sys.argv[1:]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind((address, 53))
        for turn in itertools.count():
            query, sender = server.recvfrom(65535)
            with open(mood_file, encoding="ascii") as lines:
                mood = lines.read().strip()
            try:
                server.sendto(answer(query, upstream, mood, turn), sender)
            except (OSError, IndexError, struct.error):
                continue  # the sender asks again


if __name__ == "__main__":
    main()
