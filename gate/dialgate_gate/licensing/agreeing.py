"""How far people agree with each other and judges with each other, and whether a judge drifts.

Pure; the measure of agreement is that of the review page.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from dialgate_evals.actions.rubrics.labels.label import Word
from dialgate_evals.events.accepting.agreement import Agreement, compare_reviewers
from dialgate_gate.statistics.rate_sequence import difference_interval, rate_interval

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dialgate_gate.licensing.measured import Measured

_CONFIDENCE = 0.95


def agree_people(listed: Iterable[Measured]) -> tuple[Agreement, ...]:
    """Each pair of people on the texts that both have a word on, words that settle left out."""
    said: dict[str, dict[str, str]] = {}
    for item in listed:
        for person, word in item.settled.words.items():
            said.setdefault(person, {})[_question(item)] = word.value
    return _pairs(said)


def agree_judges(listed: Iterable[Measured]) -> tuple[Agreement, ...]:
    """Each pair of judges on the texts that both answered; unsure is no yes."""
    said: dict[str, dict[str, str]] = {}
    for item in listed:
        for name, answer in ({} if item.cast is None else item.cast.votes).items():
            if answer.value != "failed":
                word = answer.value if answer.value == "yes" else "no"
                said.setdefault(name, {})[_question(item)] = word
    return _pairs(said)


def _pairs(said: Mapping[str, Mapping[str, str]]) -> tuple[Agreement, ...]:
    found = [
        compare_reviewers(one, said[one], other, said[other], Word.YES.value)
        for one, other in combinations(sorted(said), 2)
    ]
    return tuple(item for item in found if item.items)


def _question(item: Measured) -> str:
    return item.settled.label.question.digest


@dataclass(frozen=True, slots=True, kw_only=True)
class OnRelease:
    """Mistakes on texts that one release wrote, beside those on all others."""

    release: str
    # its version
    mistakes: int
    texts: int
    rise: tuple[float, float]
    # its share of mistakes less that of the others, at least and at most

    @property
    def is_shown(self) -> bool:
        """Whether the judge errs otherwise on it: then nothing that assumes the same holds."""
        return self.rise[0] > 0 or self.rise[1] < 0


def by_release(listed: Sequence[Measured]) -> tuple[OnRelease, ...]:
    """The judge's mistakes on texts of each release, in order; none where there is only one.

    All intervals hold together with confidence .95, at any number of looks.
    """
    counted = [
        item for item in listed if item.is_counted and item.settled.label.release is not None
    ]
    names = sorted({str(item.settled.label.release) for item in counted})
    if len(names) < 2:
        return ()
    error = (1 - _CONFIDENCE) / (2 * len(names))
    found = []
    for name in names:
        mine = [item.is_mistake for item in counted if item.settled.label.release == name]
        rest = [item.is_mistake for item in counted if item.settled.label.release != name]
        own, others = (rate_interval(sum(part), len(part), 1 - error) for part in (mine, rest))
        found.append(
            OnRelease(
                release=name,
                mistakes=sum(mine),
                texts=len(mine),
                rise=difference_interval(others, own),
            )
        )
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wavering:
    """Mistakes on the older and the newer half of the labels, and answers that changed."""

    earlier: tuple[int, int]
    # mistakes, labels
    later: tuple[int, int]
    rise: tuple[float, float]
    # later less earlier share of mistakes, at least and at most
    confidence: float
    asked_again: int
    changed: int
    # of them, answers that are others than before, by the same version of the judge

    @property
    def is_shown(self) -> bool:
        """Whether it errs more, or less, often than it did, or doesn't stay with its answers."""
        return self.rise[0] > 0 or self.rise[1] < 0 or self.changed > 0


def find_wavering(listed: Sequence[Measured]) -> Wavering:
    """Whether the judge errs otherwise on what people labelled lately.

    Halves by the time of the label; the interval of their difference holds at any number of looks.
    """
    counted = [item for item in listed if item.is_counted]
    half = len(counted) // 2
    parts = [counted[:half], counted[half:]]
    tallies = [(sum(item.is_mistake for item in part), len(part)) for part in parts]
    shares = [rate_interval(wrong, total, (1 + _CONFIDENCE) / 2) for wrong, total in tallies]
    again = [item for item in listed if item.before is not None]
    return Wavering(
        earlier=tallies[0],
        later=tallies[1],
        rise=difference_interval(shares[0], shares[1]),
        confidence=_CONFIDENCE,
        asked_again=len(again),
        changed=sum(
            item.cast is not None
            and item.before is not None
            and item.cast.answer is not item.before.answer
            for item in again
        ),
    )
