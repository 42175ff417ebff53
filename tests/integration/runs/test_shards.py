"""A run in shards, merged, is the run; anything less than all of its shards is no evidence.

Most of it calls what the commands call, as two hundred processes would take minutes; one run of
each command shows what it prints and how it exits.
"""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from dialgate.runs.recorded_run import RunOptions
from dialgate.runs.running import run_release
from dialgate_evals.errors import RecordError, UsageError
from dialgate_evals.records.machine_key import MachineKey, machine_key
from dialgate_evals.records.merged_record import merge_records
from dialgate_evals.records.part_digests import is_own, with_digests
from dialgate_evals.records.run_reading import read_run
from dialgate_evals.records.shards import Shard, join_shards, parse_shard
from tests.integration.command_line import dialgate
from tests.integration.runs.shard_runs import content, run, run_shards, the_record
from tests.workspaces import RecordedSuite, a_refund, a_trial

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

LIVE = "suites/my-agent"


@pytest.fixture
def recorded(tmp_path: Path) -> RecordedSuite:
    """A recorded suite of 23 cases: no number of shards from 2 on divides it."""
    suite = RecordedSuite(tmp_path / "shop", refunds=23)
    suite.record("2", {case_id: [] for case_id in suite.case_ids[:4]}, trials=2)
    for case in suite.cases[20:]:
        case["split"] = "holdout"
    suite.write_cases()
    return suite


@pytest.fixture
def live(tmp_path: Path) -> Path:
    """A scaffolded workspace whose agent runs as a function."""
    assert dialgate("init", tmp_path, folder=tmp_path).code == 0
    return tmp_path


class TestFiveShardsMerged:
    """They equal the unsharded run but for times."""

    def test_of_recorded_transcripts(self, recorded: RecordedSuite, tmp_path: Path) -> None:
        records = run_shards(recorded.folder, tmp_path / "shards", 5)
        merged = merge_records(records, tmp_path / "merged")
        whole = run(recorded.folder, tmp_path / "whole")
        assert content(merged) == content(whole)
        assert merged.name == whole.name
        assert content(whole)["run.json"]["counts"]["failed"] == 8
        assert len(read_run(merged)["held_out"]) == 3
        assert read_run(merged)["dialects"] == ["OpenAI chat"]

    def test_of_a_live_agent_in_any_order(self, live: Path) -> None:
        records = run_shards(live / LIVE, live / "shards", 5, trials=2)
        merged = merge_records(records[::-1], live / "merged")
        assert content(merged) == content(run(live / LIVE, live / "whole", trials=2))
        assert read_run(merged)["counts"]["agent_calls"] == 34

    def test_whose_agent_loads_more_for_some_cases(self, live: Path) -> None:
        """One module each for two cases, which two shards run; the whole's trials are reused."""
        suite = live / LIVE
        agent = suite / "agent/my_agent.py"
        for name in ("one", "two"):
            (suite / f"agent/{name}.py").write_text(f"NAME = {name!r}\n")
        release = suite / "release.toml"
        release.write_text(release.read_text().replace("my_agent.py", "*.py"))
        lines = next(live.glob("golden/*/*.jsonl")).read_text().splitlines()
        said = [json.loads(line)["messages"][0]["content"] for line in lines[:2]]
        agent.write_text(
            agent.read_text() + "\n_inner = respond\n"
            "async def respond(messages, tools, release):\n"
            f"    if messages[0]['content'] == {said[0]!r}:\n        import agent.one\n"
            f"    if messages[0]['content'] == {said[1]!r}:\n        import agent.two\n"
            "    return await _inner(messages, tools, release)\n"
        )
        # Each shard beside no other, as on machines of their own.
        records = [run(suite, live / str(i), Shard(index=i, count=2)) for i in (1, 2)]
        loaded = [read_run(record, allow_shard=True)["loaded"]["files"] for record in records]
        assert loaded[0] != loaded[1]
        merged = read_run(merge_records(records, live / ".dialgate"))
        assert set(merged["loaded"]["files"]) == {*loaded[0], *loaded[1]}
        again = run_release(
            suite, release=None, case_ids=(), options=RunOptions(out=live / ".dialgate")
        ).folder
        assert read_run(again)["counts"]["cached"] == 17

    def test_with_trials_of_cases_that_the_suite_lacks(
        self, recorded: RecordedSuite, tmp_path: Path
    ) -> None:
        foreign = [a_trial("refund-999", [a_refund("x")]), a_trial("a-stranger", [])]
        with recorded.transcript("2").open("a") as file:
            file.writelines(json.dumps(item) + "\n" for item in foreign)
        merged = merge_records(run_shards(recorded.folder, tmp_path / "s", 2), tmp_path / "m")
        whole = content(run(recorded.folder, tmp_path / "whole"))
        assert content(merged) == whole
        assert "a-stranger" in whole["trials"]

    def test_took_from_the_first_start_to_the_last_end(
        self, recorded: RecordedSuite, tmp_path: Path
    ) -> None:
        records = run_shards(recorded.folder, tmp_path / "shards", 2)
        for record, start, end, wall_s in zip(records, "53", "79", (2.5, 1.5), strict=True):
            started, finished = (f"2026-01-0{day}T00:00:00Z" for day in (start, end))
            edit(record, times={"started_at": started, "finished_at": finished, "wall_s": wall_s})
        assert read_run(merge_records(records, tmp_path / "merged"))["times"] == {
            "started_at": "2026-01-03T00:00:00Z",
            "finished_at": "2026-01-09T00:00:00Z",
            "wall_s": 2.5,
        }


