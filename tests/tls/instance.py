"""Private Postfix instances, and the three programs that are run on them; never the machine's own instance.

An instance is a directory with etc (the configuration), queue, data, tmp, and for the drop-in a copy of the
daemon directory whose postfix-tls-script is danesafe. Everything of it is below the world's directory.
"""
import functools
import os
import pty
import re
import selectors
import shutil
import subprocess
import time

BY = ("peer", "direct", "drop-in")  # postfix tls; danesafe tls; danesafe in the place of postfix-tls-script
LIMIT = 60  # seconds; nothing here takes longer
MASTER = "smtp inet n - y - - smtpd\n"
MAIN = """# main.cf of a test; this line stays
compatibility_level = 3.6
queue_directory = %(base)s/queue
data_directory = %(base)s/data
%(daemon)s
# and this one, before the name
%(name)s
"""
ENVIRONMENT = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C", "TERM": "dumb"}


@functools.lru_cache(maxsize=None)
def ask_postconf(*argv):
    """A value as the machine's postconf prints it, without its final newline."""
    run = subprocess.run(("postconf",) + argv, capture_output=True, encoding="utf-8", check=True, env=ENVIRONMENT)
    return run.stdout.rstrip("\n")


class Ran:
    """What a program did to the outside: exit status, stdout, stderr (bytes and text)."""

    def __init__(self, code, out, err):
        self.code, self.out = code, out
        self.err = err.decode("utf-8", "backslashreplace").replace("\r\n", "\n")


def run(argv, terminal=False, **more):
    """Run a program to its end; with terminal its stderr is one (and nothing else is)."""
    master = slave = None
    if terminal:
        master, slave = pty.openpty()
    env = dict(ENVIRONMENT, **more.pop("env", {}))
    child = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, start_new_session=True,
                             stderr=slave if terminal else subprocess.PIPE, env=env, **more)
    if terminal:
        os.close(slave)
    source = {child.stdout.fileno(): "out", master if terminal else child.stderr.fileno(): "err"}
    got, end = {"out": b"", "err": b""}, time.monotonic() + LIMIT
    with selectors.DefaultSelector() as selector:
        for number in source:
            selector.register(number, selectors.EVENT_READ)
        while selector.get_map():
            if time.monotonic() > end:
                os.killpg(child.pid, 9)
                got["err"] += b"\n(killed: it took more than %d s)\n" % LIMIT
                break
            for key, _ in selector.select(1.0):
                try:
                    data = os.read(key.fd, 65536)
                except OSError:  # the last one closed the terminal
                    data = b""
                got[source[key.fd]] += data
                if not data:
                    selector.unregister(key.fd)
    code = child.wait()
    child.stdout.close()
    if terminal:
        os.close(master)
    else:
        child.stderr.close()
    return Ran(code, got["out"], got["err"])


class Instance:
    """One private instance, run by one of BY."""

    def __init__(self, base, by, danesafe, materials, conf=(), folder="etc"):
        self.base, self.by, self.danesafe = base, by, danesafe
        self.dir = os.path.join(base, folder)
        for name in ("queue", "data", "tmp", folder):
            os.makedirs(os.path.join(base, name), mode=0o755)
        daemon = ""
        if by == "drop-in":
            daemon = "daemon_directory = %s\n" % self._daemon_directory()
        for name in os.listdir(materials):
            shutil.copy2(os.path.join(materials, name), self.dir)
        self.write("master.cf", MASTER)
        name = "" if any(line.startswith("myhostname") for line in conf) else "myhostname = mail.example.org"
        self.write("main.cf", MAIN % {"base": base, "daemon": daemon, "name": name}
                   + "".join(line.replace("DIR", self.dir) + "\n" for line in conf))

    def _daemon_directory(self):
        """The machine's daemon directory in symbolic links, except for the one script."""
        mine, real = os.path.join(self.base, "daemon"), ask_postconf("-dh", "daemon_directory")
        os.mkdir(mine, 0o755)
        for name in os.listdir(real):
            target = self.danesafe if name == "postfix-tls-script" else os.path.join(real, name)
            os.symlink(target, os.path.join(mine, name))
        return mine

    def path(self, name):
        return os.path.join(self.dir, name)

    def write(self, name, text, mode=0o644):
        path = self.path(name)
        with open(path, "wb") as out:
            out.write(text if isinstance(text, bytes) else text.encode())
        os.chmod(path, mode)
        return path

    def read(self, name):
        with open(self.path(name), encoding="utf-8") as file:
            return file.read()

    def cool(self):
        """Postfix's programs wait for a main.cf that was written in the last two seconds."""
        os.utime(self.path("main.cf"), (time.time() - 3600,) * 2)

    def postconf(self, *argv):
        """The lines of postconf -c DIR ..., sorted."""
        self.cool()
        return sorted(run(["postconf", "-c", self.dir] + list(argv)).out.decode().splitlines())

    def own(self, text):
        """The text with what only this instance has replaced: its directory, the daemon directory."""
        text = re.sub(r"(?m)^daemon_directory = .*\n?", "", text)
        return text.replace(self.base, "BASE").replace("BASE/" + os.path.basename(self.dir), "DIR")

    def argv(self, words):
        words = [word.replace("DIR", self.dir) for word in words]
        if self.by == "direct":
            return [self.danesafe, "tls", "--config-dir", self.dir] + words
        return ["postfix", "-c", self.dir, "tls"] + words

    def tls(self, words):
        """Run the subcommand; every time starts with an old main.cf."""
        self.cool()
        return run(self.argv(words), terminal=self.by == "peer", cwd="/",
                   env={"TMPDIR": os.path.join(self.base, "tmp")})


def full(instance, pages):
    """Put the configuration directory on a file system of its own with only so many pages of 4 KiB left."""
    aside = instance.dir + ".aside"
    os.rename(instance.dir, aside)
    os.mkdir(instance.dir, 0o755)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755,size=1m", "tmpfs", instance.dir], check=True)
    shutil.copytree(aside, instance.dir, symlinks=True, dirs_exist_ok=True)
    shutil.rmtree(aside)
    instance.cool()
    with open(instance.path("filler"), "wb", buffering=0) as filler:
        try:
            while True:
                filler.write(bytes(4096))
        except OSError:
            filler.truncate(filler.tell() - 4096 * pages)
