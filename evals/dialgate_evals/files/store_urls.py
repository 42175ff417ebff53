"""The URL of a store that machines share: `file:`, `s3:` or `redis:`, and what it may not say.

Knows the three forms and refuses credentials, options and ways upwards in them. Leaves reaching the
store to `dialgate_evals.records.reuse.shared`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

SCHEMES = ("file", "s3", "redis", "rediss")
_PART = re.compile(r"[A-Za-z0-9_=.,+ -]+")
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_HOST = re.compile(r"[A-Za-z0-9.:-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreUrl:
    """Where a store is; nothing secret is part of it."""

    scheme: str
    host: str
    # a bucket, or a machine with its port; empty for files
    path: str
    # a folder, a prefix or the number of a database; without slashes at its ends but the first of a
    # folder

    def __str__(self) -> str:
        between = "/" if self.host and self.path else ""
        return f"{self.scheme}://{self.host}{between}{self.path}"


def parse_store_url(text: str) -> StoreUrl:
    """The store that a URL names. Raises ValueError with what is expected; never repeats the URL.

    >>> str(parse_store_url("s3://trials/shop/")), str(parse_store_url("redis://cache:6379/2"))
    ('s3://trials/shop', 'redis://cache:6379/2')
    """
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise ValueError("a URL like s3://bucket/folder") from None
    if parts.scheme not in SCHEMES:
        raise ValueError("file:///folder, s3://bucket/folder or redis://host:6379/0")
    if "@" in text:
        raise ValueError("no user and no password in it: they stand in the environment")
    if parts.query or parts.fragment or "%" in text or "\\" in text:
        raise ValueError("nothing after ? or #, and no escapes")
    path = parts.path.removeprefix("/").removesuffix("/")
    names = path.split("/") if path else []
    if any(name in {"", ".", ".."} or not _PART.fullmatch(name) for name in names):
        raise ValueError("folders of plain names, without . and ..")
    return StoreUrl(
        scheme=parts.scheme,
        host=_host(parts, port),
        path=_path(parts.scheme, path),
    )


def _host(parts: SplitResult, port: int | None) -> str:
    if parts.scheme == "file":
        if parts.netloc or not parts.path.startswith("/") or not parts.path.strip("/"):
            raise ValueError("file:/// and an absolute folder")
        return ""
    wanted = _BUCKET if parts.scheme == "s3" else _HOST
    if not wanted.fullmatch(parts.netloc) or (parts.scheme == "s3" and port is not None):
        raise ValueError("s3:// and a bucket, or redis:// and a host")
    return parts.netloc


def _path(scheme: str, path: str) -> str:
    if scheme == "file":
        return f"/{path}"
    if scheme != "s3" and path and not re.fullmatch(r"[0-9]{1,4}", path):
        raise ValueError("redis://host:port/ and the number of a database")
    return path
