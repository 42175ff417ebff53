"""A case that a person writes: its id, its file, its checks, and the line that is added.

Leaves asking for it to the command and what makes a case wrong to `dialgate_evals.suite`.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dialgate.cases.yaml_cases import yaml_item
from dialgate_evals.errors import ConfigurationError, UsageError
from dialgate_evals.files.file_reading import is_inside
from dialgate_evals.files.file_writing import write_atomically
from dialgate_evals.files.json_text import json_line
from dialgate_evals.files.problems import show_path
from dialgate_evals.files.yaml_text import YamlTextError, parse_yaml
from dialgate_evals.suite.case import CasePlace, parse_case
from dialgate_evals.suite.case_files import YAML, case_problems, repeated_id
from dialgate_evals.suite.linting.lint import lint_workspace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dialgate_evals.files.problems import Problem
    from dialgate_evals.suite.release import Release
    from dialgate_evals.suite.workspace import Workspace

_NUMBERED = re.compile(r"(.*?)(\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseDraft:
    """What a person said of a case."""

    request: str
    actions: tuple[Mapping[str, Any], ...] = ()
    # name and arguments each; empty: nothing should happen
    recordings: tuple[Mapping[str, Any], ...] = ()
    id: str | None = None
    tags: tuple[str, ...] = field(default=())

    def document(self, case_id: str) -> dict[str, Any]:
        """The case as a file says it."""
        return {
            "schema": 1,
            "id": case_id,
            "origin": "golden",
            "messages": [{"role": "user", "content": self.request}],
            "recordings": list(self.recordings),
            "expect": {"actions": list(self.actions)},
            **({"tags": list(self.tags)} if self.tags else {}),
        }


def next_id(workspace: Workspace) -> str:
    """The next number after the suite's commonest way to name cases; `name-0001` for the first."""
    numbered = [m for case in workspace.cases if (m := _NUMBERED.fullmatch(case.id))]
    if not numbered:
        return f"{workspace.suite.name}-0001"
    prefix = min(Counter(m[1] for m in numbered).items(), key=lambda item: (-item[1], item[0]))[0]
    numbers = [m[2] for m in numbered if m[1] == prefix]
    width = max(map(len, numbers))
    return f"{prefix}{max(map(int, numbers)) + 1:0{width}d}"


def case_file(workspace: Workspace, named: Path | None) -> Path:
    """The file that takes the case: the named one, else the first that people write cases in.

    Raises UsageError where the suite would not read it.
    """
    files = workspace.case_files()
    if named is None:
        written = {
            case.place.file for case in workspace.cases if case.place and case.source is None
        }
        chosen = next((path for path in files if show_path(path) in written), None)
        if chosen is None and not files:
            raise UsageError("The suite's cases name no file yet; name one with --file.")
        return chosen or files[0]
    path = Path.cwd() / named
    if not is_inside(path, workspace.root):
        raise UsageError(f"{show_path(named)} lies outside the workspace.")
    if path.exists() and path.resolve() not in {file.resolve() for file in files}:
        globs = ", ".join(workspace.suite.cases)
        raise UsageError(f"{show_path(named)} is no case file of this suite (cases: {globs}).")
    return path


def check_case(
    document: Mapping[str, Any], workspace: Workspace, release: Release
) -> list[Problem]:
    """Everything that `lint` would say of the case once it stands in the suite."""
    file = "the new case"
    found = case_problems(document, file, 1)
    if found:
        return found
    case = parse_case(document, place=CasePlace(file=file, line=1))
    first = workspace.cases_by_id.get(case.id)
    if first is not None:
        return [repeated_id(case, first)]
    whole = replace(workspace, cases=(*workspace.cases, case))
    today = dt.datetime.now(tz=dt.UTC).date()
    known = {str(problem) for problem in lint_workspace(workspace, release, today)}
    return [
        problem for problem in lint_workspace(whole, release, today) if str(problem) not in known
    ]


def add_case(document: Mapping[str, Any], path: Path) -> None:
    """Adds the case at the end of the file, which is replaced whole. Raises UsageError."""
    before = path.read_bytes() if path.exists() else b""
    is_yaml = path.suffix in YAML
    added = yaml_item(document) if is_yaml else json_line(document)
    after = before + (b"\n" if before and not before.endswith(b"\n") else b"") + added
    if is_yaml:
        _check_yaml(after, before, document, path)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, after)


def _check_yaml(after: bytes, before: bytes, document: Mapping[str, Any], path: Path) -> None:
    """Refuses where adding lines would not add just this case (a list in brackets, an indent)."""
    try:
        was = parse_yaml(before).value or []
        if parse_yaml(after).value == [*was, dict(document)]:
            return
    except YamlTextError:
        pass
    raise UsageError(
        f"{show_path(path)} is not written as a block list that a case can be added to; "
        "add it by hand, or name another file with --file."
    )


def refuse_problems(problems: list[Problem]) -> None:
    """Raises ConfigurationError where there are any."""
    if problems:
        raise ConfigurationError(problems)
