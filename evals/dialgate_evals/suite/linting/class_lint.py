"""Action classes beside a release's tools: unknown tools, classes that none reaches, guesses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate_evals.files.problems import Problem, show_path
from dialgate_evals.files.suggest import suggest_word
from dialgate_evals.suite.linting.class_overlap import overlapping_classes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dialgate_evals.suite.release import Release
    from dialgate_evals.suite.workspace import Workspace


def class_problems(workspace: Workspace, release: Release) -> Iterator[Problem]:
    """What classes and argument rules name that the release lacks, and tools that no class has."""
    file = show_path(workspace.folder / "actions.toml")
    names = [tool.name for tool in release.tools]
    for action_class in workspace.actions.classes:
        unknown = [tool for tool in action_class.tools if tool not in release.tools]
        for tool in unknown:
            yield Problem(
                file=file,
                place=f"class.{action_class.name}.tools",
                found=f'the tool "{tool}", which the release doesn\'t have',
                expected="a tool of tools.json",
                advice=suggest_word(tool, names),
            )
        if len(unknown) == len(action_class.tools):
            yield Problem(
                file=file,
                place=f"class.{action_class.name}",
                found="a class that no tool reaches",
                expected="at least one tool of tools.json",
            )
    for tool in workspace.actions.rules:
        if tool not in release.tools:
            yield Problem(
                file=file,
                place=f"arguments.{tool}",
                found="comparison rules for a tool that the release doesn't have",
                expected="a tool of tools.json",
                advice=suggest_word(tool, names),
            )
    yield from _unclassified_tools(workspace, release)
    yield from overlapping_classes(workspace.actions, file)


def proposed_classes(workspace: Workspace) -> Iterator[Problem]:
    """Classes that an import guessed and nobody confirmed."""
    for action_class in workspace.actions.classes:
        if action_class.proposed is not None:
            yield Problem(
                file=show_path(workspace.folder / "actions.toml"),
                place=f"class.{action_class.name}.proposed",
                found=f'a guess ("{action_class.proposed}"), which counts as write, high, '
                "irreversible",
                expected="a class that a person has looked at",
                advice="Put effect, blast_radius and reversible right and take the key out.",
                severity="warning",
            )


def _unclassified_tools(workspace: Workspace, release: Release) -> Iterator[Problem]:
    for tool in release.tools:
        if not workspace.actions.classes_of_tool(tool.name):
            yield Problem(
                file=show_path(workspace.folder / "actions.toml"),
                place=f'tool "{tool.name}"',
                found="a tool in no class, which counts as unclassified: write, high, irreversible",
                expected="every tool in a class",
                severity="warning",
            )
