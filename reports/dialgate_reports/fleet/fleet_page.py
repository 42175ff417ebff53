"""The fleet as one self-contained HTML page: what three people open in the morning.

A pure function of the document that `fleet --json` writes. Works without script and without
network; leaves words to `fleet_words`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dialgate_reports.fleet import fleet_words
from dialgate_reports.page.page_frame import page_part, page_policy, page_template

if TYPE_CHECKING:
    from collections.abc import Mapping

OPEN_DECISIONS = 6
"""Those after them are folded, so that the table of suites isn't far."""
SPARK_WIDTH, SPARK_HEIGHT = 96, 22
_MARGIN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Spark:
    """A rate over its periods: places of an SVG polyline, and what it shows in words."""

    points: str
    last: tuple[float, float]
    words: str


def render_fleet_page(document: Mapping[str, Any]) -> str:
    """The page: decisions, suites by risk, each suite, how the order comes about."""
    style = page_part("page.css") + page_part("fleet.css")
    script = page_part("fleet.js")
    wanted = document["decisions"]
    page = page_template("fleet.html.jinja").render(
        document=document,
        first=wanted[:OPEN_DECISIONS],
        folded=wanted[OPEN_DECISIONS:],
        places={suite["folder"]: n for n, suite in enumerate(document["suites"], start=1)},
        needing=[suite for suite in document["suites"] if suite["needs"]],
        quiet=[suite for suite in document["suites"] if not suite["needs"]],
        words=fleet_words,
        spark=plot_spark,
        width=SPARK_WIDTH,
        height=SPARK_HEIGHT,
        style=style,
        script=script,
        policy=page_policy(style, script),
    )
    return f"{page}\n"


def plot_spark(item: Mapping[str, Any]) -> Spark | None:
    """The rate of a class, period by period; None under two periods with reviews."""
    known = [period for period in item["live"]["periods"] if period["reviews"]]
    if len(known) < 2:
        return None
    rates = [period["interventions"] / period["reviews"] for period in known]
    top = max(*rates, 0.01)
    places = [
        (
            round(_MARGIN + (SPARK_WIDTH - 2 * _MARGIN) * number / (len(rates) - 1), 1),
            round(SPARK_HEIGHT - _MARGIN - (SPARK_HEIGHT - 2 * _MARGIN) * value / top, 1),
        )
        for number, value in enumerate(rates)
    ]
    shown = [f"{100 * value:.2g} %" for value in (rates[0], rates[-1], max(rates))]
    return Spark(
        points=" ".join(f"{x:g},{y:g}" for x, y in places),
        last=places[-1],
        words=(
            f"people stepped in in {shown[0]} of tasks from {known[0]['start']}, in {shown[1]} "
            f"from {known[-1]['start']}, at most in {shown[2]}"
        ),
    )
