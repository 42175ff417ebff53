"""Plug-ins that run items again: refused in one sentence where a suite is collected.

A case that is run until it passes says nothing of the agent, and a repeat that only test functions
take would silently be one trial. Each option is asked of its own plug-in: another one may have an
option of the same name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

_UNTIL_GREEN = "a case that is run until it passes says nothing of the agent"
_FUNCTIONS_ONLY = "it repeats test functions, not cases"


@dataclass(frozen=True, slots=True)
class _Repeat:
    """An option by which a plug-in runs items again."""

    module: str
    # of the plug-in, its first part
    option: str
    # as it is written
    why: str
    off: str
    # what takes it back
    setting: str | None = None
    # of the ini file
    once: int = 0
    # the value that repeats nothing


_REPEATS = (
    _Repeat("pytest_rerunfailures", "--reruns", _UNTIL_GREEN, "Give --reruns 0", "reruns"),
    _Repeat("pytest_rerunfailures", "--force-reruns", _UNTIL_GREEN, "Take it out"),
    _Repeat("pytest_retry", "--retries", _UNTIL_GREEN, "Give -p no:pytest-retry", "retries"),
    _Repeat("flaky", "--force-flaky", _UNTIL_GREEN, "Take it out"),
    _Repeat("pytest_repeat", "--count", _FUNCTIONS_ONLY, "Give --count 1", once=1),
    _Repeat("pytest_flakefinder", "--flake-finder", _FUNCTIONS_ONLY, "Take it out"),
)


def refuse_repeats(config: pytest.Config) -> None:
    """Raises pytest.UsageError where an active plug-in would run cases again."""
    modules = set(_plugin_modules(config))
    for repeat in _REPEATS:
        if repeat.module in modules and _times(config, repeat) > repeat.once:
            raise pytest.UsageError(
                f"dialgate runs no case again for {repeat.option}: {repeat.why}. {repeat.off}; "
                "--dialgate-trials N runs each case N times, and each trial counts."
            )


def _plugin_modules(config: pytest.Config) -> Iterator[str]:
    for plugin in config.pluginmanager.get_plugins():
        name = getattr(plugin, "__name__", None) or type(plugin).__module__
        yield str(name).partition(".")[0]


def _times(config: pytest.Config, repeat: _Repeat) -> int:
    given = config.getoption(repeat.option, default=None)
    try:
        if given is None and repeat.setting is not None:
            given = config.getini(repeat.setting)
        return int(given or 0)
    except (TypeError, ValueError):  # of another version, or of no number
        return 0
