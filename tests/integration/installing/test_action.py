"""The GitHub Action, its steps run as the shell commands they are on a temporary repository."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration.checkouts import Checkout, git
from tests.integration.command_line import PROJECT
from tests.integration.installing.action_steps import ACTION, ActionRun, run_action
from tests.reports.documents import a_document
from tests.workspaces import RELEASE, RecordedSuite

HOSTILE = '$(touch pwned)`touch pwned`";touch pwned;"\n::error::pwned'


class PullRequest:
    """A recorded suite on main, and a branch that ships release "2"; checked out as a merge."""

    def __init__(self, folder: Path, *, broken: int = 0) -> None:
        self.folder = folder / "repository"
        self.temporary = folder / "runner-temp"
        self.temporary.mkdir()
        self.suite = RecordedSuite(self.folder / "suites/shop")
        self.suite.record("2", {case_id: [] for case_id in self.suite.case_ids[:broken]})
        self.suite.write("release.toml", RELEASE.format(version="1"))
        git(self.folder, "init", "-q", "-b", "main")
        self.base = self.commit("base")
        git(self.folder, "checkout", "-q", "-b", "change")
        self.suite.write("release.toml", RELEASE.format(version="2"))
        self.head = self.commit("change")

    def commit(self, message: str) -> str:
        git(self.folder, "add", "-A")
        git(self.folder, "commit", "-q", "-m", message)
        return git(self.folder, "rev-parse", "HEAD").strip()

    def event(self) -> dict[str, Any]:
        branch = {"ref": HOSTILE, "label": HOSTILE}
        return {
            "number": 7,
            "pull_request": {
                "title": HOSTILE,
                "body": HOSTILE,
                "base": {**branch, "sha": self.base},
                "head": {**branch, "sha": self.head},
            },
        }

    def use(self, *, impostor: str | None = None, **inputs: str) -> ActionRun:
        """The action; `impostor`: what a program in place of `check` leaves as its verdict."""
        path = self.temporary / "event.json"
        path.write_text(json.dumps(self.event()))
        return run_action(
            self.folder,
            self.temporary,
            impostor=impostor,
            inputs={"suite": "suites/shop", "name": "shop", **inputs},
            github={
                "event_name": "pull_request",
                "event_path": str(path),
                "ref": "refs/pull/7/merge",
                "base_ref": "main",
                "run_id": "4711",
                "run_attempt": "1",
                "event.repository.default_branch": "main",
            },
        )

    def left(self, name: str) -> str:
        return (self.temporary / "dialgate-report-shop" / name).read_text("utf-8")


def marks_in(log: str) -> list[tuple[str, str, str]]:
    """Kind, properties and message of every annotation, outside of where commands are stopped."""
    heard = re.sub(
        r"^::stop-commands::(\S+)\n.*?^::\1::\n", "", log, flags=re.DOTALL | re.MULTILINE
    )
    return re.findall(r"^::(error|warning|notice) ?(.*?)::(.*)$", heard, flags=re.MULTILINE)


Used = tuple[PullRequest, ActionRun]
"""A pull request, and what the action said of it."""


@pytest.fixture(scope="module")
def harmless(tmp_path_factory: pytest.TempPathFactory) -> Used:
    change = PullRequest(tmp_path_factory.mktemp("harmless"))
    return change, change.use()


@pytest.fixture(scope="module")
def worse(tmp_path_factory: pytest.TempPathFactory) -> Used:
    change = PullRequest(tmp_path_factory.mktemp("worse"), broken=14)
    return change, change.use()


def test_an_unchanged_behaviour_passes_against_the_events_base(harmless: Used) -> None:
    change, done = harmless
    assert done.code == 0, done.log
    assert done.output("verdict") == "pass"
    assert done.output("exit-code") == "0"
    assert "### ✅ dialgate: PASS" in done.summary
    assert marks_in(done.log) == []
    assert change.base[:12] in json.loads(change.left("verdict.json"))["judged_by"]
    assert_restores_only(done)


def test_a_push_of_nothing_that_decides_passes(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path / "work")
    event = {"before": git(checkout.folder, "rev-parse", "HEAD").strip()}
    (tmp_path / "event.json").write_text(json.dumps(event))
    (checkout.folder / "NOTES.md").write_text("About the shop.\n")
    checkout.commit("words")
    github = {"event_name": "push", "event_path": str(tmp_path / "event.json")}
    done = run_action(checkout.folder, tmp_path, inputs={"suite": "suites/my-agent"}, github=github)
    assert (done.code, done.output("verdict")) == (0, "pass"), done.log
    # Nobody knows yet what the agent loads, so it was run: docs/adr/0007.
    assert "PASS" in done.summary
    assert [step["uses"].partition("@")[0] for step in done.used] == [
        "actions/cache/restore",
        "actions/upload-artifact",
        "actions/cache/save",
    ]


def test_a_regression_fails_with_summary_comment_outputs_and_marks(worse: Used) -> None:
    change, done = worse
    assert done.code == 1
    assert done.output("verdict") == "fail"
    assert done.output("exit-code") == "1"
    assert "### ❌ dialgate: FAIL: this release is worse in refund" in done.summary
    comment = change.left("comment.md")
    assert comment.startswith("### ❌ dialgate: FAIL")
    assert "(https://github.com/octo/shop/actions/runs/4711)" in comment
    assert change.left("pull-request.txt") == "7\n"
    assert "<html" in (change.temporary / "dialgate-report-shop/report.html").read_text("utf-8")
    assert done.output("report").endswith("report.html")
    assert change.left("junit.xml").startswith("<?xml")
    marks = marks_in(done.log)
    assert marks[0][1].startswith("file=suites/shop/suite.toml,line=1,title=dialgate%3A fail")
    assert [kind for kind, _, _ in marks] == ["error"] * 10, "GitHub shows ten of a kind"
    assert marks[1][1] == "file=suites/shop/cases.jsonl,line=1,title=refund-000%3A broken"
    assert "missed in refund: expected refund(" in marks[1][2]
    assert marks[9][1].startswith("file=suites/shop/cases.jsonl,line=9,")
    assert done.uploaded() == {
        "dialgate-report-shop": str(change.temporary / "dialgate-report-shop"),
        "dialgate-comment-shop": "".join(
            f"{change.temporary}/dialgate-report-shop/{name}\n"
            for name in ("comment.md", "pull-request.txt")
        ),
    }


def test_missing_evidence_is_invalid(tmp_path: Path) -> None:
    change = PullRequest(tmp_path)
    change.suite.transcript("2").write_text("")
    done = change.use()
    assert done.code == 4
    assert done.output("verdict") == "invalid"
    assert "### 🚫 dialgate: INVALID" in done.summary
    assert "lacks trials of" in change.left("comment.md")
    assert marks_in(done.log)[0][1].endswith("title=dialgate%3A invalid")


def test_a_configuration_error_is_told_and_an_older_verdict_is_not(tmp_path: Path) -> None:
    change = PullRequest(tmp_path)
    older = change.temporary / "dialgate-report-shop/verdict.json"
    older.parent.mkdir()
    older.write_text(json.dumps(a_document(verdict="pass", exit_code=2)))
    change.suite.write("suite.toml", 'schema = 1\nname = "shop"\ncases = ["*.jsonl"]\nfoo = 1\n')
    done = change.use()
    assert done.code == 2
    assert done.output("verdict") == "none"
    assert "dialgate: no verdict (a usage or configuration error, exit code 2)" in done.summary
    assert "suites/shop/suite.toml" in change.left("comment.md")
    kinds = {(kind, properties) for kind, properties, _ in marks_in(done.log)}
    assert kinds == {("error", "title=dialgate%3A a usage or configuration error%2C exit code 2")}
    assert "dialgate-report-shop" in done.uploaded()


@pytest.mark.parametrize(
    "names",
    [("suite",), ("name",), ("release", "baseline", "allow", "out")],
    ids=["suite", "name", "the others"],
)
def test_nothing_in_an_input_is_run(names: tuple[str, ...], tmp_path: Path) -> None:
    change = PullRequest(tmp_path)
    done = change.use(**dict.fromkeys(names, HOSTILE))
    assert done.code == 2
    assert not list(tmp_path.rglob("pwned"))
    assert "pwned" not in {message for _, _, message in marks_in(done.log)}
    assert set(done.outputs.get("report", {})) <= {"verdict", "exit-code", "report", "comment"}


def test_what_agents_say_is_no_command(tmp_path: Path) -> None:
    change = PullRequest(tmp_path, broken=14)
    case = change.suite.case_ids[0]
    text = "::add-mask::x%0A::error::pwned"
    change.suite.record("2", {case: [{"name": "refund", "arguments": {"id": text}}]})
    done = change.use()
    assert text.split("%", maxsplit=1)[0] in done.log
    assert all(not message.startswith("pwned") for _, _, message in marks_in(done.log))
    stopped = re.findall(r"^::stop-commands::(\S{32,})$", done.log, flags=re.MULTILINE)
    assert len(stopped) == 1
    assert f"\n::{stopped[0]}::\n" in done.log


def test_a_clone_without_the_base_is_an_error_that_says_what_to_fetch(tmp_path: Path) -> None:
    change = PullRequest(tmp_path)
    change.base = "0123456789" * 4
    done = change.use()
    assert done.code == 2
    assert "fetch-depth: 0" in done.summary


def assert_restores_only(done: ActionRun) -> None:
    """A pull request may read the base's trials, and none of its own are kept for others."""
    (restore,) = [step for step in done.used if "cache/restore@" in step["uses"]]
    assert restore["with"]["restore-keys"].splitlines() == [
        "dialgate-1~Linux~shop~refs/heads/main~",
        "dialgate-1~Linux~shop~refs/heads/main~",
    ]
    assert restore["with"]["key"] == "dialgate-1~Linux~shop~refs/pull/7/merge~4711-1"
    assert not [step for step in done.used if "cache/save@" in step["uses"]]


