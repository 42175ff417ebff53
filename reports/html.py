"""The verdict as one self-contained HTML file: no script, no network, opens from disk.

A pure function of the verdict document; every text is escaped, and a Content-Security-Policy
forbids whatever an escape might miss.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from evals.plain_text import printable, shorten
from reports import figures
from reports.case_text import call_text

_WIDTH, _HEIGHT = 180, 18


def render_html(document: dict[str, Any]) -> str:
    """The page: verdict and reasons, classes with interval plots, cases, changes, digests."""
    return _template().render(
        document=document,
        headline=printable(figures.headline(document)),
        figures=figures,
        call_text=call_text,
        plot=draw_interval,
    )


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["shown"] = lambda text, width=300: shorten(printable(str(text)), width)
    return environment.get_template("verdict.html.jinja")


def draw_interval(item: dict[str, Any]) -> Markup:
    """The difference with its interval on a scale from -1 to 1, as inline SVG with words."""
    ends = item["interval"]
    if ends is None or item["difference"] is None:
        return Markup("–")
    low, high, point = (_place(value) for value in (*ends, item["difference"]))
    limit = _place(-item["margin"])
    middle = _HEIGHT / 2
    words = Markup.escape(
        f"difference {figures.points(item['difference'])} points, interval "
        f"{figures.points(ends[0])} to {figures.points(ends[1])}, tolerated loss "
        f"{figures.percent(item['margin'])}"
    )
    return Markup(
        '<svg role="img" width="{w}" height="{h}" viewBox="0 0 {w} {h}"><title>{words}</title>'
        '<line class="axis" x1="{zero}" y1="0" x2="{zero}" y2="{h}"/>'
        '<line class="margin" x1="{limit}" y1="0" x2="{limit}" y2="{h}"/>'
        '<line class="interval" x1="{low}" y1="{m}" x2="{high}" y2="{m}"/>'
        '<circle class="point" cx="{point}" cy="{m}" r="3.5"/></svg>'
    ).format(
        w=_WIDTH, h=_HEIGHT, words=words, zero=_place(0.0), limit=limit, low=low, high=high,
        point=point, m=middle,
    )  # fmt: skip


def _place(value: float) -> float:
    """Where a difference stands on the scale, in pixels."""
    return round(4 + (_WIDTH - 8) * (value + 1) / 2, 1)
