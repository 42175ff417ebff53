"""Cases with the same context that no agent can meet together, or that say the same twice.

`where` patterns get the benefit of the doubt.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate_evals.files.json_text import canonical_json, digest_of
from dialgate_evals.suite.linting.case_problem import case_problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dialgate_evals.files.problems import Problem
    from dialgate_evals.suite.case import Case
    from dialgate_evals.suite.workspace import Workspace


def find_contradictions(workspace: Workspace) -> Iterator[Problem]:
    """Cases with equal context whose expectations can't both be met."""
    by_context: dict[str, list[Case]] = {}
    for case in workspace.cases:
        by_context.setdefault(case.decision_digest, []).append(case)
    for cases in by_context.values():
        for index, case in enumerate(cases):
            for other in cases[:index]:
                if case.has_another_user(other):
                    continue
                if _contradict(case, other):
                    yield case_problem(
                        case,
                        "/expect",
                        f"another expectation than {other.id} ({other.place}) has for the same "
                        "context",
                        "expectations that one agent can meet",
                        advice="Let the escalation reviewers decide which of the two is right.",
                    )
                elif _same_lists(case) == _same_lists(other) and _forbidden(case) == _forbidden(
                    other
                ):
                    yield case_problem(
                        case,
                        "",
                        f"the same case as {other.id} ({other.place})",
                        "every case once",
                        severity="warning",
                    )


def _contradict(case: Case, other: Case) -> bool:
    """Whether no list of actions can meet both; `where` patterns get the benefit of the doubt."""
    mine, theirs = _same_lists(case), _same_lists(other)
    if _forbids_all(case, other) or _forbids_all(other, case):
        return True
    if mine & theirs:
        return False
    one_is_empty = (_NO_ACTION in mine) != (_NO_ACTION in theirs)
    return one_is_empty or (_is_exact(case) and _is_exact(other))


_NO_ACTION = digest_of([])


def _forbids_all(case: Case, other: Case) -> bool:
    """Whether every list that `other` accepts holds an action that `case` forbids as such."""
    forbidden = _forbidden(case)
    return bool(forbidden) and all(
        any(canonical_json(pattern.as_json()) in forbidden for pattern in patterns)
        for patterns in other.expect.lists
    )


def _is_exact(case: Case) -> bool:
    return all(pattern.arguments is not None for items in case.expect.lists for pattern in items)


def _same_lists(case: Case) -> set[str]:
    return {
        digest_of(sorted(canonical_json(pattern.as_json()) for pattern in patterns))
        for patterns in case.expect.lists
    }


def _forbidden(case: Case) -> set[str]:
    return {canonical_json(pattern.as_json()) for pattern in case.expect.forbid}
