"""What every adapter is: it gives one trial to the agent and brings back the agent's reply.

Knows the words that pass between the engine and an adapter. The engine owns time limits, retries
and records; the simulated tools own the call log; an adapter only carries messages.
"""

from __future__ import annotations

import asyncio
import secrets
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence


class TrialInput(Struct, frozen=True, kw_only=True):
    """What the agent gets: the contract's section 8, the same in every dress."""

    trial_id: str
    # unique in the run
    messages: Sequence[Mapping[str, Any]]
    tools: Sequence[Mapping[str, Any]]
    # the release's schemas: name, description, parameters
    release: Mapping[str, Any]
    # name, version, prompts (path: text), model {provider, name, parameters}
    alone: bool = False
    # no other trial may share what runs it: it is run again to find out who was to blame
    turn: int = 1
    # the how manieth time that the agent has the word in this trial
    has_user: bool = False
    # whether somebody may answer the reply, so that another turn follows
    mcp: Mapping[str, Any] = field(default_factory=dict)
    # {"mcp_url": …} or {"mcp_command": […]} where the suite asks for it: the same tools over MCP


def draw_trial_ids() -> Iterator[str]:
    """Names for trials without end; a case's id would say what is tested.

    Many are drawn at once: the system's randomness costs a call each time.
    """
    while True:
        drawn = secrets.token_hex(8 * _DRAWN_AT_ONCE)
        yield from (drawn[start : start + 16] for start in range(0, len(drawn), 16))


_DRAWN_AT_ONCE = 256


class AgentReply(Struct, frozen=True, kw_only=True):
    """What the agent says at the end of a trial, or of a turn in a conversation."""

    text: str = ""
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost_usd: float | None = None
    failure: str | None = None
    # how the answer broke off, in the words of `Trajectory.failure`; None where it ended well
    question: Mapping[str, Any] | None = None
    # what the agent asks as data, where its framework has a form for that
    messages: Sequence[Mapping[str, Any]] | None = None
    # chat only: the assistant's messages as the model wrote them; None: made from the call log


class ToolAnswer(Struct, frozen=True, kw_only=True):
    """What a simulated tool answers to one call."""

    content: Any = None
    # JSON data; text of the error where `is_error`
    is_error: bool = False


Late: TypeAlias = "float | asyncio.Future[None]"
"""How late an answer comes: by seconds, or once what it waits for is done."""


def send_late(late: Late, send: Callable[[], object]) -> None:
    """Sends at once, some seconds later, or when what is waited for is done."""
    if isinstance(late, asyncio.Future):
        late.add_done_callback(lambda _: send())
    elif late:
        asyncio.get_running_loop().call_later(late, send)
    else:
        send()


class ToolSession(Protocol):
    """One trial's simulated tools; every call is logged with its time."""

    @property
    def log(self) -> Sequence[object]:
        """The calls so far; a trial whose log is empty has not begun to act."""
        ...

    def restart(self) -> None:
        """Forgets every call: the trial begins again, because its worker was lost."""
        ...

    async def call(self, name: str, arguments: Any) -> ToolAnswer:  # noqa: ANN401 - hostile input
        """Answers the call as a real tool would; never raises for what the agent sends."""
        ...

    def answer(
        self,
        name: str,
        arguments: Any,  # noqa: ANN401 - hostile input
    ) -> tuple[ToolAnswer, Late]:
        """The same at once, and how late the answer has to come."""
        ...


class Agent(Protocol):
    """One way to reach the agent; started once per run, used by many trials at once."""

    @property
    def most_in_flight(self) -> int | None:
        """How many trials the agent takes at once, known once it is started; None: any number."""
        ...

    async def start(self) -> None:
        """Makes ready. Raises InfrastructureError where the agent can't be reached at all."""
        ...

    async def respond(self, trial: TrialInput, tools: ToolSession) -> AgentReply:
        """One trial. Raises AgentError or InfrastructureError; safe to cancel."""
        ...

    async def close(self) -> None:
        """Ends every process and connection; never raises."""
        ...


class AgentError(Exception):
    """The agent itself broke off (crash, garbage, an HTTP 4xx): the trial is failed."""


class BlockedWorkerError(Exception):
    """What ran several trials stopped answering; the trial runs again, alone, to be judged."""


class InfrastructureError(Exception):
    """The trial could not be run (connection, 429, 5xx, crash before the first message)."""

    def __init__(self, message: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s
