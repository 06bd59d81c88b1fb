"""A private place for one case: mounts, network, processes and Postfix instances of its own; calls danesafe in it.

Nothing of the machine is changed: /etc/postfix, /run and /etc/resolv.conf are others in here, and all goes away
with the namespaces when the case's process ends.
"""
import collections
import ctypes
import fcntl
import grp
import hashlib
import os
import re
import shutil
import signal
import socket
import stat
import struct
import subprocess
import time

_LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWNET = 0x00020000, 0x20000000, 0x40000000
MS_RDONLY, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 1, 32, 4096, 16384, 1 << 18
PR_SET_PDEATHSIG = 1

CALL_LIMIT = 20.0  # seconds; a call that takes longer hangs
HOST = "mx1.example.org"
MAIN_CF = """\
# the first comment
compatibility_level = 3.6
myhostname = %(host)s
queue_directory = %(work)s/queue
data_directory = %(work)s/data

# a setting of two lines, with a comment in it
mydestination = $myhostname,
# inside
    localhost
"""
MASTER_CF = "smtp      inet  n       -       y       -       -       smtpd\n"
KEY_NAME = re.compile(r"^((?:ec)?)key-(\d{8}-\d{6})\.pem$")
ANY_NAME = re.compile(r"^(?:ec)?(?:key|cert)-\d{8}-\d{6}\.pem$")
SERVER_PAIRS = (("smtpd_tls_key_file", "smtpd_tls_cert_file"), ("smtpd_tls_eckey_file", "smtpd_tls_eccert_file"))

Result = collections.namedtuple("Result", "code out err seconds")


class Skip(Exception):
    """This machine cannot do what the case needs."""


# ---- namespaces


def _check(value, what):
    if value != 0:
        number = ctypes.get_errno()
        raise OSError(number, "%s: %s" % (what, os.strerror(number)))


def mount(source, target, kind=None, flags=0, data=None):
    words = [None if word is None else os.fsencode(word) for word in (source, target, kind, data)]
    _check(_LIBC.mount(words[0], words[1], words[2], ctypes.c_ulong(flags), words[3]), "mount on %s" % target)


def bind(source, target):
    mount(source, target, flags=MS_BIND)


def make_readonly(path):
    """A bind mount of path on itself, read-only."""
    bind(path, path)
    mount(None, path, flags=MS_BIND | MS_REMOUNT | MS_RDONLY)


def umount(path):
    _check(_LIBC.umount2(os.fsencode(path), 2), "umount " + path)


def die_with_parent():
    _LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def leave_the_machine():
    """Namespaces for the next child of this process; the mounts of this one are private from now on."""
    _check(_LIBC.unshare(CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWPID), "unshare")
    mount(None, "/", flags=MS_REC | MS_PRIVATE)


def loopback_up():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as dgram:
        fcntl.ioctl(dgram, 0x8914, struct.pack("16sH14x", b"lo", 0x1 | 0x40))  # SIOCSIFFLAGS: up, running


# ---- the room


