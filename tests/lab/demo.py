"""The live demonstration: a whole rollover on real servers in about a minute; changes nothing on the machine.

Usage: demo.py --danesafe PATH. Exit 0 when no DANE handshake failed, 1 otherwise, 77 when it cannot run here.
"""
import argparse
import os
import sys
import time

sys.dont_write_bytecode = True
import netns
import world as lab_world
from agent import Agent
from probe import Probe
from servers import Problem, wait_until

LIMIT = 100.0  # seconds for the whole rollover


class Show:
    """Prints what happens, with the seconds since the begin."""

    def __init__(self):
        self.begun = time.monotonic()
        self.world = self.probe = None
        self.last_stages, self.last_seen = {}, None

    def line(self, text):
        print("[%5.1f s] %s" % (time.monotonic() - self.begun, text), flush=True)

    def after_pass(self, agent):
        """What a pass said, what the outside saw since, and the table when a stage changed."""
        done = agent.passes[-1]
        for text in (done.out + done.err).splitlines():
            print("          | " + text, flush=True)
        shown = self.world.dig_all()
        presented = {address: self.probe.last_key(address) for address in self.world.endpoints}
        seen = (shown, presented)
        if seen != self.last_seen:
            self.last_seen = seen
            self.line("authorities show %s; Postfix presents %s; %d DANE handshakes, %d failed" % (
                self._records(shown), "/".join(sorted({(k or "-")[:8] for k in presented.values()})),
                len(self.probe.handshakes), len(self.probe.failures())))
        stages = agent.stages()
        if stages != self.last_stages:
            for spki, stage in stages.items():
                before = self.last_stages.get(spki)
                if before != stage:
                    self.line("key %s: %s%s" % (spki[:8], before + " -> " if before else "", stage))
            self.last_stages = stages
            print("\n" + "".join("    %s\n" % text for text in agent.table().splitlines()), flush=True)

    @staticmethod
    def _records(shown):
        counts = {}
        for records in shown.values():
            text = "no answer" if records is None else " + ".join(sorted(r[6:14] for r in records)) or "nothing"
            counts[text] = counts.get(text, 0) + 1
        return ", ".join("%s (%d of %d)" % (text, count, len(shown)) for text, count in counts.items())


def rollover(show, world, program):
    """Adoption, publication, the wait, deployment, retirement."""
    agent = Agent(world, program, on_pass=show.after_pass)
    show.line("danesafe run, once a second: the first pass adopts the host and changes nothing")
    agent.run()
    agent.run_until(lambda: agent.in_stage("ready"), LIMIT, "a next key is ready")
    show.line("the next key rests in ready: every authority shows it and no cache can lack it")
    show.line("danesafe rollover %s --reason demonstration" % lab_world.HOST)
    agent.must("rollover", lab_world.HOST, "--reason", "demonstration")
    agent.run_until(agent.old_is_over, LIMIT, "the old key is retired")
    handshakes = len(show.probe.handshakes)
    wait_until(lambda: len(show.probe.handshakes) > handshakes + 16, 30, "some handshakes after the end")
    presented = {show.probe.last_key(address) for address in world.endpoints}
    if world.old_spki in presented or len(presented) != 1:
        raise Problem("the endpoints do not present one new key")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--danesafe", default=os.environ.get("DANESAFE"), metavar="PATH")
    options = parser.parse_args()
    reason = lab_world.missing()
    if not options.danesafe or not os.access(options.danesafe, os.X_OK):
        reason = reason or "no danesafe: give --danesafe PATH or set DANESAFE"
    if reason:
        print("the demonstration cannot run: %s" % reason)
        return 77
    show = Show()
    work = netns.enter(lab_world.ADDRESSES)
    world = show.world = lab_world.World(work)
    try:
        with world:
            show.line("a private Internet is up: signed root, org. and example.org (Knot, NSD, BIND: 5 addresses),")
            show.line("two validating Unbounds, Postfix as mx1.example.org on 127.0.0.41 and fd00::41")
            with Probe(world, lab_world.OWNER, lab_world.HOST) as probe:
                show.probe = probe
                wait_until(lambda: len(probe.handshakes) >= 8, 20, "the first handshakes")
                show.line("a sender connects 8 times a second: posttls-finger -l dane-only")
                rollover(show, world, options.danesafe)
    except (Problem, OSError) as problem:
        show.line("stopped: %s" % problem)
        for name in ("danesafe.log",):
            if name in world.logs():
                with open(world.logs()[name], encoding="utf-8") as lines:
                    print("".join("    " + line for line in lines.readlines()[-40:]))
        return 1
    bad = probe.failures()
    for shake in bad[:5]:
        show.line("failed: %s %s" % (shake.address, shake.verdict))
    show.line("DANE handshakes made by posttls-finger -l dane-only: %d; failures: %d"
              % (len(probe.handshakes), len(bad)))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
