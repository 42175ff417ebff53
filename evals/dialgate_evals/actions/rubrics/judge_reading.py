"""Reads judge.toml of a suite's folder, and looks whether rubrics and judges fit each other.

Every problem is collected; leaves what the settings mean to `judge_settings`.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from dialgate_evals.actions.rubrics.criterion import Ask
from dialgate_evals.actions.rubrics.judge_settings import JudgeSettings, parse_judges
from dialgate_evals.files.file_reading import read_toml, toml_place
from dialgate_evals.files.problems import Problem, join_words, show_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from dialgate_evals.actions.rubrics.criterion import Criterion
    from dialgate_evals.files.file_reading import Problems
    from dialgate_evals.files.toml_text import TomlDocument

JUDGE = "judge.toml"
NOBODY = JudgeSettings()


def read_judges(folder: Path, problems: Problems) -> JudgeSettings:
    """The settings of the folder's judge.toml; nobody is asked where there is none."""
    path = folder / JUDGE
    if not path.exists() and not path.is_symlink():
        return NOBODY
    document = read_toml(path, "judge", problems)
    if document is None:
        return NOBODY
    settings = parse_judges(document.values)
    found = list(_defects(settings, document, show_path(path)))
    problems.extend(found)
    return NOBODY if found else settings


def _defects(settings: JudgeSettings, document: TomlDocument, file: str) -> Iterator[Problem]:
    place = toml_place(document)
    if settings.max_cost_usd is not None:
        for item in settings.judges:
            if item.prices is None:
                yield Problem(
                    file=file,
                    place=place(("judge", item.name)),
                    found="no prices, though max_cost_usd bounds what judges may cost",
                    expected="prices = { input = …, output = … } in US dollars per million tokens",
                )
    for name, criterion in settings.criteria.items():
        for day in impossible_days(criterion):
            yield Problem(
                file=file,
                place=place(("criterion", name)),
                found=f"the date {day}, which is no day",
                expected="a day like 2026-11-29",
            )


def impossible_days(criterion: Criterion) -> list[str]:
    """Dates of the criterion that no calendar has."""
    listed = (*criterion.must.dates, *criterion.must_not.dates)
    return [day for alternatives in listed for day in alternatives if not _is_day(day)]


def _is_day(text: str) -> bool:
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def rubric_problems(
    rubrics: Iterable[tuple[str, str, tuple[Criterion, ...]]], settings: JudgeSettings
) -> Iterator[Problem]:
    """Problems of the cases' criteria, each given with file and place of its case."""
    for file, place, criteria in rubrics:
        names = [item.name for item in criteria]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            found = f"{join_words(twice)} more than once in a rubric"
            yield Problem(file=file, place=place, found=found, expected="each name once")
        for item in criteria:
            says_nothing = not item.text and not item.has_statements
            if says_nothing and item.name not in settings.criteria:
                yield Problem(
                    file=file,
                    place=place,
                    found=f'the criterion "{item.name}", which says nothing',
                    expected=f"text, must or must_not, or [criterion.{item.name}] in {JUDGE}",
                )
            elif says_nothing and (item.sees or item.ask is not Ask.UNSURE):
                yield Problem(
                    file=file,
                    place=place,
                    found=f'ask or sees beside nothing but the name "{item.name}"',
                    expected=f"these keys in [criterion.{item.name}] of {JUDGE}",
                )
            for day in impossible_days(item):
                found = f'the date {day} in the criterion "{item.name}", which is no day'
                yield Problem(file=file, place=place, found=found, expected="one like 2026-11-29")
