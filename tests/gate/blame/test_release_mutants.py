"""Mutants of a release: one sentence less, or two descriptions in each other's place."""

from __future__ import annotations

from pathlib import Path

from dialgate_evals.suite.workspace import load_workspace
from dialgate_gate.blame.release_mutants import release_mutants

SUITE = Path(__file__).parents[3] / "suites" / "support-desk"


def test_each_mutant_of_the_example_has_one_thing_wrong() -> None:
    release = load_workspace(SUITE).release()
    ((path, prompt),) = release.prompts.items()
    found = release_mutants(release)
    rules = [item for item in found if item.kind == "rule"]
    assert len({item.release.prompts[path] for item in rules}) == len(rules) > 10
    for item in rules:
        assert len(item.release.prompts[path]) < len(prompt)
        assert item.line is not None
        assert item.release.tools is release.tools
    for item in found[len(rules) :]:
        before = {tool.name: tool.description for tool in release.tools}
        now = {tool.name: tool.description for tool in item.release.tools}
        assert sum(before[name] != now[name] for name in before) == 2
        assert sorted(before.values()) == sorted(now.values())
