"""A relation never changes what it says it keeps: checked against schemas, classes and scorer."""

from __future__ import annotations

import copy
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialgate_evals.fuzzing.choices import Choices, replayed
from dialgate_evals.fuzzing.registry import REGISTRY
from dialgate_evals.fuzzing.relation import Altered, Family, Relation, Surroundings
from dialgate_evals.fuzzing.surroundings import surroundings_of
from dialgate_evals.fuzzing.variant import Variant, make_variant, parse_seed
from dialgate_evals.mutating.behaviour import expected_behaviour
from dialgate_evals.scoring.scoring import Scorer
from dialgate_evals.suite.workspace import load_workspace
from tests.needed.shared_data import SHARED

if TYPE_CHECKING:
    from dialgate_evals.suite.case import Case

PROJECT = Path(__file__).parents[3]
SUITE = PROJECT / "suites" / "support-desk"
SHARED_SUITES = (
    (SHARED / "suites" / "agentdojo", "claude-3-5-sonnet-20241022"),
    (SHARED / "suites" / "tau2-airline", "claude-sonnet-4-5"),
)
"""Cases that nobody wrote for this: real suites, where they are."""

FOLDERS = (
    (SUITE, None),
    (PROJECT / "examples" / "booking-desk", None),
    *(item for item in SHARED_SUITES if item[0].is_dir()),
)


@lru_cache
def around(place: int = 0) -> tuple[tuple[Case, ...], Surroundings]:
    folder, release = FOLDERS[place]
    workspace = load_workspace(folder)
    named = None if release is None else folder / "releases" / f"{release}.toml"
    return workspace.cases, surroundings_of(workspace, workspace.release(named))


def passes(case: Case, facts: Surroundings, variant: Variant | None = None) -> bool:
    """Whether doing what the case expects is right; a pattern without an example says nothing."""
    tools = facts.tools if variant is None else variant.tools
    behaviour = expected_behaviour(case, tools)
    if behaviour is None:
        return True
    score = Scorer(tools=tools, actions=facts.actions).score(case, behaviour.trajectory())
    return not [item for item in score.decisions if item.outcome.value != "correct"]


def own_words(case: Case, _: Surroundings, draw: Choices) -> Altered:
    """What a suite's own relation may do wrong: it alters anything at all."""
    document = copy.deepcopy(dict(case.document))
    expect = document["expect"]
    wrong = draw.pick(["nothing", "tool", "dropped", "forbid", "arguments", "user", "alternatives"])
    first = expect["actions"][:1]
    if wrong == "tool":
        expect["actions"] = [{**item, "name": "no_such_tool"} for item in expect["actions"]]
    elif wrong == "dropped":
        expect["actions"] = expect["actions"][1:]
    elif wrong == "forbid":
        expect["forbid"] = first
    elif wrong == "arguments":
        expect["actions"] = [{"name": item["name"], "arguments": {}} for item in first]
    elif wrong == "user":
        document["user"] = {"kind": "facts", "knows": {"secret": "7"}}
    elif wrong == "alternatives":
        expect["alternatives"] = [first]
    document["messages"] = [*document["messages"], {"role": "user", "content": "Please."}]
    return Altered(document=document, what=wrong)


OWN = Relation(name="own-words", family=Family.SAME, keeps="what it says", vary=own_words)


@given(st.data())
@settings(max_examples=60)
def test_the_right_behaviour_of_a_variant_and_of_its_original_passes(data: st.DataObject) -> None:
    cases, facts = around(data.draw(st.integers(0, len(FOLDERS) - 1)))
    relation = data.draw(st.sampled_from((*REGISTRY, OWN)))
    parent = data.draw(st.sampled_from(cases))
    draws = Choices(lambda below: data.draw(st.integers(0, below - 1)))
    variant = make_variant(relation, parent, facts, draws)
    if variant is None:
        return
    assert passes(parent, facts)
    assert passes(variant.case, facts, variant)
    again = make_variant(relation, parent, facts, replayed(variant.numbers))
    assert again is not None
    assert again.key == variant.key
    if relation.family is Family.SAME:
        before = [facts.actions.classify_pattern(item) for item in parent.expect.actions]
        now = [facts.actions.classify_pattern(item) for item in variant.case.expect.actions]
        assert now == before
        assert [item.name for item in parent.expect.actions] == [
            item.name for item in variant.case.expect.actions
        ]


@pytest.mark.parametrize(
    "relation",
    [
        item
        for item in REGISTRY
        if item.name not in {"later-dates", "other-currency", "forms-of-dates"}
    ],
    ids=lambda relation: relation.name,
)
def test_the_example_has_cases_for_the_relation(relation: Relation) -> None:
    cases, facts = around()
    assert any(
        make_variant(relation, case, facts, replayed([0, form]))
        for case in cases
        for form in (0, 1)
    )


def made(
    name: str, case: dict[str, Any], *numbers: int, rules: str = "", is_simulated: bool = False
) -> dict[str, Any] | None:
    """What a relation makes of a case of the shop below."""
    from dialgate_evals.actions.action_classes import ActionRegistry, parse_classes
    from dialgate_evals.suite.case import parse_case
    from tests.evals.builders import ACTIONS, tools

    relation = next(item for item in REGISTRY if item.name == name)
    facts = Surroundings(
        tools=tools(),
        actions=ActionRegistry(classes=parse_classes(ACTIONS)),
        rules=rules,
        is_simulated=is_simulated,
    )
    whole = {"schema": 1, "id": "c", "origin": "golden", "expect": {"actions": []}, **case}
    variant = make_variant(relation, parse_case(whole), facts, replayed(numbers))
    return None if variant is None else dict(variant.case.document)


