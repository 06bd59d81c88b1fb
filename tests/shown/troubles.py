#!/usr/bin/env python3
"""What is wrong with danesafe itself shows wherever hosts do: runs that fail, people who cannot be told. Root only."""
import json
import os
import re
import sqlite3
import subprocess
import sys

import shown

FOR = r"for \d+ \w+"  # how busy the machine is
SAID = re.compile(r"run-failed WARNING " + FOR + r": the last run failed \(signal KILL\)")
PAGE = re.compile("run-failed " + FOR)
LINE = re.compile("DANESAFE WARNING - run-failed " + FOR + ": ")


def code_of(state, *words):
    return subprocess.run([shown.DANESAFE, "-c", state.config, *words], stdout=subprocess.DEVNULL, timeout=60,
                          check=False).returncode


def shows(results, state, wrong):
    """In each form, and in its exit status: that it is wrong, or nothing of it."""
    said = "shows it" if wrong else "says nothing of it"
    table = state.run("status")
    results.check(bool(SAID.search(table)) == wrong, f"status {said}", table)
    whole = state.run("status", "-v", "mx.example")
    results.check(bool(SAID.search(whole)) == wrong, f"status -v {said}", whole)
    page = os.path.join(state.folder, "page.html")
    state.run("status", "--html", page)
    with open(page, encoding="utf-8") as f:
        results.check(bool(PAGE.search(f.read())) == wrong, f"status --html {said}")
    top = json.loads(state.run("status", "--json"))
    results.check([one["code"] for one in top["alerts"]] == (["run-failed"] if wrong else []), f"status --json {said}",
                  top["alerts"])
    results.check((top["health"] == "warning") == wrong, f"its health {said}", top["health"])
    line = state.run("check", codes=(0, 1))
    results.check(bool(LINE.match(line)) == wrong, f"check {said}", line)
    codes = [code_of(state, *words) for words in (["status"], ["status", "--json"], ["status", "--short"],
                                                  ["status", "-v", "mx.example"], ["check"])]
    results.check(codes == [int(wrong)] * 5, f"each exits {int(wrong)}", codes)


def main():
    if os.geteuid() != 0:
        sys.exit(shown.SKIP)
    results = shown.Results()
    with shown.State("s01-happy-path") as state:
        with sqlite3.connect(os.path.join(state.folder, "state", "state.db")) as db:
            db.execute("DELETE FROM concern")  # the host is well
        shows(results, state, False)
        subprocess.run([shown.DANESAFE, "-c", state.config, "alert", "failed", "signal", "KILL"],
                       stderr=subprocess.DEVNULL, timeout=60, check=True)
        shows(results, state, True)
        with sqlite3.connect(os.path.join(state.folder, "state", "state.db")) as db:
            db.execute("UPDATE concern SET over_at = since")
        shows(results, state, False)
    results.end()


if __name__ == "__main__":
    main()
