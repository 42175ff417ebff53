"""A variant: a case altered by a relation, with the seed by which it is made again."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dialgate_evals.files.json_text import digest_of_parsed
from dialgate_evals.fuzzing.choices import MOST, replayed
from dialgate_evals.fuzzing.documents import PARTS
from dialgate_evals.fuzzing.kept import is_readable, keeps_its_word
from dialgate_evals.suite.case import Origin, parse_case

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from dialgate_evals.fuzzing.choices import Choices
    from dialgate_evals.fuzzing.relation import Relation, Surroundings
    from dialgate_evals.suite.case import Case
    from dialgate_evals.suite.tools import ToolRegistry

_SEED = re.compile(r"([a-z0-9_-]{1,80})/(.{1,300})/((?:\d{1,9}(?:\.\d{1,9})*)?)", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Variant:
    """One variant of one case."""

    relation: Relation
    parent: Case
    case: Case
    what: str
    # what was altered, for people
    numbers: tuple[int, ...]
    # the draws
    tools: ToolRegistry
    has_other_tools: bool
    # than the release
    key: str
    # digest of what the agent gets and what is expected; equal variants have the same

    @property
    def seed(self) -> str:
        """The relation, the case and the draws, as `--replay` takes them."""
        numbers = ".".join(map(str, self.numbers))
        return f"{self.relation.name}/{self.parent.id}/{numbers}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seed:
    """What a variant's seed says."""

    relation: str
    parent: str
    numbers: tuple[int, ...]


def parse_seed(text: str) -> Seed | None:
    """The seed that a text says; None where it says none.

    >>> parse_seed("typos/sd-0001/3.0")
    Seed(relation='typos', parent='sd-0001', numbers=(3, 0))
    """
    found = _SEED.fullmatch(text)
    if found is None:
        return None
    numbers = tuple(int(part) for part in found[3].split(".") if part)
    if len(numbers) > MOST:
        return None
    return Seed(relation=found[1], parent=found[2], numbers=numbers)


def make_variant(
    relation: Relation, parent: Case, around: Surroundings, choices: Choices
) -> Variant | None:
    """The variant that the draws make; None where there is none, or it would be unsound."""
    if relation.is_of_records and around.is_simulated:
        return None
    altered = relation.vary(parent, around, choices)
    if altered is None:
        return None
    tools = altered.tools or around.tools
    made = _parts(altered.document)
    key = digest_of_parsed({**made, "tools": tools.as_json()})
    if key == digest_of_parsed({**_parts(parent.document), "tools": around.tools.as_json()}):
        return None
    document: Mapping[str, Any] = {
        "schema": 1,
        "id": f"{parent.id[:200]}-{relation.name}-{key.rpartition(':')[2][:8]}",
        "origin": Origin.FUZZED.value,
        **made,
        "critical": parent.critical,
        "tags": list(parent.tags),
    }
    if not is_readable(document):
        return None
    case = parse_case(document)
    if not keeps_its_word(relation, parent, case, around, tools):
        return None
    return Variant(
        relation=relation,
        parent=parent,
        case=case,
        what=altered.what,
        numbers=tuple(choices.made),
        tools=tools,
        has_other_tools=altered.tools is not None,
        key=key,
    )


def _parts(document: Mapping[str, Any]) -> dict[str, Any]:
    found = {key: document.get(key) for key in PARTS if key != "user" or key in document}
    return {**found, "recordings": found["recordings"] or []}


def remake(variant: Variant, parent: Case, around: Surroundings) -> Variant | None:
    """The same draws on another version of the parent."""
    return make_variant(variant.relation, parent, around, replayed(variant.numbers))
