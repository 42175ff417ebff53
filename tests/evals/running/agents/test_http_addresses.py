"""Addresses of agents behind HTTP, and how long they ask to wait."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialgate_evals.errors import UsageError
from dialgate_evals.running.agents.http import HttpAgent
from dialgate_evals.running.agents.http_connection import (
    parse_address,
)
from dialgate_evals.running.agents.retry_after import parse_retry_after
from dialgate_evals.running.simulation.loopback import is_loopback
from tests.evals.running.http_servers import (
    live_suite,
)

if TYPE_CHECKING:
    from pathlib import Path

NOON = dt.datetime(2026, 11, 23, 12, 0, tzinfo=dt.UTC)


class TestAddresses:
    @pytest.mark.parametrize(
        ("url", "authority", "target", "port"),
        [
            ("http://127.0.0.1:8000/act", "127.0.0.1:8000", "/act", 8000),
            ("http://agent.example", "agent.example", "/", 80),
            ("https://agent.example/a b?c=d e", "agent.example", "/a%20b?c=d%20e", 443),
            ("http://[::1]:8/x", "[::1]:8", "/x", 8),
            ("http://bücher.example/", "xn--bcher-kva.example", "/", 80),
        ],
    )
    def test_are_taken_apart(self, url: str, authority: str, target: str, port: int) -> None:
        found = parse_address(url)
        assert (found.authority, found.target, found.port) == (authority, target, port)

    @pytest.mark.parametrize(
        "url",
        ["ftp://x/", "http://", "http://user:word@x/", "http://x:port/", "http://a..b/", "x"],
    )
    def test_that_cannot_be_used_are_refused(self, url: str, tmp_path: Path) -> None:
        with pytest.raises(ValueError, match=r"\w"):
            parse_address(url)

    def test_a_password_in_the_suite_is_a_usage_error(self, tmp_path: Path) -> None:
        workspace = live_suite(tmp_path, 'kind = "http"\nurl = "http://a:b@127.0.0.1/"')
        with pytest.raises(UsageError, match="a user name or password in the address"):
            HttpAgent(workspace.suite)

    @given(st.text())
    def test_any_text_is_an_address_or_a_value_error(self, text: str) -> None:
        try:
            found = parse_address("http://" + text)
        except ValueError:
            return
        assert (found.target + found.authority).isascii(), "as they stand in a request's head"

    @pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "127.1.2.3", "::1"])
    def test_loopback_is_known(self, host: str) -> None:
        assert is_loopback(host)

    @pytest.mark.parametrize("host", ["localhost.example", "10.0.0.1", "", "128.0.0.1", "::2"])
    def test_what_is_not_loopback_is_known(self, host: str) -> None:
        assert not is_loopback(host)


class TestRetryAfter:
    @pytest.mark.parametrize(
        ("value", "seconds"),
        [
            ("0", 0.0),
            (" 12 ", 12.0),
            ("Mon, 23 Nov 2026 12:01:00 GMT", 60.0),
            ("Monday, 23-Nov-26 12:01:00 GMT", 60.0),
            ("Mon, 23 Nov 2026 11:59:00 GMT", 0.0),
            (None, None),
            ("", None),
            ("-5", None),
            ("1.5", None),
            ("9" * 50, None),
            ("tomorrow", None),
        ],
    )
    def test_is_seconds_or_a_date(self, value: str | None, seconds: float | None) -> None:
        assert parse_retry_after(value, now=NOON) == seconds

    @given(st.text())
    def test_any_text_is_no_error(self, value: str) -> None:
        found = parse_retry_after(value, now=NOON)
        assert found is None or found >= 0
