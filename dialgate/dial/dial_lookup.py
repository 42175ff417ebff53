"""`dialgate.Dial`: the small lookup that a runtime asks before each action.

Knows dial.toml, actions.toml and the tools of one suite; leaves what a call may do to
`dialgate_gate.audit.call_modes` and changing modes to `dialgate dial set`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dialgate_evals.actions.action_classes import UNCLASSIFIED
from dialgate_evals.errors import ConfigurationError
from dialgate_evals.files.file_reading import find_files, read_toml, workspace_root
from dialgate_evals.suite.release import read_tools
from dialgate_evals.suite.tools import ToolRegistry
from dialgate_evals.suite.workspace import read_actions
from dialgate_gate.audit.call_modes import modes_by_tool
from dialgate_gate.audit.dial_export import DEFAULT, export_dial, export_opa
from dialgate_gate.settings.settings import read_dial

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

    from dialgate_evals.actions.action_classes import ActionRegistry
    from dialgate_evals.events.review_events import Mode
    from dialgate_evals.files.problems import Problem
    from dialgate_gate.audit.call_modes import CallModes
    from dialgate_gate.settings.dial import DialSettings


@dataclass(frozen=True, slots=True)
class Dial:
    """The oversight mode of each action, as of the moment it was loaded; safe to share."""

    actions: ActionRegistry
    settings: DialSettings
    tools: ToolRegistry
    _modes: Mapping[str, Mode]
    _calls: Mapping[str, CallModes]

    @classmethod
    def load(
        cls, path: str | os.PathLike[str], *, release: str | os.PathLike[str] | None = None
    ) -> Dial:
        """The dial of the suite's folder, or of its dial.toml.

        `release` is the release file whose tools the runtime offers; without it release.toml, and
        where that isn't there the conditions of actions.toml alone. Raises ConfigurationError where
        a file can't be used: a runtime without its dial must not act on a guess.
        """
        folder = Path(path)
        folder = folder if folder.is_dir() else folder.parent
        problems: list[Problem] = []
        actions = read_actions(folder / "actions.toml", problems)
        settings = read_dial(folder, problems)
        tools = _read_tools(folder, None if release is None else Path(release), problems)
        if actions is None or settings is None or problems:
            raise ConfigurationError(problems)
        registry = actions[0]
        modes = {item.name: settings.mode_of(item) for item in registry.classes}
        unknown = min(DEFAULT, settings.mode_of(UNCLASSIFIED), key=lambda mode: mode.rank)
        modes = {**modes, UNCLASSIFIED.name: unknown}
        return cls(registry, settings, tools, modes, modes_by_tool(registry, modes, tools))

    def mode(self, tool: str, arguments: Mapping[str, Any]) -> Mode:
        """The mode of a call; never an exception, whatever a model made up.

        A tool in no class, or a name that is no text, is in the loop, or in shadow where somebody
        moved `unclassified` there. Arguments that the tool's schema refuses, or that a condition
        compares and can't (a text, NaN), get the strictest mode that a call of the tool can have;
        what is no object at all never more than a tool in no class.
        """
        name: object = tool
        try:
            calls = self._calls.get(name) if isinstance(name, str) else None
        except Exception:  # noqa: BLE001 - a name with a hash of its own is no name
            calls = None
        return self._modes[UNCLASSIFIED.name] if calls is None else calls.mode(arguments)

    def as_json(self) -> dict[str, Any]:
        """Classes in their order with tools, condition and mode, for other languages."""
        return export_dial(self.actions, self._modes, self.tools)

    def as_opa(self) -> dict[str, Any]:
        """The same by tool, as a data document for the Open Policy Agent."""
        return export_opa(self.actions, self._modes, self.tools)


def _read_tools(folder: Path, release: Path | None, problems: list[Problem]) -> ToolRegistry:
    """The tools that the release file names; none where none was asked for and none is there."""
    path = release or folder / "release.toml"
    if release is None and not path.exists():
        return ToolRegistry(tools={})
    document = read_toml(path, "release", problems)
    if document is None:
        return ToolRegistry(tools={})
    patterns = document.values.get("tools", ())
    root = workspace_root(folder)
    return read_tools(
        find_files(patterns, path.parent, root, problems, owner=path, key="tools"), problems
    )
