"""What the distribution makes importable, and that it runs beside a user's own `evals` and `gate`.

The wheel is built once, by hatchling and without a network, and installed into a folder.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest

from tests.integration.command_line import PROJECT
from tests.workspaces import RecordedSuite

if TYPE_CHECKING:
    from pathlib import Path

NAMES = ("dialgate", "dialgate_evals", "dialgate_gate", "dialgate_reports", "dialgate_runtime")
FOREIGN = ("evals", "gate", "reports")

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("hatchling") is None,
    reason='hatchling is not installed: pip install "dialgate[dev]"',
)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, folder=PROJECT)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def site(wheel: Path) -> Path:
    """A folder with the wheel installed as pip installs it, the command too."""
    folder = wheel.parent / "site"
    pip = ("pip", "install", "--quiet", "--disable-pip-version-check", "--no-index", "--no-deps")
    run(sys.executable, "-m", *pip, "--target", folder, wheel, folder=wheel.parent)
    return folder


@pytest.fixture(scope="module")
def project(wheel: Path) -> Path:
    """Somebody's repository: regular packages of these names, a suite, a conftest, a test."""
    folder = wheel.parent / "project"
    RecordedSuite(folder / "shop", refunds=2)
    for name in FOREIGN:
        (folder / name).mkdir()
        (folder / name / "__init__.py").write_text('OWNER = "the project"\n')
    names = ", ".join(FOREIGN)
    own = f"import {names}\nassert all(m.OWNER == 'the project' for m in ({names}))\n"
    (folder / "conftest.py").write_text(f"import dialgate\nassert dialgate.Dial\n{own}")
    (folder / "test_own.py").write_text(f"{own}def test_own(): pass\n")
    (folder / "runtime.py").write_text(
        f"import dialgate\n{own}print(dialgate.Dial.load('shop').mode('refund', {{}}))\n"
        "print(dialgate.__file__)\n"
    )
    return folder


def run(*command: str | Path, folder: Path, site: Path | None = None) -> str:
    done = subprocess.run(
        list(map(str, command)),
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(site or ""), "PYTEST_ADDOPTS": "", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_only_names_that_begin_with_dialgate_are_importable(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as held:
        tops = {name.partition("/")[0] for name in held.namelist()}
    importable = {name for name in tops if not name.endswith(".dist-info")}
    assert importable == {*NAMES}


def test_the_wheel_holds_what_is_read_beside_code(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as held:
        names = held.namelist()
    for kind in (".schema.json", ".jinja", ".css", "/py.typed", "suites/my-agent/suite.toml"):
        assert any(name.endswith(kind) for name in names), kind


WAYS = {
    "python -m dialgate": (sys.executable, "-m", "dialgate", "lint", "shop"),
    "python -m pytest with the plug-in": (sys.executable, "-m", "pytest", "-q", "shop"),
    "a conftest that imports dialgate": (sys.executable, "-m", "pytest", "-q", "test_own.py"),
    "dialgate.Dial in a runtime": (sys.executable, "runtime.py"),
    "the installed command": ("SITE/bin/dialgate", "lint", "shop"),
}


@pytest.mark.parametrize("way", WAYS)
def test_it_runs_beside_packages_of_the_project_s_own(way: str, site: Path, project: Path) -> None:
    command = [str(part).replace("SITE", str(site)) for part in WAYS[way]]
    shown = run(*command, folder=project, site=site)
    if "pytest" in way:
        assert "2 passed" in shown
    if "Dial" in way:
        assert str(site) in shown


@pytest.fixture(scope="module")
def editable(wheel: Path) -> Path:
    """A folder with what an editable install puts into an environment."""
    built = wheel.parent / "editable"
    built.mkdir()
    build = f"from hatchling.build import build_editable; build_editable({str(built)!r})"
    run(sys.executable, "-c", build, folder=PROJECT)
    (held,) = built.glob("*.whl")
    with zipfile.ZipFile(held) as wheel_file:
        wheel_file.extractall(built / "site")
    return built / "site"


def after_start(editable: Path, *lines: str) -> str:
    """What a Python prints whose site-packages this folder is, and that has no other."""
    begin = ("import site, sys", "before = {*sys.modules}", f"site.addsitedir({str(editable)!r})")
    return run(sys.executable, "-I", "-S", "-c", "\n".join((*begin, *lines)), folder=editable)


def test_an_editable_install_finds_the_checkout_s_packages_and_nothing_beside_them(
    editable: Path,
) -> None:
    asked = (*NAMES, *FOREIGN, "tests", "suites", "golden", "benchmarks", "hatch_build")
    shown = after_start(
        editable,
        "from importlib.util import find_spec",
        f"for name in {asked}:",
        "    if find_spec(name): print(name, *find_spec(name).submodule_search_locations)",
    )
    found = dict(line.split(" ", 1) for line in shown.splitlines())
    assert found == {
        "dialgate": str(PROJECT / "dialgate"),
        "dialgate_evals": str(PROJECT / "evals" / "dialgate_evals"),
        "dialgate_gate": str(PROJECT / "gate" / "dialgate_gate"),
        "dialgate_reports": str(PROJECT / "reports" / "dialgate_reports"),
        "dialgate_runtime": str(PROJECT / "dialgate_runtime"),
    }


def test_an_editable_install_loads_nothing_before_the_program_begins(editable: Path) -> None:
    loaded = after_start(editable, "print(*{*sys.modules} - before)").split()
    assert loaded == ["__editable___dialgate_finder"]
