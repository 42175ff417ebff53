"""`mutate --live`: mutants of the release run on the suite's cases; which does no case notice?

A case notices a mutant where it fails under it and passes under the release, confirmed by fresh
trials of both. Leaves making mutants to `dialgate_gate.blame.release_mutants`.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dialgate.runs.fuzzing.agent_line import AgentLine
from dialgate.terminal.output import say
from dialgate_evals.errors import UsageError
from dialgate_evals.scoring.scoring import Scorer
from dialgate_evals.suite.suite import AgentKind
from dialgate_gate.blame.question import error_of
from dialgate_gate.blame.release_mutants import ReleaseMutant, release_mutants
from dialgate_gate.finding.paired_question import PairedQuestion, Wanted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dialgate_evals.suite.case import Case
    from dialgate_evals.suite.release import Release
    from dialgate_evals.suite.workspace import Workspace

ERROR = 0.05
"""The chance that any mutant counts as noticed by chance, bounded over all of them."""

_AT_ONCE = 16
"""Cases that are run together before anything is confirmed."""

_MOST_ASKED = 3
"""Cases of one mutant that are confirmed; the first confirmed one ends it."""


class _SpentError(Exception):
    """The budget doesn't pay for the next trials."""


@dataclass(kw_only=True)
class LiveMutants:
    """Runs mutants within a number of trials."""

    workspace: Workspace
    release: Release
    budget: int
    seed: int = 0
    spent: int = 0
    _questions: int = 0
    _passing: list[Case] = field(default_factory=list)
    _scorer: Scorer = field(init=False)

    def __post_init__(self) -> None:
        self._scorer = Scorer(tools=self.release.tools, actions=self.workspace.actions)

    def run(self) -> dict[str, Any]:
        """What became of each mutant that was asked, as a document.

        Raises UsageError where no agent is run, EvidenceError where it can't be started.
        """
        if self.workspace.suite.agent.kind is AgentKind.TRANSCRIPT:
            raise UsageError(
                "An agent whose trials are recorded can't be run under another prompt."
            )
        mutants = release_mutants(self.release)
        found: list[dict[str, Any]] = []
        random.Random(self.seed).shuffle(mutants)  # noqa: S311 - a fixed seed
        original = AgentLine(self.workspace, self.release)
        try:
            cases = list(self.workspace.cases)
            self._pay(len(cases))
            outcomes = self._passes(original, cases)
            self._passing = [case for case, passed in zip(cases, outcomes, strict=True) if passed]
            for number, mutant in enumerate(mutants):
                say(f"{number} of {len(mutants)} mutants asked.", to_stderr=True)
                found.append(self._asked(mutant, original))
        except _SpentError:
            pass
        finally:
            original.close()
        found.sort(key=lambda item: (item["killed_by"] is not None, item["words"]))
        return {
            "made": len(mutants),
            "cases": len(self._passing),
            "asked": len(found),
            "killed": sum(item["killed_by"] is not None for item in found),
            "mutants": found,
            "trials": self.spent,
            "budget": self.budget,
            "error": ERROR,
        }

    def _pay(self, trials: int) -> None:
        if self.spent + trials > self.budget:
            raise _SpentError
        self.spent += trials

    def _passes(self, line: AgentLine, cases: Sequence[Case]) -> list[bool | None]:
        trajectories = line.run(cases)
        return [
            self._scorer.score(case, trajectory).passed
            for case, trajectory in zip(cases, trajectories, strict=True)
        ]

    def _asked(self, mutant: ReleaseMutant, original: AgentLine) -> dict[str, Any]:
        """The first case that notices the mutant; None where every case was run and none does."""
        line = AgentLine(self.workspace, mutant.release)
        killer = None
        asked = 0
        try:
            for begin in range(0, len(self._passing), _AT_ONCE):
                some = self._passing[begin : begin + _AT_ONCE]
                self._pay(len(some))
                outcomes = self._passes(line, some)
                for case, passed in zip(some, outcomes, strict=True):
                    if passed is False and killer is None and asked < _MOST_ASKED:
                        asked += 1
                        killer = case.id if self._is_confirmed(case, line, original) else None
                if killer is not None:
                    break
        finally:
            line.close()
        return {
            "kind": mutant.kind, "words": mutant.words, "path": mutant.path, "line": mutant.line,
            "killed_by": killer,
        }  # fmt: skip

    def _is_confirmed(self, case: Case, line: AgentLine, original: AgentLine) -> bool:
        self._questions += 1
        question = PairedQuestion(error_of(self._questions, ERROR))
        while (wanted := question.wanted) is not None:
            self._pay(1)
            (passed,) = self._passes(line if wanted is Wanted.VARIANT else original, [case])
            if passed is None:
                question.give_up()
            else:
                question.take(passed)
        return question.answer is True
