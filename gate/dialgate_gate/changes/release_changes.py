"""What differs between two releases, per component, as data.

Knows prompts, tools and model as data and code by digest; leaves the words of a prompt difference
to `changes.text_difference`, the kinds of a tool's changes to `tool_drift.schema_drift`, and
showing to `reports`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from dialgate_evals.files.json_text import canonical_json
from dialgate_evals.suite.release import COMPONENTS
from dialgate_gate.changes.text_difference import compare_lines, compare_words
from dialgate_gate.changes.tool_drift.schema_drift import REGISTRY, Drift, compare_registries
from dialgate_gate.wording import count_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dialgate_evals.actions.action_classes import ActionRegistry
    from dialgate_evals.suite.release import Release
    from dialgate_gate.changes.text_difference import Piece

Change = dict[str, Any]


def describe_changes(
    *,
    baseline: Release,
    candidate: Release,
    baseline_actions: ActionRegistry | None = None,
    candidate_actions: ActionRegistry | None = None,
) -> list[Change]:
    """Every difference between two releases as {component, path, kind, detail}, sorted.

    The kind of a tool's change is a word of `tool_drift.kinds`, the most serious first; with
    the action classes of both sides, tools whose calls moved to another class are named too.
    Changed texts and tools also have a `difference`: pieces as in `changes.text_difference`; a tool
    that was probably renamed has its old name under `was`.
    """
    actions = [item for item in (baseline_actions, candidate_actions) if item is not None]
    sides = actions if len(actions) == 2 else ()
    return [change for change, _ in changes_and_tools(baseline, candidate, sides)]


def changes_and_tools(
    baseline: Release, candidate: Release, actions: Sequence[ActionRegistry] = ()
) -> list[tuple[Change, str | None]]:
    """The same, each beside the tool that it is about; None: it is about no tool."""
    others = [
        *_text_changes("prompts", baseline.prompts, candidate.prompts),
        *_model_changes(baseline, candidate),
    ]
    if baseline.components["code"] != candidate.components["code"]:
        others.append(_change("code", "", "changed", "The code's digest differs."))
    found = [*((item, None) for item in others), *_tool_changes(baseline, candidate, actions)]
    return sorted(found, key=lambda pair: _order(pair[0]))


def _order(change: Change) -> tuple[int, int, str]:
    component = change["component"]
    rank = Drift(change["kind"]).rank if component == "tools" else 0
    return COMPONENTS.index(component), rank, change["path"]


def describe_digest_changes(
    *, baseline: Mapping[str, Any], candidate: Mapping[str, Any]
) -> list[Change]:
    """Which components differ, where only the digests of the baseline are known."""
    return [
        _change(name, "", "changed", "The component's digest differs.")
        for name in COMPONENTS
        if baseline["components"].get(name) != candidate["components"].get(name)
    ]


def _change(
    component: str, path: str, kind: str, detail: str, difference: Sequence[Piece] = ()
) -> Change:
    change: Change = {"component": component, "path": path, "kind": kind, "detail": detail}
    return {**change, "difference": list(difference)} if difference else change


def _text_changes(
    component: str, before: Mapping[str, str], now: Mapping[str, str]
) -> Iterator[Change]:
    moved = _renamed(before, now)
    gone = [path for path in before if path not in now and path not in moved.values()]
    new = [path for path in now if path not in before and path not in moved]
    if len(gone) == len(new) == 1:
        old, text = before[gone[0]], now[new[0]]
        detail = f"Was {gone[0]}; {_word_counts(old, text)}"
        yield _change(component, new[0], "changed", detail, compare_words(old, text))
        before = {path: text for path, text in before.items() if path != gone[0]}
        now = {path: text for path, text in now.items() if path != new[0]}
    for path in sorted({*before, *now}):
        if path in moved:
            yield _change(component, path, "renamed", f"Was {moved[path]}; the text is the same.")
        elif path in moved.values():
            continue
        elif path not in before:
            yield _change(component, path, "added", f"{len(now[path].split()):,} words.")
        elif path not in now:
            yield _change(component, path, "removed", f"{len(before[path].split()):,} words.")
        elif before[path] != now[path]:
            old, text = before[path], now[path]
            difference = compare_words(old, text)
            yield _change(component, path, "changed", _word_counts(old, text), difference)


def _renamed(before: Mapping[str, str], now: Mapping[str, str]) -> dict[str, str]:
    """New path to old path, for texts that only moved."""
    gone = {path for path in before if path not in now}
    moved: dict[str, str] = {}
    for path, text in now.items():
        if path not in before:
            old = next((p for p in sorted(gone) if before[p] == text), None)
            if old is not None:
                moved[path] = old
                gone.discard(old)
    return moved


def _word_counts(before: str, now: str) -> str:
    from collections import Counter  # noqa: PLC0415 - one use

    old, new = Counter(before.split()), Counter(now.split())
    added, removed = (new - old).total(), (old - new).total()
    return f"{count_of(added, 'word')} added, {count_of(removed, 'word')} removed."


def _tool_changes(
    baseline: Release, candidate: Release, actions: Sequence[ActionRegistry]
) -> Iterator[tuple[Change, str | None]]:
    """A change and its tool for each finding; the lines stand beside the most serious one."""
    before, now = baseline.tools.tools, candidate.tools.tools
    drifts = compare_registries(
        baseline=baseline.tools,
        candidate=candidate.tools,
        baseline_actions=actions[0] if actions else None,
        candidate_actions=actions[1] if actions else None,
    )
    if not drifts and baseline.components["tools"] != candidate.components["tools"]:
        yield _change("tools", REGISTRY, Drift.COMPATIBLE.value, "Written in another way."), None
    for drift in drifts:
        old, new = before.get(drift.was or drift.name), now.get(drift.name)
        difference: Sequence[Piece] = ()
        if old is not None and new is not None:
            difference = compare_lines(_lines(old.document), _lines(new.document))
        for finding in sorted(drift.findings, key=lambda item: item.kind.rank):
            kind, place = finding.kind.value, drift.place(finding)
            change = _change("tools", place, kind, finding.detail, difference)
            yield change if drift.was is None else {**change, "was": drift.was}, drift.name
            difference = ()


def _lines(document: Mapping[str, Any]) -> str:
    """A tool's schema with a line for each key, the same data the same text."""
    return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False)


def _model_changes(baseline: Release, candidate: Release) -> Iterator[Change]:
    before, now = baseline.model.as_json(), candidate.model.as_json()
    for key in ("provider", "name"):
        if before[key] != now[key]:
            yield _change("model", key, "changed", f"{before[key]} → {now[key]}")
    old, new = before["parameters"], now["parameters"]
    for key in sorted({*old, *new}):
        if canonical_json(old.get(key)) != canonical_json(new.get(key)):
            detail = f"{old.get(key, 'unset')} → {new.get(key, 'unset')}"
            yield _change("model", f"parameters/{key}", "changed", detail)
