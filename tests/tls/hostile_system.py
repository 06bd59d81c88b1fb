"""What the machine does against it: full and read-only disks, a broken main.cf, a broken postconf, no root."""
import os
import re
import resource
import shutil
import subprocess

from hostile_refuse import each, refusal_problems, refused
from hostile_room import (Skip, age, bind, changes, deployed_problems, fingerprint, made_problems, make_readonly, mount,
                          umount)

PAGE = 4096
DEPLOY = "deploy-server-cert M/rsa.pem M/rsa.key"
WRITERS = {"new-server-key": "new-server-key -a ecdsa", "new-server-cert": "new-server-cert -a ecdsa",
           "enable-server": "enable-server -a ecdsa", "enable-client": "enable-client", "deploy-server-cert": DEPLOY}
READERS = {"all-default-server": "all-default-server", "output-server-csr": "output-server-csr -k M/rsa.key",
           "output-server-tlsa": "output-server-tlsa M/rsa.key"}
EDITORS = {name: WRITERS[name] for name in ("enable-server", "enable-client", "deploy-server-cert")}

# what a whole result is: (pairs made, pairs named by main.cf, a parameter that must be set)
WHOLE = {"new-server-key": (1, 0, None), "new-server-cert": (1, 0, None),
         "enable-server": (1, 1, "smtpd_tls_security_level"), "enable-client": (0, 0, "smtp_tls_security_level"),
         "deploy-server-cert": (0, 1, None)}


def whole_problems(room, name):
    made, deployed, parameter = WHOLE[name]
    wrong = made_problems(room, made) + deployed_problems(room, deployed)
    settings = room.settings()
    if parameter and not (isinstance(settings, dict) and settings.get(parameter)):
        wrong.append("%s is not set" % parameter)
    return wrong


# ---- full disks: everything or nothing, at every size


class Small:
    """A file system of 1 MB and 100 inodes that holds the instance, and can be filled but for so much."""

    def __init__(self, room):
        self.room, self.top = room, room.path("small")
        os.mkdir(self.top)
        mount("tmpfs", self.top, "tmpfs", data="mode=755,size=1m,nr_inodes=100")
        os.mkdir(os.path.join(self.top, "fill"))

    def fresh(self):
        """A new instance with a main.cf of three pages, on an empty disk."""
        shutil.rmtree(os.path.join(self.top, "fill"))
        os.mkdir(os.path.join(self.top, "fill"))
        text = self.room.main_cf() + "# a line that only takes room\n" * 350
        self.room.etc = self.room.instance(os.path.join(self.top, "etc"), text)

    def leave_pages(self, pages):
        ballast = os.path.join(self.top, "fill", "ballast")
        with open(ballast, "wb", buffering=0) as out:
            try:
                while out.write(b"\0" * PAGE) == PAGE:
                    pass
            except OSError:
                pass
        size = os.path.getsize(ballast) // PAGE * PAGE
        os.truncate(ballast, size - pages * PAGE)

    def leave_inodes(self, inodes):
        number = 0
        try:
            while True:
                with open(os.path.join(self.top, "fill", str(number)), "xb"):
                    number += 1
        except OSError:
            pass
        for last in range(number - inodes, number):
            os.unlink(os.path.join(self.top, "fill", str(last)))


def sweep(name, steps, prepare, limits=None, command=None):
    """Calls with ever more room until two in a row are well; each is all or nothing."""
    def run(room):
        small, wrong, well, failed = Small(room), [], 0, 0
        for step in range(steps):
            small.fresh()
            prepare(small, step)
            before = room.state()
            result = room.call(*(command or WRITERS[name]).split(), **(limits(step) if limits else {}))
            if result.code == 0:
                small.leave_pages(64) if os.path.exists(os.path.join(small.top, "fill", "ballast")) else None
                trouble = whole_problems(room, name)
                well += 1
            else:
                failed += 1
                well = 0
                trouble = refusal_problems(result, r"space|full|large|big|disk", "") + changes(before, room.state())
            wrong += ["step %d: %s" % (step, text) for text in trouble]
            if well == 2:
                break
        if not failed:
            wrong.append("it never failed")
        return wrong + ([] if well else ["it never worked: " + result.err.strip()[:200]])
    return run


SIZES = (0, 1, 100, 230, 500, 1500, 5000, 8000, 10500, 12000, 20000, 40000)


def file_size_limit(step):
    size = SIZES[step]

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    # SIGXFSZ stays ignored, as Python has it: the write itself fails
    return {"preexec_fn": limit, "restore_signals": False}


FULL = {}
for _name in WRITERS:
    FULL["full-disk-" + _name] = sweep(_name, 40, lambda small, step: small.leave_pages(step))
    FULL["no-inodes-" + _name] = sweep(_name, 20, lambda small, step: small.leave_inodes(step))
    FULL["file-size-limit-" + _name] = sweep(_name, len(SIZES), lambda small, step: None, file_size_limit)
