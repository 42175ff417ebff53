"""`dial recommend --html` and `report`: one document, the same bytes, commands that work."""

from __future__ import annotations

import html
import json
import re
import shlex
from typing import TYPE_CHECKING, Any

import pytest

from dialgate_evals.files.file_reading import json_pointer
from dialgate_evals.files.json_text import digest_of
from dialgate_evals.files.schema_validation import check_document
from tests.integration.dial.test_dial_recommend import (
    MORE_POLICY,
    NOW,
    RUNBOOK,
    an_event,
    events,
    mail,
    run,
)
from tests.workspaces import POLICY, RecordedSuite, a_case

if TYPE_CHECKING:
    from pathlib import Path

FORMS = ("--json", "r.json", "--html", "r.html", "--markdown", "r.md")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> RecordedSuite:
    """A shop whose class `mail` is ready, with a canary and an edit among its reviews."""
    suite = RecordedSuite(tmp_path_factory.mktemp("work") / "shop", refunds=2)
    ids = [f"mail-{index}" for index in range(40)]
    suite.case_ids += ids
    suite.cases += [a_case(case_id, [mail(case_id)]) for case_id in ids]
    suite.write_cases()
    suite.record("2", {case_id: [mail(case_id)] for case_id in ids})
    suite.write("policy.toml", POLICY + MORE_POLICY)
    suite.write("runbook.toml", RUNBOOK.replace('"Ada"', '"Ada; $(id)"'))
    rows = [an_event(index, reviewer="Ines", review_s=20.0) for index in range(400)]
    rows[7] |= {"decision": "edited", "corrected": mail("other"), "reason": "<b>Wrong</b> person."}
    rows[9] |= {"decision": "rejected", "canary": True}
    events(suite, rows)
    assert run(suite, "run", "shop").code == 0
    found = run(suite, "dial", "recommend", "shop", "events.jsonl", *NOW, *FORMS)
    assert found.code == 0, found.err
    return suite


def read(shop: RecordedSuite, name: str) -> str:
    return (shop.folder.parent / name).read_text("utf-8")


def document(shop: RecordedSuite) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(read(shop, "r.json"))
    return found


def test_the_document_keeps_to_its_published_schema(shop: RecordedSuite) -> None:
    found = document(shop)
    assert check_document(found, "recommendation", "r.json", json_pointer) == []
    assert found["evidence"] == digest_of(found["graduation"])
    (item,) = [item for item in found["classes"] if item["action_class"] == "mail"]
    assert sum(point["reviews"] for point in item["series"]) == 399
    (edit,) = item["against"]["shown"]
    assert (edit["id"], edit["place"], edit["counts"]) == ("e7", "events.jsonl:8", True)
    assert {source["name"] for source in found["sources"]} >= {"run", "events", "policy", "runbook"}


def test_report_renders_the_same_bytes_again_wherever_the_evidence_is_now(
    shop: RecordedSuite, tmp_path: Path
) -> None:
    (tmp_path / "shop").mkdir()
    elsewhere = RecordedSuite(tmp_path / "away" / "shop")
    (elsewhere.folder.parent / "r.json").write_text(read(shop, "r.json"), "utf-8")
    again = run(elsewhere, "report", "r.json", "--html", "s.html", "--markdown", "s.md", "--json",
                "s.json")  # fmt: skip
    assert again.code == 0, again.err
    for kept, made in (("r.html", "s.html"), ("r.md", "s.md"), ("r.json", "s.json")):
        assert read(elsewhere, made) == read(shop, kept)
    assert "mail: promote to on the loop" in again.out


def test_a_form_on_standard_output_leaves_people_standard_error(shop: RecordedSuite) -> None:
    found = run(shop, "report", "r.json", "--html", "-")
    assert found.out == read(shop, "r.html")
    assert "mail: promote" in found.err
    refused = run(shop, "report", "r.json", "--html", "-", "--markdown", "-")
    assert refused.code == 2


def test_a_reviewer_s_markup_shows_as_text(shop: RecordedSuite) -> None:
    assert "&lt;b&gt;Wrong&lt;/b&gt; person." in read(shop, "r.html")
    assert "<b>" not in read(shop, "r.md")


def test_the_command_of_the_page_makes_the_move(shop: RecordedSuite) -> None:
    (shown,) = re.findall(r'<pre id="command-1"[^>]*>([^<]*)</pre>', read(shop, "r.html"))
    words = shlex.split(html.unescape(shown))
    assert words[:2] == ["dialgate", "dial"]
    assert shlex.join(words) in read(shop, "r.md")
    moved = run(shop, *words[1:])
    assert (moved.code, moved.out) == (0, "mail: in_the_loop → on_the_loop (ledger entry 1).\n")
    (entry,) = [json.loads(line) for line in read(shop, "shop/ledger.jsonl").splitlines()]
    assert entry["by"] == "Ada; $(id)"
    assert entry["evidence"] == digest_of(document(shop))
    after = run(shop, "dial", "recommend", "shop", "events.jsonl", "--json", "after.json")
    assert after.code == 0, after.err
    ledger = json.loads(read(shop, "after.json"))["ledger"]["entries"]
    assert [item["by"] for item in ledger] == ["Ada; $(id)"]


def test_a_document_that_was_edited_is_refused_with_the_reason(shop: RecordedSuite) -> None:
    folder = shop.folder.parent
    found = document(shop)
    found["graduation"][0]["move"] = "promote"
    (folder / "edited.json").write_text(json.dumps(found), "utf-8")
    refused = run(shop, "report", "edited.json", "--html", "x.html")
    assert refused.code == 4
    assert "not what was sealed" in refused.err
    assert not (folder / "x.html").exists()


def test_everything_that_is_wrong_with_a_document_is_said_at_once(shop: RecordedSuite) -> None:
    found = document(shop)
    del found["ledger"]
    found["graduation"][0]["mode"] = "asleep"
    found["classes"][0]["series"] = 7
    (shop.folder.parent / "broken.json").write_text(json.dumps(found), "utf-8")
    refused = run(shop, "report", "broken.json")
    assert refused.code == 4
    for place in ("/graduation/0/mode", "/classes/0/series", "ledger"):
        assert place in refused.err


def test_other_classes_beside_the_moves_are_refused(shop: RecordedSuite) -> None:
    found = document(shop)
    found["classes"].reverse()
    (shop.folder.parent / "mixed.json").write_text(json.dumps(found), "utf-8")
    refused = run(shop, "report", "mixed.json")
    assert refused.code == 4
    assert "other classes than those of graduation" in refused.err


def test_a_recommendation_has_no_junit_form(shop: RecordedSuite) -> None:
    refused = run(shop, "report", "r.json", "--junit", "r.xml")
    assert refused.code == 2
    assert "no JUnit form" in refused.err


def test_a_tampered_ledger_is_no_ground_for_a_recommendation(shop: RecordedSuite) -> None:
    ledger = shop.folder / "ledger.jsonl"
    kept = ledger.read_bytes() if ledger.exists() else None
    ledger.write_bytes(b'{"schema": 1}\n')
    refused = run(shop, "dial", "recommend", "shop", "events.jsonl", *NOW)
    if kept is None:
        ledger.unlink()
    else:
        ledger.write_bytes(kept)
    assert refused.code == 4
    assert "no entry of a ledger" in refused.err
