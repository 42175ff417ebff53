"""Whatever decides is compared: a setting that is added to a type fails here until it is."""

from __future__ import annotations

import datetime as dt
from dataclasses import fields, replace
from typing import Any

import msgspec.structs
import pytest

from dialgate_evals.actions.action_classes import ActionRegistry, BlastRadius, Effect, parse_classes
from dialgate_evals.actions.argument_rules import parse_rules
from dialgate_evals.actions.redaction import Redaction
from dialgate_evals.actions.rubrics.judge_settings import JudgeEndpoint, JudgeSettings
from dialgate_evals.conversing.users import UserSettings
from dialgate_evals.events.review_events import Mode
from dialgate_evals.suite.case import Case, parse_case
from dialgate_evals.suite.release import COMPONENTS as RELEASE_COMPONENTS
from dialgate_evals.suite.release import Model, Release
from dialgate_evals.suite.suite import (
    AgentKind,
    AgentSettings,
    CacheLimits,
    Prices,
    Quarantine,
    Suite,
)
from dialgate_gate.changes.affected_cases import affected_cases
from dialgate_gate.changes.component_change import COMPONENTS
from dialgate_gate.changes.suite_changes import (
    ComparedSide,
    affected_classes,
    compare_sides,
    judge_changes_between,
)
from dialgate_gate.settings.dial import DialEntry, DialSettings
from dialgate_gate.settings.ladder_policy import LivePolicy
from dialgate_gate.settings.policy import Policy, parse_policy
from dialgate_gate.settings.runbook import Runbook
from dialgate_gate.settings.settings import GateSettings
from dialgate_gate.verdict.documents.unchanged import is_unchanged, only_adds_cases
from tests.evals.builders import ACTIONS, call, tools

POLICY: dict[str, Any] = {
    "gate": {"default": {"margin": 0.05}, "class": {"mail": {"margin": 0.1}}},
    "ladder": {"in_the_loop": {"eval_success": 0.5}},
    "demote": {"intervention_rate": 0.05},
}


def case(case_id: str, name: str, n: int = 1) -> Case:
    return parse_case(
        {
            "schema": 1,
            "id": case_id,
            "origin": "golden",
            "messages": [{"role": "user", "content": f"Do {case_id}."}],
            "expect": {"actions": [call(name, n)]},
        }
    )


CASES = (case("pay-1", "pay"), case("pay-2", "pay", 200), case("mail-1", "mail"))
RELEASE = Release(
    name="agent",
    version="1",
    prompts={"p.md": "Be kind."},
    tools=tools(),
    model=Model(provider="x", name="m-2026-01-01"),
    components=dict.fromkeys(RELEASE_COMPONENTS, "sha256:1"),
)
SUITE = Suite(
    name="s", cases=("c.jsonl",), agent=AgentSettings(kind=AgentKind.PYTHON, target="a:b")
)
SIDE = ComparedSide(
    release=RELEASE,
    suite=SUITE,
    cases=CASES,
    actions=ActionRegistry(classes=parse_classes(ACTIONS)),
    settings=GateSettings(policy=parse_policy(POLICY), dial=DialSettings(), runbook=Runbook()),
)


def changes(candidate: ComparedSide, baseline: ComparedSide = SIDE) -> list[tuple[str, str, bool]]:
    found = compare_sides(baseline=baseline, candidate=candidate)
    return [(change.component, change.path, change.triggers) for change in found]


def with_settings(**more: Any) -> ComparedSide:
    return replace(SIDE, settings=replace(SIDE.settings, **more))


def with_gate(**more: Any) -> ComparedSide:
    policy = SIDE.settings.policy
    return with_settings(policy=replace(policy, gate=replace(policy.gate, **more)))


