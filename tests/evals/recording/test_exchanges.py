"""The lines of a journal: each message once, and what was cut off told."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from dialgate_evals.files.json_text import JsonTextError, parse_json
from dialgate_evals.importing.found import Left
from dialgate_evals.recording.exchanges import (
    Exchange,
    JournalLines,
    Kept,
    ToolExchange,
    Unrecorded,
    read_journal,
)
from tests.evals.recording.exchanged import calls, chat, result, says, user

TOOL = ToolExchange(server="shop", at=3.0, method="tools/call", params={"name": "f"}, result={})
UNKEPT = Unrecorded(what="a request", why="no JSON", at=4.0)


def read(raw: bytes) -> list[Any]:
    def values() -> Any:
        for number, line in enumerate(raw.splitlines(), 1):
            try:
                yield number, parse_json(line)
            except JsonTextError as error:
                yield number, error

    return list(read_journal(values(), "j"))


def without_place(item: Any) -> Any:
    return replace(item, place="")


def test_what_is_written_is_read_again() -> None:
    lines = JournalLines()
    first = chat([user("Hi")], calls("refund"), body={"system": "A desk.", "instructions": "x"})
    second = chat([user("Hi"), calls("refund"), result("refund")], None, 1)
    kept: list[Kept] = [first, second, TOOL, UNKEPT]
    found = read(b"".join([lines.lines(item) for item in kept]))
    assert [without_place(item) for item in found] == [without_place(item) for item in kept]
    assert [item.place for item in found][-1] == "j: line 10"


def test_a_message_is_written_once_however_often_it_is_sent() -> None:
    lines = JournalLines()
    long = [user("x" * 10_000), *[says(f"{n}") for n in range(50)]]
    sizes = [len(lines.lines(chat(long[: n + 1], says("y"), n))) for n in range(1, 50)]
    assert max(sizes[1:]) < 10_000
    assert read(b"".join(map(JournalLines().lines, [chat(long, None)])))[0].body["messages"] == long


def test_a_line_that_was_cut_off_is_told_and_the_rest_is_read() -> None:
    lines = JournalLines()
    raw = lines.lines(TOOL) + lines.lines(chat([user("Hi")], says("Yo")))
    for cut in range(len(lines.lines(TOOL)) + 1, len(raw) - 1):
        found = read(raw[:cut])
        assert without_place(found[0]) == TOOL
        assert not any(isinstance(item, Exchange) for item in found)


def test_lines_of_another_kind_are_told() -> None:
    odd = b'7\n{}\n{"schema": 2, "kind": "tool"}\n{"schema": 1, "kind": "new"}\n'
    odd += b'{"schema": 1, "kind": "tool", "what": 1}\n{"schema": 1, "kind": "exchange", '
    odd += b'"api": "openai-chat", "path": "", "at": 1, "body": {}, "parts": {"messages": ["x"]}}\n'
    found = read(odd)
    assert len(found) == 6
    assert all(isinstance(item, Left) for item in found)
