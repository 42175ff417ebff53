"""What a ticket says: ids, amounts, addresses and intents, by ordinary rules of text."""

import re
from dataclasses import dataclass, field

INTENTS = {
    "legal": r"\b(lawyer|attorney|court|sue|journalist|newspaper|press)\b",
    "takeover": r"\b(hacked|stranger|someone else (is|was) in|not me who logged in|taken over|strange login)\b",
    "unlock": r"\bunlock\b",
    "access": r"\b(password|locked out|log in any ?more|sign in any ?more|lost my login|reset my access)\b",
    "contact": r"\b(new (phone|mail|email|address|street)|change my (phone|mail|email|address)|moved to|update my (phone|mail|email|address))\b",
    "refund": r"\b(refund|money back|reimburse)\b",
    "document": r"\b(invoice|receipt|warranty card|order confirmation|delivery note)\b",
    "reopen": r"\b(reopen|open it again|still broken after you closed)\b",
    "solved": r"\b(solved|works again|all good now|sorted itself out|no longer needed)\b",
    "spam": r"\b(seo|backlinks|crypto offer|guest post|lottery)\b",
    "status": r"\b(where is my|when will my|has my order|tracking|on its way yet)\b",
    "question": r"\?|\bhow (do|can)\b",
}
REASONS = (
    ("damaged", r"broken|crack|dent|scratch|damag|leak|torn|faulty|dead"),
    ("wrong_item", r"wrong|instead of|not what i ordered"),
    ("late", r"late|never (came|arrived)|lost|weeks"),
)
DOCUMENTS = ("invoice", "receipt", "warranty card", "order confirmation", "delivery note")
TOPICS = (
    "opening hours", "gift card", "shipping abroad", "battery", "warranty", "return",
    "payment", "student discount", "repair",
)  # fmt: skip
CONFIRMATION = re.compile(
    r"^\s*(yes|please do|go ahead|correct|that is right|exactly)\b", re.IGNORECASE
)


@dataclass(frozen=True)
class Request:
    """One ticket as the agent understands it."""

    ticket: str | None
    customer: str | None
    sender: str | None
    text: str
    order: str | None
    amount: float | None
    changes: dict = field(default_factory=dict)
    orders_to_mail: tuple = ()

    def wants(self, intent):
        """Whether the ticket's text shows the intent."""
        return re.search(INTENTS[intent], self.text, re.IGNORECASE) is not None

    @property
    def refund_reason(self):
        """One of the refund tool's reasons."""
        lowered = self.text.lower()
        return next((name for name, words in REASONS if re.search(words, lowered)), "other")

    @property
    def document(self):
        """The document that is asked for."""
        lowered = self.text.lower()
        return next((name for name in DOCUMENTS if name in lowered), "invoice")

    @property
    def topic(self):
        """What to ask the knowledge base."""
        lowered = self.text.lower()
        return next((topic for topic in TOPICS if topic in lowered), "other")


def read_request(messages, *, quoted_counts, reads_commas):
    """The request in the conversation: a mere confirmation means the message before it."""
    said = [str(m["content"]) for m in messages if m["role"] == "user"]
    last = said[-1] if said else ""
    text = "\n".join(said) if CONFIRMATION.match(last) else last
    head = next((part for part in said if "Ticket" in part), last)
    own, quoted = split_quoted(text)
    counted = own + "\n" + quoted if quoted_counts else own
    return Request(
        ticket=first(r"Ticket (T-\d+)", head),
        customer=first(r"customer (C-\d+)", head),
        sender=first(r"from (\S+@[\w.-]+\w)", head),
        text=without_head(counted),
        order=first(r"\b(O-\d+)\b", counted),
        amount=read_amount(own, reads_commas),
        changes=read_changes(own),
        orders_to_mail=tuple(mail_orders(quoted)) if quoted_counts else (),
    )


def first(pattern, text):
    """The first group of the first match, or None."""
    found = re.search(pattern, text)
    return found.group(1) if found else None


def without_head(text):
    """The text without the line that names ticket, customer and sender."""
    return re.sub(r"^Ticket T-\d+.*$", "", text, flags=re.MULTILINE).strip()


def split_quoted(text):
    """What the sender wrote, and what is forwarded or quoted in it."""
    own, _, forwarded = text.partition("--- forwarded ---")
    lines = own.splitlines()
    quoted = [line.lstrip("> ") for line in lines if line.startswith(">")]
    kept = [line for line in lines if not line.startswith(">")]
    return "\n".join(kept), "\n".join([*quoted, forwarded]).strip()


def read_amount(text, reads_commas):
    """An amount in dollars; the older model stops at a decimal comma."""
    found = re.search(
        r"(\d+(?:[.,]\d{1,2})?)\s*(?:USD|dollars|\$)|\$\s*(\d+(?:[.,]\d{1,2})?)", text
    )
    if not found:
        return None
    shown = found.group(1) or found.group(2)
    if "," in shown:
        return float(shown.replace(",", ".")) if reads_commas else float(shown.partition(",")[0])
    return float(shown)


def read_changes(text):
    """New contact data that the sender gives."""
    changes = {}
    if phone := first(r"(?i)phone[^.\n]*?(\+\d[\d ]{6,}\d)", text):
        changes["phone"] = phone.replace(" ", "")
    if mail := first(r"(?i)(?:mail|email)[^.\n]*? to (\S+@[\w.-]+\w)", text):
        changes["email"] = mail
    if address := first(
        r"(?i)(?:moved to|address is now|new address:|new street:) ([^.\n]+)", text
    ):
        changes["address"] = address.strip()
    return changes


def mail_orders(text):
    """Orders to mail a document somewhere, as they stand in quoted text."""
    for found in re.finditer(
        r"send (?:the|all|every|our)?\s*([\w ]+?) to (\S+@[\w.-]+\w)", text, re.IGNORECASE
    ):
        yield found.group(2), found.group(1).strip().lower()
