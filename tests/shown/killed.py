#!/usr/bin/env python3
"""After a pass that was killed, a gap is still noticed. Root only, in a network namespace of its own, where no resolver
answers."""
import os
import sqlite3
import subprocess

import shown

HOUR = 3600
KILL = "#!/bin/sh\nkill -KILL $PPID\n"
SAID = "no run ended for"


def run(state):
    return subprocess.run([shown.DANESAFE, "-c", state.config, "run"], capture_output=True, text=True, timeout=120,
                          check=False)


def agent(state, change=None):
    """When the last pass began and ended."""
    with sqlite3.connect(os.path.join(state.folder, "state", "state.db")) as db:
        if change:
            db.execute("UPDATE agent SET " + change)
        return db.execute("SELECT started, finished FROM agent").fetchone()


def inside():
    results = shown.Results()
    with shown.State("s01-happy-path") as state:
        state.write("kill", KILL, 0o755)
        with open(state.config, encoding="utf-8") as f:
            config = f.read()
        state.write("danesafe.yaml", config.replace("alert:\n", f"alert:\n  command: [{state.folder}/kill]\n"))
        killed = run(state)
        began, ended = agent(state)
        results.check(killed.returncode == -9 and began > 0 and ended == 0, "a pass is killed while it tells",
                      (killed, began, ended))
        state.write("danesafe.yaml", config)
        results.check(SAID not in run(state).stderr, "another soon after is no gap")
        for since, gap in ((27 * HOUR, True), (1 * HOUR, False)):
            agent(state, f"started = started - {since}, finished = 0")
            said = run(state).stderr
            results.check((f"{SAID} {since // HOUR} h" in said) == gap,
                          f"{since // HOUR} h after it began is {'a' if gap else 'no'} gap", said)
        agent(state, "started = 0, finished = 0")
        said = run(state).stderr
        results.check(SAID not in said, "before the first pass there is no gap", said)
    results.end()


if __name__ == "__main__":
    shown.in_a_network_of_its_own(inside)
