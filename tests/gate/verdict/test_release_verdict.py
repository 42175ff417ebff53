"""The verdict: one pure function, four words, and rules that hold whatever the figures."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialgate_evals.actions.outcomes import Outcome
from dialgate_gate.comparing.comparison import compare_runs
from dialgate_gate.four_verdicts import EXIT_CODES, Verdict, worst
from dialgate_gate.settings.gate_policy import ClassPolicy, FailOn, GatePolicy
from dialgate_gate.verdict.release_verdict import decide_verdict
from tests.gate.evidence import a_comparison, a_run, a_score, cases

if TYPE_CHECKING:
    from random import Random

    from dialgate_gate.verdict.verdict import ReleaseVerdict

OK, WRONG, MISSED = Outcome.CORRECT, Outcome.WRONG_ARGUMENTS, Outcome.MISSED


def decide(
    before: list[Outcome], now: list[Outcome], policy: GatePolicy | None = None, **more: Any
) -> ReleaseVerdict:
    comparison = a_comparison(before, now, **more)
    return decide_verdict(comparison, policy or GatePolicy())


outcomes = st.lists(
    st.tuples(
        st.sampled_from([OK, OK, OK, WRONG, MISSED]), st.sampled_from([OK, OK, WRONG, MISSED])
    ),
    min_size=1,
    max_size=60,
)


class TestWorst:
    """Verdicts add up to the worst of them."""

    def test_no_verdict_at_all_is_invalid(self) -> None:
        assert worst([]) is Verdict.INVALID

    def test_the_order_is_pass_inconclusive_fail_invalid(self) -> None:
        assert worst([Verdict.PASS, Verdict.INCONCLUSIVE]) is Verdict.INCONCLUSIVE
        assert worst([Verdict.FAIL, Verdict.INCONCLUSIVE]) is Verdict.FAIL
        assert worst([Verdict.FAIL, Verdict.INVALID]) is Verdict.INVALID

    def test_only_a_pass_has_exit_code_0(self) -> None:
        assert [verdict for verdict, code in EXIT_CODES.items() if code == 0] == [Verdict.PASS]
        assert set(EXIT_CODES) == set(Verdict)


class TestRules:
    """What holds for any evidence."""

    @given(outcomes)
    def test_a_release_against_itself_is_never_failed(
        self, pairs: list[tuple[Outcome, Outcome]]
    ) -> None:
        before = [pair[0] for pair in pairs]
        assert decide(before, before).verdict in {Verdict.PASS, Verdict.INCONCLUSIVE}

    @given(outcomes)
    def test_a_pass_excludes_a_loss_over_the_margin(
        self, pairs: list[tuple[Outcome, Outcome]]
    ) -> None:
        found = decide([p[0] for p in pairs], [p[1] for p in pairs])
        if found.verdict is Verdict.PASS:
            assert all(
                item.success.interval is not None and item.success.interval[0] >= -item.margin
                for item in found.classes
            )
            assert not any(item.open_suspects for item in found.classes)

    @given(outcomes, st.floats(0.01, 0.2), st.floats(0.01, 0.2), st.booleans())
    def test_a_stricter_policy_never_turns_fail_into_pass(
        self,
        pairs: list[tuple[Outcome, Outcome]],
        margin: float,
        other: float,
        deterministic: bool,
    ) -> None:
        strict, loose = sorted([margin, other])
        before, now = [p[0] for p in pairs], [p[1] for p in pairs]
        verdicts = [
            decide(
                before,
                now,
                GatePolicy(default=ClassPolicy(margin=value, min_cases=1)),
                deterministic=deterministic,
            ).verdict
            for value in (loose, strict)
        ]
        assert verdicts[1].rank >= verdicts[0].rank

    @given(outcomes)
    def test_exchanging_the_sides_flips_the_sign(
        self, pairs: list[tuple[Outcome, Outcome]]
    ) -> None:
        before, now = [p[0] for p in pairs], [p[1] for p in pairs]
        there, back = decide(before, now).classes[0], decide(now, before).classes[0]
        assert there.success.difference == pytest.approx(-(back.success.difference or 0.0))
        assert there.comparison.moves.broken == back.comparison.moves.fixed

    @given(outcomes, st.randoms(use_true_random=False))
    def test_the_order_of_trials_is_irrelevant(
        self, pairs: list[tuple[Outcome, Outcome]], random: Random
    ) -> None:
        comparison = a_comparison([p[0] for p in pairs], [p[1] for p in pairs])
        scores = [a_score(f"c{i}", pair[1]) for i, pair in enumerate(pairs)]
        random.shuffle(scores)
        shuffled = replace(comparison, candidate=a_run(scores))
        first, second = (decide_verdict(c, GatePolicy()) for c in (comparison, shuffled))
        assert (first.verdict, first.reasons) == (second.verdict, second.reasons)


NARROW = GatePolicy(default=ClassPolicy(margin=0.05))


class TestReasons:
    """Every reason names figures, threshold and cases."""

    def test_a_shown_regression_names_the_broken_cases(self) -> None:
        found = decide([OK] * 60, [MISSED] * 15 + [OK] * 45, NARROW)
        assert found.verdict is Verdict.FAIL
        sentence = found.classes[0].reasons[0]
        assert "25.0 points" in sentence
        assert "60 of 60 trials before, 45 of 60 now" in sentence
        assert "the margin tolerates 5 %" in sentence
        assert "c0, c1, c2, c3, c4 and 10 more" in sentence

    def test_too_few_cases_say_how_many_are_missing(self) -> None:
        found = decide([OK] * 3, [OK] * 3)
        assert any("add 2 more" in reason for reason in found.classes[0].reasons)

    def test_a_margin_that_is_not_shown_says_how_many_cases_would(self) -> None:
        found = decide([OK] * 30, [OK] * 30, NARROW)
        assert found.verdict is Verdict.INCONCLUSIVE
        assert "42 more cases that pass on both releases" in found.classes[0].reasons[0]

    def test_new_silent_failures_of_a_deterministic_agent_fail_within_the_margin(self) -> None:
        found = decide([OK] * 100, [WRONG] + [OK] * 99, deterministic=True)
        assert found.verdict is Verdict.FAIL
        assert any("new silent failure" in reason for reason in found.classes[0].reasons)

    def test_a_loud_loss_of_a_deterministic_agent_within_the_margin_is_tolerated(self) -> None:
        tolerant = GatePolicy(default=ClassPolicy(margin=0.05, fail_on=FailOn.LOSS))
        found = decide([OK] * 100, [MISSED] + [OK] * 99, tolerant, deterministic=True)
        assert found.verdict is Verdict.PASS
        assert "Broken within the margin: c0" in found.classes[0].reasons[0]

    def test_a_rise_of_silent_failures_alone_fails_the_class(self) -> None:
        before = [MISSED] * 40 + [OK] * 40
        now = [WRONG] * 40 + [OK] * 40
        found = decide(before, now)
        assert found.verdict is Verdict.FAIL
        assert any("Silent failures rose" in reason for reason in found.classes[0].reasons)

    def test_a_diffuse_loss_fails_the_suite(self) -> None:
        found = decide([OK] * 100, [MISSED] * 30 + [OK] * 70)
        assert found.reasons[0].startswith("refund: Success fell by 30.0 points")
        assert found.reasons[1].startswith("Over the suite as a whole success fell by 30.0 points")

    def test_a_weakened_judge_stands_before_what_is_worse(self) -> None:
        comparison = a_comparison([OK] * 60, [MISSED] * 60)
        found = decide_verdict(comparison, GatePolicy(), loosened=("The margin was raised.",))
        assert found.reasons[0] == found.weakened[0] == "The margin was raised."
        assert found.reasons[1].startswith("refund: Success fell")

    def test_a_class_that_is_worse_but_not_after_sharing_alpha_says_so(self) -> None:
        policy = GatePolicy(default=ClassPolicy(margin=0.15))
        found = decide([OK] * 30, [MISSED] * 6 + [OK] * 24, policy)
        assert found.classes[0].verdict is Verdict.INCONCLUSIVE
        assert "By itself the class is worse (p = 0.016)" in found.classes[0].reasons[0]

    def test_losses_that_were_seen_count_in_what_would_decide(self) -> None:
        found = decide([OK] * 40, [MISSED] + [OK] * 39, NARROW)
        assert "more cases that pass on both releases" in found.classes[0].reasons[0]
        needed = int(found.classes[0].reasons[0].rpartition("). ")[2].partition(" ")[0])
        enough = decide([OK] * (40 + needed), [MISSED] + [OK] * (39 + needed), NARROW)
        less = decide([OK] * (39 + needed), [MISSED] + [OK] * (38 + needed), NARROW)
        assert enough.classes[0].success.interval is not None
        assert less.classes[0].success.interval is not None
        assert enough.classes[0].success.interval[0] >= -0.05 > less.classes[0].success.interval[0]

    def test_suspects_are_counted_by_what_happened_to_them(self) -> None:
        found = decide([OK, MISSED] * 10, [WRONG, WRONG] + [OK, MISSED] * 9)
        said = " ".join(found.classes[0].reasons)
        assert "1 case succeeded before and failed now, silently: c0." in said
        assert "1 case with a new silent failure where another failure was before: c1." in said

    def test_a_suite_in_which_nothing_is_to_be_done_passes_with_a_reason(self) -> None:
        idle = [a_score(f"c{i}", None) for i in range(6)]
        case_set = replace(
            cases(6), cases=tuple(replace(c, classes=frozenset()) for c in cases(6).cases)
        )
        comparison = compare_runs(
            baseline=a_run(idle), candidate=a_run(idle), case_set=case_set, class_names=["refund"]
        )
        found = decide_verdict(comparison, GatePolicy())
        assert found.verdict is Verdict.PASS
        assert found.reasons[0].startswith("No case asks for an action and no agent took one")

    def test_a_change_of_the_judge_fails_whatever_else_is_shown(self) -> None:
        comparison = a_comparison([OK] * 80, [OK] * 80)
        loosened = ("The change raises gate.default.margin from 0.05 to 0.5.",)
        found = decide_verdict(comparison, GatePolicy(), loosened=loosened)
        assert (found.verdict, found.reasons[0]) == (Verdict.FAIL, loosened[0])
        assert decide_verdict(comparison, GatePolicy()).verdict is Verdict.PASS
