"""What of the environment reaches an agent: what suite.toml names, and four variables of ours.

Leaves starting the agent to `sandbox`. Nothing is passed on that isn't named: tokens of a CI, of a
cloud or of a shell's history are nobody's business there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate_evals.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

PATH = ("/usr/local/bin", "/usr/bin", "/bin")
"""Where an agent finds programs, beside the folder of its own."""

_WITHHELD = ("DIALGATE_", "GITHUB_", "RUNNER_", "ACTIONS_")
"""Never passed on, even where they are named: by them an agent could feed its own judge."""


def agent_environment(
    names: Iterable[str],
    environ: Mapping[str, str],
    *,
    own: Mapping[str, str],
    scratch: str,
    folders: Iterable[str] = (),
) -> dict[str, str]:
    """The agent's environment: PATH, LANG, HOME, TMPDIR, the file's values, and what is named.

    `own` are the values of the suite's env_file; `folders` are searched for programs first.
    Raises UsageError for a name that no agent may have.
    """
    environment = {
        "PATH": ":".join(dict.fromkeys((*folders, *PATH))),
        "LANG": "C.UTF-8",
        "HOME": scratch,
        "TMPDIR": scratch,
    }
    for name in (*own, *names):
        if name.upper().startswith(_WITHHELD):
            raise UsageError(
                f"[agent] env: {name} is never passed on: an agent could write to its own judge "
                "by it. Give the agent what it needs under another name."
            )
    environment.update(own)
    environment.update({name: environ[name] for name in names if name in environ})
    return environment


def parse_env_file(text: str) -> dict[str, str]:
    """NAME=value lines, as tools that read `.env` files agree on.

    Blank lines and those that begin with # are passed over, `export ` and matching quotes around
    the value are taken off. Raises ValueError with the line's number for any other line.
    """
    values: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        said = line.strip().removeprefix("export ").strip()
        if not said or said.startswith("#"):
            continue
        name, sign, value = said.partition("=")
        if not sign or not name.strip().replace("_", "a").isalnum():
            raise ValueError(f"line {number} is no NAME=value")
        value = value.strip()
        if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
            value = value[1:-1]
        values[name.strip()] = value
    return values
