"""A case that a person writes: numbered, checked as lint would, added to a file that is read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from dialgate.cases.new_case import next_id
from dialgate.commands.cases.cases import command
from dialgate.scaffold.scaffold import scaffold
from dialgate_evals.suite.case import parse_case
from dialgate_evals.suite.workspace import load_workspace

if TYPE_CHECKING:
    from click.testing import Result

SUITE = "suites/my-agent"
GOLDEN = Path("golden/my-agent/cases.jsonl")
LOOKUP = ("--answer", "get_order", '{"order_id": "A-1"}', '{"order_id": "A-1", "amount": 30}')
REFUND = ("--action", "refund", '{"order_id": "A-1", "amount": 30}')


@pytest.fixture(autouse=True)
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scaffold(tmp_path)
    monkeypatch.chdir(tmp_path)


def run(*arguments: str, answers: str = "") -> Result:
    return CliRunner().invoke(command, list(arguments), input=answers, standalone_mode=False)


def new(*arguments: str) -> Result:
    return run("new", SUITE, *arguments)


def last_case() -> dict[str, object]:
    document: dict[str, object] = json.loads(GOLDEN.read_text("utf-8").splitlines()[-1])
    return document


def test_a_case_is_added_with_the_next_number_and_read_again() -> None:
    before = next_id(load_workspace(Path(SUITE)))
    done = new("--request", "Refund A-1, please.", *LOOKUP, *REFUND, "--tag", "refund")
    assert done.exception is None, done.output
    case = load_workspace(Path(SUITE)).cases_by_id[before]
    assert case.tags == ("refund",)
    assert case.document == last_case()
    assert next_id(load_workspace(Path(SUITE))) != before


def test_a_case_without_an_action_says_that_nothing_should_happen() -> None:
    done = new("--request", "Thanks!")
    assert "Nothing should happen." in done.output
    assert last_case()["expect"] == {"actions": []}


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (("--action", "refnd", "{}"), "refnd"),
        (("--action", "refund", '{"order_id": 5}'), "refund"),
        (("--action", "refund", "{"), "expected JSON"),
        (("--id", "x\ny"), "id"),
    ],
)
def test_a_case_that_lint_would_name_is_refused_and_nothing_is_written(
    arguments: tuple[str, ...], found: str
) -> None:
    before = GOLDEN.read_bytes()
    done = new("--request", "Refund A-1, please.", *arguments)
    assert found in str(done.exception)
    assert GOLDEN.read_bytes() == before


def test_an_id_that_is_taken_is_refused() -> None:
    taken = load_workspace(Path(SUITE)).cases[0].id
    done = new("--request", "Again.", "--id", taken)
    assert taken in str(done.exception)


def test_a_dry_run_writes_nothing() -> None:
    before = GOLDEN.read_bytes()
    assert "Would be written" in new("--request", "Hello.", "--dry-run").output
    assert GOLDEN.read_bytes() == before


def test_a_file_that_the_suite_does_not_read_is_refused() -> None:
    Path("golden/other.jsonl").touch()
    done = new("--request", "Hello.", "--file", "golden/other.jsonl")
    assert "no case file of this suite" in str(done.exception)


def test_without_a_terminal_the_request_must_be_an_option() -> None:
    assert "--request" in str(new().exception)


class TestYaml:
    """A case file may be YAML: the same case, and additions that keep what stands there."""

    FILE = Path("golden/my-agent/more.yaml")

    @pytest.fixture(autouse=True)
    def named(self) -> None:
        pytest.importorskip("yaml", reason='the extra "yaml" is not installed')
        path = Path(SUITE) / "suite.toml"
        text = path.read_text("utf-8").replace(
            '"../../golden/my-agent/*.jsonl"',
            '"../../golden/my-agent/*.jsonl", "../../golden/my-agent/*.yaml"',
        )
        assert "yaml" in text
        path.write_text(text, "utf-8")
        self.FILE.write_text("# by hand\n[]\n", "utf-8")

    def test_a_block_list_takes_another_and_keeps_its_comments(self) -> None:
        self.FILE.write_text(
            "# written by hand\n- {schema: 1, id: y1, origin: golden, expect: {actions: []},\n"
            "   messages: [{role: user, content: 'no'}]}\n"
        )
        done = new("--request", "Refund: A-1\nplease", *REFUND, "--file", str(self.FILE))
        assert done.exception is None, done.exception
        assert self.FILE.read_text("utf-8").startswith("# written by hand\n")
        cases = load_workspace(Path(SUITE)).cases_by_id
        (added,) = (case for case in cases.values() if str(case.place).endswith("yaml: line 4"))
        assert added.messages[0]["content"] == "Refund: A-1\nplease"
        assert cases["y1"].messages[0]["content"] == "no"

    def test_a_list_in_brackets_is_refused_and_kept(self) -> None:
        before = self.FILE.read_bytes()
        done = new("--request", "Hello.", "--file", str(self.FILE))
        assert "block list" in str(done.exception)
        assert self.FILE.read_bytes() == before

    def test_the_same_case_has_the_same_digest_in_both(self) -> None:
        new("--request", "Refund A-1, please.", *LOOKUP, *REFUND, "--id", "j1")
        json_lines = GOLDEN.read_bytes()
        document = last_case()
        GOLDEN.write_bytes(b"\n".join(json_lines.splitlines()[:-1]) + b"\n")
        self.FILE.write_text("", "utf-8")
        new(
            "--request",
            "Refund A-1, please.",
            *LOOKUP,
            *REFUND,
            "--id",
            "y1",
            "--file",
            str(self.FILE),
        )
        cases = load_workspace(Path(SUITE)).cases_by_id
        assert cases["y1"].digest == parse_case(document).digest

    def test_a_wrong_value_is_named_by_its_own_line(self) -> None:
        self.FILE.write_text("- schema: 1\n  id: y1\n  origin: golden\n  messages: []\n", "utf-8")
        with pytest.raises(Exception, match=r"more\.yaml: line 4 /messages"):
            load_workspace(Path(SUITE))


class TestShow:
    """One case as a conversation."""

    def test_says_who_said_what_what_is_answered_and_what_should_follow(self) -> None:
        new("--request", "Refund A-1, please.", *LOOKUP, *REFUND, "--id", "s1")
        text = run("show", SUITE, "s1").output
        assert "user: Refund A-1, please." in text
        assert 'get_order({"order_id": "A-1"}) -> {"amount": 30, "order_id": "A-1"}' in text
        assert 'Should follow:\n  refund({"amount": 30, "order_id": "A-1"})' in text

    def test_hostile_text_is_shown_as_text(self) -> None:
        new("--request", "\x1b[31mred\x07", "--id", "s1")
        assert "\x1b" not in run("show", SUITE, "s1").output

    def test_an_unknown_id_is_refused_with_the_nearest(self) -> None:
        known = load_workspace(Path(SUITE)).cases[0].id
        assert f'Did you mean "{known}"?' in str(run("show", SUITE, known + "x").exception)
