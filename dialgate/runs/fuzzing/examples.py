"""Seeds of what was found before, kept for the next search; no pickle, no code, only short texts.

hypothesis' own database keeps them as bytes, a file each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate_evals.fuzzing.variant import Seed, parse_seed

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_MOST = 200
_LONGEST = 2_000


def known_seeds(folder: Path, suite: str) -> list[Seed]:
    """What was found before; whatever else lies in the folder is passed over."""
    from hypothesis.database import DirectoryBasedExampleDatabase  # noqa: PLC0415 - heavy

    texts = sorted(DirectoryBasedExampleDatabase(folder).fetch(suite.encode("utf-8")))
    short = [text.decode("utf-8", "replace") for text in texts[:_MOST] if len(text) < _LONGEST]
    return [seed for text in short if (seed := parse_seed(text)) is not None]


def keep_seeds(folder: Path, suite: str, seeds: Iterable[str]) -> None:
    """Keeps seeds for the next search."""
    from hypothesis.database import DirectoryBasedExampleDatabase  # noqa: PLC0415 - heavy

    database = DirectoryBasedExampleDatabase(folder)
    for seed in seeds:
        database.save(suite.encode("utf-8"), seed.encode("utf-8"))
