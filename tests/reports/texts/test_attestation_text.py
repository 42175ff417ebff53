"""A verified or refused attestation fits a terminal and can't take it over."""

from __future__ import annotations

from typing import Any

from dialgate_reports.texts.attestation_text import render_attestation

RELEASE = {"name": "agent", "version": "2\x1b[2J", "fingerprint": "sha256:" + "0" * 64}
HELD = {
    "verified": True, "verdict": "fail", "suite": "shop", "at": "2026-11-01T00:00:00Z",
    "judged_by": "the suite and policy of main\x1b[31m " * 5, "allowed": ["suite-change"],
    "keyid": "0123456789abcdef" * 4, "release": RELEASE, "problems": [],
}  # fmt: skip


def lines_of(**more: Any) -> list[str]:
    text = render_attestation({**HELD, **more})
    assert "\x1b" not in text
    assert all(len(line) <= 80 for line in text.splitlines())
    return text.splitlines()


def test_what_holds_says_the_verdict_and_what_was_allowed() -> None:
    first, *rest = lines_of()
    assert first.startswith("VERIFIED: the verdict on agent 2")
    assert first.endswith("is fail.")
    assert "Allowed by label: suite-change." in " ".join(rest)


def test_what_does_not_hold_says_each_reason() -> None:
    problems = ["a.json: found \x1b[2J; expected nothing.", "another"]
    first, *rest = lines_of(verified=False, problems=problems)
    assert first == "REFUSED: 2 reasons."
    assert len(rest) == 2
