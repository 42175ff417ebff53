"""What differs between two releases, in pieces that can be put in one by one.

A prompt's pieces are sentences and lines, a tool list's are tools, their descriptions and their
schemas, of everything else a whole file. Leaves reading files to `dialgate.changes.blame`.
"""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any

from dialgate_evals.files.json_text import JsonTextError, parse_json
from dialgate_evals.files.plain_text import shorten

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

_SENTENCE = re.compile(r"[^\n]*?(?:[.!?]+(?:[ \t]+|(?=\n|\Z))|\n|\Z)\n?", re.DOTALL)
_SHOWN = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One change that can be there or not."""

    component: str
    # prompts, tools, model or code
    path: str
    # the file, as the suite names it
    line: int | None
    # of the candidate's file, or where it would stand there; None: the file as a whole
    text: str
    # the change in words, for people


@dataclass(frozen=True, slots=True)
class _Edit:
    """A stretch of tokens of the baseline that becomes others, where its piece is put in."""

    begin: int
    end: int
    now: tuple[str, ...]
    piece: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    """One file in both versions, with what turns one into the other."""

    path: str
    before: bytes | None
    now: bytes | None
    tokens: tuple[str, ...] = ()
    edits: tuple[_Edit, ...] = ()
    tools: tuple[tuple[int, str, str], ...] = ()
    # piece, tool, part ("whole", "description" or "rest")
    whole: int | None = None
    # the piece that the file is, where it isn't split

    def mixed(self, chosen: Collection[int]) -> bytes | None:
        """The file with these pieces of the candidate; None: there is none."""
        if self.whole is not None:
            return self.now if self.whole in chosen else self.before
        if self.tools:
            return _mixed_tools(self.before, self.now, self.tools, chosen)
        found: list[str] = []
        place = 0
        for edit in self.edits:
            found += self.tokens[place : edit.begin]
            is_in = edit.piece in chosen
            found += edit.now if is_in else self.tokens[edit.begin : edit.end]
            place = edit.end
        return "".join((*found, *self.tokens[place:])).encode("utf-8", "surrogateescape")


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """All pieces between baseline and candidate, and the files that any choice of them makes."""

    pieces: tuple[Piece, ...]
    files: tuple[_File, ...] = field(repr=False)

    def mixed(self, chosen: Collection[int]) -> dict[str, bytes | None]:
        """Every file that differs, with only the chosen pieces of the candidate put in."""
        return {item.path: item.mixed(chosen) for item in self.files}


def split_difference(
    before: Mapping[str, bytes], now: Mapping[str, bytes], component_of: Mapping[str, str]
) -> Difference:
    """The pieces between two sets of files, by path; `component_of` names each file's component."""
    pieces: list[Piece] = []
    files: list[_File] = []
    for path in sorted({*before, *now}, key=lambda path: (_ORDER[component_of[path]], path)):
        old, new = before.get(path), now.get(path)
        if old == new:
            continue
        split = {"prompts": _split_text, "tools": _split_tools}.get(component_of[path])
        made = None
        if split is not None and old is not None and new is not None:
            made = split(path, old, new, pieces)
        if made is None:
            made = _File(path=path, before=old, now=new, whole=len(pieces))
            text = _whole_change(path, old, new, component_of[path])
            pieces.append(Piece(component=component_of[path], path=path, line=None, text=text))
        files.append(made)
    return Difference(pieces=tuple(pieces), files=tuple(files))


def _whole_change(path: str, before: bytes | None, now: bytes | None, component: str) -> str:
    """A file that is one piece, in words; a release file's by the model that it names."""
    word = "added" if before is None else "removed" if now is None else "changed"
    if component != "model" or before is None or now is None:
        return f"{path} {word}"
    old, new = (_model_of(side) for side in (before, now))
    if old == new or not old or not new:
        return f"{path} {word}"
    one, other = (str(side.get("name", "?")) for side in (old, new))
    if one == other:
        return "changing the model's parameters"
    return f'changing the model from "{shorten(one, _SHOWN)}" to "{shorten(other, _SHOWN)}"'


def _model_of(raw: bytes) -> dict[str, Any]:
    """The model that a release file names; empty where it can't be read."""
    try:
        found = tomllib.loads(raw.decode("utf-8")).get("model")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


_ORDER = {"prompts": 0, "tools": 1, "model": 2, "code": 3}


