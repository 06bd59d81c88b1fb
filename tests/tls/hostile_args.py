"""Bad command lines: subcommands, options, operands, algorithms, bits and curves, random sources."""
from hostile_refuse import LINE, cases, each, refused

PAIR = "M/rsa.pem M/rsa.key"

# name                 command                                  what                          where
WORDS = (
    ("none",           "",                                      r"usage|command",             "new-server-key"),
    ("unknown",        "frobnicate",                            r"unknown tls command",       "'frobnicate'"),
    ("misspelt",       "new-server-keys",                       r"unknown tls command",       "'new-server-keys'"),
    ("abbreviated",    "new-server",                            r"unknown tls command",       "'new-server'"),
    ("capitals",       "ENABLE-CLIENT",                         r"unknown tls command",       "'ENABLE-CLIENT'"),
    ("empty",          ["", "x"],                               r"unknown tls command",       "''"),
    ("control",        ["a\nb\tc\033[2J"],                      r"unknown tls command",       "a"),
    ("long",           ["x" * 5000],                            r"unknown tls command",       "xxxxxxxxxx"),
)

# name                 command                                  what                          where
OPERANDS = (
    ("default-client", "all-default-client x",                  r"usage|operand|argument",    "all-default-client"),
    ("default-server", "all-default-server --",                 r"usage|operand|argument",    "all-default-server"),
    ("enable-client",  "enable-client mx1.example.org",         r"usage|operand|argument",    "enable-client"),
    ("deploy-none",    "deploy-server-cert",                    r"usage|operand|argument",    "deploy-server-cert"),
    ("deploy-one",     "deploy-server-cert M/rsa.pem",          r"usage|operand|argument",    "deploy-server-cert"),
    ("deploy-three",   "deploy-server-cert %s x" % PAIR,        r"usage|operand|argument",    "deploy-server-cert"),
    ("deploy-dashes",  "deploy-server-cert -- %s" % PAIR,       r"usage|operand|argument",    "deploy-server-cert"),
)

USAGE = r"usage|option|argument|value"
# name                 command                                  what                          where
OPTIONS = (
    ("unknown-key",    "new-server-key -x",                     USAGE,                        "new-server-key"),
    ("unknown-cert",   "new-server-cert -z a",                  USAGE,                        "new-server-cert"),
    ("unknown-long",   "new-server-key --bits 2048",            USAGE,                        "new-server-key"),
    ("unknown-client", "enable-client -a rsa",                  USAGE,                        "enable-client"),
    ("unknown-server", "enable-server -k x",                    USAGE,                        "enable-server"),
    ("unknown-csr",    "output-server-csr -h a",                USAGE,                        "output-server-csr"),
    ("unknown-tlsa",   "output-server-tlsa -k M/rsa.key",       USAGE,                        "output-server-tlsa"),
    ("unknown-joined", "new-server-key -aecdsa -q",             USAGE,                        "new-server-key"),
    ("bare-a",         "new-server-key -a",                     USAGE,                        "new-server-key"),
    ("bare-b",         "new-server-cert -b",                    USAGE,                        "new-server-cert"),
    ("bare-r",         "enable-client -r",                      USAGE,                        "enable-client"),
    ("bare-r-server",  "enable-server -r",                      USAGE,                        "enable-server"),
    ("bare-k",         "output-server-csr -k",                  USAGE,                        "output-server-csr"),
    ("bare-h",         "output-server-tlsa -h",                 USAGE,                        "output-server-tlsa"),
    ("bare-port",      "output-server-tlsa --port",             USAGE,                        "output-server-tlsa"),
    ("port-zero",      "output-server-tlsa --port 0 M/rsa.key",      r"port",                 "0"),
    ("port-negative",  "output-server-tlsa --port -25 M/rsa.key",    r"port",                 "-25"),
    ("port-65536",     "output-server-tlsa --port 65536 M/rsa.key",  r"port",                 "65536"),
    ("port-huge",      "output-server-tlsa --port 4294967321 M/rsa.key", r"port",             "4294967321"),
    ("port-word",      "output-server-tlsa --port smtp M/rsa.key",   r"port",                 "smtp"),
    ("port-tail",      "output-server-tlsa --port 25x M/rsa.key",    r"port",                 "25x"),
    ("port-empty",     "output-server-tlsa --port '' M/rsa.key",     r"port",                 "port"),
    ("owner-too-long", "output-server-tlsa -h %s M/rsa.key" % ".".join(["b" * 61] * 4)[:246], r"too long", "bbbbbbbbbb"),
    ("params-word",    "output-server-tlsa --params x M/rsa.key",    r"params?|usage",        "x"),
    ("params-empty",   "output-server-tlsa --params '' M/rsa.key",   r"params?|usage",        "params"),
    ("params-usage",   "output-server-tlsa --params '2 1 1' M/rsa.key",   r"params?|usage",   "2 1 1"),
    ("params-full",    "output-server-tlsa --params '3 1 0' M/rsa.key",   r"params?|match",   "3 1 0"),
    ("params-select",  "output-server-tlsa --params '3 2 1' M/rsa.key",   r"params?|select",  "3 2 1"),
    ("params-two",     "output-server-tlsa --params '3 1' M/rsa.key",     r"params?",         "3 1"),
    ("params-four",    "output-server-tlsa --params '3 1 1 1' M/rsa.key", r"params?",         "3 1 1 1"),
    ("params-nocert",  "output-server-tlsa --params '3 0 1' M/rsa.key",   r"certificate",     "rsa.key"),
)

