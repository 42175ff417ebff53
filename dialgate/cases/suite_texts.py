"""The files of a suite that is made of what was found: settings, tools, proposed classes.

Knows their texts; leaves cases and when a file may be written to whoever makes the suite.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dialgate.scaffold.scaffold import template_file
from dialgate_evals.files.json_text import json_text
from dialgate_evals.importing.tool_list import class_names, guess_all

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from dialgate_evals.importing.tool_list import ToolList
    from dialgate_evals.suite.tools import Tool

_FROM_TEMPLATE = ("policy.toml", "runbook.toml", "dial.toml")


@dataclass(frozen=True, kw_only=True)
class Maker:
    """Who makes the suite, as its files say it."""

    command: str
    version: str
    # of the release: what the conversations show of it


IMPORTED = Maker(command="cases import", version="imported")
RECORDED = Maker(command="record", version="recorded")


def suite_texts(
    maker: Maker, name: str, tools: ToolList, prompt: str | None = None
) -> dict[str, bytes]:
    """Every file of the suite but cases and transcripts; `prompt` is the release's."""
    found = tools.tools()
    inferred = set(tools.inferred)
    listed = [tool_document(tool, maker, is_inferred=n in inferred) for n, tool in found.items()]
    prompts = {} if prompt is None else {"prompts/system.md": f"{prompt.rstrip()}\n"}
    listed_prompts = ", ".join(f'"{file}"' for file in prompts)
    texts = {
        **prompts,
        "suite.toml": _SUITE.replace("NAME", name).replace("VERSION", maker.version),
        "release.toml": _RELEASE.replace("NAME", name)
        .replace("VERSION", maker.version)
        .replace("PROMPTS", listed_prompts),
        "actions.toml": _actions_text(maker, found),
    }
    return {
        "tools.json": tools_text(listed),
        **{file: text.encode("utf-8", "backslashreplace") for file, text in texts.items()},
        **{file: template_file(file) for file in _FROM_TEMPLATE},
    }


def tool_document(tool: Tool, maker: Maker, *, is_inferred: bool) -> dict[str, Any]:
    """The tool's entry of tools.json; an inferred one says so."""
    document = {**tool.document, "name": tool.name}
    if is_inferred:
        document["description"] = f"Inferred from calls by {maker.command}; put the schema right."
    return document


def tools_text(listed: list[dict[str, Any]]) -> bytes:
    """A tool a line, so that a change of one is a line's."""
    inner = ",\n".join(f" {json_text(document)}" for document in listed)
    return f'{{"schema": 1, "tools": [\n{inner}\n]}}\n'.encode("utf-8", "backslashreplace")


def suite_name(out: Path) -> str:
    """The folder's name, as far as a suite may be called so."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", out.resolve().name).strip("-.") or "imported"


_SUITE = """\
# Evaluation engineer: which cases, how many trials, how the agent is reached.
schema = 1
name = "NAME"
cases = ["cases.jsonl"]
trials = 1

# What was VERSION, as it was found. Name your agent here to run it on the cases.
[agent]
kind = "transcript"
path = "transcripts/{version}.jsonl"
"""


_RELEASE = """\
# The thing under gate: here what the VERSION conversations show of it.
schema = 1
name = "NAME"
version = "VERSION"
prompts = [PROMPTS]
tools = ["tools.json"]
code = []

[model]
provider = "unknown"
name = "VERSION"
"""


def _actions_text(maker: Maker, tools: Mapping[str, Tool]) -> str:
    """Proposals: a class for each tool, marked as guessed."""
    lines = [
        "# Tool registry maintainer: which calls are which actions.",
        f"# Guessed by `dialgate {maker.command}`. Until you take `proposed` out of a class,",
        "# it counts as write, high, irreversible, whatever stands beside it.",
        "schema = 1",
        *([] if tools else ["", "[class]"]),
        *class_lines(tools, frozenset()),
    ]
    return "\n".join(lines) + "\n"


def class_lines(tools: Mapping[str, Tool], taken: frozenset[str]) -> Iterator[str]:
    """The lines of a proposed class for each tool, under names that are not taken."""
    guesses = guess_all(tools.values())
    for name, class_name in class_names(tools, taken):
        guess = guesses[name]
        yield ""
        yield f'[class."{class_name}"]'
        yield f"tools = [{_toml(name)}]"
        yield f'effect = "{guess.effect}"'
        yield f'blast_radius = "{guess.blast_radius}"'
        yield f"reversible = {str(guess.reversible).lower()}"
        yield f"proposed = {_toml(guess.why)}"


def _toml(text: str) -> str:
    """A basic string of TOML: as JSON writes it in ASCII, and DEL, which TOML refuses."""
    safe = text.encode("utf-8", "replace").decode("utf-8")
    made = json.dumps(safe, ensure_ascii=True)
    made = re.sub(
        r"(?:\\u[dD][89abAB][0-9a-fA-F]{2})(?:\\u[dD][c-fC-F][0-9a-fA-F]{2})",
        lambda found: json.loads(f'"{found[0]}"'),
        made,
    )
    return made.replace("\x7f", "\\u007f")
