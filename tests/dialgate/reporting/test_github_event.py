"""Which commit a change is against, from what GitHub says about the run."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from dialgate.git.default_base import base_of_change
from dialgate.reporting.github_event import GitHubEvent, read_event
from dialgate_evals.errors import UsageError
from tests.integration.checkouts import git, make_repository

if TYPE_CHECKING:
    from pathlib import Path

BASE, HEAD = "b" * 40, "a" * 40


def event(folder: Path, name: str, document: Any) -> GitHubEvent:
    path = folder / "event.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return read_event({"GITHUB_EVENT_NAME": name, "GITHUB_EVENT_PATH": str(path)})


def pull_request(base: object = BASE, head: object = HEAD) -> dict[str, Any]:
    return {"number": 7, "pull_request": {"base": {"sha": base}, "head": {"sha": head}}}


@pytest.mark.parametrize(
    ("name", "document", "expected"),
    [
        ("pull_request", pull_request(), GitHubEvent(base=BASE, head=HEAD, pull_request=7)),
        (
            "merge_group",
            {"merge_group": {"base_sha": BASE, "head_sha": HEAD}},
            GitHubEvent(base=BASE, head=HEAD),
        ),
        ("push", {"before": BASE, "after": HEAD}, GitHubEvent(base=BASE)),
        ("push", {"before": "0" * 40}, GitHubEvent()),
        ("schedule", {"schedule": "17 2 * * *"}, GitHubEvent()),
        ("workflow_dispatch", {}, GitHubEvent()),
    ],
    ids=["pull request", "merge queue", "push", "first push", "schedule", "by hand"],
)
def test_an_event_names_its_base(
    name: str, document: Any, expected: GitHubEvent, tmp_path: Path
) -> None:
    assert event(tmp_path, name, document) == expected


@pytest.mark.parametrize(
    ("name", "document", "words"),
    [
        ("pull_request", pull_request(base="main"), "'main', which is no commit"),
        ("pull_request", pull_request(base="--output=x"), "which is no commit"),
        ("pull_request", pull_request(head="$(id)\n" + HEAD), "which is no commit"),
        ("pull_request", pull_request(base=None), "which is no commit"),
        ("pull_request", {"number": 7}, "names no base commit"),
        ("merge_group", {}, "names no base commit"),
        ("push", {}, "names no base commit"),
        ("push", "no json", "no JSON"),
        ("push", "[]", "no JSON object"),
        ("pull_request_target", pull_request(), "Use pull_request"),
    ],
)
def test_an_event_of_another_shape_is_an_error_and_never_no_base(
    name: str, document: Any, words: str, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="(?s)" + words.replace("(", r"\(")):
        event(tmp_path, name, document)


@pytest.mark.parametrize("missing", ["GITHUB_EVENT_NAME", "GITHUB_EVENT_PATH"])
def test_outside_of_github_it_says_what_to_do(missing: str) -> None:
    environment = {"GITHUB_EVENT_NAME": "push", "GITHUB_EVENT_PATH": "event.json"}
    with pytest.raises(UsageError, match="--baseline REF"):
        read_event({**environment, missing: ""})


class TestTheBaseOfAChange:
    """It is what the change goes into, wherever main and the branch have gone since."""

    @pytest.fixture
    def commits(self, tmp_path: Path) -> dict[str, str]:
        """main: one, two; change: from one; checked out as GitHub's merge of it into two."""
        make_repository(tmp_path)
        (tmp_path / "suite.toml").write_text('name = "shop"\n')
        found = {"one": self.commit(tmp_path, "one")}
        git(tmp_path, "checkout", "-q", "-b", "change")
        found["change"] = self.commit(tmp_path, "change")
        git(tmp_path, "checkout", "-q", "main")
        found["two"] = self.commit(tmp_path, "two")
        git(tmp_path, "checkout", "-q", "--detach")
        git(tmp_path, "merge", "-q", "--no-ff", "-m", "merge", "change")
        return found

    def commit(self, folder: Path, name: str) -> str:
        (folder / name).write_text(name)
        git(folder, "add", "-A")
        git(folder, "commit", "-q", "-m", name)
        return git(folder, "rev-parse", "HEAD").strip()

    def test_is_what_it_was_merged_into_though_the_event_names_an_older_one(
        self, commits: dict[str, str], tmp_path: Path
    ) -> None:
        base = base_of_change(tmp_path, base=commits["one"], head=commits["change"])
        assert base.commit == commits["two"]

    def test_is_where_it_began_where_the_branch_itself_is_checked_out(
        self, commits: dict[str, str], tmp_path: Path
    ) -> None:
        git(tmp_path, "checkout", "-q", "change")
        base = base_of_change(tmp_path, base=commits["two"], head=commits["change"])
        assert base.commit == commits["one"]

    def test_is_not_a_parent_of_a_merge_that_the_event_does_not_name(
        self, commits: dict[str, str], tmp_path: Path
    ) -> None:
        with pytest.raises(UsageError, match="does not hold the change's last commit"):
            base_of_change(tmp_path, base=commits["one"], head="c" * 40)

    def test_is_where_it_began_where_more_was_committed_on_top_of_it(
        self, commits: dict[str, str], tmp_path: Path
    ) -> None:
        git(tmp_path, "checkout", "-q", "change")
        self.commit(tmp_path, "by a robot")
        base = base_of_change(tmp_path, base=commits["two"], head=commits["change"])
        assert base.commit == commits["one"]

    def test_is_the_release_that_baseline_toml_names_there(
        self, commits: dict[str, str], tmp_path: Path
    ) -> None:
        git(tmp_path, "checkout", "-q", "main")
        git(tmp_path, "tag", "production", commits["one"])
        (tmp_path / "baseline.toml").write_text('schema = 1\nref = "production"\n')
        three = self.commit(tmp_path, "three")
        (tmp_path / "baseline.toml").write_text('schema = 1\nref = "main"\n')
        self.commit(tmp_path, "the change chooses its own judge")
        assert base_of_change(tmp_path, base=three).commit == commits["one"]

    def test_that_is_not_in_the_clone_is_an_error(
        self, commits: dict[str, str], tmp_path: Path
    ) -> None:
        with pytest.raises(UsageError, match=r"not in this clone.*fetch-depth: 0"):
            base_of_change(tmp_path, base="d" * 40)
        clone = tmp_path / "clone"
        git(tmp_path, "clone", "-q", "--depth=1", "--branch=main", f"file://{tmp_path}", "clone")
        with pytest.raises(UsageError, match="not in this clone"):
            base_of_change(clone, base=commits["one"])

    def test_outside_of_git_is_an_error(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="in no git checkout"):
            base_of_change(tmp_path, base="d" * 40)
