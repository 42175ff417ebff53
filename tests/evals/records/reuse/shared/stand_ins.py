"""What stands in for a shared store: a dictionary, and servers on loopback of `make warehouses`."""

from __future__ import annotations

import os
import subprocess
import urllib.request
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.integration.events.snowflake_server import SERVERS, environment_python

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

BUCKET = "trials"
S3_KEYS = {
    "AWS_ACCESS_KEY_ID": "stand-in",
    "AWS_SECRET_ACCESS_KEY": "s3cret-of-the-bucket",
    "AWS_REGION": "us-east-1",
    "AWS_ALLOW_HTTP": "true",
    "NO_PROXY": "127.0.0.1",
}


class KeptInMemory:
    """A store whose entries a test can look at and change; `fails` lets it be out of reach."""

    def __init__(self) -> None:
        self.entries: dict[str, bytes] = {}
        self.fails: Exception | None = None
        self.asked = 0

    def read(self, names: Sequence[str]) -> Mapping[str, bytes]:
        self._ask()
        return {name: self.entries[name] for name in names if name in self.entries}

    def write(self, entries: Mapping[str, bytes], *, keep_s: int) -> None:
        del keep_s
        self._ask()
        self.entries.update(entries)

    def _ask(self) -> None:
        self.asked += 1
        if self.fails is not None:
            raise self.fails


@contextmanager
def server(kind: str) -> Iterator[int]:
    """The port of a running `s3` or `redis` server; the bucket is there."""
    command = [str(environment_python("stores")), "-I", str(SERVERS / "stores_server.py"), kind]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        text=True, env={**os.environ, "NO_PROXY": "127.0.0.1"},
    ) as child:  # fmt: skip
        try:
            assert child.stdout is not None
            port = int(child.stdout.readline())
            if kind == "s3":
                _make_bucket(port)
            yield port
        finally:
            child.kill()


def _make_bucket(port: int) -> None:
    request = urllib.request.Request(f"http://127.0.0.1:{port}/{BUCKET}", method="PUT", data=b"")
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request):
        pass
