"""One thing to decide on: a case, and what an agent did there, as the scorer sees it.

Trials of a case that made the same calls and end alike are one item. Leaves what is decided to
`accepting.decisions`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dialgate_evals.actions.action_classes import ActionRegistry, Effect
from dialgate_evals.actions.outcomes import TrialStatus
from dialgate_evals.dialects.front_door import read_messages
from dialgate_evals.dialects.own_part import Context, own_steps
from dialgate_evals.dialects.reading import FoundCall, as_data
from dialgate_evals.events.deriving.calls import CallJudge
from dialgate_evals.files.json_text import canonical_json
from dialgate_evals.scoring.effective_calls import effective_calls
from dialgate_evals.scoring.own_doing import own_doing
from dialgate_evals.scoring.scoring import Scorer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dialgate_evals.actions.outcomes import TrialScore
    from dialgate_evals.actions.trajectory import Trajectory
    from dialgate_evals.dialects.reading import Step
    from dialgate_evals.events.deriving.calls import Call
    from dialgate_evals.suite.case import Case
    from dialgate_evals.suite.tools import ToolRegistry


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenAction:
    """An action that took effect: what the scorer counts, as a case would expect it."""

    position: int
    # among all calls of the agent, from 0
    call: Call
    action_class: str


@dataclass(kw_only=True)
class ReviewItem:
    """What is decided on; the trajectories themselves lie elsewhere."""

    id: str
    case: Case
    actions: tuple[TakenAction, ...]
    unmet: tuple[str, ...]
    # why it can't pass whatever actions the case expects: it broke off, a check of its reply
    passes: bool
    # under the case as it stands
    trials: list[int] = field(default_factory=list)
    request: str = ""

    @property
    def calls(self) -> tuple[Call, ...]:
        """What was called, in order: the actions without their classes."""
        return tuple(item.call for item in self.actions)


@dataclass(frozen=True, kw_only=True)
class ItemReader:
    """Makes items of trajectories, for one suite and release."""

    tools: ToolRegistry
    actions: ActionRegistry
    scorer: Scorer
    judge: CallJudge

    @classmethod
    def of(cls, tools: ToolRegistry, actions: ActionRegistry) -> ItemReader:
        """For these tools and classes."""
        return cls(
            tools=tools,
            actions=actions,
            scorer=Scorer(tools=tools, actions=actions),
            judge=CallJudge(tools=tools, actions=actions),
        )

    def read(self, case: Case, trajectory: Trajectory) -> ReviewItem | str:
        """The item of one trajectory; a sentence where it could not be run, so nothing was done."""
        score = self.scorer.score(case, trajectory)
        if score.status is TrialStatus.ERRORED:
            return score.error or "it could not be run"
        actions = self._actions(case, trajectory)
        unmet = score.reply_failures
        key = canonical_json(
            [case.id, case.context_digest, _keyed(self.steps(case, trajectory)), unmet]
        )
        return ReviewItem(
            id=hashlib.sha256(key.encode("ascii")).hexdigest()[:20],
            case=case,
            actions=actions,
            unmet=unmet,
            passes=bool(score.passed),
            trials=[trajectory.trial],
            request=_request(case),
        )

    def score(self, case: Case, trajectory: Trajectory) -> TrialScore:
        """What becomes of the trajectory under the case, which may be one in the making."""
        return self.scorer.score(case, trajectory)

    def steps(self, case: Case, trajectory: Trajectory) -> list[Step]:
        """What the agent said and did itself."""
        reading = read_messages(trajectory.messages)
        return own_steps(reading, Context(read_messages(case.messages)))

    def _actions(self, case: Case, trajectory: Trajectory) -> tuple[TakenAction, ...]:
        reading = read_messages(trajectory.messages)
        own = own_doing(reading, own_steps(reading, Context(read_messages(case.messages))), None)
        effective = effective_calls(own.calls, tools=self.tools, actions=self.actions)
        found = []
        for made in effective.calls:
            if made.action_class.effect is Effect.READ:
                continue
            # As the agent wrote them, where they are data: without the schema's defaults.
            written = own.calls[made.position].arguments
            arguments = dict(made.arguments if written is None else written)
            found.append(
                TakenAction(
                    position=made.position,
                    call={"name": made.name, "arguments": arguments},
                    action_class=made.action_class.name,
                )
            )
        return tuple(found)


def _keyed(steps: list[Step]) -> list[list[Any]]:
    """The calls with what became of each: what tells trials of a case apart."""
    return [
        [step.name, _plain(as_data(step.arguments)), step.failed]
        for step in steps
        if isinstance(step, FoundCall)
    ]


def _plain(value: object) -> object:
    return value if isinstance(value, dict | list | str | int | float | bool) else str(value)


def _request(case: Case) -> str:
    """What the user said last, for lists."""
    from dialgate_evals.actions.trajectory import text_of  # noqa: PLC0415 - one use

    said: list[Mapping[str, Any]] = [m for m in case.messages if m.get("role") == "user"]
    return text_of(said[-1].get("content"))[:300] if said else ""
