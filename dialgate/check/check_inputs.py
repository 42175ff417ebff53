"""What `check` reads before anything is run, and what it refuses there.

Light: the short way through an unchanged release reads no more than this. Leaves gathering
evidence to `dialgate.check.checking`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dialgate_evals.errors import ConfigurationError, UsageError
from dialgate_evals.suite.lint import expired_quarantines
from dialgate_evals.suite.workspace import load_workspace, named_release_file
from dialgate_gate.settings.settings import load_settings

from dialgate.changes.baselines import resolve_baseline
from dialgate.git.base_ref import GitBaseline
from dialgate.git.default_base import refuse_itself
from dialgate.git.whole_files import refuse_partial

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from dialgate_evals.suite.release import Release
    from dialgate_evals.suite.workspace import Workspace
    from dialgate_gate.settings.settings import GateSettings

    from dialgate.changes.baselines import Baseline


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckInputs:
    """The working tree's suite, the release in it, and what it is measured against."""

    workspace: Workspace
    settings: GateSettings
    candidate: Release
    baseline: Baseline | None
    # None: a first release


def read_inputs(
    folder: Path,
    *,
    release: str | None,
    baseline: str | None,
    allow: tuple[str, ...],
    today: dt.date,
) -> CheckInputs:
    """The inputs. Raises ConfigurationError or UsageError where files or arguments are wrong."""
    refuse_partial(folder)
    workspace = load_workspace(folder)
    settings = load_settings(folder)
    refuse_expired(workspace, today)
    candidate = workspace.release(named_release_file(release, workspace.folder))
    found = resolve_baseline(baseline, workspace)
    if isinstance(found, GitBaseline):
        refuse_itself(workspace.folder, found)
    refuse_labels(allow, settings)
    return CheckInputs(workspace=workspace, settings=settings, candidate=candidate, baseline=found)


def refuse_expired(workspace: Workspace, today: dt.date) -> None:
    """An expired quarantine is a configuration error: nobody has looked at the case since."""
    problems = expired_quarantines(workspace, today)
    if problems:
        raise ConfigurationError(problems)


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
