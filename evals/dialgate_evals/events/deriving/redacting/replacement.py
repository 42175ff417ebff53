"""What was identified in one event, the pseudonym of each value, and texts with them put in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dialgate_evals.events.deriving.redacting.event_walk import LEAST_DIGITS
from dialgate_evals.events.deriving.redacting.personal_values import Span, ValueKind
from dialgate_evals.events.deriving.redacting.redaction_memory import Memory, find_spans
from dialgate_evals.events.deriving.redacting.redaction_rules import RedactionError, RedactionRules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dialgate_evals.events.deriving.redacting.pseudonyms import Pseudonyms

_MOST_ATTEMPTS = 50
_MOST_LOOKED_FOR = 100


class Replacement:
    """What was identified in one event, and the pseudonym of each value."""

    def __init__(self, *, rules: RedactionRules, pseudonyms: Pseudonyms) -> None:
        self._rules, self._pseudonyms = rules, pseudonyms
        self.kept: set[str] = set()
        self.values: dict[str, ValueKind] = {}
        self._made: dict[str, str] = {}
        self._anywhere: re.Pattern[str] | None = None
        self._literals: list[str] = []
        # what it looks for

    def collect_text(self, text: str) -> None:
        """Notes every value in the text that a form or a pattern knows."""
        for span in self._spans(text):
            self.values.setdefault(text[span.start : span.end], span.kind)

    def collect_named(self, text: str) -> None:
        """Notes the whole text as a value; punctuation alone names nobody."""
        if any(character.isalnum() for character in text):
            whole = next((s.kind for s in self._spans(text) if s.end - s.start == len(text)), None)
            self.values.setdefault(text, whole or ValueKind.NAMED)

    def settle(self) -> None:
        """Gives each value its pseudonym, no two the same."""
        for text in (*self.kept, *self._rules.secrets):
            self.values.pop(text, None)
        self.values = {t: kind for t, kind in self.values.items() if t not in self._rules.made}
        taken = set(self.values)
        for text in sorted(self.values):
            made = self._pseudonym(text, taken)
            taken.add(made)
            self._made[text] = made
        anywhere = [re.escape(secret) for secret in self._rules.secrets]
        anywhere += [_as_word(text) for text in self._made if _is_telling(text)]
        self._literals = [*self._rules.secrets, *self._made]
        if anywhere:
            anywhere.sort(key=lambda part: (-len(part), part))
            self._anywhere = re.compile("|".join(anywhere))

    @property
    def signature(self) -> bytes:
        """The same where the same is replaced by the same."""
        named = [sorted(self._made.items()), sorted(self._rules.secrets.items())]
        return Memory.key(named)

    def _pseudonym(self, text: str, taken: set[str]) -> str:
        for attempt in range(_MOST_ATTEMPTS):
            made = self._pseudonyms.pseudonym(text, self.values[text], attempt)
            if made not in taken:
                return made
        raise RedactionError("more short values than there are pseudonyms of their shape")

    def text(self, text: str) -> str:
        """The text with every value replaced, the leftmost and longest first."""
        spans = list(self._spans(text))
        if self._anywhere is not None and self._may_stand_in(text):
            spans += [
                Span(start=match.start(), end=match.end(), kind=ValueKind.NAMED)
                for match in self._anywhere.finditer(text)
            ]
        if not spans:
            return text
        pieces, position = [], 0
        for span in sorted(spans, key=lambda span: (span.start, -span.end)):
            value = text[span.start : span.end]
            made = self._rules.secrets.get(value) or self._made.get(value)
            if span.start < position or made is None:
                continue
            pieces += [text[position : span.start], made]
            position = span.end
        return "".join([*pieces, text[position:]])

    def _may_stand_in(self, text: str) -> bool:
        """Whether it is worth looking for values that have no form here: most texts hold none."""
        return len(self._literals) > _MOST_LOOKED_FOR or any(v in text for v in self._literals)

    def named(self, text: str) -> str:
        """The pseudonym of a text that is a value as a whole; else as `text`."""
        return self._made.get(text) or self.text(text)

    def _spans(self, text: str) -> Iterator[Span]:
        return find_spans(text, self._rules.patterns)


def _is_telling(text: str) -> bool:
    """Whether the value is replaced wherever it stands as a word: not a lone letter or "12"."""
    has_letter = any(character.isalpha() for character in text)
    return len(text) >= (2 if has_letter else LEAST_DIGITS)


def _as_word(text: str) -> str:
    before = r"(?<![^\W_])" if text[0].isalnum() else ""
    after = r"(?![^\W_])" if text[-1].isalnum() else ""
    return f"{before}{re.escape(text)}{after}"
