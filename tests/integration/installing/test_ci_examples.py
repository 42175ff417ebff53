"""What the how-to hands out to copy works, and the comment's script trusts nothing."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.integration.checkouts import Checkout
from tests.integration.command_line import PATHS, PROJECT
from tests.integration.installing.action_steps import own_dialgate

if TYPE_CHECKING:
    from pathlib import Path

EXAMPLES = PROJECT / "examples/ci"
HEAD = "a" * 40


class TestThePlainScript:
    """examples/ci/gate.sh, on a scaffolded workspace, in three shards."""

    def run(self, folder: Path, temporary: Path) -> subprocess.CompletedProcess[str]:
        temporary.mkdir()
        own_dialgate(temporary)
        return subprocess.run(
            ["bash", str(EXAMPLES / "gate.sh"), "suites/my-agent", "main", "3"],
            cwd=folder,
            env={
                **os.environ,
                "PATH": f"{temporary}:{os.environ['PATH']}",
                "PYTHONPATH": PATHS,
                "TMPDIR": str(temporary),
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=400,
        )

    def test_ends_with_the_verdicts_code_and_runs_no_trial_twice(self, tmp_path: Path) -> None:
        checkout = Checkout(tmp_path / "work")
        checkout.break_refunds()
        done = self.run(checkout.folder, tmp_path / "tmp")
        assert done.returncode == 1, done.stderr
        assert "15 of 17 trials passed in 17 cases" in done.stdout
        (page,) = (tmp_path / "tmp").glob("dialgate.*/report.html")
        assert page.stat().st_size > 10_000
        (verdict,) = (checkout.folder / ".dialgate").glob("verdict-*.json")
        document = json.loads(verdict.read_text())
        usage, fresh = document["usage"], document["confirmation"]["agent_calls"]
        # The shards' trials are replayed; the baseline's own and fresh ones are what is paid for.
        assert usage["cached"] == 17
        assert usage["agent_calls"] == 17 + fresh

    def test_without_all_shards_is_invalid(self, tmp_path: Path) -> None:
        checkout = Checkout(tmp_path / "work")
        release = checkout.suite / "release.toml"
        release.write_text(release.read_text() + "\n[nothing]\n")
        done = self.run(checkout.folder, tmp_path / "tmp")
        assert done.returncode == 4
        assert "A shard ended with exit code 2" in done.stderr
        assert not (checkout.folder / ".dialgate").exists()


def test_the_how_to_shows_the_files_as_they_are() -> None:
    text = (PROJECT / "docs/how-to/run-in-ci.md").read_text("utf-8")
    for name in ("gate.yml", "gitlab-ci.yml", "gate.sh"):
        body = (EXAMPLES / name).read_text("utf-8")
        assert body.rstrip() in text, f"examples/ci/{name} is shown otherwise"


def test_each_shard_of_the_matrices_is_one_of_the_split() -> None:
    workflow = yaml.safe_load((EXAMPLES / "sharded.yml").read_text("utf-8"))
    shards = workflow["jobs"]["shard"]["strategy"]["matrix"]["shard"]
    (run,) = [step["run"] for step in workflow["jobs"]["shard"]["steps"] if "--shard" in str(step)]
    assert f'"$SHARD/{len(shards)}"' in run
    assert shards == list(range(1, len(shards) + 1))


COMMENT = yaml.safe_load((PROJECT / ".github/workflows/comment.yml").read_text("utf-8"))
HARNESS = """
const given = JSON.parse(require('fs').readFileSync(0, 'utf8'));
const did = [];
const note = (name) => async (argument) => { did.push([name, argument]); };
const github = {
  rest: {
    pulls: { list: async (query) => { did.push(['list', query]); return { data: given.pulls }; } },
    issues: {
      listComments: 'listComments',
      createComment: note('create'),
      updateComment: note('update'),
    },
  },
  paginate: async () => given.comments,
};
const context = {
  repo: { owner: 'octo', repo: 'shop' }, payload: { workflow_run: given.run },
};
const core = { info: (text) => did.push(['info', text]),
               warning: (text) => did.push(['warning', text]) };
