"""Every kind of change is named by its component, and `check` runs for those that decide."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.changes.changes_of_a_checkout import (
    EVERY_CLASS,
    SUITE,
    add_a_case,
    change_a_description,
    change_one_word_of_the_prompt,
    change_the_code,
    declare_refunds_reversible,
    edit_a_case,
    edit_the_policy,
    give_a_class_its_own_margin,
    move_the_cases,
    move_the_dial,
    raise_the_trials,
    reformat_every_file,
    rename_a_case,
    rename_a_prompt,
    require_an_argument_more,
    spell_out_defaults,
    tag_a_case,
    take_the_next_model,
)
from tests.integration.checkouts import Checkout, git
from tests.integration.command_line import dialgate, dialgate_process

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True, kw_only=True)
class Named:
    """How a change is to be named."""

    component: str
    path: str
    kind: str
    classes: list[str]


REFUND = ["refund"]
DECIDING: dict[str, tuple[Callable[[Checkout], None], Named]] = {
    "a one-word prompt change": (
        change_one_word_of_the_prompt,
        Named(
            component="prompts", path="prompts/system.md", kind="changed", classes=EVERY_CLASS
        ),
    ),
    "a model bump": (
        take_the_next_model,
        Named(component="model", path="name", kind="changed", classes=EVERY_CLASS),
    ),
    "changed code": (
        change_the_code,
        Named(component="code", path="", kind="changed", classes=EVERY_CLASS),
    ),
    "a renamed prompt": (
        rename_a_prompt,
        Named(component="prompts", path="prompts/main.md", kind="renamed", classes=EVERY_CLASS),
    ),
    "an edited case": (
        edit_a_case,
        Named(component="cases", path="my-agent-001", kind="edited", classes=REFUND),
    ),
    "an added case": (
        add_a_case,
        Named(component="cases", path="my-agent-new", kind="added", classes=[]),
    ),
    "a policy edit": (
        edit_the_policy,
        Named(component="policy", path="gate.margin", kind="changed", classes=EVERY_CLASS),
    ),
    "a class's own margin": (
        give_a_class_its_own_margin,
        Named(component="policy", path="gate.class.refund.margin", kind="added", classes=REFUND),
    ),
    "more trials": (
        raise_the_trials,
        Named(component="suite", path="trials", kind="changed", classes=EVERY_CLASS),
    ),
    "an action class's risk": (
        declare_refunds_reversible,
        Named(component="classes", path="refund.reversible", kind="changed", classes=REFUND),
    ),
}  # fmt: skip
ONLY_NAMED: dict[str, tuple[Callable[[Checkout], None], Named | None]] = {
    "a reformatted file": (reformat_every_file, None),
    "defaults spelled out": (spell_out_defaults, None),
    "moved cases": (move_the_cases, None),
    "a renamed case": (
        rename_a_case,
        Named(component="cases", path="shop-001", kind="renamed", classes=[]),
    ),
    "another tag": (
        tag_a_case,
        Named(component="cases", path="my-agent-001", kind="relabelled", classes=[]),
    ),
    "a moved dial": (
        move_the_dial,
        Named(component="dial", path="refund", kind="added", classes=REFUND),
    ),
}


def named(change: Mapping[str, Any]) -> Named:
    return Named(**{key: change[key] for key in ("component", "path", "kind", "classes")})


@pytest.mark.parametrize(("edit", "expected"), DECIDING.values(), ids=list(DECIDING))
def test_a_change_that_decides_is_named_and_triggers(
    edit: Callable[[Checkout], None], expected: Named, checkout: Checkout
) -> None:
    edit(checkout)
    finished = checkout.changes("--exit-code")
    document = finished.verdict()
    assert [named(change) for change in document["changes"]] == [expected]
    assert document["triggers"]
    assert [item["action_class"] for item in document["classes"]] == expected.classes
    assert finished.code == 1
    assert checkout.changes().code == 0


@pytest.mark.parametrize(("edit", "expected"), ONLY_NAMED.values(), ids=list(ONLY_NAMED))
def test_a_change_that_decides_nothing_triggers_nothing(
    edit: Callable[[Checkout], None], expected: Named | None, checkout: Checkout
) -> None:
    edit(checkout)
    finished = checkout.changes("--exit-code")
    document = finished.verdict()
    assert [named(change) for change in document["changes"]] == ([expected] if expected else [])
    assert not document["triggers"]
    assert document["classes"] == []
    assert finished.code == 0


def test_a_description_is_a_change_of_text_that_steers_the_tools_class(
    checkout: Checkout,
) -> None:
    change_a_description(checkout)
    [change] = checkout.changes().verdict()["changes"]
    assert named(change) == Named(
        component="tools", path="tools.json#/refund", kind="text", classes=REFUND
    )
    assert change["triggers"]


def test_a_required_argument_breaks_and_the_cases_that_it_invalidates_are_listed(
    checkout: Checkout,
) -> None:
    require_an_argument_more(checkout)
    document = checkout.changes().verdict()
    assert [named(change) for change in document["changes"]] == [
        Named(component="tools", path="tools.json#/refund/reason", kind="breaking", classes=REFUND)
    ]
    refunds = [
        case["id"]
        for case in checkout.cases()
        if any(action["name"] == "refund" for action in case["expect"]["actions"])
    ]
    assert [call["case"] for call in document["invalidated"]] == refunds
    shown = dialgate("changes", SUITE, folder=checkout.folder).out
    assert "'reason' is a required property" in " ".join(shown.split())


def test_a_renamed_tool_affects_the_class_that_its_calls_had(checkout: Checkout) -> None:
    checkout.replace(f"{SUITE}/tools.json", '"refund"', '"refund_order"')
    document = checkout.changes().verdict()
    kinds = {item["path"]: item["kind"] for item in document["changes"]}
    assert kinds["tools.json#/refund_order"] == "breaking_for_callers"
    assert [item["action_class"] for item in document["classes"]] == ["refund"]


def test_a_prompt_is_compared_word_by_word(checkout: Checkout) -> None:
    change_one_word_of_the_prompt(checkout)
    shown = dialgate("changes", SUITE, folder=checkout.folder).out
    assert "Refund up to [-50-]{+40+} USD yourself." in shown
    assert max(len(line) for line in shown.splitlines()) <= 80


def test_an_edited_case_shows_the_words_that_differ(checkout: Checkout) -> None:
    edit_a_case(checkout)
    shown = dialgate("changes", SUITE, folder=checkout.folder).out
    assert "Differs in messages." in shown
    assert "please refund it.{+ Quickly!+}" in " ".join(shown.split())


def test_what_is_loosened_is_said(checkout: Checkout) -> None:
    edit_the_policy(checkout)
    document = checkout.changes().verdict()
    assert "raises gate.margin from 0.1 to 0.15" in document["loosened"][0]


def test_a_floating_alias_is_said_to_be_unpinned(checkout: Checkout) -> None:
    checkout.replace(f"{SUITE}/release.toml", "fixed-rules-2026-11-01", "fixed-rules-latest")
    document = checkout.changes().verdict()
    assert "'fixed-rules-latest' is a floating alias" in document["unpinned"][0]


def test_two_release_files_are_compared_in_their_components(checkout: Checkout) -> None:
    text = (checkout.suite / "release.toml").read_text("utf-8")
    (checkout.suite / "next.toml").write_text(text.replace("2026-11-01", "2026-12-01"))
    finished = checkout.changes("--baseline", "release.toml", "--release", "next.toml")
    document = finished.verdict()
    assert [change["component"] for change in document["changes"]] == ["model"]
    assert document["baseline"]["place"].endswith("release.toml")


def test_the_markdown_says_the_same_and_shows_hostile_text_as_text(checkout: Checkout) -> None:
    checkout.replace(f"{SUITE}/prompts/system.md", "up to 50 USD", "``` <img src=x> @all")
    finished = dialgate("changes", SUITE, "--markdown", "-", folder=checkout.folder)
    assert "- prompts `prompts/system.md` changed" in finished.out
    assert "\n  ````\n" in finished.out
    assert "<img" not in finished.out.partition("````")[0]


def test_a_suite_that_the_base_does_not_hold_is_all_new(checkout: Checkout) -> None:
    git(checkout.folder, "checkout", "-q", "--orphan", "empty")
    git(checkout.folder, "rm", "-rqf", "--cached", ".")
    git(checkout.folder, "commit", "-q", "--allow-empty", "-m", "empty")
    document = checkout.changes("--baseline", "empty").verdict()
    assert document["baseline"] is None
    assert document["triggers"]


def test_a_run_record_is_no_baseline_for_changes(checkout: Checkout) -> None:
    finished = checkout.changes("--baseline", "golden")
    assert finished.code == 2
    assert "dialgate diff" in finished.err


def test_a_base_that_can_not_be_read_is_named_by_its_commit(checkout: Checkout) -> None:
    git(checkout.folder, "checkout", "-q", "main")
    checkout.replace(f"{SUITE}/policy.toml", "alpha = 0.05", 'alpha = "five"')
    checkout.commit("broken")
    git(checkout.folder, "checkout", "-q", "-B", "repair")
    checkout.replace(f"{SUITE}/policy.toml", 'alpha = "five"', "alpha = 0.05")
    finished = checkout.changes("--baseline", "main")
    assert finished.code == 2
    assert finished.err.startswith(f"{SUITE}/policy.toml at main (")


def test_the_command_prints_json_alone_on_standard_output(checkout: Checkout) -> None:
    finished = dialgate_process("changes", SUITE, "--json", "-", folder=checkout.folder)
    assert finished.verdict()["changes"] == []
    assert "Nothing differs." in finished.err
