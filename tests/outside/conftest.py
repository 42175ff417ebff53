"""What a stranger's whole runs do with less too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.integration.whole_runs import with_less

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module", autouse=True)
def do_with_less() -> Iterator[None]:
    """As in `tests/integration/conftest.py`."""
    with with_less():
        yield
