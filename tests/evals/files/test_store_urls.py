"""Addresses of shared stores: three forms, no secrets, no ways out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialgate_evals.files.store_urls import parse_store_url


@pytest.mark.parametrize(
    "url",
    [
        "file:///mnt/trials",
        "s3://trials",
        "s3://trials.of-all/shop/main",
        "redis://cache",
        "redis://cache:6379/2",
        "rediss://cache.example.com:6380/0",
    ],
)
def test_a_store_is_shown_as_it_was_named(url: str) -> None:
    assert str(parse_store_url(url)) == url


@pytest.mark.parametrize(
    "url",
    [
        "redis://user:hunter22@cache/0",
        "redis://:hunter22@cache/0",
        "s3://hunter22@trials",
        "s3://trials?secret=hunter22",
        "redis://cache/0#hunter22",
        "https://trials.example.com/hunter22",
        "file://hunter22",
        "file:hunter22",
        "file:///",
        "file:///mnt/../etc",
        "file:///mnt/%2e%2e/etc",
        "s3://trials/../other",
        "s3://trials//other",
        "s3://Trials",
        "s3:///trials",
        "redis:///0",
        "redis://cache/0/1",
        "redis://cache/hunter22",
        "redis://cache:port/0",
        "",
    ],
)
def test_anything_else_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(ValueError, match=r"[a-z]") as refused:
        parse_store_url(url)
    assert "hunter22" not in str(refused.value)


@given(st.text(max_size=20), st.sampled_from(["file:///", "s3://trials/", "redis://cache/"]))
def test_no_text_leads_out_of_the_folder(text: str, start: str) -> None:
    try:
        url = parse_store_url(start + text)
    except ValueError:
        return
    assert ".." not in url.path.split("/")
    assert "\0" not in url.path
