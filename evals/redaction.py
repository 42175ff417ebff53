"""Keeps secrets out of records: the values of named environment variables, wherever they appear.

Knows exact values only; replacing personal data in reviewer cases is left to deriving them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from evals.trajectory import Trajectory

SHORTEST_SECRET = 4
"""A shorter value would be found in ordinary words; lint says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Redactor:
    """Replaces each secret's value by its variable's name."""

    secrets: tuple[tuple[str, str], ...] = ()
    # value and replacement, the longest value first

    def redact(self, trajectory: Trajectory) -> Trajectory:
        """The trajectory without secrets: messages, failure, error, state."""
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


def redactor_for(names: Sequence[str], environment: Mapping[str, str]) -> Redactor:
    """The redactor of these variables; unset, empty and very short values hide nothing."""
    values = {
        environment[name]: f"[secret {name}]"
        for name in names
        if len(environment.get(name, "")) >= SHORTEST_SECRET
    }
    # A value inside JSON text is escaped there; both spellings are secrets.
    escaped = {_as_json_text(value): shown for value, shown in values.items()}
    ordered = sorted({**escaped, **values}.items(), key=lambda pair: -len(pair[0]))
    return Redactor(secrets=tuple(ordered))


def _as_json_text(value: str) -> str:
    import json  # noqa: PLC0415 - one use

    return json.dumps(value)[1:-1]
