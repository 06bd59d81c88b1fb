"""danesafe against hostile name servers and mail servers, in worlds of the lab; prints a line for each case.

`ok - CASE` or `not ok - CASE: what is wrong`, comments with #, and the totals last.
Exit: 0 all well, 1 a case is broken, 77 it cannot run here, 2 usage.
"""
import argparse
import fnmatch
import os
import shutil
import signal
import sys
import tempfile
import time

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(1, os.path.join(os.path.dirname(HERE), "lab"))
import lab
import netns
import room_dns
import room_smtp
import world as lab_world
from servers import Problem

SKIP = 77
KINDS = {"dns": (room_dns, 3), "smtp": (room_smtp, 2)}  # the room, and how many worlds share its cases


def arguments():
    parser = argparse.ArgumentParser(description="danesafe against hostile name servers and mail servers")
    parser.add_argument("cases", nargs="*", metavar="CASE", help="default: all; * and ? work; see --list")
    parser.add_argument("--danesafe", default=os.environ.get("DANESAFE"), metavar="PATH",
                        help="the program under test (default: $DANESAFE)")
    parser.add_argument("--jobs", type=int, default=2, help="worlds at the same time (default 2)")
    parser.add_argument("--logs", metavar="DIR", help="copy every log and configuration to DIR/WORLD at the end")
    parser.add_argument("--list", action="store_true", help="the names of the cases")
    parser.add_argument("--one", metavar="WORLD", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        return options
    everything = [name for kind in KINDS for name in cases_of(kind)]
    for pattern in options.cases:
        if not fnmatch.filter(everything, pattern):
            parser.error("no such case: " + pattern)
    return options


def cases_of(kind):
    return ["%s-%s" % (kind, name) for name in KINDS[kind][0].TABLE]


def missing(options):
    """Why it cannot run here, or None."""
    if lab_world.missing():
        return lab_world.missing()
    if not options.danesafe:
        return "no danesafe to test: give --danesafe PATH or set DANESAFE"
    if not (os.path.isfile(options.danesafe) and os.access(options.danesafe, os.X_OK)):
        return "%s is not a program" % options.danesafe
    return None


# ---- one world


def one(options):
    """Inside: build the world, run the cases, end."""
    netns.die_with_parent()
    module = KINDS[options.one.split("-")[0]][0]
    work = netns.enter(lab_world.ADDRESSES + module.MORE_ADDRESSES)
    rows = [module.TABLE[name.split("-", 1)[1]] for name in options.cases]
    prefix, bad, begun = options.one.split("-")[0], 0, time.monotonic()
    try:
        with module.Room(work, options.danesafe) as room:
            built = time.monotonic()
            for group in module.groups(rows):
                for name, wrong in room.run_group(group).items():
                    bad += bool(wrong)
                    print("%sok - %s-%s%s" % ("not " if wrong else "", prefix, name,
                                              ": " + "; ".join(wrong) if wrong else ""), flush=True)
            print("# %s: %d cases, %d passes, %.0f s and %.0f s to build; the longest pass %.1f s, at most %d MiB" % (
                options.one, len(rows), len(room.agent.passes), time.monotonic() - built, built - begun,
                room.agent.longest, room.agent.most_memory // 1024), flush=True)
    except Problem as problem:
        print("not ok - %s: the world itself: %s" % (options.one, problem), flush=True)
        bad += 1
    if options.logs:
        lab.keep_logs(work, os.path.join(options.logs, options.one))
    return 1 if bad else 0


# ---- all of them


class Runner(lab.Runner):
    """Worlds in place of the lab's cases."""

    def __init__(self, options, worlds):
        super().__init__(options)
        self.worlds = worlds

    def command(self, name):
        argv = super().command(name)
        at = argv.index("--one")
        return [sys.executable, os.path.abspath(__file__), "--one", name] + argv[at + 2:] + ["--"] + self.worlds[name]


def worlds_for(patterns):
    """{world: its cases}, so that each has as much to wait for as the others."""
    found = {}
    for kind, (module, count) in KINDS.items():
        names = [name for name in cases_of(kind)
                 if not patterns or any(fnmatch.fnmatch(name, pattern) for pattern in patterns)]
        rows = [module.TABLE[name.split("-", 1)[1]] for name in names]
        made = sorted(module.groups(rows), key=lambda group: not module.waits(group.rows[0]))
        for at in range(min(count, len(made))):
            found["%s-%d" % (kind, at + 1)] = ["%s-%s" % (kind, row.name)
                                               for group in made[at::count] for row in group.rows]
    return found


def main():
    options = arguments()
    if options.list:
        print("\n".join(name for kind in KINDS for name in cases_of(kind)))
        return 0
    reason = missing(options)
    if reason:
        print("SKIP the hostile servers cannot run: %s" % reason)
        return SKIP
    if options.one:
        return one(options)
    top = tempfile.mkdtemp(prefix="danesafe-hostile.")
    os.chmod(top, 0o755)
    os.environ["TMPDIR"] = top
    worlds, begun = worlds_for(options.cases), time.monotonic()
    runner = Runner(options, worlds)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, runner.stop)
    try:
        runner.all(list(worlds))
    finally:
        shutil.rmtree(top, ignore_errors=True)
    print("# hostile: %d ok, %d not ok, %.0f s" % (runner.good, runner.bad, time.monotonic() - begun))
    return 1 if runner.bad or runner.stopped or not runner.good else 0


if __name__ == "__main__":
    sys.exit(main())
