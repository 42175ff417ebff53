"""What of a requirement is shown: files that are there and count, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialgate_gate.audit.pack.exhibit import Exhibit, PackItem
from dialgate_gate.audit.pack.frameworks import FRAMEWORKS
from dialgate_gate.audit.pack.mapping import map_requirements

if TYPE_CHECKING:
    from dialgate_gate.audit.pack.requirement import Framework

ITEMS = st.lists(
    st.builds(
        PackItem,
        exhibit=st.sampled_from(Exhibit),
        path=st.sampled_from(["a.json", "b/c.json"]),
        holds=st.booleans(),
        says=st.just("It is so."),
    )
)


def test_without_a_file_nothing_is_shown() -> None:
    for framework in map_requirements(FRAMEWORKS, ()):
        for place in framework["requirements"]:
            assert place["shown"] == []
            assert place["not_covered"]


@given(items=ITEMS)
def test_each_exhibit_is_either_shown_by_a_file_that_counts_or_not_shown(
    items: list[PackItem],
) -> None:
    held = {item.exhibit.value for item in items if item.holds}
    for framework, mapped in zip(FRAMEWORKS, map_requirements(FRAMEWORKS, items), strict=True):
        for asked, place in zip(framework.requirements, mapped["requirements"], strict=True):
            kinds = {kind.value for kind in asked.speaks}
            assert {item["what"] for item in place["shown"]} == kinds & held
            assert {item["what"] for item in place["not_shown"]} == kinds - held


def test_what_is_there_and_does_not_count_is_named_as_such() -> None:
    item = PackItem(
        exhibit=Exhibit.KILL_SWITCH, path="drills/k.json", holds=False, says="It did not hold."
    )
    act = map_requirements(FRAMEWORKS, [item])[0]["requirements"]
    (stop,) = [place for place in act if place["place"] == "Article 14(4)(e)"]
    assert {"path": "drills/k.json", "says": "It did not hold."} in [
        why for missing in stop["not_shown"] for why in missing["why"]
    ]


@pytest.mark.parametrize("framework", FRAMEWORKS, ids=lambda item: item.name)
def test_each_place_stands_once_and_says_what_is_not_covered(framework: Framework) -> None:
    places = [item.place for item in framework.requirements]
    assert len(places) == len(set(places))


@pytest.mark.parametrize("article", ["9", "12", "14", "15"])
def test_the_four_articles_are_all_there(article: str) -> None:
    places = [item.place for item in FRAMEWORKS[0].requirements]
    assert any(place.startswith(f"Article {article}(") for place in places)
