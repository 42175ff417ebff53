"""Two values of any threshold, the stricter one first, as policy.toml writes them."""

from __future__ import annotations

from typing import Any, assert_never

from dialgate_gate.settings.threshold import Flag, Looser, Names, Number, Threshold, Words

PEM = "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n"


def strict_and_loose(item: Threshold) -> tuple[Any, Any]:
    """Two values in its range; the second one loosens the judge."""
    match item.values:
        case Number() as number:
            low, high = _two_numbers(number)
            return (low, high) if item.looser is Looser.HIGHER else (high, low)
        case Words() as words:
            order = [word.value for word in words.strictest_first if word is not None]
            return order[0], order[-1]
        case Names() as names:
            known = (
                names.items.get("enum")
                or names.items.get("examples")
                or [PEM.format("QUFB"), PEM.format("QkJC")]
            )
            one, two = [known[0]], list(known[:2])
            return (two, one) if item.looser is Looser.SHORTER else (one, two)
        case Flag():
            return True, False
        case _ as never:
            assert_never(never)


def _two_numbers(number: Number) -> tuple[float, float]:
    least = number.least if number.least is not None else number.over or 0.0
    most = number.most if number.most is not None else number.under
    most = least + 10 if most is None else most
    if number.whole:
        return int(least) + 1, int(least) + 2
    span = most - least
    return round(least + 0.3 * span, 6), round(least + 0.6 * span, 6)
