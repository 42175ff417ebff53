"""What one reviewer's decision says of one context: which call is right there, which is wrong.

Turns an event into a redacted claim, or says why it can't become a case; leaves several claims on
one context to `dialgate_evals.events.deriving.weighing`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any

from dialgate_evals.actions.trajectory import text_of
from dialgate_evals.conversing.users import script_of
from dialgate_evals.events.deriving.event_parts import redact_context
from dialgate_evals.events.deriving.redacting.event_redaction import redact_name
from dialgate_evals.events.deriving.redacting.pseudonyms import Pseudonyms
from dialgate_evals.events.deriving.redacting.redaction_rules import RedactionError
from dialgate_evals.events.deriving.reviewed_call import (
    AmbiguousContextError,
    before_reviewed_call,
    said_after,
    without_prompts,
)
from dialgate_evals.events.review_events import ReviewDecision
from dialgate_evals.files.file_reading import json_pointer
from dialgate_evals.files.json_text import (
    LINE_LIMIT_BYTES,
    JsonTextError,
    digest_of,
    json_line,
    parse_json,
)
from dialgate_evals.suite.case_files import case_problems

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dialgate_evals.events.deriving.calls import Call, CallJudge
    from dialgate_evals.events.deriving.redacting.redaction_rules import RedactionRules
    from dialgate_evals.events.review_events import ReviewEvent

APPROVALS = frozenset({ReviewDecision.APPROVED, ReviewDecision.AGREED})
"""Decisions by which a person found the proposed call right."""


class Fate(StrEnum):
    """What became of one event; every event has exactly one."""

    DERIVED = "derived"
    # it made a case
    MERGED = "merged"
    # a case with the same context holds it too
    KNOWN = "known"
    # an earlier derivation took it
    ASIDE = "set_aside"
    # reviewers contradict each other; waits for adjudication
    CANDIDATE = "candidate"
    # an approval that was sampled as a golden candidate
    APPROVED = "approved"
    # an approval that was not
    UNREVIEWED = "unreviewed"
    # no person's judgement of the call: done automatically, or escalated by the agent
    CANARY = "canary"
    # planted: it measures the reviewers
    UNUSABLE = "unusable"
    # an intervention that can't become a case; the reason is said


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One decision on one context, redacted; `source` is what a case keeps of it."""

    event_id: str
    at: str
    # RFC 3339, UTC
    task_id: str
    decision: ReviewDecision
    proposed: Call
    right: Call | None = None
    wrong: Call | None = None
    messages: Sequence[Mapping[str, Any]]
    recordings: Sequence[Mapping[str, Any]]
    user: Mapping[str, Any] | None = None
    # a script of what the user said after the decision; None: nothing
    source: Mapping[str, Any]
    notes: tuple[str, ...] = ()
    # what a person should know of how it was derived
    replaced: int = 0
    # values that were replaced in it

    @property
    def is_approval(self) -> bool:
        """Whether the decision found nothing wrong."""
        return self.decision in APPROVALS

    @cached_property
    def context(self) -> str:
        """Digest of the context: the same as `Case.decision_digest` of a case made from it."""
        return digest_of({"messages": self.messages, "recordings": self.recordings})


@dataclass(frozen=True, slots=True, kw_only=True)
class NoClaim:
    """Why an event says nothing that a case could hold."""

    fate: Fate
    reason: str


