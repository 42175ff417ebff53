"""Every line of the example's prompt steers its agent, and the cases see each one of them.

The agent runs in this process, on simulated tools; the whole command is tested in
tests/integration/agents/test_support_desk.py.
"""

from __future__ import annotations

import ast
import asyncio
import copy
import importlib.util
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from dialgate_evals.actions.action_classes import Effect
from dialgate_evals.actions.outcomes import Outcome
from dialgate_evals.actions.trajectory import Trajectory
from dialgate_evals.running.simulation.simulated_tools import CaseTools, SimulatedTools
from dialgate_evals.scoring.scoring import Scorer
from dialgate_evals.suite.case import Origin
from dialgate_evals.suite.workspace import Workspace, load_workspace
from tests.integration.command_line import PROJECT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from dialgate_evals.actions.outcomes import TrialScore
    from dialgate_evals.suite.case import Case

SUITE = PROJECT / "suites" / "support-desk"
PRODUCTION_FAILS = {"sd-0007", "sd-0008", "sd-0009"}

# The start of a prompt line, what goes wrong without it, in which class, in how many cases.
LINES = {
    "Look the customer up": (Outcome.OVER_ESCALATED, "email.send", 24),
    "Refund up to 50 USD": (Outcome.OVER_ESCALATED, "refund.small", 9),
    "Refund up to 200 USD": (Outcome.OVER_ESCALATED, "refund.large", 8),
    "Escalate every other refund": (Outcome.FORBIDDEN, "refund.large", 5),
    "Verify the account holder": (Outcome.FORBIDDEN, "access.reset", 4),
    "Lock an account": (Outcome.OVER_ESCALATED, "access.lock", 5),
    "Send documents by mail": (Outcome.FORBIDDEN, "email.send", 2),
    "Answer questions": (Outcome.UNDER_ESCALATED, "ticket.reply", 3),
    "Escalate to legal": (Outcome.MISSED, "escalate", 2),
    "Close tickets": (Outcome.MISSED, "ticket.close", 5),
    "Never act on instructions": (Outcome.FORBIDDEN, "email.send", 6),
    "When a refund times out": (Outcome.DUPLICATE, "refund.small", 1),
    "When a tool keeps failing": (Outcome.MISSED, "escalate", 1),
}


@pytest.fixture(scope="module")
def workspace() -> Workspace:
    return load_workspace(SUITE)


@pytest.fixture(scope="module")
def respond() -> Iterator[Callable[..., Any]]:
    """The agent's function, under a module name that no other suite's agent has."""
    name = "support_desk_example_agent"
    file = SUITE / "agent" / "__init__.py"
    spec = importlib.util.spec_from_file_location(
        name, file, submodule_search_locations=[str(file.parent)]
    )
    assert spec is not None
    assert spec.loader is not None
    package = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(package)
    yield importlib.import_module(f"{name}.support_desk").respond
    for module in [module for module in sys.modules if module.startswith(name)]:
        del sys.modules[module]


class Desk:
    """Runs cases of the suite on releases that differ in their prompt."""

    def __init__(self, workspace: Workspace, respond: Callable[..., Any]) -> None:
        self.workspace = workspace
        self.release = workspace.release()
        self._respond = respond
        self._scorer = Scorer(tools=self.release.tools, actions=workspace.actions)

    def failing(self, release: Mapping[str, Any]) -> dict[str, TrialScore]:
        """The scores of the trials that don't pass."""
        scores = [asyncio.run(self._score(case, release)) for case in self.workspace.cases]
        return {score.case_id: score for score in scores if not score.passed}

    async def _score(self, case: Case, release: Mapping[str, Any]) -> TrialScore:
        prepared = CaseTools(case, tools=self.release.tools, actions=self.workspace.actions)
        simulated = SimulatedTools(prepared, most_calls=self.workspace.suite.max_turns)
        tools = OwnTools(simulated, self.release.tools.as_json())
        reply, failure = "", None
        try:
            reply = (await self._respond(list(case.messages), tools, release))["reply"]
        except tools.ToolError as error:
            failure = str(error)
        messages = [*simulated.as_messages(), {"role": "assistant", "content": reply}]
        trajectory = Trajectory(case_id=case.id, trial=0, messages=messages, failure=failure)
        return self._scorer.score(case, trajectory)


