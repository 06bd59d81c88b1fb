"""Moves this process into network, mount and pid namespaces of its own; never changes the machine's.

What the world starts lives and dies inside: when the first process of the pid namespace ends, for
whatever reason, the kernel ends the rest, and the mounts go with the mount namespace.
"""
import ctypes
import os
import signal
import subprocess
import sys
import tempfile

_LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWNET = 0x00020000, 0x20000000, 0x40000000
PR_SET_PDEATHSIG = 1
MNT_DETACH = 2
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def die_with_parent():
    """The kernel ends this process when its parent ends."""
    _LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def enter(addresses=()):
    """Return, in a grandchild inside the namespaces, the path of an empty private directory.

    The caller itself stays outside of the pid namespace, waits and exits with the grandchild's status.
    The addresses are put on lo; 127.0.0.1 is there anyway. Everything below the directory, and /run, is memory
    that only this world sees.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    work = tempfile.mkdtemp(prefix="danesafe-lab.")
    os.chmod(work, 0o755)
    if _LIBC.unshare(CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWPID) != 0:
        os.rmdir(work)
        raise OSError(ctypes.get_errno(), "unshare: " + os.strerror(ctypes.get_errno()))
    first = os.fork()
    if first:
        code = _wait_for(first)
        _LIBC.umount2(work.encode(), MNT_DETACH)
        os.rmdir(work)
        os._exit(code)
    die_with_parent()
    driver = None
    try:
        _mounts_and_addresses(work, addresses)
        driver = os.fork()
    except BaseException as problem:
        print("namespace: %s" % problem, file=sys.stderr, flush=True)
        os._exit(1)
    if driver:
        os._exit(_wait_for(driver))
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGHUP, _leave)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    return work


def _leave(number, _frame):
    raise SystemExit(128 + number)


def _wait_for(child):
    """Reap everything until child ends, pass signals on to it, return its exit code."""
    for number in SIGNALS:
        signal.signal(number, lambda n, _frame: os.kill(child, n))
    while True:
        pid, status = os.wait()
        if pid == child:
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else 128 - code


def _mounts_and_addresses(work, addresses):
    def do(*argv, **more):
        subprocess.run(argv, check=True, **more)

    do("mount", "--make-rprivate", "/")
    do("mount", "-t", "proc", "proc", "/proc")
    do("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", work)
    if not work.startswith("/run/"):
        do("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", "/run")
    do("ip", "link", "set", "lo", "up")
    # named and Postfix take only addresses that an interface lists: 127.0.0.0/8 being local is not enough
    lines = "".join("addr add %s/%d dev lo\n" % (address, 128 if ":" in address else 32) for address in addresses)
    do("ip", "-batch", "-", input=lines.encode())


def bind_over(path, text, work):
    """Show text as the file path, inside this mount namespace only."""
    mine = os.path.join(work, os.path.basename(path))
    with open(mine, "w", encoding="ascii") as out:
        out.write(text)
    target = os.path.realpath(path)
    if not os.path.exists(target):
        # a link into /run, which is ours; elsewhere the open fails and says so
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "w", encoding="ascii"):
            pass
    subprocess.run(["mount", "--bind", mine, target], check=True)