FULL["full-disk-rsa"] = sweep("new-server-key", 40, lambda small, step: small.leave_pages(step),
                              command="new-server-key -a rsa")


# ---- what cannot be written


def readonly_folder(name):
    def run(room):
        make_readonly(room.etc)
        return refused(room, WRITERS[name], r"read-only|permitted|permission", "/etc")
    return run


def readonly_reads(room):
    """Commands that only read need nothing writable."""
    make_readonly(room.etc)
    before, wrong = room.state(), []
    for command in READERS.values():
        wrong += room.must(*command.split())[0]
    return wrong + changes(before, room.state())


def immutable_main_cf(room):
    path = room.path("etc", "main.cf")
    if subprocess.run(["chattr", "+i", path], stderr=subprocess.DEVNULL, check=False).returncode != 0:
        raise Skip("no immutable files here")
    return each(room, EDITORS, r"permitted|permission|immutable", "main.cf")


def mounted_main_cf(room):
    """A mount point cannot be replaced."""
    path = room.path("etc", "main.cf")
    bind(path, path)
    return each(room, EDITORS, r"busy|device|mount", "main.cf")


def readonly_target(room):
    """main.cf is a link into a folder that cannot be written."""
    os.mkdir(room.path("far"))
    path = room.path("etc", "main.cf")
    os.rename(path, room.path("far", "main.cf"))
    os.symlink(room.path("far", "main.cf"), path)
    make_readonly(room.path("far"))
    before = fingerprint(room.path("far", "main.cf"))
    wrong = each(room, EDITORS, r"read-only|permitted|permission", "main.cf")
    return wrong + ([] if fingerprint(room.path("far", "main.cf")) == before else ["the target changed"])


# ---- main.cf that is none


def no_main_cf(make):
    """In commands that write and in those that only read; few, as postconf waits a second before it gives up."""
    def run(room):
        path = room.path("etc", "main.cf")
        os.unlink(path)
        make(path)
        age(room.etc)
        commands = {name: ALL[name] for name in ("enable-server", "deploy-server-cert", "output-server-csr")}
        return each(room, commands, r"main\.cf", room.etc)
    return run


def write_syntax_error(path):
    with open(path, "w", encoding="ascii") as out:
        out.write("myhostname = mx1.example.org\nthis is no setting\n")


MAIN_CF = {"missing": lambda path: None, "folder": os.mkdir, "dangling": lambda path: os.symlink("nowhere", path),
           "fifo": os.mkfifo, "syntax": write_syntax_error}


# ---- a postconf that does not do its work


def replace(room, program, script):
    """Bind a script over a Postfix program; the real one stays at bin/real."""
    shutil.copy("/usr/sbin/" + program, room.path("bin", "real"))
    path = room.write("bin/" + program, script.replace("REAL", room.path("bin", "real")), 0o755)
    bind(path, "/usr/sbin/" + program)


ONLY_EDIT = "#!/bin/sh\ncase \" $* \" in *' -e '*) %s ;; esac\nexec REAL \"$@\"\n"
ALL = dict(WRITERS, **{name: READERS[name] for name in ("output-server-csr", "output-server-tlsa")})
#   name           the script                                                            commands  the message says
POSTCONF = (
    ("fails",      "#!/bin/sh\necho 'postconf: fatal: no luck' >&2\nexit 1\n",           ALL,      r"no luck"),
    ("is-silent",  "#!/bin/sh\nexit 1\n",                                                ALL,      r"postconf"),
    ("is-killed",  "#!/bin/sh\nkill -9 $$\n",                                            ALL,      r"postconf"),
    ("is-no-program", "neither a script nor a program\n",                                ALL,      r"postconf"),
    ("prints-garbage", "#!/bin/sh\nprintf '%%\\001\\377garbage\\n=\\n'\n",               ALL,      r"."),
    ("prints-nothing", "#!/bin/sh\nexit 0\n",                                            ALL,      r"."),
    ("edit-fails", ONLY_EDIT % "echo 'postconf: fatal: no luck' >&2; exit 1",            EDITORS,  r"no luck"),
    ("edit-is-silent", ONLY_EDIT % "exit 1",                                             EDITORS,  r"postconf"),
    ("edit-is-killed", ONLY_EDIT % "kill -9 $$",                                         EDITORS,  r"postconf"),
    ("edit-does-nothing", ONLY_EDIT % "exit 0",                                          EDITORS,  r"postconf|main"),
    ("edit-breaks", ONLY_EDIT % "REAL \"$@\"; exit 1",                                   EDITORS,  r"postconf"),
)


def bad_postconf(script, commands, what):
    def run(room):
        replace(room, "postconf", script)
        wrong = each(room, commands, what, "")
        umount("/usr/sbin/postconf")
        return wrong
    return run


def no_postconf(room):
    bind("/dev/null", "/usr/sbin/postconf")
    return each(room, ALL, r"postconf", "/usr/sbin/postconf")


