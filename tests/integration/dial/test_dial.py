"""`dialgate dial`: people promote on evidence, the books are kept, tampering is refused."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from dialgate import Dial
from dialgate_evals.errors import ConfigurationError
from dialgate_evals.events.review_events import Mode
from dialgate_evals.suite.workspace import load_workspace
from tests.integration.command_line import Finished, dialgate, dialgate_process
from tests.workspaces import RecordedSuite

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ACTIONS = """schema = 1
[class."refund.small"]
tools = ["refund"]
when = { properties = { amount = { maximum = 50 } }, required = ["amount"] }
effect = "write"
blast_radius = "low"
reversible = true
[class."refund.large"]
tools = ["refund"]
effect = "write"
blast_radius = "high"
reversible = true
[class.mail]
tools = ["send_mail"]
effect = "write"
blast_radius = "low"
reversible = false
[class.look]
tools = ["look_up"]
effect = "read"
blast_radius = "low"
reversible = true
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    suite = RecordedSuite(tmp_path / "shop", refunds=3)
    suite.write("actions.toml", ACTIONS)
    return suite.folder


def move(
    shop: Path, name: str, mode: str, *more: str, by: Callable[..., Finished] = dialgate
) -> Finished:
    return by("dial", "set", "shop", name, mode, "--by", "Ada", *more, folder=shop.parent)


def verify(shop: Path) -> Finished:
    return dialgate("dial", "verify", "shop", folder=shop.parent)


def evidence(shop: Path, **more: Any) -> str:
    """A recommendation to promote refund.small, on the suite and release as they are."""
    entry = {
        "action_class": "refund.small", "mode": "in_the_loop", "recommended": "on_the_loop",
        "move": "promote", "evidence": {}, "missing": [], **more.pop("entry", {}),
    }  # fmt: skip
    workspace = load_workspace(shop)
    document = {
        "schema": 1,
        "suite": workspace.suite.name,
        "release": workspace.release().as_json(),
        "graduation": [entry],
        **more,
    }
    path = shop.parent / "evidence.json"
    path.write_text(json.dumps(document))
    return "evidence.json"


def ledger(shop: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (shop / "ledger.jsonl").read_text().splitlines()]


def test_a_demotion_needs_no_reason(shop: Path) -> None:
    assert move(shop, "refund.small", "shadow").code == 0
    assert Dial.load(shop).mode("refund", {"amount": 20}) is Mode.SHADOW
    (entry,) = ledger(shop)
    assert (entry["before"], entry["after"], entry["by"]) == ("in_the_loop", "shadow", "Ada")
    assert verify(shop).code == 0


@pytest.mark.parametrize("name", ["", "  ", "YOUR NAME"])
def test_nobody_decides_under_no_name(name: str, shop: Path) -> None:
    arguments = ("dial", "set", "shop", "refund.small", "shadow", "--by", name)
    refused = dialgate(*arguments, folder=shop.parent)
    assert refused.code == 2
    assert "--by must name who decides" in refused.err


def test_a_promotion_without_evidence_is_refused(shop: Path) -> None:
    done = move(shop, "refund.small", "on_the_loop")
    assert done.code == 1
    assert "--evidence FILE" in done.err
    assert not (shop / "dial.toml").exists()


def test_a_promotion_that_the_evidence_recommends_is_made(shop: Path) -> None:
    assert move(shop, "refund.small", "on_the_loop", "--evidence", evidence(shop)).code == 0
    (entry,) = ledger(shop)
    assert entry["evidence"].startswith("sha256:")
    assert entry["reason"] is None
    assert verify(shop).code == 0


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"move": "hold", "recommended": "in_the_loop"}, "to hold it in in_the_loop"),
        ({"move": "demote", "recommended": "shadow"}, "to demote it to shadow"),
        ({"mode": "shadow"}, "is for refund.small in shadow"),
        ({"move": "hold", "missing": ["212 more reviews."]}, "212 more reviews."),
        ({"action_class": "mail"}, "No recommendation"),
    ],
)
def test_evidence_for_something_else_does_not_support_it(
    entry: dict[str, Any], words: str, shop: Path
) -> None:
    done = move(shop, "refund.small", "on_the_loop", "--evidence", evidence(shop, entry=entry))
    assert done.code == 1
    assert words in done.err


