"""No key of policy.toml or suite.toml can be moved both ways unseen: 2,000 changes at random.

The keys come from the published schemas, so one that is added without a direction fails here.
"""

from __future__ import annotations

import copy
import random
from typing import TYPE_CHECKING, Any

import pytest

from dialgate_evals.actions.action_classes import ActionRegistry
from dialgate_evals.files.schema_validation import check_document, file_schema
from dialgate_evals.suite.sides import Harmless, Side, key_sides
from dialgate_evals.suite.suite import parse_suite
from dialgate_gate.changes.judged.policy_keys import policy_key_changes
from dialgate_gate.changes.judged.suite_keys import suite_key_changes
from dialgate_gate.changes.loosened import find_loosened
from dialgate_gate.settings.policy import parse_policy
from dialgate_gate.settings.policy_tables import TABLES
from dialgate_gate.settings.threshold import thresholds_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Key = tuple[str, ...]
SUITE = parse_suite(
    {"schema": 1, "name": "s", "cases": ["c.jsonl"], "agent": {"kind": "command", "command": ["x"]}}
)
PEM = "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n"
LISTS = {
    "allow": ["suite-change", "runbook-change"],
    "keys": [PEM.format("QUFB"), PEM.format("QkJC")],
    "requires": ["owner", "rollback"],
    "revoked": ["a" * 64, "b" * 64],
    "roles": ["product_owner", "reliability_engineer"],
    "carry_over": ["prompts", "code"],
}


def leaves(schema: Mapping[str, Any], above: Key = ()) -> Iterator[tuple[Key, Mapping[str, Any]]]:
    for name, item in schema.get("properties", {}).items():
        yield from _leaf(item, (*above, name))
    more = schema.get("additionalProperties")
    if isinstance(more, dict):
        yield from _leaf(more, (*above, "refund"))


def _leaf(schema: Mapping[str, Any], key: Key) -> Iterator[tuple[Key, Mapping[str, Any]]]:
    if "properties" in schema or isinstance(schema.get("additionalProperties"), dict):
        yield from leaves(schema, key)
    elif "const" not in schema:
        yield key, schema


KEYS = list(leaves(file_schema("policy")))


def two_values(key: Key, schema: Mapping[str, Any], chance: random.Random) -> tuple[Any, Any]:
    """Two different values that the schema takes, the lower one first where there is an order."""
    if "enum" in schema:
        first, second = chance.sample(schema["enum"], 2)
        return first, second
    match schema["type"]:
        case "boolean":
            return False, True
        case "array":
            one, other = LISTS[key[-1]]
            return [one], [one, other]
        case kind:
            least = schema.get("minimum", schema.get("exclusiveMinimum", 0))
            most = schema.get("maximum", schema.get("exclusiveMaximum", least + 50))
            if kind == "integer":
                first, second = sorted(chance.sample(range(int(least), int(most)), 2))
                return first, second
            span = most - least
            low = least + span * chance.uniform(0.05, 0.45)
            return round(low, 6), round(low + span * chance.uniform(0.05, 0.45), 6)


DEFAULTS = {
    ".".join((*place, item.key)): item.default
    for place, table in TABLES.items()
    for item in thresholds_of(table)
    if not item.required
}


def a_policy(key: Key, value: Any) -> dict[str, Any]:
    """The least policy with the key; what its table asks for beside it is filled in."""
    document: dict[str, Any] = {"schema": 1, "gate": {"default": {}}}
    place = document
    for name in key[:-1]:
        place = place.setdefault(name, {})
    place[key[-1]] = value
    needed: dict[str, dict[str, Any]] = {
        "demote": {"intervention_rate": 0.05, "alpha": 0.01},
        "attestation": {"keys": [PEM.format("QUFB")]},
    }
    for table, values in needed.items():
        if table in document:
            document[table] = {**values, **document[table]}
    return document


def listed(before: dict[str, Any], now: dict[str, Any]) -> list[str]:
    baseline, candidate = parse_policy(copy.deepcopy(before)), parse_policy(copy.deepcopy(now))
    actions = ActionRegistry(classes=())
    loosened = find_loosened(
        base_policy=baseline,
        head_policy=candidate,
        base_suite=SUITE,
        head_suite=SUITE,
        base_actions=actions,
        head_actions=actions,
    )
    more = policy_key_changes(baseline=baseline, candidate=candidate)
    return [change.path for change in (*loosened, *more)]


@pytest.mark.parametrize("place", range(len(KEYS)), ids=[".".join(key) for key, _ in KEYS])
def test_no_key_of_the_policy_moves_both_ways_unseen(place: int) -> None:
    key, schema = KEYS[place]
    for seed in range(2_000 // len(KEYS) + 1):
        low, high = two_values(key, schema, random.Random(seed * 1_000 + place))
        before, now = a_policy(key, low), a_policy(key, high)
        assert check_document(before, "policy", "policy.toml", str) == []
        assert check_document(now, "policy", "policy.toml", str) == []
        assert listed(before, now) or listed(now, before), (key, low, high)
        assert listed(before, before) == []


@pytest.mark.parametrize("place", range(len(KEYS)), ids=[".".join(key) for key, _ in KEYS])
def test_no_key_of_the_policy_is_taken_out_and_put_in_unseen(place: int) -> None:
    key, schema = KEYS[place]
    other, value = two_values(key, schema, random.Random(place))
    if value == DEFAULTS.get(".".join(key)):
        value = other  # the default spelled out is no change
    with_it, without = a_policy(key, value), a_policy(key, value)
    nearest = without
    for name in key[:-1]:
        nearest = nearest[name]
    del nearest[key[-1]]
    if check_document(without, "policy", "policy.toml", str):
        return  # a key that its table can't be without
    if parse_policy(copy.deepcopy(without)).gate == parse_policy(copy.deepcopy(with_it)).gate and (
        key[0] == "gate"
    ):
        return  # the default itself, spelled out
    assert listed(with_it, without) or listed(without, with_it), key


JUDGES = [
    item
    for item in key_sides()
    if item.side is Side.JUDGE
    and item.key[0] != "prices"
    and item.harmless not in {Harmless.ALWAYS, Harmless.COMPARED}
]


@pytest.mark.parametrize("item", JUDGES, ids=[".".join(item.key) for item in JUDGES])
def test_a_key_of_the_judge_in_suite_toml_never_moves_both_ways_unseen(item: Any) -> None:
    schema = file_schema("suite")
    for name in item.key:
        schema = schema.get("properties", {}).get(name, {})
    if schema.get("type") not in {"integer", "number", "boolean"}:
        return  # texts and lists have no order: `key_sides` says never, and test_attacks tries them
    low, high = two_values(item.key, schema, random.Random(7))
    suites = []
    for value in (low, high):
        document: dict[str, Any] = {
            "schema": 1, "name": "s", "cases": ["c.jsonl"],
            "agent": {"kind": "command", "command": ["x"]},
        }  # fmt: skip
        place = document
        for name in item.key[:-1]:
            place = place.setdefault(name, {})
        place[item.key[-1]] = value
        suites.append(parse_suite(document))
    one, other = suites
    assert list(suite_key_changes(baseline=one, candidate=other)) or list(
        suite_key_changes(baseline=other, candidate=one)
    ), item.key
