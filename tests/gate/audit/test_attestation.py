"""A statement says what was judged, by what and when, and holds for nothing else."""

from __future__ import annotations

import copy
import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from dialgate_evals.files.json_text import digest_of
from dialgate_gate.audit.attestation import (
    Expectation,
    build_statement,
    disagreements,
    is_pass,
    statement_problems,
)
from tests.gate.dial_builders import NOW, a_release

DIGESTS = {name: digest_of(name) for name in ("policy.toml", "actions.toml", "cases", "suite.toml")}
RELEASE = a_release(prompts="p", tools="t", model="m", code="c")

ANOTHER_MODEL = a_release(prompts="p", tools="t", model="x", code="c")


def a_document(**more: Any) -> dict[str, Any]:
    classes = [
        {"action_class": name, "verdict": verdict}
        for name, verdict in (("mail", "pass"), ("refund", more.pop("refund", "pass")))
    ]
    return {
        "schema": 1, "verdict": "pass", "exit_code": 0, "suite": "shop",
        "judged_by": "the working tree", "allowed": [], "release": RELEASE.as_json(),
        "baseline": None, "classes": classes, "reasons": [],
        "digests": {"judge": DIGESTS, "change": DIGESTS}, **more,
    }  # fmt: skip


def a_statement(**more: Any) -> dict[str, Any]:
    return build_statement(a_document(**more), at=NOW, version="1")


def expected(**more: Any) -> Expectation:
    values: dict[str, Any] = {
        "suite": "shop", "release": RELEASE, "digests": DIGESTS, "now": NOW, "max_age_days": 30,
    }  # fmt: skip
    return Expectation(**{**values, **more})


def sentences(statement: dict[str, Any], **more: Any) -> list[str]:
    return [str(item) for item in disagreements(statement, expected(**more), "a.json")]


def test_a_statement_has_the_shape_it_is_read_by_and_holds_where_it_was_made() -> None:
    statement = a_statement()
    assert statement_problems(statement, "a.json") == []
    assert sentences(statement) == []
    assert is_pass(statement)


def test_the_subject_is_the_release_alone() -> None:
    """A verifier matches digests: a prompt as a subject would speak for other releases too."""
    (subject,) = a_statement()["subject"]
    assert "sha256:" + subject["digest"]["sha256"] == RELEASE.fingerprint


@pytest.mark.parametrize(
    ("verdict", "code", "refund", "result", "lists"),
    [
        ("pass", 0, "pass", "PASSED", (["mail", "refund"], [], [])),
        ("fail", 1, "fail", "FAILED", (["mail"], [], ["refund"])),
        ("fail", 1, "inconclusive", "FAILED", (["mail"], [], ["refund"])),
        ("inconclusive", 3, "inconclusive", "FAILED", (["mail"], [], ["refund"])),
        ("inconclusive", 0, "inconclusive", "WARNED", (["mail"], ["refund"], [])),
        ("invalid", 4, "invalid", "FAILED", (["mail"], [], ["refund"])),
    ],
)
def test_no_verdict_is_signed_as_better_than_it_is(
    verdict: str, code: int, refund: str, result: str, lists: tuple[list[str], ...]
) -> None:
    statement = a_statement(verdict=verdict, exit_code=code, refund=refund)
    predicate = statement["predicate"]
    assert predicate["result"] == result
    names = ("passedTests", "warnedTests", "failedTests")
    assert tuple(predicate[name] for name in names) == lists
    assert is_pass(statement) == (verdict == "pass")
    assert sentences(statement) == []


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"release": ANOTHER_MODEL}, '"2", which differs in model;'),
        ({"release": a_release(version="3")}, "differs in prompts, tools, model and code;"),
        ({"suite": "bank"}, 'on the suite "shop"'),
        ({"digests": {**DIGESTS, "policy.toml": "sha256:0"}}, "differs in policy.toml;"),
        ({"digests": {**DIGESTS, "cases": "sha256:0"}}, "differs in cases;"),
        ({"now": NOW + dt.timedelta(days=31)}, "31 days ago"),
        ({"now": NOW - dt.timedelta(minutes=6)}, "in the future"),
    ],
)  # fmt: skip
def test_it_holds_for_nothing_else(more: dict[str, Any], words: str) -> None:
    (found,) = sentences(a_statement(), **more)
    assert words in found


def test_a_version_is_a_name_and_the_components_are_the_release() -> None:
    again = replace(RELEASE, version="2-hotfix")
    assert sentences(a_statement(), release=again) == []


@pytest.mark.parametrize("minutes", [-5, 30 * 24 * 60])
def test_the_age_may_be_as_long_as_allowed_and_clocks_may_differ_a_little(minutes: int) -> None:
    assert sentences(a_statement(), now=NOW + dt.timedelta(minutes=minutes)) == []


def test_it_holds_for_the_change_that_was_judged_by_its_base() -> None:
    """The base's policy judged, and also whether the change loosened anything."""
    head = {**DIGESTS, "cases": digest_of("more cases")}
    statement = a_statement(digests={"judge": DIGESTS, "change": head})
    assert sentences(statement, digests=head) == []
    assert sentences(statement, digests=DIGESTS) == []
    mixed = {**head, "policy.toml": digest_of("another")}
    assert "differs in cases and policy.toml" in sentences(statement, digests=mixed)[0]


def test_all_reasons_are_given_at_once() -> None:
    late = NOW + dt.timedelta(days=40)
    other = a_release(model="x")
    assert len(sentences(a_statement(), suite="bank", now=late, release=other, digests={})) == 4


def spoil(statement: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    spoiled = copy.deepcopy(statement)
    *steps, last = path.split("/")
    node: Any = spoiled
    for step in steps:
        node = node[int(step) if step.isdigit() else step]
    if value is None:
        del node[last]
    else:
        node[last] = value
    return spoiled


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("_type", "https://in-toto.io/Statement/v0.1"),
        ("predicateType", "https://slsa.dev/provenance/v1"),
        ("more", 1),
        ("predicate/url", "https://example.com"),
        ("predicate/result", "passed"),
        ("predicate/result", None),
        ("predicate/configuration", []),
        ("predicate/dialgate", None),
        ("predicate/dialgate/schema", 2),
        ("predicate/dialgate/verdict", "good"),
        ("predicate/dialgate/at", "yesterday"),
        ("predicate/dialgate/release/components/model", None),
        ("subject", []),
        ("subject/0/digest", {"sha512": "0"}),
        ("subject/0/digest/sha256", "sha256:" + "0" * 64),
    ],
)
def test_unknown_missing_and_wrong_fields_are_refused(path: str, value: Any) -> None:
    assert statement_problems(spoil(a_statement(), path, value), "a.json")


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("subject/0/digest/sha256", "0" * 64, "the release's fingerprint"),
        ("predicate/result", "FAILED", "FAILED for the verdict pass"),
        ("predicate/dialgate/release/components/model", "x", "don't make the fingerprint"),
        ("predicate/dialgate/at", "2026-13-45T00:00:00Z", "no moment"),
    ],
)
def test_what_contradicts_itself_is_refused(path: str, value: Any, words: str) -> None:
    spoiled = spoil(a_statement(), path, value)
    assert statement_problems(spoiled, "a.json") == []
    assert words in " ".join(sentences(spoiled))


@pytest.mark.parametrize("value", [None, [], 3, "text", {}])
def test_what_is_no_statement_is_refused(value: object) -> None:
    assert statement_problems(value, "a.json")
