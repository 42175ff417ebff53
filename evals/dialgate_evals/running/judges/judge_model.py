"""One judge of judge.toml: asked once a question, its answer checked, its model held to its name.

What can't be asked or doesn't fit is a vote that failed, never a yes. An endpoint that answers as
another model in the middle of a command isn't believed from then on. Leaves who is asked what to
`panel`.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from dialgate_evals.actions.rubrics.votes import Answer, Vote
from dialgate_evals.errors import UsageError
from dialgate_evals.files.json_text import JsonTextError, parse_json
from dialgate_evals.files.plain_text import printable, shorten
from dialgate_evals.running.agent_protocol import AgentError, InfrastructureError
from dialgate_evals.running.agents.chat_endpoint import (
    ChatEndpoint,
    EndpointSettings,
    steady,
    utc_now,
)
from dialgate_evals.running.agents.chat_messages import parse_turn
from dialgate_evals.running.judges.wording import (
    UnfitAnswerError,
    length_of,
    mark_of,
    messages_for,
    parse_answer,
)
from dialgate_evals.suite.prices import price_usage
from dialgate_evals.suite.suite import Prices

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from dialgate_evals.actions.rubrics.judge_settings import JudgeEndpoint
    from dialgate_evals.actions.rubrics.votes import Question
    from dialgate_evals.running.agents.chat_messages import ModelTurn
    from dialgate_evals.running.judges.budget import JudgeBudget

_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 30.0
_LONGEST_REASON = 500
_BROKEN_OFF = {"length": "was cut off", "content_filter": "ran into a content filter"}
"""Why an answer ended before it was whole: what stands in it was not meant to be all."""


class _NoAnswerError(Exception):
    """Why there is none, and whether asking again could help."""

    def __init__(
        self,
        reason: str,
        *,
        may_ask_again: bool,
        pause_s: float = 0.0,
        cost_usd: float | None = None,
    ) -> None:
        super().__init__(reason)
        self.may_ask_again = may_ask_again
        self.pause_s = pause_s
        self.cost_usd = cost_usd


class JudgeModel:
    """One judge's endpoint for one command."""

    def __init__(
        self,
        settings: JudgeEndpoint,
        *,
        budget: JudgeBudget,
        retries: int,
        max_chars: int,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Raises UsageError: no extra, no key where one is named."""
        self.settings = settings
        self._budget, self._retries, self._max_chars = budget, retries, max_chars
        self._sleep = sleep
        self._prices = None if settings.prices is None else Prices(**settings.prices)
        self._served: str | None = None
        # the model as which the endpoint answered first
        self.endpoint = ChatEndpoint(
            EndpointSettings(
                base_url=settings.base_url,
                model=settings.model,
                parameters=steady(settings.parameters),
                has_own_temperature="temperature" not in settings.parameters,
                api_key_env=settings.api_key_env,
                place=f"judge.toml [judge.{settings.name}]",
                timeout_s=settings.timeout_s,
            ),
            environment=environment,
        )

    async def vote(self, question: Question) -> Vote:
        """The judge's vote; a failed one where it gives none."""
        if length_of(question) > self._max_chars:
            why = f"the text is longer than {self._max_chars:,} characters (max_chars)"
            return self._vote(Answer.FAILED, why)
        calls, reason = 0, ""
        costs: list[float | None] = []
        for attempt in range(self._retries + 1):
            spent = self._budget.why_not()
            if spent is not None:
                reason = spent if not reason else f"{reason}; then {spent}"
                break
            self._budget.begin_call()
            calls += 1
            try:
                answer, reason, cost = await self._ask(question)
            except _NoAnswerError as error:
                reason = str(error)
                costs.append(error.cost_usd)
                if not error.may_ask_again:
                    break
                if attempt < self._retries:
                    await self._sleep(max(error.pause_s, _FIRST_PAUSE_S * 2.0**attempt))
            else:
                return self._vote(answer, reason, calls=calls, costs=[*costs, cost])
        return self._vote(Answer.FAILED, reason, calls=calls, costs=costs)

    async def _ask(self, question: Question) -> tuple[Answer, str, float | None]:
        mark = mark_of(question, self.settings)
        try:
            async with asyncio.timeout(self.settings.timeout_s):
                raw = await self.endpoint.ask(messages_for(question, self.settings, mark))
            turn = parse_turn(raw, number=0)
        except TimeoutError:
            why = f"no answer within {self.settings.timeout_s:g} s"
            raise _NoAnswerError(why, may_ask_again=True) from None
        except InfrastructureError as error:
            pause_s = min(error.retry_after_s or 0.0, _LONGEST_PAUSE_S)
            raise _NoAnswerError(str(error), may_ask_again=True, pause_s=pause_s) from None
        except AgentError as error:
            raise _NoAnswerError(str(error), may_ask_again=False) from None
        cost = self._cost_of(turn)
        self._budget.add_cost(cost)
        other = self._other_name(raw)
        if other is not None:
            raise _NoAnswerError(other, may_ask_again=False, cost_usd=cost)
        try:
            answer, reason = parse_answer(_whole_text(turn, raw), mark)
        except UnfitAnswerError as error:
            raise _NoAnswerError(str(error), may_ask_again=True, cost_usd=cost) from None
        return answer, reason, cost

    def _cost_of(self, turn: ModelTurn) -> float | None:
        if self._prices is None or turn.usage is None:
            return None
        return price_usage(turn.usage, provider="", model="", prices=self._prices, at=utc_now())

    def _other_name(self, raw: bytes) -> str | None:
        """What is wrong where the endpoint answers as another model than it did first."""
        served = _served_by(raw)
        if self._served is None:
            self._served = served
        if served == self._served:
            return None
        return f"the endpoint answers as {served!r}, and answered as {self._served!r} before"

    def _vote(
        self, answer: Answer, reason: str, *, calls: int = 0, costs: Sequence[float | None] = ()
    ) -> Vote:
        known = [cost for cost in costs if cost is not None]
        return Vote(
            judge=self.settings.name,
            answer=answer,
            reason=shorten(printable(reason), _LONGEST_REASON),
            model=self.settings.model,
            prompt=self.settings.prompt_digest,
            cost_usd=sum(known) if known else None,
            calls=calls,
        )


def _whole_text(turn: ModelTurn, raw: bytes) -> str:
    """The text of an answer that is one, and whole. Raises UnfitAnswerError with what it is."""
    reason = turn.finish_reason or ""
    if reason in _BROKEN_OFF:
        raise UnfitAnswerError(f"its answer {_BROKEN_OFF[reason]}")
    choices = _document(raw).get("choices")
    if isinstance(choices, list) and len(choices) > 1:
        raise UnfitAnswerError(f"it gives {len(choices)} answers at once")
    if turn.text.strip():
        return turn.text
    refusal = turn.message.get("refusal")
    if isinstance(refusal, str) and refusal.strip():
        raise UnfitAnswerError(f"its answer is empty: it refuses: {refusal}")
    why = ": it calls a tool instead" if turn.calls else ""
    raise UnfitAnswerError(f"its answer is empty{why}")


def _document(raw: bytes) -> dict[str, Any]:
    """What the endpoint answered, as data; empty where it is no object."""
    try:
        document: Any = parse_json(raw)
    except JsonTextError:
        return {}
    return document if isinstance(document, dict) else {}


def _served_by(raw: bytes) -> str | None:
    """The model as which the endpoint answered; None where it doesn't say."""
    name = _document(raw).get("model")
    return shorten(printable(name), 200) if isinstance(name, str) and name else None


def open_judge(
    settings: JudgeEndpoint, *, budget: JudgeBudget, retries: int, max_chars: int
) -> JudgeModel:
    """A judge with its key from the environment. Raises UsageError that names judge.toml."""
    try:
        return JudgeModel(settings, budget=budget, retries=retries, max_chars=max_chars)
    except UsageError as error:
        raise UsageError(f"The judge {settings.name!r} can't be asked: {error}") from None
