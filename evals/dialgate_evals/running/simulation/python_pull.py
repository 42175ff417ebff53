"""The tools of Python modules as tools.json: loaded in this process, as the agent would.

Leaves what an object says of itself to `python_tools`, and checking the list to `mcp_pull`.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dialgate_evals.errors import ConfigurationError, UsageError
from dialgate_evals.files.plain_text import shorten
from dialgate_evals.files.problems import Problem
from dialgate_evals.running.simulation.mcp_pull import checked_registry
from dialgate_evals.running.simulation.python_tools import UnreadableToolError, tools_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import ModuleType

_ADVICE = "Name a function with typed parameters, a pydantic model, or the framework's tool object."


def pull_python_tools(sources: Sequence[str]) -> dict[str, Any]:
    """What tools.json is to hold: the tools that `module:name,name` or `file.py:name` name.

    Raises UsageError where a module can't be loaded, ConfigurationError with every object that is
    no tool.
    """
    listed: list[dict[str, Any]] = []
    problems: list[Problem] = []
    with _folder_first():
        for source in sources:
            module_name, mark, names = source.partition(":")
            wanted = [name.strip() for name in names.split(",") if name.strip()]
            if not module_name or not mark or not wanted:
                raise UsageError(f"--python {shorten(source, 100)}: expected module:name.")
            module = _load(module_name)
            for name in wanted:
                try:
                    listed += tools_of(_at(module, name))
                except UnreadableToolError as error:
                    problems.append(_problem(f"{module_name}:{name}", str(error)))
                except Exception as error:  # noqa: BLE001 - the objects are the user's
                    said = shorten(f"{type(error).__name__}: {error}", 300)
                    problems.append(
                        _problem(f"{module_name}:{name}", f"an object that broke: {said}")
                    )
    if problems:
        raise ConfigurationError(problems)
    return checked_registry(listed, ", ".join(sources))


def _problem(place: str, found: str) -> Problem:
    return Problem(file=place, found=found, expected="a tool", advice=_ADVICE)


@contextmanager
def _folder_first() -> Iterator[None]:
    """Modules of the current folder are found, as by `python -m`."""
    folder = str(Path.cwd())
    sys.path.insert(0, folder)
    try:
        yield
    finally:
        sys.path.remove(folder)


def _load(name: str) -> ModuleType:
    try:
        return _load_file(name) if name.endswith(".py") else importlib.import_module(name)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - the module is the user's
        said = shorten(f"{type(error).__name__}: {error}", 500)
        raise UsageError(f"--python {name}: can't be loaded: {said}.") from None


def _load_file(name: str) -> ModuleType:
    path = Path(name).resolve()
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise ImportError("no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules.setdefault(path.stem, module)
    spec.loader.exec_module(module)
    return module


def _at(module: ModuleType, name: str) -> Any:  # noqa: ANN401 - any object of the user's
    found: Any = module
    for part in name.split("."):
        if not hasattr(found, part):
            from dialgate_evals.files.suggest import suggest_word  # noqa: PLC0415 - only errors need it

            hint = suggest_word(part, [known for known in dir(found) if known[:1] != "_"])
            raise UnreadableToolError(f"nothing of that name. {hint}".rstrip())
        found = getattr(found, part)
    return found
