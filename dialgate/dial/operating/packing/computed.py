"""What a pack says of itself: the mapping and the page, computed from its other files alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate.dial.operating.packing.items import pack_items
from dialgate_evals.files.json_text import json_document
from dialgate_gate.audit.pack.exhibit import Exhibit
from dialgate_gate.audit.pack.frameworks import FRAMEWORKS
from dialgate_gate.audit.pack.mapping import DISCLAIMER, map_requirements
from dialgate_reports.page.pack_page import render_pack_page

if TYPE_CHECKING:
    from dialgate.dial.operating.packing.open_pack import OpenPack

MAPPING, PAGE = "mapping.json", "index.html"


def computed_files(pack: OpenPack) -> dict[str, bytes]:
    """mapping.json and the page: the same files, the same bytes."""
    document = pack_document(pack)
    return {
        MAPPING: json_document(document),
        PAGE: render_pack_page(document).encode("utf-8"),
    }


def pack_document(pack: OpenPack) -> dict[str, Any]:
    """What is in the pack, of which kind, and what of each requirement that shows."""
    items = pack_items(pack)
    there = {item.exhibit for item in items}
    return {
        "schema": 1,
        **{key: pack.document[key] for key in ("suite", "at", "dialgate", "release")},
        "people_note": pack.document.get("people_note"),
        "taken_out": pack.document.get("taken_out", 0),
        "disclaimer": DISCLAIMER,
        "kinds": {kind.name.lower(): kind.value for kind in Exhibit},
        "items": [item.as_json() for item in items],
        "absent": [kind.value for kind in Exhibit if kind not in there],
        "frameworks": map_requirements(FRAMEWORKS, items),
    }
