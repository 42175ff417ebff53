"""The cases as deepeval test cases with a metric that asks no model."""

import asyncio
import json
import os

from deepeval import evaluate
from deepeval.evaluate import AsyncConfig, CacheConfig, DisplayConfig
from deepeval.metrics import BaseMetric
from deepeval.test_case import LLMTestCase

DELAY_S = float(os.environ["DELAY_S"])


class Right(BaseMetric):
    """Whether the call is the expected one."""

    threshold = 1.0
    async_mode = True

    def measure(self, test_case: LLMTestCase, *_: object, **__: object) -> float:
        right = json.loads(test_case.actual_output) == json.loads(test_case.expected_output)
        self.score = float(right)
        self.success = right
        return self.score

    async def a_measure(self, test_case: LLMTestCase, *_: object, **__: object) -> float:
        return self.measure(test_case)

    def is_successful(self) -> bool:
        return bool(self.success)

    @property
    def __name__(self) -> str:  # type: ignore[override]  # deepeval reads it as a property
        return "right"


async def agent(request: str) -> str:
    if DELAY_S:
        await asyncio.sleep(DELAY_S)
    call = {"name": "refund", "arguments": {"id": request.split()[-1], "amount": 10}}
    return json.dumps(call)


async def outputs(cases: int) -> list[str]:
    at_once = asyncio.Semaphore(100)

    async def one(number: int) -> str:
        async with at_once:
            return await agent(f"Refund A-{number}")

    return await asyncio.gather(*(one(number) for number in range(cases)))


def main(cases: int) -> None:
    """Evaluates every case, at most 100 at once."""
    made = asyncio.run(outputs(cases))
    tests = [
        LLMTestCase(
            input=f"Refund A-{number}",
            actual_output=made[number],
            expected_output=json.dumps(
                {"name": "refund", "arguments": {"id": f"A-{number}", "amount": 10}}
            ),
        )
        for number in range(cases)
    ]
    found = evaluate(
        tests,
        [Right()],
        async_config=AsyncConfig(max_concurrent=100),
        display_config=DisplayConfig(show_indicator=False, print_results=False),
        cache_config=CacheConfig(write_cache=False),
    )
    assert all(result.success for result in found.test_results)


main(int(os.environ["CASES"]))
