"""A record whose parts aren't what the run wrote is no evidence, wherever it is read."""

from __future__ import annotations

import json
import random
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from dialgate_evals.actions.trajectory import parse_trajectory
from dialgate_evals.errors import RecordError
from dialgate_evals.files.json_text import digest_of
from dialgate_evals.records.machine_key import MachineKey
from dialgate_evals.records.part_digests import PARTS, document_digest, is_own
from dialgate_evals.records.run_identity import identify_run
from dialgate_evals.records.run_reading import read_run, read_run_trajectories
from dialgate_evals.records.run_record import RunRecorder, open_run_folder
from dialgate_evals.records.run_tables import read_scores
from dialgate_evals.records.writing.journal import JOURNAL, MARKS
from dialgate_evals.scoring.scoring import Scorer
from dialgate_evals.suite.workspace import load_workspace
from tests.integration.command_line import dialgate
from tests.workspaces import RecordedSuite, a_refund, a_trial

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def suite(tmp_path: Path) -> RecordedSuite:
    return RecordedSuite(tmp_path / "shop", refunds=4)


def begun(suite: RecordedSuite, out: Path, trials: int) -> RunRecorder:
    """A run with so many trials on record."""
    workspace = load_workspace(suite.folder)
    release = workspace.release()
    scorer = Scorer(tools=release.tools, actions=workspace.actions)
    identity = identify_run(workspace, release)
    recorder = RunRecorder(open_run_folder(out, identity, resume=False), identity)
    for case in workspace.cases[:trials]:
        trajectory = parse_trajectory(a_trial(case.id, [a_refund(case.id)]))
        recorder.add(trajectory, scorer.score(case, trajectory))
    return recorder


@pytest.fixture
def record(suite: RecordedSuite, tmp_path: Path) -> Path:
    recorder = begun(suite, tmp_path / "out", 4)
    return recorder.finish(started_at="a", finished_at="b", wall_s=0)


def content(record: Path) -> Any:
    document = read_run(record)
    return document, read_scores(record), [t.as_json() for t in read_run_trajectories(record)]


def flips(path: Path, count: int) -> Iterator[bytes]:
    raw, chance = path.read_bytes(), random.Random(2)
    for _ in range(count):
        changed = bytearray(raw)
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
        yield bytes(changed)


@pytest.mark.parametrize("name", ["run.json", *PARTS])
def test_a_flipped_bit_changes_nothing_or_is_refused(name: str, record: Path) -> None:
    """In run.json a flip may turn one white space into another."""
    before = content(record)
    accepted = 0
    for raw in flips(record / name, 150):
        (record / name).write_bytes(raw)
        try:
            found = content(record)
        except RecordError:
            continue
        accepted += 1
        assert {**found[0], "machine_mark": ""} == {**before[0], "machine_mark": ""}
        assert found[1:] == before[1:]
    assert accepted < 20


def test_a_record_without_digests_is_refused(record: Path) -> None:
    document = json.loads((record / "run.json").read_text())
    for key in ("digests", "digest", "machine_mark"):
        del document[key]
    (record / "run.json").write_text(json.dumps(document))
    with pytest.raises(RecordError, match="no digests"):
        read_run(record)


def test_each_reader_says_4(record: Path, tmp_path: Path, suite: RecordedSuite) -> None:
    """One whole command a way of reading: a record of the same with one score bettered."""
    other = tmp_path / "out" / "other"
    shutil.copytree(record, other)
    raw = (other / "trials.parquet").read_bytes()
    (other / "trials.parquet").write_bytes(raw[:-9] + bytes([raw[-9] ^ 1]) + raw[-8:])
    for command in (
        ("diff", record, other),
        ("diff", other, record),
        ("check", suite.folder, "--baseline", other),
    ):
        done = dialgate(*command, folder=tmp_path)
        assert done.code == 4, (command, done.out, done.err)
        assert "another content than the run wrote" in done.out + done.err


class TestWhoWroteIt:
    def test_another_machines_record_is_not_ones_own(self, record: Path) -> None:
        document = read_run(record)
        assert not is_own(document, MachineKey((b"another machine's",)))

    def test_run_json_names_what_the_run_was_told(
        self, suite: RecordedSuite, tmp_path: Path
    ) -> None:
        recorder = begun(suite, tmp_path / "noted", 4)
        recorder.note("walls", ["none"])
        document = read_run(recorder.finish(started_at="a", finished_at="b", wall_s=0))
        assert document["walls"] == ["none"]
        assert document["loaded"] is None

    def test_a_planted_journal_is_not_gone_on_with(
        self, suite: RecordedSuite, tmp_path: Path
    ) -> None:
        """Whoever plants one can copy the marks of other lines, but make none."""
        recorder = begun(suite, tmp_path / "out", 3)
        recorder.close()
        lines = (recorder.folder / JOURNAL).read_bytes().splitlines(keepends=True)
        better = lines[1].replace(b"Done.", b"Paid.")
        assert better != lines[1]
        (recorder.folder / JOURNAL).write_bytes(b"".join([lines[0], better, lines[2]]))
        again = RunRecorder(recorder.folder, recorder.identity)
        assert len(list(again.resume())) == 1
        again.close()

    def test_a_journal_in_another_order_is_not_gone_on_with(
        self, suite: RecordedSuite, tmp_path: Path
    ) -> None:
        recorder = begun(suite, tmp_path / "out", 2)
        recorder.close()
        for name in (JOURNAL, MARKS):
            lines = (recorder.folder / name).read_bytes().splitlines(keepends=True)
            (recorder.folder / name).write_bytes(lines[1] + lines[0])
        again = RunRecorder(recorder.folder, recorder.identity)
        assert list(again.resume()) == []
        again.close()


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"b": {"y": 1, "x": [2.0, 2.5]}, "a": "é"},
        {"wall_s": 1e22, "\ud800": "\ud800", '"': None, "é": {"3e5": "sha256:13e-5"}},
    ],
)
def test_a_digest_made_key_by_key_is_that_of_the_whole(document: dict[str, Any]) -> None:
    assert document_digest(document) == digest_of(document)
