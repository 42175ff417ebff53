"""An evidence pack as one self-contained page: what is in it, and what of each requirement shows.

A pure function of the document that `dialgate pack` computes. Decides nothing: a row shows files or
says that nothing of the kind is there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_reports.page.page_frame import page_part, page_policy, page_template

if TYPE_CHECKING:
    from collections.abc import Mapping


def render_pack_page(document: Mapping[str, Any]) -> str:
    """The pack's HTML page: its files by framework, and what is empty; no script."""
    style = page_part("page.css") + page_part("pack.css")
    page = page_template("pack.html.jinja").render(
        document=document,
        frameworks=[(item, shown_counts(item)) for item in document["frameworks"]],
        counted=[item for item in document["items"] if item["holds"]],
        idle=[item for item in document["items"] if not item["holds"]],
        kinds=document["kinds"],
        style=style,
        policy=page_policy(style, ""),
    )
    return f"{page}\n"


def shown_counts(framework: Mapping[str, Any]) -> str:
    """How many places have evidence, all of it or some, and how many have none."""
    places = framework["requirements"]
    whole = sum(bool(item["shown"]) and not item["not_shown"] for item in places)
    some = sum(bool(item["shown"]) and bool(item["not_shown"]) for item in places)
    none = len(places) - whole - some
    return (
        f"{len(places)} places: every listed kind of evidence is there for {whole}, some for "
        f"{some}, none for {none}"
    )
