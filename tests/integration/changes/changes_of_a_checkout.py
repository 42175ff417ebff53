"""Changes that a developer makes to a scaffolded workspace, one function each."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

from tests.integration.command_line import dialgate

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.checkouts import Checkout

SUITE = "suites/my-agent"
EVERY_CLASS = ["email.send", "escalate", "read", "refund"]


def loaded_by_a_run(checkout: Checkout) -> Path:
    """What is left of a run that says which files the agent loads."""
    assert dialgate("run", SUITE, folder=checkout.folder).code == 0
    return checkout.folder / ".dialgate" / "loaded"


def remember(checkout: Checkout, known: Path) -> None:
    shutil.copytree(known, checkout.folder / ".dialgate" / "loaded")


def tools_of(checkout: Checkout) -> Any:
    return json.loads((checkout.suite / "tools.json").read_text("utf-8"))


def write_tools(checkout: Checkout, tools: Any, indent: int | None = None) -> None:
    (checkout.suite / "tools.json").write_text(json.dumps(tools, indent=indent), "utf-8")


def change_one_word_of_the_prompt(checkout: Checkout) -> None:
    checkout.replace(f"{SUITE}/prompts/system.md", "up to 50 USD", "up to 40 USD")


def change_a_description(checkout: Checkout) -> None:
    checkout.replace(f"{SUITE}/tools.json", "Pays money back", "Gives money back")


def require_an_argument_more(checkout: Checkout) -> None:
    tools = tools_of(checkout)
    refund = next(tool for tool in tools if tool["name"] == "refund")
    refund["parameters"]["properties"]["reason"] = {"type": "string"}
    refund["parameters"]["required"].append("reason")
    write_tools(checkout, tools)


def take_the_next_model(checkout: Checkout) -> None:
    checkout.replace(f"{SUITE}/release.toml", "fixed-rules-2026-11-01", "fixed-rules-2026-12-01")


def change_the_code(checkout: Checkout) -> None:
    checkout.replace(f"{SUITE}/agent/my_agent.py", "async def respond", "\nasync def respond")


def edit_a_case(checkout: Checkout) -> None:
    cases = checkout.cases()
    cases[0]["messages"][0]["content"] += " Quickly!"
    checkout.write_cases(cases)


def add_a_case(checkout: Checkout) -> None:
    cases = checkout.cases()
    checkout.write_cases([*cases, {**cases[-1], "id": "my-agent-new", "messages": [
        {"role": "user", "content": "Nothing to do, thank you."}]}])  # fmt: skip


def edit_the_policy(checkout: Checkout) -> None:
    checkout.replace(f"{SUITE}/policy.toml", "margin = 0.10", "margin = 0.15")


def give_a_class_its_own_margin(checkout: Checkout) -> None:
    path = checkout.suite / "policy.toml"
    path.write_text(path.read_text() + '\n[gate.class."refund"]\nmargin = 0.0\n')


def raise_the_trials(checkout: Checkout) -> None:
    checkout.replace(f"{SUITE}/suite.toml", "trials = 1", "trials = 2")


def declare_refunds_reversible(checkout: Checkout) -> None:
    checkout.replace(
        f"{SUITE}/actions.toml",
        'blast_radius = "medium"\nreversible = false',
        'blast_radius = "medium"\nreversible = true',
    )


def rename_a_prompt(checkout: Checkout) -> None:
    """The agent is given its prompts by their paths, so another path is another release."""
    path = checkout.suite / "prompts/system.md"
    path.rename(path.with_name("main.md"))


def reformat_every_file(checkout: Checkout) -> None:
    write_tools(checkout, list(reversed(tools_of(checkout))), indent=3)
    path = checkout.suite / "prompts/system.md"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    checkout.write_cases(
        [dict(reversed({**case, "critical": False}.items())) for case in checkout.cases()][::-1]
    )
    for name in ("suite", "policy", "actions", "release"):
        path = checkout.suite / f"{name}.toml"
        path.write_text("# read me\n" + path.read_text().replace(" = ", "   =  "))


def spell_out_defaults(checkout: Checkout) -> None:
    checkout.replace(f"{SUITE}/suite.toml", "trials = 1", "trials = 1\nmax_turns = 30")
    checkout.replace(
        f"{SUITE}/policy.toml", "[gate.default]", "[gate.default]\nmax_new_silent=0\n#"
    )
    checkout.replace(f"{SUITE}/policy.toml", "\nmax_new_silent = 0", "")
    path = checkout.suite / "policy.toml"
    path.write_text(path.read_text().replace("\n#\n", "\n"))


def rename_a_case(checkout: Checkout) -> None:
    cases = checkout.cases()
    cases[0]["id"] = "shop-001"
    checkout.write_cases(cases)


def move_the_cases(checkout: Checkout) -> None:
    checkout.case_file.rename(checkout.case_file.with_name("moved.jsonl"))


def tag_a_case(checkout: Checkout) -> None:
    cases = checkout.cases()
    cases[0]["tags"] = ["mugs"]
    checkout.write_cases(cases)


def move_the_dial(checkout: Checkout) -> None:
    path = checkout.suite / "dial.toml"
    entry = '[class."refund"]\nmode = "shadow"\nsince = 2026-11-01T09:00:00Z\nby = "me"\n'
    path.write_text(path.read_text() + entry)


def move_the_dial_by_its_command(checkout: Checkout) -> None:
    """The ledger says what the dial says: that is no change of the judge."""
    words = ("dial", "set", SUITE, "refund", "shadow", "--by", "me")
    assert dialgate(*words, folder=checkout.folder).code == 0
