#!/usr/bin/env python3
"""The line that is installed for cron does what it says, as cron runs it: by /bin/sh, with next to no environment. Root, in
a network namespace and with a /run of its own."""
import fcntl
import os
import re
import sqlite3
import subprocess

import shown

TABLE = os.path.join(shown.BUILD, "cron", "danesafe.cron")
# Stands for the installed program: the real one, with this config; how a run ends can be said.
PROGRAM = """#!/bin/sh
if test "$1" = run; then
    echo run >>{folder}/ran
    test ! -e {folder}/ends || {{ . {folder}/ends; }}
fi
exec {danesafe} -c {folder}/danesafe.yaml "$@"
"""
SENDMAIL = "#!/bin/sh\nexec cat >>{folder}/mail\n"


def table():
    """What cron would read: variables, and (schedule, user, command)."""
    with open(TABLE, encoding="ascii") as f:
        text = f.read()
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    env = dict(line.split("=", 1) for line in lines if re.match(r"[A-Z]+=", line))
    jobs = [line.split(None, 6) for line in lines if not re.match(r"[A-Z]+=", line)]
    return text, env, [(" ".join(job[:5]), job[5], job[6]) for job in jobs]


class Cron:
    def __init__(self, state, env, command):
        self.state, self.env = state, {"SHELL": "/bin/sh", "HOME": "/root", "LOGNAME": "root", **env}
        installed = re.search(r"(\S+/danesafe) run --splay 5m \|\|", command).group(1)
        config = re.search(r"test ! -e (\S+)", command).group(1)
        self.command = command.replace(config, self.path("danesafe.yaml")).replace(
            installed + " ", self.path("program") + " ").replace("--splay 5m", "--splay 0s")
        state.write("program", PROGRAM.format(folder=state.folder, danesafe=shown.DANESAFE), 0o755)
        state.write("sendmail", SENDMAIL.format(folder=state.folder), 0o755)
        with open(state.config, encoding="utf-8") as f:
            self.config = f.read().replace("alert:\n", f"alert:\n  sendmail: {state.folder}/sendmail\n")
        self.settings(self.config)

    def path(self, name):
        return os.path.join(self.state.folder, name)

    def forget(self):
        """Nobody was told of anything."""
        with sqlite3.connect(self.path("state/state.db")) as db:
            db.execute("DELETE FROM concern")

    def settings(self, text):
        self.state.write("danesafe.yaml", text)

    def ends(self, how):
        self.state.write("ends", how + "\n")

    def take(self, name):
        """What was written there; it is gone then."""
        if not os.path.exists(self.path(name)):
            return ""
        with open(self.path(name), encoding="utf-8") as f:
            text = f.read()
        os.unlink(self.path(name))
        return text

    def quarter(self):
        """One quarter of an hour: whether it ran, what cron would mail, what was mailed besides."""
        done = subprocess.run(["/bin/sh", "-c", self.command], env=self.env, cwd="/", stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120, check=False)
        return self.take("ran") == "run\n", done.stdout, " ".join(self.take("mail").split())


def starts(results, cron):
    os.makedirs("/run/systemd/system")
    said = cron.quarter()
    results.check(said == (False, "", ""), "under systemd it does nothing", said)
    os.rmdir("/run/systemd/system")
    os.unlink(cron.path("danesafe.yaml"))
    said = cron.quarter()
    results.check(said == (False, "", ""), "without settings it does nothing", said)
    cron.settings(cron.config)
    ran, said, mail = cron.quarter()
    results.check(ran and "key-file" in said and mail == "", "it runs, and what is said goes to cron", (ran, said, mail))


def fails(results, cron):
    for how in ("exit 0", "exit 1", "exit 2", "exit 75"):
        cron.ends(how)
        said = cron.quarter()
        results.check(said == (True, "", ""), f"{how} is no failure", said)
    for how, status in (("kill -KILL $$", "137"), ("exit 74", "74")):
        cron.ends(how)
        cron.settings(cron.config.replace("alert:\n", "alert:\n  mail-to: [root]\n"))
        _, said, mail = cron.quarter()
        results.check(f"run-failed WARNING 0 s: the last run failed (exit status {status})" in said and
                      f"failed (exit status {status})" in mail and "cron mails it to root" in mail, f"{how} is told by mail, too", (said, mail))
        _, said, mail = cron.quarter()
        results.check(mail == "", f"{how} is told once", mail)
        os.unlink(cron.path("ends"))
        cron.forget()


def real(results, cron):
    with open(cron.path("state/lock"), "a", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        said = cron.quarter()
    results.check(said == (True, "", ""), "a run that meets another is silent", said)
    cron.settings(cron.config.replace("alert:\n", "alert:\n  mail-too: [root]\n"))
    _, said, mail = cron.quarter()
    results.check("did you mean 'mail-to'?" in said and "To: root " in mail and "(exit status 78): " in mail and
                  "did you mean" in mail, "bad settings are told by mail, to root if they name nobody", (said, mail))


def inside():
    results = shown.Results()
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/run"], check=True)
    text, env, jobs = table()
    results.check(text.endswith("\n") and len(jobs) == 1 and jobs[0][:2] == ("*/15 * * * *", "root") and
                  "%" not in jobs[0][2], "cron can read it", text)
    with shown.State("s01-happy-path") as state:
        cron = Cron(state, env, jobs[0][2])
        starts(results, cron)
        fails(results, cron)
        real(results, cron)
    results.end()


if __name__ == "__main__":
    shown.in_a_network_of_its_own(inside, "-m")
