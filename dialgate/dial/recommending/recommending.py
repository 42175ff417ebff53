"""`dialgate dial recommend`: gathers eval and live evidence, asks the gate, builds the document.

The wiring; leaves the rules to `dialgate_gate.ladder.recommendation` and the words to `reports`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dialgate.dial.grounds.base_people import people_of_base
from dialgate.dial.grounds.dial_evals import read_dial_evals
from dialgate.dial.grounds.drill_files import drill_facts
from dialgate.dial.grounds.resting import rests_on
from dialgate.dial.recommending.asking_events import asked_of, known_releases, seen_classes
from dialgate.dial.recommending.gathered import Gathered
from dialgate.dial.recommending.recommendation_document import build_document
from dialgate.git.base_ref import resolve_ref
from dialgate.runs.on_record.mutating import MOST_CASES, mutation_report
from dialgate.terminal.output import say
from dialgate_evals.actions.action_classes import UNCLASSIFIED
from dialgate_evals.events.counts.cube_and_tasks import CubeAndTasks, aggregate_with_tasks
from dialgate_evals.events.counts.task_streams import TaskStreams
from dialgate_evals.events.event_cube import EventCube
from dialgate_evals.suite.release_files import named_release_file
from dialgate_evals.suite.workspace import load_workspace
from dialgate_gate.ladder.dial_evidence import DialEvidence
from dialgate_gate.ladder.readiness import ReadinessFacts
from dialgate_gate.ladder.recommendation import Recommendation, recommend_moves
from dialgate_gate.live.decision_delay import settling_of
from dialgate_gate.live.demotion import demotions_of
from dialgate_gate.live.live_figures import SAME_CALL_LIMIT, weigh_evidence
from dialgate_gate.live.live_reviews import KnownReleases, count_standing
from dialgate_gate.settings.settings import load_settings

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from dialgate.dial.grounds.base_people import BasePeople
    from dialgate.dial.grounds.dial_evals import DialEvals
    from dialgate_evals.actions.action_classes import ActionClass
    from dialgate_evals.events.task_runs import InForce
    from dialgate_evals.files.problems import Problem
    from dialgate_evals.mutating.suite_mutants import ClassMutants
    from dialgate_evals.suite.release import Release
    from dialgate_evals.suite.workspace import Workspace
    from dialgate_gate.ladder.readiness import SignedVerdict
    from dialgate_gate.live.live_evidence import LiveEvidence
    from dialgate_gate.live.live_reviews import LiveStanding
    from dialgate_gate.settings.settings import GateSettings


@dataclass(frozen=True, kw_only=True)
class RecommendRequest:
    """What a person asked for."""

    folder: Path
    events: str | Path | None
    # a file, folder, glob or URL; None: no live evidence
    run: Path | None
    # None: the newest record of the release below `out`
    release: str | None
    attestation: Path | None = None
    # a signed verdict
    out: Path
    now: dt.datetime
    written_to: str = "recommendation.json"
    # where the document will lie, for the commands that name it
    with_tasks: bool = False
    # whether the tasks are wanted one by one, where the policy or an alarm asks for them


@dataclass(frozen=True, kw_only=True)
class Recommended:
    """The recommendations and the document that a signature can name."""

    moves: tuple[Recommendation, ...]
    document: dict[str, Any]
    bad_rows: tuple[Problem, ...]
    bad_count: int
    # the first of the rows that were left out, and how many they are


def recommend(request: RecommendRequest) -> Recommended:
    """What each class may move to.

    Raises ConfigurationError where files of the workspace or over 1 % of the events are bad,
    RecordError where the record that --run names can't be read, EvidenceError where the dial's
    books don't agree.
    """
    found = gather(request)
    document = build_document(found)
    cube = found.cube
    return Recommended(
        moves=found.moves, document=document, bad_rows=cube.bad, bad_count=cube.bad_rows
    )


def gather(request: RecommendRequest, *, must_be_proven: bool = False) -> Gathered:
    """Everything that a recommendation or a lease rests on, decided. Raises as `recommend`.

    `must_be_proven`: UsageError where nobody can tell whose people count.
    """
    workspace = load_workspace(request.folder)
    own = load_settings(request.folder)
    people = people_of_base(request.folder, own, must_be_proven=must_be_proven)
    settings = people.settings
    release = workspace.release(named_release_file(request.release, workspace.folder))
    known = known_releases(workspace, release, settings, request.out)
    asked = asked_of(workspace, settings, known.counts)
    cube, tasks = _cube(request, workspace, settings, asked)
    evals = read_dial_evals(workspace, release, run=request.run, out=request.out)
    classes = seen_classes(workspace.actions, cube)
    live = _live(cube, workspace, settings, known)
    evidence = DialEvidence(
        evals=evals.classes,
        eval_gaps=evals.gaps,
        mutants=_mutants(workspace, settings, release, request.out),
        live={item.name: _standing(item, cube, settings, known, request) for item in classes},
        demotions=demotions_of(classes, cube.alarms, settings.dial, settings.policy.demote),
        queue_warnings=live.warnings,
        watched=None if request.events is None else cube.counted,
        rests_on=rests_on(workspace.folder, release, settings),
    )
    facts = _facts(request, workspace, release, people, evals)
    moves = recommend_moves(classes, settings, evidence, facts, request.now)
    return Gathered(
        workspace=workspace,
        settings=settings,
        people_note=people.note,
        release=release,
        known=known,
        facts=facts,
        moves=moves,
        classes=classes,
        cube=cube,
        tasks=tasks,
        asked=asked,
        events=request.events,
        live=live,
        run=evals.folder,
        by_case=evals.by_case,
        queue_warnings=evidence.queue_warnings,
        mutants=evidence.mutants,
        attestation=request.attestation,
        now=request.now,
        written_to=request.written_to,
    )


def _facts(
    request: RecommendRequest,
    workspace: Workspace,
    release: Release,
    people: BasePeople,
    evals: DialEvals,
) -> ReadinessFacts:
    """What readiness is judged by: drills, runbook, people, trials, a signed verdict."""
    settings = people.settings
    return ReadinessFacts(
        drills=drill_facts(workspace, settings, release, request.now, keys_of=people.keys_of),
        every=settings.policy.review_every,
        runbook=settings.runbook,
        owners=settings.owners,
        today=request.now.date(),
        ref_exists=lambda ref: resolve_ref(workspace.folder, ref) is not None,
        trials=lambda case_id: evals.by_case.get(case_id, ()),
        attestation=_signed(request, workspace, settings, release),
    )


def _standing(
    item: ActionClass,
    cube: EventCube,
    settings: GateSettings,
    known: KnownReleases,
    request: RecommendRequest,
) -> LiveStanding:
    """The reviews that count, old enough that decisions on them have come."""
    today = request.now.date()
    delays = {
        delay: count
        for delay, count in cube.delays.get(item.name, {}).items()
        if known.counts(delay.release)
    }
    return count_standing(
        cube.days_of(item.name),
        known,
        settling=settling_of(
            delays,
            settings.dial.mode_of(item),
            least_days=settings.policy.live.settle_days,
            today=today,
        ),
        today=today,
        canaries=(
            sum(counts.canaries for counts in cube.reviewers.values()),
            sum(len(counts.canaries_passed) for counts in cube.reviewers.values()),
        ),
    )


def _mutants(
    workspace: Workspace, settings: GateSettings, release: Release, out: Path
) -> dict[str, ClassMutants]:
    """What the suite would notice of each class's mistakes, where a mode asks or it is quick."""
    is_asked = any(step.mutants_killed is not None for step in settings.policy.ladder.values())
    if not is_asked and len(workspace.cases) > MOST_CASES:
        return {}
    report = mutation_report(workspace, release, out)
    return {item.action_class.name: item for item in report.classes}


