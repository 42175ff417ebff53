"""A manifest lists plain files inside a folder, each once; whatever else it says, it is none."""

from __future__ import annotations

from string import ascii_lowercase
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialgate_gate.audit.pack.manifest import (
    FileFact,
    build_manifest,
    checksum_text,
    is_path,
    read_manifest,
)

FACT = FileFact(size=3, sha256="a" * 64)
PARTS = st.lists(st.text(ascii_lowercase, min_size=1, max_size=5), min_size=1, max_size=3)
NAMES = PARTS.map(lambda parts: f"{'/'.join(parts)}.json")


@given(names=st.sets(NAMES, min_size=1, max_size=5))
def test_written_then_read_it_lists_the_same_files(names: set[str]) -> None:
    files = dict.fromkeys(names, FACT)
    assert read_manifest(build_manifest(files, {"suite": "shop"})) == (files, "")


@pytest.mark.parametrize(
    "name",
    ["../x", "a/../b", "/etc/x", "a//b", "", ".", "a/.", "a\nb", "a\\b", "a\x00", "ä", "a" * 256],
)
def test_a_name_that_leads_out_or_can_t_be_shown_is_none(name: str) -> None:
    assert not is_path(name)
    manifest = build_manifest({name: FACT}, {})
    assert read_manifest(manifest)[0] is None


def spoiled(**changed: Any) -> dict[str, Any]:
    manifest = build_manifest({"a.json": FACT}, {})
    for key, value in changed.items():
        (manifest["predicate"] if key in {"bytes", "schema"} else manifest)[key] = value
    return manifest


@pytest.mark.parametrize(
    "manifest",
    [
        None,
        [],
        {},
        spoiled(subject=[]),
        spoiled(subject=[7]),
        spoiled(subject=[{"name": "a.json", "digest": {"sha256": "A" * 64}}]),
        spoiled(subject=spoiled()["subject"] * 2),
        spoiled(bytes={"a.json": -1}),
        spoiled(bytes={"a.json": True}),
        spoiled(bytes={"a.json": 3, "b.json": 3}),
        spoiled(bytes=7),
        spoiled(schema=2),
        spoiled(_type="other"),
        spoiled(predicateType="urn:dialgate:drill:1"),
        build_manifest({"SHA256SUMS": FACT}, {}),
    ],
)
def test_anything_else_is_no_manifest_and_says_why(manifest: object) -> None:
    files, why = read_manifest(manifest)
    assert files is None
    assert why


def test_checksums_are_as_sha256sum_writes_them() -> None:
    assert checksum_text({"b": "2", "a": "1"}) == "1  a\n2  b\n"
