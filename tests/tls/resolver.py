"""A resolver for the world of the comparison that knows the TLSA records of a few names; refuses everything else.

    *.stale.example       a record of other.key only: not of the key that is deployed
    *.ready.example       records of other.key and of rsa.key
    *.partly.example      of other.key by SHA2-256, of rsa.key by SHA2-512
    *.better.example      of rsa.key by SHA2-256, of other.key by SHA2-512
    *.none.example        no record: the name does not exist
    *.silent.example      never an answer
"""
import hashlib
import socket
import struct
import threading

TLSA = 52
# Zone: the records 3 1 x, each a key and a matching type.
KEYS = {
    "stale.example": [("other.key", 1)],
    "ready.example": [("other.key", 1), ("rsa.key", 1)],
    "partly.example": [("other.key", 1), ("rsa.key", 2)],
    "better.example": [("rsa.key", 1), ("other.key", 2)],
}


def _question(packet):
    """(name, type, the question's bytes) of a query."""
    labels, at = [], 12
    while packet[at]:
        labels.append(packet[at + 1:at + 1 + packet[at]].decode("latin-1").lower())
        at += 1 + packet[at]
    return ".".join(labels), struct.unpack("!H", packet[at + 1:at + 3])[0], packet[12:at + 5]


def _answer(packet, keys):
    """The reply, or None for none; authenticated (AD), as from a validating resolver."""
    name, kind, question = _question(packet)
    zone = ".".join(name.split(".")[-2:])
    if zone == "silent.example":
        return None
    records = []
    if kind == TLSA:
        for key, mtype in KEYS.get(zone, ()):
            digest = hashlib.sha256 if mtype == 1 else hashlib.sha512
            data = bytes((3, 1, mtype)) + digest(keys.names[key]).digest()
            records.append(b"\xc0\x0c" + struct.pack("!HHIH", TLSA, 1, 60, len(data)) + data)
    code = 0 if zone in KEYS else 3 if zone == "none.example" else 5
    flags = 0x8180 | (0x20 if code != 5 else 0) | code
    return packet[:2] + struct.pack("!HHHHH", flags, 1, len(records), 0, 0) + question + b"".join(records)


def serve(keys, address="127.0.0.1"):
    """Answer from now on, in a thread that ends with the program."""
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind((address, 53))

    def loop():
        while True:
            packet, client = server.recvfrom(4096)
            try:
                reply = _answer(packet, keys)
            except (IndexError, struct.error):
                continue
            if reply:
                server.sendto(reply, client)
    threading.Thread(target=loop, daemon=True).start()
