#!/usr/bin/env python3
"""What a person reads who asks for what cannot be: messages.txt, word by word.

Each message says what is wrong, where, and what to do. Usage: messages.py [--write]; --write makes the list anew
from what the program says now: read it aloud before it is kept. Root only, as most of these verbs are.
"""
import difflib
import fcntl
import os
import re
import sqlite3
import subprocess
import sys

import shown

LIST = os.path.join(shown.HERE, "messages.txt")
STORY = ("o01-paused", 22)
HOST = "mx.example"

# What was done to the state before, and the words after `danesafe`; FOLDER is where all of it lies.
CASES = [
    ("as it is", [
        "", "statsu", "frobnicate", "-x", "-c FOLDER/none.yaml status", "-c FOLDER status", "help pasue",
        "status mx.exampel", "status nowhere.example.net", "status -v", "status -v mx.example 99", "status --jsn",
        "status --html", "status --html FOLDER/none/page.html", "status --html FOLDER",
        "plan --until tomorrow", "plan --until 2020-01-01", "plan --until 99y", "plan mx.exampel",
        "history --since 3", "history --since -3d", "check mx.exampel", "check -x", "records", "records mx.exampel",
        "verify --port 0", "verify --port smtp",
        "run mx.exampel", "run --dryrun", "run --splay 5", "run --splay soon",
        "rollover", "rollover mx.example", "rollover mx.example --slot dsa --reason x",
        "rollover mx.example --slot ecdsa --reason x", "rollover mx.example mx2.example --reason x",
        "rollover mx.example --reason",
        "advance mx.example", "advance mx.example 0101 --to sleeping --skip hold --reason x",
        "advance mx.example 0101 --to ready --skip luck --reason x", "advance mx.example 0101 --to ready --skip hold",
        "advance mx.example 0101 --to ready --skip hold --reason x",
        "forget mx.example", "forget mx.example _25._tcp.mx.example", "forget mx.example nowhere --reason x",
        "forget mx.example _25._TCP.mx.example --reason x",
        "pause", "pause mx.example", "pause mx.example --reason x --until 2020-01-01",
        "pause mx.example --reason x --until sunday", "pause mx.example --reason x --for 5",
        "pause mx.example --reason x --for 0d", "pause mx.example --reason x --for 5d --until 2099-01-01",
        "pause mx.example --reason x --for 3", "pause mx.example --reason x --for 400d", "pause mx.exampel --reason x",
        "ack", "ack mx.example hold", "ack mx.example hold --for 5", "ack mx.example hold -x", "alert", "alert tset",
        "install-cert", "install-cert mx.example", "install-cert mx.example FOLDER/none.pem",
        "install-cert mx.example FOLDER", "install-cert mx.example FOLDER/danesafe.yaml",
        "resume", "resume mx.exampel", "adopt", "adopt mx.example", "adopt --all", "tls", "tls enable-servers",
        "config", "config chek"]),
    ("it is not paused", ["resume mx.example", "advance mx.example 9999 --to ready --skip hold --reason x",
                          "advance mx.example 0101 --to retired --skip hold --reason x"]),
    ("no run yet", ["status", "plan", "history", "check", "rollover mx.example --reason x",
                    "pause mx.example --reason x", "resume mx.example"]),
    ("not the state of danesafe", ["status", "pause mx.example --reason x", "check"]),
    ("of a newer version", ["status", "pause mx.example --reason x"]),
    ("others may write the state", ["pause mx.example --reason x"]),
    ("a run is on", ["pause mx.example --reason x"]),
    ("settings with faults", ["status", "config check", "check"]),
    ("settings that are no YAML", ["status"]),
    ("settings without hosts", ["status"]),
    ("no TSIG key", ["pause mx.example --reason x"]),
    ("a TSIG key for all to read", ["pause mx.example --reason x"]),
    ("no Postfix", ["pause mx.example --reason x"]),
]

FAULTS = """state-dir: /var/lib/danesafe
retire-hold: 72h
timing:
  rollover-evry: 365d
  settle: 15
  hold-factor: -1
  stuck-warning: 9d
hosts:
  mx1.example.org:
    keys: [rsa-1024]
    services: [25/udp]
    publisher: zome
  mx1.example.org: {}
  mx_2: {}
"""


