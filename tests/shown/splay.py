#!/usr/bin/env python3
"""`run --splay` waits before it does anything: it holds no lock, and a signal ends it. Root only, as runs are."""
import os
import signal
import subprocess
import sys

import shown


def contents(state):
    with open(os.path.join(state.folder, "state", "state.db"), "rb") as f:
        return f.read()


def main():
    if os.geteuid() != 0:
        sys.exit(shown.SKIP)
    results = shown.Results()
    with shown.State("s01-happy-path") as state:
        before = contents(state)
        # Of thirty years, it is not the first second that is chosen.
        with subprocess.Popen([shown.DANESAFE, "-v", "-c", state.config, "run", "--splay", "10950d"],
                              stderr=subprocess.PIPE, text=True) as run:
            try:
                said = run.stderr.readline()
                results.check("the run begins in" in said, "how long it waits is said when asked", said)
                results.check(contents(state) == before, "nothing is written meanwhile")
                state.run("pause", "mx.example", "--reason", "meanwhile")
                results.check("paused" in state.run("status"), "others may act meanwhile")
            finally:
                run.send_signal(signal.SIGTERM)
            results.check(run.wait(timeout=60) == -signal.SIGTERM, "and a signal ends it", run.returncode)
    results.end()


if __name__ == "__main__":
    main()
