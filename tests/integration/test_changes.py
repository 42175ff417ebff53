"""Every kind of change is named by its component, and `check` runs for those that decide."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.checkouts import Checkout, git
from tests.integration.command_line import dialgate, dialgate_process

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

SUITE = "suites/my-agent"
EVERY_CLASS = ["email.send", "escalate", "read", "refund"]


@pytest.fixture(scope="module")
def scaffold(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    return Checkout(tmp_path_factory.mktemp("scaffold") / "work")


@pytest.fixture
def checkout(scaffold: Checkout, tmp_path: Path) -> Checkout:
    return scaffold.copy_to(tmp_path / "work")


@pytest.fixture(scope="module")
def known(scaffold: Checkout, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is left of a run that says which files the agent loads."""
    ran = scaffold.copy_to(tmp_path_factory.mktemp("ran") / "work")
    assert dialgate("run", SUITE, folder=ran.folder).code == 0
    return ran.folder / ".dialgate" / "loaded"


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


class TestCheckRunsOnlyForAChange:
    """Nothing that decides has changed: exit 0 at once, and the verdict says what was compared."""

    @pytest.mark.parametrize(
        "edit", [lambda _: None, reformat_every_file, move_the_dial_by_its_command]
    )
    def test_an_unchanged_release_passes_without_a_trial(
        self, edit: Callable[[Checkout], None], checkout: Checkout, known: Path
    ) -> None:
        remember(checkout, known)
        edit(checkout)
        finished = dialgate("check", SUITE, "--json", "-", folder=checkout.folder)
        verdict = finished.verdict()
        assert (finished.code, verdict["verdict"]) == (0, "pass")
        assert verdict["usage"]["agent_calls"] == 0
        assert verdict["release"]["fingerprint"] == verdict["baseline"]["fingerprint"]
        assert "prompts, tools, model, code, cases" in verdict["reasons"][0]
        assert not list(checkout.folder.glob(".dialgate/run-*"))

    @pytest.mark.parametrize(
        "edit",
        [change_one_word_of_the_prompt, take_the_next_model, edit_a_case, edit_the_policy],
        ids=lambda edit: edit.__name__,
    )
    def test_a_change_that_decides_is_run(
        self, edit: Callable[[Checkout], None], checkout: Checkout
    ) -> None:
        edit(checkout)
        verdict = dialgate("check", SUITE, "--json", "-", folder=checkout.folder).verdict()
        assert verdict["usage"]["agent_calls"] >= 17
        assert "unchanged" not in verdict

    @pytest.mark.parametrize(
        "options", [["--always"], ["--no-cache"], ["--baseline", "main~1"]], ids=" ".join
    )
    def test_a_person_can_have_it_run_all_the_same(
        self, options: list[str], checkout: Checkout
    ) -> None:
        finished = dialgate("check", SUITE, "--json", "-", *options, folder=checkout.folder)
        assert finished.verdict()["usage"]["agent_calls"] >= 34

    def test_what_nobody_has_seen_run_is_run(self, checkout: Checkout) -> None:
        verdict = dialgate("check", SUITE, "--json", "-", folder=checkout.folder).verdict()
        assert verdict["usage"]["agent_calls"] >= 34
        assert "unchanged" not in verdict

    @pytest.mark.parametrize("name", ["uv.lock", f"{SUITE}/agent/requirements.txt"])
    def test_a_lock_file_beside_what_is_loaded_has_it_run(
        self, name: str, checkout: Checkout, known: Path
    ) -> None:
        remember(checkout, known)
        (checkout.folder / name).write_text("acme==2\n")
        verdict = dialgate("check", SUITE, "--json", "-", folder=checkout.folder).verdict()
        assert "unchanged" not in verdict

    def test_a_ref_that_was_named_is_not_run_with_if_changed(
        self, checkout: Checkout, known: Path
    ) -> None:
        remember(checkout, known)
        finished = dialgate(
            "check", SUITE, "--json", "-", "--baseline", "main~1", "--if-changed",
            folder=checkout.folder,
        )  # fmt: skip
        assert finished.verdict()["unchanged"]

    def test_every_report_can_be_made_of_it(self, checkout: Checkout, known: Path) -> None:
        remember(checkout, known)
        forms = {"html": "page.html", "markdown": "text.md", "junit": "tests.xml"}
        options = [word for form, file in forms.items() for word in (f"--{form}", file)]
        finished = dialgate("check", SUITE, *options, folder=checkout.folder)
        assert finished.code == 0
        assert "PASS: nothing that decides has changed" in finished.out
        for file in forms.values():
            assert (checkout.folder / file).stat().st_size > 100
        again = dialgate("report", ".dialgate/verdict-my-agent.json", folder=checkout.folder)
        assert again.out == finished.out.partition("Verdict: ")[0]

    def test_its_document_has_the_keys_of_any_verdict(
        self, checkout: Checkout, known: Path
    ) -> None:
        remember(checkout, known)
        short = dialgate("check", SUITE, "--json", "-", folder=checkout.folder).verdict()
        whole = dialgate(
            "check", SUITE, "--json", "-", "--always", folder=checkout.folder
        ).verdict()
        assert set(short) == {*whole, "unchanged"}
        for key in ("suite_estimates", "cases", "usage"):
            assert set(short[key]) == set(whole[key])


