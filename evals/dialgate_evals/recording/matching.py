"""Which recorded answer belongs to a request: the same question, asked in the same order.

A question asked several times gets its answers in the order in which they came, then the last
one again. Where nothing matches, the nearest recording is named with what differs first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.files.json_text import canonical_json, digest_of
from dialgate_evals.files.plain_text import shorten
from dialgate_evals.files.problems import show_value
from dialgate_evals.recording.apis.api import history_of
from dialgate_evals.recording.apis.registry import APIS
from dialgate_evals.recording.sameness import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dialgate_evals.recording.apis.api import Api
    from dialgate_evals.recording.exchanges import Exchange, ToolExchange

_NO_QUESTION = frozenset(
    "stream stream_options metadata user safety_identifier prompt_cache_key prompt_cache_retention "
    "store service_tier background".split()
)
"""Keys of a request that change how an answer comes, not what it says."""


class Replies:
    """The recorded answers of models."""

    def __init__(self, exchanges: Iterable[Exchange]) -> None:
        self._all = sorted(exchanges, key=lambda exchange: exchange.at)
        self._by_question: dict[str, list[Exchange]] = {}
        for exchange in self._all:
            if exchange.status is not None and exchange.answer is not None:
                self._by_question.setdefault(_key(exchange.api, exchange.body), []).append(exchange)
        for key, found in self._by_question.items():
            self._by_question[key] = [e for e in found if e.is_answered] or found
        self._asked: dict[str, int] = {}

    def __len__(self) -> int:
        return sum(map(len, self._by_question.values()))

    def find(self, api: Api, body: Mapping[str, Any]) -> Exchange | None:
        """The recording of this question; None where it was never asked."""
        key = _key(api.name, body)
        found = self._by_question.get(key)
        if found is None:
            return None
        number = self._asked.get(key, 0)
        self._asked[key] = number + 1
        return found[min(number, len(found) - 1)]

    def explain(self, api: Api, body: Mapping[str, Any]) -> str:
        """What was asked, and which recording is nearest and why it is another."""
        history = history_of(api, body)
        asked = f"asked: {_shown(history[-1]) if history else 'nothing'}"
        others = [e for e in self._all if e.api == api.name and e.answer is not None]
        if not others:
            return f"No recording matches. {asked}. Nothing is recorded for {api.name}."
        messages = plain(history)
        nearest = max(others, key=lambda e: (_common(_history(e), messages), _alike(e, body)))
        return (
            f"No recording matches. {asked}. The nearest recording ({nearest.place}) differs: "
            f"{_difference(api, nearest, body)}."
        )


def _history(exchange: Exchange) -> list[Any]:
    return list(plain(history_of(APIS[exchange.api], exchange.body)))


def _key(api: str, body: Mapping[str, Any]) -> str:
    question = {key: value for key, value in body.items() if key not in _NO_QUESTION}
    return digest_of([api, plain(question)])


def _common(one: list[Any], other: list[Any]) -> int:
    """How many messages both begin with."""
    for count, (left, right) in enumerate(zip(one, other, strict=False)):
        if left != right:
            return count
    return min(len(one), len(other))


def _alike(exchange: Exchange, body: Mapping[str, Any]) -> int:
    keys = exchange.body.keys() | body.keys()
    return sum(plain(exchange.body.get(key)) == plain(body.get(key)) for key in keys)


def _difference(api: Api, nearest: Exchange, body: Mapping[str, Any]) -> str:
    recorded = _history(nearest)
    asked = plain(history_of(api, body))
    keys = sorted((nearest.body.keys() | body.keys()) - _NO_QUESTION - {api.history})
    for key in keys:
        was, now = plain(nearest.body.get(key)), plain(body.get(key))
        if was != now:
            return f"its {key} is {_short(was)}, asked with {_short(now)}"
    place = _common(recorded, asked)
    if place == len(recorded):
        return f"it ends before message {place + 1}, {_shown(asked[place])}"
    if place == len(asked):
        return f"it goes on with message {place + 1}, {_shown(recorded[place])}"
    return f"its message {place + 1} is {_shown(recorded[place])}, asked: {_shown(asked[place])}"


def _short(value: object) -> str:
    if value is None:
        return "missing"
    return shorten(show_value(value) if isinstance(value, str) else canonical_json(value), 160)


def _shown(message: object) -> str:
    if isinstance(message, dict) and isinstance(message.get("content"), str):
        said = show_value(message["content"])
        return shorten(f"{message.get('role', message.get('type'))} {said}", 160)
    return shorten(canonical_json(message), 160)


class ToolReplies:
    """The recorded answers of MCP servers."""

    def __init__(self, exchanges: Iterable[ToolExchange]) -> None:
        self._all = sorted(exchanges, key=lambda exchange: exchange.at)
        self._by_question: dict[str, list[ToolExchange]] = {}
        for exchange in self._all:
            key = _tool_key(exchange.server, exchange.method, exchange.params, exchange.version)
            self._by_question.setdefault(key, []).append(exchange)
        self._asked: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._all)

    def find(
        self, server: str, method: str, params: Mapping[str, Any], version: str = ""
    ) -> ToolExchange | None:
        """The recording of this request; None where it was never made."""
        key = _tool_key(server, method, params, version)
        found = self._by_question.get(key)
        if found is None:
            return None
        number = self._asked.get(key, 0)
        self._asked[key] = number + 1
        return found[min(number, len(found) - 1)]

    def explain(self, server: str, method: str, params: Mapping[str, Any]) -> str:
        """What was asked, and the nearest recording."""
        params = {key: value for key, value in params.items() if key != "_meta"}
        asked = f"asked: {method} {_short(params)}"
        others = [e for e in self._all if (e.server, e.method) == (server, method)]
        if not others:
            known = sorted({e.server for e in self._all})
            why = f"Nothing is recorded for {method} of {server}; recorded servers: {known}"
            return f"No recording matches. {asked}. {shorten(why, 300)}."
        nearest = max(others, key=lambda e: _same_leaves(e.params, params))
        return (
            f"No recording matches. {asked}. The nearest recording ({nearest.place}): "
            f"{_short(nearest.params)}."
        )


def _tool_key(server: str, method: str, params: Mapping[str, Any], version: str) -> str:
    if method == "initialize":  # a client's own version is no question
        return digest_of([server, method])
    asked = {key: value for key, value in params.items() if key != "_meta"}
    return digest_of([server, method, version, asked])


def _same_leaves(one: object, other: object) -> int:
    """How many values stand at the same place in both; a tool's name counts most."""
    if isinstance(one, dict) and isinstance(other, dict):
        return sum(
            _same_leaves(one[key], other[key]) * (100 if key == "name" else 1)
            for key in one.keys() & other.keys()
        )
    return int(one == other)
