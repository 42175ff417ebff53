"""The time by which leases end: a wall clock that is set back makes none of them live longer.

Knows nothing across a restart: there the host's clock is believed, and a lease issued after it is
none.
"""

from __future__ import annotations

import time

TYPE_CHECKING = False  # the name alone, without `typing`
if TYPE_CHECKING:
    from collections.abc import Callable


def steady_clock(
    wall: Callable[[], float] = time.time, passed: Callable[[], float] = time.monotonic
) -> Callable[[], float]:
    """Seconds since 1970, never behind the moment of this call and what has passed since.

    A clock set back in a running process is not followed; one set forward ends leases early, and
    once it is set right again they count again.
    """
    offset = wall() - passed()

    def now() -> float:
        return max(wall(), offset + passed())

    return now
