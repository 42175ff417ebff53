"""What differs in the files that judge: classes, policy, suite, dial and runbook, value by value.

Compares values, not texts: a reformatted file or a default that is spelled out is no change.
Leaves what a change loosens to `dialgate_gate.changes.loosened`.
"""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from dialgate_evals.files.json_text import canonical_json, digest_of
from dialgate_gate.changes.component_change import ComponentChange
from dialgate_gate.settings.lease_policy import CEILING
from dialgate_gate.settings.policy_tables import table_values

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from dialgate_evals.actions.action_classes import ActionRegistry
    from dialgate_evals.suite.suite import Suite
    from dialgate_gate.settings.dial import DialEntry, DialSettings
    from dialgate_gate.settings.policy import Policy
    from dialgate_gate.settings.runbook import Runbook

_WITHOUT_EFFECT = frozenset({("cache",), ("holdout_share",), ("redact", "keep")})
"""What of suite.toml changes no trial and no verdict."""

Key = tuple[str, ...]


def compare_policies(
    *, baseline: Policy, candidate: Policy, all_classes: tuple[str, ...]
) -> Iterator[ComponentChange]:
    """Every threshold that differs; one below `gate.class` affects its class, any other all."""

    def classes(key: Key) -> tuple[str, ...]:
        if key[0] == CEILING.key:
            return (key[1],)
        return (key[2],) if key[:2] == ("gate", "class") else all_classes

    if replace(baseline, document={}) == replace(candidate, document={}):
        return
    before, now = _policy_values(baseline), _policy_values(candidate)
    for key, kind, detail in _differences(before, now):
        yield _change("policy", key, kind, detail, classes=classes(key))


def _policy_values(policy: Policy) -> dict[Key, Any]:
    gate = table_values(policy.gate)
    gate["default"] = table_values(policy.gate.default)
    over = policy.document.get("gate", {}).get("class", {})
    # That the policy names a class counts even where it changes nothing: it must have cases.
    gate["class"] = {name: values or "as the default" for name, values in over.items()}
    attestation = table_values(policy.attestation)
    attestation["keys"] = _key_names(policy.attestation.keys)
    return _leaves(
        {
            "gate": gate,
            "ladder": {mode.value: table_values(step) for mode, step in policy.ladder.items()},
            "live": table_values(policy.live),
            "sign": table_values(policy.sign),
            "rollout": table_values(policy.rollout),
            "judge": table_values(policy.judge),
            "review_every": table_values(policy.review_every),
            "lapse": table_values(policy.lapse),
            "lease": {**table_values(policy.lease), "keys": _key_names(policy.lease.keys)},
            "ceiling": dict(policy.ceiling),
            "attestation": attestation,
            "demote": None if policy.demote is None else table_values(policy.demote),
            "watch": _watch_values(policy),
        }
    )


def _key_names(keys: Iterable[str]) -> list[str]:
    """What stands for keys of people who sign: never the key itself."""
    return [digest_of(key)[:19] for key in keys]


def _watch_values(policy: Policy) -> dict[str, Any]:
    if policy.watch is None:
        return {}
    rules = {signal.value: table_values(rule) for signal, rule in policy.watch.rules.items()}
    return table_values(policy.watch) | rules


def compare_suites(
    *, baseline: Suite, candidate: Suite, all_classes: tuple[str, ...]
) -> Iterator[ComponentChange]:
    """Every setting that differs, but for where the cases lie: those are compared themselves."""
    before, now = _suite_values(baseline), _suite_values(candidate)
    for key, kind, detail in _differences(before, now):
        triggers = not {key[:1], key[:2]} & _WITHOUT_EFFECT
        classes = all_classes if triggers else ()
        yield _change("suite", key, kind, detail, triggers=triggers, classes=classes)


def _suite_values(suite: Suite) -> dict[Key, Any]:
    values = asdict(suite)
    del values["cases"]
    values["quarantine"] = {item["case"]: item for item in values["quarantine"]}
    return _leaves(values)


def compare_classes(
    *, baseline: ActionRegistry, candidate: ActionRegistry
) -> Iterator[ComponentChange]:
    """Classes that differ, tools whose calls are matched in another order, and argument rules."""
    before = {item.name: item for item in baseline.classes}
    now = {item.name: item for item in candidate.classes}
    for name in sorted({*before, *now}):
        if name not in before:
            yield _change("classes", (name,), "added", "A new class.", classes=(name,))
        elif name not in now:
            yield _change("classes", (name,), "removed", "The class is gone.", classes=(name,))
        else:
            old, new = _leaves(asdict(before[name])), _leaves(asdict(now[name]))
            for key, kind, detail in _differences(old, new):
                yield _change("classes", (name, *key), kind, detail, classes=(name,))
    yield from _moved_tools(baseline, candidate)
    yield from _argument_rules(baseline, candidate)


