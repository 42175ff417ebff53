"""Which dialect a JSON Schema says it is written in; leaves validating to `keywords`."""

from __future__ import annotations

NEWEST = "json-schema.org/draft/2020-12/schema"

DIALECTS = (
    "json-schema.org/draft-04/schema",
    "json-schema.org/draft-06/schema",
    "json-schema.org/draft-07/schema",
    "json-schema.org/draft/2019-09/schema",
    NEWEST,
)
"""The address of each that is read, without how it is reached."""


def dialect_of(schema: object) -> str | None:
    """The known dialect that the schema's `$schema` names; None where it is unknown."""
    named = schema.get("$schema", NEWEST) if isinstance(schema, dict) else NEWEST
    plain = str(named).strip().removesuffix("#").partition("://")[2] or str(named)
    return plain if plain in DIALECTS else None
