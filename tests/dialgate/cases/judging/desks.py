"""A suite whose replies are to be polite, with labels on them: what tests of judging begin with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate_evals.actions.rubrics.criterion import Criterion
from dialgate_evals.actions.rubrics.labels.label import Chosen, Label, Word
from dialgate_evals.actions.rubrics.labels.label_files import append_label
from dialgate_evals.actions.rubrics.votes import Question
from tests.workspaces import RecordedSuite, a_refund, a_trial, write_lines

if TYPE_CHECKING:
    from pathlib import Path

POLITE = Criterion(name="polite", text="is polite")
GOOD, BAD = "Your order was refunded, thank you.", "Go away."


class Desk:
    """A suite of recorded refunds whose replies a judge on loopback reads."""

    def __init__(self, folder: Path, *, cases: int = 30) -> None:
        self.folder = folder
        self.suite = RecordedSuite(folder, refunds=cases)
        for case in self.suite.cases:
            case["expect"]["reply"] = {"rubric": [{"name": "polite", "text": "is polite"}]}
        self.suite.write_cases()
        for version in ("1", "2"):
            trials = []
            for case_id in self.suite.case_ids:
                trial = a_trial(case_id, [a_refund(case_id)])
                trial["messages"][-1]["content"] = f"{GOOD} {case_id}"
                trials.append(trial)
            write_lines(folder / f"transcripts/{version}.jsonl", trials)
        self.judged_by("http://127.0.0.1:9")

    def judged_by(self, url: str, model: str = "m-1") -> None:
        """Names the judge's endpoint and model."""
        text = f'schema = 1\nretries = 0\n[judge.one]\nbase_url = "{url}/v1"\nmodel = "{model}"\n'
        (self.folder / "judge.toml").write_text(text, "utf-8")

    def label(self, *, right: int = 20, wrong: int = 20, person: str = "Ada") -> None:
        """Labels on right replies, and planted ones on wrong replies."""
        listed = [(Word.YES, GOOD, Chosen.DRAWN)] * right + [(Word.NO, BAD, Chosen.PLANTED)] * wrong
        for number, (word, text, chosen) in enumerate(listed):
            case = self.suite.case_ids[number if number < right else number - right]
            append_label(
                self.folder,
                Label(
                    case=case,
                    question=Question(criterion=POLITE, of="reply", text=f"{text} {case}"),
                    word=word,
                    person=person,
                    at=f"2026-11-29T10:{number % 60:02}:00Z",
                    chosen=chosen,
                ),
            )