def _moved_tools(baseline: ActionRegistry, candidate: ActionRegistry) -> Iterator[ComponentChange]:
    """First match wins: the order of the classes of one tool decides."""
    for tool in sorted({tool for item in baseline.classes for tool in item.tools}):
        before = [item.name for item in baseline.classes_of_tool(tool)]
        now = [item.name for item in candidate.classes_of_tool(tool)]
        if before != now and sorted(before) == sorted(now):
            detail = f"{', '.join(before)} → {', '.join(now)}: the first match wins."
            change = _change("classes", (tool,), "reordered", detail, classes=tuple(sorted(now)))
            yield replace(change, tool=tool)


def _argument_rules(
    baseline: ActionRegistry, candidate: ActionRegistry
) -> Iterator[ComponentChange]:
    for tool in sorted({*baseline.rules, *candidate.rules}):
        sides = [registry.rules.get(tool) for registry in (baseline, candidate)]
        before, now = ({} if rules is None else rules.document for rules in sides)
        names = {c.name for r in (baseline, candidate) for c in r.classes_of_tool(tool)}
        for key, kind, detail in _differences(_leaves(before), _leaves(now)):
            path = ("arguments", tool, *key)
            yield _change("classes", path, kind, detail, classes=tuple(sorted(names)))


def compare_dials(*, baseline: DialSettings, candidate: DialSettings) -> Iterator[ComponentChange]:
    """Classes whose entry differs. The dial decides nothing about a release with a baseline."""
    for name in sorted({*baseline.entries, *candidate.entries}):
        before, now = baseline.entries.get(name), candidate.entries.get(name)
        if before != now:
            kind = "added" if before is None else "removed" if now is None else "changed"
            detail = f"{_mode(before)} → {_mode(now)}"
            yield _change("dial", (name,), kind, detail, triggers=False, classes=(name,))


def _mode(entry: DialEntry | None) -> str:
    return "no entry" if entry is None else f"{entry.mode.value} since {entry.since:%Y-%m-%d}"


def compare_runbooks(*, baseline: Runbook, candidate: Runbook) -> Iterator[ComponentChange]:
    """Every value of the runbook that differs: a matter of the ladder, not of the gate."""
    before, now = _leaves(asdict(baseline)), _leaves(asdict(candidate))
    for key, kind, detail in _differences(before, now):
        yield _change("runbook", key, kind, detail, triggers=False)


def _change(
    component: str,
    key: Key,
    kind: str,
    detail: str,
    *,
    triggers: bool = True,
    classes: tuple[str, ...] = (),
) -> ComponentChange:
    return ComponentChange(
        component=component,
        path=".".join(f'"{part}"' if "." in part else part for part in key),
        kind=kind,
        detail=detail,
        triggers=triggers,
        classes=classes,
    )


def _differences(
    before: Mapping[Key, Any], now: Mapping[Key, Any]
) -> Iterator[tuple[Key, str, str]]:
    """(key, kind, detail) of every value that differs, sorted by key."""
    for key in sorted({*before, *now}):
        if key not in before:
            yield key, "added", f"now {_shown(now[key])}"
        elif key not in now:
            yield key, "removed", f"was {_shown(before[key])}"
        elif canonical_json(before[key]) != canonical_json(now[key]):
            yield key, "changed", f"{_shown(before[key])} → {_shown(now[key])}"


def _leaves(value: Mapping[str, Any], above: Key = ()) -> dict[Key, Any]:
    """Every value by its key; an empty table and what is absent (None) are none."""
    found: dict[Key, Any] = {}
    for name, item in value.items():
        key = (*above, str(name))
        if isinstance(item, dict):
            found |= _leaves(item, key)
        elif item is not None:
            found[key] = _plain(item)
    return found


def _plain(value: Any) -> Any:  # noqa: ANN401 - settings of several kinds
    """The value as JSON data: sets sorted, tuples as lists, days as text."""
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    return value if isinstance(value, (bool, int, float, str)) else str(value)


def _shown(value: Any) -> str:  # noqa: ANN401 - JSON data
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
