"""The seeds that are texts, and the zones whose answers become seeds; data only."""

PARENT = """@ 300 SOA ns1.org. h.org. 1 60 60 600 30
@ 300 NS ns1.org.
ns1.org. 300 A 192.0.2.1
example.org. 300 NS ns1.example.org.
ns1.example.org. 300 A 192.0.2.2
ns1.example.org. 300 AAAA 2001:db8::2
"""
ZONE = """@ 300 SOA ns1 h 7 60 60 600 30
@ 300 NS ns1
@ 300 NS ns2.example.net.
ns1 300 A 192.0.2.2
ns1 300 AAAA 2001:db8::2
mx1 300 A 192.0.2.25
mx1 300 A 192.0.2.26
mx1 300 AAAA 2001:db8::25
"""
DIGEST = "00112233445566778899aabbccddeeff" * 2
TLSA = "_25._tcp.mx1 60 TLSA 3 1 1 " + DIGEST + "\n"
ODD = "".join("_25._tcp.mx1 60 TLSA %s\n" % record for record in (
    "3 1 1 " + DIGEST, "3 1 1 ff" + DIGEST[2:], "2 0 2 " + 2 * DIGEST, "3 1 0 " + 9 * DIGEST, "0 0 1 " + DIGEST[:8]))
MANY = "".join("_25._tcp.mx1 60 TLSA 3 1 1 %02x%s\n" % (i, DIGEST[2:]) for i in range(33))
ZONES = {
    "shown": {"text": TLSA, "how": {}},
    "shown-rsa": {"text": TLSA, "how": {"algorithm": "rsasha256"}},
    "shown-ed25519": {"text": TLSA, "how": {"algorithm": "ed25519"}},
    "shown-odd": {"text": ODD, "how": {}},
    "too-many": {"text": MANY, "how": {}},
    "unsigned": {"text": TLSA, "how": {"signs": "off"}},
    "nxdomain": {"text": "", "how": {}},
    "nxdomain-nsec3": {"text": "", "how": {"nsec3": "on"}},
    "nodata": {"text": "_25._tcp.mx1 60 TXT x\n", "how": {}},
    "nodata-nsec3": {"text": "_25._tcp.mx1 60 TXT x\n", "how": {"nsec3": "on"}},
    "wildcard": {"text": "*.mx1 60 TLSA 3 1 1 " + DIGEST + "\n", "how": {}},
    "alias": {"text": "_25._tcp.mx1 60 CNAME tlsa\ntlsa 60 TLSA 3 1 1 " + DIGEST + "\n", "how": {}},
    "dname": {"text": "_tcp.mx1 60 DNAME tlsa\n_25.tlsa 60 TLSA 3 1 1 " + DIGEST + "\n", "how": {}},
    "delegated": {"text": "_tcp.mx1 60 NS ns1\n", "how": {}},
}

# What a look asks of each side besides, as far as there is an answer.
CHILD = [("example.org.", "SOA"), ("example.org.", "NS"), ("ns1.example.org.", "A"), ("ns1.example.org.", "AAAA"),
         ("mx1.example.org.", "A"), ("mx1.example.org.", "AAAA")]
PARENTS = [("org.", "SOA"), ("org.", "NS"), ("ns1.org.", "A")]


def said(*pieces):
    """What a mail server says, each piece behind its length."""
    return b"".join(bytes([len(piece)]) + piece for piece in pieces)


HELLO = b"220 mx1.example.org ESMTP Postfix\r\n"
EHLO = b"250-mx1.example.org\r\n250-PIPELINING\r\n250-STARTTLS\r\n250 SMTPUTF8\r\n"
MAIN_CF = """# See /usr/share/postfix/main.cf.dist
myhostname = mx1.example.org
mydestination = $myhostname,
    localhost
# smtpd_tls_security_level = none
smtpd_tls_security_level=may
smtpd_tls_key_file = /etc/postfix/old.pem
"""
POSTCONF = """config_directory = /etc/postfix
command_directory = /usr/sbin
queue_directory = /var/spool/postfix
data_directory = /var/lib/postfix
myhostname = mx1.example.org
syslog_name = postfix
tls_random_source = dev:/dev/urandom
smtpd_tls_security_level = may
multi_instance_directories =
alternate_config_directories =
smtpd_tls_chain_files = /etc/postfix/rsa.pem, /etc/postfix/ec.pem
smtpd_tls_key_file = /etc/postfix/key.pem
smtpd_tls_cert_file = $smtpd_tls_key_file
smtpd_tls_eckey_file =
smtpd_tls_eccert_file = $smtpd_tls_eckey_file
"""
CONFIG = """resolver: 127.0.0.1
state-dir: /var/lib/danesafe
timing:
  profile: routine
  hold-factor: 2
  hold-floor: 1h
  settle: 15m
publishers:
  primary:
    method: nsupdate
    server: 192.0.2.1
    tsig-key: /etc/danesafe/update.key
hosts:
  mx1.example.org:
    names: [mx1.example.org, mail.example.org]
    services: [25/tcp, 587/tcp]
    keys: [rsa-2048, ecdsa-p256]
    tlsa: ["3 1 1"]
    standby: true
    tlsa-ttl: 1h
    publisher: primary
    endpoints: [192.0.2.25, "[2001:db8::25]:587"]
  MX2.example.org: {config-dir: /etc/postfix-2}
"""
KEY = 'key "upd.key" { algorithm hmac-sha256; secret "c2VjcmV0IHNlY3JldCBzZWNyZXQgc2VjcmV0IQ=="; };\n'
PACKED = bytes([3, 1, 1, 32]) + bytes(32 * [7]) + bytes(32)

