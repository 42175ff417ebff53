"""Draws variants by hypothesis, and lets it shrink the draws of one that fails.

The only place that imports hypothesis. The same seed draws the same variants. Leaves what a
variant is to `dialgate_evals.fuzzing` and whether it fails to the caller.
"""

from __future__ import annotations

import random
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from dialgate_evals.fuzzing.choices import Choices

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from dialgate_evals.fuzzing.variant import Variant


_TRIES = 3
"""Draws for each variant that is wanted: many draws make none, or one that is known."""


class _Enough(BaseException):
    """Ends a search; hypothesis would take an Exception for a failure."""


def use_folder(folder: Path) -> None:
    """Where hypothesis keeps what it knows of the machine: nothing beside the user's files."""
    from hypothesis.configuration import set_hypothesis_home_dir  # noqa: PLC0415 - heavy

    set_hypothesis_home_dir(folder / "hypothesis")


def draw_variants(
    make: Callable[[Choices], Variant | None], *, seed: int, count: int
) -> list[Variant]:
    """Up to `count` different variants, in the order in which they are drawn."""
    found: dict[str, Variant] = {}

    def collect(variant: Variant | None) -> bool:
        if variant is not None:
            found.setdefault(variant.key, variant)
        if len(found) >= count:
            raise _Enough
        return False

    with suppress(_Enough):
        _search(make, collect, seed=seed, count=count)
    return list(found.values())


def shrink_variant(
    make: Callable[[Choices], Variant | None],
    failing: Sequence[str],
    fails: Callable[[Variant], bool],
    *,
    seed: int,
    count: int,
) -> Variant | None:
    """The simplest variant that still fails, from the first drawn whose key is among `failing`.

    `fails` is asked once of each simpler one: hypothesis has to get the same answer again.
    """
    wanted = frozenset(failing)
    known: dict[str, bool] = {}
    is_found = False

    def still_fails(variant: Variant | None) -> bool:
        nonlocal is_found
        if variant is None:
            return False
        if variant.key in wanted:
            is_found = True
            return True
        if variant.key not in known:
            # What came before the failing one was tried by the search; its answer stays the same.
            known[variant.key] = is_found and fails(variant)
        return known[variant.key]

    return _search(make, still_fails, seed=seed, count=count)


def _search(
    make: Callable[[Choices], Variant | None],
    condition: Callable[[Variant | None], bool],
    *,
    seed: int,
    count: int,
) -> Variant | None:
    from hypothesis import HealthCheck, Phase, Verbosity, find, settings  # noqa: PLC0415 - heavy
    from hypothesis.errors import Flaky, NoSuchExample  # noqa: PLC0415 - heavy
    from hypothesis.strategies import composite, integers  # noqa: PLC0415 - heavy

    @composite
    def variants(draw: Any) -> Variant | None:  # noqa: ANN401 - hypothesis' own
        return make(Choices(lambda below: int(draw(integers(0, below - 1)))))

    how = settings(
        max_examples=_TRIES * count,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
    )
    try:
        return find(variants(), condition, settings=how, random=random.Random(seed))  # noqa: S311 - a fixed seed
    except (NoSuchExample, Flaky):
        # Flaky: a suite's own relation makes another variant of the same draws.
        return None
