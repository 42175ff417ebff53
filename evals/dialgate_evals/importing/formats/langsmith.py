"""LangSmith's runs: of each trace, the run of a model that saw most of a conversation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.importing.apart import Apart
from dialgate_evals.importing.exchanges import answer_messages
from dialgate_evals.importing.found import (
    Conversation,
    Format,
    Left,
    dict_in,
    list_in,
    not_understood,
    text_in,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dialgate_evals.importing.found import Document, Found

_MOST_TRACES = 2000


def recognises(document: Any) -> bool:  # noqa: ANN401 - JSON data
    """Whether the document is a run, or a list of runs under a key."""
    if list_in(document, "runs"):
        return recognises(list_in(document, "runs")[0])
    return isinstance(document, dict) and {"run_type", "inputs"} <= document.keys()


def read(documents: Iterable[Document]) -> Iterator[Found]:
    """A conversation for each trace."""
    traces: dict[str, Apart] = {}
    for place, document in documents:
        for run in _runs(document):
            key = text_in(run, "trace_id") or text_in(run, "id") or place
            trace = traces.pop(key, None) or Apart(place)
            trace.add(_conversation(trace.place, key, run))
            traces[key] = trace
            if len(traces) > _MOST_TRACES:
                oldest = next(iter(traces))
                yield from _found(oldest, traces.pop(oldest))
        if not recognises(document):
            yield not_understood(place, document, "a run of LangSmith")
    for key, trace in traces.items():
        yield from _found(key, trace)


def _runs(document: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - JSON data
    """The runs below one another, the innermost first; a stack, so that depth breaks nothing."""
    waiting = list_in(document, "runs") or [document]
    while waiting:
        run = waiting.pop()
        if isinstance(run, dict) and "inputs" in run:
            yield run
            waiting += list_in(run, "child_runs")


def _found(key: str, trace: Apart) -> Iterator[Found]:
    found = list(trace.found())
    if not found:
        what = f"the trace {key}, {trace.count} runs"
        yield Left(place=trace.place, what=what, why="no model's run has messages")
    yield from found


def _conversation(place: str, key: str, run: dict[str, Any]) -> Conversation | None:
    inputs, outputs = dict_in(run, "inputs"), dict_in(run, "outputs")
    asked = list_in(inputs, "messages", "input")
    if len(asked) == 1 and isinstance(asked[0], list):
        asked = asked[0]
    if run.get("run_type") not in {"llm", "chat_model"} or not all(map(_is_object, asked)):
        return None
    if not asked:
        return None
    options = dict_in(dict_in(run, "extra"), "invocation_params", "metadata")
    return Conversation(
        id=key,
        place=f"{place} trace {key}",
        messages=[*asked, *_answered(outputs)],
        asked=len(asked),
        tools=list_in(inputs, "tools") or list_in(options, "tools"),
    )


def _answered(outputs: dict[str, Any]) -> list[Any]:
    generations = list_in(outputs, "generations")
    if generations:
        first = generations[0][:1] if isinstance(generations[0], list) else generations[:1]
        return [item["message"] for item in first if dict_in(item, "message")]
    return list_in(outputs, "messages") or answer_messages(outputs)


def _is_object(value: object) -> bool:
    return isinstance(value, dict)


FORMAT = Format(
    name="langsmith",
    title="LangSmith runs",
    recognises=recognises,
    read=read,
)
