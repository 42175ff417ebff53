"""A recommendation from disk is rendered, or refused with what is wrong; nothing breaks on it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialgate.reporting.rendering import check_recommendation, is_recommendation
from dialgate_evals.errors import EvidenceError
from dialgate_evals.files.json_text import digest_of
from dialgate_reports.graduation.graduation_markdown import render_graduation_markdown
from dialgate_reports.graduation.graduation_page import render_graduation_page
from dialgate_reports.graduation.recommendation_text import render_recommendation
from tests.example_counts import up_to
from tests.reports.graduations import a_graduation

PLACE = Path("r.json")
VALUES: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([10**400, -1, 2**53]),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=20),
    st.sampled_from(["2026-02-30", "9999-99-99", "demote", "promote", "word", "rate", "case"]),
    st.just([]),
    st.just({}),
)


def leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of everything below the value, containers too."""
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    found = []
    for key, item in inner:
        found.append((*path, key))
        if isinstance(item, dict | list):
            found += leaves(item, (*path, key))
    return found


PATHS = leaves(a_graduation("refund.small", "read"))


def sealed(document: dict[str, Any]) -> dict[str, Any]:
    if isinstance(document.get("graduation"), list):
        document["evidence"] = digest_of(document["graduation"])
    return document


def test_what_dial_recommend_writes_is_accepted() -> None:
    document = a_graduation()
    assert is_recommendation(document)
    assert check_recommendation(document, PLACE) is document


@up_to(300)
@given(st.sampled_from(PATHS), VALUES, st.booleans())
def test_a_document_with_anything_in_any_place_is_rendered_or_refused(
    path: tuple[Any, ...], value: Any, removed: bool
) -> None:
    document = a_graduation("refund.small", "read")
    place: Any = document
    for key in path[:-1]:
        place = place[key]
    if removed:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    try:
        found = check_recommendation(sealed(document), PLACE)
    except EvidenceError:
        return
    for render in (render_graduation_page, render_graduation_markdown, render_recommendation):
        assert render(found)


def damaged(*path: Any, value: Any) -> dict[str, Any]:
    document = a_graduation("refund.small", "read")
    place: Any = document
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return document


@pytest.mark.parametrize(
    ("document", "says"),
    [
        pytest.param(
            damaged("graduation", 0, "move", value="promote"), "not what was sealed", id="edited"
        ),
        pytest.param(
            damaged("classes", 0, "action_class", value="x"), "other classes", id="other class"
        ),
        pytest.param(
            damaged("classes", 0, "series", 0, "start", value="2026-02-30"),
            "no days in order",
            id="no day",
        ),
        pytest.param(
            damaged("classes", 0, "series", 0, "interventions", value=10**6),
            "more interventions than reviews",
            id="impossible count",
        ),
        pytest.param(
            sealed(damaged("graduation", 0, "reasons", value=[])),
            "a demotion without a reason",
            id="no reason",
        ),
    ],
)
def test_a_document_that_contradicts_itself_is_refused(document: dict[str, Any], says: str) -> None:
    with pytest.raises(EvidenceError, match=says):
        check_recommendation(document, PLACE)
