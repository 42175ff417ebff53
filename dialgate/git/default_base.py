"""The base of a change where nobody names one: proven by git and CI, never guessed.

Never the commit itself that is judged. Leaves reading what a CI says to `dialgate.git.ci_run` and
which branch is the main one to `dialgate.git.main_branch`.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from dialgate.git.asking.kept_answers import asking_once
from dialgate.git.base_ref import GitBaseline, named_baseline
from dialgate.git.change_tree import every_change
from dialgate.git.ci_run import CiRun, read_ci
from dialgate.git.git_checkout import open_checkout
from dialgate.git.main_branch import WHOLE_HISTORY, find_main_branch
from dialgate.git.suite_paths import concerns, named_paths, working_folder
from dialgate_evals.errors import UsageError
from dialgate_evals.files.problems import show_path

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from dialgate.git.git_checkout import Checkout


@asking_once()
def default_base(
    folder: Path,
    environment: Mapping[str, str] | None = None,
    *,
    is_changed: bool = False,
) -> GitBaseline | None:
    """What a change in the folder is measured against: never the commit itself that is judged.

    The commit that a CI's change goes into; else where HEAD left the main branch; on that branch
    itself HEAD, where the working tree is what changed, else where the push began, else the first
    parent. Of the commit found, what baseline.toml says there. `is_changed`: as if the working
    tree were changed. None without commits or without git. Raises UsageError where a base must be
    there and can't be proven.
    """
    checkout = open_checkout(folder)
    head = None if checkout is None else checkout.commit_of("HEAD")
    if checkout is None or head is None:
        return None
    run = _run_of(checkout, head, os.environ if environment is None else environment)
    if run.into is not None:
        return base_of_change(folder, base=run.into, head=run.head, is_queue=run.is_queue)
    base = _where_it_left(checkout, head, run)
    found = named_baseline(folder, base.commit) if _may_name(base, head, run) else None
    if found is None:
        if base.commit == head and not (is_changed and run.before is None):
            base = _before_head(checkout, folder, base, run)
        found = named_baseline(folder, base.commit) or base
    if not is_changed:
        refuse_itself(folder, found)
    return found


def _may_name(base: GitBaseline, head: str, run: CiRun) -> bool:
    """Whether the base's own baseline.toml counts: of a push, only what was there before it."""
    return base.commit != head or run.before is None


def _run_of(checkout: Checkout, head: str, environment: Mapping[str, str]) -> CiRun:
    """What a CI says of this checkout; nothing where it speaks of another repository."""
    run = read_ci(environment)
    mentioned = [run.this, run.head, run.into, run.before]
    if head in mentioned or any(commit and checkout.commit_of(commit) for commit in mentioned):
        return run
    return CiRun()


@asking_once()
def base_of_change(
    folder: Path, *, base: str, head: str | None = None, is_queue: bool = False
) -> GitBaseline:
    """The default baseline of a change, whose last commit is `head`, that goes into `base`.

    What CI checks out is often a merge of `head` into a newer base than the event named: then that
    is the base. Of a merge queue it is `base` itself. Raises UsageError where the clone lacks the
    commits or holds another change, rather than judge by another.
    """
    checkout = open_checkout(folder)
    if checkout is None:
        raise UsageError(f"{show_path(folder)} is in no git checkout.")
    parents = (checkout.ask("rev-list", "--parents", "--max-count=1", "HEAD") or "").split()[1:]
    is_merge = len(parents) == 2 and parents[1] == head
    if head is not None and not is_merge:
        _refuse_other_change(checkout, head)
    into = parents[0] if is_merge else base
    commit = checkout.ask("merge-base", "--", into, "HEAD")
    if not commit:
        raise UsageError(
            f"The base {into[:12]} or what it has in common with HEAD is not in this clone. "
            f"{WHOLE_HISTORY}"
        )
    if is_queue and commit != base and not is_merge:
        raise UsageError(
            f"The queue's base {base[:12]} is no ancestor of HEAD: another group is checked out."
        )
    _refuse_cut_history(checkout, into, "HEAD", commit)
    found = GitBaseline(ref=f"merge base with {into[:12]}", commit=commit)
    named = named_baseline(folder, commit) or found
    refuse_itself(folder, named)
    return named


