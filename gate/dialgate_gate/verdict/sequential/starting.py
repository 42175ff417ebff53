"""A gate over screened cases: units, shares of alpha, and what the trials at hand already are.

Leaves running it to `sequential.procedure`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dialgate_gate.settings.gate_policy import FailOn, RecordUse
from dialgate_gate.verdict.blocks.running_products import LossProduct
from dialgate_gate.verdict.blocks.votes import make_votes
from dialgate_gate.verdict.class_rules import ClassRules, rules_of
from dialgate_gate.verdict.sequential.confirmation import start_confirmation
from dialgate_gate.verdict.sequential.critical_cases import screened_critical
from dialgate_gate.verdict.sequential.procedure import SequentialGate
from dialgate_gate.verdict.sequential.roster import Roster, list_cases
from dialgate_gate.verdict.sequential.rounds.block_rounds import BlockRounds
from dialgate_gate.verdict.sequential.rounds.choosing import BlockChooser, NextBlock
from dialgate_gate.verdict.sequential.rounds.known_trials import KnownTrials
from dialgate_gate.verdict.sequential.rounds.outage import OutageCount
from dialgate_gate.verdict.sequential.rounds.thin_kinds import ThinKinds
from dialgate_gate.verdict.sequential.screened_case import Endpoint, Kind, Side
from dialgate_gate.verdict.sequential.unit import Unit, start_unit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from dialgate_gate.settings.gate_policy import GatePolicy
    from dialgate_gate.statistics.judged.judge_errors import JudgeErrors
    from dialgate_gate.verdict.blocks.votes import Criteria, Votes
    from dialgate_gate.verdict.sequential.screened_case import ScreenedCase

_CONFIRMING, _LOSSES, _THIN = 0.6, 0.3, 0.1
"""How alpha is shared: suspects, losses of suite and classes (half each), thin kinds."""

FIRST_WIDTH = 8
"""Suspects tried side by side at first: more saves time, fewer saves agent calls."""


def start_gate(
    cases: Sequence[ScreenedCase] | Roster,
    policy: GatePolicy,
    *,
    rules: Mapping[str, ClassRules] | None = None,
    widest: int = FIRST_WIDTH,
    calls_so_far: int | None = None,
    is_fresh: bool = False,
    seed: int = 0,
    judges: Mapping[str, Mapping[Criteria, JudgeErrors]] | None = None,
) -> SequentialGate:
    """A gate over screened cases, or over their roster, where many gates share it.

    rules: of each class; None: the policy's, with the suite's margin where it names none.
    widest: suspects that may be tried side by side after rounds of FIRST_WIDTH decided nothing.
    calls_so_far: agent calls of screening; None: the candidate's screening trials, the baseline's
    being on record. is_fresh: the baseline's trials were run for this, beside the candidate's, so
    they are evidence. seed: of the gate's own coins. judges: by unit (the suite without a name) how
    the judge errs that decides in its cases.
    Raises ValueError for no case, one id twice, or a judge that decides and of which nothing is
    known.
    """
    roster = cases if isinstance(cases, Roster) else list_cases(cases)
    by_id = dict(zip(roster.ids, roster.cases, strict=True))
    if len(by_id) < max(len(roster.ids), 1):
        raise ValueError("found no case to judge" if not by_id else "found a case id twice")
    spent = int(roster.candidate_trials.sum()) if calls_so_far is None else calls_so_far
    noted = {place: case for place, case in enumerate(roster.cases) if _is_noted(case)}
    are_judged = any(case.judged for case in noted.values())
    units = _units(roster, policy, rules or {}, (judges or {}) if are_judged else None)
    rounds = _rounds(roster, noted, policy, units, is_fresh=is_fresh, seed=seed)
    return SequentialGate(
        policy=policy,
        cases=by_id,
        confirmation=start_confirmation(
            noted.values(),
            alpha=_CONFIRMING * policy.alpha,
            confirm_trials=policy.confirm_trials,
            relevant=_Relevance({unit.name: unit.rules for unit in units}),
        ),
        rounds=rounds,
        current=_first_block(roster, noted, rounds, policy, is_fresh=is_fresh),
        batch=FIRST_WIDTH,
        widest=max(FIRST_WIDTH, widest),
        agent_calls=spent,
        screening_calls=spent,
        critical=screened_critical(noted.values()),
    )


def _is_noted(case: ScreenedCase) -> bool:
    """Whether anything is to be looked at but how many trials there were: most cases passed."""
    return bool(
        case.candidate_failed
        or case.baseline_failed
        or case.steering_failed
        or case.judged
        or case.critical
    )


class _Relevance:
    """Whether a regression of an endpoint would fail anything."""

    def __init__(self, rules: Mapping[str, ClassRules]) -> None:
        self._rules = rules

    def __call__(self, endpoint: Endpoint) -> bool:
        if endpoint.kind is not Kind.SUCCESS:
            return True
        rules = self._rules[endpoint.action_class]
        return rules.fail_on is FailOn.CASE or rules.blocks_open_suspects


def _units(
    roster: Roster,
    policy: GatePolicy,
    rules: Mapping[str, ClassRules],
    judges: Mapping[str, Mapping[Criteria, JudgeErrors]] | None,
) -> tuple[Unit, ...]:
    """The suite and its classes. judges: None where no judge decides in any case."""
    cases, members = roster.cases, roster.members
    half = _LOSSES * policy.alpha / 2
    everything = np.arange(len(cases))
    suite = start_unit(
        "",
        everything,
        ClassRules(
            margin=policy.margin,
            fail_on=policy.suite_fails_on(members),
            min_cases=1,
            blocks_open_suspects=policy.default.blocks_open_suspects,
        ),
        loss_error=half,
        votes=_votes(cases, "", everything, judges),
    )
    classes = (
        start_unit(
            name,
            members[name],
            rules.get(name) or rules_of(policy, name),
            loss_error=half / len(members),
            votes=_votes(cases, name, members[name], judges),
        )
        for name in sorted(members)
    )
    return (suite, *classes)


def _votes(
    cases: Sequence[ScreenedCase],
    unit: str,
    members: Iterable[int],
    judges: Mapping[str, Mapping[Criteria, JudgeErrors]] | None,
) -> Votes | None:
    """How failures count in the unit, where a judge decides in any of its cases."""
    if judges is None:
        return None
    deciding = {int(place): cases[place].judged.get(unit, ()) for place in members}
    return make_votes(deciding, len(cases), judges.get(unit, {}))


def _rounds(
    roster: Roster,
    noted: Mapping[int, ScreenedCase],
    policy: GatePolicy,
    units: tuple[Unit, ...],
    *,
    is_fresh: bool,
    seed: int,
) -> BlockRounds:
    cases, recorded = roster.cases, roster.baseline_trials
    steers = policy.record is RecordUse.STEERS and not is_fresh
    hinted = _failed(len(cases), {p: case.steering_failed for p, case in noted.items()})
    failed = _failed(len(cases), {p: case.baseline_failed for p, case in noted.items()})
    thin = ThinKinds(error=_THIN * policy.alpha, loss=LossProduct(cases=len(cases)))
    if not is_fresh:
        thin.note(Side.BASELINE, int(recorded.sum()), {})
        for case in noted.values():
            thin.note(Side.BASELINE, 0, case.baseline_failed)
    known = KnownTrials(
        seen=roster.steering_trials + (recorded if steers else 0),
        failed=_added(hinted, failed) if steers else hinted,
        left=np.zeros_like(recorded) if steers else recorded,
        record_failed={} if steers else failed,
        recorded=np.zeros_like(recorded) if is_fresh else recorded,
        recorded_failed={} if is_fresh else {e: counts.copy() for e, counts in failed.items()},
        uses_record=not steers and not is_fresh,
    )
    rng = np.random.default_rng([seed, len(cases)])
    return BlockRounds(
        cases=cases,
        chooser=BlockChooser(units=units, known=known, rng=rng),
        outage=OutageCount(),
        thin=thin,
    )


def _added(
    first: Mapping[Endpoint, NDArray[np.int64]], second: Mapping[Endpoint, NDArray[np.int64]]
) -> dict[Endpoint, NDArray[np.int64]]:
    """The counts of both together."""
    found = {endpoint: counts.copy() for endpoint, counts in first.items()}
    for endpoint, counts in second.items():
        known = found.get(endpoint)
        found[endpoint] = counts.copy() if known is None else known + counts
    return found


def _failed(
    cases: int, failures: Mapping[int, Mapping[Endpoint, int]]
) -> dict[Endpoint, NDArray[np.int64]]:
    """The record's failures by endpoint, of so many cases."""
    found: dict[Endpoint, NDArray[np.int64]] = {}
    for place, counted in failures.items():
        for endpoint, number in counted.items():
            if endpoint not in found:
                found[endpoint] = np.zeros(cases, dtype=np.int64)
            found[endpoint][place] = number
    return found


def _first_block(
    roster: Roster,
    noted: Mapping[int, ScreenedCase],
    rounds: BlockRounds,
    policy: GatePolicy,
    *,
    is_fresh: bool,
) -> NextBlock:
    """Screening's trials are the first block, or a part of it.

    Where the record only steers, options and stakes come from the record alone, so they are the
    same whatever screening showed.
    """
    if is_fresh or policy.record is RecordUse.EVIDENCE:
        item = rounds.chooser.first_of_record(half=not is_fresh)
    else:
        first = rounds.choose_next(first=True)
        assert first is not None
        item = first
    block = item.block
    screened = roster.candidate_trials
    block.trials[Side.CANDIDATE] = np.maximum(block.trials[Side.CANDIDATE], screened)
    block.open[Side.CANDIDATE] = block.trials[Side.CANDIDATE] - screened
    for place, case in noted.items():
        for endpoint, number in case.candidate_failed.items():
            if number:
                block.add(Side.CANDIDATE, place, (endpoint,), number)
    return item
