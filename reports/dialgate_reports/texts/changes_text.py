"""What changed in a release and its suite, for a person at a terminal.

A pure function of the document of `changes`; its sentences serve the Markdown form too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.files.plain_text import printable, shorten
from dialgate_reports.words.case_text import wrap
from dialgate_reports.words.figures import change_kind, name_change

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

NAMED_ONLY = "Named only, nothing is run for it:"
INVALIDATED = "Cases with calls that the new schemas refuse:"
WEAKENED = "Weakens what judges it:"
_MOST_CHANGES = 40
_MOST_LINES = 24
_MOST_LETTERS = 2000
_CONTEXT = 3
_SIGNS = {"removed": "-", "added": "+", "same": " ", "skipped": "…"}
_WORD_SIGNS = {"removed": ("[-", "-]"), "added": ("{+", "+}"), "skipped": (" … ", " … ")}


def render_changes(document: dict[str, Any], *, words: bool = True, width: int = 80) -> str:
    """The changes, whom they may affect, what else is to know; `words` shows what differs."""
    triggering, named = split_changes(document)
    parts = [
        "\n".join(wrap(line, width) for line in head_lines(document)),
        "\n".join(_lines(triggering, words=words, width=width)),
        "\n".join(wrap(line, width, "- ") for line in affected_lines(document)),
        "\n".join(_lines(named, words=False, width=width)),
        "\n".join(wrap(line, width, "- ") for line in invalidated_lines(document)),
        "\n".join(wrap(text, width, "- ") for text in document["loosened"]),
        "\n".join(wrap(text, width) for text in document["unpinned"]),
    ]
    titles = ("", "", "May be affected:", NAMED_ONLY, INVALIDATED, WEAKENED, "")
    titled = [
        f"{title}\n{part}".lstrip() for title, part in zip(titles, parts, strict=True) if part
    ]
    return "\n\n".join(titled) + "\n"


def split_changes(document: dict[str, Any]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The changes that `check` runs for, and those that are only named."""
    changes = document["changes"]
    return [c for c in changes if c["triggers"]], [c for c in changes if not c["triggers"]]


def head_lines(document: dict[str, Any]) -> list[str]:
    """What was compared, whether anything triggers, and what is equal."""
    equal = ", ".join(document["equal"])
    return [_sides(document), summary(document), *([f"Equal: {equal}."] if equal else [])]


def summary(document: dict[str, Any]) -> str:
    """Whether `check` has anything to judge, as one sentence."""
    if document["baseline"] is None:
        return "The base does not hold this suite: all of it is new."
    triggering, named = split_changes(document)
    if triggering:
        many = f"{len(triggering)} changes" if len(triggering) > 1 else "1 change"
        return f"{many} may alter what the agent does or how it is judged."
    if named:
        return "Nothing that decides behaviour differs."
    return "Nothing differs."


def _sides(document: dict[str, Any]) -> str:
    now, before = document["candidate"], document["baseline"]
    who = f"{document['suite']}: {now['place']} (release {now['release']['version']})"
    if before is None:
        return f"{who}."
    return f"{who} against {before['place']} (release {before['release']['version']})."


def affected_lines(document: dict[str, Any]) -> list[str]:
    """Each class with the changes that may affect it; classes with the same ones in one line."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for item in document["classes"]:
        groups.setdefault(tuple(item["changes"]), []).append(item["action_class"])
    return [f"{', '.join(names)}: {_some(changes)}" for changes, names in groups.items()]


def invalidated_lines(document: dict[str, Any]) -> list[str]:
    """The cases with calls that the new schemas refuse, by tool and reason."""
    groups: dict[tuple[str, str], list[str]] = {}
    for call in document["invalidated"]:
        groups.setdefault((call["tool"], call["detail"]), []).append(call["case"])
    return [
        f"{_some(list(dict.fromkeys(cases)))}: {tool}. {detail}"
        for (tool, detail), cases in groups.items()
    ]


def _some(changes: Sequence[str], most: int = 6) -> str:
    more = f" and {len(changes) - most} more" if len(changes) > most else ""
    return ", ".join(changes[:most]) + more


def _lines(changes: Sequence[dict[str, Any]], *, words: bool, width: int) -> Iterator[str]:
    for change in changes[:_MOST_CHANGES]:
        yield wrap(f"{name_change(change)}: {change_kind(change)}. {change['detail']}", width, "- ")
        if words and change.get("difference"):
            yield from (f"    {line}" for line in difference_lines(change, width - 4))
    if len(changes) > _MOST_CHANGES:
        yield f"  … and {len(changes) - _MOST_CHANGES} more (--json lists all)"


def difference_lines(change: dict[str, Any], width: int) -> list[str]:
    """What differs: word by word in a prompt, line by line in data; long ones are cut."""
    by_words = is_shown_by_words(change)
    found = (_word_lines if by_words else _signed_lines)(change["difference"], width)
    left_out = len(found) - _MOST_LINES
    more = [f"… {left_out} more lines (--json has them)"] if left_out > 0 else []
    return found[:_MOST_LINES] + more


def is_shown_by_words(change: dict[str, Any]) -> bool:
    """Whether the difference is one of words, not of lines."""
    return change["component"] in {"prompts", "cases"}


def _word_lines(pieces: Sequence[dict[str, str]], width: int) -> list[str]:
    """`up to [-50-]{+200+} USD`, as `git diff --word-diff` writes it."""
    shown = []
    for piece in pieces:
        opening, closing = _WORD_SIGNS.get(piece["op"], ("", ""))
        shown.append(f"{opening}{piece['text']}{closing}")
    text = shorten("".join(shown), _MOST_LETTERS)
    lines = [wrap(line, width).splitlines() for line in text.split("\n") if line.strip()]
    return [line for wrapped in lines for line in wrapped]


def _signed_lines(pieces: Sequence[dict[str, str]], width: int) -> list[str]:
    found = []
    for number, piece in enumerate(pieces):
        lines = [line for line in piece["text"].split("\n") if line.strip()]
        if piece["op"] == "same":
            lines = _near(lines, is_first=number == 0, is_last=number == len(pieces) - 1)
        sign = _SIGNS[piece["op"]]
        found += [f"{sign} {shorten(printable(line), max(10, width - 30))}" for line in lines]
    return found


def _near(lines: Sequence[str], *, is_first: bool, is_last: bool) -> list[str]:
    """Of equal lines those beside a difference."""
    if len(lines) <= 2 * _CONTEXT:
        return list(lines)
    head = [] if is_first else lines[:_CONTEXT]
    tail = [] if is_last else lines[-_CONTEXT:]
    return [*head, "…", *tail]
