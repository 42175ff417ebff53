"""A judge decides only where labels show that it may."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from dialgate_evals.actions.rubrics.labels.label import Chosen, Word, lasting
from dialgate_evals.actions.rubrics.votes import Answer
from dialgate_gate.licensing.agreeing import agree_judges, agree_people, by_release, find_wavering
from dialgate_gate.licensing.drawing import Text, draw_texts
from dialgate_gate.licensing.judge_licence import license_judge
from dialgate_gate.licensing.measured import Measurements, measure
from dialgate_gate.licensing.standing import stand
from dialgate_gate.settings.judge_policy import JudgePolicy
from tests.gate.licensing.labelled import ANSWERS, JUDGE, label, measured, question, rated, vote

PLACE = ("answers", "refund")
POLICY = JudgePolicy()


def is_licensed(measurements: Measurements) -> bool:
    return license_judge(measurements, POLICY, [PLACE]).licensed(*PLACE)


class TestWhoMayDecide:
    """Below the policy's bounds votes are shown and never gate."""

    def test_sixty_labels_without_a_mistake_are_enough(self) -> None:
        assert is_licensed(rated(30, 30))

    def test_without_a_label_nothing_is_known(self) -> None:
        assert not is_licensed(measured([], []))

    def test_a_judge_that_says_yes_to_everything_may_not(self) -> None:
        assert not is_licensed(rated(100, 100, overlooked=100))

    def test_a_judge_that_says_no_to_everything_may_not(self) -> None:
        assert not is_licensed(rated(100, 100, missed=100))

    def test_right_replies_alone_say_nothing_of_wrong_ones(self) -> None:
        assert not is_licensed(rated(500, 0))

    def test_another_class_or_criterion_has_a_licence_of_its_own(self) -> None:
        licence = license_judge(rated(30, 30), POLICY, [PLACE, ("answers", "cancel")])
        assert not licence.licensed("answers", "cancel")
        assert not licence.licensed("kind", "refund")

    def test_a_place_that_the_suite_has_not_has_no_licence(self) -> None:
        assert license_judge(rated(30, 30), POLICY, []).is_empty

    def test_a_changed_judge_has_lost_it(self) -> None:
        good = rated(30, 30)
        labels = [item.settled.label for item in good.listed]
        votes = [item.cast for item in good.listed if item.cast is not None]
        assert is_licensed(measured(labels, votes))
        assert not is_licensed(measured(labels, votes, judge="sha256:" + "2" * 64))

    def test_labels_of_another_wording_are_counted_apart(self) -> None:
        labels = [label("a", Word.YES)]
        found = measure(labels, [], judge=JUDGE, classes_of={"a": ("refund",)}, current=set())
        assert (found.reworded, found.listed) == (1, ())

    def test_labels_of_no_case_are_counted_apart(self) -> None:
        assert measured([], []).homeless == 0
        found = measure(
            [label("a", Word.YES)], [], judge=JUDGE, classes_of={},
            current={lasting(ANSWERS)},
        )  # fmt: skip
        assert found.homeless == 1

    def test_an_answer_that_failed_measures_nothing(self) -> None:
        found = measured([label("a", Word.YES)], [vote("a", Answer.FAILED)])
        assert len(found.unasked) == 1
        assert not found.listed[0].is_counted

    def test_unsure_is_no_yes(self) -> None:
        right, wrong = (
            measured([label("a", word)], [vote("a", Answer.UNSURE)]).listed[0].is_mistake
            for word in (Word.YES, Word.NO)
        )
        assert (right, wrong) == (True, False)

    def test_texts_chosen_for_their_votes_measure_nothing(self) -> None:
        good = rated(30, 0)
        labels = [item.settled.label for item in good.listed]
        more = [label(f"x{n}", Word.NO, chosen=Chosen.DISAGREEMENT) for n in range(60)]
        votes = [item.cast for item in good.listed if item.cast is not None]
        votes += [vote(f"x{n}", Answer.NO) for n in range(60)]
        assert not is_licensed(measured([*labels, *more], votes))

    def test_sixty_texts_of_one_case_are_one_observation(self) -> None:
        labels = [
            label(f"t{n}", Word.YES if n % 2 else Word.NO, case="one", minute=n) for n in range(60)
        ]
        votes = [vote(f"t{n}", Answer.YES if n % 2 else Answer.NO) for n in range(60)]
        found = stand(measured(labels, votes), POLICY, [PLACE])[0]
        assert found.sensitivity.bound.labels.cases == 1
        assert not found.is_licensed


