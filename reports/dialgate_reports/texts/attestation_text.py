"""A verified or refused attestation for people; pure, from the document of `dialgate verify`."""

from __future__ import annotations

from typing import Any

from dialgate_evals.files.plain_text import printable
from dialgate_reports.words.case_text import wrap


def render_attestation(document: dict[str, Any], width: int = 80) -> str:
    """What was signed, by which key and when, or every reason for which it doesn't hold."""
    release = document["release"]
    if not document["verified"]:
        count = len(document["problems"])
        head = f"REFUSED: {count} {'reason' if count == 1 else 'reasons'}."
        sentences = document["problems"]
    else:
        head = f"VERIFIED: the verdict on {release['name']} {release['version']} is "
        head += f"{document['verdict']}."
        signed = f"signed at {document['at']} by key {document['keyid'][:16]}"
        sentences = [
            f"Suite {document['suite']}, judged by {document['judged_by']}.",
            f"Release {release['fingerprint'][:19]}; {signed}.",
        ]
        if document["allowed"]:
            sentences.append(f"Allowed by label: {', '.join(document['allowed'])}.")
    lines = [wrap(printable(head), width)]
    lines += [wrap(printable(text), width, "  - ", "    ") for text in sentences]
    return "\n".join(lines) + "\n"
