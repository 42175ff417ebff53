"""What is found against a release or a class, each with its sentence.

Pure; leaves what follows to `deciding.gate_decision`. The table is the contract's: what fails a
class is its `fail_on`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate_gate.four_verdicts import Verdict
from dialgate_gate.settings.gate_policy import FailOn
from dialgate_gate.verdict.sequential.screened_case import SUITE, Kind, Side
from dialgate_gate.wording import count_of, name_cases, show_loss, show_p, show_points, show_rate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from dialgate_gate.settings.gate_policy import GatePolicy
    from dialgate_gate.verdict.sequential.decision import (
        BaselineShift,
        EndpointFigures,
        ThinFigures,
        UnitFigures,
    )
    from dialgate_gate.verdict.sequential.screened_case import Endpoint, ScreenedCase
    from dialgate_gate.verdict.sequential.unit import Unit

Finding = tuple[Verdict, str]


def judge_critical(critical: Sequence[str]) -> list[Finding]:
    """Critical cases that failed."""
    if not critical:
        return []
    count = count_of(len(critical), "critical case")
    text = f"{count} failed that must pass in every trial: {name_cases(critical)}."
    return [(Verdict.FAIL, text)]


_RISEN = {
    Kind.BROKE_OFF: "The agent broke off",
    Kind.TIMED_OUT: "The agent ran out of time",
    Kind.CUT_OFF: "The agent's answer was cut off",
    Kind.INVALID_CALLS: "The agent made calls that break their schema",
    Kind.TEXT_CALLS: "The agent wrote calls as text",
}


def judge_thin(thin: ThinFigures, *, is_loss_shown: bool) -> list[Finding]:
    """Names the kinds: where they are shown, or where a shown loss goes with a kind that rose."""
    if not (thin.shown or (is_loss_shown and thin.risen)):
        return []
    now = thin.counts[Side.CANDIDATE]
    kinds = thin.risen or tuple(sorted(now, key=lambda kind: (-now[kind], kind)))[:1]
    return [(Verdict.FAIL, _risen(kind, thin)) for kind in kinds]


def _risen(kind: Kind, thin: ThinFigures) -> str:
    now, before = (thin.counts[side].get(kind, 0) for side in (Side.CANDIDATE, Side.BASELINE))
    trials, earlier = (thin.trials.get(side, 0) for side in (Side.CANDIDATE, Side.BASELINE))
    return (
        f"{_RISEN[kind]} in {now:,} of {trials:,} trials, {before:,} of {earlier:,} before "
        f"({show_p(thin.p_value)} by fresh pairs of all cases)."
    )


_WORSE = {
    Kind.SUCCESS: "Success fell",
    Kind.SILENCE: "Silent failures rose",
    Kind.INVALID: "Invalid calls rose",
}


def judge_shown(figures: EndpointFigures, fails_by: Callable[[Endpoint], bool]) -> list[Finding]:
    """Suspects of an endpoint that fresh trials confirm."""
    if not figures.shown or not fails_by(figures.endpoint):
        return []
    what = _WORSE[figures.endpoint.kind]
    where = "" if figures.endpoint.action_class else " over the suite as a whole"
    named = name_cases(figures.confirmed or figures.open_cases) or "spread over many, none alone"
    text = f"{what}{where} in fresh trials ({show_p(figures.p_adjusted)}); cases: {named}."
    return [(Verdict.FAIL, text)]


def judge_invalid(cases: Sequence[str], unit: Unit) -> list[Finding]:
    """New invalid calls beyond what the class tolerates."""
    if len(cases) <= unit.rules.max_new_invalid:
        return []
    text = (
        f"{count_of(len(cases), 'case')} with new invalid calls, more than the "
        f"{unit.rules.max_new_invalid} tolerated (max_new_invalid): {name_cases(cases)}."
    )
    return [(Verdict.FAIL, text)]


def judge_loss(where: str, figures: UnitFigures) -> list[Finding]:
    """A loss that fresh pairs of every case show, whether or not a single case does."""
    if not figures.looks_worse:
        return []
    shown = show_loss(figures.interval[1])
    place = f" {where}" if where else ""
    text = f"Success fell{place} by at least {shown}, spread over its cases"
    if figures.is_loss_shown:
        beyond = (
            "any shown loss fails"
            if figures.fail_on is FailOn.CASE
            else f"the margin tolerates {show_rate(figures.margin)}"
        )
        return [(Verdict.FAIL, f"{text} ({show_p(figures.p_loss)}); {beyond}.")]
    if figures.is_passed:
        return []
    return [(Verdict.INCONCLUSIVE, f"It looks worse: {text[0].lower()}{text[1:]}.")]


def judge_open(success: EndpointFigures, silence: EndpointFigures, unit: Unit) -> list[Finding]:
    """Suspects that stay open where the policy lets none."""
    still_open = tuple(dict.fromkeys((*success.open_cases, *silence.open_cases)))
    if not still_open or success.shown or silence.shown or not unit.rules.blocks_open_suspects:
        return []
    count = count_of(len(still_open), "suspect")
    text = (
        f"{count} not decided: {name_cases(still_open)}; the policy lets none stay open "
        "(open_suspects). More confirm_trials would decide."
    )
    return [(Verdict.INCONCLUSIVE, text)]


def judge_unclassed(
    cases: Iterable[ScreenedCase], suite: EndpointFigures, policy: GatePolicy
) -> list[Finding]:
    """Suspects that no class knows: their reply or end state broke."""
    if not suite.open_cases or suite.shown or not policy.default.blocks_open_suspects:
        return []
    asked = frozenset(suite.open_cases)
    unclassed = {c.id for c in cases if c.id in asked and set(c.suspected) == {SUITE}}
    rest = [case_id for case_id in suite.open_cases if case_id in unclassed]
    if not rest:
        return []
    text = f"Not decided in reply or end state: {name_cases(rest)}. More confirm_trials would."
    return [(Verdict.INCONCLUSIVE, text)]


def judge_size(cases: int, least: int) -> list[Finding]:
    """A class of too few cases."""
    if cases >= least:
        return []
    text = (
        f"Only {count_of(cases, 'case')} of the class, fewer than the {least} that "
        f"decide (min_cases): add {least - cases} more."
    )
    return [(Verdict.INCONCLUSIVE, text)]


def judge_shift(shift: BaselineShift) -> list[Finding]:
    """A baseline that is far below its own record."""
    if not shift.is_low:
        return []
    text = (
        f"The baseline itself passed {shift.passed:,} of {shift.trials:,} fresh trials where its "
        f"record lets one expect {shift.expected:.0f}: something both sides depend on is worse "
        "now, and then nothing passes. Try again when it has recovered."
    )
    return [(Verdict.INCONCLUSIVE, text)]


def judge_margin(figures: UnitFigures, cases: int) -> list[Finding]:
    """A loss over the margin that is not excluded."""
    if figures.is_passed:
        return []
    if figures.margin <= 0:
        text = (
            "No number of trials excludes a loss over a margin of 0; only deterministic = true "
            "or a margin over 0 does."
        )
        return [(Verdict.INCONCLUSIVE, text)]
    if not figures.blocks:
        text = (
            "The check was over before its first block of trials, so nothing is known of a loss "
            f"over the margin of {show_rate(figures.margin)}."
        )
        return [(Verdict.INCONCLUSIVE, text)]
    low = figures.interval[0]
    reach = (
        f"may be as low as {show_points(low)}" if low > -1 else "may have any size as far as shown"
    )
    text = (
        f"A loss over the margin of {show_rate(figures.margin)} is not excluded: the difference "
        f"{reach} over {count_of(cases, 'case')} and {count_of(figures.blocks, 'block')} of trials."
    )
    return [(Verdict.INCONCLUSIVE, text)]


def judge_budget(*, is_spent: bool) -> list[Finding]:
    """A check that ended because of what it may cost."""
    if not is_spent:
        return []
    text = (
        "The budget is spent before it is decided: raise max_agent_calls, or max_cost_usd "
        "where that was the limit."
    )
    return [(Verdict.INCONCLUSIVE, text)]