QUARANTINE = Quarantine(case="pay-1", owner="me", reason="later", until=dt.date(2027, 1, 1))
OTHER_SUITES: dict[str, Any] = {
    "name": "t", "trials": 2, "concurrency": 1, "timeout_s": 1.0, "max_turns": 1, "retries": 0,
    "max_infra_error_rate": 0.5, "deterministic": True,
    "agent": AgentSettings(kind=AgentKind.PYTHON, target="a:c"), "simulator": "sim.py:World",
    "prices": Prices(input=1, output=1), "redact": Redaction(patterns=("x",)),
    "holdout_share": 0.5, "record_missing": ("get_order",),
    "secrets": ("KEY",), "cache": CacheLimits(max_mb=1), "quarantine": (QUARANTINE,),
    "user": UserSettings(max_turns=1),
}  # fmt: skip
OTHER_CLASSES: dict[str, Any] = {
    "tools": ("mail", "ask"), "when": {"required": ["n"]}, "effect": Effect.READ,
    "blast_radius": BlastRadius.HIGH, "reversible": False, "proposed": "deletes",
}  # fmt: skip


def names_of(kind: type, *but: str) -> set[str]:
    return {field.name for field in fields(kind)} - set(but)


JUDGE = JudgeEndpoint(name="a", base_url="http://x/v1", model="m-1", timeout_s=60.0)
OTHER_JUDGES: dict[str, Any] = {
    "base_url": "http://y/v1",
    "model": "m-2",
    "prompt": "Say yes.",
    "api_key_env": "KEY",
    "parameters": {"temperature": 1},
    "timeout_s": 1.0,
    "prices": {"input": 1.0, "output": 1.0},
}


class TestEverySettingIsCompared:
    """Each field of each type, altered alone, is named; the tables here name every field."""

    def test_the_tables_name_every_field(self) -> None:
        assert set(OTHER_SUITES) == names_of(Suite, "cases")
        assert {*OTHER_CLASSES, "name"} == names_of(type(SIDE.actions.classes[0]))

    @pytest.mark.parametrize("key", OTHER_SUITES)
    def test_of_the_suite(self, key: str) -> None:
        suite = replace(SUITE, **{key: OTHER_SUITES[key]})
        found = changes(replace(SIDE, suite=suite))
        assert {component for component, _, _ in found} == {"suite"}
        assert all(triggers is (key not in {"cache", "holdout_share"}) for _, _, triggers in found)

    def test_what_deriving_keeps_changes_no_trial(self) -> None:
        found = changes(replace(SIDE, suite=replace(SUITE, redact=Redaction(keep=("/id",)))))
        assert [triggers for _, _, triggers in found] == [False]

    def test_of_the_policy(self) -> None:
        # Each threshold by itself is altered in tests/gate/settings/test_thresholds.py.
        assert changes(with_gate(alpha=0.1)) == [("policy", "gate.alpha", True)]

    @pytest.mark.parametrize("key", OTHER_CLASSES)
    def test_of_an_action_class(self, key: str) -> None:
        classes = [
            replace(item, **{key: OTHER_CLASSES[key]}) if item.name == "mail" else item
            for item in SIDE.actions.classes
        ]
        found = changes(replace(SIDE, actions=ActionRegistry(classes=tuple(classes))))
        assert ("classes", f"mail.{'when.required' if key == 'when' else key}", True) in found

    def test_of_how_arguments_are_compared(self) -> None:
        rules = {"mail": parse_rules({"/n": "ignore"})}
        found = changes(replace(SIDE, actions=replace(SIDE.actions, rules=rules)))
        assert found == [("classes", "arguments.mail./n", True)]

    def test_of_the_order_of_classes_that_share_a_tool(self) -> None:
        read, large, small, *rest = SIDE.actions.classes
        swapped = ActionRegistry(classes=(read, small, large, *rest))
        assert changes(replace(SIDE, actions=swapped)) == [("classes", "pay", True)]
        elsewhere = ActionRegistry(classes=(*rest, large, small, read))
        assert changes(replace(SIDE, actions=elsewhere)) == []

    @pytest.mark.parametrize("key", OTHER_JUDGES)
    def test_of_a_judge(self, key: str) -> None:
        assert {*OTHER_JUDGES, "name"} == set(JudgeEndpoint.__struct_fields__)
        before = replace(SIDE, judges=JudgeSettings(judges=(JUDGE,)))
        other = msgspec.structs.replace(JUDGE, **{key: OTHER_JUDGES[key]})
        now = replace(SIDE, judges=JudgeSettings(judges=(other,)))
        found = judge_changes_between(baseline=before, candidate=now)
        assert [change.path for change in found] == [f"judge.toml judge.a.{key}"]
        assert [c.path for c in compare_sides(baseline=before, candidate=now)] == [f"judge.a.{key}"]

    def test_of_the_order_of_judges_and_of_how_many_are_asked_at_once(self) -> None:
        other = msgspec.structs.replace(JUDGE, name="b")
        both = replace(SIDE, judges=JudgeSettings(judges=(JUDGE, other)))
        swapped = replace(SIDE, judges=JudgeSettings(judges=(other, JUDGE)))
        assert judge_changes_between(baseline=both, candidate=swapped)
        faster = replace(SIDE, judges=JudgeSettings(judges=(JUDGE, other), concurrency=1))
        assert judge_changes_between(baseline=both, candidate=faster) == ()

    def test_every_part_of_a_side_has_its_component(self) -> None:
        entry = DialEntry(mode=Mode.SHADOW, since=dt.datetime(2026, 1, 1, tzinfo=dt.UTC), by="me")
        live = LivePolicy(carry_over=frozenset({"prompts"}))
        policy = replace(SIDE.settings.policy, live=live)
        model = Model(provider="x", name="m-2026-02-02")
        altered: dict[str, ComparedSide] = {
            "release": replace(SIDE, release=replace(RELEASE, model=model)),
            "suite": replace(SIDE, suite=replace(SUITE, trials=3)),
            "cases": replace(SIDE, cases=CASES[1:]),
            "actions": replace(SIDE, actions=ActionRegistry(classes=SIDE.actions.classes[1:])),
            "settings": with_settings(
                policy=policy,
                dial=DialSettings(entries={"mail": entry}),
                runbook=Runbook(rollback="v1"),
            ),
            "simulator_digest": replace(SIDE, simulator_digest="sha256:2"),
            "transcripts_digest": replace(SIDE, transcripts_digest="sha256:2"),
            "judges": replace(SIDE, judges=JudgeSettings(max_calls=3)),
            "named_baseline": replace(SIDE, named_baseline="v1"),
        }
        assert set(altered) == names_of(ComparedSide)
        found = {component for side in altered.values() for component, _, _ in changes(side)}
        assert found == set(COMPONENTS) - {"prompts", "tools", "code"}


