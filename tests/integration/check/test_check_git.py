"""The judge is not in the defendant's hands: policy, cases and baseline come from the base ref."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from dialgate.git.asking.kept_answers import asking_once
from dialgate.git.git_checkout import open_checkout
from tests.integration.checkouts import Checkout, git
from tests.integration.command_line import Finished, dialgate

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture(scope="module")
def scaffold(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    return Checkout(tmp_path_factory.mktemp("scaffold") / "work")


@pytest.fixture
def checkout(scaffold: Checkout, tmp_path: Path) -> Checkout:
    return scaffold.copy_to(tmp_path / "work")


def test_an_unchanged_branch_passes_when_it_is_run(checkout: Checkout) -> None:
    finished = checkout.check("--always")
    assert finished.code == 0
    assert finished.verdict()["usage"]["agent_calls"] > 0


@dataclass(frozen=True, kw_only=True)
class BrokenRefunds:
    """A check of a prompt that breaks refunds, beside a file that is staged."""

    finished: Finished
    before: str
    # what git said of tree and index
    after: str
    worktrees: str
    asked: list[tuple[str, ...]]
    # processes of git


@pytest.fixture(scope="module")
def broken(scaffold: Checkout, tmp_path_factory: pytest.TempPathFactory) -> BrokenRefunds:
    checkout = scaffold.copy_to(tmp_path_factory.mktemp("broken") / "work")
    checkout.break_refunds()
    (checkout.folder / "staged.txt").write_text("x")
    git(checkout.folder, "add", "staged.txt")
    state = ("status", "--porcelain=v2", "--branch")
    before = git(checkout.folder, *state)
    finished, asked = traced_check(checkout)
    return BrokenRefunds(
        finished=finished,
        before=before,
        after=git(checkout.folder, *state),
        worktrees=git(checkout.folder, "worktree", "list"),
        asked=asked,
    )


def traced_check(checkout: Checkout) -> tuple[Finished, list[tuple[str, ...]]]:
    """A check, and every process of git that it starts, by git's own trace."""
    trace = checkout.folder.parent / "trace.jsonl"
    words = ("check", "suites/my-agent", "--json", "-")
    finished = dialgate(*words, folder=checkout.folder, GIT_TRACE2_EVENT=str(trace))
    events = [json.loads(line) for line in trace.read_text("utf-8").splitlines()]
    return finished, [tuple(event["argv"]) for event in events if event["event"] == "start"]


def test_a_changed_prompt_line_fails_in_the_class_that_it_breaks(broken: BrokenRefunds) -> None:
    assert broken.finished.code == 1
    verdict = broken.finished.verdict()
    assert verdict["cases"]["broken"] == ["my-agent-007", "my-agent-008"]
    assert [c["component"] for c in verdict["changes"]] == ["prompts"]
    assert verdict["judged_by"].startswith("the suite and policy of merge base with main")


def test_the_users_tree_and_index_stay_as_they_are(broken: BrokenRefunds) -> None:
    assert broken.after == broken.before
    assert len(broken.worktrees.splitlines()) == 1


_MOST_PROCESSES = 6


def asked_once(asked: list[tuple[str, ...]]) -> bool:
    return 0 < len(asked) == len(set(asked)) <= _MOST_PROCESSES


def test_a_check_asks_git_once_for_one_thing(broken: BrokenRefunds) -> None:
    assert asked_once(broken.asked), broken.asked


def test_a_check_of_nothing_asks_git_as_seldom(checkout: Checkout) -> None:
    _, asked = traced_check(checkout)
    assert asked_once(asked), asked


NESTED = 'def limit(text):\n    import re\n    return re.search(r"Refund up to (\\d+) USD", text)\n'


def test_each_side_runs_its_own_modules_nested_ones_too(checkout: Checkout) -> None:
    """Both sides load `agent.rules.limits`; only the change's lets every refund through."""
    folder = checkout.suite / "agent"
    for package in (folder, folder / "rules"):
        package.mkdir(exist_ok=True)
        (package / "__init__.py").touch()
    (folder / "rules" / "limits.py").write_text(NESTED)
    agent = folder / "my_agent.py"
    limit = 'limit = __import__("agent.rules.limits", fromlist=["limit"]).limit(prompt)'
    agent.write_text(re.sub(r"limit = re\.search\(.*", lambda _: limit, agent.read_text()))
    kind = 'kind = "python"'
    checkout.replace("suites/my-agent/suite.toml", kind, f'{kind}\nisolation = "none"')
    git(checkout.folder, "checkout", "-q", "main")
    checkout.commit("a nested module")
    git(checkout.folder, "checkout", "-q", "-B", "change")
    path = folder / "rules" / "limits.py"
    path.write_text(path.read_text().replace(", text)", ', "Refund up to 9999 USD")'))
    finished = checkout.check()
    assert finished.code == 1, finished.err
    assert "my-agent-007" in finished.verdict()["cases"]["broken"]


def delete_the_broken_cases(checkout: Checkout) -> None:
    broken = {"my-agent-007", "my-agent-008"}
    checkout.write_cases([case for case in checkout.cases() if case["id"] not in broken])


