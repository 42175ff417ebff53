"""The files of derived cases: where they lie, what stands in them, writing them whole.

Untouched lines keep their bytes; every file is replaced atomically, and what is set aside is
written before a case leaves. Leaves which cases there are to `dialgate_evals.events.deriving`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dialgate_evals.errors import ConfigurationError
from dialgate_evals.events.deriving.glob_names import is_named_by
from dialgate_evals.files.file_reading import is_inside
from dialgate_evals.files.file_writing import write_atomically
from dialgate_evals.files.json_lines import read_json_lines
from dialgate_evals.files.json_text import JsonTextError, json_line, parse_json
from dialgate_evals.files.problems import Problem, show_path, show_value
from dialgate_evals.files.schema_validation import check_document
from dialgate_evals.suite.case_files import read_cases
from dialgate_evals.suite.workspace import is_for_derived

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dialgate_evals.events.deriving.derivation import Derivation
    from dialgate_evals.suite.case import Case
    from dialgate_evals.suite.workspace import Workspace

NEITHER = "neither"
"""The resolution of an adjudication entry whose decisions are all wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DerivedPlaces:
    """Where derived cases go."""

    folder: Path
    single: Path | None
    # every new case goes into this file; None: a file per month in the folder
    is_gated: bool
    # whether the suite's globs name the files

    @property
    def entries(self) -> Path:
        """What reviewers contradict each other on."""
        return self.folder / "aside" / "adjudicate.jsonl"

    @property
    def candidates(self) -> Path:
        """Approvals that may become golden cases."""
        return self.folder / "aside" / "approvals.jsonl"

    def case_file(self, occurred_at: str) -> Path:
        """The file of a new case, by the month of its first decision."""
        return self.single or self.folder / f"{occurred_at[:7]}.jsonl"


def find_places(workspace: Workspace, out: Path | None) -> DerivedPlaces:
    """The places that --out or the suite's globs say. Raises ConfigurationError."""
    globs = workspace.suite.cases
    folder = out.parent if out is not None else _reviewer_folder(workspace)
    places = DerivedPlaces(
        folder=folder,
        single=out,
        is_gated=is_named_by(out or folder / "2000-01.jsonl", globs, workspace.folder),
    )
    problems = [
        Problem(
            file=show_path(path),
            found="a path that leads out of the workspace",
            expected="a path inside it",
        )
        for path in (places.case_file("2000-01"), places.entries, places.candidates)
        if not is_inside(path, workspace.root)
    ]
    suite_file = show_path(workspace.folder / "suite.toml")
    if out is None and not places.is_gated:
        expected = "a glob for derived cases"
        advice = f'Add "{_as_glob(folder, workspace.folder)}" to cases, or name a file with --out.'
        found = f"no glob that names {show_path(folder)}/*.jsonl"
        problems.append(_suite_problem(suite_file, found, expected, advice))
    for path in (places.entries, places.candidates):
        if is_named_by(path, globs, workspace.folder):
            found = f"a glob that names {show_path(path)}, whose lines must not gate"
            advice = "Name derived cases by reviewer/*.jsonl, without **."
            problems.append(_suite_problem(suite_file, found, "globs without it", advice))
    if problems:
        raise ConfigurationError(problems)
    return places


def _suite_problem(file: str, found: str, expected: str, advice: str) -> Problem:
    return Problem(file=file, place="cases", found=found, expected=expected, advice=advice)


def _reviewer_folder(workspace: Workspace) -> Path:
    """The folder called reviewer that a glob names; else golden/<agent>/reviewer."""
    for pattern in workspace.suite.cases:
        parent = Path(pattern).parent
        if is_for_derived(pattern) and not parent.is_absolute():
            return _without_dots(workspace.folder / parent)
    agent = workspace.folder.resolve().name
    return _without_dots(_shown_root(workspace) / "golden" / agent / "reviewer")


def _shown_root(workspace: Workspace) -> Path:
    """The workspace's root as a path from the suite's folder, so that messages stay short."""
    depth = len(workspace.folder.resolve().relative_to(workspace.root).parts)
    return workspace.folder.joinpath(*[".."] * depth)


def _without_dots(path: Path) -> Path:
    import os  # noqa: PLC0415 - one use

    return Path(os.path.normpath(path))