class TestSides:
    """Equal sides differ in nothing; swapped sides differ in the same places."""

    def test_a_side_equals_itself(self) -> None:
        assert changes(SIDE) == []

    @pytest.mark.parametrize(
        "other",
        [
            replace(SIDE, cases=CASES[:2]),
            replace(SIDE, suite=replace(SUITE, trials=5)),
            with_gate(alpha=0.01),
            replace(SIDE, actions=ActionRegistry(classes=SIDE.actions.classes[:3])),
        ],
        ids=["cases", "suite", "policy", "classes"],
    )
    def test_swapped_sides_differ_in_the_same_places(self, other: ComparedSide) -> None:
        assert changes(SIDE, other) == changes(other, SIDE) != []

    def test_a_renamed_case_takes_its_quarantine_along(self) -> None:
        renamed = parse_case({**CASES[0].document, "id": "new-name"})
        quarantine = replace(QUARANTINE, case="new-name")
        before = replace(SIDE, suite=replace(SUITE, quarantine=(QUARANTINE,)))
        now = replace(
            SIDE,
            cases=(renamed, *CASES[1:]),
            suite=replace(SUITE, quarantine=(quarantine,)),
        )
        assert changes(now, before) == [("cases", "new-name", False)]


def test_a_class_lists_the_changes_that_may_affect_it() -> None:
    edited = parse_case({**CASES[2].document, "critical": True})
    found = compare_sides(baseline=SIDE, candidate=replace(SIDE, cases=(*CASES[:2], edited)))
    assert affected_classes(found) == {"mail": ("cases mail-1",)}


