"""A lease: for how long a release may have a mode in one class, and on what that rests; signed.

An in-toto statement on a release's fingerprint in an envelope. Here it is read and held against
what a runtime knows; leaves issuing to `dialgate.dial.leasing`.
"""

from __future__ import annotations

import datetime as dt

from dialgate_runtime.leases.envelope import EnvelopeError, signed_payload
from dialgate_runtime.mode import Mode
from dialgate_runtime.problems import shown
from dialgate_runtime.strict_json import JsonError, parse_json
from dialgate_runtime.values import Value

TYPE_CHECKING = False  # the name alone, without `typing`
if TYPE_CHECKING:
    from collections.abc import Mapping

    from dialgate_runtime.leases.rules import LeaseRules

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "urn:dialgate:lease:1"
LIMIT_BYTES = 256 * 1024
LONGEST_S = 31 * 24 * 3600
"""No lease lives longer, whatever it says."""

_STATEMENT = frozenset({"_type", "subject", "predicateType", "predicate"})
_PREDICATE = frozenset(
    {"schema", "suite", "action_class", "mode", "classes", "release", "evidence", "ledger",
     "requirements", "readiness", "issued_at", "not_after", "dialgate"}
)  # fmt: skip
_TEXTS = ("suite", "action_class", "mode", "classes", "issued_at", "not_after")


class LeaseRefusedError(ValueError):
    """Why a file is no lease that counts: it is none."""


class Subject(Value):
    """What a runtime is, and so what a lease must be on."""

    suite: str
    release: str
    # fingerprint
    classes: str
    # digest of classes and tools: a call can't be moved to another class beneath a lease


class Lease(Value):
    """A lease whose signature, subject and shape are right; the rest is a matter of time."""

    action_class: str
    mode: Mode
    issued_at: float
    not_after: float
    # seconds since 1970
    keyid: str

    def why_not(self, now: float, skew_s: float) -> str | None:
        """Why it doesn't count at the moment; None: it does. A moment at its end is too late."""
        if now >= self.not_after:
            return f"it expired at {written(self.not_after)}"
        if now < self.issued_at - skew_s:
            return f"it was issued at {written(self.issued_at)}, after the clock here"
        return None


def read_lease(raw: bytes, action_class: str, subject: Subject, rules: LeaseRules) -> Lease:
    """The lease of the class that the bytes are. Raises LeaseRefusedError with what is wrong."""
    try:
        payload, keyid = signed_payload(parse_json(raw), rules.keys)
        statement = parse_json(payload)
    except (JsonError, EnvelopeError) as error:
        raise LeaseRefusedError(str(error)) from None
    predicate = _predicate(statement)
    _compare(predicate, action_class, subject)
    issued, end = moment(predicate["issued_at"]), moment(predicate["not_after"])
    if issued is None or end is None or not issued < end <= issued + LONGEST_S:
        raise LeaseRefusedError("no span of time of at most 31 days")
    if predicate["mode"] not in set(Mode):
        raise LeaseRefusedError(f"the mode {shown(predicate['mode'])}")
    mode = Mode(str(predicate["mode"]))
    return Lease(action_class=action_class, mode=mode, issued_at=issued, not_after=end, keyid=keyid)


def _predicate(statement: object) -> Mapping[str, object]:
    """What the statement says, of the right shape. Raises LeaseRefusedError."""
    if not isinstance(statement, dict) or set(statement) != _STATEMENT:
        raise LeaseRefusedError("no statement")
    types = (statement["_type"], statement["predicateType"])
    if types != (STATEMENT_TYPE, PREDICATE_TYPE):
        raise LeaseRefusedError(f"another statement than a lease: {shown(types[1])}")
    found = statement["predicate"]
    if not isinstance(found, dict) or set(found) != _PREDICATE or type(found["schema"]) is not int:
        raise LeaseRefusedError("other keys than a lease's")
    texts = all(isinstance(found[key], str) for key in _TEXTS)
    release = found["release"]
    if found["schema"] != 1 or not texts or not isinstance(release, dict):
        raise LeaseRefusedError("other values than a lease's")
    fingerprint = str(release.get("fingerprint"))
    subject = {
        "name": release.get("name"),
        "digest": {"sha256": fingerprint.removeprefix("sha256:")},
    }
    if statement["subject"] != [subject]:
        raise LeaseRefusedError("a subject that is not its release")
    return found


def _compare(predicate: Mapping[str, object], action_class: str, subject: Subject) -> None:
    release = predicate["release"]
    assert isinstance(release, dict)
    pairs = {
        "the suite": (predicate["suite"], subject.suite),
        "the class": (predicate["action_class"], action_class),
        "the release": (release.get("fingerprint"), subject.release),
        "classes and tools": (predicate["classes"], subject.classes),
    }
    for name, (said, here) in pairs.items():
        if said != here:
            raise LeaseRefusedError(f"a lease on {name} {shown(said)}, not {shown(here)}")


def moment(text: object) -> float | None:
    """Seconds since 1970 of `2026-11-01T09:00:00Z`; None for any other text."""
    if not isinstance(text, str) or len(text) != 20 or not text.isascii() or text[-1] != "Z":
        return None
    try:
        found = dt.datetime.fromisoformat(text[:19])
    except ValueError:
        return None
    return found.replace(tzinfo=dt.UTC).timestamp() if text[:19] == found.isoformat() else None


def written(moment_s: float) -> str:
    """The moment as leases write it: UTC, to the second."""
    return dt.datetime.fromtimestamp(moment_s, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
