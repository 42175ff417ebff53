"""What is wrong between files that are each right alone: cases, tools and action classes.

Reading finds what breaks a schema; this finds unknown tools, impossible expectations, unreachable
or overlapping classes, contradictions and near-duplicates. Policy, dial and runbook are left to
`dialgate_gate.settings.lint`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dialgate_evals.actions.rubrics.criterion import Criterion
from dialgate_evals.actions.rubrics.judge_lint import lint_judges, lint_silence
from dialgate_evals.files.problems import Problem, show_path
from dialgate_evals.files.suggest import suggest_word
from dialgate_evals.suite.linting.case_problem import case_problem
from dialgate_evals.suite.linting.class_lint import class_problems, proposed_classes
from dialgate_evals.suite.linting.contradictions import find_contradictions
from dialgate_evals.suite.linting.near_duplicates import alike_sentence, groups_alike
from dialgate_evals.suite.release import Model

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from dialgate_evals.actions.action_pattern import ActionPattern
    from dialgate_evals.suite.case import Case
    from dialgate_evals.suite.release import Release
    from dialgate_evals.suite.workspace import Workspace


def lint_workspace(workspace: Workspace, release: Release | None, today: dt.date) -> list[Problem]:
    """Every problem across the files of a workspace that could be read."""
    problems = [*_quarantine_problems(workspace, today), *_redaction_problems(workspace)]
    problems += proposed_classes(workspace)
    problems += find_contradictions(workspace)
    problems += _near_duplicates(workspace)
    problems += _judge_problems(workspace)
    if release is not None:
        problems += class_problems(workspace, release)
        for case in workspace.cases:
            problems += _case_problems(case, workspace, release)
    return problems


def expired_quarantines(workspace: Workspace, today: dt.date) -> list[Problem]:
    """A problem for every quarantine past its date."""
    return [
        Problem(
            file=show_path(workspace.folder / "suite.toml"),
            place=f"quarantine of {item.case}",
            found=f"the date {item.until}, which is past",
            expected=f"a day from {today} on",
            advice=f"{item.owner} mends the case or prolongs it with a reason.",
        )
        for item in workspace.suite.quarantine
        if item.until < today
    ]


def _quarantine_problems(workspace: Workspace, today: dt.date) -> Iterator[Problem]:
    yield from expired_quarantines(workspace, today)
    known = workspace.cases_by_id
    for item in workspace.suite.quarantine:
        if item.case not in known:
            yield Problem(
                file=show_path(workspace.folder / "suite.toml"),
                place=f"quarantine of {item.case}",
                found="a case that the suite doesn't have",
                expected="the id of a case",
                advice=suggest_word(item.case, known),
            )


def _redaction_problems(workspace: Workspace) -> Iterator[Problem]:
    file = show_path(workspace.folder / "suite.toml")
    redact = workspace.suite.redact
    for pattern in redact.patterns:
        try:
            matches_nothing = re.compile(pattern).fullmatch("") is not None
        except (re.error, RecursionError, OverflowError) as error:
            found = f'"{pattern}", which is no regular expression ({error})'
        else:
            if not matches_nothing:
                continue
            found = f'"{pattern}", which matches the empty text'
        yield Problem(
            file=file,
            place="redact.patterns",
            found=found,
            expected="a regular expression of Python's re that needs at least one character",
        )
    for key, pointers in (("pointers", redact.pointers), ("keep", redact.keep)):
        for pointer in pointers:
            if re.search("~(?![01])", pointer):
                yield Problem(
                    file=file,
                    place=f"redact.{key}",
                    found=f'"{pointer}", which is no JSON Pointer',
                    expected="~0 for ~ and ~1 for / (RFC 6901)",
                )
            elif key == "keep" and pointer in redact.pointers:
                yield Problem(
                    file=file,
                    place="redact.keep",
                    found=f'"{pointer}", which redact.pointers replaces',
                    expected="a place in one of the two",
                )


def _judge_problems(workspace: Workspace) -> Iterator[Problem]:
    asked = [item for case in workspace.cases for item in case.expect.reply.rubric]
    asked += [
        Criterion(name=f"{tool}/{'/'.join(pointer)}", text=relation)
        for tool, rules in workspace.actions.rules.items()
        for pointer, relation in rules.judged
    ]
    yield from lint_judges(
        workspace.judges,
        asked=asked,
        folder=workspace.folder,
        is_floating=lambda name: Model(provider="", name=name).is_floating,
    )
    for case in workspace.cases:
        reply = case.expect.reply
        if case.place is not None and not (reply.contains or reply.matches):
            place = f"{case.place.in_file} /expect/reply/rubric (case {case.id})"
            yield from lint_silence(
                reply.rubric, workspace.judges, file=case.place.file, place=place
            )


def _case_problems(case: Case, workspace: Workspace, release: Release) -> Iterator[Problem]:
    for index, recording in enumerate(case.recordings):
        if recording.name not in release.tools:
            yield _unknown_tool(case, f"/recordings/{index}/name", recording.name, release)
    for place, pattern in _patterns(case):
        tool = release.tools.get(pattern.name)
        if tool is None:
            yield _unknown_tool(case, f"{place}/name", pattern.name, release)
            continue
        if pattern.arguments is not None and not place.startswith("/expect/forbid"):
            for error in tool.validator.errors(dict(pattern.arguments)):
                pointer = "".join(f"/{part}" for part in error.absolute_path)
                yield case_problem(
                    case,
                    f"{place}/arguments{pointer}",
                    f"arguments that break the schema of {tool.name}: {error.message[:160]}",
                    "arguments that the tool accepts",
                )
        classes = workspace.actions.classes_of_tool(pattern.name)
        if pattern.where is not None and len(classes) > 1 and "/forbid" not in place:
            found = workspace.actions.classify_pattern(pattern).name
            yield case_problem(
                case,
                f"{place}/where",
                f"a pattern that may belong to several classes; it counts as {found}",
                "arguments, or a schema whose const, enum or bounds name the class",
                severity="warning",
            )


def _patterns(case: Case) -> Iterator[tuple[str, ActionPattern]]:
    expect = case.expect
    for index, pattern in enumerate(expect.actions):
        yield f"/expect/actions/{index}", pattern
    for number, patterns in enumerate(expect.alternatives):
        for index, pattern in enumerate(patterns):
            yield f"/expect/alternatives/{number}/{index}", pattern
    for index, pattern in enumerate(expect.forbid):
        yield f"/expect/forbid/{index}", pattern


def _unknown_tool(case: Case, place: str, name: str, release: Release) -> Problem:
    advice = suggest_word(name, [tool.name for tool in release.tools])
    return case_problem(
        case, place, f'the unknown tool "{name}"', "a tool of tools.json", advice=advice
    )


def _near_duplicates(workspace: Workspace) -> Iterator[Problem]:
    for group, share in groups_alike(workspace.cases):
        yield case_problem(
            group[-1],
            "/messages",
            alike_sentence(group[:-1], share),
            "cases that differ in what they show",
            severity="warning",
        )
