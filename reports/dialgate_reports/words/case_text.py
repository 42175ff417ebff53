"""One case in plain lines: what was expected, what the agent did, what else is wrong.

Shared by the verdict, a run and pytest's failures, so that a case reads the same everywhere.
"""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING, Any

from dialgate_evals.files.plain_text import printable, shorten
from dialgate_gate.wording import count_of
from dialgate_reports.words.trials.votes import vote_lines

if TYPE_CHECKING:
    from collections.abc import Mapping


def describe_case(entry: dict[str, Any], width: int = 80) -> list[str]:
    """The case's id and marks, then its outcomes that are not correct."""
    marks = [entry["move"], *(word for word in ("silent", "critical") if entry[word])]
    lines = [printable(f"{shorten(entry['case'], 300)} ({', '.join(marks)})")]
    if entry.get("request"):
        lines.append(wrap(f'asked: "{shorten(entry["request"], 160)}"', width, "  ", "    "))
    for item, number in group_decisions(entry["candidate"]["decisions"]):
        lines += describe_decision(item, width, number)
    lines += [
        wrap(shorten(text, 400), width, "  ") for text in entry["candidate"]["reply_failures"]
    ]
    lines += [wrap(text, width, "  ", "    ") for text in vote_lines(entry["candidate"])]
    if entry.get("parting"):
        lines.append(wrap(parting_text(entry["parting"]), width, "  ", "    "))
    if entry["candidate"]["diverged"]:
        lines.append("  diverged: it follows a read that no recording answers")
    return lines


def group_decisions(decisions: list[dict[str, Any]]) -> list[tuple[dict[str, Any], int]]:
    """The outcomes that are not correct, each with how often it is there alike, in order.

    Alike: the same outcome in the same class, with the same expected and actual call.
    """
    found: dict[str, list[Any]] = {}
    for item in decisions:
        if not item["is_correct"]:
            known = [item[name] for name in ("outcome", "action_class", "expected", "actual")]
            found.setdefault(json.dumps(known, sort_keys=True), [item, 0])[1] += 1
    return [(item, number) for item, number in found.values()]


def times(number: int) -> str:
    """` × 14` behind an outcome that is there more than once.

    >>> times(14), times(1)
    (' × 14', '')
    """
    return f" × {number:,}" if number > 1 else ""


def describe_decision(item: dict[str, Any], width: int = 80, number: int = 1) -> list[str]:
    """One outcome, and how often: expected and actual call under each other."""
    where = shorten(item["action_class"], 200)
    lines = [printable(f"  {item['outcome']} in {where}{times(number)}")]
    lines += [
        wrap(f"{word:<8} {call_text(item[word])}", width, "    ", " " * 13)
        for word in ("expected", "actual")
        if item[word] is not None
    ]
    return lines


def parting_text(parting: dict[str, Any]) -> str:
    """Where the candidate parts from the baseline, as a sentence."""
    before, now = (
        "replied" if parting[side] is None else f"called {call_text(parting[side], 200)}"
        for side in ("baseline", "candidate")
    )
    trials = "" if parting["of"] == 1 else f" ({parting['trials']} of {parting['of']} trials)"
    return f"parts from the baseline at step {parting['step']}{trials}: it {now}, there it {before}"


def call_text(call: Any, width: int = 400) -> str:  # noqa: ANN401 - JSON data
    """A call as `tool(arguments)` on one printable line; `none` where there was no call."""
    if call is None:
        return "none"
    arguments = call.get("arguments", call.get("where"))
    marker = "" if "arguments" in call else " where "
    body = "" if arguments is None else json.dumps(arguments, ensure_ascii=False, sort_keys=True)
    is_any = "arguments" not in call and "where" not in call
    text = f"{call.get('name')}, whatever its arguments" if is_any else None
    # Cut before and after: writing a control character as an escape makes it longer.
    whole = shorten(text or f"{call.get('name')}{marker}({body})", width)
    return shorten(printable(whole), 2 * width)


def expected_lines(case: Mapping[str, Any]) -> list[str]:
    """What a case's document expects, a line each."""
    expect = case["expect"]
    lines = [f"should follow: {call_text(call)}" for call in expect["actions"]]
    lines = lines or ["nothing should happen"]
    for calls in expect.get("alternatives") or ():
        lines.append("or: " + ("; ".join(map(call_text, calls)) or "nothing"))
    lines += [f"must not happen: {call_text(call)}" for call in expect.get("forbid") or ()]
    lines += [f"only once the user agreed: {name}" for name in expect.get("confirm_before") or ()]
    if expect.get("max_questions") is not None:
        lines.append(f"the user answers at most {count_of(expect['max_questions'], 'question')}")
    reply = expect.get("reply") or {}
    asked = {key: value for key, value in reply.items() if value not in (None, [], "")}
    for value, words in ((asked, "the reply"), (expect.get("state"), "the end state")):
        if value:
            shown = json.dumps(value, ensure_ascii=False, sort_keys=True)
            lines.append(f"{words}: {shorten(shown, 400)}")
    return lines


def wrap(text: str, width: int, first: str = "", rest: str = "") -> str:
    """Printable text in lines of at most `width`, long words left whole."""
    return textwrap.fill(
        printable(text),
        width,
        initial_indent=first,
        subsequent_indent=rest or " " * len(first),
        break_long_words=False,
        break_on_hyphens=False,
    )
