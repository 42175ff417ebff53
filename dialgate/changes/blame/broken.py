"""What the last check says broke: the cases to ask by, and how often each passes on either side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dialgate_evals.errors import EvidenceError, UsageError
from dialgate_evals.files.json_text import JsonTextError, parse_json
from dialgate_evals.files.problems import Problem, show_path
from dialgate_gate.blame.question import BrokenCase, broken_case

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from dialgate_evals.suite.release import Release

_MOST_CASES = 8
"""Broken cases that are asked by; more would cost a trial each before anything is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """The broken cases of a verdict, and the classes in which they broke."""

    cases: tuple[BrokenCase, ...]
    classes: tuple[str, ...]
    listed: int
    # cases that broke, however many are asked by


def last_verdict(suite: str, release: Release, out: Path) -> dict[str, Any]:
    """The verdict of the last check of this release.

    Raises UsageError where there is none, EvidenceError where it can't be read or is of another
    release.
    """
    path = out / f"verdict-{suite}.json"
    if not path.is_file():
        raise UsageError(
            f"{show_path(path)} is missing: blame asks by the cases that a check found broken. "
            "Run `dialgate check` first."
        )
    try:
        document = parse_json(path.read_bytes())
        of = document["release"]["fingerprint"]
        assert isinstance(document["explanations"], list)
    except (JsonTextError, OSError, KeyError, TypeError, AssertionError):
        raise _unusable(path, "no verdict that can be read") from None
    if of != release.fingerprint:
        raise _unusable(path, "the verdict on another release")
    found: dict[str, Any] = document
    return found


def _unusable(path: Path, found: str) -> EvidenceError:
    return EvidenceError(
        [
            Problem(
                file=show_path(path),
                found=found,
                expected="the verdict on the release as it is now",
                advice="Run `dialgate check` again.",
            )
        ]
    )


def broken_of(document: Mapping[str, Any], action_class: str | None) -> Broken:
    """The cases that broke, or only those in the class; the surest to tell first."""
    entries = [
        (entry, classes)
        for entry in document["explanations"]
        if entry["move"] == "broken" and entry.get("baseline") and not entry["quarantined"]
        if (classes := _classes(entry)) or action_class is None
        if action_class is None or action_class in classes
    ]
    cases = [
        broken_case(
            entry["case"],
            before=(entry["baseline"]["passed"], entry["baseline"]["trials"]),
            now=(entry["candidate"]["passed"], entry["candidate"]["trials"]),
        )
        for entry, _ in entries
    ]
    telling = sorted(
        (case for case in cases if case.tells), key=lambda case: (case.breaks - case.holds, case.id)
    )
    named = {name for _, classes in entries for name in classes}
    return Broken(
        cases=tuple(telling[:_MOST_CASES]),
        classes=tuple(sorted(named)) if action_class is None else (action_class,),
        listed=len(entries),
    )


def _classes(entry: Mapping[str, Any]) -> set[str]:
    return {d["action_class"] for d in entry["candidate"]["decisions"] if not d["is_correct"]}
