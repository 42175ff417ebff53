"""System calls by number and name, the namespaces of a program, and its powers.

Standard library only. Leaves what is mounted to `file_system`.
"""

import ctypes
import os
import struct

LIBC = ctypes.CDLL(None, use_errno=True)

# clone(2), mount(2), umount(2), prctl(2)
CLONE_NEWNS, CLONE_NEWIPC, CLONE_NEWUSER = 0x00020000, 0x08000000, 0x10000000
CLONE_NEWPID, CLONE_NEWNET = 0x20000000, 0x40000000
MS_NOSUID, MS_NODEV, MS_NOEXEC = 2, 4, 8
MS_BIND, MS_REC, MS_PRIVATE = 4096, 16384, 1 << 18
MNT_DETACH = 2
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_CAPBSET_DROP = 1, 4, 24
PR_SET_NO_NEW_PRIVS, PR_SET_CHILD_SUBREAPER = 38, 36

# System calls without a wrapper; these three have one number on every architecture.
SYS_MOUNT_SETATTR, SYS_LANDLOCK_CREATE, SYS_LANDLOCK_ADD, SYS_LANDLOCK_SELF = 442, 444, 445, 446
AT_EMPTY_PATH, AT_RECURSIVE = 0x1000, 0x8000
MOUNT_ATTR_RDONLY, MOUNT_ATTR_NOSUID = 1, 2

DEVICES = ("null", "zero", "full", "random", "urandom")


def check(result, what):
    """The result of a system call. Raises OSError where it failed."""
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), what)
    return result


def prctl(option, value):
    """prctl(2) with one argument."""
    return LIBC.prctl(option, ctypes.c_ulong(value), 0, 0, 0)


def mount(source, target, kind, flags, options=None):
    """As mount(2); raises OSError with the target's name."""
    encoded = [None if text is None else os.fsencode(text) for text in (source, target, kind)]
    data = None if options is None else options.encode()
    check(LIBC.mount(*encoded, ctypes.c_ulong(flags), data), "mount %s" % target)


def unshare(network):
    """Enters namespaces of its own; its user stays who it is."""
    user, group = os.geteuid(), os.getegid()
    flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | (CLONE_NEWNET if network else 0)
    if LIBC.unshare(flags | CLONE_NEWUSER) < 0:
        number = ctypes.get_errno()
        if user != 0 or LIBC.unshare(flags) < 0:  # root may do without a namespace of users
            raise OSError(number, os.strerror(number), "namespaces")
        return
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", "%d %d 1" % (user, user)),
        ("gid_map", "%d %d 1" % (group, group)),
    ):
        with open("/proc/self/" + name, "w") as file:
            file.write(text)


def drop_powers():
    """No capability now or after any exec."""
    check(prctl(PR_SET_NO_NEW_PRIVS, 1), "no new privileges")
    for capability in range(64):
        if prctl(PR_CAPBSET_DROP, capability) < 0:
            break
    header = struct.pack("Ii", 0x20080522, 0)  # _LINUX_CAPABILITY_VERSION_3, this process
    check(LIBC.capset(header, bytes(24)), "capset")