@dataclass(frozen=True, kw_only=True)
class ClaimReader:
    """Reads claims for one suite and release."""

    judge: CallJudge
    rules: RedactionRules
    pseudonyms: Pseudonyms
    prompts: frozenset[str] = frozenset()
    # the release's prompts; the agent is given them anyway

    def redacted_name(self, text: str) -> str:
        """An event's id, a task or a reviewer as cases name it."""
        return redact_name(text, self.rules, self.pseudonyms)

    def read(self, event: ReviewEvent) -> Claim | NoClaim:
        """The event's claim, or why there is none."""
        passed_over = _passed_over(event)
        if passed_over is not None:
            return passed_over
        try:
            return self._read(event)
        except _UnusableError as error:
            fate = Fate.APPROVED if event.decision in APPROVALS else Fate.UNUSABLE
            return NoClaim(fate=fate, reason=str(error))

    def _read(self, event: ReviewEvent) -> Claim:
        messages, cut = _context(event, self.prompts, self.judge)
        later = said_after(without_prompts(event, self.prompts), len(messages))
        proposed = event.proposed.as_json()
        corrected = None if event.corrected is None else event.corrected.as_json()
        corrected = None if event.decision in APPROVALS else corrected
        right = proposed if event.decision in APPROVALS else corrected
        self._refuse_unusable(proposed, right)
        recordings, left_out = _known_recordings(event, self.judge)
        parts = [[*messages, *later], recordings, proposed, corrected, event.reason]
        redacted, replaced, notes = self._redact(parts)
        spoken, recordings, proposed, corrected, reason = redacted
        messages, later = spoken[: len(messages)], spoken[len(messages) :]
        right = proposed if event.decision in APPROVALS else corrected
        wrong = None if event.decision in APPROVALS else proposed
        right, wrong, more = usable_calls(right, wrong, self.judge)
        claim = Claim(
            event_id=self.redacted_name(event.event_id),
            at=event.occurred_at.isoformat().replace("+00:00", "Z"),
            task_id=self.redacted_name(event.task_id),
            decision=event.decision,
            proposed=proposed,
            right=right,
            wrong=wrong,
            messages=messages,
            recordings=recordings,
            user=script_of([text_of(message.get("content")) for message in later]),
            source=self._source(event, proposed, corrected, reason),
            notes=(*notes, *more, *left_out, *((cut,) if cut else ())),
            replaced=replaced,
        )
        _refuse_broken(claim)
        return claim

    def _refuse_unusable(self, proposed: Call, right: Call | None) -> None:
        if right is not None:
            defect = self.judge.defect(right)
            if defect is not None:
                word = "proposed" if right is proposed else "corrected"
                raise _UnusableError(f"the {word} call {defect}")
        elif not self.judge.is_known(proposed):
            raise _UnusableError(f"the proposed call {self.judge.defect(proposed)}")

    def _redact(self, parts: list[Any]) -> tuple[list[Any], int, tuple[str, ...]]:
        """The parts redacted so that both calls are to the scorer what they were."""
        why = "a redacted argument would no longer fit its tool's schema, its class or the edit"
        for keeps_domains in (False, True):
            pseudonyms = Pseudonyms(key=self.pseudonyms.key, keeps_domains=keeps_domains)
            try:
                made, replaced = redact_context(parts, self.rules, pseudonyms)
            except RedactionError as error:
                raise _UnusableError(str(error)) from None
            if self._standing(made) == self._standing(parts):
                kept = "the domain of mail addresses is kept, as the tool's schema or class asks"
                return made, replaced, (kept,) if keeps_domains else ()
        raise _UnusableError(f"{why}; name the field in redact.keep if it identifies nobody")

    def _standing(self, parts: Sequence[Any]) -> tuple[object, ...]:
        proposed, corrected = parts[2], parts[3]
        same = corrected is not None and self.judge.are_same(proposed, corrected)
        return (self.judge.standing(proposed), self.judge.standing(corrected), same)

    def _source(
        self, event: ReviewEvent, proposed: Call, corrected: Call | None, reason: str | None
    ) -> dict[str, Any]:
        source = {
            "event_id": self.redacted_name(event.event_id),
            "decision": event.decision.value,
            "reviewer": None if event.reviewer is None else self.redacted_name(event.reviewer),
            "occurred_at": event.occurred_at.isoformat().replace("+00:00", "Z"),
            "release": event.release,
            "mode": event.mode.value,
            "task_id": self.redacted_name(event.task_id),
            "proposed": proposed,
        }
        if corrected is not None:
            source["corrected"] = corrected
        return {**source, "reason": reason}


class _UnusableError(Exception):
    pass


def usable_calls(
    right: Call | None, wrong: Call | None, judge: CallJudge
) -> tuple[Call | None, Call | None, tuple[str, ...]]:
    """Both calls without what no case can hold, and a sentence for what was left out."""
    notes = []
    if right is not None and judge.is_read(right):
        right = None
        notes.append("the right call only reads, which is never scored: take no action")
    if wrong is not None and not judge.is_known(wrong):
        wrong = None
        notes.append("the proposed call names an unknown tool, which needs no forbidding")
    if wrong is not None and right is not None and judge.are_same(wrong, right):
        wrong = None
        notes.append("both calls are equal by actions.toml: nothing is forbidden")
    return right, wrong, tuple(notes)


def _passed_over(event: ReviewEvent) -> NoClaim | None:
    if event.canary:
        return NoClaim(fate=Fate.CANARY, reason="planted, to measure the reviewers")
    if event.decision in {ReviewDecision.AUTO, ReviewDecision.ESCALATED}:
        reason = f"{event.decision.value}: nobody judged the call"
        return NoClaim(fate=Fate.UNREVIEWED, reason=reason)
    return None


def _context(
    event: ReviewEvent, prompts: frozenset[str], judge: CallJudge
) -> tuple[list[Mapping[str, Any]], str]:
    """The messages before the reviewed call, without the release's own prompts before them."""
    messages = without_prompts(event, prompts)
    try:
        messages, note = before_reviewed_call(event, messages, judge)
    except AmbiguousContextError as error:
        raise _UnusableError(str(error)) from None
    if not messages:
        why = "no messages" if not event.messages else "no messages before the proposed call"
        raise _UnusableError(f"it has {why}, so there is no context to put an agent into")
    return messages, note


def _known_recordings(
    event: ReviewEvent, judge: CallJudge
) -> tuple[list[Mapping[str, Any]], tuple[str, ...]]:
    """The recordings of tools that the release still has, and a sentence for the others."""
    recordings = list(event.recordings or ())
    known = [item for item in recordings if judge.is_known(item)]
    lost = len(recordings) - len(known)
    note = f"{lost} recordings of tools that the release doesn't have are left out"
    return known, (note,) if lost else ()


def _refuse_broken(claim: Claim) -> None:
    """A context that no case file may hold (roles, recordings) is refused with the place."""
    document = {
        "schema": 1, "id": "a", "origin": "reviewer", "messages": claim.messages,
        "recordings": claim.recordings, "expect": {"actions": []},
        **({} if claim.user is None else {"user": claim.user}),
    }  # fmt: skip
    # As deep in the line as merging can put it: what can't be read again is never written.
    line = json_line({**document, "source": {"merged": [claim.source]}})
    try:
        parse_json(line)
    except JsonTextError as error:
        raise _UnusableError(f"its case would be {error}") from None
    if len(line) > LINE_LIMIT_BYTES // 2:
        raise _UnusableError("its case would be too long a line")
    problems = case_problems(document, "", 0, json_pointer)
    if problems:
        first = problems[0]
        raise _UnusableError(f"at {first.place}: found {first.found}; expected {first.expected}")
