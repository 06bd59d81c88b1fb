#!/usr/bin/env python3
"""No alert keeps another back: what is critical is told first, and what the command refuses stays alone. Root only, in a
network namespace of its own, where no resolver answers and every host therefore needs attention."""
import email
import glob
import os
import sqlite3
import subprocess

import shown

REFUSED, OTHERS = "mx.example", ("a.example", "z.example")
HOOK = """#!/bin/sh
echo "$DANESAFE_SEVERITY $DANESAFE_HOST" >>{seen}
test "$DANESAFE_HOST" != {refused}
"""


# Of its own kind: each alert of a host once.
HOOK_SLOW = """#!/bin/sh
sleep 0.3
echo "$DANESAFE_CODE $DANESAFE_KEY $DANESAFE_HOST" >>{seen}
"""


def prepare(state, hook=HOOK, more="", others=OTHERS):
    seen = os.path.join(state.folder, "seen")
    state.write("hook", hook.format(seen=seen, refused=REFUSED), 0o755)
    with open(state.config, encoding="utf-8") as f:
        config = f.read()
    config = config.replace("alert:\n", f"alert:\n{more}  command: [{state.folder}/hook]\n")
    for name in others:
        os.mkdir(os.path.join(state.folder, name))
        state.write(f"{name}/main.cf", "compatibility_level = 3.6\n")
        config += f"  {name}:\n    config-dir: {state.folder}/{name}\n"
    state.write("danesafe.yaml", config)
    return seen


def told(state, seen):
    """What the command was told of in one more pass."""
    if os.path.exists(seen):
        os.unlink(seen)
    subprocess.run([shown.DANESAFE, "-c", state.config, "run"], capture_output=True, timeout=120, check=False)
    if not os.path.exists(seen):
        return []
    with open(seen, encoding="ascii") as f:
        return [line.split() for line in f.read().splitlines()]


def slow(results):
    """Programs that take nearly as long as they may: of many alerts some are told in the next run."""
    with shown.State("s01-happy-path") as state:
        seen = prepare(state, HOOK_SLOW, "  timeout: 1s\n", [f"h{n}.example" for n in range(5)])
        first, second = told(state, seen), told(state, seen)
        both = [tuple(words) for words in first + second]
        results.check(1 < len(first) < len(both) and len(set(both)) == len(both) and not told(state, seen),
                      "a slow command does not hold a run: the rest is told in the next, once", (first, second))


MAILS = """#!/bin/sh
cat >"$(mktemp {folder}/mail.XXXXXX)"
"""


def mails(state):
    """Those of one more pass."""
    subprocess.run([shown.DANESAFE, "-c", state.config, "run"], capture_output=True, timeout=120, check=False)
    said = []
    for path in glob.glob(os.path.join(state.folder, "mail.*")):
        with open(path, encoding="ascii") as f:
            said.append(email.message_from_file(f))
        os.unlink(path)
    return said


def threads(results):
    """Of so many alerts some are told together in one mail: that is what later mails about each of them refer to."""
    with shown.State("s01-happy-path") as state:
        prepare(state, "#!/bin/sh\n", f"  mail-to: [root]\n  sendmail: {state.folder}/mailer\n",
                [f"h{n}.example" for n in range(15)])
        state.write("mailer", MAILS.format(folder=state.folder), 0o755)
        first = mails(state)
        together = [mail for mail in first if " more" in mail["Subject"]]
        results.check(len(first) == 10 and len(together) == 1, "of many alerts the last are told in one mail",
                      [mail["Subject"] for mail in first])
        roots = {mail["Message-ID"] for mail in first}
        with sqlite3.connect(os.path.join(state.folder, "state", "state.db")) as db:
            (many,), = db.execute("SELECT count(*) FROM concern WHERE mail_many")
            db.execute("UPDATE concern SET mail_at = 0 WHERE host = 'h0.example' OR host IN"  # a day and more
                       " (SELECT host FROM concern WHERE mail_many LIMIT 3)")
        again = mails(state)
        results.check(many > 1 and len(again) > 1 and all(mail["References"] in roots for mail in again) and
                      together[0]["Message-ID"] in {mail["References"] for mail in again},
                      "later mails refer to one that was sent", [mail.items() for mail in again])


def inside():
    results = shown.Results()
    slow(results)
    threads(results)
    with shown.State("s01-happy-path") as state:
        seen = prepare(state)
        first = told(state, seen)
        levels = [words[0] for words in first]
        results.check("critical" in levels and "warning" in levels and levels == sorted(levels),
                      "what is critical is told first", first)
        results.check(all(["warning", name] in first for name in OTHERS),
                      "an alert that is refused keeps no other back", first)
        again = told(state, seen)
        results.check(["critical", REFUSED] in again, "what is critical is tried again in the next run", again)
        results.check(not any(["warning", name] in again for name in OTHERS), "what was told is not told again", again)
    results.end()


if __name__ == "__main__":
    shown.in_a_network_of_its_own(inside)
