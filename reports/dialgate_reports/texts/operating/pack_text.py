"""An evidence pack for people at a terminal, in 80 columns: what is in it, and whether it holds.

Pure, from the documents of `dialgate pack` and of `dialgate verify` on a folder.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.files.plain_text import printable
from dialgate_reports.page.pack_page import shown_counts
from dialgate_reports.words.case_text import wrap

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def render_pack(document: Mapping[str, Any], width: int = 80) -> str:
    """What was put in, what doesn't count, what is missing, and where to look."""
    lines = [_line(f"{document['suite']}, release {document['release']['version']}", width)]
    for item in document["items"]:
        mark = "  " if item["holds"] else "! "
        lines.append(_line(f"{item['path']}: {item['says']}", width, mark, "    "))
    if document["absent"]:
        lines.append("Not in it:")
        lines += [_line(f"- {text}", width, "  ", "    ") for text in document["absent"]]
    lines += [
        _line(f"{item['framework']}, {shown_counts(item)}.", width)
        for item in document["frameworks"]
    ]
    return "\n".join([*lines, *_written(document, width)]) + "\n"


def _written(document: Mapping[str, Any], width: int) -> Iterator[str]:
    signed = "not signed: --key FILE signs it"
    if document["keyid"] is not None:
        signed = f"signed by key {document['keyid'][:16]}"
    yield _line(f"Wrote {document['pack']}, {document['files']} files, {signed}.", width)
    yield from (_line(f"Can't be read: {text}", width) for text in document["unreadable"])
    yield _line(f"Verify it: dialgate verify {document['pack']}", width)


def render_verified_pack(document: Mapping[str, Any], width: int = 80) -> str:
    """Whether the pack is as it was written, with every reason where it isn't."""
    if not document["verified"]:
        lines = [_line(f"NOT AS IT WAS WRITTEN: {document['pack']}", width)]
        lines += [_line(f"- {text}", width, "  ", "    ") for text in document["problems"]]
    else:
        release = document["release"] or {}
        text = (
            f"VERIFIED: {document['files']} files of {document['suite']}, release "
            f"{release.get('version')}, as of {document['at']}, are as the manifest says."
        )
        lines = [_line(text, width)]
        if document["keyid"] is not None:
            lines.append(_line(f"Signed by key {document['keyid'][:16]}.", width))
    lines += [_line(text, width) for text in document["notes"]]
    return "\n".join(lines) + "\n"


def _line(text: str, width: int, first: str = "", rest: str = "  ") -> str:
    return wrap(printable(text), width, first, rest)
