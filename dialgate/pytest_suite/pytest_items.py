"""Cases as pytest items: a suite.toml, its action classes, its cases.

A case's id, tags and classes are data: they are found by `-k` and stand in marks of dialgate's own,
never among the keywords in which plug-ins look for theirs. Leaves running to `suite_runner`, the
record to `pytest_record`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from dialgate.pytest_suite.fuzz_items import FuzzNode
from dialgate.pytest_suite.node_keywords import NamelessKeywords
from dialgate.pytest_suite.pytest_record import FinishedItem
from dialgate.pytest_suite.suite_runner import CaseFailedError
from dialgate_evals.errors import DialgateError
from dialgate_evals.suite.case import HOLDOUT
from dialgate_evals.suite.release_files import find_release_file
from dialgate_evals.suite.workspace import Workspace, load_workspace
from dialgate_gate.comparing.judged_cases import collect_cases
from dialgate_gate.comparing.run_evidence import RunEvidence
from dialgate_gate.verdict.documents.explanations import explain_run
from dialgate_reports.words.case_text import describe_case
from dialgate_reports.words.trajectory_text import describe_trajectory

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dialgate.pytest_suite.suite_runner import SuiteRunner, SuiteRunners
    from dialgate_evals.actions.outcomes import TrialScore
    from dialgate_evals.actions.trajectory import Trajectory
    from dialgate_evals.suite.case import Case
    from dialgate_evals.suite.release import Release

_NO_ACTION = "no_action"


class SuiteFile(pytest.File):
    """A suite.toml: one collector per action class, one item per case."""

    workspace: Workspace
    release: Release
    trials: int

    def __init__(self, *, runners: SuiteRunners, **more: Any) -> None:  # noqa: ANN401 - pytest's
        super().__init__(**more)
        self._runners = runners

    def collect(self) -> Iterator[pytest.Collector]:
        """The action classes that the suite's cases expect, `no_action` for those without.

        With --dialgate-fuzz the relations behind them.
        """
        try:
            self.workspace = load_workspace(self.path.parent)
            self.release = self.workspace.release(self._release_file())
        except DialgateError as error:
            raise self.CollectError(str(error)) from None
        self.trials = self.config.getoption("--dialgate-trials") or self.workspace.suite.trials
        self._classes: dict[str, list[str]] = {}
        by_class: dict[str, list[Case]] = {}
        for case in self.workspace.cases:
            names = self._classes[case.id] = case_classes(case, self.workspace)
            by_class.setdefault(names[0] if names else _NO_ACTION, []).append(case)
        for name, cases in by_class.items():
            yield ActionClassNode.from_parent(self, name=name, cases=cases)
        trials = self.config.getoption("--dialgate-fuzz")
        if trials:
            yield FuzzNode.from_parent(
                self, name="fuzz", workspace=self.workspace, release=self.release, trials=trials
            )

    def classes_of(self, case: Case) -> list[str]:
        """Action classes of the actions that the case expects, the first expected first."""
        return self._classes[case.id]

    def runner(self) -> SuiteRunner:
        """What runs the suite's cases in this process."""
        return self._runners.runner(
            self.path, workspace=self.workspace, release=self.release, trials=self.trials
        )

    def _release_file(self) -> Path | None:
        named = self.config.getoption("--dialgate-release")
        if named is None:
            return None
        found = find_release_file(named, self.path.parent)
        if found is None:
            raise self.CollectError(f"--dialgate-release {named}: no such release file.")
        return found


class ActionClassNode(pytest.Collector):
    """The cases that first expect an action of one class."""

    def __init__(self, *, cases: list[Case], **more: Any) -> None:  # noqa: ANN401 - pytest's
        super().__init__(**more)
        self.keywords = NamelessKeywords(self)
        self._cases = cases

    def collect(self) -> Iterator[CaseItem]:
        """An item per case, in the suite's order."""
        for case in self._cases:
            yield CaseItem.from_parent(self, name=case.id, case=case)


