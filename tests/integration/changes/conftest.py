"""What changes of the same checkout begin from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.integration.changes.changes_of_a_checkout import loaded_by_a_run
from tests.integration.checkouts import Checkout

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def scaffold(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A checkout that nobody changes."""
    return Checkout(tmp_path_factory.mktemp("scaffold") / "work")


@pytest.fixture
def checkout(scaffold: Checkout, tmp_path: Path) -> Checkout:
    return scaffold.copy_to(tmp_path / "work")


@pytest.fixture(scope="module")
def known(scaffold: Checkout, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is known of the files that the agent loads, after a run."""
    return loaded_by_a_run(scaffold.copy_to(tmp_path_factory.mktemp("ran") / "work"))
