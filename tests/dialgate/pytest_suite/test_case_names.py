"""Names of cases, tags and classes are data: no name of theirs changes how an item is run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.dialgate.pytest_suite.sessions import a_suite, run

if TYPE_CHECKING:
    from tests.workspaces import RecordedSuite

pytest_plugins = ["pytester"]

WORDS = ("skip", "skipif", "xfail", "usefixtures", "timeout", "slow", "flaky", "parametrize")
"""Marks of pytest's, of plug-ins, and of the usual recipes for conftests."""

RECIPE = """
import pytest
def pytest_collection_modifyitems(items):
    for item in items:
        for word in {words!r}:
            if word in item.keywords or item.get_closest_marker(word):
                item.add_marker(pytest.mark.skip(reason=word))
        assert "no_such_word" not in item.keywords
        assert len(item.keywords) == len(set(item.keywords))
"""


@pytest.fixture
def hostile(pytester: pytest.Pytester) -> RecordedSuite:
    """A suite whose ids, tags and class are words that mean something to pytest."""
    pytester.makeconftest(RECIPE.format(words=WORDS))
    suite = a_suite(pytester.path / "suites" / "shop", *WORDS, tags=WORDS)
    actions = (suite.folder / "actions.toml").read_text("utf-8")
    suite.write("actions.toml", actions.replace('class."refund"', 'class."skip"'))
    return suite


def test_no_name_skips_a_case_that_passes(
    pytester: pytest.Pytester, hostile: RecordedSuite
) -> None:
    run(pytester, hostile.folder).assert_outcomes(passed=len(WORDS))


def test_no_name_excuses_a_case_that_fails(
    pytester: pytest.Pytester, hostile: RecordedSuite
) -> None:
    hostile.record("2", {word: [] for word in WORDS})
    run(pytester, hostile.folder).assert_outcomes(failed=len(WORDS))


def test_strict_markers_know_the_marks(pytester: pytest.Pytester, hostile: RecordedSuite) -> None:
    run(pytester, hostile.folder, "--strict-markers").assert_outcomes(passed=len(WORDS))


@pytest.mark.parametrize(
    "chosen",
    [
        ("-k", "vip"),
        ("-m", "dialgate_tag(name='vip')"),
        ("-k", "holdout and mail"),
        ("-m", "dialgate_split(name='holdout') and dialgate_class(name='mail')"),
    ],
    ids=" ".join,
)
def test_a_tag_a_class_and_the_split_choose_cases(
    pytester: pytest.Pytester, chosen: tuple[str, str]
) -> None:
    suite = a_suite(pytester.path / "shop", "one", "two")
    suite.cases[1] |= {"tags": ["vip"], "split": "holdout"}
    suite.cases[1]["expect"]["actions"] = [{"name": "send_mail", "arguments": {"id": "two"}}]
    suite.write_cases()
    suite.record("2", {"two": suite.cases[1]["expect"]["actions"]})
    run(pytester, suite.folder, *chosen).assert_outcomes(passed=1, deselected=1)


def test_a_project_may_mark_its_cases_itself(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        "import pytest\n"
        "def pytest_collection_modifyitems(items):\n"
        "    items[0].add_marker(pytest.mark.skip(reason='by hand'))\n"
        "    items[1].keywords['chosen'] = True\n"
        "    assert 'chosen' in items[1].keywords and items[1].keywords['chosen']\n"
    )
    suite = a_suite(pytester.path / "shop")
    run(pytester, suite.folder).assert_outcomes(passed=1, skipped=1)
