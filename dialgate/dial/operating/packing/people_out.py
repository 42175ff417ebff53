"""Documents without people: names of reviewers are numbered, personal values are named by kind.

Knows what is personal by its form alone, as `cases derive` does; a name that nobody gave as a
reviewer's has no form of its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from dialgate_evals.events.deriving.redacting.personal_values import find_values

_DIGEST = re.compile(r"(?:sha256:)?[0-9a-f]{40,64}|\d{4}-\d\d-\d\d(?:T[\d:.]+Z)?", re.ASCII)
"""What is no person, whatever its digits look like."""


@dataclass(kw_only=True)
class PeopleOut:
    """Takes people out of JSON data, and counts what it took."""

    names: tuple[str, ...] = ()
    # of reviewers, in any order
    taken: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        """The longest first: a name may hold another."""
        numbered = {name: f"reviewer {index}" for index, name in enumerate(sorted(self.names), 1)}
        self._shown = dict(sorted(numbered.items(), key=lambda pair: -len(pair[0])))

    def without(self, value: Any) -> Any:  # noqa: ANN401 - JSON data
        """The same data without people; keys stay as they are."""
        if isinstance(value, dict):
            return {key: self.without(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.without(item) for item in value]
        return self._text(value) if isinstance(value, str) else value

    def _text(self, text: str) -> str:
        for name, shown in self._shown.items():
            if name and name in text:
                self.taken += text.count(name)
                text = text.replace(name, shown)
        if _DIGEST.fullmatch(text):
            return text
        spans = sorted(find_values(text), key=lambda span: (span.start, -span.end))
        parts, place = [], 0
        for span in spans:
            if span.start < place:
                continue
            parts += [text[place : span.start], f"({span.kind.value})"]
            place = span.end
            self.taken += 1
        return "".join([*parts, text[place:]])
