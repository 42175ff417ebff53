"""What a runtime gets is the lower of dial and lease, at every moment."""

from __future__ import annotations

import json
import os
import threading
from typing import TYPE_CHECKING, Any

import pytest

from dialgate_runtime import Dial, DialError, Mode
from dialgate_runtime.leases.clock import steady_clock
from dialgate_runtime.leases.lease import written
from dialgate_runtime.lookup.exported_dial import bound_digest
from tests.runtime.lease_builders import HOUR, KEY, NOON, OTHER, SUBJECT, lease, pem, put

if TYPE_CHECKING:
    from pathlib import Path


class Clock:
    """A moment that tests move."""

    def __init__(self) -> None:
        self.now = NOON + 60

    def __call__(self) -> float:
        return self.now

    def pass_on(self, seconds: float = 1.0) -> None:
        self.now += seconds


def a_class(name: str, effect: str = "write", mode: str = "on_the_loop") -> dict[str, Any]:
    return {
        "action_class": name,
        "effect": effect,
        "tools": [name],
        "when": None,
        "checks": [],
        "mode": mode,
        "lease": None,
    }


def exported(**over: Any) -> dict[str, Any]:
    """refund.small and look, both on the loop; only the first is a write."""
    classes = [a_class("refund.small"), a_class("look", "read")]
    return {
        "schema": 1,
        "suite": SUBJECT.suite,
        "release": {"name": "desk", "version": "1", "fingerprint": SUBJECT.release},
        "default": "in_the_loop",
        "classes": classes,
        "tools": {
            item["action_class"]: {
                "strictest": item["mode"],
                "no_object": "in_the_loop",
                "exact": True,
                "arguments": [],
                "defaults": {},
                "classes": [item["action_class"]],
            }
            for item in classes
        },
        "lease": {"schema": 1, "required": True, "keys": [pem()]},
        **over,
    }


def a_lease(key: Any = KEY, **over: Any) -> bytes:
    return lease(key, classes=bound_digest(exported()), **over)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def loaded(folder: Path, clock: Clock, **over: Any) -> Dial:
    path = folder / "dial.json"
    path.write_text(json.dumps(exported(**over)), "utf-8")
    return Dial.load(path, leases=folder / "lease", clock=clock)


def asked(dial: Dial) -> str:
    return dial.mode("refund.small", {}).value


