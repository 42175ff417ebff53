"""Checks of releases whose own replies have labels: people overrule a judge, and find it out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from dialgate_evals.actions.rubrics.labels.label import Chosen, Label, Word
from dialgate_evals.actions.rubrics.labels.label_files import append_label
from dialgate_evals.actions.rubrics.votes import Question
from tests.dialgate.cases.judging.desks import GOOD, POLITE, Desk
from tests.evals.running.judges.endpoints import a_completion, a_vote
from tests.integration.agents.dresses.servers import serving
from tests.integration.command_line import Finished, dialgate
from tests.needed.extras import need
from tests.workspaces import a_refund, a_trial, write_lines

if TYPE_CHECKING:
    from pathlib import Path

need("openai", 'the extra "chat" is not installed')

CASES, MORE_CASES = 40, 60
BAD = CASES // 2
BASELINES = ["releases/1.toml", "record"]
RUDE, SLY = "Go away.", "Leave us alone."
"""The judge refuses the first and lets the second pass."""


def answer(document: Any) -> Any:
    asked = document["messages"][-1]["content"]
    return a_completion(a_vote(asked, "no" if RUDE in asked else "yes"))


Checks = dict[str, tuple[Finished, dict[str, Any]]]


class LabelledDesk(Desk):
    """Recorded releases 1 and 2, and people's words on planted texts and on their replies."""

    def __init__(self, folder: Path, cases: int = CASES) -> None:
        super().__init__(folder, cases=cases)
        path = folder / "policy.toml"
        path.write_text(
            f"{path.read_text()}\n[judge]\nmin_sensitivity = 0.3\nmin_specificity = 0.3\n"
        )
        for case in self.suite.case_ids:
            self.say(case, f"{RUDE} Never come back. {case}", Word.NO, Chosen.PLANTED)
            self.say(case, f"{GOOD} Bye. {case}", Word.YES, Chosen.PLANTED)

    def record(self, version: str, bad: int, text: str) -> None:
        """The release's replies, so many of them bad."""
        trials = []
        for number, case in enumerate(self.suite.case_ids):
            trial = a_trial(case, [a_refund(case)])
            said = text if number < bad else f"{GOOD} {version}."
            trial["messages"][-1]["content"] = f"{said} {case}"
            trials.append(trial)
        write_lines(self.folder / f"transcripts/{version}.jsonl", trials)

    def label_replies(self, version: str, bad: int, text: str) -> None:
        """A drawn label on every reply of the release."""
        for number, case in enumerate(self.suite.case_ids):
            said = text if number < bad else f"{GOOD} {version}."
            word = Word.NO if number < bad else Word.YES
            self.say(case, f"{said} {case}", word, Chosen.DRAWN)

    def say(self, case: str, text: str, word: Word, chosen: Chosen) -> None:
        """Keeps a label."""
        question = Question(criterion=POLITE, of="reply", text=text)
        at = "2026-11-29T10:00:00Z"
        append_label(
            self.folder,
            Label(case=case, question=question, word=word, person="Ada", at=at, chosen=chosen),
        )

    def check(self, *baselines: str) -> Checks:
        """Calibrates once and checks against each baseline, a judge on loopback."""
        checks = {}
        with serving(answer) as url:
            self.judged_by(url)
            dialgate("judge", "calibrate", self.folder, folder=self.folder)
            for baseline in baselines:
                place = baseline
                if baseline == "record":
                    words = "--release", "releases/1.toml", "--out", "before"
                    assert dialgate("run", self.folder, *words, folder=self.folder).code == 0
                    (place,) = map(str, self.folder.glob("before/run-*"))
                done = dialgate(
                    "check", self.folder, "--baseline", place, "--json", "-", folder=self.folder
                )
                checks[baseline] = done, json.loads(done.out)
        return checks


@pytest.fixture(scope="module")
def worse(tmp_path_factory: pytest.TempPathFactory) -> Checks:
    """Checks of a release that is rude in every other reply."""
    desk = LabelledDesk(tmp_path_factory.mktemp("worse") / "desk")
    desk.record("1", 0, RUDE)
    desk.record("2", BAD, RUDE)
    return desk.check(*BASELINES)


@pytest.fixture(scope="module")
def worse_by_labels(tmp_path_factory: pytest.TempPathFactory) -> Checks:
    """The same, where people said a word on every reply."""
    desk = LabelledDesk(tmp_path_factory.mktemp("labelled") / "desk")
    desk.record("1", 0, RUDE)
    desk.record("2", BAD, RUDE)
    desk.label_replies("1", 0, RUDE)
    desk.label_replies("2", BAD, RUDE)
    return desk.check(*BASELINES)


@pytest.fixture
def desk(tmp_path: Path) -> LabelledDesk:
    return LabelledDesk(tmp_path / "desk", MORE_CASES)


@pytest.mark.parametrize("baseline", BASELINES)
def test_worse_replies_fail_by_corrected_votes(worse: Checks, baseline: str) -> None:
    done, document = worse[baseline]
    assert done.code == 1, done.err
    assert document["judged_replies"]["by"] == "votes, corrected by labels"
    assert "no reply of the two releases has a label" in document["judged_replies"]["labels_unused"]
    assert any("corrected for the judge's errors" in text for text in document["reasons"])


@pytest.mark.parametrize("baseline", BASELINES)
def test_where_all_replies_have_a_label_the_difference_is_theirs(
    worse_by_labels: Checks, baseline: str
) -> None:
    done, document = worse_by_labels[baseline]
    assert done.code == 1, done.err
    replies = document["judged_replies"]
    assert replies["labels"] == {"baseline": CASES, "candidate": CASES}
    assert replies["difference"] == -0.5
    assert replies["interval"][0] <= -0.5 <= replies["interval"][1] < 0
    said = " ".join(document["reasons"])
    assert f"{CASES} of the baseline's and {CASES} of the candidate's" in said
    assert "Replies by people's labels" in done.err


def test_a_judge_that_the_candidate_pleases_loses_its_vote(desk: LabelledDesk) -> None:
    desk.record("1", 0, SLY)
    desk.record("2", MORE_CASES, SLY)
    desk.label_replies("2", MORE_CASES, SLY)
    done, document = desk.check("releases/1.toml")["releases/1.toml"]
    assert done.code == 3, done.err
    (polite,) = document["criteria"]
    assert not polite["decides"]
    said = " ".join(document["reasons"])
    assert 'errs otherwise on the candidate\'s texts, so votes on "polite" were withheld' in said


def test_unlabelled_it_would_have_passed_for_as_good(desk: LabelledDesk) -> None:
    """What only labels of the candidate's own texts can find."""
    desk.record("1", 0, SLY)
    desk.record("2", MORE_CASES, SLY)
    _, document = desk.check("releases/1.toml")["releases/1.toml"]
    (polite,) = document["criteria"]
    assert polite["decides"]
    assert document["judged_replies"]["difference"] == 0.0
