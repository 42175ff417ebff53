"""A change can't license its own judge: labels and calibration are the base's."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from dialgate.runs.judging.licensed import licence_on_record, read_labelled
from dialgate_evals.actions.rubrics.labels.label import Chosen, Label, Word
from dialgate_evals.actions.rubrics.labels.label_files import CastVote, append_label, write_votes
from dialgate_evals.actions.rubrics.licence import UNLICENSED
from dialgate_evals.actions.rubrics.votes import Answer, Question
from dialgate_evals.suite.workspace import load_workspace
from tests.evals.running.judges.endpoints import a_completion, a_vote
from tests.integration.agents.dresses.servers import serving
from tests.integration.checkouts import git
from tests.integration.command_line import PROJECT, dialgate

if TYPE_CHECKING:
    from pathlib import Path

WHEN = {"text": "tells the customer that the money arrives within five days"}


def a_desk(folder: Path) -> Path:
    """The tutorial's desk with its rubric, committed, without a judge's licence."""
    shutil.copytree(PROJECT / "examples/refund-replies", folder)
    cases = [json.loads(line) for line in (folder / "cases.jsonl").read_text("utf-8").splitlines()]
    for case in cases:
        case["expect"]["reply"]["rubric"] = [{"name": "when"}]
    (folder / "cases.jsonl").write_text("".join(json.dumps(c) + "\n" for c in cases), "utf-8")
    (folder / "judge.toml").write_text(
        f'schema = 1\n[criterion.when]\ntext = "{WHEN["text"]}"\n[judge.own]\n'
        'base_url = "http://127.0.0.1:9/v1"\nmodel = "m"\n',
        "utf-8",
    )
    (folder / ".gitignore").write_text(".dialgate/\n__pycache__/\n", "utf-8")
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "base")
    return folder


def license_itself(folder: Path) -> None:
    """Labels and votes that would license the judge everywhere, if they counted."""
    suite = read_labelled(load_workspace(folder))
    criterion = next(iter(suite.workspace.judges.criteria.values()))
    votes = []
    for number, case in enumerate(suite.classes_of):
        for word in (Word.YES, Word.NO):
            question = Question(criterion=criterion, of="reply", text=f"{word} {number}")
            at = f"2026-11-29T10:{number:02}:00Z"
            label = Label(case=case, question=question, word=word, person="Mallory", at=at,
                          chosen=Chosen.PLANTED)  # fmt: skip
            append_label(folder, label)
            answer = Answer(word.value)
            votes.append(CastVote(judge=suite.workspace.judges.digest, question=question.digest,
                                  answer=answer, votes={"own": answer}, at=at))  # fmt: skip
    write_votes(folder, votes)


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    return a_desk(tmp_path / "desk")


def test_where_labels_show_it_votes_decide(desk: Path) -> None:
    license_itself(desk)
    assert licence_on_record(load_workspace(desk)).licensed("when", "refund")


@pytest.mark.parametrize("line", ["deterministic = true", '[agent]\nkind = "transcript"'])
def test_where_trials_cant_be_run_again_they_do_too(desk: Path, line: str) -> None:
    license_itself(desk)
    path = desk / "suite.toml"
    text = path.read_text("utf-8")
    if line.startswith("["):
        text = text[: text.index("[agent]")] + line + '\npath = "none.jsonl"\n'
    else:
        text = text.replace("[agent]", f"{line}\n[agent]")
    path.write_text(text, "utf-8")
    assert licence_on_record(load_workspace(desk)).licensed("when", "refund")


def test_without_labels_they_decide_nowhere(desk: Path) -> None:
    assert licence_on_record(load_workspace(desk)) is UNLICENSED


def test_a_change_that_licenses_its_judge_decides_nothing_and_is_named(desk: Path) -> None:
    git(desk, "checkout", "-q", "-b", "change")
    license_itself(desk)
    prompt = desk / "prompts/system.md"
    prompt.write_text(prompt.read_text("utf-8").replace("five", "some"), "utf-8")
    git(desk, "add", "-A")
    git(desk, "commit", "-q", "-m", "a judge of my own")
    done = dialgate("check", desk, "--json", "-", folder=desk)
    document: dict[str, Any] = json.loads(done.out)
    assert [item["decides"] for item in document["criteria"]] == [False]
    assert document["usage"]["judge_calls"] == 0
    assert done.code == 1
    changed = {item["path"] for item in document["judge_changes"]}
    assert {"labels/mallory.jsonl", "calibration.jsonl"} <= {p.split("desk/")[-1] for p in changed}


def test_a_judge_that_is_another_one_than_was_calibrated_decides_nothing(desk: Path) -> None:
    pytest.importorskip("openai", reason='the extra "chat" is not installed')

    def yes(document: Any) -> Any:
        return a_completion(a_vote(document["messages"][-1]["content"], "yes"))

    with serving(yes) as url:
        path = desk / "judge.toml"
        path.write_text(path.read_text("utf-8").replace("http://127.0.0.1:9", url), "utf-8")
        license_itself(desk)
        done = dialgate("run", desk, folder=desk)
    assert done.code == 4
    assert "texts to which it said no otherwise: it is another judge than it was" in done.err


def test_lint_names_a_bad_line_of_the_labels(desk: Path) -> None:
    license_itself(desk)
    with (desk / "labels/mallory.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"schema": 1}\n')
    done = dialgate("lint", desk, folder=desk)
    assert done.code == 2
    assert "labels/mallory.jsonl: line 81" in done.out
