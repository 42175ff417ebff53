"""`dialgate dial lease`: a lease for each class whose mode still has what it rests on.

The wiring; leaves what a mode rests on to `dialgate_gate.ladder.in_force`, what a lease is to
`dialgate_runtime.leases`, the words to `reports`.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dialgate.dial.dial_files import read_state, refuse_rolled_back, written_time
from dialgate.dial.dial_lookup import Dial
from dialgate.dial.recommending.recommending import RecommendRequest, gather
from dialgate.signatures.keys import key_id, sign
from dialgate_evals.errors import UsageError
from dialgate_evals.files.file_writing import write_atomically
from dialgate_evals.files.json_text import digest_of, json_document
from dialgate_evals.files.problems import show_path
from dialgate_evals.suite.versions import installed_versions
from dialgate_gate.audit.dial_ledger import head_of
from dialgate_gate.settings.dial import needs_lease
from dialgate_gate.wording import count_of
from dialgate_runtime.leases.lease import PREDICATE_TYPE, STATEMENT_TYPE
from dialgate_runtime.leases.lease_folder import FOLDER, lease_file_name
from dialgate_runtime.leases.rules import read_key

if TYPE_CHECKING:
    from pathlib import Path

    from dialgate.dial.recommending.gathered import Gathered
    from dialgate.signatures.keys import PrivateKey
    from dialgate_evals.actions.action_classes import ActionClass
    from dialgate_gate.ladder.in_force import ModeInForce
    from dialgate_gate.settings.policy import Policy
    from dialgate_runtime.mode import Mode


@dataclass(frozen=True, kw_only=True)
class LeaseRequest:
    """What a person or a timer asked for."""

    asked: RecommendRequest
    # which evidence, which release, which moment
    key: PrivateKey
    hours: int | None = None
    # None: the policy's


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassLease:
    """What became of one class."""

    action_class: str
    dial: Mode
    lease: Mode | None
    # None: there is none, and the class is in the loop at most where leases are required
    not_after: dt.datetime | None
    in_force: ModeInForce

    @property
    def lost(self) -> bool:
        """Whether the class has less than its dial says."""
        return self.in_force.effective is not self.in_force.mode

    def as_json(self) -> dict[str, Any]:
        """As `dial lease --json` writes it."""
        end = None if self.not_after is None else written_time(self.not_after)
        return {
            "action_class": self.action_class,
            "lease": None if self.lease is None else self.lease.value,
            "not_after": end,
            "in_force": self.in_force.as_json(),
        }


@dataclass(frozen=True, kw_only=True)
class Leased:
    """What became of every class that a lease could be for."""

    classes: tuple[ClassLease, ...]
    document: dict[str, Any]


def lease_classes(request: LeaseRequest) -> Leased:
    """Writes the leases, and takes those away of classes that have none.

    Raises UsageError for a key that the policy doesn't name, a span over the policy's, or a base
    that can't be proven; EvidenceError where the dial's books don't agree or were rolled back; and
    what `recommend` raises.
    """
    found = gather(request.asked, must_be_proven=True)
    folder, now = found.workspace.folder, request.asked.now
    state = read_state(folder)
    refuse_rolled_back(folder, state)
    _refuse_key(request.key, found.settings.policy, folder)
    end = now + dt.timedelta(hours=_hours(request, found.settings.policy))
    facts = {
        "suite": found.workspace.suite.name,
        "classes": _bound(found),
        "release": _release(found),
        "ledger": head_of(state.entries) if state.entries else None,
        "issued_at": written_time(now),
        "not_after": written_time(end),
        "dialgate": installed_versions()["dialgate"],
    }
    due = [move for move in found.moves if move.in_force.effective.is_autonomous]
    # First what is over: a kill in between leaves no lease that nobody would issue now.
    _take_away(folder / FOLDER, {lease_file_name(move.action_class) for move in due})
    classes = tuple(
        _lease(item, move.in_force, found, facts, request.key, end)
        for item, move in zip(found.classes, found.moves, strict=True)
        if needs_lease(item, move.mode)
    )
    document = {
        "schema": 1,
        **{key: facts[key] for key in ("suite", "release", "issued_at", "not_after")},
        "keyid": key_id(request.key.public_key()),
        "required": found.settings.policy.lease.required,
        "classes": [item.as_json() for item in classes],
    }
    return Leased(classes=classes, document=document)


def _lease(
    item: ActionClass,
    in_force: ModeInForce,
    found: Gathered,
    facts: dict[str, Any],
    key: PrivateKey,
    end: dt.datetime,
) -> ClassLease:
    """The class's lease in its file; none where the agent may no longer act first."""
    mode = in_force.effective
    if not mode.is_autonomous:
        return ClassLease(
            action_class=item.name,
            dial=in_force.mode,
            lease=None,
            not_after=None,
            in_force=in_force,
        )
    entry = found.settings.dial.entries.get(item.name)
    requirements = [requirement.as_json() for requirement in in_force.requirements]
    predicate = {
        "schema": 1,
        "action_class": item.name,
        "mode": mode.value,
        "evidence": None if entry is None else entry.evidence,
        "requirements": requirements,
        "readiness": digest_of(requirements),
        **facts,
    }
    folder = found.workspace.folder / FOLDER
    folder.mkdir(exist_ok=True)
    envelope = sign(json_document(_statement(predicate)), key)
    write_atomically(folder / lease_file_name(item.name), json_document(envelope.as_json()))
    return ClassLease(
        action_class=item.name, dial=in_force.mode, lease=mode, not_after=end, in_force=in_force
    )


def _statement(predicate: dict[str, Any]) -> dict[str, Any]:
    release = predicate["release"]
    digest = {"sha256": release["fingerprint"].removeprefix("sha256:")}
    return {
        "_type": STATEMENT_TYPE,
        "subject": [{"name": release["name"], "digest": digest}],
        "predicateType": PREDICATE_TYPE,
        "predicate": predicate,
    }


def _release(found: Gathered) -> dict[str, str]:
    release = found.release
    return {
        "name": release.name,
        "version": release.version,
        "fingerprint": release.fingerprint,
    }


def _bound(found: Gathered) -> str:
    """The digest of classes and tools, as a runtime of this release makes it."""
    dial = Dial(found.workspace.actions, found.settings.dial, found.release.tools)
    return dial.bound_digest()


def _refuse_key(key: PrivateKey, policy: Policy, folder: Path) -> None:
    """Raises UsageError where no runtime would take what the key signs."""
    place = show_path(folder / "policy.toml")
    name = key_id(key.public_key())
    known = [read_key(text)[0] for text in policy.lease.keys]
    if name in policy.lease.revoked:
        raise UsageError(f"{place} revokes the key {name[:16]} in [lease]: sign with another one.")
    if name not in known:
        raise UsageError(
            f"{place} doesn't name the key {name[:16]} in [lease] keys, so no runtime would take "
            "its leases."
        )


def _hours(request: LeaseRequest, policy: Policy) -> int:
    most = policy.lease.hours
    if request.hours is not None and not 1 <= request.hours <= most:
        raise UsageError(f"--hours {request.hours}: the policy allows {count_of(most, 'hour')}.")
    return request.hours or most


def _take_away(folder: Path, kept: set[str]) -> None:
    """Files of leases that nobody issued now: a class that is gone, or has none any more."""
    for path in sorted(folder.glob("*.json")):
        if path.name not in kept:
            path.unlink()
