"""Each side runs its own tree, and what was loaded of it is known with its digest."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from dialgate_evals.files.json_text import digest_of_bytes
from dialgate_evals.running.agents.registry import loaded_by, open_agent
from dialgate_evals.suite.loaded_code import LoadedCode, merge_loaded, parse_loaded
from tests.evals.running.agents import python_agents
from tests.evals.running.agents.python_agents import replies, run_source

if TYPE_CHECKING:
    from pathlib import Path

CORE = "def respond(messages, tools, release):\n    from acme.lazy import NAME\n    return NAME\n"


def write_project(root: Path, name: str) -> None:
    """A checkout whose package says whose it is, in a module that is imported in a trial."""
    (root / ".git").mkdir(parents=True, exist_ok=True)
    (root / "shop").mkdir(exist_ok=True)
    package = root / "src" / "acme"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "core.py").write_text(CORE)
    (package / "lazy.py").write_text(f"NAME = {name!r}\n")


@pytest.fixture
def both(tmp_path: Path) -> tuple[Path, Path]:
    """The user's checkout with an environment in it, and the tree of the side that is run."""
    home, tree = tmp_path / "home", tmp_path / "tree"
    write_project(home, "home")
    write_project(tree, "tree")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", home / ".venv"], check=True)
    return home, tree


def site_packages(home: Path) -> Path:
    return next((home / ".venv" / "lib").glob("python3*/site-packages"))


def a_path_file(home: Path) -> None:
    (site_packages(home) / "__editable__.acme.pth").write_text(f"{home}/src\n")


def a_link(home: Path) -> None:
    (site_packages(home) / "acme").symlink_to(home / "src" / "acme")


def a_finder(home: Path) -> None:
    """As an editable install of a build backend that maps packages one by one."""
    (site_packages(home) / "__editable___acme_finder.py").write_text(
        "import sys\n"
        "from importlib.machinery import PathFinder\n"
        "from importlib.util import spec_from_file_location\n"
        f"MAPPING = {{'acme': '{home}/src/acme'}}\n"
        "class Finder:\n"
        "  @classmethod\n"
        "  def find_spec(cls, name, path=None, target=None):\n"
        "    if name in MAPPING:\n"
        "      return spec_from_file_location(name, MAPPING[name] + '/__init__.py',\n"
        "        submodule_search_locations=[MAPPING[name]])\n"
        "sys.meta_path.append(Finder)\n"
    )
    (site_packages(home) / "acme.pth").write_text("import __editable___acme_finder\n")


def a_redirection(home: Path) -> None:
    """As another backend does it: an object with a table of files."""
    (site_packages(home) / "_editable_impl_acme.py").write_text(
        "import sys\n"
        "from importlib.util import spec_from_file_location\n"
        "class Finder:\n"
        "  def __init__(self, table):\n"
        "    self._redirections = table\n"
        "  def find_spec(self, name, path=None, target=None):\n"
        "    if name in self._redirections:\n"
        "      return spec_from_file_location(name, self._redirections[name])\n"
        f"sys.meta_path.append(Finder({{'acme': '{home}/src/acme/__init__.py'}}))\n"
    )
    (site_packages(home) / "acme.pth").write_text("import _editable_impl_acme\n")


INSTALLS = [a_path_file, a_link, a_finder, a_redirection]


def run_in(tree: Path, home: Path, **more: Any) -> list[str]:
    agent = more.pop("agent", 'interpreter = ".venv/bin/python"')
    target = more.pop("target", "acme.core:respond")
    return replies(
        run_source(tree, "", target=target, cases=1, agent=agent, home=home / "shop", **more)
    )


