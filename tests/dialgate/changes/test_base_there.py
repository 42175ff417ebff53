"""What the doctor says of git: the base of a change, or the command that makes one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate.changes.base_there import check_base
from dialgate.scaffold.doctor.finding import State
from tests.integration.checkouts import Checkout, git

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_a_folder_in_no_checkout(tmp_path: Path) -> None:
    (found,) = check_base(tmp_path)
    assert found.state is State.NOTE
    assert found.mend.startswith("git init -b main && git add -A")


def test_nothing_committed(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "-b", "main")
    (found,) = check_base(tmp_path)
    assert "nothing is committed yet" in found.text
    assert found.mend.startswith("git add -A")


def test_no_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    (found,) = check_base(tmp_path)
    assert found.state is State.MEND
    assert found.mend == "sudo apt-get install git"


def test_a_shallow_clone_that_lacks_the_base(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path / "whole")
    (whole,) = check_base(checkout.suite)
    assert whole.state is State.OK
    assert "merge base with main" in whole.text
    git(checkout.folder, "commit", "-q", "--allow-empty", "-m", "more")
    git(checkout.folder, "checkout", "-q", "main")
    url = (tmp_path / "whole").as_uri()
    git(tmp_path, "clone", "-q", "--depth=1", "--branch", "change", url, "cut")
    (cut,) = check_base(tmp_path / "cut/suites/my-agent")
    assert cut.state is State.MEND
    assert "shallow clone" in cut.text
    assert cut.mend.endswith("fetch --unshallow origin")
