"""Signing a move of the dial: by a key file here, or by `ssh-keygen -Y sign` somewhere else.

The wiring; leaves whose signatures a move takes to `dialgate_gate.audit.moves.signed_moves`.
"""

from __future__ import annotations

import base64
import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dialgate.check.ledger_state import signing_rules
from dialgate.git.base_files import laid_out
from dialgate.git.base_ref import suite_path_at
from dialgate.git.default_base import default_base
from dialgate_evals.errors import EvidenceError, UsageError
from dialgate_evals.files.file_reading import read_bytes
from dialgate_evals.files.file_writing import write_atomically
from dialgate_evals.files.json_text import JsonTextError, parse_json
from dialgate_evals.files.problems import Problem, show_path
from dialgate_evals.suite.workspace import load_workspace
from dialgate_gate.audit.moves.signed_moves import (
    NAMESPACE,
    ledger_defects,
    move_statement,
    signing_shortfall,
)
from dialgate_gate.audit.moves.ssh_signature import ssh_signature
from dialgate_gate.settings.settings import load_settings

if TYPE_CHECKING:
    from pathlib import Path

    from dialgate.dial.dial_files import DialState
    from dialgate_evals.actions.action_classes import ActionClass
    from dialgate_gate.audit.ledger import LedgerEntry
    from dialgate_gate.audit.moves.signed_moves import SigningRules
    from dialgate_gate.settings.settings import GateSettings

_SKEW = dt.timedelta(minutes=5)
_MOST_KEY_BYTES = 64 * 1024


@dataclass(frozen=True, kw_only=True)
class SigningRequest:
    """How a person means to sign."""

    key: Path | None = None
    # a private key to sign with here
    propose: Path | None = None
    # where to write the move, to be signed elsewhere
    move: Path | None = None
    # a move that was written so
    signatures: tuple[Path, ...] = ()
    # of it


@dataclass(frozen=True, kw_only=True)
class BaseSide:
    """By whose word moves are made: the base's, as a change registers no key."""

    rules: SigningRules
    settings: GateSettings
    place: str
    # which commit, for people


def base_side(folder: Path) -> BaseSide:
    """The base's owners, roles and policy.

    Outside git, and where the base doesn't hold the suite, the working tree's.
    """
    baseline = default_base(folder, is_changed=True)
    if baseline is None or suite_path_at(folder, baseline.commit) is None:
        return _side_of(folder, "the working tree")
    with laid_out(folder, baseline) as base:
        return _side_of(base, str(baseline))


def _side_of(folder: Path, place: str) -> BaseSide:
    settings = load_settings(folder)
    rules = signing_rules(load_workspace(folder), settings)
    return BaseSide(rules=rules, settings=settings, place=place)


def proposed_time(request: SigningRequest, rules: SigningRules, now: dt.datetime) -> str | None:
    """The time that a written move says; None: none was written. Raises UsageError."""
    if request.move is None:
        if request.signatures:
            raise UsageError("--signature is of a move that was written: name it by --move FILE.")
        return None
    document = _read_move(request.move)
    try:
        at = dt.datetime.fromisoformat(str(document.get("at")))
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise UsageError(f"--move {request.move}: no move that --propose wrote.")
    if not now - dt.timedelta(days=rules.policy.days) <= at <= now + _SKEW:
        raise UsageError(
            f"--move {request.move} is of {at.isoformat()}; a move can be made for "
            f"{rules.policy.days} days ([sign] days in policy.toml). Write it anew by --propose."
        )
    return str(document["at"])


def sign_move(draft: LedgerEntry, request: SigningRequest, suite: str) -> tuple[str, ...]:
    """The signatures that the person gave. Raises UsageError, or EvidenceError for another move."""
    statement = move_statement(draft, suite)
    if request.move is not None and _raw(request.move) != statement:
        raise EvidenceError(
            [
                Problem(
                    file=show_path(request.move),
                    found="another move than this one, or another ledger before it",
                    expected="what --propose writes now",
                    advice="Write it anew by --propose, and sign that.",
                )
            ]
        )
    texts = [_raw(path).decode("ascii", "replace") for path in request.signatures]
    if request.key is not None:
        texts.insert(0, _sign(statement, request.key))
    return tuple(texts)


def propose_move(draft: LedgerEntry, request: SigningRequest, suite: str) -> tuple[str, ...]:
    """Writes the move for others to sign, and says how."""
    assert request.propose is not None
    write_atomically(request.propose, move_statement(draft, suite))
    path = show_path(request.propose)
    return (
        f"{path} is the move to be signed; nothing was moved. Each signer:",
        f"  ssh-keygen -Y sign -n {NAMESPACE} -f YOUR_KEY {path}",
        f"Then the same command with --move {path} --signature {path}.sig in place of --propose.",
    )


def missing_signatures(draft: LedgerEntry, action_class: ActionClass, side: BaseSide) -> list[str]:
    """What the move lacks of signatures, with how to sign it; empty: nothing."""
    found = signing_shortfall(draft, action_class, side.rules, dt.datetime.now(dt.UTC).date())
    if not found:
        return []
    advice = (
        f"Keys are registered in owners.toml of {side.place}. Sign by --key FILE, or write the "
        "move by --propose FILE for each signer to sign."
    )
    return [*found, advice]


def refuse_unsigned(folder: Path, state: DialState) -> None:
    """Raises EvidenceError where a signature of the ledger doesn't hold, or one is missing."""
    if not any(entry.signatures for entry in state.entries):
        return
    side = base_side(folder)
    found = ledger_defects(state.entries, side.rules.suite, side.rules.owners)
    if found:
        raise EvidenceError(
            [
                Problem(
                    file=show_path(folder / "ledger.jsonl"),
                    found=text,
                    expected=f"a signature of a person in owners.toml of {side.place}",
                    advice="Who has left stays there with `left`, so that earlier moves hold.",
                )
                for text in found
            ]
        )


def _sign(statement: bytes, path: Path) -> str:
    """By an Ed25519 key in PEM or as OpenSSH keeps it. Raises UsageError, which shows none."""
    raw = _raw(path, most=_MOST_KEY_BYTES)
    try:
        from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 - an extra
        from cryptography.hazmat.primitives.asymmetric import ed25519  # noqa: PLC0415 - an extra
        from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415 - an extra
            Encoding,
            PublicFormat,
            load_pem_private_key,
            load_ssh_private_key,
        )
    except ImportError:
        raise UsageError(
            "Signatures need the package cryptography: pip install 'dialgate[sign]'."
        ) from None
    load = load_ssh_private_key if b"OPENSSH PRIVATE KEY" in raw else load_pem_private_key
    try:
        key: Any = load(raw, password=None)
    except (TypeError, ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, ed25519.Ed25519PrivateKey):
        raise UsageError(
            f"--key {path}: expected an Ed25519 key without a passphrase. Sign others, and keys in "
            "an agent or a device, by --propose FILE and ssh-keygen."
        )
    line = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    public = base64.b64decode(line.split()[1])
    return ssh_signature(statement, NAMESPACE, public, key.sign)


def _read_move(path: Path) -> dict[str, Any]:
    try:
        document = parse_json(_raw(path))
    except JsonTextError:
        document = None
    if not isinstance(document, dict):
        raise UsageError(f"--move {path}: no move that --propose wrote.")
    return document


def _raw(path: Path, most: int | None = None) -> bytes:
    problems: list[Problem] = []
    raw = read_bytes(path, problems, expected="a file that can be read")
    if raw is None or (most is not None and len(raw) > most):
        raise UsageError(str(problems[0]) if problems else f"{path} is too large for a key.")
    return raw
