"""A gap in the evidence: the kinds there are, and one that was found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Gap(StrEnum):
    """The kinds of gaps; the value is the key in reports and documentation."""

    EMPTY_SUITE = "empty_suite"
    EMPTY_CLASS = "empty_class"
    UNREADABLE = "unreadable"
    NOT_UNDERSTOOD = "not_understood"
    MISSING_TRIALS = "missing_trials"
    EXTRA_TRIALS = "extra_trials"
    TOO_MANY_ERRORED = "too_many_errored"
    NO_ACTION_ANYWHERE = "no_action_anywhere"
    IDENTICAL_FAILURES = "identical_failures"
    OTHER_SUITE = "other_suite"
    INCOMPARABLE = "incomparable"
    OTHER_CODE = "other_code"
    CLOCK = "clock"
    NOT_DETERMINISTIC = "not_deterministic"
    UNSEALED = "unsealed"
    ONE_SIDED = "one_sided"


GAPS: dict[Gap, str] = {
    Gap.EMPTY_SUITE: "no case decides: the suite is empty, or every case is new or quarantined",
    Gap.EMPTY_CLASS: "the policy names an action class that no deciding case expects or touches",
    Gap.UNREADABLE: "a line or file of evidence can't be read",
    Gap.NOT_UNDERSTOOD: "a part of a trajectory is in no known dialect and could hold an action",
    Gap.MISSING_TRIALS: "a case has fewer trials on record than the others or the suite ask for",
    Gap.EXTRA_TRIALS: "a trial is on record twice, or for a case that the suite doesn't have",
    Gap.TOO_MANY_ERRORED: "more trials than max_infra_error_rate could not be run",
    Gap.NO_ACTION_ANYWHERE: "the agent called no tool in any trial",
    Gap.IDENTICAL_FAILURES: "every trial broke off with the same failure",
    Gap.OTHER_SUITE: "the baseline was recorded on another suite",
    Gap.INCOMPARABLE: "a baseline trial was recorded on another context, simulator or validator",
    Gap.OTHER_CODE: "code that the change touches isn't the code that ran, on one side or on both",
    Gap.CLOCK: "the record's clock ran backwards",
    Gap.UNSEALED: "the check is not sealed, and the policy or --require-sealed asks for it",
    Gap.ONE_SIDED: "a limit needs a figure (cost, latency) that only one side tells",
    Gap.NOT_DETERMINISTIC: "a case came out in two ways though the suite says deterministic = true",
}
"""What each gap is; all of them lead to `invalid`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceGap:
    """One gap that was found."""

    gap: Gap
    found: str
    # a sentence with figures and cases
    advice: str = ""
    # sentences: what it means and what to do

    @property
    def reason(self) -> str:
        """What was found and what to do."""
        return f"{self.found} {self.advice}".rstrip()

    def as_json(self) -> dict[str, str]:
        """The gap as verdicts write it."""
        return {"gap": self.gap.value, "reason": self.reason, "found": self.found}
