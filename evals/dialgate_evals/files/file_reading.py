"""Reading the files of a workspace: bounded, inside the workspace, every problem collected.

Knows TOML and JSON documents on disk and how a place in them reads; leaves what they mean to the
readers of suites, releases and cases, and JSON Lines to `dialgate_evals.files.json_text`.
"""

from __future__ import annotations

import glob
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dialgate_evals.files.json_text import DOCUMENT_LIMIT_BYTES, JsonTextError, parse_json
from dialgate_evals.files.problems import Problem, show_path
from dialgate_evals.files.schema_validation import check_document
from dialgate_evals.files.toml_text import TomlDocument, TomlTextError, parse_toml

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

Problems = list[Problem]


def workspace_root(suite_folder: Path) -> Path:
    """The folder that no path of a suite may leave.

    The git checkout around the suite, else the folder that holds `suites/`, else the suite itself.
    """
    folder = suite_folder.resolve()
    for candidate in (folder, *folder.parents):
        if (candidate / ".git").exists():
            return candidate
    return folder.parents[1] if folder.parent.name == "suites" else folder


def is_inside(path: Path, root: Path) -> bool:
    """Whether the path, with every link followed, lies in the workspace."""
    return path.resolve().is_relative_to(root)


def read_bytes(path: Path, problems: Problems, *, expected: str) -> bytes | None:
    """The file's bytes, or None and a problem where it is missing, unreadable or too large."""
    try:
        with path.open("rb") as file:  # a pipe has no size before it is read
            raw = file.read(DOCUMENT_LIMIT_BYTES + 1)
        if len(raw) > DOCUMENT_LIMIT_BYTES:
            found = f"a file over {DOCUMENT_LIMIT_BYTES // 2**20} MiB"
            problems.append(Problem(file=show_path(path), found=found, expected=expected))
            return None
        return raw
    except FileNotFoundError:
        found = "no such file"
    except OSError as error:
        found = f"a file that can't be read ({error.strerror})"
    problems.append(Problem(file=show_path(path), found=found, expected=expected))
    return None


def read_toml(path: Path, schema: str, problems: Problems) -> TomlDocument | None:
    """A checked TOML document, or None where it has problems; all of them are collected."""
    raw = read_bytes(path, problems, expected=f"{schema}.toml in the contract's format")
    if raw is None:
        return None
    return check_toml(raw, schema, show_path(path), problems)


def check_toml(raw: bytes, schema: str, shown: str, problems: Problems) -> TomlDocument | None:
    """The bytes as a checked TOML document, or None; `shown` names the file in problems."""
    try:
        document = parse_toml(raw)
    except TomlTextError as error:
        problems.append(Problem(file=shown, found=str(error), expected="TOML"))
        return None
    found = check_document(document.values, schema, shown, toml_place(document))
    problems.extend(found)
    return None if found else document


def toml_place(document: TomlDocument) -> Any:  # noqa: ANN401 - a function, typed at its use
    """Turns a path inside the document into `line 12, gate.alpha`."""

    def place(path: tuple[str | int, ...]) -> str:
        line = document.line_of(path)
        key = ".".join(str(part) for part in path)
        return ", ".join(part for part in (f"line {line}" if line else "", key) if part)

    return place


def json_pointer(path: tuple[str | int, ...]) -> str:
    """The path as a JSON Pointer (RFC 6901)."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


def read_json_document(path: Path, schema: str, problems: Problems) -> Any | None:  # noqa: ANN401 - any data
    """A checked JSON document, or None where it has problems; all of them are collected."""
    raw = read_bytes(path, problems, expected=f"{schema}.json in the contract's format")
    if raw is None:
        return None
    try:
        document = parse_json(raw)
    except JsonTextError as error:
        problems.append(Problem(file=show_path(path), found=str(error), expected="strict JSON"))
        return None
    found = check_document(document, schema, show_path(path), json_pointer)
    problems.extend(found)
    return None if found else document


def find_files(
    patterns: Sequence[str],
    folder: Path,
    root: Path,
    problems: Problems,
    *,
    owner: Path,
    key: str,
    may_be_empty: bool = False,
    unwritten: Collection[str] = (),
) -> list[Path]:
    """Every file that the globs match, sorted, each once; a glob that matches none is a problem.

    `owner` and `key` say which file and key asked; `may_be_empty` allows globs for files that are
    still to be written, `unwritten` names such globs where others match. Files outside the
    workspace are refused.
    """
    found: dict[Path, None] = {}
    by_pattern = {pattern: _matches(pattern, folder) for pattern in patterns}
    if not any(by_pattern.values()):
        unwritten = ()
    for pattern, matches in by_pattern.items():
        if not matches and not may_be_empty and pattern not in unwritten:
            problems.append(
                Problem(
                    file=show_path(owner),
                    place=key,
                    found=f'"{pattern}", which matches no file',
                    expected="at least one file",
                    advice="Paths are relative to this file.",
                )
            )
        for path in matches:
            if is_inside(path, root):
                found.setdefault(path)
            else:
                problems.append(_outside(path, owner, key))
    return list(found)


def _matches(pattern: str, folder: Path) -> list[Path]:
    if Path(pattern).is_absolute():
        return []
    # Path.glob refuses "..", which the contract's paths begin with.
    names = glob.glob(pattern, root_dir=folder, recursive=True)  # noqa: PTH207 - see above
    paths = (_without_dots(folder / name) for name in sorted(names))
    return [path for path in paths if path.is_file()]


def _without_dots(path: Path) -> Path:
    """The path with `..` taken out by name, so that equal files have equal paths."""
    parts: list[str] = []
    for part in path.parts:
        if part == ".." and parts and parts[-1] not in {"..", "/"}:
            parts.pop()
        else:
            parts.append(part)
    return Path(*parts)


def _outside(path: Path, owner: Path, key: str) -> Problem:
    return Problem(
        file=show_path(owner),
        place=key,
        found=f"{show_path(path)}, which lies outside the workspace",
        expected="a file inside it",
        advice="Move the file into the workspace; links are followed.",
    )
