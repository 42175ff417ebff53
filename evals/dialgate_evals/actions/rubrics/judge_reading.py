"""Reads judge.toml of a suite's folder, and looks whether rubrics and judges fit each other.

Every problem is collected; leaves what the settings mean to `judge_settings`.
"""

from __future__ import annotations

import datetime as dt
import re
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


def key_problems(
    settings: JudgeSettings, suite: TomlDocument, path: Path, env_file: Path | None
) -> Iterator[Problem]:
    """A problem for each key of a judge, or of the user's model, that the agent would be handed.

    `suite` is the suite.toml at `path`, `env_file` the file that its `agent.env_file` names; what
    an agent can read, it can spend, or ask the judge with before it answers.
    """
    owners = {
        item.api_key_env: f"[judge.{item.name}] in {JUDGE}"
        for item in settings.judges
        if item.api_key_env is not None
    }
    user_key = suite.values.get("user", {}).get("api_key_env")
    if user_key is not None:
        owners.setdefault(user_key, "[user] in suite.toml")
    place = toml_place(suite)
    for number, name in enumerate(suite.values["agent"].get("env", ())):
        if name in owners:
            yield _handed(name, owners[name], show_path(path), place(("agent", "env", number)))
    if not owners or env_file is None or not env_file.is_file():
        return
    for line, name in _set_by(env_file):
        if name in owners:
            yield _handed(name, owners[name], show_path(env_file), f"line {line}")


def _handed(name: str, owner: str, file: str, place: str) -> Problem:
    return Problem(
        file=file,
        place=place,
        found=f"{name}, which holds the key of {owner}: the agent would be handed it",
        expected="variables of the agent's own",
        advice=f"Take {name} out. Where the agent needs a key of its own for the same endpoint, "
        "keep it in another variable.",
    )


def _set_by(env_file: Path) -> Iterator[tuple[int, str]]:
    """Each line's number and the variable that it sets; of a file that can't be read, none."""
    try:
        lines = env_file.read_text("utf-8", "replace").splitlines()
    except OSError:
        return  # whoever starts the agent says so
    for number, line in enumerate(lines, 1):
        found = re.match(r"\s*(?:export\s+)?(\w+)\s*=", line)
        if found is not None:
            yield number, found[1]


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
