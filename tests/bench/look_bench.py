"""How fast danesafe looks at many owners, beside dnsperf and a loop of dig on the same servers: medians in a table.

Usage: look_bench.py --danesafe PATH --look PATH --state PATH [--runs 7] [--owners 10000] [--large]. A missed goal is a line in
the table, never a failure: exit 0, or 77 with the reason when it cannot run here, 64 usage.

One signed zone (ECDSA P-256, NSEC) on three addresses of one NSD, a root that delegates to it, a validating Unbound;
all on loopback, in namespaces of its own; our clients, theirs and the servers share the processors.

What is compared with what:
  dnsperf      as many questions as the look asks (DO, window 100), all to one of the three addresses; it verifies
               nothing.  "the same questions": to whom the look puts them, four of it at once, one an address and one
               for the resolver.  "records alone": one for each owner and server, of the eight that an owner costs.
  the look     tests/bench/look.c: look_dns() alone, no state file and no sweep of endpoints, for which dnsperf has no
               like.  cold: every signature is verified, once for each record set.  warm: with the file of verdicts
               that the look before left.  The resolver has the zone's own names in its cache both times.
  dig          one process a question; a sample is measured and multiplied, which the row says.
"""
import argparse
import collections
import hashlib
import os
import shutil
import signal
import statistics
import subprocess
import sys
import time

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "lab")]
import bench
import look_world as world
import netns
import servers
import world as lab_world

LIMIT = 600  # seconds; a look that takes longer hangs
SAMPLE = 30  # digs that stand for all
VERIFIED = 100  # hosts of the verify row
PASSED = 10  # hosts of a whole pass, each with a Postfix and its part of the owners

FAULTS = (servers.Problem, OSError, ValueError, subprocess.SubprocessError)  # a row less, not the end

Look = collections.namedtuple("Look", "wall cpu rss asked shown none unsigned bogus silent")


def record(i):
    return "3 1 1 " + hashlib.sha256(b"key %d" % i).hexdigest()


def figures(line):
    """What a program of ours says: a word and its figure, in turn."""
    words = line.split()
    return dict(zip(words[::2], words[1::2]))


