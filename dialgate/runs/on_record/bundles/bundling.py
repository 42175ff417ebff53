"""`dialgate bundle`: a failing trial with all that it needs, sealed in a folder. The wiring."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dialgate.runs.fuzzing.confirming import kinds_of
from dialgate.runs.on_record.bundles.agent_files import agent_files
from dialgate.runs.on_record.bundles.bundle_files import CASE, TRAJECTORY, TREE, write_bundle
from dialgate.runs.on_record.bundles.failing_trials import failing_trial
from dialgate.runs.on_record.bundles.smaller_case import smaller_case
from dialgate_evals.actions.redaction import redactor_for
from dialgate_evals.errors import UsageError
from dialgate_evals.files.file_reading import is_inside
from dialgate_evals.files.json_text import json_line
from dialgate_evals.files.problems import show_path
from dialgate_evals.files.suggest import suggest_word
from dialgate_evals.suite.suite import AgentKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from dialgate.runs.on_record.bundles.failing_trials import FailingTrial
    from dialgate_evals.actions.redaction import Redactor
    from dialgate_evals.suite.release import Release
    from dialgate_evals.suite.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleRequest:
    """What a person asked for."""

    workspace: Workspace
    release: Release
    release_file: Path
    case_id: str
    target: Path
    # a new or empty folder
    budget: int
    # trials for making the case small; 0: it stays as it is
    out: Path


def bundle(request: BundleRequest) -> dict[str, Any]:
    """Writes the bundle; gives its list. Raises UsageError, ConfigurationError, EvidenceError."""
    workspace, release = request.workspace, request.release
    case = workspace.cases_by_id.get(request.case_id)
    if case is None:
        hint = suggest_word(request.case_id, workspace.cases_by_id)
        raise UsageError(f'{workspace.suite.name} has no case "{request.case_id}". {hint}'.rstrip())
    if request.target.exists() and any(request.target.iterdir()):
        raise UsageError(f"{show_path(request.target)} is not empty: name a new folder with --to.")
    failing = failing_trial(workspace, release, case, request.out)
    small = smaller_case(workspace, release, case, failing, request.budget)
    beside, needs = agent_files(workspace, request.out)
    redactor = redactor_for(workspace.secret_names, os.environ, workspace.suite.redact)
    files = {
        f"{TREE}/{name}": _redacted(path.read_bytes(), redactor)
        for name, path in sorted(_tree_files(request, failing, beside).items())
    }
    files[CASE] = json_line(redactor.clean(small.case.document))
    files[TRAJECTORY] = json_line(redactor.clean(small.trajectory.as_json()))
    document = {
        "schema": 1,
        "suite": workspace.suite.name,
        "case": case.id,
        "folder": workspace.folder.resolve().relative_to(workspace.root).as_posix(),
        "release_file": request.release_file.resolve().relative_to(workspace.root).as_posix(),
        "release": release.as_json(),
        "agent": workspace.suite.agent.kind.value,
        "needs": [*_needs(workspace), *needs],
        "failed_by": sorted(kinds_of(small.score)),
        "passed": failing.passed,
        "trials": failing.trials,
        "left_out": small.left_out,
        "is_smallest": small.is_smallest,
        "asked": small.asked,
    }
    write_bundle(request.target, document, files)
    return {**document, "place": show_path(request.target), "files": len(files)}


def _needs(workspace: Workspace) -> list[str]:
    """What a replay needs that no bundle can hold, in words."""
    agent = workspace.suite.agent
    found = []
    if agent.kind in {AgentKind.CHAT, AgentKind.HTTP}:
        found.append(f"the endpoint {agent.base_url or agent.url}")
    if agent.api_key_env:
        found.append(f"a key in the variable {agent.api_key_env}")
    if agent.interpreter:
        found.append(f"the interpreter {agent.interpreter}")
    found += [f"the variable {name}" for name in agent.env]
    found += [f"the files {name}" for name in agent.needs]
    return found


def _tree_files(
    request: BundleRequest, failing: FailingTrial, beside: Sequence[Path]
) -> dict[str, Path]:
    """Every file of the suite that the case needs, by its place in the workspace."""
    workspace, root = request.workspace, request.workspace.root
    found: dict[str, Path] = {}
    for path in (*_named(request, failing), *beside):
        if path.is_file() and not path.is_symlink() and is_inside(path, root):
            found[path.resolve().relative_to(root).as_posix()] = path
    folder = workspace.folder.resolve()
    for name, path in list(found.items()):
        # A module is loaded through the packages above it.
        for above in path.resolve().parents:
            init = above / "__init__.py"
            if name.endswith(".py") and above != folder and is_inside(init, root):
                if not init.is_file():
                    break
                found[init.relative_to(root).as_posix()] = init
    return found


def _named(request: BundleRequest, failing: FailingTrial) -> Iterator[Path]:
    workspace, release, folder = request.workspace, request.release, request.workspace.folder
    yield from (folder / name for name in ("suite.toml", "actions.toml"))
    yield request.release_file
    yield from (folder / name for name in (*release.prompts, *release.code, *failing.loaded))
    yield from request.release_file.parent.glob("*.json")
    yield from folder.glob("*.json")
    simulator = workspace.suite.simulator
    if simulator is not None:
        yield folder / simulator.partition(":")[0]
    yield from (folder / part for part in workspace.suite.agent.command)


def _redacted(content: bytes, redactor: Redactor) -> bytes:
    """A text file without secrets; anything else as it is."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return content
    cleaned: str = redactor.clean(text)
    return cleaned.encode("utf-8")
