"""A pull request reads the pool; every run that may write gives all of its fresh trials."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from dialgate.runs.pooling import keep_in_pool, may_write, pool_limits
from dialgate_evals.records.machine_key import machine_key
from dialgate_evals.records.reuse.baseline_pool import BaselinePool
from dialgate_evals.suite.workspace import load_workspace
from tests.integration.command_line import dialgate

if TYPE_CHECKING:
    from pathlib import Path

SUITE = "suites/my-agent"


@pytest.mark.parametrize(
    ("environment", "writes"),
    [
        ({}, True),
        ({"GITHUB_EVENT_NAME": "push"}, True),
        ({"GITHUB_EVENT_NAME": "merge_group"}, True),
        ({"GITHUB_EVENT_NAME": "schedule"}, True),
        ({"GITHUB_EVENT_NAME": "pull_request"}, False),
        ({"GITHUB_EVENT_NAME": "pull_request_target"}, False),
        ({"CI_MERGE_REQUEST_IID": "7"}, False),
        ({"BUILDKITE_PULL_REQUEST": "false"}, True),
        ({"BUILDKITE_PULL_REQUEST": "7"}, False),
        ({"SYSTEM_PULLREQUEST_PULLREQUESTID": "7"}, False),
    ],
)
def test_a_pull_request_never_writes(environment: dict[str, str], writes: bool) -> None:
    assert may_write(environment) is writes


def test_a_run_gives_its_fresh_trials_once_and_a_pull_request_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("GITHUB_EVENT_NAME", "CI_MERGE_REQUEST_IID"):
        monkeypatch.delenv(name, raising=False)
    assert dialgate("init", tmp_path, folder=tmp_path).code == 0
    suite = tmp_path / SUITE / "suite.toml"
    suite.write_text(suite.read_text().replace("deterministic = true\n", ""))
    asked = dialgate("run", SUITE, "--out", "pr", folder=tmp_path, GITHUB_EVENT_NAME="pull_request")
    assert asked.code == 0, asked.err
    assert not (tmp_path / "pr/pool/trials.jsonl").exists()
    out = tmp_path / "pr"
    (record,) = out.glob("run-*")
    limits = pool_limits(load_workspace(tmp_path / SUITE).suite.cache)
    now = dt.datetime.now(dt.UTC)
    assert keep_in_pool(record, out, limits, now) == 17
    assert keep_in_pool(record, out, limits, now) == 0
    assert len(BaselinePool(out, machine_key()).read()) == 17
    done = dialgate("baseline", "export", SUITE, "pool.jsonl", "--out", "pr", folder=tmp_path)
    assert (done.code, "17 trials" in done.out) == (0, True)
    done = dialgate("baseline", "restore", SUITE, "pool.jsonl", "--out", "main", folder=tmp_path)
    assert (done.code, "17 new trials" in done.out) == (0, True)
