"""What decisions on one context become, and that no event is lost whatever it says."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from dialgate_evals.events.deriving.calls import CallJudge
from dialgate_evals.events.deriving.claims import ClaimReader, Fate
from dialgate_evals.events.deriving.derivation import Standing
from dialgate_evals.events.deriving.documents import is_held_out
from dialgate_evals.files.json_text import canonical_json
from dialgate_evals.suite.case import parse_case
from dialgate_evals.suite.case_files import case_problems
from tests.evals.builders import call, tools
from tests.evals.dialects.writers import WRITERS
from tests.evals.events.deriving.derivations import (
    JUDGE,
    ONE,
    REGISTRY,
    THREE,
    TWO,
    a_reader,
    an_event,
    derived,
    passes,
    standing_after,
)
from tests.evals.events.deriving.test_user_scripts import after
from tests.example_counts import up_to


class TestOneDecision:
    """An edit asserts and forbids; a rejection forbids; nothing else is claimed."""

    def test_what_both_calls_of_an_edit_share_stays_as_it_is(self) -> None:
        corrected = call("pay", 2, note="as written")
        (case,) = derived([an_event(1, "edited", corrected=corrected)]).added
        assert case["expect"]["actions"] == [corrected]
        assert passes(case, call("pay", 2, note="another"))
        assert not passes(case, ONE)

    @pytest.mark.parametrize(
        ("decision", "mode"),
        [("taken_over", "in_the_loop"), ("overridden", "on_the_loop"), ("differed", "shadow")],
    )
    def test_any_intervention_with_a_correction_is_like_an_edit(
        self, decision: str, mode: str
    ) -> None:
        (case,) = derived([an_event(1, decision, mode=mode, corrected=TWO)]).added
        assert (case["expect"]["actions"], case["expect"]["forbid"]) == ([TWO], [ONE])

    def test_who_wrote_a_message_is_somebody(self) -> None:
        messages = [{"role": "user", "name": "Mia", "content": "Mia here."}]
        (case,) = derived([an_event(1, "rejected", messages=messages)]).added
        (message,) = case["messages"]
        assert message["content"] == f"{message['name']} here."
        assert "Mia" not in canonical_json(case)

    def test_what_no_line_of_a_case_file_can_hold_makes_no_case(self) -> None:
        found = derived([an_event(1, "rejected", proposed=call("pay", 1, note=nested(96)))])
        assert found.fates[0].fate is Fate.UNUSABLE
        assert "nested too deeply" in found.fates[0].reason

    def test_an_edit_of_what_is_ignored_forbids_nothing(self) -> None:
        found = derived([an_event(1, "edited", corrected=call("pay", 1, note="kinder"))])
        (case,) = found.added
        assert case["expect"]["forbid"] == []
        assert passes(case, ONE)
        assert "equal by actions.toml" in found.notes[0]

    def test_a_correction_that_only_reads_expects_no_action(self) -> None:
        (case,) = derived([an_event(1, "edited", corrected=call("look"))]).added
        assert case["expect"]["actions"] == []
        assert passes(case, call("look"))
        assert not passes(case, ONE)

    def test_the_proposal_itself_and_the_releases_prompt_are_no_context(self) -> None:
        user = {"role": "user", "content": "Go."}
        proposal = {
            "role": "assistant", "content": None,
            "tool_calls": [{"id": "c", "function": {"name": "pay", "arguments": "{}"}}],
        }  # fmt: skip
        messages = [{"role": "system", "content": "Be kind.\n"}, user, proposal]
        (case,) = derived([an_event(1, "rejected", messages=messages)]).added
        assert case["messages"] == [user]

    @pytest.mark.parametrize("answer", ["Awaiting human approval", "Rejected. Take two."])
    @pytest.mark.parametrize("name", sorted(WRITERS))
    def test_the_reviewed_call_and_what_came_of_it_are_no_context(
        self, name: str, answer: str
    ) -> None:
        before: list[dict[str, Any]] = [
            {"user": "Go."},
            {"calls": [{**call("look"), "answer": "there"}]},
        ]
        reviewed = {"calls": [{**ONE, "answer": answer}]}
        messages = WRITERS[name]([*before, reviewed, {"text": "I wait."}])
        (case,) = derived([an_event(1, "edited", corrected=TWO, messages=messages)]).added
        words = canonical_json(case["messages"])
        assert "there" in words
        assert "pay" not in words
        assert answer not in words

    def test_a_value_that_the_schema_needs_is_never_bent(self) -> None:
        strict = tools(properties={"n": {"type": "integer"}, "who": {"enum": ["Mia"]}})
        reader = a_reader(pointers=("/who",))
        reader = ClaimReader(
            judge=CallJudge(tools=strict, actions=REGISTRY), rules=reader.rules,
            pseudonyms=reader.pseudonyms,
        )  # fmt: skip
        row = an_event(1, "edited", corrected=call("pay", 2, who="Mia"))
        found = derived([row], reader=reader)
        assert found.added == []
        assert found.fates[0].fate is Fate.UNUSABLE
        assert "redact.keep" in found.fates[0].reason


class TestSeveralDecisions:
    """The same context twice is one case where the decisions agree, and none where they don't."""

    @pytest.mark.parametrize(
        ("first", "second"),
        [
            ({"decision": "edited", "corrected": TWO}, {"decision": "edited", "corrected": THREE}),
            ({"decision": "edited", "corrected": TWO}, {"decision": "rejected"}),
            ({"decision": "edited", "corrected": TWO}, {"decision": "approved"}),
            ({"decision": "rejected"}, {"decision": "approved"}),
            ({"decision": "edited", "corrected": TWO}, {"decision": "rejected", "proposed": TWO}),
            ({"decision": "rejected", "proposed": call("look")},
             {"decision": "approved", "proposed": call("look")}),
        ],
    )  # fmt: skip
    @pytest.mark.parametrize("later", [False, True])
    def test_a_contradiction_never_gates(
        self, first: dict[str, Any], second: dict[str, Any], later: bool
    ) -> None:
        rows = [an_event(1, **first), an_event(2, **second)]
        if later:
            found = derived(rows[1:], standing_after(derived(rows[:1])))
            assert found.removed
        else:
            found = derived(rows)
        assert found.added == []
        (entry,) = found.entries
        assert {item["event_id"] for item in entry["decisions"]} == {"e1", "e2"}

    @pytest.mark.parametrize(
        ("second", "actions", "forbid"),
        [
            ({"decision": "edited", "corrected": TWO}, [TWO], [ONE]),
            ({"decision": "rejected", "proposed": THREE}, [TWO], [ONE, THREE]),
            ({"decision": "approved", "proposed": TWO}, [TWO], [ONE]),
        ],
    )
    def test_what_agrees_is_one_case(
        self, second: dict[str, Any], actions: list[Any], forbid: list[Any]
    ) -> None:
        rows = [an_event(1, "edited", corrected=TWO), an_event(2, **second)]
        (case,) = derived(rows).added
        assert (case["expect"]["actions"], case["expect"]["forbid"]) == (actions, forbid)
        later = derived(rows[1:], standing_after(derived(rows[:1])))
        (again,) = later.replaced.values()
        assert again == case

    def test_calls_of_one_turn_belong_together(self) -> None:
        mail = call("mail", 7)
        rows = [
            an_event(1, "edited", corrected=TWO),
            an_event(2, "approved", proposed=mail, task_id="t1"),
        ]
        (case,) = derived(rows).added
        assert passes(case, TWO, mail)
        assert not passes(case, TWO)

    def test_a_resolution_decides_and_stays_decided(self) -> None:
        rows = [an_event(1, "edited", corrected=TWO), an_event(2, "approved")]
        entry = {**derived(rows).entries[0], "resolution": "e2"}
        found = derived(rows, Standing(entries=(entry,)))
        (case,) = found.added
        assert passes(case, ONE)
        resolved = Standing(cases=standing_after(found).cases, entries=(entry,))
        assert derived(rows, resolved).added == []
        against = derived([an_event(3, "rejected")], resolved)
        assert against.removed == set()
        assert against.entries[-1]["case"] == case["id"]

    def test_neither_makes_no_case(self) -> None:
        rows = [an_event(1, "edited", corrected=TWO), an_event(2, "approved")]
        entry = {**derived(rows).entries[0], "resolution": "neither"}
        assert derived(rows, Standing(entries=(entry,))).added == []


