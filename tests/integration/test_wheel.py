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
    assert importable == {
        "dialgate", "dialgate_evals", "dialgate_gate", "dialgate_reports", "dialgate_runtime",
    }  # fmt: skip


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
