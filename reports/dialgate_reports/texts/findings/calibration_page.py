"""A judge's calibration as one self-contained page, without script and without network.

A pure function of the document that `judge show --json` writes; leaves words to
`findings.calibration_words`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_reports.page.page_frame import page_part, page_policy, page_template
from dialgate_reports.texts.findings import calibration_words

if TYPE_CHECKING:
    from collections.abc import Mapping


def render_calibration_page(document: Mapping[str, Any]) -> str:
    """Places with their bounds, what is missing, drift, disagreements, agreement."""
    style = page_part("page.css")
    page = page_template("calibration.html.jinja").render(
        document=document,
        words=calibration_words,
        all_licensed=bool(document["places"]) and all(p["licensed"] for p in document["places"]),
        style=style,
        policy=page_policy(style, ""),
    )
    return f"{page}\n"
