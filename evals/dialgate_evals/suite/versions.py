"""Versions that a record names: what judged, and what ran.

Leaves the versions of scoring and validation to the modules that own them.
"""

from __future__ import annotations

import platform
from importlib import metadata

SIMULATOR = "1"
"""Changes whenever a simulated tool could answer the same call differently."""


def installed_versions() -> dict[str, str]:
    """Versions of dialgate and Python."""
    try:
        version = metadata.version("dialgate")
    except metadata.PackageNotFoundError:
        version = "uninstalled"
    return {"dialgate": version, "python": platform.python_version()}
