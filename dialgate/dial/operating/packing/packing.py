"""`dialgate pack`: collects, writes, and says what is in it as one document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate.dial.operating.packing.collecting import collect
from dialgate.dial.operating.packing.computed import pack_document
from dialgate.dial.operating.packing.items import unreadable
from dialgate.dial.operating.packing.open_pack import open_pack
from dialgate.dial.operating.packing.sealing import refuse_target, write_pack
from dialgate.signatures.keys import key_id
from dialgate_evals.errors import ConfigurationError
from dialgate_evals.files.problems import Problem, show_path

if TYPE_CHECKING:
    from dialgate.dial.operating.packing.request import PackRequest


def pack_suite(request: PackRequest) -> dict[str, Any]:
    """Writes the pack. Raises as `collect` and `write_pack`."""
    refuse_target(request.target)
    collected = collect(request)
    count = write_pack(request.target, collected, request.key)
    problems: list[Problem] = []
    pack = open_pack(request.target, problems)
    if pack is None:
        raise ConfigurationError(problems)
    keyid = None if request.key is None else key_id(request.key.public_key())
    return {
        **pack_document(pack),
        "pack": show_path(request.target),
        "files": count,
        "keyid": keyid,
        "unreadable": unreadable(pack),
    }
