"""`dialgate dial set`: checks that the move may be made, then makes it. The wiring.

Leaves the rules to `dialgate_gate.ladder.promotion` and the files to `dialgate.dial.dial_files`.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dialgate.dial.dial_files import draft_entry, move_class, read_state, repair, written_time
from dialgate.dial.grounds.drill_files import drill_facts
from dialgate.dial.grounds.resting import rests_on
from dialgate.dial.move_signing import (
    BaseSide,
    SigningRequest,
    base_side,
    missing_signatures,
    propose_move,
    proposed_time,
    sign_move,
)
from dialgate.git.base_ref import resolve_ref
from dialgate_evals.errors import EvidenceError, UsageError
from dialgate_evals.events.review_events import Mode
from dialgate_evals.files.file_reading import read_bytes
from dialgate_evals.files.json_text import JsonTextError, digest_of, parse_json
from dialgate_evals.files.problems import Problem, show_path
from dialgate_evals.files.suggest import suggest_word
from dialgate_evals.suite.workspace import load_workspace
from dialgate_gate.audit.ledger import PLACEHOLDER, Move
from dialgate_gate.ladder.promotion import (
    forbidden_move,
    never_allowed,
    unconfirmed,
    unready,
    unsigned,
    unsupported,
)
from dialgate_gate.ladder.readiness import ReadinessFacts
from dialgate_gate.settings.people.owners import SYSTEM
from dialgate_gate.settings.settings import load_settings

if TYPE_CHECKING:
    from dialgate.signatures.attesting import VerifiedFile
    from dialgate_evals.actions.action_classes import ActionClass
    from dialgate_evals.suite.workspace import Workspace
    from dialgate_gate.settings.settings import GateSettings


@dataclass(frozen=True, kw_only=True)
class DialRequest:
    """What a person asked for."""

    folder: Path
    action_class: str
    mode: str
    by: str
    evidence: str | None = None
    attestation: Path | None = None
    # a signed verdict
    override: str | None = None
    signing: SigningRequest = field(default_factory=SigningRequest)


@dataclass(frozen=True, kw_only=True)
class DialOutcome:
    """Whether the class was moved, and what is said about it."""

    moved: bool
    lines: tuple[str, ...]
    proposed: bool = False
    # the move was written to be signed


def set_dial(request: DialRequest) -> DialOutcome:
    """Moves the class, or says why not.

    Raises UsageError for an unknown class or mode, EvidenceError where the books don't agree, the
    evidence is none or the signed verdict doesn't hold.
    """
    workspace = load_workspace(request.folder)
    action_class, after = _named(workspace, request)
    if request.by.strip() in {"", PLACEHOLDER}:
        raise UsageError("--by must name who decides.")
    if request.by.strip().casefold() == SYSTEM:
        raise UsageError(f"--by {SYSTEM}: only the watch moves classes under that name.")
    repair(request.folder)
    state = read_state(request.folder)
    before = state.settings.mode_of(action_class)
    settings = load_settings(request.folder)
    confirms = before is after and _is_stale(action_class.name, workspace, settings)
    if before is after and not confirms:
        return DialOutcome(moved=False, lines=(f"{action_class.name} is in {after} already.",))
    forbidden = never_allowed(action_class, after, settings.policy)
    if forbidden is not None and after.rank > before.rank:
        return DialOutcome(moved=False, lines=(forbidden, "Nothing changes that."))
    document = _read_evidence(request.evidence)
    recommendation = _recommendation(document, action_class, workspace)
    signed = _verified(request.attestation, workspace)
    fact = None if signed is None else signed.as_fact()
    # A mode is confirmed by what would bring the class there.
    below = list(Mode)[after.rank - 1] if confirms else before
    missing = forbidden_move(action_class, below, after, settings.policy)
    side = base_side(request.folder)
    facts = _facts(workspace, settings, side)
    missing += unready(action_class, below, after, settings.policy, facts)
    missing += (
        unconfirmed(action_class, recommendation)
        if confirms
        else unsupported(action_class, before, after, recommendation)
    )
    missing += unsigned(below, after, settings.policy, fact)
    if missing and not (request.override or "").strip():
        advice = "--override REASON moves it all the same, and the reason stays in the ledger."
        return DialOutcome(moved=False, lines=(*missing, advice))
    now = dt.datetime.now(dt.UTC)
    move = Move(
        at=proposed_time(request.signing, side.rules, now) or written_time(now),
        by=request.by.strip(),
        action_class=action_class.name,
        before=before,
        after=after,
        evidence=None if document is None else digest_of(document),
        reason=request.override.strip() if request.override and missing else None,
        attestation=None if signed is None else signed.digest,
        release=_rests_on(workspace) if after.rank > below.rank else None,
    )
    return _sign_and_move(request, move, action_class, side)


def _sign_and_move(
    request: DialRequest, move: Move, action_class: ActionClass, side: BaseSide
) -> DialOutcome:
    """Writes the move to be signed, or makes it with the signatures that it needs."""
    draft = draft_entry(read_state(request.folder), move)
    if request.signing.propose is not None:
        lines = propose_move(draft, request.signing, side.rules.suite)
        return DialOutcome(moved=False, lines=lines, proposed=True)
    signatures = sign_move(draft, request.signing, side.rules.suite)
    unsigned_for = missing_signatures(replace(draft, signatures=signatures), action_class, side)
    if unsigned_for:
        return DialOutcome(moved=False, lines=tuple(unsigned_for))
    entry = move_class(
        request.folder, replace(move, signatures=signatures), draft.previous if signatures else None
    )
    what = f"{move.before} → {move.after}"
    if entry.is_confirmation:
        what = f"{move.after} confirmed on release {(entry.release or {})['version']}"
    line = f"{action_class.name}: {what} (ledger entry {entry.number})."
    return DialOutcome(moved=True, lines=(line,))


def _is_stale(name: str, workspace: Workspace, settings: GateSettings) -> bool:
    """Whether the class has a mode of autonomy that it earned on another release."""
    entry = settings.dial.entries.get(name)
    if entry is None or not entry.mode.is_autonomous:
        return False
    rests = rests_on(workspace.folder, workspace.release(), settings).get(name)
    return rests is not None and rests.is_stale


def _rests_on(workspace: Workspace) -> dict[str, Any]:
    """The release whose evidence counts for a promotion, as the ledger keeps it."""
    release = workspace.release()
    return {
        "version": release.version,
        "fingerprint": release.fingerprint,
        "components": dict(release.components),
    }


def _facts(workspace: Workspace, settings: GateSettings, side: BaseSide) -> ReadinessFacts:
    """What can be known of the runbook without evidence; whose drill counts says the base."""
    now = dt.datetime.now(dt.UTC)
    return ReadinessFacts(
        drills=drill_facts(workspace, settings, workspace.release(), now, keys_of=side.settings),
        every=settings.policy.review_every,
        runbook=settings.runbook,
        owners=settings.owners,
        today=dt.datetime.now(dt.UTC).date(),
        ref_exists=lambda ref: resolve_ref(workspace.folder, ref) is not None,
        trials=lambda _: (),
    )


def _named(workspace: Workspace, request: DialRequest) -> tuple[ActionClass, Mode]:
    found = workspace.actions.get(request.action_class)
    if found is None:
        hint = suggest_word(request.action_class, workspace.actions.names)
        raise UsageError(f"There is no action class {request.action_class!r}. {hint}".rstrip())
    if request.mode not in set(Mode):
        hint = suggest_word(request.mode, [mode.value for mode in Mode])
        listed = ", ".join(mode.value for mode in Mode)
        raise UsageError(f"There is no mode {request.mode!r}; modes are {listed}. {hint}".rstrip())
    return found, Mode(request.mode)


def _read_evidence(name: str | None) -> dict[str, Any] | None:
    if name is None:
        return None
    problems: list[Problem] = []
    path = Path(name)
    raw = read_bytes(path, problems, expected="a verdict or a recommendation")
    try:
        document = parse_json(raw) if raw is not None else None
    except JsonTextError as error:
        problems.append(Problem(file=show_path(path), found=str(error), expected="strict JSON"))
        document = None
    if not problems and not (
        isinstance(document, dict) and isinstance(document.get("graduation"), list)
    ):
        expected = "a verdict or a recommendation"
        problems.append(Problem(file=name, found="no graduation list", expected=expected))
    if isinstance(document, dict) and not problems:
        problems += _edited(document, name)
    if problems:
        raise EvidenceError(problems)
    assert isinstance(document, dict)
    return document


def _edited(document: dict[str, Any], name: str) -> list[Problem]:
    """A recommendation carries the digest of what it recommends: an edit shows."""
    said = document.get("evidence")
    if said is None or said == digest_of(document["graduation"]):
        return []
    found = "a graduation list that is not what was recommended: it was edited"
    return [Problem(file=name, found=found, expected="what dial recommend wrote")]


def _verified(path: Path | None, workspace: Workspace) -> VerifiedFile | None:
    """The signed verdict, held against the release as it is. Raises EvidenceError.

    Whose signature counts is the policy's word alone, never that of whoever moves the class.
    """
    if path is None:
        return None
    from dialgate.signatures.attesting import expect_here, policy_keys, verify_file  # noqa: PLC0415 - rare

    settings = load_settings(workspace.folder)
    keys = policy_keys(settings.policy, workspace.folder)
    now = dt.datetime.now(dt.UTC)
    found = verify_file(path, keys, expect_here(workspace, settings, workspace.release(), now))
    if not found.holds:
        raise EvidenceError(found.problems)
    return found


def _recommendation(
    document: dict[str, Any] | None, action_class: ActionClass, workspace: Workspace
) -> dict[str, Any] | None:
    """The class's entry, of evidence on this suite and this release. Raises EvidenceError."""
    if document is None:
        return None
    release = workspace.release()
    found = (document.get("release") or {}).get("fingerprint")
    if document.get("suite") != workspace.suite.name or found != release.fingerprint:
        raise EvidenceError(
            [
                Problem(
                    file="--evidence",
                    found=f"evidence on {document.get('suite')} {str(found)[:19]}",
                    expected=f"on {workspace.suite.name} {release.fingerprint[:19]}, as it is now",
                    advice="Evidence counts for the release that it was gathered on.",
                )
            ]
        )
    entries = [item for item in document["graduation"] if isinstance(item, dict)]
    return next((e for e in entries if e.get("action_class") == action_class.name), None)
