"""The simulated tools of a trial: what a case's recordings say, or a world of its own.

Tools are made once a case and opened once a trial. Leaves answering to `running.simulation`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from dialgate_evals.files.time_bounds import Patience
from dialgate_evals.running.simulation.simulated_tools import CaseTools, SimulatedTools

if TYPE_CHECKING:
    from dialgate_evals.actions.action_classes import ActionRegistry
    from dialgate_evals.running.simulation.simulator import Worlds
    from dialgate_evals.suite.case import Case
    from dialgate_evals.suite.tools import ToolRegistry

MOST_PREPARED = 10_000
"""Cases whose tools are kept ready; more would take the memory of their trials."""

_FOR_ONE_TRIAL = 2_000
"""The same where no case has another trial; those in flight are kept anyway."""


@dataclass(frozen=True, kw_only=True)
class TrialTools:
    """Opens the tools of each trial of a run."""

    tools: ToolRegistry
    actions: ActionRegistry
    most_calls: int
    # of one trial
    make_world: Worlds | None
    # the suite's stateful simulator; None: recordings only
    most_prepared: int = MOST_PREPARED
    # cases that are kept ready for another trial
    _patience: Patience = field(default_factory=Patience)
    _prepared: dict[int, tuple[Case, CaseTools]] = field(default_factory=dict)

    def for_one_trial_each(self) -> TrialTools:
        """The same, for a run in which no case comes a second time."""
        return replace(self, most_prepared=_FOR_ONE_TRIAL)

    def open(self, case: Case) -> SimulatedTools:
        """Tools that nobody has called yet."""
        prepared = self._case_tools(case)
        if self.make_world is None:
            return SimulatedTools(prepared, most_calls=self.most_calls)
        from dialgate_evals.running.simulation.simulator import WorldTools  # noqa: PLC0415 - few suites have one

        return WorldTools(prepared, make_world=self.make_world, most_calls=self.most_calls)

    def _case_tools(self, case: Case) -> CaseTools:
        known = self._prepared.get(id(case))
        if known is None:
            if len(self._prepared) >= self.most_prepared:
                self._prepared.clear()
            prepared = CaseTools(
                case, tools=self.tools, actions=self.actions, patience=self._patience
            )
            known = self._prepared[id(case)] = (case, prepared)
        return known[1]
