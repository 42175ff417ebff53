"""Whether what runbook.toml declares is there: owners, kill switch, rollback, compensation.

Pure: the day, the passing cases and whether a git ref exists are given; leaves asking git to
`dialgate` and what a mode requires to policy.toml.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dialgate_evals.files.problems import join_words
from dialgate_gate.conditions.condition import Condition, ConditionKind, plain_condition
from dialgate_gate.four_verdicts import Verdict
from dialgate_gate.settings.people.owners import Owners
from dialgate_gate.settings.people.people_policy import ReviewEvery
from dialgate_gate.settings.people.placeholders import is_placeholder
from dialgate_gate.settings.people.roles import role_holders

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dialgate_evals.actions.outcomes import TrialScore
    from dialgate_gate.settings.runbook import Runbook


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedVerdict:
    """A signed verdict as it was verified against this release, suite and policy."""

    keyid: str | None
    # of the key whose signature counts; None: none of them signed it
    verdict: str
    at: str
    # RFC 3339, UTC
    problems: tuple[str, ...] = ()
    # sentences: why it doesn't hold

    @property
    def shortfall(self) -> str | None:
        """Why it supports no promotion; None: it does."""
        if self.problems:
            return "The signed verdict doesn't hold: " + " ".join(self.problems)
        if self.verdict != Verdict.PASS:
            return f"The signed verdict is {self.verdict}: a promotion asks for one that passes."
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillFact:
    """The youngest signed drill of one kind that held, or why the one there is shows nothing."""

    at: dt.datetime | None
    # None: none counts
    keyid: str | None = None
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ReadinessFacts:
    """What readiness is verified against."""

    runbook: Runbook
    today: dt.date
    # UTC
    ref_exists: Callable[[str], bool]
    # whether a git ref names a commit
    trials: Callable[[str], tuple[TrialScore, ...]]
    # every trial of a case in the eval run, errored ones too; none where it was not run
    attestation: SignedVerdict | None = None
    # None: no signed verdict was given
    owners: Owners = field(default_factory=Owners)
    drills: Mapping[str, DrillFact] = field(default_factory=dict)
    # by kind: kill-switch, rollback, compensation
    every: ReviewEvery = field(default_factory=ReviewEvery)
    in_force: bool = False
    # whether it is asked about a mode that a class is in: that one has its grace


def verify_readiness(
    requires: tuple[str, ...], action_class: str, facts: ReadinessFacts
) -> tuple[Condition, ...]:
    """Each requirement of a mode for the class, in order; an unknown one is not met."""
    return tuple(_verify(name, action_class, facts) for name in requires)


def _verify(name: str, action_class: str, facts: ReadinessFacts) -> Condition:
    if name not in _CHECKS:
        unknown = f"The policy requires {name!r}, which nothing here can verify."
        return plain_condition(ConditionKind.LADDER, [unknown], "")
    kind = ConditionKind(name)
    met, detail = _CHECKS[kind](action_class, facts)
    return Condition(
        kind=kind,
        met=met,
        sentence=detail,
        missing=() if met else (detail,),
        shown="met" if met else "missing",
    )


def _owners(_: str, facts: ReadinessFacts) -> tuple[bool, str]:
    holders = role_holders(facts.runbook.owners, facts.owners, facts.today)
    absent = [item.role for item in holders if not item.text or is_placeholder(item.text)]
    if absent:
        return False, f"runbook.toml names no {join_words(absent)}: fill in [owners]."
    unverified = [item for item in holders if not item.is_verified]
    if not facts.owners.people:
        return True, "All five owners are named; no owners.toml verifies them."
    if unverified:
        named = join_words([f"{item.role} ({item.shown})" for item in unverified])
        return False, f"Nobody of owners.toml who is still here is {named}: name a person of it."
    return True, "All five owners are people of owners.toml."


def _kill_switch(_: str, facts: ReadinessFacts) -> tuple[bool, str]:
    switch = facts.runbook.kill_switch
    if switch is None:
        return (
            False,
            "runbook.toml has no [kill_switch]: say how the agent is paused, and drill it.",
        )
    drill = facts.drills.get("kill-switch")
    shown = None if drill is None or drill.at is None else drill.at.date()
    age = None if shown is None else (facts.today - shown).days
    if drill is not None and age is not None and 0 <= age <= facts.every.drill:
        return True, f"A kill-switch drill held on {shown}, signed by key {str(drill.keyid)[:16]}."
    sentence = _undrilled(switch.tested_at, drill, shown, facts)
    last = max((day for day in (shown, switch.tested_at) if day is not None), default=None)
    if not facts.in_force or last is None or last > facts.today:
        return False, sentence
    ends = last + dt.timedelta(days=facts.every.drill + facts.every.drill_grace)
    if facts.today <= ends:
        return True, f"{sentence} The mode in force has until {ends} (review_every.drill_grace)."
    return False, f"{sentence} The grace of a mode in force ended on {ends}."


def _undrilled(
    tested_at: dt.date | None, drill: DrillFact | None, shown: dt.date | None, facts: ReadinessFacts
) -> str:
    """Why there is no drill that opens a mode, and what to do."""
    todo = "Run dialgate drill kill-switch SUITE --key FILE."
    if shown is not None:
        return f"The kill-switch drill is of {shown}; {facts.every.drill} days are allowed. {todo}"
    if drill is not None and drill.problems:
        return f"The kill-switch drill shows nothing: {'; '.join(drill.problems)}. {todo}"
    if tested_at is not None:
        return f"The kill switch's test on {tested_at} is declared, and no drill shows it. {todo}"
    return f"No drill shows that the kill switch works. {todo}"


def _rollback(_: str, facts: ReadinessFacts) -> tuple[bool, str]:
    ref = facts.runbook.rollback
    if not ref:
        return False, "runbook.toml has no rollback.release: name the git ref to fall back to."
    if not facts.ref_exists(ref):
        return False, f"The rollback target {ref!r} names no commit: set rollback.release to one."
    drill = facts.drills.get("rollback")
    ran = "" if drill is None or drill.at is None else f" The suite ran on it on {drill.at.date()}."
    return True, f"The rollback target {ref!r} exists.{ran}"


def _compensation(action_class: str, facts: ReadinessFacts) -> tuple[bool, str]:
    item = facts.runbook.compensation.get(action_class)
    if item is None:
        return False, (
            f'runbook.toml has no [compensation."{action_class}"]: name the tool that takes the '
            "action back and the case that shows it."
        )
    trials = facts.trials(item.case)
    if not trials:
        return False, f"The compensating case {item.case} has no trial in the eval run: run it."
    passed = sum(score.passed is True for score in trials)
    if passed < len(trials):
        return False, (
            f"The compensating case {item.case} passed {passed} of {len(trials)} trials; it counts "
            "only where it passes in all."
        )
    return True, f"The compensating case {item.case} passed in all {len(trials)} trials."


def _attestation(_: str, facts: ReadinessFacts) -> tuple[bool, str]:
    signed = facts.attestation
    if signed is None:
        return False, (
            "A signed verdict is asked for: sign one by dialgate check --attest FILE and give it "
            "as --attestation FILE."
        )
    if signed.shortfall is not None:
        return False, signed.shortfall
    return True, (
        f"The verdict on this release, pass, was signed by key {str(signed.keyid)[:16]} at "
        f"{signed.at}."
    )


_CHECKS: Mapping[str, Callable[[str, ReadinessFacts], tuple[bool, str]]] = {
    ConditionKind.OWNER: _owners,
    ConditionKind.KILL_SWITCH: _kill_switch,
    ConditionKind.ROLLBACK: _rollback,
    ConditionKind.COMPENSATION: _compensation,
    ConditionKind.ATTESTATION: _attestation,
}
