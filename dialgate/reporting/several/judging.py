"""Several suites judged one after the other: one budget of calls, one exit code, one document.

The worst code counts; a suite that can't be judged is never a pass. Leaves judging one suite to
`dialgate.check` and forms to `reports`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from dialgate.check.check_inputs import read_inputs
from dialgate.check.unchanged import compare_inputs, judge_added_cases, judge_unchanged
from dialgate.git.asking.kept_answers import asking_once
from dialgate_evals.errors import DialgateError, EvidenceError, InterruptedRunError
from dialgate_evals.files.plain_text import printable
from dialgate_evals.files.problems import show_path

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from dialgate.check.check_inputs import CheckInputs
    from dialgate.check.checking.affected_suites import Affected, GoneSuite
    from dialgate.check.checking.request import CheckRequest

FAILED, UNUSABLE, UNDECIDED, INVALID = 1, 2, 3, 4
WORST_FIRST = (FAILED, UNUSABLE, INVALID, UNDECIDED, 0)
"""Which exit code counts: what is worse is shown, then what was not judged, then the undecided."""


def worst(codes: Sequence[int]) -> int:
    """The code of all together; one that is none of these counts above all.

    >>> worst([0, 3, 4]), worst([2, 1, 0]), worst([])
    (4, 1, 0)
    """
    unknown = [code for code in codes if code not in WORST_FIRST]
    return max(unknown) if unknown else next((c for c in WORST_FIRST if c in codes), 0)


def judge_one(request: CheckRequest, *, may_skip: bool) -> dict[str, Any]:
    """One suite's verdict; `may_skip`: by a short way, where nothing that decides differs."""
    with asking_once():
        inputs = read_request(request)
        document = _short_way(request, inputs) if may_skip else None
        return document or check_whole(request, inputs)


def read_request(request: CheckRequest) -> CheckInputs:
    """What the request names. Raises as `read_inputs`."""
    return read_inputs(
        request.folder,
        release=request.release,
        baseline=request.baseline,
        allow=request.allow,
        today=request.today,
    )


def _short_way(request: CheckRequest, inputs: CheckInputs) -> dict[str, Any] | None:
    """The verdict where nothing that decides differs, or cases were added only; else None."""
    compared = compare_inputs(inputs, request.options.out)
    if compared is None:
        return None
    release, allow, sealed = request.release, request.allow, request.require_sealed
    return judge_unchanged(
        inputs,
        compared,
        release=release,
        allow=allow,
        require_sealed=sealed,
        at=request.at,
    ) or judge_added_cases(
        inputs,
        compared,
        release=release,
        allow=allow,
        options=request.options,
        require_sealed=sealed,
        at=request.at,
    )


def check_whole(request: CheckRequest, inputs: CheckInputs) -> dict[str, Any]:
    """The verdict of both sides run and compared, with where they part."""
    from dialgate.check.checking.release_check import check_release  # noqa: PLC0415 - loads what runs agents
    from dialgate.reporting.partings import add_partings  # noqa: PLC0415 - reads records

    document = check_release(request, inputs).document
    add_partings(document, inputs.workspace, inputs.candidate.tools)
    return document


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedSuite:
    """What one of several suites came to: its verdict, or why there is none."""

    folder: str
    exit_code: int
    why: str = ""
    # what touches it; empty: it was named
    document: dict[str, Any] | None = None
    # None: there is no verdict
    problem: str = ""
    # why there is none
    record: str | None = None
    # the file in which the verdict was left

    def as_json(self) -> dict[str, Any]:
        """As the document of several suites writes it."""
        document = self.document
        return {
            "folder": self.folder,
            "suite": None if document is None else document["suite"],
            "exit_code": self.exit_code,
            "verdict": None if document is None else document["verdict"],
            "why": self.why,
            "problem": self.problem,
            "record": self.record,
            "document": document,
        }


@dataclass(kw_only=True)
class SharedBudget:
    """The agent calls of all suites together: as many as the largest of their policies allows."""

    most: int = 0
    spent: int = 0

    @property
    def left(self) -> int:
        """How many there are still."""
        return max(0, self.most - self.spent)


