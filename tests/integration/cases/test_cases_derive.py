"""`dialgate cases derive` as people run it: files in, files out, every row accounted for."""

from __future__ import annotations

import csv
import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.cases.derived_shop import KEY, Shop, an_edit, an_event
from tests.integration.command_line import dialgate
from tests.workspaces import a_refund, a_trial, write_lines

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    monkeypatch.setenv(*KEY)
    return Shop(tmp_path)


def test_an_edit_asserts_the_corrected_call_and_forbids_the_proposed_one(shop: Shop) -> None:
    shop.derive([an_edit(1)])
    (case,) = shop.lines()
    assert case["origin"] == "reviewer"
    assert case["expect"]["actions"] == [
        {"name": "refund", "arguments": {"id": "R-1", "amount": 5}}
    ]
    assert case["expect"]["forbid"] == [a_refund("R-1")]
    source = case["source"]
    assert (source["event_id"], source["decision"], source["reviewer"]) == (
        "ev-001", "edited", "reviewer-1",
    )  # fmt: skip
    assert (source["occurred_at"], source["release"]) == ("2026-10-02T09:00:00Z", "1")
    assert source["proposed"] == a_refund("R-1")


def test_a_person_is_replaced_alike_in_context_recording_and_expectation(shop: Shop) -> None:
    known = {"first_name": "Mia", "dob": "1990-02-03"}
    tools = json.loads((shop.suite.folder / "tools.json").read_text())
    refund = next(t for t in tools if t["name"] == "refund")
    refund["parameters"]["properties"] |= {key: {"type": "string"} for key in known}
    shop.suite.write("tools.json", json.dumps(tools))
    event = an_edit(1)
    for key in ("proposed", "corrected"):
        event[key]["arguments"] |= known
    event["messages"] = [{"role": "user", "content": "I am Mia, 1990-02-03. Refund R-1."}]
    event["recordings"] = [{"name": "look_up", "where": {}, "result": known}]
    shop.derive([event])
    (case,) = shop.lines()
    assert "Mia" not in json.dumps(case)
    assert "1990-02-03" not in json.dumps(case)
    told = case["recordings"][0]["result"]
    expected = case["expect"]["actions"][0]["arguments"]
    assert {key: expected[key] for key in known} == told
    said = f"I am {told['first_name']}, {told['dob']}. Refund R-1."
    assert case["messages"][0]["content"] == said


@pytest.mark.parametrize("decision", ["rejected", "taken_over", "overridden", "differed"])
def test_without_a_correction_the_call_is_forbidden_and_nothing_expected(
    shop: Shop, decision: str
) -> None:
    shop.derive([an_event(1, decision)])
    (case,) = shop.lines()
    assert case["expect"]["actions"] == []
    assert case["expect"]["forbid"] == [a_refund("R-1")]


def test_it_runs_again_without_duplicates_and_appends_what_is_new(shop: Shop) -> None:
    shop.derive([an_edit(1), an_event(2, "rejected"), an_event(3, "approved")])
    before = (shop.reviewer / "2026-10.jsonl").read_bytes()
    again = shop.derive([an_edit(1), an_event(2, "rejected"), an_event(3, "approved")])
    assert again["files"] == []
    assert again["counts"]["known"] == 3
    more = shop.derive([an_edit(1), an_edit(4)])
    assert more["cases"]["added"] == ["shop-ev-004"]
    after = (shop.reviewer / "2026-10.jsonl").read_bytes()
    assert after.startswith(before)
    assert after.count(b"\n") == 3


def test_a_case_edited_by_hand_stays_as_it_is(shop: Shop) -> None:
    shop.derive([an_edit(1)])
    (case,) = shop.lines()
    case["critical"] = True
    write_lines(shop.reviewer / "2026-10.jsonl", [case])
    same = an_edit(1, event_id="ev-901", task_id="task-901")
    against = an_edit(1, amount=7, event_id="ev-902", task_id="task-902")
    found = shop.derive([an_edit(1), same, against])
    assert shop.lines() == [case]
    assert found["counts"]["merged"] == 1
    (entry,) = shop.entries()
    assert entry["case"] == "shop-ev-001"
    assert [item["event_id"] for item in entry["decisions"]] == ["ev-902"]


def test_the_same_context_twice_is_one_case_with_both_decisions(shop: Shop) -> None:
    again = an_edit(1, event_id="ev-900", task_id="task-900", reviewer="reviewer-9")
    found = shop.derive([an_edit(1), again])
    (case,) = shop.lines()
    assert [item["event_id"] for item in case["source"]["merged"]] == ["ev-900"]
    assert (found["counts"]["derived"], found["counts"]["merged"]) == (1, 1)


def test_a_later_decision_on_the_same_context_joins_the_case(shop: Shop) -> None:
    shop.derive([an_edit(1)])
    other = an_event(
        1, "rejected", event_id="ev-900", task_id="task-900", proposed=a_refund("other")
    )
    found = shop.derive([other])
    (case,) = shop.lines()
    assert found["cases"]["merged_into"] == ["shop-ev-001"]
    assert case["expect"]["forbid"] == [a_refund("R-1"), a_refund("other")]
    assert shop.derive([an_edit(1), other])["files"] == []


