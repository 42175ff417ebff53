"""A plan says what loss in replies votes can tell, and what more labels would buy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from dialgate_gate.planning.judged_loss import JudgedSuite, Telling, tell_losses, with_labels
from dialgate_gate.statistics.judged.judge_errors import Labelled, estimate_errors
from dialgate_reports.texts.plan_text import render_plan
from tests.gate.verdict.blocks.test_votes import known

if TYPE_CHECKING:
    from dialgate_gate.statistics.judged.judge_errors import JudgeErrors

ANSWERS = ("answers",)
FEW = estimate_errors(right=Labelled(40, 1), wrong=Labelled(40, 1), error=0.01)


def a_suite(errors: JudgeErrors, *, cases: int = 200, judged: int = 200) -> JudgedSuite:
    return JudgedSuite(
        deciding={place: ANSWERS if place < judged else () for place in range(cases)},
        rates=np.full(cases, 0.98),
        trials=(1, 1),
        by_criterion={"answers": errors},
        pass_error=0.04,
        loss_error=0.0075,
        tolerated=0.0,
    )


def told(suite: JudgedSuite) -> tuple[Telling, ...]:
    return tell_losses(suite, simulations=40, seed=0)


def test_more_labels_tell_smaller_losses_and_overlook_less() -> None:
    lines = told(a_suite(FEW))
    assert [item.labels for item in lines] == [0, 100, 400, None]
    overlooked = [item.overlooked for item in lines]
    assert overlooked == sorted(overlooked, reverse=True)
    first, last = lines[0].excluded, lines[-1].excluded
    assert first is not None
    assert last is not None
    assert 0 < last < first < 0.5


def test_a_worse_judge_tells_less_and_a_blind_one_nothing() -> None:
    good, poor, blind = (told(a_suite(known(s, s)))[0] for s in (0.99, 0.8, 0.4))
    assert good.excluded is not None
    assert poor.excluded is not None
    assert good.excluded < poor.excluded
    assert good.caught is not None
    assert poor.caught is not None
    assert good.caught <= poor.caught
    assert (blind.excluded, blind.caught) == (None, None)


def test_what_it_says_is_excluded_is_what_the_gate_excludes() -> None:
    """Half the cases bound a loss half as well."""
    many, few = (told(a_suite(known(0.99, 0.99), cases=n, judged=n))[0] for n in (300, 60))
    assert many.excluded is not None
    assert few.excluded is not None
    assert few.excluded > 2 * many.excluded


def test_labels_are_added_at_the_shares_so_far() -> None:
    grown = with_labels(FEW, 100)
    assert grown.sensitivity.labels == Labelled(90, 2.25)
    assert grown.sensitivity.low > FEW.sensitivity.low


def test_the_same_seed_says_the_same() -> None:
    assert told(a_suite(FEW)) == told(a_suite(FEW))


def a_document(replies: dict[str, Any] | None) -> dict[str, Any]:
    share = {"share": 0.5, "interval": [0.4, 0.6]}
    return {
        "suite": "s", "cases": 4, "trials": 1, "simulations": 20, "seed": 0, "classes": [],
        "unchanged": {"blocked": share, "passed": share}, "max_agent_calls": 9,
        "agent_calls": dict.fromkeys(
            ("unchanged_mean", "unchanged_p95", "changed_mean", "worst"), 1
        ),
        "procedure": "recorded", "rates": {"source": "x"}, "replies": replies,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("replies", "says"),
    [
        ({"criteria": [], "cases": 0, "told": []}, "Votes on replies decide nothing so far"),
        (
            {
                "criteria": ["polite"], "cases": 3, "margin": 0.1,
                "told": [
                    {"labels": 0, "overlooked": 0.2, "excluded": 0.123, "caught": None},
                    {"labels": None, "overlooked": 0.1, "excluded": 0.08, "caught": 0.2},
                ],
            },
            "judge known exactly",
        ),
    ],
    ids=["unlicensed", "licensed"],
)  # fmt: skip
def test_the_plan_prints_it(replies: dict[str, Any], says: str) -> None:
    text = render_plan(a_document(replies))
    assert says in text
    if replies["told"]:
        assert "12.3 points" in text
        assert "overlook up to 20 % of a loss there" in " ".join(text.split())
    assert "eplies" not in render_plan(a_document(None))
