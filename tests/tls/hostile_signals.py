"""Signals at any moment: after SIGTERM and SIGINT nothing or everything, after SIGKILL a Postfix that still works."""
import os
import random
import signal
import time

from hostile_room import (ANY_NAME, age, brief, changes, deployed_problems, finish, fingerprint, made_problems)
from hostile_system import DEPLOY, WRITERS, whole_problems

TRIES = 30
SEED = int(os.environ.get("HOSTILE_SEED", "20"))  # the moments of one run are those of the next
ENABLE = WRITERS["enable-server"]


def edit_time(room, command):
    """Seconds from the start to the edit of main.cf, and to the end."""
    room.etc = room.instance("etc")
    path = os.path.join(room.etc, "main.cf")
    inode, edited, begun = os.stat(path).st_ino, None, time.monotonic()
    process = room.start(*command.split())
    while process.poll() is None and time.monotonic() < begun + 20:
        try:
            if edited is None and os.stat(path).st_ino != inode:
                edited = time.monotonic() - begun
        except FileNotFoundError:
            pass
        time.sleep(0.0005)
    finish(process)
    ended = time.monotonic() - begun
    return edited or ended, ended


def all_gone(process):
    """Wait until nothing of its process group runs; True if so. This process inherits the orphans."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        try:
            while os.waitpid(-process.pid, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return True
        time.sleep(0.002)
    return False


def interrupt(room, command, number, moment, whole_group=False):
    """A call on a fresh instance that gets a signal: (before, Result, everything is gone)."""
    room.etc = room.instance("etc")
    before = room.state()
    process = room.start(*command.split())
    time.sleep(moment)
    (os.killpg if whole_group else os.kill)(process.pid, number)
    result = finish(process)
    return before, result, all_gone(process)


def all_or_nothing(room, name, before, result, number, moment):
    """[what is wrong] after a signal that can be caught."""
    wrong = []
    if result.code not in (0, 1, -number):
        wrong.append("exit %s: %s" % (result.code, brief(result.err)))
    age(room.etc)
    now = changes(strip_times(before), strip_times(room.state()))
    whole = whole_problems(room, name)
    if result.code == 0:
        wrong += whole
    elif now and whole:
        wrong += now + whole
    return ["%s after %.0f ms: %s" % (signal.Signals(number).name, moment * 1000, text) for text in wrong]


def strip_times(state):
    """Without the times of change, which age() sets."""
    return {path: {name: value for name, value in what.items() if name != "mtime"} for path, what in state.items()}


def caught(name, number, tries=TRIES):
    """Signals at random moments from the start until just after the edit."""
    def run(room):
        chance, wrong = random.Random(SEED + number), []
        span = edit_time(room, WRITERS[name])[0] * 1.25
        for turn in range(tries):
            moment = chance.uniform(0, span)
            before, result, gone = interrupt(room, WRITERS[name], number, moment, whole_group=turn % 3 == 2)
            wrong += [] if gone else ["a process of it goes on"]
            wrong += all_or_nothing(room, name, before, result, number, moment)
        return wrong
    return run


def ignored(name):
    """What the caller ignores ends nothing: SIGHUP below nohup(1), and below postfix(1)."""
    def run(room):
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        process = room.start(*WRITERS[name].split())
        while process.poll() is None:
            process.send_signal(signal.SIGHUP)
            time.sleep(0.003)
        result = finish(process)
        wrong = [] if result.code == 0 else ["exit %s: %s" % (result.code, brief(result.err))]
        age(room.etc)
        return wrong + whole_problems(room, name)
    return run


def while_generating(number):
    """RSA with 4096 bits takes a while: it must not be waited for, and leave nothing."""
    def run(room):
        chance, wrong = random.Random(SEED), []
        for _ in range(6):
            moment = chance.uniform(0.02, 0.4)
            before, result, gone = interrupt(room, "new-server-key -a rsa -b 4096", number, moment)
            wrong += [] if gone else ["a process of it goes on"]
            wrong += ["it went on for %.1f s" % result.seconds] if result.code != 0 and result.seconds > 10 else []
            wrong += all_or_nothing(room, "new-server-key", before, result, number, moment)
        return wrong
    return run


def after_kill(room):
    """[what is wrong] with what a killed call left, before and after later calls."""
    wrong = deployed_problems(room, None)
    age(room.etc)
    for command in (ENABLE, DEPLOY, "new-server-key -a ecdsa"):
        wrong += room.must(*command.split())[0]
        age(room.etc)
    wrong += deployed_problems(room, None)
    return wrong + ["still there after three later calls: " + name for name in room.made() if not ANY_NAME.match(name)]


def killed(name, tries=TRIES):
    def run(room):
        chance, wrong = random.Random(SEED), []
        span = edit_time(room, WRITERS[name])[0] * 1.15
        for turn in range(tries):
            moment = chance.uniform(0, span)
            _, _, gone = interrupt(room, WRITERS[name], signal.SIGKILL, moment, whole_group=turn % 2 == 1)
            trouble = ([] if gone else ["a process of it goes on"]) + after_kill(room)
            wrong += ["SIGKILL after %.0f ms: %s" % (moment * 1000, text) for text in trouble]
        return wrong
    return run


def stale_files(room):
    """What a crash of Postfix's own postconf leaves, main.cf.tmp, is no obstacle and is used up."""
    room.write(os.path.join(room.etc, "main.cf.tmp"), "half of a sett", 0o600)
    wrong, _ = room.must("enable-client")
    return wrong + whole_problems(room, "enable-client")


