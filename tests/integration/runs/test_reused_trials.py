"""What was run before is not paid for twice, and never counts as a new trial."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest

import dialgate as package
from tests.integration.command_line import dialgate

if TYPE_CHECKING:
    from pathlib import Path

SUITE = "suites/my-agent"


@pytest.fixture(scope="module")
def run_once(scaffold: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = shutil.copytree(scaffold, tmp_path_factory.mktemp("run") / "work")
    assert run(folder)[0] == 17
    return folder


@pytest.fixture
def ran(run_once: Path, tmp_path: Path) -> Path:
    """The workspace after its first run, whose trials are all on record."""
    return shutil.copytree(run_once, tmp_path / "work")


def run(folder: Path, *arguments: str, command: str = "run") -> tuple[int, Any]:
    """How many trials the agent was given, and the newest record's run.json."""
    before = asked(folder)
    done = dialgate(command, SUITE, *arguments, folder=folder)
    assert done.code in {0, 3}, done.err
    records = (folder / ".dialgate").glob("run-*/run.json")
    newest = max(records, key=lambda path: path.stat().st_mtime_ns)
    return asked(folder) - before, json.loads(newest.read_text())


def asked(folder: Path) -> int:
    """Agent calls of all first runs on record."""
    records = (folder / ".dialgate").glob("run-*/run.json")
    return sum(json.loads(path.read_text())["counts"]["agent_calls"] for path in records)


def change(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def tables(folder: Path) -> list[Any]:
    records = sorted((folder / ".dialgate").glob("run-*"), key=lambda p: p.stat().st_mtime_ns)
    runs = [package.load(record) for record in records]
    return [run.trials.drop(columns=["latency_ms"]) for run in runs]


def test_the_second_run_asks_the_agent_nothing(ran: Path) -> None:
    asked, document = run(ran)
    assert asked == 0
    assert document["counts"]["cached"] == 17
    assert document["counts"]["agent_calls"] == 0
    assert sum(len(trials) for trials in document["cached_trials"].values()) == 17
    first, second = tables(ran)
    assert first.equals(second)


@pytest.mark.parametrize(
    "line",
    [
        '__import__("os").environ["SHOP_KEY"]',
        'if "SHOP_KEY" not in __import__("os").environ: return "SHOP_KEY is not set."',
    ],
    ids=["raised", "as a reply"],
)
def test_a_run_whose_every_trial_lacked_a_key_is_never_replayed(
    line: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = "    text = messages"
    change(folder, f"{SUITE}/agent/my_agent.py", request, f"    {line}\n{request}")
    change(folder, f"{SUITE}/suite.toml", "[agent]\n", '[agent]\nenv = ["SHOP_KEY"]\n')
    without = [passed(folder) for _ in range(2)]  # the second run knows what the agent loads
    monkeypatch.setenv("SHOP_KEY", "set")
    assert max(without) < passed(folder) == 17
    assert run(folder)[0] == 0


def passed(folder: Path) -> int:
    """How many trials of one more run passed."""
    done = dialgate("run", SUITE, folder=folder)
    return int(done.out.splitlines()[1].split()[0])


def test_no_cache_asks_for_everything(ran: Path) -> None:
    asked, document = run(ran, "--no-cache")
    assert asked == 17
    assert document["counts"]["cached"] == 0


def test_further_trials_are_run_and_earlier_ones_replayed(ran: Path) -> None:
    asked, document = run(ran, "--trials", "3")
    assert asked == 34
    assert document["counts"]["cached"] == 17


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("prompts/system.md", "\n", "\nBe brief.\n"),
        ("tools.json", '"description": "', '"description": "Really: '),
        ("release.toml", "fixed-rules-2026-11-01", "fixed-rules-2026-11-02"),
        ("agent/my_agent.py", "import re", "import re  # changed"),
    ],
    ids=["prompt", "tools", "model", "code"],
)
def test_a_changed_release_is_run(name: str, old: str, new: str, ran: Path) -> None:
    change(ran, f"{SUITE}/{name}", old, new)
    assert run(ran)[0] == 17


def test_an_edited_expectation_scores_the_earlier_trial_anew(ran: Path) -> None:
    path = next((ran / "golden/my-agent").glob("*.jsonl"))
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    edited = lines[0]["id"]
    lines[0]["expect"] = {"actions": []}
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    asked, document = run(ran)
    assert asked == 0
    assert document["counts"]["failed"] == 1
    last = tables(ran)[-1]
    assert list(last[last.passed == False].case_id) == [edited]  # noqa: E712 - a column


def test_an_edited_context_is_run(ran: Path) -> None:
    path = next((ran / "golden/my-agent").glob("*.jsonl"))
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    lines[0]["messages"][0]["content"] += " Thank you!"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert run(ran)[0] == 1


def test_a_record_stands_in_where_the_cache_is_gone(ran: Path) -> None:
    shutil.rmtree(ran / ".dialgate/cache")
    asked, document = run(ran)
    assert asked == 0
    assert document["counts"]["cached"] == 17


def test_a_record_alone_says_which_files_it_loaded(ran: Path) -> None:
    """As a merged one does, beside which no run was made."""
    shutil.rmtree(ran / ".dialgate/cache")
    shutil.rmtree(ran / ".dialgate/loaded")
    assert run(ran)[0] == 0
    shutil.rmtree(ran / ".dialgate/cache")
    shutil.rmtree(ran / ".dialgate/loaded")
    change(ran, f"{SUITE}/agent/my_agent.py", "import re", "import re  # changed")
    assert run(ran)[0] == 17


def test_a_damaged_cache_costs_the_saving_only(ran: Path) -> None:
    for path in (ran / ".dialgate").glob("run-*"):
        shutil.rmtree(path)
    for path in (ran / ".dialgate/cache").iterdir():
        path.write_bytes(b"no database at all, but long enough to look like one" * 100)
    asked, document = run(ran)
    assert asked == 17
    assert document["counts"]["failed"] == document["counts"]["errored"] == 0


def test_limits_drop_the_oldest(folder: Path) -> None:
    change(folder, f"{SUITE}/suite.toml", "[agent]", "[cache]\nmax_mb = 0\n\n[agent]")
    run(folder)
    for path in (folder / ".dialgate").glob("run-*"):
        shutil.rmtree(path)
    assert run(folder)[0] == 17


def test_an_agent_whose_code_is_unnamed_is_always_run(folder: Path) -> None:
    path = folder / SUITE / "release.toml"
    path.write_text(
        "".join(
            line
            for line in path.read_text().splitlines(keepends=True)
            if not line.startswith("code")
        )
    )
    run(folder)
    assert run(folder)[0] == 17


def test_a_baseline_on_record_costs_no_call(ran: Path) -> None:
    # Fresh trials would be of both sides, whatever is on record.
    change(ran, f"{SUITE}/policy.toml", "confirm_trials = 32", "confirm_trials = 0")
    text = (ran / SUITE / "release.toml").read_text()
    (ran / SUITE / "next.toml").write_text(text.replace("2026-11-01", "2026-11-02"))
    arguments = ("--release", "next.toml", "--baseline", "release.toml", "--json", "verdict.json")
    assert run(ran, *arguments, command="check")[0] == 17
    usage = json.loads((ran / "verdict.json").read_text())["usage"]
    assert (usage["agent_calls"], usage["cached"]) == (17, 17)


def test_a_release_against_itself_is_never_one_run_twice(ran: Path) -> None:
    arguments = ("--release", "release.toml", "--baseline", "release.toml")
    assert run(ran, *arguments, command="check")[0] == 17
