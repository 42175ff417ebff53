"""A release as a statement is held against it: its names and digests, wherever they come from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping


class NamedRelease(Protocol):
    """What `Release` has, and what a pack keeps of one."""

    @property
    def version(self) -> str:
        """As the release file says it."""

    @property
    def fingerprint(self) -> str:
        """SHA-256 over the digests of the components."""

    @property
    def components(self) -> Mapping[str, str]:
        """Digest of each component."""
