"""`dialgate mutate` as a person and CI use it."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

from tests.integration.checkouts import Checkout
from tests.integration.command_line import PROJECT, dialgate
from tests.workspaces import RecordedSuite

if TYPE_CHECKING:
    from pathlib import Path


def test_it_says_what_the_suite_would_not_notice_and_writes_cases_that_would(
    tmp_path: Path,
) -> None:
    RecordedSuite(tmp_path / "shop", refunds=4)
    arguments = ("mutate", "shop", "--json", "found.json", "--propose", "more.jsonl")
    done = dialgate(*arguments, folder=tmp_path)
    assert done.code == 0, done.err
    found = json.loads((tmp_path / "found.json").read_text())
    assert found["classes"][0]["killed"] > 0
    proposed = [json.loads(line) for line in (tmp_path / "more.jsonl").read_text().splitlines()]
    assert [item["id"] for item in proposed] == [item["case"] for item in found["proposals"]]


def test_a_class_in_a_mode_that_asks_for_more_ends_with_one(tmp_path: Path) -> None:
    suite = RecordedSuite(tmp_path / "shop", refunds=4)
    policy = (suite.folder / "policy.toml").read_text()
    step = "[ladder.in_the_loop]\n"
    assert step in policy
    suite.write("policy.toml", policy.replace(step, f"{step}mutants_killed = 0.99\n"))
    done = dialgate("mutate", "shop", folder=tmp_path)
    assert done.code == 1, done.out + done.err
    assert "refund: The suite notices" in done.out


def test_a_suite_in_which_nothing_can_be_altered_is_no_evidence(tmp_path: Path) -> None:
    suite = RecordedSuite(tmp_path / "shop", refunds=1)
    case = json.loads((suite.folder / "cases.jsonl").read_text().splitlines()[0])
    case["expect"] = {"actions": [{"name": "refund", "where": {"pattern": "x", "not": {}}}]}
    suite.write("cases.jsonl", json.dumps(case) + "\n")
    (suite.folder / "transcripts").rename(suite.folder / "elsewhere")
    done = dialgate("mutate", "shop", folder=tmp_path)
    assert done.code == 4, done.out + done.err
    assert "nothing is known" in done.out


def test_a_rule_of_the_prompt_that_cases_need_is_noticed_when_it_is_gone(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path / "shop")
    more = ("--live", "--budget", "150", "--json", "l.json")
    done = dialgate("mutate", "suites/my-agent", *more, folder=checkout.folder)
    assert done.code == 0, done.err
    found = json.loads((checkout.folder / "l.json").read_text())
    assert found["trials"] <= 150
    killed = {item["words"]: item["killed_by"] for item in found["mutants"]}
    (rule,) = [words for words in killed if "Refund up to 50 USD" in words]
    assert killed[rule] is not None
    few = dialgate("mutate", "suites/my-agent", "--live", "--budget", "3", folder=checkout.folder)
    assert few.code == 4


def test_proposing_is_for_mutants_of_behaviour(tmp_path: Path) -> None:
    RecordedSuite(tmp_path / "shop", refunds=1)
    for more in (("--live", "--propose", "x"), ("--live",)):
        assert dialgate("mutate", "shop", *more, folder=tmp_path).code == 2


def test_what_the_suite_would_not_notice_stands_in_verdict_and_dial_without_a_policy_key(
    tmp_path: Path,
) -> None:
    suite = RecordedSuite(tmp_path / "shop", refunds=40)
    suite.record("1", {})
    suite.record("2", {})
    checked = dialgate(
        "check", "shop", "--baseline", "releases/1.toml", "--json", "v.json", folder=tmp_path
    )
    document = json.loads((tmp_path / "v.json").read_text())
    (noticed,) = document["noticed"]
    assert noticed["action_class"] == "refund"
    assert noticed["worst"]["mistake"] == "after_refusal"
    assert "refund is called where nothing should be done" in " ".join(checked.out.split())
    dialgate("dial", "recommend", "shop", "--json", "r.json", folder=tmp_path)
    classes = json.loads((tmp_path / "r.json").read_text())["classes"]
    assert noticed in [item["noticed"] for item in classes]


def test_the_examples_proposed_cases_are_taken_and_nothing_is_left_unnoticed(
    tmp_path: Path,
) -> None:
    for name in ("suites", "golden"):
        shutil.copytree(PROJECT / name, tmp_path / name)
    suite = "suites/support-desk"
    dialgate("mutate", suite, "--propose", "more.jsonl", folder=tmp_path)
    new = [
        line
        for line in (tmp_path / "more.jsonl").read_text().splitlines()
        if "proposed" in json.loads(line).get("source", {})
    ]
    (tmp_path / "new.jsonl").write_text("".join(f"{line}\n" for line in new))
    taken = dialgate("cases", "take", suite, "new.jsonl", "--yes", "--by", "Ada", folder=tmp_path)
    assert taken.code == 0, taken.err
    assert dialgate("lint", "--strict", suite, folder=tmp_path).code == 0
    again = dialgate("mutate", suite, "--json", "again.json", folder=tmp_path)
    lived = [
        item
        for found in json.loads((tmp_path / "again.json").read_text())["classes"]
        for item in found["survivors"]
        if item["case"] is None
    ]
    assert lived == [], again.out
