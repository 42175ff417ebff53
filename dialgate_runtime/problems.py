"""What is wrong with a file that a runtime was given, as one error that names all of it."""

from __future__ import annotations

TYPE_CHECKING = False  # the name alone, without `typing`
if TYPE_CHECKING:
    from collections.abc import Sequence


class DialError(ValueError):
    """A file that can't be used: a runtime without its dial must not act on a guess."""

    def __init__(self, file: str, problems: Sequence[str]) -> None:
        self.file, self.problems = file, tuple(problems)
        super().__init__("\n".join(f"{file}: {text}" for text in problems))


def shown(value: object) -> str:
    """A value as one short line: control characters escaped, long texts cut."""
    text = ascii(value)
    return text if len(text) <= 60 else f"{text[:57]}…"
