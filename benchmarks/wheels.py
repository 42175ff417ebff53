"""Both distributions as they are installed: what each weighs, and what importing costs.

Run `python benchmarks/wheels.py FOLDER` on a folder with both wheels (`make wheels` builds them).
Each is unpacked by itself; the runtime's is imported by an interpreter that sees nothing else. Exit
code 1 where the runtime is no longer small: 200 kB, 20 ms of processor time beside a bare start,
and the standard library alone.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

MOST_BYTES, MOST_MS, STARTS = 200_000, 20.0, 15
_IMPORT = "import dialgate_runtime; dialgate_runtime.Dial, dialgate_runtime.ReviewLog"
_SEEN = (
    f"import sys; {_IMPORT}; tops = {{name.partition('.')[0] for name in sys.modules}};"
    "print(*sorted(name for name in tops - sys.stdlib_module_names if name[0] != '_'))"
)


@dataclass(frozen=True, kw_only=True)
class RuntimeWheel:
    """What was measured of the small one."""

    size: int
    # bytes
    import_ms: float
    # of processor time, beside a bare start; the least of each
    packages: tuple[str, ...]
    # that importing it loads, the standard library aside


def unmet(found: RuntimeWheel) -> list[str]:
    """What the runtime promises and doesn't keep."""
    own = ("dialgate_runtime",)
    checks = {
        f"{found.size:,} bytes, over {MOST_BYTES:,}": found.size < MOST_BYTES,
        f"{found.import_ms:.1f} ms to import, over {MOST_MS:g}": found.import_ms < MOST_MS,
        f"loads {', '.join(found.packages)}, not itself alone": found.packages == own,
    }
    return [text for text, holds in checks.items() if not holds]


def measure(wheel: Path) -> RuntimeWheel:
    """The wheel unpacked and imported in fresh interpreters, beside bare ones."""
    with tempfile.TemporaryDirectory() as folder:
        with zipfile.ZipFile(wheel) as held:
            held.extractall(folder)
        seen = _python(folder, _SEEN).split()
        bare = min(_seconds(folder, "pass") for _ in range(STARTS))
        # The least of either: what else runs on the machine only adds.
        cost = min(_seconds(folder, _IMPORT) for _ in range(STARTS)) - bare
    return RuntimeWheel(size=wheel.stat().st_size, import_ms=1000 * cost, packages=tuple(seen))


def _seconds(folder: str, code: str) -> float:
    """Processor time of a fresh interpreter: a busy machine doesn't make an import dearer."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    _python(folder, code)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def _python(folder: str, code: str) -> str:
    return subprocess.run(
        [sys.executable, "-S", "-c", code],
        cwd=folder, env={}, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip


def main(folder: str) -> int:
    """Prints a line for each wheel, and what is unmet."""
    found = {path.name.partition("-")[0]: path for path in sorted(Path(folder).glob("*.whl"))}
    missing = sorted({"dialgate", "dialgate_runtime"} - set(found))
    if missing:
        print(f"No wheel of {' and '.join(missing)} in {folder}: make wheels builds both.")
        return 1
    runtime = measure(found["dialgate_runtime"])
    print(f"dialgate {found['dialgate'].stat().st_size / 1000:,.0f} kB")
    print(f"dialgate-runtime {runtime.size / 1000:,.0f} kB, imported in {runtime.import_ms:.1f} ms")
    broken = unmet(runtime)
    for text in broken:
        print(f"Not kept: {text}.")
    return int(bool(broken))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
