"""The tutorial's three starts hold together; one of them is played here, all by `make newcomer`."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from tests.integration.command_line import PATHS
from tests.integration.installing.warm_commands import warm_dialgate
from tests.needed.extras import need
from tests.outside.model_server import serving_model
from tests.outside.newcomer.__main__ import MOST_S, MOST_WORDS, PROJECTS, make_project
from tests.outside.newcomer.page import (
    CASES,
    PAGE,
    STARTS,
    own_table,
    steps_of,
    words_of,
    write_own_table,
)
from tests.outside.newcomer.walk import walk

if TYPE_CHECKING:
    from pathlib import Path

need("openai", "the extra chat is not installed")


@pytest.mark.parametrize("start", STARTS)
def test_a_start_takes_five_words_and_ends_with_a_verdict(start: str) -> None:
    assert len(words_of(start)) <= MOST_WORDS, words_of(start)
    steps = list(steps_of(start))
    assert steps[-1].text == "dialgate check suites/shop"
    assert [step.text for step in steps if "dialgate[" in step.text], "installing is counted"
    assert any(step.text.startswith("dialgate accept") for step in steps)


def test_the_page_says_how_many_steps_keys_and_words_each_takes() -> None:
    if os.environ.get("DIALGATE_RENEW"):
        write_own_table()
    assert own_table() in PAGE.read_text("utf-8")


def test_there_are_as_many_requests_as_cases() -> None:
    assert len((PROJECTS / "requests.txt").read_text("utf-8").splitlines()) == CASES


def test_an_export_becomes_a_failing_verdict_in_the_steps_of_the_page(tmp_path: Path) -> None:
    """The start that needs no framework, with the dialgate of this checkout."""
    folder, commands = tmp_path / "project", tmp_path / "bin"
    make_project("langfuse", folder)
    commands.mkdir()
    shim = commands / "dialgate"
    shim.write_text(f'#!/bin/sh\nexec {warm_dialgate()} "$@"\n')
    shim.chmod(0o755)
    install = next(iter(steps_of("langfuse"))).text
    own = {
        "PATH": f"{commands}:{os.environ['PATH']}", "PYTHONPATH": PATHS, "HOME": str(tmp_path),
        "GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "ada@example.com",
        "GIT_COMMITTER_NAME": "Ada", "GIT_COMMITTER_EMAIL": "ada@example.com",
    }  # fmt: skip
    with serving_model() as model:
        made = walk("langfuse", folder, {**own, **model.variables}, {install: "true"})
    assert "20 of 20 trials passed" in made.said, made.said
    assert "FAIL: this release is worse in refund" in made.last
    assert made.hand_s < MOST_S, "what a person does is within ten minutes by itself"
    cases = (folder / "suites/shop/cases.jsonl").read_text("utf-8").splitlines()
    assert len({json.loads(line)["id"] for line in cases}) == CASES
