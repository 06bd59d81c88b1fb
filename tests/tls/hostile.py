"""`danesafe tls` in a hostile world: bad input, full disks, signals, many calls at once.

Each case runs in mount, network and process namespaces of its own; the machine's Postfix is not touched.
Prints `ok - CASE` or `not ok - CASE: what is wrong`, and the totals last.
Exit: 0 all well, 1 a case failed, 2 usage, 77 it cannot run here.
"""
import argparse
import fnmatch
import json
import os
import select
import shutil
import signal
import sys
import tempfile
import time
import traceback

sys.dont_write_bytecode = True
import hostile_args
import hostile_env
import hostile_files
import hostile_main_cf
import hostile_many
import hostile_material
import hostile_names
import hostile_signals
import hostile_system
from hostile_room import Room, Skip, die_with_parent, leave_the_machine

MODULES = (hostile_args, hostile_names, hostile_files, hostile_system, hostile_main_cf, hostile_env, hostile_many,
           hostile_signals)
CASES = {name: function for module in MODULES for name, function in module.CASES.items()}
# what mostly waits comes first, so that the end has no long tail
FIRST = hostile_signals.SLOW + hostile_many.SLOW
CASE_LIMIT = 120  # seconds; a case that takes longer hangs
SKIP = 77


def arguments():
    parser = argparse.ArgumentParser(description="danesafe tls against bad input, full disks, signals and itself")
    parser.add_argument("cases", nargs="*", metavar="CASE", help="default: all; * and ? work; see --list")
    parser.add_argument("--danesafe", default=os.environ.get("DANESAFE"), metavar="PATH",
                        help="the program under test (default: $DANESAFE)")
    parser.add_argument("--jobs", type=int, default=2, help="cases at the same time (default 2)")
    parser.add_argument("--times", action="store_true", help="say how long each case took")
    parser.add_argument("--list", action="store_true", help="the names of the cases")
    options = parser.parse_args()
    for pattern in options.cases:
        if not fnmatch.filter(CASES, pattern):
            parser.error("no such case: " + pattern)
    return options


def chosen(patterns):
    names = sorted(CASES, key=lambda name: name not in FIRST)
    return [name for name in names if not patterns or any(fnmatch.fnmatch(name, pattern) for pattern in patterns)]


def missing(options):
    """Why it cannot run here, or None."""
    if os.geteuid() != 0:
        return "it needs root"
    for path in ("/usr/sbin/postconf", "/usr/sbin/postlog", "/etc/postfix", "/usr/bin/openssl"):
        if not os.path.exists(path):
            return "%s is missing: Postfix and openssl must be installed" % path
    if not options.danesafe:
        return "no danesafe to test: give --danesafe PATH or set DANESAFE"
    if not (os.path.isfile(options.danesafe) and os.access(options.danesafe, os.X_OK)):
        return "%s is not a program" % options.danesafe
    pid = os.fork()
    if pid == 0:
        try:
            leave_the_machine()
        except OSError as problem:
            print(problem)
            sys.stdout.flush()
            os._exit(1)
        os._exit(0)
    return "no namespaces for it" if os.waitpid(pid, 0)[1] else None


# ---- one case, in a child's child


def verdict(name, top, program, number):
    """(ok, text) of a case; the first process of a namespace runs this."""
    try:
        wrong = CASES[name](Room(top, program, number))
    except Skip as reason:
        return True, " # SKIP %s" % reason
    except Exception as problem:
        where = traceback.extract_tb(problem.__traceback__)[-1]
        return False, ": the case itself failed: %s: %s (%s:%d)" % (
            type(problem).__name__, problem, os.path.basename(where.filename), where.lineno)
    return not wrong, ": " + "; ".join(wrong[:6]) + (" ... %d more" % (len(wrong) - 6) if len(wrong) > 6 else "") \
        if wrong else ""


def child(name, top, program, number, out):
    """Never returns. The verdict goes to out, as JSON."""
    code = 1
    try:
        die_with_parent()
        leave_the_machine()
        first = os.fork()
        if first == 0:
            die_with_parent()
            with os.fdopen(out, "w", encoding="utf-8", errors="backslashreplace") as stream:
                json.dump(verdict(name, top, program, number), stream)
        else:
            os.waitpid(first, 0)
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


class Runner:
    """So many cases at a time; one process that only waits."""

    def __init__(self, top, program, options):
        self.top, self.program, self.jobs, self.times = top, program, max(1, options.jobs), options.times
        self.running = {}  # reading end: (name, pid, text so far, deadline)
        self.good, self.bad, self.skipped, self.number = 0, [], 0, 0

    def start(self, name):
        reader, writer = os.pipe()
        sys.stdout.flush()
        self.number += 1
        pid = os.fork()
        if pid == 0:
            os.close(reader)
            child(name, self.top, self.program, self.number, writer)
        os.close(writer)
        self.running[reader] = [name, pid, b"", time.monotonic() + CASE_LIMIT]

    def end(self, reader):
        name, pid, text, deadline = self.running.pop(reader)
        os.close(reader)
        os.waitpid(pid, 0)
        try:
            good, more = json.loads(text)
        except ValueError:
            good, more = False, ": the case died or took more than %d s" % CASE_LIMIT
        if good:
            self.good += 1
            self.skipped += "# SKIP" in more
        else:
            self.bad.append(name)
        if self.times:
            more += " # %.1f s" % (time.monotonic() - deadline + CASE_LIMIT)
        print("%sok - %s%s" % ("" if good else "not ", name, more), flush=True)

    def all(self, names):
        names = list(names)
        while names or self.running:
            while names and len(self.running) < self.jobs:
                self.start(names.pop(0))
            for reader in select.select(list(self.running), [], [], 1.0)[0]:
                data = os.read(reader, 65536)
                self.running[reader][2] += data
                if not data:
                    self.end(reader)
            for _, pid, _, deadline in list(self.running.values()):
                if time.monotonic() > deadline:
                    os.kill(pid, signal.SIGKILL)

    def stop(self):
        for _, pid, _, _ in self.running.values():
            os.kill(pid, signal.SIGKILL)


def leave(number, _frame):
    raise SystemExit(128 + number)


def main():
    options = arguments()
    if options.list:
        print("\n".join(CASES))
        return 0
    reason = missing(options)
    if reason:
        print("SKIP the hostile cases cannot run: %s" % reason)
        return SKIP
    begun = time.monotonic()
    top = tempfile.mkdtemp(prefix="danesafe-hostile.")
    os.chmod(top, 0o755)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, leave)
    runner = None
    try:
        for name in ("room", "material", "disk"):
            os.mkdir(os.path.join(top, name))
        program = shutil.copy(options.danesafe, os.path.join(top, "danesafe"))
        hostile_material.make(os.path.join(top, "material"))
        runner = Runner(top, program, options)
        runner.all(chosen(options.cases))
    finally:
        if runner:
            runner.stop()
        shutil.rmtree(top, ignore_errors=True)
    print("# hostile: %d ok, %d not ok, %d of the ok skipped, %.0f s%s" % (
        runner.good, len(runner.bad), runner.skipped, time.monotonic() - begun,
        "; broken: " + " ".join(runner.bad) if runner.bad else ""))
    return 1 if runner.bad or not runner.good else 0


if __name__ == "__main__":
    sys.exit(main())
