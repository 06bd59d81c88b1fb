"""Callers that are odd: umask, closed descriptors, full outputs, traps in the environment, a folder that is gone."""
import calendar
import os
import re
import signal
import subprocess
import threading
import time

from hostile_room import KEY_NAME, brief, finish, made_problems
from hostile_system import WRITERS, whole_problems

KEY = ("new-server-key", "-a", "ecdsa")
OUTPUTS = {"csr": ("output-server-csr", "-k", "M/rsa.key"),
           "csr-json": ("output-server-csr", "--json", "-k", "M/rsa.key"),
           "tlsa": ("output-server-tlsa", "M/rsa.key"), "tlsa-json": ("output-server-tlsa", "--json", "M/rsa.key")}


def umask(value):
    """Every writing command; whole results, right modes."""
    def run(room):
        wrong = []
        for name, command in WRITERS.items():
            room.etc = room.instance("etc")
            wrong += room.must(*command.split(), umask=value)[0] + whole_problems(room, name)
        return wrong
    return run


class Watch(threading.Thread):
    """Looks at every file of a folder as often as it can; what was seen of a key with the wrong mode."""

    def __init__(self, folder):
        super().__init__(daemon=True)
        self.folder, self.modes, self.open_keys, self.over, self.looks = folder, {}, [], False, 0

    def run(self):
        while not self.over:
            self.looks += 1
            for name in os.listdir(self.folder):
                self.one(os.path.join(self.folder, name))

    def one(self, path):
        try:
            info = os.lstat(path)
            mode = info.st_mode & 0o7777
            self.modes.setdefault(info.st_ino, set()).add(mode)
            if mode & 0o077:
                with open(path, "rb") as content:
                    if b"PRIVATE KEY" in content.read(100):
                        self.open_keys.append("%s has mode %o" % (os.path.basename(path), mode))
        except OSError:
            pass


def key_modes(room):
    """A key is never there with another mode than 0600, not even empty or under another name."""
    watch, wrong = Watch(room.etc), []
    watch.start()
    room.add_settings("smtpd_tls_key_file = %s/rsa.key" % room.material)
    for command in (KEY, KEY, KEY, ("new-server-key", "-a", "rsa"), ("new-server-cert", "-a", "rsa")):
        wrong += room.must(*command, umask=0)[0]
    watch.over = True
    watch.join()
    for name in room.made():
        modes = watch.modes.get(os.lstat(room.path("etc", name)).st_ino, set())
        if KEY_NAME.match(name) and modes - {0o600}:
            wrong.append("%s was seen with the modes %s" % (name, sorted("%o" % mode for mode in modes)))
    return wrong + sorted(set(watch.open_keys)) + ([] if watch.looks > 50 else ["only %d looks" % watch.looks])


def closed(which):
    """Descriptors closed by the caller: no message may land in a key file that got the number."""
    def run(room):
        wrong = []
        for name, command in WRITERS.items():
            room.etc = room.instance("etc")
            shell = ["/bin/sh", "-c", 'exec "$@" ' + which, "sh"]
            result = finish(room.start(argv=shell + room.argv(*command.split())))
            wrong += [] if result.code == 0 else ["%s: exit %s: %s" % (name, result.code, brief(result.err))]
            wrong += ["%s: %s" % (name, text) for text in whole_problems(room, name)]
        return wrong
    return run


def output_to(open_target, allowed):
    """Results that cannot be written: no success, one sentence why."""
    def run(room):
        wrong = []
        for name, words in OUTPUTS.items():
            target = open_target()
            try:
                result = room.call(*words, stdout=target)
            finally:
                os.close(target)
            if result.code not in allowed:
                wrong.append("%s: exit %s" % (name, result.code))
            if result.code == 1 and not re.search(r"stdout|standard output|space|output|pipe|write", result.err):
                wrong.append("%s: does not say why: %s" % (name, brief(result.err)))
            if len(result.err.splitlines()) > 1:
                wrong.append("%s: more than one sentence: %s" % (name, brief(result.err)))
        return wrong
    return run


def full_device():
    return os.open("/dev/full", os.O_WRONLY)


def broken_pipe():
    reader, writer = os.pipe()
    os.close(reader)
    return writer


def closed_stdout(room):
    """The results go nowhere, as with /dev/null, or it says so: no crash, and no file gets them."""
    before, wrong = room.state(), []
    for name, words in OUTPUTS.items():
        result = finish(room.start(argv=["/bin/sh", "-c", 'exec "$@" >&-', "sh"] + room.argv(*words)))
        if result.code not in (0, 1):
            wrong.append("%s: exit %s" % (name, result.code))
    return wrong + ([] if room.state() == before else ["a file changed"])


def full_stderr(room):
    """Messages that cannot be written do not undo the work."""
    wrong = []
    for name, command in WRITERS.items():
        room.etc = room.instance("etc")
        with open("/dev/full", "wb") as target:
            result = room.call(*command.split(), stderr=target)
        wrong += ([] if result.code == 0 else ["%s: exit %s" % (name, result.code)]) + whole_problems(room, name)
    return wrong


def stderr_gone(room):
    """A reader of the messages that has left."""
    wrong = []
    for name, command in WRITERS.items():
        room.etc = room.instance("etc")
        target = broken_pipe()
        result = room.call(*command.split(), stderr=target)
        os.close(target)
        whole = whole_problems(room, name)
        if result.code == 0:
            wrong += whole
        elif room.made() and whole:
            wrong.append("%s: exit %s, and half a result" % (name, result.code))
    return wrong


# ---- the environment

