"""Labels and votes put together: what a judge said of texts of which people know the truth.

Pure; leaves files to `dialgate_evals.actions.rubrics.labels` and bounds to `licensing.standing`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dialgate_evals.actions.rubrics.labels.label import Settled, lasting, settle
from dialgate_evals.actions.rubrics.votes import Answer

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from dialgate_evals.actions.rubrics.labels.label import Label
    from dialgate_evals.actions.rubrics.labels.label_files import CastVote


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One text with a label, and what the judge of now said of it."""

    settled: Settled
    classes: tuple[str, ...]
    # action classes of its case
    cast: CastVote | None
    # None: the judge of now was not asked
    before: CastVote | None = None
    # what the same version said when it was asked the time before

    @property
    def criterion(self) -> str:
        """The criterion's name."""
        return self.settled.label.question.criterion.name

    @property
    def says_yes(self) -> bool | None:
        """Whether the judge lets it pass; None: it was not asked, or gave no answer."""
        if self.cast is None or self.cast.answer is Answer.FAILED:
            return None
        return self.cast.answer is Answer.YES

    @property
    def is_counted(self) -> bool:
        """Whether it measures the judge."""
        known = self.settled.truth is not None and self.says_yes is not None
        return known and self.settled.measures

    @property
    def is_mistake(self) -> bool:
        """Whether judge and people differ."""
        truth, says = self.settled.truth, self.says_yes
        return truth is not None and says is not None and truth is not says


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurements:
    """All labels of a suite beside the judge of now."""

    judge: str
    # its version as a whole
    listed: tuple[Measured, ...]
    # by the time of the word that counts
    reworded: int = 0
    # labels of a criterion that asks something else now
    homeless: int = 0
    # labels of no case of the suite

    @property
    def unasked(self) -> tuple[Measured, ...]:
        """Texts on which the judge of now has no answer."""
        return tuple(item for item in self.listed if item.says_yes is None)


def measure(
    labels: Iterable[Label],
    votes: Iterable[CastVote],
    *,
    judge: str,
    classes_of: Mapping[str, tuple[str, ...]],
    current: Collection[str],
) -> Measurements:
    """Every question that people have a word on, beside the last vote of this version of the judge.

    judge: its version. classes_of: the action classes of each case of the suite. current: what the
    suite's criteria ask now, as `lasting` digests.
    """
    cast: dict[str, list[CastVote]] = {}
    for vote in votes:
        if vote.judge == judge:
            cast.setdefault(vote.question, []).append(vote)
    listed: list[Measured] = []
    reworded = homeless = 0
    for question, settled in settle(labels).items():
        if lasting(settled.label.question.criterion) not in current:
            reworded += 1
        elif settled.label.case not in classes_of:
            homeless += 1
        else:
            last = sorted(cast.get(question, []), key=lambda vote: vote.at)
            listed.append(
                Measured(
                    settled=settled,
                    classes=classes_of[settled.label.case],
                    cast=last[-1] if last else None,
                    before=last[-2] if len(last) > 1 else None,
                )
            )
    listed.sort(key=lambda item: (item.settled.at, item.settled.label.question.digest))
    return Measurements(judge=judge, listed=tuple(listed), reworded=reworded, homeless=homeless)
