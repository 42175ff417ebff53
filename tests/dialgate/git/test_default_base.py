"""The base that nobody names is proven, or the message has the one command that mends it."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from dialgate.git.base_ref import suite_path_at
from dialgate.git.default_base import default_base
from dialgate.git.git_checkout import open_checkout
from dialgate.git.whole_files import refuse_partial
from dialgate_evals.errors import UsageError
from tests.integration.checkouts import commit_all, git, make_repository


class Repository:
    """A suite of two files on the branch `branch`, without a remote."""

    def __init__(self, folder: Path, branch: str = "main") -> None:
        self.folder = folder
        self.suite = folder / "suites" / "shop"
        self.suite.mkdir(parents=True)
        make_repository(folder, branch=branch)
        (self.suite / "suite.toml").write_text('name = "shop"\ncases = ["../../golden/*.jsonl"]\n')
        (folder / "golden").mkdir()
        (folder / "golden" / "cases.jsonl").write_text("")
        self.first = self.commit("first")

    def commit(self, name: str) -> str:
        (self.suite / name).write_text(name)
        commit_all(self.folder, name)
        return self.at("HEAD")

    def at(self, ref: str) -> str:
        return git(self.folder, "rev-parse", ref).strip()

    def base(self, **environment: str) -> str:
        found = default_base(self.suite, environment)
        assert found is not None
        return found.commit

    def refusal(self, **environment: str) -> str:
        with pytest.raises(UsageError) as raised:
            default_base(self.suite, environment)
        return str(raised.value)

    def clone(self, *options: str) -> Repository:
        other = object.__new__(Repository)
        other.folder = self.folder.parent / "clone"
        git(self.folder.parent, "clone", "-q", *options, self.folder.as_uri(), str(other.folder))
        other.suite = other.folder / "suites" / "shop"
        return other


def event(folder: Path, document: object) -> dict[str, str]:
    path = folder / "event.json"
    path.write_text(json.dumps(document))
    return {"GITHUB_EVENT_PATH": str(path)}


@pytest.fixture
def main(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "work")


class TestTheMainBranch:
    """Any name, but never one of several that could be it."""

    @pytest.mark.parametrize("name", ["trunk", "develop", "main", "master", "mainline"])
    def test_a_usual_name_alone_is_it(self, name: str, tmp_path: Path) -> None:
        work = Repository(tmp_path / "work", branch=name)
        git(work.folder, "checkout", "-q", "-b", "feature/one")
        work.commit("worse")
        assert work.base() == work.first

    def test_an_unusual_name_is_asked_for(self, tmp_path: Path) -> None:
        work = Repository(tmp_path / "work", branch="line-7")
        git(work.folder, "checkout", "-q", "-b", "feature")
        work.commit("worse")
        assert "Name the base with --baseline REF" in work.refusal()

    def test_two_usual_names_are_asked_for(self, main: Repository) -> None:
        git(main.folder, "branch", "develop")
        git(main.folder, "checkout", "-q", "-b", "feature")
        main.commit("worse")
        assert "main and develop could each be it" in main.refusal().replace(
            "develop and main", "main and develop"
        )

    def test_a_clone_knows_it_by_its_remote(self, tmp_path: Path) -> None:
        work = Repository(tmp_path / "work", branch="line-7")
        git(work.folder, "branch", "main")
        copy = work.clone()
        git(copy.folder, "checkout", "-q", "-b", "feature")
        copy.commit("worse")
        assert copy.base() == work.first

    def test_a_ci_says_it(self, tmp_path: Path) -> None:
        work = Repository(tmp_path / "work", branch="line-7")
        git(work.folder, "checkout", "-q", "-b", "feature")
        this = work.commit("worse")
        assert work.base(CI_COMMIT_SHA=this, CI_DEFAULT_BRANCH="line-7") == work.first

    def test_the_only_branch_is_it(self, tmp_path: Path) -> None:
        work = Repository(tmp_path / "work", branch="line-7")
        work.commit("second")
        assert work.base() == work.first


class TestTheMainBranchItself:
    def test_a_changed_file_of_the_suite_is_measured_against_head(self, main: Repository) -> None:
        (main.folder / "golden" / "cases.jsonl").write_text("{}")
        assert main.base() == main.first

    def test_a_clean_one_is_measured_against_the_commit_before(self, main: Repository) -> None:
        main.commit("second")
        (main.folder / "README.md").write_text("no file of the suite")
        assert main.base() == main.first

    def test_a_clean_first_commit_has_no_base(self, main: Repository) -> None:
        assert "--baseline" in main.refusal()

    def test_a_branch_that_begins_there_is_no_different(self, main: Repository) -> None:
        main.commit("second")
        git(main.folder, "checkout", "-q", "-b", "feature")
        assert main.base() == main.first

    @pytest.mark.parametrize(
        "name", ["CI_COMMIT_BEFORE_SHA", "CI_PREV_COMMIT_SHA", "GIT_PREVIOUS_COMMIT"]
    )
    def test_a_push_is_measured_from_where_it_began(self, name: str, main: Repository) -> None:
        main.commit("second")
        main.commit("third")
        assert main.base(**{name: main.first}) == main.first

    def test_github_says_where_it_began(self, main: Repository, tmp_path: Path) -> None:
        main.commit("second")
        this = main.commit("third")
        assert main.base(**event(tmp_path, {"before": main.first, "after": this})) == main.first

    def test_a_dirty_tree_hides_no_push(self, main: Repository) -> None:
        main.commit("second")
        (main.folder / "golden" / "cases.jsonl").write_text("{}")
        assert main.base(CI_COMMIT_BEFORE_SHA=main.first) == main.first

    def test_the_first_push_of_a_branch_names_nothing_before(self, main: Repository) -> None:
        this = main.commit("second")
        assert main.base(CI_COMMIT_SHA=this, CI_COMMIT_BEFORE_SHA="0" * 40) == main.first

    def test_a_push_whose_beginning_is_not_here_says_how_to_fetch_it(
        self, main: Repository
    ) -> None:
        this = main.commit("second")
        refusal = main.refusal(CI_COMMIT_SHA=this, CI_COMMIT_BEFORE_SHA="d" * 40)
        assert f"git fetch --depth=1 origin {'d' * 40}" in refusal

    def test_what_a_ci_says_of_another_repository_is_nothing(self, main: Repository) -> None:
        main.commit("second")
        assert main.base(CI_COMMIT_SHA="e" * 40, CI_COMMIT_BEFORE_SHA="d" * 40) == main.first

    def test_a_shallow_clone_says_how_to_get_the_commit_before(self, main: Repository) -> None:
        main.commit("second")
        copy = main.clone("--depth=1")
        found = re.search(r"git fetch --deepen=1 origin", copy.refusal())
        assert found is not None
        subprocess.run(shlex.split(found[0]), cwd=copy.folder, check=True, capture_output=True)
        assert copy.base() == main.first


class TestAChange:
    def test_a_merge_request_goes_into_the_commit_that_it_names(self, main: Repository) -> None:
        git(main.folder, "checkout", "-q", "-b", "feature")
        this = main.commit("worse")
        assert (
            main.base(CI_COMMIT_SHA=this, CI_MERGE_REQUEST_DIFF_BASE_SHA=main.first) == main.first
        )

    def test_a_stale_merge_is_refused_with_the_command(
        self, main: Repository, tmp_path: Path
    ) -> None:
        git(main.folder, "checkout", "-q", "-b", "feature")
        main.commit("as it was when the merge was made")
        git(main.folder, "checkout", "-q", "--detach", "main")
        git(main.folder, "merge", "-q", "--no-ff", "-m", "merge", "feature")
        made = main.at("HEAD")
        git(main.folder, "checkout", "-q", "feature")
        head = main.commit("pushed since")
        git(main.folder, "checkout", "-q", made)
        change = {"base": {"sha": main.first}, "head": {"sha": head}}
        assert f"git fetch origin {head}" in main.refusal(
            **event(tmp_path, {"pull_request": change})
        )

    def test_a_merge_queue_begins_at_its_base(self, main: Repository, tmp_path: Path) -> None:
        git(main.folder, "checkout", "-q", "-b", "queue")
        other = main.commit("another change of the queue")
        head = main.commit("this one")
        group = {"merge_group": {"base_sha": other, "head_sha": head}}
        assert main.base(**event(tmp_path, group)) == other
        git(main.folder, "checkout", "-q", "--detach", main.first)
        assert "does not hold the change's last commit" in main.refusal(**event(tmp_path, group))

    def test_a_base_that_holds_the_change_already_is_refused(
        self, main: Repository, tmp_path: Path
    ) -> None:
        change = {"base": {"sha": main.first}, "head": {"sha": main.first}}
        refusal = main.refusal(**event(tmp_path, {"pull_request": change}))
        assert "compared with itself" in refusal

    def test_a_cut_history_may_hide_a_nearer_base(self, main: Repository) -> None:
        """The change merged main in; of that merge only main's side is cut away."""
        git(main.folder, "checkout", "-q", "-b", "feature")
        main.commit("change")
        git(main.folder, "checkout", "-q", "main")
        second = main.commit("second")
        third = main.commit("third")
        git(main.folder, "checkout", "-q", "feature")
        git(main.folder, "merge", "-q", "-m", "merge", second)
        git(main.folder, "checkout", "-q", "main")
        copy = main.clone()
        git(copy.folder, "checkout", "-q", "feature")
        assert copy.base() == second
        # As a fetch by depth leaves it: main's history ends at its last commit.
        (copy.folder / ".git" / "shallow").write_text(f"{third}\n")
        checkout = open_checkout(copy.folder)
        assert checkout is not None
        assert checkout.is_shallow
        refusal = copy.refusal()
        assert "git fetch --unshallow origin" in refusal

    def test_branches_merged_both_ways_are_asked_for(self, main: Repository) -> None:
        git(main.folder, "checkout", "-q", "-b", "feature")
        change = main.commit("change")
        git(main.folder, "checkout", "-q", "main")
        second = main.commit("second")
        git(main.folder, "merge", "-q", "-m", "one", change)
        git(main.folder, "checkout", "-q", "feature")
        git(main.folder, "merge", "-q", "-m", "other", second)
        assert "2 last common commits" in main.refusal()


