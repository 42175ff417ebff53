"""Case files: JSON Lines, one case a line, or YAML, a list of cases; every bad one named.

Leaves what is odd between good cases (contradictions, near-duplicates) to `suite.lint`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dialgate_evals.errors import UsageError
from dialgate_evals.files.file_reading import Problems, json_pointer
from dialgate_evals.files.json_lines import read_json_lines
from dialgate_evals.files.json_patch import patch_defects
from dialgate_evals.files.json_text import DOCUMENT_LIMIT_BYTES
from dialgate_evals.files.problems import Problem, show_path
from dialgate_evals.files.schema_validation import check_document, schema_defects
from dialgate_evals.files.yaml_text import YamlDocument, YamlTextError, parse_yaml
from dialgate_evals.suite.case import Case, CasePlace, Origin, parse_case

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path
    from typing import Any

    Place = Callable[[tuple[str | int, ...]], str]

_FUZZED = Origin.FUZZED.value

YAML = frozenset({".yaml", ".yml"})
"""How the name of a case file ends that is YAML."""


def read_cases(paths: Iterable[Path], problems: Problems) -> tuple[Case, ...]:
    """Every case of the files, in file order; bad lines and repeated ids become problems."""
    cases: dict[str, Case] = {}
    for path in paths:
        for case in _read_file(path, problems):
            first = cases.setdefault(case.id, case)
            if first is not case:
                problems.append(repeated_id(case, first))
    return tuple(cases.values())


def _read_file(path: Path, problems: Problems) -> Iterator[Case]:
    file = show_path(path)
    try:
        documents = _yaml_documents(path) if path.suffix in YAML else _json_documents(path)
        for number, document, place in documents:
            if isinstance(document, ValueError):
                problems.append(
                    Problem(
                        file=file,
                        place=place(()),
                        found=str(document),
                        expected="a list of cases"
                        if path.suffix in YAML
                        else "one JSON object a line",
                    )
                )
                continue
            found = case_problems(document, file, number, place)
            problems.extend(found)
            if not found and is_unaccepted(document):
                problems.append(_unaccepted(document, file, place(("source",))))
                found = problems[-1:]
            if not found:
                yield parse_case(document, place=CasePlace(file=file, line=number))
    except OSError as error:
        found_text = f"a file that can't be read ({error.strerror})"
        problems.append(Problem(file=file, found=found_text, expected="a case file"))


def _json_documents(path: Path) -> Iterator[tuple[int, Any, Place]]:
    for number, document in read_json_lines(path):
        yield number, document, _place(number)


def _yaml_documents(path: Path) -> Iterator[tuple[int, Any, Place]]:
    """Each item of the list with its line; a text that is no list of cases is one ValueError."""
    try:
        document = _read_yaml_list(path)
    except YamlTextError as error:
        yield error.line, error, _place(error.line or 1)
        return
    for index, item in enumerate(document.value):
        yield document.line_of((index,)), item, _yaml_place(document, index)


def _read_yaml_list(path: Path) -> YamlDocument:
    if path.stat().st_size > DOCUMENT_LIMIT_BYTES:
        raise YamlTextError(f"a file over {DOCUMENT_LIMIT_BYTES // 2**20} MiB")
    try:
        document = parse_yaml(path.read_bytes())
    except ImportError:
        raise UsageError(
            f'{show_path(path)} needs PyYAML: install dialgate with its extra "yaml".'
        ) from None
    if document.value is None:
        return YamlDocument([])
    if not isinstance(document.value, list):
        raise YamlTextError("no list", 1)
    return document


def _yaml_place(document: YamlDocument, index: int) -> Place:
    """The line of the value itself, not of its case: a case in YAML has many."""

    def place(path: tuple[str | int, ...]) -> str:
        return f"line {document.line_of((index, *path))} {json_pointer(path)}".rstrip()

    return place


def case_problems(
    document: Any,  # noqa: ANN401 - JSON data
    file: str,
    number: int,
    place: Place | None = None,
) -> list[Problem]:
    """Everything that keeps one document from being a case; `place` says where a path in it is."""
    at = place or _place(number)
    return check_document(document, "case", file, at) or _schema_problems(document, file, at)


def is_unaccepted(document: Mapping[str, Any]) -> bool:
    """Whether the case was found by a search and nobody has said yet that it is right."""
    if document["origin"] != _FUZZED:
        return False
    accepted = (document.get("source") or {}).get("accepted_by")
    return not (isinstance(accepted, str) and accepted.strip())


def _unaccepted(document: Mapping[str, Any], file: str, place: str) -> Problem:
    return Problem(
        file=file,
        place=place,
        found=f"the case {document['id']}, which `dialgate fuzz` found and nobody accepted",
        expected="accepted_by, with the name of a person who says that it is right",
        advice="dialgate cases take SUITE FILE asks for it.",
    )


def _place(number: int) -> Place:
    def place(path: tuple[str | int, ...]) -> str:
        return f"line {number} {json_pointer(path)}".rstrip()

    return place


def _schema_problems(document: Mapping[str, Any], file: str, place: Place) -> list[Problem]:
    """`where` schemas that can't be used, and a reply pattern that is no regular expression."""
    found = [
        Problem(
            file=file,
            place=place(path),
            found=f"a schema that can't be used: {defect}",
            expected="JSON Schema 2020-12 without outside references",
        )
        for path, schema in _where_schemas(document)
        for defect in schema_defects(schema)
    ]
    expect = document["expect"]
    if "state" in expect:
        found += _patch_problems(expect["state"], file, place)
    if "reply" in expect:
        found += _pattern_problems(expect["reply"], file, place)
    return found


