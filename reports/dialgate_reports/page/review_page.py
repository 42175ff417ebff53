"""The frame of the review page: its script asks for one trajectory at a time.

Holds no text of any agent: those come later, as data, and go in as text. Leaves serving to
`dialgate.cases.accepting`.
"""

from __future__ import annotations

from functools import cache

from dialgate_reports.page.page_frame import page_part, page_policy, page_template


@cache
def render_review_page() -> str:
    """The page, the same for every review."""
    style, script = _parts()
    return page_template("review.html.jinja").render(style=style, script=script)


@cache
def review_policy() -> str:
    """The page's Content-Security-Policy: its own style, script and server alone."""
    policy = page_policy(*_parts())
    return f"{policy}; connect-src 'self'; frame-ancestors 'none'"


def _parts() -> tuple[str, str]:
    script = page_part("found/section.js") + page_part("review.js")
    return page_part("page.css") + page_part("review.css"), script
