"""Decision, missing list and reports agree, whatever policy, evidence and dial there are.

The policies are drawn from the declared thresholds, so that a new one is in them by itself.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dialgate_evals.actions.action_classes import BlastRadius, Effect
from dialgate_evals.events.review_events import Mode
from dialgate_evals.files.json_text import digest_of
from dialgate_gate.conditions.condition import missing_of
from dialgate_gate.ladder.dial_evidence import DialEvidence
from dialgate_gate.ladder.readiness import ReadinessFacts
from dialgate_gate.ladder.recommendation import (
    Recommendation,
    next_mode,
    recommend_moves,
)
from dialgate_gate.live.live_reviews import LiveStanding
from dialgate_gate.settings.dial import DialEntry, DialSettings
from dialgate_gate.settings.ladder_policy import DemotePolicy, LadderStep
from dialgate_gate.settings.policy import Policy
from dialgate_gate.settings.runbook import Runbook
from dialgate_gate.settings.settings import GateSettings
from dialgate_gate.settings.threshold import Flag, Names, Number, Threshold, Words, thresholds_of
from dialgate_reports.graduation.folded_words import name_of
from dialgate_reports.graduation.graduation_markdown import render_graduation_markdown
from dialgate_reports.graduation.graduation_page import render_graduation_page
from dialgate_reports.graduation.recommendation_text import render_recommendation
from tests.example_counts import up_to
from tests.gate.dial_builders import DAY, NOW, a_class
from tests.reports.graduations import OWNERS, a_graduation, comparison
from tests.reports.verdict.test_golden_texts import words_of


def values_of(item: Threshold) -> st.SearchStrategy[Any]:
    """Values in the threshold's range, its absence among them where there is one."""
    match item.values:
        case Number() as number:
            least = number.least if number.least is not None else number.over or 0
            most = number.most if number.most is not None else number.under
            ends = (least + 0.01, 600 if most is None else most - 0.01)
            told: st.SearchStrategy[Any] = (
                st.integers(int(least), 600) if number.whole else st.floats(*ends).map(_rounded)
            )
        case Words() as words:
            told = st.sampled_from([word for word in words.strictest_first if word is not None])
        case Names() as names:
            known = st.sampled_from(names.items["enum"])
            told = st.lists(known, unique=True).map(item.read)
        case Flag():
            told = st.booleans()
    return told if item.default is not None else st.none() | told


def _rounded(value: float) -> float:
    return round(value, 3)


def a_step() -> st.SearchStrategy[LadderStep]:
    fields = {item.key: values_of(item) for item in thresholds_of(LadderStep)}
    return st.builds(LadderStep, **fields)


# Built once: to build strategies while drawing takes longer than the draws.
LADDERS = st.dictionaries(st.sampled_from(list(Mode)[1:]), a_step(), max_size=3)
RADII, EFFECTS = (
    st.sampled_from(list(BlastRadius)),
    st.sampled_from([Effect.WRITE, Effect.ESCALATE]),
)
MODES, DAYS = st.sampled_from(list(Mode)), st.integers(0, 30)
REVIEWS, CASES, FLAGS = st.integers(0, 900), st.integers(0, 60), st.booleans()
GAPS = st.sampled_from([(), ("The run lacks trials.",)])
WARNINGS = st.sampled_from([(), ("Reviews took a second.",)])
RUNBOOKS = st.sampled_from([Runbook(), Runbook(owners=OWNERS, rollback="v1")])
DEMOTIONS = st.none() | st.just(DemotePolicy())


@st.composite
def recommendations(draw: st.DrawFn) -> Recommendation:
    item = a_class(
        blast_radius=draw(RADII),
        effect=draw(EFFECTS),
        reversible=draw(FLAGS),
    )
    ladder = draw(LADDERS)
    since = NOW - draw(DAYS) * DAY
    entry = DialEntry(mode=draw(MODES), since=since, by="Ada")
    reviews = draw(REVIEWS)
    live = LiveStanding(
        reviews=reviews,
        interventions=draw(st.integers(0, min(reviews, 30))),
        first_day=dt.date(2026, 10, 1),
        last_day=dt.date(2026, 10, 20),
    )
    cases = draw(CASES)
    evidence = DialEvidence(
        evals={item.name: comparison(item.name, cases, draw(st.integers(0, cases)))}
        if cases
        else {},
        eval_gaps=draw(GAPS),
        live={item.name: live},
        queue_warnings=draw(WARNINGS),
    )
    runbook = draw(RUNBOOKS)
    known = GateSettings(
        policy=Policy(ladder=ladder, demote=draw(DEMOTIONS)),
        dial=DialSettings(entries=draw(st.sampled_from([{}, {item.name: entry}]))),
        runbook=runbook,
    )
    facts = ReadinessFacts(
        runbook=runbook, today=NOW.date(), ref_exists=lambda _: True, trials=lambda _: ()
    )
    return recommend_moves((item,), known, evidence, facts, NOW)[0]


@given(recommendations())
@up_to(300)
def test_a_move_is_made_exactly_where_all_that_is_asked_is_met(found: Recommendation) -> None:
    following = next_mode(found.mode)
    asked = bool(found.conditions)
    all_met = all(item.met for item in found.conditions)
    if found.move == "demote":
        assert found.missing == ()
        assert found.reasons
        return
    assert (found.move == "promote") is (asked and all_met)
    assert found.missing == missing_of(found.conditions)
    assert asked is (following is not None)
    assert bool(found.missing) is (asked and not all_met)
    written = found.as_json()
    shown = [item["met"] for item in (*written["conditions"], *written["readiness"])]
    assert sorted(shown) == sorted(item.met for item in found.conditions)
    assert tuple(written["missing"]) == found.missing


def plain(text: str) -> str:
    return "".join(character for character in text if character.isalnum())


@given(recommendations())
@up_to(40)
def test_every_report_shows_what_decided(found: Recommendation) -> None:
    written = found.as_json()
    document = a_graduation("mail.send")
    document |= {"graduation": [written], "evidence": digest_of([written])}
    text = plain(render_recommendation(document, verbose=True))
    for sentence in (*found.missing, *found.reasons):
        assert plain(sentence) in text
    page = plain(words_of(render_graduation_page(document)))
    markdown = plain(render_graduation_markdown(document))
    for condition in found.conditions:
        assert plain(condition.sentence) in page
    points = (*written["conditions"], *written["readiness"])
    for point in points:
        if found.move != "hold":
            assert plain(point.get("sentence") or point["detail"]) in markdown
        elif not point["met"]:
            assert plain(name_of(point)) in markdown
