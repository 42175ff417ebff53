"""What tokens cost: the suite's prices, the public list, and nothing where neither knows."""

from __future__ import annotations

import datetime as dt
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialgate_evals.suite.prices import TokenUsage, price_usage
from dialgate_evals.suite.suite import Prices

AT = dt.datetime(2026, 11, 23, tzinfo=dt.UTC)
counts = st.integers(min_value=0, max_value=2**40)


def price(
    usage: TokenUsage,
    *,
    provider: str = "openai",
    model: str = "gpt-4o-2024-05-13",
    prices: Prices | None = None,
) -> float | None:
    return price_usage(usage, provider=provider, model=model, prices=prices, at=AT)


class TestTheSuitesPrices:
    """`[prices]` is US dollars per million tokens and comes before every list."""

    def test_are_used_for_any_model(self) -> None:
        usage = TokenUsage(input_tokens=2_000_000, output_tokens=500_000)
        found = price(usage, provider="x", model="y", prices=Prices(input=3.0, output=12.0))
        assert found == 12.0

    def test_of_zero_are_a_price(self) -> None:
        usage = TokenUsage(input_tokens=5, output_tokens=5)
        assert price(usage, prices=Prices(input=0.0, output=0.0)) == 0.0

    @given(counts, counts)
    def test_grow_with_every_token(self, sent: int, given_back: int) -> None:
        prices = Prices(input=1.0, output=2.0)
        less = price(TokenUsage(input_tokens=sent, output_tokens=given_back), prices=prices)
        more = price(TokenUsage(input_tokens=sent + 1, output_tokens=given_back), prices=prices)
        assert less is not None
        assert more is not None
        assert more > less


class TestThePublicList:
    def test_knows_a_dated_model(self) -> None:
        """gpt-4o-2024-05-13: 5 and 15 US dollars per million."""
        pytest.importorskip("genai_prices", reason='the extra "prices" is not installed')
        usage = TokenUsage(input_tokens=1_000_000, output_tokens=100_000)
        assert price(usage) == pytest.approx(6.5)

    @pytest.mark.parametrize(
        ("provider", "model"),
        [
            pytest.param("openai", "gpt-99-2026-01-01", id="an unknown model"),
            pytest.param("scripted", "gpt-4o-2024-05-13", id="an unknown provider"),
            pytest.param("", "", id="no names"),
        ],
    )
    def test_leaves_the_unknown_unpriced(self, provider: str, model: str) -> None:
        usage = TokenUsage(input_tokens=10, output_tokens=10)
        assert price(usage, provider=provider, model=model) is None

    def test_reduces_what_came_from_the_providers_cache(self) -> None:
        pytest.importorskip("genai_prices", reason='the extra "prices" is not installed')
        model = "gpt-4o-2024-08-06"
        whole = price(TokenUsage(input_tokens=1000, output_tokens=0), model=model)
        usage = TokenUsage(input_tokens=1000, output_tokens=0, cached_tokens=800)
        cached = price(usage, model=model)
        assert whole is not None
        assert cached is not None
        assert 0 < cached < whole

    def test_takes_no_more_cached_tokens_than_there_are(self) -> None:
        pytest.importorskip("genai_prices", reason='the extra "prices" is not installed')
        model = "gpt-4o-2024-08-06"
        usage = TokenUsage(input_tokens=10, output_tokens=0, cached_tokens=800)
        most = TokenUsage(input_tokens=10, output_tokens=0, cached_tokens=10)
        assert price(usage, model=model) == price(most, model=model)

    def test_that_is_not_installed_leaves_everything_unpriced(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(sys.modules, "genai_prices", None)
        assert price(TokenUsage(input_tokens=10, output_tokens=10)) is None