def test_the_split_is_by_task_and_has_its_share() -> None:
    held = sum(is_held_out(f"task {number}", 0.2) for number in range(10_000))
    assert 1_850 <= held <= 2_150
    assert not is_held_out("a", 0.0)
    assert is_held_out("a", 1.0)


CALLS = st.builds(
    lambda name, n, note: call(name, n, **note),
    st.sampled_from(["look", "pay", "mail", "ask", "fly"]),
    st.sampled_from([1, 2, 100, "x"]),
    st.sampled_from([{}, {"note": "C-77"}, {"note": "a@b.test"}]),
)
MESSAGES = st.lists(
    st.fixed_dictionaries(
        {
            "role": st.sampled_from(["user", "assistant", "system", "tool", "oracle"]),
            "content": st.sampled_from(
                ["Go.", None, "Be kind.", '{"who": "Mia"}', "I am C-77", 3, "a@b.test"]
            ),
        },
        optional={"tool_calls": st.sampled_from([None, [], [{"function": {"arguments": "{"}}], 7])},
    ),
    max_size=2,
)
ROWS = st.fixed_dictionaries(
    {
        "event_id": st.sampled_from([f"e{number}" for number in range(30)] + ["", "a@b.test"]),
        "occurred_at": st.sampled_from(["2026-10-01T09:00:00Z", "2026-11-02T09:00:00+02:00", "x"]),
        "task_id": st.sampled_from(["t1", "t2"]),
        "release": st.just("1"),
        "mode": st.sampled_from(["in_the_loop", "on_the_loop", "shadow"]),
        "decision": st.sampled_from(
            ["approved", "edited", "rejected", "taken_over", "overridden", "auto", "differed",
             "agreed", "escalated"]
        ),
        "proposed": CALLS,
    },
    optional={
        "corrected": st.none() | CALLS,
        "messages": st.none() | MESSAGES | st.just([{"role": "user", "content": "Go."}]),
        "recordings": st.none()
        | st.lists(st.fixed_dictionaries({"name": st.sampled_from(["look", "x"])}), max_size=1),
        "reviewer": st.sampled_from(["r", "r@b.test", None]),
        "canary": st.booleans(),
    },
)  # fmt: skip
GOOD_CALLS = st.sampled_from([ONE, TWO, call("mail", 1), call("pay", 2, note="C-77")])
GOOD_ROWS = st.builds(
    lambda number, task, decided, message, proposed, corrected: {
        "event_id": f"e{number}",
        "occurred_at": f"2026-10-01T09:{number:02d}:00Z",
        "task_id": f"t{task}",
        "release": "1",
        "mode": decided[0],
        "decision": decided[1],
        "proposed": proposed,
        "corrected": corrected,
        "messages": [{"role": "user", "content": message}],
    },
    st.integers(0, 30),
    st.integers(1, 3),
    st.sampled_from(
        [("in_the_loop", "edited"), ("in_the_loop", "edited"), ("in_the_loop", "rejected"),
         ("in_the_loop", "approved"), ("in_the_loop", "taken_over"), ("shadow", "differed"),
         ("shadow", "agreed"), ("on_the_loop", "overridden"), ("on_the_loop", "auto")]
    ),
    st.sampled_from(["Go.", "I am C-77", '{"who": "Mia"}']),
    GOOD_CALLS,
    GOOD_CALLS,
)  # fmt: skip
"""Rows that can become cases, many of them in the same context."""


def nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


ODD_ROWS = st.builds(
    lambda row, key, value: {**row, key: call("pay", 1, note=value)},
    GOOD_ROWS,
    st.sampled_from(["proposed", "corrected"]),
    st.sampled_from(["\ud800", 10**400, nested(96), nested(80), 1e300, "\x00\x1b[31m", "@" * 99]),
)
"""Rows that strict JSON may hold and few people expect."""

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


@up_to(250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(GOOD_ROWS | GOOD_ROWS | ODD_ROWS | ROWS | ANYTHING, max_size=8), st.integers(0, 2))
def test_no_event_is_lost_no_case_is_broken_and_a_second_run_adds_nothing(
    rows: list[Any], approvals: int
) -> None:
    reader = a_reader(patterns=("C-[0-9]+",), pointers=("/who",))
    found = derived(rows, reader=reader, approvals=approvals)
    documents = [*found.added, *found.candidates]
    assert [problem for document in documents for problem in case_problems(document, "", 1)] == []
    contexts = [parse_case(document).context_digest for document in found.added]
    assert len(set(contexts)) == len(contexts)
    assert not {entry["context"] for entry in found.entries} & set(contexts)
    held = [*documents, *found.entries]
    assert "C-77" not in canonical_json(held)
    assert "b.test" not in canonical_json(held)
    again = derived(rows, standing_after(found), reader, approvals)
    assert (again.added, again.replaced, again.removed, again.candidates) == ([], {}, set(), [])
    assert again.entries == found.entries


@up_to(60, deadline=None)
@given(st.lists(GOOD_ROWS, max_size=8, unique_by=lambda row: row["event_id"]), st.integers(0, 8))
def test_a_file_that_grew_ends_as_if_it_had_been_read_at_once(rows: list[Any], cut: int) -> None:
    def judged(standing: Standing) -> tuple[dict[str, Any], set[str]]:
        def calls(document: Any, key: str) -> set[str]:
            return {JUDGE.made(item).normal.key + item["name"] for item in document["expect"][key]}

        cases = {
            case.context_digest: (calls(case.document, "actions"), calls(case.document, "forbid"))
            for case in standing.cases
        }
        return cases, {entry["context"] for entry in standing.entries}

    first = standing_after(derived(rows[:cut], approvals=9))
    second = derived(rows, first, approvals=9)
    assert judged(standing_after(derived(rows, approvals=9))) == judged(after(first, second))
