"""A text as the rules read it: folded, cut into sentences, clauses and words with their places.

Knows what a hostile text hides in (marks without width, tags, other scripts' look-alikes); leaves
what the words say to the modules beside it.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from msgspec import Struct

LONGEST = 100_000
"""Characters that the rules look through; a longer text is decided by nobody."""

_INVISIBLE = frozenset({"Cf", "Cc", "Co", "Cs", "Cn"})
_CONTROLS = {number: None for number in (*range(32), 127) if chr(number) not in "\n\t"}
_WORD = re.compile(r"\w+(?:['’ʼ]\w+)*")
_APOSTROPHES = str.maketrans("", "", "'’ʼ`´")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
_SENTENCE_END = re.compile(r"[.!?;:。！？…\n]+(?=\s|$)|\n|[。！？;]")
_CLAUSE_END = re.compile(r"[,，、()\[\]]|\s[-–—]+\s|—")
_SCRIPTS = ("LATIN", "CYRILLIC", "GREEK")


class Clause(Struct, frozen=True, kw_only=True):
    """Words between two commas of one sentence."""

    words: tuple[str, ...]
    sentence: int
    # its number in the text
    is_asked: bool
    # whether its sentence ends with a question mark


class FoldedText(Struct, frozen=True, kw_only=True):
    """One text, read once."""

    plain: str
    # visible, compatibility forms made one; case and accents as written
    clauses: tuple[Clause, ...]
    has_lookalikes: bool
    # a word of several scripts: it may be another word than it looks like
    is_foreign: bool
    # letters of a script whose words the rules don't know
    is_too_long: bool = False


@lru_cache(maxsize=256)
def read_text(text: str) -> FoldedText:
    """The text in folded clauses, and what makes it unreadable to rules: length, other scripts."""
    if len(text) > LONGEST:
        return FoldedText(
            plain="", clauses=(), has_lookalikes=True, is_foreign=True, is_too_long=True
        )
    plain = visible(text)
    scripts = [_scripts(word) for word in set(_WORD.findall(plain))]
    return FoldedText(
        plain=plain,
        clauses=tuple(_clauses(plain)),
        has_lookalikes=any(len(found) > 1 for found in scripts),
        is_foreign=any(found - {"LATIN"} for found in scripts),
    )


def visible(text: str) -> str:
    """The text in compatibility form (NFKC), without marks that nobody sees.

    >>> visible("re\u200bfunded \ufb01ve \U000e0041")
    'refunded five '
    """
    if text.isascii():
        return text.translate(_CONTROLS)
    kept = [c for c in text if c in "\n\t" or unicodedata.category(c) not in _INVISIBLE]
    return unicodedata.normalize("NFKC", "".join(kept))


def fold_word(word: str) -> str:
    """A word without case, accents and apostrophes; `ä`, `ö` and `ü` as without their key.

    >>> fold_word("Don’t"), fold_word("Müßig"), fold_word("Zoë")
    ('dont', 'muessig', 'zoe')
    """
    if word.isascii():
        return word.lower().translate(_APOSTROPHES)
    if len(word) == 1:
        return word.casefold()  # "è" is, "e" and
    written_out = unicodedata.normalize("NFC", word.casefold()).translate(_UMLAUTS)
    decomposed = unicodedata.normalize("NFD", written_out)
    kept = "".join(c for c in decomposed if not unicodedata.combining(c))
    return kept.translate(_APOSTROPHES)


def fold_words(text: str) -> tuple[str, ...]:
    """The words of a phrase, each folded as `fold_word` says, for comparing with clauses."""
    return tuple([fold_word(word) for word in _WORD.findall(visible(text))])


def words_before(plain: str, place: int) -> tuple[str, ...]:
    """The folded words of the clause that stand before the place; `plain` as `FoldedText` has it.

    A comma between digits ends no clause.

    >>> words_before("Sorry, not 1,234.50", 11)
    ('not',)
    """
    sentence = max((match.end() for match in _SENTENCE_END.finditer(plain, 0, place)), default=0)
    ends = [
        match.end()
        for match in _CLAUSE_END.finditer(plain, sentence, place)
        if not (plain[match.start() - 1 : match.start()] + plain[match.end()]).isdigit()
    ]
    clause = plain[ends[-1] if ends else sentence : place]
    return tuple([fold_word(word) for word in _WORD.findall(clause)])


def _clauses(plain: str) -> list[Clause]:
    found = []
    begin = 0
    ends = [(match.start(), match.end(), match[0]) for match in _SENTENCE_END.finditer(plain)]
    for number, (start, end, mark) in enumerate([*ends, (len(plain), len(plain), "")]):
        is_asked = "?" in mark or "？" in mark
        for part in _CLAUSE_END.split(plain[begin:start]):
            words = tuple([fold_word(word) for word in _WORD.findall(part)])
            if words:
                found.append(Clause(words=words, sentence=number, is_asked=is_asked))
        begin = end
    return found


def _scripts(word: str) -> frozenset[str]:
    if word.isascii():
        return frozenset()
    names = [unicodedata.name(c, "?").partition(" ")[0] for c in word if c.isalpha()]
    return frozenset(name if name in _SCRIPTS else "OTHER" for name in names)
