"""A release goes to a worker by content and comes out the same; what judges stays behind."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from dialgate_evals.errors import EvidenceError
from dialgate_evals.running.engine import DueTrial
from dialgate_evals.running.executors.cluster.messages import (
    ForeignBytesError,
    Hello,
    TreeFile,
    encode,
    read_answer,
    read_question,
)
from dialgate_evals.running.executors.cluster.plain_data import (
    pack_actions,
    pack_release,
    pack_trial,
    unpack_actions,
    unpack_release,
    unpack_trial,
)
from dialgate_evals.running.executors.cluster.snapshot import take_snapshot
from dialgate_evals.running.executors.cluster.worker.trees import CHECKOUT, Trees
from dialgate_evals.suite.workspace import load_workspace
from tests.workspaces import ACTIONS, POLICY, RELEASE, TOOLS, a_case, a_refund, write_lines

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dialgate_evals.running.executors.cluster.messages import Job
    from dialgate_evals.running.executors.cluster.snapshot import Snapshot

SUITE = """schema = 1
name = "shop"
cases = ["cases.jsonl"]
[agent]
kind = "python"
target = "agent:respond"
env_file = ".env"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    suite = tmp_path / "checkout" / "suites" / "shop"
    (suite / "prompts").mkdir(parents=True)
    (suite / "empty").mkdir()
    files = {
        "suite.toml": SUITE,
        "actions.toml": ACTIONS,
        "policy.toml": POLICY,
        "release.toml": RELEASE.format(version="1").replace("[model]", 'code = ["*.py"]\n[model]'),
        "tools.json": json.dumps(TOOLS),
        "agent.py": "def respond(messages, tools, release): ...\n",
        "prompts/a.md": "Be kind.",
        ".env": "KEY=secret-value\n",
    }
    for name, text in files.items():
        (suite / name).write_text(text, "utf-8")
    (suite / "run.sh").write_text("#!/bin/sh\n", "utf-8")
    (suite / "run.sh").chmod(0o755)
    (suite / "link.py").symlink_to("agent.py")
    write_lines(suite / "cases.jsonl", [a_case("one", [a_refund("one")], recordings=[])])
    return suite


@pytest.fixture
def trees() -> Iterator[Trees]:
    made = Trees()
    yield made
    made.close()


def a_snapshot(folder: Path) -> Snapshot:
    workspace = load_workspace(folder)
    return take_snapshot(workspace, workspace.release(), workspace.actions)


def send(snapshot: Snapshot, trees: Trees) -> int:
    missing = trees.missing(snapshot.job)
    for digest in missing:
        trees.add(snapshot.content(digest))
    return len(missing)


def elsewhere(job: Job) -> Job:
    """The job on a machine on which there is no such checkout."""
    return type(job)(**{**{k: getattr(job, k) for k in job.__struct_fields__}, "home": "/nowhere"})


def test_the_tree_is_laid_out_as_it_was_without_cases_policy_and_secrets(
    folder: Path, trees: Trees
) -> None:
    snapshot = a_snapshot(folder)
    job = elsewhere(snapshot.job)
    for digest in trees.missing(job):
        trees.add(snapshot.content(digest))
    suite = trees.lay_out(job) / "suites" / "shop"
    assert (suite / "agent.py").read_bytes() == (folder / "agent.py").read_bytes()
    assert os.access(suite / "run.sh", os.X_OK)
    assert not os.access(suite / "agent.py", os.X_OK)
    assert (suite / "link.py").is_symlink()
    assert (suite / "empty").is_dir()
    names = {path.name for path in suite.rglob("*")}
    assert not names & {"cases.jsonl", "policy.toml", ".env"}


def test_a_tree_that_was_laid_out_of_a_commit_is_one_too(folder: Path, trees: Trees) -> None:
    (folder.parents[1] / ".git").touch()
    snapshot = a_snapshot(folder)
    send(snapshot, trees)
    assert (trees.lay_out(snapshot.job) / ".git").is_dir()


def test_files_are_sent_once_and_not_where_they_lie_already(folder: Path, trees: Trees) -> None:
    snapshot = a_snapshot(folder)
    assert trees.missing(snapshot.job) == [], "the same checkout is on this machine"
    job = elsewhere(snapshot.job)
    (folder / "agent.py").write_text("changed = True\n", "utf-8")
    other = a_snapshot(folder)
    wanted = trees.missing(elsewhere(other.job))
    assert len(wanted) == 1
    assert trees.missing(job) == []


