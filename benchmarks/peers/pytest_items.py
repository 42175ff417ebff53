"""Bare pytest items: `pytest pytest_items.py`, one parametrised test a case."""

import os
import time

import pytest

DELAY_S = float(os.environ["DELAY_S"])


@pytest.mark.parametrize("number", range(int(os.environ["CASES"])))
def test_case(number: int) -> None:
    if DELAY_S:
        time.sleep(DELAY_S)
    call = {"name": "refund", "arguments": {"id": f"A-{number}", "amount": 10}}
    assert call == {"name": "refund", "arguments": {"id": f"A-{number}", "amount": 10}}
