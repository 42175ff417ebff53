"""Signed files of a pack, held against the pack's own release, policy and people.

Verdicts, drills and leases; leaves what each must say to `dialgate_gate.audit` and the runtime.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate.dial.grounds.drill_files import FOLDER as DRILLS
from dialgate.dial.grounds.drill_files import counting_keys
from dialgate.dial.lease_reading import rules_document
from dialgate.dial.operating.packing.open_pack import parsed
from dialgate.signatures.keys import key_id, read_public_key, signer_of
from dialgate_evals.errors import UsageError
from dialgate_gate.audit.attestation import Expectation, disagreements, statement_problems
from dialgate_gate.audit.drills.statement import DrillExpectation, DrillKind, read_drill
from dialgate_gate.audit.dsse import parse_envelope
from dialgate_gate.audit.pack.exhibit import Exhibit, PackItem
from dialgate_gate.live.live_evidence import show_moment
from dialgate_runtime.leases.lease import LeaseRefusedError, Subject, read_lease, written
from dialgate_runtime.leases.lease_folder import FOLDER as LEASES
from dialgate_runtime.leases.lease_folder import lease_file_name
from dialgate_runtime.leases.rules import SKEW_S, parse_rules

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dialgate.dial.operating.packing.open_pack import OpenPack
    from dialgate.signatures.keys import PublicKey

_OF_DRILL = {
    DrillKind.KILL_SWITCH: Exhibit.KILL_SWITCH,
    DrillKind.ROLLBACK: Exhibit.ROLLBACK,
    DrillKind.COMPENSATION: Exhibit.COMPENSATION,
}
_NO_DRILL = "No signed drill that can be read."


def signed_items(pack: OpenPack) -> Iterator[PackItem]:
    """Every verdict, drill and lease; what can't be verified is there and doesn't count."""
    yield from _verdicts(pack)
    yield from _drills(pack)
    yield from _leases(pack)


def _verdicts(pack: OpenPack) -> Iterator[PackItem]:
    for path, raw in pack.files("verdicts/*.json"):
        document = parsed(raw)
        if not isinstance(document, dict):
            continue
        if "payload" in document:
            yield from _signed_verdict(pack, path, document)
        else:
            said = f"the verdict {document.get('verdict')} on release {_version(document)}"
            says = f"Unsigned: {said}, document {str(document.get('verdict_digest'))[:19]}."
            yield PackItem(exhibit=Exhibit.VERDICTS, path=path, holds=True, says=says)


def _version(document: Mapping[str, Any]) -> str:
    release = document.get("release")
    return str(release.get("version")) if isinstance(release, dict) else "unknown"


def _signed_verdict(pack: OpenPack, path: str, document: Mapping[str, Any]) -> Iterator[PackItem]:
    statement, keyid = _statement(document, path, policy_keys(pack))
    if statement is None or statement_problems(statement, path):
        says = "No signed verdict that can be read."
        yield PackItem(exhibit=Exhibit.VERDICTS, path=path, holds=False, says=says)
        return
    verdict = statement["predicate"]["dialgate"]
    said = f"The verdict {verdict['verdict']} on release {_version(verdict)} at {verdict['at']}"
    signed = "no key of the policy signed it" if keyid is None else f"signed by key {keyid[:16]}"
    yield PackItem(
        exhibit=Exhibit.VERDICTS,
        path=path,
        holds=keyid is not None,
        says=f"{said}, {signed}.",
    )
    wrong = [problem.found for problem in disagreements(statement, _expected(pack), path)]
    counts = keyid is not None and not wrong and verdict["verdict"] == "pass"
    if keyid is None:
        wrong.insert(0, signed)
    rest = "" if not wrong else f"; it doesn't hold here: {wrong[0]}"
    says = f"{said}, {signed}{rest}."
    yield PackItem(exhibit=Exhibit.VERDICT, path=path, holds=counts, says=says)


def _expected(pack: OpenPack) -> Expectation:
    return Expectation(
        suite=str(pack.document["suite"]),
        release=pack.release,
        digests=pack.document.get("judge") or {},
        now=pack.at,
        max_age_days=pack.settings.policy.attestation.max_age_days,
    )


def _drills(pack: OpenPack) -> Iterator[PackItem]:
    try:
        keys = counting_keys(pack.settings, pack.at.date())
    except UsageError:
        keys = {}
    expected = DrillExpectation(
        suite=str(pack.document["suite"]),
        release=pack.release,
        runbook=pack.settings.runbook,
        now=pack.at,
    )
    for path, raw in pack.files(f"{DRILLS}/*.json"):
        statement, keyid = _statement(parsed(raw), path, keys)
        drill = None if statement is None else read_drill(statement, path, keyid, expected)
        if drill is None or statement is None:
            yield PackItem(exhibit=_kind_of(path), path=path, holds=False, says=_NO_DRILL)
            continue
        live = statement["predicate"].get("live") is True
        how = "in production" if live else "against simulated tools"
        when = "at no moment" if drill.at is None else f"at {show_moment(drill.at)}"
        state = "held" if not drill.problems else f"doesn't count: {drill.problems[0]}"
        signed = "" if keyid is None else f", signed by key {keyid[:16]}"
        yield PackItem(
            exhibit=_OF_DRILL[drill.kind],
            path=path,
            holds=not drill.problems,
            says=f"Run {how} {when}; {state}{signed}.",
        )


def unreadable_drills(pack: OpenPack) -> list[str]:
    """Files among the drills that are none."""
    return [item.path for item in _drills(pack) if item.says == _NO_DRILL]


def _kind_of(path: str) -> Exhibit:
    """What a file among the drills should be of, by its name."""
    stem = path.rpartition("/")[2].removesuffix(".json")
    return _OF_DRILL[DrillKind(stem)] if stem in set(DrillKind) else Exhibit.KILL_SWITCH


def _leases(pack: OpenPack) -> Iterator[PackItem]:
    names = {
        lease_file_name(name): name
        for name in (str(item["action_class"]) for item in pack.document["classes"])
    }
    rules = parse_rules(rules_document(pack.settings.policy.lease) or {})[0]
    subject = Subject(
        suite=str(pack.document["suite"]),
        release=pack.release.fingerprint,
        classes=str(pack.document.get("bound")),
    )
    for path, raw in pack.files(f"{LEASES}/*.json"):
        name = names.get(path.rpartition("/")[2])
        why: str | None = "no class of the suite has that name"
        says = ""
        if name is not None:
            try:
                lease = read_lease(raw, name, subject, rules)
            except LeaseRefusedError as error:
                why = str(error)
            else:
                why = lease.why_not(pack.at.timestamp(), SKEW_S)
                mode = lease.mode.value.replace("_", " ")
                says = f"{name}: {mode} until {written(lease.not_after)}"
        text = says or f"{name or path}: no lease"
        rest = "" if why is None else f"; it doesn't count: {why}"
        yield PackItem(exhibit=Exhibit.LEASE, path=path, holds=why is None, says=f"{text}{rest}.")


def policy_keys(pack: OpenPack) -> dict[str, PublicKey]:
    """The keys whose verdicts count, by id. Raises UsageError for what is none."""
    keys = [
        read_public_key(text.encode("utf-8"), "suite/policy.toml")
        for text in pack.settings.policy.attestation.keys
    ]
    return {key_id(key): key for key in keys}


def _statement(
    document: object, path: str, keys: Mapping[str, PublicKey]
) -> tuple[Mapping[str, Any] | None, str | None]:
    """What an envelope holds, and which of the keys signed it."""
    envelope = parse_envelope(document, path)[0]
    statement = None if envelope is None else parsed(envelope.payload)
    if envelope is None or not isinstance(statement, dict):
        return None, None
    return statement, signer_of(envelope, keys) if keys else None
