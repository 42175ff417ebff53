"""A bare loop: the least that N calls of an agent can cost. `CASES` and `DELAY_S` as variables."""

import asyncio
import json
import os
from typing import IO


async def main(cases: int, delay_s: float) -> None:
    """Runs every case, at most 100 at once, and keeps a line of each."""
    at_once = asyncio.Semaphore(100)

    async def one(number: int, out: IO[str]) -> bool:
        async with at_once:
            if delay_s:
                await asyncio.sleep(delay_s)
            call = {"name": "refund", "arguments": {"id": f"A-{number}", "amount": 10}}
        right = call == {"name": "refund", "arguments": {"id": f"A-{number}", "amount": 10}}
        out.write(json.dumps({"case": number, "call": call, "right": right}) + "\n")
        return right

    with open("record.jsonl", "w", encoding="utf-8") as out:
        found = await asyncio.gather(*(one(number, out) for number in range(cases)))
    assert all(found)


asyncio.run(main(int(os.environ["CASES"]), float(os.environ["DELAY_S"])))
