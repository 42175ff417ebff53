"""What a report is made from, whatever its form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from dialgate_reports.page.page_records import PageRecords


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One verdict or recommendation, and what lies beside it."""

    document: dict[str, Any]
    # a verdict, or a recommendation
    page: str = ""
    # where the HTML page is written beside it; empty: nowhere
    records: Callable[[], PageRecords] | None = None
    # what the run records hold, read when it is called; None: no records
