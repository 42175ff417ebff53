"""A folder, a bucket and a Redis database keep entries alike, and lead nowhere else."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from dialgate_evals.files.store_urls import parse_store_url
from dialgate_evals.records.reuse.shared.stores import MOST_BYTES, FolderStore, Store, open_store
from tests.evals.records.reuse.shared.stand_ins import BUCKET, S3_KEYS, server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ONE, TWO, NONE = "a1" * 32, "b2" * 32, "c3" * 32
DAY_S = 86_400


@pytest.fixture(scope="module", params=["file", "s3", "redis"])
def store(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Store]:
    """An empty store of each kind."""
    if request.param == "file":
        folder = tmp_path_factory.mktemp("store")
        yield open_store(parse_store_url(f"file://{folder}"), {})
        return
    with server(request.param) as port, pytest.MonkeyPatch.context() as patched:
        for name, value in S3_KEYS.items():
            patched.setenv(name, value)
        patched.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
        url = f"s3://{BUCKET}/shop" if request.param == "s3" else f"redis://127.0.0.1:{port}/0"
        yield open_store(parse_store_url(url), S3_KEYS)


class TestEveryStore:
    def test_gives_back_what_is_there_and_nothing_else(self, store: Store) -> None:
        store.write({ONE: b"first", TWO: b"\0\xff" * 300_000}, keep_s=DAY_S)
        assert store.read([ONE, NONE, TWO]) == {ONE: b"first", TWO: b"\0\xff" * 300_000}
        assert store.read([NONE]) == {}

    def test_a_later_entry_takes_the_place_of_an_earlier(self, store: Store) -> None:
        store.write({ONE: b"first"}, keep_s=DAY_S)
        store.write({ONE: b"second"}, keep_s=DAY_S)
        assert store.read([ONE]) == {ONE: b"second"}

    def test_reads_no_more_than_the_bound(self, store: Store) -> None:
        store.write({ONE: b"0" * (2 * MOST_BYTES)}, keep_s=DAY_S)
        assert len(store.read([ONE])[ONE]) == MOST_BYTES + 1

    @pytest.mark.parametrize("name", ["../../etc/passwd", "", "a1" * 31, "A1" * 32, ONE + "\n"])
    def test_a_name_that_is_no_digest_is_refused(self, name: str, store: Store) -> None:
        with pytest.raises(ValueError, match="no name of an entry"):
            store.read([name])
        with pytest.raises(ValueError, match="no name of an entry"):
            store.write({name: b"x"}, keep_s=DAY_S)


@pytest.mark.parametrize(
    "url", ["s3://trials/shop", "redis://127.0.0.1:9/0", "file:///nowhere/at/all"]
)
def test_a_store_that_is_not_there_is_an_exception(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {**S3_KEYS, "AWS_ENDPOINT_URL": "http://127.0.0.1:9"}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(Exception):  # noqa: B017, PT011 - of whatever kind: `SharedTrials` takes any
        open_store(parse_store_url(url), S3_KEYS).read([ONE])


class TestFolder:
    def test_a_link_in_the_place_of_an_entry_is_not_followed(self, tmp_path: Path) -> None:
        secret = tmp_path / "secret"
        secret.write_text("of somebody else")
        folder = tmp_path / "store"
        (folder / ONE[:2]).mkdir(parents=True)
        (folder / ONE[:2] / ONE).symlink_to(secret)
        with pytest.raises(OSError, match="symbolic"):
            FolderStore(folder).read([ONE])
        FolderStore(folder).write({ONE: b"x"}, keep_s=1)
        assert secret.read_text() == "of somebody else"

    def test_a_pipe_in_the_place_of_an_entry_holds_nobody_up(self, tmp_path: Path) -> None:
        (tmp_path / ONE[:2]).mkdir()
        os.mkfifo(tmp_path / ONE[:2] / ONE)
        assert FolderStore(tmp_path).read([ONE]) == {ONE: b""}

    def test_what_is_half_written_has_another_name(self, tmp_path: Path) -> None:
        FolderStore(tmp_path).write({ONE: b"whole"}, keep_s=1)
        assert [path.name for path in (tmp_path / ONE[:2]).iterdir()] == [ONE]
