"""MCP's messages as they pass: requests find their answers, whoever carried them.

Knows JSON-RPC 2.0, in lines, batches and events; leaves what a method means to others.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from dialgate_evals.files.json_text import JsonTextError, canonical_json, parse_json
from dialgate_evals.recording.exchanges import ToolExchange

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dialgate_evals.recording.matching import ToolReplies

_MOST_OPEN = 10_000
_VERSION = "io.modelcontextprotocol/protocolVersion"
_NO_RECORDING = -32004
_METHOD_NOT_FOUND = -32601


def messages_in(raw: bytes) -> Iterator[dict[str, Any]]:
    """The messages of a line or a body; nothing where it is none."""
    try:
        value = parse_json(raw)
    except JsonTextError:
        return
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, dict):
            yield item


class Pairing:
    """Requests that wait for their answers."""

    def __init__(self, server: str) -> None:
        self._server = server
        self._open: OrderedDict[str, ToolExchange] = OrderedDict()

    def asked(self, message: dict[str, Any], at: float) -> None:
        """A message that the client sent."""
        method = message.get("method")
        if "id" not in message or not isinstance(method, str):
            return
        params = message.get("params")
        kept = {k: v for k, v in params.items() if k != "_meta"} if isinstance(params, dict) else {}
        self._open[canonical_json(message["id"])] = ToolExchange(
            server=self._server, at=at, method=method, version=version_of(params), params=kept
        )
        if len(self._open) > _MOST_OPEN:
            self._open.popitem(last=False)

    def answered(self, message: dict[str, Any]) -> ToolExchange | None:
        """The exchange that a message of the server completes; None where it does not."""
        if "method" in message or "id" not in message:
            return None
        asked = self._open.pop(canonical_json(message["id"]), None)
        if asked is None:
            return None
        result, error = message.get("result"), message.get("error")
        return replace(
            asked,
            result=result if isinstance(result, dict) else None,
            error=error if isinstance(error, dict) else None,
        )


def version_of(params: object) -> str:
    """The protocol's version that a request names; answers of another one look otherwise."""
    meta = params.get("_meta") if isinstance(params, dict) else None
    found = meta.get(_VERSION) if isinstance(meta, dict) else None
    return found if isinstance(found, str) else ""


def reply(
    message: dict[str, Any], replies: ToolReplies, server: str, params: dict[str, Any]
) -> dict[str, Any] | None:
    """What the server answered when this was recorded; None for what wants no answer.

    `params` are the message's as they are looked for among recordings.
    """
    method = message.get("method")
    if "id" not in message or not isinstance(method, str):
        return None
    envelope = {"jsonrpc": "2.0", "id": message["id"]}
    found = replies.find(server, method, params, version_of(message.get("params")))
    if found is None and method == "ping":
        return {**envelope, "result": {}}
    if found is None:
        code = _NO_RECORDING if method.startswith("tools/") else _METHOD_NOT_FOUND
        said = replies.explain(server, method, params)
        return {**envelope, "error": {"code": code, "message": said}}
    if found.error is not None:
        return {**envelope, "error": found.error}
    return {**envelope, "result": found.result or {}}
