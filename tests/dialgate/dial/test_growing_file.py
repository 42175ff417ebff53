"""Whole new lines, once, whatever happens to the file between two looks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from dialgate.dial import growing_file
from dialgate.dial.growing_file import GrowingFile

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def append(path: Path, raw: bytes) -> None:
    with path.open("ab") as file:
        file.write(raw)


def test_a_half_line_waits_for_its_end(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    growing = GrowingFile(path=path)
    append(path, b"one\ntw")
    assert list(growing.read()) == [(1, b"one\n")]
    assert list(growing.read()) == []
    append(path, b"o\n\nfour")
    assert list(growing.read()) == [(2, b"two\n")]
    assert list(growing.read(at_end=True)) == [(4, b"four")]


def test_a_file_that_was_cut_short_is_read_from_its_start(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(b"one\ntwo\nthr")
    growing = GrowingFile(path=path)
    assert len(list(growing.read())) == 2
    path.write_bytes(b"new\n")
    assert list(growing.read()) == [(1, b"new\n")]


def test_a_file_that_was_replaced_is_read_from_its_start(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(b"one\ntwo\n")
    growing = GrowingFile(path=path)
    list(growing.read())
    path.rename(tmp_path / "events.1.jsonl")
    assert list(growing.read()) == []
    path.write_bytes(b"a longer file than the one before\n")
    assert list(growing.read()) == [(1, b"a longer file than the one before\n")]


def test_a_line_over_the_limit_comes_cut_short_and_the_next_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(growing_file, "LINE_LIMIT_BYTES", 10)
    path = tmp_path / "events.jsonl"
    path.write_bytes(b"x" * 100 + b"\nnext\n")
    (first, second) = GrowingFile(path=path).read()
    assert len(first[1]) < 30
    assert second == (2, b"next\n")


@given(st.lists(st.binary(max_size=6), max_size=12))
def test_lines_are_the_same_however_the_file_is_written(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[bytes]
) -> None:
    path = tmp_path_factory.mktemp("growing") / "events.jsonl"
    path.touch()
    growing = GrowingFile(path=path)
    found = []
    for piece in pieces:
        append(path, piece)
        found += list(growing.read())
    found += list(growing.read(at_end=True))
    lines = b"".join(pieces).split(b"\n")
    expected = [(n, line) for n, line in enumerate(lines, 1) if line.strip()]
    assert [(n, line.removesuffix(b"\n")) for n, line in found if line.strip()] == expected
