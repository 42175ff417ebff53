"""Unpickling in this process, reduced to bytes and texts while a cluster is connected.

Dask unpickles what workers and scheduler send: values, types, exceptions, warnings. A worker whose
agent got out of its walls could run code here that way, beside the keys that sign verdicts. What
this project asks a worker comes back as bytes, so nothing else needs to be built. Knows where Dask
unpickles; leaves connecting to `cluster.dask_side.dask_channel`.
"""

from __future__ import annotations

import io
import pickle
import threading
from contextlib import contextmanager
from types import ModuleType
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from typing_extensions import Buffer

_HARMLESS = frozenset({("builtins", "bytes"), ("builtins", "bytearray"), ("builtins", "str")})


class RefusedPickleError(pickle.UnpicklingError, TypeError):
    """A pickle that would have built something; as a TypeError it is unreadable to Dask."""


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:  # noqa: ANN401 - as the base class has it
        if (module, name) in _HARMLESS:
            return super().find_class(module, name)
        raise RefusedPickleError(f"a pickle that names {module}.{name} is refused")

    def persistent_load(self, pid: object) -> NoReturn:
        raise RefusedPickleError(f"a pickle with an outside reference is refused ({pid!r:.80})")


def harmless_loads(raw: Buffer, *, buffers: Iterable[Buffer] = ()) -> Any:  # noqa: ANN401 - see pickle
    """The value of a pickle of plain data. Raises RefusedPickleError for any other."""
    return _Unpickler(io.BytesIO(raw), buffers=buffers).load()


class _Stand(ModuleType):
    """What stands where Dask looks for `pickle`: all of it, but for building things."""

    def __init__(self) -> None:
        super().__init__("pickle")
        self.__dict__.update({key: getattr(pickle, key) for key in pickle.__all__})
        self.loads = harmless_loads
        self.load = self.Unpickler = None


_users = 0
_changing = threading.Lock()


@contextmanager
def harmless_pickles() -> Iterator[None]:
    """Within it no part of Dask in this process builds anything from a pickle but bytes and texts.

    Everything that Dask unpickles goes through these two modules; may be entered several times.
    """
    import distributed.client  # noqa: PLC0415 - an extra, and slow to load
    import distributed.protocol.pickle  # noqa: PLC0415 - as above

    global _users  # noqa: PLW0603 - how many connections there are in this process
    places: tuple[Any, ...] = (distributed.client, distributed.protocol.pickle)
    with _changing:
        _users += 1
        stand = _Stand()
        for place in places:
            place.pickle = stand
    try:
        yield
    finally:
        with _changing:
            _users -= 1
            if not _users:
                for place in places:
                    place.pickle = pickle
