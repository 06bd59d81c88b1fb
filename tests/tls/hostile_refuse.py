"""What every refusal has in common: exit 1, words, a place, an empty stdout, and nothing changed on disk.

A table row is   name, command, what, where [, prepare]
    command  words as in a shell; M/x is the material x, E/x the file x of the instance; or a list of words
    what     a pattern (no case) for what the message must say is wrong
    where    the file, name or option that it must name; a string, "" for none
    prepare  called with the room before
"""
import re
import shlex

from hostile_room import brief, changes

LINE = re.compile(r"^danesafe: ")
HANGS = "hangs"
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def refusal_problems(result, what, where, prefix=LINE):
    """[what is wrong] with an answer that should be a refusal."""
    if result.code is None:
        return [HANGS]
    wrong = []
    if result.code != 1:
        wrong.append("exit %d instead of 1" % result.code)
    if result.out:
        wrong.append("stdout is not empty: " + brief(result.out, 80))
    if not re.search(what, result.err, re.I | re.S):
        wrong.append("does not say /%s/" % what)
    if where and where not in result.err:
        wrong.append("does not name %s" % brief(where, 60))
    if wrong:
        wrong[-1] += ": " + brief(result.err)
    if prefix and not all(prefix.search(line) for line in result.err.splitlines()):
        wrong.append("a line without %r: %s" % (prefix.pattern, brief(result.err)))
    if prefix is LINE and not re.search(r"^danesafe: (fatal|error): ", result.err, re.M):
        wrong.append("neither fatal nor error: " + brief(result.err))
    if CONTROL.search(result.err):
        wrong.append("control characters in the message: " + brief(result.err))
    return wrong


def refused(room, command, what, where="", prefix=LINE, **how):
    """Call it and judge the answer and the disk."""
    words = shlex.split(command) if isinstance(command, str) else command
    before = room.state()
    result = room.call(*words, **how)
    return refusal_problems(result, what, where, prefix) + changes(before, room.state())


def case(command, what, where, prepare=None):
    def run(room):
        if prepare:
            prepare(room)
        return refused(room, command, what, where)
    return run


def cases(prefix, rows):
    """A table as {name: function}."""
    table = {}
    for name, *row in rows:
        assert prefix + name not in table, name
        table[prefix + name] = case(*row)
    return table


def each(room, commands, what, where):
    """The same fault in several commands: {label: command}."""
    wrong = []
    for label, command in commands.items():
        trouble = refused(room, command, what, where)
        wrong += ["%s: %s" % (label, text) for text in trouble]
        if HANGS in trouble:
            break
    return wrong
