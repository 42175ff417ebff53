"""Where requests go: the provider's or server's own address, with the path that was asked.

Knows how a local path becomes one there, whatever base URL the client was given; leaves sending
to `forwarding`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from dialgate_evals.errors import UsageError
from dialgate_evals.files.plain_text import shorten
from dialgate_evals.running.simulation.loopback import is_loopback

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

OPENAI, ANTHROPIC = "https://api.openai.com/v1", "https://api.anthropic.com"


@dataclass(frozen=True, kw_only=True)
class Upstream:
    """One address: where it is, and its path without a slash at the end."""

    origin: str
    path: str = ""
    query: str = ""

    @property
    def url(self) -> str:
        """The whole address: origin, path and query."""
        return self.origin + self.path + (f"?{self.query}" if self.query else "")

    def target(self, asked: str) -> str:
        """The address for a path and query that were asked of the proxy.

        >>> there = Upstream(origin="https://api.example", path="/v1")
        >>> there.target("/v1/models"), there.target("/models"), there.target("/x/v1")
        ('https://api.example/v1/models', 'https://api.example/v1/models', 'https://api.example/v1/x/v1')
        >>> Upstream(origin="https://api.example", path="/api/v1").target("/v1/models?limit=1")
        'https://api.example/api/v1/models?limit=1'
        """
        path, mark, query = asked.partition("?")
        if not (path == self.path or path.startswith(f"{self.path}/")):
            version = self.path.rpartition("/")[2]
            is_doubled = version[:1] == "v" and path.startswith(f"/{version}/")
            path = self.path + (path.removeprefix(f"/{version}") if is_doubled else path)
        query = "&".join(part for part in (query, self.query) if part)
        return self.origin + path + (f"?{query}" if query or mark else "")


@dataclass(frozen=True, kw_only=True)
class Upstreams:
    """Everything that the proxy passes on to."""

    openai: Upstream
    anthropic: Upstream
    mcp: Mapping[str, Upstream] = field(default_factory=dict)


def find_upstreams(
    *,
    openai: str | None,
    anthropic: str | None,
    mcp: Sequence[str],
    environment: Mapping[str, str],
    port: int,
) -> Upstreams:
    """The addresses: as options name them, as the environment does, or the providers' own.

    Raises UsageError for what is no address, or is the proxy's own.
    """
    named = {
        "--openai": openai, "--anthropic": anthropic,
        "OPENAI_BASE_URL": environment.get("OPENAI_BASE_URL"),
        "ANTHROPIC_BASE_URL": environment.get("ANTHROPIC_BASE_URL"),
    }  # fmt: skip

    def first(option: str, variable: str, default: str) -> Upstream:
        for name in (option, variable):
            if named[name]:
                return _parse(named[name] or "", name, port)
        return _parse(default, option, port)

    servers: dict[str, Upstream] = {}
    for text in mcp:
        name, url = _named_server(text)
        if name in servers:
            raise UsageError(f"--mcp {name}: named twice; NAME=URL gives each a name of its own.")
        servers[name] = _parse(url, "--mcp", port)
    return Upstreams(
        openai=first("--openai", "OPENAI_BASE_URL", OPENAI),
        anthropic=first("--anthropic", "ANTHROPIC_BASE_URL", ANTHROPIC),
        mcp=servers,
    )


def _named_server(text: str) -> tuple[str, str]:
    name, mark, url = text.partition("=")
    if mark and "/" not in name and ":" not in name:
        if not name or not all(c.isalnum() or c in "._-" for c in name):
            raise UsageError(f"--mcp {shorten(text, 80)}: a name has letters, digits, dots, -, _.")
        return name, url
    host = urlsplit(text).hostname or "mcp"
    return host, text


def _parse(url: str, option: str, port: int) -> Upstream:
    shown = shorten(url, 100)
    try:
        parts = urlsplit(url)
        host, asked_port = parts.hostname, parts.port
    except ValueError as error:
        raise UsageError(f"{option} {shown}: no address ({error}).") from None
    if parts.scheme not in {"http", "https"} or not host:
        raise UsageError(f"{option} {shown}: expected an address such as https://host/v1.")
    if parts.username or parts.password:
        raise UsageError(f"{option}: a name or password in an address is sent by no client here.")
    if port and is_loopback(host) and asked_port == port:
        raise UsageError(
            f"{option} names this proxy itself ({shown}). Name what it passes on to: "
            f"--openai URL, --anthropic URL, or take another --port."
        )
    return Upstream(
        origin=f"{parts.scheme}://{parts.netloc}", path=parts.path.rstrip("/"), query=parts.query
    )