class TestFolder:
    """A file that counts opens what it says, until its end, and nothing else does."""

    def test_with_a_lease_it_is_what_both_say(self, tmp_path: Path, clock: Clock) -> None:
        put(tmp_path / "lease", a_lease())
        assert asked(loaded(tmp_path, clock)) == "on_the_loop"

    def test_without_one_people_decide(self, tmp_path: Path, clock: Clock) -> None:
        dial = loaded(tmp_path, clock)
        assert asked(dial) == "in_the_loop"
        (standing, *_) = dial.standings()
        assert standing.why == "No lease: there is no file; in the loop until there is one."

    def test_what_only_reads_needs_none(self, tmp_path: Path, clock: Clock) -> None:
        assert loaded(tmp_path, clock).mode("look", {}) is Mode.ON_THE_LOOP

    def test_it_ends_in_the_very_moment(self, tmp_path: Path, clock: Clock) -> None:
        put(tmp_path / "lease", a_lease())
        dial = loaded(tmp_path, clock)
        clock.now = NOON + HOUR - 0.001
        assert asked(dial) == "on_the_loop"
        clock.now = NOON + HOUR
        assert asked(dial) == "in_the_loop"

    def test_a_renewed_one_goes_on(self, tmp_path: Path, clock: Clock) -> None:
        put(tmp_path / "lease", a_lease())
        dial = loaded(tmp_path, clock)
        clock.now = NOON + HOUR - 1
        put(
            tmp_path / "lease",
            a_lease(issued_at=written(clock.now), not_after=written(clock.now + HOUR)),
        )
        clock.now = NOON + HOUR + 1
        assert asked(dial) == "on_the_loop"

    @pytest.mark.parametrize("mode", Mode)
    def test_the_lower_of_both_counts(self, mode: Mode, tmp_path: Path, clock: Clock) -> None:
        put(tmp_path / "lease", a_lease(mode=mode.value))
        expected = min(mode, Mode.ON_THE_LOOP, key=lambda item: item.rank)
        assert asked(loaded(tmp_path, clock)) == expected.value

    def test_taken_away_it_counts_no_longer(self, tmp_path: Path, clock: Clock) -> None:
        path = put(tmp_path / "lease", a_lease())
        dial = loaded(tmp_path, clock)
        path.unlink()
        clock.pass_on()
        assert asked(dial) == "in_the_loop"

    def test_an_older_one_put_back_is_none(self, tmp_path: Path, clock: Clock) -> None:
        """A lease is lowered, and somebody replays the one before."""
        put(tmp_path / "lease", a_lease())
        dial = loaded(tmp_path, clock)
        put(tmp_path / "lease", a_lease(mode="in_the_loop", issued_at=written(NOON + 30)))
        clock.pass_on()
        assert asked(dial) == "in_the_loop"
        put(tmp_path / "lease", a_lease())
        clock.pass_on()
        assert asked(dial) == "in_the_loop"
        (standing, *_) = dial.standings()
        assert "older than one that was here before" in standing.why

    def test_of_another_class_it_is_none(self, tmp_path: Path, clock: Clock) -> None:
        put(tmp_path / "lease", a_lease(action_class="look"))
        assert asked(loaded(tmp_path, clock)) == "in_the_loop"

    def test_a_dial_with_other_conditions_has_none(self, tmp_path: Path, clock: Clock) -> None:
        put(tmp_path / "lease", a_lease())
        wider = exported()["classes"]
        wider[0]["tools"].append("refund_all")
        assert asked(loaded(tmp_path, clock, classes=wider)) == "in_the_loop"

    def test_a_pipe_in_its_place_holds_nobody_up(self, tmp_path: Path, clock: Clock) -> None:
        (tmp_path / "lease").mkdir()
        os.mkfifo(tmp_path / "lease" / "refund.small.json")
        assert asked(loaded(tmp_path, clock)) == "in_the_loop"

    def test_a_link_is_followed_as_mounted_volumes_have_them(
        self, tmp_path: Path, clock: Clock
    ) -> None:
        real = put(tmp_path / "..data", a_lease())
        (tmp_path / "lease").mkdir()
        (tmp_path / "lease" / "refund.small.json").symlink_to(real)
        assert asked(loaded(tmp_path, clock)) == "on_the_loop"

    def test_a_name_leads_out_of_no_folder(self, tmp_path: Path, clock: Clock) -> None:
        from dialgate_runtime.leases.lease_folder import lease_file_name

        assert lease_file_name("../../etc/passwd") == "..%2F..%2Fetc%2Fpasswd.json"
        assert lease_file_name("refund.small") == "refund.small.json"


class TestNotRequired:
    """A workspace of today keeps its modes; a lease that says less still counts."""

    RULES = ("schema", 1), ("required", False)

    def test_without_one_the_dial_counts(self, tmp_path: Path, clock: Clock) -> None:
        dial = loaded(tmp_path, clock, lease={**dict(self.RULES), "keys": [pem()]})
        assert asked(dial) == "on_the_loop"
        (standing, *_) = dial.standings()
        assert standing.why == "No lease: there is no file; none is required."

    def test_one_that_says_less_counts(self, tmp_path: Path, clock: Clock) -> None:
        put(tmp_path / "lease", a_lease(mode="in_the_loop"))
        dial = loaded(tmp_path, clock, lease={**dict(self.RULES), "keys": [pem()]})
        assert asked(dial) == "in_the_loop"

    def test_a_runtime_can_ask_for_more_than_the_file(self, tmp_path: Path, clock: Clock) -> None:
        path = tmp_path / "dial.json"
        path.write_text(json.dumps(exported(lease=None)), "utf-8")
        assert asked(Dial.load(path, clock=clock)) == "on_the_loop"
        assert asked(Dial.load(path, required=True, clock=clock)) == "in_the_loop"


