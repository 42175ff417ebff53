"""What the tutorial tells a newcomer to do: the steps of each start, and the words it takes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.integration.command_line import PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = PROJECT / "docs/tutorial/a-suite-in-ten-minutes.md"
VOCABULARY = PROJECT / "docs/vocabulary.md"
STARTS = {
    "pydantic-ai": "From a pydantic-ai agent",
    "mcp-typescript": "From an MCP agent in TypeScript",
    "langfuse": "From a Langfuse export",
}
CASES = 20
PASTE_KEYS = 6
"""Select, copy, open, paste, save."""
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```\n", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"`([\w./-]+\.\w+)`")
_OWN = re.compile(
    r"(<!-- what the page itself says -->\n).*?(<!-- /what the page itself)", re.DOTALL
)
_TABLE = re.compile(r"(<!-- what make newcomer counted -->\n).*(<!-- /what)", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Step:
    """One line to type, or one block to paste."""

    text: str
    paste_into: str | None = None
    # a file; None: the text is a command


def section_of(start: str) -> str:
    """The page's text about one start."""
    text = PAGE.read_text("utf-8").partition(f"## {STARTS[start]}\n")[2]
    return re.split(r"^## |^Next: ", text, maxsplit=1, flags=re.MULTILINE)[0]


def steps_of(start: str) -> Iterator[Step]:
    """What is to be done, in the page's order."""
    section, file = section_of(start), ""
    end = 0
    for block in _BLOCK.finditer(section):
        named = _FILE.findall(section[end : block.start()])
        file = named[-1] if named else file
        end = block.end()
        if block[1] == "sh":
            yield from (Step(text=line) for line in block[2].splitlines())
        else:
            yield Step(text=block[2], paste_into=file)


def lines_of(start: str) -> int:
    """How many lines of the page a newcomer reads."""
    return sum(1 for line in section_of(start).splitlines() if line.strip(" `"))


def words_of(start: str) -> set[str]:
    """The vocabulary's words in the page's own sentences, as far as they are explained there."""
    prose = _BLOCK.sub("", section_of(start))
    intro = PAGE.read_text("utf-8").partition("Three starts follow")[0]
    known = set(re.findall(r"^\| ([a-z ]+) \|", intro, re.MULTILINE)) - {"word"}
    listed = re.findall(r"^\| ([a-z, -]+) \|", VOCABULARY.read_text("utf-8"), re.MULTILINE)
    words = {word.strip() for line in listed for word in line.split(",")} - {"word"}
    return known | {
        word for word in words if re.search(rf"\b{word}s?\b", re.sub("`.*?`", "", prose))
    }


def write_table(rows: list[str]) -> None:
    """Puts what was counted into the page."""
    _replace(_TABLE, "".join(rows))


def own_table() -> str:
    """What the page's lines alone say of each start: steps, keys, words."""
    rows = [
        f"| [{title.lower()}](#{title.lower().replace(' ', '-')}) | {len(list(steps_of(start)))} "
        f"| {sum(map(keys_of, steps_of(start)))} | {len(words_of(start))} |\n"
        for start, title in STARTS.items()
    ]
    return "".join(["| start | steps | keys | words |\n", "| --- | --- | --- | --- |\n", *rows])


def write_own_table() -> None:
    """Puts it into the page."""
    _replace(_OWN, own_table())


def _replace(place: re.Pattern[str], table: str) -> None:
    text = PAGE.read_text("utf-8")
    PAGE.write_text(place.sub(lambda found: f"{found[1]}{table}{found[2]}", text), "utf-8")


def keys_of(step: Step) -> int:
    """The keys of a step: a paste, or a line with its Enter, and the answers that it asks for."""
    if step.paste_into is not None:
        return PASTE_KEYS
    answers = CASES + 1 if step.text.startswith("dialgate accept") else 0
    return len(step.text) + 1 + answers
