"""One case as a person reads it: who said what, what the tools answer, what should follow.

A pure function of the case; leaves what an agent made of it to the trajectory's text.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from dialgate_evals.actions.trajectory import text_of
from dialgate_evals.files.plain_text import printable, shorten
from dialgate_reports.words.case_text import call_text, wrap

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dialgate_evals.suite.case import Case

_LONG = 4_000


def render_case(case: Case, width: int = 80) -> str:
    """The whole case in lines of at most `width`; what is cut (4,000 characters) says so."""
    lines = [printable(shorten(case.id, 300)), *_about(case, width), ""]
    for message in case.messages:
        lines += _message(message, width)
    if case.document.get("recordings"):
        lines += ["", "The tools answer:"]
        lines += [line for item in case.document["recordings"] for line in _recording(item, width)]
    return "\n".join([*lines, "", *_expected(case.document["expect"], width), ""])


def _about(case: Case, width: int) -> Iterator[str]:
    words = [case.origin.value, *case.tags]
    words += ["must pass in every trial"] if case.critical else []
    words += ["hold-out"] if case.held_out else []
    yield wrap(", ".join(words), width, "  ")
    if case.place:
        yield wrap(str(case.place), width, "  ")
    if case.source:
        yield wrap(f"source {_data(case.source)}", width, "  ", "    ")


def _message(message: Mapping[str, Any], width: int) -> Iterator[str]:
    text = text_of(message.get("content"))
    mark = " (error)" if message.get("error") else ""
    if text:
        yield _said(f"{message.get('role')}{mark}: ", text, width)
    for call in message.get("tool_calls") or ():
        function = call.get("function", call)
        yield wrap(
            f"calls {function.get('name')}({function.get('arguments')})", width, "  ", "    "
        )


def _said(who: str, text: str, width: int) -> str:
    first, *rest = shorten(text, _LONG).splitlines() or [""]
    lines = [wrap(who + first, width, "", "  ")]
    return "\n".join([*lines, *(wrap(line, width, "  ") for line in rest)])


def _recording(item: Mapping[str, Any], width: int) -> Iterator[str]:
    answer = f"error: {item['error']}" if "error" in item else None
    if "result" in item:
        answer = _data(item["result"])
    if item.get("fault"):
        yield wrap(
            f"{call_text(item)} fails {item.get('times', 1)} times: {item['fault']}", width, "  "
        )
    if answer is not None:
        yield wrap(f"{call_text(item)} -> {shorten(answer, _LONG)}", width, "  ", "    ")


def _expected(expect: Mapping[str, Any], width: int) -> Iterator[str]:
    order = " in this order" if expect.get("ordered") and len(expect["actions"]) > 1 else ""
    yield f"Should follow{order}:" if expect["actions"] else "Nothing should happen."
    yield from (wrap(call_text(item), width, "  ", "    ") for item in expect["actions"])
    for items in expect.get("alternatives") or ():
        yield "or as good:" if items else "or as good: nothing."
        yield from (wrap(call_text(item), width, "  ", "    ") for item in items)
    if expect.get("forbid"):
        yield "Must not happen:"
        yield from (wrap(call_text(item), width, "  ", "    ") for item in expect["forbid"])
    reply = expect.get("reply") or {}
    for key, words in (("contains", "must say"), ("excludes", "must not say")):
        yield from (wrap(f"The reply {words}: {text}", width) for text in reply.get(key) or ())
    if reply.get("matches"):
        yield wrap(f"The reply must match: {reply['matches']}", width)
    yield from (wrap(text, width, "", "  ") for text in _rubric(reply.get("rubric")))
    if expect.get("state"):
        yield wrap(f"The end state: {_data(expect['state'])}", width, "", "  ")


def _rubric(rubric: str | list[Mapping[str, Any]] | None) -> Iterator[str]:
    """A line for each criterion: what judges are asked, and what rules look for."""
    if isinstance(rubric, str):
        yield f"Judged of the reply: {rubric}"
        return
    for item in rubric or ():
        told = {key: value for key, value in item.items() if key not in {"name", "text"}}
        shown = [item["text"]] if "text" in item else []
        shown += [f"{key} {_data(value)}" for key, value in told.items()]
        yield f"Judged of the reply: {item['name']}" + (f": {'; '.join(shown)}" if shown else "")


def _data(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
