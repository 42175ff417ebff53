"""When a release is worse: the thresholds of `[gate]` and of its classes, each declared once.

Leaves applying them to `dialgate_gate.verdict`, modes to `ladder_policy`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from dialgate_gate.settings.threshold import (
    BESIDE,
    Flag,
    Looser,
    Names,
    Number,
    Unit,
    Words,
    threshold,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class FailOn(StrEnum):
    """What a class fails on: one confirmed broken case, or only a loss over the margin."""

    CASE = "case"
    # one confirmed broken case, and any shown loss, spread or not
    LOSS = "loss"
    # a loss that is shown to be over the margin


class RecordUse(StrEnum):
    """What baseline trials of an earlier run are to the gate."""

    STEERS = "steers"
    # they choose what is run; only fresh trials decide
    EVIDENCE = "evidence"
    # they count as well: holds only while today's rates are those of the record


class Undecided(StrEnum):
    """What the gate does with a release that the evidence does not decide."""

    BLOCK = "block"
    ALLOW = "allow"


class OpenSuspects(StrEnum):
    """What a suspect that stays open does to its class."""

    COUNT = "count"
    # it counts as it is
    BLOCK = "block"
    # it keeps the class from passing


_RATE = Number(Unit.RATE, least=0, most=1)
_TOLERATED = Number(Unit.CASES, whole=True, least=0)
_CALLS = Number(Unit.CALLS, whole=True, least=1)
_RATIO = Number(Unit.RATIO, over=0)
_NOT_JUDGED = "not judged"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassPolicy:
    """What the gate asks of one action class: `[gate.default]` and `[gate.class."…"]`."""

    margin: float | None = threshold(
        None,
        _RATE,
        "The loss in success rate that is tolerated.",
        looser=Looser.HIGHER,
        absent="derived from the base's cases",
        derived_over=0.05,
    )
    min_cases: int = threshold(
        5,
        Number(Unit.CASES, whole=True, least=1),
        "Fewer cases than this decide nothing.",
        looser=Looser.LOWER,
    )
    max_new_silent: int = threshold(
        0,
        _TOLERATED,
        "Cases with a confirmed new silent failure that are tolerated.",
        looser=Looser.HIGHER,
    )
    max_new_invalid: int = threshold(
        0,
        _TOLERATED,
        "Cases with confirmed new invalid calls that are tolerated.",
        looser=Looser.HIGHER,
    )
    fail_on: FailOn | None = threshold(
        None,
        Words((FailOn.CASE, None, FailOn.LOSS)),
        "What fails: one confirmed broken case and any shown loss (case), or a shown loss over "
        "the margin (loss). Default: case for classes of high blast radius or irreversible, else "
        "loss.",
        looser=Looser.LATER,
        absent="case where the class is of high blast radius or irreversible, else loss",
    )
    open_suspects: OpenSuspects = threshold(
        OpenSuspects.COUNT,
        Words((OpenSuspects.BLOCK, OpenSuspects.COUNT)),
        "A suspect that stays open counts in the interval (count, the default), or keeps the "
        "class from passing (block).",
        looser=Looser.LATER,
    )
    cost_ratio: float | None = threshold(
        None,
        _RATIO,
        "Largest tolerated ratio of mean costs.",
        looser=Looser.HIGHER,
        absent=_NOT_JUDGED,
        name="Mean cost per task",
    )
    latency_p95_ratio: float | None = threshold(
        None,
        _RATIO,
        "Largest tolerated ratio of P95 latencies.",
        looser=Looser.HIGHER,
        absent=_NOT_JUDGED,
        name="P95 latency",
    )
    tool_calls_ratio: float | None = threshold(
        None,
        _RATIO,
        "Largest tolerated ratio of mean tool calls per task.",
        looser=Looser.HIGHER,
        absent=_NOT_JUDGED,
        name="Tool calls per task",
    )
    max_identical_calls: int | None = threshold(
        None,
        _CALLS,
        "The same call more often than this in one trial is a retry loop.",
        looser=Looser.HIGHER,
        absent=_NOT_JUDGED,
    )

    @property
    def blocks_open_suspects(self) -> bool:
        """Whether a suspect that stays open keeps the class from passing."""
        return self.open_suspects is OpenSuspects.BLOCK


@dataclass(frozen=True, slots=True, kw_only=True)
class GatePolicy:
    """The `[gate]` table of policy.toml, each threshold declared with its meaning."""

    alpha: float = threshold(
        0.05,
        Number(Unit.CHANCE, over=0, under=0.5),
        "Bound on falsely blocking an unchanged release, over all classes together.",
        looser=Looser.LOWER,
    )
    inconclusive: Undecided = threshold(
        Undecided.BLOCK,
        Words((Undecided.BLOCK, Undecided.ALLOW)),
        "Whether a release that the evidence does not decide is held (exit 3) or let through "
        "(exit 0).",
        looser=Looser.LATER,
    )
    max_agent_calls: int = threshold(
        2000,
        _CALLS,
        "Budget of agent calls, both releases together.",
        looser=Looser.UNSPENT,
    )
    max_cost_usd: float | None = threshold(
        None,
        Number(Unit.USD, over=0),
        "Budget in US dollars, where costs are known.",
        looser=Looser.UNSPENT,
        absent="no limit",
    )
    confirm_trials: int = threshold(
        8,
        Number(Unit.TRIALS, whole=True, least=0, most=1000),
        "At most so many fresh trials of each release on a suspect.",
        looser=Looser.UNSPENT,
    )
    allow: frozenset[str] = threshold(
        frozenset(),
        Names(items={"enum": ["suite-change", "runbook-change", "policy-change"]}, noun="label"),
        "Labels that --allow may use: suite-change, runbook-change. policy-change is of "
        "earlier days and allows nothing.",
        looser=Looser.LONGER,
    )
    margin: float = threshold(
        0.05,
        _RATE,
        "The loss in success rate over the whole suite that is tolerated; 0.05 where it isn't "
        "said.",
        looser=Looser.HIGHER,
    )
    max_class_margin: float = threshold(
        0.2,
        Number(Unit.RATE, over=0, most=1),
        "The largest margin that a class may get from its cases where the policy names none; "
        "0.2 where it isn't said.",
        looser=Looser.HIGHER,
    )
    record: RecordUse = threshold(
        RecordUse.STEERS,
        Words((RecordUse.STEERS, RecordUse.EVIDENCE)),
        "What baseline trials of an earlier run are: they choose what is run (steers, the "
        "default), or they count as well (evidence), which holds only where they are of the same "
        "hour and the same pinned model.",
        looser=Looser.LATER,
    )
    default: ClassPolicy = field(default=ClassPolicy(), metadata=BESIDE)
    classes: Mapping[str, ClassPolicy] = field(default_factory=dict, metadata=BESIDE)
    # classes that the policy names, with the default filled in
    grave: frozenset[str] | None = field(default=None, metadata=BESIDE)
    # classes of high blast radius or irreversible, by the suite's actions; None: any may be
    require_sealed: bool = threshold(
        False,
        Flag(),
        "A check that is not sealed is invalid (exit 4); false by default.",
        looser=Looser.WITHDRAWN,
    )

    @property
    def blocks_inconclusive(self) -> bool:
        """Whether an undecided release is held."""
        return self.inconclusive is Undecided.BLOCK

    def for_class(self, name: str) -> ClassPolicy:
        """The class's own thresholds where the policy has any, else the default ones."""
        return self.classes.get(name, self.default)

    def fail_on(self, name: str) -> FailOn:
        """What fails the class; a class that nobody described is taken to be grave."""
        said = self.for_class(name).fail_on
        return said or (FailOn.CASE if self._is_grave(name) else FailOn.LOSS)

    def suite_fails_on(self, names: Iterable[str]) -> FailOn:
        """What fails the suite of these classes: one case only where it fails each of them."""
        if self.default.fail_on is not None:
            return self.default.fail_on
        each = {self.fail_on(name) for name in names}
        return FailOn.LOSS if FailOn.LOSS in each else FailOn.CASE

    def _is_grave(self, name: str) -> bool:
        return self.grave is None or name in self.grave or name == "unclassified"
