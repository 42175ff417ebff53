"""What a change loosens of one table of thresholds: each by the direction that it declares.

Compares the values that count, defaults filled in. Leaves budgets and seals, which count as they
are written, to `policy_keys`, and which tables there are to `dialgate_gate.changes.loosened`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, assert_never

from dialgate_gate.settings.threshold import (
    Flag,
    Looser,
    Names,
    Number,
    Threshold,
    Words,
    thresholds_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from enum import StrEnum

AS_WRITTEN = frozenset({Looser.UNSPENT, Looser.WITHDRAWN})
"""Directions that are told from the file itself: whether the key is there counts as well."""


def loosened_in(place: str, before: Any, now: Any) -> Iterator[str]:  # noqa: ANN401 - tables of several kinds
    """What is looser in the table `now` than in `before`, both of one kind."""
    for item in thresholds_of(type(before)):
        if item.looser not in AS_WRITTEN:
            old, new = getattr(before, item.key), getattr(now, item.key)
            yield from _loosened(item, f"{place}.{item.key}", old, new)


def loosened_words(
    item: Threshold, place: str, before: Mapping[str, StrEnum], now: Mapping[str, StrEnum]
) -> Iterator[str]:
    """What is looser in a table of words by name; a name that is taken out has none any more."""
    assert isinstance(item.values, Words)
    words = Words((*item.values.strictest_first, None))
    for name in sorted(before):
        yield from _loosened_word(words, f'{place}."{name}"', before[name], now.get(name))


def _loosened(item: Threshold, key: str, old: Any, new: Any) -> Iterator[str]:  # noqa: ANN401 - settings of several kinds
    match item.values:
        case Number():
            yield from _loosened_number(item, key, old, new)
        case Words() as words:
            yield from _loosened_word(words, key, old, new)
        case Names() as names:
            yield from _loosened_list(item.looser, names, key, old, new)
        case Flag():
            pass
        case _ as never:
            assert_never(never)


def _loosened_number(
    item: Threshold, key: str, old: float | None, new: float | None
) -> Iterator[str]:
    if old is None:
        if item.derived_over is not None and new is not None and new > item.derived_over:
            yield f"names {key} {new:g}, which was {item.absent}"
    elif new is None:
        yield f"takes out {key} (was {old:g})"
    elif new > old and item.looser is Looser.HIGHER:
        yield f"raises {key} from {old:g} to {new:g}"
    elif new < old and item.looser is Looser.LOWER:
        yield f"lowers {key} from {old:g} to {new:g}"


def _loosened_word(words: Words, key: str, old: str | None, new: str | None) -> Iterator[str]:
    rank = [None if word is None else str(word) for word in words.strictest_first].index
    if rank(new) <= rank(old):
        return
    if new is None:
        yield f'takes out {key} (was "{old}")'
    elif None in words.strictest_first:
        yield f'sets {key} to "{new}"'
    else:
        yield f'sets {key} from "{old}" to "{new}"'


def _loosened_list(
    looser: Looser, names: Names, key: str, old: Iterable[str], new: Iterable[str]
) -> Iterator[str]:
    more = looser is Looser.LONGER
    before, now = list(old), list(new)
    moved = sorted(set(now) - set(before)) if more else [name for name in before if name not in now]
    if moved and not names.is_shown:
        yield f"adds a {names.noun} to {key}" if more else f"takes a {names.noun} out of {key}"
        return
    noun = f"the {names.noun} " if names.noun else ""
    for name in moved:
        yield f'adds {noun}"{name}" to {key}' if more else f'takes {noun}"{name}" out of {key}'
