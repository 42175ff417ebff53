"""What of an exchange is never kept: keys, wherever they stand, and what identifies a person."""

from __future__ import annotations

from msgspec.structs import asdict, replace

from dialgate_evals.actions.redaction import Redaction
from dialgate_evals.events.deriving.redacting.pseudonyms import Pseudonyms
from dialgate_evals.events.deriving.redacting.redaction_rules import redaction_rules
from dialgate_evals.files.json_text import canonical_json
from dialgate_evals.recording.exchanges import Exchange, ToolExchange, Unrecorded
from dialgate_evals.recording.withholding import Withholding, keys_in
from tests.evals.recording.exchanged import chat, says, user

KEY = 'odd"key-0001'
NOBODY = Withholding(redaction_rules(Redaction(), {"hunter2hunter2": "[secret PW]"}),
                     Pseudonyms(key=b"k" * 32))  # fmt: skip


def test_the_requests_own_key_goes_wherever_it_stands() -> None:
    asked = chat([user(f"My key is {KEY}")], says(f"{KEY} is wrong; hunter2hunter2 too"))
    asked = replace(asked, error=f"Incorrect key {KEY}", body={**asked.body, "x": {KEY: [KEY]}})
    kept = NOBODY.exchange(asked, (KEY,))
    assert isinstance(kept, Exchange)
    text = canonical_json(asdict(kept))
    assert "0001" not in text
    assert "hunter2" not in text
    assert "My key is [key]" in text


def test_a_person_is_the_same_in_question_and_answer_and_unknown() -> None:
    kept = NOBODY.exchange(
        chat([user("I am ada@shop.de")], says("Hello ada@shop.de"), body={"user": "ada"}), ()
    )
    assert isinstance(kept, Exchange)
    assert kept.answer is not None
    name = kept.body["messages"][0]["content"].removeprefix("I am ")
    assert name.endswith("@example.com")
    assert kept.answer["choices"][0]["message"]["content"] == f"Hello {name}"
    assert "user" not in kept.body


def test_a_call_over_mcp_is_kept_by_the_same_rules() -> None:
    call = ToolExchange(server="s", at=0, method="tools/call", params={"to": "ada@shop.de"},
                        result={"text": '{"to": "ada@shop.de"}'})  # fmt: skip
    kept = NOBODY.tool(call, (KEY,))
    assert isinstance(kept, ToolExchange)
    assert kept.result == {"text": f'{{"to": "{kept.params["to"]}"}}'}
    assert "ada" not in canonical_json(asdict(kept))


def test_what_cannot_be_replaced_is_not_kept_and_says_why() -> None:
    rules = redaction_rules(Redaction(patterns=("[0-9]",)), {})
    asked = chat([user("Ada dialled 0123456789")], says("x"), 3)
    kept = Withholding(rules, Pseudonyms(key=b"k" * 32)).exchange(asked, ())
    assert isinstance(kept, Unrecorded)
    assert "can't be replaced: more short values" in kept.why
    assert "Ada" not in canonical_json(asdict(kept))


def test_keys_are_known_by_their_headers_and_their_place_in_the_query() -> None:
    headers = [("Authorization", "Bearer abc-1"), ("x-api-key", "k2k2"), ("api-key", "k3k3"),
               ("X-Auth-Token", "k4k4"), ("User-Agent", "agent"), ("x-api-key", "abc")]  # fmt: skip
    query = {"api-version": "2026-01-01", "key": "k5k5"}
    assert keys_in(headers, query) == ("abc-1", "k2k2", "k3k3", "k4k4", "k5k5")


def test_pointers_of_a_suite_begin_at_the_arguments_of_a_call_in_every_dialect() -> None:
    rules = redaction_rules(Redaction(pointers=("/name",)), {})
    hers = {"name": "Ada"}
    used = {"type": "tool_use", "id": "t", "name": "find", "input": hers}
    body = {"messages": [
        user("I am Ada."), {"role": "assistant", "content": [used, {"type": "text", "text": "x"}]},
    ]}  # fmt: skip
    withholding = Withholding(rules, Pseudonyms(key=b"k" * 32))
    kept = withholding.exchange(
        Exchange(api="anthropic", path="", at=0, body=body, status=200, answer={"content": []}), ()
    )
    assert isinstance(kept, Exchange)
    assert "Ada" not in canonical_json(asdict(kept))
    assert kept.body["messages"][1]["content"][0]["name"] == "find"
    assert list(kept.body["messages"][1]["content"][0]) == list(used)
    call = ToolExchange(server="s", at=0, method="tools/call", result={"structuredContent": hers},
                        params={"name": "find", "arguments": hers})  # fmt: skip
    kept_call = withholding.tool(call)
    assert isinstance(kept_call, ToolExchange)
    assert kept_call.params["name"] == "find"
    assert "Ada" not in canonical_json(asdict(kept_call))


def test_what_was_remembered_of_a_history_is_what_it_would_be_by_itself() -> None:
    history = [user("I am ada@shop.de"), says("Hello"), user('{"b": 1.0, "a": "ada@shop.de"}')]
    longer = [*history, user("and bob@shop.de, my key is plain-0001")]
    for more in ((), ("plain-0001",)):
        one, other = (Withholding(redaction_rules(Redaction(), {}), Pseudonyms(key=b"k" * 32))
                      for _ in range(2))  # fmt: skip
        one.exchange(chat(history, says("x")), more)
        one.look_ahead({"messages": longer}, more)
        kept = one.exchange(chat(longer, says("y")), more)
        assert kept == other.exchange(chat(longer, says("y")), more)
        assert canonical_json(asdict(kept)).count("plain-0001") == (0 if more else 1)
