"""What a watch alarms on beside interventions, and how often it may do so for nothing: `[watch]`.

Leaves detecting to `dialgate_gate.live.alarms`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from dialgate_gate.settings.threshold import BESIDE, Looser, Number, Unit, read_table, threshold

if TYPE_CHECKING:
    from collections.abc import Mapping

_LEARNED = "learned from the class's first tasks"
_CHANCE = Number(Unit.CHANCE, over=0, under=0.5)
_FALSE = "Bound on ever alarming without a change, over all classes of the suite together."


class Signal(StrEnum):
    """What a class can alarm on; the values but the first are tables of `[watch]`."""

    INTERVENTION_RATE = "intervention_rate"
    # by [demote]
    ESCALATION_RATE = "escalation_rate"
    COST_USD = "cost_usd"
    COST_P99_USD = "cost_p99_usd"
    LATENCY_P95_MS = "latency_p95_ms"
    RETRY_LOOPS = "retry_loops"
    VOLUME = "volume"


@dataclass(frozen=True, slots=True, kw_only=True)
class RateRule:
    """A share of tasks: `[watch.escalation_rate]`, `[watch.retry_loops]`."""

    limit: float | None = threshold(
        None,
        Number(Unit.RATE, over=0, under=1),
        "Share of tasks over which the class alarms.",
        looser=Looser.HIGHER,
        absent=_LEARNED,
    )
    false_alarm: float = threshold(0.05, _CHANCE, _FALSE, looser=Looser.LOWER)


@dataclass(frozen=True, slots=True, kw_only=True)
class CostRule:
    """Dollars a task: the mean in `[watch.cost_usd]`, the P99 in `[watch.cost_p99_usd]`."""

    limit: float | None = threshold(
        None,
        Number(Unit.USD, over=0),
        "Cost of a task (its mean, or its P99) over which the class alarms.",
        looser=Looser.HIGHER,
        absent=_LEARNED,
    )
    false_alarm: float = threshold(0.05, _CHANCE, _FALSE, looser=Looser.LOWER)


@dataclass(frozen=True, slots=True, kw_only=True)
class LatencyRule:
    """The P95 of each task's slowest call."""

    limit: float | None = threshold(
        None,
        Number(Unit.MILLISECONDS, over=0),
        "P95 of each task's slowest call over which the class alarms.",
        looser=Looser.HIGHER,
        absent=_LEARNED,
    )
    false_alarm: float = threshold(0.05, _CHANCE, _FALSE, looser=Looser.LOWER)


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeRule:
    """Tasks that don't come: a feed that broke looks like a quiet one."""

    limit: float = threshold(
        0.3,
        Number(Unit.RATE, over=0, under=1),
        "Share of the usual tasks of the hour of the week under which the class alarms.",
        looser=Looser.LOWER,
    )
    false_alarm: float = threshold(0.05, _CHANCE, _FALSE, looser=Looser.LOWER)


WatchRule = RateRule | CostRule | LatencyRule | VolumeRule

RULES: Mapping[Signal, type[WatchRule]] = {
    Signal.ESCALATION_RATE: RateRule,
    Signal.COST_USD: CostRule,
    Signal.COST_P99_USD: CostRule,
    Signal.LATENCY_P95_MS: LatencyRule,
    Signal.RETRY_LOOPS: RateRule,
    Signal.VOLUME: VolumeRule,
}
"""The table of each signal below `[watch]`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchPolicy:
    """What is watched beside interventions, and from how long a past limits are learned."""

    baseline_tasks: int = threshold(
        300,
        Number(Unit.TASKS, whole=True, least=20),
        "So many first tasks of a class at least teach a limit that the policy doesn't name.",
        looser=Looser.HIGHER,
    )
    baseline_days: int = threshold(
        7,
        Number(Unit.DAYS, whole=True, least=1),
        "And those of so many days at least, so that they hold every hour of a cycle.",
        looser=Looser.HIGHER,
    )
    rise: float = threshold(
        1.5,
        Number(Unit.RATIO, least=1),
        "So many times what was learned counts as no change yet: a daily cycle is none.",
        looser=Looser.HIGHER,
    )
    rules: Mapping[Signal, WatchRule] = field(default_factory=dict, metadata=BESIDE)
    # of the signals that the policy names


def parse_watch(document: Mapping[str, Any]) -> WatchPolicy:
    """The table `[watch]` of a checked policy.toml."""
    rules = {
        signal: read_table(table, document[signal.value])
        for signal, table in RULES.items()
        if signal.value in document
    }
    return read_table(WatchPolicy, document, rules=rules)