class Room:
    """One case's world. `work` is memory, `disk` a folder of the machine's file system."""

    def __init__(self, top, program, number):
        self.top, self.program = top, program
        self.work, self.material = os.path.join(top, "room"), os.path.join(top, "material")
        self.disk = os.path.join(top, "disk", str(number))
        os.makedirs(self.disk)
        mount("proc", "/proc", "proc")
        mount("tmpfs", self.work, "tmpfs", data="mode=755,size=256m")
        loopback_up()
        for name in ("queue", "data", "bin"):
            os.mkdir(self.path(name), 0o755)
        self._hide_the_machine()
        self.etc = self.instance("etc")

    def path(self, *names):
        return os.path.join(self.work, *names)

    def _hide_the_machine(self):
        """Quiet logs, no name server (it refuses at once), a default instance of our own."""
        log = os.path.realpath("/dev/log")
        if os.path.exists(log):
            bind("/dev/null", log)
        if os.path.exists("/etc/resolv.conf"):
            self.write("resolv.conf", "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
            bind(self.path("resolv.conf"), os.path.realpath("/etc/resolv.conf"))
        # after an edit the real one would wait two seconds until main.cf is old enough
        bind(self.write("bin/postlog-quiet", "#!/bin/sh\nexec cat >/dev/null\n", 0o755), "/usr/sbin/postlog")
        default = self.instance("default")
        for name in ("dynamicmaps.cf", "postfix-files"):
            if os.path.isfile("/etc/postfix/" + name):
                shutil.copy("/etc/postfix/" + name, default)
        bind(default, "/etc/postfix")

    def write(self, name, text, mode=0o644):
        """A file below work; its path."""
        path = os.path.join(self.work, name)
        with open(path, "wb") as out:
            out.write(text if isinstance(text, bytes) else text.encode())
        os.chmod(path, mode)
        return path

    def main_cf(self, host=HOST):
        return MAIN_CF % {"host": host, "work": self.work}

    def instance(self, name, text=None):
        """A configuration folder with an old main.cf; its path. One that exists is made anew."""
        folder = os.path.join(self.work, name)
        shutil.rmtree(folder, ignore_errors=True)
        os.mkdir(folder, 0o755)
        self.write(os.path.join(folder, "master.cf"), MASTER_CF)
        self.write(os.path.join(folder, "main.cf"), self.main_cf() if text is None else text)
        age(folder)
        return folder

    def add_settings(self, *lines):
        with open(os.path.join(self.etc, "main.cf"), "a", encoding="utf-8") as out:
            out.write("".join(line + "\n" for line in lines))
        age(self.etc)

    # ---- calls

    def words(self, words):
        """M/x becomes the material x, E/x the file x of the instance."""
        full = {"M/": self.material + "/", "E/": self.etc + "/"}
        return [full[word[:2]] + word[2:] if word[:2] in full else word for word in words]

    def environment(self, **more):
        env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"}
        env.update((name, os.environ[name]) for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS") if name in os.environ)
        env.update(more)
        return env

    def argv(self, *words, etc=None):
        return [self.program, "tls", "--config-dir", etc or self.etc] + self.words(words)

    def start(self, *words, etc=None, argv=None, env=None, **more):
        """A running danesafe in a process group of its own."""
        more.setdefault("stdin", subprocess.DEVNULL)
        more.setdefault("stdout", subprocess.PIPE)
        more.setdefault("stderr", subprocess.PIPE)
        more.setdefault("cwd", self.work)
        return subprocess.Popen(argv or self.argv(*words, etc=etc), start_new_session=True,
                                env=self.environment() if env is None else env, **more)

    def call(self, *words, **more):
        """danesafe tls WORDS, to its end."""
        return finish(self.start(*words, **more))

    def must(self, *words, **more):
        """A call that has to succeed: ([what is wrong], Result)."""
        result = self.call(*words, **more)
        wrong = [] if result.code == 0 else ["%s: exit %s: %s" % (" ".join(words)[:60], result.code, brief(result.err))]
        return wrong, result

    # ---- looks

    def state(self):
        """{path: what it is} of all that a call could change."""
        found = {}
        folders = [self.path(name) for name in ("etc", "default", "queue", "data")]
        for top in folders + [self.etc]:
            for folder, names, files in os.walk(top):
                for path in [folder] + [os.path.join(folder, name) for name in names + files]:
                    found[path] = fingerprint(path)
        return found

    def settings(self, etc=None):
        """What `postconf -n` reads, as a dict; a string, the complaint, if it reads nothing."""
        folder = etc or self.etc
        age(folder)
        done = subprocess.run(["/usr/sbin/postconf", "-c", folder, "-n"], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, check=False)
        if done.returncode != 0 or done.stderr:
            return "postconf -n: exit %d: %s" % (done.returncode, brief(done.stderr.decode(errors="replace")))
        lines = done.stdout.decode(errors="surrogateescape").split("\n")
        return dict(line.split(" = ", 1) if " = " in line else (line.rstrip(" ="), "") for line in lines if line)

    def made(self, etc=None):
        """The names in the configuration folder that were not there at first."""
        return sorted(set(os.listdir(etc or self.etc)) - {"main.cf", "master.cf"})


def finish(process, limit=CALL_LIMIT):
    begun = time.monotonic()
    try:
        out, err = process.communicate(timeout=limit)
        code = process.returncode
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        out, err = process.communicate()
        code = None
    return Result(code, *((text or b"").decode("utf-8", "surrogateescape") for text in (out, err)),
                  time.monotonic() - begun)


def brief(text, most=300):
    """For a line of the report."""
    text = " | ".join(text.strip().splitlines()) or "(no message)"
    text = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)
    return text if len(text) <= most else text[:most] + "..."


def age(folder, seconds=3600):
    """Postfix's programs wait for a main.cf that is younger than two seconds."""
    try:
        os.utime(os.path.join(folder, "main.cf"), (time.time() - seconds,) * 2)
    except OSError:
        pass


def fingerprint(path):
    """Kind, mode, owner, target; of a plain file also the inode, size, time of change and (below 1 MB) content."""
    info = os.lstat(path)
    what = {"kind": stat.filemode(info.st_mode), "owner": (info.st_uid, info.st_gid)}
    if stat.S_ISLNK(info.st_mode):
        what["target"] = os.readlink(path)
    if stat.S_ISREG(info.st_mode):
        what.update(inode=info.st_ino, size=info.st_size, mtime=info.st_mtime_ns)
        if info.st_size < 1 << 20:
            with open(path, "rb") as content:
                what["content"] = hashlib.sha256(content.read()).hexdigest()
    return what


def changes(before, after):
    """[what differs between two states]"""
    found = ["left behind: " + brief(path) for path in sorted(set(after) - set(before))]
    found += ["gone: " + brief(path) for path in sorted(set(before) - set(after))]
    for path in sorted(set(before) & set(after)):
        differs = [name for name in before[path] if before[path][name] != after[path].get(name)]
        if differs:
            found.append("%s: changed %s" % (brief(path), ", ".join(differs)))
    return found


# ---- keys and certificates


def openssl(*words):
    """The output, None if it fails."""
    done = subprocess.run(["/usr/bin/openssl", *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, env={"PATH": "/usr/bin:/bin"}, check=False)
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else None


def pair_problems(key, cert):
    """[what is wrong with this key and this certificate]"""
    for path in (key, cert):
        if not os.path.isfile(path):
            return ["%s does not exist" % os.path.basename(path)]
    private = openssl("pkey", "-in", key, "-passin", "pass:", "-pubout")
    public = openssl("x509", "-in", cert, "-noout", "-pubkey")
    if not private or not public:
        return ["%s cannot be read" % os.path.basename(cert if private else key)]
    return [] if private == public else ["%s and %s do not match" % (os.path.basename(key), os.path.basename(cert))]


def made_problems(room, pairs, etc=None):
    """[what is wrong] if the instance should hold exactly so many new pairs, each whole, and nothing else."""
    folder, names = etc or room.etc, room.made(etc)
    keys = [name for name in names if KEY_NAME.match(name)]
    wrong = ["left behind: " + name for name in names if not ANY_NAME.match(name)]
    if len(keys) != pairs or len(names) != 2 * pairs + len(wrong):
        wrong.append("%d keys, %d files instead of %d pairs: %s" % (len(keys), len(names), pairs, " ".join(names)))
    seen = set()
    for key in keys:
        cert = KEY_NAME.sub(r"\1cert-\2.pem", key)
        paths = [os.path.join(folder, name) for name in (key, cert)]
        trouble = pair_problems(*paths)
        wrong += trouble
        if trouble:
            continue
        modes = ["%o" % stat.S_IMODE(os.lstat(path).st_mode) for path in paths]
        if modes != ["600", "644"]:
            wrong.append("%s, %s: modes %s" % (key, cert, modes))
        seen.add(openssl("pkey", "-in", paths[0], "-pubout"))
    if len(seen) != len(keys) and not wrong:
        wrong.append("%d keys, but only %d different ones" % (len(keys), len(seen)))
    return wrong


def deployed_problems(room, pairs, etc=None):
    """[what is wrong] with the pairs that main.cf names; there must be so many (None: any number)."""
    settings = room.settings(etc)
    if isinstance(settings, str):
        return [settings]
    wrong, count = [], 0
    for names in SERVER_PAIRS:
        files = [settings.get(name, "") for name in names]
        if any(files):
            count += 1
            wrong += pair_problems(*files) if all(files) else ["only one of %s is set" % " and ".join(names)]
    if pairs is not None and count != pairs:
        wrong.append("main.cf names %d pairs instead of %d" % (count, pairs))
    return wrong


def some_group():
    """A group that is not root's."""
    for name in ("postfix", "adm", "mail"):
        try:
            return grp.getgrnam(name).gr_gid
        except KeyError:
            continue
    return 12345
