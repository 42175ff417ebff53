"""What a program may read and write where nothing can be mounted: Landlock's rules.

Leaves which paths these are to whoever wrote the start file.
"""

import os
import struct

from .system_calls import (
    DEVICES,
    LIBC,
    PR_SET_NO_NEW_PRIVS,
    SYS_LANDLOCK_ADD,
    SYS_LANDLOCK_CREATE,
    SYS_LANDLOCK_SELF,
    check,
    prctl,
)

# landlock(7), ABI 1 to 6
_READ = 0b1101  # execute, read files, read folders
_WRITE_FILE, _ALL_FILES, _READ_FILE = 0b10, (1 << 16) - 1, 0b100


def landlock_abi():
    """Which Landlock the kernel has; 0: none."""
    return max(0, LIBC.syscall(SYS_LANDLOCK_CREATE, None, 0, 1))


def restrict_by_landlock(spec):
    """Lets this process and its children read what is shown and write into the scratch folder."""
    abi = check(landlock_abi() or -1, "landlock")
    handled = _ALL_FILES & ((1 << {1: 13, 2: 14}.get(abi, 15 if abi < 5 else 16)) - 1)
    network = 0b11 if abi >= 4 and spec["network"] != "open" else 0
    rules = struct.pack("QQQ", handled, network, 0b11 if abi >= 6 else 0)
    rules = rules[: 24 if abi >= 6 else 16 if abi >= 4 else 8]
    ruleset = check(LIBC.syscall(SYS_LANDLOCK_CREATE, rules, len(rules), 0), "landlock")
    for path in spec["readable"]:
        allow_path(ruleset, path, _READ & handled)
    for path in spec["writable"]:
        allow_path(ruleset, path, handled & ~((1 << 6) | (1 << 11)))  # no devices
    for name in DEVICES:
        allow_path(ruleset, "/dev/" + name, _READ_FILE | _WRITE_FILE | (handled & (1 << 15)))
    for port in spec["ports"] if network else ():
        rule = struct.pack("QQ", 0b10, port)
        check(LIBC.syscall(SYS_LANDLOCK_ADD, ruleset, 2, rule, 0), "landlock port")
    check(prctl(PR_SET_NO_NEW_PRIVS, 1), "no new privileges")
    check(LIBC.syscall(SYS_LANDLOCK_SELF, ruleset, 0), "landlock")
    os.close(ruleset)


def allow_path(ruleset, path, rights):
    """A rule for the path and what is below; one that is not there needs none."""
    try:
        opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not os.path.isdir(path):
            rights &= 0b1100000000000111  # what can be done with a file
        rule = struct.pack("=Qi", rights, opened)
        check(LIBC.syscall(SYS_LANDLOCK_ADD, ruleset, 1, rule, 0), "landlock %s" % path)
    finally:
        os.close(opened)
