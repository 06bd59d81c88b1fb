"""What was taken out of the config is said, and comes back as it was."""
import json
import os
import pty
import re
import shutil
import sqlite3
import subprocess

import shown


def owners(state):
    with open(state.config, encoding="utf-8") as f:
        return f.read()


ALONE = ("unshare", "-n")  # no network: who is asked is silent at once


def leave(state):
    """The second owner is out of the config; returns its name."""
    db = sqlite3.connect(os.path.join(state.folder, "state", "state.db"))
    db.execute("UPDATE owner SET named = 1")
    db.commit()
    (name,), = db.execute("SELECT name FROM owner WHERE name <> '_25._tcp.mx.example.'")
    db.close()
    return name


class Asked:
    """A person who was shown what goes, and has not typed the name yet."""

    def __init__(self, state, *words):
        self.keyboard, there = pty.openpty()
        self.child = subprocess.Popen([*ALONE, shown.DANESAFE, "-c", state.config, *words], stdin=there,
                                      stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        os.close(there)
        self.said = b""
        while not self.said.endswith(b"to go on: "):
            byte = self.child.stdout.read(1)
            if not byte:
                raise AssertionError(f"nobody is asked: {self.said} {self.child.stderr.read()}")
            self.said += byte

    def types(self, name):
        """The exit status, and all that was said."""
        os.write(self.keyboard, name.encode() + b"\n")
        out, err = self.child.communicate(timeout=60)
        os.close(self.keyboard)
        return self.child.returncode, (self.said + out + err).decode()


def forget_slowly(results):
    """Nobody has to wait for a person who reads."""
    with shown.State("p08-two-owners") as state:
        name = leave(state)
        words = ["forget", "mx.example", name, "--reason", "they closed"]
        asked = Asked(state, *words)
        state.run("pause", "mx.example", "--for", "1d", "--reason", "x", codes=(0,))
        results.check(True, "while a person reads the state is free for others")
        code, said = asked.types("_25._tcp.mx.example.")
        results.check(code == 4 and f"{name} is no longer" in state.run("status"), "another name forgets nothing", said)
        asked = Asked(state, *words)
        db = sqlite3.connect(os.path.join(state.folder, "state", "state.db"))
        db.execute("DELETE FROM sighting WHERE owner = (SELECT id FROM owner WHERE name = ?) AND "
                   "rrset = (SELECT max(rrset) FROM sighting)", (name,))
        db.commit()
        db.close()
        code, said = asked.types(name)
        results.check(code == 4 and "not what was shown" in said and f"{name} is no longer" in state.run("status"),
                      "what changed while a person read is not forgotten", said)
        asked = Asked(state, *words)
        code, said = asked.types(name)
        results.check(code == 0 and said.count("IN TLSA") == asked.said.decode().count("IN TLSA") and
                      f"{name} is forgotten" in said and name not in state.run("status"),
                      "what a person saw and named is forgotten, and shown once", said)
        said = state.run("history")
        results.check(said.count("they closed: forgot") == 1, "history says it once", said)


def forget(results):
    """Nobody answers here: its servers are silent, as those of a zone that is gone."""
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        print("skipped: forget needs to be root, and unshare")
        return
    with shown.State("p08-two-owners") as state:
        name = leave(state)
        words = ["forget", "mx.example", name.rstrip(".").upper(), "--reason", "they closed"]
        state.run(*words, codes=(4,), before=ALONE)
        state.run(*words, "--confirm", "_25._tcp.mx.example.", codes=(4,), before=ALONE)
        results.check(f"{name} is no longer" in state.run("status"), "nothing is forgotten without its name")
        out = state.run(*words, "--confirm", name.rstrip(".").upper(), before=ALONE)
        results.check("whether this machine reaches the DNS" in out, "a network that is down is not a zone that is gone", out)
        results.check(re.search("served now, for all that is known:\n    IN TLSA 3 1 1 ", out) and
                      "defer mail to mx.example" in out, "what senders may hold is said before it is forgotten", out)
        results.check(name not in state.run("status", "-v", "mx.example"), "it is not waited for any more")
        out = state.run("history")
        results.check(re.search(f"force.*they closed: forgot {name}", out), "history says who forgot what, and why", out)


    with shown.State("d18-not-met-from-there") as state:
        name, target = "_25._tcp.mx.example.", "one.prov.example."
        with open(state.config, "a", encoding="utf-8") as f:
            f.write("    services: [465/tcp]\n")
        db = sqlite3.connect(os.path.join(state.folder, "state", "state.db"))
        db.execute("UPDATE owner SET named = 1 WHERE name LIKE '%.mx.example.'")
        db.commit()
        db.close()
        out = state.run("forget", "mx.example", name, "--reason", "x", "--confirm", name, before=ALONE)
        results.check(re.search(f"an alias of {target}\n.*with it {target}.*:\n  served now.*:\n    IN TLSA 3 1 1 0202", out),
                      "where it alone leads is named among what goes, with what senders may hold of it", out)
        out = state.run("history")
        results.check(re.search(f"forgot {name}.*and with it {target}", out), "and in the history", out)
        out = state.run("status", "-v", "mx.example")
        results.check(f"\n  {target} in zone" not in out, "and goes", out)
    with shown.State("d20-dangling") as state:
        name = leave(state)
        state.run("forget", "mx.example", name, "--reason", "x", "--confirm", name, codes=(4,), before=ALONE)
        out = state.run("status", "-v", "mx.example")
        results.check(name in out, "where an alias leads nothing is forgotten")
        results.check("those who run its zone go on changing its records" in out and "an alias leads here" in out,
                      "where an alias leads, nobody waits for records to be gone", out)


def main():
    results = shown.Results()
    forget(results)
    if os.geteuid() == 0 and shutil.which("unshare"):
        forget_slowly(results)
    with shown.State("p08-two-owners") as state:
        text = owners(state)
        other = [leave(state)]
        out = state.run("status")
        results.check(all(f"{name} is no longer in the config" in out for name in other),
                      "an owner that left the config is named by status", out)
        out = state.run("status", "-v", "mx.example")
        results.check(out.count("no longer in the config; waited for") == len(other) and
                      all(f"\n  {name} in zone" in out for name in other), "what it is waited for is shown", out)
        names = ", ".join(f'"{name}"' for name in other)
        said = json.loads(state.run("status", "--json"))
        left = [service["owner"] for service in said["hosts"][0]["services"] if service["left"]]
        results.check(left == other and said["hosts_left"] == [], "programs learn of an owner that left", (left, said))
        with open(state.config, "w", encoding="utf-8") as f:
            f.write(text.replace("owners: []", f"owners: [{names}]"))
        results.check("no longer" not in state.run("status"), "put back it is there as before")
        with open(state.config, "w", encoding="utf-8") as f:
            f.write(text.replace("  mx.example:", "  other.example:"))
        out = state.run("status")
        results.check("mx.example " in out and "Nothing is looked at, changed or destroyed" in out,
                      "a host that left the config is named by status", out)
        said = json.loads(state.run("status", "--json"))
        results.check(said["hosts_left"] == ["mx.example"], "programs learn of a host that left", said)
        said = json.loads(state.run("status", "--json", "other.example"))
        results.check(said["hosts_left"] is None, "unless they ask for another one", said)
    results.end()


if __name__ == "__main__":
    main()
