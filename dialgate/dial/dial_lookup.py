"""`dialgate.Dial`: the small lookup that a runtime asks before each action.

Knows the files of one suite; the lookup itself is the runtime's, which reads an exported dial.
Leaves what a call may do to `dialgate_gate.audit.call_classes` and changing modes to
`dialgate dial set`.
"""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dialgate.dial.lease_reading import LeaseSettings, read_lease_settings
from dialgate_evals.actions.action_classes import UNCLASSIFIED, Effect
from dialgate_evals.errors import ConfigurationError
from dialgate_evals.files.file_reading import find_files, read_toml, workspace_root
from dialgate_evals.suite.actions_file import read_actions
from dialgate_evals.suite.release import read_tools
from dialgate_evals.suite.tools import ToolRegistry
from dialgate_gate.audit.call_classes import calls_by_tool
from dialgate_gate.audit.cedar_export import export_cedar
from dialgate_gate.audit.dial_export import DEFAULT, ExportedLeases, export_dial, export_opa
from dialgate_gate.settings.dial import lease_warning
from dialgate_gate.settings.settings import read_dial
from dialgate_runtime.leases.lease import Lease
from dialgate_runtime.leases.lease_folder import LeaseFolder
from dialgate_runtime.lookup.exported_dial import bound_digest
from dialgate_runtime.lookup.lookup import DialModes, Lookup
from dialgate_runtime.mode import Mode, lower_of

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Mapping

    from dialgate_evals.actions.action_classes import ActionRegistry
    from dialgate_evals.files.problems import Problem
    from dialgate_gate.settings.dial import DialSettings
    from dialgate_runtime.leases.lease import Subject


class Dial(Lookup):
    """The oversight mode of each call as it is now; safe to share between threads."""

    __slots__ = ("_leases", "_modes", "_subject", "actions", "settings", "tools")

    def __init__(
        self,
        actions: ActionRegistry,
        settings: DialSettings,
        tools: ToolRegistry,
        leases: LeaseSettings | None = None,
        *,
        required: bool = False,
        clock: Callable[[], float] | None = None,
    ) -> None:
        """The dial of classes, their modes and tools; `leases` None: none are looked for."""
        self.actions, self.settings, self.tools = actions, settings, tools
        self._leases = leases or LeaseSettings()
        self._modes = _dial_modes(actions, settings, self._leases.ceiling)
        exported = export_dial(actions, self._modes, tools)
        self._subject = self._leases.subject(bound_digest(exported))
        modes = DialModes(
            modes=self._modes,
            leased=frozenset(c.name for c in actions.classes if c.effect is Effect.WRITE),
            folder=self._folder(self._subject),
            rules=self._leases.rules,
            required=required,
        )
        super().__init__(calls_by_tool(actions, tools), modes, clock)

    @classmethod
    def load(
        cls,
        path: str | os.PathLike[str],
        *,
        release: str | os.PathLike[str] | None = None,
        leases: str | os.PathLike[str] | None = None,
        rules: str | os.PathLike[str] | None = None,
        required: bool = False,
        clock: Callable[[], float] | None = None,
    ) -> Dial:
        """The dial of the suite's folder, or of its dial.toml.

        `release` is the release file whose tools the runtime offers; without it release.toml, and
        where that isn't there the conditions of actions.toml alone. Leases are looked for where
        policy.toml names keys for them: in the suite's folder `lease`, or in `leases`. `rules` is a
        file with keys and revocations in place of the policy's, read again whenever it changes;
        with `required` a write needs a lease whatever the policy says. `clock`: seconds since 1970;
        None: this machine's. Raises ConfigurationError
        where a file can't be used: a runtime without its dial must not act on a guess.
        """
        folder = Path(path)
        folder = folder if folder.is_dir() else folder.parent
        problems: list[Problem] = []
        release_file = None if release is None else Path(release)
        actions = read_actions(folder / "actions.toml", problems)
        settings = read_dial(folder, problems)
        tools = _read_tools(folder, release_file, problems)
        kept = read_lease_settings(folder, release_file, problems)
        kept = replace(
            kept,
            folder=kept.folder if leases is None or kept.folder is None else Path(leases),
            rules_file=None if rules is None else Path(rules),
        )
        if actions is None or settings is None or problems:
            raise ConfigurationError(problems)
        return cls(actions[0], settings, tools, kept, required=required, clock=clock)

    def as_json(self) -> dict[str, Any]:
        """Classes in their order with tools, condition, mode and lease, for other languages."""
        return export_dial(self.actions, self._modes, self.tools, self._exported())

    def as_opa(self) -> dict[str, Any]:
        """The same by tool, as a data document for the Open Policy Agent."""
        return export_opa(self.actions, self._modes, self.tools, self._exported())

    def as_cedar(self) -> str:
        """The same as Cedar policies."""
        return export_cedar(self.as_json())

    def lease_warning(self) -> str | None:
        """That modes stay in force after what they rest on has gone; None: they don't."""
        required = self._leases.rules.required
        return lease_warning(self.actions.classes, self.settings, required=required)

    def bound_digest(self) -> str:
        """The digest of classes and tools that leases name."""
        return bound_digest(export_dial(self.actions, self._modes, self.tools))

    def _exported(self) -> ExportedLeases:
        """The leases as they are now, each verified."""
        folder, held = self._folder(self._subject), {}
        rules = self._leases.rules
        for item in self.actions.classes if folder is not None else ():
            found = folder.lease_of(item.name) if folder is not None else None
            if isinstance(found, Lease) and found.why_not(time.time(), rules.skew_s) is None:
                held[item.name] = found
        return ExportedLeases(
            suite=self._leases.suite,
            release=self._leases.release,
            rules=self._leases.document,
            held=held,
        )

    def _folder(self, subject: Subject | None) -> LeaseFolder | None:
        if subject is None or self._leases.folder is None:
            return None
        return LeaseFolder(
            folder=str(self._leases.folder),
            subject=subject,
            rules=self._leases.rules,
            rules_file=None if self._leases.rules_file is None else str(self._leases.rules_file),
        )


def _dial_modes(
    actions: ActionRegistry, settings: DialSettings, ceiling: Mapping[str, Mode]
) -> dict[str, Mode]:
    """The modes that the dial says, under the policy's ceilings; what no class holds with them."""
    modes = {}
    for item in actions.classes:
        mode = settings.mode_of(item)
        modes[item.name] = lower_of(mode, ceiling.get(item.name, mode))
    modes[UNCLASSIFIED.name] = lower_of(DEFAULT, settings.mode_of(UNCLASSIFIED))
    return modes


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
