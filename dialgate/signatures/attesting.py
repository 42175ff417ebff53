"""Signing a verdict, and verifying a signed one against a release, its suite and their policy.

The wiring; leaves what a statement says to `audit.attestation` and keys to `signatures.keys`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dialgate.check.judge import judging_digests
from dialgate.check.ledger_state import ledger_digests
from dialgate.signatures.keys import key_id, read_public_key, sign, signer_of, signing_key
from dialgate.terminal.output import write_text
from dialgate_evals.errors import UsageError
from dialgate_evals.files.file_reading import read_bytes
from dialgate_evals.files.json_text import JsonTextError, digest_of_bytes, json_document, parse_json
from dialgate_evals.files.problems import Problem, join_words, show_path
from dialgate_evals.suite.versions import installed_versions
from dialgate_gate.audit.attestation import (
    Expectation,
    build_statement,
    disagreements,
    statement_problems,
)
from dialgate_gate.audit.dsse import Envelope, parse_envelope
from dialgate_gate.ladder.readiness import SignedVerdict

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from dialgate.signatures.keys import PrivateKey, PublicKey
    from dialgate_evals.suite.release import Release
    from dialgate_evals.suite.workspace import Workspace
    from dialgate_gate.settings.policy import Policy
    from dialgate_gate.settings.settings import GateSettings


@dataclass(frozen=True, kw_only=True)
class VerifiedFile:
    """What was found of an attestation's file."""

    statement: Mapping[str, Any] | None
    # None: there is none that can be read
    keyid: str | None
    # None: no key that counts signed it
    digest: str | None
    # of the file's bytes
    problems: tuple[Problem, ...]

    @property
    def holds(self) -> bool:
        """Whether signature, release, suite, policy and age are as they must be."""
        return not self.problems

    @property
    def verdict(self) -> Mapping[str, Any]:
        """What the statement says of the verdict; empty where there is none."""
        found: Mapping[str, Any] = self.statement["predicate"]["dialgate"] if self.statement else {}
        return found

    def as_fact(self) -> SignedVerdict:
        """As readiness takes it."""
        return SignedVerdict(
            keyid=self.keyid,
            verdict=str(self.verdict.get("verdict")),
            at=str(self.verdict.get("at")),
            problems=tuple(str(problem) for problem in self.problems),
        )


@dataclass(frozen=True, kw_only=True)
class Signer:
    """A key and where the signed verdict goes, both found before anything is run."""

    key: PrivateKey
    target: Path

    def sign(self, document: Mapping[str, Any], now: dt.datetime) -> None:
        """Writes the attestation of a verdict document of `check`."""
        version = installed_versions()["dialgate"]
        statement = build_statement(document, at=now, version=version)
        envelope = sign(json_document(statement), self.key)
        write_text(str(self.target), json_document(envelope.as_json()).decode("ascii"))


def find_signer(target: str | None, key: Path | None, *, if_changed: bool | None) -> Signer | None:
    """The signer that was asked for; None: none was.

    Raises UsageError where nothing can be signed, or nothing written, or nothing would be run: a
    signature that promotes a class stands for trials.
    """
    found = signing_key(wanted=target is not None, path=key)
    if found is None or target is None:
        return None
    path = Path(target)
    if target == "-" or path.is_dir():
        raise UsageError(f"--attest {target}: expected a file to write.")
    if not path.parent.is_dir():
        raise UsageError(f"--attest {target}: there is no folder {path.parent}.")
    if if_changed:
        raise UsageError("--attest signs what was run: leave --if-changed out.")
    return Signer(key=found, target=path)


def policy_keys(policy: Policy, folder: Path) -> dict[str, PublicKey]:
    """The keys that the policy lets sign, by id. Raises UsageError where it names none."""
    place = show_path(folder / "policy.toml")
    if not policy.attestation.keys:
        raise UsageError(
            f"{place} names no key in [attestation] keys, so nobody's signature counts."
        )
    keys = [
        read_public_key(text.encode("utf-8"), f"{place}: attestation.keys[{index}]")
        for index, text in enumerate(policy.attestation.keys)
    ]
    return {key_id(key): key for key in keys}


def expect_here(
    workspace: Workspace,
    settings: GateSettings,
    release: Release,
    now: dt.datetime,
    max_age_days: int | None = None,
) -> Expectation:
    """What an attestation must say to hold for the release as it is now."""
    age = settings.policy.attestation.max_age_days if max_age_days is None else max_age_days
    return Expectation(
        suite=workspace.suite.name,
        release=release,
        digests=judging_digests(workspace, settings),
        now=now,
        max_age_days=age,
        ledger=ledger_digests(workspace.folder),
    )


def verify_file(path: Path, keys: Mapping[str, PublicKey], expected: Expectation) -> VerifiedFile:
    """The attestation with every reason for which it doesn't hold."""
    problems: list[Problem] = []
    file = show_path(path)
    raw = read_bytes(path, problems, expected="a signed verdict")
    envelope = None
    if raw is not None:
        document = _parse(raw, file, "strict JSON", problems)
        if not problems:
            envelope, found = parse_envelope(document, file)
            problems += found
    if raw is None or envelope is None:
        return VerifiedFile(statement=None, keyid=None, digest=None, problems=tuple(problems))
    keyid = signer_of(envelope, keys)
    if keyid is None:
        problems.append(_unsigned(envelope, keys, file))
    statement = read_statement(envelope, file, problems)
    if statement is not None:
        problems += disagreements(statement, expected, file)
    return VerifiedFile(
        statement=statement, keyid=keyid, digest=digest_of_bytes(raw), problems=tuple(problems)
    )


def read_statement(
    envelope: Envelope, file: str, problems: list[Problem]
) -> Mapping[str, Any] | None:
    """The envelope's statement, or None with what is wrong with it."""
    before = len(problems)
    statement: Any = _parse(envelope.payload, file, "a payload of strict JSON", problems)
    if len(problems) == before:
        problems += statement_problems(statement, file)
    return statement if len(problems) == before else None


def _parse(raw: bytes, file: str, expected: str, problems: list[Problem]) -> object:
    try:
        found: object = parse_json(raw)
    except JsonTextError as error:
        problems.append(Problem(file=file, found=str(error), expected=expected))
        return None
    return found


def _unsigned(envelope: Envelope, keys: Mapping[str, PublicKey], file: str) -> Problem:
    named = [item.keyid[:16] for item in envelope.signatures if item.keyid]
    known = [name for name in keys if name[:16] in named]
    found = (
        f"a signature of key {join_words([name[:16] for name in known])} that is not over this "
        "content: it was changed after it was signed"
        if known
        else f"signatures of {'key ' + join_words(named) if named else 'no key that counts'}"
    )
    return Problem(
        file=file,
        place="/signatures",
        found=found,
        expected=f"one of key {join_words([name[:16] for name in keys])} over this content",
    )