def user(text: str) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": text}]}


def test_dates_move_together_by_whole_weeks() -> None:
    case = {
        **user("I come on 2026-03-30 and leave on 2026-04-02."),
        "recordings": [{"name": "look", "result": {"from": "2026-03-30T10:00:00Z"}}],
    }
    moved = made("later-dates", case, 0)
    assert moved is not None
    assert moved["messages"][0]["content"] == "I come on 2026-04-06 and leave on 2026-04-09."
    assert moved["recordings"][0]["result"] == {"from": "2026-04-06T10:00:00Z"}


@pytest.mark.parametrize("text", ["On 2026-03-30, not in May.", "2026-03-30, so today.", "3/30"])
def test_dates_that_are_also_said_otherwise_stay(text: str) -> None:
    assert made("later-dates", user(text), 0) is None


def test_a_currency_that_no_rule_names_is_another_everywhere() -> None:
    case = {
        **user("Pay 20 euros."),
        "recordings": [{"name": "look", "result": {"currency": "EUR"}}],
    }
    assert made("other-currency", case, 0, rules="Pay up to 50 EUR.") is None
    changed = made("other-currency", case, 0)
    assert changed is not None
    assert changed["messages"][0]["content"] == "Pay 20 dollars."
    assert changed["recordings"][0]["result"] == {"currency": "USD"}


def test_a_date_is_written_in_another_form_and_expected_as_it_was() -> None:
    changed = made("forms-of-dates", user("Move it to 2026-03-05."), 0, 1)
    assert changed is not None
    assert changed["messages"][0]["content"] == "Move it to March 5, 2026."


@pytest.mark.parametrize(
    ("text", "is_seed"),
    [
        ("typos/sd-1/3.0", True), ("typos/a/b/", True), ("typos/sd-1/x", False), ("", False),
        ("../x/1", False), ("typos/sd-1/" + ".".join("1" * 65), False),
    ],
)  # fmt: skip
def test_a_seed_is_read_or_refused(text: str, is_seed: bool) -> None:
    assert (parse_seed(text) is not None) is is_seed


def test_a_relation_that_breaks_its_word_makes_no_variant() -> None:
    """Another amount in the expectation alone would be another action, not the same one."""

    def vary(case: Case, _: Surroundings, draw: Choices) -> Altered:
        document = {key: case.document[key] for key in ("messages", "recordings", "expect")}
        actions = [{**item, "name": "close_ticket"} for item in document["expect"]["actions"]]
        return Altered(
            document={**document, "expect": {**document["expect"], "actions": actions}},
            what="another tool",
        )

    cases, facts = around()
    wrong = Relation(name="wrong", family=Family.SAME, keeps="nothing", vary=vary)
    assert make_variant(wrong, cases[0], facts, replayed([])) is None


FACTS = {"kind": "facts", "wants": {"do": "refund"}, "knows": {"order": "O-101", "amount": 20}}


def test_a_user_knows_the_names_that_the_case_goes_by() -> None:
    case = {**user("Please refund my order."), "user": FACTS}
    renamed = made("renumbered-ids", case, 6)
    assert renamed is not None
    assert renamed["user"] == {**FACTS, "knows": {"order": "O-108", "amount": 20}}
    scripted = {"kind": "scripted", "rules": [{"asks": "O-101", "answer": "Yes, O-101."}]}
    renamed = made("renumbered-ids", {**user("Refund."), "user": scripted}, 6)
    assert renamed is not None
    assert renamed["user"]["rules"] == [{"asks": "O-108", "answer": "Yes, O-108."}]


@pytest.mark.parametrize("name", [r.name for r in REGISTRY if r.name != "renumbered-ids"])
def test_a_user_who_answers_stays_whatever_else_is_altered(name: str) -> None:
    case = {
        **user("Please refund my order O-101 of 20 USD. I have paid it on 2026-03-05."),
        "user": FACTS,
        "expect": {"actions": [{"name": "pay", "arguments": {"n": 20}}]},
    }
    changed = made(name, case, *[0] * 8)
    if changed is not None:
        assert changed["user"]["knows"]["order"] in {"O-101", "O-114"}
        assert changed["user"]["wants"] == FACTS["wants"]


def test_records_of_a_simulator_keep_their_names() -> None:
    case = {**user("Refund O-101, paid on 2026-03-05.")}
    assert made("renumbered-ids", case, 6) is not None
    for relation in (item for item in REGISTRY if item.is_of_records):
        assert made(relation.name, case, *[0] * 8, is_simulated=True) is None
    expect = {"actions": [{"name": "pay", "arguments": {"n": 20}}], "state": {"where": {}}}
    failed = made("failed-writes", {**case, "expect": expect}, 0, is_simulated=True)
    assert failed is not None
    assert failed["recordings"] == [{"name": "pay", "fault": "error", "times": 1}]
    assert "state" not in failed["expect"]
