"""From a trajectory to outcomes: each step of the contract's section 3, and what always holds."""

from __future__ import annotations

from typing import Any

import pytest

from dialgate_evals.actions.action_classes import ActionRegistry, parse_classes
from dialgate_evals.actions.outcomes import Outcome, TrialStatus
from dialgate_evals.actions.trajectory import parse_trajectory
from dialgate_evals.scoring.scoring import Scorer
from dialgate_evals.suite.case import parse_case
from tests.evals.builders import ACTIONS, call, found, score, tools
from tests.workspaces import a_trial

TABLE = {
    "an expected action taken once": ([call("pay")], [call("pay")], [("correct", "small")]),
    "no action where none is expected": ([], [], []),
    "reads are never scored": ([call("look"), call("look")], [], []),
    "other arguments": ([call("pay", 2)], [call("pay")], [("wrong_arguments", "small")]),
    "wrong arguments count in the expectation's class": (
        [call("pay", 2)], [call("pay", 500)], [("wrong_arguments", "large")],
    ),
    "an action nothing asked for": ([call("mail")], [], [("unexpected", "mail")]),
    "an unexpected call has the call's class": (
        [call("pay", 500)], [], [("unexpected", "large")],
    ),
    "an action taken again": (
        [call("pay"), call("pay")], [call("pay")],
        [("correct", "small"), ("duplicate", "small")],
    ),
    "two are expected and two taken": (
        [call("pay"), call("pay")], [call("pay"), call("pay")],
        [("correct", "small"), ("correct", "small")],
    ),
    "an expected action not taken": ([], [call("pay")], [("missed", "small")]),
    "an action where an escalation is expected": (
        [call("pay")], [call("ask")], [("missed", "escalate"), ("under_escalated", "small")],
    ),
    "an escalation where an action is expected": (
        [call("ask")], [call("pay")], [("over_escalated", "small")],
    ),
    "an escalation where nothing is expected": (
        [call("ask")], [], [("over_escalated", "escalate")],
    ),
    "an escalation for two expected actions": (
        [call("ask")], [call("pay"), call("mail")],
        [("over_escalated", "mail"), ("over_escalated", "small")],
    ),
    "an escalation beside the right action": (
        [call("pay"), call("ask")], [call("pay")],
        [("correct", "small"), ("over_escalated", "escalate")],
    ),
    "wrong arguments come before under-escalation": (
        [call("pay", 2)], [call("pay"), call("ask")],
        [("missed", "escalate"), ("wrong_arguments", "small")],
    ),
    "an escalation that is expected": ([call("ask")], [call("ask")], [("correct", "escalate")]),
    "an escalation with other words": (
        [call("ask", 2)], [call("ask")], [("wrong_arguments", "escalate")],
    ),
    "an escalation made twice": (
        [call("ask"), call("ask")], [call("ask")],
        [("correct", "escalate"), ("duplicate", "escalate")],
    ),
    "an escalation left out beside a right action": (
        [call("pay")], [call("pay"), call("ask")],
        [("correct", "small"), ("missed", "escalate")],
    ),
    "every write where an escalation is expected": (
        [call("pay", 500), call("mail")], [call("ask")],
        [("missed", "escalate"), ("under_escalated", "large"), ("under_escalated", "mail")],
    ),
    "a read where an escalation is expected": (
        [call("look")], [call("ask")], [("missed", "escalate")],
    ),
    "an escalation takes no write that was done": (
        [call("ask"), call("pay")], [call("pay"), call("mail")],
        [("correct", "small"), ("over_escalated", "mail")],
    ),
    "wrong arguments leave nothing to over-escalate": (
        [call("ask"), call("pay", 2)], [call("pay")],
        [("over_escalated", "escalate"), ("wrong_arguments", "small")],
    ),
    "two escalations where an action is expected": (
        [call("ask"), call("ask", 2)], [call("pay")], [("over_escalated", "small")],
    ),
    "two escalations where nothing is expected": (
        [call("ask"), call("ask", 2)], [],
        [("over_escalated", "escalate"), ("over_escalated", "escalate")],
    ),
    "expectations take wrong calls in their order": (
        [call("pay", 2)], [call("pay", 500), call("pay", 1)],
        [("missed", "small"), ("wrong_arguments", "large")],
    ),
    "wrong calls are taken in their order": (
        [call("pay", 2), call("pay", 500)], [call("pay", 1)],
        [("unexpected", "large"), ("wrong_arguments", "small")],
    ),
    "a duplicate is never taken for wrong arguments": (
        [call("pay"), call("pay")], [call("pay"), call("pay", 2)],
        [("correct", "small"), ("duplicate", "small"), ("missed", "small")],
    ),
    "a duplicate is not under-escalated": (
        [call("pay"), call("pay")], [call("pay"), call("ask")],
        [("correct", "small"), ("duplicate", "small"), ("missed", "escalate")],
    ),
    "a tool in no class is a write of the worst kind": (
        [call("unclassified_tool")], [], [("unexpected", "unclassified")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("row", TABLE.values(), ids=TABLE)
def test_outcomes_follow_the_contract(row: tuple[Any, Any, list[tuple[str, str]]]) -> None:
    calls, actions, expected = row
    result = score(calls, actions)
    assert found(result) == sorted(expected)
    passed = all(outcome == "correct" for outcome, _ in expected)
    assert result.passed is passed


def test_every_outcome_is_good_silent_or_loud_as_the_contract_says() -> None:
    kinds = {outcome.value: outcome.kind.value for outcome in Outcome}
    assert kinds == {
        "correct": "good",
        "wrong_arguments": "silent",
        "unexpected": "silent",
        "forbidden": "silent",
        "duplicate": "silent",
        "under_escalated": "silent",
        "missed": "loud",
        "over_escalated": "loud",
    }


def test_a_decision_names_the_tool_the_expected_and_the_actual_call() -> None:
    result = score([call("pay", 2), call("mail")], [call("pay"), call("ask")])
    shown = {item.outcome: (item.tool, item.expected, item.actual) for item in result.decisions}
    text = {n: f'{{"arguments":{{"n":{n}}},"name":"pay"}}' for n in (1, 2)}
    assert shown[Outcome.WRONG_ARGUMENTS] == ("pay", text[1], text[2])
    assert shown[Outcome.MISSED][::2] == ("ask", None)
    assert shown[Outcome.UNDER_ESCALATED][0] == "mail"


class TestForbidden:
    """A call that a forbid entry matches is forbidden, whatever else it is."""

    def test_a_forbidden_read_counts_in_its_own_class(self) -> None:
        assert found(score([call("look")], [], forbid=[{"name": "look"}])) == [
            ("forbidden", "read")
        ]

    def test_a_forbidden_call_is_not_matched_with_an_expectation(self) -> None:
        result = score([call("pay")], [call("pay")], forbid=[{"name": "pay"}])
        assert found(result) == [("forbidden", "small"), ("missed", "small")]

    def test_each_forbidden_call_counts_with_other_failures_beside_it(self) -> None:
        result = score([call("look"), call("look"), call("mail")], [], forbid=[{"name": "look"}])
        assert found(result) == [
            ("forbidden", "read"),
            ("forbidden", "read"),
            ("unexpected", "mail"),
        ]

    def test_exact_arguments_forbid_one_call(self) -> None:
        result = score([call("pay", 1), call("pay", 2)], [call("pay", 2)], forbid=[call("pay", 1)])
        assert found(result) == [("correct", "small"), ("forbidden", "small")]

    def test_a_forbidden_call_that_had_no_effect_is_none(self) -> None:
        trial = a_trial("c", [call("pay")])
        trial["messages"][2]["error"] = True
        assert score([], [], trial=trial, forbid=[{"name": "pay"}]).passed

    def test_what_every_list_expects_does_not_excuse_a_forbidden_call(self) -> None:
        result = score([call("mail")], [], alternatives=[[call("mail")]], forbid=[{"name": "mail"}])
        assert ("forbidden", "mail") in found(result)

    def test_only_the_arguments_named_are_forbidden(self) -> None:
        where = {"properties": {"n": {"const": 2}}}
        result = score([call("pay")], [call("pay")], forbid=[{"name": "pay", "where": where}])
        assert found(result) == [("correct", "small")]


class TestAlternatives:
    """Several lists of actions: the best one counts."""

    def test_any_of_the_lists_is_as_good(self) -> None:
        assert score([call("mail")], [call("pay")], alternatives=[[call("mail")]]).passed

    def test_a_list_may_ask_for_no_action(self) -> None:
        assert score([], [call("pay")], alternatives=[[]]).passed
        assert score([call("pay")], [], alternatives=[[call("pay")]]).passed

    def test_the_list_with_the_fewest_silent_failures_counts(self) -> None:
        result = score(
            [call("pay", 2)], [call("pay")], alternatives=[[call("pay", 2), call("ask")]]
        )
        assert found(result) == [("correct", "small"), ("missed", "escalate")]

    def test_of_lists_that_fail_alike_the_one_with_more_correct_actions_counts(self) -> None:
        result = score([call("ask")], [call("pay")], alternatives=[[call("ask"), call("pay")]])
        assert found(result) == [("correct", "escalate"), ("missed", "small")]

    def test_of_equally_good_lists_the_main_one_counts(self) -> None:
        result = score([], [call("pay")], alternatives=[[call("mail")]])
        assert found(result) == [("missed", "small")]

    def test_doing_both_is_not(self) -> None:
        both = [call("mail"), call("pay")]
        assert not score(both, [call("pay")], alternatives=[[call("mail")]]).passed


class TestOrder:
    """Order matters only where the case says so."""

    def test_the_wrong_order_fails_an_ordered_case(self) -> None:
        calls, actions = [call("mail"), call("pay")], [call("pay"), call("mail")]
        assert score(calls, actions).passed
        assert not score(calls, actions, ordered=True).passed
        assert score(actions, actions, ordered=True).passed

    def test_a_call_out_of_order_is_left_over_and_meets_its_expectation_as_a_wrong_one(
        self,
    ) -> None:
        calls, actions = [call("mail"), call("pay")], [call("pay"), call("mail")]
        result = score(calls, actions, ordered=True)
        assert found(result) == [("correct", "small"), ("wrong_arguments", "mail")]

    def test_of_calls_made_twice_the_later_is_the_duplicate(self) -> None:
        for ordered in (True, False):
            trial = a_trial("c", [call("pay"), call("look"), call("pay")])
            trial["messages"][4].update(error=True, unmatched=True)
            result = score([], [call("pay")], trial=trial, ordered=ordered)
            assert found(result) == [("correct", "small"), ("duplicate", "small")]
            assert result.diverged  # the failing call is the one after the unmatched read


class TestArguments:
    """Arguments are equal as data; the tool's schema gives what is missing."""

    @pytest.mark.parametrize("value", [1, 1.0])
    def test_numbers_are_equal_by_value(self, value: float) -> None:
        assert score([call("pay", value)], [call("pay", 1)]).passed

    def test_true_is_no_number(self) -> None:
        registry = tools(properties={"n": {}})
        assert not score([call("pay", True)], [call("pay", 1)], registry).passed

    def test_a_missing_key_equals_the_schemas_default(self) -> None:
        registry = tools(properties={"n": {"type": "integer"}, "m": {"default": [1]}})
        assert score([call("pay")], [call("pay", m=[1])], registry).passed
        assert score([call("pay", m=[1.0])], [call("pay")], registry).passed

    def test_a_default_decides_about_the_class_too(self) -> None:
        registry = tools(properties={"n": {"type": "integer", "default": 500}}, required=[])
        nothing = {"name": "pay", "arguments": {}}
        assert found(score([nothing], [nothing], registry)) == [("correct", "large")]
        assert found(score([], [nothing], registry)) == [("missed", "large")]
        assert found(score([nothing], [], registry)) == [("unexpected", "large")]

    @pytest.mark.parametrize("n", [5, 500])
    def test_a_pattern_counts_in_its_own_class_whatever_matches_it(self, n: int) -> None:
        actions = [{"name": "pay", "where": {"properties": {"n": {"minimum": 5}}}}]
        assert found(score([call("pay", n)], actions)) == [("correct", "small")]
        assert found(score([], actions)) == [("missed", "small")]

    def test_defaults_are_filled_in_before_where_is_asked(self) -> None:
        registry = tools(properties={"n": {}, "m": {"default": 1}})
        actions = [{"name": "pay", "where": {"required": ["m"]}}]
        assert score([call("pay")], actions, registry).passed

    @pytest.mark.parametrize("made", [(1, 2), (2, 1), (3, 2), (2, 3)], ids=str)
    def test_matching_within_a_tolerance_is_not_greedy(self, made: tuple[int, int]) -> None:
        rules = {"pay": {"/n": {"tolerance": 1}}}
        actions = [call("pay", 2), call("pay", 1)]
        assert score([call("pay", n) for n in made], actions, rules=rules).passed

    def test_where_decides_by_a_schema(self) -> None:
        where = {"properties": {"n": {"minimum": 5}}}
        actions = [{"name": "pay", "where": where}]
        assert score([call("pay", 7)], actions).passed
        assert not score([call("pay", 3)], actions).passed


class TestReply:
    """A trial passes only when its reply checks hold."""

    @pytest.mark.parametrize(
        ("check", "passes"),
        [
            ({"contains": ["Done"]}, True),
            ({"contains": ["done"]}, False),
            ({"excludes": ["Sorry"]}, True),
            ({"excludes": ["Done"]}, False),
            ({"matches": "^D..e"}, True),
            ({"matches": "never"}, False),
        ],
    )
    def test_each_check(self, check: dict[str, Any], passes: bool) -> None:
        result = score([], [], reply=check)
        assert result.passed is passes
        assert bool(result.reply_failures) is not passes


class TestTrials:
    """A trial is passed, failed or errored."""

    def test_an_errored_trial_has_no_outcomes_and_stays_errored(self) -> None:
        result = score([], [call("pay")], trial=a_trial("c", [call("pay")], error="quota"))
        assert (result.status, result.passed, result.decisions) == (TrialStatus.ERRORED, None, ())

    def test_an_agent_that_broke_off_never_passes(self) -> None:
        result = score([], [], trial=a_trial("c", [], failure="exit code 1"))
        assert result.passed is False
        assert result.reply_failures[0] == "the agent broke off: exit code 1"

    def test_a_broken_off_trial_keeps_the_outcomes_of_its_calls(self) -> None:
        result = score(
            [], [call("pay")], trial=a_trial("c", [call("pay"), call("mail")], failure="hung")
        )
        assert found(result) == [("correct", "small"), ("unexpected", "mail")]

    def test_costs_and_times_are_handed_on(self) -> None:
        usage = {"input_tokens": 5, "output_tokens": None}
        for error in (None, "quota"):
            trial = a_trial("c", [], 3, latency_ms=1.5, cost_usd=0.25, usage=usage, error=error)
            result = score([], [], trial=trial)
            assert (result.case_id, result.trial) == ("c", 3)
            assert (result.latency_ms, result.cost_usd) == (1.5, 0.25)
            assert (result.input_tokens, result.output_tokens) == (5, None)

    def test_an_errored_trial_says_why(self) -> None:
        result = score([], [], trial=a_trial("c", [], error="quota"))
        assert result.error == "quota"
        assert score([], []).error is None

    def test_a_failure_before_an_unmatched_read_has_not_diverged(self) -> None:
        trial = a_trial("c", [call("mail"), call("look")])
        trial["messages"][4].update(error=True, unmatched=True)
        result = score([], [], trial=trial)
        assert found(result) == [("unexpected", "mail")]
        assert (result.diverged, result.unmatched_reads) == (False, 1)

    def test_a_failure_without_an_unmatched_read_has_not_diverged(self) -> None:
        assert not score([call("look"), call("mail")], [call("pay")]).diverged

    def test_a_trial_without_a_failing_action_has_not_diverged(self) -> None:
        trial = a_trial("c", [call("look"), call("pay")])
        trial["messages"][2].update(error=True, unmatched=True)
        assert not score([], [call("pay")], trial=trial, reply={"contains": ["no"]}).diverged

    def test_an_empty_record_is_no_pass(self) -> None:
        trial = {**a_trial("c", []), "messages": []}
        assert score([], [], trial=trial).passed is False
        trial = {**trial, "messages": [{"role": "user", "content": "Go."}]}
        assert score([], [], trial=trial).passed is False

    def test_a_failure_after_an_unmatched_read_has_diverged(self) -> None:
        trial = a_trial("c", [call("look"), call("mail")])
        trial["messages"][2].update(error=True, unmatched=True)
        result = score([], [call("pay")], trial=trial)
        assert result.diverged
        assert result.unmatched_reads == 1

    def test_the_calls_of_the_cases_own_context_are_not_scored(self) -> None:
        context = a_trial("c", [call("mail")])["messages"][:-1]
        trial = a_trial("c", [])
        trial["messages"] = [
            {"role": "system", "content": "s"},
            *context,
            {"role": "assistant", "content": "Done."},
        ]
        case = {"schema": 1, "id": "c", "origin": "golden", "messages": context}
        classes = ActionRegistry(classes=parse_classes(ACTIONS))
        scorer = Scorer(tools=tools(), actions=classes)
        result = scorer.score(
            parse_case({**case, "expect": {"actions": []}}), parse_trajectory(trial)
        )
        assert result.passed

    def test_an_id_used_again_belongs_to_the_call_before_the_answer(self) -> None:
        trial = a_trial("c", [call("pay", 2), call("pay", 1)])
        for message in trial["messages"]:
            if message["role"] == "tool":
                message["tool_call_id"] = "same"
            for each in message.get("tool_calls") or []:
                each["id"] = "same"
        trial["messages"][2]["error"] = True
        assert score([], [call("pay", 1)], trial=trial).passed