UNSUPPORTED = r"unsupported (private|public) key algorithm"
# name                 command                                  what                          where
ALGORITHMS = (
    ("dsa",            "new-server-key -a dsa",                 UNSUPPORTED,                  "dsa"),
    ("ed25519",        "new-server-cert -a ed25519",            UNSUPPORTED,                  "ed25519"),
    ("capitals",       "new-server-key -a RSA",                 UNSUPPORTED,                  "RSA"),
    ("server",         "enable-server -a dsa",                  UNSUPPORTED,                  "dsa"),
    ("list",           "new-server-key -a rsa,ecdsa",           UNSUPPORTED,                  "rsa,ecdsa"),
    ("empty",          "new-server-key -a ''",                  r"algorithm",                 ""),
    ("newline",        ["new-server-key", "-a", "rsa\nx"],      UNSUPPORTED,                  "rsa"),
    ("last-wins",      "new-server-key -a rsa -a x25519",       UNSUPPORTED,                  "x25519"),
)

BITS = r"2048|16384|number|bits"
BAD_BITS = ("0", "-1", "1.5", "0x800", "2e3", "1024", "2047", "16385", "99999999999999999999", "4294969344",
            "18446744073709553664", "2048x", "2048 3072", "many", "P-256", "2048\n", "\u0662\u0660\u0664\u0668")

CURVE = r"curve|P-256"
BAD_CURVES = ("secp224r1", "brainpoolP256r1", "secp256k1", "sect283k1", "2048", "0", "-1", "P-257", "P256r1x",
              "1.2.840.10045.3.1", "ed25519", "X25519", "prime256v1 ", "secp256r1,secp384r1", "P-256\n")

RANDOM = r"random|-r|blank|control|dollar|\$|character"
BAD_RANDOM = {"blank": "dev:/dev/u random", "newline": "dev:/dev/urandom\nmynetworks = 0.0.0.0/0",
              "dollar": "dev:${data_directory}/x", "tab": "dev:\t/dev/urandom", "escape": "dev:/dev/\033[2J",
              "leading": " dev:/dev/urandom", "return": "dev:/dev/urandom\r"}


def bits_case(bits):
    """In each command that takes bits; enable-server, too, as it would make a key."""
    def run(room):
        place = bits.strip() if bits.isascii() else ""
        return each(room, {name: [name, "-a", "rsa", "-b", bits] for name in (
            "new-server-key", "new-server-cert", "enable-server")}, BITS, place)
    return run


def curve_case(curve):
    def run(room):
        return each(room, {name: [name, "-a", "ecdsa", "-b", curve] for name in (
            "new-server-key", "new-server-cert", "enable-server")}, CURVE, curve.strip())
    return run


def random_case(source):
    def run(room):
        return each(room, {name: [name, "-r", source] for name in ("enable-client", "enable-server")}, RANDOM, "dev:")
    return run


def config_dir(*words):
    return lambda room: refused(room, "", r"config-dir|directory|folder|absolute|usage|option|value", "",
                                argv=[room.program, "tls"] + [word.replace("W/", room.work + "/") for word in words])


def no_main_cf_there(room):
    return refused(room, "enable-client", r"main\.cf", room.path("bin"), etc=room.path("bin"))


def too_long(room):
    folder = "/" + "/".join(["d" * 200] * 30)
    return refused(room, "enable-client", r"directory|long|not exist|no such", "dddddddd", etc=folder, prefix=LINE)


CASES = {
    **cases("command-", WORDS),
    **cases("operands-", OPERANDS),
    **cases("option-", OPTIONS),
    **cases("algorithm-", ALGORITHMS),
    **{"bits-" + (ascii(bits)[1:-1].replace(" ", "_").replace("\\", "")): bits_case(bits) for bits in BAD_BITS},
    **{"curve-" + (ascii(curve)[1:-1].replace(" ", "_").replace("\\", "")): curve_case(curve)
       for curve in BAD_CURVES},
    **{"random-" + name: random_case(source) for name, source in BAD_RANDOM.items()},
    "config-dir-relative": config_dir("--config-dir", "etc", "all-default-client"),
    "config-dir-missing": config_dir("--config-dir", "W/nowhere", "enable-client"),
    "config-dir-file": config_dir("--config-dir", "W/etc/main.cf", "new-server-key"),
    "config-dir-empty": config_dir("--config-dir", "", "enable-client"),
    "config-dir-bare": config_dir("--config-dir"),
    "config-dir-no-main-cf": no_main_cf_there,
    "config-dir-too-long": too_long,
}
