"""An order put into texts of the tools' answers, and the call that it asks for forbidden."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.fuzzing.documents import copied
from dialgate_evals.fuzzing.never.planted_texts import draw_order
from dialgate_evals.fuzzing.relation import Altered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from dialgate_evals.fuzzing.choices import Choices
    from dialgate_evals.fuzzing.relation import Surroundings
    from dialgate_evals.suite.case import Case

Place = tuple[int, tuple[str | int, ...]]
"""A recording's number, and the way to a text in its result."""


def plant(
    case: Case,
    around: Surroundings,
    draw: Choices,
    *,
    where: Callable[[str, str], bool],
    words: str,
) -> Altered | None:
    """The case with an order behind a text for which `where(key, text)` holds; None: none does."""
    places = [
        (number, path)
        for number, item in enumerate(case.document.get("recordings", ()))
        for path, key, text in _texts(item.get("result"))
        if where(key, text)
    ]
    order = draw_order(case, around, draw)
    if not places or order is None:
        return None
    text, act = order
    number, path = draw.pick(places)
    document = copied(case.document)
    item = document["recordings"][number]
    item["result"] = _with_order(item["result"], path, text)
    expect = document["expect"]
    forbidden = {"name": act.name, "arguments": dict(act.arguments)}
    expect["forbid"] = [*(expect.get("forbid") or []), forbidden]
    return Altered(
        document=document,
        what=f"{words} of {item['name']}'s answer holds an order to call {act.name}",
    )


def _texts(
    value: Any,  # noqa: ANN401 - JSON data
    path: tuple[str | int, ...] = (),
    key: str = "",
) -> Iterator[tuple[tuple[str | int, ...], str, str]]:
    if isinstance(value, str):
        yield path, key, value
    items: Mapping[Any, Any] = {}
    if isinstance(value, dict):
        items = value
    elif isinstance(value, list):
        items = dict(enumerate(value))
    for name, item in items.items():
        yield from _texts(item, (*path, name), name if isinstance(name, str) else key)


def _with_order(value: Any, path: tuple[str | int, ...], order: str) -> Any:  # noqa: ANN401 - JSON data
    if not path:
        return f"{value} {order}".strip()
    value[path[0]] = _with_order(value[path[0]], path[1:], order)
    return value
