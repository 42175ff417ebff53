"""The frames of the review pages: their scripts ask for one trajectory, or one text, at a time.

Hold no text of any agent: those come later, as data, and go in as text. Leave serving to
`dialgate.cases.accepting`.
"""

from __future__ import annotations

from functools import cache

from dialgate_reports.page.page_frame import page_part, page_policy, page_template


@cache
def render_review_page() -> str:
    """The page, the same for every review."""
    return _render("review")


@cache
def render_label_page() -> str:
    """The page on which texts get labels, the same for every review."""
    return _render("labels")


@cache
def review_policy() -> str:
    """The Content-Security-Policy of the page of trajectories: its own style, script and server."""
    return _policy("review")


@cache
def label_policy() -> str:
    """The Content-Security-Policy of the page of labels, as `review_policy`."""
    return _policy("labels")


def _render(name: str) -> str:
    style, script = _parts(name)
    return page_template(f"{name}.html.jinja").render(style=style, script=script)


def _policy(name: str) -> str:
    policy = page_policy(*_parts(name))
    return f"{policy}; connect-src 'self'; frame-ancestors 'none'"


def _parts(name: str) -> tuple[str, str]:
    parts = ["asking.js", *(["found/section.js"] if name == "review" else []), f"{name}.js"]
    return page_part("page.css") + page_part("review.css"), "".join(map(page_part, parts))