# ---- the log is a courtesy


def postlog(prepare):
    """Whatever it does, the work is done."""
    def run(room):
        prepare(room)
        wrong = []
        for name, command in WRITERS.items():
            room.etc = room.instance("etc")
            room.add_settings("maillog_file = /var/log/mail.log")  # else it goes to syslog, and no postlog is started
            wrong += room.must(*command.split())[0] + whole_problems(room, name)
        return wrong + refused(room, "new-server-key -a dsa", "unsupported", "dsa")
    return run


POSTLOG = {
    "real": lambda room: umount("/usr/sbin/postlog"),
    "missing": lambda room: bind("/dev/null", "/usr/sbin/postlog"),
    "fails": lambda room: replace(room, "postlog", "#!/bin/sh\nexit 1\n"),
    "reads-nothing": lambda room: replace(room, "postlog", "#!/bin/sh\nexec <&-\nexit 0\n"),
    "is-killed": lambda room: replace(room, "postlog", "#!/bin/sh\nkill -9 $$\n"),
}


# ---- who calls it, and under which name


def nobody():
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)


def not_root(room):
    wrong = []
    for label, command in dict(WRITERS, **READERS, none="", unknown="frobnicate").items():
        wrong += [label + ": " + text for text in refused(room, command, r"root|superuser|unknown|usage|command",
                                                          "", preexec_fn=nobody)]
    return wrong + refused(room, "enable-client", r"root|superuser", "", preexec_fn=nobody)


def drop_in(room, **more):
    """(argv's first word, environment) as postfix(1) gives them."""
    link = room.path("bin", "postfix-tls-script")
    if not os.path.lexists(link):
        os.symlink(room.program, link)
    return link, room.environment(
        config_directory=room.etc, MAIL_CONFIG=room.etc, command_directory="/usr/sbin", MAIL_LOGTAG="postfix",
        queue_directory=room.path("queue"), data_directory=room.path("data"), **more)


def drop_in_alone(room):
    """Without daemon_directory it was not started by postfix(1)."""
    wrong = []
    for more in ({}, {"daemon_directory": ""}):
        link, env = drop_in(room, **more)
        for words in ([], ["enable-client"], ["new-server-key"], ["all-default-client"]):
            wrong += refused(room, "", r"must be run by the postfix.*command.*do not run.*danesafe tls", "",
                             prefix=re.compile(r"postfix-tls-script: |danesafe: "), argv=[link] + words, env=env)
    return wrong


def drop_in_refuses(room):
    link, env = drop_in(room, daemon_directory="/usr/lib/postfix/sbin")
    prefix = re.compile(r"^postfix/postfix-tls-script: ")
    wrong = []
    for words, what, where in ((["frobnicate"], r"unknown tls command", "'frobnicate'"),
                               (["tls", "enable-client"], r"unknown tls command", "'tls'"),
                               (["new-server-key", "a b"], r"host name", "a b"),
                               (["--config-dir", room.etc, "enable-client"], r"unknown tls command|usage",
                                "config-dir")):
        wrong += refused(room, "", what, where, prefix=prefix, argv=[link] + words, env=env)
    for name in ("nowhere", "etc/main.cf"):
        odd = dict(env, config_directory=room.path(name), MAIL_CONFIG=room.path(name))
        wrong += refused(room, "", r"directory|main\.cf", name, prefix=prefix, argv=[link, "enable-client"], env=odd)
    far = dict(env, command_directory="/xxxxxxxxx" * 120)  # as if it had no end
    return wrong + refused(room, "", r"too long", "/xxx", prefix=prefix, argv=[link, "enable-client"], env=far)


def drop_in_tag(room):
    """The name of the instance in Postfix's log is in front of every line, harmless."""
    link, env = drop_in(room, daemon_directory="/usr/lib/postfix/sbin")
    env["MAIL_LOGTAG"] = "a\x1b[31m\nb"
    prefix = re.compile(r"^a\\x1b\[31m\\x0ab/postfix-tls-script: ")
    return refused(room, "", r"unknown tls command", "", prefix=prefix, argv=[link, "frobnicate"], env=env)


CASES = {
    **FULL,
    **{"read-only-" + name: readonly_folder(name) for name in WRITERS},
    "read-only-is-enough": readonly_reads,
    "main-cf-immutable": immutable_main_cf,
    "main-cf-mounted": mounted_main_cf,
    "main-cf-read-only-target": readonly_target,
    **{"main-cf-" + name: no_main_cf(make) for name, make in MAIN_CF.items()},
    **{"postconf-" + name: bad_postconf(script, commands, what) for name, script, commands, what in POSTCONF},
    "postconf-missing": no_postconf,
    **{"good-postlog-" + name: postlog(prepare) for name, prepare in POSTLOG.items()},
    "not-root": not_root,
    "drop-in-alone": drop_in_alone,
    "drop-in-refuses": drop_in_refuses,
    "drop-in-tag": drop_in_tag,
}
