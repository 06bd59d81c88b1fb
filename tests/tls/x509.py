"""Keys, certificates and requests told as plain values, so that two of them can be compared; never judges them.

The DER is read here, because what matters is the form as well: the string type of a name, the time type of a
date, the order of the extensions. Only signatures and keys are left to openssl(1).
"""
import base64
import datetime
import hashlib
import re
import subprocess

NAMES = {
    "1.2.840.113549.1.1.1": "rsaEncryption", "1.2.840.113549.1.1.10": "rsassaPss",
    "1.2.840.113549.1.1.11": "sha256WithRSAEncryption", "1.2.840.10045.2.1": "ecPublicKey",
    "1.2.840.10045.4.3.2": "ecdsa-with-SHA256", "1.2.840.10045.4.3.3": "ecdsa-with-SHA384",
    "1.2.840.10045.4.3.4": "ecdsa-with-SHA512", "1.2.840.10045.3.1.7": "P-256", "1.3.132.0.34": "P-384",
    "1.3.132.0.35": "P-521", "1.3.132.0.33": "P-224", "1.3.132.0.10": "secp256k1", "1.3.101.112": "Ed25519",
    "2.5.4.3": "CN", "2.5.4.10": "O", "2.5.29.14": "subjectKeyIdentifier", "2.5.29.15": "keyUsage",
    "2.5.29.17": "subjectAltName", "2.5.29.19": "basicConstraints", "2.5.29.35": "authorityKeyIdentifier",
    "2.5.29.37": "extendedKeyUsage", "1.3.6.1.5.5.7.3.1": "serverAuth", "1.3.6.1.5.5.7.3.2": "clientAuth",
    "1.2.840.113549.1.9.14": "extensionRequest"}
STRINGS = {12: "UTF8String", 19: "PrintableString", 22: "IA5String", 30: "BMPString"}
TIMES = {23: "UTCTime", 24: "GeneralizedTime"}
CURVE_BITS = {"P-256": 256, "P-384": 384, "P-521": 521, "P-224": 224, "secp256k1": 256}


