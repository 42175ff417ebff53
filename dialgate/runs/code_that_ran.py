"""Whether the code that is judged is the code that ran, on either side.

Knows what a release lists, what its agent loaded and what the change touched; leaves the verdict
to `gate`, which makes every gap `invalid`.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from dialgate.git.asking.git_process import GitError
from dialgate.git.git_checkout import open_checkout
from dialgate_evals.files.problems import join_words
from dialgate_gate.comparing.gap import EvidenceGap, Gap

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from dialgate_evals.suite.loaded_code import LoadedCode
    from dialgate_evals.suite.release import Release

_MOST = 3


def code_gaps(
    *,
    baseline: tuple[Release, LoadedCode | None],
    candidate: tuple[Release, LoadedCode | None],
) -> Iterator[EvidenceGap]:
    """A gap for code that the change touched and that isn't what ran; none where it isn't known."""
    (before, before_loaded), (now, now_loaded) = baseline, candidate
    if before_loaded is None or now_loaded is None:
        return
    changed = [name for name in before.code if before.code[name] != now.code.get(name)]
    changed += [name for name in now.code if name not in before.code]
    for side, loaded in (("candidate", now_loaded), ("baseline", before_loaded)):
        wrong = [name for name in changed if name in loaded.elsewhere]
        if wrong:
            yield _elsewhere(side, wrong, loaded.elsewhere[wrong[0]])
            return
    both = [name for name in changed if name in before.code and name in now.code]
    unseen = [name for name in both if name not in {**before_loaded.files, **now_loaded.files}]
    if unseen and not (before_loaded.children or now_loaded.children):
        yield _unseen(unseen)


def record_code_gaps(
    *, code: str, loaded: LoadedCode | None, candidate: tuple[Release, LoadedCode | None]
) -> Iterator[EvidenceGap]:
    """The same for a run record as the baseline, which knows its code by one digest only.

    Where that differs, every file that the candidate lists may be what the change touched.
    """
    now, now_loaded = candidate
    if loaded is None or now_loaded is None or code == now.components["code"]:
        return
    for side, found in (("candidate", now_loaded), ("baseline", loaded)):
        wrong = [name for name in now.code if name in found.elsewhere]
        if wrong:
            yield _elsewhere(side, wrong, found.elsewhere[wrong[0]])
            return
    ran = {**loaded.files, **now_loaded.files}
    started_more = loaded.children or now_loaded.children
    if now.code and not started_more and not any(name in ran for name in now.code):
        yield _unseen(list(now.code))


def _elsewhere(side: str, names: list[str], place: str) -> EvidenceGap:
    found = (
        f"The {side} ran another copy of {_some(names)}, which the change touches: "
        f"{names[0]} was loaded from {place}."
    )
    advice = (
        "Name the folder of the modules with [agent] pythonpath, or take the installed package out "
        "of the interpreter's environment; an editable install is followed."
    )
    return EvidenceGap(gap=Gap.OTHER_CODE, found=found, advice=advice)


def _unseen(names: list[str]) -> EvidenceGap:
    found = (
        f"The change touches {_some(names)}, which neither side loaded in any trial: what ran says "
        "nothing of it."
    )
    advice = "Add a case that reaches it, or take it out of the release's `code`."
    return EvidenceGap(gap=Gap.OTHER_CODE, found=found, advice=advice)


def unlisted_code(release: Release, loaded: LoadedCode | None) -> str | None:
    """What is loaded and not listed, with the globs to add; None: there is nothing."""
    if loaded is None:
        return None
    listed = {*release.code, *release.prompts}
    missing = sorted(
        name for name in loaded.files if name not in listed and name.endswith((".py", ".so"))
    )
    if not missing:
        return None
    globs = [f'"{glob}"' for glob in dict.fromkeys(map(_glob_of, missing))]
    return (
        f"The agent loads {_some(missing)}, which {'is' if len(missing) == 1 else 'are'} not "
        f"listed in `code` of {release.place}. Add {join_words(globs)}."
    )


def _glob_of(name: str) -> str:
    """Of `../../src/acme/core.py`: `../../src/**/*.py`."""
    path = PurePosixPath(name)
    up = [part for part in path.parts if part == ".."]
    inner = path.parts[len(up) :]
    top = [*up, *inner[:1]] if len(inner) > 1 else up
    return "/".join([*top, *(["**"] if len(inner) > 1 else []), f"*{path.suffix}"])


def _some(names: list[str]) -> str:
    more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
    return ", ".join(names[:_MOST]) + more


def differ_from(folder: Path, commit: str, names: Iterable[str]) -> list[str]:
    """Which of these files, by paths relative to the suite's folder, differ from the commit.

    Untracked ones that git ignores are the same for every commit.
    """
    checkout = open_checkout(folder)
    listed = sorted(set(names))
    if checkout is None or not listed:
        return []
    root = checkout.root
    paths = [(folder.resolve() / name).resolve() for name in listed]
    inside = [path.relative_to(root).as_posix() for path in paths if path.is_relative_to(root)]
    try:
        changed = checkout.git(
            "--literal-pathspecs", "diff", "--name-only", "-z", commit, "--", *inside
        )
        fresh = checkout.git(
            "--literal-pathspecs", "ls-files", "-z", "--others", "--exclude-standard", "--", *inside
        )
    except GitError:
        return listed
    return sorted({*changed.decode().split("\0"), *fresh.decode().split("\0")} - {""})
