"""Secrets that are known by their form alone, and variables that hold one by their name.

Knows the marks that providers put on their keys, private keys, and credentials in a URL or header;
what has no form of its own is left to `[secrets]` and `[redact]` of suite.toml.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SHAPES = "secret-shapes/1"
"""Part of the comparability key: what was taken out of a recorded trial."""

_WORD = "[A-Za-z0-9_-]"
_TAILS = {
    f"{_WORD}{{16,200}}": "sk- sk_ pk- pk_ rk- rk_",  # payment and model providers
    "[A-Za-z0-9_]{20,255}": "ghp_ gho_ ghu_ ghs_ ghr_ github_pat_",
    "[A-Za-z0-9_.-]{20,255}": "glpat- glptt- glrt- gldt- glcbt- glsoat- glft-",
    "[A-Za-z0-9-]{10,250}": "xoxa- xoxb- xoxc- xoxe- xoxp- xoxr- xoxs- xapp-",
    "[0-9A-Z]{16}": "AKIA ASIA ABIA ACCA",
    f"{_WORD}{{20,500}}": "AIza ya29. GOCSPX- hvs. hvb. hvr. tvly- sq0atp- sq0csp-",
    "[A-Za-z0-9]{20,100}": "hf_ npm_ gsk_ xai- pplx- r8_ lin_api_ whsec_ ntn_ secret_",
    f"{_WORD}{{40,300}}": "pypi- ATATT3",
    f"{_WORD}{{16,40}}[.]{_WORD}{{16,80}}": "SG.",
    "[0-9a-fA-F]{32}": "key- dapi SK AC shpat_ shpca_ shppa_ shpss_",
    "[0-9a-f]{40,80}": "dop_v1_ doo_v1_ dor_v1_",
    "[A-Za-z0-9]{30,60}": "dp.pt. dp.st. dp.ct.",
    "[A-Za-z0-9_=]{30,300}": "glc_ glsa_",
    "[0-9A-Z]{50,70}": "AGE-SECRET-KEY-1",
    f"{_WORD}{{10,2000}}[.]{_WORD}{{10,4000}}[.]{_WORD}{{10,1000}}": "eyJ",
}
"""What follows the marks of providers."""

_OTHERS = {
    ":AA": f"(?<![A-Za-z0-9_-])[0-9]{{8,10}}:AA{_WORD}{{30,40}}(?!{_WORD})",
    "PRIVATE KEY": (
        r"-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----[^\"]{1,8000}?"
        r"-----END [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----"
    ),
    "://": r"(?<=://)[^\s/:@\"\\]{1,100}:[^\s/@\"\\]{3,200}(?=@)",
    "earer ": r"(?<=[Bb]earer )[A-Za-z0-9_.~+/=-]{16,2000}",
    "asic ": r"(?<=[Bb]asic )(?=[A-Za-z0-9+/]*[0-9+/=])[A-Za-z0-9+/]{16,500}={0,2}(?![\w+/=])",
    **{
        f"{name}=": rf"(?<![A-Za-z]){name}=[^\s&;,\"'\\]{{6,200}}"
        for name in (
            "AccountKey SharedAccessKey api_key apikey password passwd secret access_token".split()
        )
    },
}
"""A text that must stand somewhere, and the form that has it."""


@cache
def _forms() -> tuple[tuple[str, re.Pattern[str]], ...]:
    # No form takes a quote or a backslash, but a private key its line ends: JSON text stays JSON.
    marks = [
        (mark, rf"(?<![A-Za-z0-9_-]){re.escape(mark)}{tail}(?!{_WORD})")
        for tail, names in _TAILS.items()
        for mark in names.split()
    ]
    return tuple((mark, re.compile(form, re.ASCII)) for mark, form in (*marks, *_OTHERS.items()))


_SHORTEST = 12
"""Characters of the shortest secret that has a form."""


_LOOKED_THROUGH = 200
"""Characters below which looking for a long word costs less than taking the words apart."""
_LONG_WORD = re.compile(rf'[^\s"]{{{_SHORTEST}}}')


def find_secrets(text: str) -> Iterator[re.Match[str]]:
    """Every place that has the form of a secret; they may overlap."""
    for form in _possible(text):
        yield from form.finditer(text)


def may_hold_secret(text: str) -> bool:
    """Whether a mark of any form stands in the text; no form is looked for."""
    return bool(_possible(text))


def without_secrets(text: str, shown: str) -> str:
    """The text with `shown` wherever something has the form of a secret."""
    for form in _possible(text):
        text = form.sub(shown, text)
    return text


def _possible(text: str) -> list[re.Pattern[str]]:
    """The forms that may be there: to look for all of them would cost more than a trial."""
    if len(text) < _LOOKED_THROUGH and not _LONG_WORD.search(text):
        return []
    long = " ".join([word for word in text.replace('"', " ").split() if len(word) >= _SHORTEST])
    if not long:
        return []
    return [form for mark, form in _forms() if mark in (text if " " in mark else long)]


_NAMES_OF_SECRETS = re.compile(
    r"(?:.*_)?(?:TOKEN|KEY|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIALS?|API_?KEY|PAT)",
    re.IGNORECASE,
)
_LEAST = 8
_ORDINARY = re.compile(r"[a-z]+|[A-Z]+|\d{1,9}|[~./].*|[A-Za-z]:\\.*", re.DOTALL)
"""A word, a number or a path: it would be found in what an agent rightly says."""


def secret_variables(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables that hold a secret by their name, with a value that can't be ordinary text.

    >>> sorted(secret_variables({"API_KEY": "a7c93e1f", "SORT_KEY": "created", "HOME": "a7c93e1f"}))
    ['API_KEY']
    """
    return {
        name: value
        for name, value in environment.items()
        if _NAMES_OF_SECRETS.fullmatch(name)
        and len(value) >= _LEAST
        and not _ORDINARY.fullmatch(value)
    }
