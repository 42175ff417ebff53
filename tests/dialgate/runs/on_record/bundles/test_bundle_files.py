"""A bundle is refused unless it is exactly what was sealed."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from dialgate.runs.on_record.bundles.bundle_files import LIST, read_bundle, write_bundle
from dialgate_evals.errors import ConfigurationError
from dialgate_evals.files.json_text import digest_of_parsed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FILES = {"case.jsonl": b"{}\n", "tree/suites/a/suite.toml": b"schema = 1\n"}


def sealed(folder: Path) -> Path:
    folder.mkdir()
    write_bundle(folder, {"schema": 1, "case": "c"}, FILES)
    return folder


def relisted(folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Another list, with a digest that fits it: what an attacker would write."""
    document = json.loads((folder / LIST).read_text())
    del document["digest"]
    change(document)
    document["digest"] = digest_of_parsed(document)
    (folder / LIST).write_text(json.dumps(document))


def test_what_is_written_is_read(tmp_path: Path) -> None:
    document, files = read_bundle(sealed(tmp_path / "b"))
    assert files == FILES
    assert document["case"] == "c"


def changed(folder: Path) -> None:
    (folder / "case.jsonl").write_bytes(b"{} \n")


def another(folder: Path) -> None:
    (folder / "tree" / "more.py").write_text("x = 1\n")


def missing(folder: Path) -> None:
    (folder / "case.jsonl").unlink()


def linked(folder: Path) -> None:
    (folder / "case.jsonl").unlink()
    (folder / "case.jsonl").symlink_to("/etc/hostname")


def linked_folder(folder: Path) -> None:
    (folder / "tree" / "home").symlink_to("/etc")


def piped(folder: Path) -> None:
    (folder / "case.jsonl").unlink()
    os.mkfifo(folder / "case.jsonl")


def huge(folder: Path) -> None:
    with (folder / "case.jsonl").open("wb") as file:
        file.truncate(17 * 2**20)


def edited_list(folder: Path) -> None:
    path = folder / LIST
    path.write_text(path.read_text().replace('"c"', '"d"'))


def out_of_it(folder: Path) -> None:
    relisted(folder, lambda document: document["files"].update({"../escaped": "sha256:0"}))


def absolute(folder: Path) -> None:
    relisted(folder, lambda document: document["files"].update({"/etc/passwd": "sha256:0"}))


def no_list(folder: Path) -> None:
    (folder / LIST).write_text("[]")


def many(folder: Path) -> None:
    relisted(folder, lambda d: d["files"].update({f"f{i}": "sha256:0" for i in range(3_000)}))


@pytest.mark.parametrize(
    "attack",
    [
        changed, another, missing, linked, linked_folder, piped, huge, edited_list, out_of_it,
        absolute, no_list, many,
    ],
    ids=lambda attack: attack.__name__,
)  # fmt: skip
def test_anything_else_is_refused(tmp_path: Path, attack: Callable[[Path], None]) -> None:
    folder = sealed(tmp_path / "b")
    attack(folder)
    with pytest.raises(ConfigurationError):
        read_bundle(folder)
