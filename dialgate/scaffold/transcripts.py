"""The template's cases as recorded trials: what an agent that does all of them right says."""

from __future__ import annotations

import json
from typing import Any

from dialgate_evals.files.json_text import json_line


def template_transcripts(cases: bytes) -> bytes:
    """A trial for each case of the file, in order; reads first, then the expected actions."""
    return b"".join(json_line(_trial(json.loads(line))) for line in cases.splitlines() if line)


def _trial(case: dict[str, Any]) -> dict[str, Any]:
    messages = list(case["messages"])
    reads = [(item, item["result"]) for item in case["recordings"]]
    actions = [(item, {"status": "ok"}) for item in case["expect"]["actions"]]
    for number, (call, result) in enumerate([*reads, *actions], 1):
        function = {"name": call["name"], "arguments": json.dumps(call["arguments"])}
        id_ = f"call-{number}"
        messages += [
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [{"id": id_, "type": "function", "function": function}],
            },
            {"role": "tool", "tool_call_id": id_, "content": json.dumps(result)},
        ]
    messages.append({"role": "assistant", "content": "Done."})
    return {"case_id": case["id"], "trial": 0, "messages": messages}
