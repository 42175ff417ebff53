"""Where things stand in the page's charts: numbers, ticks and words; the lines are drawn by macros.

Pure geometry for inline SVG. Each chart carries a sentence that says what it shows, and the figures
of the table behind it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dialgate_reports.words import figures

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dialgate_reports.page.page_records import RecordedRunPoint

RATE_WIDTH, RATE_HEIGHT = 220, 26
CURVE_WIDTH, CURVE_HEIGHT = 460, 170
TREND_WIDTH, TREND_HEIGHT = 230, 84
_QUANTILES = (0.5, 0.9, 0.95, 0.99)
_MOST_STEPS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class RatePlot:
    """One class on the scale from 0 to 100 %: places in pixels, None where there is no figure."""

    words: str
    baseline: float | None
    candidate: float | None
    low: float | None
    high: float | None
    # the baseline plus the interval of the difference
    limit: float | None
    # the baseline minus the tolerated loss


def plot_rates(item: Mapping[str, Any]) -> RatePlot:
    """A class of the verdict: where it was, where it is, where it may be, what is tolerated."""
    before = item["baseline"]["success_rate"] if item["baseline"] else None
    ends = item["interval"] if before is not None else None
    return RatePlot(
        words=_rate_words(item, before),
        baseline=_on_scale(before),
        candidate=_on_scale(item["candidate"]["success_rate"]),
        low=_on_scale(before + ends[0]) if ends else None,
        high=_on_scale(before + ends[1]) if ends else None,
        limit=_on_scale(before - item["margin"]) if before is not None else None,
    )


def _rate_words(item: Mapping[str, Any], before: float | None) -> str:
    now = figures.percent(item["candidate"]["success_rate"])
    if before is None:
        return f"success now {now}"
    words = f"success before {figures.percent(before)}, now {now}"
    ends = item["interval"]
    if ends and item["difference"] is not None:
        words += (
            f"; difference {figures.points(item['difference'])} points, interval "
            f"{figures.points(ends[0])} to {figures.points(ends[1])}"
        )
    return f"{words}, tolerated loss {figures.percent(item['margin'])}"


def _on_scale(rate: float | None) -> float | None:
    if rate is None:
        return None
    return round(8 + (RATE_WIDTH - 16) * min(max(rate, 0.0), 1.0), 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """One side of a distribution: a step line, and the figures of the table."""

    name: str
    points: str
    # of an SVG polyline
    number: int
    mean: float
    quantiles: tuple[float, ...]
    # P50, P90, P95, P99


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """Cumulative shares of both sides on one scale."""

    title: str
    unit: str
    words: str
    curves: tuple[Curve, ...]
    ticks: tuple[tuple[float, str], ...]
    # place and label on the horizontal axis


def plot_distribution(
    title: str, unit: str, sides: Mapping[str, Sequence[float]]
) -> Distribution | None:
    """The share of trials at or under each value, per side; None where no side has a value.

    The scale ends at the largest P99, so that one odd trial does not flatten the rest.
    """
    values = {name: sorted(found) for name, found in sides.items() if found}
    if not values:
        return None
    top = max(_quantile(found, 0.99) for found in values.values()) or 1.0
    curves = tuple(_curve(name, found, top) for name, found in values.items())
    words = "; ".join(
        f"{c.name}: half of {c.number:,} trials under {amount(c.quantiles[0], unit)}, 95 % under "
        f"{amount(c.quantiles[2], unit)}"
        for c in curves
    )
    ticks = tuple((_across(top * i / 2, top), amount(top * i / 2, unit)) for i in range(3))
    return Distribution(title=title, unit=unit, words=words, curves=curves, ticks=ticks)


def _curve(name: str, values: Sequence[float], top: float) -> Curve:
    count = len(values)
    step = max(1, count // _MOST_STEPS)
    points = [(_across(0.0, top), _up(0.0))]
    for index in [*range(step - 1, count, step), count - 1]:
        place = _across(min(values[index], top), top)
        points += [(place, points[-1][1]), (place, _up((index + 1) / count))]
    points.append((_across(top, top), points[-1][1]))
    return Curve(
        name=name,
        points=" ".join(f"{x:g},{y:g}" for x, y in dict.fromkeys(points)),
        number=count,
        mean=sum(values) / count,
        quantiles=tuple(_quantile(values, q) for q in _QUANTILES),
    )


def _quantile(values: Sequence[float], q: float) -> float:
    """The smallest value with at least the share `q` of the values at or under it."""
    index = -(-q * len(values) // 1) - 1
    return values[max(0, min(len(values) - 1, int(index)))]


def _across(value: float, top: float) -> float:
    return round(40 + (CURVE_WIDTH - 60) * value / top, 1)


def _up(share: float) -> float:
    return round(CURVE_HEIGHT - 26 - (CURVE_HEIGHT - 40) * share, 1)


def amount(value: float, unit: str) -> str:
    """A value with its unit: `1,240 ms`, `0.0132 USD`."""
    return f"{value:,.0f} ms" if unit == "ms" else f"{figures.money(value)} {unit}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendDot:
    """One run in a trend."""

    across: float
    up: float
    is_candidate: bool
    # a run of the release under judgement


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """One action class over recorded runs."""

    name: str
    words: str
    dots: tuple[TrendDot, ...]
    rates: tuple[str, ...]
    # one a run, `–` where nothing was run; the table's cells
    borders: tuple[float, ...] = ()
    # where one release ends and the next begins


def by_release(
    document: Mapping[str, Any], history: Sequence[RecordedRunPoint]
) -> tuple[RecordedRunPoint, ...]:
    """The runs release by release, each release's in order of time.

    Releases come as their first runs did; the baseline and then the candidate stand last, whenever
    they were run: what the clock says of a release that was run again is no order of releases.
    """
    judged = [(document["baseline"] or {}).get("fingerprint"), document["release"]["fingerprint"]]
    first: dict[str, str] = {}
    for run in sorted(history, key=lambda item: (item.started_at, item.run_id)):
        first.setdefault(run.fingerprint, run.started_at)
    known = list(first)

    def place(run: RecordedRunPoint) -> tuple[int, int, str, str]:
        is_judged = judged.index(run.fingerprint) + 1 if run.fingerprint in judged else 0
        if run.fingerprint == judged[1]:
            is_judged = 2
        return is_judged, known.index(run.fingerprint), run.started_at, run.run_id

    return tuple(sorted(history, key=place))


def plot_trends(history: Sequence[RecordedRunPoint], fingerprint: str) -> tuple[Trend, ...]:
    """Small multiples: the suite first, then every class, on one scale from 0 to 100 %.

    `fingerprint` is the candidate's; the runs come release by release, so no line joins them.
    """
    names = sorted({name for run in history for name in run.classes})
    return tuple(_trend(name, history, fingerprint) for name in names)


def _trend(name: str, history: Sequence[RecordedRunPoint], fingerprint: str) -> Trend:
    counts = [run.classes.get(name, (0, 0)) for run in history]
    rates = [good / trials if trials else None for good, trials in counts]
    dots = tuple(
        TrendDot(
            across=_run_place(index, len(history)),
            up=_rate_place(rate),
            is_candidate=history[index].fingerprint == fingerprint,
        )
        for index, rate in enumerate(rates)
        if rate is not None
    )
    shown = [figures.percent(rate) for rate in rates]
    return Trend(
        name=name or "whole suite",
        words=f"success over {len(history)} recorded runs: {', '.join(shown)}",
        dots=dots,
        rates=tuple(shown),
        borders=_borders(history),
    )


def _borders(history: Sequence[RecordedRunPoint]) -> tuple[float, ...]:
    """Half-way between the last run of a release and the first of the next."""
    return tuple(
        round((_run_place(index, len(history)) + _run_place(index + 1, len(history))) / 2, 1)
        for index in range(len(history) - 1)
        if history[index].fingerprint != history[index + 1].fingerprint
    )


def _run_place(index: int, count: int) -> float:
    return round(52 + (TREND_WIDTH - 68) * (index / (count - 1) if count > 1 else 0.5), 1)


def _rate_place(rate: float) -> float:
    return round(TREND_HEIGHT - 12 - (TREND_HEIGHT - 24) * rate, 1)
