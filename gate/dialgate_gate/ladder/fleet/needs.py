"""What of a suite needs a decision today, whose it is, and why.

Pure, over a row of the fleet. The kinds stand in order of risk; leaves the order of rows to `risk`.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from dialgate_evals.files.problems import join_words
from dialgate_gate.ladder.fleet.suite_row import EventsState
from dialgate_gate.live.alarms.page import figures_line
from dialgate_gate.settings.people.placeholders import is_placeholder
from dialgate_gate.settings.people.roles import ACCOUNTABLE
from dialgate_gate.wording import count_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dialgate_gate.ladder.fleet.class_row import ClassRow
    from dialgate_gate.ladder.fleet.suite_row import SuiteRow


class NeedKind(StrEnum):
    """Why a person has to look, the gravest first: what nobody knows counts as the worst."""

    UNREADABLE = "unreadable"
    ALARM = "alarm"
    LAPSED = "lapsed"
    UNWATCHED = "unwatched"
    GATE = "gate"
    NO_LEASE = "no lease"
    NO_OWNER = "no owner"
    OVERDUE = "overdue"
    PROMOTE = "promote"


MEANINGS = {
    NeedKind.UNREADABLE: "evidence can't be read, so that nobody knows what the agent does",
    NeedKind.ALARM: "a detector of the watch fired",
    NeedKind.LAPSED: "a class has more autonomy than what it rests on leaves it",
    NeedKind.UNWATCHED: "a class acts before people look, and no event came of it",
    NeedKind.GATE: "the last gate of the release that is there didn't pass",
    NeedKind.NO_LEASE: "a runtime gives less than the dial says, as a lease is missing or over",
    NeedKind.NO_OWNER: "nobody who is here answers for a class",
    NeedKind.OVERDUE: "policy, cases or drill weren't looked at for too long",
    NeedKind.PROMOTE: "a class has shown what its next mode asks for, or its own on this release",
}
"""What each kind means, in order of risk: the page says it."""

_RELIABILITY, _EVALUATION = "reliability_engineer", "evaluation_engineer"
_ROLES = {
    NeedKind.UNREADABLE: _EVALUATION,
    NeedKind.ALARM: _RELIABILITY,
    NeedKind.LAPSED: _RELIABILITY,
    NeedKind.UNWATCHED: _RELIABILITY,
    NeedKind.GATE: _EVALUATION,
    NeedKind.NO_LEASE: _RELIABILITY,
    NeedKind.NO_OWNER: ACCOUNTABLE,
    NeedKind.PROMOTE: ACCOUNTABLE,
}
_OVERDUE_ROLES = {"policy": ACCOUNTABLE, "cases": _EVALUATION, "drill": _RELIABILITY}


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """One decision that is wanted."""

    kind: NeedKind
    role: str
    # whose it is
    who: str
    # the person; empty: not known
    sentence: str
    classes: tuple[str, ...] = ()
    # empty: the suite as a whole
    command: str | None = None
    # what to do next; None: no command does it

    def as_json(self) -> dict[str, Any]:
        """As the fleet's document writes it."""
        return {
            "kind": self.kind.value,
            "role": self.role,
            "who": self.who,
            "sentence": self.sentence,
            "classes": list(self.classes),
            "command": self.command,
        }


def needs_of(row: SuiteRow, quoted: str) -> tuple[Need, ...]:
    """Everything that the suite needs, the gravest first. `quoted`: its folder in a command."""
    found = [
        *_unreadable(row, quoted),
        *_alarms(row),
        *_lapsed(row, quoted),
        *_unwatched(row),
        *_gate(row, quoted),
        *_no_lease(row, quoted),
        *_no_owner(row),
        *_overdue(row, quoted),
        *_promotions(row, quoted),
    ]
    kinds = list(NeedKind)
    return tuple(sorted(found, key=lambda need: kinds.index(need.kind)))


def _need(
    row: SuiteRow,
    kind: NeedKind,
    sentence: str,
    classes: Sequence[ClassRow] = (),
    command: str | None = None,
) -> Need:
    role = _ROLES[kind]
    return Need(
        kind=kind,
        role=role,
        who=row.owners.get(role, ""),
        sentence=sentence,
        classes=tuple(item.name for item in classes),
        command=command,
    )


def _unreadable(row: SuiteRow, quoted: str) -> Iterator[Need]:
    if row.problems:
        more = len(row.problems) - 1
        rest = f" And {count_of(more, 'more problem')}." if more else ""
        text = f"{row.problems[0]}{rest}"
        yield _need(row, NeedKind.UNREADABLE, text, command=f"dialgate lint {quoted}")


def _alarms(row: SuiteRow) -> Iterator[Need]:
    for item in row.classes:
        for page in item.alarms:
            yield Need(
                kind=NeedKind.ALARM,
                role=_RELIABILITY,
                who=page.on_call.shown,
                sentence=f"{page.title}. {figures_line(page)}. {page.suspect}",
                classes=(item.name,),
                command=page.command,
            )


