"""The prompt that all conversations begin with is the release's; any other stays with its case."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

import pytest

from dialgate.cases.imported_suite import ImportRequest, import_suite
from dialgate_evals.importing.shared_prompt import SharedPrompt, without_prompt
from tests.evals.importing.imports import a_call, answer, calls, checked, lines, user

if TYPE_CHECKING:
    from pathlib import Path


def a_log(order: str, prompt: str | None) -> dict[str, Any]:
    start = [] if prompt is None else [{"role": "system", "content": prompt}]
    said = [*start, user(f"Refund {order}"), calls(a_call("refund", {"id": order})), answer("ok")]
    return {"messages": said}


def made(folder: Path, *prompts: str | None) -> tuple[Path, list[Any]]:
    source = lines(folder / "log.jsonl", *(a_log(f"R-{i}", p) for i, p in enumerate(prompts)))
    import_suite(ImportRequest(sources=(source,), format=None, out=folder / "shop"))
    return folder / "shop", checked(folder / "shop")


def test_a_prompt_that_all_begin_with_is_the_releases(tmp_path: Path) -> None:
    suite, cases = made(tmp_path, "Be kind to ada@example.com.", "Be kind to ada@example.com.")
    release = tomllib.loads((suite / "release.toml").read_text())
    assert release["prompts"] == ["prompts/system.md"]
    prompt = (suite / "prompts/system.md").read_text()
    assert prompt.startswith("Be kind to ")
    assert "ada@" not in prompt, "what is personal is replaced in it too"
    assert [[m["role"] for m in case["messages"]] for case in cases] == [["user"], ["user"]]


@pytest.mark.parametrize("prompts", [("A.", "B."), ("A.", None), (None, None)])
def test_prompts_that_differ_stay_where_they_were(tmp_path: Path, prompts: Any) -> None:
    suite, cases = made(tmp_path, *prompts)
    assert tomllib.loads((suite / "release.toml").read_text())["prompts"] == []
    kept = [case["messages"][0]["content"] for case in cases]
    assert kept == [prompt or f"Refund R-{i}" for i, prompt in enumerate(prompts)]


def test_several_prompts_in_one_conversation_are_no_one_prompt() -> None:
    two = [{"role": "system", "content": "A."}, {"role": "developer", "content": "B."}, user("Hi")]
    shared = SharedPrompt()
    shared.see(two)
    assert not shared.is_in(two)
    assert without_prompt(two) == [user("Hi")]
