"""What tokens cost: the suite's own prices, else a dated public price list.

Knows both sources and that an unknown model is unpriced, never free; leaves counting tokens to
the adapters.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt

    from dialgate_evals.suite.suite import Prices

_PER = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenUsage:
    """The tokens of one request to a model."""

    input_tokens: int
    output_tokens: int
    cached_tokens: int = 0
    # of the input tokens, those that the provider read from its cache


def price_usage(
    usage: TokenUsage,
    *,
    provider: str,
    model: str,
    prices: Prices | None,
    at: dt.datetime,
) -> float | None:
    """US dollars of one request at a moment, or None where nothing says what the model costs.

    The suite's `[prices]` come first and know no reduction for cached tokens. Else the price list
    of genai-prices (extra `prices`) as it was at `at`; it ships with the package, so nothing is
    fetched. None also where the package is not installed.

    >>> from dialgate_evals.suite.suite import Prices
    >>> import datetime as dt
    >>> price_usage(
    ...     TokenUsage(input_tokens=1000, output_tokens=100), provider="any", model="any",
    ...     prices=Prices(input=2.5, output=10.0), at=dt.datetime(2026, 11, 23, tzinfo=dt.UTC),
    ... )
    0.0035
    """
    if prices is not None:
        return (usage.input_tokens * prices.input + usage.output_tokens * prices.output) / _PER
    try:
        from genai_prices import Usage, calc_price  # noqa: PLC0415 - an extra
    except ModuleNotFoundError:
        return None
    counted = Usage(
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        cache_read_tokens=min(usage.cached_tokens, usage.input_tokens),
    )
    try:
        # With the provider named: a model is never priced by a likeness of names elsewhere.
        found = calc_price(counted, model, provider_id=provider, genai_request_timestamp=at)
    except LookupError:
        return None
    return float(found.total_price)
