"""The threat model names tests that exist, and the other pages that it leans on."""

from __future__ import annotations

import re

from tests.integration.command_line import PROJECT

PAGE = PROJECT / "docs/explanation/threat-model.md"


def test_every_test_that_it_names_is_there() -> None:
    text = PAGE.read_text("utf-8")
    named = re.findall(r"`((?:tests/|test_|reuse/)[\w./-]+)`", text)
    assert len(named) > 15
    for name in named:
        inside = name if name.startswith("tests/") else f"tests/evals/records/{name}"
        assert (PROJECT / inside).exists(), name


def test_it_is_one_page() -> None:
    assert len(PAGE.read_text("utf-8").splitlines()) < 100
