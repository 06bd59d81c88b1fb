"""Key and certificate files: what is no key, no certificate, not the right one, and names that main.cf cannot hold."""
import os
import shlex
import shutil
import time

from hostile_refuse import cases, each, refused
from hostile_room import deployed_problems, pair_problems

NO_KEY = r"no private key found in file"
GONE = r"no such file|not exist|not found|cannot (be )?(open|read)|can't (be )?(open|read)|no private key found in file"
NOT_PLAIN = r"not a (regular|plain) file|regular|is a directory|no private key found in file"

# file               what the message must say                  also as the key in use?
BAD_KEYS = (
    ("junk",         NO_KEY,                                    True),
    ("binary",       NO_KEY + "|NUL",                           True),
    ("empty",        NO_KEY + "|empty",                         True),
    ("rsa.pem",      NO_KEY,                                    True),
    ("public.key",   NO_KEY + "|public key",                    True),
    ("ed25519.key",  NO_KEY + "|ed25519|neither RSA|RSA or EC", True),
    ("dsa.key",      NO_KEY + "|dsa|neither RSA|RSA or EC",     True),
    ("encrypted8.key", r"encrypted|pass ?phrase",               True),
    ("encrypted1.key", r"encrypted|pass ?phrase",               True),
    ("cut.key",      NO_KEY + "|cut|damaged|PEM",               True),
    ("nul.key",      NO_KEY + "|NUL|damaged|PEM",               True),
    ("blank-base64.key", NO_KEY + "|damaged|PEM",               True),
    ("der.key",      r"DER|PEM",                                False),
    ("rsa1024.key",  r"1024|2048",                              False),
    ("explicit.key", r"explicit|named",                         False),
    ("huge",         NO_KEY + "|large|big|bytes|size",          False),
    ("huge.key",     r"large|big|bytes|size|NUL|no private key", False),
    ("folder",       NOT_PLAIN,                                 False),
    ("fifo",         NOT_PLAIN + "|fifo|pipe",                  False),
    ("dangling",     GONE,                                      False),
    ("loop",         GONE + "|symbolic|loop",                   False),
    ("nowhere",      GONE,                                      False),
    ("rsa.key/",     GONE + "|not a directory|regular",         False),
    ("rsa.key/x",    GONE + "|not a directory",                 False),
    ("k" * 300,      GONE + "|too long",                        False),
    ("../" * 1500,   GONE + "|too long|directory",              False),
)
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/stdin")


def key_commands(path):
    return {"deploy-server-cert": ["deploy-server-cert", "M/rsa.pem", path],
            "output-server-csr": ["output-server-csr", "-k", path],
            "output-server-tlsa": ["output-server-tlsa", path],
            "output-server-tlsa, second": ["output-server-tlsa", "M/rsa.key", path],
            "output-server-tlsa, JSON": ["output-server-tlsa", "--json", path, "M/ec.key"]}


def bad_key(name, what, in_use):
    def run(room):
        where = name.rstrip("/").rsplit("/", 1)[-1][:60].strip(".")
        wrong = each(room, key_commands("M/" + name), what + "|no usable keyfiles? ", where)
        if in_use:
            room.add_settings("smtpd_tls_key_file = %s/%s" % (room.material, name))
            wrong += ["new-server-cert: " + text for text in refused(
                room, "new-server-cert -a rsa", what + "|error copying (the )?private key", name)]
        return wrong
    return run


def device(path):
    return lambda room: each(room, key_commands(path), NOT_PLAIN + "|device|no usable", path)


def wrong_algorithm_in_use(room):
    room.add_settings("smtpd_tls_key_file = %s/ec.key" % room.material)
    return refused(room, "new-server-cert -a rsa", r"Key algorithm|not 'rsa'|algorithm", "ec.key")


