"""A document as JSON for tools: the same data, the same bytes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dialgate_reports.page.subject import Subject


def render(subject: Subject) -> str:
    """The form `json` of `dialgate_reports.formats`: the whole document."""
    return indented_json(subject.document)


def indented_json(document: Any) -> str:  # noqa: ANN401 - any JSON document
    """Indented ASCII JSON with a line feed at the end."""
    return json.dumps(document, indent=1, ensure_ascii=True, allow_nan=False) + "\n"
