"""The example's agent in this process, made sound or with a defect, as a port for a search.

A sound agent reads misspelt words, asks again where an answer is half of one, and is otherwise the
example's own. A defect is a small change of it.
"""

from __future__ import annotations

import importlib.util
import json
import random
import re
import sys
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dialgate_evals.actions.trajectory import Trajectory
from dialgate_evals.fuzzing.judging import judge
from dialgate_evals.fuzzing.surroundings import surroundings_of
from dialgate_evals.fuzzing.variant import Variant
from dialgate_evals.running.simulation.simulated_tools import CaseTools, SimulatedTools
from dialgate_evals.scoring.scoring import Scorer
from dialgate_evals.suite.workspace import load_workspace

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence
    from types import ModuleType

    from dialgate.runs.fuzzing.trials import Subject
    from dialgate_evals.actions.outcomes import TrialScore
    from dialgate_evals.fuzzing.relation import Surroundings
    from dialgate_evals.suite.release import Release
    from dialgate_evals.suite.workspace import Workspace

SUITE = Path(__file__).parents[4] / "suites" / "support-desk"


def _run(work: Coroutine[Any, Any, str]) -> str:
    """Runs work that never waits; a loop for each trial would cost more than the trial."""
    try:
        work.send(None)
    except StopIteration as end:
        return str(end.value)
    raise AssertionError("it waits")


def _load(name: str, path: Path, folder: Path | None = None) -> ModuleType:
    known = sys.modules.get(name)
    if known is not None:
        return known
    places = None if folder is None else [str(folder)]
    spec = importlib.util.spec_from_file_location(name, path, submodule_search_locations=places)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


_load("desk_agent", SUITE / "agent" / "__init__.py", SUITE / "agent")
AGENT = _load("desk_agent.support_desk", SUITE / "agent" / "support_desk.py")
READING = sys.modules["desk_agent.reading"]

_PATTERNS = (*READING.INTENTS.values(), *(words for _, words in READING.REASONS))
_WORDS: list[str] = sorted(
    {
        word
        for text in (*_PATTERNS, *READING.DOCUMENTS, *READING.TOPICS, "moved number street")
        for word in re.findall(r"[a-z]{5,}", text.replace(r"\b", " "))
    }
)


def mended(word: str) -> str:
    """The word of the agent's vocabulary that a misspelt one means."""
    low = word.lower()
    for known in _WORDS:
        longer = len(low) == len(known) + 1
        if low == known or low[0] != known[0] or abs(len(low) - len(known)) > 1:
            continue
        if sorted(low) == sorted(known):
            return known
        if longer and any(low[:i] + low[i + 1 :] == known for i in range(len(low))):
            return known
    return word


class AskingAgain:
    """Tools that are asked again where they answer with half of an answer."""

    def __init__(self, tools: Any) -> None:
        self.schemas, self.ToolError, self._tools = tools.schemas, tools.ToolError, tools

    async def call(self, name: str, arguments: dict[str, Any]) -> Any:
        found = None
        for _ in range(3):
            found = await self._tools.call(name, arguments)
            if not isinstance(found, str) or not found.startswith("{"):
                break
        return found


class Desk:
    """The sound agent; a defect overrides one of its steps."""

    mends = True
    asks_again = True
    work: type = AGENT.Work

    def read(self, messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if not self.mends:
            return messages
        return [self._mended(message) for message in messages]

    def _mended(self, message: dict[str, Any]) -> dict[str, Any]:
        if message["role"] != "user":
            return message
        text = re.sub(r"[ \t\u00a0]+", " ", message["content"])
        return {**message, "content": re.sub(r"[A-Za-z]{6,}", lambda w: mended(w[0]), text)}

    def rules(self, rules: Any) -> Any:
        return rules

    async def respond(self, messages: list[dict[str, Any]], tools: Any, release: Any) -> str:
        prompt = "\n".join(release["prompts"].values())
        rules = self.rules(AGENT.read_rules(prompt))
        request = READING.read_request(
            self.read(messages),
            quoted_counts=rules.quoted_counts,
            reads_commas=release["model"]["name"].startswith("scripted-small-2"),
        )
        asked = AskingAgain(tools) if self.asks_again else tools
        reply: str = await self.work(request, rules, asked).run()
        return reply


class _Tools:
    """What an agent sees of the simulated tools."""

    class ToolError(Exception):
        pass

    def __init__(self, schemas: Any, simulated: SimulatedTools) -> None:
        self.schemas, self._simulated = schemas, simulated

    async def call(self, name: str, arguments: dict[str, Any]) -> Any:
        answer, _ = self._simulated.answer(name, arguments)
        if answer.is_error:
            raise self.ToolError(answer.content)
        return json.loads(json.dumps(answer.content))


@lru_cache
def _suite() -> tuple[Workspace, Release, Surroundings]:
    workspace = load_workspace(SUITE)
    release = workspace.release()
    return workspace, release, surroundings_of(workspace, release)


class DeskTrials:
    """Trials of a desk; `noise` of all trials of each `every`-th case fail without a reason."""

    def __init__(
        self, desk: Desk, budget: int, *, noise: float = 0.0, every: int = 6, seed: int = 0
    ) -> None:
        self.workspace, self.release, self.around = _suite()
        self.left = budget
        self._desk = desk
        ids = sorted(case.id for case in self.workspace.cases)
        self._noisy = {name for place, name in enumerate(ids) if place % every == 0}
        self._noise, self._rng = noise, random.Random(seed)

    def run(self, subjects: Sequence[Subject]) -> list[tuple[Trajectory, TrialScore]]:
        assert len(subjects) <= self.left
        self.left -= len(subjects)
        return [self._trial(subject) for subject in subjects]

    def _trial(self, subject: Subject) -> tuple[Trajectory, TrialScore]:
        is_variant = isinstance(subject, Variant)
        case = subject.case if isinstance(subject, Variant) else subject
        tools = subject.tools if isinstance(subject, Variant) else self.release.tools
        parent = subject.parent.id if isinstance(subject, Variant) else subject.id
        prepared = CaseTools(case, tools=tools, actions=self.workspace.actions)
        simulated = SimulatedTools(prepared, most_calls=20)
        failure, reply = None, ""
        seen = _Tools(tools.as_json(), simulated)
        try:
            release = self.release.for_agent()
            reply = _run(self._desk.respond([dict(m) for m in case.messages], seen, release))
        except Exception as error:  # noqa: BLE001 - the agent's own end, as the harness takes it
            failure = repr(error)
        if parent in self._noisy and self._rng.random() < self._noise:
            failure = "out of luck"
        done = [*simulated.as_messages(), {"role": "assistant", "content": reply}]
        trajectory = Trajectory(
            case_id=case.id, trial=0, messages=[*case.messages, *done], failure=failure
        )
        if is_variant:
            assert isinstance(subject, Variant)
            return trajectory, judge(subject, trajectory, self.around)
        scorer = Scorer(tools=tools, actions=self.workspace.actions)
        return trajectory, scorer.score(case, trajectory)
