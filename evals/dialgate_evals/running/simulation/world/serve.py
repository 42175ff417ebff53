"""Serves a suite's simulator over JSON lines on standard input and output: a script, run by path.

One world for each trial, by number. What the simulator prints goes to standard error. Standard
library only; leaves time limits and what a failure means to the harness.
"""

import importlib.util
import json
import os
import sys


class World:
    """The loaded class and its worlds."""

    def __init__(self):
        self._made = None
        self._worlds = {}

    def load(self, path, name):
        """Loads the class, and asks a world of it for its state."""
        spec = importlib.util.spec_from_file_location("simulator", path)
        module = importlib.util.module_from_spec(spec)
        sys.modules["simulator"] = module
        spec.loader.exec_module(module)
        self._made = getattr(module, name)
        state = self._made().state()
        return {"gives": state, "has_call": callable(getattr(self._made, "call", None))}

    def answer(self, asked):
        """The answer to one message."""
        number = asked.get("world")
        if "load" in asked:
            return self.load(*asked["load"])
        if "make" in asked:
            self._worlds[number] = self._made()
            return {}
        if "call" in asked:
            return {"gives": self._worlds[number].call(*asked["call"])}
        if "drop" in asked:
            self._worlds.pop(number, None)
            return {}
        return {"gives": self._worlds[number].state()}


def is_tool_error(error):
    """Whether it is an error of the tool: by the class's name, so that no import is needed."""
    return any(kind.__name__ == "ToolError" for kind in type(error).__mro__)


def try_to_answer(world, asked):
    """The answer as JSON text; whatever goes wrong is one too."""
    try:
        answer = world.answer(asked)
    except BaseException as error:
        if is_tool_error(error):
            return json.dumps({"tool_error": str(error)})
        return json.dumps({"failed": "%s: %s" % (type(error).__name__, error), "raw": repr(error)})
    try:
        return json.dumps(answer, allow_nan=False)
    except RecursionError:
        return json.dumps({"no_json": "data nested too deeply to write as JSON"})
    except (TypeError, ValueError) as error:
        return json.dumps({"no_json": "data that JSON can't hold (%s)" % error})


def main():
    """Answers until the harness closes the line."""
    own = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [entry for entry in sys.path if entry != own]
    asking, answering = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.dup2(2, 1)
    world = World()
    for line in asking:
        answering.write(try_to_answer(world, json.loads(line)).encode("ascii") + b"\n")
        answering.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
