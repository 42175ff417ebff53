"""Whose signatures a move of the dial needs, and whether those it has are theirs.

What is signed holds suite, class, modes, time, evidence and the ledger's head before it: a
signature fits no other move. Pure rules over keys that the base's owners.toml registers.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dialgate_evals.files.json_text import canonical_json
from dialgate_evals.files.problems import join_words
from dialgate_gate.audit.moves.ssh_signature import (
    SshSignatureError,
    fingerprint,
    is_signed,
    parse_ssh_signature,
    public_key_bytes,
)
from dialgate_gate.settings.people.owners import SYSTEM
from dialgate_gate.settings.people.roles import ROLES, role_holders

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dialgate_evals.actions.action_classes import ActionClass
    from dialgate_gate.audit.ledger import LedgerEntry
    from dialgate_gate.settings.people.owners import Owners, Person
    from dialgate_gate.settings.people.people_policy import SignPolicy

NAMESPACE = "dialgate-move"
"""What `ssh-keygen -Y sign -n` is given: a signature for something else doesn't count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningRules:
    """By whose word moves are signed: the base's owners, roles and policy."""

    suite: str
    owners: Owners
    said: Mapping[str, str]
    # [owners] of runbook.toml
    policy: SignPolicy

    @property
    def asks(self) -> bool:
        """Whether a name alone moves nothing any more."""
        return self.owners.has_keys


def move_statement(entry: LedgerEntry, suite: str) -> bytes:
    """What is signed of an entry: all that it says but its seal, and the suite's name."""
    said = {
        key: value
        for key, value in entry.as_json().items()
        if key not in {"hash", "schema", "signatures"}
    }
    return canonical_json({"kind": "dialgate-move/1", "suite": suite, **said}).encode() + b"\n"


def signers_of(
    entry: LedgerEntry, suite: str, owners: Owners, today: dt.date | None = None
) -> tuple[tuple[Person, ...], list[str]]:
    """Who signed the entry, each person once, and what is wrong with a signature of it.

    `today` refuses who has left by now, whatever time the entry says; None: an entry of the past.
    """
    statement, known = move_statement(entry, suite), _keys(owners)
    signers: dict[str, Person] = {}
    wrong = []
    for text in entry.signatures:
        found = _signer(text, statement, known, entry, today)
        if isinstance(found, str):
            wrong.append(found)
        elif found.id in signers:
            wrong.append(f"{found.shown} signed twice: a second signature is another person's.")
        else:
            signers[found.id] = found
    return tuple(signers.values()), wrong


def _signer(
    text: str,
    statement: bytes,
    known: Mapping[bytes, tuple[Person, ...]],
    entry: LedgerEntry,
    today: dt.date | None,
) -> Person | str:
    try:
        signature = parse_ssh_signature(text)
    except SshSignatureError as error:
        return f"What should be a signature is {error}."
    name = fingerprint(signature.key)
    people = known.get(signature.key, ())
    if not people:
        return f"A signature is of the key {name}, which is nobody's in owners.toml."
    if len(people) > 1:
        return f"The key {name} is of several people in owners.toml: it proves nobody."
    (person,) = people
    if not is_signed(signature, statement, NAMESPACE):
        return (
            f"A signature of {person.shown} is not over this move: it was made for another class, "
            "mode, time or ledger."
        )
    day = dt.datetime.fromisoformat(entry.at).astimezone(dt.UTC).date()
    if not all(person.is_here(each) for each in (day, today) if each is not None):
        return f"{person.shown} left on {person.left}: the signature doesn't count."
    return person


def _keys(owners: Owners) -> dict[bytes, tuple[Person, ...]]:
    found: dict[bytes, tuple[Person, ...]] = {}
    for person in owners.people.values():
        for text in person.keys:
            try:
                key = public_key_bytes(text)
            except SshSignatureError:
                continue
            found[key] = tuple(dict.fromkeys((*found.get(key, ()), person)))
    return found


def signing_shortfall(
    entry: LedgerEntry, action_class: ActionClass, rules: SigningRules, today: dt.date
) -> list[str]:
    """What a new move lacks of signatures; empty: nothing, or nobody has a key."""
    is_promotion = entry.after.rank > entry.before.rank or entry.is_confirmation
    if not rules.asks or (entry.before is entry.after and not is_promotion):
        return []
    if entry.by == SYSTEM and not is_promotion and not entry.signatures:
        return []
    signers, found = signers_of(entry, rules.suite, rules.owners, today)
    decider = rules.owners.find(entry.by)
    if decider is None:
        found.append(f"{entry.by!r} is nobody of owners.toml.")
    elif decider not in signers:
        found.append(f"{decider.shown} has to sign it: a name alone moves nothing.")
    if is_promotion and not found:
        found += _missing_roles(signers, action_class, rules, today)
    return found


def _missing_roles(
    signers: Sequence[Person], action_class: ActionClass, rules: SigningRules, today: dt.date
) -> list[str]:
    holders = role_holders(rules.said, rules.owners, today)

    def with_role(roles: Sequence[str]) -> list[Person]:
        ids = {h.person.id for h in holders if h.role in roles and h.person and h.is_verified}
        return [person for person in signers if person.id in ids]

    found = []
    if not with_role(rules.policy.roles):
        asked = join_words([role.replace("_", " ") for role in rules.policy.roles])
        found.append(f"A promotion is signed by the {asked} ([sign] roles in policy.toml).")
    needs_second = action_class.blast_radius.rank >= rules.policy.second_for.rank
    if needs_second and len(with_role(ROLES)) < 2:
        found.append(
            f"{action_class.name} has the blast radius {action_class.blast_radius}: a second "
            "person with a role signs too ([sign] second_for in policy.toml)."
        )
    return found


def ledger_defects(entries: Sequence[LedgerEntry], suite: str, owners: Owners) -> list[str]:
    """What is wrong with the signatures of a ledger that is kept.

    From the first signed move on each move is signed, but for what the system took down.
    """
    found = []
    is_asked = False
    for entry in entries:
        is_asked = is_asked or bool(entry.signatures)
        _, wrong = signers_of(entry, suite, owners)
        is_down = entry.after.rank < entry.before.rank and entry.by == SYSTEM
        is_move = entry.before is not entry.after or entry.is_confirmation
        if is_asked and not entry.signatures and not is_down and is_move:
            wrong = ["It is not signed, though a move before it is."]
        found += [f"line {entry.number}: {text}" for text in wrong]
    return found
