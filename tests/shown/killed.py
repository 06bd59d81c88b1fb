#!/usr/bin/env python3
"""After a pass that was killed, or failed, a gap is still noticed. Root only, in a network namespace of its own, where no resolver
answers."""
import json
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


def fail(state):
    """A run whose state is damaged while it lasts."""
    path = os.path.join(state.folder, "state", "state.db")
    with sqlite3.connect(path) as db:
        (row, good), = db.execute("SELECT id, bytes FROM rrset WHERE length(bytes) > 0 LIMIT 1")
        db.execute("UPDATE rrset SET bytes = ? WHERE id = ?", (b"\xff" * 68, row))
    done = run(state)
    with sqlite3.connect(path) as db:
        db.execute("UPDATE rrset SET bytes = ? WHERE id = ?", (good, row))
    return done.returncode


def failed(results):
    with shown.State("s01-happy-path") as state:
        agent(state, f"started = started - {3 * HOUR}, finished = finished - {3 * HOUR}")
        began, ended = agent(state)
        code = fail(state)
        now = agent(state)
        results.check(code == 74 and now[0] > began and now[1] == ended, "a run that fails begins, and does not end",
                      (code, began, ended, now))
        out = state.run("status")
        results.check("the last one did not end" in out, "status says that it did not end", out)
        last = json.loads(state.run("status", "--json"))["last_run"]
        results.check(last["result"] == "unfinished" and last["finished_at"] is None, "so does its JSON", last)
        out = state.run("check", codes=(1, 2))
        results.check("the last run ended 3 h ago: later ones failed" in out, "check says since when none ended", out)
        for what, was in (("ended", f"finished = started - {27 * HOUR}, started = started - {27 * HOUR}"),
                          ("was killed", f"finished = 0, started = started - {27 * HOUR}")):
            run(state)
            agent(state, was)
            codes = [fail(state), fail(state)]
            said = run(state).stderr
            results.check(codes == [74, 74] and f"{SAID} 27 h" in said,
                          f"runs that fail after one that {what} fill no gap", (codes, said))


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
    failed(results)
    results.end()


if __name__ == "__main__":
    shown.in_a_network_of_its_own(inside)
