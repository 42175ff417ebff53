"""Plug-ins that run items again are refused in one sentence, each by its own option."""

from __future__ import annotations

import pytest

from tests.dialgate.pytest_suite.sessions import a_suite, run

pytest_plugins = ["pytester"]

OPTIONS = [
    ("pytest_rerunfailures", "--reruns", "2"),
    ("pytest_rerunfailures", "--force-reruns", "1"),
    ("pytest_retry", "--retries", "1"),
    ("pytest_repeat", "--count", "2"),
]


def stand_in(pytester: pytest.Pytester, module: str, option: str, setting: str = "") -> None:
    """A plug-in of that name with that option; the real ones are tried in an environment."""
    ini = f"    parser.addini({setting!r}, 'times')\n" if setting else ""
    source = f"def pytest_addoption(parser):\n    parser.addoption({option!r}, type=int)\n{ini}"
    (pytester.path / f"{module}.py").write_text(source)
    pytester.syspathinsert()


@pytest.mark.parametrize(("module", "option", "value"), OPTIONS, ids=lambda text: text)
def test_an_option_that_repeats_cases_is_refused_in_one_sentence(
    pytester: pytest.Pytester, module: str, option: str, value: str
) -> None:
    stand_in(pytester, module, option)
    a_suite(pytester.path / "shop")
    done = run(pytester, "-p", module, option, value, "shop")
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    (line,) = [line for line in done.errlines if line]
    assert f"dialgate runs no case again for {option}" in line
    assert "--dialgate-trials N" in line


def test_a_setting_is_refused_too(pytester: pytest.Pytester) -> None:
    stand_in(pytester, "pytest_rerunfailures", "--reruns", "reruns")
    pytester.makeini("[pytest]\nreruns = 2\n")
    a_suite(pytester.path / "shop")
    done = run(pytester, "-p", "pytest_rerunfailures", "shop")
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    run(pytester, "-p", "pytest_rerunfailures", "--reruns", "0", "shop").assert_outcomes(passed=2)


def test_one_repeat_and_a_run_without_a_suite_are_nobody_s_business(
    pytester: pytest.Pytester,
) -> None:
    stand_in(pytester, "pytest_repeat", "--count")
    a_suite(pytester.path / "shop")
    pytester.makepyfile(test_own="def test_own(): pass\n")
    run(pytester, "-p", "pytest_repeat", "--count", "1", "shop").assert_outcomes(passed=2)
    run(pytester, "-p", "pytest_repeat", "--count", "5", "test_own.py").assert_outcomes(passed=1)


def test_a_case_is_run_once_whatever_wants_to_run_its_item(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        "import pytest\n"
        "from _pytest.runner import runtestprotocol\n"
        "@pytest.hookimpl(tryfirst=True)\n"
        "def pytest_runtest_protocol(item, nextitem):\n"
        "    for _ in range(3):\n"
        "        runtestprotocol(item, nextitem=nextitem)\n"
        "    return True\n"
    )
    a_suite(pytester.path / "shop")
    run(pytester, "shop").assert_outcomes(passed=2)
