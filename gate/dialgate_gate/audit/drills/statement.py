"""A drill as an in-toto statement, and whether a signed one counts for readiness.

A drill is bound to the release's code and to the words of the runbook that it tried: with other
code or another switch it shows nothing. Pure; leaves envelopes to `audit.dsse`, keys to
`signatures`.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from dialgate_evals.files.json_text import digest_of
from dialgate_runtime.leases.lease import STATEMENT_TYPE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dialgate_evals.suite.release import Release
    from dialgate_gate.audit.drills.kill_switch import DrillResult
    from dialgate_gate.audit.named_release import NamedRelease
    from dialgate_gate.settings.runbook import Runbook

PREDICATE_TYPE = "urn:dialgate:drill:1"
_SKEW = dt.timedelta(minutes=5)


class DrillKind(StrEnum):
    """What was tried."""

    KILL_SWITCH = "kill-switch"
    ROLLBACK = "rollback"
    COMPENSATION = "compensation"


def tried_of(kind: DrillKind, runbook: Runbook) -> str:
    """Digest of the runbook's words that a drill of the kind tries."""
    switch = runbook.kill_switch
    words: Mapping[DrillKind, Any] = {
        DrillKind.KILL_SWITCH: None if switch is None else [switch.run, switch.drill],
        DrillKind.ROLLBACK: runbook.rollback,
        DrillKind.COMPENSATION: sorted(
            [name, item.tool, item.case] for name, item in runbook.compensation.items()
        ),
    }
    return digest_of([kind.value, words[kind]])


def drill_statement(
    kind: DrillKind,
    result: DrillResult,
    *,
    suite: str,
    release: Release,
    runbook: Runbook,
    at: dt.datetime,
    live: bool,
    version: str,
) -> dict[str, Any]:
    """The statement about one drill; the same inputs, the same statement."""
    return {
        "_type": STATEMENT_TYPE,
        "subject": [
            {
                "name": release.name,
                "digest": {"sha256": release.fingerprint.removeprefix("sha256:")},
            }
        ],
        "predicateType": PREDICATE_TYPE,
        "predicate": {
            "schema": 1,
            "kind": kind.value,
            "held": result.held,
            "live": live,
            "suite": suite,
            "release": release.as_json(),
            "tried": tried_of(kind, runbook),
            "at": at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "findings": list(result.findings),
            "sentences": list(result.sentences),
            "figures": result.figures,
            "dialgate": version,
        },
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedDrill:
    """A drill's file as it was read and verified against release, runbook and keys."""

    kind: DrillKind
    file: str
    held: bool
    at: dt.datetime | None
    keyid: str | None
    # whose signature counts; None: nobody's
    problems: tuple[str, ...] = ()
    # sentences: why it shows nothing here


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillExpectation:
    """What a drill is held against."""

    suite: str
    release: NamedRelease
    runbook: Runbook
    now: dt.datetime


def read_drill(
    statement: Mapping[str, Any], file: str, keyid: str | None, expected: DrillExpectation
) -> SignedDrill | None:
    """What a statement shows here; None: it is about no drill that is known."""
    predicate = statement.get("predicate")
    if statement.get("predicateType") != PREDICATE_TYPE or not isinstance(predicate, dict):
        return None
    try:
        kind = DrillKind(str(predicate.get("kind")))
    except ValueError:
        return None
    at = _moment(predicate.get("at"))
    return SignedDrill(
        kind=kind,
        file=file,
        held=predicate.get("held") is True,
        at=at,
        keyid=keyid,
        problems=tuple(_problems(predicate, kind, at, keyid, expected)),
    )


def _problems(
    predicate: Mapping[str, Any],
    kind: DrillKind,
    at: dt.datetime | None,
    keyid: str | None,
    expected: DrillExpectation,
) -> list[str]:
    release = predicate.get("release")
    code = (release.get("components") or {}).get("code") if isinstance(release, dict) else None
    checks = (
        (keyid is not None, "nobody whose signature counts signed it"),
        (predicate.get("held") is True, "it did not hold"),
        (predicate.get("suite") == expected.suite, "it is of another suite"),
        (code == expected.release.components.get("code"), "the release's code is another one now"),
        (
            predicate.get("tried") == tried_of(kind, expected.runbook),
            "runbook.toml says another thing now than what was tried",
        ),
        (at is not None and at <= expected.now + _SKEW, "its time is none, or in the future"),
    )
    return [text for is_met, text in checks if not is_met]


def _moment(said: object) -> dt.datetime | None:
    try:
        moment = dt.datetime.fromisoformat(str(said))
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


def latest_held(drills: Sequence[SignedDrill], kind: DrillKind) -> SignedDrill | None:
    """The youngest drill of the kind that counts; None: there is none."""
    good = [(item.at, item) for item in drills if item.kind is kind and not item.problems]
    dated = [(at, item) for at, item in good if at is not None]
    return max(dated, key=lambda pair: pair[0])[1] if dated else None
