"""A case as an item of a YAML list says what it said, whatever letters its texts hold."""

from __future__ import annotations

import pytest

from dialgate.cases.yaml_cases import yaml_item
from dialgate_evals.files.yaml_text import parse_yaml


@pytest.mark.parametrize(
    "text",
    ["no", "1:30", "# x", "=", "a: b", "line 1\nline 2\n", "tab\there", "a\0b", "\ufeffx", "  ",
     "x\u2028y", "a\x85b \u00e4", "\U0001f600", "2026-11-01", "0o17", "08",
     "1e3", "+1", ".5", "<<", "*a", "&a", "'\"\\"],
)  # fmt: skip
def test_a_written_item_is_read_as_it_was(text: str) -> None:
    case = {"id": text, "messages": [{"role": "user", "content": text}], "critical": True}
    assert parse_yaml(yaml_item(case)).value == [case]
