"""The verdict on one action class of recorded trials.

Pure: figures in, verdict and sentences out. Leaves the estimates to `recorded.estimates` and the
release as a whole to `dialgate_gate.verdict.release_verdict`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from dialgate_gate.four_verdicts import Verdict, worst
from dialgate_gate.settings.gate_policy import FailOn
from dialgate_gate.verdict.class_figures import ClassVerdict, Estimates
from dialgate_gate.verdict.recorded.estimates import passing_cases_to_exclude
from dialgate_gate.wording import count_of, name_cases, show_loss, show_p, show_points, show_rate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dialgate_gate.comparing.comparison import ClassComparison
    from dialgate_gate.verdict.class_rules import ClassRules


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassEvidence:
    """What is known of one class when it is judged."""

    comparison: ClassComparison
    success: Estimates
    silence: Estimates
    broken_critical: tuple[str, ...] = ()
    # critical cases that the candidate fails in some trial while the baseline holds them
    deterministic: bool = False


@dataclass(slots=True)
class _Findings:
    verdicts: list[Verdict] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)

    def add(self, verdict: Verdict, reason: str) -> None:
        self.verdicts.append(verdict)
        self.reasons.append(reason)


def judge_class(evidence: ClassEvidence, rules: ClassRules) -> ClassVerdict:
    """Fail where a regression is shown, pass where a loss over the margin is excluded.

    Anything else is inconclusive, with the figure that would decide it.
    """
    findings = _Findings()
    suspects = open_suspects(evidence)
    _judge_critical(findings, evidence)
    _judge_success(findings, evidence, rules)
    _judge_silence(findings, evidence, rules)
    _judge_suspects(findings, suspects, evidence, rules)
    _judge_size(findings, evidence, rules)
    if not findings.verdicts:
        findings.add(Verdict.PASS, _passing_reason(evidence, rules))
    return ClassVerdict(
        action_class=evidence.comparison.action_class,
        verdict=worst(findings.verdicts),
        comparison=evidence.comparison,
        success=evidence.success,
        silence=evidence.silence,
        rules=rules,
        open_suspects=suspects,
        reasons=tuple(findings.reasons),
    )


def with_missing_cases(judged: ClassVerdict) -> ClassVerdict:
    """The verdict with its cases that could not be run on one side only.

    By `fail_on = "case"` one that the candidate lacks is open, as a broken case would fail.
    """
    missing = judged.comparison.missing_one_sided
    if not missing:
        return judged
    sentence = (
        f"Could not be run on one side only, and so counted at the worst: "
        f"{name_cases(missing)}. Mend what keeps it from being run."
    )
    is_open = judged.rules.fail_on is FailOn.CASE and judged.verdict is Verdict.PASS
    return replace(
        judged,
        verdict=Verdict.INCONCLUSIVE if is_open else judged.verdict,
        missing_one_sided=missing,
        reasons=(sentence, *judged.reasons),
    )


def open_suspects(evidence: ClassEvidence) -> tuple[str, ...]:
    """Cases that look broken on an endpoint and that no further trial can confirm."""
    if evidence.deterministic:
        return ()
    comparison = evidence.comparison
    broken = dict.fromkeys((*comparison.moves.broken, *comparison.silent_moves.broken))
    return tuple(broken)


def _judge_critical(findings: _Findings, evidence: ClassEvidence) -> None:
    if evidence.broken_critical:
        findings.add(
            Verdict.FAIL,
            f"{count_of(len(evidence.broken_critical), 'critical case')} failed that must pass in "
            f"every trial: {name_cases(evidence.broken_critical)}.",
        )


def _judge_success(findings: _Findings, evidence: ClassEvidence, rules: ClassRules) -> None:
    estimates = evidence.success
    if estimates.difference is None or estimates.interval is None:
        side = "baseline" if evidence.comparison.candidate.trials else "candidate"
        findings.add(Verdict.INCONCLUSIVE, f"No trial of the {side} can be compared.")
        return
    is_excluded = is_loss_excluded(estimates, rules.margin)
    if is_loss_failing(evidence, rules):
        findings.add(Verdict.FAIL, _regression_reason(evidence, rules))
    elif not is_excluded:
        worse = is_regression_shown(estimates) or estimates.interval[1] < 0
        findings.add(Verdict.INCONCLUSIVE, _margin_reason(evidence, rules, looks_worse=worse))


def is_loss_failing(evidence: ClassEvidence, rules: ClassRules) -> bool:
    """Whether the loss fails the class, by its `fail_on`.

    By case: a loss of any size that is shown after sharing alpha; the broken case of a
    deterministic agent is confirmed as it is. By loss: one whose interval lies under the margin.
    """
    estimates = evidence.success
    if estimates.interval is None:
        return False
    if rules.fail_on is FailOn.LOSS:
        return is_regression_shown(estimates) and estimates.interval[1] < -rules.margin
    if evidence.deterministic:
        return bool(evidence.comparison.moves.broken)
    return is_regression_shown(estimates)


def is_loss_excluded(estimates: Estimates, margin: float) -> bool:
    """Whether the interval excludes a loss over the margin."""
    return estimates.interval is not None and estimates.interval[0] >= -margin


def is_regression_shown(estimates: Estimates) -> bool:
    """Whether the exact test shows a loss after sharing alpha among classes and endpoints."""
    return estimates.p_adjusted is not None and estimates.p_adjusted <= estimates.level


def _judge_silence(findings: _Findings, evidence: ClassEvidence, rules: ClassRules) -> None:
    silent = evidence.comparison.silent_moves.broken
    if evidence.deterministic and len(silent) > rules.max_new_silent:
        findings.add(
            Verdict.FAIL,
            f"{count_of(len(silent), 'case')} with a new silent failure, more than the "
            f"{rules.max_new_silent} tolerated (max_new_silent): {name_cases(silent)}.",
        )
    elif is_regression_shown(evidence.silence):
        findings.add(
            Verdict.FAIL,
            f"Silent failures rose: {show_p(evidence.silence.p_adjusted or 0.0)} over all classes "
            f"and endpoints, at most {evidence.silence.level:g} shows it; cases: "
            f"{name_cases(silent) or 'spread over many, none alone'}.",
        )


def _judge_suspects(
    findings: _Findings, suspects: Sequence[str], evidence: ClassEvidence, rules: ClassRules
) -> None:
    """They can't be run again: in a grave class an open suspect keeps it from passing."""
    if not suspects or not (rules.is_grave or rules.blocks_open_suspects):
        return
    if any(verdict is Verdict.FAIL for verdict in findings.verdicts):
        return
    findings.add(
        Verdict.INCONCLUSIVE,
        f"{_suspects_said(evidence.comparison)} These trials are all there is, so they stay open; "
        "more trials of these cases on both releases would decide.",
    )


