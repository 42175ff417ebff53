"""When two messages are the same although a client wrote them differently.

Marks of caching move from request to request, and a text is written as one or as a list of one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.dialects.front_door import read_messages
from dialgate_evals.dialects.reading import as_data
from dialgate_evals.files.json_text import canonical_json, digest_of

if TYPE_CHECKING:
    from collections.abc import Sequence

_MARKS = frozenset({"cache_control", "index"})


def plain(value: Any) -> Any:  # noqa: ANN401 - JSON data
    """The value without what says nothing to the model."""
    if isinstance(value, dict):
        made = {
            key: plain(item)
            for key, item in value.items()
            if item is not None and key not in _MARKS
        }
        if isinstance(made.get("content"), list) and len(made["content"]) == 1:
            part = made["content"][0]
            if isinstance(part, dict) and part.keys() == {"type", "text"}:
                made["content"] = part["text"]
        return made
    return [plain(item) for item in value] if isinstance(value, list) else value


class Digests:
    """Digests of messages; a journal holds each once, so each is looked at once."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Any, str]] = {}

    def of(self, message: Any) -> str:  # noqa: ANN401 - JSON data
        """The digest of what the message says."""
        held = self._known.get(id(message))
        if held is None:
            held = self._known[id(message)] = (message, digest_of(plain(message)))
        return held[1]

    def chain(self, messages: Sequence[Any]) -> list[str]:
        """A digest for each beginning of the list, the empty one first."""
        found = [digest_of([])]
        for message in messages:
            found.append(digest_of([found[-1], self.of(message)]))
        return found


def calls_in(messages: Sequence[Any]) -> list[str]:
    """Name and arguments of each call, as texts that can be compared."""
    return [
        canonical_json([call.name, as_data(call.arguments)])
        for call in read_messages(messages).calls
    ]


def are_same_calls(one: Sequence[Any], other: Sequence[Any]) -> bool:
    """Whether both make the same calls: by their ids, which no two share, or as they are written.

    A client may write arguments anew, or leave a call out that it never made.
    """
    ids = [{call.id for call in read_messages(m).calls if call.id} for m in (one, other)]
    return bool(ids[0] & ids[1]) or calls_in(one) == calls_in(other)


def is_assistants(message: object) -> bool:
    """Whether a message, or an item of Responses, is the model's own."""
    if not isinstance(message, dict):
        return False
    if "role" in message:
        return message["role"] in {"assistant", "model"}
    kind = str(message.get("type"))
    return not kind.endswith(("_output", "_response")) or kind == "mcp_approval_request"
