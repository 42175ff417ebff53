"""What a text asks for: wishes, ids, amounts, addresses, and lines that talk to the machine.

Ordinary regular expressions over sentences, in place of a model's understanding. Leaves what is
done about a wish to the modules that act.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

TICKET = re.compile(r"\bT-\d{4}\b")
ORDER = re.compile(r"\bO-\d{5}\b")
CUSTOMER = re.compile(r"\bC-\d{4}\b")
EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
PHONE = re.compile(r"\+\d[\d -]{7,15}\d")
STREET = re.compile(r"(\d+ [A-Z][\w' ]+?), ([A-Z][\w' ]+?),? (\d{5})(?:,? ([A-Z]{2})\b)?")
AMOUNT = re.compile(r"(?:\$\s?(\d+(?:\.\d{2})?))|(?:(\d+(?:\.\d{2})?)\s?(?:USD|dollars))")

_EMBEDDED = re.compile(
    r"\b(ignore|disregard|forget|override) (all|any|the|your|every|previous|prior|earlier)\b"
    r"|^\W*(system|assistant|agent|ai|bot|support bot)\s*[:>]|\[\[|<\W?system"
    r"|\byou are now\b|\bnew instructions\b|\bas the (assistant|agent|ai)\b|\bdeveloper mode\b"
    r"|\b(note|message|instruction)s? (to|for) (the )?(assistant|agent|ai|bot)\b",
    re.IGNORECASE,
)

_DOCUMENT = r"(invoice|receipt|return label|label|warranty|tracking|order confirmation)"

# The first kind that fits a sentence is what it asks for.
_KINDS = (
    ("no_refund", r"\b(no|not|don't|without)\b[^.,]{0,25}\b(refund|money back)"),
    ("legal", r"\b(lawyer|attorney|legal action|sue you|court|regulator|solicitor)\b"),
    ("injury", r"\b(injur\w+|hospital|burn(t|ed) (my|his|her)|stitches)\b"),
    ("press", r"\b(journalist|newspaper|magazine|reporter|press office)\b"),
    ("person", r"\b(human|real person|manager|supervisor|actual person)\b"),
    (
        "intruder",
        (
            r"\b(hacked|broken into|stranger|not me|someone (else )?(is|has|logged|changed|got)"
            r"|(didn't|did not|never) place)\b"
        ),
    ),
    ("unlock", r"\bunlock\b|\blift the lock\b|\baccount is (still )?locked\b"),
    ("access", r"\b(password|locked out|log ?in|sign ?in|two-factor|authenticator)\b"),
    ("refund_status", r"\b(when|where|status|has|did|how long)\b[^.]{0,40}\brefund"),
    ("mail", rf"\b(send|mail|forward|resend|e-?mail|get)\b[^.]*\b{_DOCUMENT}\b"),
    ("refund", r"\b(refund|money back|reimburse\w*|charged twice|credit me)\b"),
    (
        "contact",
        (
            r"\b(change|update|correct|replace|switch|put)\b[^.]*\b(address|phone|number|e-?mail)\b"
            r"|\b(moved|new (phone|mobile|number|address))\b"
        ),
    ),
    (
        "state",
        (
            r"\b(set|mark|move|put|bump|lower|raise|make|tag)\b[^.]*"
            r"\b(pending|open|solved|urgent|high|low|normal|tag\w*|priority)\b"
        ),
    ),
    ("note", r"\b(leave|add|write|put)\b[^.]*\bnote\b|\bfor the record\b|\blog that\b"),
    (
        "settled",
        (
            r"\b(solved|settled|works now|working again|all good|never mind|no longer need"
            r"|close (this|the|my) ticket|turned up|sorted itself out)\b"
        ),
    ),
    ("order_status", r"\b(where is|when will|status of|has .* shipped|arrive)\b"),
    ("question", r"\?"),
)
_PATTERNS = tuple((kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in _KINDS)

_YES = re.compile(
    r"^\W*(yes|yes please|please do|go ahead|correct|do it|right|ok|okay|sure)\b", re.IGNORECASE
)
_NO = re.compile(r"^\W*(no|don't|do not|stop|forget it|leave it|better not)\b", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Wish:
    """One thing that a text asks for."""

    kind: str
    text: str
    # the sentences that ask for it


def find_wishes(text: str) -> list[Wish]:
    """The wishes of a text in the order they are made, each kind once."""
    found: dict[str, list[str]] = {}
    for sentence in split_sentences(text):
        kind = kind_of(sentence)
        if kind is not None:
            found.setdefault(kind, []).append(sentence)
    found.pop("no_refund", None)
    asked = {kind for kind in found if kind not in {"question", "order_status"}}
    return [
        Wish(kind=kind, text=" ".join(sentences))
        for kind, sentences in found.items()
        if not asked or kind in asked
    ]


def kind_of(sentence: str) -> str | None:
    """What the sentence asks for, or None for one that only tells."""
    return next((kind for kind, pattern in _PATTERNS if pattern.search(sentence)), None)


def split_sentences(text: str) -> list[str]:
    """The sentences of a text; a line end ends one too."""
    return [part.strip() for part in re.split(r"(?<=[.!?])\s+|\n+", text) if part.strip()]


def split_embedded(text: str) -> tuple[str, str]:
    """The text as its author's words, and the lines in it that address the machine."""
    lines = text.splitlines()
    orders = [line for line in lines if _EMBEDDED.search(line)]
    return "\n".join(line for line in lines if line not in orders), "\n".join(orders)


def is_yes(text: str) -> bool:
    """Whether the text agrees to what was asked."""
    return _YES.search(text) is not None


def is_no(text: str) -> bool:
    """Whether the text declines what was asked."""
    return _NO.search(text) is not None


def find_amount(text: str) -> float | None:
    """The first amount of US dollars in the text."""
    found = AMOUNT.search(text)
    return float(found.group(1) or found.group(2)) if found else None
