"""Whether the endpoint of a model answers at all: a connection, no request."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from dialgate.scaffold.doctor.finding import Finding, State
from dialgate_evals.running.simulation.loopback import is_loopback
from dialgate_evals.suite.suite import AgentKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dialgate.scaffold.doctor.finding import Patient

_LONGEST_S = 5.0
_PORTS = {"https": 443, "http": 80}
_PROXIES = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy")


def check_endpoint(patient: Patient) -> Iterator[Finding]:
    """Knocks at the endpoint; what it says to a request is seen by a run."""
    workspace = patient.workspace
    if workspace is None or workspace.suite.agent.kind is not AgentKind.CHAT:
        return
    yield knock(
        workspace.suite.agent.base_url or "",
        check="agent",
        mend="start the endpoint, or correct [agent] base_url in suite.toml",
    )


def knock(base_url: str, *, check: str, mend: str) -> Finding:
    """Whether anybody listens at the address; through a proxy only a run can tell."""
    parts = urlsplit(base_url)
    host, port = parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 443)
    if not is_loopback(host) and any(os.environ.get(name) for name in _PROXIES):
        text = f"{host} is reached through a proxy: only a run shows whether it answers"
        return Finding(check=check, state=State.NOTE, text=text)
    try:
        socket.create_connection((host, port), timeout=_LONGEST_S).close()
    except OSError as error:
        why = error.strerror or str(error) or type(error).__name__
        text = f"the endpoint {host}:{port} can't be reached: {why}"
        return Finding(check=check, state=State.MEND, text=text, mend=mend)
    return Finding(check=check, state=State.OK, text=f"the endpoint {host}:{port} answers")
