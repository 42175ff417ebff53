"""What a mode rests on is asked again, and losing it does what the policy says."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialgate_evals.actions.action_classes import ActionClass, BlastRadius, Effect
from dialgate_evals.events.review_events import Mode
from dialgate_gate.conditions.condition import ConditionKind
from dialgate_gate.ladder.dial_evidence import DialEvidence, RestsOn
from dialgate_gate.ladder.in_force import (
    ModeInForce,
    fallen_to,
    stand_in_force,
)
from dialgate_gate.ladder.readiness import ReadinessFacts, SignedVerdict
from dialgate_gate.settings.dial import DialEntry, DialSettings, lease_warning, needs_lease
from dialgate_gate.settings.ladder_policy import LadderStep
from dialgate_gate.settings.lease_policy import Lapse, LapsePolicy
from dialgate_gate.settings.policy import Policy
from dialgate_gate.settings.runbook import Compensation, KillSwitch, Runbook
from dialgate_gate.settings.settings import GateSettings
from tests.gate.dial_builders import DAY, NOW, a_class, fall, reviews
from tests.reports.graduations import comparison

STEP = LadderStep(requires=("kill_switch", "rollback", "compensation", "attestation"))
EVAL_STEP = LadderStep(eval_success=0.9)
RUNBOOK = Runbook(
    kill_switch=KillSwitch(run="stop", tested_at=NOW.date()),
    rollback="v1",
    compensation={"mail": Compensation(tool="unsend", case="unsend-1")},
)
SIGNED = SignedVerdict(keyid="k" * 64, verdict="pass", at="2026-11-01T00:00:00Z")
SAME = {"mail": RestsOn(version="2")}
FALL = fall(reviews(200, interventions=range(100, 200)))


class Passed:
    passed = True


def stand(
    item: ActionClass | None = None,
    *,
    mode: Mode = Mode.OUT_OF_THE_LOOP,
    step: LadderStep = STEP,
    runbook: Runbook = RUNBOOK,
    ref: bool = True,
    passes: bool = True,
    signed: SignedVerdict | None = SIGNED,
    policy: dict[str, Any] | None = None,
    **evidence: Any,
) -> ModeInForce:
    item = item or a_class()
    entry = DialEntry(mode=mode, since=NOW - DAY, by="Ada")
    settings = GateSettings(
        policy=Policy(ladder=dict.fromkeys(Mode, step), **(policy or {})),
        dial=DialSettings(entries={item.name: entry}),
        runbook=runbook,
    )
    trial: Any = Passed()
    facts = ReadinessFacts(
        runbook=runbook,
        today=NOW.date(),
        ref_exists=lambda _: ref,
        trials=lambda _: (trial,) if passes else (),
        attestation=signed,
    )
    given: dict[str, Any] = {"evals": {}, "eval_gaps": ("no run",), "rests_on": SAME, **evidence}
    return stand_in_force(item, settings, DialEvidence(**given), facts)


def test_with_everything_there_the_mode_stays() -> None:
    found = stand()
    assert (found.effective, found.lapsed) == (Mode.OUT_OF_THE_LOOP, ())
    assert all(item.condition.met for item in found.requirements)


LOST: dict[str, tuple[ConditionKind, dict[str, Any]]] = {
    "stale_release": (
        ConditionKind.RELEASE,
        {"rests_on": {"mail": RestsOn(version="1", changed=("model",))}},
    ),
    "attestation": (ConditionKind.ATTESTATION, {"signed": None}),
    "drill": (
        ConditionKind.KILL_SWITCH,
        {
            "runbook": replace(
                RUNBOOK, kill_switch=KillSwitch(run="stop", tested_at=NOW.date() - 400 * DAY)
            )
        },
    ),
    "compensation": (ConditionKind.COMPENSATION, {"passes": False}),
    "rollback": (ConditionKind.ROLLBACK, {"ref": False}),
    "alarm": (ConditionKind.ALARM, {"demotions": {"mail": FALL}}),
}
each_loss = pytest.mark.parametrize("key", LOST)
GRAVE = [
    a_class(blast_radius=BlastRadius.HIGH),
    a_class(reversible=False),
]


class TestLapse:
    """Each requirement has its key, and a default that asks how grave a mistake is."""

    @each_loss
    def test_the_loss_is_named(self, key: str) -> None:
        kind, lost = LOST[key]
        assert [item.condition.kind for item in stand(**lost).lapsed] == [kind]

    @each_loss
    @pytest.mark.parametrize("item", GRAVE, ids=["high", "irreversible"])
    def test_where_a_mistake_is_grave_people_decide_at_once(
        self, key: str, item: ActionClass
    ) -> None:
        found = stand(item, mode=Mode.ON_THE_LOOP, **LOST[key][1])
        assert found.effective is Mode.IN_THE_LOOP
        assert {each.lapse for each in found.lapsed} == {Lapse.IN_THE_LOOP}

    @each_loss
    def test_else_the_class_goes_down_one(self, key: str) -> None:
        assert stand(**LOST[key][1]).effective is Mode.ON_THE_LOOP

    @each_loss
    @pytest.mark.parametrize(
        ("lapse", "left"),
        [
            (Lapse.WARN, Mode.OUT_OF_THE_LOOP),
            (Lapse.DOWN_ONE, Mode.ON_THE_LOOP),
            (Lapse.IN_THE_LOOP, Mode.IN_THE_LOOP),
        ],
    )
    def test_the_policy_decides(self, key: str, lapse: Lapse, left: Mode) -> None:
        found = stand(policy={"lapse": LapsePolicy(**{key: lapse})}, **LOST[key][1])
        assert found.effective is left
        assert [item.lapse for item in found.lapsed] == [lapse]

    @each_loss
    def test_another_key_says_nothing_of_it(self, key: str) -> None:
        others = {other: Lapse.WARN for other in LOST if other != key}
        found = stand(policy={"lapse": LapsePolicy(**others)}, **LOST[key][1])
        assert found.effective is Mode.ON_THE_LOOP

    def test_of_several_losses_the_gravest_counts(self) -> None:
        policy = LapsePolicy(rollback=Lapse.WARN, attestation=Lapse.IN_THE_LOOP)
        found = stand(policy={"lapse": policy}, ref=False, signed=None)
        assert found.effective is Mode.IN_THE_LOOP
        assert len(found.lapsed) == 2

    @given(st.sampled_from(Mode), st.sampled_from(Lapse))
    def test_no_lapse_gives_anything(self, mode: Mode, lapse: Lapse) -> None:
        left = fallen_to(mode, lapse)
        assert left.rank <= mode.rank
        assert left.rank >= min(mode.rank, Mode.IN_THE_LOOP.rank)


def test_a_mode_in_force_has_the_grace_that_the_policy_states() -> None:
    """What opened it then opens no mode now; people get time for a drill."""
    young = replace(RUNBOOK, kill_switch=KillSwitch(run="stop", tested_at=NOW.date() - 91 * DAY))
    found = stand(runbook=young)
    assert found.lapsed == ()
    (drill,) = [r for r in found.requirements if r.condition.kind is ConditionKind.KILL_SWITCH]
    assert "The mode in force has until" in drill.condition.sentence


class TestNoKey:
    """What has no key of its own lapses as the class's graveness says."""

    def test_a_mode_that_the_ladder_no_longer_knows(self) -> None:
        found = _without_step()
        assert found.effective is Mode.ON_THE_LOOP
        assert found.lapsed[0].condition.kind is ConditionKind.LADDER

    def test_an_irreversible_class_out_of_the_loop(self) -> None:
        found = stand(a_class(reversible=False))
        assert found.effective is Mode.IN_THE_LOOP

    def test_a_ceiling_is_no_lapse_and_no_warning_passes_it(self) -> None:
        found = stand(policy={"ceiling": {"mail": Mode.SHADOW}})
        assert found.effective is Mode.SHADOW


