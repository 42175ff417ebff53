"""No data is smuggled in text: nobody cuts sentences of ours at their punctuation, or knows them.

What a sentence says stands in a field beside it. Found are methods of texts with an argument that
looks like a sentence, and templates that cut; what is not ours (other programs' output, formats) is
listed with its reason.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.house.source_facts import facts_of, read_source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.house.source_facts import SourceFacts

PROJECT = Path(__file__).parents[2]
PACKAGES = ("dialgate", "dialgate_runtime", "reports", "gate", "evals")
SENTENCE = re.compile(r"[a-z)] [a-z(]|: |; |\. |, |^ \(")
"""Two words, or punctuation with a space after it."""

NOT_OURS = {
    "Final result processed": "what pydantic-ai writes as the answer of its output tool",
    "An error": "how answers of other people's tools begin that are errors",
    "stderr: '": "GitPython's, around what git said",
}


def _texts(node: ast.expr) -> Iterator[str]:
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield part.value


def cuts(facts: SourceFacts) -> Iterator[tuple[int, str]]:
    """Lines and texts by which a module cuts or knows sentences."""
    for line, _, arguments in facts.cuts:
        for argument in arguments:
            yield from ((line, text) for text in _texts(argument) if _is_ours(text))


def _is_ours(text: str) -> bool:
    return SENTENCE.search(text) is not None and text not in NOT_OURS


def test_no_module_cuts_a_sentence_or_knows_one_by_its_words() -> None:
    found = [
        f"{path.relative_to(PROJECT)}:{line}: {text!r}"
        for package in PACKAGES
        for path in sorted((PROJECT / package).rglob("*.py"))
        for line, text in cuts(facts_of(path))
    ]
    assert found == [], "put what the text says into a field, or say in NOT_OURS whose text it is"


def test_no_template_cuts_a_line() -> None:
    found = [
        f"{path.relative_to(PROJECT)}: {match[0]}"
        for path in sorted((PROJECT / "reports").rglob("*.jinja"))
        for match in re.finditer(r"\.(?:r?partition|r?split)\([^)]*\)", path.read_text("utf-8"))
    ]
    assert found == [], "give the template the parts"


@pytest.mark.parametrize(
    "source",
    [
        'place.rpartition(": ")',
        'text.startswith("no reply within")',
        'sentence.split(". ")[0]',
        'name.removesuffix(" (edited)")',
        'reason.startswith(("a", f"{name}: too few"))',
    ],
)
def test_what_this_looks_for_is_found(source: str) -> None:
    assert list(cuts(read_source(source)))
