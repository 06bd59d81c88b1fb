"""Shapes of main.cf that must survive an edit: mode, owner, attributes, links, line ends, comments, other lines."""
import os
import stat
import struct

from hostile_room import HOST, Skip, age, brief, finish, some_group

COMMANDS = {"enable-client": "enable-client", "enable-server": "enable-server -a ecdsa",
            "deploy-server-cert": "deploy-server-cert M/rsa.pem M/rsa.key"}
MUST_SET = {
    "enable-client": {"smtp_tls_security_level": "may", "smtp_tls_loglevel": "1",
                      "tls_random_source": "dev:/dev/urandom", "smtp_tls_session_cache_database": None},
    "enable-server": {"smtpd_tls_security_level": "may", "smtpd_tls_loglevel": "1",
                      "smtpd_tls_received_header": "yes", "tls_random_source": "dev:/dev/urandom",
                      "smtpd_tls_eckey_file": None, "smtpd_tls_eccert_file": None},
    "deploy-server-cert": {"smtpd_tls_key_file": None, "smtpd_tls_cert_file": None},
}
ACL_USER = 4321
XATTR = "user.danesafe-test"


def attributes(path):
    """{name: value} of the extended ones, access control lists among them."""
    return {name: os.getxattr(path, name) for name in os.listxattr(path)}


def look(path):
    """What must stay, the content aside."""
    link, info = os.lstat(path), os.stat(path)
    return {"target": os.readlink(path) if stat.S_ISLNK(link.st_mode) else None, "owner": (info.st_uid, info.st_gid),
            "mode": "%o" % stat.S_IMODE(info.st_mode), "attributes": attributes(path)}


def read(path):
    with open(path, "rb") as content:
        return content.read()


def appended_problems(before, after, wanted):
    """[what is wrong] unless after is before, a last line end if need be, and the wanted settings, one a line."""
    if before and not before.endswith(b"\n"):
        before += b"\n"
    if not after.startswith(before):
        return ["the old lines are not kept as they were"]
    lines = after[len(before):].decode(errors="replace").split("\n")
    if lines.pop() != "":
        return ["the last line has no end"]
    names = [line.split(" = ")[0] for line in lines]
    return [] if sorted(names) == sorted(wanted) else ["appended: " + " | ".join(names)]


def settings_problems(settings, wanted):
    if isinstance(settings, str):
        return [settings]
    wrong = ["%s = %s" % (name, settings.get(name)) for name, value in wanted.items()
             if name not in settings or value is not None and settings[name] != value]
    if settings.get("myhostname") != HOST:
        wrong.append("myhostname = %r" % settings.get("myhostname"))
    return wrong


def shape(prepare):
    """Each editing command, at the same time, on an instance of its own that prepare has changed."""
    def run(room):
        wrong, running = [], {}
        for name, command in COMMANDS.items():
            etc = room.instance("etc-" + name)
            path = os.path.join(etc, "main.cf")
            prepare(room, path)
            age(etc)
            beside = sorted(os.listdir(os.path.dirname(os.path.realpath(path))))
            running[name] = (etc, path, look(path), read(path), beside,
                             room.start(*command.split(), etc=etc))
        for name, (etc, path, seen, text, listing, process) in running.items():
            result = finish(process)
            trouble = [] if result.code == 0 else ["exit %s: %s" % (result.code, brief(result.err))]
            now = look(path)
            trouble += ["%s: %s became %s" % (key, value, now[key]) for key, value in seen.items() if now[key] != value]
            trouble += appended_problems(text, read(path), MUST_SET[name])
            trouble += settings_problems(room.settings(etc), MUST_SET[name])
            far = os.path.dirname(os.path.realpath(path))
            if far != etc and sorted(os.listdir(far)) != listing:
                trouble.append("beside the target: " + " ".join(os.listdir(far)))
            files = set(os.listdir(etc)) - {"main.cf", "master.cf", "near.cf"}
            if len(files) != (2 if name == "enable-server" else 0):
                trouble.append("left behind: " + " ".join(files))
            wrong += ["%s: %s" % (name, one) for one in trouble]
        return wrong
    return run


# ---- the shapes


def rewrite(path, change):
    text = change(read(path))
    with open(path, "wb") as out:
        out.write(text)


def group_only(_room, path):
    os.chown(path, 0, some_group())
    os.chmod(path, 0o640)


