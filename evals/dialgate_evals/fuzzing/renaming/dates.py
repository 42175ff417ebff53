"""Everything happens some weeks later."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

from dialgate_evals.fuzzing.documents import map_texts, said
from dialgate_evals.fuzzing.relation import Altered, Family, Relation

if TYPE_CHECKING:
    from dialgate_evals.fuzzing.choices import Choices
    from dialgate_evals.fuzzing.relation import Surroundings
    from dialgate_evals.suite.case import Case

DATE = re.compile(r"(?<!\d)(20\d\d)-(\d\d)-(\d\d)(?!\d)")
_OTHERWISE = re.compile(
    r"(?i)\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b|\btoday\b|\byesterday\b"
    r"|\btomorrow\b|\d/\d|\d\.\d+\.\d"
)


def _vary(case: Case, around: Surroundings, draw: Choices) -> Altered | None:
    text = said(case.document)
    # A day that the rules name, or that is written otherwise, would not move with the others.
    if _OTHERWISE.search(text) or DATE.search(around.rules):
        return None
    weeks = draw.whole(1, 52)

    def moved(found: re.Match[str]) -> str:
        try:
            day = dt.date(*(int(part) for part in found.groups()))
        except ValueError:
            return found[0]
        return (day + dt.timedelta(weeks=weeks)).isoformat()

    document = map_texts(case.document, lambda part: DATE.sub(moved, part))
    return Altered(document=document, what=f"every date is {weeks} weeks later")


RELATION = Relation(
    name="later-dates",
    family=Family.SAME,
    keeps="the same actions, with every date as much later",
    vary=_vary,
    is_of_records=True,
)