def _refuse_other_change(checkout: Checkout, head: str) -> None:
    """A merge that CI made before the last push still holds the code of then."""
    if checkout.ask("merge-base", "--is-ancestor", head, "HEAD") is None:
        raise UsageError(
            f"HEAD does not hold the change's last commit {head[:12]}: it was checked out before "
            f"the last push, or is another change. Check it out: git fetch origin {head} && "
            "git checkout FETCH_HEAD"
        )


def _where_it_left(checkout: Checkout, head: str, run: CiRun) -> GitBaseline:
    ref = find_main_branch(checkout, run.main_branch)
    at = checkout.commit_of(ref) or ref
    bases = [head] if at == head else _common(checkout, at, head)
    if not bases:
        raise UsageError(_no_common_commit(checkout, ref))
    if len(bases) > 1:
        raise UsageError(
            f"HEAD and {ref} have {len(bases)} last common commits, as they were merged both ways. "
            f"Name the base: --baseline {bases[0][:12]}"
        )
    _refuse_cut_history(checkout, ref, head, bases[0])
    return GitBaseline(ref=f"merge base with {ref}", commit=bases[0])


def _common(checkout: Checkout, ref: str, head: str) -> list[str]:
    return (checkout.ask("merge-base", "--all", "--", ref, head) or "").split()


def _refuse_cut_history(checkout: Checkout, ref: str, head: str, base: str) -> None:
    """In a shallow clone a nearer common commit may be hidden behind where history was cut."""
    if not checkout.is_shallow or base in {checkout.commit_of(ref), checkout.commit_of(head)}:
        return
    cut = (checkout.root / (checkout.ask("rev-parse", "--git-path", "shallow") or "")).read_text()
    since = (checkout.ask("rev-list", ref, head, f"^{base}") or "").split()
    if set(cut.split()) & set(since):
        raise UsageError(
            f"This is a shallow clone, cut between HEAD and {base[:12]}: a nearer common commit "
            f"with {ref} may be missing. {WHOLE_HISTORY}"
        )


def _before_head(checkout: Checkout, folder: Path, base: GitBaseline, run: CiRun) -> GitBaseline:
    """The base where HEAD, which is `base`, is itself on the main branch."""
    if run.before is not None and run.before != base.commit:
        if checkout.commit_of(run.before) is None:
            raise UsageError(
                f"The push began at {run.before[:12]}, which is not here. Fetch it: "
                f"git fetch --depth=1 origin {run.before}"
            )
        return GitBaseline(ref=f"before the push, {run.before[:12]}", commit=run.before)
    if is_changed_since_head(folder):
        return base
    parent = checkout.commit_of("HEAD^1")
    if parent is not None:
        return GitBaseline(ref="the commit before HEAD", commit=parent)
    if checkout.is_shallow:
        raise UsageError(
            "HEAD is on the main branch and the commit before it is not in this shallow clone. "
            "Fetch it: git fetch --deepen=1 origin"
        )
    raise UsageError(
        "HEAD is the first commit and nothing differs from it, so there is nothing to compare it "
        "with. Name the base, or a run record, with --baseline; `dialgate run` runs it alone."
    )


def is_changed_since_head(folder: Path) -> bool:
    """Whether a file that the suite names, or one in its agent's folder, differs from HEAD."""
    checkout = open_checkout(folder)
    assert checkout is not None
    suite = checkout.path_of(folder).as_posix()
    every = (suite, *named_paths(folder, suite), *working_folder(folder, suite))
    named = [path for path in every if not path.startswith("..")]
    return any(concerns(changed, path) for changed in every_change(checkout) for path in named)


def refuse_itself(folder: Path, base: GitBaseline) -> None:
    """Raises UsageError where the base is the very commit that is judged, with nothing changed."""
    checkout = open_checkout(folder)
    assert checkout is not None
    if base.commit == checkout.commit_of("HEAD") and not is_changed_since_head(folder):
        raise UsageError(
            f"The base, {base}, is the commit that is judged, and no file of the suite differs "
            "from it: compared with itself it would pass whatever it holds. Name another base, "
            "or a run record, with --baseline."
        )


def _no_common_commit(checkout: Checkout, ref: str) -> str:
    if not checkout.is_shallow:
        return f"HEAD and {ref} have no common commit. Name the base with --baseline REF."
    return (
        f"This is a shallow clone: its history does not reach the merge base with {ref}. "
        f"{WHOLE_HISTORY} Or compare with the branch as it is now: --baseline {ref}"
    )
