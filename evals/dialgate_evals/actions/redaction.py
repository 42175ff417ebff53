"""Keeps secrets out of records: values of environment variables, key-shaped ones, and `[redact]`.

Knows exact values, forms, patterns, and places in calls and answers; replacing personal data in
reviewer cases consistently is left to deriving them.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from dialgate_evals.actions.argument_rules import parse_pointer
from dialgate_evals.actions.secret_shapes import (
    may_hold_secret,
    secret_variables,
    without_secrets,
)
from dialgate_evals.errors import ConfigurationError
from dialgate_evals.files.json_text import JsonTextError, parse_json
from dialgate_evals.files.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dialgate_evals.actions.trajectory import Trajectory


@dataclass(frozen=True, slots=True, kw_only=True)
class Redaction:
    """What is replaced before anything is recorded or derived."""

    pointers: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    # pointers whose values identify nobody; only deriving cases asks


REDACTED = "[redacted]"
"""What stands where a pattern or a pointer of `[redact]` found something."""

SHORTEST_SHAPE = 12
"""No form of a key is shorter."""

SHORTEST_SECRET = 4
"""A shorter value would be found in ordinary words; lint says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Redactor:
    """Replaces each secret's value by its variable's name, and the rest by `[redacted]`.

    Whatever has the form of a key is a secret, whoever says it.

    Scoring sees what is recorded: an argument that is redacted needs the rule "ignore".
    """

    secrets: tuple[tuple[str, str], ...] = ()
    # value and replacement, the longest value first
    patterns: tuple[re.Pattern[str], ...] = ()
    pointers: tuple[tuple[str, ...], ...] = ()
    # places in the arguments of calls and in answers; "*" is every element

    def redact(self, trajectory: Trajectory, *, context_length: int = 0) -> Trajectory:
        """The trajectory without secrets: messages, failure, error, state.

        The first `context_length` messages are the case's own, which stand in its file anyway:
        `[redact]` leaves them alone, so that they are still known to be no doing of the agent.
        """
        own = trajectory.messages[:context_length]
        if self.patterns or self.pointers:
            did = [self._blank_message(m) for m in trajectory.messages[context_length:]]
            trajectory = replace(
                trajectory,
                messages=[*own, *did],
                error=self._blank(trajectory.error),
                failure=self._blank(trajectory.failure),
                state=self._substitute(trajectory.state),
            )
        trajectory = replace(
            trajectory,
            messages=[*own, *map(_without_shapes, trajectory.messages[context_length:])],
            error=_without_shapes(trajectory.error),
            failure=_without_shapes(trajectory.failure),
            state=_without_shapes(trajectory.state),
            labels=_without_shapes(trajectory.labels),
        )
        if not self.secrets:
            return trajectory
        return replace(
            trajectory,
            messages=[self._clean(message) for message in trajectory.messages],
            error=self._clean(trajectory.error),
            failure=self._clean(trajectory.failure),
            state=self._clean(trajectory.state),
            labels=self._clean(trajectory.labels),
        )

    def finds_nothing(self, trajectory: Trajectory, *, context_length: int = 0) -> bool:
        """Whether `redact` surely leaves it as it is; costs little, whatever it holds."""
        if self.patterns or self.pointers or self.secrets:
            return False
        t = trajectory
        rest = (t.error, t.failure, t.state, t.labels)
        return not _may_hold_shape([*t.messages[context_length:], *rest])

    def clean(self, value: Any) -> Any:  # noqa: ANN401 - JSON data
        """Data without the values of secrets and what has the form of a key, keys included."""
        return self._clean(_without_shapes(value))

    def _clean(self, value: Any) -> Any:  # noqa: ANN401 - JSON data
        if isinstance(value, str):
            for secret, replacement in self.secrets:
                if secret in value:
                    value = value.replace(secret, replacement)
            return value
        if isinstance(value, dict):
            return {self._clean(key): self._clean(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self._clean(item) for item in value]
        return value

    def _blank_message(self, message: Mapping[str, Any]) -> Mapping[str, Any]:
        """The message with what `[redact]` finds in its content and its calls replaced."""
        blanked = dict(message)
        if "content" in message:
            blanked["content"] = self._blank(message["content"])
        calls = message.get("tool_calls")
        if isinstance(calls, list):
            blanked["tool_calls"] = [self._blank_call(call) for call in calls]
        return blanked

    def _blank_call(self, call: Any) -> Any:  # noqa: ANN401 - hostile input
        function = call.get("function") if isinstance(call, dict) else None
        if not isinstance(function, dict) or "arguments" not in function:
            return call
        arguments = self._blank(function["arguments"])
        return {**call, "function": {**function, "arguments": arguments}}

    def _blank(self, value: Any) -> Any:  # noqa: ANN401 - JSON data, or its text
        """The value with places and patterns replaced; text that is JSON stays JSON text."""
        if not isinstance(value, str):
            for pointer in self.pointers:
                value = _blank_at(value, pointer)
            return self._substitute(value)
        try:
            parsed = parse_json(value.encode("utf-8", "surrogatepass"))
        except JsonTextError:
            parsed = None
        if not isinstance(parsed, dict | list):
            return self._substitute(value)
        blanked = self._blank(parsed)
        return value if blanked == parsed else json.dumps(blanked)

    def _substitute(self, value: Any) -> Any:  # noqa: ANN401 - JSON data
        """Every text in the value with the patterns' matches replaced; keys stay."""
        if isinstance(value, str):
            for pattern in self.patterns:
                value = pattern.sub(REDACTED, value)
            return value
        if isinstance(value, dict):
            return {key: self._substitute(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self._substitute(item) for item in value]
        return value


_NAMES_OF_CALLS = frozenset({"role", "type", "id", "tool_call_id", "call_id"})
"""Keys whose values hold a trajectory together."""


def _without_shapes(value: Any) -> Any:  # noqa: ANN401 - JSON data
    """The value without what has the form of a key, in JSON inside texts too."""
    if isinstance(value, str):
        return without_secrets(value, REDACTED) if len(value) >= SHORTEST_SHAPE else value
    if isinstance(value, dict):
        return {
            key: item if key in _NAMES_OF_CALLS else _without_shapes(item)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [_without_shapes(item) for item in value]
    return value


_LISTS = (list, tuple)
_NO_TEXTS = frozenset({type(None), bool, int, float})


def _may_hold_shape(waiting: list[Any]) -> bool:
    """Whether `_without_shapes` has anything to look for in any of the values; adds to the list."""
    for value in waiting:
        if isinstance(value, dict):
            for key, item in value.items():
                kind = type(item)
                # Most of what a message holds is short text, or none: not kept for later.
                is_short = len(item) < SHORTEST_SHAPE if kind is str else kind in _NO_TEXTS
                if not is_short and key not in _NAMES_OF_CALLS:
                    waiting.append(item)
        elif isinstance(value, str):
            if len(value) >= SHORTEST_SHAPE and may_hold_secret(value):
                return True
        elif isinstance(value, _LISTS):
            waiting += value
    return False


def _blank_at(value: Any, pointer: tuple[str, ...]) -> Any:  # noqa: ANN401 - JSON data
    if not pointer:
        return REDACTED
    part, rest = pointer[0], pointer[1:]
    if isinstance(value, dict):
        return {
            key: _blank_at(item, rest) if part in {key, "*"} else item
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [
            _blank_at(item, rest) if part in {str(index), "*"} else item
            for index, item in enumerate(value)
        ]
    return value


def redactor_for(
    names: Sequence[str], environment: Mapping[str, str], redact: Redaction | None = None
) -> Redactor:
    """The redactor of these variables, of all that hold a secret by their name, and of `[redact]`.

    Unset, empty and very short values hide nothing. Raises ConfigurationError for a pattern that
    is no regular expression.
    """
    by_name = {value: f"[secret {name}]" for name, value in secret_variables(environment).items()}
    values = by_name | {
        environment[name]: f"[secret {name}]"
        for name in names
        if len(environment.get(name, "")) >= SHORTEST_SECRET
    }
    # A value inside JSON text is escaped there; both spellings are secrets.
    escaped = {_as_json_text(value): shown for value, shown in values.items()}
    ordered = sorted({**escaped, **values}.items(), key=lambda pair: -len(pair[0]))
    if redact is None:
        return Redactor(secrets=tuple(ordered))
    return Redactor(
        secrets=tuple(ordered),
        patterns=tuple(_compile(pattern) for pattern in redact.patterns),
        pointers=tuple(parse_pointer(pointer) for pointer in redact.pointers),
    )


def _compile(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        raise ConfigurationError(
            [
                Problem(
                    file="suite.toml",
                    place="redact.patterns",
                    found=f"no regular expression ({error})",
                    expected="a regular expression of Python's re",
                )
            ]
        ) from None


def _as_json_text(value: str) -> str:
    return json.dumps(value)[1:-1]