def _patch_problems(state: Mapping[str, Any] | None, file: str, place: Place) -> Iterator[Problem]:
    for defect in patch_defects((state or {}).get("patch") or ()):
        yield Problem(
            file=file,
            place=place(("expect", "state", "patch")),
            found=f"a patch that can't be used: {defect}",
            expected="JSON Patch operations (RFC 6902)",
        )


def _pattern_problems(
    reply: Mapping[str, Any] | None, file: str, place: Place
) -> Iterator[Problem]:
    pattern = (reply or {}).get("matches")
    if pattern is None:
        return
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        yield Problem(
            file=file,
            place=place(("expect", "reply", "matches")),
            found=f"no regular expression ({error})",
            expected="a regular expression of Python's re",
        )


def _where_schemas(
    document: Mapping[str, Any],
) -> list[tuple[tuple[str | int, ...], Mapping[str, Any]]]:
    """Every `where` and its place; a case without one, as most are, is only looked through."""
    expect = document["expect"]
    found = _wheres(document.get("recordings", ()), "recordings")
    found += _wheres(expect["actions"], "expect", "actions")
    if len(expect) > 1:
        found += _wheres(expect.get("forbid", ()), "expect", "forbid")
        for index, items in enumerate(expect.get("alternatives", ())):
            found += _wheres(items, "expect", "alternatives", index)
        if "where" in (expect.get("state") or ()):
            found.append((("expect", "state", "where"), expect["state"]["where"]))
    return found


def _wheres(
    items: Iterable[Mapping[str, Any]], *path: str | int
) -> list[tuple[tuple[str | int, ...], Mapping[str, Any]]]:
    return [
        ((*path, index, "where"), item["where"])
        for index, item in enumerate(items)
        if "where" in item
    ]


def repeated_id(case: Case, first: Case) -> Problem:
    """The second of two cases with one id."""
    return Problem(
        file=case.place.file if case.place else "",
        place=case.place.in_file if case.place else "",
        found=f'the case id "{case.id}" a second time',
        expected=f"an id used once; it stands in {first.place} too",
        advice="Give one of the two another id.",
    )
