"""`dialgate replay`: a bundle laid out in a folder of its own, run, and asked if it fails again."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dialgate.runs.fuzzing.agent_line import AgentLine
from dialgate.runs.fuzzing.confirming import kinds_of
from dialgate.runs.on_record.bundles.bundle_files import CASE, LIST, TRAJECTORY, TREE, read_bundle
from dialgate.runs.on_record.bundles.smaller_case import SOUND
from dialgate_evals.actions.trajectory import parse_trajectory
from dialgate_evals.errors import ConfigurationError, EvidenceError
from dialgate_evals.files.file_reading import Problems, read_toml
from dialgate_evals.files.json_text import JsonTextError, parse_json
from dialgate_evals.files.problems import Problem, join_words, show_path
from dialgate_evals.scoring.scoring import Scorer
from dialgate_evals.suite.actions_file import read_actions
from dialgate_evals.suite.case import parse_case
from dialgate_evals.suite.case_files import case_problems
from dialgate_evals.suite.release import read_release
from dialgate_evals.suite.suite import AgentKind
from dialgate_evals.suite.workspace import Workspace, parse_suite_checked
from dialgate_gate.blame.question import Answer, Question, broken_case

if TYPE_CHECKING:
    from dialgate_evals.actions.trajectory import Trajectory
    from dialgate_evals.suite.case import Case
    from dialgate_evals.suite.release import Release

_ERROR = 0.05
"""The chance of either wrong answer."""


def replay_bundle(folder: Path, budget: int) -> dict[str, Any]:
    """Whether the failure comes back, as a document.

    Raises ConfigurationError for a bundle that is not as it was sealed, EvidenceError where its
    agent can't be run here.
    """
    document, files = read_bundle(folder)
    with tempfile.TemporaryDirectory(prefix="dialgate-replay-") as place:
        root = Path(place).resolve()
        (root / ".git").touch()  # the root that no path of the suite may leave
        for name, content in files.items():
            head, _, rest = name.partition("/")
            if head == TREE and rest:
                path = root / rest
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
        workspace, release, case = _loaded(root, folder, document, files)
        found = _asked(workspace, release, case, document, files, budget)
    return {
        "schema": 1,
        "suite": document["suite"],
        "case": document["case"],
        "failed_by": document["failed_by"],
        "needs": document["needs"],
        **found,
    }


def _loaded(
    root: Path, folder: Path, document: dict[str, Any], files: dict[str, bytes]
) -> tuple[Workspace, Release, Case]:
    """The bundle's suite with its one case."""
    problems: Problems = []
    _check_list(document, folder / LIST)
    suite_folder = root / document["folder"]
    toml = read_toml(suite_folder / "suite.toml", "suite", problems)
    actions = read_actions(suite_folder / "actions.toml", problems)
    release = read_release(
        root / document["release_file"], suite_folder=suite_folder, root=root, problems=problems
    )
    suite = (
        None if toml is None else parse_suite_checked(toml, suite_folder / "suite.toml", problems)
    )
    case = _case_of(folder / CASE, files, problems)
    if suite is None or actions is None or release is None or case is None or problems:
        raise ConfigurationError(problems)
    # What interpreter the agent had is not here; the one that runs this is.
    agent = replace(suite.agent, interpreter=None)
    workspace = Workspace(
        folder=suite_folder,
        root=root,
        suite=replace(suite, agent=agent),
        actions=actions[0],
        actions_document=actions[1],
        cases=(case,),
    )
    return workspace, release, case


def _check_list(document: dict[str, Any], path: Path) -> None:
    kinds = {
        "suite": str, "case": str, "folder": str, "release_file": str, "failed_by": list,
        "needs": list, "passed": int, "trials": int,
    }  # fmt: skip
    problems = [
        Problem(
            file=show_path(path), place=f"/{key}", found="nothing of use", expected=kind.__name__
        )
        for key, kind in kinds.items()
        if not isinstance(document.get(key), kind)
    ]
    for key in ("folder", "release_file"):
        value = document.get(key)
        if isinstance(value, str) and (".." in Path(value).parts or Path(value).is_absolute()):
            problems.append(
                Problem(
                    file=show_path(path),
                    place=f"/{key}",
                    found="a path that leads out of the bundle",
                    expected="a path inside it",
                )
            )
    if problems:
        raise ConfigurationError(problems)


def _case_of(path: Path, files: dict[str, bytes], problems: Problems) -> Case | None:
    file = show_path(path)
    try:
        document = parse_json(files.get(CASE, b""))
    except JsonTextError as error:
        problems.append(Problem(file=file, found=str(error), expected="a case"))
        return None
    found = case_problems(document, file, 1)
    problems.extend(found)
    return None if found else parse_case(document)


def _asked(
    workspace: Workspace,
    release: Release,
    case: Case,
    document: dict[str, Any],
    files: dict[str, bytes],
    budget: int,
) -> dict[str, Any]:
    """Trials until it is clear whether the failure came back."""
    scorer = Scorer(tools=release.tools, actions=workspace.actions)
    if workspace.suite.agent.kind is AgentKind.TRANSCRIPT:
        score = scorer.score(case, parse_trajectory(parse_json(files[TRAJECTORY])))
        is_back = score.passed is False
        return {"came_back": is_back, "trials": 0, "failed": int(is_back), "failed_now_by": []}
    wanted = frozenset(document["failed_by"])
    now = document["passed"], max(1, document["trials"])
    question = Question([broken_case(case.id, before=SOUND, now=now)], _ERROR)
    line = AgentLine(workspace, release)
    trials = failed = 0
    by: set[str] = set()
    try:
        while question.answer is None and trials < budget:
            (trajectory,) = _run(line, case, document)
            trials += 1
            score = scorer.score(case, trajectory)
            if score.passed is None:
                raise _not_run(score.error, document)
            is_alike = not score.passed and bool(kinds_of(score) & wanted)
            failed += is_alike
            by |= set() if score.passed else kinds_of(score)
            question.take(case.id, passed=not is_alike)
    finally:
        line.close()
    answer = {Answer.BREAKS: True, Answer.HOLDS: False, None: None}[question.answer]
    return {
        "came_back": answer,
        "trials": trials,
        "failed": failed,
        "failed_now_by": sorted(by),
    }


def _run(line: AgentLine, case: Case, document: dict[str, Any]) -> list[Trajectory]:
    """One trial. Raises EvidenceError, which says what the bundle needs, where none can be run."""
    try:
        return line.run([case])
    except EvidenceError as error:
        raise _not_run(error.problems[0].found, document) from None


def _not_run(error: str | None, document: dict[str, Any]) -> EvidenceError:
    needs = join_words(list(map(str, document["needs"]))) or "nothing beside the bundle"
    return EvidenceError(
        [
            Problem(
                file=f"the case {document['case']}",
                found=f"a trial that could not be run ({error})",
                expected=f"an agent that runs here; it needs {needs}",
            )
        ]
    )
