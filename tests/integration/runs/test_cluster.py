"""`--cluster` with a real scheduler and real workers: what goes wrong there leaves no mark.

Each agent asks a gate of this process before it answers, so that a test says what happens while
which trials are under way; nothing waits for a time.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

import dialgate as package
from dialgate_evals.records.run_reading import read_run, read_run_trajectories
from tests.integration.command_line import dialgate
from tests.integration.runs.cluster_processes import ClusterProcesses
from tests.needed.extras import need
from tests.workspaces import (
    ACTIONS,
    POLICY,
    RELEASE,
    TOOLS,
    RecordedSuite,
    a_case,
    a_refund,
    write_lines,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

need("distributed", "the extra `cluster` is not installed")

CASES = 24

AGENT = """
import os, re, socket

def respond(messages, tools, release):
    case = re.search(r"refund-[0-9]+", messages[0]["content"])[0]
    with socket.create_connection(("127.0.0.1", int(os.environ["GATE_PORT"]))) as gate:
        gate.sendall(f"{os.environ['PLACE']} {case}\\n".encode())
        gate.recv(1)
    if case != "refund-003":
        tools.call("refund", {"id": case, "amount": 10})
    return "Done."
"""

SUITE = """schema = 1
name = "shop"
cases = ["cases.jsonl"]
concurrency = 2
[agent]
kind = "python"
target = "agent:respond"
workers = 1
env = ["GATE_PORT", "PLACE"]
"""


class Gate:
    """Lets an agent's trials through when a rule says so, asked again after each that came."""

    def __init__(self) -> None:
        self.came: list[tuple[str, str]] = []
        # place and case
        self.rule: Callable[[str, str], bool] = lambda _place, _case: True
        self._held: list[tuple[socket.socket, str, str]] = []
        self._lock = threading.Lock()
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                caller, _ = self._server.accept()
            except OSError:
                return
            threading.Thread(target=self._hear, args=(caller,), daemon=True).start()

    def _hear(self, caller: socket.socket) -> None:
        with caller.makefile() as words:
            place, _, case = words.readline().strip().partition(" ")
        with self._lock:
            self.came.append((place, case))
            self._held.append((caller, place, case))
        self.look()

    def look(self) -> None:
        """Lets through whom the rule lets through now."""
        with self._lock:
            passing = [item for item in self._held if self.rule(item[1], item[2])]
            self._held = [item for item in self._held if item not in passing]
        for caller, _, _ in passing:
            with closing(caller):
                caller.sendall(b"!")

    def close(self) -> None:
        self._server.close()
        self.rule = lambda _place, _case: True
        self.look()


@pytest.fixture
def gate() -> Iterator[Gate]:
    with closing(Gate()) as opened:
        yield opened


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    suite = folder / "suites" / "shop"
    (suite / "prompts").mkdir(parents=True)
    (suite / "prompts" / "a.md").write_text("Be kind.", "utf-8")
    (suite / "suite.toml").write_text(SUITE, "utf-8")
    (suite / "actions.toml").write_text(ACTIONS, "utf-8")
    (suite / "policy.toml").write_text(POLICY, "utf-8")
    release = RELEASE.format(version="1").replace("[model]", 'code = ["agent.py"]\n[model]')
    (suite / "release.toml").write_text(release, "utf-8")
    (suite / "tools.json").write_text(json.dumps(TOOLS), "utf-8")
    (suite / "agent.py").write_text(AGENT, "utf-8")
    ids = [f"refund-{number:03d}" for number in range(CASES)]
    write_lines(suite / "cases.jsonl", [a_case(name, [a_refund(name)]) for name in ids])
    return folder


def content(out: Path) -> dict[str, Any]:
    """All that the one record there says, but for times and places."""
    (record,) = out.glob("run-*")
    frames = package.load(record)
    trajectories = [item.as_json() for item in read_run_trajectories(record)]
    for message in (message for item in trajectories for message in item["messages"]):
        message.pop("at_ms", None)
    document = read_run(record)
    return {
        **{key: document[key] for key in ("id", "cases", "counts", "walls", "loaded", "release")},
        "trials": repr(frames.trials.drop(columns="latency_ms").to_dict("records")),
        "decisions": repr(frames.decisions.to_dict("records")),
        "trajectories": [{**item, "latency_ms": None} for item in trajectories],
    }


def run(project: Path, out: str, *more: str, gate: Gate) -> Any:
    arguments = ("run", "suites/shop", "--no-cache", "--out", out, *more)
    return dialgate(*arguments, folder=project, GATE_PORT=str(gate.port), PLACE="here")


@pytest.fixture(scope="module")
def undisturbed(project: Path) -> Path:
    """The folder with the record of one machine."""
    with closing(Gate()) as gate:
        assert run(project, "undisturbed", gate=gate).code == 0
    return project / "undisturbed"


