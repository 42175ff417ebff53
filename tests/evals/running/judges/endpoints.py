"""A judge's endpoint on loopback that answers as a test says, and a panel that asks it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from dialgate_evals.actions.rubrics.judge_settings import parse_judges
from dialgate_evals.running.judges.judge_model import JudgeModel
from dialgate_evals.running.judges.panel import Panel
from tests.evals.running.http_servers import FakeServer, an_answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from dialgate_evals.actions.outcomes import TrialScore
    from dialgate_evals.running.judges.panel import VoteStore
    from tests.evals.running.http_servers import Received

Says = "Callable[[str, int], Any]"
"""Of the user message and the number of the call (from 0): text, document, bytes or None."""


def mark_in(asked: str) -> str:
    """The mark that an answer must repeat."""
    found = re.search(r'The mark is "([0-9a-f]{20})"\.', asked)
    assert found is not None
    return found[1]


def a_vote(asked: str, answer: Any, reason: str = "because") -> str:
    """An answer as it should be."""
    import json

    return json.dumps({"mark": mark_in(asked), "reason": reason, "answer": answer})


def a_completion(text: Any, *, usage: bool = True, model: str = "judge-1", **message: Any) -> Any:
    """A chat completion with this text."""
    document: dict[str, Any] = {
        "model": model,
        "choices": [
            {
                "message": {"role": "assistant", "content": text, **message},
                "finish_reason": "stop",
            }
        ],
    }
    if usage:
        document["usage"] = {
            "prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110
        }  # fmt: skip
    return document


def judge_server(says: Callable[[str, int], Any]) -> FakeServer:
    """A server on which `says` decides each answer."""
    count = iter(range(10_000))

    async def answer(received: Received) -> bytes | None:
        said = says(received.document["messages"][-1]["content"], next(count))
        if isinstance(said, bytes) or said is None:
            return said
        return an_answer(a_completion(said) if isinstance(said, str) else said)

    return FakeServer(answer)


async def no_sleep(_seconds: float) -> None:
    """Nobody waits in a test."""


class Everywhere:
    """A licence for all: what a judge does where it may decide."""

    def licensed(self, criterion: str, action_class: str) -> bool:
        return True


def a_panel(
    *urls: str,
    asks_all: bool = True,
    licence: Any = None,
    store: VoteStore | None = None,
    criteria: dict[str, Any] | None = None,
    timeout_s: float = 30.0,
    prices: bool = False,
    **limits: Any,
) -> Panel:
    """A panel of one judge for each URL."""
    more = {"prices": {"input": 1.0, "output": 4.0}} if prices else {}
    settings = parse_judges(
        {
            "schema": 1,
            "timeout_s": timeout_s,
            "judge": {
                f"judge{number}": {"base_url": f"{url}/v1", "model": "judge-1", **more}
                for number, url in enumerate(urls)
            },
            "criterion": criteria or {},
            **limits,
        }
    )

    def open_one(judge: Any, **given: Any) -> JudgeModel:
        return JudgeModel(judge, sleep=no_sleep, **given)

    return Panel(
        settings,
        asks_all=asks_all,
        store=store,
        open_one=open_one,
        **({} if licence is None else {"licence": licence}),
    )


def answers_of(score: TrialScore) -> list[str]:
    """What the votes on each criterion came to."""
    return [ruling.answer.value for ruling in score.rulings]
