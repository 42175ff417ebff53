"""Code that the change touches must be what ran, on both sides."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dialgate.runs.code_that_ran import (
    code_gaps,
    differ_from,
    record_code_gaps,
    unlisted_code,
)
from dialgate.runs.loaded_files import LoadedFiles
from dialgate_evals.records.reuse.known_files import keep_known_files, read_known_files
from dialgate_evals.suite.loaded_code import LoadedCode
from dialgate_evals.suite.release import Model, Release
from dialgate_evals.suite.tools import ToolRegistry
from dialgate_evals.suite.workspace import load_workspace
from dialgate_gate.comparing.gap import Gap
from tests.integration.checkouts import git
from tests.workspaces import RecordedSuite

if TYPE_CHECKING:
    from pathlib import Path

ALL = LoadedCode(files={"a.py": "?", "b.py": "?"})


def release(**code: str) -> Release:
    return Release(
        name="shop",
        version="1",
        prompts={"prompts/system.md": ""},
        tools=ToolRegistry(tools={}),
        model=Model(provider="test", name="m-2026-01-01"),
        components={"prompts": "", "tools": "", "model": "", "code": ""},
        code={name.replace("_", "."): digest for name, digest in code.items()},
        place="release.toml",
    )


def gaps(
    before: Release,
    now: Release,
    before_loaded: LoadedCode | None = ALL,
    now_loaded: LoadedCode | None = ALL,
) -> list[str]:
    found = list(code_gaps(baseline=(before, before_loaded), candidate=(now, now_loaded)))
    assert all(gap.gap is Gap.OTHER_CODE for gap in found)
    return [gap.reason for gap in found]


class TestTheGap:
    def test_code_that_both_sides_loaded_is_none(self) -> None:
        assert gaps(release(a_py="1"), release(a_py="2")) == []

    @pytest.mark.parametrize("side", ["candidate", "baseline"])
    def test_another_copy_on_either_side_is_one(self, side: str) -> None:
        other = LoadedCode(files={}, elsewhere={"a.py": "/venv/a.py"})
        sides = (ALL, other) if side == "candidate" else (other, ALL)
        found = gaps(release(a_py="1"), release(a_py="2"), *sides)
        assert len(found) == 1
        assert found[0].startswith(f"The {side} ran another copy of a.py")
        assert "/venv/a.py" in found[0]
        assert "[agent] pythonpath" in found[0]

    def test_code_that_neither_side_loaded_is_one(self) -> None:
        none = LoadedCode()
        found = gaps(release(a_py="1"), release(a_py="2"), none, none)
        assert "which neither side loaded" in found[0]

    def test_code_that_one_side_loaded_is_none(self) -> None:
        assert gaps(release(a_py="1"), release(a_py="2"), LoadedCode(), ALL) == []

    def test_what_a_started_process_loads_is_not_known(self) -> None:
        child = LoadedCode(children=True)
        assert gaps(release(a_py="1"), release(a_py="2"), child, LoadedCode()) == []

    def test_unchanged_code_is_none(self) -> None:
        other = LoadedCode(elsewhere={"a.py": "/venv/a.py"})
        assert gaps(release(a_py="1"), release(a_py="1"), other, other) == []

    def test_a_file_that_was_added_and_is_not_loaded_runs_nowhere(self) -> None:
        assert gaps(release(a_py="1"), release(a_py="1", c_py="1")) == []

    def test_agents_that_say_nothing_are_not_known(self) -> None:
        assert gaps(release(a_py="1"), release(a_py="2"), None, ALL) == []


class TestWhatIsNotListed:
    @pytest.mark.parametrize(
        ("name", "glob"),
        [
            ("agent/rules/limits.py", "agent/**/*.py"),
            ("../../src/acme/core.py", "../../src/**/*.py"),
            ("helper.py", "*.py"),
        ],
    )
    def test_it_is_said_with_the_glob_to_add(self, name: str, glob: str) -> None:
        said = unlisted_code(release(a_py="1"), LoadedCode(files={"a.py": "1", name: "1"}))
        assert said == (
            f'The agent loads {name}, which is not listed in `code` of release.toml. Add "{glob}".'
        )

    def test_nothing_is_said_where_all_is_listed(self) -> None:
        assert unlisted_code(release(a_py="1", b_py="1"), ALL) is None
        assert unlisted_code(release(), None) is None


def test_what_differs_from_a_commit_is_found_and_what_git_ignores_is_not(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "-b", "main")
    for name, text in {"same.py": "1", "other.py": "1", ".gitignore": "ignored.py\n"}.items():
        (tmp_path / name).write_text(text)
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-q", "-m", "base")
    for name in ("other.py", "new.py", "ignored.py"):
        (tmp_path / name).write_text("2")
    names = ["same.py", "other.py", "new.py", "ignored.py", "nowhere.py"]
    assert differ_from(tmp_path, "HEAD", names) == ["new.py", "other.py"]


class TestTheKeyOfTrials:
    """It holds what the release declares and what its agent is known to load."""

    @pytest.fixture
    def files(self, tmp_path: Path) -> LoadedFiles:
        suite = RecordedSuite(tmp_path / "shop", refunds=1)
        text = (suite.folder / "suite.toml").read_text()
        agent = '[agent]\nkind = "python"\ntarget = "agent:respond"\n'
        suite.write("suite.toml", text[: text.index("[agent]")] + agent)
        suite.write("agent.py", "")
        suite.write("nested.py", "1")
        release_file = (suite.folder / "release.toml").read_text()
        listed = release_file.replace("[model]", 'code = ["agent.py"]\n[model]')
        suite.write("release.toml", listed)
        workspace = load_workspace(suite.folder)
        return LoadedFiles(workspace=workspace, release=workspace.release(), out=tmp_path / "out")

    def test_nobody_knows_before_it_ran(self, files: LoadedFiles) -> None:
        assert files.known() is None
        assert files.key() is None

    def test_it_changes_with_a_file_that_is_loaded_and_not_listed(self, files: LoadedFiles) -> None:
        files.keep(files.as_they_stand(["agent.py", "nested.py"]))
        before = files.key()
        assert before is not None
        assert files.key() == before
        (files.workspace.folder / "nested.py").write_text("2")
        assert files.key() != before

    def test_it_changes_with_a_lock_file_beside_one(self, files: LoadedFiles) -> None:
        files.keep(files.as_they_stand(["agent.py"]))
        before = files.key()
        (files.workspace.folder / "uv.lock").write_text("x")
        assert files.key() != before

    def test_what_the_agent_wrote_and_took_away_again_is_no_part(self, files: LoadedFiles) -> None:
        kept = files.keep(LoadedCode(files={"agent.py": "1", "scratch.json": "2"}))
        assert kept is not None
        assert set(kept["files"]) == {"agent.py"}

    def test_lists_of_several_runs_are_put_together(self, tmp_path: Path) -> None:
        keep_known_files(tmp_path, "sha256:1", ["a.py"])
        keep_known_files(tmp_path, "sha256:1", ["b.py"])
        assert read_known_files(tmp_path, "sha256:1") == ("a.py", "b.py")
        assert read_known_files(tmp_path, "sha256:2") is None

    def test_a_list_that_came_with_the_checkout_is_none(self, tmp_path: Path) -> None:
        keep_known_files(tmp_path, "sha256:1", ["a.py"])
        place = tmp_path / "loaded" / "1.json"
        mark, _, _ = place.read_bytes().partition(b"\n")
        place.write_bytes(mark + b"\n[]")
        assert read_known_files(tmp_path, "sha256:1") is None


class TestARecordAsTheBaseline:
    """It knows its code by one digest; where that differs any listed file may have changed."""

    @staticmethod
    def found(
        loaded: LoadedCode | None, *, code: str = "other", before: LoadedCode | None = ALL
    ) -> list[str]:
        now = release(a_py="1", b_py="1")
        gaps = record_code_gaps(code=code, loaded=before, candidate=(now, loaded))
        return [gap.reason for gap in gaps]

    def test_what_ran_from_its_own_place_is_no_gap(self) -> None:
        assert self.found(ALL) == []

    def test_another_copy_on_either_side_is_one(self) -> None:
        copy = LoadedCode(files={}, elsewhere={"a.py": "/usr/lib/a.py"})
        assert "The candidate ran another copy of a.py" in self.found(copy)[0]
        assert "The baseline ran another copy of a.py" in self.found(ALL, before=copy)[0]

    def test_code_that_neither_side_loaded_is_one(self) -> None:
        nothing = LoadedCode(files={"main.py": "?"})
        assert "neither side loaded" in self.found(nothing, before=nothing)[0]
        started = LoadedCode(files={}, children=True)
        assert self.found(started, before=nothing) == []

    def test_the_same_code_or_one_that_is_not_known_is_none(self) -> None:
        copy = LoadedCode(files={}, elsewhere={"a.py": "/usr/lib/a.py"})
        assert self.found(copy, code="") == []
        assert self.found(None) == []
        assert self.found(copy, before=None) == []
