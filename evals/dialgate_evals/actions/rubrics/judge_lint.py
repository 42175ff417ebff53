"""What is odd between judge.toml and the rubrics, though each can be read: warnings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate_evals.actions.rubrics.judge_reading import JUDGE
from dialgate_evals.files.problems import Problem, join_words, show_path

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from pathlib import Path

    from dialgate_evals.actions.rubrics.criterion import Criterion
    from dialgate_evals.actions.rubrics.judge_settings import JudgeSettings


def lint_judges(
    settings: JudgeSettings,
    *,
    asked: Collection[Criterion],
    folder: Path,
    is_floating: Callable[[str], bool],
) -> Iterator[Problem]:
    """Texts that nobody judges, criteria that no case names, models that are no version.

    `asked` holds the criteria of the cases and of the argument rules.
    """
    file = show_path(folder / JUDGE)
    needs = sorted({item.name for item in asked if item.text or _text_of(settings, item)})
    if needs and not settings.judges:
        yield Problem(
            file=file,
            found=f"no judge, though {join_words(needs)} may need one",
            expected="[judge.NAME] with an endpoint and a model",
            advice="What rules leave open stays unsure.",
            severity="warning",
        )
    named = {item.name for item in asked}
    for name in settings.criteria:
        if name not in named:
            yield Problem(
                file=file,
                place=f"criterion.{name}",
                found="a criterion that no case names",
                expected=f'"rubric": [{{"name": "{name}"}}] in a case',
                severity="warning",
            )
    for judge in settings.judges:
        if is_floating(judge.model):
            yield Problem(
                file=file,
                place=f"judge.{judge.name}.model",
                found=f'"{judge.model}", a name behind which the provider may put another model',
                expected="a model with its version or date",
                advice="A calibration holds for one model.",
                severity="warning",
            )


def lint_silence(
    rubric: Collection[Criterion], settings: JudgeSettings, *, file: str, place: str
) -> Iterator[Problem]:
    """A warning where a rubric only says what a reply must not state: silence meets that."""
    own = [settings.criteria.get(c.name, c) if not c.has_statements else c for c in rubric]
    if own and not any(item.text or not item.must.is_empty for item in own):
        yield Problem(
            file=file,
            place=place,
            found=f"{join_words([c.name for c in own])}, of which none says what must be said",
            expected="something that must be said, or a text for a judge",
            advice="An empty reply meets them, and so does one in another language.",
            severity="warning",
        )


def _text_of(settings: JudgeSettings, item: Criterion) -> str:
    shared = settings.criteria.get(item.name)
    return "" if shared is None or item.has_statements else shared.text
