"""What `check` reads before anything is run, and what it refuses there.

Light: the short way through an unchanged release reads no more than this. Leaves gathering
evidence to `dialgate.check.checking`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dialgate.changes.baselines import resolve_baseline
from dialgate.git.base_ref import GitBaseline, suite_path_at
from dialgate.git.default_base import refuse_itself
from dialgate.git.suite_place import gone_suites, refuse_replaced
from dialgate.git.whole_files import refuse_partial
from dialgate_evals.errors import ConfigurationError, UsageError
from dialgate_evals.files.problems import show_path
from dialgate_evals.suite.linting.lint import expired_quarantines
from dialgate_evals.suite.release_files import named_release_file
from dialgate_evals.suite.workspace import load_workspace
from dialgate_gate.changes.judged.judge_change import Label
from dialgate_gate.settings.dial import lease_warning
from dialgate_gate.settings.settings import load_settings

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from dialgate.changes.baselines import Baseline
    from dialgate_evals.suite.release import Release
    from dialgate_evals.suite.workspace import Workspace
    from dialgate_gate.settings.settings import GateSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckInputs:
    """The working tree's suite, the release in it, and what it is measured against."""

    workspace: Workspace
    settings: GateSettings
    candidate: Release
    baseline: Baseline | None
    # None: a first release
    release_file: Path | None = None
    # the one that was named; None: release.toml

    def lease_warning(self) -> str | None:
        """That modes of the working tree's dial end with no lease; None: they do, or need none."""
        required = self.settings.policy.lease.required
        return lease_warning(self.workspace.actions.classes, self.settings.dial, required=required)


def read_inputs(
    folder: Path,
    *,
    release: str | None,
    baseline: str | None,
    allow: tuple[str, ...],
    today: dt.date,
) -> CheckInputs:
    """The inputs. Raises ConfigurationError or UsageError where files or arguments are wrong."""
    refuse_replaced(folder, baseline)
    refuse_partial(folder)
    workspace = load_workspace(folder)
    settings = load_settings(folder)
    refuse_expired(workspace, today)
    release_file = named_release_file(release, workspace.folder)
    candidate = workspace.release(release_file)
    found = resolve_baseline(baseline, workspace)
    refuse_unknown(allow)
    if isinstance(found, GitBaseline):
        refuse_itself(workspace.folder, found)
    if not isinstance(found, GitBaseline):
        refuse_labels(allow, settings)
    elif suite_path_at(folder, found.commit) is None:
        refuse_labels(allow, settings)
        refuse_missing(folder, found, was_named=baseline is not None)
    return CheckInputs(
        workspace=workspace,
        settings=settings,
        candidate=candidate,
        baseline=found,
        release_file=release_file,
    )


def refuse_missing(folder: Path, base: GitBaseline, *, was_named: bool) -> None:
    """A suite that the base doesn't hold is a first release where nobody says what it was.

    Raises UsageError where a baseline was named, and where the change takes another suite away:
    moved, renamed and emptied it would be its own judge.
    """
    if was_named:
        raise UsageError(
            f"{base} does not hold the suite {show_path(folder)}, so there is nothing to compare "
            "with. Name the suite by the path that it has there, or leave --baseline out for a "
            "first release."
        )
    gone = gone_suites(folder, base.commit)
    if gone:
        raise UsageError(
            f"{show_path(folder)} is new, and the change takes the suite {gone[0]} away: moved and "
            "renamed it would be its own judge. Keep its name, or take it away in a change of its "
            "own."
        )


def refuse_expired(workspace: Workspace, today: dt.date) -> None:
    """An expired quarantine is a configuration error: nobody has looked at the case since."""
    problems = expired_quarantines(workspace, today)
    if problems:
        raise ConfigurationError(problems)


def refuse_unknown(labels: tuple[str, ...]) -> None:
    """There are two labels, whatever a policy names."""
    known = [label.value for label in Label]
    unknown = [label for label in labels if label not in known]
    if unknown:
        raise UsageError(
            f"--allow {' '.join(unknown)}: there is no such label; there are {', '.join(known)}."
        )


def refuse_labels(labels: tuple[str, ...], settings: GateSettings) -> None:
    """A label that the deciding policy does not name is a usage error."""
    unknown = [label for label in labels if label not in settings.policy.gate.allow]
    if unknown:
        allowed = ", ".join(sorted(settings.policy.gate.allow)) or "none"
        raise UsageError(
            f"--allow {' '.join(unknown)}: the deciding policy does not name this label "
            f"(gate.allow names {allowed})."
        )


def reproduce_line(folder: Path, release: str | None) -> str:
    """The command that runs one case alone."""
    named = f" --release {release}" if release else ""
    return f"dialgate run {folder.as_posix()}{named} --case CASE --verbose"