def contradiction() -> list[dict[str, Any]]:
    return [
        an_edit(1),
        an_event(1, "approved", event_id="ev-900", task_id="task-900", reviewer="reviewer-9"),
    ]


def test_reviewers_who_contradict_each_other_are_set_aside_with_both_decisions(shop: Shop) -> None:
    found = shop.derive(contradiction())
    assert found["counts"]["set_aside"] == 2
    assert shop.lines() == []
    (entry,) = shop.entries()
    assert [item["decision"] for item in entry["decisions"]] == ["edited", "approved"]
    assert entry["resolution"] is None
    assert shop.derive(contradiction())["files"] == []
    assert shop.lines() == []


def test_a_case_whose_reviewer_is_contradicted_later_leaves_the_suite(shop: Shop) -> None:
    shop.derive([an_edit(1), an_edit(2)])
    found = shop.derive(contradiction()[1:])
    assert found["cases"]["removed"] == ["shop-ev-001"]
    assert [case["id"] for case in shop.lines()] == ["shop-ev-002"]
    assert len(shop.entries()[0]["decisions"]) == 2


def test_a_resolution_makes_the_case_and_the_next_run_leaves_it(shop: Shop) -> None:
    shop.derive([*contradiction(), an_edit(2)])
    (entry,) = shop.entries()
    write_lines(shop.reviewer / "aside" / "adjudicate.jsonl", [{**entry, "resolution": "ev-001"}])
    shop.derive([])
    case = next(case for case in shop.lines() if case["id"] == "shop-ev-001")
    assert case["expect"]["forbid"] == [a_refund("R-1")]
    assert [item["event_id"] for item in case["source"]["overruled"]] == ["ev-900"]
    assert shop.derive(contradiction())["files"] == []


def test_a_resolution_that_names_no_decision_is_a_configuration_error(shop: Shop) -> None:
    shop.derive(contradiction())
    (entry,) = shop.entries()
    write_lines(shop.reviewer / "aside" / "adjudicate.jsonl", [{**entry, "resolution": "ev-7"}])
    done = shop.run([an_edit(3)])
    assert done.code == 2
    assert "adjudicate.jsonl: line 1 resolution" in done.err
    assert "ev-001, ev-900" in done.err


def test_every_event_that_can_be_no_case_is_listed_with_its_reason(shop: Shop) -> None:
    unknown = {"name": "fly", "arguments": {}}
    found = shop.derive(
        [
            an_event(1, "rejected", messages=None),
            an_event(2, "rejected", messages=[]),
            an_event(3, "rejected", proposed=unknown),
            an_event(4, "edited", corrected={"name": "refund", "arguments": {"amount": 1}}),
            an_event(5, "rejected", messages=[{"role": "oracle", "content": "hm"}]),
            an_event(6, "rejected", canary=True),
            an_event(7, "escalated"),
            *[an_edit(number) for number in range(10, 20)],
        ]
    )
    reasons = {item["event"]: item["reason"] for item in found["unusable"]}
    assert "no messages" in reasons["ev-001"]
    assert "no messages" in reasons["ev-002"]
    assert "names the tool 'fly'" in reasons["ev-003"]
    assert "'id' is a required property" in reasons["ev-004"]
    assert "/messages/0/role" in reasons["ev-005"]
    assert found["counts"]["canary"] == 1
    assert found["counts"]["unreviewed"] == 1
    assert len(shop.lines()) == 10


def test_people_stay_the_same_people_across_cases_and_runs(shop: Shop) -> None:
    shop.settings('[redact]\npointers = ["/customer"]\npatterns = ["C-[0-9]{4}"]\n')
    text = "I am Mia Kovač (C-1234), mail mia@shop.test, card 4111 1111 1111 1111."
    calls = [
        {
            "id": "c",
            "type": "function",
            "function": {"name": "look_up", "arguments": '{"id":"x","customer":"Mia Kovač"}'},
        }
    ]
    messages = [
        {"role": "user", "content": text},
        {"role": "assistant", "content": None, "tool_calls": calls},
        {"role": "tool", "tool_call_id": "c", "content": '{"mail": "mia@shop.test", "n": 7}'},
    ]
    shop.derive([an_edit(1, messages=messages)])
    greeting = [{"role": "user", "content": "Again mia@shop.test (C-1234), about R-2"}]
    shop.derive([an_edit(2, messages=greeting)])
    first, second = shop.lines()
    written = json.dumps([first, second], ensure_ascii=False)
    for value in ("Mia", "Kova", "C-1234", "mia@", "4111"):
        assert value not in written, value
    mail = json.loads(first["messages"][2]["content"])["mail"]
    assert mail.endswith("@example.com")
    assert mail in first["messages"][0]["content"]
    assert mail in second["messages"][0]["content"]
    name = json.loads(first["messages"][1]["tool_calls"][0]["function"]["arguments"])["customer"]
    assert f"I am {name} (" in first["messages"][0]["content"]
    assert "R-1" in written


