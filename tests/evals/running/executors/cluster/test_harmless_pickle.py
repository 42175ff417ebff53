"""While a cluster is connected, nothing that Dask unpickles here builds anything."""

from __future__ import annotations

import os
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialgate_evals.running.executors.cluster.dask_side.harmless_pickle import (
    RefusedPickleError,
    harmless_loads,
    harmless_pickles,
)
from tests.needed.extras import need

need("distributed", "the extra `cluster` is not installed")


class Harmful:
    def __reduce__(self) -> Any:
        return os.system, ("echo harm",)


@given(st.recursive(st.none() | st.integers() | st.text() | st.binary(), st.lists, max_leaves=9))
def test_plain_data_is_read(value: Any) -> None:
    assert harmless_loads(pickle.dumps(value)) == value


@pytest.mark.parametrize(
    "value", [Harmful(), ValueError("x"), os.system, eval, {"deep": [Harmful()]}, type, object()]
)
def test_whatever_names_a_thing_is_refused(value: Any) -> None:
    with pytest.raises(RefusedPickleError):
        harmless_loads(pickle.dumps(value))


def test_a_call_of_what_may_be_named_builds_no_more_than_bytes() -> None:
    assert harmless_loads(pickle.dumps(bytearray(b"ab"))) == bytearray(b"ab")
    assert harmless_loads(pickle.dumps(bytes)) is bytes


def test_every_way_in_which_dask_reads_a_message_is_closed_and_opened_again() -> None:
    from distributed import client
    from distributed.core import clean_exception
    from distributed.protocol.core import dumps, loads
    from distributed.protocol.serialize import ToPickle, to_serialize

    messages = [dumps({"x": to_serialize(Harmful())}), dumps({"x": ToPickle(Harmful())})]
    plain = dumps({"x": to_serialize(b"bytes")})
    with harmless_pickles(), harmless_pickles():
        for frames in messages:
            with pytest.raises(RefusedPickleError):
                loads(frames)
        assert loads(plain) == {"x": b"bytes"}
        kind, error, trace = clean_exception(pickle.dumps(ValueError("x")), pickle.dumps(Harmful()))
        assert kind is Exception
        assert error is not None
        assert b"ValueError" in error.args[0]
        assert trace is None
        with pytest.raises(RefusedPickleError):
            client._handle_warn((0, {"message": pickle.dumps(Harmful())}))
    assert isinstance(loads(dumps({"x": to_serialize(ValueError("x"))}))["x"], ValueError)
