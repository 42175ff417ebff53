"""Where in policy.toml each table of thresholds stands, and the file's schema.

Read off the declarations; leaves what a threshold is to `dialgate_gate.settings.threshold`.
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, assert_never

from dialgate_evals.events.review_events import Mode
from dialgate_gate.settings.gate_policy import ClassPolicy, GatePolicy
from dialgate_gate.settings.judge_policy import JudgePolicy
from dialgate_gate.settings.ladder_policy import (
    AttestationPolicy,
    DemotePolicy,
    LadderStep,
    LivePolicy,
)
from dialgate_gate.settings.lease_policy import CEILING, LapsePolicy, LeasePolicy
from dialgate_gate.settings.people.people_policy import ReviewEvery, SignPolicy
from dialgate_gate.settings.rollout_policy import RolloutPolicy
from dialgate_gate.settings.threshold import (
    Flag,
    Names,
    Number,
    Threshold,
    Words,
    thresholds_of,
)
from dialgate_gate.settings.watch_policy import RULES, WatchPolicy

if TYPE_CHECKING:
    from collections.abc import Mapping

Key = tuple[str, ...]
ANY = "*"
"""In a place: any name."""

TABLES: Mapping[Key, type] = {
    ("gate",): GatePolicy,
    ("gate", "default"): ClassPolicy,
    ("gate", "class", ANY): ClassPolicy,
    ("ladder", ANY): LadderStep,
    ("live",): LivePolicy,
    ("attestation",): AttestationPolicy,
    ("demote",): DemotePolicy,
    ("watch",): WatchPolicy,
    **{("watch", signal.value): table for signal, table in RULES.items()},
    ("sign",): SignPolicy,
    ("review_every",): ReviewEvery,
    ("rollout",): RolloutPolicy,
    ("judge",): JudgePolicy,
    ("lease",): LeasePolicy,
    ("lapse",): LapsePolicy,
}
"""The tables of thresholds by their place in policy.toml."""


def threshold_at(key: Key) -> Threshold | None:
    """The threshold that a key of policy.toml holds; None: none, so nobody knows what it does."""
    if len(key) == 2 and key[0] == CEILING.key:
        return replace(CEILING, key=key[1])
    for place, table in TABLES.items():
        is_there = len(key) == len(place) + 1 and all(
            part in {ANY, said} for part, said in zip(place, key, strict=False)
        )
        for item in thresholds_of(table) if is_there else ():
            if item.key == key[-1]:
                return item
    return None


def table_values(table: Any) -> dict[str, Any]:  # noqa: ANN401 - tables of several kinds
    """The value of each threshold of the table, by its key in policy.toml."""
    return {item.key: getattr(table, item.key) for item in thresholds_of(type(table))}


def policy_schema() -> dict[str, Any]:
    """The JSON Schema of policy.toml, as `dialgate_evals` ships it."""
    step = _table(LadderStep, "What a class must show to be moved to this mode.")
    modes = {mode.value: step for mode in Mode if mode is not Mode.SHADOW}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:dialgate:schema:1:policy",
        "title": "policy.toml: gate thresholds and the ladder",
        "type": "object",
        "properties": {
            "schema": {"const": 1, "description": "The version of this file's format."},
            "gate": _gate(),
            "ladder": _closed("What each mode asks for.", modes),
            "live": _table(LivePolicy, "Which live evidence counts."),
            "attestation": _table(
                AttestationPolicy, "Whose signature on a verdict counts, and how long."
            ),
            "demote": _table(DemotePolicy, "When a class falls one mode."),
            "watch": _watch(),
            "sign": _table(SignPolicy, "Whose signature a promotion needs, once people have keys."),
            "rollout": _table(RolloutPolicy, "When a rollout is decided."),
            "review_every": _table(ReviewEvery, "After how many days people look again."),
            "judge": _table(JudgePolicy, "When votes on a criterion decide."),
            "lease": _table(LeasePolicy, "Whether a mode needs a lease, whose, and for how long."),
            "lapse": _table(LapsePolicy, "What a lost requirement does to the mode in force."),
            "ceiling": {
                "type": "object",
                "description": "By class the most autonomy that it may ever have.",
                "additionalProperties": _schema_of(CEILING),
            },
        },
        "required": ["schema", "gate"],
        "additionalProperties": False,
    }


def _gate() -> dict[str, Any]:
    declared = {item.key: _schema_of(item) for item in thresholds_of(GatePolicy)}
    tables = {
        "default": {"default": _table(ClassPolicy, "For every class.")},
        "classes": {
            "class": {
                "type": "object",
                "description": "Per class, over the default.",
                "properties": {},
                "additionalProperties": _table(ClassPolicy),
            }
        },
    }
    properties: dict[str, Any] = {}
    for item in fields(GatePolicy):
        if item.name in declared:
            properties[item.name] = declared[item.name]
        properties |= tables.get(item.name, {})
    return _closed("When a release is worse.", properties, required=["default"])


def _watch() -> dict[str, Any]:
    found = _table(WatchPolicy, "What a watch alarms on beside interventions.")
    found["properties"] |= {
        signal.value: _table(table, (table.__doc__ or "").partition("\n")[0])
        for signal, table in RULES.items()
    }
    return found


def _table(table: type, says: str = "") -> dict[str, Any]:
    declared = thresholds_of(table)
    properties = {item.key: _schema_of(item) for item in declared}
    return _closed(says, properties, required=[item.key for item in declared if item.required])


def _closed(
    says: str, properties: Mapping[str, Any], required: list[str] | None = None
) -> dict[str, Any]:
    described = {"description": says} if says else {}
    asked = {"required": required} if required else {}
    return {
        "type": "object",
        **described,
        "properties": dict(properties),
        **asked,
        "additionalProperties": False,
    }


def _schema_of(item: Threshold) -> dict[str, Any]:
    said = {"description": item.says}
    match item.values:
        case Number() as number:
            kind = "integer" if number.whole else "number"
            ends = {
                "minimum": number.least,
                "exclusiveMinimum": number.over,
                "maximum": number.most,
                "exclusiveMaximum": number.under,
            }
            return {"type": kind, **said, **{k: v for k, v in ends.items() if v is not None}}
        case Words() as words:
            return {"enum": [word.value for word in words.kind], **said}
        case Names() as names:
            sizes = {"minItems": names.least, "maxItems": names.most}
            return {
                "type": "array",
                "items": dict(names.items),
                **said,
                **{k: v for k, v in sizes.items() if v is not None},
                "uniqueItems": True,
            }
        case Flag():
            return {"type": "boolean", **said}
        case _ as never:
            assert_never(never)