INSTALL = next(step for step in ACTION["runs"]["steps"] if step.get("id") == "install")["run"]


class TestIsolation:
    """Nothing of the checkout is run by the steps, and no agent has the last word."""

    def test_a_module_of_the_checkout_is_not_what_installs(self, tmp_path: Path) -> None:
        """With a venv.py in it, `python -m venv` ran that."""
        checkout, temporary = tmp_path / "checkout", tmp_path / "temporary"
        checkout.mkdir()
        temporary.mkdir()
        for name in ("venv", "pip", "ensurepip", "sitecustomize", "click"):
            text = f"open({str(tmp_path / 'pwned')!r}, 'w')\n"
            (checkout / f"{name}.py").write_text(text)
        # A python that makes its "environment" of itself and notes what pip was asked for.
        python = tmp_path / "python"
        python.write_text(
            '#!/bin/sh\necho "$PWD $*" >> "$NOTES"\n'
            'case "$*" in "-I -m venv "*) mkdir -p "$4/bin"; cp "$0" "$4/bin/python";; esac\n'
            f'exec "{sys.executable}" -I -c "import venv, click"\n'
        )
        python.chmod(0o755)
        (tmp_path / "install.sh").write_text(INSTALL)
        subprocess.run(
            ["bash", "-e", str(tmp_path / "install.sh")],
            cwd=checkout,
            env={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": str(checkout),
                "NOTES": str(tmp_path / "notes"),
                "RUNNER_TEMP": str(temporary),
                "GITHUB_OUTPUT": str(tmp_path / "output"),
                "PYTHON": str(python),
                "VERSION": "",
                "EXTRAS": "",
                "ACTION_PATH": str(tmp_path / "action"),
            },
            check=True,
        )
        notes = (tmp_path / "notes").read_text().splitlines()
        assert [note.split()[:3] for note in notes] == [[str(temporary), "-I", "-m"]] * 2
        assert not (tmp_path / "pwned").exists()
        (output,) = (tmp_path / "output").read_text().splitlines()
        wrapper = Path(output.removeprefix("dialgate=")).read_text()
        assert wrapper.endswith(' -I -m dialgate "$@"\n')

    def test_every_step_runs_python_isolated(self) -> None:
        for script in _scripts(ACTION):
            for line in script.splitlines():
                if re.search(r'"\$(PYTHON|own)" -', line):
                    assert '" -I ' in line

    def test_a_verdict_that_somebody_left_is_not_this_checks(self, tmp_path: Path) -> None:
        """The check is replaced by a program that ends with 0 and leaves a pass of its own."""
        change = PullRequest(tmp_path, broken=14)
        left = json.dumps({**a_document(verdict="pass", exit_code=0), "nonce": "0" * 32})
        done = change.use(impostor=left)
        assert done.code == 4
        assert done.output("exit-code") == "4"
        assert "not this check's" in done.log

    def test_an_end_without_a_verdict_is_no_pass(self, tmp_path: Path) -> None:
        done = PullRequest(tmp_path).use(impostor="")
        assert done.code == 4
        assert "left no verdict" in done.log

    def test_a_later_steps_outputs_change_nothing(self, worse: Used) -> None:
        """The step that checks ends with the code itself, whatever is added to its outputs."""
        assert worse[1].steps["check"] == 1

    def test_the_walls_are_brought_where_the_runner_lets(self, harmless: Used) -> None:
        asked = (harmless[0].temporary / "sudo.txt").read_text()
        assert "sysctl -q -w kernel.apparmor_restrict_unprivileged_userns=0" in asked

    def test_walls_that_nobody_wants_change_nothing_of_the_runner(self, tmp_path: Path) -> None:
        change = PullRequest(tmp_path)
        change.use(walls="false", impostor="")
        assert not change.temporary.joinpath("sudo.txt").exists()


