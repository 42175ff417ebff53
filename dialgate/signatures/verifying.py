"""`dialgate verify`: finds suite, release and keys, asks, and says it as one document.

The wiring; leaves what must hold to `dialgate_gate.audit.attestation` and the words to `reports`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dialgate.signatures.attesting import expect_here, policy_keys, verify_file
from dialgate.signatures.keys import key_id, read_public_key_file
from dialgate_evals.errors import UsageError
from dialgate_evals.files.file_reading import read_bytes
from dialgate_evals.files.json_text import JsonTextError, parse_json
from dialgate_evals.files.problems import show_value
from dialgate_evals.files.toml_text import TomlTextError, parse_toml
from dialgate_evals.suite.release_files import named_release_file
from dialgate_evals.suite.workspace import load_workspace, suite_folder
from dialgate_gate.audit.dsse import parse_envelope
from dialgate_gate.settings.settings import load_settings

if TYPE_CHECKING:
    import datetime as dt

    from dialgate.signatures.attesting import VerifiedFile
    from dialgate.signatures.keys import PublicKey
    from dialgate_evals.files.problems import Problem
    from dialgate_gate.settings.policy import Policy

_SUITES = Path("suites")
_BROKEN = 4


@dataclass(frozen=True, kw_only=True)
class VerifyRequest:
    """What a person asked for."""

    attestation: Path
    suite: Path | None
    # None: the one below suites/ that the attestation names
    release: str | None
    keys: tuple[Path, ...]
    # none: the policy's
    max_age_days: int | None
    now: dt.datetime


def verify(request: VerifyRequest) -> dict[str, Any]:
    """Whether the attestation holds, with every reason where it doesn't, as a document.

    Raises UsageError where suite, release or keys can't be found, ConfigurationError where files of
    the suite are wrong.
    """
    named = request.suite or _named_suite(request.attestation)
    folder = suite_folder(named)
    workspace = load_workspace(folder)
    settings = load_settings(folder)
    release = workspace.release(named_release_file(request.release, folder))
    keys = _keys(request.keys, settings.policy, folder)
    expected = expect_here(workspace, settings, release, request.now, request.max_age_days)
    found = verify_file(request.attestation, keys, expected)
    return _document(found, release.as_json())


def _document(found: VerifiedFile, release: dict[str, Any]) -> dict[str, Any]:
    said = found.verdict
    return {
        "schema": 1,
        "verified": found.holds,
        "exit_code": said["exit_code"] if found.holds else _BROKEN,
        "verdict": said.get("verdict"),
        "suite": said.get("suite"),
        "at": said.get("at"),
        "judged_by": said.get("judged_by"),
        "allowed": list(said.get("allowed", ())),
        "keyid": found.keyid,
        "digest": found.digest,
        "release": release,
        "problems": [str(problem) for problem in found.problems],
    }


def _keys(files: tuple[Path, ...], policy: Policy, folder: Path) -> dict[str, PublicKey]:
    if not files:
        return policy_keys(policy, folder)
    keys = [read_public_key_file(path) for path in files]
    return {key_id(key): key for key in keys}


def _named_suite(attestation: Path) -> Path:
    """The folder below suites/ whose suite bears the name that the attestation says.

    Names are compared; no path is made of what the file says.
    """
    name = _said_name(attestation)
    found = [path.parent for path in sorted(_SUITES.glob("*/suite.toml")) if _name(path) == name]
    if name is None or len(found) != 1:
        what = "no suite" if name is None else f"the suite {show_value(name)}"
        many = "it is there more than once" if found else "none below suites/ bears that name"
        raise UsageError(f"{attestation} names {what}, and {many}: name it, --suite SUITE.")
    return found[0]


def _said_name(path: Path) -> str | None:
    problems: list[Problem] = []
    raw = read_bytes(path, problems, expected="a signed verdict")
    try:
        envelope = None if raw is None else parse_envelope(parse_json(raw), str(path))[0]
        statement = None if envelope is None else parse_json(envelope.payload)
        name = statement["predicate"]["dialgate"]["suite"] if statement is not None else None
    except (JsonTextError, KeyError, TypeError):
        return None
    return name if isinstance(name, str) else None


def _name(path: Path) -> object:
    try:
        return parse_toml(path.read_bytes()).values.get("name")
    except (OSError, TomlTextError):
        return None