class Der:
    """One DER value: its tag, its content, and its whole encoding."""

    def __init__(self, data):
        self.tag, length, at = data[0], data[1], 2
        if length & 0x80:
            at = 2 + (length & 0x7f)
            length = int.from_bytes(data[2:at], "big")
        self.content, self.whole = data[at:at + length], data[:at + length]
        if len(self.content) != length:
            raise ValueError("DER ends early")

    def __iter__(self):
        rest = self.content
        while rest:
            part = Der(rest)
            rest = rest[len(part.whole):]
            yield part

    def oid(self):
        numbers, value = [], 0
        for byte in self.content:
            value = value << 7 | byte & 0x7f
            if not byte & 0x80:
                numbers.append(value)
                value = 0
        first = min(numbers[0] // 40, 2)
        dotted = ".".join(map(str, [first, numbers[0] - 40 * first] + numbers[1:]))
        return NAMES.get(dotted, dotted)


def openssl(*argv, data=None):
    """What openssl prints, as bytes; ValueError with its first words if it fails."""
    run = subprocess.run(("openssl",) + argv, input=data, capture_output=True, check=False)
    if run.returncode != 0:
        raise ValueError("openssl %s: %s" % (argv[0], run.stderr.decode("utf-8", "replace").strip()[:120]))
    return run.stdout


def pem_blocks(data):
    """[(label, body)] of all PEM blocks in a file."""
    text = data.decode("latin-1")
    found = re.findall(r"-----BEGIN ([^-]+)-----\n(.*?)-----END \1-----\n", text, re.S)
    return [(label, base64.b64decode(body)) for label, body in found]


def spki_of_key(data):
    """The DER SubjectPublicKeyInfo of a private key."""
    return openssl("pkey", "-pubout", "-outform", "DER", data=data)


def describe_spki(spki):
    """The kind of a public key in words: 'rsaEncryption 2048 e=65537', 'ecPublicKey P-256'."""
    algorithm, bits = list(Der(spki))
    parts = list(algorithm)
    name = parts[0].oid()
    if name == "rsaEncryption":
        modulus, exponent = [int.from_bytes(n.content, "big") for n in Der(bits.content[1:])]
        return "%s %d e=%d" % (name, modulus.bit_length(), exponent)
    if name == "ecPublicKey":
        form = "point %02x" % bits.content[1]
        return "%s %s %s" % (name, parts[1].oid() if parts[1].tag == 6 else "explicit curve", form)
    return name


def name_of(der):
    """A distinguished name: ['CN UTF8String mail.example.org', ...], one list element for each RDN."""
    rdns = []
    for rdn in der:
        pairs = []
        for pair in rdn:
            kind, value = list(pair)
            text = value.content.decode("utf-8", "backslashreplace")
            pairs.append("%s %s %s" % (kind.oid(), STRINGS.get(value.tag, value.tag), text))
        rdns.append(" + ".join(pairs))
    return rdns


def moment(der):
    """The datetime of a validity bound."""
    form = "%y%m%d%H%M%SZ" if der.tag == 23 else "%Y%m%d%H%M%SZ"
    return datetime.datetime.strptime(der.content.decode("ascii"), form)


def extensions_of(sequence, spki):
    """['basicConstraints CA:FALSE', ...] in the order of the file."""
    bits = list(Der(spki))[1].content[1:]
    told = []
    for extension in sequence:
        parts = list(extension)
        name, value = parts[0].oid(), Der(parts[-1].content)
        critical = " critical" if len(parts) == 3 and parts[1].content != b"\0" else ""
        told.append(name + critical + " " + _extension_value(name, value, bits))
    return told


def _extension_value(name, value, bits):
    if name == "basicConstraints":
        return "CA:FALSE" if not value.content else value.whole.hex()
    if name == "subjectKeyIdentifier":
        return "SHA-1 of the key" if value.content == hashlib.sha1(bits).digest() else value.whole.hex()
    if name == "extendedKeyUsage":
        return " ".join(usage.oid() for usage in value)
    if name == "subjectAltName":
        kinds = {0x82: "DNS:", 0x87: "IP:", 0x81: "email:", 0x86: "URI:"}
        return " ".join(kinds.get(alt.tag, "%02x:" % alt.tag) + alt.content.decode("latin-1") for alt in value)
    return value.whole.hex()


def signed_by(path):
    """'itself' if the signature is right; -partial_chain is not given, so no other issuer would do."""
    try:
        openssl("verify", "-check_ss_sig", "-trusted", path, path)
    except ValueError as problem:
        return str(problem)
    return "itself"


def describe_certificate(path, now):
    """(dict of what can be compared, SPKI) of a file that holds one certificate."""
    with open(path, "rb") as file:
        blocks = pem_blocks(file.read())
    if [label for label, _ in blocks] != ["CERTIFICATE"]:
        raise ValueError("not one certificate but %s" % [label for label, _ in blocks])
    tbs, algorithm, _signature = list(Der(blocks[0][1]))
    fields = list(tbs)
    version = fields.pop(0).content[-1] + 1 if fields[0].tag == 0xa0 else 1
    serial, inner, issuer, validity, subject, spki = fields[:6]
    begin, end = list(validity)
    number = int.from_bytes(serial.content, "big", signed=True)
    age = (now - moment(begin)).total_seconds()
    return {
        "version": version,
        "serial": "positive, long" if number > 0 and 128 < number.bit_length() <= 160 else hex(number),
        "signature": [part.oid() if part.tag == 6 else part.whole.hex() for part in algorithm],
        "signature names agree": inner.whole == algorithm.whole,
        "signed by": signed_by(path),
        "issuer": name_of(issuer), "subject": name_of(subject),
        "valid from": "%s, now" % TIMES[begin.tag] if -2 <= age <= 60 else "%s, %d s ago" % (TIMES[begin.tag], age),
        "valid for": "%s, %s" % (TIMES[end.tag], moment(end) - moment(begin)),
        "key": describe_spki(spki.whole),
        "other fields": [hex(field.tag) for field in fields[6:]],
        "extensions": [line for field in fields[6:] if field.tag == 0xa3
                       for line in extensions_of(Der(field.content), spki.whole)],
    }, spki.whole


def describe_request(pem):
    """(dict of what can be compared, SPKI) of the only request in a PEM text."""
    blocks = pem_blocks(pem)
    if [label for label, _ in blocks] != ["CERTIFICATE REQUEST"]:
        raise ValueError("not one request but %s" % [label for label, _ in blocks])
    info, algorithm, _signature = list(Der(blocks[0][1]))
    version, subject, spki, attributes = list(info)
    told, extensions = [], []
    for attribute in attributes:
        kind, values = list(attribute)
        told.append(kind.oid())
        if kind.oid() == "extensionRequest":
            extensions += extensions_of(list(values)[0], spki.whole)
    openssl("req", "-verify", "-noout", data=pem)
    return {
        "version": version.content[-1] + 1,
        "text around": re.sub(rb"-----BEGIN.*?-----END [^-]+-----\n", b"", pem, flags=re.S).decode("latin-1"),
        "signature": [part.oid() if part.tag == 6 else part.whole.hex() for part in algorithm],
        "subject": name_of(subject), "key": describe_spki(spki.whole),
        "attributes": told, "extensions": extensions,
    }, spki.whole