def edit(record: Path, **values: Any) -> None:
    """Writes the record as a run would have that said so: with digests of what lies there."""
    path = record / "run.json"
    document = {**json.loads(path.read_text()), **values}
    path.write_text(json.dumps(with_digests(document, record, machine_key())))


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> tuple[RecordedSuite, Path]:
    """A suite of seven cases, and the folder of its three shards' records."""
    folder = tmp_path_factory.mktemp("three")
    suite = RecordedSuite(folder / "shop", refunds=7)
    run_shards(suite.folder, folder / "shards", 3)
    return suite, folder / "shards"


def test_merged_is_ones_own_where_every_shard_is(recorded: RecordedSuite, tmp_path: Path) -> None:
    """Else merging would make a stranger's trials believed."""
    records = run_shards(recorded.folder, tmp_path / "shards", 2)
    assert is_own(read_run(merge_records(records, tmp_path / "own")), machine_key())
    document = json.loads((records[1] / "run.json").read_text())
    strange = with_digests(document, records[1], MachineKey((b"another machine's",)))
    (records[1] / "run.json").write_text(json.dumps(strange))
    assert not is_own(read_run(merge_records(records, tmp_path / "other")), machine_key())


def test_what_a_later_version_says_of_every_shard_is_kept(
    recorded: RecordedSuite, tmp_path: Path
) -> None:
    records = run_shards(recorded.folder, tmp_path / "shards", 2)
    for record in records:
        edit(record, of_a_later_version={"a": 1})
    assert read_run(merge_records(records, tmp_path / "m"))["of_a_later_version"] == {"a": 1}


