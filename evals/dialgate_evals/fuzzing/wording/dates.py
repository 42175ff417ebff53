"""A date is written in another form."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from dialgate_evals.fuzzing.documents import last_request, with_request
from dialgate_evals.fuzzing.relation import Altered, Family, Relation
from dialgate_evals.fuzzing.renaming.dates import DATE

if TYPE_CHECKING:
    from dialgate_evals.fuzzing.choices import Choices
    from dialgate_evals.fuzzing.relation import Surroundings
    from dialgate_evals.suite.case import Case

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_FORMS = ("{day} {month} {year}", "{month} {day}, {year}", "{day}. {month} {year}")


def _vary(case: Case, around: Surroundings, draw: Choices) -> Altered | None:  # noqa: ARG001 - every relation is asked so
    request = last_request(case.document)
    if request is None:
        return None
    text = request[1]
    found = list(DATE.finditer(text))
    if not found:
        return None
    date = draw.pick(found)
    form = draw.pick(_FORMS)
    try:
        day = dt.date.fromisoformat(date[0])
    except ValueError:
        return None
    new = form.format(day=day.day, month=_MONTHS[day.month - 1], year=day.year)
    return Altered(
        document=with_request(case.document, text[: date.start()] + new + text[date.end() :]),
        what=f'"{date[0]}" is written "{new}"',
    )


RELATION = Relation(
    name="forms-of-dates",
    family=Family.SAME,
    keeps="the same actions with the same dates, in whatever form they are written",
    vary=_vary,
)
