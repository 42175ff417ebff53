"""What a suite wouldn't notice, for a person and for a tool."""

from __future__ import annotations

import json

from dialgate_evals.actions.action_classes import ActionRegistry, parse_classes
from dialgate_evals.mutating.suite_mutants import MutationReport, mutate_suite
from dialgate_evals.suite.case import parse_case
from dialgate_reports.texts.findings.mutants_text import mutants_document, render_mutants
from tests.evals.builders import ACTIONS, call, tools


def report(*actions: dict[str, object], case_id: str = "c-1") -> MutationReport:
    case = parse_case(
        {
            "schema": 1,
            "id": case_id,
            "origin": "golden",
            "messages": [{"role": "user", "content": "Go."}],
            "expect": {"actions": list(actions)},
        }
    )
    registry = ActionRegistry(classes=parse_classes(ACTIONS))
    return mutate_suite([case], {}, tools=tools(), actions=registry)


def test_the_first_line_counts_what_is_listed() -> None:
    document = mutants_document(report({"name": "pay", "where": {}}), {}, "shop")
    lived = sum(len(item["survivors"]) for item in document["classes"])
    made = sum(kind["made"] for item in document["classes"] for kind in item["kinds"].values())
    text = render_mutants(document, verbose=True)
    assert text.startswith(f"shop would not notice {lived} of {made} mistakes")
    assert text.count("\n  ") >= lived
    assert max(map(len, text.splitlines())) <= 80


def test_a_suite_without_cases_says_that_nothing_is_known() -> None:
    registry = ActionRegistry(classes=parse_classes(ACTIONS))
    empty = mutate_suite([], {}, tools=tools(), actions=registry)
    assert "nothing is known" in render_mutants(mutants_document(empty, {}, "shop"))


def test_a_proposed_case_is_named_beside_the_mistake_that_it_notices() -> None:
    document = mutants_document(report({"name": "pay", "where": {}}), {}, "shop")
    killed_by = {item["killed_by"] for entry in document["classes"] for item in entry["survivors"]}
    assert "c-1" in killed_by
    assert document["proposals"][0]["case"] == "c-1"
    json.dumps(document)


def test_hostile_names_are_shown_as_text() -> None:
    found = report(call("pay"), case_id="c-\x1b[31m")
    assert "\x1b" not in render_mutants(mutants_document(found, {}, "shop\x1b[2J"), verbose=True)
