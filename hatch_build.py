"""What `pip install -e .` puts into an environment: a finder for the packages at the root.

Every process that starts on the environment loads it, agents' workers too, so it imports nothing
before it is asked: hatchling's own (`dev-mode-exact`) loads a third of the standard library. What
lies in evals/, gate/ and reports/ is found by the path file that hatchling writes
(`dev-mode-dirs`).
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_AT_THE_ROOT = ("dialgate", "dialgate_runtime")

_NAME = "__editable___dialgate_finder"
"""As setuptools names its own: tools that read code without running it know such a mapping."""

_FINDER = '''\
"""Finds dialgate's packages at the root of a checkout, and no other name there."""

import sys

MAPPING = {mapping}


class Finder:
    """Asked after all others."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        """The spec of one of these packages; None for any other module."""
        if name not in MAPPING:
            return None
        from importlib.machinery import PathFinder

        return PathFinder.find_spec(name, [MAPPING[name].removesuffix(name)])


sys.meta_path.append(Finder)
'''


class EditableInstall(BuildHookInterface[Any]):
    """Adds the finder to an editable wheel; any other wheel stays as it is."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Writes the finder for this checkout."""
        if version != "editable":
            return
        self._folder = Path(tempfile.mkdtemp())
        packages = {name: str(Path(self.root, name)) for name in _AT_THE_ROOT}
        written = {
            f"{_NAME}.py": _FINDER.format(mapping=packages),
            f"{_NAME}.pth": f"import {_NAME}\n",
        }
        for name, text in written.items():
            path = self._folder / name
            path.write_text(text, "utf-8")
            build_data["force_include_editable"][str(path)] = name

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Takes what was written away: it is in the wheel."""
        del build_data, artifact_path
        if version == "editable":
            shutil.rmtree(self._folder)
