"""`danesafe tls` against `postfix tls`: the same calls in private copies of one instance; never the machine's own.

Every case runs three times: postfix tls, danesafe tls, and danesafe in the place of Postfix's script. Prints
`ok - CASE` or `not ok - CASE: what differs`, comments with #, and the totals last.
Exit: 0 all the same, 1 something differs, 77 this cannot run here, 2 usage.
"""
import argparse
import concurrent.futures
import fnmatch
import os
import pprint
import shutil
import subprocess
import sys
import time

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(1, os.path.join(HERE, os.pardir, "lab"))
import netns
import cases_call
import cases_csr
import cases_dane
import cases_deploy
import cases_enable
import cases_key
import materials
import resolver
from case import Keys
from instance import Instance, ask_postconf

SKIP = 77
MODULES = (cases_call, cases_enable, cases_key, cases_deploy, cases_csr, cases_dane)
CASES = [case for module in MODULES for case in module.CASES]
PROGRAMS = "postfix postconf openssl mount ip".split()


def arguments():
    parser = argparse.ArgumentParser(description="danesafe tls against postfix tls")
    parser.add_argument("cases", nargs="*", metavar="CASE", help="name or pattern; default: all")
    parser.add_argument("--danesafe", default=os.environ.get("DANESAFE"), metavar="PATH",
                        help="the program under test (default: $DANESAFE)")
    parser.add_argument("--jobs", type=int, default=8, help="cases at the same time (default 8; they mostly wait)")
    parser.add_argument("--peer-only", action="store_true", help="run only postfix tls, and print what it did")
    parser.add_argument("--list", action="store_true", help="the cases")
    parser.add_argument("--verbose", action="store_true", help="print the messages and what came out of each run")
    options = parser.parse_args()
    names = [case.name for case in CASES]
    assert len(set(names)) == len(names), sorted(n for n in names if names.count(n) > 1)
    options.chosen = [case for case in CASES if not options.cases or any(
        fnmatch.fnmatchcase(case.name, pattern) for pattern in options.cases)]
    if not options.chosen:
        parser.error("no such case")
    return options


def missing(options):
    """Why this cannot run here, or None."""
    os.environ["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    if os.geteuid() != 0:
        return "not root"
    for program in PROGRAMS:
        if not shutil.which(program):
            return "no program %s" % program
    for name in ("config_directory", "daemon_directory", "meta_directory"):
        if not os.path.isdir(ask_postconf("-dh", name)):
            return "Postfix has no %s" % name
    if not os.path.exists(os.path.join(ask_postconf("-dh", "daemon_directory"), "postfix-tls-script")):
        return "this Postfix has no postfix-tls-script"
    if not options.peer_only and not options.danesafe:
        return "no danesafe to test: give --danesafe PATH or set DANESAFE, or --peer-only"
    if not options.peer_only and not os.access(options.danesafe, os.X_OK):
        return "%s is not a program" % options.danesafe
    return None


def enter():
    """Into a world with no network and no log, whose default instance is an empty one: its directory."""
    work = netns.enter()
    default = ask_postconf("-dh", "config_directory")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", default], check=True)
    main_cf = "compatibility_level = 3.6\nmyhostname = default.example.org\n"
    for name, text in (("main.cf", main_cf), ("master.cf", "")):
        with open(os.path.join(default, name), "w", encoding="ascii") as out:
            out.write(text)
        os.utime(os.path.join(default, name), (time.time() - 3600,) * 2)
    netns.bind_over("/etc/resolv.conf", "nameserver 127.0.0.1\noptions trust-ad\n", work)
    return work


class Bench:
    """What one case stands on: a directory of its own, instances in it."""

    def __init__(self, world, name):
        self.base, self.danesafe = os.path.join(world.work, "cases", name), world.danesafe
        self.materials, self.keys = world.materials, world.keys
        os.makedirs(self.base)

    def instance(self, by, conf=(), folder="etc", name=None):
        return Instance(os.path.join(self.base, name or by), by, self.danesafe, self.materials, conf, folder)


class World:
    """The materials, and the cases one after the other or several at once."""

    def __init__(self, work, options):
        self.work, self.options = work, options
        self.danesafe = None
        if options.danesafe:  # a copy: another user reaches it, and a build at the same time does not change it
            self.danesafe = shutil.copy(options.danesafe, os.path.join(work, "danesafe"))
            os.chmod(self.danesafe, 0o755)
        self.materials = os.path.join(work, "materials")
        materials.make(self.materials, os.path.join(work, "scratch"))
        self.keys = Keys(self.materials)
        self.good = self.bad = 0

    def case(self, case):
        """The lines about a case, and how many of them are good and bad."""
        lines = ["# %s: differs on purpose, %s" % (case.name, case.reason)] if case.reason else []
        try:
            results = self._results(case, Bench(self, case.name), lines)
        except Exception as problem:  # whatever it is, the other cases go on
            results = [(case.name, ["the case ended with %s: %s" % (type(problem).__name__, problem)])]
        for name, complaints in results:
            complaints = [complaint.replace("\n", "\\n") for complaint in complaints]
            lines.append("not ok - %s: %s" % (name, complaints[0]) if complaints else "ok - " + name)
            lines += ["#   %s: and %s" % (name, complaint) for complaint in complaints[1:]]
        return lines, sum(not bad for _, bad in results), sum(bool(bad) for _, bad in results)

    def _results(self, case, bench, lines):
        if case.function:
            return [] if self.options.peer_only else [(case.name, case.function(bench))]
        peer, original = case.run(bench, "peer")
        self._show(lines, "peer", peer)
        complaints = ["postfix tls: " + words for words in case.judge_peer(peer, original, self.keys)]
        if self.options.peer_only:
            return [(case.name, complaints)]
        results = []
        for by in case.ways:
            name = case.name + (" (drop-in)" if by == "drop-in" else "")
            ours, original = case.run(bench, by)
            self._show(lines, by, ours)
            results.append((name, complaints + case.judge_ours(ours, original, self.keys, peer)))
            complaints = []
        return results

    def _show(self, lines, by, told):
        if self.options.verbose or by == "peer" and self.options.peer_only:
            shown = {name: value for name, value in told.items() if name not in ("main.cf", "says", "raw")}
            text = told["raw"].rstrip("\n") + "\n" + pprint.pformat(shown, width=110, compact=True)
            lines += ["#   %s: %s" % (by, line) for line in text.split("\n")]

    def all(self, cases):
        with concurrent.futures.ThreadPoolExecutor(max(1, self.options.jobs)) as pool:
            for future in [pool.submit(self.case, case) for case in cases]:
                lines, good, bad = future.result()
                self.good += good
                self.bad += bad
                if lines:
                    print("\n".join(lines), flush=True)


def main():
    options = arguments()
    if options.list:
        for case in options.chosen:
            print("%-28s%s" % (case.name, case.reason or " ".join(case.words) or case.function.__doc__))
        return 0
    reason = missing(options)
    if reason:
        print("SKIP the comparison cannot run: %s" % reason)
        return SKIP
    try:
        work = enter()
    except OSError as problem:
        print("SKIP the comparison cannot run: %s" % problem)
        return SKIP
    begun = time.monotonic()
    world = World(work, options)
    resolver.serve(world.keys)
    world.all(options.chosen)
    print("# %d cases, %.0f s" % (len(options.chosen), time.monotonic() - begun))
    print("# differential: %d ok, %d not ok" % (world.good, world.bad))
    return 1 if world.bad or not world.good else 0


if __name__ == "__main__":
    sys.exit(main())