class CaseItem(pytest.Item):
    """One case; its tags, its action classes and the hold-out split are marks of dialgate's."""

    def __init__(self, *, case: Case, **more: Any) -> None:  # noqa: ANN401 - pytest's
        super().__init__(**more)
        self.keywords = NamelessKeywords(self)
        self.case = case
        self.trials_done: FinishedItem | None = None
        for tag in dict.fromkeys(case.tags):
            self._mark(pytest.mark.dialgate_tag, tag)
        for action_class in self.suite.classes_of(case):
            self._mark(pytest.mark.dialgate_class, action_class)
        if case.held_out:
            self._mark(pytest.mark.dialgate_split, HOLDOUT)

    def _mark(self, mark: pytest.MarkDecorator, name: str) -> None:
        self.add_marker(mark(name=name))
        self.extra_keyword_matches.add(name)

    def _initrequest(self) -> None:
        """What plug-ins that run an item again ask of it; a case has no fixtures to renew."""

    @property
    def suite(self) -> SuiteFile:
        """The suite that the case belongs to."""
        found = self.getparent(SuiteFile)
        assert found is not None
        return found

    def runtest(self) -> None:
        """Waits for the case's trials; every one must pass. Run again, it shows the same ones."""
        runner = self.suite.runner()
        trajectories = runner.trajectories(self.case, self._cases_ahead)
        scores = runner.scores(self.case, self._cases_ahead)
        self.trials_done = FinishedItem(
            workspace=self.suite.workspace,
            release=self.suite.release,
            case=self.case,
            trials=tuple(zip(trajectories, scores, strict=True)),
            loaded=runner.loaded,
        )
        if any(not score.passed for score in scores):
            raise CaseFailedError(self._describe(trajectories, scores))

    def _cases_ahead(self) -> list[Case]:
        """The suite's selected cases that run beside this one, which is the first of them.

        A worker of pytest-xdist runs only what it is asked for. With -x, no more than run at once.
        """
        if hasattr(self.config, "workerinput"):
            return [self.case]
        items = self.session.items
        here = items.index(self) if self in items else 0
        found = [
            item.case
            for item in items[here + 1 :]
            if isinstance(item, CaseItem) and item.suite is self.suite and not _may_be_skipped(item)
        ]
        most = self.suite.workspace.suite.concurrency if self.config.getvalue("maxfail") else None
        return [self.case, *found][:most]

    def _describe(self, trajectories: list[Trajectory], scores: list[TrialScore]) -> str:
        errored = [score for score in scores if score.passed is None]
        if errored:
            return f"{self.case.id} could not be run: {errored[0].error}"
        case_set = collect_cases([self.case], actions=self.suite.workspace.actions)
        side = RunEvidence(release=self.suite.release.as_json(), scores=tuple(scores))
        (entry,) = explain_run(side, case_set)
        lines = describe_case(entry)
        worst = entry["candidate"]["trial"]
        shown = next(t for t in trajectories if t.trial == worst)
        return "\n".join([*lines, "", "What the agent did:", *describe_trajectory(shown)])

    def repr_failure(  # type: ignore[override]  # a text, as pytest takes it
        self, excinfo: pytest.ExceptionInfo[BaseException], style: str | None = None
    ) -> object:
        """The difference in plain words; a traceback only where dialgate itself broke."""
        if isinstance(excinfo.value, CaseFailedError | DialgateError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)  # type: ignore[arg-type]  # as pytest calls it

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """The case file and line, for IDEs."""
        at = self.case.place
        if at is None:
            return self.suite.path.parent, None, self.name
        return self.config.invocation_params.dir / at.file, at.line - 1, self.name


def case_classes(case: Case, workspace: Workspace) -> list[str]:
    """Action classes of the actions that the case expects, the first expected first."""
    patterns = [pattern for items in case.expect.lists for pattern in items]
    names = (workspace.actions.classify_pattern(pattern).name for pattern in patterns)
    return list(dict.fromkeys(names))


def _may_be_skipped(item: pytest.Item) -> bool:
    """Whether a mark may keep the item from running: its agent calls wait until it does."""
    return any(item.get_closest_marker(name) for name in ("skip", "skipif", "xfail"))
