"""What runs beside an agent: the dial's lookup, its leases, the writer of review events.

Standard library and nothing else; the whole of dialgate uses this very code. Everything is loaded
when it is first used: `import dialgate_runtime` costs next to nothing.
"""

from __future__ import annotations

TYPE_CHECKING = False  # the name alone, without `typing`
if TYPE_CHECKING:
    from dialgate_runtime.dial import Dial
    from dialgate_runtime.events.review_log import ReviewLog
    from dialgate_runtime.lookup.standing import Standing
    from dialgate_runtime.mode import Mode
    from dialgate_runtime.problems import DialError

__all__ = ["Dial", "DialError", "Mode", "ReviewLog", "Standing"]

_LAZY = {
    "Dial": "dialgate_runtime.dial",
    "DialError": "dialgate_runtime.problems",
    "Mode": "dialgate_runtime.mode",
    "ReviewLog": "dialgate_runtime.events.review_log",
    "Standing": "dialgate_runtime.lookup.standing",
}


def __getattr__(name: str) -> object:
    """Loads a public name when it is first asked for."""
    if name not in _LAZY:
        raise AttributeError(f"module 'dialgate_runtime' has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415 - keeps the import instant

    return getattr(import_module(_LAZY[name]), name)


def __dir__() -> list[str]:
    """The public names."""
    return sorted(__all__)
