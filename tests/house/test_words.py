"""A word has one meaning (docs/vocabulary.md), also in the names that only the code sees.

Each word below meant two things once. It may stand in the names of the rooms listed with it, in
the vocabulary's meaning; elsewhere the thing is called by its own word.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.house.source_facts import facts_of
from tests.house.test_house import PACKAGES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ROOMS = {
    "watch": (
        "dialgate.changes.save_watch", "dialgate.commands", "dialgate.dial",
        "dialgate_evals.events", "dialgate_gate.changes", "dialgate_gate.ladder",
        "dialgate_gate.live", "dialgate_gate.settings", "dialgate_gate.statistics.watched",
        "dialgate_gate.audit.pack",
    ),
    "plan": (
        "dialgate.changes.harmless_release", "dialgate.commands.gate.plan",
        "dialgate.runs.judging.judged_plan", "dialgate.runs.planning", "dialgate_gate.planning",
        "dialgate_reports.texts",
    ),
    "drift": (
        "dialgate.changes.tool_diffing", "dialgate_gate.changes", "dialgate_reports.texts",
    ),
    "label": (
        "dialgate.check", "dialgate_gate.changes.judged", "dialgate_gate.settings.lint",
        # the word of a file's key, of a chart's axis and of Prometheus
        "dialgate.dial.alarms", "dialgate_evals.actions.trajectory",
        "dialgate_evals.records.annotation_sums",
        "dialgate_reports.graduation.graduation_charts",
        # a label of a text: a person's word, by which a judge of replies is measured
        "dialgate.cases.accepting", "dialgate.cases.judging", "dialgate.runs.judging.licensed",
        "dialgate_evals.actions.rubrics.labels", "dialgate_evals.scoring.reviewed_texts",
        "dialgate_gate.licensing", "dialgate_gate.planning.judged_loss",
        "dialgate_gate.statistics.judged",
        "dialgate_reports.page.review_page", "dialgate_reports.texts.findings.calibration_words",
    ),
    "canary": ("dialgate_evals.events", "dialgate_gate.audit.pack", "dialgate_gate.live"),
    "evidence": (
        "dialgate.check", "dialgate.commands", "dialgate.dial",
        "dialgate.reporting.record_rendering", "dialgate.runs", "dialgate_evals.errors",
        "dialgate_gate.audit.ledger",
        "dialgate_gate.comparing", "dialgate_gate.ladder", "dialgate_gate.live",
        "dialgate_gate.settings", "dialgate_gate.verdict.recorded.class_verdict",
        "dialgate_gate.verdict.release_verdict", "dialgate_reports.graduation",
    ),
}  # fmt: skip
FORMS = {
    "canary": r"canar(?:y|ies)",
    "watch": r"watch(?:es|ed|ing)?",
    "plan": r"plan(?:s|ned|ning)?",
}


def modules() -> Iterator[tuple[str, Path]]:
    for package, root in PACKAGES.items():
        for path in sorted(root.rglob("*.py")):
            if "templates" not in path.parts:
                yield ".".join((package, *path.relative_to(root).with_suffix("").parts)), path


def names_in(path: Path) -> Iterator[str]:
    """What the module names: its file or folder, classes, functions, arguments, variables."""
    yield path.parent.name if path.stem == "__init__" else path.stem
    yield from facts_of(path).names


def holds(name: str, word: str) -> bool:
    """Whether it is one of the name's words: `WatchState` and `is_watched`, never `stopwatch`."""
    parts = re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)
    form = FORMS.get(word, rf"{word}(?:s|ed)?")
    return any(re.fullmatch(form, part.lower()) for part in parts)


@pytest.fixture(scope="module")
def named() -> list[tuple[str, frozenset[str]]]:
    return [(module, frozenset(names_in(path))) for module, path in modules()]


@pytest.mark.parametrize("word", ROOMS)
def test_a_word_of_the_vocabulary_names_one_thing(
    word: str, named: list[tuple[str, frozenset[str]]]
) -> None:
    allowed = ROOMS[word]
    astray = {
        f"{module}: {name}"
        for module, names in named
        if not any(module == room or module.startswith(f"{room}.") for room in allowed)
        for name in names
        if holds(name, word)
    }
    assert astray == set(), (
        f"what docs/vocabulary.md calls {word} is not meant there, or add a room"
    )


@pytest.mark.parametrize("word", ROOMS)
def test_every_room_of_a_word_still_uses_it(
    word: str, named: list[tuple[str, frozenset[str]]]
) -> None:
    using = {module for module, names in named if any(holds(name, word) for name in names)}
    unused = [
        room
        for room in ROOMS[word]
        if not any(module == room or module.startswith(f"{room}.") for module in using)
    ]
    assert unused == []


@pytest.mark.parametrize(
    ("name", "word", "is_held"),
    [
        ("WatchState", "watch", True), ("IS_WATCHED", "watch", True),
        ("watchful", "watch", False), ("explanation", "plan", False),
        ("CANARIES", "canary", True), ("_drifts", "drift", True),
    ],
)  # fmt: skip
def test_a_name_holds_a_word_as_a_word_of_its_own(name: str, word: str, is_held: bool) -> None:
    assert holds(name, word) is is_held
