"""Whether each judge of judge.toml could be asked: its key, and its endpoint."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from dialgate.scaffold.doctor.endpoint import knock
from dialgate.scaffold.doctor.finding import Finding, State

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dialgate.scaffold.doctor.finding import Patient

_CHECK = "judge"


def check_judges(patient: Patient) -> Iterator[Finding]:
    """A line for each judge; what it says to a question is seen by `run --judge`."""
    workspace = patient.workspace
    for judge in () if workspace is None else workspace.judges.judges:
        key = judge.api_key_env
        if key is not None and not os.environ.get(key):
            text = f"{judge.name}: the environment variable {key} is not set"
            yield Finding(check=_CHECK, state=State.MEND, text=text, mend=f"export {key}=…")
            continue
        mend = f"start the endpoint, or correct [judge.{judge.name}] base_url in judge.toml"
        found = knock(judge.base_url, check=_CHECK, mend=mend)
        yield replace(found, text=f"{judge.name}: {found.text}")
