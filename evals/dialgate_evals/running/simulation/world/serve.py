"""Serves a suite's simulator over JSON lines on standard input and output: a script, run by path.

One world for each trial, by number; or the functions of a file, by name, for `dialgate fuzz`.
What the simulator prints goes to standard error. Standard library only; leaves time limits and
what a failure means to the harness.
"""

import importlib.util
import json
import os
import sys
import types


class Draw:
    """Draws for a relation, from whole numbers that the harness drew; what is missing is 0."""

    def __init__(self, numbers):
        self._left = iter(numbers)
        self.made = []

    def below(self, count):
        """A whole number from 0 up to, but not with, the count."""
        number = next(self._left, 0) % max(1, count)
        self.made.append(number)
        return number

    def pick(self, items):
        """One of the items; the first is the simplest."""
        return items[self.below(len(items))]

    def whole(self, low, high):
        """A whole number from low to high, both with."""
        return low + self.below(high - low + 1)


class World:
    """The loaded class and its worlds."""

    def __init__(self):
        self._made = None
        self._worlds = {}
        self._functions = {}

    def load(self, path, name):
        """Loads the class, and asks a world of it for its state."""
        spec = importlib.util.spec_from_file_location("simulator", path)
        module = importlib.util.module_from_spec(spec)
        sys.modules["simulator"] = module
        spec.loader.exec_module(module)
        self._made = getattr(module, name)
        state = self._made().state()
        return {"gives": state, "has_call": callable(getattr(self._made, "call", None))}

    def load_functions(self, path):
        """Loads a file of relations; gives each public function's name and first line of words."""
        spec = importlib.util.spec_from_file_location("fuzz_relations", path)
        module = importlib.util.module_from_spec(spec)
        sys.modules["fuzz_relations"] = module
        spec.loader.exec_module(module)
        self._functions = {
            name: value
            for name, value in vars(module).items()
            if not name.startswith("_")
            and isinstance(value, types.FunctionType)
            and value.__module__ == "fuzz_relations"
        }
        return {
            "gives": [
                [name, ((value.__doc__ or "").strip().splitlines() or [""])[0]]
                for name, value in self._functions.items()
            ]
        }

    def vary(self, name, case, numbers):
        """What the function makes of the case, and the numbers that it drew."""
        draw = Draw(numbers)
        made = self._functions[name](case, draw)
        return [made, draw.made]

    def answer(self, asked):
        """The answer to one message."""
        number = asked.get("world")
        if "load" in asked:
            return self.load(*asked["load"])
        if "functions" in asked:
            return self.load_functions(asked["functions"])
        if "vary" in asked:
            return {"gives": self.vary(*asked["vary"])}
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