class Tools:
    """The programs that are measured, and where they find the world."""

    def __init__(self, options, work, owners):
        self.danesafe, self.program, self.work, self.owners = options.danesafe, options.look, work, owners
        self.fill = options.state
        self.questions = os.path.join(work, "questions")
        self.past = os.path.join(work, "verified")
        with open(self.questions, "w", encoding="ascii") as out:
            out.writelines("%s TLSA\n" % world.owner(i) for i in range(owners))
        self.both = os.path.join(work, "both-questions")
        with open(self.both, "w", encoding="ascii") as out:
            out.writelines("%s TLSA\nh%d.%s A\n" % (world.owner(i), i, world.ZONE) for i in range(owners))

    def look(self, owners=None, past=False):
        """One look in a process of its own; seconds, seconds, MiB, counts of outcomes."""
        if not past and os.path.exists(self.past):
            os.unlink(self.past)
        argv = [self.program, str(owners or self.owners), world.ZONE.rstrip("."), world.RESOLVER, "1", self.past]
        done = subprocess.run(argv, stdout=subprocess.PIPE, encoding="ascii", timeout=LIMIT, check=True)
        found = figures(done.stdout)
        return Look(*(float(found[name]) / scale for name, scale in zip(
            Look._fields, (1000, 1000, 1024, 1, 1, 1, 1, 1, 1))))

    def dnsperf(self, times=3, addresses=world.ADDRESSES[:1], questions=None):
        """Seconds for all questions, `times` over, put to each of the addresses at once; of the last to end."""
        running = [subprocess.Popen(["dnsperf", "-s", address, "-d", questions or self.questions, "-c", "1", "-T", "1", "-q", "100",
                                     "-n", str(times), "-D"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                    encoding="ascii") for address in addresses]
        said = "".join(one.communicate()[0] for one in running)
        return max(float(line.split()[-1]) for line in said.splitlines() if "Run time" in line)

    def dnsperf_many(self):
        """Seconds for as many questions as the look asks, two an owner and four times over, to one address."""
        return self.dnsperf(4, questions=self.both)

    def dnsperf_all(self):
        """Seconds for the very questions of the look: two an owner, to each server and to the resolver."""
        return self.dnsperf(1, world.ADDRESSES + [world.RESOLVER], self.both)

    def dig(self):
        """Seconds of one dig, as a loop of them has it."""
        begun = time.perf_counter()
        for i in range(SAMPLE):
            servers.tool("dig", "+dnssec", "+norec", "+short", "@" + world.ADDRESSES[i % 3], world.owner(i), "TLSA")
        return (time.perf_counter() - begun) / SAMPLE

    def verify(self):
        begun = time.perf_counter()
        subprocess.run([self.danesafe, "verify", *("h%d.%s" % (i, world.ZONE.rstrip(".")) for i in range(VERIFIED))],
                       stdout=subprocess.DEVNULL, check=False)
        return time.perf_counter() - begun

    def run(self, config):
        """One pass: seconds, MiB, exit code."""
        begun = time.perf_counter()
        child = subprocess.Popen([self.danesafe, "-c", config, "run"], stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL)
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        return time.perf_counter() - begun, used.ru_maxrss / 1024, child.returncode

    def status(self, config, *words):
        begun = time.perf_counter()
        servers.tool(self.danesafe, "-c", config, "status", *words)
        return time.perf_counter() - begun


# --- the table ---------------------------------------------------------------

def row(work, peer, theirs, ours, value, goal=None):
    bench.line(work, peer, theirs, ours, "%.2f" % value if value > 0.1 else "%.4f" % value,
               "-" if goal is None else "<= %g" % goal, "-" if goal is None else "yes" if value <= goal else "NO")


def seconds(values):
    return "%.2f s (%.2f-%.2f)" % (statistics.median(values), min(values), max(values))


def pairs(runs, theirs, ours):
    """A B A B ...; both lists and the median of the ratios."""
    a, b = [], []
    for _ in range(runs):
        a.append(theirs())
        b.append(ours())
    return a, b, statistics.median(y / x for x, y in zip(a, b))


def same_run(tools, runs):
    """Rows 4, 5: cold and warm beside dnsperf."""
    name = "look, %d x 3" % tools.owners
    tools.look()
    for words, past, goal in (("cold", False, 2.2), ("warm", True, 1.4)):
        def ours_once(past=past):
            return tools.look(past=past).wall

        theirs, ours, value = pairs(runs, tools.dnsperf_many, ours_once)
        row("%s, %s" % (name, words), "dnsperf", seconds(theirs), seconds(ours), value, goal)
        theirs, ours, value = pairs(runs, tools.dnsperf_all, ours_once)
        row("%s, %s" % (name, words), "the same questions", seconds(theirs), seconds(ours), value)
        theirs, ours, value = pairs(runs, tools.dnsperf, ours_once)
        row("%s, %s" % (name, words), "records alone", seconds(theirs), seconds(ours), value)
    bench.line("  questions asked (dnsperf: %d)" % (8 * tools.owners), "-", "-", "%d" % tools.look(past=True).asked)
    one = [tools.dig() for _ in range(3)]
    cost = statistics.median(one) * tools.owners * 3
    row(name + ", warm", "loop of dig", "%.0f s (%d, times %d)" % (cost, SAMPLE, tools.owners * 3 / SAMPLE),
        seconds(ours), statistics.median(ours) / cost, 0.01)
    return statistics.median(one)


def memory(tools, sizes):
    """Row 9: the look and the hosts that it fills."""
    base = None
    for owners in sizes:
        got = tools.look(owners)
        goal = 40 if owners <= 10000 else 300
        if base is not None:
            row("memory of the look, %d x 3" % owners, "%d x 3" % base[0], "%.0f MiB" % base[1], "%.0f MiB" % got.rss,
                got.rss / base[1], owners / base[0])
        bench.line("memory of the look, %d x 3" % owners, "-", "-", "%.0f MiB" % got.rss, "-", "<= %d MiB" % goal,
                   bench.met(got.rss, goal))
        base = (owners, got.rss)


def dead(tools, there, runs):
    """Row 7: one of three takes every question and answers none."""
    alive = [tools.look(past=True).wall for _ in range(runs)]
    there.serve(world.ADDRESSES[:2])
    sink = world.Sink(world.ADDRESSES[2])
    got = [tools.look(past=True) for _ in range(runs)]
    sink.close()
    more = statistics.median(one.wall for one in got) - statistics.median(alive)
    bench.line("look, one of 3 drops everything", "all alive", seconds(alive), seconds([one.wall for one in got]),
               "+%.1f s" % more, "<= +3 s", bench.met(more, 3))
    if any(one.shown != 2 * tools.owners or one.silent != tools.owners for one in got):
        bench.line("  and the outcomes of the others", "-", "-", str(got[0]), "-", "as alive", "NO")


def paths(tools, there, runs):
    """Rows 6, 14: through a path that is long, or loses some."""
    program = os.path.join(tools.work, "path")
    if subprocess.call([os.environ.get("CC", "cc"), "-O2", "-D_GNU_SOURCE", "-o", program, os.path.join(HERE, "path.c")]):
        bench.line("look, 20 ms, 1 % lost", "-", "no figure: path.c is not compiled")
        return
    there.serve(world.ADDRESSES, 5300)

    def through(delay, loss, work):
        with subprocess.Popen([program, str(delay), str(loss), *world.ADDRESSES], stdin=subprocess.PIPE) as path:
            try:
                servers.wait_until(lambda: all(map(world.answers, world.ADDRESSES)), 30, "path")
                return work()
            finally:
                path.stdin.close()

    def both():
        tools.look()
        return pairs(runs, lambda: tools.dnsperf(1, world.ADDRESSES), lambda: tools.look(past=True).wall)

    theirs, ours, value = through(10, 0, both)
    row("look, %d x 3, warm, 20 ms away" % tools.owners, "3 dnsperf at once", seconds(theirs), seconds(ours), value, 1.2)
    whole = through(0, 0, lambda: [tools.look(past=True) for _ in range(runs)])
    some = through(0, 1, lambda: [tools.look(past=True) for _ in range(runs)])
    value = statistics.median(one.wall for one in some) / statistics.median(one.wall for one in whole)
    row("look, %d x 3, warm, 1 %% lost" % tools.owners, "none lost", seconds([one.wall for one in whole]),
        seconds([one.wall for one in some]), value, 1.3)
    missing = sum(one.none + one.bogus + one.unsigned for one in some)
    bench.line("  false \"missing\" then (silent: %d)" % max(one.silent for one in some), "-", "-", "%d" % missing, "-",
               "0", bench.met(missing, 0))
    there.serve(world.ADDRESSES)


def verify(tools, dig):
    """Row 10."""
    tools.verify()
    ours = [tools.verify() for _ in range(5)]
    cost = dig * VERIFIED * 3
    row("verify, %d x 3, signatures checked" % VERIFIED, "loop of dig", "%.1f s (%d, times %d)" % (
        cost, SAMPLE, VERIFIED * 3 / SAMPLE), seconds(ours), statistics.median(ours) / cost, 0.01)


def status(tools):
    """Rows 13, 16: with states of many hosts and of one, as passes leave them (state.c)."""
    name = "h%d." + world.ZONE.rstrip(".")

    def filled(n):
        state = os.path.join(tools.work, "state-%d" % n)
        os.makedirs(state, 0o750)
        hosts = "".join("  %s: { endpoints: [%s], config-dir: /etc/postfix-%d }\n" % (name % i, world.MAIL, i)
                        for i in range(n))
        config = servers.write(os.path.join(tools.work, "danesafe-%d.yaml" % n),
                               "state-dir: %s\nresolver: %s\nhosts:\n%s" % (state, world.RESOLVER, hosts), 0o600)
        return config, figures(servers.tool(tools.fill, config))

    def timed(n, config, words, goal):
        ours = [tools.status(config, *words) * 1000 for _ in range(15)]
        bench.line("status %s, %d hosts" % (words[0], n), "-", "-", bench.shown(ours), "-",
                   "-" if goal is None else "<= %d ms" % goal,
                   "-" if goal is None else bench.met(statistics.median(ours), goal))

    many, found = filled(tools.owners)
    bench.line("save %d hosts, one transaction" % tools.owners, "-", "-", found["save"] + " s")
    bench.line("decide, one core", "-", "-", "%s a second" % found["decide"], "-", ">= 1000000",
               bench.met(-float(found["decide"]), -1e6))
    one, _ = filled(1)
    timed(tools.owners, many, ["--short"], 50)
    timed(1, one, ["--short"], 10)
    timed(1, one, [name % 0], 10)
    timed(tools.owners, many, [name % 1], None)


def passed_config(tools, work, keys):
    """Settings and Postfixes of hosts with many owners each, all adopted as they are; no more keys are made."""
    each = tools.owners // PASSED
    hosts = ""
    for i, (key, cert, _spki) in enumerate(keys):
        name = "h%d.%s" % (i * each, world.ZONE.rstrip("."))
        folder = os.path.join(work, "postfix-%d" % i)
        os.makedirs(folder)
        servers.write(os.path.join(folder, "master.cf"), "")
        servers.write(os.path.join(folder, "main.cf"), "compatibility_level = 3.6\nmyhostname = %s\n"
                      "smtpd_tls_security_level = may\nsmtpd_tls_key_file = %s\nsmtpd_tls_cert_file = %s\n" % (
                          name, key, cert))
        more = ", ".join(world.owner(i * each + j) for j in range(1, each))
        hosts += "  %s: { standby: false, endpoints: [%s], config-dir: %s, owners: [%s] }\n" % (
            name, world.MAIL, folder, more)
    state = os.path.join(work, "state")
    os.makedirs(state, 0o750)
    return servers.write(os.path.join(work, "danesafe.yaml"), "state-dir: %s\nresolver: %s\n"
                         "alert: { metrics-file: %s/danesafe.prom }\nhosts:\n%s" % (
                             state, world.RESOLVER, work, hosts), 0o600)


def whole_pass(tools, work, runs):
    """Rows 8, 9: look, sweep, decide, record and metrics beside the look alone; nobody listens at the endpoints.
    In a world of its own, where each host's records are of its key."""
    os.makedirs(work)
    each = tools.owners // PASSED
    keys = [lab_world.make_key(work, "key-%d" % i, "h%d.%s" % (i * each, world.ZONE.rstrip(".")))
            for i in range(PASSED)]
    there = world.World(work, tools.owners, lambda i: "3 1 1 " + keys[min(i // each, PASSED - 1)][2])
    config = passed_config(tools, work, keys)
    tools.look()
    for _ in range(2):  # adopts; then nothing is left to do
        tools.run(config)
    got = []
    for words, past, goal in (("cold", False, 1.4), ("warm", True, None)):
        theirs, ours, value = pairs(runs, lambda past=past: tools.look(past=past).wall,
                                    lambda: got.append(tools.run(config)) or got[-1][0])
        row("whole pass, %d owners, steady" % tools.owners, "the look, " + words, seconds(theirs), seconds(ours),
            value, goal)
    rss = max(one[1] for one in got)
    bench.line("  memory of it", "-", "-", "%.0f MiB" % rss, "-", "<= 40 MiB", bench.met(rss, 40))
    if any(one[2] for one in got):
        bench.line("  exit codes", "-", "-", " ".join(str(one[2]) for one in got), "-", "0", "NO")
    there.stop()


def inside(options):
    netns.die_with_parent()
    work = netns.enter()
    for number in netns.SIGNALS:
        # the kernel ends what runs in here, and who started us tidies up
        signal.signal(number, lambda n, _frame: os._exit(128 + n))
    netns.bind_over("/etc/resolv.conf", "nameserver %s\n" % world.RESOLVER, work)
    sizes = [options.owners // 10, options.owners] + ([10 * options.owners] if options.large else [])
    there = world.World(work, max(sizes), record)
    tools = Tools(options, work, options.owners)
    begun = time.monotonic()
    print("# many owners: %d pairs, in turn; median (min-max); %d processors; load average %s" % (
        options.runs, len(os.sched_getaffinity(0)), bench.load()))
    bench.line(*bench.COLUMNS)
    bench.line(*("-" * width for width in bench.WIDTHS))
    dig = same_run(tools, options.runs)
    for rows in (lambda: memory(tools, sizes), lambda: dead(tools, there, 3), lambda: paths(tools, there, 3),
                 lambda: verify(tools, dig), lambda: status(tools)):
        try:
            rows()
        except FAULTS as problem:
            bench.line("no figure: %s" % problem)
    there.stop()
    try:
        whole_pass(tools, os.path.join(work, "whole"), 3)
    except FAULTS as problem:
        bench.line("no figure: %s" % problem)
    print("# %.0f s; load average %s" % (time.monotonic() - begun, bench.load()))
    return 0


# --- begin and end -----------------------------------------------------------

def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--danesafe", default=os.environ.get("DANESAFE"), metavar="PATH")
    parser.add_argument("--look", metavar="PATH", help="tests/bench/look, built")
    parser.add_argument("--state", metavar="PATH", help="tests/bench/state, built")
    parser.add_argument("--runs", type=int, default=7, metavar="N", help="pairs of each (default 7)")
    parser.add_argument("--owners", type=int, default=10000, metavar="N", help="default 10000")
    parser.add_argument("--large", action="store_true", help="memory of ten times as many, too; minutes")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def missing(options):
    """Why it cannot run here, or None."""
    for path in (options.danesafe, options.look, options.state):
        if not path or not os.access(path, os.X_OK):
            return "nothing to measure: give --danesafe, --look and --state"
    if os.geteuid() != 0:
        return "needs to be root"
    lacking = [name for name in ("nsd", "unbound", "dnsperf", "dig", "ldns-keygen", "ldns-signzone", "ip", "mount")
               if shutil.which(name) is None]
    if lacking:
        return "not installed: " + " ".join(lacking)
    if subprocess.call(["unshare", "--mount", "--net", "--pid", "--fork", "true"], stderr=subprocess.DEVNULL):
        return "no namespaces"
    return None


def main():
    try:
        options = arguments()
    except SystemExit as end:
        return 64 if end.code == 2 else end.code
    os.environ["PATH"] = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    options.danesafe, options.look, options.state = (
        os.path.abspath(path or "") for path in (options.danesafe, options.look, options.state))
    if options.inside:
        return inside(options)
    reason = missing(options)
    if reason:
        print("look bench cannot run: %s" % reason)
        return bench.SKIP
    child = subprocess.Popen([sys.executable, os.path.abspath(__file__), "--inside", *sys.argv[1:]])
    for number in netns.SIGNALS:
        signal.signal(number, lambda *_: child.terminate())
    return child.wait()


if __name__ == "__main__":
    sys.exit(main())
