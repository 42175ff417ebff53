"""What ten million trials a day need, by the measured growth of `run`: sentences for a page.

Pure arithmetic on figures: it assumes that a cluster takes the agents' work and leaves one machine
to keep the record, and that growth goes on as between the two largest sizes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from growing.figures import by_command, slope_us

if TYPE_CHECKING:
    from collections.abc import Iterable

    from growing.figures import Figure

A_DAY = 10_000_000
DAY_S = 86_400
AGENT_S = 30.0
"""How long an agent takes for a trial, in the reckoning: some model calls."""


def on_paper(figures: Iterable[Figure]) -> str:
    """A list in Markdown; empty where `run` was measured at fewer than two sizes."""
    own = by_command(figures).get("run", [])
    cost_us = slope_us(own)
    if cost_us is None:
        return ""
    small, large = own[-2:]
    grown = 1e6 * (large.memory_mb - small.memory_mb) / (large.size - small.size)
    hours = A_DAY * cost_us / 1e6 / 3600
    memory_gb = A_DAY * grown / 1e9
    at_once = A_DAY / DAY_S * AGENT_S
    needs = (
        f"- {A_DAY:,} a day are {A_DAY / DAY_S:,.0f} a second. An agent of {AGENT_S:g} s a trial "
        f"needs {at_once:,.0f} of them at once."
    )
    costs = (
        f"- Scoring them and keeping the record cost {cost_us:,.0f} µs of processor a trial: "
        f"{hours:,.1f} hours of one core a day, {hours / 24:.0%} of it. One process keeps up with "
        f"{DAY_S / cost_us:,.0f} million a day."
    )
    keeps = (
        f"- Each trial takes {grown:,.0f} bytes of that machine's memory until its run ends: "
        f"{memory_gb:,.1f} GB where the day is one run."
    )
    return "\n".join((needs, costs, keeps))
