"""Two trajectories of one case side by side: steps to show, with the calls that differ marked.

Pure: messages in, plain data for the page out, every text harmless. Leaves drawing to the page.
"""

from __future__ import annotations

import json
from difflib import SequenceMatcher
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from dialgate_evals.actions.trajectory import text_of
from dialgate_evals.dialects.front_door import as_chat
from dialgate_evals.files.json_text import JsonTextError, canonical_json, parse_json
from dialgate_evals.files.plain_text import printable, shorten

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dialgate_evals.actions.trajectory import Trajectory

MOST_TEXT = 20_000
"""Characters of one message that the page shows; the number of the others is said."""

Step = dict[str, Any]


def steps_of(trajectory: Trajectory) -> list[Step]:
    """One step a message text, call or answer.

    `{"role", "text"}`, and for calls `{"role": "call", "tool", "text"}`; `error` marks an answer
    that was an error. The agent's own failure is the last step.
    """
    steps: list[Step] = []
    for message in as_chat(trajectory.messages):
        text = text_of(message.get("content"))
        if text:
            step = {"role": printable(str(message["role"])), "text": shown(text)}
            steps.append({**step, "error": True} if message.get("error") else step)
        steps += [_call(call["function"]) for call in message.get("tool_calls") or ()]
    if trajectory.failure:
        steps.append({"role": "broke off", "text": shown(trajectory.failure), "error": True})
    return steps


def _call(function: Mapping[str, Any]) -> Step:
    arguments = function.get("arguments")
    if isinstance(arguments, str):
        try:
            arguments = parse_json(arguments.encode("utf-8", "surrogatepass"))
        except JsonTextError:
            return _call_step(function, shown(arguments), arguments)
    text = json.dumps(arguments, indent=1, ensure_ascii=False, sort_keys=True)
    return _call_step(function, shown(text), canonical_json(arguments))


def _call_step(function: Mapping[str, Any], text: str, key: Any) -> Step:  # noqa: ANN401 - any data
    name = str(function.get("name"))
    tool = shorten(printable(name), 200)
    return {"role": "call", "tool": tool, "text": text, "key": (name, key)}


def shown(text: str) -> str:
    r"""Text of several lines, each printable; cut with the number of characters left out.

    >>> shown("a\r\nb\x1b[0m")
    'a\nb\\x1b[0m'
    """
    cut = text[:MOST_TEXT]
    lines = cut.replace("\r\n", "\n").split("\n")
    more = len(text) - len(cut)
    rest = f"… ({more:,} more characters)" if more else ""
    return "\n".join(printable(line.replace("\t", "    ")) for line in lines) + rest


def compare_trajectories(
    *, baseline: Trajectory | None, candidate: Trajectory | None
) -> dict[str, Any]:
    """`{"baseline": {trial, steps}, "candidate": …, "same": n}`; a side that is missing is null.

    `same` is the number of steps that both begin with; a call without an equal one in the other
    trajectory's order has `"differs": true`.
    """
    sides = [None if side is None else steps_of(side) for side in (baseline, candidate)]
    before, now = sides
    same = 0
    if before is not None and now is not None:
        _mark(before, now)
        same = _common(before, now)
    document: dict[str, Any] = {"same": same}
    for name, side, steps in (("baseline", baseline, before), ("candidate", candidate, now)):
        document[name] = None if side is None else {"trial": side.trial, "steps": _plain(steps)}
    return document


def _mark(before: list[Step], now: list[Step]) -> None:
    """Marks calls without an equal one in the other's order, from where the two part."""
    calls = [[step for step in steps if step["role"] == "call"] for steps in (before, now)]
    pairs = zip(*calls, strict=False)
    same = sum(1 for _ in takewhile(lambda pair: pair[0]["key"] == pair[1]["key"], pairs))
    calls = [side[same:] for side in calls]
    keys = [[step["key"] for step in side] for side in calls]
    matcher = SequenceMatcher(a=keys[0], b=keys[1], autojunk=False)
    for op, start, end, low, high in matcher.get_opcodes():
        if op != "equal":
            for step in (*calls[0][start:end], *calls[1][low:high]):
                step["differs"] = True


def _common(before: Sequence[Step], now: Sequence[Step]) -> int:
    for index, (old, new) in enumerate(zip(before, now, strict=False)):
        if old != new:
            return index
    return min(len(before), len(now))


def _plain(steps: Sequence[Step] | None) -> list[Step]:
    return [{k: v for k, v in step.items() if k != "key"} for step in steps or ()]
