"""Moves that people sign: by a key file, or by ssh-keygen; the base says whose keys count."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.checkouts import git
from tests.integration.command_line import Finished, dialgate
from tests.integration.dial.test_dial import ACTIONS
from tests.workspaces import RecordedSuite

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="needs ssh-keygen")

RUNBOOK = 'schema = 1\n[owners]\nproduct_owner = "mara"\nreliability_engineer = "jo"\n'


def make_key(folder: Path, name: str) -> str:
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", name]
    subprocess.run(command, cwd=folder, check=True)
    return (folder / f"{name}.pub").read_text().strip()


def owners(**keys: str) -> str:
    people = [f'[person.{n}]\nmail = "{n}@desk.io"\nkeys = ["{key}"]\n' for n, key in keys.items()]
    return "schema = 1\n" + "".join(people)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository whose main branch knows mara and jo; eve has a key too."""
    folder = tmp_path_factory.mktemp("signed") / "work"
    folder.mkdir()
    suite = RecordedSuite(folder / "shop", refunds=3)
    suite.write("actions.toml", ACTIONS)
    keys = {name: make_key(folder, name) for name in ("mara", "jo", "eve")}
    suite.write("owners.toml", owners(mara=keys["mara"], jo=keys["jo"]))
    suite.write("runbook.toml", RUNBOOK)
    (folder / ".gitignore").write_text("mara*\njo*\neve*\n*.json\n*.sig\n.dialgate\n")
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "base")
    git(folder, "checkout", "-q", "-b", "change")
    return folder


@pytest.fixture
def work(base: Path, tmp_path: Path) -> Path:
    return shutil.copytree(base, tmp_path / "work", symlinks=True)


def move(work: Path, name: str, mode: str, *more: str, by: str = "mara") -> Finished:
    reason = ("--override", "the pilot needs it")
    return dialgate("dial", "set", "shop", name, mode, "--by", by, *reason, *more, folder=work)


def ssh_sign(work: Path, key: str, file: str) -> str:
    """Signs as the command says; a second signer's file gets a name of its own."""
    command = ["ssh-keygen", "-Y", "sign", "-n", "dialgate-move", "-f", key, file]
    subprocess.run(command, cwd=work, check=True, capture_output=True)
    (work / f"{file}.sig").rename(work / f"{key}.sig")
    return f"{key}.sig"


def ledger(work: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (work / "shop/ledger.jsonl").read_text().splitlines()]


def verify(work: Path) -> Finished:
    return dialgate("dial", "verify", "shop", folder=work)


def test_a_name_alone_is_refused_where_keys_are_registered(work: Path) -> None:
    done = move(work, "refund.small", "on_the_loop")
    assert done.code == 1
    assert "a name alone moves nothing" in done.err
    assert "--key FILE" in done.err
    assert ledger(work) == []
    assert not (work / "shop/dial.toml").exists()


def test_a_key_file_signs_and_the_ledger_is_verified(work: Path) -> None:
    assert move(work, "refund.small", "on_the_loop", "--key", "mara").code == 0
    (entry,) = ledger(work)
    assert len(entry["signatures"]) == 1
    assert verify(work).code == 0
    path = work / "shop/owners.toml"
    git(work, "checkout", "-q", "main")
    path.write_text(path.read_text().replace("[person.mara]", "[person.someone]"), "utf-8")
    git(work, "commit", "-q", "-am", "the same key under another name holds")
    assert verify(work).code == 0
    path.write_text(path.read_text().partition("[person.jo]")[0].partition("[person")[0] + owners(
        jo=(work / "jo.pub").read_text().strip()).removeprefix("schema = 1\n"))  # fmt: skip
    git(work, "commit", "-q", "-am", "mara is taken out instead of marked as left")
    done = verify(work)
    assert done.code == 4
    assert "nobody's in owners.toml" in done.err


def test_a_high_blast_radius_is_signed_by_two_elsewhere(work: Path) -> None:
    assert move(work, "refund.large", "shadow", "--key", "jo", by="jo").code == 0
    one = move(work, "refund.large", "in_the_loop", "--key", "mara")
    assert one.code == 1
    assert "a second person with a role signs too" in one.err
    proposed = move(work, "refund.large", "in_the_loop", "--propose", "move.json")
    assert proposed.code == 0
    assert "ssh-keygen -Y sign -n dialgate-move" in proposed.out
    given = [ssh_sign(work, name, "move.json") for name in ("mara", "jo")]
    signatures = [word for name in given for word in ("--signature", name)]
    twice = [word for _ in range(2) for word in ("--signature", given[0])]
    again = move(work, "refund.large", "in_the_loop", "--move", "move.json", *twice)
    assert again.code == 1
    assert "signed twice" in again.err
    done = move(work, "refund.large", "in_the_loop", "--move", "move.json", *signatures)
    assert done.code == 0, done.err
    assert verify(work).code == 0
    replayed = move(work, "refund.small", "on_the_loop", "--move", "move.json", *signatures)
    assert replayed.code == 4
    assert "another move than this one" in replayed.err


def test_a_key_that_the_change_registers_counts_for_nothing(work: Path) -> None:
    path = work / "shop/owners.toml"
    eve = (work / "eve.pub").read_text().strip()
    path.write_text(path.read_text() + owners(eve=eve).removeprefix("schema = 1\n"), "utf-8")
    runbook = work / "shop/runbook.toml"
    runbook.write_text(runbook.read_text().replace('"mara"', '"eve"'), "utf-8")
    git(work, "commit", "-q", "-am", "eve decides")
    done = move(work, "refund.small", "on_the_loop", "--key", "eve", by="eve")
    assert done.code == 1
    assert "nobody's in owners.toml" in done.err
    assert "owners.toml of merge base with main" in done.err


def test_an_old_proposal_is_written_anew(work: Path) -> None:
    assert move(work, "refund.small", "on_the_loop", "--propose", "move.json").code == 0
    document = json.loads((work / "move.json").read_text())
    (work / "move.json").write_text(json.dumps({**document, "at": "2026-01-01T00:00:00Z"}))
    done = move(work, "refund.small", "on_the_loop", "--move", "move.json")
    assert done.code == 2
    assert "Write it anew" in done.err


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("--key", "mara.pub"), "expected an Ed25519 key"),
        (("--key", "gone"), "no such file"),
        (("--signature", "mara.pub"), "--move FILE"),
        (("--move", "shop/suite.toml"), "no move that --propose wrote"),
    ],
)
def test_what_is_no_key_or_move_is_a_usage_error(
    more: tuple[str, ...], words: str, work: Path
) -> None:
    done = move(work, "refund.small", "on_the_loop", *more)
    assert done.code == 2
    assert words in done.err


def test_nobody_moves_a_class_as_the_system(work: Path) -> None:
    assert move(work, "refund.small", "shadow", by="System").code == 2
