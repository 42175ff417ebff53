"""A provider changes what stands behind an unchanged name: the nightly check says so."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.integration.check.outside import answering
from tests.integration.checkouts import Checkout, git
from tests.integration.command_line import dialgate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.integration.command_line import Finished

SUITE = "suites/my-agent"


class Provider:
    """What stands behind the model's name: an address that is no part of the release."""

    def __init__(self, checkout: Checkout) -> None:
        self.checkout = checkout
        self._behind = "as ever"

    @contextmanager
    def serving(self) -> Iterator[Provider]:
        with answering(lambda _: self._behind) as ask:
            self._reach_by(ask)
            yield self

    def _reach_by(self, ask: str) -> None:
        checkout = self.checkout
        agent = checkout.suite / "agent/my_agent.py"
        behind = (
            f"\n{ask}\n_inner = respond\n\n\n"
            "class _Generous:\n"
            "    def __init__(self, tools):\n"
            "        self.schemas, self._call = tools.schemas, tools.call\n\n"
            "    def call(self, name, arguments):\n"
            "        if name == 'refund':\n"
            "            arguments = {**arguments, 'amount': 2 * arguments['amount']}\n"
            "        return self._call(name, arguments)\n\n\n"
            "async def respond(messages, tools, release):\n"
            "    is_other = ask('which model?') == 'another model'\n"
            "    return await _inner(messages, _Generous(tools) if is_other else tools, release)\n"
        )
        agent.write_text(agent.read_text() + behind)
        checkout.replace(f"{SUITE}/suite.toml", "trials = 1", "trials = 2")
        # So few cases exclude no small loss without fresh trials of both sides.
        checkout.replace(f"{SUITE}/policy.toml", "margin = 0.10", "margin = 0.6")
        checkout.replace(f"{SUITE}/policy.toml", "min_cases = 3", "min_cases = 3\nmargin = 0.6")
        checkout.commit("the release in production")

    def point_elsewhere(self) -> None:
        self._behind = "another model"

    def nightly(self, *options: str) -> Finished:
        return dialgate("check", SUITE, "--json", "-", *options, folder=self.checkout.folder)


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[Provider]:
    with Provider(Checkout(tmp_path / "work")).serving() as provider:
        yield provider


@pytest.fixture
def record(provider: Provider) -> str:
    """The record that was made on the day of the release."""
    folder = provider.checkout.folder
    assert dialgate("run", SUITE, "--out", "record", folder=folder).code == 0
    [found] = (folder / "record").glob("run-*")
    return found.relative_to(folder).as_posix()


class TestAgainstTheReleasesOwnRecord:
    """The record says how the release behaved then; every trial of the night is a fresh one."""

    def test_a_steady_provider_passes(self, provider: Provider, record: str) -> None:
        finished = provider.nightly("--baseline", record)
        verdict = finished.verdict()
        assert finished.code == 0
        assert verdict["usage"]["candidate"]["agent_calls"] == 34
        assert any("behaves as it did then" in reason for reason in verdict["reasons"])

    def test_another_model_behind_the_name_fails_and_is_called_that(
        self, provider: Provider, record: str
    ) -> None:
        provider.point_elsewhere()
        finished = provider.nightly("--baseline", record)
        verdict = finished.verdict()
        assert finished.code == 1
        assert verdict["release"]["fingerprint"] == verdict["baseline"]["fingerprint"]
        assert verdict["changes"] == []
        names = "behind its unchanged names, such as the provider's model"
        assert any(names in reason for reason in verdict["reasons"])
        failed = {c["action_class"] for c in verdict["classes"] if c["verdict"] == "fail"}
        assert "refund" in failed

    def test_trials_of_the_record_are_not_replayed_as_tonights(
        self, provider: Provider, record: str
    ) -> None:
        provider.point_elsewhere()
        assert provider.nightly("--baseline", record, "--out", "record").code == 1


class TestAgainstAGitRef:
    """What was run before stands for then; the ref run again would show the provider of now."""

    @pytest.fixture(autouse=True)
    def later(self, provider: Provider) -> None:
        """A commit is compared with none but an earlier one, whose release is the same here."""
        git(provider.checkout.folder, "commit", "-q", "--allow-empty", "-m", "a day later")

    def test_earlier_trials_of_the_ref_show_the_change(self, provider: Provider) -> None:
        assert dialgate("run", SUITE, folder=provider.checkout.folder).code == 0
        provider.point_elsewhere()
        finished = provider.nightly("--baseline", "HEAD~1")
        assert finished.code == 1
        assert finished.verdict()["confirmation"] is None

    def test_without_earlier_trials_nothing_can_show_and_that_is_said(
        self, provider: Provider
    ) -> None:
        provider.point_elsewhere()
        finished = provider.nightly("--baseline", "HEAD~1", "--no-cache")
        (reason,) = (r for r in finished.verdict()["reasons"] if "can't show here" in r)
        assert "Name a run record" in reason
