"""The cases as a pydantic-evals data set; with `REPORT=1` its report is printed as well."""

import asyncio
import os

from pydantic_evals import Case, Dataset
from pydantic_evals.evaluators import EqualsExpected

DELAY_S = float(os.environ["DELAY_S"])


async def agent(request: str) -> dict[str, object]:
    if DELAY_S:
        await asyncio.sleep(DELAY_S)
    return {"name": "refund", "arguments": {"id": request.split()[-1], "amount": 10}}


def main(cases: int) -> None:
    """Evaluates every case, at most 100 at once."""
    data = Dataset(
        name="shop",
        cases=[
            Case(
                name=f"case-{number}",
                inputs=f"Refund A-{number}",
                expected_output={
                    "name": "refund", "arguments": {"id": f"A-{number}", "amount": 10}
                },
            )
            for number in range(cases)
        ],
        evaluators=[EqualsExpected()],
    )  # fmt: skip
    report = data.evaluate_sync(agent, max_concurrency=100, progress=False)
    if os.environ.get("REPORT"):
        report.print()
    assert len(report.cases) == cases
    assert all(result.value for case in report.cases for result in case.assertions.values())


main(int(os.environ["CASES"]))
