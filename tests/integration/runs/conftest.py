"""What whole runs of the same workspace begin from."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.integration.command_line import dialgate

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def scaffold(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scaffolded workspace that nobody changes."""
    folder = tmp_path_factory.mktemp("scaffold")
    assert dialgate("init", folder, folder=folder).code == 0
    return folder


@pytest.fixture
def folder(scaffold: Path, tmp_path: Path) -> Path:
    """A scaffolded workspace of 17 cases."""
    return shutil.copytree(scaffold, tmp_path / "work")
