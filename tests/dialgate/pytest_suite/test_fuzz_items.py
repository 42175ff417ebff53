"""Relations as pytest items: a finding fails one, a suite without its subject skips it."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from tests.dialgate.pytest_suite.sessions import run
from tests.integration.command_line import PROJECT

if TYPE_CHECKING:
    import pytest

pytest_plugins = ["pytester"]


def test_an_item_for_each_relation_is_run_where_it_is_asked_for(
    pytester: pytest.Pytester,
) -> None:
    for name in ("suites", "golden"):
        shutil.copytree(PROJECT / name, pytester.path / name)
    suite = "suites/support-desk"
    asked = (suite, "--dialgate-fuzz", "40", "-k", "typos or dates or greeting")
    result = run(pytester, *asked, "-rs", "-v")
    result.assert_outcomes(failed=1, passed=1, skipped=2)
    result.stdout.fnmatch_lines(["*typos FAILED*", "*must hold: the same actions, with a word*"])
    result.stdout.fnmatch_lines(["*no case of the suite has what this relation is about*"])
    without = run(pytester, suite, "--collect-only", "-q", "-k", "typos")
    without.assert_outcomes()
