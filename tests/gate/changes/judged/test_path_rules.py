"""The reference page shows the rules that decide, row by row."""

from __future__ import annotations

from pathlib import Path

import pytest

from dialgate_gate.changes.judged.changed_paths import ChangedPath, Fate, Territory
from dialgate_gate.changes.judged.path_rules import RULES, path_change, rule_of
from dialgate_gate.changes.judged.suite_keys import suite_key_table

PAGE = Path(__file__).parents[4] / "docs/reference/what-a-release-may-change.md"
HARMLESS = {
    "never": "no change", "always": "any change", "raised": "a higher value",
    "lowered": "a lower value", "withdrawn": "true becomes false", "compared": "entry by entry",
}  # fmt: skip


def test_the_page_has_every_rule_for_paths_in_their_order() -> None:
    rows = [f"| {rule.name} | {rule.fate.value} | {rule.why} |" for rule in RULES]
    assert "\n".join(rows) in PAGE.read_text("utf-8")


def test_the_page_has_every_key_of_the_suite() -> None:
    rows = [
        f"| `{key}` | {side} | {HARMLESS[harmless]} |"
        for key, side, harmless in suite_key_table()
        if key != "schema"
    ]
    assert "\n".join(rows) in PAGE.read_text("utf-8")


GROUND = Territory(
    suite="suites/desk",
    components=frozenset({"suites/desk/agent/main.py", "suites/desk/prompts/a.md"}),
    cases=frozenset({"golden/desk/cases.jsonl"}),
    case_folders=frozenset({"golden/desk"}),
    code_folders=frozenset({"suites/desk/agent"}),
    base_paths=frozenset({"suites/desk/agent/main.py", "suites/desk/policy.toml"}),
    transcripts=lambda name: name.startswith("golden/desk/transcripts/"),
)


@pytest.mark.parametrize(
    ("path", "fate"),
    [
        ("suites/desk/agent/main.py", Fate.RELEASE),
        ("suites/desk/agent/data.json", Fate.RUN_WITH),
        ("suites/desk/release.toml", Fate.RELEASE),
        ("suites/desk/releases/x.toml", Fate.RELEASE),
        ("suites/desk/releases/x.json", Fate.JUDGE),
        ("suites/desk/policy.toml", Fate.COMPARED),
        ("suites/desk/policy.TOML", Fate.JUDGE),
        ("suites/desk/x/policy.toml", Fate.JUDGE),
        ("suites/desk/lease/pay.json", Fate.HARMLESS),
        ("suites/desk/lease/x/pay.json", Fate.JUDGE),
        ("suites/desk/notes.md", Fate.RUN_WITH),
        ("suites/desk/README.md", Fate.HARMLESS),
        ("suites/desk/agent/README.md", Fate.RUN_WITH),
        ("docs/answers.md", Fate.RUN_WITH),
        ("README.md", Fate.HARMLESS),
        (".github/workflows/ci.yml", Fate.HARMLESS),
        ("suites/desk/notes.txt", Fate.JUDGE),
        ("suites/desk2/policy.toml", Fate.RUN_WITH),
        ("golden/desk/cases.jsonl", Fate.COMPARED),
        ("golden/desk/other.json", Fate.JUDGE),
        ("golden/desk/transcripts/1.jsonl", Fate.RELEASE),
        ("golden/desk2/cases.jsonl", Fate.RUN_WITH),
        ("src/x.py", Fate.RUN_WITH),
    ],
)
def test_a_path_has_the_fate_of_its_rule(path: str, fate: Fate) -> None:
    assert rule_of(ChangedPath(path=path, kind="edited"), GROUND).fate is fate


@pytest.mark.parametrize("kind", ["added", "edited", "removed"])
def test_a_change_of_the_judge_says_what_and_which_label(kind: str) -> None:
    found = path_change(ChangedPath(path="suites/desk/judge.toml", kind=kind), GROUND)
    assert found is not None
    assert found.sentence.startswith(f"The change {kind.removesuffix('ed').removesuffix('d')}")
    assert "--allow suite-change" in found.sentence
    assert found.as_json({"suite-change"})["allowed"] is True
    assert found.as_json(()) == {**found.as_json({"suite-change"}), "allowed": False}
