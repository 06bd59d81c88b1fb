#!/usr/bin/env python3
"""What cannot be printed is an error, whatever it would have said: exit 74; 3 of those that monitoring starts.
Root, in a network namespace of its own."""
import os
import re
import subprocess

import shown

HOST = "mx.example"
PLUGINS = ("check", "verify")
# How each verb is called so that it prints something; None: it cannot be here (tls: tests/tls).
CALLS = {
    "run": ["--dry-run"], "status": [], "verify": [HOST], "check": [], "plan": [], "history": ["--since", "3650d"], "records": [HOST],
    "rollover": [HOST, "--reason", "test"], "advance": None, "pause": [HOST, "--reason", "test"], "resume": None,
    "ack": None, "forget": None, "alert": ["test"], "install-cert": None, "adopt": None, "tls": None,
    "config": ["example"], "help": [], "version": [],
}
MORE = (["status", "--json"], ["status", "--short"], ["status", "-v", HOST], ["plan", "--json"], ["help", "run"],
        ["--help"], ["--version"], ["config", "check"])


def verbs(state):
    return re.findall(r"^  ([a-z-]+)  ", state.run("help"), re.MULTILINE)


def call(state, words, path):
    with open(path, "w", encoding="utf-8") as out:
        done = subprocess.run([shown.DANESAFE, "-c", state.config, *words], stdout=out, stderr=subprocess.PIPE,
                              text=True, timeout=120, check=False)
    return done.returncode, done.stderr


def promised(words):
    return 3 if words[0] in PLUGINS else 74


def each(results, state, words):
    path = os.path.join(state.folder, "out")
    code, _ = call(state, words, "/dev/full")
    call(state, words, path)
    results.check(os.path.getsize(path) > 0, f"{' '.join(words)}: prints something")
    results.check(code == promised(words), f"{' '.join(words)}: {promised(words)} when it cannot", code)


def inside():
    results = shown.Results()
    with shown.State("s01-happy-path") as state:
        results.check(sorted(verbs(state)) == sorted(CALLS), "every verb is tried", verbs(state))
        for verb, words in CALLS.items():
            if words is not None:
                each(results, state, [verb, *words])
        for words in MORE:
            each(results, state, words)
        code, said = call(state, ["status"], "/dev/full")
        results.check(said == "danesafe: standard output: No space left on device\n", "and says why", said)
        code, _ = call(state, ["records", "nowhere.example"], "/dev/full")
        results.check(code == 64, "what fails before fails as ever", code)
        os.symlink(shown.DANESAFE, os.path.join(state.folder, "check_danesafe"))
        with open("/dev/full", "w", encoding="utf-8") as full:
            code = subprocess.run([os.path.join(state.folder, "check_danesafe"), "-c", state.config], stdout=full,
                                  stderr=subprocess.DEVNULL, timeout=60, check=False).returncode
        results.check(code == 3, "the plugin is UNKNOWN", code)
    results.end()


if __name__ == "__main__":
    shown.in_a_network_of_its_own(inside)