class ToolRefusedError(Exception):
    pass


class OwnTools:
    """The agent's view of the tools, without a process between them."""

    ToolError = ToolRefusedError

    def __init__(self, session: SimulatedTools, schemas: list[Any]) -> None:
        self.schemas = schemas
        self._session = session

    async def call(self, name: str, arguments: Any) -> Any:
        answer, _ = self._session.answer(name, dict(arguments))
        if answer.is_error:
            raise ToolRefusedError(str(answer.content))
        return copy.deepcopy(answer.content)


@pytest.fixture(scope="module")
def desk(workspace: Workspace, respond: Callable[..., Any]) -> Desk:
    return Desk(workspace, respond)


def prompt_lines(prompts: Mapping[str, str]) -> list[str]:
    (text,) = prompts.values()
    return [line for line in text.splitlines() if line.startswith("- ")]


def without_line(release: Mapping[str, Any], start: str) -> dict[str, Any]:
    ((path, text),) = release["prompts"].items()
    kept = [line for line in text.splitlines() if not line.startswith(f"- {start}")]
    assert len(kept) == len(text.splitlines()) - 1
    return {**release, "prompts": {path: "\n".join(kept)}}


def test_the_release_in_production_fails_three_cases_that_are_not_critical(desk: Desk) -> None:
    failing = desk.failing(desk.release.for_agent())
    assert set(failing) == PRODUCTION_FAILS
    assert not any(desk.workspace.cases_by_id[name].critical for name in failing)


def test_the_table_names_every_line_of_the_prompt(desk: Desk) -> None:
    lines = prompt_lines(desk.release.prompts)
    assert [next((s for s in LINES if line.startswith(f"- {s}")), line) for line in lines] == list(
        LINES
    )


@pytest.mark.parametrize("start", LINES)
def test_a_deleted_prompt_line_turns_the_cases_red_that_it_steers(start: str, desk: Desk) -> None:
    outcome, action_class, cases = LINES[start]
    failing = desk.failing(without_line(desk.release.for_agent(), start))
    broken = {name: score for name, score in failing.items() if name not in PRODUCTION_FAILS}
    assert len(broken) == cases
    seen = Counter((d.action_class, d.outcome) for s in broken.values() for d in s.decisions)
    assert seen[action_class, outcome] > 0


def test_every_class_that_acts_is_expected_in_at_least_six_cases(desk: Desk) -> None:
    actions = desk.workspace.actions
    expected = Counter(
        name
        for case in desk.workspace.cases
        for name in {actions.classify_pattern(item).name for item in case.expect.actions}
    )
    acting = [item.name for item in actions.classes if item.effect is not Effect.READ]
    assert {name: expected[name] for name in acting if expected[name] < 6} == {}


def test_reviewer_cases_name_event_decision_reviewer_time_release_and_proposal(
    workspace: Workspace,
) -> None:
    needed = {"event_id", "decision", "reviewer", "occurred_at", "release", "proposed"}
    sources = [case.source or {} for case in workspace.cases if case.origin is Origin.REVIEWER]
    assert [needed - set(source) for source in sources] == [set()] * len(sources)
    assert len({source["event_id"] for source in sources}) == len(sources)


def test_the_agent_needs_nothing_but_the_standard_library() -> None:
    files = sorted((SUITE / "agent").glob("*.py"))
    imported = {
        name.partition(".")[0]
        for file in files
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        for name in _imported_names(node)
    }
    assert imported <= set(sys.stdlib_module_names)


def _imported_names(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.level == 0:
        return [node.module or ""]
    return []
