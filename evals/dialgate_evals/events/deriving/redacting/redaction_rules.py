"""What identifies somebody in the events of a suite, and what never does."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from dialgate_evals.actions.argument_rules import parse_pointer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dialgate_evals.actions.paired_lists import Pointer
    from dialgate_evals.actions.redaction import Redaction


class RedactionError(Exception):
    """The event can't be redacted without changing what it says; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RedactionRules:
    """What identifies somebody, and what never does."""

    patterns: tuple[re.Pattern[str], ...] = ()
    pointers: tuple[Pointer, ...] = ()
    keep: tuple[Pointer, ...] = ()
    # the allow-list: places whose values stay, wherever else they stand
    secrets: Mapping[str, str] = field(default_factory=dict)
    # values of secret environment variables, and what is written in their place
    made: frozenset[str] = frozenset()
    # pseudonyms of an earlier redaction, which stay as they are

    def with_secrets(self, secrets: Mapping[str, str]) -> RedactionRules:
        """The rules with these secrets instead."""
        return replace(self, secrets=secrets)


def redaction_rules(redact: Redaction, secrets: Mapping[str, str]) -> RedactionRules:
    """The rules of a suite whose patterns were checked."""
    return RedactionRules(
        patterns=tuple(re.compile(pattern) for pattern in redact.patterns),
        pointers=tuple(parse_pointer(pointer) for pointer in redact.pointers),
        keep=tuple(parse_pointer(pointer) for pointer in redact.keep),
        secrets=secrets,
    )
