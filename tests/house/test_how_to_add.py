"""Pages and docstrings name files that exist: nobody is sent into a room that has moved."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
PAGES = sorted((PROJECT / "docs/how-to-add").glob("*.md"))
EXPLANATIONS = sorted((PROJECT / "docs/explanation").glob("*.md"))
BESIDE = [PROJECT / "tests/README.md", *EXPLANATIONS]
NAMED = re.compile(
    r"`((?:evals|gate|reports|dialgate|tests|docs)/[\w./-]+|pyproject\.toml|test_\w+\.py)`"
)


@pytest.mark.parametrize("page", [*PAGES, *BESIDE], ids=lambda page: page.stem)
def test_the_files_that_a_page_names_exist(page: Path) -> None:
    missing = [
        name
        for name in NAMED.findall(page.read_text("utf-8"))
        if not (PROJECT / name).exists()
        and ("/" in name or not any((PROJECT / "tests").rglob(name)))
    ]
    assert missing == []


CODE = ("dialgate_runtime", "evals", "gate", "reports", "dialgate", "benchmarks")
PLACE = re.compile(r"\b(?:docs|tests)/[\w./-]+\.(?:md|py)\b")


def test_the_pages_and_tests_that_code_names_exist() -> None:
    missing = [
        f"{path.relative_to(PROJECT).as_posix()}: {place}"
        for folder in CODE
        for path in sorted((PROJECT / folder).rglob("*.py"))
        for place in PLACE.findall(path.read_text("utf-8"))
        if not (PROJECT / place).exists()
    ]
    assert missing == []


def test_the_seven_additions_have_a_page_each_and_the_index_names_them() -> None:
    index = (PROJECT / "docs/how-to-add/index.md").read_text("utf-8")
    names = {page.name for page in PAGES} - {"index.md"}
    assert set(re.findall(r"\((\w[\w-]*\.md)\)", index)) == names
    assert len(names) >= 7


@pytest.mark.parametrize("name", ["ARCHITECTURE.md", "CONTRIBUTING.md", "README.md"])
def test_the_doors_link_to_what_is_there(name: str) -> None:
    text = (PROJECT / name).read_text("utf-8")
    missing = [
        target for target in re.findall(r"\]\(([^)#:]+)\)", text) if not (PROJECT / target).exists()
    ]
    assert missing == []