def test_evidence_on_another_release_is_refused(shop: Path) -> None:
    name = evidence(shop)
    (shop / "prompts/system.md").write_text("Another prompt.")
    done = move(shop, "refund.small", "on_the_loop", "--evidence", name)
    assert done.code == 4
    assert "evidence on" in done.err


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"graduation": 3}'])
def test_evidence_that_is_none_is_refused(text: str, shop: Path) -> None:
    (shop.parent / "x.json").write_text(text)
    assert move(shop, "refund.small", "on_the_loop", "--evidence", "x.json").code == 4


def test_an_override_moves_it_and_its_reason_stays(shop: Path) -> None:
    done = move(shop, "refund.small", "on_the_loop", "--override", "the pilot needs it")
    assert done.code == 0
    assert ledger(shop)[0]["reason"] == "the pilot needs it"
    assert move(shop, "refund.small", "in_the_loop").code == 0
    assert move(shop, "refund.small", "on_the_loop", "--override", "  ").code == 1


@pytest.mark.parametrize(
    ("name", "words"), [("refund.large", "high blast radius"), ("mail", "irreversible")]
)
def test_some_classes_never_go_out_of_the_loop(name: str, words: str, shop: Path) -> None:
    done = move(shop, name, "out_of_the_loop", "--override", "I insist")
    assert done.code == 1
    assert words in done.err


@pytest.mark.parametrize(
    ("name", "words"),
    [("refund.large", "takes at most medium"), ("refund.small", "owner"), ("mail", "owner")],
)
def test_what_needs_no_evidence_is_asked_of_the_policy_again(
    name: str, words: str, shop: Path
) -> None:
    """An edited document recommends what no rule allows."""
    path = shop / "policy.toml"
    step = '[ladder.on_the_loop]\nmax_blast_radius = "medium"\nrequires = ["owner"]\n'
    path.write_text(path.read_text("utf-8") + step, "utf-8")
    entry = {"action_class": name, "recommended": "on_the_loop", "missing": []}
    done = move(shop, name, "on_the_loop", "--evidence", evidence(shop, entry=entry))
    assert done.code == 1
    assert words in done.err
    assert not (shop / "dial.toml").exists()


def test_two_steps_at_once_are_no_supported_promotion(shop: Path) -> None:
    name = evidence(shop, entry={"recommended": "out_of_the_loop"})
    done = move(shop, "refund.small", "out_of_the_loop", "--evidence", name)
    assert done.code == 1
    assert "one step at a time" in done.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("refund.smal", "shadow"), "refund.small"),
        (("refund.small", "in_the_lop"), "in_the_loop"),
    ],
)
def test_unknown_words_are_usage_errors_with_a_hint(
    arguments: tuple[str, str], words: str, shop: Path
) -> None:
    done = move(shop, *arguments)
    assert done.code == 2
    assert words in done.err


def test_moving_to_where_it_is_moves_nothing(shop: Path) -> None:
    done = move(shop, "refund.small", "in_the_loop")
    assert done.code == 1
    assert "already" in done.err


class TestTampering:
    """What was not written by `dial set` is found by every command that reads it."""

    @pytest.fixture
    def moved(self, shop: Path) -> Path:
        assert move(shop, "refund.small", "shadow").code == 0
        assert move(shop, "mail", "shadow").code == 0
        return shop

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ("shadow", "on_the_loop"),
            ('by = "Ada"', 'by = "Bob"'),
            ('[class."mail"]', "[class.x]"),
        ],
    )
    def test_an_edited_dial_is_refused(self, old: str, new: str, moved: Path) -> None:
        path = moved / "dial.toml"
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))
        for done in (verify(moved), move(moved, "mail", "in_the_loop", "--override", "x")):
            assert done.code == 4
            assert "ledger" in done.err

    def test_an_edited_line_is_refused(self, moved: Path) -> None:
        path = moved / "ledger.jsonl"
        path.write_text(path.read_text().replace("Ada", "Eve", 1))
        done = verify(moved)
        assert done.code == 4
        assert "line 1: its content is not what was sealed" in done.err

    def test_a_missing_first_line_is_refused(self, moved: Path) -> None:
        path = moved / "ledger.jsonl"
        path.write_text(path.read_text().split("\n", 1)[1])
        assert verify(moved).code == 4

    def test_a_missing_ledger_is_refused(self, moved: Path) -> None:
        (moved / "ledger.jsonl").unlink()
        assert verify(moved).code == 4

    def test_a_kill_between_the_two_files_is_mended(self, moved: Path) -> None:
        before = (moved / "dial.toml").read_bytes()
        assert move(moved, "mail", "in_the_loop", "--override", "x").code == 0
        after = (moved / "dial.toml").read_bytes()
        (moved / "dial.toml").write_bytes(before)
        done = verify(moved)
        assert done.code == 0
        assert "written anew" in done.out
        assert (moved / "dial.toml").read_bytes() == after


