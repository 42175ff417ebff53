"""Draws the operating curve of the gate as an SVG, from the benchmark's own table.

Run: python benchmarks/gate/gate_operating_characteristics.py 500 curve | python benchmarks/gate/operating_curve.py > docs/images/operating-curve.svg
"""  # noqa: E501 - a command

from __future__ import annotations

import sys

WIDTH, HEIGHT, LEFT, BOTTOM = 560, 300, 60, 250
COLOURS = {"passes": "#1a7f37", "fails": "#cf222e"}


def points(rows: list[list[float]], column: int) -> str:
    """The curve's corners."""
    most = max(row[0] for row in rows)
    return " ".join(
        f"{LEFT + row[0] / most * 460:.1f},{BOTTOM - row[column] * 210:.1f}" for row in rows
    )


def draw(rows: list[list[float]]) -> str:
    """The picture: chance to pass and to fail by the loss in points."""
    most = max(row[0] for row in rows)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
        "<style>text { font: 12px sans-serif }</style>",
        "<title>How often a release passes and fails, by the loss it has</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
    ]
    for share in (0, 0.5, 1):
        y = BOTTOM - share * 210
        parts.append(f'<path d="M{LEFT} {y}H520" stroke="#d0d7de"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4}" text-anchor="end">{share:.0%}</text>')
    for row in rows:
        x = LEFT + row[0] / most * 460
        label = f"{100 * row[0]:.4g}"
        parts.append(f'<text x="{x:.1f}" y="{BOTTOM + 18}" text-anchor="middle">{label}</text>')
    parts.append(f'<text x="290" y="{BOTTOM + 38}" text-anchor="middle">loss in points</text>')
    for column, (name, colour) in enumerate(COLOURS.items(), start=1):
        parts.append(
            f'<polyline points="{points(rows, column)}" fill="none" stroke="{colour}" '
            'stroke-width="2.5"/>'
        )
        parts.append(f'<text x="{400}" y="{20 + 16 * column}" fill="{colour}">{name}</text>')
    return "\n".join([*parts, "</svg>", ""])


def main() -> None:
    """Reads the table, writes the picture."""
    rows = [line.split() for line in sys.stdin]
    figures = [[float(item) for item in row] for row in rows if row and row[0][0].isdigit()]
    print(draw(figures), end="")


if __name__ == "__main__":
    main()