class TestShardsThatAreNotOneRun:
    """Refused as invalid with every reason; nothing is written that could pass for a run."""

    @pytest.fixture
    def shards(self, three: tuple[RecordedSuite, Path], tmp_path: Path) -> list[Path]:
        """Copies, which a test may spoil."""
        shutil.copytree(three[1], tmp_path / "shards")
        records = list((tmp_path / "shards").iterdir())
        return sorted(records, key=lambda r: read_run(r, allow_shard=True)["shard"]["index"])

    def refuses(self, records: Sequence[Path], *reasons: str) -> bool:
        """Whether all these reasons are given; it is refused in any case, with nothing written."""
        out = records[0].parents[1] / "merged"
        with pytest.raises(RecordError) as refusal:
            merge_records(records, out)
        assert refusal.value.exit_code == 4
        assert not list(out.glob("*"))
        return all(reason in str(refusal.value) for reason in reasons)

    def test_a_missing_shard(self, shards: list[Path]) -> None:
        assert self.refuses(shards[:2], "found no shard 3 of 3; expected all 3 shards")

    def test_several_missing_shards(self, shards: list[Path]) -> None:
        assert self.refuses(shards[1:2], "found no shard 1 and 3 of 3", "--shard 1/3")

    def test_a_shard_that_is_there_twice(self, shards: list[Path]) -> None:
        again = shutil.copytree(shards[0], shards[0].with_name("run-again"))
        assert self.refuses([*shards, again], "found shard 1 of 3 a second time")

    def test_one_that_is_there_twice_for_one_that_is_missing(self, shards: list[Path]) -> None:
        assert self.refuses(
            [*shards[:2], shards[0]], "shard 1 of 3 a second time", "found no shard 3 of 3"
        )

    def test_a_whole_run(
        self, shards: list[Path], three: tuple[RecordedSuite, Path], tmp_path: Path
    ) -> None:
        whole = run(three[0].folder, tmp_path / "whole")
        assert self.refuses([*shards, whole], "found a whole run", "needs no merging")

    def test_an_interrupted_shard(self, shards: list[Path]) -> None:
        (shards[1] / "run.json").unlink()
        (shards[1] / "journal.jsonl").write_text("")
        assert self.refuses(shards, "found no run.json", "--resume")

    def test_damaged_transcripts(self, shards: list[Path]) -> None:
        (shards[1] / "transcripts.jsonl.zst").write_bytes(b"no such thing")
        assert self.refuses(shards, "found another content than the run wrote")
        edit(shards[1])
        assert self.refuses(shards, "found a damaged file")

    @pytest.mark.parametrize("name", ["trials.parquet", "transcripts.jsonl.zst"])
    def test_a_file_of_another_shard(self, name: str, shards: list[Path]) -> None:
        shutil.copy(shards[2] / name, shards[1] / name)
        edit(shards[1])
        assert self.refuses(shards, "found 2 trials and 2 trajectories that are not alike")

    def test_all_files_of_another_shard(self, shards: list[Path]) -> None:
        for name in ("trials.parquet", "decisions.parquet", "transcripts.jsonl.zst"):
            shutil.copy(shards[2] / name, shards[1] / name)
        edit(shards[1])
        assert self.refuses(
            shards, "found trials of refund-002", "expected trials of this shard's cases"
        )

    def test_a_shard_of_another_split(
        self, shards: list[Path], three: tuple[RecordedSuite, Path], tmp_path: Path
    ) -> None:
        other = run(three[0].folder, tmp_path / "other", Shard(index=3, count=4))
        assert self.refuses([*shards[:2], other], "shard.count: found 4; expected 3, as in")

    def test_a_shard_of_another_release(
        self, shards: list[Path], three: tuple[RecordedSuite, Path], tmp_path: Path
    ) -> None:
        third = Shard(index=3, count=3)
        other = run(three[0].folder, tmp_path / "other", third, release="releases/1.toml")
        assert self.refuses(
            [*shards[:2], other], 'release: found version "1"', 'expected version "2"'
        )

    def test_a_shard_of_other_cases(self, shards: list[Path], tmp_path: Path) -> None:
        suite = RecordedSuite(tmp_path / "shop", refunds=7)
        suite.cases[0]["critical"] = True
        suite.write_cases()
        other = run(suite.folder, tmp_path / "other", Shard(index=3, count=3))
        assert self.refuses([*shards[:2], other], "suite: found digest", "shard.case_set: found")

    def test_a_shard_that_another_dialgate_ran(self, shards: list[Path]) -> None:
        edit(shards[2], versions={**versions(shards[2]), "dialgate": "0.0.1"})
        assert self.refuses(shards, 'versions: found dialgate "0.0.1"')

    def test_shards_of_an_earlier_scorer(self, shards: list[Path]) -> None:
        for record in shards:
            edit(record, versions={**versions(record), "scorer": "0"})
        assert self.refuses(
            shards, 'versions.scorer: found "0"', "Merge with the dialgate that ran"
        )

    def test_a_shard_with_another_number_of_trials(self, shards: list[Path]) -> None:
        edit(shards[2], trials_per_case=2)
        assert self.refuses(shards, "trials_per_case: found 2; expected 1, as in")

    def test_a_shard_that_says_something_more(self, shards: list[Path]) -> None:
        edit(shards[2], of_a_later_version=True)
        assert self.refuses(shards, "of_a_later_version: found true; expected null")

    def test_shards_whose_cases_were_exchanged(self, shards: list[Path]) -> None:
        edit(shards[1], cases=read_run(shards[2], allow_shard=True)["cases"])
        assert self.refuses(shards, "found shards whose cases are not the suite's")

    @pytest.mark.parametrize(
        "values",
        [
            {"shard": {"index": 4, "count": 3, "case_set": ""}},
            {"shard": "2/3"},
            {"counts": {}},
            {"counts": {"trials": "all"}},
            {"times": {"started_at": None}},
            {"cached_trials": []},
            {"held_out": "all"},
            {"cases": {"a": "b"}},
        ],
        ids=[
            "index",
            "text",
            "no counts",
            "counts of text",
            "times",
            "cached",
            "held out",
            "cases",
        ],
    )
    def test_a_run_json_of_another_shape(self, values: dict[str, Any], shards: list[Path]) -> None:
        edit(shards[1], **values)
        assert self.refuses(shards, "found a shard that can't be read")


def versions(record: Path) -> dict[str, str]:
    found: dict[str, str] = read_run(record, allow_shard=True)["versions"]
    return found


