"""Host names: what must be refused in every command that takes one, and what must work."""
import re

from hostile_refuse import each, refused
from hostile_room import HOST, openssl

LONG = ".".join(["a" * 60] * 5)  # 304 characters
WORST = ".".join(["a" * 61] * 4)[:245] + ".example"  # 253, the most there may be
NAME = r"host ?name|name"

# name              host name                    what the message must say            what it must show
BAD = (
    ("blank",       "x y",                       NAME,                                "x y"),
    ("leading-blank", " mx1.example.org",        NAME,                                "mx1.example.org"),
    ("newline",     "a\n[x]\nb",                 NAME,                                "a"),
    ("quote",       "it's.example",              NAME,                                "it"),
    ("quotes",      'a"b.example',               NAME,                                "a"),
    ("dollar",      "a$b.example",               NAME,                                "b.example"),
    ("environment", "x$ENV::PATH",               NAME,                                "ENV::PATH"),
    ("braces",      "${x}.example",              NAME,                                ".example"),
    ("semicolon",   "a;b",                       NAME,                                "a;b"),
    ("backquotes",  "`id`.example",              NAME,                                "id"),
    ("slash",       "a/O=Evil",                  NAME,                                "a/O=Evil"),
    ("plus",        "a+O=Evil",                  NAME,                                "a+O=Evil"),
    ("hash",        "a#b.example",               NAME,                                "a#b.example"),
    ("backslash",   "a\\b.example",              NAME,                                "b.example"),
    ("colon",       "DNS:evil",                  NAME,                                "DNS:evil"),
    ("comma",       "a.example,b.example",       NAME,                                "a.example,b.example"),
    ("at",          "postmaster@example.org",    NAME,                                "postmaster@example.org"),
    ("dash-first",  "-x.example",                NAME,                                "-x.example"),
    ("dash-last",   "x-.example",                NAME,                                "x-.example"),
    ("dash-label",  "mx.-x.example",             NAME,                                "mx.-x.example"),
    ("too-long",    LONG,                        r"253|long",                         LONG[:40]),
    ("one-too-long", "a" + WORST,                r"253|long",                         "aaaaaaaaaa"),
    ("label-64",    "b" * 64 + ".example",       r"63|long",                          "b" * 40),
    ("empty-label", "a..example",                r"empty|label|dot",                  "a..example"),
    ("dot-first",   ".example",                  r"empty|label|dot",                  ".example"),
    ("dots-last",   "mx1.example.org..",         r"empty|label|dot",                  "mx1.example.org.."),
    ("dot-only",    ".",                         r"empty|label|dot|name",             ""),
    ("utf-8",       "b\u00fccher.example",       r"ascii|IDNA?|A-label|xn--|character|letter", "cher.example"),
    ("utf-8-dot",   "mx1\u3002example",          r"ascii|IDNA?|A-label|xn--|character|letter", "mx1"),
    ("not-utf-8",   "mx1\udcff.example",         r"ascii|IDNA?|A-label|xn--|character|letter", "mx1"),
    ("underscore",  "mx_1.example.org",          NAME,                                "mx_1.example.org"),
    ("ipv4",        "192.0.2.1",                 r"address",                          "192.0.2.1"),
    ("ipv6",        "2001:db8::1",               r"address|character|letter",         "2001:db8::1"),
    ("bracketed",   "[192.0.2.1]",               NAME,                                "192.0.2.1"),
    ("star-inside", "mx.*.example",              NAME,                                "mx.*.example"),
    ("star-part",   "mx*.example",               NAME,                                "mx*.example"),
    ("control",     "mx1\x01\x7f.example",       NAME,                                "mx1"),
    ("escape",      "\033[2Jmx1.example",        NAME,                                "mx1.example"),
)


