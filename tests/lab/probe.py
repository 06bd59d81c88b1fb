"""The DANE sender of the lab, and a witness of the name servers; never reads a word that danesafe says.

Threads run `posttls-finger -l dane-only` through the sender's resolver, one address family each, and
one thread asks every authority address for the TLSA RRset. Each handshake and each round of questions
is one JSON line in the log. Used as a class by the cases, or by hand inside a world: probe.py [SECONDS].
"""
import collections
import json
import os
import re
import subprocess
import sys
import threading
import time

import dnsmsg

Handshake = collections.namedtuple("Handshake", "begun ended address ok verdict spki")
Look = collections.namedtuple("Look", "begun ended shown")  # shown: {address: frozenset of records or None}
ADDRESS = re.compile(r"\[([0-9a-f.:]+)\]:25")
PKEY = re.compile(r"pkey_fingerprint=([0-9A-F:]+)")


def judge(text, level="dane-only"):
    """What one posttls-finger printed: (address, ok, verdict, SPKI hash); its exit code says nothing."""
    addresses, pkey = ADDRESS.findall(text), PKEY.search(text)
    spki = pkey.group(1).replace(":", "").lower() if pkey else None
    ok = "Verified TLS connection established" in text
    established = re.search(r"(\w+) TLS connection established", text)
    if level != "dane-only":
        ok = established is not None
    lines = [line for line in text.splitlines() if line.strip()]
    if established:
        verdict = established.group(1)
    else:
        verdict = lines[-1].replace("posttls-finger: ", "") if lines else "no output"
    return addresses[-1] if addresses else None, ok, verdict, spki


