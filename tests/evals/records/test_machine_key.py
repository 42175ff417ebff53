"""The secret lies outside the checkout, is made once, can be turned over, and is never shown."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialgate_evals.errors import UsageError
from dialgate_evals.records.machine_key import MachineKey, machine_key
from dialgate_evals.records.own_folders import refuse_links

if TYPE_CHECKING:
    from pathlib import Path

OLD, NEW = "old-secret-of-the-ci", "new-secret-of-the-ci"


def test_a_mark_is_of_one_content_and_purpose() -> None:
    key = MachineKey((b"x",))
    mark = key.mark("trial", b"content")
    assert key.knows("trial", b"content", mark)
    assert not key.knows("trial", b"other", mark)
    assert not key.knows("journal", b"content", mark)
    for other in (None, 5, "", "é" * 64, mark.upper()):
        assert not key.knows("trial", b"content", other)


@given(st.binary(min_size=1, max_size=200), st.text(max_size=20), st.binary(max_size=200))
def test_a_mark_is_what_the_library_makes(secret: bytes, purpose: str, content: bytes) -> None:
    whole = b"dialgate " + purpose.encode("utf-8", "replace") + b"\0" + content
    key = MachineKey((secret,))
    for _ in range(2):
        mark = key.mark(purpose.encode("utf-8", "replace").decode(), content)
        assert mark == hmac.new(secret, whole, "sha256").hexdigest()


def test_it_is_not_shown() -> None:
    assert "secret" not in repr(machine_key({"DIALGATE_SECRET": OLD}))


def test_turned_over_old_marks_hold_until_the_old_secret_goes() -> None:
    mark = machine_key({"DIALGATE_SECRET": OLD}).mark("trial", b"x")
    both = machine_key({"DIALGATE_SECRET": f"{NEW}, {OLD}"})
    assert both.knows("trial", b"x", mark)
    assert both.mark("trial", b"x") == machine_key({"DIALGATE_SECRET": NEW}).mark("trial", b"x")
    assert not machine_key({"DIALGATE_SECRET": NEW}).knows("trial", b"x", mark)


def test_each_user_has_a_secret_of_their_own(tmp_path: Path) -> None:
    ada, bob = ({"HOME": str(tmp_path / name)} for name in ("ada", "bob"))
    assert machine_key(ada) == machine_key(ada)
    assert machine_key(ada) != machine_key(bob)
    (path,) = (tmp_path / "ada").rglob("secret")
    assert path.stat().st_mode & 0o077 == 0


def test_an_empty_variable_is_none(tmp_path: Path) -> None:
    """As a fork's pull request gets a repository's secret."""
    home = {"HOME": str(tmp_path)}
    assert machine_key({**home, "DIALGATE_SECRET": ""}) == machine_key(home)


@pytest.mark.parametrize("text", ["short", f"{OLD},short", ","])
def test_a_secret_that_can_be_guessed_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="at least 16 characters"):
        machine_key({"DIALGATE_SECRET": text})


def test_a_file_that_others_can_write_is_not_believed(tmp_path: Path) -> None:
    home = {"HOME": str(tmp_path)}
    machine_key(home)
    (path,) = tmp_path.rglob("secret")
    path.write_text(OLD)
    path.chmod(0o666)
    assert machine_key(home) != machine_key({"DIALGATE_SECRET": OLD})


def test_without_a_home_the_secret_lives_as_long_as_the_process() -> None:
    assert machine_key({}) == machine_key({})


class TestANamedFile:
    def test_holds_the_secrets(self, tmp_path: Path) -> None:
        (tmp_path / "secret").write_text(f"{NEW}\n{OLD}\n")
        found = machine_key({"DIALGATE_SECRET_FILE": str(tmp_path / "secret")})
        assert found == machine_key({"DIALGATE_SECRET": f"{NEW} {OLD}"})

    def test_in_the_checkout_is_refused(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / ".git").mkdir()
        (tmp_path / "secret").write_text(OLD)
        monkeypatch.chdir(tmp_path)
        with pytest.raises(UsageError, match="lies in the checkout"):
            machine_key({"DIALGATE_SECRET_FILE": "secret"})

    def test_that_is_not_there_is_a_usage_error(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="can't be read"):
            machine_key({"DIALGATE_SECRET_FILE": str(tmp_path / "none")})


class TestLinks:
    @pytest.mark.parametrize("name", [".", "cache", "run-1", "cache/cache.db"])
    def test_in_the_output_folder_are_refused(self, name: str, tmp_path: Path) -> None:
        out, victim = tmp_path / "out", tmp_path / "victim"
        victim.mkdir()
        path = out if name == "." else out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(victim)
        with pytest.raises(UsageError, match="a link in the output folder"):
            refuse_links(out)

    def test_a_folder_without_links_or_none_is_fine(self, tmp_path: Path) -> None:
        refuse_links(tmp_path / "none")
        (tmp_path / "run-1").mkdir()
        refuse_links(tmp_path)
        assert [path.name for path in tmp_path.iterdir()] == ["run-1"]
