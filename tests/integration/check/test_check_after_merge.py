"""`check` of what shards ran and `merge` joined: nothing is run again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dialgate_evals.records.merged_record import merge_records
from dialgate_evals.records.shards import Shard
from tests.integration.check.outside import Tally
from tests.integration.command_line import Finished, dialgate
from tests.integration.runs.shard_runs import run
from tests.integration.runs.test_shards import LIVE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOTING = """
_inner = respond
async def respond(messages, tools, release):
    ask("a trial")
    return await _inner(messages, tools, release)
"""


@pytest.fixture
def live(tmp_path: Path) -> Path:
    """A scaffolded workspace whose agent runs as a function."""
    assert dialgate("init", tmp_path, folder=tmp_path).code == 0
    return tmp_path


class TestCheckAfterMerge:
    """A matrix of shards pays for the trials; `check` judges them and runs only what is missing."""

    tally: Tally

    @pytest.fixture
    def noting(self, live: Path) -> Iterator[Path]:
        text = (live / LIVE / "release.toml").read_text()
        (live / LIVE / "next.toml").write_text(text.replace("2026-11-01", "2026-11-02"))
        # Fresh trials that confirm a suspect or settle a class are no trials run again.
        policy = live / LIVE / "policy.toml"
        policy.write_text(policy.read_text().replace("confirm_trials = 32", "confirm_trials = 0"))
        self.tally = Tally()
        agent = live / LIVE / "agent/my_agent.py"
        with self.tally.open() as ask:
            agent.write_text(agent.read_text() + ask + NOTING)
            yield live

    def run_matrix(self, folder: Path, release: str) -> list[Path]:
        return [
            run(folder / LIVE, folder / release, Shard(index=i, count=2), release=release)
            for i in (1, 2)
        ]

    def check(self, folder: Path, baseline: str | Path) -> Finished:
        return dialgate("check", LIVE, "--release", "next.toml", "--baseline", baseline,
                        "--json", "-", folder=folder)  # fmt: skip

    def test_no_trial_is_run_again(self, noting: Path) -> None:
        for release in ("release.toml", "next.toml"):
            merge_records(self.run_matrix(noting, release), noting / ".dialgate")
        assert self.tally.counts["a trial"] == 34
        usage = self.check(noting, "release.toml").verdict()["usage"]
        assert (usage["agent_calls"], usage["cached"]) == (0, 34)
        assert self.tally.counts["a trial"] == 34

    def test_a_merged_run_is_a_baseline(self, noting: Path) -> None:
        record = merge_records(self.run_matrix(noting, "release.toml"), noting / "merged")
        done = self.check(noting, record)
        assert done.code in {0, 3}
        assert done.verdict()["gaps"] == []
        assert done.verdict()["usage"]["agent_calls"] == 17
