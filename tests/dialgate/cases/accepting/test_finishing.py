"""What is written at the end: decided cases and events, once, whole, and nothing else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from dialgate.cases.accepting.finishing import finish
from dialgate.cases.yaml_cases import yaml_item
from dialgate_evals.events.counts.review_event_files import read_events
from dialgate_evals.events.review_events import EventSource
from dialgate_evals.suite.workspace import load_workspace
from tests.dialgate.cases.accepting.reviews import a_session, a_suite, decide
from tests.integration.command_line import dialgate
from tests.workspaces import a_refund

if TYPE_CHECKING:
    from pathlib import Path

    from tests.workspaces import RecordedSuite


@pytest.fixture
def shop(tmp_path: Path) -> RecordedSuite:
    return a_suite(tmp_path, quiet=["quiet"])


def cases(shop: RecordedSuite) -> dict[str, dict[str, Any]]:
    lines = (shop.folder / "cases.jsonl").read_text("utf-8").splitlines()
    return {document["id"]: document for document in map(json.loads, lines)}


def test_decisions_become_cases_and_events_and_the_rest_keeps_its_bytes(
    shop: RecordedSuite,
) -> None:
    before = (shop.folder / "cases.jsonl").read_bytes().splitlines()
    session = a_session(shop)
    decide(session, 0, "right")
    decide(session, 2, "wrong", reason="ten times too much")
    decide(session, 3, "should_be", calls=(a_refund("quiet"),))
    done = finish(session)
    assert done["cases"]["written"] == ["quiet", "refund-002"]
    assert done["cases"]["unchanged"] == ["refund-000"]
    assert (done["decided"], done["trajectories"]) == (3, 4)
    after = (shop.folder / "cases.jsonl").read_bytes().splitlines()
    assert after[:2] == before[:2]
    assert list(cases(shop)) == [*shop.case_ids], "ids and order stay"
    assert cases(shop)["refund-002"]["source"]["reason"] == "ten times too much"
    assert cases(shop)["quiet"]["expect"]["actions"] == [a_refund("quiet")]
    path = session.folder / "events.jsonl"
    events = read_events(path, takes_all=True).events
    assert [event.decision.value for event in events] == ["agreed", "differed"]
    assert {event.source for event in events} == {EventSource.ACCEPT}
    assert read_events(path).events == [], "none of them is live evidence"
    assert load_workspace(shop.folder).cases


def test_the_same_again_changes_no_byte(shop: RecordedSuite) -> None:
    session = a_session(shop)
    decide(session, 0, "wrong")
    decide(session, 3, "right")
    finish(session)
    paths = [shop.folder / "cases.jsonl", session.folder / "events.jsonl"]
    before = [path.read_bytes() for path in paths]
    again = finish(a_session(shop))
    assert again["files"] == []
    assert again["cases"]["written"] == []
    assert [path.read_bytes() for path in paths] == before


def test_contradictions_wait_and_their_cases_stay_as_they_are(shop: RecordedSuite) -> None:
    before = cases(shop)
    ada, bob = a_session(shop), a_session(shop, "Bob")
    decide(ada, 2, "right")
    decide(bob, 2, "wrong")
    done = finish(ada)
    assert [item["case"] for item in done["conflicts"]] == ["refund-002"]
    assert cases(shop) == before
    decide(bob, 2, "right", settles=True)
    settled = finish(bob)
    assert settled["conflicts"] == []
    assert settled["cases"]["written"] == ["refund-002"]
    assert settled["agreement"][0]["items"] == 1


def test_a_case_that_was_edited_meanwhile_is_left_alone(shop: RecordedSuite) -> None:
    session = a_session(shop)
    decide(session, 0, "wrong")
    shop.cases[0]["critical"] = True
    shop.write_cases()
    before = cases(shop)
    done = finish(session)
    assert done["cases"]["edited"] == ["refund-000"]
    assert cases(shop) == before


def test_decisions_on_trajectories_that_are_gone_are_counted(shop: RecordedSuite) -> None:
    session = a_session(shop)
    decide(session, 0, "wrong")
    shop.record("2", {"refund-000": []})
    done = finish(a_session(shop))
    assert (done["unknown"], done["cases"]["written"]) == (1, [])


def test_accepted_events_are_known_to_derive(shop: RecordedSuite) -> None:
    session = a_session(shop)
    for place in range(3):
        decide(session, place, "wrong")
    finish(session)
    events = session.folder / "events.jsonl"
    done = dialgate(
        "cases", "derive", "shop", events, "--json", "-", "--out", "shop/more.jsonl",
        folder=shop.folder.parent,
    )  # fmt: skip
    assert done.code == 0, done.err
    assert done.verdict()["counts"]["known"] == 3
    assert done.verdict()["cases"]["added"] == []


def test_accepting_everything_makes_every_trajectory_pass(shop: RecordedSuite) -> None:
    session = a_session(shop)
    for place in range(len(session.items)):
        decide(session, place, "right")
    finish(session)
    assert [item.passes for item in a_session(shop).items] == [True] * 4


def in_yaml(shop: RecordedSuite, text: str) -> Path:
    (shop.folder / "cases.jsonl").unlink()
    settings = (shop.folder / "suite.toml").read_text("utf-8")
    shop.write("suite.toml", settings.replace("cases.jsonl", "cases.yaml"))
    return shop.write("cases.yaml", text)


def test_a_case_in_yaml_is_written_and_the_others_keep_their_lines(shop: RecordedSuite) -> None:
    items = [yaml_item(case).decode() for case in shop.cases]
    items[0] = items[0].replace("- schema", "# The first.\n- schema")
    items[1] = items[1].replace("origin: golden", "origin:  golden  # by hand")
    path = in_yaml(shop, "# Refunds.\n" + "\n# Another.\n".join(items))
    session = a_session(shop)
    decide(session, 0, "wrong")
    decide(session, 3, "should_be", calls=(a_refund("quiet"),))
    done = finish(session)
    assert done["cases"]["written"] == ["quiet", "refund-000"]
    text = path.read_text("utf-8")
    assert text.startswith("# Refunds.\n# The first.\n- schema: 1\n")
    assert text.count("# Another.") == 3
    assert items[1] in text
    assert [item.passes for item in a_session(shop).items] == [False, True, False, False]
    assert finish(a_session(shop))["files"] == []


def test_a_case_in_yaml_that_no_lines_can_replace_is_told_to_the_person(
    shop: RecordedSuite,
) -> None:
    path = in_yaml(shop, json.dumps(shop.cases))
    before = path.read_bytes()
    session = a_session(shop)
    decide(session, 0, "wrong")
    done = finish(session)
    assert [item["case"] for item in done["cases"]["in_yaml"]] == ["refund-000"]
    assert done["cases"]["written"] == []
    assert path.read_bytes() == before
