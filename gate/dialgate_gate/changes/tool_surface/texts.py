"""Descriptions: twins, contradictions with the schema, and orders to the agent."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from dialgate_evals.actions.action_classes import Effect
from dialgate_evals.files.json_text import canonical_json
from dialgate_evals.suite.linting.near_duplicates import similar_pairs
from dialgate_gate.changes.tool_surface.arguments import words_of
from dialgate_gate.changes.tool_surface.finding import Finding, arguments_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dialgate_evals.suite.tools import Tool
    from dialgate_gate.changes.tool_surface.finding import Surface

_ALIKE = 0.8
_HARMLESS = re.compile(
    r"\b(?:read[- ]only|does(?:n't| not) (?:change|modify|write|send|delete)|"
    r"without (?:changing|side effects?)|no side effects?)\b",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"`(\w{2,40})` (?:argument|parameter)|(?:argument|parameter) `(\w{2,40})`", re.IGNORECASE
)
_ORDERS = re.compile(
    r"<\s*/?\s*(?:important|system|instructions?)\s*>"
    r"|\b(?:ignore|disregard|forget)\b.{0,40}\b(?:instructions?|rules|previous|above|prior)\b"
    r"|\b(?:do not|don't|never) (?:tell|mention|inform|show|reveal)\b.{0,40}\buser\b"
    r"|\b(?:before|after|whenever) (?:using|calling|you (?:use|call))\b.{0,60}"
    r"\b(?:any|every|other|all)\b"
    r"|\balways (?:call|use|prefer) (?:this|me)\b"
    r"|\binstead of (?:the )?other tools?\b",
    re.IGNORECASE | re.DOTALL,
)
_LONGEST = 20_000
"""Characters of a description that are read."""


def twins(surface: Surface) -> Iterator[Finding]:
    """Tools that take the same and say the same: an agent picks either.

    Words of their names in which the descriptions differ (sent, draft) tell them apart.
    """
    described = [tool for tool in surface.tools if tool.description.strip()]
    texts = [frozenset(re.findall(r"\w+", tool.description.lower())) for tool in described]
    for first, second, _ in similar_pairs(texts, _ALIKE):
        one, other = described[first], described[second]
        apart = (texts[first] ^ texts[second]) & (words_of(one.name) | words_of(other.name))
        if _shape(one) == _shape(other) and not apart:
            yield Finding(
                tool=other.name,
                found=f'what "{one.name}" does too, by its description and arguments',
                expected="one tool, or descriptions that say when to take which",
            )


def _shape(tool: Tool) -> str:
    named = [[name, schema.get("type")] for name, _, schema in arguments_of(tool)]
    return canonical_json(sorted(named, key=canonical_json))


def contradictions(surface: Surface) -> Iterator[Finding]:
    """What a description says and the schema or the class denies."""
    for tool in surface.tools:
        text = tool.description[:_LONGEST]
        writes = [c for c in surface.classes_of(tool.name) if c.effect is Effect.WRITE]
        if writes and _HARMLESS.search(text):
            yield Finding(
                tool=tool.name,
                path="/description",
                found="a description that promises no effect, of a tool whose class writes",
                expected="what the tool does, or a class that reads",
            )
        names = {name for name, _, _ in arguments_of(tool)}
        others = {item.name for item in surface.tools}
        named = {name for pair in _NAMED.findall(text) for name in pair if name}
        for name in sorted(named - names - others):
            yield Finding(
                tool=tool.name,
                path="/description",
                found=f"`{name}`, which is none of the tool's arguments",
                expected="the names of the schema",
            )
        yield from _optional_or_not(tool)


def _optional_or_not(tool: Tool) -> Iterator[Finding]:
    required = tool.parameters.get("required")
    names = [name for name in required if name] if isinstance(required, list) else []
    properties = tool.parameters.get("properties")
    for name, schema in properties.items() if isinstance(properties, dict) else ():
        said = schema.get("description") if isinstance(schema, dict) else None
        if not isinstance(said, str):
            continue
        start = said.strip().lower()
        if name in names and start.startswith(("optional", "(optional")):
            yield _about(tool, name, "an argument called optional that the schema requires")
        if name not in names and start.startswith(("required", "(required")):
            yield _about(tool, name, "an argument called required that the schema lets be missing")


def _about(tool: Tool, name: str, found: str) -> Finding:
    return Finding(
        tool=tool.name,
        path=f"/parameters/properties/{name}",
        found=found,
        expected="a description that says what the schema says",
    )


def instructions(surface: Surface) -> Iterator[Finding]:
    """Texts that order the agent about, or hide something from people."""
    for tool in surface.tools:
        texts = [("/description", tool.description)]
        texts += [
            (f"{path}/description", schema["description"])
            for _, path, schema in arguments_of(tool)
            if isinstance(schema.get("description"), str)
        ]
        for path, text in texts:
            read = text[:_LONGEST]
            if _ORDERS.search(read):
                yield Finding(
                    tool=tool.name,
                    path=path,
                    found="an instruction to the agent that goes beyond the tool",
                    expected="what the tool does; rules for the agent belong in its prompt",
                )
            if any(unicodedata.category(c) in {"Cf", "Co"} and c != "\u00ad" for c in read):
                yield Finding(
                    tool=tool.name,
                    path=path,
                    found="characters that people can't see",
                    expected="plain text",
                )
