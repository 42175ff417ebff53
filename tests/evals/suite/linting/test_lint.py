"""What lint finds between files that are each right alone."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import pytest

from dialgate.changes.linting import lint_suite
from dialgate_evals.suite.linting.near_duplicates import similar_pairs
from tests.workspaces import RecordedSuite, a_case, a_refund

if TYPE_CHECKING:
    from pathlib import Path

TODAY = dt.date(2026, 11, 23)


@pytest.fixture
def suite(tmp_path: Path) -> RecordedSuite:
    return RecordedSuite(tmp_path / "shop", refunds=3)


def problems(suite: RecordedSuite, severity: str = "error") -> list[str]:
    return [str(p) for p in lint_suite(suite.folder, TODAY) if p.severity == severity]


def with_case(suite: RecordedSuite, case: dict[str, Any]) -> RecordedSuite:
    suite.cases.append(case)
    suite.write_cases()
    return suite


def with_text(suite: RecordedSuite, name: str, old: str, new: str) -> RecordedSuite:
    text = (suite.folder / name).read_text("utf-8")
    assert old in text
    suite.write(name, text.replace(old, new))
    return suite


def test_a_clean_workspace_has_no_problem(suite: RecordedSuite) -> None:
    assert problems(suite) == []


def test_a_case_that_names_an_unknown_tool(suite: RecordedSuite) -> None:
    with_case(suite, a_case("x", [{"name": "refnd", "arguments": {}}]))
    (found,) = problems(suite)
    assert "cases.jsonl: line 4 /expect/actions/0/name (case x)" in found
    assert 'Did you mean "refund"?' in found


def test_a_recording_of_an_unknown_tool(suite: RecordedSuite) -> None:
    with_case(suite, a_case("x", recordings=[{"name": "nothing", "result": 1}]))
    assert "/recordings/0/name" in problems(suite)[0]


def test_expected_arguments_that_break_the_tools_schema(suite: RecordedSuite) -> None:
    with_case(suite, a_case("x", [{"name": "refund", "arguments": {"id": 7}}]))
    (found,) = problems(suite)
    assert "/expect/actions/0/arguments/id" in found
    assert "break the schema of refund" in found


def test_a_class_that_no_tool_reaches(suite: RecordedSuite) -> None:
    with_text(suite, "actions.toml", 'tools = ["send_mail"]', 'tools = ["sent_mail"]')
    found = problems(suite)
    assert any('the tool "sent_mail"' in text for text in found)
    assert any("no tool reaches" in text for text in found)


def test_a_class_behind_one_that_takes_every_call(suite: RecordedSuite) -> None:
    extra = (
        '[class."refund.small"]\ntools = ["refund"]\n'
        'effect = "write"\nblast_radius = "low"\nreversible = true\n'
    )
    suite.write("actions.toml", (suite.folder / "actions.toml").read_text() + extra)
    assert any("stands before it and takes every call" in text for text in problems(suite))


OVERLAP = """schema = 1
[class."large"]
tools = ["refund"]
when = {{ properties = {{ amount = {{ minimum = 100 }} }}, required = ["amount"] }}
effect = "write"
blast_radius = "high"
reversible = false
[class."small"]
tools = ["refund"]
when = {{ properties = {{ amount = {{ {bound} }} }}, required = ["amount"] }}
effect = "write"
blast_radius = "low"
reversible = true
[class."rest"]
tools = ["send_mail", "look_up"]
effect = "write"
blast_radius = "low"
reversible = true
"""


def test_classes_that_one_call_can_match_are_named_with_that_call(suite: RecordedSuite) -> None:
    suite.write("actions.toml", OVERLAP.format(bound="maximum = 150"))
    found = [text for text in problems(suite, "warning") if "overlap" in text]
    assert len(found) == 1
    assert "both match refund(amount=" in found[0]
    suite.write("actions.toml", OVERLAP.format(bound="exclusiveMaximum = 100"))
    assert not any("overlap" in text for text in problems(suite, "warning"))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("policy.toml", '[gate.class."refnd"]\nmargin = 0.1\n'),
        ("runbook.toml", 'schema = 1\n[compensation."refnd"]\ntool = "refund"\ncase = "x"\n'),
        (
            "dial.toml",
            (
                'schema = 1\n[class."refnd"]\nmode = "shadow"\n'
                'since = 2026-01-01T00:00:00Z\nby = "x"\n'
            ),
        ),
    ],
)
def test_a_policy_dial_or_runbook_that_names_an_unknown_class(
    name: str, text: str, suite: RecordedSuite
) -> None:
    path = suite.folder / name
    path.write_text((path.read_text() if name == "policy.toml" else "") + text)
    found = [problem for problem in problems(suite) if "unknown action class" in problem]
    assert len(found) == 1
    assert 'Did you mean "refund"?' in found[0]


def test_a_compensation_whose_case_does_not_exist(suite: RecordedSuite) -> None:
    suite.write(
        "runbook.toml", 'schema = 1\n[compensation."refund"]\ntool = "refund"\ncase = "gone"\n'
    )
    assert any('the unknown case "gone"' in text for text in problems(suite))


def test_an_id_that_stands_in_two_files(suite: RecordedSuite) -> None:
    suite.write("more.jsonl", json.dumps(suite.cases[0]) + "\n")
    with_text(suite, "suite.toml", '["cases.jsonl"]', '["cases.jsonl", "more.jsonl"]')
    (found,) = problems(suite)
    assert "more.jsonl: line 1" in found
    assert "a second time" in found


def test_equal_contexts_with_different_expectations_contradict(suite: RecordedSuite) -> None:
    twin = {**suite.cases[0], "id": "twin", "expect": {"actions": []}}
    with_case(suite, twin)
    assert any("same context" in text for text in problems(suite))


@pytest.mark.parametrize(
    ("origin", "contradicts"),
    [("golden", False), ("reviewer", True)],
)
def test_users_who_answer_otherwise_tell_cases_apart_but_not_decisions_made_before(
    suite: RecordedSuite, origin: str, contradicts: bool
) -> None:
    for name, order, actions in (("one", "A-1", []), ("two", "A-2", [a_refund("refund-000")])):
        user = {"kind": "facts", "wants": {"do": "refund"}, "knows": {"order": order}}
        twin = {**suite.cases[0], "id": name, "origin": origin, "user": user}
        twin["messages"] = [{"role": "user", "content": "Please give it back, all of it."}]
        with_case(suite, {**twin, "expect": {"actions": actions}})
    found = any("another expectation than one" in text for text in problems(suite))
    assert found == contradicts, problems(suite)


def test_a_case_that_only_forbids_more_does_not_contradict(suite: RecordedSuite) -> None:
    expect = {"actions": [a_refund("refund-000")], "forbid": [{"name": "send_mail"}]}
    with_case(suite, {**suite.cases[0], "id": "twin", "expect": expect})
    assert problems(suite) == []


def test_a_case_that_forbids_what_its_twin_expects_contradicts(suite: RecordedSuite) -> None:
    expect = {"actions": [], "forbid": [a_refund("refund-000")]}
    with_case(suite, {**suite.cases[0], "id": "twin", "expect": expect})
    assert any("same context" in text for text in problems(suite))


def test_near_duplicates_are_warned_of(suite: RecordedSuite) -> None:
    words = "please send back the money for the blue lamp that I ordered in March at your shop"
    for index, more in enumerate(("", " today")):
        message = [{"role": "user", "content": words + more}]
        with_case(suite, a_case(f"lamp-{index}", [a_refund(f"lamp-{index}")], messages=message))
    found = problems(suite, "warning")
    assert any("94 % of its words in common with lamp-0" in text for text in found)


def test_similar_pairs_are_all_pairs_over_the_threshold() -> None:
    texts = [frozenset("abcdefghij"), frozenset("abcdefghix"), frozenset("klm"), frozenset("klm")]
    assert [(i, j) for i, j, _ in similar_pairs(texts, 0.8)] == [(0, 1), (2, 3)]
    assert list(similar_pairs([frozenset(), frozenset()], 0.8)) == []


@pytest.mark.parametrize(
    ("until", "case", "expected"),
    [("2026-11-22", "refund-000", "which is past"), ("2999-01-01", "gone", "doesn't have")],
)
def test_a_quarantine_past_its_date_or_of_no_case(
    until: str, case: str, expected: str, suite: RecordedSuite
) -> None:
    text = f'[[quarantine]]\ncase = "{case}"\nowner = "a"\nreason = "b"\nuntil = {until}\n'
    suite.write("suite.toml", (suite.folder / "suite.toml").read_text() + text)
    assert any(expected in problem for problem in problems(suite))


def test_a_tool_in_no_class_is_warned_of(suite: RecordedSuite) -> None:
    with_text(suite, "actions.toml", 'tools = ["look_up"]', 'tools = ["refund"]')
    assert any("unclassified" in text for text in problems(suite, "warning"))


@pytest.mark.parametrize("cases", ['["/etc/*.jsonl"]', '["../../../../../../etc/pass*"]'])
def test_a_path_out_of_the_workspace_is_refused(cases: str, suite: RecordedSuite) -> None:
    with_text(suite, "suite.toml", '["cases.jsonl"]', cases)
    assert problems(suite)


def test_a_link_out_of_the_workspace_is_refused(suite: RecordedSuite, tmp_path: Path) -> None:
    outside = tmp_path / "outside.jsonl"
    outside.write_text(json.dumps(suite.cases[0]) + "\n")
    (suite.folder / "cases.jsonl").unlink()
    (suite.folder / "cases.jsonl").symlink_to(outside)
    assert any("outside the workspace" in text for text in problems(suite))


def test_a_patch_that_can_never_be_applied(suite: RecordedSuite) -> None:
    suite.cases[0]["expect"]["state"] = {"patch": [{"op": "add", "path": "no-slash", "value": 1}]}
    suite.write_cases()
    (problem,) = [text for text in problems(suite) if "patch" in text]
    assert "line 1 /expect/state/patch" in problem
    assert "operation 0 (add)" in problem


@pytest.mark.parametrize("kind", ["chat", "transcript"])
def test_tools_over_mcp_that_nobody_would_call(kind: str, suite: RecordedSuite) -> None:
    text = (suite.folder / "suite.toml").read_text()
    agent = {"chat": 'kind = "chat"\nbase_url = "http://127.0.0.1:1"\n'}.get(
        kind, text.partition("[agent]\n")[2]
    )
    suite.write("suite.toml", text.partition("[agent]")[0] + f"[agent]\nmcp = true\n{agent}")
    (problem,) = [text for text in problems(suite) if "agent.mcp" in text]
    assert kind in problem


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ('patterns = ["x*"]', '"x*", which matches the empty text'),
        ('patterns = ["("]', '"(", which is no regular expression'),
        ('pointers = ["/a~2"]', 'redact.pointers: found "/a~2", which is no JSON Pointer'),
        ('keep = ["/~"]', 'redact.keep: found "/~", which is no JSON Pointer'),
        ('keep = ["/a"]\npointers = ["/a"]', "which redact.pointers replaces"),
    ],
)
def test_what_redaction_can_not_use(suite: RecordedSuite, line: str, found: str) -> None:
    with_text(suite, "suite.toml", "[agent]", f"[redact]\n{line}\n[agent]")
    (problem,) = problems(suite)
    assert found in problem


def test_ten_cases_alike_are_one_warning_that_names_some(suite: RecordedSuite) -> None:
    prompt = {"role": "system", "content": "a b c d e f g h i j k l m n o p q r s t u v w x y z"}
    words = "please send back the money for the blue lamp that I ordered in March at your old shop"
    for index in range(10):
        message = [prompt, {"role": "user", "content": f"{words} in the town {index}"}]
        with_case(suite, a_case(f"lamp-{index}", [a_refund(f"lamp-{index}")], messages=message))
    apart = [prompt, {"role": "user", "content": "something else"}]
    with_case(suite, a_case("apart", [a_refund("apart")], messages=apart))
    (found,) = [text for text in problems(suite, "warning") if "in common" in text]
    assert "(case lamp-9)" in found
    assert "lamp-0" in found
    assert "and 6 more" in found
    assert "apart" not in found, "a prompt that all share makes no case like another"
