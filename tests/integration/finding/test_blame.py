"""`dialgate blame` on a real change of a scaffolded agent."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from dialgate_reports.verdict.github_annotations import FilePlace, annotate_verdict
from tests.integration.checkouts import Checkout
from tests.integration.command_line import dialgate

if TYPE_CHECKING:
    from pathlib import Path


def test_the_line_that_breaks_it_is_named_among_harmless_ones(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path / "shop")
    missing = dialgate("blame", "suites/my-agent", folder=checkout.folder)
    assert missing.code == 2
    assert "Run `dialgate check` first" in missing.err
    prompt = "suites/my-agent/prompts/system.md"
    checkout.replace(prompt, "shop customers.", "shop customers. Be brief. Never shout.")
    checkout.break_refunds()
    checkout.commit("change")
    assert checkout.check().code == 1
    done = dialgate("blame", "suites/my-agent", "--json", "b.json", folder=checkout.folder)
    assert done.code == 0, done.err
    found = json.loads((checkout.folder / "b.json").read_text())
    assert [item["line"] for item in found["breaks"]] == [3]
    assert found["mends"] == found["breaks"]
    assert found["trials"] <= found["budget"]
    assert 'to "- Refund up to 500 USD' in " ".join(done.out.split())
    few = dialgate("blame", "suites/my-agent", "--budget", "3", folder=checkout.folder)
    assert few.code == 3
    assert "The budget of 3 trials was spent" in few.out


def test_a_failing_check_names_the_line_within_its_calls_and_stays_the_verdict(
    tmp_path: Path,
) -> None:
    checkout = Checkout(tmp_path / "shop")
    prompt = "suites/my-agent/prompts/system.md"
    checkout.replace(prompt, "shop customers.", "shop customers.\nBe brief.")
    checkout.break_refunds()
    checkout.commit("change")
    plain = checkout.check().verdict()
    done = checkout.check("--blame", "60", "--markdown", "comment.md")
    assert done.code == 1, done.err
    verdict = done.verdict()
    (guilty,) = verdict["blame"]["breaks"]
    assert (guilty["path"], guilty["line"]) == (prompt, 4)
    assert verdict["blame"]["trials"] == verdict["usage"]["blame_calls"] <= 60
    assert (verdict["verdict"], verdict["exit_code"]) == (plain["verdict"], plain["exit_code"])
    assert "Broken by changing" in (checkout.folder / "comment.md").read_text()
    marks = annotate_verdict(verdict, cases={}, suite=None)
    assert FilePlace(file=prompt, line=4) in [mark.place for mark in marks]
    few = checkout.check("--blame", "2").verdict()
    assert not few["blame"]["is_done"]


def test_the_model_and_not_the_prompt(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path / "shop")
    folder = "suites/my-agent"
    code = next(path for path in checkout.suite.rglob("my_agent.py"))
    hasty = 'if release["model"]["name"] == "hasty" or limit and'
    checkout.replace(str(code.relative_to(checkout.folder)), "if limit and", hasty)
    checkout.commit("an agent that looks at its model")
    checkout.replace(f"{folder}/prompts/system.md", "shop customers.", "shop customers. Be kind.")
    checkout.replace(f"{folder}/release.toml", "fixed-rules-2026-11-01", "hasty")
    checkout.replace(f"{folder}/release.toml", 'version = "1"', 'version = "2"')
    checkout.commit("change")
    assert checkout.check("--baseline", "HEAD~1").code == 1
    done = dialgate(
        "blame", folder, "--baseline", "HEAD~1", "--json", "b.json", folder=checkout.folder
    )
    assert done.code == 0, done.err
    (guilty,) = json.loads((checkout.folder / "b.json").read_text())["breaks"]
    assert guilty["component"] == "model"
    said = 'changing the model from "fixed-rules-2026-11-01" to "hasty"'
    assert said in " ".join(done.out.split())
