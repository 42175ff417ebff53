"""Which suite comes first, and whose each decision is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialgate_evals.actions.action_classes import BlastRadius, Effect
from dialgate_gate.conditions.condition import ConditionKind, plain_condition
from dialgate_gate.ladder.fleet.class_row import ClassRow, LiveRate, TaskCost
from dialgate_gate.ladder.fleet.needs import MEANINGS, NeedKind, needs_of
from dialgate_gate.ladder.fleet.risk import class_risk, order_words, suite_risk
from dialgate_gate.ladder.fleet.suite_row import EventsState, FleetEvents, LastGate, SuiteRow
from dialgate_gate.ladder.in_force import ModeInForce
from dialgate_gate.ladder.recommendation import Recommendation
from dialgate_gate.settings.people.roles import RoleHolder
from dialgate_runtime.mode import Mode
from tests.gate.dial_builders import a_class

GATE = LastGate(
    verdict="fail", at="", version="2", is_current=True, place="v.json", let_through=False
)


def a_row(*classes: ClassRow, **more: Any) -> SuiteRow:
    return SuiteRow(folder="suites/shop", name="shop", classes=classes, **more)


def a_class_row(
    *, dial: Mode = Mode.ON_THE_LOOP, effective: Mode | None = None, left: Mode | None = None,
    move: str = "hold", high: float | None = None, owner: str = "Mara", **declared: Any
) -> ClassRow:  # fmt: skip
    item, now = a_class(**declared), effective or dial
    in_force = ModeInForce(
        action_class=item.name, mode=dial, effective=left or dial, requirements=()
    )
    return ClassRow(
        action_class=item,
        dial=dial,
        effective=now,
        why=("No lease: it is over.",) if now is not dial else (),
        leased_until=None,
        move=Recommendation(
            action_class=item.name, mode=dial, recommended=Mode.OUT_OF_THE_LOOP, move=move,
            evidence={}, in_force=in_force,
        ),
        rate=LiveRate(reviews=0, interventions=0, high=high, trend_per_day=None),
        cost=TaskCost(tasks=0, middle=None, tail=None),
        alarms=(),
        accountable=RoleHolder(role="product_owner", text=owner, person=None),
        acts_first=now.is_autonomous,
    )  # fmt: skip


def kinds(row: SuiteRow) -> list[NeedKind]:
    return [need.kind for need in needs_of(row, "suites/shop")]


def test_the_order_names_every_kind_once() -> None:
    assert list(MEANINGS) == list(NeedKind)
    assert [text.partition(":")[0] for text in order_words()][: len(NeedKind)] == [
        kind.value for kind in NeedKind
    ]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (a_row(a_class_row()), []),
        (a_row(problems=("x: found y; expected z.",)), [NeedKind.UNREADABLE]),
        (a_row(a_class_row(left=Mode.IN_THE_LOOP)), [NeedKind.LAPSED]),
        (a_row(a_class_row(move="demote")), [NeedKind.LAPSED]),
        (a_row(a_class_row(effective=Mode.IN_THE_LOOP)), [NeedKind.NO_LEASE]),
        # What lapsed and is held back already wants no decision of its own.
        (a_row(a_class_row(effective=Mode.IN_THE_LOOP, left=Mode.IN_THE_LOOP)), []),
        (a_row(a_class_row(move="promote")), [NeedKind.PROMOTE]),
        (a_row(a_class_row(owner="TODO")), [NeedKind.NO_OWNER]),
        (a_row(gate=GATE), [NeedKind.GATE]),
        (a_row(gate=replace(GATE, is_current=False)), []),
        (a_row(gate=replace(GATE, let_through=True)), []),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_needs_a_decision(row: SuiteRow, expected: list[NeedKind]) -> None:
    assert kinds(row) == expected


@pytest.mark.parametrize("is_met", [True, False])
def test_a_mode_of_another_release_that_this_one_shows_wants_to_be_confirmed(is_met: bool) -> None:
    item = a_class_row()
    against = [] if is_met else ["The run lacks trials."]
    asked = plain_condition(ConditionKind.EVAL_RUN, against, "The eval run can be trusted.")
    row = a_row(replace(item, move=replace(item.move, confirm=(asked,))))
    assert kinds(row) == ([NeedKind.PROMOTE] if is_met else [])
    if is_met:
        (need,) = needs_of(row, "suites/shop")
        assert "mail on the loop can be confirmed" in need.sentence


@pytest.mark.parametrize("state", list(EventsState))
@pytest.mark.parametrize("counted", [0, 5])
def test_only_who_was_looked_for_in_vain_goes_unwatched(state: EventsState, counted: int) -> None:
    row = a_row(a_class_row(), events=FleetEvents(state=state, counted=counted))
    in_vain = state is EventsState.NONE_THERE or (state is EventsState.READ and not counted)
    assert (NeedKind.UNWATCHED in kinds(row)) == in_vain
    people_look = replace(row, classes=(a_class_row(dial=Mode.IN_THE_LOOP),))
    assert NeedKind.UNWATCHED not in kinds(people_look)


def test_a_command_names_a_class_as_the_shell_reads_it() -> None:
    (need,) = needs_of(a_row(a_class_row(name="a; rm -rf b", left=Mode.IN_THE_LOOP)), "x")
    assert need.command == "dialgate dial set x 'a; rm -rf b' in_the_loop --by 'YOUR NAME'"


CLASSES = st.builds(
    a_class_row,
    dial=st.sampled_from(Mode),
    left=st.sampled_from(Mode),
    move=st.sampled_from(["hold", "promote"]),
    high=st.none() | st.floats(0, 1),
    blast_radius=st.sampled_from(BlastRadius),
    reversible=st.booleans(),
    effect=st.sampled_from(Effect),
)


@given(CLASSES)
def test_a_further_problem_never_moves_a_suite_back(item: ClassRow) -> None:
    row = a_row(item)
    worse = replace(row, problems=("x",))
    assert suite_risk(worse, needs_of(worse, "x")) <= suite_risk(row, needs_of(row, "x"))
    no_class = replace(worse, classes=())
    assert suite_risk(no_class, needs_of(no_class, "x")) <= suite_risk(worse, needs_of(worse, "x"))


@given(CLASSES)
def test_what_reaches_further_or_is_less_known_comes_first(item: ClassRow) -> None:
    further = replace(item.action_class, blast_radius=BlastRadius.HIGH, reversible=False)
    graver = replace(item, action_class=further, rate=replace(item.rate, high=None))
    assert class_risk(graver, ()) <= class_risk(item, ())
