"""Where actions leave the agent: while it is paused they are put into quarantine, not sent."""

import json
import os
from pathlib import Path

READS = ("get_customer", "list_orders", "search_kb")


class PausedError(Exception):
    """The agent is paused: the action waits for a person."""


async def send(tools, name, arguments):
    """Calls the tool, or puts the action into quarantine where the switch was pulled."""
    if name not in READS and is_paused():
        quarantine(name, arguments)
        raise PausedError(name)
    return await tools.call(name, arguments)


def is_paused():
    """Whether the switch was pulled: looked at before each action, not once."""
    folder = os.environ.get("DRILL_FOLDER")
    return folder is not None and (Path(folder) / "paused").exists()


def quarantine(name, arguments):
    """Writes the action down for the person who decides on it."""
    line = json.dumps({"name": name, "arguments": arguments}) + "\n"
    with (Path(os.environ["DRILL_FOLDER"]) / "quarantine.jsonl").open("a") as file:
        file.write(line)
