"""What a program in an agent's place sees, reaches and leaves behind, by each kind of walls."""

from __future__ import annotations

import os
import socket
import sys
from typing import TYPE_CHECKING

import pytest

from dialgate_evals.errors import UsageError
from dialgate_evals.running.containment.walls import NO_WALLS, Means, Wall
from tests.evals.running.containment.places import Place, a_suite, walls_by

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dialgate_evals.running.containment.walls import MachineWalls

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="walls are built on Linux only")


@pytest.fixture(params=["namespaces", "bubblewrap", "landlock"])
def machine(request: pytest.FixtureRequest) -> MachineWalls:
    found = walls_by(request.param)
    if found is None:
        pytest.skip(f"this machine has no {request.param}")
    return found


@pytest.fixture(params=["namespaces", "bubblewrap", "landlock", "nothing"])
def any_machine(request: pytest.FixtureRequest) -> MachineWalls:
    found = walls_by(request.param)
    if found is None:
        pytest.skip(f"this machine has no {request.param}")
    return found


@pytest.fixture
def place(tmp_path: Path, machine: MachineWalls) -> Iterator[Place]:
    made = Place(a_suite(tmp_path), machine)
    yield made
    made.sandbox.close()


@pytest.fixture
def any_place(tmp_path: Path, any_machine: MachineWalls) -> Iterator[Place]:
    environ = {"PATH": "/usr/bin:/bin", "GITHUB_TOKEN": "t", "AWS_SECRET_ACCESS_KEY": "k"}
    made = Place(a_suite(tmp_path), any_machine, environ)
    yield made
    made.sandbox.close()


def test_the_copy_holds_the_release_and_nothing_that_judges_it(any_place: Place) -> None:
    seen = any_place.see(
        "top = os.path.abspath('../..')\n"
        "seen = sorted(os.path.relpath(os.path.join(folder, name), top)\n"
        "              for folder, _, names in os.walk(top) for name in names)"
    )
    assert "suites/shop/agent.py" in seen
    assert "suites/shop/tools.json" in seen
    assert "src/shared.py" in seen
    assert not [name for name in seen if "golden" in name or ".git" in name or "cases" in name]
    assert "suites/shop/policy.toml" not in seen
    assert "suites/shop/suite.toml" not in seen


def test_the_environment_is_four_variables(any_place: Place) -> None:
    seen = any_place.see("seen = dict(os.environ)")
    seen.pop("LC_CTYPE", None)  # Python sets it itself
    seen.pop("PWD", None)  # and bubblewrap this
    assert set(seen) == {"PATH", "LANG", "HOME", "TMPDIR"}


def test_nothing_around_it_holds_the_harness_s_name_or_a_case_s_id(any_place: Place) -> None:
    seen = any_place.see(
        "parent = '/proc/%d/' % os.getppid()\n"
        "def read(name):\n"
        "    try:\n"
        "        return open(name).read()\n"
        "    except OSError:\n"
        "        return ''\n"
        "seen = [os.getcwd(), str(os.environ), ' '.join(sys.argv), read(parent + 'cmdline'),\n"
        "        read(parent + 'environ'), read(parent + 'comm')]"
    )
    text = " ".join(seen)
    assert "dialgate" not in text
    assert "refund-" not in text


def test_it_writes_into_its_scratch_folder_only(place: Place, tmp_path: Path) -> None:
    target = tmp_path / "victim"
    target.write_text("mine")
    seen = place.see(
        "import tempfile\n"
        "tempfile.NamedTemporaryFile().write(b'x')\n"
        "seen = []\n"
        f"for path in ({str(target)!r}, 'agent.py', '/root/.x', '/usr/x', '/x'):\n"
        "    try:\n"
        "        open(path, 'w').write('theirs')\n"
        "        seen.append(path)\n"
        "    except OSError:\n"
        "        pass"
    )
    assert target.read_text() == "mine"
    # Below its own /tmp, in memory, is the way to where its copy stands for absolute paths.
    assert set(seen) <= {str(target)}