def is_lapsed(item: ClassRow) -> bool:
    """Whether a runtime gives the class more than what its mode rests on leaves it.

    Not where an alarm asks for the same move, or one further down: that is one decision.
    """
    left = item.move.in_force.effective
    asked = [page.to.rank for page in item.alarms if page.to is not None]
    if asked and min(asked) <= left.rank:
        return False
    forbidden = item.move.move == "demote" and not item.alarms
    return forbidden or item.effective.rank > left.rank


def _lapsed(row: SuiteRow, quoted: str) -> Iterator[Need]:
    for item in filter(is_lapsed, row.classes):
        left = item.move.in_force.effective
        to = left if left.rank < item.effective.rank else item.move.recommended
        why = list(dict.fromkeys([*item.lapsed, *item.move.reasons]))[:2]
        has = "A runtime gives" if item.effective.rank > to.rank else "The dial says"
        now = item.effective if item.effective.rank > to.rank else item.dial
        text = f"{has} {_words(now)}, and {_words(to)} is what is left. {' '.join(why)}"
        command = f"dialgate dial set {quoted} {shlex.quote(item.name)} {to.value} --by 'YOUR NAME'"
        yield _need(row, NeedKind.LAPSED, text.rstrip(), [item], command)


def is_unwatched(item: ClassRow, row: SuiteRow) -> bool:
    """Whether the class acts before people look while its events were looked for in vain."""
    was_looked_for = row.events.state in {EventsState.NONE_THERE, EventsState.READ}
    return item.acts_first and was_looked_for and not row.events.watched


def _unwatched(row: SuiteRow) -> Iterator[Need]:
    found = [item for item in row.classes if is_unwatched(item, row)]
    if found:
        verb = "acts" if len(found) == 1 else "act"
        text = (
            f"{_classes(found)} {verb} before people look, and there is no event at "
            f"{row.events.place}: a feed that broke looks like a quiet one."
        )
        yield _need(row, NeedKind.UNWATCHED, text, found)


def _gate(row: SuiteRow, quoted: str) -> Iterator[Need]:
    gate = row.gate
    if gate is not None and gate.is_current and not gate.let_through:
        why = gate.reasons[0] if gate.reasons else ""
        text = f"The last gate of release {gate.version} is {gate.verdict}. {why}".rstrip()
        yield _need(row, NeedKind.GATE, text, command=f"dialgate check {quoted}")


def lacks_lease(item: ClassRow) -> bool:
    """Whether a lease that is missing or over takes autonomy which the class could keep."""
    left = item.move.in_force.effective
    return item.effective.rank < min(item.dial.rank, left.rank)


def _no_lease(row: SuiteRow, quoted: str) -> Iterator[Need]:
    found = [item for item in row.classes if lacks_lease(item)]
    if found:
        text = f"{found[0].why[0] if found[0].why else 'There is no lease.'}"
        yield _need(row, NeedKind.NO_LEASE, text, found, f"dialgate dial lease {quoted}")


def _no_owner(row: SuiteRow) -> Iterator[Need]:
    found = [
        item
        for item in row.classes
        if item.accountable.has_left or is_placeholder(item.accountable.text)
    ]
    if found:
        said = join_words(sorted({item.accountable.shown for item in found}))
        text = f"Nobody who is here answers for {_classes(found)}: {said}."
        yield _need(row, NeedKind.NO_OWNER, text, found)


def _overdue(row: SuiteRow, quoted: str) -> Iterator[Need]:
    for review in row.overdue:
        role = _OVERDUE_ROLES[review.thing]
        drill = f"dialgate drill kill-switch {quoted} --key FILE"
        yield Need(
            kind=NeedKind.OVERDUE,
            role=role,
            who=row.owners.get(role, ""),
            sentence=str(review),
            command=drill if review.thing == "drill" else None,
        )


def _promotions(row: SuiteRow, quoted: str) -> Iterator[Need]:
    """Classes that may rise, and modes of another release that may be confirmed on this one."""
    command = f"dialgate dial recommend {quoted} EVENTS --html report.html"
    rising = [item for item in row.classes if item.move.move == "promote"]
    if rising:
        moves = [f"{item.name} to {_words(item.move.recommended)}" for item in rising]
        text = f"Everything that it asks for is shown: {_some(moves)}."
        yield _need(row, NeedKind.PROMOTE, text, rising, command)
    kept = [item for item in row.classes if item not in rising and item.move.can_be_confirmed]
    if kept:
        modes = [f"{item.name} {_words(item.move.mode)}" for item in kept]
        text = f"Earned on another release, and shown on this one: {_some(modes)} can be confirmed."
        yield _need(row, NeedKind.PROMOTE, text, kept, command)


def _some(words: list[str]) -> str:
    """Three of them, and how many more."""
    more = len(words) - 3
    return join_words([*words[:3], *([f"{more} more"] if more > 0 else [])])


def _classes(found: Sequence[ClassRow]) -> str:
    return "1 class" if len(found) == 1 else f"{len(found):,} classes"


def _words(mode: object) -> str:
    return str(mode).replace("_", " ")
