"""Which class a call is in, by checks alone; where they can't tell, all that it can be in."""

from __future__ import annotations

from collections.abc import Mapping

from dialgate_runtime.lookup.checks import compiled, is_json
from dialgate_runtime.lookup.lookup import UNCLASSIFIED
from dialgate_runtime.values import Value

TYPE_CHECKING = False  # the name alone, without `typing`
if TYPE_CHECKING:
    from collections.abc import Sequence

    from dialgate_runtime.lookup.checks import Holds
    from dialgate_runtime.lookup.lookup import Group


def possible_groups(classes: Sequence[str], *, falls_through: bool) -> tuple[Group, Group]:
    """All classes that a call of a tool can be in; and those where the arguments are no object.

    `falls_through`: whether the last class has a condition, so that a call can be in none. What is
    no object at all is hardly a call of this tool.
    """
    every = (*classes, UNCLASSIFIED) if falls_through else tuple(classes)
    return every, tuple(dict.fromkeys((*every, UNCLASSIFIED)))


class ExactCalls(Value):
    """Calls of one tool, judged by checks."""

    possible: Group
    no_object: Group
    guards: tuple[Holds, ...]
    # what arguments must be before a class is looked for
    defaults: Mapping[str, object]
    # what an absent argument counts as
    classes: tuple[tuple[tuple[Holds, ...], str], ...]
    is_exact: bool = True
    # False: nothing is judged, so any call can be in any of the classes

    @property
    def groups(self) -> frozenset[Group]:
        """Every answer that `group` can give."""
        alone = {(name,) for _, name in self.classes}
        return frozenset({self.possible, self.no_object, (UNCLASSIFIED,), *alone})

    def group(self, arguments: object) -> Group:
        """The classes: one where that is sure, else all that it can be; never an exception."""
        try:
            return self._group(arguments)
        except Exception:  # noqa: BLE001 - whatever hides in the arguments, it opens nothing
            return self.possible

    def _group(self, arguments: object) -> Group:
        if type(arguments) is not dict:
            if not isinstance(arguments, Mapping):
                return self.no_object
            said = dict(arguments.items())
            if isinstance(arguments, dict) and dict.copy(arguments) != said:
                return self.possible  # it says otherwise than it holds
            arguments = said
        if not self.is_exact or not is_json(arguments):
            return self.possible
        for guard in self.guards:
            if not guard(arguments):
                return self.possible
        meant = {**self.defaults, **arguments} if self.defaults else arguments
        for checks, name in self.classes:
            for check in checks:
                if not check(meant):
                    break
            else:
                return (name,)
        return (UNCLASSIFIED,)


def exact_calls(
    document: Mapping[str, object],
    classes: Sequence[tuple[Sequence[Mapping[str, object]] | None, str]],
    *,
    falls_through: bool,
) -> ExactCalls:
    """Calls of a tool as the exported dial writes it, with checks and name of each of its classes.

    A check that isn't known here, or whose time has no bound, makes the tool one that is not exact.
    """
    possible, no_object = possible_groups(
        [name for _, name in classes], falls_through=falls_through
    )
    inexact = ExactCalls(
        possible=possible,
        no_object=no_object,
        guards=(),
        defaults={},
        classes=tuple(((), name) for _, name in classes),
        is_exact=False,
    )
    listed, defaults = document["arguments"], document["defaults"]
    if document["exact"] is not True or not isinstance(listed, list):
        return inexact
    try:
        guards = compiled(listed)
        judged = tuple((compiled(checks or ()), name) for checks, name in classes)
    except (KeyError, TypeError, ValueError):
        return inexact
    if any(checks is None for checks, _ in classes) or not isinstance(defaults, dict):
        return inexact
    return ExactCalls(
        possible=possible, no_object=no_object, guards=guards, defaults=defaults, classes=judged
    )
