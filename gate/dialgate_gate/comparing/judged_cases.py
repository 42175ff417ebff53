"""Which cases decide: those of the base and of the change, side by side.

Knows added, removed, changed, critical and quarantined cases; leaves what follows from a removed
case to `dialgate_gate.verdict.verdict`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from dialgate_evals.actions.trajectory import text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dialgate_evals.actions.action_classes import ActionRegistry
    from dialgate_evals.suite.case import Case
    from dialgate_evals.suite.suite import Quarantine, Suite


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedCase:
    """What the gate needs to know of a case."""

    id: str
    classes: frozenset[str] = frozenset()
    # action classes that its expectations name
    asks_nothing: bool = False
    # no action is right; False also where the expectations are not known
    critical: bool = False
    quarantined: bool = False
    tags: tuple[str, ...] = ()
    held_out: bool = False
    # in the hold-out split, which prompts are not tuned on
    origin: str = "golden"
    request: str = ""
    # what the customer asked for last before the decision, shortened; empty where nobody did
    edited_from: str | None = None
    # the id of the case of which this is the change's version; None: of none


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSet:
    """The cases under judgement and how the set differs from the base's."""

    cases: tuple[JudgedCase, ...]
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    # ids whose context or expectation differs
    by_id: Mapping[str, JudgedCase] = field(default_factory=dict)

    @property
    def deciding(self) -> tuple[JudgedCase, ...]:
        """Cases that both sides have and that aren't quarantined."""
        added = set(self.added)
        return tuple(c for c in self.cases if not c.quarantined and c.id not in added)


def collect_cases(
    cases: Iterable[Case],
    *,
    actions: ActionRegistry,
    quarantine: Iterable[Quarantine] = (),
    base: Mapping[str, str] | None = None,
) -> CaseSet:
    """The judged cases; `base` holds the digest of each of the base's cases by id.

    Without a base nothing is added, removed or changed. A case that stands under another id with
    the same digest was renamed, which is no change.
    """
    quarantined = {item.case for item in quarantine}
    listed = tuple(cases)
    judged = tuple(_judge(case, actions, case.id in quarantined) for case in listed)
    by_id = {case.id: case for case in judged}
    if base is None:
        return CaseSet(cases=judged, by_id=by_id)
    digests = {case.id: case.digest for case in listed}
    added = tuple(case_id for case_id in digests if case_id not in base)
    removed = tuple(case_id for case_id in base if case_id not in digests)
    changed = tuple(i for i, digest in digests.items() if i in base and base[i] != digest)
    return CaseSet(cases=judged, added=added, removed=removed, changed=changed, by_id=by_id)


def cases_by_base_id(base: Sequence[Case], head: Sequence[Case]) -> dict[str, Case]:
    """The change's cases by the id that the base knows them under.

    A case whose id is new and whose digest is that of a case that is gone was renamed.
    """
    base_ids = {case.id for case in base}
    head_ids = {case.id for case in head}
    gone = {case.digest: case.id for case in base if case.id not in head_ids}
    found: dict[str, Case] = {}
    for case in head:
        old = gone.pop(case.digest, None) if case.id not in base_ids else None
        found[old or case.id] = case
    return found


def with_base_ids(suite: Suite, head_cases: Mapping[str, Case]) -> Suite:
    """The change's suite with the quarantine of a renamed case under the id the base knows."""
    base_id = {case.id: known for known, case in head_cases.items()}
    quarantine = tuple(
        replace(item, case=base_id.get(item.case, item.case)) for item in suite.quarantine
    )
    return replace(suite, quarantine=quarantine)


def classes_of(case: Case, actions: ActionRegistry) -> frozenset[str]:
    """The action classes that the case expects or forbids."""
    patterns = [*(p for items in case.expect.lists for p in items), *case.expect.forbid]
    return frozenset(
        action_class.name
        for pattern in patterns
        for action_class in actions.possible_classes(pattern)
    )


def _judge(case: Case, actions: ActionRegistry, quarantined: bool) -> JudgedCase:
    return JudgedCase(
        id=case.id,
        classes=classes_of(case, actions),
        asks_nothing=not any(case.expect.lists),
        critical=case.critical,
        quarantined=quarantined,
        tags=case.tags,
        held_out=case.held_out,
        origin=case.origin.value,
        request=last_request(case.messages),
        edited_from=case.edited_from,
    )


_MOST_REQUEST = 160
"""Characters of a request that stand beside a case's id."""


def last_request(messages: Iterable[Mapping[str, Any]]) -> str:
    r"""The last thing that the user said, on one line.

    >>> last_request([{"role": "user", "content": "Refund A-7,\n please."}])
    'Refund A-7, please.'
    """
    said = [text_of(item.get("content")) for item in messages if item.get("role") == "user"]
    words = " ".join(next((text for text in reversed(said) if text.strip()), "").split())
    return words if len(words) <= _MOST_REQUEST else f"{words[: _MOST_REQUEST - 1]}…"