# name              command: deploy-server-cert ...          what                                 where
CERTIFICATES = (
    ("mismatch",    "M/rsa.pem M/rsa2.key",                  r"does not match key in",            "rsa2.key"),
    ("mixed",       "M/rsa.pem M/ec.key",                    r"does not match key in",            "rsa.pem"),
    ("mixed-ec",    "M/ec.pem M/rsa.key",                    r"does not match key in",            "ec.pem"),
    ("swapped",     "M/rsa.key M/rsa.pem",                   r"no private key|no certificate",    "rsa.pem"),
    ("key-only",    "M/rsa.key M/rsa.key",                   r"certificate",                      "rsa.key"),
    ("junk",        "M/junk M/rsa.key",                      r"certificate|PEM",                  "junk"),
    ("binary",      "M/binary M/rsa.key",                    r"certificate|NUL|PEM",              "binary"),
    ("empty",       "M/empty M/rsa.key",                     r"certificate|empty",                "empty"),
    ("missing",     "M/nowhere M/rsa.key",                   GONE + "|certificate",               "nowhere"),
    ("dangling",    "M/dangling M/rsa.key",                  GONE + "|certificate",               "dangling"),
    ("folder",      "M/folder M/rsa.key",                    NOT_PLAIN + "|certificate",          "folder"),
    ("fifo",        "M/fifo M/rsa.key",                      NOT_PLAIN + "|fifo|certificate",     "fifo"),
    ("device",      "/dev/zero M/rsa.key",                   NOT_PLAIN + "|device|certificate",   "/dev/zero"),
    ("huge",        "M/huge M/rsa.key",                      r"certificate|large|big|bytes|size", "huge"),
    ("huge-tail",   "M/huge.pem M/rsa.key",                  r"large|big|bytes|size|NUL",         "huge.pem"),
    ("der",         "M/der.pem M/rsa.key",                   r"DER|PEM",                          "der.pem"),
    ("cut",         "M/cut.pem M/rsa.key",                   r"certificate|cut|PEM",              "cut.pem"),
    ("nul",         "M/nul.pem M/rsa.key",                   r"certificate|NUL|PEM",              "nul.pem"),
    ("base64",      "M/blank-base64.pem M/rsa.key",          r"certificate|PEM",                  "blank-base64.pem"),
    ("cut-chain",   "M/cut-chain.pem M/ec.key",              r"certificate|cut|PEM",              "cut-chain.pem"),
    ("order",       "M/chain-order.pem M/ec.key",            r"order|issue",                      "chain-order.pem"),
    ("issuer-first", "M/chain-issuer-first.pem M/ec.key",    r"does not match|order|issue",       "issuer-first"),
    ("foreign",     "M/chain-foreign.pem M/ec.key",          r"order|issue",                      "chain-foreign.pem"),
    ("false-issuer", "M/chain-false.pem M/ec.key",           r"order|issue|sign",                 "chain-false.pem"),
    ("expired-ca",  "M/chain-expired.pem M/ec.key",          r"expired",                          "chain-expired.pem"),
    ("expired",     "M/expired.pem M/ec.key",                r"expired",                          "expired.pem"),
    ("not-yet",     "M/future.pem M/ec.key",                 r"not (yet )?valid|not yet",         "future.pem"),
    ("weak",        "M/rsa1024.pem M/rsa1024.key",           r"1024|2048",                        "rsa1024"),
    ("ed25519",     "M/ed25519.pem M/ed25519.key",           NO_KEY + r"|ed25519|RSA or EC",      "ed25519"),
    ("explicit",    "M/explicit.pem M/explicit.key",         r"explicit|named",                   "explicit"),
    ("relative",    "rsa.pem rsa.key",                       GONE,                                "/etc/rsa.key"),
    ("no-name",     "'' M/rsa.key",                          NOT_PLAIN + "|certificate|empty",    ""),
)


def deploy_rows():
    return [(name, "deploy-server-cert " + command, what, where) for name, command, what, where in CERTIFICATES]


# ---- names of good files that main.cf cannot hold, or cannot give back

CANNOT_HOLD = {"newline": "a\nmynetworks = 0.0.0.0-0.pem", "dollar": "a$myhostname.pem", "braces": "a${x}.pem",
               "escape": "a\033[2J.pem", "return": "a\r.pem", "tab": "a\t.pem", "last-blank": "a.pem ",
               "delete": "a\x7f.pem"}
CAN_HOLD = {"blank": "a b.pem", "quote": "it's.pem", "quotes": 'a"b.pem', "semicolon": "a;b.pem", "comma": "a,b.pem",
            "hash": "a#b.pem", "utf-8": "schl\u00fcssel.pem", "not-utf-8": "x\udcff.pem", "dash": "-a.pem",
            "equals": "a = b.pem", "backslash": "a\\nb.pem", "percent": "a%sb%n.pem", "braces": "{a}.pem"}
CANNOT = r"main\.cf|name|character|newline|control|blank|\$"


def odd_files(room, name):
    """A key and its certificate under such a name: (certificate, key)."""
    folder = room.path("odd")
    os.makedirs(os.path.join(folder, "keys"), exist_ok=True)
    cert, key = os.path.join(folder, name), os.path.join(folder, "keys", name)
    shutil.copy(os.path.join(room.material, "rsa.pem"), cert)
    shutil.copy(os.path.join(room.material, "rsa.key"), key)
    return cert, key


def cannot_hold(name):
    def run(room):
        cert, key = odd_files(room, name)
        return each(room, {"certificate": ["deploy-server-cert", cert, "M/rsa.key"],
                           "key": ["deploy-server-cert", "M/rsa.pem", key]}, CANNOT, "/a")
    return run


