"""A release: prompts, tools, model and code, each with its digest; together the fingerprint.

Knows what makes two releases the same (data, not text; no file order, line endings or absolute
paths); leaves comparing them in words to `gate`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dialgate_evals.files.file_reading import (
    Problems,
    find_files,
    json_pointer,
    read_bytes,
    read_json_document,
    read_toml,
)
from dialgate_evals.files.json_text import digest_of, digest_of_bytes
from dialgate_evals.files.problems import Problem, show_path
from dialgate_evals.files.schema_validation import schema_defects
from dialgate_evals.suite.tool_reading.forms import ToolDefect, read_tool_list
from dialgate_evals.suite.tools import Tool, ToolRegistry, make_tool

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

COMPONENTS = ("prompts", "tools", "model", "code")

_DATED = re.compile(r"[0-9]{4}-?[0-9]{2}-?[0-9]{2}|[0-9]{6,8}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """The model of a release, as its provider names it."""

    provider: str
    name: str
    parameters: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_floating(self) -> bool:
        """Whether the name is an alias that the provider may point elsewhere: no date in it."""
        return self.name.endswith("latest") or not _DATED.search(self.name)

    def as_json(self) -> dict[str, Any]:
        """Provider, name and parameters."""
        parameters = dict(self.parameters)
        return {"provider": self.provider, "name": self.name, "parameters": parameters}


@dataclass(frozen=True, kw_only=True)
class Release:
    """What is shipped, with a fingerprint."""

    name: str
    version: str
    prompts: Mapping[str, str]
    # path relative to the suite's folder, to text with \n line ends
    tools: ToolRegistry
    model: Model
    components: Mapping[str, str]
    # digest of each of COMPONENTS
    code: Mapping[str, str] = field(default_factory=dict)
    # path relative to the suite's folder, to the digest of each file that `code` names
    place: str = ""
    # the release file, for messages

    @property
    def fingerprint(self) -> str:
        """SHA-256 over the digests of the components."""
        return digest_of({name: self.components[name] for name in COMPONENTS})

    def for_agent(self) -> dict[str, Any]:
        """What an agent is told of the release: name, version, prompts, model."""
        return {
            "name": self.name,
            "version": self.version,
            "prompts": dict(self.prompts),
            "model": self.model.as_json(),
        }

    def as_json(self) -> dict[str, Any]:
        """Name, version, fingerprint and components, as verdicts and records show them."""
        return {
            "name": self.name,
            "version": self.version,
            "fingerprint": self.fingerprint,
            "components": {name: self.components[name] for name in COMPONENTS},
        }


def read_release(
    path: Path, *, suite_folder: Path, root: Path, problems: Problems
) -> Release | None:
    """The release that a release file describes, or None where anything about it is wrong."""
    before = len(problems)
    document = read_toml(path, "release", problems)
    if document is None:
        return None
    values = document.values

    def files(key: str) -> list[Path]:
        return find_files(values.get(key, ()), path.parent, root, problems, owner=path, key=key)

    prompts = _read_texts(files("prompts"), suite_folder, problems)
    tools = read_tools(files("tools"), problems)
    code = _read_texts(files("code"), suite_folder, problems)
    model = Model(**values["model"])
    if len(problems) > before:
        return None
    return Release(
        name=values["name"],
        version=values["version"],
        prompts={name: raw.decode("utf-8", "replace") for name, raw in prompts.items()},
        tools=tools,
        model=model,
        components=_digest_components(prompts, tools, model, code),
        code={name: digest_of_bytes(raw) for name, raw in code.items()},
        place=show_path(path),
    )


def _read_texts(paths: Iterable[Path], folder: Path, problems: Problems) -> dict[str, bytes]:
    """Bytes by path relative to the suite's folder; line ends as \\n where the file is text."""
    texts: dict[str, bytes] = {}
    for path in paths:
        raw = read_bytes(path, problems, expected="a file of the release")
        if raw is not None:
            texts[_relative_name(path, folder)] = with_unix_line_ends(raw)
    return texts


def _relative_name(path: Path, folder: Path) -> str:
    import os  # noqa: PLC0415 - one use

    return os.path.relpath(path, folder).replace(os.sep, "/")


def with_unix_line_ends(raw: bytes) -> bytes:
    """Line ends as \\n and no mark at the beginning, where the file is text."""
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw
    return raw.replace(b"\r\n", b"\n").removeprefix(b"\xef\xbb\xbf")


def read_tools(paths: Sequence[Path], problems: Problems) -> ToolRegistry:
    """The tools of files like tools.json together; whatever is wrong with them is a problem."""
    tools: dict[str, Tool] = {}
    for path in paths:
        document = read_json_document(path, "tools", problems)
        if document is None:
            continue
        for entry in read_tool_list(document):
            place = json_pointer(entry.path)
            if isinstance(entry, ToolDefect):
                problems.append(
                    Problem(
                        file=show_path(path), place=place, found=entry.found,
                        expected=entry.expected,
                    )
                )  # fmt: skip
                continue
            tool = make_tool(entry)
            problems.extend(_tool_problems(tool, path, place, known=tools))
            tools.setdefault(tool.name, tool)
    return ToolRegistry(tools=tools)


def _tool_problems(
    tool: Tool, path: Path, place: str, *, known: Mapping[str, Tool]
) -> list[Problem]:
    file = show_path(path)
    found = [
        Problem(
            file=file,
            place=place,
            found=f'parameters of "{tool.name}" that are no usable schema: {defect}',
            expected="JSON Schema without outside references, in the dialect of its $schema",
        )
        for defect in schema_defects(tool.parameters)
    ]
    if tool.name in known:
        found.append(
            Problem(
                file=file,
                place=place,
                found=f'the tool "{tool.name}" a second time',
                expected="every tool once",
            )
        )
    return found


def _digest_components(
    prompts: Mapping[str, bytes], tools: ToolRegistry, model: Model, code: Mapping[str, bytes]
) -> dict[str, str]:
    return {
        "prompts": digest_of({name: digest_of_bytes(raw) for name, raw in prompts.items()}),
        "tools": digest_of([tool.document for tool in sorted(tools, key=lambda tool: tool.name)]),
        "model": digest_of(model.as_json()),
        "code": digest_of({name: digest_of_bytes(raw) for name, raw in code.items()}),
    }
