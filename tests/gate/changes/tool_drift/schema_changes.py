"""Sixty changes of a tool, each with the kind it must get; ten are modelled on public MCP servers.

The ten are written anew after what such servers offer (files, git, fetch, time, memory, SQL,
issues, chat, a browser); no schema is copied.
"""

from __future__ import annotations

from typing import Any

import pytest

STRING: dict[str, Any] = {"type": "string"}
INTEGER: dict[str, Any] = {"type": "integer"}
NUMBER: dict[str, Any] = {"type": "number"}


def takes(*required: str, closed: bool = False, **properties: Any) -> dict[str, Any]:
    """The schema of an object with these properties."""
    schema: dict[str, Any] = {"type": "object", "properties": properties}
    if required:
        schema["required"] = list(required)
    return {**schema, "additionalProperties": False} if closed else schema


def named(*required: str, properties: dict[str, Any]) -> dict[str, Any]:
    """As `takes`, for names that are no words of Python."""
    return {"type": "object", "properties": dict(properties), "required": list(required)}


def one(before: Any, now: Any, kind: str, name: str, pointer: str = "/a") -> Any:
    """One argument, `a`, that differs."""
    return pytest.param(takes(a=before), takes(a=now), {pointer: kind}, id=name)


def row(before: Any, now: Any, kinds: dict[str, str], name: str) -> Any:
    """Two schemas with the kinds that their difference has, by JSON Pointer."""
    return pytest.param(before, now, kinds, id=name)


def text(**more: Any) -> dict[str, Any]:
    return {**STRING, **more}


def array(items: Any, **more: Any) -> dict[str, Any]:
    return {"type": "array", "items": items, **more}


def circle(shape: str, **more: Any) -> dict[str, Any]:
    return takes("kind", kind={"const": shape}, **more)


TREE = {"type": "object", "properties": {"kids": array({"$ref": "#/$defs/tree"})}}

ARGUMENTS = [
    row(takes(a=STRING), takes("b", a=STRING, b=STRING), {"/b": "breaking"}, "a required argument is added"),
    row(takes(a=STRING), takes("a", a=STRING), {"/a": "breaking"}, "an argument becomes required"),
    row(takes(a=STRING, closed=True), takes("b", a=STRING, b=text(default="x"), closed=True), {"/b": "widening"}, "a required argument that servers fill in is added"),
    row(takes(a=text(default="x")), takes("a", a=text(default="x")), {"/a": "text"}, "an argument that servers fill in becomes required"),
    row(takes("a", a=STRING), takes(a=STRING), {"/a": "widening"}, "an argument becomes optional"),
    row(takes(a=STRING, closed=True), takes(a=STRING, b=STRING, closed=True), {"/b": "widening"}, "an optional argument is added to a closed object"),
    row(takes(a=STRING), takes(a=STRING, b=STRING), {"/b": "new_argument"}, "an optional argument is added to an open object"),
    row({**takes(a=STRING), "additionalProperties": True}, takes(a=STRING, b=STRING), {"/b": "breaking"}, "an optional argument is added where others were let through on purpose"),
    row(takes("b", a=STRING, b=STRING, closed=True), takes(a=STRING, closed=True), {"/b": "breaking"}, "a required argument is removed from a closed object"),
    row(takes("b", a=STRING, b=STRING), takes(a=STRING), {"/b": "breaking_for_callers"}, "a required argument is removed from an open object"),
    row(takes(a=STRING), takes(a=STRING, closed=True), {"/*": "breaking"}, "undeclared arguments are refused"),
    row(takes(a=STRING, closed=True), takes(a=STRING), {"/*": "widening"}, "undeclared arguments are taken"),
    row({**takes(a=STRING), "additionalProperties": STRING}, {**takes(a=STRING), "additionalProperties": {"type": ["string", "null"]}}, {"/*": "widening"}, "undeclared arguments may be null"),
    row(takes("a", a=STRING, b=STRING), {"required": ["a"], "properties": {"b": STRING, "a": STRING}}, {}, "keys stand in another order and the type of arguments is not spelled out"),
]  # fmt: skip