class TestALoneShard:
    """It is never evidence of a whole run, wherever a run is asked for."""

    @pytest.fixture
    def shard(self, recorded: RecordedSuite, tmp_path: Path) -> Path:
        return run(recorded.folder, tmp_path / "shards", Shard(index=1, count=2))

    def test_as_the_baseline_is_invalid(self, shard: Path, tmp_path: Path) -> None:
        done = dialgate("check", "shop", "--baseline", shard, "--json", "-", folder=tmp_path)
        assert done.code == 4
        assert done.verdict()["verdict"] == "invalid"
        assert "shard 1 of 2 of a run; expected a whole run" in done.verdict()["reasons"][0]

    @pytest.mark.parametrize("side", ["baseline", "candidate"])
    def test_compared_with_a_run_is_refused(
        self, side: str, shard: Path, recorded: RecordedSuite, tmp_path: Path
    ) -> None:
        whole = run(recorded.folder, tmp_path / "whole")
        pair = (shard, whole) if side == "baseline" else (whole, shard)
        done = dialgate("diff", *pair, folder=tmp_path)
        assert done.code == 4
        assert "Merge all its shards with `dialgate merge`" in done.err

    def test_counts_in_no_history(self, shard: Path, tmp_path: Path) -> None:
        done = dialgate("history", "shop", "--out", shard.parent, "--json", "-", folder=tmp_path)
        assert json.loads(done.out)["cases"] == []

    def test_is_nothing_to_recommend_by(self, shard: Path, tmp_path: Path) -> None:
        done = dialgate("dial", "recommend", "shop", "--run", shard, folder=tmp_path)
        assert done.code == 4
        assert "shard 1 of 2 of a run; expected a whole run" in done.err

    def test_can_be_looked_at(self, shard: Path, tmp_path: Path) -> None:
        done = dialgate("report", shard, folder=tmp_path)
        assert done.code == 0
        assert "12 cases" in done.out


class TestTheCommandLine:
    """`dialgate run --shard I/N` and `dialgate merge RUN…`."""

    def test_merges_what_it_ran(self, recorded: RecordedSuite, tmp_path: Path) -> None:
        for shard in ("1/2", "2/2"):
            done = dialgate("run", "shop", "--shard", shard, "--out", "s", folder=tmp_path)
            assert done.code == 0
        records = list((tmp_path / "s").glob("run-*"))
        missing = dialgate("merge", records[0], "--out", "m", folder=tmp_path)
        assert missing.code == 4
        merged = dialgate("merge", *records, "--out", "m", folder=tmp_path)
        assert merged.code == 0
        assert "38 of 46 trials passed in 23 cases" in merged.out
        assert the_record(tmp_path / "m").name in merged.out

    def test_names_what_is_missing_of_the_own_cases_only(
        self, recorded: RecordedSuite, tmp_path: Path
    ) -> None:
        lines = recorded.transcript("2").read_text().splitlines(keepends=True)
        recorded.transcript("2").write_text("".join(lines[1:]))
        first = dialgate("run", "shop", "--shard", "1/2", folder=tmp_path)
        second = dialgate("run", "shop", "--shard", "2/2", folder=tmp_path)
        assert (first.code, second.code) == (4, 0)
        assert "lacks trials of refund-000" in first.err

    def test_refuses_a_shard_of_a_selection(self, recorded: RecordedSuite, tmp_path: Path) -> None:
        done = dialgate("run", "shop", "--shard", "1/2", "--case", "refund-001", folder=tmp_path)
        assert done.code == 2
        assert "leave --case out" in done.err


@pytest.mark.parametrize(
    "text", ["0/2", "3/2", "2", "a/b", "1/0", "-1/2", "1/2/3", "1/1001", "", "1/2\n", "１/２"]
)
def test_what_is_no_shard_is_a_usage_error(text: str) -> None:
    with pytest.raises(UsageError, match="as in 2/5"):
        parse_shard(text)


def test_more_shards_than_cases_are_a_usage_error() -> None:
    with pytest.raises(UsageError, match="the suite has 23 cases, so at most 23 shards"):
        Shard(index=1, count=24).select(range(23))


@pytest.mark.parametrize("count", [1, 2, 5, 22, 23])
def test_every_case_is_in_one_shard_and_shards_are_even(count: int) -> None:
    cases = list(range(23))
    parts = [Shard(index=index, count=count).select(cases) for index in range(1, count + 1)]
    assert join_shards(parts) == cases
    assert {len(part) - 23 // count for part in parts} <= {0, 1}