class TestTheSidesOwnTree:
    @pytest.mark.parametrize("install", INSTALLS, ids=lambda install: install.__name__)
    def test_an_editable_install_means_this_sides_copy(
        self, install: Any, both: tuple[Path, Path]
    ) -> None:
        home, tree = both
        install(home)
        assert run_in(tree, home) == ["tree"]

    def test_so_does_a_variable(
        self, both: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        home, tree = both
        monkeypatch.setenv("PYTHONPATH", str(home / "src"))
        assert run_in(tree, home) == ["tree"]

    def test_so_does_pythonpath_in_suite_toml(self, both: tuple[Path, Path]) -> None:
        home, tree = both
        assert run_in(tree, home, agent='pythonpath = ["../src"]') == ["tree"]

    def test_a_module_that_only_the_users_checkout_holds_is_not_there(
        self, both: tuple[Path, Path]
    ) -> None:
        home, tree = both
        a_path_file(home)
        (tree / "src" / "acme" / "lazy.py").unlink()
        assert "ModuleNotFoundError" in run_in(tree, home)[0]

    def test_a_module_that_only_this_side_holds_is(self, both: tuple[Path, Path]) -> None:
        home, tree = both
        a_path_file(home)
        (home / "src" / "acme" / "lazy.py").unlink()
        assert run_in(tree, home) == ["tree"]

    def test_a_process_that_the_agent_starts_finds_it_too(self, both: tuple[Path, Path]) -> None:
        home, tree = both
        a_path_file(home)
        code = "import acme.lazy; print(acme.lazy.NAME)"
        (tree / "src" / "acme" / "core.py").write_text(
            "import subprocess, sys\ndef respond(messages, tools, release):\n"
            f"  run = [sys.executable, '-c', {code!r}]\n"
            "  return subprocess.run(run, capture_output=True, text=True).stdout.strip()\n"
        )
        assert run_in(tree, home) == ["tree"]

    def test_an_edit_in_the_same_second_is_seen(self, tmp_path: Path) -> None:
        """Bytecode of the same second and size stands for the source it was made of."""
        import os

        write_project(tmp_path, "home")
        lazy = tmp_path / "src" / "acme" / "lazy.py"
        seen = []
        for name in ("one1", "two2"):
            lazy.write_text(f"NAME = {name!r}\n")
            os.utime(lazy, (1_000_000, 1_000_000))
            seen += run_in(tmp_path, tmp_path, agent='pythonpath = ["../src"]')
        assert seen == ["one1", "two2"]


class TestWhatIsLoaded:
    """By path from the suite's folder, with the digest of what was compiled or read."""

    @pytest.fixture
    def loaded(self, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
        agents: list[Any] = []

        def opening(*given: Any, **more: Any) -> Any:
            agents.append(open_agent(*given, **more))
            return agents[-1]

        monkeypatch.setattr(python_agents, "open_agent", opening)
        return agents

    def test_modules_and_data_are_listed(self, tmp_path: Path, loaded: list[Any]) -> None:
        write_project(tmp_path, "home")
        (tmp_path / "src" / "acme" / "limits.yaml").write_text("limit: 50\n")
        (tmp_path / "src" / "acme" / "core.py").write_text(
            "from pathlib import Path\n"
            "def respond(messages, tools, release):\n"
            "  from acme.lazy import NAME\n"
            "  return Path(__file__).with_name('limits.yaml').read_text()\n"
        )
        run_in(tmp_path, tmp_path, agent='pythonpath = ["../src"]')
        found = loaded_by(loaded[0])
        assert found is not None
        assert set(found.files) >= {
            "../src/acme/core.py", "../src/acme/lazy.py", "../src/acme/limits.yaml"
        }  # fmt: skip
        lazy = (tmp_path / "src" / "acme" / "lazy.py").read_bytes()
        assert found.files["../src/acme/lazy.py"] == digest_of_bytes(lazy)
        assert not found.elsewhere

    def test_a_file_is_read_for_its_digest_once_for_each_time_that_the_agent_opens_it(
        self, tmp_path: Path
    ) -> None:
        source = (
            "import sys\nOPENED = []\n"
            "sys.addaudithook(lambda event, told: OPENED.append(told[0]) "
            "if event == 'open' else None)\n"
            "def respond(messages, tools, release):\n"
            "  return str(OPENED.count(__file__))\n"
        )
        found = run_source(tmp_path, source, cases=3, suite="concurrency = 1")
        assert replies(found) == ["1", "1", "1"]

    def test_an_installed_copy_of_a_listed_file_is_elsewhere(
        self, both: tuple[Path, Path], loaded: list[Any]
    ) -> None:
        home, tree = both
        import shutil

        shutil.copytree(home / "src" / "acme", site_packages(home) / "acme")
        release = (
            'schema = 1\nname = "shop-agent"\nversion = "2"\nprompts = ["prompts/*.md"]\n'
            'tools = ["tools.json"]\ncode = ["../src/**/*.py"]\n'
            '[model]\nprovider = "test"\nname = "m-2026-01-01"\n'
        )
        assert run_in(tree, home, files={"release.toml": release}) == ["home"]
        found = loaded_by(loaded[0])
        assert found is not None
        assert set(found.elsewhere) >= {"../src/acme/core.py", "../src/acme/lazy.py"}
        assert not any(name.startswith("../src") for name in found.files)

    def test_processes_of_the_agents_own_are_said(self, tmp_path: Path, loaded: list[Any]) -> None:
        source = (
            "import subprocess\ndef respond(messages, tools, release):\n"
            "  subprocess.run(['true'])\n  return 'Done.'\n"
        )
        run_source(tmp_path, source, cases=1)
        found = loaded_by(loaded[0])
        assert found is not None
        assert found.children


def test_what_is_written_is_read_again() -> None:
    found = LoadedCode(files={"a.py": "sha256:1"}, elsewhere={"b.py": "/x/b.py"}, children=True)
    assert parse_loaded(found.as_json()) == found
    assert parse_loaded(None) is None


def test_parts_are_put_together_and_one_unknown_part_makes_it_unknown() -> None:
    one, two = LoadedCode(files={"a.py": "1"}), LoadedCode(files={"b.py": "2"}, children=True)
    merged = merge_loaded([one, two])
    assert merged == LoadedCode(files={"a.py": "1", "b.py": "2"}, children=True)
    assert merge_loaded([one, None]) is None