def test_it_reads_nothing_of_the_workspace_but_its_copy(place: Place, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("secret")
    root = tmp_path / "repo"
    wanted = [root / "golden/shop/cases.jsonl", root / ".git/secret", tmp_path / "elsewhere"]
    seen = place.see(
        "seen = []\n"
        f"for path in {[str(path) for path in wanted]!r} + ['/etc/shadow', '/root/.bashrc']:\n"
        "    try:\n"
        "        seen.append(open(path).read())\n"
        "    except OSError:\n"
        "        pass"
    )
    assert seen == []


def test_it_can_neither_see_nor_signal_the_harness(place: Place) -> None:
    own = os.getpid()
    seen = place.see(
        "try:\n"
        f"    names = open('/proc/{own}/cmdline').read()\n"
        "except OSError:\n"
        "    names = ''\n"
        "try:\n"
        f"    os.kill({own}, 0)\n"
        "    names += 'signalled'\n"
        "except OSError:\n"
        "    pass\n"
        "seen = 'pytest' in names or 'signalled' in names"
    )
    assert seen is False


# What a program in an agent's place tries against the processes around it, and what it sees.
TRIED = {
    "powers of a process that it traces": (
        """
import ctypes
libc, parent = ctypes.CDLL(None, use_errno=True), os.getppid()
seen = False
if libc.ptrace(16, parent, 0, 0) == 0:  # PTRACE_ATTACH, then PTRACE_DETACH
    os.waitpid(parent, 0x40000000)
    powers = [line for line in open('/proc/%d/status' % parent) if line.startswith('CapEff')]
    seen = int(powers[0].split()[1], 16) != 0
    libc.ptrace(17, parent, 0, 0)
""",
        False,
    ),
    "powers of its own": (
        """
powers = []
try:
    powers = [line for line in open('/proc/self/status') if line.startswith('CapEff')]
except OSError:
    pass
seen = any(int(line.split()[1], 16) for line in powers)
""",
        False,
    ),
    "a mount of its own": (
        """
import ctypes
libc = ctypes.CDLL(None)
seen = [libc.mount(b'none', b'/', None, 32, None), libc.mount(b'x', b'/tmp', b'tmpfs', 0, 0)]
""",
        [-1, -1],
    ),
    "a system of its own": (
        """
import ctypes
libc = ctypes.CDLL(None)
seen = [libc.unshare(0x20000), libc.sethostname(b'mine', 4), libc.chroot(b'/')]
""",
        [-1, -1, -1],
    ),
    "descriptors that it inherited": (
        """
seen = []
for number in range(3, 256):
    try:
        os.write(number, b'verdict: pass')
        seen.append(number)
    except OSError:
        pass
""",
        [],
    ),
    "descriptors of its parent": (
        """
seen = []
try:
    folder = '/proc/%d/fd' % os.getppid()
    seen = [os.readlink(folder + '/' + name) for name in os.listdir(folder)]
except OSError:
    pass
seen = [name for name in seen if 'json' in name or 'verdict' in name]
""",
        [],
    ),
    "variables of every process": (
        """
seen = []
try:
    numbers = [name for name in os.listdir('/proc') if name.isdecimal()]
except OSError:
    numbers = []
for number in numbers:
    try:
        text = open('/proc/%s/environ' % number).read()
        seen += [word for word in ('PYTEST', 'GITHUB_', 'DIALGATE_') if word in text]
    except OSError:
        pass
""",
        [],
    ),
    "the root of its parent": (
        """
seen = []
for name in ('root/etc/shadow', 'cwd/../.git/secret'):
    try:
        seen.append(open('/proc/%d/%s' % (os.getppid(), name), 'rb').read(1).decode())
    except OSError:
        pass
""",
        [],
    ),
    "processes that outlive it": (
        """
import time
try:
    for _ in range(100):
        if os.fork() == 0:
            os.setsid()
            time.sleep(600)
except OSError:
    pass
seen = []
""",
        [],
    ),
}
_WITHOUT_WALLS = frozenset({"descriptors that it inherited"})


@pytest.mark.parametrize("name", TRIED)
def test_what_it_tries_against_its_judge_leads_nowhere(name: str, any_place: Place) -> None:
    program, expected = TRIED[name]
    walls = any_place.sandbox.walls
    if Wall.PROCESSES not in walls.stand and name not in _WITHOUT_WALLS:
        pytest.skip("nothing keeps processes apart here: the run is unsealed, and says so")
    assert any_place.see(program) == expected


def test_the_end_of_its_parent_is_its_own(any_place: Place) -> None:
    """It is a trial that failed, and no more: who asked for it lives and says so."""
    program = (
        "import os, signal\n"
        "for number in (signal.SIGTERM, signal.SIGKILL):\n"
        "    os.kill(os.getppid(), number)\n"
        "print('verdict: pass')"
    )
    if Wall.PROCESSES not in any_place.sandbox.walls.stand:
        pytest.skip("nothing keeps processes apart here: the run is unsealed, and says so")
    done = any_place.start([sys.executable, "-c", program])
    assert done.stdout in {"", "verdict: pass\n"}


def test_its_daemons_end_with_it(any_place: Place) -> None:
    """A session of its own, two forks: and yet it is found."""
    reading, writing = os.pipe()
    os.close(writing)
    os.close(reading)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        port = listening.getsockname()[1]
        any_place.see(
            "import socket, time\n"
            "if os.fork() == 0:\n"
            "    os.setsid()\n"
            "    if os.fork() == 0:\n"
            f"        line = socket.create_connection(('127.0.0.1', {port}))\n"
            "        os.close(0); os.close(1); os.close(2)\n"
            "        time.sleep(60)\n"
            "    os._exit(0)\n"
            "os.wait()\n"
            "time.sleep(0.3)\n"
        )
        connection, _ = listening.accept()
        with connection:
            connection.settimeout(10)
            assert connection.recv(1) == b""  # who held it is dead


def test_how_it_ended_is_seen(any_place: Place) -> None:
    code = any_place.start([sys.executable, "-c", "raise SystemExit(7)"]).returncode
    killed = any_place.start([sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"])
    assert code == 7
    assert killed.returncode in {-9, 137}  # bubblewrap says it as shells do


@pytest.mark.parametrize("network", ["none", "loopback"])
def test_a_closed_network_reaches_no_other_machine(
    network: str, tmp_path: Path, machine: MachineWalls
) -> None:
    place = Place(a_suite(tmp_path, f'network = "{network}"\n'), machine)
    seen = place.see(
        "import socket\n"
        "try:\n"
        "    socket.create_connection(('192.0.2.1', 80), timeout=1)\n"
        "    seen = 'connected'\n"
        "except TimeoutError:\n"
        "    seen = 'open'\n"
        "except OSError as error:\n"
        "    seen = 'closed'"
    )
    place.sandbox.close()
    assert seen == "closed"


def test_named_variables_reach_it_and_those_of_a_ci_never(tmp_path: Path) -> None:
    environ = {"PATH": "/usr/bin", "MODEL_KEY": "k", "OTHER": "o"}
    place = Place(a_suite(tmp_path, 'env = ["MODEL_KEY", "UNSET"]\n'), NO_WALLS, environ)
    seen = place.see("seen = [os.environ.get(name) for name in ('MODEL_KEY', 'OTHER', 'UNSET')]")
    place.sandbox.close()
    assert seen == ["k", None, None]
    place = Place(a_suite(tmp_path / "b", 'env = ["GITHUB_TOKEN"]\n'), NO_WALLS, environ)
    with pytest.raises(UsageError, match="GITHUB_TOKEN is never passed on"):
        place.see("seen = 1")
    place.sandbox.close()


def test_an_env_file_and_needed_files_come_from_the_checkout(
    tmp_path: Path, any_machine: MachineWalls
) -> None:
    suite = a_suite(tmp_path, 'env_file = "local.env"\nneeds = ["models"]\n')
    suite.write("local.env", "# keys\nexport KEY='v w'\n")
    suite.write("models/large.bin", "weights")
    place = Place(suite, any_machine)
    seen = place.see("seen = [os.environ['KEY'], open('models/large.bin').read()]")
    place.sandbox.close()
    assert seen == ["v w", "weights"]


def test_installed_dependencies_are_seen_where_they_lie(
    tmp_path: Path, any_machine: MachineWalls
) -> None:
    suite = a_suite(tmp_path)
    suite.write("node_modules/left/index.js", "here")
    place = Place(suite, any_machine)
    seen = place.see("seen = open('node_modules/left/index.js').read()")
    place.sandbox.close()
    assert seen == "here"


def test_what_is_shown_of_a_large_tree_stands_at_its_place(
    tmp_path: Path, machine: MachineWalls
) -> None:
    """Half a gigabyte that nobody copies, beside files that judge and are out of sight."""
    if machine.means is Means.LANDLOCK:
        pytest.skip("nothing can be mounted: all of it would be copied")
    suite = a_suite(tmp_path)
    for number in range(200):
        suite.write(f"weights/small/{number}.txt", str(number))
    for number in range(35):
        suite.write(f"weights/large/{number}.bin", "")
        os.truncate(suite.folder / "weights" / "large" / f"{number}.bin", 15 * 2**20)
    place = Place(suite, machine)
    seen = place.see(
        "seen = [open('weights/small/7.txt').read(), os.path.getsize('weights/large/3.bin'),\n"
        "        os.path.exists('suite.toml')]"
    )
    place.sandbox.close()
    assert seen == ["7", 15 * 2**20, False]


def test_a_machine_without_walls_says_what_is_open(tmp_path: Path) -> None:
    place = Place(a_suite(tmp_path), NO_WALLS)
    walls = place.sandbox.walls
    assert not walls.is_sealed
    assert walls.means is Means.NOTHING
    assert set(walls.stand) == {Wall.ENVIRONMENT, Wall.COPY, Wall.NETWORK}
