"""Every field of the verdict document is on its reference page, whichever module writes it."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

PROJECT = Path(__file__).parents[4]
DOCUMENTS = PROJECT / "gate/dialgate_gate/verdict/documents"
OF_OTHER_DOCUMENTS = {"changes_document.py", "saved_run.py"}
WRITERS = [
    *(path for path in sorted(DOCUMENTS.glob("*.py")) if path.name not in OF_OTHER_DOCUMENTS),
    *(PROJECT / "gate/dialgate_gate/verdict").glob("outlook.py"),
    PROJECT / "dialgate/check/sealing.py",
    PROJECT / "dialgate/commands/gate/check.py",
]


def fields_of(source: str) -> Iterator[str]:
    """The keys of the objects that a module writes, and those that it sets later."""
    for node in ast.walk(ast.parse(source)):
        keys = list(node.keys) if isinstance(node, ast.Dict) else []
        if isinstance(node, ast.Assign):
            keys += [item.slice for item in node.targets if isinstance(item, ast.Subscript)]
        for key in keys:
            name = key.value if isinstance(key, ast.Constant) else None
            if isinstance(name, str) and not name.startswith("--"):  # an option is no field
                yield name


def test_the_page_has_every_field_that_a_verdict_document_can_have() -> None:
    page = (PROJECT / "docs/reference/verdicts.md").read_text("utf-8")
    named = {name for code in re.findall(r"`([^`]+)`", page) for name in re.findall(r"\w+", code)}
    written = {name: path.name for path in WRITERS for name in fields_of(path.read_text("utf-8"))}
    assert len(written) > 100
    absent = {name: file for name, file in written.items() if name not in named}
    assert absent == {}, "docs/reference/verdicts.md, Every field of the document"