def can_hold(name):
    def run(room):
        cert, key = odd_files(room, name)
        wrong, _ = room.must("deploy-server-cert", cert, key)
        wrong += deployed_problems(room, 1)
        settings = room.settings()
        if not wrong and (settings["smtpd_tls_cert_file"], settings["smtpd_tls_key_file"]) != (cert, key):
            wrong.append("main.cf names %r" % settings["smtpd_tls_cert_file"])
        more, result = room.must("output-server-tlsa", key)
        lines = result.out.splitlines()
        if len(lines) != 2 or not lines[0].startswith("; ") or " IN TLSA 3 1 1 " not in lines[1]:
            more.append("output: %r" % result.out[:200])
        return wrong + more
    return run


def far_name(room):
    """A name that the system takes is read whole."""
    wrong, result = room.must("output-server-tlsa", "M/" + "./" * 1500 + "rsa.key")
    return wrong + ([] if " IN TLSA 3 1 1 " in result.out else ["output: %r" % result.out[-200:]])


def comment_line(room):
    """The name of a file goes into a comment of a zone file: it must not end the line."""
    _, key = odd_files(room, "a\nevil 60 IN A 192.0.2.66\n.pem")
    result = room.call("output-server-tlsa", key)
    if result.code == 1 and not result.out:
        return []
    lines = [line for line in result.out.splitlines() if line and not line.startswith(";") and " IN TLSA " not in line]
    return ["output line: " + line for line in lines]


def chain_list_blank(room):
    """smtpd_tls_chain_files is a list: a blank would make two files of one."""
    room.add_settings("smtpd_tls_chain_files = %s/rsa2.key, %s/rsa2.pem" % (room.material, room.material))
    wrong = []
    for name in ("a b.pem", "a,b.pem"):
        cert, key = odd_files(room, name)
        wrong += refused(room, ["deploy-server-cert", cert, key],
                         r"blank|comma|space|list|chain_files|character|can hold", "/a")
    return wrong


def chain_both(room):
    """A chain file with keys of both algorithms cannot be replaced by half."""
    room.add_settings("smtpd_tls_chain_files = %s/both.pem" % room.material)
    return refused(room, "deploy-server-cert M/rsa2.pem M/rsa2.key", r"both|rsa.*ec|chain_files", "both.pem")


# ---- configuration folders whose name main.cf cannot hold, and one that it can

BAD_FOLDERS = {"dollar": "a$b", "newline": "a\nb", "escape": "a\033b"}


def bad_folder(name):
    """Files made there could not be named in main.cf: none are made."""
    def run(room):
        room.etc = room.instance(name)
        return refused(room, "enable-server -a ecdsa", CANNOT, "/a")
    return run


def blank_folder(room):
    """It works, and what is suggested can be pasted into a shell."""
    room.etc = room.instance("a b; 'c")
    wrong, result = room.must("enable-server", "-a", "ecdsa")
    wrong += deployed_problems(room, 1)
    suggestions = [line.split("# ", 1)[1] for line in result.err.splitlines() if ": " in line and "  # " in line]
    for line in suggestions:
        try:
            words = shlex.split(line)
        except ValueError as problem:
            wrong.append("%s: %s" % (problem, line))
            continue
        if room.etc not in words:
            wrong.append("a suggestion that does not name the instance: " + line)
    return wrong + ([] if suggestions else ["no suggestion: " + result.err])


def planted_links(room):
    """Links at the names that the next keys would have: no key is written through one of them."""
    target = room.path("stolen")
    for second in range(20):
        stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime(time.time() + second))
        for name in ("eckey", "eccert"):
            os.symlink("%s-%s" % (target, name), room.path("etc", "%s-%s.pem" % (name, stamp)))
    before = room.state()
    result = room.call("new-server-key", "-a", "ecdsa")
    stolen = [name for name in os.listdir(room.work) if name.startswith("stolen")]
    wrong = ["written through a link: " + name for name in stolen]
    new = sorted(set(room.state()) - set(before))
    if result.code == 0 and len(new) == 2:
        wrong += pair_problems(*reversed(new))
    elif result.code != 1 or new:
        wrong.append("exit %s with the new files %s" % (result.code, new))
    return wrong


CASES = {
    **{"key-" + (name if len(name) < 40 else "too-long-" + name[:2].replace(".", "dot")).replace("/", "_"):
       bad_key(name, what, in_use) for name, what, in_use in BAD_KEYS},
    **{"key-device-" + path[5:]: device(path) for path in DEVICES},
    "key-wrong-algorithm-in-use": wrong_algorithm_in_use,
    **cases("deploy-", deploy_rows()),
    **{"deploy-name-" + name: cannot_hold(file) for name, file in CANNOT_HOLD.items()},
    **{"config-dir-name-" + name: bad_folder(folder) for name, folder in BAD_FOLDERS.items()},
    "good-config-dir-blank": blank_folder,
    "good-planted-links": planted_links,
    "chain-list-blank": chain_list_blank,
    "chain-list-both": chain_both,
    **{"good-file-name-" + name: can_hold(file) for name, file in CAN_HOLD.items()},
    "good-file-name-comment-line": comment_line,
    "good-name-far": far_name,
}
