"""The first step at which the trials of a candidate part from those of the baseline.

Several trials a side make a tree of paths; a candidate's trial parts where its path leaves every
path of the baseline. Calls are compared as actions are, by the argument rules; calls of one message
in any order, or in several messages; texts only as the end. Leaves whether a step was wrong to
`scoring.scoring`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from dialgate_evals.actions.argument_rules import EXACT
from dialgate_evals.dialects.front_door import read_messages
from dialgate_evals.dialects.own_part import Context, own_steps
from dialgate_evals.dialects.reading import FoundCall, as_data
from dialgate_evals.files.json_text import JsonTextError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dialgate_evals.actions.argument_rules import ArgumentRules
    from dialgate_evals.actions.trajectory import Trajectory
    from dialgate_evals.suite.tools import ToolRegistry


class PathStep(Struct, frozen=True, kw_only=True):
    """One step of an agent: a call, or the reply that ends the trial."""

    key: str
    # equal for steps that count as the same
    call: Mapping[str, Any] | None = None
    # name and arguments; None: it replied
    turn: int | None = None
    # which of the agent's messages; None: one of its own


END = PathStep(key="")
Path = tuple[PathStep, ...]


class Parting(Struct, frozen=True, kw_only=True):
    """Where the candidate usually leaves the baseline's ways."""

    step: int
    # 1 is the agent's first
    baseline: PathStep
    # what the baseline did there most often
    candidate: PathStep
    trials: int
    # of the candidate that part there
    of: int
    # trials of the candidate

    def as_json(self) -> dict[str, Any]:
        """The parting as verdicts write it; a call of null is a reply."""
        return {
            "step": self.step,
            "baseline": None if self.baseline.call is None else dict(self.baseline.call),
            "candidate": None if self.candidate.call is None else dict(self.candidate.call),
            "trials": self.trials,
            "of": self.of,
        }


def path_of(
    trajectory: Trajectory,
    context: Sequence[Mapping[str, Any]],
    rules: Mapping[str, ArgumentRules],
    tools: ToolRegistry | None = None,
) -> Path:
    """The agent's own calls in order, and its end. Texts between calls say nothing here.

    `tools` fill in what a call leaves to its schema's defaults, as the scorer does.
    """
    reading = read_messages(trajectory.messages)
    steps = own_steps(reading, Context(read_messages(context)))
    calls = [step for step in steps if isinstance(step, FoundCall)]
    found: list[PathStep] = []
    for turn, (_, together) in enumerate(groupby(calls, key=lambda call: call.message)):
        made = (_step(call, rules, tools, turn) for call in together)
        found += sorted(made, key=lambda step: step.key)
    return (*found, END)


def _step(
    call: FoundCall, rules: Mapping[str, ArgumentRules], tools: ToolRegistry | None, turn: int
) -> PathStep:
    arguments = as_data(call.arguments)
    shown = {"name": call.name, "arguments": arguments}
    tool = None if tools is None else tools.get(call.name)
    try:
        normal = repr(arguments)
        if isinstance(arguments, dict):
            whole = arguments if tool is None else tool.with_defaults(arguments)
            normal = rules.get(call.name, EXACT).normalise(whole).key
    except JsonTextError:
        pass
    return PathStep(key=f"{call.name} {normal}", call=shown, turn=turn)


@dataclass(frozen=True, slots=True)
class _Leaving:
    """Where one trial of the candidate leaves every trial of the baseline."""

    place: int
    # steps that it shares with one of them
    step: PathStep
    # what it did next
    others: tuple[PathStep, ...]
    # what those of the baseline did next that shared as many


def first_parting(baseline: Iterable[Path], candidate: Iterable[Path]) -> Parting | None:
    """The step at which most of the candidate's trials part; None where none does.

    Of steps at which as many part the earliest counts.
    """
    before, now = list(baseline), list(candidate)
    if not before:
        return None
    left: dict[tuple[int, str], list[_Leaving]] = {}
    for path in now:
        found = _leaves(path, before)
        if found is not None:
            left.setdefault((found.place, found.step.key), []).append(found)
    if not left:
        return None
    (place, _), alike = min(left.items(), key=lambda item: (-len(item[1]), item[0]))
    return Parting(
        step=place + 1,
        baseline=_commonest([step for item in alike for step in item.others]),
        candidate=alike[0].step,
        trials=len(alike),
        of=len(now),
    )


def _leaves(path: Path, others: Sequence[Path]) -> _Leaving | None:
    """Where the path leaves the one that it shares most with; None: one goes all along."""
    longest = 0
    mine: PathStep | None = None
    theirs: list[PathStep] = []
    for other in others:
        shared, own, its = _shared(path, other)
        if own is None or its is None:
            return None
        if shared > longest or mine is None:
            longest, mine, theirs = shared, own, []
        if shared == longest:
            theirs.append(its)
    assert mine is not None
    return _Leaving(longest, mine, tuple(theirs))


def _shared(path: Path, other: Path) -> tuple[int, PathStep | None, PathStep | None]:
    """How many steps both begin with, and what each does then; None where both went all along.

    Calls of one message have no order, so that one message with two calls and two messages with
    one each are the same. Each step met is taken from the messages that both stand at: whichever
    is taken first, the others of them must still be met before either goes on.
    """
    sides = [_turns(path), _turns(other)]
    shared = 0
    while sides[0] and sides[1]:
        mine, theirs = sides[0][-1], sides[1][-1]
        met = next((key for key in mine if key in theirs), None)
        if met is None:
            return shared, next(iter(mine.values()))[0], next(iter(theirs.values()))[0]
        shared += 1
        for side, turn in zip(sides, (mine, theirs), strict=True):
            turn[met].pop()
            if not turn[met]:
                del turn[met]
            if not turn:
                side.pop()
    return shared, None, None


def _turns(path: Path) -> list[dict[str, list[PathStep]]]:
    """The path's messages, the last first, each with its steps by key."""
    found: list[dict[str, list[PathStep]]] = []
    last: int | None = None
    for step in path:
        if step.turn is None or step.turn != last:
            found.append({})
        found[-1].setdefault(step.key, []).append(step)
        last = step.turn
    return found[::-1]


def _commonest(steps: Sequence[PathStep]) -> PathStep:
    """The step that was taken most often; of equals the first by its key."""
    counts = Counter(step.key for step in steps)
    best = min(counts, key=lambda key: (-counts[key], key))
    return next(step for step in steps if step.key == best)
