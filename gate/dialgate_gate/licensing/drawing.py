"""Which text to ask people about next: where the judge's bounds lack most, and without its votes.

A choice that looked at votes would bias what it measures: of texts that a judge refused, it would
have refused all. So the order within a place is drawn, and goes by cases: a second text of a case
tells less than the first of another.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dialgate_evals.actions.rubrics.votes import Question
    from dialgate_gate.licensing.standing import Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A text that could get a label."""

    case: str
    classes: tuple[str, ...]
    question: Question
    release: str | None = None
    # version of the release that wrote it


def draw_texts(
    texts: Iterable[Text],
    standings: Iterable[Standing],
    labelled: Mapping[tuple[str, str], int],
    *,
    seed: str = "",
) -> tuple[Text, ...]:
    """The texts in the order in which their labels tell most; each question once.

    labelled: texts with a label, by (criterion, case). seed: of the draw; the same one, the same
    order. Places that are far from their bounds come first, places that are there last.
    """
    lack = {(item.criterion, item.action_class): _lack(item) for item in standings}
    once = {text.question.digest: text for text in texts}
    drawn = sorted(once.values(), key=lambda text: ticket_of(text.question.digest, seed))
    taken = dict(labelled)
    rows = []
    for text in drawn:
        place = text.question.criterion.name, text.case
        turn = taken.get(place, 0)
        taken[place] = turn + 1
        most = max((lack.get((place[0], name), 0.0) for name in text.classes), default=0.0)
        rows.append((turn, -most, text))
    return tuple(text for _, _, text in sorted(rows, key=lambda row: row[:2]))


def _lack(standing: Standing) -> float:
    """How much is missing: cases with a label, at the share so far."""
    missing = (standing.sensitivity, standing.specificity)
    return sum(_TOO_MANY if item.wanted is None else item.wanted for item in missing)


_TOO_MANY = 0.0
"""A bound that no number of labels reaches is no reason to ask for more."""


def ticket_of(question: str, seed: str = "") -> float:
    """Where a question, by its digest, stands in the draw: 0 to 1, evenly, first is lowest."""
    digest = hashlib.sha256(f"{seed}\n{question}".encode()).digest()
    return int.from_bytes(digest[:7], "big") / 256**7