def test_a_log_that_grows_in_the_checkout_is_sent_as_it_was_read(folder: Path) -> None:
    (folder / "agent.log").write_text("began\n", "utf-8")
    snapshot = a_snapshot(folder)
    (folder / "agent.log").write_text("began\nwent on\n", "utf-8")
    digest = next(item.digest for item in snapshot.job.files if item.path.endswith("agent.log"))
    assert snapshot.content(digest) == b"began\n"


def test_a_large_file_that_changes_while_it_is_sent_ends_the_run(folder: Path) -> None:
    (folder / "table.bin").write_bytes(bytes(2**20 + 1))
    snapshot = a_snapshot(folder)
    digest = next(item.digest for item in snapshot.job.files if item.path.endswith("table.bin"))
    (folder / "table.bin").write_text("changed\n", "utf-8")
    with pytest.raises(EvidenceError, match="another content"):
        snapshot.content(digest)


@pytest.mark.parametrize("path", ["../out.py", "/etc/out.py", "a/../../out.py"])
def test_no_path_leads_out_of_the_tree(folder: Path, trees: Trees, path: str) -> None:
    snapshot = a_snapshot(folder)
    send(snapshot, trees)
    snapshot.job.files.append(TreeFile(path, snapshot.job.files[0].digest, False))
    with pytest.raises(ForeignBytesError, match="leads out"):
        trees.lay_out(snapshot.job)


def test_a_content_that_was_tampered_with_on_the_worker_is_refused(
    folder: Path, trees: Trees
) -> None:
    snapshot = a_snapshot(folder)
    send(snapshot, trees)
    for path in trees._store.iterdir():
        path.write_text("tampered", "utf-8")
    with pytest.raises(ForeignBytesError, match="isn't what it was"):
        trees.lay_out(snapshot.job)


def test_the_workers_own_checkout_is_named_by_a_variable(
    folder: Path, trees: Trees, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(CHECKOUT, str(folder.parents[1]))
    assert trees.missing(elsewhere(a_snapshot(folder).job)) == []


def test_what_is_installed_is_the_workers_own(folder: Path, trees: Trees) -> None:
    packages = folder.parents[1] / "node_modules"
    (packages / "left").mkdir(parents=True)
    (packages / "left" / "index.js").write_text("module.exports = 1", "utf-8")
    job = a_snapshot(folder).job
    assert not [item for item in job.files if "node_modules" in item.path]
    assert trees.missing(job) == []
    assert (trees.lay_out(job) / "node_modules" / "left" / "index.js").is_file()
    nowhere = trees.lay_out(elsewhere(job))
    assert not (nowhere / "node_modules").exists()


def test_release_and_classes_come_out_the_same(folder: Path) -> None:
    workspace = load_workspace(folder)
    release = workspace.release()
    there = unpack_release(pack_release(release))
    assert there.fingerprint == release.fingerprint
    assert there.tools.as_json() == release.tools.as_json()
    assert there.for_agent() == release.for_agent()
    classes = unpack_actions(pack_actions(workspace.actions))
    for name, arguments in (("refund", {"id": "1"}), ("look_up", {}), ("unknown", {})):
        found = classes.classify(name, arguments)
        assert found.effect is workspace.actions.classify(name, arguments).effect


def test_a_trial_goes_without_its_name_and_without_what_is_expected(folder: Path) -> None:
    case = load_workspace(folder).cases[0]
    data = pack_trial(DueTrial(case=case, trial=3))
    assert b"expect" not in data.case
    assert b'"one"' not in data.case.replace(b"Please handle one.", b"")
    there = unpack_trial(data)
    assert (there.case.id, there.trial) == (case.context_digest, 3)
    assert there.case.messages == case.messages
    assert there.case.decision_digest == case.decision_digest


@pytest.mark.parametrize("raw", [b"", b"\x80", b"\xff" * 9, b"\x81\xa4type\xa7Unknown", "text", 3])
def test_foreign_bytes_are_no_message(raw: object) -> None:
    with pytest.raises(ForeignBytesError):
        read_answer(raw)
    if isinstance(raw, bytes):
        with pytest.raises(ForeignBytesError):
            read_question(raw)


def test_a_message_comes_out_the_same() -> None:
    assert read_question(encode(Hello(secrets=["A"]))) == Hello(secrets=["A"])
