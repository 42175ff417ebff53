"""Every way in which evidence can be missing or untrustworthy, and what it leads to.

One table; docs/reference/verdicts.md shows it and one test per row holds it. Silence is never a
pass: each gap makes the verdict `invalid`. Leaves the verdict itself to `verdict.verdict`.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING

from dialgate_evals.files.plain_text import printable
from dialgate_gate.comparing.gap import EvidenceGap, Gap
from dialgate_gate.wording import name_cases, show_rate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from dialgate_evals.actions.outcomes import TrialScore
    from dialgate_gate.comparing.judged_cases import CaseSet
    from dialgate_gate.comparing.run_evidence import RunEvidence


def find_gaps(
    *,
    baseline: RunEvidence | None,
    candidate: RunEvidence,
    case_set: CaseSet,
    max_infra_error_rate: float,
) -> tuple[EvidenceGap, ...]:
    """Every gap in the evidence of both sides; empty where all of it can be trusted."""
    gaps: list[EvidenceGap] = []
    if not case_set.deciding:
        found = "No case decides: the suite has none that both releases have run."
        gaps.append(EvidenceGap(gap=Gap.EMPTY_SUITE, found=found, advice="Add cases."))
    added = set(case_set.added)
    known = [case.id for case in case_set.cases]
    gaps += _side_gaps("candidate", candidate, known, max_infra_error_rate)
    if baseline is not None:
        old = [case_id for case_id in known if case_id not in added]
        # A case that the change removed is a matter of its own, not an extra trial.
        allowed = {*known, *case_set.removed}
        gaps += _side_gaps("baseline", baseline, old, max_infra_error_rate, allowed)
    gaps += _wiring_gaps(candidate, baseline, case_set)
    gaps += _critical_gaps(candidate, case_set)
    return tuple(gaps)


def _critical_gaps(candidate: RunEvidence, case_set: CaseSet) -> Iterator[EvidenceGap]:
    """A critical case that could not be run is no evidence that it holds."""
    unknown = [
        case.id
        for case in case_set.cases
        if case.critical and not case.quarantined and not candidate.finished(case.id)
    ]
    if unknown:
        found = f"No trial of a critical case could be run: {name_cases(unknown)}."
        yield EvidenceGap(gap=Gap.MISSING_TRIALS, found=found, advice="Run again.")


def outcome_of(score: TrialScore) -> tuple[object, ...]:
    """What of a trial is the same in every trial of a deterministic agent."""
    decisions = sorted((item.action_class, item.outcome.value) for item in score.decisions)
    return (score.passed, *decisions)


def determinism_gaps(sides: Iterable[RunEvidence | None]) -> list[EvidenceGap]:
    """A gap where a case of one release came out in two ways, for a deterministic suite."""
    mixed = {case: found for side in sides if side for case, found in _mixed(side).items()}
    if not mixed:
        return []
    changed_sides = any(len({passed for passed, *_ in found}) > 1 for found in mixed.values())
    how = "passed and failed" if changed_sides else "came out in two ways"
    found = (
        f"suite.toml says deterministic = true, but these cases {how} within one "
        f"release: {name_cases(list(mixed))}."
    )
    advice = "Take it out, or mend the agent."
    return [EvidenceGap(gap=Gap.NOT_DETERMINISTIC, found=found, advice=advice)]


def _mixed(side: RunEvidence) -> dict[str, set[tuple[object, ...]]]:
    """The outcomes of each case that has more than one, those of repeated trials too."""
    outcomes: dict[str, set[tuple[object, ...]]] = {}
    for score in chain(side.scores, side.repeats):
        if score.passed is not None:
            outcomes.setdefault(score.case_id, set()).add(outcome_of(score))
    return {case_id: found for case_id, found in outcomes.items() if len(found) > 1}


def _side_gaps(
    name: str,
    side: RunEvidence,
    case_ids: Sequence[str],
    limit: float,
    allowed: set[str] | None = None,
) -> Iterator[EvidenceGap]:
    yield from side.gaps
    for problem in side.problems:
        found = f"The {name}'s evidence: {replace(problem, advice='')}"
        yield EvidenceGap(gap=Gap.UNREADABLE, found=found, advice=printable(problem.advice))
    yield from _not_understood(name, side)
    missing = [case_id for case_id in case_ids if not _is_complete(side, case_id)]
    if missing:
        found = (
            f"The {name} lacks trials of {name_cases(missing)}: every case needs "
            f"{side.trials_per_case}."
        )
        yield EvidenceGap(gap=Gap.MISSING_TRIALS, found=found, advice="Run or record them.")
    extra = _extra_trials(side, allowed or set(case_ids))
    if extra:
        found = (
            f"The {name} has trials on record twice or for cases that the suite doesn't have: "
            f"{name_cases(extra)}."
        )
        advice = "Restore the cases or record again."
        yield EvidenceGap(gap=Gap.EXTRA_TRIALS, found=found, advice=advice)
    yield from _errored_gap(name, side, limit)


def _not_understood(name: str, side: RunEvidence) -> Iterator[EvidenceGap]:
    dark = [score for score in side.scores if score.not_understood]
    if dark:
        first = dark[0]
        cases = sorted({score.case_id for score in dark})
        found = (
            f"What the {name} did in {name_cases(cases)} is not understood and could be an "
            f"action; first in {first.case_id} at {first.not_understood[0]}."
        )
        yield EvidenceGap(gap=Gap.NOT_UNDERSTOOD, found=found)


def _is_complete(side: RunEvidence, case_id: str) -> bool:
    indices = {score.trial for score in side.by_case.get(case_id, ())}
    return indices >= set(range(side.trials_per_case))


def _extra_trials(side: RunEvidence, known: set[str]) -> list[str]:
    extra = [case_id for case_id in side.by_case if case_id not in known]
    for case_id, scores in side.by_case.items():
        indices = [score.trial for score in scores]
        if case_id in known and len(set(indices)) != len(indices):
            extra.append(case_id)
    return extra


def _errored_gap(name: str, side: RunEvidence, limit: float) -> Iterator[EvidenceGap]:
    errored = side.errored
    if not errored or len(errored) <= limit * len(side.scores):
        return
    share = show_rate(len(errored) / len(side.scores))
    first = errored[0]
    found = (
        f"{len(errored)} of the {name}'s {len(side.scores)} trials ({share}) could not be run, "
        f"over the limit of {show_rate(limit)} (max_infra_error_rate); the first, {first.case_id}, "
        f"because: {first.error}."
    )
    advice = "Mend what it names and run again with --resume."
    yield EvidenceGap(gap=Gap.TOO_MANY_ERRORED, found=found, advice=advice)


def _wiring_gaps(
    candidate: RunEvidence, baseline: RunEvidence | None, case_set: CaseSet
) -> Iterator[EvidenceGap]:
    """Signs that not the release but its wiring was measured.

    An agent that calls nothing is right where nothing is to be done and nothing was done before.
    """
    finished, has_called, failures = 0, False, set()
    for score in candidate.scores:
        if score.passed is not None:
            finished += 1
            has_called = has_called or score.tool_calls > 0
            failures.add(score.broke_off)
    called_before = any(score.tool_calls for score in baseline.scores) if baseline else False
    may_be_idle = not called_before and all(case.asks_nothing for case in case_set.cases)
    if finished and not may_be_idle and not has_called:
        found = (
            f"The candidate called no tool in any of {finished} trials, not even to read: "
            "the agent is probably not wired to its tools."
        )
        advice = (
            "`dialgate run SUITE --case CASE --verbose` shows what it said instead; check [agent] "
            "in suite.toml, and the variables that it needs."
        )
        yield EvidenceGap(gap=Gap.NO_ACTION_ANYWHERE, found=found, advice=advice)
    if finished > 1 and len(failures) == 1 and None not in failures:
        how = f"the agent broke off: {failures.pop()}"
        found = f"Each of {finished} trials ended alike: {how}."
        yield EvidenceGap(gap=Gap.IDENTICAL_FAILURES, found=found, advice="Mend the agent.")


def empty_class_gaps(named: Iterable[str], present: Iterable[str]) -> list[EvidenceGap]:
    """A gap for each class that the policy names and no deciding case reaches."""
    reached = set(present)
    return [
        EvidenceGap(
            gap=Gap.EMPTY_CLASS,
            found=f"The policy names {name}, but no deciding case expects or touches it.",
            advice="Add cases of the class, or take it out of policy.toml.",
        )
        for name in named
        if name not in reached
    ]
