"""The base is found in every kind of checkout, or the message says what to fetch."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.integration.checkouts import Checkout, git
from tests.integration.command_line import dialgate

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.command_line import Finished

SUITE = "suites/my-agent"
PROMPT = f"{SUITE}/prompts/system.md"


@pytest.fixture
def checkout(scaffold: Checkout, tmp_path: Path) -> Checkout:
    """On the branch `change`, whose prompt differs from main in one word."""
    found = scaffold.copy_to(tmp_path / "origin")
    git(found.folder, "checkout", "-q", "main")
    git(found.folder, "tag", "v1")
    found.replace(PROMPT, "shop customers", "a shop's customers")
    found.commit("main goes on")
    git(found.folder, "checkout", "-q", "change")
    found.replace(PROMPT, "up to 50 USD", "up to 40 USD")
    found.commit("change")
    return found


def clone(checkout: Checkout, *options: str) -> Checkout:
    """A clone of the repository, whose own HEAD is on main as a server's is."""
    git(checkout.folder, "checkout", "-q", "main")
    folder = checkout.folder.parent / "clone"
    git(checkout.folder.parent, "clone", "-q", *options, checkout.folder.as_uri(), str(folder))
    return Checkout(folder)


def follow(advice: str, pattern: str, folder: Path) -> None:
    """Runs the one command of the message that matches, exactly as it stands there."""
    found = re.search(pattern, advice)
    assert found is not None, advice
    subprocess.run(shlex.split(found[0]), cwd=folder, check=True, capture_output=True)


def changed_components(finished: Finished) -> list[str]:
    assert finished.code == 0, finished.err
    return [change["component"] for change in finished.verdict()["changes"]]


class TestShallowClones:
    """HEAD compared with itself never fails: a base that isn't there is an error, not a pass."""

    def test_without_the_main_branch_the_message_gets_it(self, checkout: Checkout) -> None:
        shallow = clone(checkout, "--depth", "1", "--branch", "change")
        refused = dialgate("check", SUITE, folder=shallow.folder)
        assert refused.code == 2
        assert "shallow clone without the main branch" in refused.err
        follow(refused.err, r"git fetch --depth=1 \S+ \S+", shallow.folder)
        assert changed_components(shallow.changes("--baseline", "origin/main")) == ["prompts"]

    def test_a_history_that_does_not_meet_is_said_and_can_be_fetched(
        self, checkout: Checkout
    ) -> None:
        shallow = clone(checkout, "--depth", "1", "--branch", "change", "--no-single-branch")
        refused = shallow.changes()
        assert refused.code == 2
        assert "does not reach the merge base" in refused.err
        follow(refused.err, r"git fetch --unshallow origin '[^']+'", shallow.folder)
        changes = shallow.changes()
        assert changed_components(changes) == ["prompts"]
        assert "merge base with origin/HEAD" in changes.verdict()["baseline"]["place"]

    def test_a_tag_that_is_not_there_can_be_fetched(self, checkout: Checkout) -> None:
        shallow = clone(checkout, "--depth", "1", "--branch", "change")
        refused = shallow.changes("--baseline", "v1")
        assert refused.code == 2
        follow(refused.err, r"git fetch --depth=1 origin tag \w+", shallow.folder)
        assert changed_components(shallow.changes("--baseline", "v1")) == ["prompts"]

    def test_a_commit_that_is_not_there_can_be_fetched(self, checkout: Checkout) -> None:
        shallow = clone(checkout, "--depth", "1", "--branch", "change")
        commit = git(checkout.folder, "rev-parse", "main").strip()
        refused = shallow.changes("--baseline", commit)
        follow(refused.err, r"git fetch --depth=1 origin [0-9a-f]{40}", shallow.folder)
        assert changed_components(shallow.changes("--baseline", commit)) == ["prompts"]


def test_a_remote_whose_main_branch_is_unknown_is_an_error(checkout: Checkout) -> None:
    git(checkout.folder, "branch", "-m", "main", "line-7")
    git(checkout.folder, "remote", "add", "origin", "https://example.com/x.git")
    refused = checkout.changes()
    assert refused.code == 2
    assert "git remote set-head origin --auto" in refused.err


def test_a_checkout_that_git_can_not_read_is_no_first_release(checkout: Checkout) -> None:
    shutil.rmtree(checkout.folder / ".git")
    (checkout.folder / ".git").write_text("gitdir: gone")
    refused = dialgate("check", SUITE, folder=checkout.folder)
    assert refused.code == 2
    assert "git can't read the checkout" in refused.err


