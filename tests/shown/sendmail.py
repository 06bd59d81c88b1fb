#!/usr/bin/env python3
"""A sendmail that hangs, fails or dies stops no pass and loses no mail. Root only, in a network namespace of its own,
where no resolver answers and the host therefore needs attention."""
import os
import select
import subprocess

import shown

# Each leaves its process ids, and a child's; none reads what it is given, unless it says so.
LEAVE = "#!/bin/sh\nsleep 1000 &\necho $$ $! >{pids}\n"
HANG = LEAVE + "wait\n"
DEAF = "#!/bin/sh\ntrap '' TERM\nsleep 1000 &\necho $$ $! >{pids}\nwhile :; do wait; done\n"
BUSY = "#!/bin/sh\necho 'queue file write error' >&2\nexit 75\n"
DIES = "#!/bin/sh\nkill -SEGV $$\n"
TAKES = "#!/bin/sh\ncat >>{mails}\n"

CASES = (
    ("hangs", HANG, "stopped after 1.0 s"),
    ("hangs, and hears no TERM", DEAF, "stopped after 1.0 s"),
    ("is busy", BUSY, "exit status 75: queue file write error"),
    ("dies", DIES, "ended by SIGSEGV"),
)


def lives(pid):
    """When it was killed, it may still be about to go."""
    try:
        fd = os.pidfd_open(int(pid))
    except ProcessLookupError:
        return False
    try:
        return not select.select([fd], [], [], 5)[0]
    finally:
        os.close(fd)


class Case:
    def __init__(self, state):
        self.state = state
        self.pids, self.mails = (os.path.join(state.folder, name) for name in ("pids", "mails"))
        with open(state.config, encoding="utf-8") as f:
            config = f.read()
        state.write("danesafe.yaml", config.replace(
            "alert:\n", f"alert:\n  mail-to: [root]\n  sendmail: {state.folder}/sendmail\n  timeout: 1s\n"))

    def run(self, sendmail):
        self.state.write("sendmail", sendmail.format(pids=self.pids, mails=self.mails), 0o755)
        return subprocess.run([shown.DANESAFE, "-c", self.state.config, "run"], capture_output=True, text=True,
                              timeout=120, check=False)

    def left(self):
        """Those of the program and its child that still live."""
        if not os.path.exists(self.pids):
            return []
        with open(self.pids, encoding="ascii") as f:
            pids = f.read().split()
        os.unlink(self.pids)
        return [pid for pid in pids if lives(pid)]

    def mail(self):
        if not os.path.exists(self.mails):
            return ""
        with open(self.mails, encoding="ascii") as f:
            return f.read()


def inside():
    results = shown.Results()
    with shown.State("s01-happy-path") as state:
        case = Case(state)
        for what, program, why in CASES:
            done = case.run(program)
            said = f"alerts by mail: {state.folder}/sendmail: {why}"
            results.check(done.returncode == 1 and said in done.stderr, f"one that {what}: the pass ends, and says so",
                          (done.returncode, done.stderr))
            left = case.left()
            results.check(not left, f"one that {what}: nothing of it is left", left)
        told = state.run("history")
        results.check("alert-failed WARNING" in told and all(why in told for _, _, why in CASES),
                      "each is in the history, and is alert-failed", told)
        done = case.run(TAKES)
        results.check("(key-file)" in case.mail() and "alerts by mail:" not in done.stderr,
                      "the first that takes mail gets what was not told", (case.mail(), done.stderr))
        before = case.mail()
        case.run(TAKES)
        results.check(case.mail() == before, "once", case.mail()[len(before):])
    results.end()


if __name__ == "__main__":
    shown.in_a_network_of_its_own(inside)
