"""`dialgate bisect` over thirty commits, one of which can't be loaded, and through a merge."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.checkouts import Checkout, git
from tests.integration.command_line import Finished, dialgate

if TYPE_CHECKING:
    from pathlib import Path

PROMPT = "suites/my-agent/prompts/system.md"
CASES = ("--case", "my-agent-008", "--case", "my-agent-001")


def harmless(checkout: Checkout, number: int) -> None:
    with (checkout.folder / PROMPT).open("a") as file:
        file.write(f"Remark {number}.\n")
    checkout.commit(f"remark {number}")


def bisected(checkout: Checkout, *arguments: str) -> tuple[Finished, dict[str, Any]]:
    done = dialgate(
        "bisect", "suites/my-agent", *arguments, *CASES, "--json", "found.json",
        folder=checkout.folder,
    )  # fmt: skip
    return done, json.loads((checkout.folder / "found.json").read_text())


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path / "shop")


def test_one_of_thirty_commits_is_named_and_asked_again_for_nothing(checkout: Checkout) -> None:
    good = git(checkout.folder, "rev-parse", "HEAD").strip()
    for number in range(29):
        if number == 20:
            checkout.break_refunds()
            checkout.commit("more for our customers")
        elif number == 14:
            (checkout.suite / "actions.toml").rename(checkout.suite / "away.toml")
            checkout.commit("no classes")
            (checkout.suite / "away.toml").rename(checkout.suite / "actions.toml")
            checkout.commit("classes again")
        else:
            harmless(checkout, number)
    done, found = bisected(checkout, good)
    assert done.code == 0, done.err
    assert found["commits"] == 30
    assert [item["title"] for item in found["guilty"]] == ["more for our customers"]
    assert found["cases"] == ["my-agent-008"]
    assert "this one breaks it" in done.out
    again, same = bisected(checkout, good)
    assert same["guilty"] == found["guilty"]
    assert (same["trials"], same["reused"] > 0) == (0, True), again.out
    nothing, same = bisected(checkout, good, "HEAD~29")
    assert nothing.code == 0
    assert same["guilty"] == []


def test_a_commit_that_can_not_be_loaded_is_skipped_and_named(checkout: Checkout) -> None:
    good = git(checkout.folder, "rev-parse", "HEAD").strip()
    harmless(checkout, 0)
    (checkout.suite / "actions.toml").rename(checkout.suite / "away.toml")
    checkout.break_refunds()
    checkout.commit("broken and unreadable")
    (checkout.suite / "away.toml").rename(checkout.suite / "actions.toml")
    checkout.commit("readable again")
    done, found = bisected(checkout, good)
    assert done.code == 0, done.err
    titles = [item["title"] for item in found["guilty"]]
    assert titles == ["broken and unreadable", "readable again"]
    (skipped,) = found["skipped"]
    assert "actions.toml" in skipped["why"]
    assert "Skipped" in done.out


def test_what_a_guilty_merge_brought_in_is_gone_through(checkout: Checkout) -> None:
    good = git(checkout.folder, "rev-parse", "HEAD").strip()
    git(checkout.folder, "checkout", "-q", "-b", "side")
    checkout.replace(PROMPT, "shop customers.", "shop customers. Be brief.")
    checkout.commit("brief")
    checkout.break_refunds()
    checkout.commit("generous")
    git(checkout.folder, "checkout", "-q", "change")
    harmless(checkout, 1)
    git(checkout.folder, "merge", "-q", "--no-ff", "-m", "side comes in", "side")
    harmless(checkout, 2)
    done, found = bisected(checkout, good)
    assert done.code == 0, done.err
    assert [item["title"] for item in found["guilty"]] == ["generous"]
    assert [item["title"] for item in found["merged_by"]] == ["side comes in"]


@pytest.mark.parametrize(
    ("ends", "words"),
    [(("nowhere",), "names no commit"), (("HEAD", "HEAD~1"), "is no ancestor")],
)
def test_ends_that_are_no_line_are_refused(
    checkout: Checkout, ends: tuple[str, ...], words: str
) -> None:
    done = dialgate("bisect", "suites/my-agent", *ends, folder=checkout.folder)
    assert done.code == 2
    assert words in done.err


def test_a_budget_that_ends_is_said(checkout: Checkout) -> None:
    harmless(checkout, 0)
    done, found = bisected(checkout, "HEAD~1", "HEAD", "--budget", "1")
    assert done.code == 3
    assert not found["is_done"]
    assert "was spent" in done.out
