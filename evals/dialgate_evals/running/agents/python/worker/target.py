"""Finds the agent's function and how it has to be called; leaves calling it to `trials`."""

import functools
import importlib
import inspect
import sys
import traceback


def find_target(target):
    """What `module:name` or `module:object.method` names. Raises whatever its import raises."""
    module, _, attribute = target.partition(":")
    found = importlib.import_module(module)
    for name in attribute.split("."):
        found = getattr(found, name)
    if not callable(found):
        raise TypeError("%s is a %s, not a function" % (target, type(found).__name__))
    return found


def is_async(function):
    """Whether calling it gives something to await: of partials, decorated and callable objects.

    A plain function that gives an awaitable is only found out when it is called.
    """
    seen = set()
    while id(function) not in seen:
        seen.add(id(function))
        if inspect.iscoroutinefunction(function):
            return True
        if isinstance(function, functools.partial):
            function = function.func
        elif hasattr(function, "__wrapped__"):
            function = function.__wrapped__
        elif not inspect.isroutine(function) and not isinstance(function, type):
            function = type(function).__call__
    return False


def why_not_loaded(error):
    """The reason and the place, for the person who has to mend it: a missing module comes first."""
    where = traceback.format_exc(limit=-4)[-2000:]
    missing = _missing_module(error)
    if missing is not None:
        text = (
            "No module named %r in %s. Install it there, name the agent's own environment with "
            "[agent] interpreter, or the folder that holds the module with [agent] pythonpath"
        )
        return text % (missing, sys.executable), where
    return ("%s: %s" % (type(error).__name__, error))[:2000], where


def _missing_module(error):
    """The module that was not there, however deep: frameworks raise errors of their own for it."""
    seen = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        if isinstance(error, ModuleNotFoundError) and error.name:
            return error.name
        error = error.__cause__ or error.__context__
    return None
