"""A case made ready for scoring: its patterns with their classes, rules and validators.

Built once per case and reused for every trial; leaves the outcomes to `scoring.scoring`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from dialgate_evals.actions.action_classes import ActionClass, ActionRegistry, Effect
from dialgate_evals.actions.argument_rules import EXACT, ArgumentRules, NormalArguments
from dialgate_evals.files.json_text import canonical_parsed
from dialgate_evals.files.schema_validation import DocumentValidator

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dialgate_evals.actions.action_pattern import ActionPattern
    from dialgate_evals.suite.case import Case
    from dialgate_evals.suite.tools import ToolRegistry


class MadeCall(Struct, frozen=True, kw_only=True, gc=False):
    """A call that took effect, ready to be compared."""

    position: int
    # among all calls of the trial
    name: str
    arguments: Mapping[str, Any]
    # with the schema's defaults filled in
    normal: NormalArguments
    action_class: ActionClass

    def as_text(self) -> str:
        """The call as JSON text; ASCII, so that any string can be stored."""
        return _call_text(self.name, self.arguments, self.normal)


class ExpectedCall(Struct, frozen=True, kw_only=True, gc=False):
    """One pattern of a case, ready to be compared with calls."""

    name: str
    normal: NormalArguments | None
    where: DocumentValidator | None
    rules: ArgumentRules
    action_class: ActionClass
    arguments: Mapping[str, Any] | None = None
    # with the schema's defaults filled in; None where `where` decides, or any will do
    text: str
    # the pattern as JSON text

    def matches(self, call: MadeCall) -> bool:
        """Whether the call is the one that the pattern means."""
        if call.name != self.name:
            return False
        if self.normal is not None:
            return self.rules.are_equal(expected=self.normal, actual=call.normal)
        return self.where is None or self.where.is_valid(call.arguments)

    @property
    def is_escalation(self) -> bool:
        """Whether the pattern asks for an escalation."""
        return self.action_class.effect is Effect.ESCALATE


class ExpectedActions(Struct, frozen=True, kw_only=True, gc=False):
    """What a case expects and forbids, ready for scoring."""

    lists: tuple[tuple[ExpectedCall, ...], ...]
    forbid: tuple[ExpectedCall, ...]
    ordered: bool


def prepare_case(case: Case, *, tools: ToolRegistry, actions: ActionRegistry) -> ExpectedActions:
    """The case's patterns with classes, rules and validators."""
    expect = case.expect
    return ExpectedActions(
        lists=tuple([_prepare_all(patterns, tools, actions) for patterns in expect.lists]),
        forbid=_prepare_all(expect.forbid, tools, actions),
        ordered=expect.ordered,
    )


def _prepare_all(
    patterns: Sequence[ActionPattern], tools: ToolRegistry, actions: ActionRegistry
) -> tuple[ExpectedCall, ...]:
    return tuple([_prepare(pattern, tools, actions) for pattern in patterns])


def _prepare(pattern: ActionPattern, tools: ToolRegistry, actions: ActionRegistry) -> ExpectedCall:
    rules = actions.rules.get(pattern.name, EXACT)
    normal = filled = None
    if pattern.arguments is None:
        action_class = actions.classify_pattern(pattern)
    else:
        tool = tools.get(pattern.name)
        filled = tool.with_defaults(pattern.arguments) if tool else pattern.arguments
        normal = rules.normalise(filled)
        # Calls are classified with their defaults, so what they are compared with is too.
        action_class = actions.classify(pattern.name, filled)
    return ExpectedCall(
        name=pattern.name,
        normal=normal,
        where=None
        if pattern.where is None
        else DocumentValidator(pattern.where, what=f"the `where` of an expected {pattern.name}"),
        rules=rules,
        action_class=action_class,
        arguments=filled,
        text=canonical_parsed(pattern.as_json())
        if pattern.arguments is None or normal is None
        else _call_text(pattern.name, pattern.arguments, normal),
    )


def _call_text(name: str, arguments: Mapping[str, Any], normal: NormalArguments) -> str:
    """A call as canonical JSON; its arguments are not written twice where their key has them."""
    is_plain = normal.value is arguments and normal.key.startswith("{")
    text = normal.key if is_plain else canonical_parsed(arguments)
    return f'{{"arguments":{text},"name":{_quoted(name)}}}'


@lru_cache(maxsize=1024)
def _quoted(name: str) -> str:
    return canonical_parsed(name)
