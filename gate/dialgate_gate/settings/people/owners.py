"""owners.toml: the people that roles, classes and rotas refer to, and the keys they sign with.

Knows that nobody is two people; leaves roles to `roles` and what a key is to `dialgate.signatures`.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dialgate_evals.files.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SYSTEM = "system"
"""What moves a class down without a person; nobody may be called so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One person: how to reach them, and what proves that it was them."""

    id: str
    name: str = ""
    # as people say it; empty: the id
    mail: str | None = None
    handle: str | None = None
    # at the code host, with or without @
    teams: tuple[str, ...] = ()
    # at the code host: @org/team, as CODEOWNERS names them
    keys: tuple[str, ...] = ()
    # public keys: lines of OpenSSH, or PEM
    left: dt.date | None = None
    # the first day on which their key signs nothing any more

    @property
    def shown(self) -> str:
        """As reports name the person."""
        return self.name or self.id

    def is_here(self, day: dt.date) -> bool:
        """Whether the person had not left by that day."""
        return self.left is None or day < self.left

    @property
    def known_as(self) -> frozenset[str]:
        """Every text that means this person, folded."""
        texts = (self.id, self.name, self.mail or "", self.handle or "")
        return frozenset(fold_name(text) for text in texts if text)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassPeople:
    """Who answers for one class; None: as the roles say."""

    accountable: str | None = None
    consulted: tuple[str, ...] | None = None
    informed: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """When somebody last looked at a thing, found nothing to change and said so."""

    at: dt.date
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Owners:
    """All of owners.toml."""

    people: Mapping[str, Person] = field(default_factory=dict)
    classes: Mapping[str, ClassPeople] = field(default_factory=dict)
    reviewed: Mapping[str, Reviewed] = field(default_factory=dict)

    def find(self, text: str) -> Person | None:
        """The person whom an id, name, mail or handle means; None: nobody of the file."""
        if text in self.people:
            return self.people[text]
        folded = fold_name(text)
        return next((item for item in self.people.values() if folded in item.known_as), None)

    @property
    def has_keys(self) -> bool:
        """Whether anybody can sign, so that a name alone moves nothing."""
        return any(item.keys for item in self.people.values())


def parse_owners(document: Mapping[str, Any]) -> Owners:
    """What a checked owners.toml says. Raises ValueError for a date that is no day."""
    return Owners(
        people={name: _person(name, item) for name, item in document.get("person", {}).items()},
        classes={name: _class(item) for name, item in document.get("class", {}).items()},
        reviewed={
            name: Reviewed(at=dt.date.fromisoformat(item["at"]), by=item["by"])
            for name, item in document.get("reviewed", {}).items()
        },
    )


def _person(name: str, item: Mapping[str, Any]) -> Person:
    left = item.get("left")
    return Person(
        id=name,
        name=item.get("name", ""),
        mail=item.get("mail"),
        handle=item.get("handle"),
        teams=tuple(item.get("teams", ())),
        keys=tuple(item.get("keys", ())),
        left=None if left is None else dt.date.fromisoformat(left),
    )


def _class(item: Mapping[str, Any]) -> ClassPeople:
    def people(key: str) -> tuple[str, ...] | None:
        return tuple(item[key]) if key in item else None

    return ClassPeople(
        accountable=item.get("accountable"),
        consulted=people("consulted"),
        informed=people("informed"),
    )


def fold_name(text: str) -> str:
    """A name, mail or handle as it is compared: `Mara+x@Desk.io`, `@Mara` and `mara` fold alike.

    >>> fold_name("@Mara") == fold_name("mara"), fold_name("Ann+2@Desk.io")
    (True, 'ann@desk.io')
    """
    folded = " ".join(unicodedata.normalize("NFKC", text).casefold().split()).removeprefix("@")
    local, at, domain = folded.rpartition("@")
    return f"{local.partition('+')[0]}@{domain}" if at and "/" not in domain else folded


def owner_problems(owners: Owners, file: str) -> Iterator[Problem]:
    """One person written down twice: a second signature would be the first one's again."""
    seen: dict[str, str] = {}
    for person in owners.people.values():
        if fold_name(person.id) == SYSTEM:
            yield _problem(file, person.id, f'a person called "{SYSTEM}"', "another name")
        for text in sorted(person.known_as | {_key_body(key) for key in person.keys}):
            other = seen.setdefault(text, person.id)
            if other != person.id:
                shown = "a key" if text.startswith("key ") else f'"{text}"'
                found = f'{shown} that is "{other}"\'s as well'
                yield _problem(file, person.id, found, "one table for one person")


def _problem(file: str, name: str, found: str, expected: str) -> Problem:
    return Problem(file=file, place=f'person."{name}"', found=found, expected=expected)


def _key_body(key: str) -> str:
    """What of a key's text is the key: no comment, no line breaks."""
    if "-----BEGIN" in key:
        body = "".join(line for line in key.splitlines() if not line.startswith("-----"))
        return f"key {body}"
    return f"key {key.split()[1] if len(key.split()) > 1 else key}"
