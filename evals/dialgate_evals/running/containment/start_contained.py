"""Starts one program behind walls and ends all that it left behind: run as a script, by path.

Standard library only and told everything in one JSON file, so that neither its arguments nor its
environment say who started it. Two processes: the outer one waits for the harness's word and for
the program; the inner one (the first of its own process namespace, where there is one) builds the
walls, becomes the parent of the program, and takes every orphan with it when the program ends.
"""

import array
import ctypes
import json
import os
import resource
import select
import signal
import socket
import struct
import sys

_LIBC = ctypes.CDLL(None, use_errno=True)

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
STREAMS = (
    ("fd", "/proc/self/fd"),
    ("stdin", "fd/0"),
    ("stdout", "fd/1"),
    ("stderr", "fd/2"),
)
SCRATCH = ("/tmp", "/dev/shm")
"""Where the program may write; both end with it."""

BROKEN = 125
"""Exit code where a wall can't be built; what the first line of standard error says why."""


def check(result, what):
    """The result of a system call. Raises OSError where it failed."""
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), what)
    return result


def prctl(option, value):
    """prctl(2) with one argument."""
    return _LIBC.prctl(option, ctypes.c_ulong(value), 0, 0, 0)


def mount(source, target, kind, flags, options=None):
    """mount(2)."""
    encoded = [None if text is None else os.fsencode(text) for text in (source, target, kind)]
    data = None if options is None else options.encode()
    check(_LIBC.mount(*encoded, ctypes.c_ulong(flags), data), "mount %s" % target)


def unshare(network):
    """Enters namespaces of its own; its user stays who it is."""
    user, group = os.geteuid(), os.getegid()
    flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | (CLONE_NEWNET if network else 0)
    if _LIBC.unshare(flags | CLONE_NEWUSER) < 0:
        number = ctypes.get_errno()
        if user != 0 or _LIBC.unshare(flags) < 0:  # root may do without a namespace of users
            raise OSError(number, os.strerror(number), "namespaces")
        return
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", "%d %d 1" % (user, user)),
        ("gid_map", "%d %d 1" % (group, group)),
    ):
        with open("/proc/self/" + name, "w") as file:
            file.write(text)


def raise_loopback():
    """Brings up the loopback interface of a network of its own."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        request = struct.pack("16sh14x", b"lo", 0x1 | 0x40)  # IFF_UP | IFF_RUNNING
        import fcntl

        fcntl.ioctl(asking, 0x8914, request)  # SIOCSIFFLAGS


def hand_over_ports(descriptor, ports):
    """Opens the ports on this network's loopback and hands the sockets to the harness."""
    opened = []
    for port in ports:
        listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        try:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(("127.0.0.1", port))
            listening.listen(128)
        except OSError:
            listening.close()
        else:
            opened.append((port, listening))
    with socket.socket(fileno=os.dup(descriptor)) as line:
        for port, listening in opened:
            descriptors = array.array("i", [listening.fileno()])
            rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, descriptors)]
            line.sendmsg([struct.pack("!H", port)], rights)
            listening.close()
        line.send(struct.pack("!H", 0))  # that was all


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
    check(_LIBC.pivot_root(b".", b"."), "pivot_root")
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
    check(_LIBC.umount2(b".", MNT_DETACH), "umount")
    os.chdir("/")
    if not has_proc:
        check(_LIBC.umount2(b"/proc", MNT_DETACH), "umount /proc")
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
        result = _LIBC.syscall(
            SYS_MOUNT_SETATTR, where, b"", below | AT_EMPTY_PATH, attributes, len(attributes)
        )
    finally:
        os.close(where)
    check(result, "mount_setattr")


# landlock(7), ABI 1 to 6
_READ = 0b1101  # execute, read files, read folders
_WRITE_FILE, _ALL_FILES, _READ_FILE = 0b10, (1 << 16) - 1, 0b100


def landlock_abi():
    """Which Landlock the kernel has; 0: none."""
    return max(0, _LIBC.syscall(SYS_LANDLOCK_CREATE, None, 0, 1))


def restrict_by_landlock(spec):
    """Lets this process and its children read what is shown and write into the scratch folder."""
    abi = check(landlock_abi() or -1, "landlock")
    handled = _ALL_FILES & ((1 << {1: 13, 2: 14}.get(abi, 15 if abi < 5 else 16)) - 1)
    network = 0b11 if abi >= 4 and spec["network"] != "open" else 0
    rules = struct.pack("QQQ", handled, network, 0b11 if abi >= 6 else 0)
    rules = rules[: 24 if abi >= 6 else 16 if abi >= 4 else 8]
    ruleset = check(_LIBC.syscall(SYS_LANDLOCK_CREATE, rules, len(rules), 0), "landlock")
    for path in spec["readable"]:
        allow_path(ruleset, path, _READ & handled)
    for path in spec["writable"]:
        allow_path(ruleset, path, handled & ~((1 << 6) | (1 << 11)))  # no devices
    for name in DEVICES:
        allow_path(ruleset, "/dev/" + name, _READ_FILE | _WRITE_FILE | (handled & (1 << 15)))
    for port in spec["ports"] if network else ():
        rule = struct.pack("QQ", 0b10, port)
        check(_LIBC.syscall(SYS_LANDLOCK_ADD, ruleset, 2, rule, 0), "landlock port")
    check(prctl(PR_SET_NO_NEW_PRIVS, 1), "no new privileges")
    check(_LIBC.syscall(SYS_LANDLOCK_SELF, ruleset, 0), "landlock")
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
        check(_LIBC.syscall(SYS_LANDLOCK_ADD, ruleset, 1, rule, 0), "landlock %s" % path)
    finally:
        os.close(opened)


