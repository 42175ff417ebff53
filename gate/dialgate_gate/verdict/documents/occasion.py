"""What a verdict says of itself: when it was made, of which commits, how to see a case again.

Shown, never used. Leaves asking git and the clock to the caller.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dialgate_gate.verdict.outlook import Outlook

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """Where a verdict comes from."""

    at: str = ""
    # RFC 3339, in UTC; empty where it is not known
    commits: Mapping[str, Any] = field(default_factory=dict)
    # "candidate": {commit, branch, uncommitted}, "baseline": {commit, ref}
    reproduce: str = ""
    # the command that runs one case again
    outlook: Outlook = field(default_factory=Outlook)
    # what the check could see, and what to do next

    def commits_document(self) -> dict[str, Any]:
        """Both sides' commits; None where a side has none."""
        return {side: self.commits.get(side) for side in ("candidate", "baseline")}