def hide_the_agents_code(checkout: Checkout) -> None:
    checkout.replace(f"{SUITE}/release.toml", 'code = ["agent/**/*.py"]', "code = []")


def quarantine_every_case(checkout: Checkout) -> None:
    entry = '\n[[quarantine]]\ncase = "{}"\nowner = "me"\nreason = "later"\nuntil = 2999-01-01\n'
    path = checkout.suite / "suite.toml"
    path.write_text(path.read_text() + "".join(entry.format(c["id"]) for c in checkout.cases()))


def name_a_class_without_cases(checkout: Checkout) -> None:
    path = checkout.suite / "policy.toml"
    path.write_text(path.read_text() + '\n[gate.class."read"]\nmargin = 0.0\n')


class TestTheShortWayHidesNothing:
    """What may have changed unseen, or would be no pass if it were run, is run."""

    def unchanged_after(self, edit: Callable[[Checkout], None], checkout: Checkout) -> Any:
        git(checkout.folder, "checkout", "-q", "main")
        edit(checkout)
        checkout.commit("how main is")
        git(checkout.folder, "commit", "-q", "--allow-empty", "-m", "nothing more")
        git(checkout.folder, "checkout", "-q", "-B", "next")
        dialgate("run", SUITE, folder=checkout.folder)
        return dialgate("check", SUITE, "--json", "-", folder=checkout.folder)

    def test_an_agent_whose_code_is_no_part_of_the_release_is_run(self, checkout: Checkout) -> None:
        finished = self.unchanged_after(hide_the_agents_code, checkout)
        assert "unchanged" not in finished.verdict()
        assert finished.verdict()["usage"]["agent_calls"] >= 17

    @pytest.mark.parametrize(
        "edit", [quarantine_every_case, name_a_class_without_cases], ids=lambda edit: edit.__name__
    )
    def test_an_unchanged_suite_that_can_not_decide_is_invalid(
        self, edit: Callable[[Checkout], None], checkout: Checkout
    ) -> None:
        finished = self.unchanged_after(edit, checkout)
        assert (finished.code, finished.verdict()["verdict"]) == (4, "invalid")

    def test_an_expired_quarantine_is_an_error_all_the_same(self, checkout: Checkout) -> None:
        def expire(checkout: Checkout) -> None:
            path = checkout.suite / "suite.toml"
            entry = 'case = "my-agent-001"\nowner = "me"\nreason = "x"\nuntil = 2020-01-01\n'
            path.write_text(f"{path.read_text()}\n[[quarantine]]\n{entry}")

        assert self.unchanged_after(expire, checkout).code == 2

    def test_a_mode_that_moves_beside_the_ledger_fails(self, checkout: Checkout) -> None:
        move_the_dial(checkout)
        checkout.commit("by hand")
        finished = dialgate("check", SUITE, "--json", "-", folder=checkout.folder)
        assert finished.code == 1
        assert [item["label"] for item in finished.verdict()["judge_changes"]] == ["runbook-change"]

    def test_recorded_suites_are_read_as_ever(self, checkout: Checkout) -> None:
        path = checkout.suite / "suite.toml"
        text = path.read_text().partition("[agent]")[0]
        path.write_text(f'{text}[agent]\nkind = "transcript"\npath = "recorded.jsonl"\n')
        (checkout.suite / "recorded.jsonl").write_text("")
        checkout.commit("recorded")
        git(checkout.folder, "branch", "-f", "main")
        git(checkout.folder, "commit", "-q", "--allow-empty", "-m", "change")
        finished = dialgate("check", SUITE, "--json", "-", folder=checkout.folder)
        assert finished.code == 4

    def test_an_unpinned_model_is_said_in_the_pass(self, checkout: Checkout) -> None:
        def float_the_model(checkout: Checkout) -> None:
            checkout.replace(f"{SUITE}/release.toml", "fixed-rules-2026-11-01", "rules-latest")

        verdict = self.unchanged_after(float_the_model, checkout).verdict()
        assert verdict["unchanged"]
        assert "floating alias" in verdict["reasons"][-1]


def test_the_command_prints_json_alone_on_standard_output(checkout: Checkout) -> None:
    finished = dialgate_process("changes", SUITE, "--json", "-", folder=checkout.folder)
    assert finished.verdict()["changes"] == []
    assert "Nothing differs." in finished.err