def _suspects_said(comparison: ClassComparison) -> str:
    """A sentence for each kind of suspect, each with the cases that it counts."""
    broken, silent = comparison.moves.broken, comparison.silent_moves.broken
    only_silent = [case_id for case_id in silent if case_id not in broken]
    parts = []
    if broken:
        marked = _share_of(len(set(broken) & set(silent)), len(broken))
        fell = "succeeded before and failed now" if _has_single_trials(comparison) else _FELL
        parts.append(f"{count_of(len(broken), 'case')} {fell}{marked}: {name_cases(broken)}.")
    if only_silent:
        what = "with a new silent failure where another failure was before"
        if not _has_single_trials(comparison):
            what = "with silent failures in more of its trials, by half of them or more"
        parts.append(f"{count_of(len(only_silent), 'case')} {what}: {name_cases(only_silent)}.")
    return " ".join(parts)


_FELL = "lost success in half of the trials or more"


def _share_of(some: int, whole: int) -> str:
    """Which of the cases counted are silent, as words behind the count."""
    if not some:
        return ""
    return ", silently" if some == whole else f", {some} of them silently"


def _has_single_trials(comparison: ClassComparison) -> bool:
    counts = comparison.success.comparable
    return bool(max(counts.baseline_trials.max(), counts.candidate_trials.max()) == 1)


