"""What the runtime's wheel promises is checked where both wheels are built."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from benchmarks.wheels import RuntimeWheel, main, unmet

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("size", "import_ms", "packages", "said"),
    [
        (30_000, 4.0, ("dialgate_runtime",), []),
        (200_000, 4.0, ("dialgate_runtime",), ["200,000 bytes, over 200,000"]),
        (30_000, 20.0, ("dialgate_runtime",), ["20.0 ms to import, over 20"]),
        (30_000, 4.0, ("attrs", "dialgate_runtime"), ["loads attrs, dialgate_runtime"]),
        (30_000, 4.0, (), ["loads "]),
    ],
    ids=["kept", "heavy", "slow", "another package", "itself not seen"],
)
def test_what_is_not_kept_is_named(
    size: int, import_ms: float, packages: tuple[str, ...], said: list[str]
) -> None:
    found = unmet(RuntimeWheel(size=size, import_ms=import_ms, packages=packages))
    assert len(found) == len(said)
    assert all(text.startswith(start) for text, start in zip(found, said, strict=True))


def test_a_wheel_that_is_not_there_is_no_pass(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(str(tmp_path)) == 1
    assert "No wheel of dialgate and dialgate_runtime" in capsys.readouterr().out