SCALARS = [
    one(STRING, INTEGER, "breaking", "another type"),
    one(INTEGER, NUMBER, "widening", "integer becomes number"),
    one(NUMBER, INTEGER, "breaking", "number becomes integer"),
    one(NUMBER, {"type": "number", "multipleOf": 1}, "breaking", "only whole numbers"),
    one({"type": "number", "multipleOf": 1}, INTEGER, "compatible", "whole numbers spelled as integer"),
    one(STRING, {"type": ["string", "null"]}, "widening", "null is let in"),
    one(STRING, {}, "widening", "the type is dropped"),
    one({"enum": ["x", "y"]}, {"enum": ["y", "x", "z"]}, "widening", "a value is added"),
    one({"enum": ["x", "y"]}, {"enum": ["x"]}, "breaking", "a value is removed"),
    one({"enum": ["x", "y"]}, {"enum": ["y", "x"]}, "compatible", "values in another order"),
    one({"enum": ["x"]}, {"const": "x"}, "compatible", "a single value as a constant"),
    one({"enum": ["x", "y"]}, text(minLength=1), "widening", "listed values become any text"),
    one({"enum": [1, 0]}, {"enum": [True, False]}, "breaking", "true is not 1"),
    one({"enum": [1, 2]}, {"enum": [1.0, 2, 3.5]}, "widening", "1.0 is 1"),
    one({"type": "integer", "minimum": 1}, {"type": "integer", "minimum": 5}, "breaking", "a lower bound is raised"),
    one({"type": "integer", "maximum": 10}, {"type": "integer", "maximum": 50}, "widening", "an upper bound is raised"),
    one({"type": "integer", "exclusiveMinimum": 0}, {"type": "integer", "minimum": 1}, "compatible", "an exclusive bound of whole numbers spelled out"),
    one({"type": "number", "exclusiveMinimum": 0}, {"type": "number", "minimum": 1}, "breaking", "an exclusive bound of fractions is no inclusive one"),
    one({"type": "number", "multipleOf": 0.01}, {"type": "number", "multipleOf": 0.1}, "breaking", "coarser steps"),
    one({"type": "number", "multipleOf": 10}, {"type": "number", "multipleOf": 5}, "widening", "finer steps"),
    one(text(maxLength=100), text(maxLength=50), "breaking", "a shorter text"),
    one(text(pattern="^[a-z]+$"), STRING, "widening", "a pattern is dropped"),
    one(text(pattern="^[a-z]+$"), text(pattern="^[a-z]{3}$"), "breaking", "another pattern that refuses a known text"),
    one(text(pattern="^ORD-[0-9]{6}$"), text(pattern="^ORD-[0-9]{6,8}$"), "undecided", "another pattern whose texts can't be compared"),
    one({"enum": ["ab", "cd"]}, {"enum": ["ab", "cd"], "pattern": "^[a-d]+$"}, "compatible", "a pattern that every listed value has"),
    one({"enum": ["x"]}, {"enum": ["x"], "format": "date"}, "breaking", "a format that no listed value need have"),
    one({"enum": ["x"]}, {"enum": ["x"], "nullable": False}, "undecided", "a keyword that nobody knows beside listed values"),
    one(STRING, text(format="date"), "breaking", "a format is asked for"),
    one(text(format="date"), STRING, "widening", "a format is dropped"),
]  # fmt: skip

NESTED = [
    one(takes("x", x=STRING), takes("x", "y", x=STRING, y=STRING), "breaking", "a required argument deep inside", "/a/y"),
    one(array(takes(x=text(minLength=1))), array(takes(x=STRING)), "widening", "looser elements", "/a/*/x"),
    one(array(STRING, maxItems=5), array(STRING, maxItems=3), "breaking", "fewer elements"),
    one(array(STRING), array(STRING, uniqueItems=True), "breaking", "elements must differ"),
    one({"type": "array", "prefixItems": [STRING, NUMBER]}, {"type": "array", "prefixItems": [STRING, INTEGER]}, "breaking", "a tighter place in a tuple", "/a/1"),
    row({"properties": {"a": {"$ref": "#/$defs/x"}}, "$defs": {"x": STRING}}, takes(a=STRING), {}, "a reference is put in place"),
    row({**takes(a={"$ref": "#/$defs/tree"}), "$defs": {"tree": TREE}}, {**takes(a={"$ref": "#/$defs/tree"}), "$defs": {"tree": {**TREE, "minProperties": 1}}}, {"/a": "breaking", "/a/kids/*": "undecided"}, "a schema that refers to itself is tightened"),
    one({"anyOf": [STRING, {"type": "null"}]}, {"type": ["null", "string"]}, "compatible", "alternatives spelled as types"),
    one({"anyOf": [STRING, INTEGER]}, {"anyOf": [STRING]}, "breaking", "an alternative is dropped"),
    one({"oneOf": [circle("round")]}, {"oneOf": [circle("round"), circle("square")]}, "widening", "an alternative told apart by a constant is added"),
    row(takes(a={"allOf": [text(minLength=2)]}), takes(a=text(minLength=2)), {}, "a conjunction of one"),
    row(takes(a=STRING, b=STRING), {**takes(a=STRING, b=STRING), "if": {"required": ["a"]}, "then": {"required": ["b"]}}, {"": "breaking"}, "an argument is needed where another is given"),
    row({**takes(a=STRING), "patternProperties": {"^x-": STRING}}, {**takes(a=STRING), "patternProperties": {"^x-": {}}}, {"": "widening"}, "looser values under a pattern"),
    row(takes(a=STRING), takes(a=text(nullable=False)), {"/a": "undecided"}, "a keyword that nobody knows"),
    one(text(default="x"), text(default="y"), "breaking_for_callers", "another default"),
    one(STRING, text(description="Ask first.", examples=["x"]), "text", "a description"),
]  # fmt: skip

