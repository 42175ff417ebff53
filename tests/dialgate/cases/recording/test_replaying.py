"""Recordings served back: the same answers, to the same people, from nobody."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from dialgate.cases.recording.places import find_place
from tests.dialgate.cases.recording.test_growth import (
    FIRST,
    OFFERED,
    READ,
    WROTE,
    call,
    grow,
    keep,
)
from tests.evals.recording.exchanged import chat, result, says, user

if TYPE_CHECKING:
    from pathlib import Path

    from dialgate.cases.recording.replaying import Replayed


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "suites" / "shop"
    keep(folder, *FIRST)
    return folder


def body(messages: list[Any], **more: Any) -> dict[str, Any]:
    return {"model": "m", "messages": messages, **OFFERED, **more}


def asked_of(replayed: Replayed, *requests: tuple[str, Any]) -> list[tuple[int, str]]:
    import aiohttp

    from dialgate.cases.recording.serving import listen, serving

    async def main() -> list[tuple[int, str]]:
        async with (
            serving(replayed, listen(0)) as port,
            aiohttp.ClientSession() as client,
        ):
            found = []
            for path, document in requests:
                raw = document if isinstance(document, bytes) else json.dumps(document).encode()
                async with client.post(f"http://127.0.0.1:{port}{path}", data=raw) as answer:
                    found.append((answer.status, await answer.text()))
            return found

    return asyncio.run(main())


CHAT = "/v1/chat/completions"


def replayed_of(folder: Path) -> Replayed:
    from dialgate.cases.recording.replaying import Replayed

    return Replayed(find_place(folder, None))


def test_each_step_of_a_conversation_is_answered_as_it_was(folder: Path) -> None:
    requests = [(CHAT, body(exchange.body["messages"])) for exchange in FIRST]
    replayed = replayed_of(folder)
    found = asked_of(replayed, *requests)
    assert [status for status, _ in found] == [200, 200, 200]
    names = [json.loads(text)["choices"][0]["message"].get("tool_calls") for _, text in found]
    assert [calls and calls[0]["function"]["name"] for calls in names] == [
        "get_order", "refund", None,
    ]  # fmt: skip
    assert replayed.unmatched == 0
    assert asked_of(replayed_of(folder), *requests) == found


def test_a_client_that_wants_a_stream_gets_one(folder: Path) -> None:
    asked = body(WROTE, stream=True, stream_options={"include_usage": True})
    ((status, text),) = asked_of(replayed_of(folder), (CHAT, asked))
    assert status == 200
    assert text.endswith("data: [DONE]\n\n")
    assert "Done, " in text


def test_a_cases_own_context_is_known_under_its_pseudonyms(folder: Path) -> None:
    grow(folder)
    case = json.loads((folder / "cases.jsonl").read_text("utf-8"))
    assert case["messages"][0]["content"] != READ[0]["content"]
    ((status, _),) = asked_of(replayed_of(folder), (CHAT, body(case["messages"])))
    assert status == 200


def test_another_key_for_pseudonyms_still_knows_the_cases(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    grow(folder)
    case = json.loads((folder / "cases.jsonl").read_text("utf-8"))
    monkeypatch.setenv("DIALGATE_PSEUDONYM_KEY", "another key of another machine")
    found = asked_of(replayed_of(folder), (CHAT, body(case["messages"])), (CHAT, body(READ)))
    assert [status for status, _ in found] == [200, 404]


@pytest.mark.parametrize("path", [CHAT, "/v1/messages", "/v1/responses", "/v1/embeddings"])
def test_what_was_not_recorded_is_an_error_in_the_providers_shape(folder: Path, path: str) -> None:
    replayed = replayed_of(folder)
    ((status, text),) = asked_of(replayed, (path, body([user("Cancel it.")], input="Cancel it.")))
    document = json.loads(text)
    assert status == 404
    assert "No recording matches" in document["error"]["message"]
    assert (document.get("type") == "error") == (path == "/v1/messages")
    assert replayed.unmatched == 1
    if path == CHAT:
        assert "The nearest recording" in document["error"]["message"]
        assert "ada@shop.de" not in text


@pytest.mark.parametrize("raw", [b"", b"no json", b"[1]", b"7", b"\xff"])
def test_a_request_that_cannot_be_looked_up_is_an_error(folder: Path, raw: bytes) -> None:
    ((status, text),) = asked_of(replayed_of(folder), (CHAT, raw))
    assert (status, "error" in json.loads(text)) == (400, True)


def test_what_only_its_field_names_as_a_persons_is_known_again_too(tmp_path: Path) -> None:
    folder = tmp_path / "suites" / "shop"
    asked = [user("Find Ada."), call("find", first_name="Ada"), result("find")]
    keep(folder, chat(asked, says("Ada is here."), body=OFFERED))
    grow(folder)
    assert b"Ada" not in b"".join(p.read_bytes() for p in tmp_path.rglob("*.jsonl"))
    (transcript,) = (folder / "transcripts/recorded.jsonl").read_text("utf-8").splitlines()
    pseudonymous = json.loads(transcript)["messages"][:-1]
    found = asked_of(replayed_of(folder), (CHAT, body(asked)), (CHAT, body(pseudonymous)))
    assert [status for status, _ in found] == [200, 200]
