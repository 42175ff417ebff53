"""A warehouse is on the page that says how to name it, and is tried against a stand-in of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from dialgate_evals.events.tables.warehouses import WAREHOUSES

PROJECT = Path(__file__).parents[4]


@pytest.mark.parametrize("name", WAREHOUSES)
def test_every_warehouse_is_on_the_page_and_tried(name: str) -> None:
    page = (PROJECT / "docs/how-to/feed-review-events.md").read_text("utf-8")
    assert f"`{name}://…`" in page, f"docs/how-to/feed-review-events.md: {name}"
    short = name.removesuffix("ql")
    tried = PROJECT / f"tests/integration/events/test_{short}_events.py"
    assert tried.exists(), f"random rows must give the digest that JSON Lines give: {tried}"
