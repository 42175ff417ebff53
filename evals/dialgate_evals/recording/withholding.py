"""What of an exchange is never kept: keys, and what identifies a person.

The keys of the request itself are secrets wherever they stand; the rest is replaced as `cases
derive` does, each exchange as a whole, so that equal stays equal.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from dialgate_evals.events.deriving.event_redaction import RedactionError, redact_parts
from dialgate_evals.recording.exchanges import Exchange, ToolExchange, Unrecorded

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dialgate_evals.events.deriving.event_redaction import RedactionRules
    from dialgate_evals.events.deriving.pseudonyms import Pseudonyms
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


class Withholding:
    """Rules of one recording."""

    def __init__(self, rules: RedactionRules, pseudonyms: Pseudonyms) -> None:
        self._rules, self._pseudonyms = rules, pseudonyms

    def exchange(self, exchange: Exchange, keys: tuple[str, ...]) -> Kept:
        """The exchange as it may be kept; the reason where it may not."""
        body = {key: value for key, value in exchange.body.items() if key not in _PERSONS}
        try:
            made, _ = redact_parts(
                [body, exchange.answer, exchange.error], self._with(keys), self._pseudonyms
            )
        except RedactionError as error:
            return _unkept(f"a request to {exchange.path}", error, exchange.at)
        return replace(exchange, body=made[0], answer=made[1], error=made[2])

    def tool(self, exchange: ToolExchange, keys: tuple[str, ...] = ()) -> Kept:
        """The call as it may be kept; the reason where it may not."""
        parts = [exchange.params, exchange.result, exchange.error]
        try:
            made, _ = redact_parts(parts, self._with(keys), self._pseudonyms)
        except RedactionError as error:
            return _unkept(f"a call of {exchange.method}", error, exchange.at)
        return replace(exchange, params=made[0], result=made[1], error=made[2])

    def request(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """A request that is looked for among kept ones. Raises RedactionError."""
        kept = {key: value for key, value in body.items() if key not in _PERSONS}
        made, _ = redact_parts([kept], self._rules, self._pseudonyms)
        return dict(made[0])

    def _with(self, keys: tuple[str, ...]) -> RedactionRules:
        if not keys:
            return self._rules
        spelt = {key: _SHOWN for plain in keys for key in (json.dumps(plain)[1:-1], plain)}
        return self._rules.with_secrets({**self._rules.secrets, **spelt})


def _unkept(what: str, error: RedactionError, at: float) -> Unrecorded:
    return Unrecorded(what=what, why=f"personal data in it can't be replaced: {error}", at=at)
