"""A threshold is declared once; where a place doesn't know it, a test here fails and names it.

`DIALGATE_RENEW=1 python -m pytest tests/gate/settings` writes the schema and the reference page.
"""

from __future__ import annotations

import json
import os
import traceback
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest

from dialgate_evals.actions.action_classes import ActionRegistry, BlastRadius
from dialgate_evals.events.review_events import Mode
from dialgate_evals.files.schema_validation import check_document
from dialgate_evals.suite.release import COMPONENTS
from dialgate_evals.suite.suite import parse_suite
from dialgate_gate.changes.changed_settings import compare_policies
from dialgate_gate.changes.judged.judge_change import Label
from dialgate_gate.changes.loosened import find_loosened
from dialgate_gate.comparing.measures import MEASURES
from dialgate_gate.conditions.condition import READINESS, ConditionKind
from dialgate_gate.conditions.eval_conditions import (
    bound_evals,
    eval_conditions,
    radius_conditions,
)
from dialgate_gate.conditions.mutant_conditions import mutant_conditions
from dialgate_gate.ladder.live_conditions import live_conditions
from dialgate_gate.live.live_reviews import LiveStanding
from dialgate_gate.settings import gate_policy, ladder_policy
from dialgate_gate.settings.gate_policy import ClassPolicy, GatePolicy
from dialgate_gate.settings.ladder_policy import LadderStep
from dialgate_gate.settings.policy import parse_policy
from dialgate_gate.settings.policy_tables import TABLES, Key, policy_schema, threshold_at
from dialgate_gate.settings.threshold import (
    Flag,
    Looser,
    Number,
    Threshold,
    Unit,
    read_table,
    threshold,
    threshold_of,
    thresholds_of,
)
from dialgate_reports.graduation.graduation_words import CONDITIONS, REQUIREMENTS
from tests.gate.settings.policy_page import PAGE, with_rows
from tests.gate.settings.threshold_values import PEM, strict_and_loose
from tests.house.source_facts import facts_of

ROOT = Path(__file__).parents[3]
SCHEMA = ROOT / "evals/dialgate_evals/schemas/policy.schema.json"
NAMED = {"class": "refund", "ladder": "on_the_loop"}
EACH = [
    ((*(part if part != "*" else NAMED[place[-2]] for part in place), item.key), item)
    for place, table in TABLES.items()
    for item in thresholds_of(table)
]
SUITE = parse_suite(
    {"schema": 1, "name": "s", "cases": ["c.jsonl"], "agent": {"kind": "command", "command": ["x"]}}
)


each_threshold = pytest.mark.parametrize(
    ("key", "item"), EACH, ids=[".".join(key) for key, _ in EACH]
)


class TestDeclaring:
    """A field of a table is a threshold with a direction, or says that it is none."""

    def test_a_field_that_forgets_to_declare_itself_is_named(self) -> None:
        @dataclass(frozen=True, kw_only=True)
        class Forgetful:
            max_retries: int = 3

        with pytest.raises(TypeError, match=r"Forgetful\.max_retries is not declared.*`looser`"):
            thresholds_of(Forgetful)

    def test_a_threshold_that_forgets_its_direction_fails_on_its_line(self) -> None:
        source = Path(gate_policy.__file__).read_text("utf-8")
        declared = '    max_retries: int = threshold(3, _CALLS, "Retries that are tolerated.")'
        marked = "    max_identical_calls: int | None"
        assert source.count(marked) == 1
        added = source.replace(marked, f"{declared}\n{marked}")
        with pytest.raises(TypeError, match="looser") as failure:
            exec(compile(added, "gate_policy.py", "exec"), {"__name__": gate_policy.__name__})
        place = traceback.extract_tb(failure.tb)[-1]
        assert added.splitlines()[(place.lineno or 0) - 1] == declared

    def test_values_that_have_no_such_direction_are_refused(self) -> None:
        with pytest.raises(ValueError, match="Flag loosens in withdrawn, not in higher"):
            threshold(default=False, values=Flag(), says="Sealed.", looser=Looser.HIGHER)

    def test_absence_without_a_meaning_is_refused(self) -> None:
        @dataclass(frozen=True, kw_only=True)
        class Silent:
            limit: float | None = threshold(
                None, Number(Unit.RATE), "A limit.", looser=Looser.HIGHER
            )

        with pytest.raises(TypeError, match=r"Silent\.limit does not say what no value means"):
            thresholds_of(Silent)

    @pytest.mark.parametrize("module", [gate_policy, ladder_policy])
    def test_every_table_has_its_place_in_the_file(self, module: Any) -> None:
        tables = [
            item for item in vars(module).values() if isinstance(item, type) and is_dataclass(item)
        ]
        homeless = [
            item.__name__
            for item in tables
            if item.__module__ == module.__name__ and item not in TABLES.values()
        ]
        assert not homeless, f"policy_tables.TABLES has no place for {homeless}"