def raise_the_margin(checkout: Checkout) -> None:
    checkout.replace("suites/my-agent/policy.toml", "margin = 0.10", "margin = 0.95")


def hide_the_margin_in_a_reformatted_file(checkout: Checkout) -> None:
    checkout.replace(
        "suites/my-agent/policy.toml",
        "[gate]\nalpha = 0.05\n",
        "[gate]\n# limits\nalpha    =   5e-2\n",
    )
    policy = checkout.suite / "policy.toml"
    text = re.sub(r"(?m)^margin = 0\.10.*$", "margin= 9.5e-1", policy.read_text("utf-8"))
    policy.write_text(text, "utf-8")


def give_every_class_a_wide_margin(checkout: Checkout) -> None:
    checkout.replace("suites/my-agent/policy.toml", "min_cases = 3", "min_cases = 3\nmargin = 0.95")


def quarantine_the_broken_cases(checkout: Checkout) -> None:
    entry = '\n[[quarantine]]\ncase = "{}"\nowner = "me"\nreason = "later"\nuntil = 2999-01-01\n'
    path = checkout.suite / "suite.toml"
    path.write_text(path.read_text() + entry.format("my-agent-007") + entry.format("my-agent-008"))


def expect_what_the_change_does(checkout: Checkout) -> None:
    cases = checkout.cases()
    for case in cases:
        if case["id"] in {"my-agent-007", "my-agent-008"}:
            order = case["recordings"][0]["result"]
            arguments = {"order_id": order["order_id"], "amount": order["amount"]}
            case["expect"] = {"actions": [{"name": "refund", "arguments": arguments}]}
    checkout.write_cases(cases)


def declare_refunds_read_only(checkout: Checkout) -> None:
    checkout.replace(
        "suites/my-agent/actions.toml",
        'tools = ["refund"]\neffect = "write"',
        'tools = ["refund"]\neffect = "read"',
    )


def score_a_recording_instead(checkout: Checkout) -> None:
    checkout.replace(
        "suites/my-agent/suite.toml",
        'kind = "python"',
        'kind = "transcript"\npath = "forged.jsonl"\n#',
    )
    checkout.replace("suites/my-agent/suite.toml", "\ntarget =", "\n# target =")
    (checkout.suite / "forged.jsonl").write_text("")