def prepare(state, what):
    """Returns what must stay open for as long."""
    db = os.path.join(state.folder, "state", "state.db")
    if what == "it is not paused":
        with sqlite3.connect(db) as connection:
            connection.execute("DELETE FROM pause")
        connection.close()
    elif what == "no run yet":
        os.unlink(db)
        os.unlink(db + "-journal")
    elif what == "not the state of danesafe":
        state.write("state/state.db", "this is a letter\n" * 200, 0o640)
    elif what == "of a newer version":
        with sqlite3.connect(db) as connection:
            connection.execute("PRAGMA user_version = 9999")
        connection.close()
    elif what == "others may write the state":
        os.chmod(db, 0o666)
    elif what == "a run is on":
        lock = open(os.path.join(state.folder, "state", "lock"), "w", encoding="utf-8")
        fcntl.flock(lock, fcntl.LOCK_EX)
        return lock
    elif what == "settings with faults":
        state.write("danesafe.yaml", FAULTS)
    elif what == "settings that are no YAML":
        state.write("danesafe.yaml", "hosts: [\n  mx1: {\n")
    elif what == "settings without hosts":
        state.write("danesafe.yaml", "state-dir: /var/lib/danesafe\n")
    elif what == "no TSIG key":
        os.unlink(os.path.join(state.folder, "tsig.key"))
    elif what == "a TSIG key for all to read":
        os.chmod(os.path.join(state.folder, "tsig.key"), 0o644)
    elif what == "no Postfix":
        os.unlink(os.path.join(state.folder, "postfix", "main.cf"))
    return None


def same_anywhere(text, folder):
    """Without what differs from run to run."""
    text = text.replace(folder, "FOLDER")
    text = re.sub(r"[0-9]{4}-[01][0-9]-[0-3][0-9][T ][0-9:]{5,8}(Z| UTC)", "MOMENT", text)
    text = re.sub(r"\b[0-9]+ (s|min|h|d)\b", "SPAN", text)
    text = re.sub(r"last_run_age=[0-9]+", "last_run_age=N", text)
    text = re.sub(r"(usage: danesafe \[-c FILE\].*\n\n)(  [a-z-]+ .*\n)+", r"\1  (the verbs)\n", text)
    return re.sub(r"versions up to [0-9]+", "versions up to N", text)


def ask(state, words):
    argv = [word.replace("FOLDER", state.folder) for word in words.split()]
    if "-c" not in argv:
        argv = ["-c", state.config] + argv
    done = subprocess.run(["danesafe"] + argv, executable=shown.DANESAFE, stdin=subprocess.DEVNULL, timeout=60,
                          check=False, text=True, capture_output=True)
    said = same_anywhere(done.stdout + done.stderr, state.folder).rstrip("\n")
    return f"$ danesafe {words}".rstrip() + f"    [{done.returncode}]\n{said}\n"


def listing():
    parts = []
    for what, questions in CASES:
        parts.append(f"\n==== {what} ====\n\n")
        with shown.State(*STORY) as state:
            kept = prepare(state, what)
            parts += [ask(state, words) + "\n" for words in questions]
            if kept is not None:
                kept.close()
    return "".join(parts).lstrip("\n")


def main():
    if os.geteuid() != 0:
        print("skipped: needs to be root")
        sys.exit(shown.SKIP)
    now = listing()
    if sys.argv[1:] == ["--write"]:
        with open(LIST, "w", encoding="utf-8") as f:
            f.write(now)
        return
    with open(LIST, encoding="utf-8") as f:
        kept = f.read()
    results = shown.Results()
    results.check(kept == now, "who asks for what cannot be reads what is kept in messages.txt",
                  "\n" + "".join(difflib.unified_diff(kept.splitlines(True), now.splitlines(True), "kept", "now")))
    codes = re.findall(r"^\$ danesafe.*\[(-?[0-9]+)\]$", kept, re.M)
    results.check("0" not in codes and all(0 < int(code) < 128 for code in codes),
                  f"none of {len(codes)} is told that all is well", codes)
    silent = re.findall(r"^(\$ danesafe.*\])\n\n", kept, re.M)
    results.check(not [line for line in silent if "[75]" not in line], "nobody is left without a word", silent)
    results.end()


if __name__ == "__main__":
    main()
