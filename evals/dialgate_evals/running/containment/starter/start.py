"""Starts one program behind walls and ends all that it left behind: run as a script, by path.

Standard library only and told everything in one file, so that neither its arguments nor its
environment say who started it. Every start waits for it, so it imports what is written in C:
`signal`, `socket` and `json` load enumerations and expressions for ten milliseconds. Two processes:
the outer one waits for the harness's word and for the program; the inner one (the first of its own
process namespace, where there is one) builds the walls, becomes the parent of the program, and
takes every orphan with it when the program ends.
"""

import _signal as signal
import marshal
import os
import resource
import select
import struct
import sys

# Isolated, Python has no folder of ours on its path; nothing of the program runs in this process.
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from starter.file_system import build_root
from starter.landlock import restrict_by_landlock
from starter.ports import hand_over_ports, raise_loopback
from starter.system_calls import (
    PR_SET_CHILD_SUBREAPER,
    PR_SET_DUMPABLE,
    PR_SET_PDEATHSIG,
    drop_powers,
    prctl,
    unshare,
)

BROKEN = 125
"""Exit code where a wall can't be built; what the first line of standard error says why."""


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
    with open(path, "rb") as file:
        spec = marshal.load(file)
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
    wait_for_either(inner, control, woken)
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


def wait_for_either(inner, control, woken):
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
