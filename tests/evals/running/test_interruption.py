"""Held calls: what arrived before the switch, and what came after it, on any machine."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from dialgate_evals.running.agent_protocol import ToolAnswer
from dialgate_evals.running.interruption import Interruption

if TYPE_CHECKING:
    from dialgate_evals.running.interruption import InterruptedTools


class Tools:
    """Takes every call."""

    log: tuple[object, ...] = ()

    def answer(self, name: str, arguments: Any) -> tuple[ToolAnswer, float]:
        return ToolAnswer(content=name, is_error=name == "refused"), 0.0

    def restart(self) -> None:
        pass


def begun(shared: Interruption, case_id: str) -> InterruptedTools:
    due: Any = SimpleNamespace(case=SimpleNamespace(id=case_id), trial=0)
    tools: Any = Tools()
    return shared.begin(due, tools)


async def work(shared: Interruption, case_id: str, *names: str) -> None:
    tools = begun(shared, case_id)
    for name in names:
        await tools.call(name, {})
    shared.end(case_id, 0)


def drilled(*trials: tuple[str, ...], later: tuple[str, ...] = ()) -> Interruption:
    """All trials at once; the one of `later` begins when the first of them ended."""
    pulled: list[int] = []

    async def pull() -> None:
        pulled.append(len(shared.calls))

    async def run() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(shared.pull_when_held(len(trials)))
            first = [
                group.create_task(work(shared, f"c{number}", *names))
                for number, names in enumerate(trials)
            ]
            await first[0]
            if later:
                await work(shared, "later", *later)

    shared = Interruption(pull)
    asyncio.run(run())
    assert len(pulled) == 1
    return shared


def test_each_trials_first_call_came_before_and_the_others_after() -> None:
    shared = drilled(("look", "pay"), ("pay", "mail"), later=("pay",))
    before = [(call.case_id, call.name) for call in shared.calls if not call.after]
    assert sorted(before) == [("c0", "look"), ("c1", "pay")]
    after = [(call.case_id, call.name) for call in shared.calls if call.after]
    assert sorted(after) == [("c0", "pay"), ("c1", "mail"), ("later", "pay")]
    assert shared.in_flight == {("c0", 0), ("c1", 0)}
    assert shared.pulled_at_s is not None
    assert shared.returned_at_s is not None


def test_a_refused_call_is_seen_and_not_accepted() -> None:
    shared = drilled(("look", "refused"))
    assert [call.accepted for call in shared.calls] == [True, False]


def test_without_a_switch_nothing_is_held() -> None:
    shared = Interruption(None)
    asyncio.run(work(shared, "c", "look", "pay"))
    assert [call.name for call in shared.calls] == ["look", "pay"]
    assert not any(call.after for call in shared.calls)


def test_several_first_calls_of_one_trial_are_all_held() -> None:
    async def pull() -> None:
        assert len(shared.calls) == 2

    async def run() -> None:
        tools = begun(shared, "c")
        waiting = asyncio.create_task(shared.pull_when_held(1))
        one = tools.answer("look", {})[1]
        other = tools.answer("look", {})[1]
        assert one is other
        await waiting
        assert isinstance(one, asyncio.Future)
        assert one.done()

    shared = Interruption(pull)
    asyncio.run(run())