@pytest.mark.parametrize(
    ("weaken", "reason"),
    [
        (score_a_recording_instead, "changes how the agent is reached"),
        (delete_the_broken_cases, "removes 2 cases"),
        (hide_the_margin_in_a_reformatted_file, "raises gate.margin from 0.1 to 0.95"),
        (declare_refunds_read_only, "to be read only"),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_a_change_that_weakens_its_judge_fails_with_its_own_reason(
    weaken: Callable[[Checkout], None], reason: str, checkout: Checkout
) -> None:
    weaken(checkout)
    finished = checkout.check()
    assert finished.code in {1, 4}
    assert any(reason in sentence for sentence in finished.verdict()["reasons"])


@pytest.mark.parametrize(
    ("ways", "reasons"),
    [
        (
            (delete_the_broken_cases, raise_the_margin),
            ["removes 2 cases", "raises gate.margin from 0.1 to 0.95"],
        ),
        (
            (
                quarantine_the_broken_cases,
                declare_refunds_read_only,
                give_every_class_a_wide_margin,
            ),
            ["quarantines the case my-agent-007", "to be read only", "gate.default.margin 0.95"],
        ),
    ],
    ids=["deletes and widens", "quarantines, belittles and widens"],
)
def test_several_ways_at_once_hide_neither_each_other_nor_what_breaks(
    ways: tuple[Callable[[Checkout], None], ...], reasons: list[str], checkout: Checkout
) -> None:
    checkout.break_refunds()
    for weaken in ways:
        weaken(checkout)
    finished = checkout.check()
    assert finished.code == 1
    verdict = finished.verdict()
    said = "\n".join(verdict["reasons"])
    assert [reason for reason in reasons if reason not in said] == []
    assert verdict["cases"]["broken"] == ["my-agent-007", "my-agent-008"]


def test_an_edited_expectation_is_judged_in_both_versions(checkout: Checkout) -> None:
    expect_what_the_change_does(checkout)
    finished = checkout.check()
    assert finished.code == 0
    assert finished.verdict()["cases"]["changed"] == ["my-agent-007", "my-agent-008"]
    checkout.break_refunds()
    finished = checkout.check()
    assert finished.code == 1
    assert finished.verdict()["cases"]["broken"] == ["my-agent-007", "my-agent-008"]


def reformat_the_cases(checkout: Checkout) -> None:
    text = "".join(
        json.dumps(dict(reversed(case.items())), indent=None, separators=(" , ", " : ")) + "\n"
        for case in reversed(checkout.cases())
    )
    checkout.case_file.write_text(text, "utf-8")


def rename_the_cases(checkout: Checkout) -> None:
    cases = checkout.cases()
    for case in cases:
        case["id"] = case["id"].replace("my-agent", "shop")
    checkout.write_cases(cases)


def move_the_cases(checkout: Checkout) -> None:
    checkout.case_file.rename(checkout.case_file.with_name("moved.jsonl"))


def reorder_the_tools(checkout: Checkout) -> None:
    path = checkout.suite / "tools.json"
    path.write_text(json.dumps(list(reversed(json.loads(path.read_text())))))


def tighten_the_margin(checkout: Checkout) -> None:
    checkout.replace("suites/my-agent/policy.toml", "margin = 0.10", "margin = 0.01")


@pytest.mark.parametrize(
    "changes",
    [
        (reformat_the_cases, rename_the_cases, move_the_cases),
        (move_the_cases, reorder_the_tools, tighten_the_margin),
    ],
    ids=["cases have other names, places and forms", "tools another order and the margin is less"],
)
def test_what_only_looks_different_is_no_change(
    changes: tuple[Callable[[Checkout], None], ...], checkout: Checkout
) -> None:
    for change in changes:
        change(checkout)
    finished = checkout.check("--always")
    verdict = finished.verdict()
    assert finished.code == 0
    assert [verdict["cases"][key] for key in ("added", "removed", "changed")] == [[], [], []]
    assert verdict["changes"] == []


def test_a_removed_case_is_allowed_where_the_base_names_the_label(checkout: Checkout) -> None:
    git(checkout.folder, "checkout", "-q", "main")
    checkout.replace("suites/my-agent/policy.toml", "[gate]", '[gate]\nallow = ["suite-change"]')
    checkout.commit("allow")
    git(checkout.folder, "checkout", "-q", "-B", "change")
    checkout.write_cases(checkout.cases()[1:])
    finished = checkout.check("--allow", "suite-change")
    assert finished.code == 0
    assert finished.verdict()["allowed"] == ["suite-change"]
    assert checkout.check().code == 1


def test_a_label_that_the_base_does_not_name_is_refused(checkout: Checkout) -> None:
    checkout.replace("suites/my-agent/policy.toml", "[gate]", '[gate]\nallow = ["suite-change"]')
    finished = checkout.check("--allow", "suite-change")
    assert finished.code == 2
    assert "does not name this label" in finished.err


def test_a_new_case_is_run_and_reported(checkout: Checkout) -> None:
    cases = checkout.cases()
    new = {**cases[0], "id": "my-agent-new", "critical": False}
    new["expect"] = {"actions": []}
    new["messages"] = [{"role": "user", "content": "Please refund A-101 once more."}]
    checkout.write_cases([*cases, new])
    finished = checkout.check()
    assert finished.code == 0
    assert finished.verdict()["cases"]["added"] == ["my-agent-new"]


def add_a_case(checkout: Checkout) -> None:
    cases = checkout.cases()
    new = {**cases[0], "id": "my-agent-new", "critical": False}
    new["messages"] = [{"role": "user", "content": "My mug from A-101 has a crack: a refund."}]
    checkout.write_cases([*cases, new])


def test_where_only_a_case_is_added_only_it_is_run(checkout: Checkout) -> None:
    assert dialgate("run", "suites/my-agent", folder=checkout.folder).code == 0
    add_a_case(checkout)
    finished = checkout.check()
    verdict = finished.verdict()
    assert (finished.code, verdict["usage"]["agent_calls"]) == (0, 1)
    assert verdict["cases"]["added"] == ["my-agent-new"]
    assert "1 of 1 passed every trial" in verdict["reasons"][0]


def test_where_the_bases_trials_are_on_record_fresh_ones_decide_on_a_change_of_cases(
    checkout: Checkout,
) -> None:
    assert dialgate("run", "suites/my-agent", folder=checkout.folder).code == 0
    add_a_case(checkout)
    finished = checkout.check("--always")
    verdict = finished.verdict()
    assert finished.code == 0
    assert verdict["usage"]["cached"] == 17
    assert verdict["confirmation"]["agent_calls"] > 0
    assert any("Both sides are the same release" in reason for reason in verdict["reasons"])


def test_a_suite_that_the_base_does_not_have_is_a_first_release(tmp_path: Path) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    (folder / "README").write_text("x")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "first")
    assert dialgate("init", folder, folder=tmp_path).code == 0
    finished = dialgate("check", "suites/my-agent", "--json", "-", folder=folder)
    assert finished.code == 0
    assert finished.verdict()["baseline"] is None


def test_a_ref_that_looks_like_an_option_is_no_ref(checkout: Checkout) -> None:
    finished = checkout.check("--baseline=--output=owned")
    assert finished.code == 2
    assert not (checkout.folder / "owned").exists()


def test_a_check_sees_the_commit_of_its_beginning(checkout: Checkout) -> None:
    """An agent that commits meanwhile is judged by where it began."""
    with asking_once():
        found = open_checkout(checkout.folder)
        assert found is not None
        before = found.commit_of("HEAD")
        git(checkout.folder, "commit", "-q", "--allow-empty", "-m", "meanwhile")
        assert found.commit_of("HEAD") == before
    assert found.commit_of("HEAD") != before