def other_owner(_room, path):
    os.chown(path, 65534, 65534)
    os.chmod(path, 0o604)


def nobody_reads(_room, path):
    os.chmod(path, 0o600)


def move(room, path, link):
    """main.cf becomes a link to a file in a folder of its own."""
    folder = room.path("far-" + os.path.basename(os.path.dirname(path)))
    os.mkdir(folder)
    os.rename(path, os.path.join(folder, "real.cf"))
    os.chmod(os.path.join(folder, "real.cf"), 0o640)
    os.symlink(link(folder), path)


def absolute_link(room, path):
    move(room, path, lambda folder: os.path.join(folder, "real.cf"))


def relative_link(room, path):
    move(room, path, lambda folder: "../%s/real.cf" % os.path.basename(folder))


def two_links(room, path):
    near = os.path.join(os.path.dirname(path), "near.cf")
    move(room, path, lambda folder: os.path.join(folder, "real.cf"))
    os.rename(path, near)
    os.symlink("near.cf", path)


def long_file(_room, path):
    rewrite(path, lambda text: text + b"# a comment that takes room\n" * 40000)


def long_line(_room, path):
    rewrite(path, lambda text: text + b"mynetworks = 127.0.0.0/8" + b" 192.0.2.1" * 20000 + b"\n")


def acl(_room, path):
    entries = ((1, 6, 0xFFFFFFFF), (2, 4, ACL_USER), (4, 4, 0xFFFFFFFF), (16, 4, 0xFFFFFFFF), (32, 0, 0xFFFFFFFF))
    value = struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)
    set_attribute(path, "system.posix_acl_access", value)


def user_attribute(_room, path):
    set_attribute(path, XATTR, b"kept\0whole")


def set_attribute(path, name, value):
    try:
        os.setxattr(path, name, value)
    except OSError as problem:
        raise Skip("no such attributes here: %s" % problem) from None


SHAPES = {
    "plain": lambda room, path: None,
    "group": group_only,
    "owner": other_owner,
    "private": nobody_reads,
    "absolute-link": absolute_link,
    "relative-link": relative_link,
    "two-links": two_links,
    "no-final-newline": lambda room, path: rewrite(path, lambda text: text + b"relayhost = a.example"),
    "comment-no-newline": lambda room, path: rewrite(path, lambda text: text + b"# the last words"),
    "crlf": lambda room, path: rewrite(path, lambda text: text.replace(b"\n", b"\r\n")),
    "crlf-no-newline": lambda room, path: rewrite(path, lambda text: text.replace(b"\n", b"\r\n")[:-2]),
    "latin-1": lambda room, path: rewrite(path, lambda text: b"# gr\xfc\xdfe\n" + text),
    "long-file": long_file,
    "long-line": long_line,
    "acl": acl,
    "attribute": user_attribute,
}


def in_place(room):
    """Settings that are there already are replaced where they stand, the rest is kept."""
    lines = ["smtpd_tls_cert_file = /old/cert.pem", "# between", "smtpd_tls_key_file =", "   /old/key.pem", "# after",
             "smtpd_tls_loglevel = 2"]
    room.add_settings(*lines)
    path = room.path("etc", "main.cf")
    before = read(path)
    wrong, _ = room.must("deploy-server-cert", "M/rsa.pem", "M/rsa.key")
    new = before.replace(b"/old/cert.pem", os.fsencode(room.material) + b"/rsa.pem").replace(
        b"\n   /old/key.pem", b" " + os.fsencode(room.material) + b"/rsa.key")
    return wrong + ([] if read(path) == new else ["main.cf is not as it should be: " + brief(read(path).decode())])


def no_change_at_all(room):
    """What is not default is left alone: not even the time of main.cf changes."""
    room.add_settings("smtpd_tls_security_level = none", "smtp_tls_security_level = none")
    before, wrong = room.state(), []
    for command in ("enable-client", "enable-server"):
        more, result = room.must(command)
        wrong += more + ([] if "no changes" in result.err else ["%s does not say that nothing changed" % command])
    after = room.state()
    return wrong + ([] if before == after else ["something changed"])


CASES = {
    **{"good-main-cf-" + name: shape(prepare) for name, prepare in SHAPES.items()},
    "good-main-cf-in-place": in_place,
    "good-main-cf-no-change": no_change_at_all,
}
