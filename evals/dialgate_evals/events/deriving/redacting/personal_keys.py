"""Names of fields that hold a person's birth date, street or given name, whoever named them.

What has no form of its own is known by the name of its field, as far as one is usual; other fields
are named in `[redact]`. Names of persons as a whole (`name`) are also names of things: left out.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

KINDS = {
    "birth date": (
        "dob", "birth_date", "birthdate", "birthday", "date_of_birth", "born_on", "birth_day",
        "geburtsdatum", "geburtstag", "date_de_naissance", "date_naissance", "fecha_nacimiento",
        "fecha_de_nacimiento", "data_di_nascita", "data_nascita", "data_de_nascimento",
        "data_nascimento", "geboortedatum", "foedselsdato", "fodelsedatum", "data_urodzenia",
    ),
    "street": (
        "street", "street_address", "street_name", "street_line", "street_line1", "street_line2",
        "street1", "street2", "address1", "address2", "address_1", "address_2", "address_line",
        "address_line1", "address_line2", "address_line_1", "address_line_2", "addr1", "addr2",
        "line1", "line2", "strasse", "straße", "rue", "calle", "indirizzo", "rua", "logradouro",
        "straat", "ulica", "gata",
    ),
    "given name": (
        "first_name", "given_name", "given_names", "forename", "forenames", "fname", "middle_name",
        "first_names", "vorname", "prenom", "prénom", "primer_nombre", "nombre_de_pila",
        "primeiro_nome", "voornaam", "fornavn", "förnamn", "imie", "imię",
    ),
}  # fmt: skip
"""By what it is: the usual names of a field, in any case, with or without `_`, `-` and accents."""

_PARTIES = frozenset(
    "customer user client patient passenger guest contact person employee member holder owner "
    "recipient sender billing shipping delivery home mailing postal primary buyer traveler "
    "traveller applicant spouse child parent".split()
)
_PLACEHOLDERS = frozenset("string str text unknown none null n/a na true false - ?".split())


def _plain(name: str) -> str:
    """The name in small letters without accents and signs: `dateOfBirth`, `Date-of-birth`."""
    split = unicodedata.normalize("NFKD", name.replace("ß", "ss").replace("ø", "o"))
    return re.sub(r"[^a-z0-9]", "", split.casefold())


_KEYS = {_plain(name): kind for kind, names in KINDS.items() for name in names}


@lru_cache(maxsize=4096)
def personal_kind(key: str) -> str | None:
    """What a field of that name holds of a person; None where its name doesn't say."""
    if len(key) > 60:
        return None
    found = _KEYS.get(_plain(key))
    if found is not None:
        return found
    first, *rest = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[-_. ]+", " ", key).split() or [""]
    return _KEYS.get(_plain("".join(rest))) if rest and first.lower() in _PARTIES else None


def names_somebody(value: object) -> bool:
    """Whether a value under such a name may be a person's, and no word that stands for one."""
    text = value.strip().lower() if isinstance(value, str) else ""
    return bool(text) and text not in _PLACEHOLDERS