class TestErrors:
    """What the gate corrects by."""

    def test_they_are_those_of_the_labels(self) -> None:
        licence = license_judge(rated(200, 200, missed=10, overlooked=20), POLICY, [PLACE])
        errors = licence.errors_of([("answers",)])["answers",]
        assert errors.sensitivity.estimate == pytest.approx(0.95)
        assert errors.specificity.estimate == pytest.approx(0.9)
        assert errors.sensitivity.low < 0.95 < errors.sensitivity.high

    def test_several_criteria_together_are_known_worse_than_each(self) -> None:
        licence = license_judge(rated(200, 200), POLICY, [PLACE])
        found = licence.errors_of([("answers",), ("answers", "answers")])
        assert found["answers", "answers"].youden[0] < found["answers",].youden[0]

    def test_the_shift_of_the_policy_is_taken(self) -> None:
        policy = JudgePolicy(max_shift=0.02)
        licence = license_judge(rated(200, 200), policy, [PLACE])
        assert licence.errors_of([("answers",)])["answers",].shift == 0.02


class TestWhatIsAskedNext:
    """The next texts are drawn by what is missing, never by votes."""

    def texts(self, *pairs: tuple[str, str]) -> list[Text]:
        return [Text(case=c, classes=("refund",), question=question(t)) for c, t in pairs]

    def test_a_first_text_of_a_case_comes_before_a_second(self) -> None:
        texts = self.texts(("a", "1"), ("a", "2"), ("b", "3"))
        assert len({text.case for text in draw_texts(texts, [], {})[:2]}) == 2

    def test_a_case_with_a_label_comes_later(self) -> None:
        texts = self.texts(("a", "1"), ("b", "2"))
        assert draw_texts(texts, [], {("answers", "a"): 1})[0].case == "b"

    def test_the_class_that_lacks_most_comes_first(self) -> None:
        near, far = ("refund",), ("cancel",)
        texts = [
            Text(case=f"{name}{n}", classes=classes, question=question(f"{name}{n}"))
            for n in range(5)
            for name, classes in (("near", near), ("far", far))
        ]
        labels = [item.settled.label for item in rated(20, 20).listed]
        votes = [item.cast for item in rated(20, 20).listed if item.cast is not None]
        standings = stand(
            measured(labels, votes), POLICY, [("answers", "refund"), ("answers", "cancel")]
        )
        assert {text.classes for text in draw_texts(texts, standings, {})[:5]} == {far}

    def test_the_order_is_drawn_and_the_same_each_time(self) -> None:
        texts = self.texts(*((f"c{n}", f"t{n}") for n in range(30)))
        first = draw_texts(texts, [], {})
        assert first == draw_texts(reversed(texts), [], {})
        assert first != draw_texts(texts, [], {}, seed="other")

    def test_equal_texts_are_asked_about_once(self) -> None:
        assert len(draw_texts(self.texts(("a", "1"), ("a", "1")), [], {})) == 1


class TestAgreement:
    """Between people, between judges, and of a judge with itself."""

    def test_two_people_are_compared_on_what_both_said(self) -> None:
        labels = [label(f"t{n}", Word.YES) for n in range(3)]
        labels += [label(f"t{n}", Word.NO if n else Word.YES, person="Bo") for n in range(2)]
        found = agree_people(measured(labels, []).listed)[0]
        assert (found.items, found.both_right, found.only_first) == (2, 1, 1)

    def test_two_judges_are_compared(self) -> None:
        found = agree_judges(rated(10, 10).listed)[0]
        assert (found.first, found.second, found.kappa) == ("one", "two", 1.0)

    def test_a_judge_that_errs_more_lately_has_drifted(self) -> None:
        labels = [label(f"t{n}", Word.YES, minute=n) for n in range(200)]
        votes = [vote(f"t{n}", Answer.YES if n < 100 else Answer.NO) for n in range(200)]
        found = find_wavering(measured(labels, votes).listed)
        assert found.rise[0] > 0.5
        assert found.is_shown

    def test_a_release_that_learnt_to_please_the_judge_is_named(self) -> None:
        labels, votes = [], []
        for n in range(120):
            made = label(f"t{n}", Word.NO, minute=n)
            labels.append(replace(made, release="2" if n % 2 else "1"))
            votes.append(vote(f"t{n}", Answer.YES if n % 2 else Answer.NO))
        first, second = by_release(measured(labels, votes).listed)
        assert (second.release, second.mistakes, second.texts) == ("2", 60, 60)
        assert second.is_shown
        assert second.rise[0] > 0.5
        assert first.rise[1] < -0.5

    def test_labels_of_one_release_have_nothing_to_be_compared_with(self) -> None:
        assert by_release(rated(20, 20).listed) == ()

    def test_a_steady_judge_has_not(self) -> None:
        assert not find_wavering(rated(50, 50, missed=2, overlooked=2).listed).is_shown

    def test_an_answer_that_changed_is_drift(self) -> None:
        votes = [vote("a", Answer.YES), vote("a", Answer.NO, day=2)]
        found = find_wavering(measured([label("a", Word.YES)], votes).listed)
        assert (found.asked_again, found.changed) == (1, 1)
