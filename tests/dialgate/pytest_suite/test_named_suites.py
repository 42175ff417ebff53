"""An agent is never run, and paid for, unasked: what names a suite to pytest, and what doesn't."""

from __future__ import annotations

import pytest

from tests.dialgate.pytest_suite.sessions import a_foreign_suite_file, a_suite, run
from tests.integration.command_line import PATHS

pytest_plugins = ["pytester"]


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    """A suite, a test of the project's own beside it, and another tool's suite.toml."""
    a_suite(pytester.path / "suites" / "shop")
    a_foreign_suite_file(pytester.path / "bench")
    pytester.makepyfile(test_own="def test_own(): pass\n")
    return pytester


@pytest.mark.parametrize(
    ("arguments", "passed"),
    [
        ((), 1),
        ((".",), 1),
        (("suites", "test_own.py"), 1),
        (("suites/shop",), 2),
        (("suites/shop/suite.toml",), 2),
        (("suites/shop/suite.toml::refund::refund-001",), 1),
        (("suites/shop", "test_own.py"), 3),
        (("bench", "test_own.py"), 1),
    ],
    ids=lambda value: " ".join(value) or "nothing" if isinstance(value, tuple) else None,
)
def test_a_suite_is_collected_where_the_command_line_names_it(
    project: pytest.Pytester, arguments: tuple[str, ...], passed: int
) -> None:
    run(project, *arguments).assert_outcomes(passed=passed)


def test_a_symbolic_link_names_its_suite(project: pytest.Pytester) -> None:
    (project.path / "linked").symlink_to(project.path / "suites" / "shop")
    run(project, "linked").assert_outcomes(passed=2)


def test_the_folder_that_one_stands_in_is_named_by_a_dot_alone(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project.path / "suites" / "shop")
    assert run(project).ret == pytest.ExitCode.NO_TESTS_COLLECTED
    run(project, ".").assert_outcomes(passed=2)


def configure(project: pytest.Pytester, *lines: str) -> None:
    project.makeini("\n".join(["[pytest]", *lines]))


@pytest.mark.parametrize("named", ["suites/shop", "suites/*", "suites/shop/suite.toml"])
def test_the_setting_names_suites_of_a_bare_run(project: pytest.Pytester, named: str) -> None:
    configure(project, f"dialgate_suites = {named}")
    run(project).assert_outcomes(passed=3)


def test_the_setting_adds_to_testpaths(project: pytest.Pytester) -> None:
    configure(project, "testpaths = test_own.py", "dialgate_suites = suites/shop")
    run(project).assert_outcomes(passed=3)


def test_testpaths_alone_names_no_suite(project: pytest.Pytester) -> None:
    configure(project, "testpaths = suites/shop test_own.py")
    run(project).assert_outcomes(passed=1)


def test_a_run_of_something_else_leaves_configured_suites_alone(project: pytest.Pytester) -> None:
    configure(project, "dialgate_suites = suites/shop")
    run(project, "test_own.py").assert_outcomes(passed=1)
    run(project, "suites").assert_outcomes(passed=2)


def test_a_configured_suite_that_is_not_there_is_an_error(project: pytest.Pytester) -> None:
    configure(project, "dialgate_suites = suites/shopp")
    done = run(project)
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    done.stderr.fnmatch_lines(["*dialgate_suites: found *suites/shopp, where no suite.toml lies*"])


def test_a_worker_takes_the_folder_that_one_stands_in_for_no_name(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", PATHS)
    monkeypatch.chdir(project.path / "suites" / "shop")
    assert run(project, "-n", "1").ret == pytest.ExitCode.NO_TESTS_COLLECTED


class TestForeignFiles:
    """Another tool's suite.toml is nobody's business here."""

    def test_one_in_a_folder_of_tests_that_is_named(self, project: pytest.Pytester) -> None:
        a_foreign_suite_file(project.path)
        run(project, project.path).assert_outcomes(passed=1)

    def test_one_that_is_no_toml_at_all(self, project: pytest.Pytester) -> None:
        (project.path / "suite.toml").write_bytes(b"\xff<suite>")
        run(project, ".").assert_outcomes(passed=1)

    def test_a_broken_suite_of_ours_is_an_error(self, project: pytest.Pytester) -> None:
        (project.path / "suites" / "shop" / "suite.toml").write_text("schema = 2\n")
        done = run(project, "suites/shop")
        done.assert_outcomes(errors=1)
        done.stdout.fnmatch_lines(["*found 2; expected 1*"])


class TestOptions:
    """What other people's options are called is theirs."""

    CONFTEST = (
        "def pytest_addoption(parser):\n"
        "    parser.addoption('--release')\n"
        "    parser.addoption('--trials', type=int)\n"
        "    parser.addoption('--reruns', type=int)\n"
        "    parser.addini('reruns', 'theirs')\n"
    )

    def test_a_conftest_may_have_release_trials_and_reruns(self, project: pytest.Pytester) -> None:
        project.makeconftest(self.CONFTEST)
        done = run(project, "--release", "x", "--trials", "3", "test_own.py")
        done.assert_outcomes(passed=1)

    def test_their_reruns_is_no_plug_in_of_ours(self, project: pytest.Pytester) -> None:
        project.makeconftest(self.CONFTEST)
        run(project, "--reruns", "3", "suites/shop").assert_outcomes(passed=2)

    @pytest.mark.parametrize("text", ["0", "-1", "two", "1.5"])
    def test_trials_are_a_number_from_one(self, project: pytest.Pytester, text: str) -> None:
        done = run(project, "--dialgate-trials", text, "suites/shop")
        assert done.ret == pytest.ExitCode.USAGE_ERROR
        done.stderr.fnmatch_lines([f"*found '{text}'; expected a number of trials from 1*"])

    def test_a_release_that_is_not_there_is_said(self, project: pytest.Pytester) -> None:
        done = run(project, "--dialgate-release", "no.toml", "suites/shop")
        assert done.ret != pytest.ExitCode.OK
        done.stdout.fnmatch_lines(["*--dialgate-release no.toml: no such release file*"])


@pytest.mark.parametrize("level", ["suites", "."])
def test_where_nothing_was_found_the_way_to_a_suite_is_said(
    project: pytest.Pytester, level: str
) -> None:
    (project.path / "test_own.py").unlink()
    done = run(project, level)
    assert done.ret == pytest.ExitCode.NO_TESTS_COLLECTED
    done.stdout.fnmatch_lines(
        ["dialgate: suites/shop is collected where it is named: pytest suites/shop"]
    )
    done.stdout.no_fnmatch_line("*bench*")
