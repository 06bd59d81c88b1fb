"""A name server on one IPv4 address that relays questions to another one and bends what comes back; keeps nothing.

Usage: crooked.py ADDRESS UPSTREAM MOODFILE. The file is read for every question and holds one of
    well       the answer as it is
    refused    REFUSED to everything
    lame       the answer without its AA bit
    notimp     NOTIMP to questions for TLSA
"""
import socket
import struct
import sys

REFUSED, NOTIMP, TLSA = 5, 4, 52


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


def answer(query, upstream, mood):
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
        while True:
            query, sender = server.recvfrom(65535)
            with open(mood_file, encoding="ascii") as lines:
                mood = lines.read().strip()
            try:
                server.sendto(answer(query, upstream, mood), sender)
            except (OSError, IndexError, struct.error):
                continue  # the sender asks again


if __name__ == "__main__":
    main()
