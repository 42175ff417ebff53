"""Frozen values of keyword arguments: as of `dataclasses`, which costs half of an import.

A field is an annotation, its default a class attribute; type checkers read a frozen dataclass.
"""

from __future__ import annotations

TYPE_CHECKING = False  # the name alone, without `typing`
if TYPE_CHECKING:
    from typing import dataclass_transform
else:

    def dataclass_transform(**_):  # noqa: ANN003, ANN201 - of `typing`, for type checkers
        """Says nothing at run time."""
        return lambda made: made


@dataclass_transform(kw_only_default=True, frozen_default=True)
class Value:
    """A value that is made once and equals every other of the same fields."""

    def __init__(self, **given: object) -> None:
        for name in type(self).__annotations__:
            if name in given:
                self.__dict__[name] = given.pop(name)
            elif not hasattr(type(self), name):
                raise TypeError(f"{type(self).__name__} without {name}")
        if given:
            raise TypeError(f"{type(self).__name__} has no {', '.join(given)}")

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__}.{name} is never changed")

    __delattr__ = __setattr__  # type: ignore[assignment]  # refuses whatever it is given

    def _parts(self) -> tuple[object, ...]:
        return tuple(getattr(self, name) for name in type(self).__annotations__)

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self._parts() == other._parts()

    def __hash__(self) -> int:
        return hash((type(self), self._parts()))

    def __repr__(self) -> str:
        said = ", ".join(f"{name}={getattr(self, name)!r}" for name in type(self).__annotations__)
        return f"{type(self).__name__}({said})"
