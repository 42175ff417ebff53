"""`dialgate fuzz` and `dialgate cases take` as a person uses them."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.integration.command_line import PROJECT, dialgate

if TYPE_CHECKING:
    from pathlib import Path

PLANTED = """
def shouted(case, draw):
    \"\"\"The same actions, with the request shouted.\"\"\"
    case["messages"][-1]["content"] += draw.pick(["!", "!!"])
    return case


def lost(case, draw):
    \"\"\"The same actions, without the request.\"\"\"
    case["messages"][-1]["content"] = "Hello."
    return case
"""


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """The example, whose agent knows words only as they are spelt."""
    for name in ("suites", "golden"):
        shutil.copytree(PROJECT / name, tmp_path / name)
    return tmp_path


def test_a_finding_is_written_tried_again_and_taken(desk: Path) -> None:
    where = ("suites/support-desk", "--out", "out")
    done = dialgate(
        "fuzz", *where, "--relation", "typos", "--budget", "60", "--json", "f.json", folder=desk
    )
    assert done.code == 1, done.err
    document = json.loads((desk / "f.json").read_text())
    finding = document["findings"][0]
    assert document["trials"] <= 60
    assert finding["messages"] == 1
    assert f"seed {finding['seed']}" in " ".join(done.out.split())
    again = dialgate("fuzz", *where, "--replay", finding["seed"], folder=desk)
    assert again.code == 1, again.err
    found = desk / "out" / "fuzz" / "support-desk" / "found.jsonl"
    shutil.copy(found, desk / "golden" / "support-desk" / "found.jsonl")
    unaccepted = dialgate("lint", "suites/support-desk", folder=desk)
    assert unaccepted.code == 2
    assert "nobody accepted" in unaccepted.err + unaccepted.out
    (desk / "golden" / "support-desk" / "found.jsonl").unlink()
    for run in ("suites/support-desk", found):
        waits = dialgate("accept", run, "--out", "out", "--finish", folder=desk)
        assert waits.code == 0, waits.err
        count = len(document["findings"])
        assert f"0 found cases taken into the suite, 0 left out, {count} undecided." in waits.out
    for run in ("suites/support-desk", found):
        asked = dialgate("accept", run, "--out", "out", "--terminal", folder=desk)
        assert asked.code == 2
        assert "In a terminal: dialgate cases take suites/support-desk" in asked.err
    taken = dialgate(
        "cases", "take", "suites/support-desk", found, "--yes", "--by", "Ada", folder=desk
    )
    assert taken.code == 0, taken.err
    last = (desk / "golden" / "support-desk" / "cases.jsonl").read_text().splitlines()[-1]
    assert json.loads(last)["source"]["accepted_by"] == "Ada"
    assert dialgate("lint", "suites/support-desk", folder=desk).code == 0


def test_relations_of_the_suites_own_run_and_a_broken_file_is_named(desk: Path) -> None:
    where = ("fuzz", "suites/support-desk", "--out", "out", "--budget", "40")
    own = desk / "suites" / "support-desk" / "fuzz_relations.py"
    own.write_text(PLANTED)
    relations = ("--relation", "own-shouted", "--relation", "own-lost")
    done = dialgate(*where, *relations, "--json", "f.json", folder=desk)
    assert done.code == 1, done.err
    document = json.loads((desk / "f.json").read_text())
    assert {item["relation"] for item in document["findings"]} == {"own-lost"}
    own.write_text("def broken(:\n")
    broken = dialgate(*where, folder=desk)
    assert broken.code == 2
    assert "fuzz_relations.py" in broken.err


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("--relation", "nothing"), "there is no such relation"),
        (("--replay", "typos/no-such-case/1"), "this suite makes no such variant"),
    ],
)
def test_what_is_not_there_is_refused(desk: Path, more: tuple[str, str], words: str) -> None:
    done = dialgate("fuzz", "suites/support-desk", "--out", "out", *more, folder=desk)
    assert done.code == 2
    assert words in done.err


def test_what_could_not_be_written_is_said_before_anything_is_run(desk: Path) -> None:
    fuzz = ("fuzz", "suites/support-desk", "--budget", "20")
    for more, words in (
        (("--html", "nowhere/f.html"), "there is no folder nowhere"),
        (("--markdown", "suites"), "that is a folder"),
        (("--html", "-", "--json", "-"), "Only one of --json, --markdown and --html can"),
    ):
        done = dialgate(*fuzz, *more, folder=desk)
        assert (done.code, words in done.err) == (2, True), done.err
        assert not (desk / ".dialgate").exists()
