"""Changes at random around an agent that does harm in every trial, checked for real: never exit 0.

A few in the suite, since each costs a run; DIALGATE_MUTATIONS=100 tries more (tests/README.md). The
same changes around an honest agent are refused only where a rule names the path or key.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.dialgate.check.mutations import mutate
from tests.dialgate.check.surveyed import SUITE, Desk
from tests.integration.checkouts import git
from tests.integration.command_line import dialgate

if TYPE_CHECKING:
    from tests.integration.command_line import Finished

HONEST = "def respond(messages, tools, release):\n    tools.call('pay', {})\n    return 'done'\n"
HARMFUL = HONEST.replace("{})", "{})\n    tools.call('pay', {'more': 1})")
TRIED = int(os.environ.get("DIALGATE_MUTATIONS", "3"))


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return Desk.make(tmp_path_factory.mktemp("base") / "desk", {f"{SUITE}/agent/main.py": HONEST})


def check(desk: Desk) -> Finished:
    return dialgate("check", SUITE, "--baseline", "main", "--json", "-", folder=desk.folder)


@pytest.mark.parametrize("seed", range(TRIED))
def test_harm_never_passes_whatever_comes_with_it(seed: int, base: Desk, tmp_path: Path) -> None:
    desk = base.copy_to(tmp_path / "desk")
    mutate(desk, seed)
    main = desk.suite / "agent" / "main.py"
    main.unlink(missing_ok=True)
    main.write_text(HARMFUL, "utf-8")
    desk.commit("change")
    assert check(desk).code != 0


@pytest.mark.parametrize("seed", range(TRIED))
def test_around_an_honest_agent_a_refusal_names_why(seed: int, base: Desk, tmp_path: Path) -> None:
    desk = base.copy_to(tmp_path / "desk")
    mutate(desk, seed)
    main = desk.suite / "agent" / "main.py"
    main.unlink(missing_ok=True)
    main.write_text(HONEST + "\n", "utf-8")
    desk.commit("change")
    finished = check(desk)
    assert finished.code in {0, 1, 2, 3}, finished.err
    if finished.code == 1:
        document = json.loads(finished.out)
        assert document["judge_changes"] or document["cases"]["removed"]
        assert not document["cases"]["broken"], "an honest agent broke nothing"
    if finished.code == 2:
        names = git(desk.folder, "diff", "--name-only", "main", "change").split()
        places = {part for name in map(Path, names) for part in (name.name, str(name.parent))}
        assert any(place in finished.err for place in places - {"."}), finished.err
