"""`dialgate fuzz`: the suite read, the search run, what was found written down. The wiring."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dialgate.runs.fuzzing.confirming import ERROR
from dialgate.runs.fuzzing.drawing import use_folder
from dialgate.runs.fuzzing.examples import keep_seeds, known_seeds
from dialgate.runs.fuzzing.found_files import REPLAYED, found_file, fuzz_folder, trials_file
from dialgate.runs.fuzzing.own_relations import own_relations
from dialgate.runs.fuzzing.search import FuzzSearch, replay_seed
from dialgate.runs.fuzzing.trials import LiveTrials
from dialgate.runs.judging.licensed import criteria_of
from dialgate.terminal.output import say
from dialgate_evals.errors import EvidenceError, UsageError
from dialgate_evals.files.file_writing import write_atomically
from dialgate_evals.files.json_text import json_line
from dialgate_evals.files.problems import Problem, show_path
from dialgate_evals.fuzzing.findings.found_case import found_case
from dialgate_evals.fuzzing.registry import REGISTRY
from dialgate_evals.fuzzing.surroundings import surroundings_of
from dialgate_evals.fuzzing.variant import parse_seed
from dialgate_evals.scoring.expected_actions import prepare_case
from dialgate_evals.suite.suite import AgentKind
from dialgate_reports.texts.findings.fuzz_text import finding_document

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from dialgate.git.base_ref import GitBaseline
    from dialgate.runs.fuzzing.search import Found
    from dialgate_evals.fuzzing.relation import Relation, Surroundings
    from dialgate_evals.suite.release import Release
    from dialgate_evals.suite.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class FuzzRequest:
    """What a person asked for."""

    workspace: Workspace
    release: Release
    baseline: GitBaseline | None
    # whose relations of the suite's own count; None: the working tree's
    seed: int
    budget: int
    # trials
    relations: Sequence[str]
    # empty: all
    out: Path
    may_be_idle: bool = False
    # a suite without a case that a relation is about is no error


@dataclass(frozen=True, kw_only=True)
class _Suite:
    request: FuzzRequest
    relations: dict[str, Relation]
    around: Surroundings
    place: str
    failures: list[str]

    @property
    def folder(self) -> Path:
        return fuzz_folder(self.request.out, self.request.workspace.suite.name)


def fuzz(request: FuzzRequest) -> dict[str, Any]:
    """What a search found, as a document; the cases lie in a file of their own.

    Raises UsageError, ConfigurationError, and EvidenceError where next to nothing could be run.
    """
    with _opened(request) as suite:
        name = request.workspace.suite.name
        examples = suite.folder / "examples"
        use_folder(suite.folder)
        with LiveTrials(request.workspace, request.release, suite.around, request.budget) as trials:
            found = FuzzSearch(
                relations=list(suite.relations.values()),
                parents=request.workspace.cases,
                around=suite.around,
                trials=trials,
                seed=request.seed,
                known=known_seeds(examples, name),
                say=lambda text: say(text, to_stderr=True),
            ).run()
            spent = request.budget - trials.left
        _refuse_errored(request, found)
        keep_seeds(examples, name, (finding.variant.seed for finding in found.findings))
        place = found_file(request.out, request.workspace.suite.name)
        return _document(suite, found, spent, place)


def replay(request: FuzzRequest, text: str) -> dict[str, Any]:
    """One variant by its seed, confirmed anew, as the same document.

    Raises UsageError where the suite no longer makes it.
    """
    from dialgate.runs.fuzzing.replaying import replay_variant  # noqa: PLC0415 - one use

    with _opened(request) as suite:
        seed = parse_seed(text)
        variant = None
        if seed is not None:
            parents = request.workspace.cases_by_id
            variant = replay_seed(seed, suite.relations, parents, suite.around)
        if variant is None:
            raise UsageError(
                f"--replay {text}: this suite makes no such variant. A seed is written "
                "RELATION/CASE/NUMBERS, as `dialgate fuzz` prints it."
            )
        with LiveTrials(request.workspace, request.release, suite.around, request.budget) as trials:
            found = replay_variant(variant, trials)
            spent = request.budget - trials.left
        _refuse_errored(request, found)
        return _document(suite, found, spent, suite.folder / REPLAYED)


@contextmanager
def _opened(request: FuzzRequest) -> Iterator[_Suite]:
    """The relations that are asked for, with what they may know of the suite."""
    workspace = request.workspace
    if workspace.suite.agent.kind is AgentKind.TRANSCRIPT:
        raise UsageError("An agent whose trials are recorded can't be run on variants.")
    with own_relations(workspace, request.baseline) as own:
        known = {relation.name: relation for relation in (*REGISTRY, *own.relations)}
        unknown = [name for name in request.relations if name not in known]
        if unknown:
            raise UsageError(
                f"--relation {unknown[0]}: there is no such relation. There are: "
                f"{', '.join(known)}."
            )
        chosen = request.relations or list(known)
        yield _Suite(
            request=request,
            relations={name: known[name] for name in chosen},
            around=surroundings_of(workspace, request.release, own.planted),
            place=own.place,
            failures=own.failures,
        )


def _refuse_errored(request: FuzzRequest, found: Found) -> None:
    """Where trials could not be run, silence is no answer."""
    tried = sum(found.drawn.values())
    if request.may_be_idle and not (tried or found.not_run or found.left_out):
        return
    if tried and len(found.not_run) <= max(
        1.0, request.workspace.suite.max_infra_error_rate * tried
    ):
        return
    what = "no variant that could be tried"
    if found.not_run:
        what = f"{len(found.not_run)} trials that could not be run ({found.error})"
    elif found.is_spent:
        what = f"a budget of {request.budget:,}, which pays for no variant"
    elif found.left_out:
        what = f"no case that passes itself: {', '.join(found.left_out[:3])} and so on"
    raise EvidenceError(
        [
            Problem(
                file=show_path(request.workspace.folder),
                found=what,
                expected="cases that the agent passes, and an agent that can be reached",
            )
        ]
    )


def _document(suite: _Suite, found: Found, spent: int, place: Path) -> dict[str, Any]:
    request = suite.request
    cases = [
        found_case(item.variant, item.failing, item.passing, suite.around)
        for item in found.findings
    ]
    if cases:
        place.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(place, b"".join(json_line(case) for case in cases))
        trials = [
            json_line({**item.failing.as_json(), "case_id": case["id"]})
            for item, case in zip(found.findings, cases, strict=True)
        ]
        write_atomically(trials_file(place), b"".join(trials))
    return {
        "schema": 1,
        "suite": request.workspace.suite.name,
        "release": request.release.as_json(),
        "seed": request.seed,
        "budget": request.budget,
        "trials": spent,
        "error": ERROR,
        "relations": [
            {
                "relation": relation.name,
                "family": relation.family.value,
                "keeps": relation.keeps,
                "is_of_records": relation.is_of_records,
                "tried": found.drawn.get(relation.name, 0),
                "failed": found.failed.get(relation.name, 0),
            }
            for relation in suite.relations.values()
        ],
        "is_simulated": suite.around.is_simulated,
        "own_relations": {"from": suite.place, "failures": suite.failures},
        "findings": [
            finding_document(
                item.variant, item.original, item.score, item.failing, case,
                actions=suite.around.actions, e_value=item.e_value, is_smallest=item.is_smallest,
            )
            for item, case in zip(found.findings, cases, strict=True)
        ],
        "found": show_path(place) if cases else None,
        "left_out": found.left_out,
        "not_run": found.not_run,
        "noise": found.noise,
        "unasked": found.unasked,
        "is_spent": found.is_spent,
        "unjudged": _unjudged(request),
    }  # fmt: skip


def _unjudged(request: FuzzRequest) -> dict[str, Any]:
    """Criteria on texts, by which no variant was judged, and how many cases have one."""
    workspace = request.workspace
    names: set[str] = set()
    cases = 0
    for case in workspace.cases:
        expected = prepare_case(case, tools=request.release.tools, actions=workspace.actions)
        own = {item.name for item in criteria_of(case, expected, workspace)}
        cases += bool(own)
        names |= own
    return {"cases": cases, "criteria": sorted(names)}
