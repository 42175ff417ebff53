"""Amounts are written in another form."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dialgate_evals.fuzzing.documents import last_request, with_request
from dialgate_evals.fuzzing.relation import Altered, Family, Relation

if TYPE_CHECKING:
    from dialgate_evals.fuzzing.choices import Choices
    from dialgate_evals.fuzzing.relation import Surroundings
    from dialgate_evals.suite.case import Case

_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?|\d+(?:\.\d{1,2})?"
_AMOUNT = re.compile(
    rf"(?<![\w.,$])(?:\$\s?(?P<after>{_NUMBER})|(?P<before>{_NUMBER})\s?(?:USD|dollars|\$))"
    r"(?![\w]|[.,]\d)"
)
_FORMS = ("{plain} USD", "${plain}", "{plain} dollars", "{cents} USD", "{grouped} USD")


def _vary(case: Case, around: Surroundings, draw: Choices) -> Altered | None:  # noqa: ARG001 - every relation is asked so
    request = last_request(case.document)
    if request is None:
        return None
    text = request[1]
    amounts = list(_AMOUNT.finditer(text))
    if not amounts:
        return None
    found = draw.pick(amounts)
    value = float((found["after"] or found["before"]).replace(",", ""))
    form = draw.pick(_FORMS)
    plain = f"{value:g}" if value == int(value) and value < 1e6 else f"{value:.2f}"
    grouped = f"{value:,.2f}" if value != int(value) else f"{int(value):,}"
    new = form.format(plain=plain, cents=f"{value:.2f}", grouped=grouped)
    return Altered(
        document=with_request(case.document, text[: found.start()] + new + text[found.end() :]),
        what=f'"{found[0]}" is written "{new}"',
    )


RELATION = Relation(
    name="forms-of-amounts",
    family=Family.SAME,
    keeps="the same actions with the same amounts, in whatever form they are written",
    vary=_vary,
)
