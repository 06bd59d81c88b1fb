"""How fast `danesafe tls` is beside `postfix tls`: the two in turn, A B A B ..., medians in a table.

Usage: bench.py --danesafe PATH [--runs 7] [WORK...]. A missed goal is a line in the table, never a failure:
exit 0, or 77 with the reason when it cannot run here, 64 usage.
A new row is a line in WORKS; nothing of the machine is touched.
"""
import argparse
import collections
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lab"))
import netns

SKIP = 77
HOST = "mx1.example.org"
PROGRAM_LIMIT = 60  # seconds; a program that takes longer hangs
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C", "HOME": "/"}

# --- what is measured --------------------------------------------------------

# peers of `danesafe tls`; KEYGEN draws the same key as we do in the same pair, another one in each pair
POSTFIX, KEYGEN = "postfix tls", "key alone in C"

# goals: ours / peer at most, child processes at most; what is not named has no goal
READS = {"wall": 1 / 5, "cpu": 1 / 8, "children": 2}
CHANGES = {"wall": 1 / 2, "cpu": 1 / 5}
CHANGES_RSA = {"wall": 1 / 2}  # most of the CPU time is the key's, on both sides
KEY = {"wall": 1.15}
NONE = {}

# keys: which keys main.cf names: "", "rsa", "ecdsa", "rsa ecdsa".  changed: main.cf was changed right before.
# waits: the peer mostly sleeps, so the row runs beside the other ones that wait.  least: runs at least.
Work = collections.namedtuple("Work", "name args keys goals peer changed waits least",
                              defaults=(POSTFIX, False, False, 1))

WORKS = [
    Work("all-default-client", "all-default-client", "", READS),
    Work("all-default-server", "all-default-server", "", READS),
    Work("new-server-key P-256", "new-server-key -a ecdsa", "", READS),
    Work("new-server-key P-256, one in use", "new-server-key -a ecdsa", "ecdsa", READS),
    Work("new-server-cert P-256", "new-server-cert -a ecdsa", "ecdsa", READS),
    Work("new-server-cert RSA", "new-server-cert -a rsa", "rsa", READS),
    Work("output-server-csr P-256", "output-server-csr -k ecdsa", "ecdsa", READS),
    Work("output-server-csr RSA", "output-server-csr -k rsa", "rsa", READS),
    Work("output-server-tlsa P-256", "output-server-tlsa", "ecdsa", READS),
    Work("output-server-tlsa, 2 keys", "output-server-tlsa", "rsa ecdsa", READS),
    Work("new-server-key RSA-2048", "new-server-key -a rsa", "", NONE),
    Work("new-server-key RSA-2048, same key", "new-server-key -a rsa", "", KEY, KEYGEN, least=24),
    Work("enable-client", "enable-client", "", CHANGES),
    Work("enable-client, changed", "enable-client", "", CHANGES, changed=True, waits=True),
    Work("enable-server P-256", "enable-server -a ecdsa", "", CHANGES, waits=True),
    Work("enable-server P-256, changed", "enable-server -a ecdsa", "", CHANGES, changed=True, waits=True),
    Work("enable-server RSA-2048", "enable-server -a rsa", "", CHANGES_RSA, waits=True),
    Work("deploy-server-cert", "deploy-server-cert new-cert.pem new-key.pem", "ecdsa", CHANGES, waits=True),
    Work("deploy-server-cert, changed", "deploy-server-cert new-cert.pem new-key.pem", "ecdsa", CHANGES,
         changed=True, waits=True),
]

PARAMETERS = {"rsa": ("smtpd_tls_cert_file", "smtpd_tls_key_file"),
              "ecdsa": ("smtpd_tls_eccert_file", "smtpd_tls_eckey_file")}


class Problem(Exception):
    """Why there is no figure; printed in its place."""


# --- the world ---------------------------------------------------------------

def answer_no(sock):
    """A resolver at once at hand: every name is unknown, and it says so securely."""
    while True:
        question, peer = sock.recvfrom(4096)
        end = 12
        while end < len(question) and question[end] != 0:
            end += 1 + question[end]
        reply = question[:2] + b"\x81\xa3" + b"\0\1\0\0\0\0\0\0" + question[12:end + 5]
        sock.sendto(reply, peer)


def start_resolver(work):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", 53))
    threading.Thread(target=answer_no, args=(sock,), daemon=True).start()
    netns.bind_over("/etc/resolv.conf", "nameserver 127.0.0.1\n", work)