def test_a_linked_worktree_has_the_same_base(checkout: Checkout) -> None:
    other = checkout.folder.parent / "other"
    git(checkout.folder, "worktree", "add", "-q", "-b", "more", str(other), "change")
    linked = Checkout(other)
    assert changed_components(linked.changes()) == ["prompts"]
    verdict = dialgate("check", SUITE, "--json", "-", folder=other).verdict()
    assert [change["component"] for change in verdict["changes"]] == ["prompts"]
    assert len(git(checkout.folder, "worktree", "list").splitlines()) == 2


def test_a_suite_inside_a_submodule_has_the_submodules_base(checkout: Checkout) -> None:
    above = checkout.folder.parent / "above"
    git(checkout.folder.parent, "init", "-q", "-b", "main", str(above))
    git(checkout.folder, "checkout", "-q", "main")
    git(above, "submodule", "--quiet", "add", "-b", "change", checkout.folder.as_uri(), "agents")
    git(above, "commit", "-q", "-m", "with agents")
    finished = dialgate("changes", f"agents/{SUITE}", "--json", "-", folder=above)
    assert changed_components(finished) == ["prompts"]


class TestCasesInASubmodule:
    """The base's cases are those of the submodule's commit at the base."""

    @pytest.fixture
    def nested(self, checkout: Checkout) -> Checkout:
        golden = checkout.folder.parent / "golden"
        shutil.copytree(checkout.folder / "golden", golden)
        git(golden, "init", "-q", "-b", "main")
        git(golden, "add", "-A")
        git(golden, "commit", "-q", "-m", "cases")
        git(checkout.folder, "rm", "-rq", "golden")
        git(checkout.folder, "submodule", "--quiet", "add", golden.as_uri(), "golden")
        checkout.commit("cases in a submodule")
        git(checkout.folder, "branch", "-f", "main")
        return checkout

    def test_they_are_laid_out_for_reading_and_for_running(self, nested: Checkout) -> None:
        cases = nested.cases()
        cases[0]["messages"][0]["content"] += " Quickly!"
        nested.write_cases(cases)
        git(nested.folder / "golden", "commit", "-qam", "edit")
        assert changed_components(nested.changes()) == ["cases"]
        verdict = dialgate("check", SUITE, "--json", "-", folder=nested.folder).verdict()
        assert verdict["cases"]["changed"] == ["my-agent-001"]
        assert len(git(nested.folder, "worktree", "list").splitlines()) == 1

    def test_a_commit_that_is_not_there_is_said_how_to_fetch(self, nested: Checkout) -> None:
        git(nested.folder, "update-index", "--cacheinfo", f"160000,{'1' * 40},golden")
        git(nested.folder, "commit", "-q", "-m", "a commit that nobody has")
        refused = nested.changes("--baseline", "HEAD")
        assert refused.code == 2
        assert f"git -C golden fetch --depth=1 origin {'1' * 40}" in refused.err


class TestARenamedSuite:
    """A folder's name is no part of a suite: its base is found where it was."""

    @pytest.fixture
    def renamed(self, checkout: Checkout) -> Checkout:
        git(checkout.folder, "checkout", "-q", "-B", "next", "main")
        (checkout.folder / "agents").mkdir()
        git(checkout.folder, "mv", SUITE, "suites/shop")
        return checkout

    def test_nothing_differs(self, renamed: Checkout) -> None:
        finished = dialgate("changes", "suites/shop", "--json", "-", folder=renamed.folder)
        assert changed_components(finished) == []

    def test_what_breaks_beside_it_is_judged_against_the_base(self, renamed: Checkout) -> None:
        renamed.replace("suites/shop/prompts/system.md", "up to 50 USD", "up to 500 USD")
        finished = dialgate("check", "suites/shop", "--json", "-", folder=renamed.folder)
        assert finished.code == 1
        verdict = finished.verdict()
        assert verdict["baseline"] is not None
        assert [change["component"] for change in verdict["changes"]] == ["prompts"]
        assert verdict["judge_changes"] == []


def test_files_behind_a_link_are_found_at_the_base(checkout: Checkout) -> None:
    prompts = checkout.suite / "prompts"
    prompts.rename(checkout.folder / "shared-prompts")
    prompts.symlink_to("../../shared-prompts")
    checkout.commit("linked")
    git(checkout.folder, "branch", "-f", "main")
    assert changed_components(checkout.changes()) == []
    checkout.replace("shared-prompts/system.md", "up to 40 USD", "up to 30 USD")
    assert changed_components(checkout.changes()) == ["prompts"]


def test_the_variables_of_another_repositorys_hook_are_not_used(
    checkout: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", str(checkout.folder / "nowhere"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(checkout.folder / "no-index"))
    assert changed_components(checkout.changes()) == ["prompts"]