(async () => { SCRIPT })().then(() => console.log(JSON.stringify(did)));
"""


@pytest.mark.skipif(shutil.which("node") is None, reason="Node is not installed")
class TestTheComment:
    """comment.yml's script, run by Node with a GitHub that notes what it is asked for."""

    def post(
        self,
        folder: Path,
        *,
        pulls: list[dict[str, Any]] | None = None,
        comments: list[dict[str, Any]] | None = None,
        **run: Any,
    ) -> list[list[Any]]:
        (step,) = [s for s in COMMENT["jobs"]["comment"]["steps"] if "script" in s["with"]]
        repository = {"id": 5, "owner": {"login": "fork"}}
        given = {
            "run": {
                "head_sha": HEAD,
                "head_branch": "$(touch pwned)",
                "head_repository": repository,
                "html_url": "https://github.com/octo/shop/actions/runs/1",
                **run,
            },
            "pulls": [self.pull()] if pulls is None else pulls,
            "comments": comments or [],
        }
        done = subprocess.run(
            ["node", "-e", HARNESS.replace("SCRIPT", step["with"]["script"])],
            input=json.dumps(given),
            env={**os.environ, "FOLDER": str(folder)},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        found: list[list[Any]] = json.loads(done.stdout)
        return found

    def pull(self, number: int = 7, sha: str = HEAD, repository: int = 5) -> dict[str, Any]:
        return {"number": number, "head": {"sha": sha, "repo": {"id": repository}}}

    def artifact(
        self, folder: Path, name: str = "shop", text: str = "### ❌ FAIL\n", number: str = "7\n"
    ) -> Path:
        path = folder / f"dialgate-comment-{name}"
        path.mkdir(parents=True)
        (path / "comment.md").write_text(text, "utf-8")
        (path / "pull-request.txt").write_text(number)
        return folder

    def posted(self, did: list[list[Any]]) -> list[list[Any]]:
        return [item for item in did if item[0] in {"create", "update"}]

    def test_is_created_once_and_updated_from_then_on(self, tmp_path: Path) -> None:
        folder = self.artifact(tmp_path)
        (created,) = self.posted(self.post(folder))
        assert created[0] == "create"
        assert created[1]["issue_number"] == 7
        body = created[1]["body"]
        assert body.startswith("<!-- dialgate shop -->\n### ❌ FAIL\n")
        assert f"Written by the gate of {HEAD[:12]}: https://github.com/" in body
        bot = {"user": {"login": "github-actions[bot]"}}
        before = [
            {"id": 1, "body": body, "user": {"login": "somebody"}},
            {"id": 2, "body": "<!-- dialgate other -->\n", **bot},
            {"id": 3, "body": body, **bot},
        ]
        (updated,) = self.posted(self.post(folder, comments=before))
        assert (updated[0], updated[1]["comment_id"]) == ("update", 3)

    def test_asks_github_for_the_pull_requests_of_the_run(self, tmp_path: Path) -> None:
        (asked,) = [item for item in self.post(self.artifact(tmp_path)) if item[0] == "list"]
        assert asked[1]["head"] == "fork:$(touch pwned)"
        assert asked[1]["state"] == "open"

    @pytest.mark.parametrize(
        "pulls",
        [[], [{"number": 8}], [{"sha": "b" * 40}], [{"repository": 6}]],
        ids=["none is open", "another number", "a newer commit", "another fork"],
    )
    def test_is_posted_to_no_pull_request_that_the_run_is_not_of(
        self, pulls: list[dict[str, Any]], tmp_path: Path
    ) -> None:
        did = self.post(self.artifact(tmp_path), pulls=[self.pull(**item) for item in pulls])
        assert self.posted(did) == []
        assert did[-1][0] == "warning"

    @pytest.mark.parametrize("number", ["", "7; rm", "07", "7\n8\n", "0x7", "1e1", "7" * 400_000])
    def test_takes_a_number_for_nothing_but_a_number(self, number: str, tmp_path: Path) -> None:
        assert self.posted(self.post(self.artifact(tmp_path, number=number))) == []

    def test_is_cut_under_githubs_limit_and_mentions_nobody(self, tmp_path: Path) -> None:
        text = "@octocat @org/team a@b.example " + "x" * 200_000
        (created,) = self.posted(self.post(self.artifact(tmp_path, text=text)))
        assert len(created[1]["body"]) < 65_536
        assert not re.search(r"@[A-Za-z0-9-]", created[1]["body"])

    def test_of_an_absurd_size_is_not_read(self, tmp_path: Path) -> None:
        assert self.posted(self.post(self.artifact(tmp_path, text="x" * 300_000))) == []

    def test_follows_no_link_out_of_the_artifact(self, tmp_path: Path) -> None:
        folder = self.artifact(tmp_path / "gate")
        secret = tmp_path / "secret"
        secret.write_text("secret")
        text = folder / "dialgate-comment-shop/comment.md"
        text.unlink()
        text.symlink_to(secret)
        assert self.posted(self.post(folder)) == []

    def test_of_a_name_that_the_gate_does_not_give_is_left_out(self, tmp_path: Path) -> None:
        folder = self.artifact(tmp_path, name="--> @all")
        (folder / "dialgate-comment-file").write_text("no folder")
        assert self.posted(self.post(folder)) == []

    def test_is_not_posted_where_nothing_was_left(self, tmp_path: Path) -> None:
        assert self.posted(self.post(tmp_path / "nothing")) == []
        assert self.posted(self.post(self.artifact(tmp_path), head_repository=None)) == []

    def test_has_the_least_permissions_and_checks_nothing_out(self) -> None:
        assert COMMENT["permissions"] == {}
        permissions = COMMENT["jobs"]["comment"]["permissions"]
        assert permissions == {"actions": "read", "pull-requests": "write"}
        assert "checkout" not in json.dumps(COMMENT["jobs"])
        assert not any("run" in step for step in COMMENT["jobs"]["comment"]["steps"])
