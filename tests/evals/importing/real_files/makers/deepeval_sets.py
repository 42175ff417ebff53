"""Data sets of deepeval: goldens as .json, .jsonl and .csv, conversational ones, test runs."""

import os
from pathlib import Path

os.environ["DEEPEVAL_TELEMETRY_OPT_OUT"] = "1"
from deepeval.dataset import ConversationalGolden, EvaluationDataset, Golden
from deepeval.test_case import LLMTestCase, ToolCall, Turn

OUT = Path(os.environ["OUT"]) / "deepeval"
OUT.mkdir()


def refund(order):
    return [
        ToolCall(name="get_order", input_parameters={"order_id": order}),
        ToolCall(
            name="refund",
            description="Pay an order back.",
            input_parameters={"order_id": order, "amount": 30},
            output="ok",
        ),
    ]


goldens = [
    Golden(
        input="Please refund O-1.",
        expected_output="Done: O-1.",
        expected_tools=refund("O-1"),
        tools_called=refund("O-1"),
        name="refund",
        additional_metadata={"team": "desk"},
    ),
    Golden(input="Refund O-2 and O-3.", expected_tools=refund("O-2") + refund("O-3")),
    Golden(input="Cancel everything.", expected_tools=[ToolCall(name="cancel_order")]),
    Golden(input="Hello!", expected_output="Which order is it about?"),
    Golden(input="Don't do anything.", expected_tools=[]),
]
plain = EvaluationDataset(goldens=goldens)
for kind in ("json", "jsonl", "csv"):
    plain.save_as(file_type=kind, directory=str(OUT), file_name="goldens")
cases = EvaluationDataset(goldens=goldens)
for golden in goldens:
    cases.add_test_case(
        LLMTestCase(
            input=golden.input,
            actual_output="Done.",
            expected_output=golden.expected_output,
            tools_called=golden.expected_tools,
            expected_tools=golden.expected_tools,
        )
    )
cases.save_as(
    file_type="json", directory=str(OUT), file_name="with-test-cases", include_test_cases=True
)
talks = EvaluationDataset(
    goldens=[
        ConversationalGolden(
            scenario="A customer wants money back.",
            expected_outcome="It is paid back.",
            turns=[
                Turn(role="user", content="Please refund O-1."),
                Turn(role="assistant", content="Done.", tools_called=refund("O-1")),
                Turn(role="user", content="Thanks!"),
            ],
        )
    ]
)
talks.save_as(file_type="json", directory=str(OUT), file_name="conversational")
