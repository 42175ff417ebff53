"""What is looked at, in which order, and what can't be: each with its reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dialgate.cases.accepting.confirmed_classes import confirm_classes
from dialgate.cases.accepting.source import open_source
from dialgate_evals.errors import ConfigurationError, UsageError
from tests.dialgate.cases.accepting.reviews import a_source, a_suite
from tests.integration.command_line import dialgate
from tests.workspaces import ACTIONS, RecordedSuite, a_case, a_refund, a_trial, write_lines

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def shop(tmp_path: Path) -> RecordedSuite:
    return a_suite(tmp_path)


def test_a_run_and_its_suite_give_the_same_items(
    shop: RecordedSuite, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = shop.folder.parent
    done = dialgate("run", "shop", folder=folder)
    assert done.code == 0, done.err
    (run,) = (folder / ".dialgate").glob("run-*")
    monkeypatch.chdir(folder)
    of_run, of_suite = open_source(run, None, folder / ".dialgate"), a_source(shop)
    assert [item.id for item in of_run.items] == [item.id for item in of_suite.items]
    assert [item.case.id for item in of_run.items] == shop.case_ids
    assert [item.passes for item in of_run.items] == [True, True, False]
    assert of_run.run == run.name.removeprefix("run-")
    shop.cases[0]["messages"][0]["content"] = "Something else."
    shop.write_cases()
    edited = open_source(run, None, folder / ".dialgate")
    assert [left.why for left in edited.left] == [
        "what the agent is given was edited since the run"
    ]
    (run / "transcripts.jsonl.zst").write_bytes(b"damaged")
    with pytest.raises(ConfigurationError):
        open_source(run, None, folder / ".dialgate")


def test_trials_that_did_the_same_are_one_item(shop: RecordedSuite) -> None:
    first, *others = shop.case_ids
    trials = [
        a_trial(first, [a_refund(first)]),
        a_trial(first, [], trial=1),
        a_trial(first, [a_refund(first)], trial=2),
        a_trial("gone", []),
        {**a_trial(others[0], []), "error": "quota"},
        {**a_trial("bad", []), "trial": "first"},
    ]
    write_lines(shop.folder / "transcripts/2.jsonl", trials)
    source = a_source(shop)
    assert [(item.case.id, item.trials) for item in source.items] == [(first, [0, 2]), (first, [1])]
    whys = " ".join(left.why for left in source.left)
    assert "no such case any more" in whys
    assert "quota" in whys
    assert len(source.left) == 3


def test_nothing_to_look_at_is_a_usage_error(shop: RecordedSuite, tmp_path: Path) -> None:
    write_lines(shop.folder / "transcripts/2.jsonl", [a_trial("gone", [])])
    with pytest.raises(UsageError, match="no such case any more"):
        a_source(shop)
    with pytest.raises(UsageError, match="no such run record or suite"):
        open_source(tmp_path / "none", None, tmp_path)


GUESSED = '[class."mail"]\nproposed = "its name = \\"send\\""\n'


def test_guessed_classes_are_looked_at_first(shop: RecordedSuite) -> None:
    path = shop.write("actions.toml", ACTIONS.replace('[class."mail"]\n', GUESSED))
    with pytest.raises(ConfigurationError) as caught:
        a_source(shop)
    assert "--confirm-classes" in str(caught.value)
    assert confirm_classes(shop.folder) == ["mail"]
    assert path.read_text("utf-8") == ACTIONS
    assert confirm_classes(shop.folder) == []
    assert len(a_source(shop).items) == 3


@pytest.mark.parametrize(
    "text",
    [
        GUESSED.replace('"its name', '"""\nproposed = 1\n').replace('\\"send\\""', '"""'),
        '[class]\nmail.proposed = "x"\n[class."mail"]\n',
    ],
    ids=["over lines", "a dotted key"],
)
def test_a_mark_that_is_written_otherwise_is_left_to_a_person(
    shop: RecordedSuite, text: str
) -> None:
    path = shop.write("actions.toml", ACTIONS.replace('[class."mail"]\n', text))
    before = path.read_bytes()
    with pytest.raises((UsageError, ConfigurationError)):
        confirm_classes(shop.folder)
    assert path.read_bytes() == before


def test_an_agent_that_runs_is_reviewed_by_its_newest_record(shop: RecordedSuite) -> None:
    text = (shop.folder / "suite.toml").read_text("utf-8")
    shop.write(
        "suite.toml",
        text.partition("[agent]")[0] + '[agent]\nkind = "command"\ncommand = ["true"]\n',
    )
    with pytest.raises(UsageError, match="First: dialgate run"):
        a_source(shop)


def test_cases_keep_the_suites_order(shop: RecordedSuite) -> None:
    shop.cases = [a_case(case_id) for case_id in reversed(shop.case_ids)]
    shop.write_cases()
    assert [item.case.id for item in a_source(shop).items] == shop.case_ids[::-1]