class TestUnchanged:
    """The short way is for a release that covers its agent, on a suite that can decide."""

    def test_equal_sides_are_unchanged(self) -> None:
        assert is_unchanged(SIDE, compare_sides(baseline=SIDE, candidate=SIDE))

    def test_a_change_that_triggers_is_no_unchanged_release(self) -> None:
        other = replace(SIDE, suite=replace(SUITE, trials=2))
        assert not is_unchanged(other, compare_sides(baseline=SIDE, candidate=other))

    @pytest.mark.parametrize(
        "side",
        [
            replace(SIDE, cases=()),
            replace(SIDE, cases=CASES[:2]),
            replace(
                SIDE,
                suite=replace(SUITE, agent=AgentSettings(kind=AgentKind.TRANSCRIPT, path="x")),
            ),
        ],
        ids=["no case", "no case of a class that the policy names", "recorded"],
    )
    def test_a_suite_that_could_not_pass_is_never_called_unchanged(
        self, side: ComparedSide
    ) -> None:
        assert not is_unchanged(side, ())

    def test_an_agent_outside_the_release_is_never_called_unchanged(self) -> None:
        from dialgate_evals.files.json_text import digest_of

        components = {**RELEASE.components, "code": digest_of({})}
        side = replace(SIDE, release=replace(RELEASE, components=components))
        assert not is_unchanged(side, ())


class TestOnlyAddedCases:
    """Cases that are added are all there is to run of a release that is the same."""

    NEW = parse_case({**CASES[0].document, "id": "pay-3"})

    def adds(self, candidate: ComparedSide) -> bool:
        return only_adds_cases(candidate, compare_sides(baseline=SIDE, candidate=candidate))

    def test_a_new_case_is_added(self) -> None:
        assert self.adds(replace(SIDE, cases=(*CASES, self.NEW)))

    def test_where_nothing_is_added_there_is_nothing_to_run(self) -> None:
        assert not self.adds(SIDE)

    @pytest.mark.parametrize(
        "candidate",
        [
            replace(SIDE, cases=(*CASES[1:], NEW)),
            replace(
                SIDE, cases=(parse_case({**CASES[0].document, "critical": True}), *CASES[1:], NEW)
            ),
            replace(SIDE, cases=(*CASES, NEW), suite=replace(SUITE, trials=2)),
            replace(
                SIDE, cases=(*CASES, NEW), release=replace(RELEASE, prompts={"p.md": "Be rude."})
            ),
        ],
        ids=["another is gone", "another is edited", "the suite too", "the release too"],
    )
    def test_any_other_change_is_judged(self, candidate: ComparedSide) -> None:
        assert not self.adds(candidate)


class TestAffectedCases:
    """What a save runs: everything for a prompt, the tool's cases for a tool, one for a case."""

    def affected(self, candidate: ComparedSide) -> tuple[str, ...]:
        found = compare_sides(baseline=SIDE, candidate=candidate)
        return affected_cases(found, baseline=SIDE, candidate=candidate)

    def test_a_prompt_affects_every_case(self) -> None:
        release = replace(RELEASE, prompts={"p.md": "Be brief."})
        assert self.affected(replace(SIDE, release=release)) == ("pay-1", "pay-2", "mail-1")

    def test_a_tools_schema_affects_the_cases_of_its_classes(self) -> None:
        registry = tools(description="Other words.")
        mixed = replace(tools(), tools={**tools().tools, "mail": registry.tools["mail"]})
        release = replace(RELEASE, tools=mixed)
        assert self.affected(replace(SIDE, release=release)) == ("mail-1",)

    def test_a_tool_that_is_gone_affects_every_case(self) -> None:
        left = {name: tool for name, tool in tools().tools.items() if name != "ask"}
        release = replace(RELEASE, tools=replace(tools(), tools=left))
        assert len(self.affected(replace(SIDE, release=release))) == 3

    def test_a_threshold_affects_none(self) -> None:
        assert self.affected(with_gate(alpha=0.01)) == ()

    def test_a_removed_case_affects_none(self) -> None:
        assert self.affected(replace(SIDE, cases=CASES[1:])) == ()

    def test_a_policy_without_its_document_is_the_same_policy(self) -> None:
        policy = replace(SIDE.settings.policy, document={})
        assert isinstance(policy, Policy)
        assert changes(with_settings(policy=policy)) == []
