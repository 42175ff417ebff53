"""The base of a change in git, read without touching the user's tree or index.

Knows how to resolve a ref once, which base is the default, and how to lay a commit out in a
temporary worktree; leaves what is judged by it to `dialgate.checking`.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evals.errors import ConfigurationError, UsageError
from evals.file_reading import check_toml
from evals.problems import show_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dialgate.baselines import GitBaseline
    from evals.problems import Problem
    from evals.workspace import Workspace

BASELINE = "baseline.toml"
_PREFIX = "dialgate-base-"
_DEFAULT_REFS = ("origin/HEAD", "origin/main", "origin/master", "main", "master")


def _open_repo(folder: Path):  # type: ignore[no-untyped-def]  # noqa: ANN202 - git is imported late
    try:
        import git  # noqa: PLC0415 - fails without a git executable
    except ImportError:
        return None
    try:
        return git.Repo(folder, search_parent_directories=True)
    except (git.InvalidGitRepositoryError, git.NoSuchPathError):
        return None


def resolve_ref(folder: Path, ref: str) -> str | None:
    """The commit that the ref names in the checkout around the folder; None where there is none.

    Only the hexadecimal name is used from then on: a ref can look like an option of git.
    """
    repo = _open_repo(folder)
    if repo is None or ref.startswith("-"):
        return None
    import git  # noqa: PLC0415 - see _open_repo

    try:
        commit: str = repo.git.rev_parse("--verify", "--end-of-options", f"{ref}^{{commit}}")
    except git.GitCommandError:
        return None
    return commit


def default_base(workspace: Workspace) -> GitBaseline | None:
    """The ref that baseline.toml names at the merge base with the main branch, else that commit.

    On the main branch itself the merge base is the last commit: what is judged is the working
    tree. None without commits or without git. Raises UsageError for a named ref that is not there.
    """
    base = _merge_base(workspace)
    if base is None:
        return None
    named = _named_baseline(workspace, base.commit)
    return named or base


def base_of_change(workspace: Workspace, *, base: str, head: str | None = None) -> GitBaseline:
    """The default baseline of a change that goes into the commit `base`.

    What CI checks out is often a merge of `head` into a newer base than the event named: then that
    is the base. Raises UsageError where the clone lacks the commits, rather than judge by another.
    """
    from dialgate.baselines import GitBaseline  # noqa: PLC0415 - baselines import this module

    repo = _open_repo(workspace.folder)
    if repo is None:
        raise UsageError(f"{show_path(workspace.folder)} is in no git checkout.")
    import git  # noqa: PLC0415 - see _open_repo

    into = base
    try:
        parents = repo.git.rev_list("--parents", "--max-count=1", "HEAD").split()[1:]
        into = parents[0] if len(parents) == 2 and parents[1] == head else base
        commit = repo.git.merge_base("--", into, "HEAD")
    except git.GitCommandError:
        raise UsageError(
            f"The base {into[:12]} or what it has in common with HEAD is not in this clone: fetch "
            "the whole history, as actions/checkout does with fetch-depth: 0."
        ) from None
    found = GitBaseline(ref=f"merge base with {into[:12]}", commit=commit)
    return _named_baseline(workspace, commit) or found


def _merge_base(workspace: Workspace) -> GitBaseline | None:
    from dialgate.baselines import GitBaseline  # noqa: PLC0415 - baselines import this module

    repo = _open_repo(workspace.folder)
    head = resolve_ref(workspace.folder, "HEAD")
    if repo is None or head is None:
        return None
    import git  # noqa: PLC0415 - see _open_repo

    for ref in _DEFAULT_REFS:
        commit = resolve_ref(workspace.folder, ref)
        if commit is None:
            continue
        with contextlib.suppress(git.GitCommandError):
            base = repo.git.merge_base(commit, head)
            return GitBaseline(ref=f"merge base with {ref}", commit=base)
    return GitBaseline(ref="HEAD", commit=head)


def _named_baseline(workspace: Workspace, commit: str) -> GitBaseline | None:
    """What baseline.toml says at the commit: a change doesn't choose its own judge."""
    from dialgate.baselines import GitBaseline  # noqa: PLC0415 - baselines import this module

    text = _file_at(workspace, commit, BASELINE)
    if text is None:
        return None
    problems: list[Problem] = []
    shown = f"{BASELINE} at {commit[:12]}"
    document = check_toml(text.encode("utf-8", "surrogateescape"), "baseline", shown, problems)
    if document is None:
        raise ConfigurationError(problems)
    ref = document.values["ref"]
    found = resolve_ref(workspace.folder, ref)
    if found is None:
        raise UsageError(
            f"{BASELINE} names {ref!r}, which is no git ref here. "
            f"In a shallow clone fetch it first: git fetch --depth=1 origin {ref}."
        )
    return GitBaseline(ref=ref, commit=found)


