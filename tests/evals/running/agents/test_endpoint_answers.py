"""docs/reference/dialects.md, row by row: what each answer of an endpoint leads to."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dialgate_evals.running.agent_protocol import InfrastructureError
from dialgate_evals.running.agents.chat_messages import parse_turn
from tests.evals.dialects.test_every_dialect import scored
from tests.evals.dialects.test_parts import rows
from tests.evals.running.agents.test_misbehaving_endpoints import MISBEHAVIOUR

GO = {"role": "user", "content": "Go."}
CALL = {"name": "pay", "arguments": '{"n": 1}'}


def answer(message: dict[str, Any], reason: str = "stop") -> bytes:
    return json.dumps({"choices": [{"message": message, "finish_reason": reason}]}).encode()


UNPACKED = "an answer that can't be unpacked, or breaks off"
# never gets as far as being parsed: test_chat_agent sends such ones

# An answer, and the provider's words where it is infrastructure.
INFRASTRUCTURE = {
    "an error inside HTTP 200": (b'{"error": {"code": 429, "message": "slow down"}}', "slow down"),
    "an error inside a choice": (b'{"choices": [{"error": {"message": "upstream"}}]}', "upstream"),
    "`choices` null or empty": (b'{"choices": null, "detail": "busy"}', "busy"),
    "a page instead of JSON": (b"<html><h1>502 Bad Gateway", "502 Bad Gateway"),
    "an empty body": (b" ", "an empty body"),
    UNPACKED: (b"", "an empty body"),
    '`finish_reason` "error"': (answer({"content": ""}, "error"), "finish_reason error"),
}


@pytest.mark.parametrize(("raw", "words"), INFRASTRUCTURE.values(), ids=INFRASTRUCTURE)
def test_it_is_infrastructure_with_the_providers_words(raw: bytes, words: str) -> None:
    with pytest.raises(InfrastructureError, match=words):
        parse_turn(raw, number=0)


DECISIONS = {
    '`finish_reason` "length"': (answer({"content": None}, "length"), "cut off", []),
    '`finish_reason` "content_filter"': (answer({"content": ""}, "content_filter"), "filter", []),
    '`finish_reason` "malformed"': (
        answer({}, "MALFORMED_FUNCTION_CALL"), "could not be read", [],
    ),
    "`arguments` null": (
        answer({"tool_calls": [{"function": {"name": "pay", "arguments": None}}]}), "", [{}],
    ),
    "a call in the legacy form or another dialect's part": (
        answer({"content": None, "function_call": CALL}), "", [{"n": 1}],
    ),
    "a refusal": (answer({"content": None, "refusal": "No."}), "", []),
}  # fmt: skip


@pytest.mark.parametrize(("raw", "words", "arguments"), DECISIONS.values(), ids=DECISIONS)
def test_it_is_the_models(raw: bytes, words: str, arguments: list[Any]) -> None:
    turn = parse_turn(raw, number=0)
    assert [call.arguments for call in turn.calls] == arguments
    if not arguments:
        score = scored([GO, turn.message], [GO], [])
        assert words in " ".join(score.reply_failures)
        assert score.passed is (not words)
        assert score.refusal is ("refusal" in turn.message)


def test_what_can_not_be_unpacked_is_sent_to_an_agent() -> None:
    assert {"answers what is no gzip", "breaks off between chunks"} <= MISBEHAVIOUR.keys()


def test_every_row_of_the_page_has_a_test() -> None:
    assert rows("Answers of a `chat` endpoint") == [*INFRASTRUCTURE, *DECISIONS]
