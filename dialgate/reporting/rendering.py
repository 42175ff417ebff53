"""Reads a verdict or a recommendation back for rendering; refuses what is none."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from dialgate_evals.errors import EvidenceError
from dialgate_evals.files.file_reading import json_pointer, read_bytes
from dialgate_evals.files.json_text import JsonTextError, digest_of, parse_json
from dialgate_evals.files.problems import Problem, show_path
from dialgate_evals.files.schema_validation import check_document
from dialgate_gate.verdict.documents.document_defects import document_defects

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def read_document(path: Path) -> Any:  # noqa: ANN401 - any JSON; its reader says what it must be
    """The JSON in the file. Raises EvidenceError where it is none."""
    problems: list[Problem] = []
    raw = read_bytes(path, problems, expected="a verdict or a recommendation")
    if raw is None:
        raise EvidenceError(problems)
    try:
        return parse_json(raw)
    except JsonTextError as error:
        expected = "the JSON of a verdict or a recommendation"
        problem = Problem(file=show_path(path), found=str(error), expected=expected)
        raise EvidenceError([problem]) from None


def read_verdict(path: Path) -> dict[str, Any]:
    """The verdict document in the file. Raises EvidenceError where it is none."""
    return check_verdict(read_document(path), path)


def is_recommendation(document: object) -> bool:
    """Whether the document says it is what `dial recommend` wrote, and no verdict."""
    return isinstance(document, dict) and "verdict" not in document and "graduation" in document


def check_verdict(document: object, path: Path) -> dict[str, Any]:
    """The document as a verdict. Raises EvidenceError where it is none."""
    defects = document_defects(document)
    if defects:
        raise EvidenceError(
            [Problem(file=show_path(path), found=d, expected="a verdict document") for d in defects]
        )
    assert isinstance(document, dict)
    return document


def check_recommendation(document: object, path: Path) -> dict[str, Any]:
    """The document as a recommendation. Raises EvidenceError with all that is wrong with it."""
    file = show_path(path)
    problems = check_document(document, "recommendation", file, json_pointer)
    if not problems:
        assert isinstance(document, dict)
        problems = [
            Problem(file=file, place=place, found=found, expected="what dial recommend wrote")
            for place, found in _contradictions(document)
        ]
    if problems:
        raise EvidenceError(problems)
    assert isinstance(document, dict)
    return document


def _contradictions(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Where and how a document of the right shape contradicts itself."""
    if digest_of(document["graduation"]) != document["evidence"]:
        yield "/evidence", "a graduation list that is not what was sealed"
    moved = [entry["action_class"] for entry in document["graduation"]]
    if moved != [item["action_class"] for item in document["classes"]]:
        yield "/classes", "other classes than those of graduation"
    for number, item in enumerate(document["classes"]):
        days = [point["start"] for point in item["series"]]
        if not all(map(_is_day, days)) or days != sorted(days):
            yield f"/classes/{number}/series", "periods that are no days in order"
        if any(point["interventions"] > point["reviews"] for point in item["series"]):
            yield f"/classes/{number}/series", "more interventions than reviews"
    for number, entry in enumerate(document["graduation"]):
        if entry["move"] == "demote" and not entry["reasons"]:
            yield f"/graduation/{number}", "a demotion without a reason"


def _is_day(text: str) -> bool:
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return True
