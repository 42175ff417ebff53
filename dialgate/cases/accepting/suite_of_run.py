"""Which suite a run record or a file of found cases is of: the one named, or one so called."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dialgate_evals.errors import ConfigurationError, EvidenceError, UsageError
from dialgate_evals.files.problems import join_words, show_path
from dialgate_evals.records.part_digests import RUN
from dialgate_evals.records.run_reading import read_run
from dialgate_evals.suite.workspace import suite_folder

if TYPE_CHECKING:
    from collections.abc import Iterable


def suite_of_file(path: Path, suite: Path | None) -> Path:
    """The suite of a file of found cases: the named one, else the one that its folder is called."""
    if suite is not None:
        return suite_folder(suite)
    return _suite_named(path.resolve().parent.name, path, [Path()])


def named_in_record(document: dict[str, Any], run: Path) -> Path:
    """The suite of the name that run.json gives, here or where the record lies.

    Raises UsageError where there is none, or several.
    """
    return _suite_named(document["suite"].get("name"), run, [Path(), run.resolve().parent.parent])


def _suite_named(name: object, run: Path, roots: Iterable[Path]) -> Path:
    found: dict[Path, Path] = {}
    for root in roots:
        for place in (root, *sorted(root.glob("*/")), *sorted(root.glob("suites/*/"))):
            if (place / "suite.toml").is_file() and _suite_name(place) == name:
                found.setdefault(place.resolve(), place)
    if len(found) != 1:
        places = join_words([show_path(place) for place in found.values()]) or "no suite here"
        raise UsageError(
            f"{show_path(run)} is of the suite {name}: found {places}. Name it by --suite."
        )
    return next(iter(found.values()))


def find_suite_of(run: Path, suite: Path | None) -> Path:
    """The suite's folder of what was named. Raises UsageError, ConfigurationError."""
    if suite is not None:
        return suite_folder(suite)
    if run.is_file():
        return suite_of_file(run, None)
    if not (run / RUN).is_file():
        return suite_folder(run)
    try:
        return named_in_record(read_run(run), run)
    except EvidenceError as error:
        raise ConfigurationError(error.problems) from None


def _suite_name(folder: Path) -> str | None:
    try:
        return tomllib.loads((folder / "suite.toml").read_text("utf-8")).get("name")
    except (OSError, ValueError):
        return None