class TestReadOff:
    """Schema, reference page and parser are the declarations."""

    def test_the_schema_is_what_is_declared(self) -> None:
        text = json.dumps(policy_schema(), indent=2, ensure_ascii=False) + "\n"
        if os.environ.get("DIALGATE_RENEW"):
            SCHEMA.write_text(text, "utf-8")
        assert SCHEMA.read_text("utf-8") == text, "run with DIALGATE_RENEW=1"

    def test_the_reference_page_has_every_threshold(self) -> None:
        if os.environ.get("DIALGATE_RENEW"):
            PAGE.write_text(with_rows(PAGE.read_text("utf-8")), "utf-8")
        text = PAGE.read_text("utf-8")
        assert with_rows(text) == text, f"{PAGE} is old: run with DIALGATE_RENEW=1"

    @each_threshold
    def test_a_value_is_read_where_it_is_declared(self, key: Key, item: Threshold) -> None:
        strict, loose = strict_and_loose(item)
        for value in (strict, loose):
            document = a_policy(key, value)
            assert check_document(document, "policy", "policy.toml", str) == []
            table: Any = read_table(TABLES[place_of(key)], {item.key: value})
            assert getattr(table, item.key) == item.read(value)

    @each_threshold
    def test_a_value_outside_its_range_is_refused(self, key: Key, item: Threshold) -> None:
        outside = (
            -1 if isinstance(item.values, Number) else {"no": "such value"}
        )  # every range begins at 0 or above
        found = check_document(a_policy(key, outside), "policy", "policy.toml", str)
        assert len(found) == 1

    def test_a_key_that_nobody_declares_is_none(self) -> None:
        assert threshold_at(("gate", "default", "max_retries")) is None
        assert threshold_at(("gate",)) is None
        with pytest.raises(KeyError):
            threshold_of(ClassPolicy, "max_retries")


def place_of(key: Key) -> Key:
    """The place of the key's table, with `*` for a name that somebody chose."""
    return next(
        place
        for place in TABLES
        if len(place) == len(key) - 1
        and all(part in {"*", said} for part, said in zip(place, key, strict=False))
    )


def a_policy(key: Key, value: Any) -> dict[str, Any]:
    """The least policy with the key; what its table can't be without is filled in."""
    document: dict[str, Any] = {"schema": 1, "gate": {"default": {}}}
    table = document
    for name in key[:-1]:
        table = table.setdefault(name, {})
    for item in thresholds_of(TABLES[place_of(key)]):
        if item.required:
            table[item.key] = strict_and_loose(item)[0]
    table[key[-1]] = value
    return document


def loosened(before: dict[str, Any], now: dict[str, Any]) -> list[str]:
    found = find_loosened(
        base_policy=parse_policy(before),
        head_policy=parse_policy(now),
        base_suite=SUITE,
        head_suite=SUITE,
        base_actions=ActionRegistry(classes=()),
        head_actions=ActionRegistry(classes=()),
    )
    return [change.detail for change in found]


class TestDirections:
    """Each threshold is listed where it is loosened, by its key, and nowhere else."""

    @each_threshold
    def test_loosening_is_listed_and_tightening_is_not(self, key: Key, item: Threshold) -> None:
        strict, loose = (a_policy(key, value) for value in strict_and_loose(item))
        found = loosened(strict, loose)
        assert any(key[-1] in detail and key[0] in detail for detail in found), found
        assert loosened(loose, strict) == []
        assert loosened(strict, strict) == []

    @each_threshold
    def test_every_change_is_named_by_its_key_in_the_file(self, key: Key, item: Threshold) -> None:
        strict, loose = (parse_policy(a_policy(key, value)) for value in strict_and_loose(item))
        named = [
            change.path
            for change in compare_policies(baseline=strict, candidate=loose, all_classes=())
        ]
        assert ".".join(key) in named


def attributes_read() -> set[str]:
    """Every attribute that is read where something is decided or shown."""
    found = set()
    beside = ("settings/threshold.py", "settings/policy_tables.py")
    for folder in ("gate/dialgate_gate", "dialgate", "reports/dialgate_reports"):
        for path in (ROOT / folder).rglob("*.py"):
            name = path.relative_to(ROOT / folder).as_posix()
            if name.startswith("changes/") or name in beside or "templates" in path.parts:
                continue
            found |= facts_of(path).attributes
    return found


