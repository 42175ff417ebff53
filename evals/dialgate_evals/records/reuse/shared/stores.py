"""Stores of shared entries behind one small protocol: a folder, a bucket, a Redis database.

Knows how names become files, objects and keys, and that nothing is read beyond a bound. A store is
foreign: what it gives back is checked by `shared_trials`. Credentials come from the environment.
"""

from __future__ import annotations

import asyncio
import os
import re
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from dialgate_evals.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterable, Mapping, Sequence

    from dialgate_evals.files.store_urls import StoreUrl

MOST_BYTES = 2**20
"""Of one entry: a larger one is neither read nor written."""

USER_VARIABLE, PASSWORD_VARIABLE = "DIALGATE_CACHE_USER", "DIALGATE_CACHE_PASSWORD"
_WAIT_S = 10.0
_NAME = re.compile(r"[0-9a-f]{64}")


class Store(Protocol):
    """Bytes by name; every failure of the store is an exception of whatever kind."""

    def read(self, names: Sequence[str]) -> Mapping[str, bytes]:
        """What is there of these, each at most MOST_BYTES + 1 long."""
        ...

    def write(self, entries: Mapping[str, bytes], *, keep_s: int) -> None:
        """Writes each whole or not at all; a store that forgets may do so after `keep_s`."""
        ...


def open_store(url: StoreUrl, environment: Mapping[str, str]) -> Store:
    """The store; nothing is reached yet. Raises UsageError where its extra is not installed."""
    try:
        if url.scheme == "file":
            return FolderStore(Path(url.path))
        return BucketStore(url, environment) if url.scheme == "s3" else RedisStore(url, environment)
    except ImportError:
        raise UsageError(
            f'{url}: shared trials need the extra "cache": pip install "dialgate[cache]".'
        ) from None


def checked(names: Iterable[str]) -> list[str]:
    """The names. Raises ValueError for one that is no digest, and could lead elsewhere."""
    listed = list(names)
    for name in listed:
        if not _NAME.fullmatch(name):
            raise ValueError(f"no name of an entry: {name[:80]!r}")
    return listed


class FolderStore:
    """A folder that machines share, as by NFS."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, names: Sequence[str]) -> Mapping[str, bytes]:
        """Files that are there; a link is none. Raises OSError where there is no folder."""
        if not self._folder.is_dir():
            raise FileNotFoundError("no such folder")
        found = {}
        for name in checked(names):
            try:
                number = os.open(self._place(name), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            except (FileNotFoundError, NotADirectoryError):
                continue
            with os.fdopen(number, "rb") as file:
                found[name] = file.read(MOST_BYTES + 1)
        return found

    def write(self, entries: Mapping[str, bytes], *, keep_s: int) -> None:
        """Each under a name of its own first. Raises OSError."""
        del keep_s
        if not self._folder.is_dir():
            raise FileNotFoundError("no such folder")
        for name in checked(entries):
            place = self._place(name)
            place.parent.mkdir(exist_ok=True)
            temporary = place.with_name(f".{name}.{os.getpid()}.part")
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
            with os.fdopen(os.open(temporary, flags, 0o660), "wb") as file:
                file.write(entries[name])
            temporary.replace(place)

    def _place(self, name: str) -> Path:
        return self._folder / name[:2] / name


class BucketStore:
    """Objects in a bucket of anything that speaks S3, by fsspec; asked many at once."""

    def __init__(self, url: StoreUrl, environment: Mapping[str, str]) -> None:
        """Credentials, region and endpoint are those of `AWS_…`. Raises ImportError."""
        from obstore.fsspec import FsspecStore  # noqa: PLC0415 - an extra

        made: Any = FsspecStore
        options = {
            "timeout": f"{_WAIT_S:g}s",
            "connect_timeout": f"{_WAIT_S / 2:g}s",
            "allow_http": environment.get("AWS_ALLOW_HTTP", "").lower() in {"1", "true"},
        }
        # Another instance of this process may have been made for another endpoint.
        self._files: Any = made(
            "s3",
            client_options=options,
            retry_config={"max_retries": 1, "retry_timeout": timedelta(seconds=_WAIT_S)},
            skip_instance_cache=True,
        )
        self._prefix = "/".join(part for part in (url.host, url.path) if part)

    def read(self, names: Sequence[str]) -> Mapping[str, bytes]:
        """Objects that are there. Raises what the store's client raises."""
        listed = checked(names)
        given = self._together(
            self._files._cat_file(self._place(name), 0, MOST_BYTES + 1) for name in listed
        )
        found = {}
        for name, content in zip(listed, given, strict=True):
            if isinstance(content, FileNotFoundError):
                continue
            if isinstance(content, BaseException):
                raise content
            found[name] = bytes(content)
        return found

    def write(self, entries: Mapping[str, bytes], *, keep_s: int) -> None:
        """The bucket's own rules say when an object goes. Raises what the client raises."""
        del keep_s
        for failed in self._together(
            self._files._pipe_file(self._place(name), entries[name]) for name in checked(entries)
        ):
            if isinstance(failed, BaseException):
                raise failed

    def _together(self, asked: Iterable[Coroutine[Any, Any, Any]]) -> list[Any]:
        """What each gives, or its exception: fsspec's own call for many ends with the first."""
        from fsspec.asyn import sync  # noqa: PLC0415 - an extra

        async def gather() -> list[Any]:
            return await asyncio.gather(*asked, return_exceptions=True)

        found: list[Any] = sync(self._files.loop, gather)
        return found

    def _place(self, name: str) -> str:
        return f"{self._prefix}/{name[:2]}/{name}"


class RedisStore:
    """Keys of a Redis database, or of anything that speaks its protocol."""

    def __init__(self, url: StoreUrl, environment: Mapping[str, str]) -> None:
        """User and password are `DIALGATE_CACHE_USER` and `…_PASSWORD`. Raises ImportError."""
        import redis  # noqa: PLC0415 - an extra

        self._redis = redis.Redis.from_url(
            str(url),
            username=environment.get(USER_VARIABLE) or None,
            password=environment.get(PASSWORD_VARIABLE) or None,
            socket_timeout=_WAIT_S,
            socket_connect_timeout=_WAIT_S / 2,
        )

    def read(self, names: Sequence[str]) -> Mapping[str, bytes]:
        """Keys that are there. Raises what the client raises."""
        listed = checked(names)
        with self._redis.pipeline(transaction=False) as asked:
            for name in listed:
                asked.getrange(self._place(name), 0, MOST_BYTES)
            given = asked.execute()
        return {name: content for name, content in zip(listed, given, strict=True) if content}

    def write(self, entries: Mapping[str, bytes], *, keep_s: int) -> None:
        """Each goes after `keep_s`. Raises what the client raises."""
        with self._redis.pipeline(transaction=False) as asked:
            for name in checked(entries):
                asked.set(self._place(name), entries[name], ex=max(1, keep_s))
            asked.execute()

    def _place(self, name: str) -> str:
        return f"dialgate:trial:{name}"
