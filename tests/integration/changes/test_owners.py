"""`dialgate owners` and lint: who answers, who is on call, and what stands for nobody."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.integration.checkouts import git
from tests.integration.command_line import Finished, dialgate
from tests.runtime.lease_builders import KEY
from tests.workspaces import RecordedSuite

if TYPE_CHECKING:
    from pathlib import Path

OWNERS = """schema = 1
[person.mara]
name = "Mara Lindqvist"
mail = "mara@desk.io"
[person.jo]
mail = "jo@desk.io"
"""
RUNBOOK = """schema = 1
[owners]
product_owner = "mara"
reliability_engineer = "Joe of the third floor"
[rota]
file = "rota.toml"
"""
ROTA = """schema = 1
timezone = "Europe/Berlin"
[[rotation]]
people = ["mara", "jo"]
starts = 2026-11-02T09:00:00
every_days = 7
"""


@pytest.fixture
def shop(tmp_path: Path) -> RecordedSuite:
    suite = RecordedSuite(tmp_path / "shop", refunds=2)
    suite.write("owners.toml", OWNERS)
    suite.write("runbook.toml", RUNBOOK)
    suite.write("rota.toml", ROTA)
    return suite


def owners(shop: RecordedSuite, *more: str) -> Finished:
    return dialgate("owners", "shop", *more, folder=shop.folder.parent)


def test_people_classes_and_who_is_on_call(shop: RecordedSuite) -> None:
    done = owners(shop, "--at", "2026-11-04T12:00:00+01:00", "--json", "-")
    assert done.code == 0, done.err
    document = done.verdict()
    assert [item["person"] for item in document["on_call"]["on_call"]["people"]] == ["mara"]
    assert document["gaps"] == []
    roles = {item["role"]: item for item in document["roles"]}
    assert roles["product_owner"]["mail"] == "mara@desk.io"
    assert roles["reliability_engineer"]["verified"] is False
    assert {item["accountable"]["person"] for item in document["classes"]} == {"mara"}
    assert "Joe of the third floor (unverified)"[:24] in done.err
    assert "On call: Mara Lindqvist" in done.err


def test_a_time_with_nobody_on_call_is_exit_1(shop: RecordedSuite) -> None:
    done = owners(shop, "--at", "2026-11-01T00:00:00Z")
    assert done.code == 1
    assert "Nobody on call: 2026-11-01 00:00 UTC to 2026-11-02 08:00 UTC: no shift" in done.out


@pytest.mark.parametrize("moment", ["yesterday", "2026-11-01T00:00:00"])
def test_a_time_without_its_zone_is_none(moment: str, shop: RecordedSuite) -> None:
    assert owners(shop, "--at", moment).code == 2


@pytest.mark.parametrize(
    ("file", "old", "new", "code", "words"),
    [
        ("owners.toml", "schema = 1", "schema = 1", 0, "who is nobody of owners.toml"),
        ("owners.toml", "jo@desk.io", "jo@example.com", 2, "the placeholder"),
        ("owners.toml", "jo@desk.io", "Mara+1@desk.io", 2, "as well"),
        ("runbook.toml", "Joe of the third floor", "TODO", 2, "the placeholder"),
        ("rota.toml", '"jo"', '"eve"', 0, "nobody on call"),
        ("rota.toml", "Europe/Berlin", "Mars/Base", 2, "there is no time zone"),
        ("runbook.toml", "rota.toml", "gone.toml", 2, "no such file"),
    ],
)
def test_lint_says_what_stands_for_nobody(
    file: str, old: str, new: str, code: int, words: str, shop: RecordedSuite
) -> None:
    path = shop.folder / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")
    done = dialgate("lint", "shop", folder=shop.folder.parent)
    assert done.code == code, done.out
    assert words in done.out


def test_what_nobody_looked_at_for_too_long_is_named(shop: RecordedSuite) -> None:
    """By the last commit of the files, or a review that was noted since."""
    root = shop.folder.parent
    git(root, "init", "-q", "-b", "main")
    git(root, "add", "-A")
    git(root, "-c", "core.hooksPath=/dev/null", "commit", "-q", "-m", "old")
    old = {"GIT_AUTHOR_DATE": "2020-01-01T00:00:00Z", "GIT_COMMITTER_DATE": "2020-01-01T00:00:00Z"}
    command = ["git", "-c", "user.name=t", "-c", "user.email=t@t.io", "commit", "-q", "--amend"]
    subprocess.run([*command, "--no-edit"], cwd=root, check=True, env={**os.environ, **old})
    found = dialgate("lint", "shop", folder=root).out
    assert "overdue: The policy: last looked at" in found
    assert "overdue: The golden cases" in found
    today = dt.datetime.now(dt.UTC).date().isoformat()
    noted = f'[reviewed.policy]\nat = {today}\nby = "mara"\n'
    shop.write("owners.toml", OWNERS + noted)
    found = dialgate("lint", "shop", folder=root).out
    assert "overdue: The policy" not in found
    assert "overdue: The golden cases" in found


@pytest.fixture
def branch(shop: RecordedSuite) -> RecordedSuite:
    """The shop in git, on a branch that makes Eve its product owner."""
    root = shop.folder.parent
    git(root, "init", "-q", "-b", "main")
    git(root, "add", "-A")
    git(root, "-c", "core.hooksPath=/dev/null", "commit", "-q", "-m", "shop")
    git(root, "switch", "-q", "-c", "mine")
    shop.write("owners.toml", f'{OWNERS}[person.eve]\nmail = "eve@desk.io"\n')
    shop.write("runbook.toml", RUNBOOK.replace('"mara"', '"eve"'))
    git(root, "add", "-A")
    git(root, "-c", "core.hooksPath=/dev/null", "commit", "-q", "-m", "mine")
    return shop


def test_a_branch_that_names_its_own_owner_is_shown_the_base_s(branch: RecordedSuite) -> None:
    done = owners(branch, "--at", "2026-11-04T12:00:00Z", "--json", "-")
    roles = {item["role"]: item["person"] for item in done.verdict()["roles"]}
    assert roles["product_owner"] == "mara"
    assert "has other people and roles than merge base with main" in " ".join(done.err.split())


def test_a_recommendation_names_the_base_s_owner_and_says_so(branch: RecordedSuite) -> None:
    made = dialgate("dial", "recommend", "shop", "--json", "r.json", folder=branch.folder.parent)
    assert made.code == 0, made.err
    document = json.loads((branch.folder.parent / "r.json").read_text("ascii"))
    assert document["sign"]["by"] == "mara"
    assert document["readiness"]["owners"]["product_owner"] == "Mara Lindqvist"
    assert "until they are merged" in document["readiness"]["people_note"]
    assert "until they are merged" in " ".join(made.out.split())
    git(branch.folder.parent, "switch", "-q", "main")
    git(branch.folder.parent, "merge", "-q", "mine")
    done = owners(branch, "--json", "-")
    assert done.verdict()["note"] is None
    roles = {item["role"]: item["person"] for item in done.verdict()["roles"]}
    assert roles["product_owner"] == "eve"


def test_other_shifts_of_a_branch_call_nobody(branch: RecordedSuite) -> None:
    branch.write("rota.toml", ROTA.replace('"mara", "jo"', '"jo"'))
    done = owners(branch, "--at", "2026-11-04T12:00:00+01:00", "--json", "-")
    assert [p["person"] for p in done.verdict()["on_call"]["on_call"]["people"]] == ["mara"]
    assert "shifts than merge base" in " ".join(done.err.split())


def test_where_no_base_can_be_proven_it_is_said_and_no_lease_is_signed(
    branch: RecordedSuite,
) -> None:
    """Two branches of unusual names: neither is known to be the main one."""
    root = branch.folder.parent
    git(root, "branch", "-q", "-m", "main", "ours")
    done = owners(branch, "--json", "-")
    assert "Whose people count isn't known" in done.verdict()["note"]
    made = dialgate("dial", "recommend", "shop", folder=root)
    assert made.code == 0, made.err
    assert "Whose people count isn't known" in " ".join(made.out.split())
    raw = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (root / "key.pem").write_bytes(raw)
    lease = dialgate("dial", "lease", "shop", "--key", "key.pem", folder=root)
    assert lease.code == 2
    assert "Which branch is the main one is not said" in lease.err