TRAPS = {
    "openssl-conf": {"OPENSSL_CONF": "W/garbage", "OPENSSL_MODULES": "/nonexistent", "OPENSSL_ENGINES": "/nonexistent"},
    "library-path": {"LD_LIBRARY_PATH": "/nonexistent:W/bin"},
    "mail-config": {"MAIL_CONFIG": "/nonexistent"},
    "mail-config-garbage": {"MAIL_CONFIG": "a b\n$c", "MAIL_LOGTAG": "x\ny: %s%n", "MAIL_VERBOSE": "yes"},
    "postfix-words": {"config_directory": "/nonexistent", "command_directory": "/nonexistent",
                      "daemon_directory": "/nonexistent", "queue_directory": "/nonexistent"},
    "path": {"PATH": "/nonexistent"},
    "path-empty": {"PATH": ""},
    "timezone": {"TZ": "Mars/Olympus"},
    "timezone-far": {"TZ": "XXX-14"},
    "timezone-file": {"TZ": ":/dev/zero"},
    "locale": {"LC_ALL": "xx_YY.no-such", "LANG": "tr_TR.UTF-8", "LANGUAGE": "tlh"},
    "tmpdir": {"TMPDIR": "/nonexistent", "HOME": "/nonexistent"},
    "resolver": {"LOCALDOMAIN": "x" * 3000, "RES_OPTIONS": "ndots:99 timeout:30 attempts:9"},
}


def trap(variables):
    """Whole results for every command, and the time in file names is UTC."""
    def run(room):
        room.write("garbage", "openssl_conf = [[[\n[\n.include /nonexistent\n\0")
        env = room.environment(**{name: value.replace("W/", room.work + "/") for name, value in variables.items()})
        return all_commands(room, env)
    return run


def all_commands(room, env, **more):
    wrong = []
    for name, command in WRITERS.items():
        room.etc = room.instance("etc")
        wrong += room.must(*command.split(), env=env, **more)[0]
        wrong += ["%s: %s" % (name, text) for text in whole_problems(room, name)] + stamp_problems(room)
    for name, words in OUTPUTS.items():
        more_wrong, result = room.must(*words, env=env, **more)
        wrong += more_wrong + ([] if result.out else ["%s: no output" % name])
    return wrong


def stamp_problems(room):
    stamps = [KEY_NAME.match(name).group(2) for name in room.made() if KEY_NAME.match(name)]
    return ["the stamp %s is not the time in UTC" % stamp for stamp in stamps
            if abs(calendar.timegm(time.strptime(stamp, "%Y%m%d-%H%M%S")) - time.time()) > 60]


def no_environment(room):
    env = {name: value for name, value in room.environment().items() if name.endswith("SAN_OPTIONS")}
    return all_commands(room, env)


def evil_programs(room):
    """Programs of the caller's PATH and folder are not run."""
    marker = room.path("marker")
    for name in ("postconf", "postlog", "postfix", "openssl", "sh", "cat", "cp", "mv"):
        room.write("bin/" + name, "#!/bin/sh\necho %s >>%s\nexit 0\n" % (name, marker), 0o755)
    wrong = all_commands(room, room.environment(PATH=room.path("bin") + ":."), cwd=room.path("bin"))
    if os.path.exists(marker):
        with open(marker, encoding="ascii") as text:
            wrong.append("it ran of the caller's PATH: " + brief(text.read()))
    return wrong


def no_folder(room):
    """The current folder was removed."""
    os.mkdir(room.path("gone"))

    def remove():
        os.rmdir(room.path("gone"))
    wrong = []
    for name, command in WRITERS.items():
        room.etc = room.instance("etc")
        os.makedirs(room.path("gone"), exist_ok=True)
        wrong += room.must(*command.split(), cwd=room.path("gone"), preexec_fn=remove)[0] + whole_problems(room, name)
    return wrong


def signals_ignored(room):
    """A caller that ignores SIGCHLD, SIGPIPE and SIGALRM, and one that blocks all."""
    def odd():
        for number in (signal.SIGCHLD, signal.SIGPIPE, signal.SIGALRM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    return all_commands(room, room.environment(), preexec_fn=odd, restore_signals=False)


def many_descriptors(room):
    """Dozens of descriptors that the caller left open."""
    opened = [os.open("/dev/null", os.O_RDONLY) for _ in range(200)]
    for number in opened:
        os.set_inheritable(number, True)
    return all_commands(room, room.environment(), close_fds=False)


def default_instance(room):
    """Without --config-dir it is the default instance."""
    argv = [room.program, "tls", "new-server-key", "-a", "ecdsa"]
    result = finish(room.start(argv=argv, stdin=subprocess.DEVNULL))
    wrong = [] if result.code == 0 else ["exit %s: %s" % (result.code, brief(result.err))]
    made = [name for name in room.made("/etc/postfix") if KEY_NAME.match(name)]
    return wrong + made_problems(room, 0) + ([] if len(made) == 1 else ["keys in /etc/postfix: %d" % len(made)])


CASES = {
    "good-umask-0": umask(0),
    "good-umask-0777": umask(0o777),
    "good-key-modes": key_modes,
    "good-closed-stdin": closed("<&-"),
    "good-closed-stderr": closed("2>&-"),
    "good-closed-all": closed("<&- >&- 2>&-"),
    "good-stderr-full": full_stderr,
    "good-stderr-gone": stderr_gone,
    "good-stdout-full": output_to(full_device, (1,)),
    "good-stdout-gone": output_to(broken_pipe, (1, -signal.SIGPIPE)),
    "good-stdout-closed": closed_stdout,
    **{"good-env-" + name: trap(variables) for name, variables in TRAPS.items()},
    "good-env-none": no_environment,
    "good-env-evil-path": evil_programs,
    "good-no-folder": no_folder,
    "good-signals-ignored": signals_ignored,
    "good-many-descriptors": many_descriptors,
    "good-default-instance": default_instance,
}
