"""Logs of inspect-ai: .eval and .json of one task, and a task whose samples fail or break off."""

import os
from pathlib import Path

from inspect_ai import Task, eval as evaluate
from inspect_ai.dataset import Sample
from inspect_ai.model import ChatMessageUser, ContentImage, ContentText, get_model
from inspect_ai.scorer import includes, scorer, accuracy, Score
from inspect_ai.solver import generate, solver, system_message, use_tools
from inspect_ai.tool import tool

OUT = Path(os.environ["OUT"]) / "inspect"
PICTURE = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgAAIAAAUAAen63NgAAAAASUVORK5CYII="


@tool
def get_order():
    async def execute(order_id: str) -> str:
        """Look an order up.

        Args:
            order_id: Its number.
        """
        if order_id == "O-404":
            from inspect_ai.tool import ToolError

            raise ToolError("There is no such order.")
        return '{"status": "paid", "amount": 30}'

    return execute


@tool
def refund():
    async def execute(order_id: str, amount: float) -> str:
        """Pay an order back.

        Args:
            order_id: Its number.
            amount: Euros.
        """
        return "ok"

    return execute


@scorer(metrics=[accuracy()])
def graded():
    async def score(state, target):
        return Score(value=0.5 if "O-5" in state.input_text else 1.0)

    return score


@solver
def breaks():
    async def solve(state, generate):
        if "O-6" in state.input_text:
            raise ValueError("the sample breaks")
        return state

    return solve


def task(*samples, score=None):
    return Task(
        dataset=list(samples),
        scorer=score or includes(),
        solver=[
            system_message("You are a support desk."),
            use_tools(get_order(), refund()),
            breaks(),
            generate(),
        ],
    )


picture = ChatMessageUser(
    content=[ContentText(text="Refund O-7, it came broken."), ContentImage(image=PICTURE)]
)
samples = [
    Sample(id="refund", input="Please refund O-1.", target="Done"),
    Sample(id="both", input="Where are O-2 and O-3?", target="Done"),
    Sample(id="hello", input="Hello!", target="Which order"),
    Sample(id="picture", input=[picture], target="Done"),
    Sample(id="unknown", input="Where is O-404?", target="Done"),
    Sample(id="wrong", input="Where is O-8?", target="no such text"),
]
model = get_model(
    "openai/fake-1", base_url=os.environ["FAKE_MODELS"] + "/v1", api_key="none", responses_api=False
)
common = {"model": model, "display": "none", "log_samples": True, "fail_on_error": False}
for name, kind in (("eval", "eval"), ("json", "json")):
    epochs = 2 if kind == "eval" else 1
    some = samples if kind == "eval" else samples[1:5]
    evaluate(task(*some), log_dir=str(OUT / name), log_format=kind, epochs=epochs, **common)
half = [
    Sample(id="half", input="Where is O-5?", target=""),
    Sample(id="breaks", input="Where is O-6?", target=""),
    Sample(id="whole", input="Please refund O-9.", target=""),
]
evaluate(task(*half, score=graded()), log_dir=str(OUT / "graded"), log_format="eval", **common)
answers = get_model(
    "openai/fake-1", base_url=os.environ["FAKE_MODELS"] + "/v1", api_key="none", responses_api=True
)
evaluate(
    task(*samples[:2]),
    log_dir=str(OUT / "responses"),
    log_format="json",
    **{**common, "model": answers},
)
for path in sorted(OUT.rglob("*.*")):
    if path.suffix in {".eval", ".json"} and path.parent != OUT:
        path.rename(OUT / (path.parent.name + path.suffix))
        path.parent.rmdir()
