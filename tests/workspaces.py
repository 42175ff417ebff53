"""Small workspaces for tests: a recorded suite in a folder, spelled out only where it matters."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

SUITE = """schema = 1
name = "shop"
cases = ["cases.jsonl"]
{extra}
[agent]
kind = "transcript"
path = "transcripts/{{version}}.jsonl"
"""

RELEASE = """schema = 1
name = "shop-agent"
version = "{version}"
prompts = ["prompts/*.md"]
tools = ["tools.json"]
[model]
provider = "test"
name = "model-{version}-2026-01-01"
"""

ACTIONS = """schema = 1
[class."refund"]
tools = ["refund"]
effect = "write"
blast_radius = "high"
reversible = false
[class."mail"]
tools = ["send_mail"]
effect = "write"
blast_radius = "low"
reversible = true
[class."read"]
tools = ["look_up"]
effect = "read"
blast_radius = "low"
reversible = true
"""

POLICY = """schema = 1
[gate]
alpha = 0.05
[gate.default]
margin = 0.10
min_cases = 5
[ladder.in_the_loop]
eval_success = 0.5
"""

TOOLS = [
    {
        "name": name,
        "parameters": {
            "type": "object",
            "properties": {"id": {"type": "string"}, "amount": {"type": "number"}},
            "required": ["id"],
        },
    }
    for name in ("refund", "send_mail", "look_up")
]


def a_case(case_id: str, actions: Iterable[Mapping[str, Any]] = (), **more: Any) -> dict[str, Any]:
    """A case that expects these actions."""
    expect = {"actions": list(actions), **more.pop("expect", {})}
    return {
        "schema": 1,
        "id": case_id,
        "origin": "golden",
        "messages": [{"role": "user", "content": f"Please handle {case_id}."}],
        "expect": expect,
        **more,
    }


def a_refund(case_id: str) -> dict[str, Any]:
    """The refund that a refund case expects."""
    return {"name": "refund", "arguments": {"id": case_id, "amount": 10}}


def a_trial(
    case_id: str, calls: Iterable[Mapping[str, Any]], trial: int = 0, **more: Any
) -> dict[str, Any]:
    """A recorded trial that made these calls, each answered well."""
    messages: list[dict[str, Any]] = [{"role": "user", "content": "Go."}]
    for index, call in enumerate(calls):
        function = {"name": call["name"], "arguments": json.dumps(call["arguments"])}
        messages += [
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [{"id": f"c{index}", "type": "function", "function": function}],
            },
            {"role": "tool", "tool_call_id": f"c{index}", "content": "ok"},
        ]
    messages.append({"role": "assistant", "content": "Done."})
    return {"case_id": case_id, "trial": trial, "messages": messages, **more}


def write_lines(path: Path, documents: Iterable[Any]) -> None:
    """Writes JSON Lines."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(item) + "\n" for item in documents), "utf-8")


class RecordedSuite:
    """A suite with `refunds` refund cases and recorded trials for two releases, "1" and "2"."""

    def __init__(self, folder: Path, *, refunds: int = 40, extra: str = "") -> None:
        self.folder = folder
        self.case_ids = [f"refund-{index:03d}" for index in range(refunds)]
        self.cases = [a_case(case_id, [a_refund(case_id)]) for case_id in self.case_ids]
        folder.mkdir(parents=True, exist_ok=True)
        self.write("suite.toml", SUITE.format(extra=extra))
        for version in ("1", "2"):
            self.write(f"releases/{version}.toml", self.release(version))
        self.write("release.toml", RELEASE.format(version="2"))
        self.write("prompts/system.md", "Refund what is asked for.\n")
        self.write("tools.json", json.dumps(TOOLS))
        self.write("actions.toml", ACTIONS)
        self.write("policy.toml", POLICY)
        self.write_cases()
        for version in ("1", "2"):
            self.record(version, {})

    @staticmethod
    def release(version: str) -> str:
        """The release file below releases/."""
        text = RELEASE.format(version=version)
        return text.replace("prompts/", "../prompts/").replace("tools.json", "../tools.json")

    def write(self, name: str, text: str) -> Path:
        """Writes one file of the suite."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return path

    def write_cases(self) -> None:
        """Writes the cases as they are now."""
        write_lines(self.folder / "cases.jsonl", self.cases)

    def transcript(self, version: str) -> Path:
        """The file of a release's recorded trials."""
        return self.folder / "transcripts" / f"{version}.jsonl"

    def record(
        self, version: str, calls: Mapping[str, Iterable[Mapping[str, Any]]], trials: int = 1
    ) -> None:
        """Records trials that take the expected refund, but for the cases in `calls`."""
        documents = [
            a_trial(case_id, calls.get(case_id, [a_refund(case_id)]), trial)
            for case_id in self.case_ids
            for trial in range(trials)
        ]
        write_lines(self.transcript(version), documents)