def _as_glob(folder: Path, suite_folder: Path) -> str:
    import os  # noqa: PLC0415 - one use

    return os.path.relpath(folder, suite_folder).replace(os.sep, "/") + "/*.jsonl"


@dataclass(frozen=True, kw_only=True)
class StandingFiles:
    """Every case and entry that stands in files now, and which files hold cases."""

    cases: tuple[Case, ...]
    candidates: tuple[Case, ...]
    entries: tuple[dict[str, Any], ...]
    case_files: tuple[Path, ...]


def read_standing(workspace: Workspace, places: DerivedPlaces) -> StandingFiles:
    """What stands in the files. Raises ConfigurationError with every problem."""
    problems: list[Problem] = []
    files = workspace.case_files()
    ungated = [path for path in (places.single,) if path and path.is_file() and not places.is_gated]
    candidates = [path for path in (places.candidates,) if path.is_file()]
    found = StandingFiles(
        cases=(*workspace.cases, *read_cases(ungated, problems)),
        candidates=read_cases(candidates, problems),
        entries=tuple(_read_entries(places.entries, problems)),
        case_files=(*files, *ungated),
    )
    if problems:
        raise ConfigurationError(problems)
    return found


def _read_entries(path: Path, problems: list[Problem]) -> list[dict[str, Any]]:
    if not path.is_file():
        return []
    entries: list[dict[str, Any]] = []
    for number, document in read_json_lines(path):
        found = _entry_problems(document, show_path(path), number)
        problems.extend(found)
        if isinstance(document, dict) and not found:
            entries.append(document)
    return entries


def _entry_problems(document: Any, file: str, number: int) -> list[Problem]:  # noqa: ANN401 - JSON
    place = f"line {number}"
    if isinstance(document, JsonTextError):
        return [Problem(file=file, place=place, found=str(document), expected="a JSON object")]
    found = check_document(
        document, "adjudication", file, lambda path: " ".join([place, *map(str, path)])
    )
    if found:
        return found
    known = [item["event_id"] for item in document["decisions"]]
    if document["resolution"] in {None, NEITHER, *known}:
        return []
    return [
        Problem(
            file=file,
            place=f"{place} resolution",
            found=show_value(document["resolution"]),
            expected=f'null, "{NEITHER}", or the event whose decision is right',
            advice=f"The decisions here are of {', '.join(known[:5])}.",
        )
    ]


def write_derivation(
    derivation: Derivation, standing: StandingFiles, places: DerivedPlaces
) -> list[Path]:
    """Writes what the derivation says; gives the files that changed, in the order of writing."""
    written: list[Path] = []
    if derivation.entries != list(standing.entries):
        _write(places.entries, b"".join(map(json_line, derivation.entries)), written)
    if derivation.dropped:
        rewrite_cases(places.candidates, {}, derivation.dropped, written)
    if derivation.candidates:
        _append(places.candidates, derivation.candidates, written)
    for path in standing.case_files:
        rewrite_cases(path, derivation.replaced, derivation.removed, written)
    by_file: dict[Path, list[Mapping[str, Any]]] = {}
    for document in derivation.added:
        path = places.case_file(document["source"]["occurred_at"])
        by_file.setdefault(path, []).append(document)
    for path, documents in by_file.items():
        _append(path, documents, written)
    return list(dict.fromkeys(written))


def _append(path: Path, documents: Iterable[Mapping[str, Any]], written: list[Path]) -> None:
    before = path.read_bytes() if path.is_file() else b""
    if before and not before.endswith(b"\n"):
        before += b"\n"
    _write(path, before + b"".join(map(json_line, documents)), written)


def rewrite_cases(
    path: Path, replaced: Mapping[str, Mapping[str, Any]], removed: set[str], written: list[Path]
) -> None:
    """The file with some cases' lines replaced or gone."""
    if not replaced and not removed:
        return
    lines, changed = [], False
    for line in path.read_bytes().splitlines(keepends=True):
        id_: str = parse_json(line)["id"] if line.strip() else ""
        if id_ in removed:
            changed = True
        elif id_ in replaced:
            changed = True
            lines.append(json_line(replaced[id_]))
        else:
            lines.append(line)
    if changed:
        _write(path, b"".join(lines), written)


def _write(path: Path, content: bytes, written: list[Path]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, content)
    written.append(path)
