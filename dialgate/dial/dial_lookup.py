"""`dialgate.Dial`: the small lookup that a runtime asks before each action.

Knows dial.toml and actions.toml of one suite; leaves changing modes to `dialgate dial set`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dialgate_evals.actions.action_classes import UNCLASSIFIED
from dialgate_evals.errors import ConfigurationError
from dialgate_evals.suite.workspace import read_actions
from dialgate_gate.audit.dial_export import DEFAULT, export_dial, export_opa
from dialgate_gate.settings.settings import read_dial

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

    from dialgate_evals.actions.action_classes import ActionRegistry
    from dialgate_evals.events.review_events import Mode
    from dialgate_evals.files.problems import Problem
    from dialgate_gate.settings.dial import DialSettings


@dataclass(frozen=True, slots=True)
class Dial:
    """The oversight mode of each action, as of the moment it was loaded; safe to share."""

    actions: ActionRegistry
    settings: DialSettings
    _modes: Mapping[str, Mode]

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Dial:
        """The dial of the suite's folder, or of its dial.toml.

        Raises ConfigurationError where a file can't be used: a runtime without its dial must not
        act on a guess.
        """
        folder = Path(path)
        folder = folder if folder.is_dir() else folder.parent
        problems: list[Problem] = []
        actions = read_actions(folder / "actions.toml", problems)
        settings = read_dial(folder, problems)
        if actions is None or settings is None:
            raise ConfigurationError(problems)
        registry = actions[0]
        modes = {item.name: settings.mode_of(item) for item in registry.classes}
        unknown = min(DEFAULT, settings.mode_of(UNCLASSIFIED), key=lambda mode: mode.rank)
        return cls(registry, settings, {**modes, UNCLASSIFIED.name: unknown})

    def mode(self, tool: str, arguments: Mapping[str, Any]) -> Mode:
        """The mode of a call.

        A tool in no class is in the loop, or in shadow where somebody moved `unclassified` there;
        and so is a call whose arguments are no object.
        """
        if not isinstance(arguments, dict):
            return self._modes[UNCLASSIFIED.name]
        return self._modes[self.actions.classify(tool, arguments).name]

    def as_json(self) -> dict[str, Any]:
        """Classes in their order with tools, condition and mode, for other languages."""
        return export_dial(self.actions, self._modes)

    def as_opa(self) -> dict[str, Any]:
        """The same by tool, as a data document for the Open Policy Agent."""
        return export_opa(self.actions, self._modes)
