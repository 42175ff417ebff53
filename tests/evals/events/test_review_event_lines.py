"""Every row of an event file is an event, a named bad row, or said to repeat another."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialgate_evals.errors import ConfigurationError
from dialgate_evals.events.review_event_lines import EventLines, parse_event, read_event_lines
from dialgate_evals.events.review_events import DECISIONS_BY_MODE, ReviewEvent
from dialgate_evals.files.problems import Problem

if TYPE_CHECKING:
    from pathlib import Path

CALL = {"name": "send_mail", "arguments": {"id": "1"}}
ROW = {
    "event_id": "e1",
    "occurred_at": "2026-09-01T08:37:00Z",
    "task_id": "t1",
    "release": "2",
    "mode": "in_the_loop",
    "decision": "approved",
    "proposed": CALL,
}


def parsed(**changed: Any) -> ReviewEvent | Problem:
    return parse_event({**ROW, **changed}, file="events.jsonl", place="line 7")


def test_a_row_becomes_an_event_with_its_place() -> None:
    event = parsed(cost_usd=0.5, canary=True)
    assert isinstance(event, ReviewEvent)
    assert (event.place, event.cost_usd, event.canary) == ("events.jsonl:7", 0.5, True)


@pytest.mark.parametrize(
    "changed",
    [
        {"event_id": ""},
        {"event_id": 3},
        {"event_id": None},
        {"occurred_at": "2026-09-01T08:37:00"},
        {"occurred_at": "yesterday"},
        {"occurred_at": "20260901T083700Z"},
        {"occurred_at": "2026-13-01T08:37:00Z"},
        {"occurred_at": "0001-01-01T00:00:00+23:00"},
        {"mode": "out"},
        {"source": "elsewhere"},
        {"source": 1},
        {"source": "accept"},
        {"mode": ["shadow"]},
        {"decision": "ok"},
        {"decision": "auto"},
        {"decision": "edited"},
        {"mode": "shadow", "decision": "approved"},
        {"proposed": "send_mail"},
        {"proposed": {"name": "send_mail"}},
        {"proposed": {**CALL, "more": 1}},
        {"corrected": 4},
        {"latency_ms": -1},
        {"latency_ms": True},
        {"cost_usd": "1"},
        {"cost_usd": 10**400},
        {"messages": {}},
        {"recordings": [3]},
        {"canary": 1},
        {"schema": 2},
        {"verdict": "fine"},
    ],
    ids=str,
)
def test_a_row_that_breaks_a_rule_is_named_with_its_place(changed: dict[str, Any]) -> None:
    found = parsed(**changed)
    assert isinstance(found, Problem)
    assert str(found).startswith("events.jsonl: line 7: found ")


@pytest.mark.parametrize(
    ("mode", "decision"),
    [
        (mode.value, item.value)
        for mode, items in DECISIONS_BY_MODE.items()
        for item in sorted(items)
    ],
)
def test_every_decision_of_a_mode_is_taken(mode: str, decision: str) -> None:
    assert isinstance(parsed(mode=mode, decision=decision, corrected=CALL), ReviewEvent)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)
KEYS = [*ROW, "corrected", "cost_usd", "canary", "odd"]
ROWS = st.builds(
    lambda changed, identity: {**ROW, "event_id": identity, **changed},
    st.dictionaries(st.sampled_from(KEYS), JSON, max_size=1),
    st.sampled_from(["e1", "e2", "e3", "e4"]),
)  # fmt: skip


@given(st.lists(ROWS | JSON, max_size=8), st.lists(st.binary(max_size=12), max_size=3))
def test_no_row_is_lost_unreported_and_none_breaks_the_reader(
    rows: list[Any], garbage: list[bytes]
) -> None:
    found = EventLines()
    for line in [*(json.dumps(row).encode() for row in rows), *garbage]:
        found.add_line(line, "line 1", "events.jsonl")
    assert found.rows == len(rows) + len(garbage)
    assert found.rows == len(found.events) + len(found.bad) + found.merged + found.not_live
    assert len({event.event_id for event in found.events}) == len(found.events)


def write(path: Path, rows: list[Any]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def test_only_production_is_given_unless_every_decision_is_wanted() -> None:
    shadow = {"mode": "shadow", "decision": "agreed"}
    rows = [
        ROW,
        {**ROW, "event_id": "e2", "source": "production"},
        {**ROW, "event_id": "e3", **shadow, "source": "accept"},
        {**ROW, "event_id": "e4", "source": "import"},
    ]
    for takes_all, wanted in ((False, ["e1", "e2"]), (True, ["e1", "e2", "e3", "e4"])):
        found = EventLines(takes_all=takes_all)
        for row in rows:
            found.add(row, "line 1", "events.jsonl")
        assert [event.event_id for event in found.events] == wanted
        assert found.not_live == len(rows) - len(wanted)
        assert not found.bad


def test_decisions_from_elsewhere_hide_no_share_of_bad_rows() -> None:
    found = EventLines()
    for index in range(400):
        row = {**ROW, "event_id": f"a{index}", "source": "import"}
        found.add(row, "line 1", "events.jsonl")
    for index in range(50):
        found.add({**ROW, "event_id": f"e{index}"}, "line 1", "events.jsonl")
    found.add({**ROW, "event_id": "bad", "mode": "out"}, "line 1", "events.jsonl")
    with pytest.raises(ConfigurationError):
        found.refuse()


def test_an_equal_row_is_merged_and_a_differing_one_is_bad() -> None:
    found = EventLines()
    for row in (ROW, ROW, {**ROW, "release": "3"}):
        found.add(row, "line 1", "events.jsonl")
    assert (len(found.events), found.merged, len(found.bad)) == (1, 1, 1)


@pytest.mark.parametrize(("bad", "refused"), [(1, False), (2, True)])
def test_over_one_per_cent_of_bad_rows_is_refused(tmp_path: Path, bad: int, refused: bool) -> None:
    rows = [{**ROW, "event_id": f"e{index}"} for index in range(100 - bad)]
    path = write(tmp_path / "events.jsonl", [*rows, *([{}] * bad)])
    if refused:
        with pytest.raises(ConfigurationError, match="line 99"):
            read_event_lines(path)
    else:
        assert [problem.place for problem in read_event_lines(path).bad] == ["line 100"]


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no readable file"):
        read_event_lines(tmp_path / "none.jsonl")
