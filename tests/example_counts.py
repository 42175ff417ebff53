"""How many examples of a property are tried: those it needs, fewer where the profile has fewer."""

from __future__ import annotations

import os
from typing import Any

from hypothesis import settings

WHOLE = ("dialgate", "fresh")


def up_to(examples: int, **more: Any) -> settings:
    """Settings of one property; the profiles for work and for mutants bound its examples too.

    >>> up_to(3).max_examples
    3
    """
    name = os.environ.get("DIALGATE_HYPOTHESIS", WHOLE[0])
    most = examples if name in WHOLE else settings.get_profile(name).max_examples
    return settings(max_examples=min(examples, most), **more)
