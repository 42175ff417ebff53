"""Which side of a check each key of suite.toml is on: declared in the schema, once."""

from __future__ import annotations

from typing import Any

import pytest

from dialgate_evals.files.schema_validation import file_schema
from dialgate_evals.suite.sides import Harmless, Side, key_sides
from dialgate_evals.suite.suite import Network, parse_suite

SUITE: dict[str, Any] = {
    "schema": 1,
    "name": "desk",
    "cases": ["cases/*.jsonl"],
    "agent": {"kind": "python", "target": "agent:respond"},
}


def test_every_key_of_the_schema_has_a_side() -> None:
    tables = file_schema("suite")["properties"]
    expected = {
        (name, *([inner] if inner else []))
        for name, node in tables.items()
        for inner in (node["properties"] if node.get("type") == "object" else [None])
    }
    assert {item.key for item in key_sides()} == expected


@pytest.mark.parametrize(
    "key",
    [
        ("agent", "target"),
        ("agent", "isolation"),
        ("agent", "interpreter"),
        ("agent", "base_url"),
        ("agent", "api_key_env"),
        ("agent", "env"),
        ("agent", "needs"),
        ("agent", "network"),
        ("agent", "memory_mb"),
        ("tools", "simulator"),
        ("tools", "record_missing"),
        ("cache", "url"),
        ("prices", "input"),
        ("redact", "pointers"),
        ("secrets", "env"),
        ("timeout_s",),
        ("retries",),
    ],
)
def test_what_decides_is_the_judges_and_no_change_of_it_is_harmless(key: tuple[str, ...]) -> None:
    item = next(item for item in key_sides() if item.key == key)
    assert (item.side, item.harmless) == (Side.JUDGE, Harmless.NEVER)


def test_the_settings_of_a_real_agent_are_read() -> None:
    agent = {
        **SUITE["agent"],
        "pythonpath": ["../../src"],
        "env": ["LANG"],
        "env_file": ".env",
        "needs": ["models/"],
        "network": "loopback",
        "working_folder": "../..",
    }
    found = parse_suite({**SUITE, "agent": agent, "tools": {"record_missing": ["get_order"]}})
    assert found.agent.pythonpath == ("../../src",)
    assert found.agent.env == ("LANG",)
    assert found.agent.env_file == ".env"
    assert found.agent.needs == ("models/",)
    assert found.agent.network is Network.LOOPBACK
    assert found.agent.working_folder == "../.."
    assert found.record_missing == ("get_order",)


def test_without_a_word_the_network_is_open_and_nothing_else_is_taken() -> None:
    found = parse_suite(SUITE)
    assert found.agent.network is Network.OPEN
    assert (found.agent.env, found.agent.needs, found.agent.pythonpath) == ((), (), ())
    assert found.cache.url is None
