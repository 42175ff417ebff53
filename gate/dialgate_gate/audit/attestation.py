"""A verdict as an in-toto statement (predicate test-result v0.1), and what one must say to hold.

Pure: the moment, the release and the digests to hold it against are given. Leaves envelopes to
`audit.dsse`, keys to `signatures.keys` and files to `signatures.attesting`.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dialgate_evals.files.file_reading import json_pointer
from dialgate_evals.files.json_text import digest_of
from dialgate_evals.files.problems import Problem, join_words, show_value
from dialgate_evals.files.schema_validation import check_document
from dialgate_evals.suite.release import COMPONENTS
from dialgate_gate.four_verdicts import Verdict
from dialgate_gate.wording import count_of
from dialgate_runtime.leases.lease import STATEMENT_TYPE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dialgate_gate.audit.named_release import NamedRelease

PREDICATE_TYPE = "https://in-toto.io/attestation/test-result/v0.1"
_SEAL = ("sealed", "ledger")
"""What a statement says since verdicts are sealed; older ones hold without it."""
_SKEW = dt.timedelta(minutes=5)
"""How far a signer's clock may run ahead of the verifier's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What an attestation is held against."""

    suite: str
    release: NamedRelease
    digests: Mapping[str, str]
    # of policy, actions, cases and settings, as they are where it is verified
    now: dt.datetime
    max_age_days: int
    ledger: frozenset[str] | None = None
    # digests of the dial's ledger where it is verified; None: not asked


def build_statement(
    document: Mapping[str, Any], *, at: dt.datetime, version: str
) -> dict[str, Any]:
    """The statement about a verdict document of `check`; the same inputs, the same statement.

    The subject is the release alone: verifiers match subjects purely by digest, so a component as
    a subject would let the statement speak for every release with the same prompt.
    """
    release = document["release"]
    passed, warned, failed = _sorted_classes(document)
    return {
        "_type": STATEMENT_TYPE,
        "subject": [_descriptor(release["name"], release["fingerprint"])],
        "predicateType": PREDICATE_TYPE,
        "predicate": {
            "result": _result(document["verdict"], document["exit_code"]),
            "configuration": [
                _descriptor(f"{side}/{name}", digest)
                for side, digests in sorted(document["digests"].items())
                for name, digest in sorted(digests.items())
            ],
            "passedTests": passed,
            "warnedTests": warned,
            "failedTests": failed,
            "dialgate": {
                "schema": 1,
                "verdict": document["verdict"],
                "exit_code": document["exit_code"],
                "suite": document["suite"],
                "judged_by": document["judged_by"],
                "allowed": list(document["allowed"]),
                "release": release,
                "baseline": document["baseline"],
                "reasons": list(document["reasons"]),
                "at": at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
                "dialgate": version,
                "verdict_digest": digest_of(document),
                **{key: document[key] for key in _SEAL if key in document},
            },
        },
    }


def statement_problems(statement: object, file: str) -> list[Problem]:
    """What keeps JSON data from being such a statement; of another type, only that is said."""
    if isinstance(statement, dict):
        types = (("_type", STATEMENT_TYPE), ("predicateType", PREDICATE_TYPE))
        other = [
            Problem(
                file=file,
                place=f"/{key}",
                found=show_value(statement.get(key)),
                expected=f'"{kind}"',
                advice="It is no signed verdict of dialgate.",
            )
            for key, kind in types
            if statement.get(key) != kind
        ]
        if other:
            return other
    return check_document(statement, "attestation", file, json_pointer)


def disagreements(
    statement: Mapping[str, Any], expected: Expectation, file: str
) -> Iterator[Problem]:
    """Where a statement of the right shape does not hold for this release, suite and moment."""
    predicate = statement["predicate"]
    verdict = predicate["dialgate"]
    yield from _contradictions(statement, file)
    yield from _other_release(verdict["release"], expected.release, file)
    if verdict["suite"] != expected.suite:
        found = f"a verdict on the suite {show_value(verdict['suite'])}"
        yield Problem(file=file, found=found, expected=f'one on "{expected.suite}"')
    yield from _other_judge(predicate["configuration"], expected.digests, file)
    yield from _wrong_age(verdict["at"], expected, file)
    yield from _rolled_back(verdict, expected.ledger, file)


def _rolled_back(
    verdict: Mapping[str, Any], ledger: frozenset[str] | None, file: str
) -> Iterator[Problem]:
    """The ledger that stood when the verdict was signed must still be a part of it."""
    head = (verdict.get("ledger") or {}).get("head")
    if ledger is None or head is None or head in ledger:
        return
    yield Problem(
        file=file,
        place="/predicate/dialgate/ledger/head",
        found=f"a ledger that ended in {head[:19]}, which is not in the ledger here",
        expected="one that goes on from there",
        advice="The ledger was rolled back or written anew: restore it from version control.",
    )


def is_pass(statement: Mapping[str, Any]) -> bool:
    """Whether the verdict is `pass`; an inconclusive one that a policy allows is none."""
    return bool(statement["predicate"]["dialgate"]["verdict"] == Verdict.PASS)


def _result(verdict: str, exit_code: int) -> str:
    if verdict == Verdict.PASS:
        return "PASSED"
    return "WARNED" if exit_code == 0 else "FAILED"


def _sorted_classes(document: Mapping[str, Any]) -> tuple[list[str], list[str], list[str]]:
    """Action classes that passed, are undecided where the policy allows it, and all others."""
    sorted_by: dict[str, list[str]] = {"PASSED": [], "WARNED": [], "FAILED": []}
    for item in document["classes"]:
        is_allowed = item["verdict"] == Verdict.INCONCLUSIVE and document["exit_code"] == 0
        code = 0 if is_allowed else 1
        sorted_by[_result(item["verdict"], code)].append(item["action_class"])
    passed, warned, failed = (sorted(names) for names in sorted_by.values())
    return passed, warned, failed


def _descriptor(name: str, digest: str) -> dict[str, Any]:
    return {"name": name, "digest": {"sha256": digest.removeprefix("sha256:")}}


def _contradictions(statement: Mapping[str, Any], file: str) -> Iterator[Problem]:
    """Fields that say the same thing twice must say the same."""
    predicate = statement["predicate"]
    verdict = predicate["dialgate"]
    said, release = statement["subject"][0]["digest"]["sha256"], verdict["release"]
    if f"sha256:{said}" != release["fingerprint"]:
        expected = f"the release's fingerprint, {release['fingerprint'][:19]}"
        yield Problem(file=file, place="/subject/0", found=f"sha256:{said[:12]}", expected=expected)
    if (
        digest_of({name: release["components"][name] for name in COMPONENTS})
        != release["fingerprint"]
    ):
        yield Problem(
            file=file,
            place="/predicate/dialgate/release",
            found="components that don't make the fingerprint",
            expected="those that do",
        )
    result = _result(verdict["verdict"], verdict["exit_code"])
    if predicate["result"] != result:
        found = f"{predicate['result']} for the verdict {verdict['verdict']}"
        yield Problem(file=file, place="/predicate/result", found=found, expected=result)


def _other_release(said: Mapping[str, Any], release: NamedRelease, file: str) -> Iterator[Problem]:
    if said["fingerprint"] == release.fingerprint:
        return
    now = release.components
    changed = [name for name in COMPONENTS if said["components"][name] != now[name]]
    what = f"which differs in {join_words(changed) or 'its fingerprint'}"
    yield Problem(
        file=file,
        found=f"a verdict on the release {show_value(said['version'])}, {what}",
        expected=f'one on "{release.version}" {release.fingerprint[:19]}',
        advice="Check this release and sign its own verdict.",
    )


def _other_judge(
    configuration: list[Mapping[str, Any]], digests: Mapping[str, str], file: str
) -> Iterator[Problem]:
    """The judge's files must be those here, or those of the very change that was judged."""
    sides: dict[str, dict[str, str]] = {}
    for item in configuration:
        side, _, name = item["name"].partition("/")
        sides.setdefault(side, {})[name] = f"sha256:{item['digest']['sha256']}"
    if dict(digests) in (sides.get("judge"), sides.get("change")):
        return
    judge = sides.get("judge", {})
    changed = [name for name in sorted({*judge, *digests}) if judge.get(name) != digests.get(name)]
    yield Problem(
        file=file,
        place="/predicate/configuration",
        found=f"a verdict by a judge that differs in {join_words(changed)}",
        expected="one by the suite and policy that are here",
        advice="Check the release by this suite and policy and sign that.",
    )


def _wrong_age(at: str, expected: Expectation, file: str) -> Iterator[Problem]:
    place = "/predicate/dialgate/at"
    limit = count_of(expected.max_age_days, "day")
    try:
        signed = dt.datetime.strptime(at, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=dt.UTC)
    except ValueError:
        yield Problem(file=file, place=place, found=f"{at}, which is no moment", expected="one")
        return
    age = expected.now - signed
    if age < -_SKEW:
        yield Problem(
            file=file, place=place, found=f"{at}, in the future", expected="a moment that was"
        )
    if age > dt.timedelta(days=expected.max_age_days):
        yield Problem(
            file=file,
            place=place,
            found=f"{at}, {count_of(age.days, 'day')} ago",
            expected=f"at most {limit}",
            advice="Check the release again and sign the new verdict.",
        )