def make_keys(folder):
    """A key and its certificate of each kind, and another pair to deploy."""
    os.makedirs(folder)
    for name, algorithm in (("rsa", ["rsa:2048"]), ("ecdsa", ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]),
                            ("new", ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"])):
        subprocess.run(["openssl", "req", "-x509", "-nodes", "-days", "36500", "-subj", "/CN=" + HOST,
                        "-addext", "subjectAltName=DNS:" + HOST, "-newkey", *algorithm,
                        "-keyout", os.path.join(folder, name + "-key.pem"),
                        "-out", os.path.join(folder, name + "-cert.pem")],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def flush(path):
    """Onto the disk, so that no measured program has to wait for what we wrote."""
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def compile_keygen(tools):
    """The peer of a new key, and what makes both draw the same."""
    for name, options in (("keygen", []), ("samekey", ["-shared", "-fPIC"])):
        tools[name] = os.path.join(tools["top"], name)
        if subprocess.call([os.environ.get("CC", "cc"), "-O2", *options, "-o", tools[name],
                            os.path.join(HERE, name + ".c"), "-lcrypto"]):
            raise Problem("%s.c is not compiled (needs cc, libssl-dev)" % name)


class Instance:
    """One private Postfix instance, never started; made anew before every run."""

    def __init__(self, top, keys_folder):
        self.top, self.keys_folder = top, keys_folder
        self.etc = os.path.join(top, "etc")
        queue, data = os.path.join(top, "queue"), os.path.join(top, "data")
        for folder in (top, queue, data):
            os.makedirs(folder, 0o755)
        shutil.chown(data, "postfix")
        with open("/etc/postfix/main.cf", encoding="utf-8", errors="surrogateescape") as given:
            lines = given.read().splitlines()
        mine = [("myhostname", HOST), ("queue_directory", queue), ("data_directory", data)]
        self.text = "\n".join(self._without_tls(lines)) + "\n" + "".join("%s = %s\n" % one for one in mine)

    @staticmethod
    def _without_tls(lines):
        """main.cf of the machine, less what the commands look at or we set."""
        dropping = False
        for line in lines:
            if line[:1] not in (" ", "\t", "#", ""):
                name = re.split(r"[\s=]", line, maxsplit=1)[0]
                dropping = "tls" in name or name.startswith(("multi_instance", "maillog_file", "syslog_name",
                                                             "myhostname", "queue_dir", "data_dir", "config_dir"))
            if not dropping:
                yield line

    def renew(self, work):
        shutil.rmtree(self.etc, ignore_errors=True)
        os.makedirs(self.etc, 0o755)
        shutil.copy("/etc/postfix/master.cf", self.etc)
        text = self.text
        for kind in work.keys.split():
            for parameter, end in zip(PARAMETERS[kind], ("cert", "key")):
                text += "%s = %s/%s-%s.pem\n" % (parameter, self.etc, kind, end)
        for name in os.listdir(self.keys_folder):
            shutil.copy(os.path.join(self.keys_folder, name), self.etc)
        with open(os.path.join(self.etc, "main.cf"), "w", encoding="utf-8", errors="surrogateescape") as out:
            out.write(text)
        flush(os.path.join(self.etc, "main.cf"))
        flush(self.etc)

    def set_age(self, seconds):
        then = time.time() - seconds
        os.utime(os.path.join(self.etc, "main.cf"), (then, then))


# --- one run -----------------------------------------------------------------

Figures = collections.namedtuple("Figures", "wall cpu")


def run(argv, errors, more=()):
    """Wall and CPU time of a program and all that it waited for."""
    actions = [(os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0),
               (os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0),
               (os.POSIX_SPAWN_OPEN, 2, errors, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)]
    begun = time.perf_counter()
    pid = os.posix_spawn(argv[0], argv, {**ENVIRONMENT, **dict(more)}, file_actions=actions,
                         setsigdef=[signal.SIGPIPE])
    guard = threading.Timer(PROGRAM_LIMIT, os.kill, (pid, signal.SIGKILL))
    guard.daemon = True
    guard.start()
    _pid, status, used = os.wait4(pid, 0)
    wall = time.perf_counter() - begun
    guard.cancel()
    if status != 0:
        with open(errors, encoding="utf-8", errors="replace") as said:
            last = said.read().strip().splitlines()[-1:] or ["(it says nothing)"]
        raise Problem("%s: exit status %d: %s" % (" ".join(argv), os.waitstatus_to_exitcode(status), last[0]))
    return Figures(wall * 1000, (used.ru_utime + used.ru_stime) * 1000)


class Row:
    """A work and its figures, in milliseconds."""

    def __init__(self, work, top, tools):
        self.work, self.tools = work, tools
        self.instance = Instance(top, tools["keys"])
        self.errors = os.path.join(top, "errors")
        self.peer, self.ours, self.children = [], [], None
        self.problem = None

    def argvs(self):
        args = self.work.args.split()
        ours = [self.tools["danesafe"], "tls", "--config-dir", self.instance.etc, *args]
        if self.work.peer == KEYGEN:
            return [self.tools["keygen"]], ours
        return [self.tools["postfix"], "-c", self.instance.etc, "tls", *args], ours

    def one(self, argv, part, seed=1):
        """part: where in a second main.cf is changed, as Postfix's programs count whole ones."""
        self.instance.renew(self.work)
        self.instance.set_age(3600)
        if self.work.changed:
            time.sleep((part - time.time()) % 1)
            self.instance.set_age(0)
        same = {"LD_PRELOAD": self.tools["samekey"], "SAMEKEY": str(seed)} if self.work.peer == KEYGEN else {}
        return run(argv, self.errors, same)

    def count(self, argv):
        """Child processes; None without strace."""
        if self.tools["strace"] is None:
            return None
        trace = self.errors + ".strace"
        self.one([self.tools["strace"], "-f", "-q", "-o", trace, "-e", "trace=execve", *argv], 0)
        with open(trace, encoding="ascii", errors="replace") as lines:
            return len({line.split()[0] for line in lines}) - 1

    def same_key(self, peer, ours):
        """Is what one pair makes the same key? Otherwise the figures say nothing."""
        self.one(ours, 0)
        key, = [name for name in os.listdir(self.instance.etc) if re.match(r"key-\d", name)]
        made = subprocess.check_output(["openssl", "pkey", "-pubout", "-in", os.path.join(self.instance.etc, key)])
        same = {**ENVIRONMENT, "LD_PRELOAD": self.tools["samekey"], "SAMEKEY": "1"}
        if subprocess.check_output([*peer, "show"], env=same) != made:
            raise Problem("the two do not draw the same key")

    def measure(self, runs):
        runs = max(runs, self.work.least)
        try:
            if self.work.peer == KEYGEN:
                compile_keygen(self.tools)
            peer, ours = self.argvs()
            # these are not measured, and warm the caches
            if self.work.peer == KEYGEN:
                self.same_key(peer, ours)
            self.children = self.count(peer), self.count(ours)
            for i in range(runs):
                self.peer.append(self.one(peer, i / runs, i))
                self.ours.append(self.one(ours, i / runs, i))
        except (Problem, OSError, ValueError, subprocess.CalledProcessError) as problem:
            self.problem = str(problem)


# --- the table ---------------------------------------------------------------

COLUMNS = ("work", "peer", "peer's figure", "ours", "ratio", "goal", "met")
WIDTHS = (40, 14, 22, 22, 5, 9, 3)


def line(*cells):
    print(" | ".join(str(cell).ljust(width) for cell, width in zip(cells, WIDTHS)).rstrip(), flush=True)


def shown(values):
    def ms(value):
        return "%.0f" % value if value >= 100 else "%.1f" % value
    return "%s ms (%s-%s)" % (ms(statistics.median(values)), ms(min(values)), ms(max(values)))


def goal_text(goal):
    return "-" if goal is None else "<= %.2f" % goal if goal > 1 else "<= 1/%d" % round(1 / goal)


def met(value, goal):
    return "-" if goal is None else "yes" if value <= goal else "NO"


def ratio(row, what):
    return statistics.median(getattr(a, what) / getattr(b, what) for a, b in zip(row.ours, row.peer))


def print_row(row):
    if row.problem:
        line(row.work.name, row.work.peer, "no figure: " + row.problem)
        return
    for what in Figures._fields:
        value, goal = ratio(row, what), row.work.goals.get(what)
        line("%s: %s" % (row.work.name, "wall" if what == "wall" else "CPU"), row.work.peer,
             shown([getattr(one, what) for one in row.peer]), shown([getattr(one, what) for one in row.ours]),
             "%.2f" % value if value > 1 else "%.3f" % value, goal_text(goal), met(value, goal))
    if None not in row.children and row.work.peer == POSTFIX:
        peer, ours = row.children
        goal = row.work.goals.get("children")
        line("%s: children" % row.work.name, row.work.peer, peer, ours, "%.3f" % (ours / peer),
             "-" if goal is None else "at most %d" % goal, met(ours, goal))


def load():
    return "%.1f" % os.getloadavg()[0]


def side_by_side(rows, runs):
    threads = [threading.Thread(target=row.measure, args=(runs,), daemon=True) for row in rows]
    for thread in threads:
        thread.start()
    for row, thread in zip(rows, threads):
        thread.join()
        print_row(row)


def inside(options):
    """In namespaces of our own: no log, no network, a resolver that answers at once."""
    netns.die_with_parent()
    memory = netns.enter()
    for number in netns.SIGNALS:
        # the kernel ends what runs in here, and who started us tidies up
        signal.signal(number, lambda n, _frame: os._exit(128 + n))
    start_resolver(memory)
    top = options.folder
    tools = {"danesafe": os.path.abspath(options.danesafe), "top": top, "keys": os.path.join(top, "keys"),
             "postfix": shutil.which("postfix"), "strace": shutil.which("strace")}
    make_keys(tools["keys"])
    works = [work for work in WORKS if work.name in options.works]
    os.chdir("/")
    rows = [Row(work, os.path.join(top, "row%d" % i), tools) for i, work in enumerate(works)]
    begun = time.monotonic()
    print("# danesafe tls beside postfix tls: %d pairs each, in turn; median (min-max); load average %s" % (
        options.runs, load()))
    print("# ratio: ours / peer's, the median of the pairs' ratios; changed: main.cf changed right before the run\n"
          "# beside a key alone: %d pairs and more, with the same key for both in each pair" % (
              max(work.least for work in WORKS)))
    line(*COLUMNS)
    line(*("-" * width for width in WIDTHS))
    for row in rows:
        if not row.work.waits:
            row.measure(options.runs)
            print_row(row)
    side_by_side([row for row in rows if row.work.waits], options.runs)
    print("# rows whose peer mostly sleeps ran beside each other; children (processes): %s\n"
          "# %.0f s; load average %s" % ("counted in a run more, with strace" if tools["strace"] else "no strace",
                                         time.monotonic() - begun, load()))
    return 0


# --- begin and end -----------------------------------------------------------

def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("works", nargs="*", metavar="WORK",
                        help="a row's name or how it begins; default: all; see --list")
    parser.add_argument("--danesafe", default=os.environ.get("DANESAFE"), metavar="PATH",
                        help="the program measured (default: $DANESAFE)")
    parser.add_argument("--runs", type=int, default=7, metavar="N", help="pairs of each (default 7)")
    parser.add_argument("--folder", default="/var/tmp", metavar="DIR",
                        help="where the copies are made; a disk, as files are synced (default /var/tmp)")
    parser.add_argument("--list", action="store_true", help="the names of the rows")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    names = [work.name for work in WORKS]
    wanted = options.works or [""]
    for word in wanted:
        if not any(name.startswith(word) for name in names):
            parser.error("no such work: %s" % word)
    if options.runs < 1:
        parser.error("--runs: at least 1")
    options.works = [name for name in names if any(name.startswith(word) for word in wanted)]
    return options


def missing(options):
    """Why it cannot run here, or None."""
    if not options.danesafe or not os.access(options.danesafe, os.X_OK):
        return "no danesafe to measure: give --danesafe PATH"
    if os.geteuid() != 0:
        return "needs to be root"
    lacking = [name for name in ("postfix", "openssl", "ip", "mount") if shutil.which(name) is None]
    if lacking:
        return "not installed: " + " ".join(lacking)
    if not os.path.isfile("/etc/postfix/main.cf"):
        return "postfix tls needs a /etc/postfix/main.cf"
    if not os.path.isdir(options.folder):
        return "%s is no folder" % options.folder
    if subprocess.call(["unshare", "--mount", "--net", "--pid", "--fork", "true"], stderr=subprocess.DEVNULL):
        return "no namespaces"
    return None


def main():
    try:
        options = arguments()
    except SystemExit as end:
        return 64 if end.code == 2 else end.code
    if options.list:
        print("\n".join(work.name for work in WORKS))
        return 0
    if options.inside:
        return inside(options)
    os.environ["PATH"] = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    reason = missing(options)
    if reason:
        print("bench cannot run: %s" % reason)
        return SKIP
    top = tempfile.mkdtemp(prefix="danesafe-bench.", dir=options.folder)
    os.chmod(top, 0o755)
    child = subprocess.Popen([sys.executable, os.path.abspath(__file__), "--inside", "--danesafe", options.danesafe,
                              "--runs", str(options.runs), "--folder", top, "--", *options.works])
    try:
        for number in netns.SIGNALS:
            signal.signal(number, lambda *_: child.terminate())
        return child.wait()
    finally:
        shutil.rmtree(top, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
