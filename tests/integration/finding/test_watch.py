"""Each save runs the cases that it affects, and shows each class before and now."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from dialgate.changes.save_watch import SaveWatch, SaveWatchRequest, follow
from dialgate.runs.recorded_run import RunOptions
from dialgate_evals.records.reuse.trial_cache import DiskTrialCache
from tests.integration.checkouts import Checkout
from tests.integration.command_line import PATHS, dialgate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PROMPT = "suites/my-agent/prompts/system.md"
TOOLS = "suites/my-agent/tools.json"
POLICY = "suites/my-agent/policy.toml"
AGENT = "suites/my-agent/agent/my_agent.py"
CASES = "golden/my-agent/cases.jsonl"


@pytest.fixture(scope="module")
def scaffold(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A workspace whose cases were all run once, so that a first run costs no call."""
    found = Checkout(tmp_path_factory.mktemp("scaffold") / "work")
    assert dialgate("run", "suites/my-agent", folder=found.folder).code == 0
    return found


@pytest.fixture
def checkout(scaffold: Checkout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    found = scaffold.copy_to(tmp_path / "work")
    monkeypatch.chdir(found.folder)
    return found


@pytest.fixture
def watch(checkout: Checkout) -> SaveWatch:
    options = RunOptions(out=Path(".dialgate"))
    found = SaveWatch(SaveWatchRequest(folder=Path("suites/my-agent"), options=options))
    assert found.run_all()["agent_calls"] == 0
    return found


Edit = tuple[str, str, str]
WIDER: Edit = (PROMPT, "up to 50 USD", "up to 500 USD")


def save(watch: SaveWatch, checkout: Checkout, *edits: Edit) -> list[dict[str, Any]]:
    """The documents shown while each edit is saved; no clock and no watcher of files is used."""

    def saves(_: tuple[Path, ...]) -> Iterator[frozenset[Path]]:
        yield frozenset()
        for name, old, new in edits:
            checkout.replace(name, old, new)
            yield frozenset({checkout.folder / name})

    shown: list[dict[str, Any]] = []
    follow(watch, saves, shown.append)
    return shown


def test_a_prompt_runs_every_case_and_compares_with_the_run_before(
    watch: SaveWatch, checkout: Checkout
) -> None:
    [document] = save(watch, checkout, WIDER)
    assert document["run"] == document["agent_calls"] == 17
    assert document["broken"] == ["my-agent-007", "my-agent-008"]
    refund = next(item for item in document["classes"] if item["action_class"] == "refund")
    assert (refund["before"], refund["now"]) == ([10, 10], [8, 10])


def test_taking_it_back_is_a_fix_that_costs_no_call(watch: SaveWatch, checkout: Checkout) -> None:
    _, document = save(watch, checkout, WIDER, (PROMPT, "up to 500 USD", "up to 50 USD"))
    assert document["fixed"] == ["my-agent-007", "my-agent-008"]
    assert document["agent_calls"] == 0


@pytest.mark.parametrize(
    ("edit", "number"),
    [
        ((TOOLS, "Sends a mail", "Mails"), 5),
        ((CASES, "The mug from", "My mug from"), 1),
        ((AGENT, "async def respond", "\nasync def respond"), 17),
    ],
    ids=["a tool's wording", "a case", "the agent's code"],
)
def test_only_affected_cases_are_run(
    edit: Edit, number: int, watch: SaveWatch, checkout: Checkout
) -> None:
    [document] = save(watch, checkout, edit)
    assert (document["run"], document["total"]) == (number, 17)


@pytest.mark.parametrize("isolation", ["process", "none"])
def test_the_code_that_was_saved_is_the_code_that_runs(isolation: str, checkout: Checkout) -> None:
    kind = 'kind = "python"'
    checkout.replace("suites/my-agent/suite.toml", kind, f'{kind}\nisolation = "{isolation}"')
    options = RunOptions(out=Path(".dialgate"))
    watch = SaveWatch(SaveWatchRequest(folder=Path("suites/my-agent"), options=options))
    watch.run_all()
    limit = 'limit and found["amount"] <= float(limit.group(1))'
    edits = (AGENT, limit, "limit"), (AGENT, "if limit:", f"if {limit}:")
    broken, mended = save(watch, checkout, *edits)
    assert "my-agent-007" in broken["broken"]
    assert broken["broken"] == mended["fixed"]


def test_a_threshold_affects_no_case(watch: SaveWatch, checkout: Checkout) -> None:
    [document] = save(watch, checkout, (POLICY, "margin = 0.10", "margin = 0.01"))
    assert [change["component"] for change in document["changes"]] == ["policy"]
    assert document["run"] == 0


def test_what_is_saved_without_a_difference_is_silent(watch: SaveWatch, checkout: Checkout) -> None:
    assert save(watch, checkout, (POLICY, "margin = 0.10", "margin  =  0.10")) == []


def test_what_the_watch_itself_writes_is_silent(watch: SaveWatch) -> None:
    assert watch.saved(frozenset({Path(".dialgate/run-x/run.json")})) is None


def test_a_file_that_can_not_be_read_is_named_and_the_watch_goes_on(
    watch: SaveWatch, checkout: Checkout
) -> None:
    broken, mended = save(
        watch, checkout, (TOOLS, '"Looks up', "Looks up"), (TOOLS, "Looks up", '"Sees')
    )
    assert "tools.json" in broken["problems"][0]
    assert broken["run"] == 0
    assert [change["path"] for change in mended["changes"]] == ["tools.json#/get_order"]
    assert mended["run"] > 0


def test_cases_whose_run_broke_off_are_run_with_the_next_save(
    watch: SaveWatch, checkout: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[DiskTrialCache] = []
    closed: list[DiskTrialCache] = []
    start, close = DiskTrialCache.__init__, DiskTrialCache.close

    def note_start(cache: DiskTrialCache, *arguments: Any, **more: Any) -> None:
        opened.append(cache)
        start(cache, *arguments, **more)

    def note_close(cache: DiskTrialCache) -> None:
        closed.append(cache)
        close(cache)

    monkeypatch.setattr(DiskTrialCache, "__init__", note_start)
    monkeypatch.setattr(DiskTrialCache, "close", note_close)
    broken, mended = save(
        watch,
        checkout,
        (AGENT, "async def respond", "async df respond"),
        (AGENT, "async df respond", "async def respond"),
    )
    assert "SyntaxError" in broken["problems"][0]
    assert mended["run"] == 17
    assert closed == opened != []


def test_folders_that_a_save_adds_are_watched_from_then_on(
    watch: SaveWatch, checkout: Checkout
) -> None:
    asked: list[tuple[Path, ...]] = []

    def saves(folders: tuple[Path, ...]) -> Iterator[frozenset[Path]]:
        asked.append(folders)
        if len(asked) == 1:
            more = checkout.folder / "more"
            more.mkdir()
            (more / "cases.jsonl").write_text("")
            name = "suites/my-agent/suite.toml"
            checkout.replace(name, "cases = [", 'cases = ["../../more/*.jsonl", ')
            yield frozenset({checkout.folder / name})

    follow(watch, saves, lambda _: None)
    assert [len(folders) for folders in asked] == [2, 3]


def save_at_once(checkout: Checkout, name: str, old: str, new: str) -> None:
    """As editors save: the whole file in one step, from a folder that is not watched."""
    path = checkout.folder / name
    fresh = checkout.folder / "saved.tmp"
    fresh.write_text(path.read_text("utf-8").replace(old, new), "utf-8")
    fresh.replace(path)


class Watching:
    """`dialgate watch` as a process; every wait is for a line of its output."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "dialgate", "watch", *options],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": PATHS, "NO_COLOR": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        # A watch that says nothing ends the test in place of hanging it.
        self.guard = threading.Timer(90, self.process.kill)
        self.guard.start()
        self.said: list[str] = []

    def wait_for(self, is_it: Callable[[str], bool]) -> str:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line)
            if is_it(line):
                return line
        raise AssertionError("".join(self.said))

    def interrupt(self) -> int:
        self.process.send_signal(signal.SIGINT)
        assert self.process.stdout is not None
        self.said.append(self.process.stdout.read())
        code = self.process.wait()
        self.guard.cancel()
        self.process.stdout.close()
        return code


def test_the_whole_command_from_start_to_ctrl_c(checkout: Checkout) -> None:
    watching = Watching(checkout.folder)
    try:
        watching.wait_for(lambda line: line.startswith("Watching "))
        save_at_once(checkout, *WIDER)
        line = watching.wait_for(lambda line: line.startswith("refund "))
        assert line.split() == ["refund", "10/10", "8/10", "2", "broken"]
        watching.wait_for(lambda line: "refund({" in line)
    finally:
        code = watching.interrupt()
    assert code == 0
    assert "".join(watching.said).endswith("Stopped.\n")


def test_without_watchfiles_the_message_says_what_to_install(
    checkout: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "watchfiles", None)
    finished = dialgate("watch", "--skip-first", folder=checkout.folder)
    assert finished.code == 2
    assert 'pip install "dialgate[watch]"' in finished.err


def test_several_suites_must_be_named(checkout: Checkout) -> None:
    other = checkout.folder / "suites/other"
    other.mkdir()
    (other / "suite.toml").write_text("")
    finished = dialgate("watch", folder=checkout.folder)
    assert finished.code == 2
    assert "There are 2 suites here" in finished.err
