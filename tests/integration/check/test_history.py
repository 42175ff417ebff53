"""Per case over recorded runs: what flips without a change of release is named with its rate."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.check.outside import Tally
from tests.integration.command_line import dialgate
from tests.workspaces import RecordedSuite

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# refund-001 fails in every second of its trials; a count stands in for chance.
AGENT = """
async def respond(messages, tools, release):
    case = messages[0]["content"].split()[-1].rstrip(".")
    if case != "refund-001" or int(ask(case)) % 2 == 0:
        await tools.call("refund", {"id": case, "amount": 10})
    else:
        await tools.call("refund", {"id": case, "amount": 99})
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    suite = RecordedSuite(tmp_path / "shop", refunds=5)
    text = (suite.folder / "suite.toml").read_text()
    agent = '[agent]\nkind = "python"\ntarget = "agent:respond"\nworkers = 1\n'
    suite.write("suite.toml", text[: text.index("[agent]")] + agent)
    with Tally().open() as ask:
        suite.write("agent.py", ask + AGENT)
        yield tmp_path


def run(folder: Path, *arguments: str) -> None:
    done = dialgate("run", "shop", *arguments, folder=folder)
    assert done.code == 0, done.err


def history(folder: Path, *arguments: str) -> dict[str, Any]:
    done = dialgate("history", "shop", "--json", "-", *arguments, folder=folder)
    assert done.code == 0, done.err
    document: dict[str, Any] = json.loads(done.out)
    return document


def test_nothing_on_record_is_said(folder: Path) -> None:
    assert "no run of this suite is on record" in dialgate("history", "shop", folder=folder).out


def test_a_case_that_flips_is_named_with_its_rate(folder: Path) -> None:
    for _ in range(4):
        run(folder)
    document = history(folder)
    (flaky,) = document["flaky"]
    assert (flaky["case"], flaky["passed"], flaky["trials"]) == ("refund-001", 2, 4)
    assert flaky["failure_rate"] == 0.5
    assert flaky["interval"][0] < 0.5 < flaky["interval"][1]
    assert len(document["cases"]) == 5
    shown = dialgate("history", "shop", folder=folder).out
    assert "refund-001" in shown
    assert "refund-002" not in shown


def test_releases_are_told_apart(folder: Path) -> None:
    run(folder, "--release", "releases/1.toml")
    run(folder, "--release", "releases/2.toml", "--trials", "2")
    (folder / "shop/prompts/system.md").write_text("Something else.\n")
    run(folder)
    counts = {(item["fingerprint"], item["trials"]) for item in history(folder)["cases"]}
    assert sorted(trials for _, trials in counts) == [1, 1, 2]


def test_a_case_with_another_context_begins_anew(folder: Path) -> None:
    run(folder)
    path = folder / "shop/cases.jsonl"
    path.write_text(path.read_text().replace("Please handle refund-001.", "Do handle refund-001."))
    assert "refund-001" not in {item["case"] for item in history(folder)["cases"]}


def test_replayed_trials_are_no_evidence(folder: Path) -> None:
    release = folder / "shop/release.toml"
    release.write_text(release.read_text().replace("[model]", 'code = ["agent.py"]\n[model]'))
    run(folder)
    run(folder)
    assert {item["trials"] for item in history(folder)["cases"]} == {1}


def test_one_case_can_be_asked_for(folder: Path) -> None:
    run(folder)
    assert [item["case"] for item in history(folder, "--case", "refund-002")["cases"]] == [
        "refund-002"
    ]
    done = dialgate("history", "shop", "--case", "nope", folder=folder)
    assert done.code == 2


def test_check_names_what_flips_without_a_change(folder: Path) -> None:
    for _ in range(3):
        run(folder)
    done = dialgate(
        *("check", "shop", "--release", "releases/2.toml", "--baseline", "releases/1.toml"),
        *("--json", "-"),
        folder=folder,
    )
    document = json.loads(done.out)
    assert "refund-001" in document["cases"]["flaky"]
    rate = document["flaky_rates"]["refund-001"]
    assert 0 < rate["failure_rate"] < 1
    assert rate["trials"] >= 4
    assert "refund-001 fails" in done.err
