"""`dialgate bundle` and `dialgate replay`: a failure goes to a place without its suite."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.integration.command_line import PROJECT, dialgate
from tests.workspaces import RecordedSuite

if TYPE_CHECKING:
    from pathlib import Path


def test_the_examples_failure_comes_back_elsewhere_and_is_gone_once_mended(tmp_path: Path) -> None:
    here = tmp_path / "here"
    for name in ("suites", "golden"):
        shutil.copytree(PROJECT / name, here / name)
    suite = "suites/support-desk"
    none = dialgate("bundle", suite, "sd-0007", folder=here)
    assert none.code == 2
    assert "there is no failure to bundle" in none.err
    assert dialgate("run", suite, "--case", "sd-0007", folder=here).code == 0
    secret = {"SHOP_API_KEY": "The scratched lid"[4:]}
    done = dialgate("bundle", suite, "sd-0007", folder=here, **secret)
    assert done.code == 0, done.err
    there = tmp_path / "there"
    shutil.move(here / ".dialgate" / "bundle-sd-0007", there)
    shutil.rmtree(here)
    back = dialgate("replay", there, "--json", "r.json", folder=tmp_path)
    assert back.code == 1, back.err
    assert json.loads((tmp_path / "r.json").read_text())["failed_by"] == ["wrong_arguments"]
    everything = b"".join(path.read_bytes() for path in there.rglob("*") if path.is_file())
    assert b"scratched lid" not in everything
    (there / "case.jsonl").write_bytes(b"{}\n")
    assert dialgate("replay", there, folder=tmp_path).code == 2


@pytest.mark.parametrize("kind", ["python", "command"])
def test_a_scaffolded_agents_failure_comes_back(tmp_path: Path, kind: str) -> None:
    shop = tmp_path / "shop"
    assert dialgate("init", shop, "--yes", "--kind", kind, folder=tmp_path).code == 0
    prompt = shop / "suites" / "my-agent" / "prompts" / "system.md"
    prompt.write_text(prompt.read_text().replace("up to 50 USD", "up to 5000 USD"))
    case = "my-agent-006"  # a refund over the limit, which is for a person
    assert dialgate("run", "suites/my-agent", "--case", case, folder=shop).code == 0
    done = dialgate("bundle", "suites/my-agent", case, "--to", tmp_path / "b", folder=shop)
    assert done.code == 0, done.err
    shutil.rmtree(shop)
    assert dialgate("replay", "b", folder=tmp_path).code == 1


def test_recorded_trials_are_judged_again(tmp_path: Path) -> None:
    suite = RecordedSuite(tmp_path / "shop", refunds=2)
    suite.record("2", {suite.case_ids[0]: []})
    done = dialgate("bundle", "shop", suite.case_ids[0], "--to", "b", folder=tmp_path)
    assert done.code == 0, done.err
    shutil.rmtree(suite.folder)
    assert dialgate("replay", "b", folder=tmp_path).code == 1
