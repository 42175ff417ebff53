"""Endpoints as providers have them: the same answer in other dresses, other addresses, pauses."""

from __future__ import annotations

import asyncio
import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest

from dialgate_evals.actions.outcomes import TrialStatus
from dialgate_evals.actions.rubrics.judge_settings import parse_judges
from dialgate_evals.running.judges.judge_model import JudgeModel
from dialgate_evals.running.judges.panel import Panel
from tests.evals.running.http_servers import an_answer
from tests.evals.running.judges.endpoints import (
    Everywhere,
    a_completion,
    a_panel,
    a_vote,
    answers_of,
    judge_server,
)
from tests.evals.running.judges.test_bad_judges import scored, settled, yes
from tests.needed.extras import need

if TYPE_CHECKING:
    from collections.abc import Callable

    from dialgate_evals.actions.outcomes import TrialScore

need("openai", 'the extra "chat" is not installed')

DRESSES: dict[str, Callable[[str], Any]] = {
    "in a fence": lambda said: f"```json\n{said}\n```",
    "in a fence in capitals": lambda said: f"```JSON\n{said}\n```",
    "in a fence with carriage returns": lambda said: f"```json  \r\n{said}\r\n```  ",
    "in a fence on one line": lambda said: f"```json {said} ```",
    "between tildes": lambda said: f"~~~\n{said}\n~~~",
    "over several lines": lambda said: json.dumps(json.loads(said), indent=2),
    "behind thoughts": lambda said: f"<think>yes? {said.replace('no', 'yes')}</think>\n\n{said}",
    "behind thoughts of another tag": lambda said: f"<thinking>yes</thinking>{said}",
    "behind two thoughts": lambda said: f"<think>a</think>\n<think>b</think>\n{said}",
    "behind thoughts without their first tag": lambda said: f"Let me see.\n</think>\n{said}",
    "behind thoughts, in a fence": lambda said: f"<think>a</think>\n```json\n{said}\n```",
    "about a tag": lambda said: said.replace("because", "it holds </think>"),
    "beside reasoning": lambda said: a_completion(
        said, reasoning_content=said.replace('"no"', '"yes"')
    ),
    "in parts": lambda said: a_completion([{"type": "text", "text": said}]),
    "in parts with a thought": lambda said: a_completion(
        [{"type": "thinking", "thinking": said.replace('"no"', '"yes"')},
         {"type": "text", "text": said}]
    ),
    "packed": lambda said: an_answer(
        body=gzip.compress(json.dumps(a_completion(said)).encode()), Content_Encoding="gzip"
    ),
    "behind a byte order mark": lambda said: an_answer(
        body=b"\xef\xbb\xbf" + json.dumps(a_completion(said)).encode()
    ),
}  # fmt: skip
"""How endpoints dress one and the same answer."""


@pytest.mark.parametrize("row", DRESSES)
def test_an_answer_is_read_in_whatever_dress_it_comes(row: str) -> None:
    (found,) = settled(
        lambda asked, _: DRESSES[row](a_vote(asked, "no")), licence=Everywhere(), retries=0
    )
    assert (found.status, answers_of(found)) == (TrialStatus.FAILED, ["no"])


def overrun_once(retry_after: str) -> Callable[[str, int], Any]:
    """Every question is refused once; the second time it is answered."""
    seen: set[str] = set()

    def says(asked: str, _number: int) -> Any:
        if asked in seen:
            return a_vote(asked, "yes")
        seen.add(asked)
        return an_answer({}, status=429, Retry_After=retry_after)

    return says


@pytest.mark.parametrize(("retry_after", "pause_s"), [("7", 7.0), ("86400", 30.0), ("soon", 0.5)])
def test_an_overrun_endpoint_is_asked_again_after_the_time_it_names_within_bounds(
    retry_after: str, pause_s: float
) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    async def run() -> TrialScore:
        server = judge_server(overrun_once(retry_after))
        async with server.running():
            panel = a_panel(server.url, retries=1)
            panel._open_one = lambda judge, **given: JudgeModel(judge, sleep=sleep, **given)
            (found,) = await panel.settle([scored(panel)])
            return found

    found = asyncio.run(run())
    assert (answers_of(found), slept) == (["yes"], [pause_s])
    assert found.judge_calls == 2


@pytest.mark.parametrize(
    ("address", "asked_at"),
    [
        ("/v1/", "/v1/chat/completions"),
        ("/v1/chat/completions", "/v1/chat/completions"),
        ("/openai/v1/?api-version=preview", "/openai/v1/chat/completions?api-version=preview"),
        (
            "/openai/deployments/d?api-version=2024-06-01",
            "/openai/deployments/d/chat/completions?api-version=2024-06-01",
        ),
    ],
)
def test_addresses_as_providers_write_them_are_asked_where_they_answer(
    address: str, asked_at: str
) -> None:
    async def run() -> list[str]:
        server = judge_server(yes)
        async with server.running():
            endpoint = {"base_url": f"{server.url}{address}", "model": "m"}
            panel = Panel(parse_judges({"schema": 1, "judge": {"a": endpoint}}), asks_all=True)
            await panel.settle([scored(panel)])
            return [item.line for item in server.received]

    assert asyncio.run(run()) == [f"POST {asked_at} HTTP/1.1"]


@pytest.mark.parametrize(
    ("parameters", "sent"),
    [({}, 0), ({"temperature": 1}, 1), ({"temperature": ""}, None)],
)
def test_a_temperature_is_sent_unless_it_is_left_out(parameters: Any, sent: Any) -> None:
    async def run() -> Any:
        server = judge_server(yes)
        async with server.running():
            endpoint = {"base_url": f"{server.url}/v1", "model": "m", "parameters": parameters}
            panel = Panel(parse_judges({"schema": 1, "judge": {"a": endpoint}}), asks_all=True)
            await panel.settle([scored(panel)])
            return server.received[0].document.get("temperature")

    assert asyncio.run(run()) == sent