def test_a_worker_dies_one_joins_late_one_is_slow_and_the_record_is_the_undisturbed_one(
    project: Path, undisturbed: Path, gate: Gate
) -> None:
    variables = [{"GATE_PORT": str(gate.port), "PLACE": place} for place in "abc"]
    with closing(ClusterProcesses(project)) as cluster:
        cluster.start_scheduler()
        cluster.start_workers(*variables[:2])
        gate.came.clear()
        disturbed = threading.Event()

        def disturb() -> None:
            cluster.workers[0].kill()
            cluster.start_worker(**variables[2])
            disturbed.set()
            gate.look()

        def rule(place: str, _case: str) -> bool:
            places = [name for name, _ in gate.came]
            if places.count("a") == 3 and not disturbed.is_set() and place == "a":
                threading.Thread(target=disturb).start()
                return False
            if place == "b":  # the slow one: its first trials last as long as five of another's
                return places.count("c") >= 5
            return place == "c" or places.count("a") < 3

        gate.rule = rule
        finished = run(project, "disturbed", "--cluster", cluster.address, gate=gate)
        assert finished.code == 0, finished.err
        assert {place for place, _ in gate.came} == {"a", "b", "c"}
    here, there = content(undisturbed), content(project / "disturbed")
    assert there["walls"].pop("unsealed") == [*here["walls"].pop("unsealed"), *there_open(cluster)]
    assert there["walls"].pop("sealed") is False
    here["walls"].pop("sealed")
    assert here == there


def there_open(cluster: ClusterProcesses) -> list[str]:
    why = (
        f"The cluster at {cluster.address} takes orders from whoever reaches it, and the agent's "
        "network is open: it could have code run outside its walls (tls://, or "
        'network = "none", closes that).'
    )
    return [why]


def test_ctrl_c_and_a_scheduler_that_dies_lose_nothing_that_came_back_and_resume_goes_on(
    project: Path, undisturbed: Path, gate: Gate
) -> None:
    with closing(ClusterProcesses(project)) as cluster:
        scheduler = cluster.start_scheduler()
        variables = {"GATE_PORT": str(gate.port), "PLACE": "a"}
        cluster.start_workers(variables)
        done = threading.Event()

        def interrupt_at(count: int, what: Callable[[], None]) -> Callable[[str, str], bool]:
            def rule(_place: str, _case: str) -> bool:
                if len(gate.came) == count and not done.is_set():
                    done.set()
                    threading.Thread(target=what).start()
                return len(gate.came) < count

            return rule

        gate.came.clear()
        gate.rule = interrupt_at(8, lambda: os.kill(os.getpid(), signal.SIGINT))
        finished = run(project, "resumed", "--cluster", cluster.address, gate=gate)
        assert finished.code == 130
        assert "--resume" in finished.err
        done.clear()
        gate.came.clear()
        gate.rule = interrupt_at(8, scheduler.kill)
        finished = run(project, "resumed", "--resume", "--cluster", cluster.address, gate=gate)
        assert finished.code == 4
        assert "--resume" in finished.err
        assert cluster.address in finished.err
        gate.came.clear()
        gate.rule = lambda _place, _case: True
        gate.look()
        cluster.start_scheduler()
        cluster.start_workers(variables)
        finished = run(project, "resumed", "--resume", "--cluster", cluster.address, gate=gate)
        assert finished.code == 0, finished.err
        assert 0 < len(gate.came) < CASES - 2
    assert content(project / "resumed")["trajectories"] == content(undisturbed)["trajectories"]


def test_local_workers_are_sealed_as_this_machine_is(
    project: Path, undisturbed: Path, gate: Gate
) -> None:
    finished = run(project, "local", "--cluster", "local:1", gate=gate)
    assert finished.code == 0, finished.err
    assert {place for place, _ in gate.came} == {"here"}
    assert content(project / "local") == content(undisturbed)


@pytest.mark.parametrize(
    "url", ["somewhere", "tcp://host", "http://127.0.0.1:80", "local:0", "local:65", "tcp://a b:1"]
)
def test_what_is_no_cluster_is_refused_before_anything_is_run(project: Path, url: str) -> None:
    finished = dialgate("run", "suites/shop", "--cluster", url, "--out", "none", folder=project)
    assert finished.code == 2
    assert "Expected" in finished.err or "expected" in finished.err
    assert not (project / "none").exists()


def test_recorded_trajectories_stay_here(tmp_path: Path) -> None:
    suite = RecordedSuite(tmp_path / "shop", refunds=3)
    suite.record("2", {})
    finished = dialgate("run", "shop", "--cluster", "tcp://127.0.0.1:1", folder=tmp_path)
    assert "has no trial to run" in finished.err
    assert finished.code == 0, finished.err
