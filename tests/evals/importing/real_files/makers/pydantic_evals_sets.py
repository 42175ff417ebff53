"""Data sets of pydantic-evals: YAML and JSON, with evaluators of every kind that it ships."""

import os
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic_evals import Case, Dataset
from pydantic_evals.evaluators import (
    Contains,
    Equals,
    EqualsExpected,
    IsInstance,
    LLMJudge,
    MaxDuration,
)

OUT = Path(os.environ["OUT"]) / "pydantic-evals"
OUT.mkdir()


class Ask(BaseModel):
    request: str
    language: str = "en"


texts = Dataset[str, str, Any](
    name="desk",
    cases=[
        Case(
            name="refund",
            inputs="Please refund O-1.",
            expected_output="Done: O-1.",
            metadata={"team": "desk"},
            evaluators=(Contains(value="O-1"),),
        ),
        Case(name="hello", inputs="Hello!", expected_output="Which order is it about?"),
        Case(
            name="soft",
            inputs="Thanks\nfor all!",
            evaluators=(Contains(value="welcome", case_sensitive=False),),
        ),
        Case(inputs="no", expected_output="no"),
    ],
    evaluators=[EqualsExpected(), IsInstance(type_name="str"), MaxDuration(seconds=2.0)],
)
texts.to_file(OUT / "texts.yaml")
texts.to_file(OUT / "texts.json")
structured = Dataset[Ask, dict, Any](
    name="structured",
    cases=[
        Case(
            name="two",
            inputs=Ask(request="Where is O-2?"),
            expected_output={"status": "paid"},
            evaluators=(Equals(value={"status": "paid"}), LLMJudge(rubric="Is it polite?")),
        )
    ],
)
structured.to_file(OUT / "structured.yaml")
messages = Dataset[list, str, Any](
    name="messages",
    cases=[
        Case(
            name="m",
            inputs=[{"role": "user", "content": "Hello!"}],
            evaluators=(Contains(value="order"),),
        )
    ],
)
messages.to_file(OUT / "messages.yaml")
for schema in OUT.glob("*_schema.json"):
    schema.unlink()