def interrupted_reader(number):
    """A call that waits for another one's lock can be ended, and leaves nothing."""
    def run(room):
        import fcntl
        lock = os.open(room.etc, os.O_RDONLY | os.O_DIRECTORY)
        path = os.path.join(room.etc, "main.cf.tmp")
        with open(path, "w", encoding="ascii") as tmp:
            fcntl.flock(tmp, fcntl.LOCK_EX)
            before = room.state()
            process = room.start("enable-client")
            time.sleep(0.3)
            os.kill(process.pid, number)
            result = finish(process, limit=10)
            gone = all_gone(process)
        os.close(lock)
        wrong = [] if gone else ["a process of it goes on"]
        wrong += [] if result.code in (1, -number) else ["exit %s: %s" % (result.code, brief(result.err))]
        return wrong + changes(before, room.state())
    return run


def unchanged_inode(room):
    """A deploy that is refused late does not even touch main.cf; one that works replaces it whole."""
    path = os.path.join(room.etc, "main.cf")
    before = fingerprint(path)
    room.call("deploy-server-cert", "M/rsa.pem", "M/rsa2.key")
    wrong = [] if fingerprint(path) == before else ["main.cf was touched"]
    wrong += room.must(*DEPLOY.split())[0]
    if fingerprint(path)["inode"] == before["inode"]:
        wrong.append("main.cf was written in place: a crash would leave half of it")
    return wrong + made_problems(room, 0)


SLOW = ["signal-kill-enable-server", "signal-term-enable-server", "signal-int-enable-server"]
CASES = {
    "signal-term-enable-server": caught("enable-server", signal.SIGTERM),
    "signal-int-enable-server": caught("enable-server", signal.SIGINT),
    "signal-hup-enable-server": caught("enable-server", signal.SIGHUP, 10),
    "signal-ignored-enable-server": ignored("enable-server"),
    "signal-term-deploy-server-cert": caught("deploy-server-cert", signal.SIGTERM, 15),
    "signal-term-enable-client": caught("enable-client", signal.SIGTERM, 15),
    "signal-term-new-server-cert": caught("new-server-cert", signal.SIGTERM, 15),
    "signal-term-rsa-4096": while_generating(signal.SIGTERM),
    "signal-int-rsa-4096": while_generating(signal.SIGINT),
    "signal-kill-enable-server": killed("enable-server"),
    "signal-kill-deploy-server-cert": killed("deploy-server-cert", 15),
    "signal-kill-new-server-key": killed("new-server-key", 15),
    "signal-term-waiting": interrupted_reader(signal.SIGTERM),
    "signal-stale-lock-file": stale_files,
    "signal-whole-replacement": unchanged_inode,
}
