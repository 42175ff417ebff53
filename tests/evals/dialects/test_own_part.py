"""What the agent did itself is found alike, whether a context is compared closely or at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import example, given
from hypothesis import strategies as st

from dialgate_evals.dialects.front_door import read_messages
from dialgate_evals.dialects.own_part import Context, own_steps
from tests.example_counts import up_to

if TYPE_CHECKING:
    from dialgate_evals.dialects.reading import Step

CALL = {"id": "c1", "type": "function", "function": {"name": "look_up", "arguments": "{}"}}
texts = st.sampled_from(["a", "b", "a ", "", " ", "a\r\nb", "a\nb", "é", "e\u0301"])
messages = st.one_of(
    st.fixed_dictionaries(
        {"role": st.sampled_from(["system", "user", "assistant"]), "content": texts}
    ),
    st.just({"role": "assistant", "content": None, "tool_calls": [CALL]}),
    st.fixed_dictionaries(
        {"role": st.just("assistant"), "content": texts, "tool_calls": st.just([CALL])}
    ),
    st.just({"role": "tool", "tool_call_id": "c1", "content": "{}"}),
    st.fixed_dictionaries(
        {
            "role": st.just("user"),
            "content": st.lists(
                st.fixed_dictionaries({"type": st.just("text"), "text": texts}), max_size=2
            ),
        }
    ),
)
conversations = st.lists(messages, max_size=4)


def compared_closely(context: list[Any], trajectory: list[Any]) -> list[Step]:
    made = Context(read_messages(context))
    made.texts = []
    return own_steps(read_messages(trajectory), made)


@given(conversations, conversations, st.lists(messages, max_size=1))
@example([{"role": "user", "content": "a"}], [], [])
@example([{"role": "user", "content": "a"}], [{"role": "assistant", "content": ""}], [])
@up_to(150)
def test_both_ways_find_the_same(context: list[Any], own: list[Any], before: list[Any]) -> None:
    for trajectory in ([*before, *context, *own], own, [*context[:-1], *own]):
        at_once = own_steps(read_messages(trajectory), Context(read_messages(context)))
        assert at_once == compared_closely(context, trajectory)


def test_a_context_of_texts_alone_is_compared_at_once() -> None:
    context = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Refund."}]
    made = Context(read_messages(context))
    reading = read_messages([*context, {"role": "assistant", "content": "Done."}])
    assert own_steps(reading, made) == reading.steps[2:]
    assert "keyed" not in vars(made)