def _without_step() -> ModeInForce:
    item = a_class()
    entry = DialEntry(mode=Mode.OUT_OF_THE_LOOP, since=NOW - DAY, by="Ada")
    settings = GateSettings(
        policy=Policy(), dial=DialSettings(entries={item.name: entry}), runbook=RUNBOOK
    )
    facts = ReadinessFacts(
        runbook=RUNBOOK, today=NOW.date(), ref_exists=lambda _: True, trials=lambda _: ()
    )
    evidence = DialEvidence(evals={}, eval_gaps=("no run",), rests_on=SAME)
    return stand_in_force(item, settings, evidence, facts)


class TestEvals:
    """A run of this very release that shows too little takes the mode; none at all says nothing."""

    def test_a_run_that_shows_less_than_the_mode_asks_for(self) -> None:
        found = stand(step=EVAL_STEP, eval_gaps=(), evals={"mail": comparison("mail", 60, 30)})
        assert [item.condition.kind for item in found.lapsed] == [ConditionKind.EVAL_SUCCESS]

    def test_a_run_that_shows_enough(self) -> None:
        found = stand(step=EVAL_STEP, eval_gaps=(), evals={"mail": comparison("mail", 60, 60)})
        assert found.lapsed == ()

    def test_without_a_run_the_evidence_of_the_promotion_stands(self) -> None:
        assert stand(step=EVAL_STEP).lapsed == ()


