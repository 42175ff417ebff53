"""A glob says the same of a file that is still to be written as of one that is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dialgate_evals.events.deriving.glob_names import is_named_by
from dialgate_evals.files.file_reading import find_files

if TYPE_CHECKING:
    from pathlib import Path

NAMES = ["golden/a/2026-10.jsonl", "golden/a/aside/b.jsonl", "suites/s/cases.jsonl", "golden/a/x]"]


@pytest.mark.parametrize(
    "pattern",
    [
        "cases.jsonl", "../../golden/a/*.jsonl", "../../golden/**/*.jsonl", "../../golden/*.jsonl",
        "../../**/*.jsonl", "../../golden/[ab]/20??-*.jsonl", "../../golden/[!ab]/*", "*",
        "../../golden/a/x[]]", "../../golden/**",
    ],
)  # fmt: skip
def test_it_agrees_with_what_is_found_on_disk(tmp_path: Path, pattern: str) -> None:
    root = tmp_path / "r[a]*"
    for name in NAMES:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    suite = root / "suites" / "s"
    found = find_files([pattern], suite, root, [], owner=suite, key="", may_be_empty=True)
    named = [root / name for name in NAMES if is_named_by(root / name, [pattern], suite)]
    assert sorted(named) == sorted(found)
