"""Adds tools, classes and cases to the files of a suite that people keep.

Nothing that stands there changes: lines are added, in the way in which the file is written.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from dialgate.cases.new_case import add_case, case_file
from dialgate.cases.suite_texts import RECORDED, class_lines, tool_document
from dialgate_evals.files.file_reading import find_files
from dialgate_evals.files.file_writing import write_atomically
from dialgate_evals.files.json_text import JsonTextError, json_line, parse_json
from dialgate_evals.files.problems import join_words, show_path
from dialgate_evals.files.toml_text import parse_toml
from dialgate_evals.importing.found import Left
from dialgate_evals.suite.suite import AgentKind

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from dialgate_evals.importing.importing import ImportedCase
    from dialgate_evals.suite.tools import Tool
    from dialgate_evals.suite.workspace import Workspace


def add_tools(
    workspace: Workspace, tools: Mapping[str, Tool], inferred: set[str], left: list[Left]
) -> list[Path]:
    """Adds the tools that the release lacks to its registry, where that is one of ours."""
    known = {tool.name for tool in workspace.release().tools}
    added = [
        tool_document(tool, RECORDED, is_inferred=name in inferred)
        for name, tool in tools.items()
        if name not in known
    ]
    if not added:
        return []
    path = _registry(workspace)
    text = None if path is None else _with_tools(path.read_bytes(), added)
    if path is None or text is None:
        names = join_words([str(tool["name"]) for tool in added[:20]])
        shown = "release.toml" if path is None else show_path(path)
        why = "the registry is no file that ends with its list of tools; add them by hand"
        left.append(Left(place=shown, what=f"the tools {names}", why=why))
        return []
    write_atomically(path, text)
    return [path]


def _registry(workspace: Workspace) -> Path | None:
    document = parse_toml((workspace.folder / "release.toml").read_bytes()).values
    globs = [str(name) for name in document.get("tools", [])]
    owner = workspace.folder / "release.toml"
    files = find_files(globs, workspace.folder, workspace.root, [], owner=owner, key="tools")
    return files[0] if len(files) == 1 else None


def _with_tools(raw: bytes, added: list[dict[str, Any]]) -> bytes | None:
    """The file with the tools at its end, all else as it is; None where it ends otherwise."""
    try:
        document = parse_json(raw)
    except JsonTextError:
        return None
    known = document.get("tools") if isinstance(document, dict) else document
    if not isinstance(known, list):
        return None
    end = raw.rindex(b"]")
    head = raw[:end].rstrip()
    found = re.search(rb"\[\s*\n([ \t]*)\{", raw)
    before = b"\n" + (found[1] if found else b" ")
    lines = [before + json_line(tool).rstrip() for tool in added]
    comma = b"," if known else b""
    made = head + comma + b",".join(lines) + (raw[len(head) : end] or b"\n") + raw[end:]
    listed = [*known, *added]
    whole = {**document, "tools": listed} if isinstance(document, dict) else listed
    return made if _is(made, whole) else None


def _is(raw: bytes, document: dict[str, Any] | list[Any]) -> bool:
    try:
        return bool(parse_json(raw) == document)
    except JsonTextError:
        return False


def add_classes(workspace: Workspace, tools: Mapping[str, Tool]) -> list[Path]:
    """Adds a proposed class for each tool that no class names."""
    classes = workspace.actions.classes
    named = {tool for action_class in classes for tool in action_class.tools}
    missing = {name: tool for name, tool in tools.items() if name not in named}
    if not missing:
        return []
    path = workspace.folder / "actions.toml"
    before = path.read_text("utf-8")
    lines = class_lines(missing, frozenset(action_class.name for action_class in classes))
    end = "" if before.endswith("\n") else "\n"
    write_atomically(path, (before + end + "\n".join(lines) + "\n").encode("utf-8"))
    return [path]


def add_cases(workspace: Workspace, fresh: list[ImportedCase], transcripts: bytes) -> list[Path]:
    """Adds the cases where the suite's own stand, and what was recorded of them."""
    if not fresh:
        return []
    path = case_file(workspace, None)
    if path.suffix == ".jsonl":
        _append(path, b"".join(json_line(case.document) for case in fresh))
    else:
        for case in fresh:
            add_case(case.document, path)
    agent = workspace.suite.agent
    own = f"transcripts/{RECORDED.version}.jsonl"
    if agent.kind is AgentKind.TRANSCRIPT and (workspace.folder / own).is_file():
        _append(workspace.folder / own, transcripts)
        return [path, workspace.folder / own]
    return [path]


def _append(path: Path, added: bytes) -> None:
    before = path.read_bytes()
    end = b"" if not before or before.endswith(b"\n") else b"\n"
    write_atomically(path, before + end + added)