class TestRelease:
    """Evidence is bound to a release."""

    def test_the_sentence_names_what_changed(self) -> None:
        lost = {"mail": RestsOn(version="1", changed=("model", "tools"))}
        (found,) = stand(rests_on=lost).lapsed
        assert found.condition.sentence.startswith(
            "The class was promoted on release 1, whose model and tools differ"
        )

    def test_a_ledger_that_does_not_say_is_no_evidence(self) -> None:
        (found,) = stand(rests_on={}).lapsed
        assert "doesn't say on which release" in found.condition.sentence


class TestAlarm:
    """Silence is no quiet watch."""

    def test_without_events_it_says_that_nobody_looked(self) -> None:
        (alarm,) = [r for r in stand().requirements if r.condition.kind is ConditionKind.ALARM]
        assert alarm.condition.sentence == "No events were given, so no alarm was looked for."

    def test_a_feed_without_an_event_that_counts_is_lost(self) -> None:
        (found,) = stand(watched=0).lapsed
        assert found.condition.kind is ConditionKind.ALARM

    def test_events_without_an_alarm_are_counted(self) -> None:
        found = stand(watched=400)
        assert found.lapsed == ()
        assert any("in 400 events" in r.condition.sentence for r in found.requirements)


def test_a_mode_in_which_people_decide_lapses_in_nothing() -> None:
    found = stand(mode=Mode.IN_THE_LOOP, ref=False, signed=None)
    assert (found.effective, found.lapsed) == (Mode.IN_THE_LOOP, ())
    assert any(not item.condition.met for item in found.requirements)


@given(st.sampled_from(Effect), st.sampled_from(Mode))
def test_a_lease_is_for_writes_that_the_agent_does_first(effect: Effect, mode: Mode) -> None:
    assert needs_lease(a_class(effect=effect), mode) is (
        effect is Effect.WRITE and mode in {Mode.ON_THE_LOOP, Mode.OUT_OF_THE_LOOP}
    )


def test_the_warning_names_the_classes_that_keep_their_modes() -> None:
    since = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
    entry = DialEntry(mode=Mode.ON_THE_LOOP, since=since, by="Ada")
    dial = DialSettings(entries={"mail": entry})
    classes = [a_class(), a_class(name="look", effect=Effect.READ)]
    text = lease_warning(classes, dial, required=False)
    assert text is not None
    assert text.startswith("Leases are not required: mail keeps its mode")
    assert lease_warning(classes, dial, required=True) is None
    assert lease_warning(classes, DialSettings(), required=False) is None
