"""ATIF trajectories, written by harbor's own converters and models."""

import json
import os
from pathlib import Path

from harbor.agents.installed.mini_swe_agent import convert_mini_swe_agent_to_atif
from harbor.models.trajectories import (
    Agent,
    ContentPart,
    ImageSource,
    Observation,
    ObservationResult,
    Step,
    SubagentTrajectoryRef,
    ToolCall,
    Trajectory,
)

OUT = Path(os.environ["OUT"]) / "atif"
OUT.mkdir()


def write(name, trajectory):
    text = json.dumps(trajectory.to_json_dict(), indent=2)
    (OUT / name).write_text(text, encoding="utf-8")


def bash(id_, command):
    return {
        "id": id_,
        "type": "function",
        "function": {"name": "bash", "arguments": json.dumps({"command": command})},
    }


INFO = {
    "mini_version": "2.1.0",
    "model_stats": {"instance_cost": 0.1},
    "config": {"model": {"model_name": "openai/fake-1"}, "agent": {}},
}
chat = [
    {"role": "system", "content": "You are a helpful assistant."},
    {"role": "user", "content": "Delete the temporary files."},
    {"role": "assistant", "content": "I look first.", "tool_calls": [bash("c1", "ls /tmp")]},
    {"role": "tool", "tool_call_id": "c1", "content": "<output>a b</output>"},
    {
        "role": "assistant",
        "content": "",
        "tool_calls": [bash("c2", "rm /tmp/a"), bash("c3", "rm /tmp/b")],
    },
    {"role": "tool", "tool_call_id": "c2", "content": "ok"},
    {"role": "tool", "tool_call_id": "c3", "content": "ok"},
    {"role": "assistant", "content": "Done."},
]
write(
    "mini-swe-agent.json",
    convert_mini_swe_agent_to_atif(
        {"info": INFO, "messages": chat, "trajectory_format": "mini-swe-agent-1.1"}, "session-1"
    ),
)
call = {
    "type": "function_call",
    "call_id": "c1",
    "name": "bash",
    "id": "fc_1",
    "arguments": json.dumps({"command": "rm -rf build"}),
    "status": "completed",
}
responses = [
    {"role": "system", "content": "You are a helpful assistant."},
    {"role": "user", "content": "Clean the build."},
    {"object": "response", "id": "r1", "output": [call]},
    {"type": "function_call_output", "call_id": "c1", "output": "ok"},
    {
        "object": "response",
        "id": "r2",
        "output": [
            {
                "type": "message",
                "role": "assistant",
                "content": [{"type": "output_text", "text": "Clean.", "annotations": []}],
            }
        ],
    },
]
write(
    "mini-swe-agent-responses.json",
    convert_mini_swe_agent_to_atif(
        {"info": INFO, "messages": responses, "trajectory_format": "mini-swe-agent-1.1"},
        "session-2",
    ),
)
agent = Agent(
    name="desk",
    version="1",
    model_name="fake-1",
    tool_definitions=[
        {
            "type": "function",
            "function": {
                "name": "refund",
                "description": "Pay an order back.",
                "parameters": {"type": "object", "properties": {"order_id": {"type": "string"}}},
            },
        }
    ],
)
picture = ContentPart(type="image", source=ImageSource(media_type="image/png", path="a.png"))
write(
    "pictures.json",
    Trajectory(
        schema_version="ATIF-v1.7",
        session_id="session-3",
        agent=agent,
        steps=[
            Step(step_id=1, source="system", message="You are a desk."),
            Step(
                step_id=2,
                source="user",
                message=[ContentPart(type="text", text="Refund O-7, see the picture."), picture],
            ),
            Step(
                step_id=3,
                source="agent",
                message="",
                reasoning_content="It is broken.",
                tool_calls=[
                    ToolCall(
                        tool_call_id="c1", function_name="refund", arguments={"order_id": "O-7"}
                    )
                ],
                observation=Observation(
                    results=[
                        ObservationResult(
                            source_call_id="c1",
                            content=[ContentPart(type="text", text="ok"), picture],
                        )
                    ]
                ),
            ),
            Step(step_id=4, source="agent", message="Done."),
            Step(step_id=5, source="user", message="And O-8?"),
            Step(
                step_id=6,
                source="agent",
                message="",
                tool_calls=[
                    ToolCall(
                        tool_call_id="c2", function_name="refund", arguments={"order_id": "O-8"}
                    )
                ],
                observation=Observation(results=[ObservationResult(content="unnamed")]),
            ),
        ],
    ),
)
inner = Trajectory(
    schema_version="ATIF-v1.7",
    session_id="session-5",
    trajectory_id="inner",
    agent=agent,
    steps=[
        Step(step_id=1, source="user", message="Refund O-9."),
        Step(
            step_id=2,
            source="agent",
            message="",
            tool_calls=[
                ToolCall(tool_call_id="c9", function_name="refund", arguments={"order_id": "O-9"})
            ],
            observation=Observation(results=[ObservationResult(source_call_id="c9", content="ok")]),
        ),
    ],
)
write(
    "subagent.json",
    Trajectory(
        schema_version="ATIF-v1.7",
        session_id="session-4",
        agent=agent,
        steps=[
            Step(step_id=1, source="user", message="Delegate the refund of O-9."),
            Step(
                step_id=2,
                source="agent",
                message="",
                tool_calls=[
                    ToolCall(
                        tool_call_id="c1", function_name="delegate", arguments={"to": "refunds"}
                    )
                ],
                observation=Observation(
                    results=[
                        ObservationResult(
                            source_call_id="c1",
                            subagent_trajectory_ref=[SubagentTrajectoryRef(trajectory_id="inner")],
                        )
                    ]
                ),
            ),
        ],
        subagent_trajectories=[inner],
    ),
)
