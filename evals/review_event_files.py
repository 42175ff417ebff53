"""Review events from wherever they lie, by one function: the source's ending says how it is read.

Knows which reader a source belongs to; leaves the rows to the readers and their rules to
`evals.review_event_lines`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from evals.review_event_lines import read_event_lines

if TYPE_CHECKING:
    from evals.review_event_lines import EventLines


def read_events(source: str | Path) -> EventLines:
    """Every event of the source, checked row by row.

    Raises ConfigurationError: unreadable, or over 1 % of the rows are bad.
    """
    return read_event_lines(Path(source))
