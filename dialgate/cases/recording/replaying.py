"""Serves recordings back in place of models and MCP servers; asks nobody."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from aiohttp import web

from dialgate.cases.recording.journal import read_recordings
from dialgate.cases.recording.proxy import MCP, read_body, refuse
from dialgate_evals.events.deriving.redacting.event_redaction import identified
from dialgate_evals.events.deriving.redacting.redaction_rules import RedactionError
from dialgate_evals.files.json_text import JsonTextError, json_line, parse_json
from dialgate_evals.recording.apis.registry import api_of, is_anthropics
from dialgate_evals.recording.event_stream import event_bytes
from dialgate_evals.recording.exchanges import Exchange, ToolExchange
from dialgate_evals.recording.json_rpc import messages_in, reply
from dialgate_evals.recording.matching import Replies, ToolReplies
from dialgate_evals.recording.withholding import Withholding

if TYPE_CHECKING:
    from dialgate.cases.recording.places import RecordingPlace
    from dialgate_evals.events.deriving.redacting.redaction_rules import RedactionRules


def rules_for_replay(place: RecordingPlace, parts: list[Any]) -> RedactionRules:
    """The recording's rules, under which its own pseudonyms stay as they are."""
    return replace(place.rules, made=identified(parts, place.rules))


class Replayed:
    """Everything that a journal holds, ready to be asked for."""

    def __init__(self, place: RecordingPlace) -> None:
        kept = list(read_recordings(place.journal))
        exchanges = [item for item in kept if isinstance(item, Exchange)]
        tools = [item for item in kept if isinstance(item, ToolExchange)]
        parts: list[Any] = [part for item in exchanges for part in (item.body, item.answer)]
        parts += [part for item in tools for part in (item.params, item.result)]
        self._withholding = Withholding(rules_for_replay(place, parts), place.pseudonyms)
        self.replies = Replies(exchanges)
        self.tools = ToolReplies(tools)
        self.unmatched = 0

    async def start(self) -> None:
        """Nothing has to be made."""

    async def close(self) -> None:
        """Nothing has to be ended."""

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """The recorded answer to one request."""
        if request.raw_path.startswith(MCP):
            return await self._serve_mcp(request)
        anthropics = is_anthropics(request.path, request.headers)
        api = api_of(request.method, request.path, anthropics=anthropics)
        if api is None:
            self.unmatched += 1
            asked = f"{request.method} {request.path}"
            return refuse(request, 404, f"No recording matches. asked: {asked}, which is not kept.")
        try:
            body = parse_json(await read_body(request) or b"")
            body = self._withholding.request(body)
        except (JsonTextError, RedactionError, AttributeError) as error:
            return refuse(request, 400, f"the request can't be looked up: {error}")
        found = self.replies.find(api, body)
        if found is None or found.answer is None:
            self.unmatched += 1
            return refuse(request, 404, self.replies.explain(api, body))
        if body.get("stream") and found.is_answered:
            events = api.take_apart(found.answer, body)
            raw = b"".join(map(event_bytes, events))
            return web.Response(body=raw, content_type="text/event-stream", charset="utf-8")
        return web.Response(
            body=json_line(found.answer), status=found.status or 200,
            content_type="application/json",
        )  # fmt: skip

    def answer_mcp(self, raw: bytes, server: str) -> list[dict[str, Any]]:
        """The recorded answers to a line or a body."""
        found = []
        for message in messages_in(raw):
            params = message.get("params")
            params = params if isinstance(params, dict) else {}
            try:
                looked_up = self._withholding.request({"params": params})["params"]
            except RedactionError:
                looked_up = params
            answer = reply(message, self.tools, server, looked_up)
            if answer is not None:
                self.unmatched += "error" in answer
                found.append(answer)
        return found

    async def _serve_mcp(self, request: web.Request) -> web.StreamResponse:
        if request.method == "DELETE":
            return web.Response(status=200)
        if request.method != "POST":
            return web.Response(status=405, headers={"Allow": "POST, DELETE"})
        body = await read_body(request) or b""
        name = request.path.removeprefix(MCP).rstrip("/")
        answers = self.answer_mcp(body, name)
        if not answers:
            return web.Response(status=202)
        made = answers if body.lstrip().startswith(b"[") else answers[0]
        return web.Response(body=json_line(made), content_type="application/json")
