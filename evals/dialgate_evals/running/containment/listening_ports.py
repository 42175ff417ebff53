"""Which ports of this machine answer on loopback, as the kernel lists them."""

from __future__ import annotations

from pathlib import Path


def listening_ports() -> list[int]:
    """The ports of this machine's loopback on which something listens."""
    ports: dict[int, None] = {}
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            lines = Path(table).read_text("ascii").splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            fields = line.split()
            if fields[3] == "0A":
                ports[int(fields[1].rpartition(":")[2], 16)] = None
    return list(ports)[:256]
