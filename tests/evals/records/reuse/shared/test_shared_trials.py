"""Trials of other machines are believed where the shared secret made them, for this key, lately."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import TYPE_CHECKING, Any

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from dialgate_evals.actions.trajectory import Trajectory, parse_trajectory
from dialgate_evals.errors import UsageError
from dialgate_evals.files.json_text import json_line
from dialgate_evals.records.machine_key import MachineKey
from dialgate_evals.records.reuse.shared.shared_trials import SharedTrials, open_shared
from dialgate_evals.records.reuse.shared.stores import MOST_BYTES
from dialgate_evals.suite.suite import CacheLimits, Suite, parse_suite
from tests.evals.records.reuse.shared.stand_ins import KeptInMemory
from tests.workspaces import a_refund, a_trial

if TYPE_CHECKING:
    from collections.abc import Callable

KEY, OTHER = "sha256:" + "0" * 64, "sha256:" + "1" * 64
SECRET = MachineKey((b"that all of them share",))
NOW = dt.datetime(2026, 11, 29, 12, tzinfo=dt.UTC)


def trajectory(case_id: str = "refund-000", **more: Any) -> Trajectory:
    return parse_trajectory(a_trial(case_id, [a_refund(case_id)], **more))


class Machine:
    """One machine at a store, and what it said."""

    def __init__(self, store: KeptInMemory, **more: Any) -> None:
        self.said: list[str] = []
        settings: dict[str, Any] = {
            "shown": "s3://trials", "suite": "shop", "key": SECRET, "max_age_days": 30.0,
            "may_write": True, "now": lambda: NOW, **more,
        }  # fmt: skip
        self.trials = SharedTrials(store, say=self.said.append, **settings)


@pytest.fixture
def store() -> KeptInMemory:
    return KeptInMemory()


def given_by_a_colleague(store: KeptInMemory, **more: Any) -> None:
    Machine(store, **more).trials.put_all([(KEY, trajectory())])


class TestSharing:
    def test_what_one_gave_another_gets(self, store: KeptInMemory) -> None:
        given_by_a_colleague(store)
        other = Machine(store)
        assert other.trials.get_all([OTHER, KEY]) == {KEY: trajectory()}
        assert other.said == []

    def test_many_are_asked_for_at_once(self, store: KeptInMemory) -> None:
        keys = [f"sha256:{number:064}" for number in range(401)]
        Machine(store).trials.put_all([(key, trajectory()) for key in keys])
        store.asked = 0
        assert len(Machine(store).trials.get_all(keys)) == 401
        assert store.asked == 3

    def test_which_files_an_agent_loads_is_shared(self, store: KeptInMemory) -> None:
        Machine(store).trials.keep_known_files(KEY, ["b.py", "a.py"])
        assert Machine(store).trials.known_files(KEY) == ("a.py", "b.py")
        assert Machine(store).trials.known_files(OTHER) is None
        assert Machine(store, suite="another").trials.known_files(KEY) is None

    def test_a_trial_is_no_list_of_files(self, store: KeptInMemory) -> None:
        given_by_a_colleague(store)
        (raw,) = store.entries.values()
        name = hashlib.sha256(f"loaded files\0shop\0{KEY}".encode()).hexdigest()
        store.entries = {name: raw}
        assert Machine(store).trials.known_files(KEY) is None

    def test_a_failed_trial_is_shared_like_a_passed_one(self, store: KeptInMemory) -> None:
        Machine(store).trials.put_all([(KEY, trajectory(failure="no reply within 60 s"))])
        assert Machine(store).trials.get_all([KEY])[KEY].failure == "no reply within 60 s"

    def test_one_that_could_not_be_run_is_never_shared(self, store: KeptInMemory) -> None:
        Machine(store).trials.put_all([(KEY, trajectory(error="HTTP 503"))])
        assert store.entries == {}

    def test_a_pull_request_reads_and_never_writes(self, store: KeptInMemory) -> None:
        Machine(store, may_write=False).trials.put_all([(KEY, trajectory())])
        assert store.entries == {}
        given_by_a_colleague(store)
        assert Machine(store, may_write=False).trials.get_all([KEY])

    def test_a_secret_is_turned_over_by_naming_both(self, store: KeptInMemory) -> None:
        given_by_a_colleague(store)
        new = MachineKey((b"the secret of today", *SECRET.secrets))
        assert Machine(store, key=new).trials.get_all([KEY])

    def test_a_name_in_the_store_says_nothing_of_key_or_suite(self, store: KeptInMemory) -> None:
        given_by_a_colleague(store, suite="../../etc")
        assert list(store.entries) == [
            hashlib.sha256(f"trial\0../../etc\0{KEY}".encode()).hexdigest()
        ]


def forge(store: KeptInMemory) -> None:
    given_by_a_colleague(store, key=MachineKey((b"another secret",)))


def cut(store: KeptInMemory) -> None:
    given_by_a_colleague(store)
    store.entries = {name: raw[: len(raw) // 2] for name, raw in store.entries.items()}


def cut_inside(store: KeptInMemory) -> None:
    given_by_a_colleague(store)
    inside = {name: zstandard.decompress(raw)[:-9] for name, raw in store.entries.items()}
    store.entries = {name: zstandard.compress(raw) for name, raw in inside.items()}


def move(store: KeptInMemory) -> None:
    Machine(store).trials.put_all([(OTHER, trajectory())])
    (raw,) = store.entries.values()
    store.entries = {hashlib.sha256(f"trial\0shop\0{KEY}".encode()).hexdigest(): raw}


def take_from_another_suite(store: KeptInMemory) -> None:
    given_by_a_colleague(store, suite="another")
    (raw,) = store.entries.values()
    store.entries = {hashlib.sha256(f"trial\0shop\0{KEY}".encode()).hexdigest(): raw}


def put_back(store: KeptInMemory) -> None:
    given_by_a_colleague(store, now=lambda: NOW - dt.timedelta(days=31))


def make_of_the_future(store: KeptInMemory) -> None:
    given_by_a_colleague(store, now=lambda: NOW + dt.timedelta(days=2))


def mark_for_another_purpose(store: KeptInMemory) -> None:
    given_by_a_colleague(store)
    (name,) = store.entries
    payload = json_line({"schema": 2, "key": KEY, "trajectory": trajectory().as_json()})
    mark = SECRET.mark("trial", payload).encode()
    store.entries[name] = zstandard.compress(mark + b"\n" + payload)


def blow_up(store: KeptInMemory) -> None:
    given_by_a_colleague(store)
    store.entries = dict.fromkeys(store.entries, zstandard.compress(b"0" * 2**25))


def flood(store: KeptInMemory) -> None:
    given_by_a_colleague(store)
    store.entries = dict.fromkeys(store.entries, b"0" * (MOST_BYTES + 1))


@pytest.mark.parametrize(
    ("attack", "word"),
    [
        (forge, "made without the secret"),
        (cut, "damaged"),
        (cut_inside, "damaged"),
        (move, "another trial or suite"),
        (take_from_another_suite, "another trial or suite"),
        (put_back, "older than max_age_days"),
        (make_of_the_future, "of the future"),
        (mark_for_another_purpose, "made without the secret"),
        (blow_up, "MiB"),
        (flood, "MiB"),
    ],
)
def test_an_entry_that_is_not_authentic_is_never_used(
    attack: Callable[[KeptInMemory], None], word: str, store: KeptInMemory
) -> None:
    attack(store)
    assert store.entries
    machine = Machine(store)
    assert machine.trials.get_all([KEY, KEY]) == {}
    (said,) = machine.said
    assert word in said
    assert "its trial is run" in said


@given(st.data())
def test_no_flipped_bit_is_ever_a_hit(data: st.DataObject) -> None:
    store = KeptInMemory()
    given_by_a_colleague(store)
    (name,) = store.entries
    raw = bytearray(store.entries[name])
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    store.entries[name] = bytes(raw)
    found = Machine(store).trials.get_all([KEY])
    assert found in ({}, {KEY: trajectory()})


class TestOutage:
    def test_the_run_goes_on_without_and_says_so_once(self, store: KeptInMemory) -> None:
        given_by_a_colleague(store)
        store.fails = ConnectionError("redis://:s3cret@cache refused")
        machine = Machine(store)
        assert machine.trials.get_all([KEY]) == {}
        machine.trials.put_all([(KEY, trajectory())])
        (said,) = machine.said
        assert said == (
            "s3://trials: the shared trials can't be reached (ConnectionError); the run goes on "
            "without them."
        )

    def test_nothing_is_asked_again_in_that_run(self, store: KeptInMemory) -> None:
        store.fails = TimeoutError()
        machine = Machine(store)
        machine.trials.get_all([KEY])
        store.asked = 0
        machine.trials.get_all([KEY])
        machine.trials.put_all([(KEY, trajectory())])
        assert store.asked == 0


def a_suite(url: str | None) -> Suite:
    suite = parse_suite({"name": "shop", "cases": ["*.jsonl"], "agent": {"kind": "chat"}})
    limits = CacheLimits(url=url)
    return Suite(name=suite.name, cases=suite.cases, agent=suite.agent, cache=limits)


class TestOpening:
    def test_without_a_url_nothing_is_shared(self) -> None:
        assert open_shared(a_suite(None), {}, may_write=True, say=pytest.fail) is None

    def test_without_a_shared_secret_nothing_is_shared_and_it_is_said(self) -> None:
        """The user's own secret is of this machine alone: nobody else could make such a mark."""
        said: list[str] = []
        suite = a_suite("file:///mnt/trials")
        assert open_shared(suite, {"HOME": "/root"}, may_write=True, say=said.append) is None
        assert "DIALGATE_SECRET" in said[0]

    def test_a_secret_that_can_be_guessed_is_refused(self) -> None:
        environment = {"DIALGATE_SECRET": "short"}
        with pytest.raises(UsageError, match="at least 16 characters"):
            open_shared(a_suite("file:///mnt/t"), environment, may_write=True, say=pytest.fail)
