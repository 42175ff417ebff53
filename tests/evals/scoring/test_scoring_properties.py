"""What always holds for scoring, for any calls and any expectations."""

from __future__ import annotations

import itertools
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dialgate_evals.actions.outcomes import Outcome, TrialScore
from tests.evals.builders import call, correct, found, score, silent

some_calls = st.lists(
    st.builds(call, st.sampled_from(["pay", "mail", "ask", "look"]), st.integers(0, 2)), max_size=5
)
some_actions = st.lists(
    st.builds(call, st.sampled_from(["pay", "mail", "ask"]), st.integers(0, 2)), max_size=4
)


some_patterns = st.lists(
    st.builds(call, st.sampled_from(["pay", "mail", "ask"]), st.sampled_from([1, 2, 200]))
    | st.builds(
        lambda name, low: {"name": name, "where": {"properties": {"n": {"minimum": low}}}},
        st.sampled_from(["pay", "mail"]),
        st.sampled_from([1, 2, 200]),
    ),
    max_size=3,
)
wide_calls = st.lists(
    st.builds(
        call, st.sampled_from(["pay", "mail", "ask", "look", "x"]), st.sampled_from([1, 2, 200])
    ),
    max_size=5,
)


def words(result: TrialScore) -> list[str]:
    return sorted(item.outcome.value for item in result.decisions)


class TestProperties:
    """What holds for any calls and any expectations."""

    @given(some_calls, some_actions, st.randoms(use_true_random=False))
    def test_order_is_irrelevant_without_ordered(
        self, calls: list[Any], actions: list[Any], random: Any
    ) -> None:
        shuffled = list(calls)
        random.shuffle(shuffled)
        assert found(score(calls, actions)) == found(score(shuffled, actions))

    @given(some_calls, some_actions)
    def test_swapping_two_calls_never_changes_an_outcome(
        self, calls: list[Any], actions: list[Any]
    ) -> None:
        for i, j in itertools.combinations(range(len(calls)), 2):
            swapped = list(calls)
            swapped[i], swapped[j] = swapped[j], swapped[i]
            assert found(score(swapped, actions)) == found(score(calls, actions))

    @given(wide_calls, some_patterns, st.booleans(), st.data())
    def test_swapping_calls_changes_no_outcome_where_patterns_are_loose(
        self, calls: list[Any], patterns: list[Any], tolerant: bool, data: Any
    ) -> None:
        rules = {"pay": {"/n": {"tolerance": 1}}} if tolerant else {}
        turned = data.draw(st.permutations(calls))
        assert words(score(turned, patterns, rules=rules)) == words(
            score(calls, patterns, rules=rules)
        )

    @given(
        wide_calls, st.lists(some_patterns, min_size=1, max_size=3), some_patterns, st.booleans()
    )
    def test_every_expectation_and_every_action_has_its_outcome(
        self, calls: list[Any], lists: list[Any], forbid: list[Any], ordered: bool
    ) -> None:
        result = score(calls, lists[0], alternatives=lists[1:], forbid=forbid, ordered=ordered)
        done = [item for item in result.decisions if item.actual is not None]
        acted = [made for made in calls if made["name"] in {"pay", "mail"}]
        assert len(done) >= len(acted)
        assert result.invalid_calls == sum(made["name"] == "x" for made in calls)
        assert result.passed is (set(words(result)) <= {"correct"})
        if result.passed:
            assert len(result.decisions) in map(len, lists)

    @given(wide_calls, st.lists(some_patterns, min_size=1, max_size=3))
    def test_a_trial_passes_only_where_one_of_the_lists_passes(
        self, calls: list[Any], lists: list[Any]
    ) -> None:
        together = score(calls, lists[0], alternatives=lists[1:])
        alone = [score(calls, patterns) for patterns in lists]
        assert together.passed is any(one.passed for one in alone)
        assert silent(together) == min(map(silent, alone))

    @given(wide_calls, some_patterns)
    def test_a_forbidden_tool_never_makes_a_trial_better(
        self, calls: list[Any], patterns: list[Any]
    ) -> None:
        free = score(calls, patterns)
        strict = score(calls, patterns, forbid=[{"name": "pay"}])
        assert bool(strict.passed) <= bool(free.passed)
        paid = sum(made["name"] == "pay" for made in calls)
        assert words(strict).count("forbidden") == paid

    @given(some_calls, some_actions)
    def test_an_ordered_case_is_never_easier(self, calls: list[Any], actions: list[Any]) -> None:
        ordered, free = score(calls, actions, ordered=True), score(calls, actions)
        assert correct(ordered) <= correct(free)
        assert free.passed or not ordered.passed

    @given(some_calls, some_actions)
    def test_reads_change_nothing(self, calls: list[Any], actions: list[Any]) -> None:
        without = [made for made in calls if made["name"] != "look"]
        assert found(score(calls, actions)) == found(score(without, actions))

    @given(some_calls, some_actions)
    def test_matching_is_maximum(self, calls: list[Any], actions: list[Any]) -> None:
        def size(expected: list[Any], made: list[Any]) -> int:
            if not expected:
                return 0
            rest = size(expected[1:], made)
            if expected[0] in made:
                left = list(made)
                left.remove(expected[0])
                return max(rest, 1 + size(expected[1:], left))
            return rest

        correct = sum(outcome == "correct" for outcome, _ in found(score(calls, actions)))
        assert correct == size(actions, [c for c in calls if c["name"] != "look"])

    @given(some_calls, some_actions)
    def test_adding_a_wanted_call_never_hurts(self, calls: list[Any], actions: list[Any]) -> None:
        before = score(calls, actions)
        missing = [wanted for wanted in actions if calls.count(wanted) < actions.count(wanted)]
        for wanted in missing:
            after = score([*calls, wanted], actions)
            assert correct(after) == correct(before) + 1
            assert silent(after) <= silent(before)
            assert after.passed or not before.passed

    @given(some_actions.filter(bool), st.data())
    def test_a_repeated_call_is_never_free(self, actions: list[Any], data: Any) -> None:
        again = data.draw(st.sampled_from(actions))
        assert score(actions, actions).passed
        result = score([*actions, again], actions)
        assert not result.passed
        assert Outcome.DUPLICATE in {item.outcome for item in result.decisions}
