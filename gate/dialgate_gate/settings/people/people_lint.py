"""What is wrong about people: nobody behind a role, placeholders, gaps, CODEOWNERS that disagree.

Pure over what was read; leaves reading to `reading`.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dialgate_evals.files.problems import Problem, show_value
from dialgate_evals.files.suggest import suggest_word
from dialgate_gate.settings.people.codeowners import line_of
from dialgate_gate.settings.people.owners import fold_name
from dialgate_gate.settings.people.placeholders import is_placeholder
from dialgate_gate.settings.people.roles import RoleHolder, role_holders

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from dialgate_gate.settings.people.codeowners import OwnedLine
    from dialgate_gate.settings.people.owners import Owners
    from dialgate_gate.settings.people.rota import Rota

ROTA_DAYS = 28
"""How far ahead gaps of the rota are looked for."""
MOST_GAPS = 10
MOST_LINES = 20

ASKED: Mapping[str, str] = {
    "policy.toml": "product_owner",
    "dial.toml": "product_owner",
    "ledger.jsonl": "product_owner",
    "owners.toml": "product_owner",
    "runbook.toml": "reliability_engineer",
    "suite.toml": "evaluation_engineer",
    "actions.toml": "tool_registry_maintainer",
    "tools.json": "tool_registry_maintainer",
}
"""Whose file each is: the code host should ask that role about it."""


@dataclass(frozen=True, kw_only=True)
class PeopleFacts:
    """What was read about the people of one suite."""

    runbook_file: str
    owners_file: str
    suite_path: str
    # of the suite's folder in the repository
    said: Mapping[str, str]
    # [owners] of runbook.toml
    owners: Owners
    class_names: Collection[str] = ()
    rota: Rota | None = None
    codeowners: tuple[str, tuple[OwnedLine, ...]] | None = None
    # the file's name and its lines
    present: Collection[str] = field(default_factory=tuple)
    # names of files that the suite's folder holds
    today: dt.date


def lint_people(facts: PeopleFacts) -> list[Problem]:
    """Every problem; placeholders and names that mean nobody of owners.toml where they must."""
    holders = role_holders(facts.said, facts.owners, facts.today)
    return [
        *_placeholders(facts),
        *_holders(facts, holders),
        *_references(facts),
        *_gaps(facts),
        *_codeowners(facts, holders),
    ]


def _placeholders(facts: PeopleFacts) -> Iterator[Problem]:
    texts: list[tuple[str, str, str]] = [
        (facts.runbook_file, f"owners.{role}", text) for role, text in facts.said.items()
    ]
    for person in facts.owners.people.values():
        said = {"name": person.name, "mail": person.mail, "handle": person.handle}
        texts += [
            (facts.owners_file, f'person."{person.id}".{key}', text)
            for key, text in said.items()
            if text
        ]
    for file, place, text in texts:
        if is_placeholder(text):
            yield _placeholder(file, place, text)
    if facts.codeowners is not None:
        file, lines = facts.codeowners
        named = [(line.number, name) for line in lines for name in line.owners]
        for number, name in [item for item in named if is_placeholder(item[1])][:MOST_LINES]:
            yield _placeholder(file, f"line {number}", name)


def _placeholder(file: str, place: str, text: str) -> Problem:
    return Problem(
        file=file,
        place=place,
        found=f"the placeholder {show_value(text)}",
        expected="somebody who answers",
        advice="Put the person or team in, or take it out.",
    )


def _holders(facts: PeopleFacts, holders: Iterable[RoleHolder]) -> Iterator[Problem]:
    for item in holders:
        if not item.text or item.is_verified or is_placeholder(item.text):
            continue
        known = list(facts.owners.people)
        found = f"{show_value(item.text)}, who is nobody of owners.toml: shown as unverified"
        if item.person is not None:
            found = f"{item.person.shown}, who left on {item.person.left}"
        yield Problem(
            file=facts.runbook_file,
            place=f"owners.{item.role}",
            found=found,
            expected="a person of owners.toml",
            advice=suggest_word(item.text, known) if known else "Write owners.toml.",
            severity="warning",
        )


def _references(facts: PeopleFacts) -> Iterator[Problem]:
    """Names in owners.toml itself must mean somebody: they are no free text."""
    named: list[tuple[str, str]] = []
    for name, item in facts.owners.classes.items():
        if name not in facts.class_names:
            yield Problem(
                file=facts.owners_file,
                place=f'class."{name}"',
                found="an unknown action class",
                expected="a class of actions.toml",
                advice=suggest_word(name, facts.class_names),
            )
        people = {"consulted": item.consulted or (), "informed": item.informed or ()}
        people["accountable"] = () if item.accountable is None else (item.accountable,)
        named += [
            (f'class."{name}".{key}', text) for key, texts in people.items() for text in texts
        ]
    named += [(f"reviewed.{key}.by", item.by) for key, item in facts.owners.reviewed.items()]
    for place, text in named:
        person = facts.owners.find(text)
        if person is None or (place.startswith("class") and not person.is_here(facts.today)):
            left = "" if person is None else f", who left on {person.left}"
            yield Problem(
                file=facts.owners_file,
                place=place,
                found=f"{show_value(text)}{left}",
                expected="a person of this file",
                advice=suggest_word(text, list(facts.owners.people)),
            )


def _gaps(facts: PeopleFacts) -> Iterator[Problem]:
    if facts.rota is None:
        return
    start = dt.datetime.combine(facts.today, dt.time(), dt.UTC)
    try:
        gaps = facts.rota.gaps(start, start + dt.timedelta(days=ROTA_DAYS), facts.owners)
    except ValueError as error:
        yield Problem(file=facts.rota.place, found=str(error), expected="a rota of turns")
        return
    for gap in gaps[:MOST_GAPS]:
        yield Problem(
            file=facts.rota.place,
            place=f"the next {ROTA_DAYS} days",
            found=f"nobody on call, {gap}",
            expected="a person of owners.toml at every time",
            severity="warning",
        )
    if len(gaps) > MOST_GAPS:
        found = f"{len(gaps) - MOST_GAPS} more times with nobody on call"
        yield Problem(file=facts.rota.place, found=found, expected="none", severity="warning")


def _codeowners(facts: PeopleFacts, holders: Iterable[RoleHolder]) -> Iterator[Problem]:
    """Files of a role about which the code host asks somebody else, or nobody."""
    if facts.codeowners is None:
        return
    file, lines = facts.codeowners
    by_role = {item.role: item for item in holders}
    prefix = "" if facts.suite_path in {"", "."} else f"{facts.suite_path}/"
    for name, role in ASKED.items():
        person = by_role[role].person
        if name not in facts.present or person is None:
            continue
        line = line_of(prefix + name, lines)
        asked = () if line is None else line.owners
        teams = {fold_name(team) for team in person.teams}
        if {fold_name(text) for text in asked} & (person.known_as | teams):
            continue
        shown = ", ".join(asked) or "nobody"
        yield Problem(
            file=file,
            place="" if line is None else f"line {line.number}",
            found=f"{shown} asked about {prefix}{name}",
            expected=f"{person.shown}, who is the {role.replace('_', ' ')}",
            advice="Name the handle, or the team in the person's teams.",
            severity="warning",
        )