def test_the_workspace_keeps_a_key_of_its_own_out_of_git(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(KEY[0])
    write_lines(shop.folder / "events.jsonl", [an_edit(1)])
    command = ("cases", "derive", "suites/shop", "events.jsonl")
    dry = dialgate(*command, "--dry-run", folder=shop.folder)
    assert dry.code == 0
    assert not (shop.folder / ".dialgate").exists()
    assert not shop.reviewer.exists()
    done = dialgate(*command, folder=shop.folder)
    assert "A key for pseudonyms was made" in done.out
    key = shop.folder / ".dialgate" / "pseudonyms" / "key"
    assert key.stat().st_mode & 0o077 == 0
    assert (key.parent / ".gitignore").read_text() == "*\n"


def test_a_suite_that_would_not_run_the_cases_is_said_before_anything_is_written(
    shop: Shop,
) -> None:
    shop.suite.write(
        "suite.toml", (shop.suite.folder / "suite.toml").read_text().replace("/reviewer/", "/else/")
    )
    done = shop.run([an_edit(1)])
    assert done.code == 2
    assert '"../../golden/shop/reviewer/*.jsonl"' in done.err
    assert not shop.reviewer.exists()
    done = shop.run([an_edit(1)], "--out", "golden/shop/else/mine.jsonl")
    assert done.code == 0
    assert (shop.folder / "golden/shop/else/mine.jsonl").is_file()


def test_globs_that_would_gate_what_is_set_aside_are_refused(shop: Shop) -> None:
    text = (shop.suite.folder / "suite.toml").read_text()
    shop.suite.write("suite.toml", text.replace("reviewer/*.jsonl", "reviewer/**/*.jsonl"))
    done = shop.run([an_edit(1)])
    assert done.code == 2
    assert "whose lines must not gate" in done.err


def test_approvals_wait_as_golden_candidates_and_never_gate(shop: Shop) -> None:
    events = [an_event(number, "approved") for number in range(1, 9)]
    found = shop.derive(events, approvals=3)
    assert (found["counts"]["candidate"], found["counts"]["approved"]) == (3, 5)
    assert shop.lines() == []
    candidates = shop.lines("aside/approvals.jsonl")
    assert {case["origin"] for case in candidates} == {"golden"}
    assert shop.derive(events[::-1], approvals=3)["files"] == []


def test_a_table_of_events_gives_the_cases_that_lines_give(shop: Shop) -> None:
    events = [an_edit(1), an_event(2, "rejected"), *contradiction()[1:]]
    shop.derive(events)
    from_lines = {path.name: path.read_bytes() for path in shop.reviewer.rglob("*.jsonl")}
    shutil.rmtree(shop.reviewer)
    keys = [key for key in events[0] if key not in {"latency_ms", "cost_usd"}]
    with (shop.folder / "events.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(keys)
        for event in events:
            cells = (event[key] for key in keys)
            table.writerow(
                [json.dumps(cell) if isinstance(cell, dict | list) else cell for cell in cells]
            )
    done = dialgate("cases", "derive", "suites/shop", "events.csv", folder=shop.folder)
    assert done.code == 0, done.err
    assert {p.name: p.read_bytes() for p in shop.reviewer.rglob("*.jsonl")} == from_lines


def test_lint_accepts_what_was_derived_and_run_reports_the_hold_out_apart(shop: Shop) -> None:
    shop.derive([an_edit(number) for number in range(1, 25)])
    held_out = [case["id"] for case in shop.lines() if case.get("split") == "holdout"]
    assert 1 <= len(held_out) <= 12
    assert dialgate("lint", "suites/shop", folder=shop.folder).code == 0
    trials = [
        *(a_trial(case_id, [a_refund(case_id)]) for case_id in shop.suite.case_ids),
        *(
            a_trial(case["id"], [] if case["id"] in held_out else case["expect"]["actions"])
            for case in shop.lines()
        ),
    ]
    write_lines(shop.suite.transcript("2"), trials)
    done = dialgate("run", "suites/shop", folder=shop.folder)
    number = len(held_out)
    line = (
        f"held out from tuning 0 of {number} (0 %); the other cases {26 - number} of {26 - number}"
    )
    assert line in " ".join(done.out.split())
    (record,) = (shop.folder / ".dialgate").glob("run-*")
    assert line in " ".join(dialgate("report", record, folder=shop.folder).out.split())
    done = dialgate("check", "suites/shop", "--json", "-", folder=shop.folder)
    assert {item["split"]: item["cases"] for item in done.verdict()["splits"]} == {
        "holdout": number, "open": 26 - number,
    }  # fmt: skip


def test_the_terminal_accounts_for_every_row_in_80_columns(shop: Shop) -> None:
    done = shop.run([*contradiction(), an_edit(2), an_event(3, "rejected", messages=None)])
    assert done.code == 0
    assert "For adjudication:" in done.out
    assert "1 × it has no messages" in done.out
    assert "4  rows in all" in done.out
    assert max(map(len, done.out.splitlines())) <= 80
