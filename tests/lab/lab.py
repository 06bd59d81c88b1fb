"""The lab's driver: each case in a world of its own, several at once; never leaves a process or a mount behind.

Prints `ok - case: promise` or `not ok - case: promise`, comments with #, and the totals last.
Exit: 0 all well, 1 a promise is broken, 77 the lab cannot run here, 64 usage.
"""
import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

sys.dont_write_bytecode = True
import netns
import world as lab_world
from cases import CASES, NEEDS_NO_DANESAFE, run_case

CASE_LIMIT = 420  # seconds; a case that takes longer hangs
SKIP = 77


def arguments():
    parser = argparse.ArgumentParser(description="danesafe against real servers, in network namespaces of its own")
    parser.add_argument("cases", nargs="*", metavar="CASE", help="default: all; see --list")
    parser.add_argument("--danesafe", default=os.environ.get("DANESAFE"), metavar="PATH",
                        help="the program under test (default: $DANESAFE)")
    parser.add_argument("--jobs", type=int, default=4, help="worlds at the same time (default 4)")
    parser.add_argument("--logs", metavar="DIR", help="copy every log and configuration to DIR/CASE at the end")
    parser.add_argument("--list", action="store_true", help="the cases and what they promise")
    parser.add_argument("--keep", choices=["shell", "shell2"],
                        help="no case: one world and a shell in it; shell2: with the second Postfix")
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    unknown = [name for name in options.cases if name not in CASES]
    if unknown:
        parser.error("no such case: " + " ".join(unknown))
    return options


def keep_logs(work, directory):
    """What the world wrote, without sockets and databases that grow large by design."""
    def skip(folder, names):
        return [name for name in names if not os.path.isdir(os.path.join(folder, name))
                and (not os.path.isfile(os.path.join(folder, name)) or name.endswith(".mdb"))]
    shutil.copytree(work, directory, ignore=skip, dirs_exist_ok=True, ignore_dangling_symlinks=True)


def one(name, options):
    """Inside: run the case and end."""
    netns.die_with_parent()
    work = netns.enter(lab_world.ADDRESSES)
    good = run_case(name, work, options.danesafe)
    if options.logs:
        keep_logs(work, os.path.join(options.logs, name))
    return 0 if good else 1


def shell(options):
    """Inside: everything runs, a person types."""
    import pty
    work = netns.enter(lab_world.ADDRESSES)
    with lab_world.World(work, second_endpoint=options.keep == "shell2") as world:
        config = world.write_config()
        os.environ.update(DANESAFE_LAB=work, MAIL_CONFIG=world.path("sender"),
                          PYTHONPATH=os.path.dirname(os.path.abspath(__file__)))
        program = os.path.abspath(options.danesafe) if options.danesafe else "danesafe"
        print("Everything runs. Logs, configurations: %s\n"
              "  %s -c %s run\n"
              "  posttls-finger -c -l dane-only '[%s]:25'     the sender's view\n"
              "  /usr/bin/python3 %s 10     ten seconds of handshakes\n"
              "  dig +norec +dnssec @127.0.0.22 %s TLSA\n"
              "  nsupdate -k %s     (server %s)\n"
              "  postconf -c %s -e …; postfix -c %s reload\n"
              "`exit` ends it all." % (
                  work, program, config, lab_world.HOST,
                  os.path.join(os.path.dirname(os.path.abspath(__file__)), "probe.py"), lab_world.OWNER,
                  world.tsig_file, lab_world.PRIMARY[0], world.postfix.dir, world.postfix.dir), flush=True)
        argv = [os.environ.get("SHELL", "/bin/sh")]
        if sys.stdin.isatty():
            pty.spawn(argv)
        else:
            subprocess.call(argv)
    return 0


class Runner:
    """Runs cases as processes, prints what each said when it ends."""

    def __init__(self, options):
        self.options, self.running, self.lock = options, set(), threading.Lock()
        self.waiting, self.stopped = [], False
        self.good = self.bad = 0
        self.broken = []

    def command(self, name):
        argv = [sys.executable, os.path.abspath(__file__), "--one", name]
        for option in ("danesafe", "logs"):
            value = getattr(self.options, option)
            if value:
                argv += ["--" + option, os.path.abspath(value)]
        return argv

    def case(self, name):
        with self.lock:
            if self.stopped:
                return
            process = subprocess.Popen(self.command(name), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                       stderr=subprocess.STDOUT, encoding="utf-8", errors="replace")
            self.running.add(process)
        try:
            text = process.communicate(timeout=CASE_LIMIT)[0]
        except subprocess.TimeoutExpired:
            process.terminate()
            text = process.communicate()[0] + "not ok - %s: ends within %d s\n" % (name, CASE_LIMIT)
        with self.lock:
            self.running.discard(process)
            lines = text.splitlines()
            bad = sum(line.startswith("not ok ") for line in lines)
            if process.returncode != 0 and not bad:
                text += "not ok - %s: the case ended with exit %d\n" % (name, process.returncode)
                bad = 1
            self.good += sum(line.startswith("ok ") for line in lines)
            self.bad += bad
            if bad:
                self.broken.append(name)
            print(text, end="", flush=True)

    def all(self, names):
        self.waiting = list(names)

        def work():
            while True:
                with self.lock:
                    if not self.waiting or self.stopped:
                        return
                    name = self.waiting.pop(0)
                self.case(name)
        threads = [threading.Thread(target=work) for _ in range(max(1, min(self.options.jobs, len(names))))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def stop(self, *_):
        """A signal handler, so without the lock: end the worlds, which clean up themselves, and begin no other."""
        self.stopped = True
        for process in list(self.running):
            process.terminate()


def main():
    options = arguments()
    if options.list:
        for name, function in CASES.items():
            print("%-12s%s" % (name, function.__doc__))
        return 0
    reason = lab_world.missing()
    names = options.cases or list(CASES)
    if not options.keep and not options.danesafe and set(names) - NEEDS_NO_DANESAFE:
        reason = reason or "no danesafe to test: give --danesafe PATH or set DANESAFE"
    if options.danesafe and not os.access(options.danesafe, os.X_OK):
        reason = reason or "%s is not a program" % options.danesafe
    if reason:
        print("1..0 # SKIP the lab cannot run: %s" % reason)
        return SKIP
    if options.one:
        return one(names[0], options)
    if options.keep:
        return shell(options)
    # the worlds' directories are inside of one that goes away even when a world was killed
    top = tempfile.mkdtemp(prefix="danesafe-lab.")
    os.chmod(top, 0o755)
    os.environ["TMPDIR"] = top
    runner, begun = Runner(options), time.monotonic()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, runner.stop)
    try:
        runner.all(names)
    finally:
        shutil.rmtree(top, ignore_errors=True)
    print("# lab: %d ok, %d not ok, %d cases, %.0f s%s" % (
        runner.good, runner.bad, len(names), time.monotonic() - begun,
        "; broken: " + " ".join(runner.broken) if runner.broken else ""))
    return 1 if runner.bad or runner.stopped or not runner.good else 0


if __name__ == "__main__":
    sys.exit(main())
