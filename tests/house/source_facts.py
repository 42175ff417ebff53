"""What tests of the house ask of a module's source, all found in one look at its syntax."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


TEXT_METHODS = {
    "split", "rsplit", "partition", "rpartition", "removeprefix", "removesuffix", "startswith",
    "endswith", "index", "find", "rfind",
}  # fmt: skip


@dataclass(kw_only=True)
class SourceFacts:
    """Of one module."""

    functions: list[tuple[str, int]] = field(default_factory=list)
    """Functions and methods, wherever they are defined, and their lines without decorators."""

    names: set[str] = field(default_factory=set)
    """Of its classes, functions, arguments and variables."""

    attributes: set[str] = field(default_factory=set)

    cuts: list[tuple[int, str, list[ast.expr]]] = field(default_factory=list)
    """Where a method that takes a text apart, or knows it, is called: line, method, arguments."""


@cache
def facts_of(path: Path) -> SourceFacts:
    """What is in the file; nobody changes it while tests run."""
    return read_source(path.read_text("utf-8"))


def read_source(source: str) -> SourceFacts:
    facts = SourceFacts()
    for node in _nodes(ast.parse(source)):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                facts.functions.append((node.name, _lines_of(node)))
                facts.names.add(node.name)
            case ast.ClassDef(name=name) | ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()):
                facts.names.add(name)
            case ast.Attribute(attr=name):
                facts.attributes.add(name)
            case ast.Call(func=ast.Attribute(attr=name)) if name in TEXT_METHODS:
                facts.cuts.append((node.lineno, name, node.args))
    return facts


def functions_in(source: str) -> list[tuple[str, int]]:
    """The functions alone, which stand in statements: no expression is looked at."""
    found, left = [], list[ast.AST]([ast.parse(source)])
    while left:
        node = left.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.append((node.name, _lines_of(node)))
        for block in ("body", "orelse", "finalbody", "handlers", "cases"):
            left.extend(getattr(node, block, ()))
    return found


def _lines_of(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def _nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """All of it, as `ast.walk` gives them but for their order, in half of its time."""
    left = [tree]
    while left:
        node = left.pop()
        yield node
        for name in node._fields:
            value = getattr(node, name, None)
            if isinstance(value, ast.AST):
                left.append(value)
            elif isinstance(value, list):
                left.extend(item for item in value if isinstance(item, ast.AST))
