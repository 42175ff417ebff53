"""Sockets and tokens of the servers that agents call back during a run.

Knows that nothing listens beyond 127.0.0.1 and that a trial's address can't be guessed; leaves
what is served there to `agents.tool_server` and `simulation.mcp_server`.
"""

from __future__ import annotations

import ipaddress
import secrets
import socket

BODY_LIMIT_BYTES = 16 * 2**20
"""A larger request or answer is refused: no tool call and no reply is that long."""

HEAD_LIMIT_BYTES = 64 * 2**10
"""Longer headers are refused."""

_BACKLOG = 1024


def open_loopback_socket() -> socket.socket:
    """A listening socket on a free port of 127.0.0.1, not blocking.

    Made with IPPROTO_TCP: asyncio sets TCP_NODELAY only where the protocol is named, and each
    call would wait 40 ms without it.
    """
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listening.bind(("127.0.0.1", 0))
        listening.listen(_BACKLOG)
        listening.setblocking(False)
    except OSError:
        listening.close()
        raise
    return listening


def make_token() -> str:
    """An unguessable part of a trial's address: 192 random bits."""
    return secrets.token_urlsafe(24)


def is_loopback(host: str) -> bool:
    """Whether the name or address can only mean this machine.

    >>> is_loopback("127.0.0.1"), is_loopback("::1"), is_loopback("localhost")
    (True, True, True)
    >>> is_loopback("127.0.0.1.example.com")
    False
    """
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
