"""The first step at which the trials of a candidate part from those of the baseline.

Several trials a side make a tree of paths; a candidate's trial parts where its path leaves every
path of the baseline. Calls are compared as actions are, by the argument rules; calls of one message
in any order; texts only as the end. Leaves whether a step was wrong to `scoring.scoring`.
"""

from __future__ import annotations

from collections import Counter
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


class PathStep(Struct, frozen=True, kw_only=True):
    """One step of an agent: a call, or the reply that ends the trial."""

    key: str
    # equal for steps that count as the same
    call: Mapping[str, Any] | None = None
    # name and arguments; None: it replied


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
) -> Path:
    """The agent's own calls in order, and its end. Texts between calls say nothing here."""
    reading = read_messages(trajectory.messages)
    steps = own_steps(reading, Context(read_messages(context)))
    calls = [step for step in steps if isinstance(step, FoundCall)]
    found: list[PathStep] = []
    for _, together in groupby(calls, key=lambda call: call.message):
        found += sorted((_step(call, rules) for call in together), key=lambda step: step.key)
    return (*found, END)


def _step(call: FoundCall, rules: Mapping[str, ArgumentRules]) -> PathStep:
    arguments = as_data(call.arguments)
    shown = {"name": call.name, "arguments": arguments}
    try:
        normal = (
            rules.get(call.name, EXACT).normalise(arguments).key
            if isinstance(arguments, dict)
            else repr(arguments)
        )
    except JsonTextError:
        normal = repr(arguments)
    return PathStep(key=f"{call.name} {normal}", call=shown)


def first_parting(baseline: Iterable[Path], candidate: Iterable[Path]) -> Parting | None:
    """The step at which most of the candidate's trials part; None where none does.

    Of steps at which as many part the earliest counts.
    """
    before, now = list(baseline), list(candidate)
    if not before:
        return None
    left = Counter(
        (place, _keys(path[: place + 1]))
        for path in now
        if (place := _leaves_at(path, before)) is not None
    )
    if not left:
        return None
    (place, keys), trials = min(left.items(), key=lambda item: (-item[1], item[0]))
    nexts = [path[place] for path in before if _keys(path[:place]) == keys[:-1]]
    return Parting(
        step=place + 1,
        baseline=_commonest(nexts),
        candidate=next(p[place] for p in now if _keys(p[: place + 1]) == keys),
        trials=trials,
        of=len(now),
    )


def _keys(path: Path) -> tuple[str, ...]:
    return tuple(step.key for step in path)


def _leaves_at(path: Path, others: Sequence[Path]) -> int | None:
    """The first step that no other path with the same beginning takes; None: one goes all along."""
    longest = 0
    for other in others:
        common = 0
        for mine, theirs in zip(path, other, strict=False):
            if mine.key != theirs.key:
                break
            common += 1
        if common == len(path):
            return None
        longest = max(longest, common)
    return longest


def _commonest(steps: Sequence[PathStep]) -> PathStep:
    """The step that was taken most often; of equals the first by its key."""
    counts = Counter(step.key for step in steps)
    best = min(counts, key=lambda key: (-counts[key], key))
    return next(step for step in steps if step.key == best)
