"""Recorded evidence that is missing or broken, in every way there is, is never a pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.integration.check.recorded_checks import check
from tests.integration.command_line import dialgate
from tests.workspaces import RecordedSuite, a_refund, a_trial, write_lines

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def lose_a_case(suite: RecordedSuite) -> None:
    del suite.cases[3]
    suite.write_cases()


def lose_a_trial_line(suite: RecordedSuite) -> None:
    path = suite.transcript("2")
    path.write_text("".join(path.read_text().splitlines(keepends=True)[1:]))


def lose_a_baseline_line(suite: RecordedSuite) -> None:
    path = suite.transcript("1")
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))


def lose_one_of_three_trials(suite: RecordedSuite) -> None:
    suite.record("1", {}, trials=3)
    suite.record("2", {}, trials=3)
    lose_a_trial_line(suite)


def lose_the_baseline_transcript(suite: RecordedSuite) -> None:
    suite.transcript("1").unlink()


def lose_the_candidate_transcript(suite: RecordedSuite) -> None:
    suite.transcript("2").unlink()


def lose_every_case_of_a_class(suite: RecordedSuite) -> None:
    kept = suite.case_ids[20:]
    lines = [a_trial(case_id, [a_refund(case_id)]) for case_id in kept]
    write_lines(suite.transcript("2"), lines)


def lose_all_cases(suite: RecordedSuite) -> None:
    suite.write("cases.jsonl", "")


def repeat_a_trial(suite: RecordedSuite) -> None:
    path = suite.transcript("2")
    path.write_text(path.read_text() + path.read_text().splitlines(keepends=True)[0])


def error_every_trial(suite: RecordedSuite) -> None:
    lines = [a_trial(case_id, [], error="quota") for case_id in suite.case_ids]
    write_lines(suite.transcript("2"), lines)


def error_two_trials(suite: RecordedSuite) -> None:
    lines = [a_trial(case_id, [a_refund(case_id)]) for case_id in suite.case_ids]
    for line in lines[:2]:
        line["error"] = "connection lost"
    write_lines(suite.transcript("2"), lines)


def name_an_empty_class(suite: RecordedSuite) -> None:
    policy = (suite.folder / "policy.toml").read_text()
    suite.write("policy.toml", policy + '[gate.class."mail"]\nmargin = 0.2\n')


def call_no_tool(suite: RecordedSuite) -> None:
    write_lines(suite.transcript("2"), [a_trial(case_id, []) for case_id in suite.case_ids])


def break_off_alike(suite: RecordedSuite) -> None:
    lines = [
        a_trial(case_id, [a_refund(case_id)], failure="exit code 1") for case_id in suite.case_ids
    ]
    write_lines(suite.transcript("2"), lines)


def truncate_a_line(suite: RecordedSuite) -> None:
    path = suite.transcript("2")
    path.write_text(path.read_text()[:-40])


def write_bytes_that_are_no_text(suite: RecordedSuite) -> None:
    path = suite.transcript("1")
    path.write_bytes(path.read_bytes() + b"\xff\xfe{}\n")


def write_a_key_twice(suite: RecordedSuite) -> None:
    path = suite.transcript("2")
    path.write_text(path.read_text() + '{"case_id": "a", "case_id": "b"}\n')


def nest_deeply(suite: RecordedSuite) -> None:
    path = suite.transcript("2")
    path.write_text(path.read_text() + "[" * 200_000 + "\n")


def write_a_line_of_100_mb(suite: RecordedSuite) -> None:
    with suite.transcript("2").open("ab") as file:
        file.write(b'{"case_id": "')
        for _ in range(100):
            file.write(b"x" * 2**20)
        file.write(b'"}\n')


@pytest.mark.parametrize(
    ("damage", "codes"),
    [
        (lose_a_case, {1, 4}),
        (lose_a_trial_line, {4}),
        (lose_a_baseline_line, {4}),
        (lose_one_of_three_trials, {4}),
        (lose_the_baseline_transcript, {4}),
        (lose_the_candidate_transcript, {4}),
        (lose_every_case_of_a_class, {4}),
        (lose_all_cases, {4}),
        (repeat_a_trial, {4}),
        (error_every_trial, {4}),
        (error_two_trials, {4}),
        (name_an_empty_class, {4}),
        (call_no_tool, {4}),
        (break_off_alike, {4}),
        (truncate_a_line, {4}),
        (write_bytes_that_are_no_text, {4}),
        (write_a_key_twice, {4}),
        (nest_deeply, {4}),
        (write_a_line_of_100_mb, {4}),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_missing_or_broken_evidence_is_never_a_pass(
    damage: Callable[[RecordedSuite], None], codes: set[int], tmp_path: Path
) -> None:
    suite = RecordedSuite(tmp_path / "shop")
    damage(suite)
    finished = check(suite)
    assert finished.code in codes
    assert finished.verdict()["verdict"] == "invalid"
    assert finished.verdict()["reasons"]


@pytest.mark.parametrize(
    "text",
    ["{", "\ufffd\x00", '{"schema": 1}', "[" * 100_000, '{"id": "a", "id": "b"}', "NaN"],
    ids=["truncated", "not JSON", "keys missing", "deeply nested", "duplicate key", "NaN"],
)
def test_a_broken_case_file_is_one_clear_message(text: str, tmp_path: Path) -> None:
    suite = RecordedSuite(tmp_path / "shop")
    suite.write("cases.jsonl", text + "\n")
    finished = check(suite)
    assert finished.code == 2
    assert "cases.jsonl: line 1" in finished.err
    assert finished.out == ""


def test_every_problem_of_every_file_is_reported_at_once(tmp_path: Path) -> None:
    suite = RecordedSuite(tmp_path / "shop")
    suite.write("policy.toml", 'schema = 1\n[gate]\nalhpa = 0.1\n[gate.default]\nmargin = "x"\n')
    suite.write("actions.toml", 'schema = 2\n[class."a"]\ntools = []\n')
    finished = dialgate("lint", suite.folder, folder=tmp_path)
    assert finished.code == 2
    assert 'policy.toml: line 3, gate.alhpa: found the unknown key "alhpa"' in finished.out
    assert 'Did you mean "alpha"?' in finished.out
    assert 'line 5, gate.default.margin: found ""x""; expected a number' not in finished.out
    assert "line 5, gate.default.margin" in finished.out
    assert "actions.toml: line 1, schema: found 2; expected 1" in finished.out
