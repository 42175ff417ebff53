"""The files of drills: `drills/*.json` beside the suite, signed, and verified where they are used.

Knows whose signature counts: the policy's attestation keys, and those of the reliability engineer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate.signatures.keys import key_id, read_public_key, sign, signer_of
from dialgate_evals.errors import UsageError
from dialgate_evals.files.file_reading import read_json_document
from dialgate_evals.files.file_writing import write_atomically
from dialgate_evals.files.json_text import JsonTextError, json_document, parse_json
from dialgate_evals.files.problems import show_path
from dialgate_gate.audit.drills.statement import (
    DrillExpectation,
    DrillKind,
    SignedDrill,
    latest_held,
    read_drill,
)
from dialgate_gate.audit.dsse import parse_envelope
from dialgate_gate.ladder.readiness import DrillFact
from dialgate_gate.settings.people.roles import role_holders

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping
    from pathlib import Path

    from dialgate.signatures.keys import PrivateKey, PublicKey
    from dialgate_evals.files.problems import Problem
    from dialgate_evals.suite.release import Release
    from dialgate_evals.suite.workspace import Workspace
    from dialgate_gate.settings.settings import GateSettings

FOLDER = "drills"
MOST_FILES = 200
SIGNS = "reliability_engineer"


def write_drill(
    folder: Path, kind: DrillKind, statement: Mapping[str, Any], key: PrivateKey
) -> Path:
    """Signs the statement and writes it beside the suite, over an older one of its kind."""
    path = folder / FOLDER / f"{kind.value}.json"
    path.parent.mkdir(exist_ok=True)
    write_atomically(path, json_document(sign(json_document(statement), key).as_json()))
    return path


def counting_keys(settings: GateSettings, today: dt.date) -> dict[str, PublicKey]:
    """Keys whose signature on a drill counts, by id; without the extra `sign` UsageError."""
    texts = list(settings.policy.attestation.keys)
    for holder in role_holders(settings.runbook.owners, settings.owners, today):
        if holder.role == SIGNS and holder.person is not None and holder.is_verified:
            texts += holder.person.keys
    found: dict[str, PublicKey] = {}
    for text in texts:
        try:
            key = read_public_key(text.strip().encode("utf-8"), "a key of the suite")
        except UsageError:
            continue  # of a kind that signs moves alone, such as one in a device
        found[key_id(key)] = key
    return found


def read_drills(
    workspace: Workspace,
    settings: GateSettings,
    release: Release,
    now: dt.datetime,
    keys_of: GateSettings | None = None,
) -> tuple[SignedDrill, ...]:
    """Every drill beside the suite; one that can't be read shows nothing and says why."""
    paths = sorted((workspace.folder / FOLDER).glob("*.json"))[:MOST_FILES]
    if not paths:
        return ()
    keys = counting_keys(keys_of or settings, now.date())
    expected = DrillExpectation(
        suite=workspace.suite.name, release=release, runbook=settings.runbook, now=now
    )
    found = (_read(path, keys, expected) for path in paths)
    return tuple(item for item in found if item is not None)


def _read(
    path: Path, keys: Mapping[str, PublicKey], expected: DrillExpectation
) -> SignedDrill | None:
    problems: list[Problem] = []
    document = read_json_document(path, "envelope", problems)
    envelope = None if document is None else parse_envelope(document, show_path(path))[0]
    if envelope is None:
        return None
    try:
        statement = parse_json(envelope.payload)
    except JsonTextError:
        return None
    if not isinstance(statement, dict):
        return None
    return read_drill(statement, show_path(path), signer_of(envelope, keys), expected)


def drill_facts(
    workspace: Workspace,
    settings: GateSettings,
    release: Release,
    now: dt.datetime,
    keys_of: GateSettings | None = None,
) -> dict[str, DrillFact]:
    """The youngest drill of each kind that counts, else what the one there is lacks.

    `keys_of`: whose owners and policy say whose signature counts; by default `settings`.
    """
    drills = read_drills(workspace, settings, release, now, keys_of)
    facts = {}
    for kind in DrillKind:
        held = latest_held(drills, kind)
        of_kind = [item for item in drills if item.kind is kind]
        if held is not None:
            facts[kind.value] = DrillFact(at=held.at, keyid=held.keyid)
        elif of_kind:
            facts[kind.value] = DrillFact(at=None, problems=of_kind[-1].problems)
    return facts
