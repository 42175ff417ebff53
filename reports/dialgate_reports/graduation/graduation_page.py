"""The graduation report as one self-contained HTML page, for the product owner who signs.

A pure function of the document that `dial recommend --json` writes. Works without script and
without network; leaves words to `graduation.graduation_words`, places to
`graduation.graduation_charts`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_reports.graduation import (
    folded_words,
    graduation_charts,
    graduation_words,
    in_force_words,
)
from dialgate_reports.graduation.condition_meanings import CONDITION_MEANINGS
from dialgate_reports.graduation.shared_readiness import (
    own_readiness,
    shared_readiness,
    shared_words,
)
from dialgate_reports.page.page_frame import page_part, page_policy, page_template
from dialgate_reports.words import figures
from dialgate_reports.words.noticed import class_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dialgate_reports.page.subject import Subject


def render(subject: Subject) -> str:
    """The recommendation's form in `dialgate_reports.formats`."""
    return render_graduation_page(subject.document)


def render_graduation_page(document: Mapping[str, Any]) -> str:
    """The page: dial, what to sign, each class, readiness, reviewers, past moves, sources.

    Open is what is decided; the rest is folded, one click away.
    """
    style = page_part("page.css") + page_part("graduation.css")
    script = page_part("graduation.js")
    pairs = graduation_words.in_order(document)
    page = page_template("graduation.html.jinja").render(
        document=document,
        pairs=pairs,
        headline=graduation_words.headline(document),
        decisions=[
            (entry, graduation_words.sign_command(document, entry))
            for entry, _ in pairs
            if folded_words.decides(entry)
        ],
        readiness=[*shared_readiness(document), *document["readiness"]["compensation"]],
        own_readiness=lambda entry: own_readiness(document, entry),
        shared_words=lambda entry: shared_words(document, entry),
        known_sources={item["name"] for item in document["sources"]},
        rate_chart=lambda entry, item: rate_chart(document, entry, item),
        words=graduation_words,
        folded=folded_words,
        meanings=CONDITION_MEANINGS,
        in_force=in_force_words,
        lease_warning=document.get("lease_warning"),
        charts=graduation_charts,
        figures=figures,
        noticed_line=class_line,
        style=style,
        script=script,
        policy=page_policy(style, script),
    )
    return f"{page}\n"


def rate_chart(
    document: Mapping[str, Any], entry: Mapping[str, Any], item: Mapping[str, Any]
) -> graduation_charts.RateChart | None:
    """A class's rate beside the limit of its next mode, if that asks for one, and of its fall."""
    step = (document["policy"]["ladder"] or {}).get(entry["next"]) or {}
    demote = document["policy"]["demote"] or {}
    return graduation_charts.plot_rate(
        item["series"],
        promote=step.get("intervention_rate"),
        demote=demote.get("intervention_rate"),
    )
