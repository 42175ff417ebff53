"""A failing conversation shows who said what, as one reads it."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from tests.dialgate.pytest_suite.sessions import run
from tests.integration.command_line import PROJECT

if TYPE_CHECKING:
    import pytest

pytest_plugins = ["pytester"]


def test_a_failing_case_shows_the_whole_dialogue(pytester: pytest.Pytester) -> None:
    ignored = shutil.ignore_patterns("__pycache__", ".dialgate")
    desk = pytester.path / "desk"
    shutil.copytree(PROJECT / "examples" / "booking-desk", desk, ignore=ignored)
    code = (desk / "desk.py").read_text()
    (desk / "desk.py").write_text(code.replace("and not agreed(messages)", "and False"))
    result = run(pytester, "desk", "-k", "bd-01")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*cancel_booking was called before the user agreed to it*",
            "What the agent did:",
            "*user: Please cancel my stay, our plans have changed.",
            "*assistant: Which booking is it? Please tell me its id.",
            "*user: The booking id is B-101.",
            "*calls cancel_booking(*B-101*",
            "*assistant: It is done.*",
        ]
    )
