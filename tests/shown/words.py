#!/usr/bin/env python3
"""After "--" every verb takes words as words, and before them none takes an option that it has not. Root, in a network
namespace of its own."""
import re
import subprocess

import shown

HOST, NOBODY = "mx.example", "mx.exampel"
# Options and words of a call that names a host that is not there, so that each verb says the same without having done
# anything (history knows hosts that were); None: it takes none.
CALLS = {
    "run": ([], [NOBODY]), "status": ([], [NOBODY]), "check": ([], [NOBODY]), "plan": ([], [NOBODY]),
    "verify": (["--port", "26"], ["no host"]),
    "history": ([], [NOBODY]), "records": ([], [NOBODY]), "rollover": (["--reason", "x"], [NOBODY]),
    "advance": (["--to", "ready", "--skip", "hold", "--reason", "x"], [NOBODY, "0202"]),
    "pause": (["--reason", "x"], [NOBODY]), "resume": ([], [NOBODY]), "ack": ([], [NOBODY, "pub-lag"]),
    "forget": (["--reason", "x"], [NOBODY, "_25._tcp.mx.example."]),
    "install-cert": ([], [NOBODY, "/dev/null"]), "adopt": ([], [NOBODY]), "alert": ([], ["nothing"]),
    "config": ([], ["nothing"]), "help": ([], ["nothing"]), "tls": ([], ["nothing"]), "version": None,
}


def call(state, *words):
    done = subprocess.run([shown.DANESAFE, "-c", state.config, *words], capture_output=True, text=True, timeout=120,
                          check=False)
    return done.returncode, done.stdout, done.stderr


def inside():
    results = shown.Results()
    with shown.State("s01-happy-path") as state:
        verbs = re.findall(r"^  ([a-z-]+)  ", state.run("help"), re.MULTILINE)
        results.check(sorted(verbs) == sorted(CALLS), "every verb is tried", verbs)
        for verb, words in CALLS.items():
            if words is None:
                continue
            plain = call(state, verb, *words[0], *words[1])
            results.check(verb == "history" or words[1][0] in plain[1] + plain[2] or "usage: danesafe" in plain[2],
                          f"{verb}: it is the word that is wrong", plain)
            dashes = call(state, verb, *words[0], "--", *words[1])
            results.check(dashes == plain, f"{verb} --: says the same", (plain, dashes))
            option = call(state, verb, *words[0], "--", "--json")
            results.check((option[0] != 0 or verb == "history") and "option '--json'" not in option[2], f"{verb} -- --json: it is a word", option)
            code, out, err = call(state, verb, "--nothing", *words[1])
            if verb not in ("help", "tls"):
                results.check(call(state, verb, "--help") == (0, state.run("help", verb), ""),
                              f"{verb} --help: says what help does")
            results.check(code != 0 and ("--nothing" in err or "usage" in out + err), f"{verb} --nothing: is refused",
                          (code, out, err))
        results.check("new-server-key" in call(state, "tls", "--help")[1], "tls --help: lists its commands")
        results.check(call(state, "resume", "--", HOST)[0] == 4, "a host after -- is a host")
    results.end()


if __name__ == "__main__":
    shown.in_a_network_of_its_own(inside)
