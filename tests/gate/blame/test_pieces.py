"""A change in pieces: none of them is the baseline, all of them the candidate."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dialgate_gate.blame.pieces import Difference, sentences, split_difference

PARTS = {"p.md": "prompts", "t.json": "tools", "r.toml": "model", "a.py": "code"}


def split(before: dict[str, bytes], now: dict[str, bytes]) -> Difference:
    return split_difference(before, now, PARTS)


def prompt(before: str, now: str) -> Difference:
    return split({"p.md": before.encode()}, {"p.md": now.encode()})


TEXT = st.text("ab.!? \n", max_size=40)
TOOL = st.fixed_dictionaries(
    {"name": st.sampled_from("xyz")},
    optional={"description": st.sampled_from(["One.", "Two."]), "parameters": st.just({"n": 1})},
)
TOOLS = st.lists(TOOL, max_size=3, unique_by=lambda tool: str(tool["name"]))


@given(st.text(max_size=60))
def test_sentences_joined_are_the_text(text: str) -> None:
    assert "".join(sentences(text)) == text


@given(TEXT, TEXT)
def test_no_piece_is_the_baseline_and_every_piece_the_candidate(before: str, now: str) -> None:
    found = prompt(before, now)
    everything = range(len(found.pieces))
    if before != now:
        assert found.mixed(()) == {"p.md": before.encode()}
        assert found.mixed(everything) == {"p.md": now.encode()}
    else:
        assert found.pieces == ()


@given(TOOLS, TOOLS)
def test_tools_are_mixed_as_data(before: list[dict[str, Any]], now: list[dict[str, Any]]) -> None:
    found = split({"t.json": json.dumps(before).encode()}, {"t.json": json.dumps(now).encode()})

    def named(content: bytes | None) -> dict[str, Any]:
        return {item["name"]: item for item in json.loads(content or b"[]")}

    if not found.pieces:
        return
    assert named(found.mixed(())["t.json"]) == {item["name"]: item for item in before}
    whole = named(found.mixed(range(len(found.pieces)))["t.json"])
    assert whole == {item["name"]: item for item in now}


def test_each_changed_sentence_is_a_piece_with_its_line() -> None:
    found = prompt(
        "Be kind. Refund up to 50.\nSign.\n", "Be kind. Refund up to 500.\nSign.\nBow.\n"
    )
    assert [(item.line, item.text) for item in found.pieces] == [
        (1, 'changing "Refund up to 50." to "Refund up to 500."'),
        (3, 'adding "Bow."'),
    ]


def test_a_description_and_a_schema_are_pieces_of_their_own() -> None:
    one = [{"name": "pay", "description": "Pays.", "parameters": {"a": 1}}]
    other = [{"name": "pay", "description": "Pays all.", "parameters": {"a": 2}}, {"name": "new"}]
    found = split({"t.json": json.dumps(one).encode()}, {"t.json": json.dumps(other).encode()})
    assert [item.text for item in found.pieces] == [
        "adding the tool new",
        "changing the description of pay",
        "changing the schema of pay",
    ]
    only = json.loads(found.mixed({1})["t.json"] or b"")
    assert only == [{"name": "pay", "description": "Pays all.", "parameters": {"a": 1}}]


def test_what_cannot_be_split_is_one_piece() -> None:
    found = split(
        {"r.toml": b"a", "a.py": b"x", "t.json": b"{}"}, {"r.toml": b"b", "t.json": b"[1]"}
    )
    assert [item.text for item in found.pieces] == [
        "t.json changed",
        "r.toml changed",
        "a.py removed",
    ]
    assert found.mixed({2}) == {"t.json": b"{}", "r.toml": b"a", "a.py": None}