def _judge_size(findings: _Findings, evidence: ClassEvidence, rules: ClassRules) -> None:
    cases = evidence.comparison.candidate.cases
    if cases >= rules.min_cases:
        return
    known, least = len(evidence.comparison.case_ids), rules.min_cases
    text = f"Only {count_of(known, 'case')} of the class"
    if known >= least:
        text = f"Only {cases:,} of the {known:,} cases of the class were run"
    more = "run the others" if known >= least else f"add {least - known} more"
    text += f", fewer than the {least} that decide (min_cases): {more}."
    findings.add(Verdict.INCONCLUSIVE, text)


def _regression_reason(evidence: ClassEvidence, rules: ClassRules) -> str:
    estimates, comparison = evidence.success, evidence.comparison
    shown = (
        "the agent is deterministic, so a changed outcome is certain"
        if evidence.deterministic
        else f"{show_p(estimates.p_adjusted or 0.0)} over all classes and endpoints, at most "
        f"{estimates.level:g} shows it"
    )
    return (
        f"Success fell by {show_loss(estimates.difference or 0.0)} ({_figures(comparison)}): "
        f"{shown}; the margin tolerates {show_rate(rules.margin)}. "
        f"Broken: {name_cases(comparison.moves.broken) or 'no single case'}."
    )


def _margin_reason(evidence: ClassEvidence, rules: ClassRules, *, looks_worse: bool) -> str:
    estimates = evidence.success
    low = estimates.interval[0] if estimates.interval else -1.0
    lead = "It looks worse: a loss" if looks_worse else "A loss"
    return (
        f"{lead} over the margin of {show_rate(rules.margin)} is not excluded: the difference is "
        f"{show_points(estimates.difference or 0.0)} and may be as low as {show_points(low)} "
        f"({_figures(evidence.comparison)})."
        f"{_worse_by_itself(estimates)}{_what_would_decide(evidence, rules)}"
    )


def _worse_by_itself(estimates: Estimates) -> str:
    """Said where the class alone would be shown worse and sharing alpha takes that away."""
    p_alone, p_shared = estimates.p_regression, estimates.p_adjusted
    if p_alone is None or p_shared is None or p_alone > estimates.level:
        return ""
    return (
        f" By itself the class is worse ({show_p(p_alone)}); shared with all classes and endpoints "
        f"that is {show_p(p_shared)}, and at most {estimates.level:g} shows it."
    )


def _what_would_decide(evidence: ClassEvidence, rules: ClassRules) -> str:
    """What would exclude the loss by the interval in use; nothing where more cases can't say it."""
    if rules.margin == 0:
        return " Only deterministic = true can show a margin of 0; a margin over 0 would decide it."
    if (evidence.success.difference or 0.0) <= -rules.margin:
        return ""
    needed = passing_cases_to_exclude(evidence.comparison.success, evidence.success, rules.margin)
    if needed is None:
        return ""
    passing = "passes" if needed == 1 else "pass"
    return f" {count_of(needed, 'more case')} that {passing} on both releases would exclude it."


def _passing_reason(evidence: ClassEvidence, rules: ClassRules) -> str:
    estimates = evidence.success
    low = estimates.interval[0] if estimates.interval else 0.0
    broken = evidence.comparison.moves.broken
    tolerated = f" Broken within the margin: {name_cases(broken)}." if broken else ""
    return (
        f"A loss over the margin of {show_rate(rules.margin)} is excluded: the difference is "
        f"{show_points(estimates.difference or 0.0)}, at worst {show_points(low)} "
        f"({_figures(evidence.comparison)}).{tolerated}"
    )


def _figures(comparison: ClassComparison) -> str:
    now = comparison.candidate
    if comparison.baseline is None:
        return f"{now.successes} of {count_of(now.trials, 'trial')} succeed"
    before = comparison.baseline
    return (
        f"{before.successes} of {count_of(before.trials, 'trial')} before, {now.successes} of "
        f"{now.trials} now"
    )
