"""The terminal decides what the page decides, by lines that a script can write."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from dialgate.cli import group
from tests.dialgate.cases.accepting.reviews import a_session, a_suite, decide

if TYPE_CHECKING:
    from pathlib import Path

    from tests.workspaces import RecordedSuite


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RecordedSuite:
    monkeypatch.chdir(tmp_path)
    return a_suite(tmp_path, quiet=["quiet"])


def ask(*lines: str, reviewer: str = "Ada") -> tuple[int, str]:
    """What a reviewer who types these lines gets: the code or exception, and every text."""
    found = CliRunner().invoke(
        group,
        ["accept", "shop", "--terminal", "--reviewer", reviewer],
        input="".join(f"{line}\n" for line in lines),
        standalone_mode=False,
    )
    return found.return_value if found.exception is None else -1, found.output


def words(shop: RecordedSuite) -> list[str]:
    session = a_session(shop)
    return [
        decision.word.value if (decision := session.mine().get(item.id)) else ""
        for item in session.items
    ]


def test_every_word_has_its_key(shop: RecordedSuite) -> None:
    # The third: refund should happen, its id stays, the amount is 10; no other call.
    code, text = ask("a", "f", "n", "e", "y", "", "10", "", "n", "q", "y")
    assert code == 0, text
    assert words(shop) == ["right", "forbid", "should_be", "nothing"]
    assert "Every trajectory is decided." in text
    assert "4 of 4 trajectories decided: 2 cases written" in text
    assert [item.passes for item in a_session(shop).items] == [True, False, False, True]


def test_undo_back_next_and_open_move_as_on_the_page(shop: RecordedSuite) -> None:
    _, text = ask("a", "w", "u", "k", "j", "j", "o", "q", "n")
    assert words(shop) == ["right", "", "", ""]
    assert "Undone: wrong" in text
    assert "nothing to undo" in ask("u", "q", "n", reviewer="Bob")[1]


def test_what_is_refused_says_why_and_asks_again(shop: RecordedSuite) -> None:
    _, text = ask("j", "j", "j", "w", "f", "x", "n", "q", "n")
    assert "say what it should be" in text
    assert "took no action that could be forbidden" in text
    assert words(shop) == ["", "", "", "nothing"]


def test_contradictions_are_settled_there_too(shop: RecordedSuite) -> None:
    decide(a_session(shop), 0, "right")
    decide(a_session(shop, "Bob"), 0, "wrong")
    code, text = ask("c", "a", "y", reviewer="Cleo")
    assert code == 0, text
    assert "can't both be met" in text
    assert a_session(shop, "Cleo").conflicts() == {}


def test_the_end_of_the_input_keeps_what_was_decided(shop: RecordedSuite) -> None:
    code, _ = ask("a")
    assert code == 130
    assert words(shop)[0] == "right"


def test_every_line_fits_and_no_text_moves_the_cursor(shop: RecordedSuite) -> None:
    hostile = "\x1b[2J\x1b]0;owned\x07 " + "<b>x</b> " * 400
    shop.cases[0]["messages"][0]["content"] = hostile
    shop.write_cases()
    _, text = ask("q", "n")
    assert "\x1b" not in text
    assert "\x07" not in text
    assert [line for line in text.splitlines() if len(line) > 80] == []
