"""Fewer passes of the cyclic garbage collector while many small lasting objects are made.

A run keeps its cases and scores until its end; each full pass would visit all of them again.
"""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_RARELY = 500_000
"""Allocations between two passes over the young objects; Python's own default is 700 to 2,000.

A trial leaves a handful, its case some ten, and next to nothing of it is garbage in circles.
"""


@contextmanager
def collecting_rarely() -> Iterator[None]:
    """Collects rarely inside, and never again what was there before; as before at the end."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(_RARELY, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
