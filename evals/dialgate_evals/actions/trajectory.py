"""A trajectory: what the agent did in one trial, as messages; and a call in it.

Leaves reading messages of all dialects to `dialgate_evals.dialects.front_door`, and what became of
a call to `dialgate_evals.scoring.scoring`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from msgspec import Raw, Struct, field

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


CUT_OFF = "cut_off"
CONTENT_FILTER = "content_filter"
MALFORMED_CALL = "malformed_call"
LEFT_SCRIPT = "left_script"
"""Words of `failure` that say why a trial ended; any other text is the agent's own breaking off."""
_OUT_OF_TIME = re.compile(r"no reply within [0-9.e+]+ s", flags=re.ASCII)
"""The `failure` of a trial that ran out of time, in transcripts that have no `timed_out`."""


def out_of_time(seconds: float) -> str:
    """What people read of a trial that ran out of time.

    >>> out_of_time(60.0)
    'no reply within 60 s'
    """
    return f"no reply within {seconds:g} s"


class Trajectory(Struct, frozen=True, kw_only=True, gc=False):
    """One trial as it was recorded; never scored by the agent itself."""

    case_id: str
    trial: int
    messages: Sequence[Mapping[str, Any]] = ()
    error: str | None = None
    # why the trial could not be run; then it is errored, never failed
    failure: str | None = None
    # how the agent itself broke off (crash, hang, garbage); then it is failed, never passed
    timed_out: bool = False
    # whether that was because no reply came within the suite's `timeout_s`
    state: Mapping[str, Any] | None = None
    # the simulator's state, {"initial": …, "final": …}, where the suite has one
    latency_ms: float | None = None
    cost_usd: float | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    user_cost_usd: float | None = None
    # of the model that played the user
    user_calls: int = 0
    # of that model
    labels: Mapping[str, Any] = field(default_factory=dict)
    # shown, never used

    def as_json(self) -> dict[str, Any]:
        """The trajectory as one object of the transcript format."""
        document: dict[str, Any] = {
            "case_id": self.case_id,
            "trial": self.trial,
            "messages": list(self.messages),
            "error": self.error,
        }
        if self.failure is not None:
            document["failure"] = self.failure
            document["timed_out"] = self.timed_out
        if self.state is not None:
            document["state"] = self.state
        document["latency_ms"] = self.latency_ms
        document["cost_usd"] = self.cost_usd
        has_usage = self.input_tokens is not None or self.output_tokens is not None
        usage = {"input_tokens": self.input_tokens, "output_tokens": self.output_tokens}
        document["usage"] = usage if has_usage else None
        if self.user_cost_usd is not None:
            document["user_cost_usd"] = self.user_cost_usd
        if self.user_calls:
            document["user_calls"] = self.user_calls
        document["labels"] = dict(self.labels)
        return document


class WrittenTrajectory(Struct, frozen=True, kw_only=True, gc=False):
    """A trajectory that stays the text that it was written as: for copying it to other stores."""

    case_id: str
    trial: int
    error: str | None
    line: bytes
    # the whole as JSON, in one line

    def as_json(self) -> Raw:
        """What `Trajectory.as_json` gave, as the writers of JSON take it."""
        return Raw(self.line)


def parse_trajectory(document: Mapping[str, Any]) -> Trajectory:
    """The trajectory that a checked transcript line says."""
    usage = document.get("usage") or {}
    return Trajectory(
        case_id=document["case_id"],
        trial=document["trial"],
        messages=document["messages"],
        error=document.get("error"),
        failure=document.get("failure"),
        timed_out=_timed_out(document),
        state=document.get("state"),
        latency_ms=document.get("latency_ms"),
        cost_usd=document.get("cost_usd"),
        input_tokens=usage.get("input_tokens"),
        output_tokens=usage.get("output_tokens"),
        user_cost_usd=document.get("user_cost_usd"),
        user_calls=document.get("user_calls") or 0,
        labels=document.get("labels") or {},
    )


def _timed_out(document: Mapping[str, Any]) -> bool:
    found = document.get("timed_out")
    if found is not None:
        return bool(found)
    return _OUT_OF_TIME.fullmatch(document.get("failure") or "") is not None


class Call(Struct, frozen=True, kw_only=True, gc=False):
    """One tool call that the agent made."""

    name: str
    arguments: Mapping[str, Any] | None
    # None where the arguments are no JSON object
    text: str
    # the arguments as the agent wrote them
    written: Any = None
    # the arguments as data, whatever they are: what a call that was answered took effect with
    answered: bool = False
    # whether anything answers it
    failed: bool = False
    # answered with an error, so that it had no effect
    unmatched: bool = False
    # a read that no recording answers


def text_of(content: object) -> str:
    """The text of a message's content, which may come in parts."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "".join(str(part.get("text") or "") for part in content if isinstance(part, dict))
    return ""
