"""What a run left behind, as plain values in which two runs can be compared; changes nothing but main.cf's mtime.

The instance's own directory reads BASE, its configuration directory DIR, a time stamp in a file name STAMP.
"""
import datetime
import hashlib
import os
import re
import stat

import x509

STAMP = re.compile(r"\b20\d{6}-\d{6}\b")
PREFIX = {"peer": r"(\S+)/postfix-tls-script: ", "direct": r"danesafe: ", "drop-in": r"(\S+)/postfix-tls-script: "}


def snapshot(instance):
    """{path below the instance: (type, mode, uid, gid, link or digest of content)}."""
    found = {}
    for folder, folders, files in os.walk(instance.base):
        if os.path.basename(folder) == "daemon":
            folders.clear()
            continue
        for name in folders + files:
            path = os.path.join(folder, name)
            info = os.lstat(path)
            content = ""
            if stat.S_ISLNK(info.st_mode):
                content = os.readlink(path).replace(instance.base, "BASE")
            elif stat.S_ISREG(info.st_mode):
                with open(path, "rb") as file:
                    content = hashlib.sha256(file.read()).hexdigest()
            found[os.path.relpath(path, instance.base)] = (
                stat.filemode(info.st_mode), info.st_uid, info.st_gid, content)
    return found


class Keys:
    """Which of the known keys is this one?"""

    def __init__(self, materials):
        self.of = {}
        for name in sorted(os.listdir(materials), key=lambda name: (len(name), name)):
            if name.endswith(".key") and name != "rsa-encrypted.key":
                with open(os.path.join(materials, name), "rb") as file:
                    self.of.setdefault(x509.spki_of_key(file.read()), name)

    def name(self, spki):
        return self.of.get(spki, "a new one")


def told_file(instance, name, keys, keys_here):
    """A dict about one new file, its name with STAMP."""
    path = os.path.join(instance.base, name)
    info = os.lstat(path)
    told = {"mode": stat.filemode(info.st_mode), "owner": "%d:%d" % (info.st_uid, info.st_gid)}
    if not stat.S_ISREG(info.st_mode):
        return told
    with open(path, "rb") as file:
        data = file.read()
    labels = [label for label, _ in x509.pem_blocks(data)]
    try:
        if labels == ["CERTIFICATE"]:
            told["certificate"], spki = x509.describe_certificate(path, datetime.datetime.utcnow())
            told["certificate"]["of"] = keys_here.get(spki, keys.name(spki))
        elif any("PRIVATE KEY" in label for label in labels):
            spki = x509.spki_of_key(data)
            told["key"] = {"kind": x509.describe_spki(spki), "is": keys.name(spki)}
            told["labels"] = labels
            keys_here[spki] = "the new key"
        else:
            told["content"] = repr(data[:80])
    except (ValueError, IndexError, KeyError) as problem:
        told["content"] = "cannot be read: %s" % problem
    return told


def new_files(instance, before, after, keys):
    """({name: dict}, {STAMP}): what came; keys first, so that a certificate can name its key."""
    keys_here, told, stamps = {}, {}, set()
    new = sorted(set(after) - set(before), key=lambda name: ("cert" in name, name))
    for name in new:
        label = os.path.relpath(os.path.join(instance.base, name), instance.dir)
        label = label if not label.startswith("..") else "BASE/" + name
        stamps.update(STAMP.findall(label))
        told[STAMP.sub("STAMP", label)] = told_file(instance, name, keys, keys_here)
    return told, stamps


def changed_files(before, after):
    """Lines about what was there before and is gone or different; a main.cf's text is compared by itself."""
    lines = []
    for name in sorted(before):
        if name not in after:
            lines.append(name + " is gone")
        elif after[name] != before[name]:
            was, now = list(before[name]), list(after[name])
            if name.endswith("/main.cf") and was[0][0] == now[0][0] == "-":
                was.pop(), now.pop()
                if was == now:
                    continue
            lines.append("%s: %s -> %s" % (name, was[:4], now[:4]))
    return lines


def settings(text, original):
    """main.cf as lines; new ones that were appended are sorted, for postfix tls has them in random order."""
    lines, old = text.split("\n"), set(original.split("\n"))
    end = len(lines)
    while end and (lines[end - 1] not in old or not lines[end - 1]):
        end -= 1
    return lines[:end] + sorted(line for line in lines[end:] if line)


def commands_in(text, instance):
    """The commands that a message suggests, without the way the program itself was called."""
    found = []
    for command in re.findall(r"(?m)#\s+(postfix\b.*|\S*danesafe tls\b.*)$", text):
        command = command.replace("'", "").replace('"', "").rstrip()
        for call in ("postfix -c %s " % instance.dir, "danesafe tls --config-dir %s " % instance.dir):
            command = command.replace(call, "postfix " if call.startswith("postfix") else "postfix tls ")
        command = command.replace("danesafe tls ", "postfix tls ")
        found.append(STAMP.sub("STAMP", instance.own(command)))
    return found


def unnamed(text, instance):
    """Suggested commands of danesafe that forget to say for which instance: all of ours are others than the default."""
    found = re.findall(r"(?m)#\s+((?:postfix|danesafe tls)\b.*)$", text)
    return [line for line in found if instance.by != "peer" and instance.dir not in line.split(" tls ", 1)[0]
            and "--config-dir " + instance.dir not in line]


def told_stdout(out, instance, keys):
    """A request as its fields, anything else as text."""
    text = instance.own(out.decode("utf-8", "backslashreplace"))
    if "BEGIN CERTIFICATE REQUEST" not in text or text.startswith("{"):
        return text
    try:
        told, spki = x509.describe_request(out)
    except (ValueError, IndexError, KeyError) as problem:
        return "a request that cannot be read (%s):\n%s" % (problem, text)
    return dict(told, of=keys.name(spki))


def words_of(text):
    """A message as one line of single blanks, without the log's prefix: what `says` is looked up in."""
    text = re.sub(r"(?m)^(\S+/postfix-tls-script|\S+/danesafe-tls|danesafe): ", "", text)
    return re.sub(r"\s+", " ", text).strip()


def odd_lines(text, by):
    """Lines of danesafe's stderr that do not say whose they are."""
    if by == "peer":
        return []
    return [line for line in text.splitlines() if not re.match(PREFIX[by], line)][:3]


_POSTCONF = {}  # by main.cf's text


def set_in(instance, text):
    """postconf -n, without what is the instance's own; the same text has the same answer."""
    if text not in _POSTCONF:
        _POSTCONF[text] = [STAMP.sub("STAMP", instance.own(line)) for line in instance.postconf("-n")
                           if not line.startswith("daemon_directory ")]
    return _POSTCONF[text]


def record(instance, ran, before, original, keys):
    """Everything about one run; the keys of the dict are what a case compares."""
    after = snapshot(instance)
    files, stamps = new_files(instance, before, after, keys)
    text = instance.own(instance.read("main.cf")) if os.path.exists(instance.path("main.cf")) else ""
    return {
        "exit": ran.code,
        "stdout": told_stdout(ran.out, instance, keys),
        "files": files,
        "one stamp": len(stamps) <= 1,
        "changed": changed_files(before, after),
        "main.cf": STAMP.sub("STAMP", "\n".join(settings(text, instance.own(original)))),
        "postconf": set_in(instance, text),
        "commands": commands_in(ran.err, instance),
        "unnamed": unnamed(ran.err, instance),
        "says": words_of(instance.own(ran.err)),
        "odd lines": odd_lines(ran.err, instance.by),
    }
