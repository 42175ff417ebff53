"""What of an exchange is never kept: keys, and what identifies a person.

The keys of the request itself are secrets wherever they stand; the rest is replaced as `cases
derive` does, each exchange as a whole, so that equal stays equal.
"""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from dialgate_evals.events.deriving.redacting.event_redaction import redact_parts
from dialgate_evals.events.deriving.redacting.redaction_memory import Memory
from dialgate_evals.events.deriving.redacting.redaction_rules import RedactionError
from dialgate_evals.recording.exchanges import Exchange, ToolExchange, Unrecorded

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dialgate_evals.events.deriving.redacting.pseudonyms import Pseudonyms
    from dialgate_evals.events.deriving.redacting.redaction_rules import RedactionRules
    from dialgate_evals.recording.exchanges import Kept

_PERSONS = ("user", "metadata", "safety_identifier", "prompt_cache_key")
"""Keys of requests that say whose request it is, and nothing to the model."""

_KEY_HEADERS = frozenset("authorization proxy-authorization x-api-key api-key cookie".split())
_SHORTEST_KEY = 4
_SHOWN = "[key]"


def keys_in(headers: Iterable[tuple[str, str]], query: Mapping[str, str]) -> tuple[str, ...]:
    """Every value of a request that opens something: its headers' and its query's.

    >>> keys_in([("Authorization", "Bearer abc123"), ("Accept", "x")], {"key": "q1w2e3"})
    ('abc123', 'q1w2e3')
    """
    found = [
        value.rpartition(" ")[2]
        for name, value in headers
        if name.lower() in _KEY_HEADERS or "token" in name.lower() or "secret" in name.lower()
    ]
    found += [value for name, value in query.items() if name != "api-version"]
    return tuple(key for key in found if len(key) >= _SHORTEST_KEY)


_LISTS = frozenset({"messages", "input", "tools"})
_CALLED = frozenset({"arguments", "input", "structuredContent", "params"})
"""Under these keys stand arguments and answers, where the pointers of `[redact]` begin."""


class _At(int):
    """Where a part stands among the parts."""


class _Within(int):
    """Where a part stands that no pointer begins at: it stands alone in a list."""


class _Parts:
    """A request in parts: each message, tool, and what a call is made with, by itself."""

    def __init__(self) -> None:
        self.values: list[Any] = []

    def take(self, value: Any) -> _At:  # noqa: ANN401 - JSON data
        """One part at which pointers begin."""
        self.values.append(value)
        return _At(len(self.values) - 1)

    def take_within(self, value: Any) -> _Within:  # noqa: ANN401 - JSON data
        """One part that holds calls, and is none."""
        return _Within(self.take([value]))

    def take_body(self, body: Mapping[str, Any]) -> Any:  # noqa: ANN401 - see put_back
        """A request without what says whose it is."""
        kept = {key: value for key, value in body.items() if key not in _PERSONS}
        lists = {k: value for k, value in kept.items() if k in _LISTS and isinstance(value, list)}
        rest = self.take_within({k: value for k, value in kept.items() if k not in lists})
        below = {key: [self.take_item(item) for item in value] for key, value in lists.items()}
        return (rest, list(kept), below)

    def take_item(self, item: Any) -> Any:  # noqa: ANN401 - JSON data
        """A message, or anything else that calls may stand in."""
        if not isinstance(item, dict):
            return self.take_within(item)
        inner = {key: value for key, value in item.items() if _holds_calls(key, value)}
        if not inner:
            return self.take_within(item)
        rest = self.take_within({key: item[key] for key in item if key not in inner})
        below = {
            key: [self.take_item(part) for part in value]
            if isinstance(value, list)
            else self.take(value)
            for key, value in inner.items()
        }
        return (rest, list(item), below)


def _holds_calls(key: str, value: object) -> bool:
    if key in _CALLED and isinstance(value, dict):
        return True
    return key == "content" and isinstance(value, list) and any(
        isinstance(part, dict) and not _CALLED.isdisjoint(part) for part in value
    )  # fmt: skip


def put_back(kept: Any, made: list[Any]) -> Any:  # noqa: ANN401 - JSON data
    """What was taken apart, with what its parts became."""
    if isinstance(kept, _At):
        return made[kept]
    if isinstance(kept, _Within):
        return made[kept][0]
    if isinstance(kept, list):
        return [put_back(item, made) for item in kept]
    rest, order, below = kept
    whole = {**put_back(rest, made), **{key: put_back(item, made) for key, item in below.items()}}
    return {key: whole[key] for key in order} if whole.keys() == set(order) else whole


class Withholding:
    """Rules of one recording."""

    def __init__(self, rules: RedactionRules, pseudonyms: Pseudonyms) -> None:
        self._rules, self._pseudonyms = rules, pseudonyms
        self._memory = Memory()

    def exchange(self, exchange: Exchange, keys: tuple[str, ...]) -> Kept:
        """The exchange as it may be kept; the reason where it may not."""
        parts = _Parts()
        body = parts.take_body(exchange.body)
        more = [parts.take_item(exchange.answer), parts.take_item(exchange.error)]
        try:
            made = self._redacted(parts.values, self._with(keys))
        except RedactionError as error:
            return _unkept(f"a request to {exchange.path}", error, exchange.at)
        answer, said = (put_back(item, made) for item in more)
        return replace(exchange, body=put_back(body, made), answer=answer, error=said)

    def look_ahead(self, body: Mapping[str, Any], keys: tuple[str, ...]) -> None:
        """Does what can be done for a request before its answer is there."""
        parts = _Parts()
        parts.take_body(body)
        with suppress(RedactionError):  # it comes again with the answer
            self._redacted(parts.values, self._with(keys))

    def _redacted(self, parts: list[Any], rules: RedactionRules) -> list[Any]:
        return redact_parts(parts, rules, self._pseudonyms, self._memory)[0]

    def tool(self, exchange: ToolExchange, keys: tuple[str, ...] = ()) -> Kept:
        """The call as it may be kept; the reason where it may not."""
        parts = _Parts()
        kept = [
            parts.take_item(item) for item in (exchange.params, exchange.result, exchange.error)
        ]
        try:
            made = self._redacted(parts.values, self._with(keys))
        except RedactionError as error:
            return _unkept(f"a call of {exchange.method}", error, exchange.at)
        params, result, error_ = (put_back(item, made) for item in kept)
        return replace(exchange, params=params, result=result, error=error_)

    def request(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """A request that is looked for among kept ones. Raises RedactionError."""
        parts = _Parts()
        kept = parts.take_body(body)
        return dict(put_back(kept, self._redacted(parts.values, self._rules)))

    def _with(self, keys: tuple[str, ...]) -> RedactionRules:
        if not keys:
            return self._rules
        spelt = {key: _SHOWN for plain in keys for key in (json.dumps(plain)[1:-1], plain)}
        return self._rules.with_secrets({**self._rules.secrets, **spelt})


def _unkept(what: str, error: RedactionError, at: float) -> Unrecorded:
    return Unrecorded(what=what, why=f"personal data in it can't be replaced: {error}", at=at)
