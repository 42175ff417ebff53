"""A recording becomes a suite, reviewers decide, and the gate passes what they said is right."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

from click.testing import CliRunner
from msgspec.structs import asdict

from dialgate.cases.recording.growth import grow_suite
from dialgate.cases.recording.places import find_place
from dialgate.cli import group
from dialgate_evals.events.counts.review_event_files import read_events
from dialgate_evals.events.review_events import EventSource
from dialgate_evals.recording.exchanges import Exchange
from tests.dialgate.cases.recording.test_growth import FIRST, keep
from tests.integration.checkouts import git
from tests.integration.command_line import dialgate

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

CASES = 45


def recorded(folder: Path) -> None:
    """As many conversations as a policy asks for, each about an order of its own."""
    text = json.dumps([asdict(exchange) for exchange in FIRST])
    for number in range(CASES):
        again = json.loads(text.replace("O-1", f"O-{number}").replace("call_", f"c{number}_"))
        keep(folder, *(Exchange(**document) for document in again))


def accept(reviewer: str, keys: str, *more: str) -> str:
    arguments = ["accept", "suites/shop", "--terminal", "--reviewer", reviewer, *more]
    done = CliRunner().invoke(group, arguments, input=keys, standalone_mode=False)
    assert done.exception is None, done.output
    return done.output


def test_record_accept_and_check_passes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    suite = tmp_path / "suites/shop"
    git(tmp_path, "init", "-q", "-b", "main")
    git(tmp_path, "commit", "-q", "--allow-empty", "-m", "nothing yet")
    recorded(suite)
    assert grow_suite(find_place(suite, None))["added"] == CASES
    said = accept("Ada", "a\n" * CASES + "y\n", "--confirm-classes")
    assert f"{CASES} of {CASES} trajectories decided: {CASES} cases written" in said
    said = accept("Bob", "w\n" + "a\n" * (CASES - 1) + "y\n")
    assert f"Ada and Bob both decided {CASES}, {CASES - 1} alike" in said
    assert "can't both be met" in " ".join(said.split())
    said = accept("Cleo", "c\na\nq\n")
    assert "All is settled." in said
    events = read_events(tmp_path / ".dialgate/accept-shop/events.jsonl", takes_all=True).events
    assert {event.mode.value for event in events} == {"shadow"}
    assert {event.source for event in events} == {EventSource.ACCEPT}
    (suite / ".gitignore").write_text("", "utf-8")
    git(tmp_path, "add", "suites")
    git(tmp_path, "commit", "-q", "-m", "a suite")
    shutil.copy(suite / "transcripts/recorded.jsonl", suite / "transcripts/2.jsonl")
    release = (suite / "release.toml").read_text("utf-8")
    (suite / "release.toml").write_text(release.replace('"recorded"', '"2"', 1), "utf-8")
    git(tmp_path, "add", "suites")
    git(tmp_path, "commit", "-q", "-m", "another release")
    checked = dialgate("check", "suites/shop", "--baseline", "HEAD~1", folder=tmp_path)
    assert checked.code == 0, checked.out + checked.err
    assert "PASS" in checked.out