SEEDS = {
    "smtp": {
        "starttls": said(HELLO, EHLO, b"220 2.0.0 Ready to start TLS\r\n"),
        "in-pieces": said(HELLO[:9], HELLO[9:], EHLO[:30], EHLO[30:], b"2", b"20", b"\r", b"\n"),
        "injected": said(HELLO, EHLO, b"220 go\r\n250 injected\r\n"),
        "not-offered": said(HELLO, b"250-mx1\r\n250-XSTARTTLS\r\n250 8BITMIME\r\n"),
        "refuses": said(b"554-no\r\n554 go away\x1b[2J\r\n"),
        "busy": said(b"421\r\n"),
        "other-code": said(HELLO, b"250-mx1\r\n220 STARTTLS\r\n"),
        "no-smtp": said(b"SSH-2.0-OpenSSH\r\n"),
        "zeroes": said(HELLO, b"250-\0\0\r\n250-starttls\0\r\n250\r\n"),
        "long-line": said(*[b"220-" + b"x" * 250] * 9),
    },
    "config": {
        "all": CONFIG,
        "smallest": "hosts:\n  mx1.example.org: {}\n",
        "mistakes": "timing: {hold-flor: 1, settle: soon}\nhosts: {mx1: {services: [0/tcp], names: a}}\nhosts: []\n",
        "twice": "hosts: {mx1.example.org: {}, MX1.example.org: {standby: maybe}}\n",
        "anchors": "a: &a [*a]\nhosts: {<<: *a, mx1.example.org: !!str {}}\n---\nhosts: {}\n",
        "not-yaml": "hosts: {mx1\n\t: [}\n\x1b\xff",
        "empty": "# nothing\n",
    },
    "tsig": {
        "plain": KEY,
        "comments": "# one\n// two\n/* three\n*/\n" + KEY.replace("sha256", "sha512").replace('"upd.key"', "Upd.Key."),
        "twice": KEY + KEY,
        "short": 'key a { secret "AAAA"; };',
        "open": 'key "a',
    },
    "postfix": {
        "postconf": POSTCONF,
        "main.cf": MAIN_CF,
        "no-end": MAIN_CF + "smtpd_tls_chain_files\t =",
        "types": "rsa\necdsa\nlmdb\n",
        "complaint": "postconf: warning: /etc/postfix/main.cf: \x1b[1m\npostconf: fatal: open: no\n\n",
    },
    "options": {
        "all": "--json\n--port\n25\n--port=587\n--params\n3 1 1\n--params=3 0 2\n-h\nmx1.example.org\n-h\nmx2\nkey.pem",
        "wildcard": "-h\n*.example.org",
        "none": "--params\n2 1 1",
    },
    "tlsa": {
        "set": PACKED + bytes([3, 1, 1, 255]) + bytes(32 * [8]) + bytes(32),
        "records": bytes([35, 3, 1, 1]) + bytes(range(32)) + bytes([67, 3, 0, 2]) + bytes(64) + bytes([3, 2, 1, 1]),
        "long": bytes([255, 3, 1, 0]) + bytes(range(1, 253)),
        "full": b"".join(bytes([4, 3, 1, 1, i]) for i in range(33)),
    },
    "values": {
        "base64": "c2VjcmV0IHNlY3JldA==",
        "hex": "00aAfF",
        "host": "mx1.xn--bcher-kva.example.org",
        "wildcard": "*.example.org",
        "address": "[2001:db8::25]:587",
        "address-4": "192.0.2.25:25",
        "duration": "180d",
        "size": "2048",
        "curve": "prime256v1",
        "word": "hold-flor",
    },
}
