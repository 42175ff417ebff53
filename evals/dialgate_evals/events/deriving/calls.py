"""How two calls of a suite compare, and what a call is: the scorer's eyes, before any trial."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dialgate_evals.actions.action_classes import ActionClass, ActionRegistry, Effect
from dialgate_evals.actions.argument_rules import EXACT
from dialgate_evals.scoring.expected_actions import ExpectedActions, MadeCall, prepare_case
from dialgate_evals.scoring.rulings import judged_texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dialgate_evals.suite.case import Case
    from dialgate_evals.suite.tools import ToolRegistry

Call = dict[str, Any]
"""A call as events and cases write it: {"name", "arguments"}."""


@dataclass(frozen=True, kw_only=True)
class CallJudge:
    """Compares calls by the release's schemas and the suite's argument rules."""

    tools: ToolRegistry
    actions: ActionRegistry

    def are_same(self, one: Call, other: Call) -> bool:
        """Whether the scorer takes one call for the other."""
        if one["name"] != other["name"]:
            return False
        rules = self.actions.rules.get(one["name"], EXACT)
        return rules.are_equal(expected=self.made(one).normal, actual=self.made(other).normal)

    def says_otherwise(self, one: Call, other: Call) -> bool:
        """Whether a text that judges compare has other words in two calls that are the same."""
        rules = self.actions.rules.get(one["name"], EXACT)
        if not rules.judged:
            return False
        return judged_texts(rules, self._filled(one)) != judged_texts(rules, self._filled(other))

    def is_among(self, call: Call, calls: Iterable[Call]) -> bool:
        """Whether any of the calls is the same."""
        return any(self.are_same(item, call) for item in calls)

    def class_of(self, call: Call) -> ActionClass:
        """The call's action class."""
        return self.actions.classify(call["name"], self._filled(call))

    def is_read(self, call: Call) -> bool:
        """Whether the call only reads; reads are never scored."""
        return self.class_of(call).effect is Effect.READ

    def is_known(self, call: Mapping[str, Any]) -> bool:
        """Whether the release has the tool of a call or a recording."""
        name = call.get("name")
        return isinstance(name, str) and name in self.tools

    def defect(self, call: Call) -> str | None:
        """Why the call could never take effect, in words; None where it can."""
        tool = self.tools.get(call["name"])
        if tool is None:
            return f"names the tool {call['name'][:80]!r}, which the release doesn't have"
        if tool.accepts(call["arguments"]):
            return None
        errors = tool.validator.errors(call["arguments"])
        why = f": {errors[0].message[:160]}" if errors else ""
        return f"breaks the schema of {tool.name}{why}"

    def made(self, call: Call) -> MadeCall:
        """The call as the scorer sees it when an agent makes it."""
        arguments = self._filled(call)
        return MadeCall(
            position=0,
            name=call["name"],
            arguments=arguments,
            normal=self.actions.rules.get(call["name"], EXACT).normalise(arguments),
            action_class=self.class_of(call),
        )

    def expected(self, case: Case) -> ExpectedActions:
        """The case's patterns, ready to be compared with calls."""
        return prepare_case(case, tools=self.tools, actions=self.actions)

    def standing(self, call: Call | None) -> tuple[object, ...]:
        """What must stay as it is when the call is redacted."""
        if call is None:
            return ()
        return (call["name"], self.defect(call) is None, self.class_of(call).name)

    def _filled(self, call: Call) -> Mapping[str, Any]:
        tool = self.tools.get(call["name"])
        arguments: Mapping[str, Any] = call["arguments"]
        return tool.with_defaults(arguments) if tool else arguments