@dataclass(kw_only=True)
class SeveralChecks:
    """The suites of one command."""

    may_skip: bool
    # whether a suite in which nothing that decides differs is judged without running it
    keep: Callable[[dict[str, Any]], Path]
    # writes one suite's verdict where records lie; gives the file
    show: Callable[[JudgedSuite], None]
    # is told of each suite as it ends
    budget: SharedBudget = field(default_factory=SharedBudget)
    judged: list[JudgedSuite] = field(default_factory=list)

    def run(self, requests: Sequence[tuple[CheckRequest, str]]) -> None:
        """Judges each, with what touches it. Raises InterruptedRunError on Ctrl-C."""
        read = [(request, why, _try_to_read(request)) for request, why in requests]
        inputs = [found for _, _, found in read if not isinstance(found, DialgateError)]
        limits = [found.settings.policy.gate.max_agent_calls for found in inputs]
        self.budget.most = max(limits, default=0)
        twins = _twins(inputs)
        for request, why, found in read:
            folder = show_path(request.folder)
            if isinstance(found, DialgateError):
                part = _unjudged(folder, why, found)
            elif found.workspace.suite.name in twins:
                name = found.workspace.suite.name
                text = f"Another suite is called {name} too: give each a name of its own."
                part = JudgedSuite(folder=folder, exit_code=UNUSABLE, why=why, problem=text)
            else:
                part = self._judge(request, found, why)
            self.judged.append(part)
            self.show(part)

    def _judge(self, request: CheckRequest, inputs: CheckInputs, why: str) -> JudgedSuite:
        folder, left = show_path(request.folder), self.budget.left
        own = inputs.settings.policy.gate.max_agent_calls
        request = replace(request, options=replace(request.options, most_calls=left))
        try:
            document = _short_way(request, inputs) if self.may_skip else None
            if document is None and not left:
                return self._without_calls(folder, why)
            document = document or check_whole(request, inputs)
        except InterruptedRunError:
            raise
        except DialgateError as error:
            if left < own and _is_over_budget(error):
                return self._without_calls(folder, why)
            # What it spent is not known, so all that it was given counts.
            self.budget.spent += min(left, own) if isinstance(error, EvidenceError) else 0
            return _unjudged(folder, why, error)
        self.budget.spent += int(document["usage"]["agent_calls"])
        record = show_path(self.keep(document))
        return JudgedSuite(
            folder=folder,
            exit_code=int(document["exit_code"]),
            why=why,
            document=document,
            record=record,
        )

    def _without_calls(self, folder: str, why: str) -> JudgedSuite:
        text = (
            f"Not decided: {self.budget.left:,} of {self.budget.most:,} agent calls were left for "
            "it, which all suites of this check share. Check it alone, or raise max_agent_calls."
        )
        return JudgedSuite(folder=folder, exit_code=UNDECIDED, why=why, problem=text)

    def add_gone(self, gone: Sequence[GoneSuite]) -> None:
        """Suites that the change takes away: a change can't leave its judge at home."""
        for item in gone:
            text = (
                f"The change takes the suite {item.place} away, which {item.base} holds. "
                + ("Allowed by suite-change." if item.allowed else "Keep it; where its policy at "
                   "the base names the label, --allow suite-change lets it go.")
            )  # fmt: skip
            part = JudgedSuite(
                folder=item.place,
                exit_code=0 if item.allowed else FAILED,
                why="the base holds it",
                problem=text,
            )
            self.judged.append(part)
            self.show(part)


def _try_to_read(request: CheckRequest) -> CheckInputs | DialgateError:
    try:
        return read_request(request)
    except DialgateError as error:
        return error


def _twins(inputs: Sequence[CheckInputs]) -> set[str]:
    """Names that several suites have: their records and verdicts would be one another's."""
    names = [found.workspace.suite.name for found in inputs]
    return {name for name in names if names.count(name) > 1}


def _is_over_budget(error: DialgateError) -> bool:
    """Whether nothing was run since the calls that were left don't pay for the first runs."""
    problems = error.problems if isinstance(error, EvidenceError) else ()
    return any(problem.place == "gate.max_agent_calls" for problem in problems)


def _unjudged(folder: str, why: str, error: DialgateError) -> JudgedSuite:
    code = error.exit_code if error.exit_code in WORST_FIRST and error.exit_code else UNUSABLE
    text = "\n".join(printable(line) for line in str(error).splitlines())
    return JudgedSuite(folder=folder, exit_code=code, why=why, problem=text)


def several_document(
    checks: SeveralChecks, *, at: str, nonce: str, affected: Affected | None
) -> dict[str, Any]:
    """The document of all suites, described by the schema `verdicts`; the worst stand first."""
    order = {code: place for place, code in enumerate(WORST_FIRST)}
    parts = sorted(checks.judged, key=lambda item: (order.get(item.exit_code, -1), item.folder))
    return {
        "schema": 1,
        "exit_code": worst([item.exit_code for item in parts]),
        "at": at,
        "nonce": nonce,
        "budget": {"max_agent_calls": checks.budget.most, "agent_calls": checks.budget.spent},
        "untouched": None if affected is None else [show_path(p) for p in affected.untouched],
        "suites": [item.as_json() for item in parts],
    }
