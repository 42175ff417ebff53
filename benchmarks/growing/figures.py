"""Figures of growth: what a command cost at a size, and whether that is more than linear.

Pure. Leaves measuring to `stages` and drawing to `chart`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What one command cost at one size."""

    command: str
    size: int
    # trials, or review events
    processor_s: float
    # of the process and what it started
    seconds: float
    # by the clock; on a busy machine it says little
    memory_mb: float
    # peak of the largest process


def by_command(figures: Iterable[Figure]) -> dict[str, list[Figure]]:
    """Each command's figures, from small to large."""
    found = sorted(figures, key=lambda figure: figure.command)
    return {
        command: sorted(own, key=lambda figure: figure.size)
        for command, own in groupby(found, key=lambda figure: figure.command)
    }


def slope_us(figures: Sequence[Figure]) -> float | None:
    """Microseconds of processor time that each further one costs, between the two largest sizes."""
    if len(figures) < 2:
        return None
    small, large = figures[-2:]
    return 1e6 * (large.processor_s - small.processor_s) / (large.size - small.size)


def exponents(figures: Sequence[Figure]) -> list[float]:
    """How processor time grows with size, from size to size: 1 is linear, 2 a square.

    What the smallest size cost is taken off, as most of that is the start of the process. Pairs
    whose smaller size costs less than that again say nothing, and are left out.

    >>> made = [Figure(command="x", size=n, processor_s=1 + n / 1000, seconds=0, memory_mb=0)
    ...         for n in (10, 1000, 10_000, 100_000)]
    >>> [round(one, 1) for one in exponents(made)]
    [1.0]
    """
    start = figures[0].processor_s if figures else 0.0
    return [
        math.log((large.processor_s - start) / (small.processor_s - start))
        / math.log(large.size / small.size)
        for small, large in pairwise(figures[1:])
        if small.processor_s > 2 * start and large.processor_s > start
    ]


def as_table(figures: Iterable[Figure]) -> str:
    """A Markdown table: a row a command, a column a size, and how it grows."""
    commands = by_command(figures)
    sizes = sorted({figure.size for own in commands.values() for figure in own})
    lines = [
        ["", *(f"{size:,}" for size in sizes), "µs a further one", "exponent"],
        ["---"] * (len(sizes) + 3),
    ]
    for command, own in commands.items():
        cells = {figure.size: figure for figure in own}
        slope, grown = slope_us(own), exponents(own)
        lines.append(
            [
                f"`{command}`",
                *(_cell(cells.get(size)) for size in sizes),
                "" if slope is None else f"{slope:,.1f}",
                f"{grown[-1]:.2f}" if grown else "",
            ]
        )
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(figure: Figure | None) -> str:
    if figure is None:
        return ""
    return f"{figure.processor_s:,.1f} s, {figure.memory_mb:,.0f} MB"