class TestKnownEverywhere:
    """A threshold that decides nothing, or that nobody can show, is one that was forgotten."""

    def test_every_threshold_is_read_where_something_is_decided(self) -> None:
        read = attributes_read()
        forgotten = [
            f"{item.table}.{item.key}"
            for table in dict.fromkeys(TABLES.values())
            for item in thresholds_of(table)
            if item.key not in read and item.unit is not Unit.RATIO
        ]
        assert not forgotten, f"declared in gate/dialgate_gate/settings, read nowhere: {forgotten}"

    def test_every_ratio_has_its_measure_and_a_name(self) -> None:
        ratios = [item for item in thresholds_of(ClassPolicy) if item.unit is Unit.RATIO]
        assert {item.key for item in ratios} == set(MEASURES), "comparing/measures.py: MEASURES"
        assert all(item.name for item in ratios)

    @pytest.mark.parametrize(
        "item",
        [item for item in thresholds_of(LadderStep) if item.key not in {"confidence", "requires"}],
        ids=lambda item: item.key,
    )
    def test_every_threshold_of_a_mode_is_a_condition_of_its_own(self, item: Threshold) -> None:
        strict = item.read(strict_and_loose(item)[0])
        step = LadderStep(**{item.key: strict})
        unmet = [
            condition.kind.threshold
            for condition in (
                *eval_conditions(step, bound_evals(None, step.confidence)),
                *live_conditions(step, LiveStanding(), Mode.IN_THE_LOOP, ()),
                *mutant_conditions(step, None),
                *radius_conditions(step, BlastRadius.HIGH),
            )
            if not condition.met
        ]
        assert item in unmet, f"no condition in gate/…/ladder asks for ladder.*.{item.key}"

    def test_conditions_and_their_thresholds_have_plain_words(self) -> None:
        for kind in ConditionKind:
            words = REQUIREMENTS if kind.is_readiness else CONDITIONS
            assert words.get(kind.value), f"graduation_words.py has no words for {kind}"

    def test_lists_name_what_there_is(self) -> None:
        def options(table: type, key: str) -> set[str]:
            values: Any = threshold_of(table, key).values
            return set(values.items["enum"])

        assert options(LadderStep, "requires") == {kind.value for kind in READINESS}
        assert options(GatePolicy, "allow") == {*(label.value for label in Label), "policy-change"}
        assert options(ladder_policy.LivePolicy, "carry_over") == set(COMPONENTS)

    def test_a_key_of_someone_who_signs_is_never_written_out(self) -> None:
        before, now = (
            parse_policy(a_policy(("attestation", "keys"), [PEM.format(text)]))
            for text in ("QUFB", "QkJC")
        )
        (change,) = compare_policies(baseline=before, candidate=now, all_classes=())
        assert "PUBLIC KEY" not in change.detail

    def test_fields_are_thresholds_or_known_to_be_none(self) -> None:
        beside = {item.name for item in fields(GatePolicy)} - {
            item.key for item in thresholds_of(GatePolicy)
        }
        assert beside == {"default", "classes", "grave"}


class TestCeiling:
    """A ceiling loosens as it rises or goes; a first one, or a lower one, only tightens."""

    @staticmethod
    def policy(**ceiling: str) -> dict[str, Any]:
        return {"schema": 1, "gate": {"default": {}}, "ceiling": ceiling}

    def test_raising_and_taking_out_are_listed_by_class(self) -> None:
        low, high = self.policy(refund="shadow"), self.policy(refund="on_the_loop")
        assert loosened(low, high) == ['sets ceiling."refund" to "on_the_loop"']
        assert loosened(high, self.policy()) == ['takes out ceiling."refund" (was "on_the_loop")']

    def test_lowering_and_adding_are_not(self) -> None:
        low, high = self.policy(refund="shadow"), self.policy(refund="on_the_loop")
        assert loosened(high, low) == []
        assert loosened(self.policy(), low) == []
        assert loosened(low, self.policy(refund="shadow", mail="on_the_loop")) == []

    def test_a_change_is_named_with_its_class(self) -> None:
        before, now = (parse_policy(self.policy(refund=mode)) for mode in ("shadow", "on_the_loop"))
        (change,) = compare_policies(baseline=before, candidate=now, all_classes=("refund", "mail"))
        assert (change.path, change.classes) == ("ceiling.refund", ("refund",))


class TestFirstKeysOfLeases:
    """Where nobody's lease counted and none was required, naming keys opens nothing."""

    @staticmethod
    def policy(*keys: str, required: bool = False) -> dict[str, Any]:
        lease: dict[str, Any] = {"keys": [PEM.format(key) for key in keys]} if keys else {}
        return {"schema": 1, "gate": {"default": {}}, "lease": {**lease, "required": required}}

    def test_they_are_not_listed_but_the_second_one_is(self) -> None:
        assert loosened(self.policy(), self.policy("QUFB")) == []
        assert loosened(self.policy("QUFB"), self.policy("QUFB", "QkJC")) == [
            "adds a key to lease.keys"
        ]

    def test_where_one_is_required_they_are(self) -> None:
        """Every write was in the loop; now somebody's leases count."""
        assert loosened(self.policy(required=True), self.policy("QUFB", required=True)) == [
            "adds a key to lease.keys"
        ]

    def test_taking_all_out_where_none_is_required_is(self) -> None:
        (text,) = loosened(self.policy("QUFB"), self.policy())
        assert "no lease holds a class back" in text
