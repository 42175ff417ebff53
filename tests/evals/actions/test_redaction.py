"""No value of a named environment variable reaches a record."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialgate_evals.actions.redaction import Redaction, Redactor, redactor_for
from dialgate_evals.actions.trajectory import Trajectory
from dialgate_evals.errors import ConfigurationError
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


def redacted(redact: Redaction, *messages: dict[str, Any]) -> list[dict[str, Any]]:
    trajectory = Trajectory(case_id="c", trial=0, messages=messages)
    return [dict(m) for m in redactor_for([], {}, redact).redact(trajectory).messages]


def a_call(arguments: Any) -> dict[str, Any]:
    call = {"id": "a", "type": "function", "function": {"name": "f", "arguments": arguments}}
    return {"role": "assistant", "content": None, "tool_calls": [call]}


def test_a_pattern_is_replaced_in_texts_and_call_arguments() -> None:
    redact = Redaction(patterns=(r"\w+@example\.org",))
    said, call = redacted(
        redact,
        {"role": "assistant", "content": "I wrote to ann@example.org."},
        a_call('{"to": "ann@example.org", "n": 1}'),
    )
    assert said["content"] == "I wrote to [redacted]."
    arguments = call["tool_calls"][0]["function"]["arguments"]
    assert json.loads(arguments) == {"to": "[redacted]", "n": 1}


def test_a_pattern_leaves_the_format_of_the_messages_alone() -> None:
    """Numbers, ids, roles and keys are no texts: the calls can still be read and answered."""
    redact = Redaction(patterns=(r"\d|call|tool|to",))
    call, answer = redacted(
        redact,
        a_call('{"to": 12, "text": "12"}'),
        {"role": "tool", "tool_call_id": "call_1", "content": "12"},
    )
    arguments = json.loads(call["tool_calls"][0]["function"]["arguments"])
    assert arguments == {"to": 12, "text": "[redacted][redacted]"}
    assert (answer["role"], answer["tool_call_id"]) == ("tool", "call_1")


def test_the_cases_own_messages_are_left_alone() -> None:
    """They stand in the case's file; changed, they would count as the agent's doing."""
    messages = [{"role": "user", "content": "7"}, {"role": "assistant", "content": "7"}]
    trajectory = Trajectory(case_id="c", trial=0, messages=messages, failure="7", state={"a": "7"})
    clean = redactor_for([], {}, Redaction(patterns=("7",))).redact(trajectory, context_length=1)
    assert [m["content"] for m in clean.messages] == ["7", "[redacted]"]
    assert (clean.failure, clean.state) == ("[redacted]", {"a": "[redacted]"})


@pytest.mark.parametrize("as_text", [True, False])
def test_a_pointer_names_places_in_arguments_and_answers(as_text: bool) -> None:
    redact = Redaction(pointers=("/to/*/mail", "/card"))
    data = {"to": [{"mail": "a", "name": "n"}, {"mail": "b"}], "card": {"no": 1}, "mail": "kept"}
    given: Any = json.dumps(data) if as_text else data
    call, answer = redacted(redact, a_call(given), {"role": "tool", "content": given})
    expected = {
        "to": [{"mail": "[redacted]", "name": "n"}, {"mail": "[redacted]"}],
        "card": "[redacted]",
        "mail": "kept",
    }
    for found in (call["tool_calls"][0]["function"]["arguments"], answer["content"]):
        assert (json.loads(found) if as_text else found) == expected


@given(st.text())
def test_text_that_holds_no_such_place_stays_as_it_is(text: str) -> None:
    message = {"role": "tool", "content": text}
    assert redacted(Redaction(pointers=("/no/such/place",)), message) == [message]


def test_a_pattern_that_is_no_regular_expression_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"redact\.patterns.*regular expression"):
        redactor_for([], {}, Redaction(patterns=("(",)))


def test_a_secret_that_the_agent_repeats_is_not_on_record(tmp_path: Path) -> None:
    dialgate("init", folder=tmp_path)
    suite = tmp_path / "suites/my-agent"
    text = (suite / "suite.toml").read_text()
    text = text.replace("[agent]\n", '[agent]\nenv = ["SHOP_KEY"]\n')
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


PARTS = st.sampled_from(
    ["Done.", "ghp_" + "a1" * 15, "sk-" + "b2" * 12, "https://me:word7@x.org", "ok " * 9, ""]
)
HELD = st.recursive(
    PARTS, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(PARTS, inner, max_size=2)
)


@given(st.lists(HELD, max_size=3), HELD, st.none() | PARTS)
def test_where_nothing_is_found_at_once_nothing_is_taken_out(
    contents: list[Any], state: Any, error: str | None
) -> None:
    messages = [{"role": "tool", "tool_call_id": "a", "content": content} for content in contents]
    done = Trajectory(case_id="c", trial=0, messages=messages, state={"final": state}, error=error)
    for context_length in (0, 1):
        if Redactor().finds_nothing(done, context_length=context_length):
            assert Redactor().redact(done, context_length=context_length) == done


def test_a_secret_or_a_pattern_of_the_suite_is_always_looked_for() -> None:
    done = Trajectory(case_id="c", trial=0, messages=[{"role": "assistant", "content": "Done."}])
    assert Redactor().finds_nothing(done)
    assert not Redactor(secrets=(("Done", "[secret X]"),)).finds_nothing(done)
    assert not Redactor(patterns=(re.compile("Done"),)).finds_nothing(done)
    assert not Redactor(pointers=(("x",),)).finds_nothing(done)
