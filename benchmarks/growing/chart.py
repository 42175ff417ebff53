"""The chart of growth as SVG: processor time and memory over size, both axes by powers of ten."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from growing.figures import Figure, by_command

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

WIDTH, HEIGHT = 760, 330
COLOURS = ("#0969da", "#1a7f37", "#cf222e", "#8250df", "#9a6700", "#57606a", "#bf3989")
_TOP, _BOTTOM, _PANEL, _LEFT, _GAP = 34, 250, 300, 56, 70


def draw(figures: Sequence[Figure]) -> str:
    """Both panels and the names of the commands; the same figures, the same bytes."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
        "<style>text { font: 12px sans-serif }</style>",
        "<title>Processor time and memory of each command by trials or events</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
    ]
    parts += _panel(figures, _LEFT, "processor time, s", lambda figure: figure.processor_s)
    right = _LEFT + _PANEL + _GAP
    parts += _panel(figures, right, "peak memory, MB", lambda figure: figure.memory_mb)
    for index, command in enumerate(by_command(figures)):
        x, y = 56 + 180 * (index % 4), HEIGHT - 30 + 18 * (index // 4)
        colour = COLOURS[index % len(COLOURS)]
        parts.append(f'<path d="M{x} {y - 4}h18" stroke="{colour}" stroke-width="2.5"/>')
        parts.append(f'<text x="{x + 24}" y="{y}" fill="#1f2328">{command}</text>')
    return "\n".join([*parts, "</svg>", ""])


def _panel(
    figures: Sequence[Figure], left: int, title: str, value: Callable[[Figure], float]
) -> list[str]:
    sizes = _decades([figure.size for figure in figures])
    values = _decades([value(figure) for figure in figures])

    def x_of(size: float) -> float:
        return left + _PANEL * _share(size, sizes)

    def y_of(amount: float) -> float:
        return _BOTTOM - (_BOTTOM - _TOP) * _share(amount, values)

    parts = [f'<text x="{left}" y="{_TOP - 14}" fill="#1f2328">{title}</text>']
    for power in range(values[0], values[1] + 1):
        y = y_of(10.0**power)
        parts.append(f'<path d="M{left} {y:.1f}h{_PANEL}" stroke="#d0d7de"/>')
        text = f'<text x="{left - 6}" y="{y + 4:.1f}" text-anchor="end" fill="#57606a">'
        parts.append(f"{text}{10.0**power:g}</text>")
    for power in range(sizes[0], sizes[1] + 1):
        x = x_of(10.0**power)
        text = f'<text x="{x:.1f}" y="{_BOTTOM + 18}" text-anchor="middle" fill="#57606a">'
        parts.append(f"{text}{_short(power)}</text>")
    for index, own in enumerate(by_command(figures).values()):
        corners = " ".join(f"{x_of(one.size):.1f},{y_of(value(one)):.1f}" for one in own)
        colour = COLOURS[index % len(COLOURS)]
        parts.append(
            f'<polyline points="{corners}" fill="none" stroke="{colour}" stroke-width="2.5"/>'
        )
    return parts


def _decades(values: Sequence[float]) -> tuple[int, int]:
    logs = [math.log10(value) for value in values if value > 0] or [0.0]
    low, high = math.floor(min(logs)), math.ceil(max(logs))
    return low, max(high, low + 1)


def _share(value: float, decades: tuple[int, int]) -> float:
    low, high = decades
    return (math.log10(max(value, 10.0**low)) - low) / (high - low)


def _short(power: int) -> str:
    """A power of ten as people say it: 1k, 10k, 1M."""
    thousands, rest = divmod(power, 3)
    return f"{10**rest}{('', 'k', 'M', 'G')[thousands]}"
