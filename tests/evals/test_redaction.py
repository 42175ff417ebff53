"""No value of a named environment variable reaches a record."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from evals.redaction import redactor_for
from evals.trajectory import Trajectory
from tests.integration.command_line import dialgate

if TYPE_CHECKING:
    from pathlib import Path

secrets = st.text(min_size=4, max_size=20).filter(lambda text: "secret" not in text.lower())


@given(secrets, st.text(), st.text())
def test_a_secret_is_found_in_texts_keys_and_json_text(
    secret: str, before: str, after: str
) -> None:
    text = before + secret + after
    trajectory = Trajectory(
        case_id="c",
        trial=0,
        messages=[{"role": "tool", "content": text, secret: [text]}],
        failure=text,
    )
    clean = redactor_for(["KEY"], {"KEY": secret}).redact(trajectory)
    assert secret not in clean.messages[0]["content"].replace("[secret KEY]", "")
    assert secret not in clean.messages[0]
    assert "[secret KEY]" in (clean.failure or "")


def test_unset_and_short_values_hide_nothing() -> None:
    assert redactor_for(["A", "B"], {"B": "abc"}).secrets == ()


def test_a_secret_that_the_agent_repeats_is_not_on_record(tmp_path: Path) -> None:
    dialgate("init", folder=tmp_path)
    suite = tmp_path / "suites/my-agent"
    text = (suite / "suite.toml").read_text()
    (suite / "suite.toml").write_text(text + '\n[secrets]\nenv = ["SHOP_KEY"]\n')
    agent = (suite / "agent/my_agent.py").read_text()
    (suite / "agent/my_agent.py").write_text(
        agent.replace('return "How can I help?"', 'import os; return os.environ["SHOP_KEY"]')
    )
    finished = dialgate(
        "run", "suites/my-agent", folder=tmp_path, SHOP_KEY='s3cret-"value"', DIALGATE_X="1"
    )
    assert finished.code == 0, finished.err
    import dialgate as package

    run = package.load(next((tmp_path / ".dialgate").glob("run-*")))
    (trajectory,) = run.trajectories("my-agent-016")
    assert trajectory.messages[-1]["content"] == "[secret SHOP_KEY]"
    assert "s3cret" not in json.dumps([t.as_json() for t in run.trajectories()])
