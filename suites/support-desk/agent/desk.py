"""The agent's hands: tool calls fitted to the schemas, lookups kept, timeouts survived.

Knows what the registry lets a call say and which answers are worth a second try. Leaves which
call is right to the modules that act.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class LookupFailedError(Exception):
    """A lookup that gave nothing; `is_missing` tells a wrong id from a broken system."""

    def __init__(self, text: str, *, is_missing: bool) -> None:
        super().__init__(text)
        self.is_missing = is_missing


class RefusedError(Exception):
    """A tool that would not act."""


class TimedOutError(Exception):
    """A tool that may or may not have acted."""


class Desk:
    """The tools of one trial."""

    def __init__(self, tools: Any, known: Mapping[tuple[str, str], Any]) -> None:  # noqa: ANN401
        self._tools = tools
        self._schemas = {schema["name"]: schema["parameters"] for schema in tools.schemas}
        self._known = dict(known)
        # what the conversation already looked up
        self.written: list[str] = []
        self.read: list[Any] = list(known.values())

    async def look_up(self, name: str, **arguments: Any) -> Any:  # noqa: ANN401 - JSON data
        """A read, kept for the trial; tried twice where the system failed, not the id."""
        fitted = self._fit(name, arguments)
        key = (name, key_of(fitted))
        if key not in self._known:
            self._known[key] = await self._read(name, fitted)
            self.read.append(self._known[key])
        return self._known[key]

    async def _read(self, name: str, arguments: dict[str, Any]) -> Any:  # noqa: ANN401
        problem = ""
        for _ in range(2):
            try:
                answer = await self._tools.call(name, arguments)
            except self._tools.ToolError as error:
                problem = str(error)
                if "timeout" not in problem and "failed" not in problem:
                    raise LookupFailedError(problem, is_missing=True) from error
                continue
            if not isinstance(answer, str):
                return answer
            problem = "the answer was cut off"
        raise LookupFailedError(problem, is_missing=False)

    async def act(self, name: str, **arguments: Any) -> Any:  # noqa: ANN401 - JSON data
        """A write or an escalation, once."""
        fitted = self._fit(name, arguments)
        self.written.append(f"{name} {json.dumps(fitted, sort_keys=True)}")
        try:
            return await self._tools.call(name, fitted)
        except self._tools.ToolError as error:
            if "timeout" in str(error):
                raise TimedOutError(name) from error
            raise RefusedError(f"{name}: {error}") from error

    def _fit(self, name: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments that the tool's schema knows and allows."""
        schema = self._schemas.get(name)
        if schema is None:
            raise RefusedError(f"there is no tool {name}")
        properties = schema.get("properties", {})
        return {
            key: value
            for key, value in arguments.items()
            if value is not None and key in properties and _is_allowed(value, properties[key])
        }

    def texts_read(self) -> str:
        """Every text that lookups brought in, line by line."""
        return "\n".join(text for answer in self.read for text in _texts(answer))


def key_of(arguments: Mapping[str, Any]) -> str:
    """Arguments as one text, the same for equal ones."""
    return json.dumps(arguments, sort_keys=True)


def _is_allowed(value: object, schema: Mapping[str, Any]) -> bool:
    return "enum" not in schema or value in schema["enum"]


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
