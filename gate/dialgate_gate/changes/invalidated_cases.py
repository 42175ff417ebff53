"""Cases whose calls the tools no longer take: golden data that a changed registry invalidates.

A call of a case is named where the baseline's tools take it and the candidate's don't, so that
what was wrong before is left to lint. Patterns with `where` are judged by their tool's name
alone: what they match is not one call. Forbidden calls may be invalid.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dialgate_evals.files.plain_text import shorten

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from dialgate_evals.suite.case import Case
    from dialgate_evals.suite.tools import ToolRegistry

_MOST_ERRORS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class InvalidatedCall:
    """One call of one case that was valid and is not now."""

    case_id: str
    pointer: str
    # JSON Pointer into the case, such as /expect/actions/0
    tool: str
    detail: str
    # why the candidate's tools refuse it
    place: str = ""
    # the case's file and line

    def as_json(self) -> dict[str, str]:
        """As verdicts and reports of drift hold it."""
        return {
            "case": self.case_id,
            "pointer": self.pointer,
            "tool": self.tool,
            "detail": self.detail,
            "place": self.place,
        }


def invalidated_calls(
    cases: Iterable[Case], *, baseline: ToolRegistry, candidate: ToolRegistry
) -> tuple[InvalidatedCall, ...]:
    """Every expected call and recording that only the baseline's tools take, case by case."""
    return tuple(
        InvalidatedCall(
            case_id=case.id,
            pointer=pointer,
            tool=name,
            detail=detail,
            place=str(case.place or ""),
        )
        for case in cases
        for pointer, name, arguments in _calls(case)
        if _refusal(baseline, name, arguments) is None
        and (detail := _refusal(candidate, name, arguments)) is not None
    )


def _calls(case: Case) -> Iterator[tuple[str, str, Mapping[str, Any] | None]]:
    """Pointer, tool and arguments (None: any) of what the case says is called."""
    for index, recording in enumerate(case.recordings):
        yield f"/recordings/{index}", recording.name, recording.arguments
    for index, pattern in enumerate(case.expect.actions):
        yield f"/expect/actions/{index}", pattern.name, pattern.arguments
    for number, listed in enumerate(case.expect.alternatives):
        for index, pattern in enumerate(listed):
            yield f"/expect/alternatives/{number}/{index}", pattern.name, pattern.arguments


def _refusal(registry: ToolRegistry, name: str, arguments: Mapping[str, Any] | None) -> str | None:
    """Why the registry's tools refuse the call; None where they take it."""
    tool = registry.get(name)
    if tool is None:
        return f"There is no tool {name}."
    if arguments is None or tool.accepts(arguments):
        return None
    errors = tool.validator.errors(dict(arguments))[:_MOST_ERRORS]
    return " ".join(
        f"{''.join(f'/{part}' for part in error.absolute_path) or 'The arguments'}: "
        f"{shorten(error.message, 160)}."
        for error in errors
    )


def describe_invalidated(
    cases: Iterable[Case], *, baseline: ToolRegistry, candidate: ToolRegistry
) -> list[dict[str, Any]]:
    """The invalidated calls as changes {component, path, kind, detail}, one for each case."""
    by_case: dict[str, list[InvalidatedCall]] = {}
    for call in invalidated_calls(cases, baseline=baseline, candidate=candidate):
        by_case.setdefault(call.case_id, []).append(call)
    return [
        {
            "component": "cases",
            "path": f"{case_id}#{calls[0].pointer}",
            "kind": "invalidated",
            "detail": _describe(calls),
        }
        for case_id, calls in sorted(by_case.items())
    ]


def _describe(calls: list[InvalidatedCall]) -> str:
    first = f"The new schema of {calls[0].tool} refuses a call of this case. {calls[0].detail}"
    return first if len(calls) == 1 else f"{first} Calls refused in this case: {len(calls)}."
