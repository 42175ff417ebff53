"""The numbers of a case that stand for one key, and the case with another in their place."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from dialgate_evals.fuzzing.documents import Document, map_texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_IN_TEXT = re.compile(r"(?<![\w.,-])(\d+(?:[.,]\d{1,2})?)(?![\w]|[.,]\d)")


def numbers_under(value: Any, key: str, name: str = "") -> Iterator[float]:  # noqa: ANN401 - JSON data
    """Every number that stands under the key, in order."""
    if isinstance(value, dict):
        for inner, item in value.items():
            yield from numbers_under(item, key, str(inner))
    elif isinstance(value, list):
        for item in value:
            yield from numbers_under(item, key, name)
    elif isinstance(value, int | float) and not isinstance(value, bool) and name == key:
        yield float(value)


def with_number(document: Mapping[str, Any], key: str, old: float, new: float) -> Document:
    """The case with `old` replaced under the key and in every text, in the form it is written."""

    def written(found: re.Match[str]) -> str:
        text = found[1]
        sign = "," if "," in text else "."
        if float(text.replace(",", ".")) != old:
            return text
        return _as_written(new, len(text.partition(sign)[2])).replace(".", sign)

    changed = map_texts(document, lambda text: _IN_TEXT.sub(written, text))
    for part in ("recordings", "expect", "user"):
        if part in changed:
            changed[part] = _replaced(changed[part], key, old, new, "")
    return changed


def _as_written(value: float, decimals: int) -> str:
    """The number with so many decimals, or with two where it needs them."""
    needed = decimals if round(value, decimals) == value else 2
    return f"{value:.{needed}f}"


def _replaced(value: Any, key: str, old: float, new: float, name: str) -> Any:  # noqa: ANN401 - JSON data
    if isinstance(value, dict):
        return {inner: _replaced(item, key, old, new, inner) for inner, item in value.items()}
    if isinstance(value, list):
        return [_replaced(item, key, old, new, name) for item in value]
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if is_number and name == key and value == old:
        return int(new) if new == int(new) else new
    return value