def _file_at(workspace: Workspace, commit: str, name: str) -> str | None:
    """A file of the suite's folder as of the commit; None where it is not there."""
    repo = _open_repo(workspace.folder)
    assert repo is not None
    import git  # noqa: PLC0415 - see _open_repo

    relative = workspace.folder.resolve().relative_to(Path(repo.working_tree_dir).resolve())
    try:
        text: str = repo.git.cat_file("-p", f"{commit}:{(relative / name).as_posix()}")
    except git.GitCommandError:
        return None
    return text


def describe_default_base(workspace: Workspace) -> dict[str, Any]:
    """The default baseline: ref, commit, and the suite's release there; None where unknown."""
    base = default_base(workspace)
    if base is None:
        return {"ref": None, "commit": None, "release": None}
    release = None
    if suite_exists_at(workspace, base.commit):
        from evals.workspace import load_workspace  # noqa: PLC0415 - one use

        with base_folder(workspace, base) as folder:
            release = load_workspace(folder).release().as_json()
    return {"ref": base.ref, "commit": base.commit, "release": release}


def write_baseline(workspace: Workspace, ref: str) -> Path:
    """Writes baseline.toml. Raises UsageError for a ref that names no commit with the suite."""
    from evals.run_record import write_atomically  # noqa: PLC0415 - one use

    commit = resolve_ref(workspace.folder, ref)
    if commit is None:
        raise UsageError(f"{ref!r} is no git ref here. In a shallow clone fetch it first.")
    if not suite_exists_at(workspace, commit):
        raise UsageError(f"{ref} ({commit[:12]}) does not hold the suite {workspace.suite.name}.")
    path = workspace.folder / BASELINE
    lines = [
        "# The release in production, which candidates are measured against.",
        "# Written by `dialgate baseline set`; it counts once it is on the main branch.",
        "schema = 1",
        f"ref = {json.dumps(ref)}",
    ]
    write_atomically(path, "\n".join([*lines, ""]).encode("utf-8"))
    return path


def suite_exists_at(workspace: Workspace, commit: str) -> bool:
    """Whether the commit holds the suite at all; if not, this is its first release."""
    repo = _open_repo(workspace.folder)
    assert repo is not None
    import git  # noqa: PLC0415 - see _open_repo

    relative = workspace.folder.resolve().relative_to(Path(repo.working_tree_dir).resolve())
    try:
        repo.git.cat_file("-e", f"{commit}:{(relative / 'suite.toml').as_posix()}")
    except git.GitCommandError:
        return False
    return True


@contextlib.contextmanager
def base_folder(workspace: Workspace, baseline: GitBaseline) -> Iterator[Path]:
    """The suite's folder as of the base, in a temporary worktree that is gone afterwards.

    The user's files, index and branch stay as they are; what a kill leaves behind is pruned by
    the next call. Raises UsageError where git can't lay it out.
    """
    repo = _open_repo(workspace.folder)
    assert repo is not None
    import git  # noqa: PLC0415 - see _open_repo

    _prune(repo)
    holder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-"))
    tree = holder / "tree"
    root = Path(repo.working_tree_dir).resolve()
    try:
        repo.git.worktree("add", "--detach", "--force", str(tree), baseline.commit)
        yield tree / workspace.folder.resolve().relative_to(root)
    except git.GitCommandError as error:
        raise UsageError(
            f"git could not lay out {baseline.ref} ({baseline.commit[:12]}) for "
            f"{show_path(workspace.folder)}: {error.stderr.strip()[:300]}"
        ) from None
    finally:
        with contextlib.suppress(git.GitCommandError):
            repo.git.worktree("remove", "--force", str(tree))
        shutil.rmtree(holder, ignore_errors=True)


def _prune(repo) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001 - git is imported late
    """Takes out worktrees of killed runs: ours by name, their process gone."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        process = folder.name.removeprefix(_PREFIX).partition("-")[0]
        if process.isdecimal() and not Path(f"/proc/{process}").exists():
            shutil.rmtree(folder, ignore_errors=True)
    repo.git.worktree("prune")