def _cube(
    request: RecommendRequest, workspace: Workspace, settings: GateSettings, asked: InForce
) -> CubeAndTasks:
    """The events, read once for everything that is asked of them."""
    if request.events is None:
        return CubeAndTasks(EventCube(), TaskStreams())
    is_paged = settings.policy.watch is not None
    return aggregate_with_tasks(
        request.events,
        workspace.actions,
        now=request.now,
        same_call_limit=SAME_CALL_LIMIT,
        asked=asked,
        wants_tasks=lambda cube: request.with_tasks and (is_paged or bool(cube.alarms)),
        say=lambda text: say(text, to_stderr=True),
    )


def _live(
    cube: EventCube, workspace: Workspace, settings: GateSettings, known: KnownReleases
) -> LiveEvidence:
    """Reviewers and changes between releases, which a report shows beside the decision."""
    demote = settings.policy.demote
    return weigh_evidence(
        cube,
        class_names=(*workspace.actions.names, UNCLASSIFIED.name),
        releases=known,
        limit=None if demote is None else demote.intervention_rate,
    )


def _signed(
    request: RecommendRequest, workspace: Workspace, settings: GateSettings, release: Release
) -> SignedVerdict | None:
    """The signed verdict as readiness takes it; one that doesn't hold says why."""
    if request.attestation is None:
        return None
    from dialgate.signatures.attesting import expect_here, policy_keys, verify_file  # noqa: PLC0415 - rare

    keys = policy_keys(settings.policy, workspace.folder)
    expected = expect_here(workspace, settings, release, request.now)
    return verify_file(request.attestation, keys, expected).as_fact()
