"""JSON Patch (RFC 6902) over JSON data: what a document is after a list of operations.

Knows JSON Pointers (RFC 6901) and the six operations; never changes the document it is given.
"""

from __future__ import annotations

import copy
import re
from typing import TYPE_CHECKING, Any

from dialgate_evals.files.json_text import canonical_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_INDEX = re.compile(r"0|[1-9][0-9]*")
_BAD_ESCAPE = re.compile(r"~(?![01])")
_NEEDS_VALUE = frozenset({"add", "replace", "test"})
_NEEDS_FROM = frozenset({"move", "copy"})


class PatchError(ValueError):
    """The patch is malformed, or can't be applied to this document; says which operation."""


def apply_patch(document: Any, patch: Sequence[Mapping[str, Any]]) -> Any:  # noqa: ANN401 - JSON
    """The patched document. Raises PatchError, naming the operation, where one can't be applied.

    Source: RFC 6902, section 4; array indices as in RFC 6901, section 4.

    >>> apply_patch({"a": [1, 3]}, [{"op": "add", "path": "/a/1", "value": 2}])
    {'a': [1, 2, 3]}
    """
    document = copy.deepcopy(document)
    for number, operation in enumerate(patch):
        try:
            _check_operation(operation)
            document = _apply(document, operation)
        except PatchError as error:
            where = f"operation {number} ({operation.get('op')} {operation.get('path')!r})"
            raise PatchError(f"{where}: {error}") from None
    return document


def patch_defects(patch: Sequence[Mapping[str, Any]]) -> list[str]:
    """What is wrong with a patch whatever it is applied to; empty where nothing is."""
    found = []
    for number, operation in enumerate(patch):
        try:
            _check_operation(operation)
        except PatchError as error:
            found.append(f"operation {number} ({operation.get('op')}): {error}")
    return found


def _check_operation(operation: Mapping[str, Any]) -> None:
    op = operation.get("op")
    path = _parts(operation.get("path"))
    if op in _NEEDS_VALUE:
        if "value" not in operation:
            raise PatchError('no "value"')
    elif op in _NEEDS_FROM:
        source = _parts(operation.get("from"))
        if op == "move" and len(source) < len(path) and path[: len(source)] == source:
            raise PatchError("a value can't be moved into itself")
    elif op != "remove":
        raise PatchError(f"no operation {op!r}")
    elif not path:
        raise PatchError("the whole document can't be removed")


def _apply(document: Any, operation: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON data
    path = _parts(operation["path"])
    match operation["op"]:
        case "add":
            return _add(document, path, copy.deepcopy(operation["value"]))
        case "remove":
            return _remove(document, path)
        case "replace":
            return _replace(document, path, copy.deepcopy(operation["value"]))
        case "move":
            source = _parts(operation["from"])
            value = _at(document, source)
            return _add(_remove(document, source) if source else document, path, value)
        case "copy":
            return _add(document, path, copy.deepcopy(_at(document, _parts(operation["from"]))))
        case _:
            if canonical_json(_at(document, path)) != canonical_json(operation["value"]):
                raise PatchError("the value is another one")
            return document


def _parts(pointer: object) -> list[str]:
    if not isinstance(pointer, str):
        raise PatchError("a place is missing")
    if (pointer and not pointer.startswith("/")) or _BAD_ESCAPE.search(pointer):
        raise PatchError(f"{pointer!r} is no JSON Pointer")
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]


def _at(document: Any, parts: Sequence[str]) -> Any:  # noqa: ANN401 - JSON data
    for part in parts:
        document = document[_key(document, part)]
    return document


def _key(container: Any, part: str) -> Any:  # noqa: ANN401 - JSON data
    """The key or index of something that is there."""
    if isinstance(container, dict) and part in container:
        return part
    if isinstance(container, list) and _INDEX.fullmatch(part) and int(part) < len(container):
        return int(part)
    raise PatchError(f"nothing is at {part!r}")


def _add(document: Any, parts: Sequence[str], value: Any) -> Any:  # noqa: ANN401 - JSON data
    if not parts:
        return value
    container, last = _at(document, parts[:-1]), parts[-1]
    if isinstance(container, dict):
        container[last] = value
    elif isinstance(container, list):
        is_index = _INDEX.fullmatch(last) is not None and int(last) <= len(container)
        if last != "-" and not is_index:
            raise PatchError(f"{last!r} is no place in a list of {len(container)}")
        container.insert(len(container) if last == "-" else int(last), value)
    else:
        raise PatchError(f"nothing can be added at {last!r}")
    return document


def _remove(document: Any, parts: Sequence[str]) -> Any:  # noqa: ANN401 - JSON data
    container = _at(document, parts[:-1])
    del container[_key(container, parts[-1])]
    return document


def _replace(document: Any, parts: Sequence[str], value: Any) -> Any:  # noqa: ANN401 - JSON data
    if not parts:
        return value
    container = _at(document, parts[:-1])
    container[_key(container, parts[-1])] = value
    return document
