#!/usr/bin/env python3
"""Nobody overlooks a pause: it shows wherever the host does, and ends by hand. Root only, as the verbs are."""
import json
import os
import sys

import shown

HOST = "mx.example"
REASON = "the primary is replaced"


def shows(state, paused, results, when):
    """Everywhere, or nowhere."""
    document = json.loads(state.run("status", "--json"))["hosts"][0]
    waiting = [guard for key in document["keys"] for guard in key["next"]["waiting_for"]]
    seen = {
        "status": "paused until" in state.run("status") and REASON in state.run("status"),
        "status --short": " paused until=" in state.run("status", "--short"),
        "the phase": document["phase"] == "paused",
        "paused": document["paused"],
        "pause": (document["pause"] or {}).get("reason") == REASON,
        "what keys wait for": "pause" in waiting,
        "check": "is paused until" in state.run("check"),
        "the page": "Paused until" in page(state) and REASON in page(state),
    }
    results.check(set(seen.values()) == {paused}, f"{when} it shows {'everywhere' if paused else 'nowhere'}", seen)


def page(state):
    path = os.path.join(state.folder, "page.html")
    state.run("status", "--html", path)
    with open(path, encoding="ascii") as f:
        return f.read()


def first_step(state):
    return json.loads(state.run("plan", "--json", "--until", "100d"))["steps"][0]["at"]


def main():
    if os.geteuid() != 0:
        print("skipped: needs to be root")
        sys.exit(shown.SKIP)
    results = shown.Results()
    with shown.State("s01-happy-path", 19) as state:  # published, and the hold runs
        shows(state, False, results, "before")
        before = first_step(state)
        said = state.run("pause", HOST, "--for", "20d", "--reason", REASON, codes=(0,))
        results.check("is paused until" in said and f"danesafe resume {HOST}" in said and "stays published" in said,
                      "it says until when, what stays, and how it ends", said)
        shows(state, True, results, "while it lasts")
        results.check(first_step(state) > before, "the plan waits for its end", (before, first_step(state)))
        said = state.run("rollover", HOST, "--reason", "x", codes=(0,))
        results.check("but it is paused until" in said, "who wishes for a rollover is told", said)
        state.run("pause", HOST, "--for", "1y", "--reason", REASON, codes=(0,))
        said = state.run("pause", HOST, "--for", "2d", "--reason", REASON, codes=(0,))
        results.check("it was paused until" in said, "a second one takes its place, and says so", said)
        shows(state, True, results, "then")
        state.run("resume", HOST, codes=(0,))
        shows(state, False, results, "when it was ended")
        history = state.run("history", "--since", "1y")
        results.check(history.count("pause until") == 3 and history.count(REASON) >= 3 and "resume" in history,
                      "the history keeps all of it", history)
    results.end()


if __name__ == "__main__":
    main()
