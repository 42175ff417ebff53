"""An action with one argument wrong: another record, an amount, a date, a switch, left out.

A value that the argument rules call equal is no mistake: a person has said so.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any

from dialgate_evals.actions.argument_rules import EXACT
from dialgate_evals.files.json_text import canonical_json
from dialgate_evals.mutating.behaviour import Deed, with_deeds
from dialgate_evals.mutating.leaves import Leaf, leaves_of, pointer_text, with_value
from dialgate_evals.mutating.mutant import Mistake, Mutant, Place

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dialgate_evals.mutating.behaviour import Act
    from dialgate_evals.mutating.seeds import Seed, Seeds

_NAMES_A_THING = re.compile(r"(?:^|_|\b)(?:id|ids|no|nr|number|ref|account|iban)$", re.IGNORECASE)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_LONGEST_NAME = 64
_LARGEST = 1e300
"""Of the numbers that are altered: ten times a larger one is no number that JSON knows."""
_REFUSED = "the tool refuses the arguments"


def alter_arguments(seed: Seed, seeds: Seeds) -> Iterator[Mutant]:
    """Each action with each of its arguments wrong, one at a time."""
    for act in seed.acts:
        for leaf in leaves_of(act.deed.arguments):
            for mistake, value in _wrong_values(leaf, act, seeds):
                arguments = with_value(act.deed.arguments, leaf.pointer, value)
                told = f"{_short(value)} instead of {_short(leaf.value)}"
                sentence = f"{act.deed.name}: {told} at {pointer_text(leaf.pointer)}"
                yield from _mutant(seed, seeds, act, mistake, leaf, arguments, sentence)
        for key, value in act.deed.arguments.items():
            rest = {name: item for name, item in act.deed.arguments.items() if name != key}
            leaf = Leaf(pointer=(str(key),), value=value)
            sentence = f"{act.deed.name} without {pointer_text(leaf.pointer)}"
            yield from _mutant(seed, seeds, act, Mistake.LEFT_OUT, leaf, rest, sentence)


def _mutant(
    seed: Seed,
    seeds: Seeds,
    act: Act,
    mistake: Mistake,
    leaf: Leaf,
    arguments: Mapping[str, Any],
    sentence: str,
) -> Iterator[Mutant]:
    """The mutant, unless its arguments mean the same to the tool or to the argument rules."""
    tool = seeds.tools.get(act.deed.name)
    rules = seeds.actions.rules.get(act.deed.name, EXACT)
    right, wrong = (
        rules.normalise(item if tool is None else tool.with_defaults(item))
        for item in (act.deed.arguments, arguments)
    )
    is_taken = tool is None or tool.accepts(arguments)
    if is_taken and rules.are_equal(expected=right, actual=wrong):
        return
    deed = Deed(
        name=act.deed.name,
        arguments=arguments,
        answer="ok" if is_taken else _REFUSED,
        failed=not is_taken,
    )
    deeds = seed.behaviour.deeds
    yield Mutant(
        mistake=mistake,
        action_class=act.action_class,
        sentence=sentence,
        behaviour=with_deeds(
            seed.behaviour, (*deeds[: act.position], deed, *deeds[act.position + 1 :])
        ),
        place=Place(act=act.position, pointer=leaf.pointer),
        right=leaf.value,
    )


def _wrong_values(leaf: Leaf, act: Act, seeds: Seeds) -> Iterator[tuple[Mistake, Any]]:
    value = leaf.value
    if isinstance(value, bool):
        yield Mistake.FLIPPED, not value
    elif isinstance(value, int | float) and not _NAMES_A_THING.search(leaf.key):
        if abs(value) < _LARGEST:
            yield Mistake.FACTOR, value * 10 if value else 10
    elif isinstance(value, str) and (day := _next_day(value)) is not None:
        yield Mistake.DAY, day
    elif isinstance(value, int | float) or _is_name(value):
        other = _neighbour(leaf, act, seeds)
        if other is not None:
            yield Mistake.NEIGHBOUR, other


def _is_name(value: object) -> bool:
    """Whether a text names something: one word, as ids, addresses and words of an enum are."""
    is_word = isinstance(value, str) and value and len(value) <= _LONGEST_NAME
    return bool(is_word) and not any(character.isspace() for character in str(value))


def _next_day(value: str) -> str | None:
    """The text with its date a day later; None where it doesn't begin with one."""
    found = _DATE.match(value)
    if found is None:
        return None
    try:
        day = dt.date.fromisoformat(found[0]) + dt.timedelta(days=1)
    except (ValueError, OverflowError):
        return None
    return day.isoformat() + value[found.end() :]


def _neighbour(leaf: Leaf, act: Act, seeds: Seeds) -> Any:  # noqa: ANN401 - JSON data
    """What another case has at that place, else a value like it; None where the tool takes none."""
    tool = seeds.tools.get(act.deed.name)
    own = {canonical_json(item.value) for item in leaves_of(act.deed.arguments)}
    known = seeds.values.get((act.deed.name, leaf.anywhere), ())
    others = [value for value in known if canonical_json(value) not in own]
    for value in (*others[:3], *_alike(leaf.value)):
        if tool is None or tool.accepts(with_value(act.deed.arguments, leaf.pointer, value)):
            return value
    return None


def _alike(value: object) -> Iterator[object]:
    """Values that look like it and are another's."""
    if isinstance(value, int | float):
        yield value + 1
        return
    text = str(value)
    digit = next((index for index in range(len(text) - 1, -1, -1) if text[index].isdecimal()), None)
    if digit is not None:
        yield f"{text[:digit]}{(int(text[digit]) + 1) % 10}{text[digit + 1 :]}"
    name, at, host = text.partition("@")
    yield f"{name}.other{at}{host}"


def _short(value: object) -> str:
    text = canonical_json(value)
    return text if len(text) <= 40 else text[:39] + "…"
