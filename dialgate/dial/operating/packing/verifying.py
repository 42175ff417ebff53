"""`dialgate verify` on a pack: digests, signature, and whether its page says what its files show.

Needs the folder alone: no git, no suite, no network.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate.dial.operating.packing.computed import computed_files
from dialgate.dial.operating.packing.open_pack import OpenPack, open_pack, parsed
from dialgate.dial.operating.packing.pack_folder import read_folder
from dialgate.dial.operating.packing.signed_items import policy_keys
from dialgate.signatures.keys import key_id, read_public_key_file, signer_of
from dialgate_evals.files.file_reading import read_bytes
from dialgate_evals.files.problems import Problem, show_path
from dialgate_evals.suite.versions import installed_versions
from dialgate_gate.audit.dsse import Envelope, parse_envelope
from dialgate_gate.audit.pack.manifest import ENVELOPE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from dialgate.signatures.keys import PublicKey

_BROKEN = 4


def verify_pack(folder: Path, key_files: Sequence[Path] = ()) -> dict[str, Any]:
    """Whether the pack is as it was written, with every reason where it isn't, as a document.

    Raises UsageError for a key that is none, or where the extra `sign` is missing.
    """
    given = {key_id(key): key for key in (read_public_key_file(path) for path in key_files)}
    found = read_folder(folder)
    problems = list(found.problems)
    notes: list[str] = []
    pack = None if problems else open_pack(folder, problems)
    keyid = None
    if found.listed is not None and (given or pack is not None):
        keys = given or ({} if pack is None else policy_keys(pack))
        keyid = _signer(folder, found.manifest, keys, bool(given), problems, notes)
    if pack is not None:
        _compare_computed(folder, pack, problems, notes)
    document = {} if pack is None else pack.document
    return {
        "schema": 1,
        "verified": not problems,
        "exit_code": _BROKEN if problems else 0,
        "pack": show_path(folder),
        "suite": document.get("suite"),
        "at": document.get("at"),
        "release": document.get("release"),
        "files": len(found.listed or ()),
        "keyid": keyid,
        "notes": notes,
        "problems": [str(problem) for problem in problems],
    }


def _signer(
    folder: Path,
    manifest: bytes,
    keys: Mapping[str, PublicKey],
    is_given: bool,
    problems: list[Problem],
    notes: list[str],
) -> str | None:
    """Whose key signed the manifest; without a key from outside, by the pack's own word."""
    if not (folder / ENVELOPE).is_file():
        if is_given:
            problems.append(_signature("no signature", "one by the key that was given"))
            return None
        notes.append(
            "Nobody signed it: the digests show that files are as the manifest says, not who "
            "wrote them."
        )
        return None
    envelope = _envelope(folder, problems)
    if envelope is None:
        return None
    if envelope.payload != manifest:
        problems.append(_signature("a signature over another manifest", "one over this one"))
        return None
    keyid = signer_of(envelope, keys)
    if keyid is None:
        names = ", ".join(item.keyid[:16] or "no name" for item in envelope.signatures)
        whose = "that was given" if is_given else "of the pack's own policy"
        problems.append(_signature(f"a signature of key {names}", f"one by a key {whose}"))
    elif not is_given:
        notes.append(
            f"Key {keyid[:16]} signed it, which the pack's own policy names: to know whose it is, "
            "get the key elsewhere and give it, --key FILE."
        )
    return keyid


def _envelope(folder: Path, problems: list[Problem]) -> Envelope | None:
    raw = read_bytes(folder / ENVELOPE, problems, expected="the manifest's signature")
    if raw is None:
        return None
    envelope, found = parse_envelope(parsed(raw), ENVELOPE)
    problems += found
    return envelope


def _signature(found: str, expected: str) -> Problem:
    return Problem(file=ENVELOPE, found=found, expected=expected)


def _compare_computed(
    folder: Path, pack: OpenPack, problems: list[Problem], notes: list[str]
) -> None:
    """Page and mapping are computed anew: what they say must be what the files show."""
    here = installed_versions()["dialgate"]
    if pack.document.get("dialgate") != here:
        notes.append(
            f"Written by dialgate {pack.document.get('dialgate')}, and this is {here}: page and "
            "mapping were not computed anew."
        )
        return
    try:
        computed = computed_files(pack)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        # The files are a stranger's, who may have put anything into them and sealed that.
        found = f"what no dialgate writes ({type(error).__name__})"
        problems.append(Problem(file="the pack's files", found=found, expected="a pack's"))
        return
    for name, raw in computed.items():
        path = folder / name
        there = path.read_bytes() if path.is_file() and not path.is_symlink() else None
        if there != raw:
            problems.append(
                Problem(
                    file=name,
                    found="another text than the pack's files make",
                    expected="the one that `dialgate pack` computes from them",
                )
            )
