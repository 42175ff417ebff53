"""The ledger of the dial: who moved which class, when, on which evidence; each line seals the last.

Append-only JSON Lines, hash-chained: an entry's hash covers its content and the hash before it, so
an edited, removed or reordered line breaks the chain from there on. Pure; leaves files and locks to
`dialgate.dial.dial_files`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from dialgate_evals.events.review_events import Mode
from dialgate_evals.files.json_text import JsonTextError, digest_of, parse_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

FIRST = "sha256:" + "0" * 64
"""What stands before the first entry."""

PLACEHOLDER = "YOUR NAME"
"""What a command says where nobody is named yet; nobody decides under it."""

_KEYS = (
    "schema", "number", "at", "by", "action_class", "before", "after", "evidence", "reason",
    "previous", "hash",
)  # fmt: skip
_SIGNED = "attestation"
_SIGNATURES = "signatures"

_RELEASE = "release"
"""Only entries that rest on a signed verdict, are signed, or are promotions or confirmations have
these keys: older ledgers stay whole."""
_MAY_LACK = {_SIGNED, _SIGNATURES, _RELEASE}
_MOST_SIGNATURES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry:
    """One move of one class."""

    number: int
    # 1, 2, 3, …
    at: str
    # RFC 3339, UTC
    by: str
    action_class: str
    before: Mode
    after: Mode
    evidence: str | None
    # digest of the recommendation that supports it; None: a demotion, or overridden
    reason: str | None
    # why a person went against the recommendation
    previous: str
    # the hash of the entry before
    hash: str = ""
    attestation: str | None = None
    # digest of the signed verdict's file
    release: Mapping[str, Any] | None = None
    # version, fingerprint and components of the release at that moment; None: it isn't said
    signatures: tuple[str, ...] = ()
    # of people over the entry without its seal, as ssh-keygen writes them

    @property
    def is_confirmation(self) -> bool:
        """Whether the class keeps its mode, on the evidence of another release."""
        return self.before is self.after and self.release is not None

    def as_json(self) -> dict[str, Any]:
        """The entry as the ledger writes it."""
        values = {"schema": 1, **asdict(self)}
        values[_SIGNATURES] = list(self.signatures)
        return {k: v for k, v in values.items() if k not in _MAY_LACK or v}

    def sealed(self) -> LedgerEntry:
        """The entry with the hash of its content."""
        content = {key: value for key, value in self.as_json().items() if key != "hash"}
        return replace(self, hash=digest_of(content))


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """What a person does to a class."""

    at: str
    by: str
    action_class: str
    before: Mode
    after: Mode
    evidence: str | None = None
    reason: str | None = None
    attestation: str | None = None
    release: Mapping[str, Any] | None = None
    signatures: tuple[str, ...] = ()


def next_entry(entries: Sequence[LedgerEntry], move: Move) -> LedgerEntry:
    """The sealed entry that follows."""
    return LedgerEntry(
        number=len(entries) + 1,
        previous=entries[-1].hash if entries else FIRST,
        at=move.at,
        by=move.by,
        action_class=move.action_class,
        before=move.before,
        after=move.after,
        evidence=move.evidence,
        reason=move.reason,
        attestation=move.attestation,
        release=move.release,
        signatures=move.signatures,
    ).sealed()


def read_ledger(lines: Iterable[bytes]) -> tuple[list[LedgerEntry], list[str]]:
    """The entries as far as the chain holds, and what is wrong with the line that breaks it."""
    entries: list[LedgerEntry] = []
    for number, line in enumerate(lines, 1):
        entry, defect = _read_line(line, entries)
        if entry is None:
            return entries, [f"line {number}: {defect}"]
        entries.append(entry)
    return entries, []


def _read_line(line: bytes, before: Sequence[LedgerEntry]) -> tuple[LedgerEntry | None, str]:
    try:
        document = parse_json(line)
    except JsonTextError as error:
        return None, f"no entry of a ledger ({error})"
    if not isinstance(document, dict) or set(document) - _MAY_LACK != set(_KEYS):
        return None, "no entry of a ledger"
    if document["schema"] != 1 or any(not document[key] for key in _MAY_LACK & set(document)):
        return None, "no entry of a ledger"
    try:
        entry = _entry(document)
    except (ValueError, TypeError):
        return None, "no entry of a ledger"
    previous = before[-1].hash if before else FIRST
    if entry.hash != entry.sealed().hash:
        return None, "its content is not what was sealed: the line was edited"
    if entry.previous != previous or entry.number != len(before) + 1:
        return None, "it does not follow the line before it: a line was removed, added or moved"
    return entry, ""


def _entry(document: Mapping[str, Any]) -> LedgerEntry:
    values = {key: value for key, value in document.items() if key != "schema"}
    texts = ("at", "by", "action_class", "previous", "hash")
    if not all(isinstance(values[key], str) for key in texts) or type(values["number"]) is not int:
        raise TypeError
    if not all(isinstance(values.get(key), str | None) for key in ("evidence", "reason", _SIGNED)):
        raise TypeError
    if _RELEASE in values and not _is_release(values[_RELEASE]):
        raise TypeError
    signatures = values.get(_SIGNATURES, [])
    if not isinstance(signatures, list) or len(signatures) > _MOST_SIGNATURES:
        raise TypeError
    if not all(isinstance(text, str) for text in signatures):
        raise TypeError
    modes = {"before": Mode(values["before"]), "after": Mode(values["after"])}
    return LedgerEntry(**{**values, **modes, _SIGNATURES: tuple(signatures)})


def _is_release(value: object) -> bool:
    if not isinstance(value, dict) or set(value) != {"version", "fingerprint", "components"}:
        return False
    parts = value["components"]
    texts = [value["version"], value["fingerprint"]]
    return isinstance(parts, dict) and all(
        isinstance(item, str) for item in (*texts, *parts.values())
    )


def modes_after(entries: Iterable[LedgerEntry]) -> dict[str, LedgerEntry]:
    """The last entry of each class: what dial.toml must say."""
    return {entry.action_class: entry for entry in entries}
