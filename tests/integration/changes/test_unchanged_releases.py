"""`check` where nothing that decides has changed: no trial, a pass, and nothing hidden by it."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.changes.changes_of_a_checkout import (
    SUITE,
    change_one_word_of_the_prompt,
    edit_a_case,
    edit_the_policy,
    move_the_dial,
    move_the_dial_by_its_command,
    reformat_every_file,
    remember,
    take_the_next_model,
)
from tests.integration.checkouts import Checkout, git
from tests.integration.command_line import dialgate

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture(scope="module")
def unpaid(scaffold: Checkout, known: Path, tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    found = scaffold.copy_to(tmp_path_factory.mktemp("unpaid") / "work")
    git(found.folder, "checkout", "-q", "main")
    found.replace(f"{SUITE}/policy.toml", "max_agent_calls = 1000", "max_agent_calls = 1")
    found.commit("no calls")
    git(found.folder, "commit", "-q", "--allow-empty", "-m", "nothing more")
    git(found.folder, "checkout", "-q", "-B", "change")
    remember(found, known)
    return found


@pytest.fixture
def poor(unpaid: Checkout, tmp_path: Path) -> Checkout:
    """A checkout that passes as it is, and whose base pays for no trial of anything else."""
    return unpaid.copy_to(tmp_path / "work")


def is_run(checkout: Checkout, *options: str) -> bool:
    """Whether a check would run the agent, were it paid for."""
    finished = dialgate("check", SUITE, *options, folder=checkout.folder)
    assert (finished.code == 0) is ("PASS: nothing that decides has changed" in finished.out)
    return finished.code == 4 and " trials to run, with 1 call" in finished.err


class TestCheckRunsOnlyForAChange:
    """Nothing that decides has changed: exit 0 at once, and the verdict says what was compared."""

    @pytest.mark.parametrize(
        "edit", [lambda _: None, reformat_every_file, move_the_dial_by_its_command]
    )
    def test_an_unchanged_release_passes_without_a_trial(
        self, edit: Callable[[Checkout], None], poor: Checkout
    ) -> None:
        edit(poor)
        finished = dialgate("check", SUITE, "--json", "-", folder=poor.folder)
        verdict = finished.verdict()
        assert (finished.code, verdict["verdict"]) == (0, "pass")
        assert verdict["usage"]["agent_calls"] == 0
        assert verdict["release"]["fingerprint"] == verdict["baseline"]["fingerprint"]
        assert "prompts, tools, model, code, cases" in verdict["reasons"][0]
        assert not list(poor.folder.glob(".dialgate/run-*"))

    @pytest.mark.parametrize(
        "edit",
        [change_one_word_of_the_prompt, take_the_next_model, edit_a_case, edit_the_policy],
        ids=lambda edit: edit.__name__,
    )
    def test_a_change_that_decides_is_run(
        self, edit: Callable[[Checkout], None], poor: Checkout
    ) -> None:
        edit(poor)
        assert is_run(poor)

    @pytest.mark.parametrize(
        "options", [["--always"], ["--no-cache"], ["--baseline", "main~1"]], ids=" ".join
    )
    def test_a_person_can_have_it_run_all_the_same(
        self, options: list[str], poor: Checkout
    ) -> None:
        assert is_run(poor, *options)

    def test_what_nobody_has_seen_run_is_run(self, poor: Checkout) -> None:
        shutil.rmtree(poor.folder / ".dialgate")
        assert is_run(poor)

    @pytest.mark.parametrize("name", ["uv.lock", f"{SUITE}/agent/requirements.txt"])
    def test_a_lock_file_beside_what_is_loaded_has_it_run(self, name: str, poor: Checkout) -> None:
        (poor.folder / name).write_text("acme==2\n")
        assert is_run(poor)

    def test_a_ref_that_was_named_is_not_run_with_if_changed(
        self, checkout: Checkout, known: Path
    ) -> None:
        remember(checkout, known)
        finished = dialgate(
            "check", SUITE, "--json", "-", "--baseline", "main~1", "--if-changed",
            folder=checkout.folder,
        )  # fmt: skip
        assert finished.verdict()["unchanged"]

    def test_every_report_can_be_made_of_it(self, checkout: Checkout, known: Path) -> None:
        remember(checkout, known)
        forms = {"html": "page.html", "markdown": "text.md", "junit": "tests.xml"}
        options = [word for form, file in forms.items() for word in (f"--{form}", file)]
        finished = dialgate("check", SUITE, *options, folder=checkout.folder)
        assert finished.code == 0
        assert "PASS: nothing that decides has changed" in finished.out
        for file in forms.values():
            assert (checkout.folder / file).stat().st_size > 100
        again = dialgate("report", ".dialgate/verdict-my-agent.json", folder=checkout.folder)
        assert again.out == finished.out.partition("Verdict: ")[0]

    def test_its_document_has_the_keys_of_any_verdict(
        self, checkout: Checkout, known: Path
    ) -> None:
        remember(checkout, known)
        short = dialgate("check", SUITE, "--json", "-", folder=checkout.folder).verdict()
        whole = dialgate(
            "check", SUITE, "--json", "-", "--always", folder=checkout.folder
        ).verdict()
        assert set(short) == {*whole, "unchanged"}
        for key in ("suite_estimates", "cases", "usage"):
            assert set(short[key]) == set(whole[key])


def hide_the_agents_code(checkout: Checkout) -> None:
    checkout.replace(f"{SUITE}/release.toml", 'code = ["agent/**/*.py"]', "code = []")


def quarantine_every_case(checkout: Checkout) -> None:
    entry = '\n[[quarantine]]\ncase = "{}"\nowner = "me"\nreason = "later"\nuntil = 2999-01-01\n'
    path = checkout.suite / "suite.toml"
    path.write_text(path.read_text() + "".join(entry.format(c["id"]) for c in checkout.cases()))


def name_a_class_without_cases(checkout: Checkout) -> None:
    path = checkout.suite / "policy.toml"
    path.write_text(path.read_text() + '\n[gate.class."read"]\nmargin = 0.0\n')


class TestTheShortWayHidesNothing:
    """What may have changed unseen, or would be no pass if it were run, is run."""

    def unchanged_after(self, edit: Callable[[Checkout], None], checkout: Checkout) -> Any:
        git(checkout.folder, "checkout", "-q", "main")
        edit(checkout)
        checkout.commit("how main is")
        git(checkout.folder, "commit", "-q", "--allow-empty", "-m", "nothing more")
        git(checkout.folder, "checkout", "-q", "-B", "next")
        dialgate("run", SUITE, folder=checkout.folder)
        return dialgate("check", SUITE, "--json", "-", folder=checkout.folder)

    def test_an_agent_whose_code_is_no_part_of_the_release_is_run(self, checkout: Checkout) -> None:
        finished = self.unchanged_after(hide_the_agents_code, checkout)
        assert "unchanged" not in finished.verdict()
        assert finished.verdict()["usage"]["agent_calls"] >= 17

    @pytest.mark.parametrize(
        "edit", [quarantine_every_case, name_a_class_without_cases], ids=lambda edit: edit.__name__
    )
    def test_an_unchanged_suite_that_can_not_decide_is_invalid(
        self, edit: Callable[[Checkout], None], checkout: Checkout
    ) -> None:
        finished = self.unchanged_after(edit, checkout)
        assert (finished.code, finished.verdict()["verdict"]) == (4, "invalid")

    def test_an_expired_quarantine_is_an_error_all_the_same(self, checkout: Checkout) -> None:
        def expire(checkout: Checkout) -> None:
            path = checkout.suite / "suite.toml"
            entry = 'case = "my-agent-001"\nowner = "me"\nreason = "x"\nuntil = 2020-01-01\n'
            path.write_text(f"{path.read_text()}\n[[quarantine]]\n{entry}")

        assert self.unchanged_after(expire, checkout).code == 2

    def test_a_mode_that_moves_beside_the_ledger_fails(self, checkout: Checkout) -> None:
        move_the_dial(checkout)
        checkout.commit("by hand")
        finished = dialgate("check", SUITE, "--json", "-", folder=checkout.folder)
        assert finished.code == 1
        assert [item["label"] for item in finished.verdict()["judge_changes"]] == ["runbook-change"]

    def test_recorded_suites_are_read_as_ever(self, checkout: Checkout) -> None:
        path = checkout.suite / "suite.toml"
        text = path.read_text().partition("[agent]")[0]
        path.write_text(f'{text}[agent]\nkind = "transcript"\npath = "recorded.jsonl"\n')
        (checkout.suite / "recorded.jsonl").write_text("")
        checkout.commit("recorded")
        git(checkout.folder, "branch", "-f", "main")
        git(checkout.folder, "commit", "-q", "--allow-empty", "-m", "change")
        finished = dialgate("check", SUITE, "--json", "-", folder=checkout.folder)
        assert finished.code == 4

    def test_an_unpinned_model_is_said_in_the_pass(self, checkout: Checkout) -> None:
        def float_the_model(checkout: Checkout) -> None:
            checkout.replace(f"{SUITE}/release.toml", "fixed-rules-2026-11-01", "rules-latest")

        verdict = self.unchanged_after(float_the_model, checkout).verdict()
        assert verdict["unchanged"]
        assert "floating alias" in verdict["reasons"][-1]
