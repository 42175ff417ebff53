"""Who may ask the proxy: programs on this machine, and no page that a browser shows.

A page can send requests to loopback, also under a name of its own (DNS rebinding); its browser
tells by the headers Host, Origin and Sec-Fetch-Site.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAMES = ("127.0.0.1", "localhost", "[::1]")


def refusal(headers: Mapping[str, str], port: int) -> str | None:
    """Why a request is refused; None where it may pass."""
    known = {f"{name}:{port}" for name in _NAMES}
    host = headers.get("Host", "").lower()
    if host not in known:
        return f"the Host header is {host[:100]!r}; expected 127.0.0.1:{port}"
    origin = headers.get("Origin")
    if origin is not None and origin.lower() not in {f"http://{name}" for name in known}:
        return f"the request comes from a page of {origin[:100]!r}"
    if headers.get("Sec-Fetch-Site", "none") not in {"none", "same-origin"}:
        return "the request comes from a page of another site"
    return None
