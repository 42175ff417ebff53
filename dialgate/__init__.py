"""dialgate: is this release worse than the one in production, and which classes earned autonomy?

What users import. Everything heavy is loaded when it is first used: `import dialgate` is instant.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dialgate.dial.dial_lookup import Dial
    from dialgate.runs.notebooks import Run, load
    from dialgate_evals.events.review_events import Mode
    from dialgate_evals.running.agent_tools import ToolError, Tools

    __version__: str

__all__ = ["Dial", "Mode", "Run", "ToolError", "Tools", "__version__", "load"]

_LAZY = {
    "Dial": "dialgate.dial.dial_lookup",
    "Mode": "dialgate_evals.events.review_events",
    "Run": "dialgate.runs.notebooks",
    "ToolError": "dialgate_evals.running.agent_tools",
    "Tools": "dialgate_evals.running.agent_tools",
    "load": "dialgate.runs.notebooks",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the module holds
    """Loads a public name when it is first asked for."""
    if name == "__version__":
        from dialgate_evals.suite.versions import installed_versions  # noqa: PLC0415 - slow

        return installed_versions()["dialgate"]
    if name not in _LAZY:
        raise AttributeError(f"module 'dialgate' has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415 - keeps the import instant

    return getattr(import_module(_LAZY[name]), name)


def __dir__() -> list[str]:
    """The public names."""
    return sorted(__all__)
