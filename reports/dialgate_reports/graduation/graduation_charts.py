"""Where things stand in the graduation report's drawings: the dial, bars of conditions, the rate.

Pure geometry for inline SVG; each drawing carries the sentence that says what it shows.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dialgate_reports.graduation.graduation_words import MODES, mode, move_words
from dialgate_reports.words import figures

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

DIAL_WIDTH, DIAL_HEIGHT = 176, 30
BAR_WIDTH, BAR_HEIGHT = 300, 44
RATE_WIDTH, RATE_HEIGHT = 460, 190
_LEFT, _RIGHT, _TOP, _BOTTOM = 48, 124, 14, 26
_LEAST_REVIEWS = 5
"""A period with fewer reviews does not stretch the scale."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DialPlot:
    """One class's dial: four stops, where it is, and where the evidence says it could be."""

    words: str
    stops: tuple[float, ...]
    now: float
    to: float | None
    # None: it stays
    arrow: str
    # of an SVG path from now to there; empty: it stays


def plot_dial(entry: Mapping[str, Any]) -> DialPlot:
    """The dial of one recommendation."""
    stops = tuple(16.0 + 48 * index for index in range(len(MODES)))
    now = stops[MODES.index(entry["mode"])]
    words = f"now {mode(entry['mode'])}; evidence says: {move_words(entry)}"
    if entry["move"] == "hold":
        return DialPlot(words=words, stops=stops, now=now, to=None, arrow="")
    to = stops[MODES.index(entry["recommended"])]
    way = 1 if to > now else -1
    tip = to - 9 * way
    arrow = f"M{now + 9 * way:g} 15H{tip:g}M{tip - 6 * way:g} 10L{tip:g} 15L{tip - 6 * way:g} 20"
    return DialPlot(words=words, stops=stops, now=now, to=to, arrow=arrow)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionBar:
    """A condition as a bar that must reach, or must not pass, a line."""

    words: str
    fill: float
    # the bar's end; it begins at the left
    limit: float
    observed: float | None
    low: float | None
    high: float | None
    # ends of the interval
    ends: tuple[str, str]
    # labels of the scale's ends
    limit_label: str


def plot_condition(item: Mapping[str, Any]) -> ConditionBar | None:
    """The bar of a condition with figures; None for one that is words only, or unknown."""
    shown, limit = item["shown"], item["limit"]
    if not isinstance(shown, int | float) or not isinstance(limit, int | float):
        return None
    low, high = _scale(item, float(shown), float(limit))

    def place(value: float | None) -> float | None:
        return None if value is None else _along(value, low, high)

    interval = item["interval"] or (None, None)
    return ConditionBar(
        words=item["sentence"],
        fill=_along(shown, low, high),
        limit=_along(limit, low, high),
        observed=place(item["observed"]),
        low=place(interval[0]),
        high=place(interval[1]),
        ends=(_label(low, item["unit"]), _label(high, item["unit"])),
        limit_label=_label(limit, item["unit"]),
    )


def _scale(item: Mapping[str, Any], shown: float, limit: float) -> tuple[float, float]:
    """From where to where the bar's scale goes, so that bound and limit can be told apart."""
    if item["unit"] != "rate":
        return 0.0, max(limit * 1.25, min(shown, limit * 4), 1.0)
    if item["direction"] == "at_most":
        return 0.0, min(1.0, max(2 * limit, 1.15 * shown, 0.001))
    return max(0.0, 1 - max(2 * (1 - limit), 1.15 * (1 - shown), 0.001)), 1.0


def _along(value: float, low: float, high: float) -> float:
    share = min(max((value - low) / (high - low), 0.0), 1.0)
    return round(6 + (BAR_WIDTH - 12) * share, 1)


def _label(value: float, unit: str) -> str:
    if unit == "rate":
        return figures.percent(value) if value else "0 %"
    return f"{value:,.0f}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RateDot:
    """One period's plain rate."""

    across: float
    up: float
    counts: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RateChart:
    """A class's intervention rate over time beside its limits."""

    words: str
    dots: tuple[RateDot, ...]
    bound: str
    # points of an SVG polyline, some of them above the drawing, which cuts them off: under this
    # the running rate lies, at any number of looks
    limits: tuple[tuple[float, float, str, str], ...]
    # place of the line, place of its label, the label, and "promote" or "demote"
    ticks: tuple[tuple[float, str], ...]
    ends: tuple[tuple[float, str], ...]
    # of the vertical scale


