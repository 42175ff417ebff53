"""A suite's folder as a whole: suite, classes and cases, read together with all their problems.

Knows which file lies where; leaves policy, dial and runbook to `gate` and odd combinations to
`dialgate_evals.suite.linting.lint`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dialgate_evals.actions.rubrics.judge_reading import (
    NOBODY,
    key_problems,
    read_judges,
    rubric_problems,
)
from dialgate_evals.errors import ConfigurationError, UsageError
from dialgate_evals.files.file_reading import (
    Problems,
    find_files,
    is_inside,
    read_toml,
    toml_place,
    workspace_root,
)
from dialgate_evals.files.json_text import digest_of_bytes, digest_of_parsed
from dialgate_evals.files.problems import Problem, show_path
from dialgate_evals.files.store_urls import parse_store_url
from dialgate_evals.suite.actions_file import read_actions
from dialgate_evals.suite.case_files import read_cases
from dialgate_evals.suite.comparability import run_key, why_not_cached
from dialgate_evals.suite.release import Release, read_release
from dialgate_evals.suite.release_files import refuse_missing_release
from dialgate_evals.suite.suite import AgentKind, Suite, parse_suite

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from dialgate_evals.actions.action_classes import ActionRegistry
    from dialgate_evals.actions.rubrics.criterion import Criterion
    from dialgate_evals.actions.rubrics.judge_settings import JudgeSettings
    from dialgate_evals.files.toml_text import TomlDocument
    from dialgate_evals.suite.case import Case


@dataclass(frozen=True, kw_only=True)
class Workspace:
    """One suite with everything that scoring needs but the release."""

    folder: Path
    root: Path
    # no path of the suite leads out of it
    suite: Suite
    actions: ActionRegistry
    actions_document: Mapping[str, Any]
    cases: tuple[Case, ...]
    judges: JudgeSettings = NOBODY
    # judge.toml: who votes on what replies and texts say
    home: Path | None = None
    # the suite's folder in the user's checkout, where this one was laid out from a commit

    @property
    def cases_by_id(self) -> dict[str, Case]:
        """Every case by its id."""
        return {case.id: case for case in self.cases}

    @property
    def secret_names(self) -> tuple[str, ...]:
        """Variables whose values reach no record: the suite's, and those of the judges' keys."""
        keys = (judge.api_key_env for judge in self.judges.judges)
        return (*self.suite.secret_names, *(key for key in keys if key is not None))

    @property
    def digest(self) -> str:
        """Digest of what is judged and by which classes: cases and actions.toml, as data."""
        return digest_of_parsed(
            {
                "cases": {case.id: case.digest for case in self.cases},
                "actions": self.actions_document,
                **({"judge": self.judges.digest} if self.judges is not NOBODY else {}),
                **({"simulator": self.simulator_digest} if self.suite.simulator else {}),
            }
        )

    @property
    def simulator_digest(self) -> str | None:
        """Digest of the simulator's file: with another one, trials can't be compared."""
        if self.suite.simulator is None:
            return None
        path = self.folder / self.suite.simulator.partition(":")[0]
        return digest_of_bytes(path.read_bytes()) if path.is_file() else "missing"

    def case_files(self) -> tuple[Path, ...]:
        """The files that hold cases now. Raises ConfigurationError."""
        problems: Problems = []
        found = find_files(
            self.suite.cases,
            self.folder,
            self.root,
            problems,
            owner=self.folder / "suite.toml",
            key="cases",
            may_be_empty=True,
        )
        if problems:
            raise ConfigurationError(problems)
        return tuple(found)

    def run_key(self, release: Release) -> str | None:
        """The run's part of the comparability key; None where trials can't be told apart by it."""
        if why_not_cached(self.suite, release) is not None:
            return None
        return run_key(
            release=release,
            suite=self.suite,
            actions_document=self.actions_document,
            simulator_digest=self.simulator_digest,
        )

    def release(self, path: Path | None = None) -> Release:
        """The release of that file, or of release.toml. Raises ConfigurationError."""
        problems: Problems = []
        if path is None:
            refuse_missing_release(self.folder)
        found = read_release(
            path or self.folder / "release.toml",
            suite_folder=self.folder,
            root=self.root,
            problems=problems,
        )
        if found is None:
            raise ConfigurationError(problems)
        return found


def suite_folder(argument: str | Path) -> Path:
    """The folder of the suite that a person named: the folder itself or its suite.toml."""
    path = Path(argument)
    if path.name == "suite.toml":
        path = path.parent
    if not (path / "suite.toml").is_file():
        raise UsageError(
            f"{show_path(path)} holds no suite.toml. Name a suite's folder; "
            "`dialgate init` makes a workspace with one."
        )
    return path


def read_workspace(
    folder: Path, problems: Problems, *, may_lack_cases: bool = False, home: Path | None = None
) -> Workspace | None:
    """The workspace, or None where it can't be used; every problem is collected.

    `may_lack_cases` allows globs that match no file yet; `home` is the suite's folder in the user's
    checkout, where this one was laid out elsewhere.
    """
    before = len(problems)
    root = workspace_root(folder)
    document = read_toml(folder / "suite.toml", "suite", problems)
    actions = read_actions(folder / "actions.toml", problems)
    if document is None:
        return None
    suite = parse_suite_checked(document, folder / "suite.toml", problems)
    paths = find_files(
        document.values["cases"],
        folder,
        root,
        problems,
        owner=folder / "suite.toml",
        key="cases",
        may_be_empty=may_lack_cases,
        unwritten=[name for name in document.values["cases"] if is_for_derived(name)],
    )
    cases = read_cases(paths, problems)
    judges = read_judges(folder, problems)
    problems.extend(rubric_problems(_rubrics(cases), judges))
    if suite is not None:
        problems.extend(_unsupported(suite, cases, folder / "suite.toml"))
        own = suite.agent.env_file
        env_file = None if own is None else (home or folder) / own
        problems.extend(key_problems(judges, document, folder / "suite.toml", env_file))
    if suite is None or actions is None or len(problems) > before:
        return None
    registry, actions_document = actions
    return Workspace(
        folder=folder,
        root=root,
        suite=suite,
        actions=registry,
        actions_document=actions_document,
        cases=cases,
        judges=judges,
        home=home,
    )


def _rubrics(cases: Iterable[Case]) -> Iterator[tuple[str, str, tuple[Criterion, ...]]]:
    """File, place and criteria of each case that has a rubric."""
    for case in cases:
        rubric = case.expect.reply.rubric
        if rubric and case.place is not None:
            yield case.place.file, f"{case.place.in_file} /expect/reply/rubric", rubric


def is_for_derived(pattern: str) -> bool:
    """Whether a glob names the folder of derived cases, where nothing lies at first."""
    return Path(pattern).parent.name == "reviewer"


def _unsupported(suite: Suite, cases: tuple[Case, ...], path: Path) -> Iterator[Problem]:
    """What this version can't do, or the suite can't show: refused, never passed over."""
    if suite.agent.mcp and suite.agent.kind in {AgentKind.CHAT, AgentKind.TRANSCRIPT}:
        yield Problem(
            file=show_path(path),
            place="agent.mcp",
            found=f'simulated tools over MCP for an agent of kind "{suite.agent.kind.value}"',
            expected="an agent of your own: nobody else would call them",
            advice="Take agent.mcp out.",
        )
    try:
        if suite.cache.url is not None:
            parse_store_url(suite.cache.url)
    except ValueError as error:
        yield Problem(
            file=show_path(path),
            place="cache.url",
            found="an address of no store",  # it may hold a password
            expected=str(error),
        )
    is_live = suite.agent.kind is not AgentKind.TRANSCRIPT
    for case in cases if is_live and suite.simulator is None else ():
        if case.expect.state is not None:
            yield Problem(
                file=show_path(path),
                place="tools.simulator",
                found=f"none, though the case {case.id} expects an end state",
                expected="a simulator that has a state",
            )


def load_workspace(folder: Path, *, home: Path | None = None) -> Workspace:
    """The workspace. Raises ConfigurationError with every problem of its files.

    `home` is the suite's folder in the user's checkout, where this one was laid out elsewhere.
    """
    problems: Problems = []
    workspace = read_workspace(folder, problems, home=home)
    if workspace is None:
        raise ConfigurationError(problems)
    return workspace


def parse_suite_checked(document: TomlDocument, path: Path, problems: Problems) -> Suite | None:
    """The suite's settings; a date that is no day is a problem."""
    try:
        return parse_suite(document.values)
    except ValueError as error:
        problems.append(
            Problem(
                file=show_path(path),
                place=toml_place(document)(("quarantine",)),
                found=f"a date that is no day ({error})",
                expected="a day like 2026-11-23",
            )
        )
        return None


def read_inside(path: Path, root: Path) -> Path:
    """The path. Raises ConfigurationError where it leads out of the workspace."""
    if not is_inside(path, root):
        raise ConfigurationError(
            [
                Problem(
                    file=show_path(path),
                    found="a path that leads out of the workspace",
                    expected="a path inside it",
                )
            ]
        )
    return path
