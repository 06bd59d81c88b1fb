"""A real systemd inside the world, in namespaces of its own: to run danesafe under its unit's own restrictions."""
import json
import os
import shutil
import subprocess

from servers import Problem, tool, wait_until, write

SYSTEMD = "/lib/systemd/systemd"
HERE = os.path.dirname(os.path.abspath(__file__))
CRON = os.path.join(HERE, "..", "..", "cron")
NAMES = ("danesafe", "danesafe-alert")
OF_SYSTEM = "/lib/systemd/system"
JOURNALD = ("systemd-journald.service", "systemd-journald.socket", "systemd-journald-dev-log.socket")

# Nothing of the machine may be touched: systemd knows only the units of one folder, so that none of the machine's
# own are pulled in (one of them empties /tmp), and every file system but the world's is read only.
UNITS = "/run/lab-units"
BOOT = """set -e
mount --make-rprivate /
keep=/run/lab-keep; mkdir -p $keep {work}
mount --rbind {work} $keep
for folder in /tmp /var/tmp; do mount -t tmpfs -o mode=1777 tmpfs $folder; done
mkdir -p {work}
mount --rbind $keep {work}
mount -o remount,bind,ro /
mount -t cgroup2 none /sys/fs/cgroup
export container=lab SYSTEMD_UNIT_PATH={units}
exec {systemd} --system --unit=idle.target --log-target=console --log-level=notice --show-status=no
"""
# what units are ordered after, and what services depend on unless they say otherwise
TARGETS = ("idle", "sysinit", "basic", "shutdown", "network-online", "nss-lookup", "timers", "sockets", "paths", "slices",
           "local-fs", "umount", "multi-user")


def unit_text(name):
    """NAME.service as it is installed with the prefix /usr."""
    with open(os.path.join(CRON, name + ".service.in"), encoding="ascii") as text, \
         open(os.path.join(CRON, "sandbox.in"), encoding="ascii") as sandbox:
        return text.read().replace("@sandbox@\n", sandbox.read()).replace("@bindir@", "/usr/bin").replace(
            "@sysconfdir@", "/etc").replace("@localstatedir@", "/var")


class Machine:
    """What systemd starts sees the world's network and files, and processes that were started here."""

    def __init__(self, world):
        self.world, self.child, self.pid = world, None, None

    @staticmethod
    def missing():
        """Why it cannot be; None if it can."""
        for program in (SYSTEMD, "/usr/bin/unshare", "/usr/bin/nsenter", os.path.join(OF_SYSTEM, JOURNALD[0])):
            if not os.path.exists(program):
                return "no " + program
        return None

    def boot(self):
        """None, or why systemd does not run here."""
        for name in TARGETS:
            write("%s/%s.target" % (UNITS, name), "[Unit]\nDescription=nothing at all\nDefaultDependencies=no\n"
                  "AllowIsolate=yes\n")
        for name in JOURNALD:  # the one service of the machine's own kind
            shutil.copy(os.path.join(OF_SYSTEM, name), UNITS)
        boot = BOOT.format(work=self.world.work, units=UNITS, systemd=SYSTEMD)
        log = open(self.world.path("systemd.log"), "w", encoding="utf-8")
        self.child = subprocess.Popen(["unshare", "-fpmuiC", "--mount-proc", "sh", "-c", boot], stdin=subprocess.DEVNULL,
                                      stdout=log, stderr=subprocess.STDOUT)
        try:
            wait_until(self._runs, 20, "systemd runs")
            self.must("systemctl", "start", *JOURNALD)
        except Problem:
            with open(self.world.path("systemd.log"), encoding="utf-8", errors="replace") as said:
                return (said.read().strip().splitlines() or ["no reason given"])[-1]
        return None

    def _runs(self):
        if self.child.poll() is not None:
            raise Problem("systemd ended")
        children = "/proc/%d/task/%d/children" % (self.child.pid, self.child.pid)
        with open(children, encoding="ascii") as text:
            self.pid = (text.read().split() or [None])[0]
        return self.pid and self.call("systemctl", "is-system-running").stdout.strip() in ("running", "degraded")

    def call(self, *argv):
        """A command inside; it is not under any unit's restrictions."""
        return subprocess.run(["nsenter", "-t", str(self.pid), "-m", "-u", "-i", "-p", "-C"] + list(argv),
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              encoding="utf-8", errors="replace", timeout=60, check=False)

    def must(self, *argv):
        done = self.call(*argv)
        if done.returncode != 0:
            raise Problem("%s: exit %d: %s" % (" ".join(argv), done.returncode, done.stdout))
        return done.stdout

    def install(self, program, config):
        """The units as they ship, but for where the program and the folders of this world are."""
        world = self.world
        os.makedirs(world.path("bin"))
        shutil.copy(program, world.path("bin", "danesafe"))
        postfix = world.postfix.dir
        for name in NAMES:
            text = unit_text(name)
            begin = [line for line in text.splitlines() if line.startswith("ExecStart=")][0]
            write("%s/%s.service" % (UNITS, name), text)
            write("%s/%s.service.d/world.conf" % (UNITS, name), """[Service]
ExecStart=
{begin}
BindReadOnlyPaths={work}
ReadWritePaths=
ReadWritePaths={state} {postfix} {postfix}-data {postfix}-queue
{streams}
""".format(begin=begin.replace("/usr/bin/danesafe", "%s -c %s" % (world.path("bin", "danesafe"), config)),
           work=world.work, state=world.path("state"), postfix=postfix,
           streams="StandardOutput=file:%s\nStandardError=file:%s" % (world.path(name + ".out"), world.path(name + ".err"))
           if name == NAMES[0] else ""))  # the other's are the journal
        self.must("systemctl", "daemon-reload")

    def shown(self, unit, *properties):
        """What systemctl shows of a unit: a dict."""
        return dict(line.split("=", 1) for line in self.must(
            "systemctl", "show", unit, *("-p" + name for name in properties)).splitlines())

    def start_unit(self):
        """(exit status, standard output, standard error) of one start."""
        for name in ("danesafe.out", "danesafe.err"):
            write(self.world.path(name), "")
        self.call("systemctl", "start", "danesafe.service")
        shown = self.shown("danesafe.service", "ExecMainStatus", "ExecMainCode")
        texts = []
        for name in ("danesafe.out", "danesafe.err"):
            with open(self.world.path(name), encoding="utf-8", errors="replace") as text:
                texts.append(text.read())
        code = int(shown["ExecMainStatus"])
        return (code if shown["ExecMainCode"] == "1" else -code), texts[0], texts[1]

    def journal(self, *matches):
        """The entries, each a dict of its fields."""
        return [json.loads(line) for line in self.must("journalctl", "-o", "json", *matches).splitlines()]

    def alerted(self, after=""):
        """When danesafe-alert.service last ended, unless that is `after`; else "": to be waited for."""
        shown = self.shown("danesafe-alert.service", "ExecMainExitTimestampMonotonic", "ActiveState")
        ended = shown["ExecMainExitTimestampMonotonic"]
        return ended if shown["ActiveState"] in ("inactive", "failed") and ended not in ("0", after) else ""

    def stop(self):
        if self.child and self.child.poll() is None:
            if self.pid:
                tool("kill", "-9", str(self.pid))
            self.child.wait(20)
