"""Which files and folders of the repository a suite names, without judging whether they are right.

Leaves laying them out to `dialgate.git.base_files`.
"""

from __future__ import annotations

import posixpath
import tomllib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

BASELINE = "baseline.toml"
SUITE_FILES = (
    "suite.toml", "release.toml", "actions.toml", "policy.toml", "dial.toml", "runbook.toml",
    "owners.toml", "judge.toml", "ledger.jsonl", BASELINE,
)  # fmt: skip
_MAGIC = frozenset("*?[{")


def named_paths(folder: Path, suite: str) -> list[str]:
    """Files and folders of the repository that the suite's files name, `suite` being its path.

    A glob counts as the folder above its first wildcard. Files that can't be read name nothing:
    who reads them for good says what is wrong.
    """
    settings = loose_toml(folder / "suite.toml")
    agent, tools = settings.get("agent"), settings.get("tools")
    globs = [
        *texts_of(settings.get("cases")),
        *texts_of([agent.get("path")] if isinstance(agent, dict) else None),
        *texts_of(agent.get("pythonpath") if isinstance(agent, dict) else None),
        *texts_of([tools.get("simulator")] if isinstance(tools, dict) else None),
    ]
    rota = loose_toml(folder / "runbook.toml").get("rota")
    globs += texts_of([rota.get("file")] if isinstance(rota, dict) else None)
    for path in (folder / "release.toml", *sorted(folder.glob("releases/*.toml"))):
        above = path.parent.relative_to(folder).as_posix()
        release = loose_toml(path)
        found = (
            word for key in ("prompts", "tools", "code") for word in texts_of(release.get(key))
        )
        globs += [posixpath.join(above, word) for word in found]
    return [posixpath.normpath(posixpath.join(suite, _without_magic(glob))) for glob in globs]


def concerns(changed: str, named: str) -> bool:
    """Whether one is the other or lies below it: a submodule changes as one path, with all of it.

    >>> [concerns(changed, "lib/src") for changed in ("lib/src/a.py", "lib", "lib/s", "libs")]
    [True, True, False, False]
    """
    is_below = f"{changed}/".startswith(f"{named}/") or f"{named}/".startswith(f"{changed}/")
    return named == "." or is_below


def working_folder(folder: Path, suite: str) -> list[str]:
    """The folder that the agent is started in, which may hold its code, where one is named."""
    agent = loose_toml(folder / "suite.toml").get("agent")
    named = texts_of([agent.get("working_folder")] if isinstance(agent, dict) else None)
    return [posixpath.normpath(posixpath.join(suite, name)) for name in named]


def loose_toml(path: Path) -> dict[str, Any]:
    """What the file says; nothing where it can't be read: others say what is wrong with it."""
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}


def texts_of(value: object) -> list[str]:
    """The texts of a list, whatever else stands in it; none of anything else."""
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _without_magic(glob: str) -> str:
    """The path before the first part with a wildcard; without the object of `file.py:World`."""
    kept = []
    for part in glob.partition(":")[0].split("/"):
        if _MAGIC & set(part):
            break
        kept.append(part)
    return "/".join(kept)
