"""What a bundle holds, and whether its failure came back. Pure, each from its document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.files.plain_text import printable
from dialgate_evals.files.problems import join_words
from dialgate_gate.wording import count_of
from dialgate_reports.words.case_text import wrap

if TYPE_CHECKING:
    from collections.abc import Mapping


def render_bundle(document: Mapping[str, Any], width: int = 80) -> str:
    """What was written, what of the case was left out, what a replay needs."""
    failed = document["trials"] - document["passed"]
    trials = count_of(document["trials"], "trial")
    by = join_words(document["failed_by"])
    case = f"{document['case']} of {document['suite']}"
    lines = [f"{case} failed in {failed} of {trials} on record ({by})."]
    if document["left_out"]:
        lines.append(
            f"{count_of(document['left_out'], 'message, recording or fault')} of its context "
            f"{'was' if document['left_out'] == 1 else 'were'} left out: it fails without, in "
            f"{count_of(document['asked'], 'trial')}."
        )
    if not document["is_smallest"]:
        lines.append("It was not asked to the end whether less would do.")
    lines.append(f"{count_of(document['files'], 'file')} and their digests: {document['place']}.")
    needs = document["needs"]
    lines.append(
        f"A replay needs {join_words(needs)}." if needs else "A replay needs nothing beside it."
    )
    lines.append(f"dialgate replay {document['place']}")
    return "\n".join(wrap(printable(line), width) for line in lines) + "\n"


def render_replay(document: Mapping[str, Any], width: int = 80) -> str:
    """Whether the failure came back, and in how many trials."""
    case = f"{document['case']} of {document['suite']}"
    trials = count_of(document["trials"], "trial")
    words = join_words(document["failed_by"])
    if not document["trials"]:
        state = "is" if document["came_back"] else "is not"
        text = f"{case}: the failure {state} in the recorded trial, judged by the bundle's case."
    elif document["came_back"] is None:
        text = (
            f"{case}: {document['failed']} of {trials} failed so ({words}), which is too few to "
            "tell; --budget takes more."
        )
    else:
        back = "came back" if document["came_back"] else "did not come back"
        text = f"{case}: the failure {back} ({words}) in {document['failed']} of {trials}."
    others = [kind for kind in document["failed_now_by"] if kind not in document["failed_by"]]
    if others and not document["came_back"]:
        text += f" It failed otherwise: {join_words(others)}."
    return wrap(printable(text), width) + "\n"