class TestTheUsersFiles:
    def test_a_base_that_can_not_be_fetched_is_no_first_release(self, main: Repository) -> None:
        """A partial clone lacks what differs in the base."""
        (main.suite / "suite.toml").write_text('name = "shop"\n')
        main.commit("more")
        git(main.folder, "config", "uploadpack.allowFilter", "true")
        partial = main.clone("--filter=blob:none")
        main.folder.rename(main.folder.with_name("gone"))
        with pytest.raises(UsageError, match=r"could not read suites/shop/suite\.toml"):
            suite_path_at(partial.suite, main.first)

    def test_a_sparse_checkout_without_a_named_file_is_refused(self, main: Repository) -> None:
        git(main.folder, "sparse-checkout", "set", "suites")
        with pytest.raises(UsageError, match="git sparse-checkout add golden") as raised:
            refuse_partial(main.suite)
        command = re.search(r"git sparse-checkout add \S+", str(raised.value))
        assert command is not None
        subprocess.run(shlex.split(command[0]), cwd=main.folder, check=True, capture_output=True)
        refuse_partial(main.suite)

    def test_a_pointer_in_the_place_of_a_named_file_is_refused(self, main: Repository) -> None:
        pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 9\n"
        (main.folder / "golden" / "cases.jsonl").write_text(pointer)
        with pytest.raises(UsageError, match=r"cases.jsonl is a Git LFS pointer.*git lfs pull"):
            refuse_partial(main.suite)

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder to somebody else")
    def test_a_checkout_of_somebody_else_is_read(self, main: Repository) -> None:
        main.commit("second")
        for folder, _, files in os.walk(main.folder):
            os.chown(folder, 65534, 65534)
            for file in files:
                os.chown(Path(folder) / file, 65534, 65534)
        assert main.base() == main.first


def test_what_changed_in_the_agents_folder_makes_the_first_commit_a_base(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    (tmp_path / "agent.ts").write_text("1")
    first = repository.commit("agent")
    git(tmp_path, "checkout", "-q", "--orphan", "fresh")
    git(tmp_path, "branch", "-q", "-D", "main")
    git(tmp_path, "branch", "-q", "-m", "main")
    only = repository.commit("only")
    (tmp_path / "agent.ts").write_text("2")
    assert "nothing to compare" in repository.refusal()
    with (repository.suite / "suite.toml").open("a") as settings:
        settings.write('[agent]\nworking_folder = "../.."\n')
    git(tmp_path, "commit", "-q", "--amend", "-m", "only", "suites")
    assert repository.base() == repository.at("HEAD")
    assert first != only
