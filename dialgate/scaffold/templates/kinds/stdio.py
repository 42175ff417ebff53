"""The agent over standard streams: JSON-RPC 2.0, one message a line, one trial at a time.

docs/reference/agent-protocol.md of dialgate specifies the messages. Standard error is the log.
"""

import asyncio
import json
import sys

from my_agent import respond


def send(message) -> None:
    """Writes one message."""
    sys.stdout.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
    sys.stdout.flush()


class Tools:
    """The tools of one trial."""

    def __init__(self, trial_id) -> None:
        self.trial_id, self.calls = trial_id, 0

    async def call(self, name, arguments):
        """The tool's answer; raises what it says went wrong."""
        self.calls += 1
        call_id = f"call-{self.calls}"
        params = {"trial_id": self.trial_id, "name": name, "arguments": arguments}
        send({"id": call_id, "method": "tools/call", "params": params})
        answer = json.loads(sys.stdin.readline())
        if "error" in answer:
            raise RuntimeError(answer["error"]["message"])
        return answer["result"]["content"]


for line in sys.stdin:
    asked = json.loads(line)
    if asked["method"] == "initialize":
        send({"id": asked["id"], "result": {"concurrency": 1}})
    elif asked["method"] == "trial/run":
        given = asked["params"]
        work = respond(given["messages"], Tools(given["trial_id"]), given["release"])
        send({"id": asked["id"], "result": {"reply": asyncio.run(work)}})
