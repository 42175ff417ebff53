"""Cases in a YAML file written anew, one by one: every other line of the file keeps its bytes.

What can't be done so (a list in brackets, an indented one, an anchor that another case uses) is
left to a person.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.files.file_writing import write_atomically
from dialgate_evals.files.yaml_text import (
    YAML_1_1_BREAKS,
    YamlTextError,
    is_plainly_text,
    parse_yaml,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def yaml_item(document: Mapping[str, Any]) -> bytes:
    """A case as an item of a block list."""
    import yaml  # noqa: PLC0415 - an extra

    class Dumper(yaml.SafeDumper):
        """Quotes the texts that YAML 1.2 reads as something else, and 1.1 does not."""

    def text_of(dumper: Any, text: str) -> Any:  # noqa: ANN401 - the library's
        style = None if is_plainly_text(text) else "'"
        return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)

    Dumper.add_representer(str, text_of)

    def write(*, plain: bool) -> str:
        written: str = yaml.dump(
            [dict(document)], Dumper=Dumper, sort_keys=False, allow_unicode=plain, width=100,
            default_flow_style=False,
        )  # fmt: skip
        return written

    text = write(plain=True)
    # Line breaks of YAML 1.1 can't stand for themselves; then every letter is an escape.
    return (write(plain=False) if YAML_1_1_BREAKS.search(text) else text).encode("utf-8")


def rewrite_yaml_cases(
    path: Path, replaced: Mapping[str, Mapping[str, Any]], written: list[Path]
) -> set[str]:
    """Writes the replaced cases that the file holds; gives the ids of those it could not write.

    Comments between cases stay; those inside of a replaced case go with it.
    """
    raw = path.read_bytes()
    document = parse_yaml(raw)
    cases = document.value or []
    wanted = {index: case["id"] for index, case in enumerate(cases) if case["id"] in replaced}
    if not wanted:
        return set()
    after = _with_items(raw, document, {i: replaced[id_] for i, id_ in wanted.items()})
    target = [dict(replaced[case["id"]]) if i in wanted else case for i, case in enumerate(cases)]
    try:
        if parse_yaml(after).value != target:
            return set(wanted.values())
    except YamlTextError:
        return set(wanted.values())
    if after != raw:
        write_atomically(path, after)
        written.append(path)
    return set()


def _with_items(raw: bytes, document: Any, items: Mapping[int, Mapping[str, Any]]) -> bytes:  # noqa: ANN401 - a YamlDocument
    lines = raw.splitlines(keepends=True)
    starts = [document.line_of((index,)) - 1 for index in range(len(document.value))]
    ends = [*starts[1:], len(lines)]
    for index in sorted(items, reverse=True):
        end = ends[index]
        while end > starts[index] + 1 and _is_between(lines[end - 1]):
            end -= 1
        lines[starts[index] : end] = [yaml_item(items[index])]
    return b"".join(lines)


def _is_between(line: bytes) -> bool:
    """Whether the line belongs to no case: empty, or a comment from its first column."""
    return not line.strip() or line.startswith(b"#")
