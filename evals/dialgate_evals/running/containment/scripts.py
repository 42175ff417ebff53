"""Scripts of the harness, written to where a program of their own runs them: compiled already.

Compiling them costs a start more than all they do. Compiled code says where it was compiled: what
is written says where it is found instead, as the harness's own folders would say who is asking.
"""

from __future__ import annotations

import marshal
import sys
from functools import cache
from importlib.machinery import SourceFileLoader
from importlib.util import MAGIC_NUMBER
from types import CodeType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

# pycs (PEP 552): by a hash that isn't looked at, as nobody changes the source
_HEADER = MAGIC_NUMBER + (1).to_bytes(4, "little") + bytes(8)


def write_scripts(folder: Path, target: Path, *, seen: str) -> None:
    """Sources, for any Python, and what this one compiled of them.

    `seen` is what the target is called where they run. Raises OSError where it can't be written.
    """
    target.mkdir()
    kept = target / "__pycache__"
    kept.mkdir()
    for name, source, code in _read(folder, seen):
        (target / f"{name}.py").write_bytes(source)
        (kept / f"{name}.{sys.implementation.cache_tag}.pyc").write_bytes(code)


def write_compiled(folder: Path, target: Path) -> None:
    """What this Python compiled alone, to be run by it. Raises OSError."""
    target.mkdir()
    for name, _, code in _read(folder, target.name):
        (target / f"{name}.pyc").write_bytes(code)


@cache
def _read(folder: Path, seen: str) -> tuple[tuple[str, bytes, bytes], ...]:
    """Each module's name, source and compiled code, which calls itself by where it is seen."""
    return tuple(
        (path.stem, path.read_bytes(), _HEADER + marshal.dumps(_moved(_compile(path), seen)))
        for path in sorted(folder.glob("*.py"))
    )


def _compile(path: Path) -> CodeType:
    """As an import does: from what Python keeps of the module, where it does."""
    code = SourceFileLoader(path.stem, str(path)).get_code(path.stem)
    assert code is not None
    return code


def _moved(code: CodeType, seen: str) -> CodeType:
    name = code.co_filename.rpartition("/")[2]
    inside = (_moved(item, seen) if isinstance(item, CodeType) else item for item in code.co_consts)
    return code.replace(co_filename=f"{seen}/{name}", co_consts=tuple(inside))