def test_a_dial_without_a_ledger_is_taken_over_by_the_first_move(shop: Path) -> None:
    (shop / "dial.toml").write_text(
        'schema = 1\n[class.mail]\nmode = "shadow"\nsince = 2026-11-01T09:00:00Z\nby = "Bob"\n'
    )
    assert move(shop, "refund.small", "shadow").code == 0
    assert [entry["action_class"] for entry in ledger(shop)] == ["mail", "refund.small"]
    assert ledger(shop)[0]["by"] == "Bob"
    assert verify(shop).code == 0


def test_several_movers_at_once_keep_one_chain(shop: Path) -> None:
    names = [("refund.small", "shadow"), ("refund.large", "shadow"), ("mail", "shadow"),
             ("look", "in_the_loop")]  # fmt: skip
    with ThreadPoolExecutor(4) as pool:
        codes = list(pool.map(lambda pair: move(shop, *pair, by=dialgate_process).code, names))
    assert codes == [0, 0, 0, 0]
    assert [entry["number"] for entry in ledger(shop)] == [1, 2, 3, 4]
    assert verify(shop).code == 0


class TestTheLookup:
    """`Dial.mode`, asked before each action."""

    def test_it_knows_conditions_and_defaults(self, shop: Path) -> None:
        assert move(shop, "refund.small", "on_the_loop", "--override", "x").code == 0
        dial = Dial.load(shop)
        assert dial.mode("refund", {"id": "1", "amount": 20}) is Mode.ON_THE_LOOP
        assert dial.mode("refund", {"id": "1", "amount": 51}) is Mode.IN_THE_LOOP
        assert dial.mode("refund", {"amount": 20}) is Mode.IN_THE_LOOP
        assert dial.mode("look_up", {}) is Mode.OUT_OF_THE_LOOP

    @pytest.mark.parametrize("tool", ["unknown", "", "refund.small"])
    def test_an_unknown_tool_is_in_the_loop(self, tool: str, shop: Path) -> None:
        assert Dial.load(shop / "dial.toml").mode(tool, {}) is Mode.IN_THE_LOOP

    def test_arguments_that_are_none_are_in_the_loop(self, shop: Path) -> None:
        nothing: Any = None
        assert Dial.load(shop).mode("look_up", nothing) is Mode.IN_THE_LOOP

    @pytest.mark.parametrize("name", ["actions.toml", "dial.toml"])
    def test_a_broken_file_raises(self, name: str, shop: Path) -> None:
        (shop / name).write_text("schema = 2")
        with pytest.raises(ConfigurationError):
            Dial.load(shop)

    def test_the_export_says_the_same(self, shop: Path) -> None:
        move(shop, "refund.small", "shadow")
        done = dialgate("dial", "show", "shop", "--json", "-", folder=shop.parent)
        document = json.loads(done.out)
        modes = {item["action_class"]: item["mode"] for item in document["classes"]}
        assert modes["refund.small"] == "shadow"
        assert modes["look"] == "out_of_the_loop"
        assert document["default"] == "in_the_loop"
        assert document["classes"][0]["when"]["required"] == ["amount"]
        assert "●───" in done.err

    def test_the_export_for_the_open_policy_agent_holds_the_same_by_tool(self, shop: Path) -> None:
        move(shop, "refund.small", "shadow")
        done = dialgate("dial", "show", "shop", "--opa", "-", folder=shop.parent)
        tools = json.loads(done.out)["dialgate"]["tools"]
        assert tools["refund"]["strictest"] == "shadow"
        assert tools["refund"]["exact"] is True
        assert tools["refund"]["classes"][1]["checks"] == []
        assert "●───" in done.err

    def test_a_call_of_no_class_is_in_shadow_where_somebody_put_it_there(self, shop: Path) -> None:
        assert move(shop, "unclassified", "shadow").code == 0
        dial = Dial.load(shop)
        assert dial.mode("unknown", {}) is Mode.SHADOW
        assert dial.as_json()["default"] == "shadow"
        assert move(shop, "unclassified", "on_the_loop", "--override", "I insist").code == 0
        assert Dial.load(shop).mode("unknown", {}) is Mode.IN_THE_LOOP