def plot_rate(
    series: Sequence[Mapping[str, Any]], *, promote: float | None, demote: float | None
) -> RateChart | None:
    """The chart; None where no period has a review."""
    points = [point for point in series if point["reviews"]]
    if not points:
        return None
    top = _top(points, [limit for limit in (promote, demote) if limit is not None])
    days = [dt.date.fromisoformat(point["start"]) for point in points]
    first, span = days[0], max((days[-1] - days[0]).days, 1)

    def across(day: dt.date) -> float:
        return round(_LEFT + (RATE_WIDTH - _LEFT - _RIGHT) * (day - first).days / span, 1)

    places = [across(day) for day in days]
    dots = tuple(
        RateDot(across=x, up=_up(_rate(point), top), counts=point["counts"])
        for x, point in zip(places, points, strict=True)
    )
    bound = " ".join(
        f"{x:g},{_above(point['high'], top):g}"
        for x, point in zip(places, points, strict=True)
        if point["counts"]
    )
    return RateChart(
        words=_rate_words(points, promote, demote),
        dots=dots,
        bound=bound,
        limits=_limits(top, promote, demote),
        ticks=_ticks(days, places),
        ends=((_up(0, top), "0 %"), (_up(top, top), figures.percent(top))),
    )


def _limits(
    top: float, promote: float | None, demote: float | None
) -> tuple[tuple[float, float, str, str], ...]:
    """The lines from the top down; labels that would touch are moved apart."""
    named = (("demote", demote, "falls above"), ("promote", promote, "rises under"))
    lines = sorted(
        (_up(value, top), f"{words} {figures.percent(value)}", name)
        for name, value, words in named
        if value is not None
    )
    placed: list[tuple[float, float, str, str]] = []
    for place, label, name in lines:
        beside = place + 4 if not placed else max(place + 4, placed[-1][1] + 12)
        placed.append((place, beside, label, name))
    return tuple(placed)


def _top(points: Sequence[Mapping[str, Any]], limits: Sequence[float]) -> float:
    rates = [_rate(point) for point in points if point["reviews"] >= _LEAST_REVIEWS]
    found = max([1.25 * rate for rate in rates] + [1.5 * limit for limit in limits], default=0.1)
    return min(1.0, max(found, 0.01))


def _rate(point: Mapping[str, Any]) -> float:
    return float(point["interventions"] / point["reviews"])


def _up(rate: float, top: float) -> float:
    return _above(min(rate, top), top)


def _above(rate: float, top: float) -> float:
    return round(RATE_HEIGHT - _BOTTOM - (RATE_HEIGHT - _TOP - _BOTTOM) * rate / top, 1)


def _ticks(days: Sequence[dt.date], places: Sequence[float]) -> tuple[tuple[float, str], ...]:
    """At most four dates along the horizontal axis, none twice."""
    unique = list(dict.fromkeys(zip(places, days, strict=True)))
    step = max(1, -(-len(unique) // 4))
    return tuple((place, f"{day:%-d %b}") for place, day in unique[::step])


def _rate_words(
    points: Sequence[Mapping[str, Any]], promote: float | None, demote: float | None
) -> str:
    period = "day" if points[0]["days"] == 1 else "week"
    last = points[-1]
    text = (
        f"intervention rate by {period} since {points[0]['start']}; the last: "
        f"{last['interventions']} of {last['reviews']} reviews ({figures.percent(_rate(last))})"
    )
    counted = [point for point in points if point["counts"]]
    if counted:
        text += f"; what counts lies under {figures.percent(counted[-1]['high'])}"
    if promote is not None:
        text += f"; to rise it must be shown under {figures.percent(promote)}"
    if demote is not None:
        text += f"; the class falls where it stays above {figures.percent(demote)}"
    return text