FILES = [
    PROJECT / "action.yml",
    *sorted((PROJECT / ".github/workflows").glob("*.yml")),
    *sorted((PROJECT / "examples/ci").glob("*.yml")),
]


class TestTheFiles:
    """What action and workflows must hold whatever they do."""

    @pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
    def test_every_action_is_pinned_by_digest_with_its_version(self, path: Path) -> None:
        for line in re.findall(r"uses: *(.*)", path.read_text("utf-8")):
            is_own = line.startswith(("./", "OWNER/dialgate@"))
            assert is_own or re.fullmatch(r"actions/[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line)

    @pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
    def test_nothing_is_substituted_into_a_script(self, path: Path) -> None:
        for script in _scripts(yaml.safe_load(path.read_text("utf-8"))):
            assert "${{" not in script

    @pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
    def test_pull_request_target_is_not_used(self, path: Path) -> None:
        assert "pull_request_target:" not in path.read_text("utf-8")

    def test_every_input_and_output_of_the_action_is_documented(self) -> None:
        text = (PROJECT / "docs/how-to/run-in-ci.md").read_text("utf-8")
        for name in (*ACTION["inputs"], *ACTION["outputs"]):
            assert f"`{name}`" in text, name


def _scripts(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value[key] for key in ("run", "script") if isinstance(value.get(key), str)]
        return own + [script for item in value.values() for script in _scripts(item)]
    if isinstance(value, list):
        return [script for item in value for script in _scripts(item)]
    return []