def sentences(text: str) -> list[str]:
    """The text in sentences and lines; joined they are the text."""
    return [part for part in _SENTENCE.findall(text) if part]


def _split_text(path: str, before: bytes, now: bytes, pieces: list[Piece]) -> _File | None:
    old, new = (sentences(side.decode("utf-8", "surrogateescape")) for side in (before, now))
    edits: list[_Edit] = []
    matcher = SequenceMatcher(a=old, b=new, autojunk=False)
    for kind, a1, a2, b1, b2 in matcher.get_opcodes():
        if kind == "equal":
            continue
        for number, (begin, end, words) in enumerate(_steps(a1, a2, new[b1:b2])):
            line = 1 + "".join(new[: min(b1 + number, b2)]).count("\n")
            shown = _sentence_change("".join(old[begin:end]), "".join(words))
            edits.append(_Edit(begin=begin, end=end, now=words, piece=len(pieces)))
            pieces.append(Piece(component="prompts", path=path, line=line, text=shown))
    return _File(path=path, before=before, now=now, tokens=tuple(old), edits=tuple(edits))


def _steps(begin: int, end: int, now: Sequence[str]) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """A changed stretch, sentence for sentence where both sides have as many, or one is empty."""
    if begin == end:
        yield from ((begin, begin, (text,)) for text in now)
    elif not now:
        yield from ((place, place + 1, ()) for place in range(begin, end))
    elif end - begin == len(now):
        yield from (
            (place, place + 1, (text,)) for place, text in zip(range(begin, end), now, strict=True)
        )
    else:
        yield begin, end, tuple(now)


def _sentence_change(before: str, now: str) -> str:
    old, new = (f'"{shorten(" ".join(text.split()), _SHOWN)}"' for text in (before, now))
    if not before:
        return f"adding {new}"
    return f"removing {old}" if not now else f"changing {old} to {new}"


def _split_tools(path: str, before: bytes, now: bytes, pieces: list[Piece]) -> _File | None:
    """Tools by name, of a changed one its description apart; None where a list can't be read so."""
    old, new = _tools_by_name(before), _tools_by_name(now)
    if old is None or new is None:
        return None
    parts: list[tuple[int, str, str]] = []
    for name in sorted({*old, *new}):
        one, other = old.get(name), new.get(name)
        if one == other:
            continue
        if one is None or other is None:
            word = "adding" if one is None else "removing"
            parts.append((len(pieces), name, "whole"))
            pieces.append(_tool_piece(path, f"{word} the tool {name}"))
            continue
        if one.get("description") != other.get("description"):
            parts.append((len(pieces), name, "description"))
            pieces.append(_tool_piece(path, f"changing the description of {name}"))
        if _rest(one) != _rest(other):
            parts.append((len(pieces), name, "rest"))
            pieces.append(_tool_piece(path, f"changing the schema of {name}"))
    return _File(path=path, before=before, now=now, tools=tuple(parts)) if parts else None


def _tool_piece(path: str, text: str) -> Piece:
    return Piece(component="tools", path=path, line=None, text=text)


def _rest(tool: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in tool.items() if key != "description"}


def _tools_by_name(raw: bytes) -> dict[str, dict[str, Any]] | None:
    """The tools of a plain list with names; None for any other form."""
    try:
        document = parse_json(raw)
    except JsonTextError:
        return None
    if not isinstance(document, list):
        return None
    found: dict[str, dict[str, Any]] = {}
    for item in document:
        name = item.get("name") if isinstance(item, dict) else None
        if not isinstance(name, str) or name in found:
            return None
        found[name] = item
    return found


def _mixed_tools(
    before: bytes | None,
    now: bytes | None,
    parts: Sequence[tuple[int, str, str]],
    chosen: Collection[int],
) -> bytes:
    old, new = _tools_by_name(before or b"[]") or {}, _tools_by_name(now or b"[]") or {}
    found = dict(old)
    for piece, name, part in parts:
        if piece not in chosen:
            continue
        if part == "whole":
            if name in new:
                found[name] = new[name]
            else:
                found.pop(name, None)
        elif part == "description":
            found[name] = {**_rest(found[name]), **_described(new[name])}
        else:
            found[name] = {**_rest(new[name]), **_described(found[name])}
    return json.dumps(list(found.values()), indent=2).encode("ascii")


def _described(tool: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in tool.items() if key == "description"}
