#!/usr/bin/env python3
"""While a look takes long a terminal shows how far it is, on one line that goes again; nobody else sees anything.

In a network of its own, whose resolver never answers. Root only.
"""
import fcntl
import os
import pty
import select
import socket
import struct
import subprocess
import time

import shown

LINE, ERASE = b" questions, ", b"\r\x1b[K"


def loopback_up():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        fcntl.ioctl(s, 0x8914, struct.pack("16sh14x", b"lo", 1))  # SIOCSIFFLAGS, IFF_UP


def said(state, words, terminal=True, term="xterm"):
    """What came on standard error, and how long it took."""
    begun = time.monotonic()
    environment = {**os.environ, "TERM": term}
    ours, theirs = pty.openpty() if terminal else os.pipe()
    child = subprocess.Popen([shown.DANESAFE, "-c", state.config, *words], stdin=subprocess.DEVNULL,
                             stdout=subprocess.DEVNULL, stderr=theirs, env=environment)
    os.close(theirs)
    out = b""
    while True:
        if not select.select([ours], [], [], 90)[0]:
            child.kill()
            break
        try:
            more = os.read(ours, 4096)
        except OSError:  # a terminal that nobody has open any more
            break
        if not more:
            break
        out += more
    os.close(ours)
    child.wait()
    return out, time.monotonic() - begun


def inside():
    loopback_up()
    results = shown.Results()
    with shown.State("s01-happy-path", 1) as state:
        out, took = said(state, ["verify"])
        results.check(LINE not in out or took >= 1, "what is soon over shows nothing", out)
        deaf = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        deaf.bind(("127.0.0.1", 53))
        out, took = said(state, ["verify"])
        results.check(took > 1 and LINE in out, f"a look that lasts ({took:.0f} s) shows how far it is", out)
        lines = out.split(ERASE)
        shows = [i for i, line in enumerate(lines) if LINE in line]
        results.check(shows and all(b"\n" not in lines[i] for i in shows) and shows[-1] + 1 < len(lines),
                      "on one line, which is erased at the end", out[-200:])
        for what, words, terminal, term in [("with -q", ["-q", "verify"], True, "xterm"),
                                            ("where standard error is a pipe", ["verify"], False, "xterm"),
                                            ("on a terminal that cannot erase", ["verify"], True, "dumb")]:
            out, _ = said(state, words, terminal, term)
            results.check(LINE not in out and ERASE not in out, f"nothing {what}", out)
        deaf.close()
    results.end()


if __name__ == "__main__":
    shown.in_a_network_of_its_own(inside)
