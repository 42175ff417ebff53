"""What has the form of a key never reaches a record, and ordinary text is left alone."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dialgate_evals.actions.redaction import redactor_for
from dialgate_evals.actions.secret_shapes import find_secrets, secret_variables, without_secrets
from dialgate_evals.actions.trajectory import Trajectory

LETTERS = "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0fR" * 4
HEX = "0123456789abcdef" * 5

# Made up; put together here so that no scanner of repositories takes them for real.
SECRETS = [
    f"sk-{LETTERS[:40]}", f"sk-ant-api03-{LETTERS[:40]}", f"sk_live_{LETTERS[:24]}",
    f"ghp_{LETTERS[:36]}", f"github_pat_{LETTERS[:50]}", f"glpat-{LETTERS[:20]}",
    f"xoxb-{'1' * 12}-{LETTERS[:24]}", f"AKIA{LETTERS[:16].upper()}", f"AIza{LETTERS[:35]}",
    f"ya29.{LETTERS[:60]}", f"eyJ{LETTERS[:20]}.{LETTERS[:40]}.{LETTERS[:30]}",
    f"hf_{LETTERS[:34]}", f"npm_{LETTERS[:36]}", f"pypi-{LETTERS[:60]}",
    f"SG.{LETTERS[:22]}.{LETTERS[:43]}", f"key-{HEX[:32]}", f"dapi{HEX[:32]}", f"SK{HEX[:32]}",
    f"dop_v1_{HEX[:64]}", f"shpat_{HEX[:32]}", f"hvs.{LETTERS[:40]}", f"gsk_{LETTERS[:50]}",
    f"123456789:AA{LETTERS[:33]}", f"password={LETTERS[:12]}",
    f"-----BEGIN RSA PRIVATE KEY-----\n{LETTERS}\n-----END RSA PRIVATE KEY-----",
]  # fmt: skip

ORDINARY = [
    "The risk-assessment of order O-1042 is done.", "Please task-manage the desk-top items.",
    "https://shop.example/orders?id=O-1&key=name", "ann@example.org wrote at 10:30:AA",
    "a basic understanding of the bearer bond", "skip-this-very-long-hyphenated-name-here",
    "SKU 12345, AC power adapter", "the secret=ok", "550e8400-e29b-41d4-a716-446655440000",
    "sha256:" + HEX[:64],
]  # fmt: skip


@pytest.mark.parametrize("secret", SECRETS, ids=lambda text: text[:9])
def test_a_key_is_found_in_texts_and_in_json_text(secret: str) -> None:
    for text in (secret, f"It is {secret}.", json.dumps({"note": secret})):
        clean = without_secrets(text, "[redacted]")
        assert secret[-12:] not in clean
        assert "[redacted]" in clean
    assert json.loads(without_secrets(json.dumps({"a": f"x {secret} y"}), "-")) == {"a": "x - y"}


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_text_is_left_alone(text: str) -> None:
    assert without_secrets(text, "[redacted]") == text
    assert list(find_secrets(text)) == []


def test_credentials_in_urls_and_headers_are_found() -> None:
    text = f"postgres://ann:{LETTERS[:9]}@db/x and Authorization: Bearer {LETTERS[:30]}"
    assert without_secrets(text, "-") == "postgres://-@db/x and Authorization: Bearer -"


@pytest.mark.parametrize(
    ("name", "value", "is_secret"),
    [
        ("OPENAI_API_KEY", "a7c93e1f", True),
        ("CI_JOB_TOKEN", "a7c93e1f55", True),
        ("db_password", "Correct-Horse", True),
        ("AWS_SECRET_ACCESS_KEY", "a7c93e1f55", True),
        ("SORT_KEY", "created", False),
        ("SSH_KEY", "/home/ann/.ssh/id", False),
        ("MONKEY", "a7c93e1f", False),
        ("API_KEY", "a7c93e", False),
    ],
)
def test_a_variable_is_known_by_its_name(name: str, value: str, is_secret: bool) -> None:
    assert (name in secret_variables({name: value})) is is_secret


def test_neither_reaches_a_record_and_the_calls_still_hang_together() -> None:
    call = {"name": "f", "arguments": json.dumps({"token": SECRETS[0], "n": 1})}
    messages: list[dict[str, Any]] = [
        {"role": "user", "content": f"Here is {SECRETS[3]}."},
        {"role": "assistant", "content": None,
         "tool_calls": [{"id": SECRETS[0], "type": "function", "function": call}]},
        {"role": "tool", "tool_call_id": SECRETS[0], "content": f"a7c93e1f and {SECRETS[3]}"},
    ]  # fmt: skip
    trajectory = Trajectory(
        case_id="c", trial=0, messages=messages, failure=f"{SECRETS[1]} a7c93e1f"
    )
    redactor = redactor_for([], {"SOME_TOKEN": "a7c93e1f"})
    clean = redactor.redact(trajectory, context_length=1)
    context, made, answer = clean.messages
    assert context == messages[0], "what the case says stands in its file anyway"
    assert json.loads(made["tool_calls"][0]["function"]["arguments"])["token"] == "[redacted]"
    assert made["tool_calls"][0]["id"] == answer["tool_call_id"]
    assert answer["content"] == "[secret SOME_TOKEN] and [redacted]"
    assert clean.failure == "[redacted] [secret SOME_TOKEN]"
