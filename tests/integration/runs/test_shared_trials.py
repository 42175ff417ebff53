"""Two machines with one secret and one store: what one ran, the other replays."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from dialgate_evals.records.reuse.shared.stores import PASSWORD_VARIABLE
from tests.evals.records.reuse.shared.stand_ins import BUCKET, S3_KEYS, server
from tests.integration.command_line import Finished, dialgate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SUITE = "suites/my-agent"
SECRET = {"DIALGATE_SECRET": "a-secret-that-both-of-them-have"}
PASSWORD = "hunter22-of-the-store"


@pytest.fixture(scope="module")
def scaffolded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scaffolded")
    assert dialgate("init", folder, folder=folder).code == 0
    return folder


class Machines:
    """Checkouts of one project, each with an output folder and a user of its own."""

    def __init__(self, scaffolded: Path, folder: Path, url: str) -> None:
        self._folder = folder
        self._checkout = folder / "checkout"
        shutil.copytree(scaffolded, self._checkout)
        suite = self._checkout / SUITE / "suite.toml"
        suite.write_text(f'{suite.read_text()}\n[cache]\nurl = "{url}"\n')

    def run(self, name: str, *arguments: str, **environment: str) -> tuple[Finished, Any]:
        """A run on that machine, and its run.json."""
        folder = self._folder / name
        if not folder.exists():
            shutil.copytree(self._checkout, folder)
        home = {"HOME": str(folder), "XDG_CONFIG_HOME": "", "GITHUB_EVENT_NAME": "push"}
        done = dialgate(
            "run", SUITE, *arguments, folder=folder, **{**home, **SECRET, **environment}
        )
        assert done.code == 0, done.err
        records = (folder / ".dialgate").glob("run-*/run.json")
        newest = max(records, key=lambda path: path.stat().st_mtime_ns)
        return done, json.loads(newest.read_text())["counts"]


@pytest.fixture
def machines(scaffolded: Path, tmp_path: Path) -> Machines:
    (tmp_path / "store").mkdir()
    return Machines(scaffolded, tmp_path, f"file://{tmp_path / 'store'}")


def test_a_machine_that_never_saw_the_release_runs_nothing_again(machines: Machines) -> None:
    assert machines.run("one")[1]["agent_calls"] == 17
    _, counts = machines.run("two")
    assert (counts["agent_calls"], counts["cached"]) == (0, 17)


def test_shards_share_what_the_whole_run_left(machines: Machines) -> None:
    machines.run("one")
    for number in (1, 2):
        assert machines.run(f"shard-{number}", "--shard", f"{number}/2")[1]["agent_calls"] == 0


def test_without_the_secret_everything_is_run_and_it_is_said(machines: Machines) -> None:
    machines.run("one")
    done, counts = machines.run("two", DIALGATE_SECRET="")
    assert counts["agent_calls"] == 17
    assert "shared trials are not used" in done.err


def test_another_secrets_trials_are_run_again(machines: Machines) -> None:
    machines.run("one", DIALGATE_SECRET="a-secret-of-somebody-else")
    done, counts = machines.run("two")
    assert counts["agent_calls"] == 17
    assert "made without the secret" in done.err


def test_a_pull_request_leaves_nothing(machines: Machines) -> None:
    machines.run("one", GITHUB_EVENT_NAME="pull_request")
    assert machines.run("two")[1]["agent_calls"] == 17
    assert machines.run("three", GITHUB_EVENT_NAME="pull_request")[1]["agent_calls"] == 0


def test_no_cache_asks_nobody(machines: Machines) -> None:
    machines.run("one")
    assert machines.run("two", "--no-cache")[1]["agent_calls"] == 17


def test_an_outage_costs_the_trials_and_no_more(scaffolded: Path, tmp_path: Path) -> None:
    machines = Machines(scaffolded, tmp_path, "redis://127.0.0.1:9/0")
    done, counts = machines.run("one", **{PASSWORD_VARIABLE: PASSWORD})
    assert counts["agent_calls"] == 17
    assert done.err.count("the run goes on without them") == 1


@pytest.fixture(params=["s3", "redis"])
def served(request: pytest.FixtureRequest) -> Iterator[tuple[str, dict[str, str]]]:
    """A URL of a running server and what the environment says to reach it."""
    with server(request.param) as port:
        if request.param == "s3":
            endpoint = {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}"}
            yield f"s3://{BUCKET}/shop", {**S3_KEYS, **endpoint}
        else:
            yield f"redis://127.0.0.1:{port}/0", {}


def test_a_bucket_and_a_database_share_too_and_no_credential_is_on_record(
    served: tuple[str, dict[str, str]], scaffolded: Path, tmp_path: Path
) -> None:
    url, environment = served
    machines = Machines(scaffolded, tmp_path, url)
    assert machines.run("one", **environment)[1]["agent_calls"] == 17
    done, counts = machines.run("two", **environment)
    assert (counts["agent_calls"], counts["cached"]) == (0, 17)
    assert "shared" not in done.err
    secret = S3_KEYS["AWS_SECRET_ACCESS_KEY"].encode()
    for path in (tmp_path / "two").rglob("*"):
        assert not path.is_file() or secret not in path.read_bytes()


@pytest.mark.parametrize(
    "url", [f"redis://:{PASSWORD}@cache/0", "file:///mnt/../etc", f"s3://trials?key={PASSWORD}"]
)
def test_an_address_that_says_more_is_a_configuration_error(
    url: str, scaffolded: Path, tmp_path: Path
) -> None:
    machines = Machines(scaffolded, tmp_path, url)
    done = dialgate("run", SUITE, folder=tmp_path / "checkout", **SECRET)
    assert done.code == 2
    assert "cache.url: found an address of no store" in done.err
    assert PASSWORD not in done.err + done.out
    del machines