ENTITY = takes("name", "entityType", name=STRING, entityType=STRING, observations=array(STRING))
KIND = {"enum": ["person", "place", "organisation"]}
EDIT = takes("oldText", "newText", oldText=STRING, newText=STRING)
OPTIONAL_TEXT = {"anyOf": [STRING, {"type": "null"}], "default": None}

MCP_SERVERS = [
    row(takes("path", "edits", path=STRING, edits=array(EDIT), dryRun={"type": "boolean", "default": False}),
        takes("path", "edits", path=STRING, edits=array(EDIT), dryRun={"type": "boolean", "default": True}),
        {"/dryRun": "breaking_for_callers"}, "filesystem: edits are only previewed by default"),
    row(takes("repo_path", repo_path=STRING, max_count={**INTEGER, "default": 10}),
        takes("repo_path", repo_path=STRING, max_count={**INTEGER, "default": 10}, since=OPTIONAL_TEXT),
        {"/since": "new_argument"}, "git: the log can start at a date"),
    row(takes("url", url=text(format="uri", minLength=1), max_length={**INTEGER, "default": 5000, "exclusiveMinimum": 0, "exclusiveMaximum": 1_000_000}),
        takes("url", url=text(format="uri", minLength=1), max_length={**INTEGER, "default": 5000, "exclusiveMinimum": 0, "exclusiveMaximum": 5_000_000}),
        {"/max_length": "widening"}, "fetch: longer pages"),
    row(takes("from_zone", "to_zone", "time", from_zone=STRING, to_zone=STRING, time=text(description="24-hour time")),
        takes("from_zone", "to_zone", "time", from_zone=STRING, to_zone=STRING, time=text(description="Time as HH:MM")),
        {"/time": "text"}, "time: how a time is written is said in other words"),
    row(takes("entities", entities=array(ENTITY)),
        takes("entities", entities=array({**ENTITY, "properties": {**ENTITY["properties"], "entityType": KIND}})),
        {"/entities/*/entityType": "breaking"}, "memory: entities are of a fixed set of kinds"),
    row(takes("query", query=STRING), takes("sql", sql=STRING),
        {"/query": "breaking_for_callers", "/sql": "breaking"}, "sqlite: the argument has another name"),
    row(takes("owner", "repo", "title", owner=STRING, repo=STRING, title=STRING, labels=array(STRING)),
        takes("owner", "repo", "title", owner=STRING, repo=STRING, title=STRING, labels={"anyOf": [array(STRING), STRING]}),
        {"/labels": "widening"}, "github: one label may stand alone"),
    row(takes("channel_id", "text", channel_id=STRING, text=STRING),
        takes("channel_id", "text", channel_id=text(pattern="^[CDG][A-Z0-9]{8,}$"), text=STRING),
        {"/channel_id": "breaking"}, "slack: a channel's name no longer does"),
    row(takes(sql=STRING), takes(sql=STRING, closed=True),
        {"/*": "breaking"}, "postgres: undeclared arguments are refused"),
    row(takes("name", name=STRING, width={**NUMBER, "default": 800}, height={**NUMBER, "default": 600}),
        takes("name", name=STRING, width={**INTEGER, "default": 800}, height={**NUMBER, "default": 600}, selector=STRING),
        {"/width": "breaking", "/selector": "new_argument"}, "puppeteer: screenshots in whole pixels, of one element"),
]  # fmt: skip

ALL = [*ARGUMENTS, *SCALARS, *NESTED, *MCP_SERVERS]
