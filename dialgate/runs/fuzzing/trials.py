"""Fresh trials of cases and variants within a budget; variants with other tools have their agent.

Leaves which trials are worth their price to `search`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol, Self, TypeAlias

from dialgate.runs.fuzzing.agent_line import AgentLine
from dialgate_evals.files.json_text import digest_of_parsed
from dialgate_evals.fuzzing.judging import judge
from dialgate_evals.fuzzing.variant import Variant
from dialgate_evals.scoring.scoring import Scorer
from dialgate_evals.suite.case import Case

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from dialgate_evals.actions.outcomes import TrialScore
    from dialgate_evals.actions.trajectory import Trajectory
    from dialgate_evals.fuzzing.relation import Surroundings
    from dialgate_evals.suite.release import Release
    from dialgate_evals.suite.workspace import Workspace

Subject: TypeAlias = Variant | Case
"""What is tried: a variant, or a case as the suite has it."""

_MOST_AGENTS = 4
"""Agents that are up at once, each with other tools."""


class Trials(Protocol):
    """Fresh trials of a release; the port by which a search runs its agent."""

    left: int
    # trials that the budget still pays for

    def run(self, subjects: Sequence[Subject]) -> list[tuple[Trajectory, TrialScore]]:
        """One fresh trial of each, in their order. Raises SpentError over the budget."""
        ...


class SpentError(Exception):
    """The budget doesn't pay for the trials that are asked for."""


class LiveTrials:
    """Trials of the suite's own agent; a context that ends every agent it started."""

    def __init__(
        self, workspace: Workspace, release: Release, around: Surroundings, budget: int
    ) -> None:
        """`budget` is a number of trials."""
        self._workspace, self._release, self._around = workspace, release, around
        self._lines: dict[str, AgentLine] = {}
        self._scorer = Scorer(tools=release.tools, actions=workspace.actions)
        self.left = budget

    def run(self, subjects: Sequence[Subject]) -> list[tuple[Trajectory, TrialScore]]:
        """One fresh trial of each, in their order.

        Raises SpentError over the budget, EvidenceError where the agent can't be started.
        """
        if len(subjects) > self.left:
            raise SpentError
        self.left -= len(subjects)
        by_tools: dict[str, list[int]] = {}
        for place, subject in enumerate(subjects):
            by_tools.setdefault(_tools_key(subject), []).append(place)
        found: dict[int, Trajectory] = {}
        for key, places in by_tools.items():
            line = self._line(key, subjects[places[0]])
            cases = [_case_of(subjects[place]) for place in places]
            found.update(zip(places, line.run(cases), strict=True))
        return [(found[place], self._score(s, found[place])) for place, s in enumerate(subjects)]

    def _score(self, subject: Subject, trajectory: Trajectory) -> TrialScore:
        if isinstance(subject, Variant):
            return judge(subject, trajectory, self._around)
        return self._scorer.score(subject, trajectory)

    def _line(self, key: str, subject: Subject) -> AgentLine:
        line = self._lines.pop(key, None)
        if line is None:
            while len(self._lines) >= _MOST_AGENTS:
                self._lines.pop(next(iter(self._lines))).close()
            tools = subject.tools if isinstance(subject, Variant) else self._release.tools
            line = AgentLine(self._workspace, replace(self._release, tools=tools))
        self._lines[key] = line
        return line

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for line in self._lines.values():
            line.close(at_once=error is not None)


def _case_of(subject: Subject) -> Case:
    return subject.case if isinstance(subject, Variant) else subject


def _tools_key(subject: Subject) -> str:
    """Equal for subjects that one agent can serve; empty for the release's own tools."""
    if not isinstance(subject, Variant) or not subject.has_other_tools:
        return ""
    return digest_of_parsed(subject.tools.as_json())