def drop_powers():
    """No capability now or after any exec."""
    check(prctl(PR_SET_NO_NEW_PRIVS, 1), "no new privileges")
    for capability in range(64):
        if prctl(PR_CAPBSET_DROP, capability) < 0:
            break
    header = struct.pack("Ii", 0x20080522, 0)  # _LINUX_CAPABILITY_VERSION_3, this process
    check(_LIBC.capset(header, bytes(24)), "capset")


def become_program(spec):
    """Becomes the program; it starts as any program does."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGPIPE, signal.SIGCHLD, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    if spec["memory_mb"]:
        most = spec["memory_mb"] * 2**20
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    os.chdir(spec["folder"])
    command = spec["command"]
    os.execv(command[0], command)


def say_why(error):
    """Tells the harness on standard error why there is no program."""
    os.write(2, ("can't start: %s\n" % error).encode("utf-8", "replace"))


def run_inside(spec, telling, null):
    """The inner process: builds the walls, starts the program, waits for it and for orphans."""
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    means = spec["means"]
    try:
        if means == "namespaces":
            build_root(spec)
            prctl(PR_SET_DUMPABLE, 0)
        else:
            prctl(PR_SET_CHILD_SUBREAPER, 1)
        program = os.fork()
        if program == 0:
            os.close(telling)
            start_program(spec)
        if means == "namespaces":
            drop_powers()
    except BaseException as error:
        say_why(error)
        os._exit(BROKEN)
    close_streams(null)
    status = wait_for(program)
    # The first process of a namespace can't end by a signal, so it is told.
    os.write(telling, struct.pack("i", status))
    if means != "namespaces":
        end_orphans()
    os._exit(0)


def start_program(spec):
    """Becomes the program behind its walls; never comes back."""
    try:
        if spec["means"] == "landlock":
            restrict_by_landlock(spec)
        if spec["means"] != "nothing":
            # Where the harness is root, a program with powers could mount its way out.
            drop_powers()
        become_program(spec)
    except BaseException as error:
        say_why(error)
    os._exit(BROKEN)


def close_streams(null):
    """The wire is the program's alone: its end must be seen when the program ends."""
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)


def wait_for(program):
    """The program's wait status; orphans that end meanwhile are buried."""
    while True:
        try:
            ended, status = os.waitpid(-1, 0)
        except InterruptedError:
            continue
        except ChildProcessError:
            return 0
        if ended == program:
            return status


def end_orphans():
    """Ends every process below this one: what daemons do is to become its children."""
    while children := find_children():
        for child in children:
            try:
                os.kill(child, signal.SIGKILL)
            except OSError:
                pass
        try:
            os.waitpid(-1, 0)
        except OSError:
            return


def find_children():
    """Processes whose parent this one is."""
    own = os.getpid()
    try:
        with open("/proc/%d/task/%d/children" % (own, own)) as file:
            return [int(word) for word in file.read().split()]
    except (OSError, ValueError):
        return []


def pass_on(status):
    """Ends as the program did, so that the harness sees its signal or exit code."""
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if number not in {signal.SIGKILL, signal.SIGSTOP}:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, (number,))
        os.kill(os.getpid(), number)
    os._exit(os.WEXITSTATUS(status) if os.WIFEXITED(status) else BROKEN)


def become_bubblewrap(program, path, control):
    """Becomes bubblewrap, which starts this script again inside of its walls."""
    arguments = os.open(os.path.splitext(path)[0] + ".arguments", os.O_RDONLY)
    os.set_inheritable(arguments, True)
    run = [sys.executable, "-I", "-S", __file__, path, str(control), "inside"]
    os.execv(program, [program, "--args", str(arguments), "--", *run])


def main(path, control, is_inside):
    """Starts what the file says; the descriptor is the line to the harness."""
    with open(path, encoding="utf-8") as file:
        spec = json.load(file)
    if spec["means"] == "bubblewrap" and not is_inside:
        become_bubblewrap(spec["bubblewrap"], path, control)
    is_alone = spec["means"] == "namespaces"
    try:
        if is_alone:
            unshare(spec["network"] != "open")
            if spec["network"] != "open":
                raise_loopback()
        hand_over_ports(control, spec["listen"])
    except OSError as error:
        say_why(error)
        os._exit(BROKEN)
    if spec["means"] == "bubblewrap":
        os.close(control)
        start_program(spec)
    # Set after the namespaces: a change of powers forgets it.
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL if is_alone else signal.SIGTERM)
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    # Opened before the root moves under both processes.
    null = os.open(os.devnull, os.O_RDWR)
    woken = wake_by_signals()
    told, telling = os.pipe()
    inner = os.fork()
    if inner == 0:
        os.close(control)
        os.close(told)
        run_inside(spec, telling, null)
    os.close(telling)
    close_streams(null)
    watch_over(inner, control, woken)
    end_orphans()
    status = os.read(told, 4)
    pass_on(struct.unpack("i", status)[0] if len(status) == 4 else signal.SIGKILL)


def wake_by_signals():
    """A descriptor that gets a byte for each signal."""
    woken, waking = os.pipe()
    os.set_blocking(waking, False)
    signal.set_wakeup_fd(waking, warn_on_full_buffer=False)
    for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: None)
    return woken


def watch_over(inner, control, woken):
    """Waits for the program or for the harness, whichever ends first; then both are ended."""
    while not os.waitpid(inner, os.WNOHANG)[0]:
        ready, _, _ = select.select([woken, control], [], [])
        numbers = os.read(woken, 64) if woken in ready else b""
        if control in ready or set(numbers) - {signal.SIGCHLD}:
            os.kill(inner, signal.SIGKILL)
            os.waitpid(inner, 0)
            return


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3:] == ["inside"])