class Probe:
    """with Probe(world) as probe: …; times are those of the monotonic clock."""

    def __init__(self, world, owner, host, period=0.25, look_period=0.25):
        self.authorities, self.owner, self.host = world.authorities, owner, host
        self.level = getattr(world, "LEVEL", "dane-only")
        self.period, self.look_period = period, look_period
        self.handshakes, self.looks = [], []
        self.environment = dict(os.environ, MAIL_CONFIG=world.path("sender"))
        self._log = open(world.path("probe.log"), "a", encoding="ascii", buffering=1)
        self._lock, self._over = threading.Lock(), threading.Event()
        self._threads = [threading.Thread(target=self._repeat, args=(self._shake, period, "ipv4")),
                         threading.Thread(target=self._repeat, args=(self._shake, period, "ipv6")),
                         threading.Thread(target=self._repeat, args=(self._look, look_period, None))]

    def __enter__(self):
        for thread in self._threads:
            thread.daemon = True
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self._over.set()
        for thread in self._threads:
            thread.join(30)

    def _repeat(self, act, period, argument):
        while not self._over.is_set():
            begun = time.monotonic()
            act(begun, argument)
            self._over.wait(max(0.0, begun + period - time.monotonic()))

    def _write(self, **fields):
        with self._lock:
            fields["wall"] = time.strftime("%H:%M:%S", time.gmtime())
            self._log.write(json.dumps(fields) + "\n")

    def _shake(self, begun, family):
        command = ["posttls-finger", "-o", "inet_protocols=" + family, "-t", "5", "-T", "5", "-c", "-d", "sha256",
                   "-l", self.level, "-L", "summary,certmatch", "[%s]:25" % self.host]
        try:
            text = subprocess.run(command, env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, encoding="utf-8", errors="replace", timeout=30,
                                  check=False).stdout
        except subprocess.TimeoutExpired:
            text = "no end after 30 s"
        if self._over.is_set():
            return  # the world may be stopping under this one
        address, ok, verdict, spki = judge(text, self.level)
        shake = Handshake(begun, time.monotonic(), address or family, ok, verdict, spki)
        self.handshakes.append(shake)
        self._write(kind="handshake", begun=round(begun, 3), ended=round(shake.ended, 3), address=shake.address,
                    ok=ok, verdict=verdict, spki=spki)

    def _look(self, begun, _):
        shown = {}
        for address in list(self.authorities):
            answer = dnsmsg.ask(address, self.owner, "TLSA", 0.4)
            shown[address] = dnsmsg.tlsa(answer)[0] if answer and answer.aa and answer.rcode in (0, 3) else None
        look = Look(begun, time.monotonic(), shown)
        if not self.looks or self.looks[-1].shown != shown or int(begun) != int(self.looks[-1].begun):
            self._write(kind="look", begun=round(begun, 3), ended=round(look.ended, 3), shown={
                address: None if records is None else sorted(record[:14] for record in records)
                for address, records in shown.items()})
        self.looks.append(look)

    # ---- what happened

    def failures(self):
        return [shake for shake in list(self.handshakes) if not shake.ok]

    def by_address(self):
        """{address: (handshakes, failures)}."""
        table = {}
        for shake in list(self.handshakes):
            count, bad = table.get(shake.address, (0, 0))
            table[shake.address] = (count + 1, bad + (not shake.ok))
        return dict(sorted(table.items()))

    def longest_outage(self):
        """Seconds between the first and the last failure of the longest unbroken row, in any address family."""
        longest = 0.0
        for colon in (False, True):
            since = None
            for shake in [s for s in list(self.handshakes) if (":" in s.address) == colon]:
                if shake.ok:
                    since = None
                else:
                    since = shake.begun if since is None else since
                    longest = max(longest, shake.ended - since)
        return longest

    def presented(self, spki, address=None):
        """The handshakes in which this key was presented (at this address)."""
        return [s for s in list(self.handshakes) if s.spki == spki and address in (None, s.address)]

    def presented_at(self, address):
        return [s for s in list(self.handshakes) if s.address == address]

    def last_handshake(self, address):
        shakes = self.presented_at(address)
        return shakes[-1] if shakes else None

    def last_key(self, address):
        last = self.last_handshake(address)
        return last.spki if last else None

    def shown_everywhere_at(self, record, before=None):
        """Since when the authorities all showed the record, until the end (or before): the end of the round in which
        the last of them was seen with it, None when one was last seen without. A question that got lost in the
        rush says nothing."""
        since, has = None, {}
        for look in [lk for lk in list(self.looks) if before is None or lk.ended <= before]:
            has.update((address, record in records) for address, records in look.shown.items() if records is not None)
            if not all(has.get(address) for address in look.shown):
                since = None
            elif since is None:
                since = look.ended
        return since

    def first_lacked_at(self, record, after):
        """The begin of the first round after that time in which an authority answered without the record."""
        for look in list(self.looks):
            if look.begun > after and any(r is not None and record not in r for r in look.shown.values()):
                return look.begun
        return None

    def records_ever_shown(self):
        return {record for look in list(self.looks) for records in look.shown.values() for record in records or ()}

    def summary(self):
        counts = " ".join("%s:%d" % (address, count) for address, (count, _) in self.by_address().items())
        return "%d handshakes, %d failures, longest outage %.1f s (%s)" % (
            len(self.handshakes), len(self.failures()), self.longest_outage(), counts)


def main():
    """By hand, inside the shell of a world (lab.py --keep shell)."""
    import world as lab_world

    class Here:
        authorities = lab_world.PRIMARY + lab_world.NSD + lab_world.BIND
        path = staticmethod(lambda name: os.path.join(os.environ["DANESAFE_LAB"], name))

    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 10.0
    with Probe(Here, lab_world.OWNER, lab_world.HOST) as probe:
        seen, end = 0, time.monotonic() + seconds
        while time.monotonic() < end:
            time.sleep(0.2)
            for shake in probe.handshakes[seen:]:
                seen += 1
                print("%.2f %s %s %s" % (shake.ended, shake.address, shake.verdict, (shake.spki or "-")[:8]))
    print(probe.summary())


if __name__ == "__main__":
    main()
