"""The cases as an inspect-ai task: a solver that calls no model, a scorer, its log."""

import asyncio
import json
import os

from inspect_ai import Task, eval
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.scorer import Score, accuracy, scorer
from inspect_ai.solver import solver

DELAY_S = float(os.environ["DELAY_S"])


@solver
def agent():  # type: ignore[no-untyped-def]  # as its docs write one
    async def solve(state, generate):  # type: ignore[no-untyped-def]  # as its docs write one
        if DELAY_S:
            await asyncio.sleep(DELAY_S)
        call = {"name": "refund", "arguments": {"id": state.input_text.split()[-1], "amount": 10}}
        state.output.completion = json.dumps(call)
        return state

    return solve


@scorer(metrics=[accuracy()])
def right():  # type: ignore[no-untyped-def]  # as its docs write one
    async def score(state, target):  # type: ignore[no-untyped-def]  # as its docs write one
        return Score(value=json.loads(state.output.completion) == json.loads(target.text))

    return score


def main(cases: int) -> None:
    """Evaluates every case, at most 100 at once, its log in the working folder."""
    samples = [
        Sample(
            input=f"Refund A-{number}",
            target=json.dumps({"name": "refund", "arguments": {"id": f"A-{number}", "amount": 10}}),
        )
        for number in range(cases)
    ]
    task = Task(dataset=MemoryDataset(samples), solver=agent(), scorer=right())
    log = eval(task, model="mockllm/model", log_dir="logs", display="none", max_samples=100)[0]
    assert log.status == "success"
    assert log.results.scores[0].metrics["accuracy"].value == 1


main(int(os.environ["CASES"]))
