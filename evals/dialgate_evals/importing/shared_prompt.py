"""The system prompt that every conversation begins with: it is the release's, no case's.

A case that held it would show its agent two prompts, the old one among them, and no change of the
prompt would be judged. Where conversations begin differently, each case keeps what it saw.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from dialgate_evals.actions.trajectory import text_of

_ROLES = ("system", "developer")


class SharedPrompt(Struct, kw_only=True):
    """What is known of the conversations' first messages, while they are read."""

    text: str | None = None
    # None: no conversation yet, or none that begins with a prompt
    is_shared: bool = True

    def see(self, messages: list[Any]) -> None:
        """Takes a conversation into account."""
        found = _prompt_of(messages)
        if self.text is None and self.is_shared:
            self.text = found
        self.is_shared = self.is_shared and found is not None and found == self.text

    def is_in(self, messages: list[Any]) -> bool:
        """Whether these messages begin with the prompt that all do."""
        return self.is_shared and self.text is not None and _prompt_of(messages) == self.text


def _prompt_of(messages: list[Any]) -> str | None:
    """The one prompt that the messages begin with; None for none, and for several."""
    leading = 0
    for message in messages:
        if not isinstance(message, dict) or message.get("role") not in _ROLES:
            break
        leading += 1
    if leading != 1 or leading == len(messages):
        return None
    text = text_of(messages[0].get("content"))
    return text if text.strip() else None


def without_prompt(messages: list[Any]) -> list[Any]:
    """The messages after the prompts that they begin with: by these, contexts are the same."""
    first = next((i for i, m in enumerate(messages) if m.get("role") not in _ROLES), len(messages))
    return list(messages[first:])
