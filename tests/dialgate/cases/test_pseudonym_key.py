"""The key behind pseudonyms is secret, stays, and is never guessed for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dialgate.cases.pseudonym_key import VARIABLE, find_key
from dialgate_evals.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path


def test_the_environments_key_comes_first_and_nothing_is_written(tmp_path: Path) -> None:
    found = find_key(tmp_path, {VARIABLE: "sixteen bytes at least"}, may_write=True)
    assert found.key == b"sixteen bytes at least"
    assert list(tmp_path.iterdir()) == []


def test_a_key_that_was_made_is_found_again(tmp_path: Path) -> None:
    made = find_key(tmp_path, {}, may_write=True)
    again = find_key(tmp_path, {}, may_write=True)
    assert (again.key, again.note) == (made.key, "")
    assert find_key(tmp_path / "other", {}, may_write=True).key != made.key


def test_a_key_that_anybody_can_guess_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="at least 16"):
        find_key(tmp_path, {VARIABLE: "secret"}, may_write=True)
    find_key(tmp_path, {}, may_write=True)
    path = tmp_path / ".dialgate" / "pseudonyms" / "key"
    path.write_bytes(b"")
    with pytest.raises(UsageError, match="0 bytes"):
        find_key(tmp_path, {}, may_write=True)


def test_a_folder_that_can_not_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / ".dialgate").write_text("a file", "ascii")
    with pytest.raises(UsageError, match=VARIABLE):
        find_key(tmp_path, {}, may_write=True)
