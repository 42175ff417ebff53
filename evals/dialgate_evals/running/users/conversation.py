"""A conversation: the agent has the word, the user answers, until either is done.

The agent is reached anew for each turn with the messages grown by what was done and said (the
contract's section 9); it needs no memory of its own. Leaves what the user says to
`dialgate_evals.conversing`, and time limits to the engine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from msgspec.structs import replace

from dialgate_evals.actions.trajectory import LEFT_SCRIPT, text_of
from dialgate_evals.conversing.asking import asked_sentences
from dialgate_evals.conversing.structured import in_words
from dialgate_evals.conversing.words import AgentMessage, UserWord

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dialgate_evals.actions.trajectory import Trajectory
    from dialgate_evals.running.agent_protocol import Agent, AgentReply, ToolSession, TrialInput
    from dialgate_evals.running.simulation.simulated_tools import SimulatedTools

_Number = TypeVar("_Number", int, float)

_NOT_TOLD = frozenset({"unmatched", "fault", "at_ms", "finish_reason"})
"""What the harness writes into a message for its own record; an agent in use would not see it."""


class Answers(Protocol):
    """Who answers an agent in one trial, and what that cost."""

    @property
    def cost_usd(self) -> float | None:
        """What its model cost so far; None: no model, or no price."""
        ...

    @property
    def calls(self) -> int:
        """How often its model was asked so far."""
        ...

    @property
    def blames_agent(self) -> bool:
        """Whether a conversation that never ends is the agent's doing: no model answers it."""
        ...

    async def answer(self, message: AgentMessage) -> UserWord:
        """What the user says to the message."""
        ...


class Conversation:
    """One attempt at a trial with a user."""

    def __init__(
        self,
        *,
        agent: Agent,
        tools: SimulatedTools,
        answers: Answers,
        max_turns: int,
        session: ToolSession | None = None,
    ) -> None:
        """`session`: the tools as the agent sees them; by default the tools themselves."""
        self._agent, self._tools, self._answers = agent, tools, answers
        self._session: ToolSession = tools if session is None else session
        self._max_turns = max_turns
        self._given = self._told = 0
        # messages of the context, and
        # messages of the tools' log that are in `_did` already
        self._did: list[Mapping[str, Any]] = []
        self.left = ""
        # why it left what the user can answer; empty: it didn't

    def told_in(self, trajectory: Trajectory) -> Trajectory:
        """The trial's trajectory with the whole dialogue, also where a turn broke off."""
        given = trajectory.messages[: self._given]
        left = {"left_script": self.left} if self.left else {}
        return replace(
            trajectory,
            messages=[*given, *self._all()],
            user_cost_usd=self._answers.cost_usd,
            user_calls=self._answers.calls,
            labels={**trajectory.labels, **left},
        )

    def _all(self) -> list[Mapping[str, Any]]:
        return [*self._did, *self._tools.as_messages()[self._told :]]

    async def hold(self, given: TrialInput) -> AgentReply:
        """The whole conversation; the last reply, with all usage. Raises as the agent does."""
        replies: list[AgentReply] = []
        self._given = len(given.messages)
        while True:
            turn = len(replies) + 1
            seen = [*given.messages, *(_as_told(message) for message in self._did)]
            asked = replace(given, messages=seen, turn=turn, has_user=True)
            self._tools.begin_answer()
            reply = await self._agent.respond(asked, self._session)
            replies.append(reply)
            self._keep(reply)
            if reply.failure is not None or self._tools.exceeded:
                return _sum(replies, reply.failure)
            said = [*given.messages, *self._did]
            message = AgentMessage(text=_last_text(reply), question=reply.question, said=said)
            word = await self._answers.answer(message)
            if word.left is not None:
                self.left = word.left
                return _sum(replies, LEFT_SCRIPT)
            if word.text is None:
                return _sum(replies, None)
            if turn >= self._max_turns:
                return _sum(replies, self._never_ended(message))
            self._did.append({"role": "user", "content": word.text})

    def _keep(self, reply: AgentReply) -> None:
        """Adds what the agent did in this turn."""
        made = self._tools.as_messages()
        if reply.messages is not None:
            self._did += reply.messages
        else:
            self._did += made[self._told :]
            self._did.append({"role": "assistant", "content": in_words(reply.text, reply.question)})
        self._told = len(made)

    def _never_ended(self, message: AgentMessage) -> str:
        if self._answers.blames_agent and (asked_sentences(message.text) or message.question):
            return f"the agent still asks after {self._max_turns} turns ([user] max_turns)"
        self.left = f"the conversation didn't end within {self._max_turns} turns ([user] max_turns)"
        return LEFT_SCRIPT


def _as_told(message: Mapping[str, Any]) -> Mapping[str, Any]:
    if _NOT_TOLD.isdisjoint(message):
        return message
    return {key: value for key, value in message.items() if key not in _NOT_TOLD}


def _last_text(reply: AgentReply) -> str:
    if reply.text or not reply.messages:
        return reply.text
    return text_of(reply.messages[-1].get("content"))


def _sum(replies: Sequence[AgentReply], failure: str | None) -> AgentReply:
    """The last reply with the usage of all; what is unknown for one turn is unknown for all."""
    return replace(
        replies[-1],
        failure=failure,
        input_tokens=_total([reply.input_tokens for reply in replies]),
        output_tokens=_total([reply.output_tokens for reply in replies]),
        cost_usd=_total([reply.cost_usd for reply in replies]),
    )


def _total(parts: Sequence[_Number | None]) -> _Number | None:
    known = [part for part in parts if part is not None]
    return sum(known[1:], known[0]) if len(known) == len(parts) else None
