"""The copy that an agent runs from is the whole release, however large, and nothing that judges."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dialgate_evals.running.containment.release_copy import (
    ReleaseCopy,
    find_release,
    place_for_copies,
    write_copy,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

MANY = 300


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A repository with more files than the limit of these tests."""
    root = tmp_path / "repo"
    for name in (
        "suites/shop/suite.toml", "suites/shop/agent.py", "suites/shop/data/large/notes.txt",
        "golden/shop/cases.jsonl", "src/deep/golden/case.jsonl", "src/deep/beside.py",
    ):  # fmt: skip
        write(root / name)
    for number in range(MANY):
        write(root / "src" / "whole" / "inner" / f"{number}.py")
        write(root / "src" / "deep" / "inner" / f"{number}.py")
        write(root / "suites" / "shop" / "data" / "large" / f"{number}.json")
    (root / "src" / "whole" / "link.py").symlink_to("inner/0.py")
    return root


def write(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(path.name, "utf-8")


def copied(
    root: Path, into: Path, *, may_show: bool, left_out: Iterable[Path] = (), most: int = 500
) -> ReleaseCopy:
    found = find_release(root, left_out=left_out, may_show=may_show, most_files=most)
    return write_copy(found, into)


def seen(copy: ReleaseCopy) -> set[str]:
    """What an agent sees: the copy, with what is shown at its places."""
    names = set()
    for top, place in ((copy.folder, Path()), *((s, s.relative_to(copy.root)) for s in copy.shown)):
        for folder, _, files in os.walk(top):
            names |= {str(place / Path(folder, name).relative_to(top)) for name in files}
    return names


def expected(root: Path) -> set[str]:
    names = {str(path.relative_to(root)) for path in root.rglob("*") if not path.is_dir()}
    return {name for name in names if "golden" not in name and not name.endswith("suite.toml")}


@pytest.mark.parametrize("may_show", [True, False])
@pytest.mark.parametrize("most", [10, 10_000])
def test_an_agent_sees_every_file_of_its_release(
    may_show: bool, most: int, tree: Path, tmp_path: Path
) -> None:
    copy = copied(tree, tmp_path / "copy", may_show=may_show, most=most)
    assert seen(copy) == expected(tree)


def test_of_a_large_tree_folders_without_anything_that_judges_are_shown(
    tree: Path, tmp_path: Path
) -> None:
    copy = copied(tree, tmp_path / "copy", may_show=True)
    assert {str(path.relative_to(tree)) for path in copy.shown} == {
        "src/whole",
        "src/deep/inner",
        "suites/shop/data",
    }


def test_a_folder_with_a_single_file_that_judges_is_never_shown(tree: Path, tmp_path: Path) -> None:
    case = tree / "src" / "whole" / "inner" / "7.py"
    copy = copied(tree, tmp_path / "copy", may_show=True, left_out=[case])
    assert "src/whole/inner/7.py" not in seen(copy)
    assert seen(copy) == expected(tree) - {"src/whole/inner/7.py"}


@pytest.mark.parametrize(
    "parts", [("run.json", "trials.parquet"), ("journal.jsonl", "journal.marks")]
)
def test_a_run_s_folder_is_left_out_whatever_it_is_called(
    parts: tuple[str, str], tree: Path, tmp_path: Path
) -> None:
    for name in (*parts, "transcripts.jsonl.zst"):
        write(tree / "src" / "results" / name)
    copy = copied(tree, tmp_path / "copy", may_show=True)
    assert not [name for name in seen(copy) if "results" in name]
    assert not any(path.name in {"src", "results"} for path in copy.shown)


def test_kept_bytecode_is_made_again(tree: Path, tmp_path: Path) -> None:
    """A change can bring some that was never compiled of its source."""
    write(tree / "src" / "whole" / "__pycache__" / "0.cpython-311.pyc")
    copy = copied(tree, tmp_path / "copy", may_show=True)
    assert not [name for name in seen(copy) if "__pycache__" in name]


def test_where_nothing_can_be_mounted_all_of_it_is_copied(tree: Path, tmp_path: Path) -> None:
    copy = copied(tree, tmp_path / "copy", may_show=False)
    assert copy.shown == []


def test_a_disk_that_is_full_is_no_smaller_release(tree: Path, tmp_path: Path) -> None:
    """A file that can't be written is an error; only one that went away is passed over."""
    found = find_release(tree, left_out=[], may_show=False)
    into = tmp_path / "copy"
    (into / "suites" / "shop" / "agent.py").mkdir(parents=True)
    with pytest.raises(OSError, match=r"agent\.py"):
        write_copy(found, into)


def test_a_file_that_went_away_meanwhile_is_none_of_it(tree: Path, tmp_path: Path) -> None:
    found = find_release(tree, left_out=[], may_show=False)
    (tree / "suites" / "shop" / "agent.py").unlink()
    copy = write_copy(found, tmp_path / "copy")
    assert "suites/shop/agent.py" not in seen(copy)


def test_a_tree_that_memory_has_no_room_for_is_copied_to_the_disk(tree: Path) -> None:
    found = find_release(tree, left_out=[], may_show=False)
    found.size = 2**60
    assert place_for_copies(found) is None
