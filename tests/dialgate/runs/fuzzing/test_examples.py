"""What was found before is tried first; whatever else lies in the folder is passed over."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

from hypothesis.database import DirectoryBasedExampleDatabase

from dialgate.runs.fuzzing.examples import keep_seeds, known_seeds
from dialgate_evals.fuzzing.variant import Seed

if TYPE_CHECKING:
    from pathlib import Path


def test_kept_seeds_are_known_and_foreign_bytes_are_not(tmp_path: Path) -> None:
    keep_seeds(tmp_path, "shop", ["typos/a/1.2", "greeting/b/"])
    database = DirectoryBasedExampleDatabase(tmp_path)
    for foreign in (pickle.dumps({"a": 1}), b"\xff\xfe", b"x" * 5_000, b"typos/a/1;rm"):
        database.save(b"shop", foreign)
    assert known_seeds(tmp_path, "shop") == [
        Seed(relation="greeting", parent="b", numbers=()),
        Seed(relation="typos", parent="a", numbers=(1, 2)),
    ]
    assert known_seeds(tmp_path, "another") == []
