"""The file system that a program behind mounts sees: built of what is shown, all of it read only.

Leaves which paths these are to whoever wrote the start file.
"""

import os
import struct

from .system_calls import (
    AT_EMPTY_PATH,
    AT_RECURSIVE,
    DEVICES,
    LIBC,
    MNT_DETACH,
    MOUNT_ATTR_NOSUID,
    MOUNT_ATTR_RDONLY,
    MS_BIND,
    MS_NODEV,
    MS_NOEXEC,
    MS_NOSUID,
    MS_PRIVATE,
    MS_REC,
    SYS_MOUNT_SETATTR,
    check,
    mount,
)

STREAMS = (
    ("fd", "/proc/self/fd"),
    ("stdin", "fd/0"),
    ("stdout", "fd/1"),
    ("stderr", "fd/2"),
)
SCRATCH = ("/tmp", "/dev/shm")
"""Where the program may write; both end with it."""


def build_root(spec):
    """Makes the file system that the program sees, and moves into it.

    Moves first: whatever links the copy holds, what is made here is made inside. What is shown is
    opened before and bound by its descriptor; the old root lies under the new one until the end.
    """
    root = spec["root"]
    scratch = "mode=1777,size=%dm,nr_inodes=200k" % spec["scratch_mb"]
    shown, shown_last = open_all(spec["shown"]), open_all(spec["shown_last"])
    devices = open_all(["/dev/" + name, "/dev/" + name] for name in DEVICES)
    mount("none", "/", None, MS_REC | MS_PRIVATE)
    mount("tmpfs", root, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755,size=16m")
    os.mkdir(root + "/proc")
    has_proc = mount_proc(root + "/proc")
    old = os.open("/", os.O_PATH | os.O_DIRECTORY)
    os.chdir(root)
    check(LIBC.pivot_root(b".", b"."), "pivot_root")
    for path in SCRATCH:
        make_folder(path)
        mount("tmpfs", path, "tmpfs", MS_NOSUID | MS_NODEV, scratch)
    bind_all(shown)
    for path in spec["hidden"]:
        if path not in SCRATCH and os.path.isdir(path):
            mount("tmpfs", path, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755,size=16m")
    bind_all(shown_last)
    for target, path in spec["links"]:
        make_folder(os.path.dirname(path))
        if not os.path.lexists(path):
            os.symlink(target, path)
    bind_all(devices)
    for name, target in STREAMS:
        os.symlink(target, "/dev/" + name)
    os.fchdir(old)
    os.close(old)
    check(LIBC.umount2(b".", MNT_DETACH), "umount")
    os.chdir("/")
    if not has_proc:
        check(LIBC.umount2(b"/proc", MNT_DETACH), "umount /proc")
    change_mounts("/", AT_RECURSIVE, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID, 0)
    for path in SCRATCH:
        change_mounts(path, 0, 0, MOUNT_ATTR_RDONLY)


def mount_proc(path):
    """This namespace's own processes; where that may not be, the outer ones, until all is bound."""
    try:
        mount("proc", path, "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)
    except OSError:
        # In a container whose own /proc is covered in part; few programs need one.
        mount("/proc", path, None, MS_BIND | MS_REC)
        return False
    return True


def open_all(pairs):
    """The descriptors of what is there, each with the place to show it at."""
    opened = []
    for source, target in pairs:
        try:
            opened.append((os.open(source, os.O_PATH | os.O_CLOEXEC), target))
        except OSError:
            continue
    return opened


def bind_all(opened):
    """Shows each at its place."""
    for descriptor, place in opened:
        source = "/proc/self/fd/%d" % descriptor
        target = os.path.realpath(place)
        if os.path.isdir(source):
            make_folder(target)
        else:
            make_folder(os.path.dirname(target))
            if not os.path.exists(target):
                with open(target, "wb"):
                    pass
        mount(source, target, None, MS_BIND | MS_REC)
        os.close(descriptor)


def make_folder(path):
    """The folder with those above it."""
    if not os.path.isdir(path):
        os.makedirs(path)


def change_mounts(path, below, added, taken):
    """Sets and clears attributes of the mount at a path, and of those below it."""
    attributes = struct.pack("QQQQ", added, taken, 0, 0)
    where = os.open(path, os.O_PATH | os.O_DIRECTORY)
    try:
        result = LIBC.syscall(
            SYS_MOUNT_SETATTR, where, b"", below | AT_EMPTY_PATH, attributes, len(attributes)
        )
    finally:
        os.close(where)
    check(result, "mount_setattr")
