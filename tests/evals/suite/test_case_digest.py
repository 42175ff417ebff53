"""A case's digest: over everything that decides, in one form however an author spells it."""

from __future__ import annotations

from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from dialgate_evals.files.json_text import canonical_json, digest_of, digest_of_bytes
from dialgate_evals.suite.case import parse_case

NUMBERS = st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False)
DATA = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(st.characters(), max_size=4),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=4,
)
CALLS = st.lists(st.fixed_dictionaries({"name": st.just("refund"), "arguments": DATA}), max_size=2)
EMPTY: dict[str, Any] = {
    "alternatives": [], "forbid": [], "ordered": False, "contains": [], "excludes": [],
    "matches": None, "state": None,
}  # fmt: skip


def a_case(expect: dict[str, Any], recordings: object, critical: bool) -> dict[str, Any]:
    """A case of one message."""
    return {
        "schema": 1, "id": "c", "origin": "golden", "expect": expect, "critical": critical,
        "messages": [{"role": "user", "content": "Go."}], "recordings": recordings,
    }  # fmt: skip


@given(CALLS, CALLS, st.booleans(), st.sampled_from([{}, {"ordered": True}, {"forbid": []}]))
@example([{"name": "refund", "arguments": {"a": 1.0, "b": "\ud800ä"}}], [], True, {})
def test_a_digest_is_that_of_the_context_and_of_the_expectation_written_out(
    actions: list[Any], recordings: list[Any], critical: bool, more: dict[str, Any]
) -> None:
    document = a_case({"actions": actions, **more}, recordings, critical)
    case = parse_case(document)
    context = {"messages": document["messages"], "recordings": recordings}
    decides = {"expect": {**EMPTY, "actions": actions, **more}, "critical": critical}
    written = f"{digest_of(context)} {canonical_json(decides)}"
    assert case.digest == digest_of_bytes(written.encode("ascii"))
    assert case.digest == case.digest


@given(CALLS, st.booleans())
def test_a_default_that_is_spelt_out_is_no_change(actions: list[Any], critical: bool) -> None:
    plain = a_case({"actions": actions}, [], critical)
    spelt = a_case({"actions": actions, "forbid": [], "alternatives": []}, [], critical)
    assert parse_case(plain).digest == parse_case(spelt).digest