def commands(host):
    """Every way to give a host name."""
    return {
        "new-server-key": ["new-server-key", "-a", "ecdsa", "--", host],
        "new-server-cert": ["new-server-cert", "-a", "ecdsa", "--", HOST, host],
        "enable-server": ["enable-server", "-a", "ecdsa", "--", host],
        "output-server-csr": ["output-server-csr", "-k", "M/rsa.key", "--", host],
        "output-server-tlsa": ["output-server-tlsa", "-h", host, "M/rsa.key"],
        "output-server-tlsa, second": ["output-server-tlsa", "-h", HOST, "-h", host, "M/rsa.key"],
    }


def bad_case(host, what, where):
    return lambda room: each(room, commands(host), what, where)


def later_empty(room):
    """The first may be empty, a later one not."""
    return each(room, {"new-server-key": ["new-server-key", "-a", "ecdsa", HOST, ""],
                       "new-server-cert": ["new-server-cert", "-a", "ecdsa", "", ""],
                       "output-server-csr": ["output-server-csr", "-k", "M/rsa.key", HOST, ""]}, r"empty|host name", "")


def wildcard_record(room):
    """A wildcard is for certificates: no server has it as a name."""
    return refused(room, ["output-server-tlsa", "-h", "*.example.org", "M/rsa.key"], NAME, "*.example.org")


def bad_myhostname(value, what):
    def run(room):
        room.etc = room.instance("etc", room.main_cf(value))
        return each(room, {"new-server-key": ["new-server-key", "-a", "ecdsa"],
                           "enable-server": ["enable-server", "-a", "ecdsa"],
                           "output-server-csr": ["output-server-csr", "-k", "M/rsa.key"],
                           "output-server-tlsa": ["output-server-tlsa", "M/rsa.key"]}, what, value)
    return run


# ---- names that are fine: name, arguments, the names of the certificate
GOOD = (
    ("final-dot",    ["mx1.example.org."],           ["mx1.example.org"]),
    ("one-label",    ["mailhost"],                   ["mailhost"]),
    ("capitals",     ["MX1.Example.ORG"],            ["MX1.Example.ORG"]),
    ("a-label",      ["xn--bcher-kva.example"],      ["xn--bcher-kva.example"]),
    ("wildcard",     [HOST, "*.example.org"],        [HOST, "*.example.org"]),
    ("digits",       ["1.2.3.example", "163.com"],   ["1.2.3.example", "163.com"]),
    ("over-64",      ["a" * 63 + ".example"],        ["a" * 63 + ".example"]),
    ("253",          [WORST],                        [WORST]),
    ("253-and-dot",  [WORST + "."],                  [WORST]),
    ("first-empty",  ["", "b.example"],              [HOST, "b.example"]),
    ("after-dashes", ["--", HOST],                   [HOST]),
    ("hundred",      ["h%d.example" % n for n in range(100)], ["h%d.example" % n for n in range(100)]),
)


def good_case(words, names):
    """Both in a certificate and in a request."""
    def run(room):
        wrong, _ = room.must("new-server-key", "-a", "ecdsa", *words)
        certs = [name for name in room.made() if name.startswith("eccert-")]
        if wrong or len(certs) != 1:
            return wrong + ["%d certificates" % len(certs)]
        found = san(openssl("x509", "-in", room.path("etc", certs[0]), "-noout", "-text"))
        if found != names:
            wrong.append("the certificate has %s" % " ".join(found)[:200])
        more, result = room.must("output-server-csr", "-k", "M/ec.key", *words)
        found = san(openssl("req", "-in", room.write("csr", result.out), "-noout", "-text"))
        return wrong + more + ([] if found == names else ["the request has %s" % " ".join(found)[:200]])
    return run


def san(text):
    """The DNS names in openssl's text."""
    return re.findall(r"DNS:([^,\s]+)", text or "")


CASES = {
    **{"host-" + name: bad_case(host, what, where) for name, host, what, where in BAD},
    "host-later-empty": later_empty,
    "host-wildcard-record": wildcard_record,
    "myhostname-underscore": bad_myhostname("mx_1.example.org", NAME),
    "myhostname-blank": bad_myhostname("mx1 example.org", NAME),
    "myhostname-address": bad_myhostname("192.0.2.7", r"address"),
    **{"good-host-" + name: good_case(words, names) for name, words, names in GOOD},
}
