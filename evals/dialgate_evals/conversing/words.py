"""What a user does when the agent has spoken: says something, ends, or leaves the script."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class AgentMessage(Struct, frozen=True, kw_only=True):
    """The agent's last message, as a user gets it."""

    text: str
    question: Any = None
    # the structured question, where the framework has one: JSON data
    said: Sequence[Mapping[str, Any]] = ()
    # the whole conversation up to it


class UserWord(Struct, frozen=True, kw_only=True):
    """The user's answer; neither text nor reason: the conversation ends."""

    text: str | None = None
    left: str | None = None
    # why the conversation left what the user can answer: the trial says nothing


END = UserWord()
