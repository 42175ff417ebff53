"""Import, say "right" to everything, run the same trajectories: all pass, and no call is gone."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from dialgate.cases.imported_suite import ImportRequest, import_suite
from dialgate_evals.errors import EvidenceError
from dialgate_evals.files.json_text import canonical_json
from tests.evals.importing.imports import a_call, accepted_and_run, answer, calls, lines, user

TOOLS = ("get_order", "refund", "send_email", "Löschen!")
words = st.text("abc äß\n\"'\\{}[]<>&0", max_size=12)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False,
                                                                         allow_infinity=False)
    | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=5,
)  # fmt: skip
arguments = st.dictionaries(st.sampled_from(["id", "amount", "note", "a.b"]), values, max_size=3)


@st.composite
def turns(draw: st.DrawFn, number: int) -> list[dict[str, Any]]:
    """What a user says and what the agent does then: calls, at once or in turn, and a word."""
    made = [user(f"{number}: " + draw(words))]
    for group in range(draw(st.integers(0, 3))):
        names = draw(st.lists(st.sampled_from(TOOLS), min_size=1, max_size=3))
        ids = [f"c-{number}-{group}-{index}" for index in range(len(names))]
        made.append(calls(*(a_call(name, draw(arguments), id_)
                            for name, id_ in zip(names, ids, strict=True))))  # fmt: skip
        for id_ in draw(st.permutations(ids)):
            kind = draw(st.sampled_from(["ok", "data", "error", "none"]))
            if kind != "none":
                content = json.dumps(draw(values)) if kind == "data" else draw(words)
                made.append(answer(content, id_, **({"error": True} if kind == "error" else {})))
    if draw(st.booleans()):
        made.append({"role": "assistant", "content": draw(words)})
    return made


conversations = st.lists(
    st.integers(0, 10**6).flatmap(
        lambda number: st.lists(turns(number), min_size=1, max_size=2).map(
            lambda many: [message for turn in many for message in turn]
        )
    ),
    min_size=1,
    max_size=4,
)


def calls_of(messages: list[dict[str, Any]]) -> list[str]:
    return sorted(
        canonical_json([call["function"]["name"], json.loads(call["function"]["arguments"])])
        for message in messages
        for call in message.get("tool_calls") or ()
    )


@given(conversations)
@settings(max_examples=12)
def test_accept_all_and_the_same_trajectories_pass(talks: list[list[dict[str, Any]]]) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        source = lines(folder / "log.jsonl", *({"messages": messages} for messages in talks))
        out = folder / "suites" / "made"
        try:
            document = import_suite(ImportRequest(sources=(source,), format=None, out=out))
        except EvidenceError:
            return  # every conversation is listed as a problem
        text = (out / "transcripts/imported.jsonl").read_text("utf-8")
        trials = [json.loads(line)["messages"] for line in text.splitlines()]
        asked = {call for messages in talks for call in calls_of(messages)}
        kept = {call for messages in trials for call in calls_of(messages)}
        assert asked <= kept or document["left"], "a call is gone, and nothing says so"
        accepted_and_run(out)