class TestHeld:
    """Without a folder the leases count that were verified when the dial was written."""

    def test_one_counts_until_its_end(self, tmp_path: Path, clock: Clock) -> None:
        classes = exported()["classes"]
        classes[0]["lease"] = {"mode": "on_the_loop", "issued_at": NOON, "not_after": NOON + HOUR}
        path = tmp_path / "dial.json"
        path.write_text(json.dumps(exported(classes=classes)), "utf-8")
        dial = Dial.load(path, clock=clock)
        assert asked(dial) == "on_the_loop"
        clock.now = NOON + HOUR
        assert asked(dial) == "in_the_loop"


class TestRulesFile:
    """A key is revoked without another release."""

    def test_a_revoked_key_counts_no_longer(self, tmp_path: Path, clock: Clock) -> None:
        from dialgate_runtime.leases.rules import read_key

        put(tmp_path / "lease", a_lease())
        (tmp_path / "dial.json").write_text(json.dumps(exported()), "utf-8")
        path = tmp_path / "rules.json"
        rules = {"schema": 1, "required": True, "keys": [pem(), pem(OTHER)]}
        path.write_text(json.dumps(rules), "utf-8")
        dial = Dial.load(tmp_path / "dial.json", leases=tmp_path / "lease", rules=path, clock=clock)
        assert asked(dial) == "on_the_loop"
        path.write_text(json.dumps({**rules, "revoked": [read_key(pem())[0]]}), "utf-8")
        clock.pass_on()
        assert asked(dial) == "in_the_loop"
        put(tmp_path / "lease", a_lease(OTHER, issued_at=written(NOON + 1)))
        clock.pass_on()
        assert asked(dial) == "on_the_loop"

    @pytest.mark.parametrize("content", [None, b"", b"{}", b'{"schema": 1, "required": false}'])
    def test_one_that_cannot_be_read_knows_no_key(
        self, content: bytes | None, tmp_path: Path, clock: Clock
    ) -> None:
        put(tmp_path / "lease", a_lease())
        (tmp_path / "dial.json").write_text(json.dumps(exported()), "utf-8")
        path = tmp_path / "rules.json"
        if content is not None:
            path.write_bytes(content)
        dial = Dial.load(tmp_path / "dial.json", leases=tmp_path / "lease", rules=path, clock=clock)
        assert asked(dial) == "in_the_loop"


class TestClock:
    """A clock that is set back makes no lease live longer."""

    def test_set_back_it_is_not_followed(self) -> None:
        wall, passed = [1000.0], [5.0]
        now = steady_clock(lambda: wall[0], lambda: passed[0])
        wall[0], passed[0] = 500.0, 65.0
        assert now() == 1060.0

    def test_set_forward_it_is_until_it_is_right_again(self) -> None:
        wall, passed = [1000.0], [5.0]
        now = steady_clock(lambda: wall[0], lambda: passed[0])
        wall[0] = 9000.0
        assert now() == 9000.0
        wall[0], passed[0] = 1010.0, 15.0
        assert now() == 1010.0


def test_a_file_that_cannot_be_used_is_refused_with_every_problem(tmp_path: Path) -> None:
    path = tmp_path / "dial.json"
    document = exported(default="god_mode")
    document["classes"][0]["mode"] = "free"
    document["tools"]["look"]["classes"] = ["nobody"]
    path.write_text(json.dumps(document), "utf-8")
    with pytest.raises(DialError) as failure:
        Dial.load(path)
    assert failure.value.problems == (
        "default: 'god_mode' is no mode",
        "classes[0]: 'free' is no mode",
        "tools['look']: classes that are none",
    )


@pytest.mark.parametrize("raw", [b"", b"[]", b"{}", b"\xff", b'{"schema": 1, "schema": 1}'])
def test_a_file_that_is_no_dial_is_refused(raw: bytes, tmp_path: Path) -> None:
    (tmp_path / "dial.json").write_bytes(raw)
    with pytest.raises(DialError):
        Dial.load(tmp_path / "dial.json")


def test_many_threads_see_one_end(tmp_path: Path, clock: Clock) -> None:
    put(tmp_path / "lease", a_lease())
    dial = loaded(tmp_path, clock)
    clock.now = NOON + HOUR
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(asked(dial))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["in_the_loop"] * 8
