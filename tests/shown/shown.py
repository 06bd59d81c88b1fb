"""States of danesafe out of scenarios, and what the program shows of them; for the tests beside this file."""
import os
import re
import shutil
import subprocess
import sys
import tempfile

SKIP = 77
HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.join(HERE, "..", "..")
SCENARIOS = os.path.join(TOP, "tests", "scenario")
BUILD = os.getcwd()
DANESAFE = os.environ.get("DANESAFE", os.path.join(BUILD, "danesafe"))
MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # many states, each flushed to disk
STATE = os.path.join(BUILD, "tests", "shown", "state")


class State:
    """A folder with the state of a scenario up to a line; with `with` it goes again."""

    def __init__(self, scenario, line=0):
        self.name = f"{scenario}:{line}" if line else scenario
        self.folder = tempfile.mkdtemp(prefix="danesafe-shown-", dir=MEMORY)
        subprocess.run([STATE, os.path.join(SCENARIOS, scenario + ".scn"), str(line), self.folder],
                       check=True, timeout=60)
        self.config = os.path.join(self.folder, "danesafe.yaml")
        os.mkdir(os.path.join(self.folder, "postfix"))
        self.write("postfix/main.cf", "compatibility_level = 3.6\n")
        self.write("tsig.key", 'key "update." { algorithm hmac-sha256; secret "c2VjcmV0IHNlY3JldCBzZWNyZXQ="; };\n', 0o600)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder, ignore_errors=True)

    def write(self, name, text, mode=0o644):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        os.chmod(path, mode)

    def run(self, *words, codes=(0, 1), env=None, before=()):
        """What it prints; a failure when it ends otherwise, or complains."""
        done = subprocess.run([*before, DANESAFE, "-c", self.config, *words], capture_output=True, text=True, timeout=60,
                              check=False, env=env)
        if done.returncode not in codes or (done.stderr and done.returncode in (0, 1)):
            raise AssertionError(f"{self.name}: {' '.join(words)}: exit {done.returncode}: {done.stderr}")
        return done.stdout


def scenarios():
    return sorted(name[:-4] for name in os.listdir(SCENARIOS) if name.endswith(".scn"))


def lines(scenario, every):
    """The numbers of lines after which passes were made."""
    with open(os.path.join(SCENARIOS, scenario + ".scn"), encoding="utf-8") as f:
        found = [n for n, text in enumerate(f, 1) if re.match(r"(pass|run|until)\b", text)]
    return found[::every]


def in_a_network_of_its_own(inside, *more):
    """Runs the test again, as root in a new network namespace (and more, options of unshare), and there inside()."""
    if sys.argv[1:] == ["inside"]:
        inside()
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        print("skipped: needs to be root, and unshare")
        sys.exit(SKIP)
    os.execvp("unshare", ["unshare", "-n", *more, sys.executable, os.path.abspath(sys.argv[0]), "inside"])


class Results:
    """One line a promise, as all tests say it."""

    def __init__(self):
        self.failed = 0

    def check(self, good, promise, why=""):
        print(f"{'ok' if good else 'not ok'} - {promise}{'' if good else ': ' + str(why)}")
        self.failed += not good

    def end(self):
        sys.exit(1 if self.failed else 0)
