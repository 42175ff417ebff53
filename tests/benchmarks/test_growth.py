"""How commands grow: exponents, the table, the chart, and the page that shows them."""

from __future__ import annotations

import importlib
import json
import sys
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from tests.integration.command_line import PROJECT

sys.path.append(str(PROJECT / "benchmarks"))

# scripts, and no package's modules
figures: Any = importlib.import_module("growing.figures")
chart: Any = importlib.import_module("growing.chart")
paper: Any = importlib.import_module("growing.on_paper")

KEPT = PROJECT / "docs" / "explanation" / "growth.json"
PAGE = PROJECT / "docs" / "explanation" / "growth.md"


def grown(power: float, *, command: str = "run", bytes_each: float = 400.0) -> list[Any]:
    """A command whose start takes a second, and each thing 100 µs times its number's power."""
    return [
        figures.Figure(
            command=command,
            size=size,
            processor_s=1.0 + 1e-4 * size**power,
            seconds=9.0,
            memory_mb=100 + bytes_each * size / 1e6,
        )
        for size in (1, 10_000, 100_000, 1_000_000)
    ]


@pytest.mark.parametrize("power", [1.0, 1.2, 2.0])
def test_the_exponent_is_found_behind_the_start_of_the_process(power: float) -> None:
    assert figures.exponents(grown(power))[-1] == pytest.approx(power, abs=0.01)


def test_where_the_start_is_most_of_it_nothing_is_said() -> None:
    few = [one for one in grown(1.0) if one.size <= 10_000]
    assert figures.exponents(few) == []
    assert figures.as_table(few).splitlines()[-1].endswith("| 100.0 |  |")


def test_a_further_one_costs_what_lies_between_the_largest() -> None:
    assert figures.slope_us(grown(1.0)) == pytest.approx(100.0)
    assert figures.slope_us(grown(1.0)[:1]) is None


def test_the_table_has_a_row_a_command_and_gaps_where_nothing_was_measured() -> None:
    table = figures.as_table([*grown(1.0), *grown(1.0, command="score")[:2]])
    rows = table.splitlines()
    assert rows[0].split(" | ")[1:5] == ["1", "10,000", "100,000", "1,000,000"]
    assert rows[2].startswith("| `run` | 1.0 s, 100 MB | 2.0 s, 104 MB |")
    assert rows[3].startswith("| `score` | 1.0 s, 100 MB | 2.0 s, 104 MB |  |  |")


def test_the_chart_is_a_picture_with_a_line_a_command() -> None:
    made = [*grown(1.0), *grown(1.5, command="score")]
    root = ET.fromstring(chart.draw(made))
    lines = root.findall("{http://www.w3.org/2000/svg}polyline")
    assert len(lines) == 4
    assert chart.draw(made) == chart.draw(list(reversed(made)))
    for line in lines:
        corners = [corner.split(",") for corner in line.attrib["points"].split()]
        assert all(0 <= float(x) <= chart.WIDTH and 0 <= float(y) <= 250 for x, y in corners)


def test_ten_million_a_day_are_reckoned_from_the_largest_sizes() -> None:
    text = paper.on_paper(grown(1.0))
    assert "116 a second" in text
    assert "100 µs of processor a trial: 0.3 hours of one core a day" in text
    assert "400 bytes of that machine's memory until its run ends: 4.0 GB" in text
    assert paper.on_paper(grown(1.0)[:1]) == ""


def test_the_page_shows_the_figures_that_are_kept() -> None:
    document = json.loads(KEPT.read_text())
    kept = [figures.Figure(**item) for item in document["figures"]]
    page = PAGE.read_text()
    assert figures.as_table(kept) in page
    assert document["machine"] in page
    assert paper.on_paper(kept) in page
    assert (PROJECT / "docs" / "images" / "growth.svg").read_text() == chart.draw(kept)
