"""`pytest suites/…` asks a suite's judges as `dialgate run` does, and within their budget."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

import dialgate as package
from tests.dialgate.cases.judging.desks import Desk
from tests.evals.running.judges.endpoints import a_completion, a_vote
from tests.integration.agents.dresses.servers import serving
from tests.integration.command_line import dialgate
from tests.needed.extras import need

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.dialgate.pytest_suite.sessions import Sessions

need("openai", 'the extra "chat" is not installed')

pytest_plugins = ["pytester"]

SUITES = ("suite.toml",)
AGENT = """
def respond(messages, tools, release):
    case_id = messages[0]["content"].split()[-1].rstrip(".")
    tools.call("refund", {"id": case_id, "amount": 10})
    if case_id.endswith("3"):
        return "Go away."
    return f"Your order was refunded, thank you. {case_id}!"
"""


def polite_or_not(document: Any) -> Any:
    asked = document["messages"][-1]["content"]
    return a_completion(a_vote(asked, "no" if "Go away" in asked else "yes", "it says so"))


def counted(answer: Callable[[Any], Any]) -> tuple[Callable[[Any], Any], list[str]]:
    """The answer, and what was asked so far."""
    asked: list[str] = []

    def answering(document: Any) -> Any:
        asked.append(document["messages"][-1]["content"])
        return answer(document)

    return answering, asked


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Thirty cases that an agent answers now; the third reply of ten is rude."""
    found = Desk(tmp_path / "desk")
    found.suite.write("agent.py", AGENT)
    path = found.folder / "suite.toml"
    text = path.read_text("utf-8")
    agent = '[agent]\nkind = "python"\ntarget = "agent:respond"\nisolation = "none"\n'
    path.write_text(text[: text.index("[agent]")] + agent, "utf-8")
    found.suite.write("release.toml", found.suite.release("1").replace("../", ""))
    return found


def license_judge(desk: Desk, url: str) -> None:
    desk.label()
    desk.judged_by(url)
    done = dialgate("judge", "calibrate", desk.folder, "--json", "-", folder=desk.folder)
    assert json.loads(done.out)["places"][0]["licensed"], done.err


def said(text: str) -> str:
    return " ".join(text.split())


def test_a_licensed_judges_no_fails_the_case_and_says_who_said_what(
    desk: Desk, run_pytest: Sessions
) -> None:
    with serving(polite_or_not) as url:
        license_judge(desk, url)
        done = run_pytest(desk.folder, suites=SUITES).stdout.str()
    assert "3 failed, 27 passed" in done
    assert 'the reply is not as "polite" asks: one says no: it says so' in said(done)
    assert "Criteria that decide: polite holds in 27 of 30." in done
    record = package.load(max(desk.folder.glob(".dialgate/run-*")))
    assert record.votes.answer.value_counts().to_dict() == {"yes": 27, "no": 3}
    assert record.votes.decides.all()
    assert f"Judges: {record.votes.calls.sum()} calls." in done
    assert record.document["judge"]["judges"][0]["model"] == "m-1"


def test_without_a_licence_nobody_is_asked_and_nothing_fails(
    desk: Desk, run_pytest: Sessions
) -> None:
    answer, asked = counted(polite_or_not)
    with serving(answer) as url:
        desk.judged_by(url)
        done = run_pytest(desk.folder, suites=SUITES).stdout.str()
    assert "30 passed" in done
    assert asked == []
    line = "Criteria, shown only: polite holds in 0 of 0 (30 that nobody was asked about)."
    assert line in done


def test_asked_for_votes_without_a_licence_are_shown_and_fail_nothing(
    desk: Desk, run_pytest: Sessions
) -> None:
    with serving(polite_or_not) as url:
        desk.judged_by(url)
        done = run_pytest(desk.folder, "--dialgate-judge", suites=SUITES).stdout.str()
    assert "30 passed" in done
    assert "Criteria, shown only: polite holds in 27 of 30." in done
    assert "Judges: 28 calls." in done


def test_a_spent_budget_passes_no_case(desk: Desk, run_pytest: Sessions) -> None:
    with serving(polite_or_not) as url:
        license_judge(desk, url)
        path = desk.folder / "judge.toml"
        path.write_text(path.read_text("utf-8").replace("retries", "max_calls = 8\nretries"))
        done = run_pytest(desk.folder, suites=SUITES).stdout.str()
    assert "budget of 8 calls is spent" in said(done)
    assert "30 passed" not in done


def test_workers_of_xdist_keep_within_one_budget_and_one_record_has_all_votes(
    desk: Desk, run_pytest: Sessions
) -> None:
    pytest.importorskip("xdist")
    answer, asked = counted(polite_or_not)
    with serving(answer) as url:
        license_judge(desk, url)
        del asked[:]
        done = run_pytest(desk.folder, "-n", "2", suites=SUITES).stdout.str()
    assert "3 failed, 27 passed" in done
    record = package.load(max(desk.folder.glob(".dialgate/run-*")))
    assert record.votes.answer.value_counts().to_dict() == {"yes": 27, "no": 3}
    assert record.votes.calls.sum() == len(asked)
    assert f"Judges: {len(asked)} calls." in done


def test_a_judge_without_its_key_is_named_and_passes_nothing(
    desk: Desk, run_pytest: Sessions
) -> None:
    with serving(polite_or_not) as url:
        desk.judged_by(url)
        path = desk.folder / "judge.toml"
        path.write_text(path.read_text("utf-8") + 'api_key_env = "NO_SUCH_KEY"\n')
        done = run_pytest(desk.folder, "--dialgate-judge", suites=SUITES).stdout.str()
    assert "30 failed" in done
    assert "NO_SUCH_KEY is not set" in said(done)


def test_a_search_asks_no_judge_and_says_which_criteria_found_nothing(desk: Desk) -> None:
    answer, asked = counted(polite_or_not)
    with serving(answer) as url:
        license_judge(desk, url)
        del asked[:]
        done = dialgate(
            "fuzz", desk.folder, "--relation", "greeting", "--budget", "70", "--json", "f.json",
            folder=desk.folder,
        )  # fmt: skip
    assert done.code in {0, 1}, done.err
    document = json.loads((desk.folder / "f.json").read_text("utf-8"))
    assert document["unjudged"] == {"cases": 30, "criteria": ["polite"]}
    assert "What texts say was not judged" in said(done.out)
    assert asked == []


def test_what_passed_unjudged_and_fails_by_a_vote_is_not_called_flaky(desk: Desk) -> None:
    with serving(polite_or_not) as url:
        desk.judged_by(url)
        unjudged = dialgate("run", desk.folder, "--case", "refund-003", folder=desk.folder)
        license_judge(desk, url)
        judged = dialgate("run", desk.folder, "--case", "refund-003", folder=desk.folder)
    assert "1 of 1 trial passed" in unjudged.out
    assert "0 of 1 trial passed" in judged.out
    done = dialgate("history", desk.folder, "--json", "-", folder=desk.folder)
    assert json.loads(done.out)["flaky"] == []
