"""owners.toml: one table is one person, and roles mean people of it or are shown as unverified."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from dialgate_evals.files.schema_validation import check_document
from dialgate_gate.settings.people.cadence import reviews_of
from dialgate_gate.settings.people.codeowners import line_of, parse_codeowners
from dialgate_gate.settings.people.owners import Owners, owner_problems, parse_owners
from dialgate_gate.settings.people.people_lint import PeopleFacts, lint_people
from dialgate_gate.settings.people.people_policy import ReviewEvery
from dialgate_gate.settings.people.placeholders import is_placeholder
from dialgate_gate.settings.people.reading import read_owners, read_rota
from dialgate_gate.settings.people.roles import ROLES, raci_of, role_holders

if TYPE_CHECKING:
    from pathlib import Path

    from dialgate_evals.files.problems import Problem

TODAY = dt.date(2026, 11, 29)
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB mara"
MARA = {"name": "Mara Lindqvist", "mail": "mara@desk.io", "handle": "@mara"}


def owners(**people: dict[str, Any]) -> Owners:
    document = {"schema": 1, "person": people}
    assert check_document(document, "owners", "owners.toml", str) == []
    return parse_owners(document)


def lint(**more: Any) -> list[Problem]:
    facts: dict[str, Any] = {
        "runbook_file": "runbook.toml",
        "owners_file": "owners.toml",
        "suite_path": "suites/desk",
        "said": {},
        "owners": owners(mara=MARA),
        "today": TODAY,
        **more,
    }
    return lint_people(PeopleFacts(**facts))


@pytest.mark.parametrize("text", ["mara", "Mara Lindqvist", "@MARA", "mara+pager@desk.io"])
def test_an_id_name_mail_or_handle_means_the_person(text: str) -> None:
    found = owners(mara=MARA).find(text)
    assert found is not None
    assert found.id == "mara"
    assert owners(mara=MARA).find("mar") is None


@pytest.mark.parametrize(
    "other",
    [
        {"mail": "MARA+2@desk.io"},
        {"mail": "m2@desk.io", "handle": "Mara"},
        {"mail": "m2@desk.io", "name": "mara  lindqvist"},
        {"mail": "m2@desk.io", "keys": [KEY.replace(" mara", " other@laptop")]},
    ],
    ids=["mail", "handle", "name", "key"],
)
def test_one_person_under_two_ids_is_refused(other: dict[str, Any]) -> None:
    found = list(owner_problems(owners(mara={**MARA, "keys": [KEY]}, second=other), "o"))
    assert len(found) == 1
    assert '"mara"' in found[0].found


def test_nobody_is_called_system() -> None:
    (found,) = owner_problems(owners(System={"mail": "s@desk.io"}), "o")
    assert "system" in found.found


@pytest.mark.parametrize(
    "person",
    [
        {"name": "Nobody can be reached"},
        {"mail": "no address"},
        {"mail": "a@b.io", "keys": ["-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n"]},
        {"mail": "a@b.io", "keys": ["k1"]},
        {"mail": "a@b.io", "phone": "1"},
    ],
)
def test_a_person_without_an_address_a_private_key_or_unknown_words_is_refused(
    person: dict[str, Any],
) -> None:
    document = {"schema": 1, "person": {"x": person}}
    assert check_document(document, "owners", "owners.toml", str)


def test_a_role_that_means_nobody_is_shown_as_unverified() -> None:
    said = {"product_owner": "mara", "reliability_engineer": "Somebody Else"}
    holders = role_holders(said, owners(mara=MARA), TODAY)
    assert [item.shown for item in holders[:3]] == [
        "Mara Lindqvist", "Somebody Else (unverified)", "nobody",
    ]  # fmt: skip
    assert [item.is_verified for item in holders[:2]] == [True, False]


def test_who_has_left_holds_no_role() -> None:
    gone = owners(mara={**MARA, "left": "2026-11-29"})
    (holder, *_) = role_holders({"product_owner": "mara"}, gone, TODAY)
    assert not holder.is_verified
    assert "left on 2026-11-29" in holder.shown
    (yesterday, *_) = role_holders({"product_owner": "mara"}, gone, TODAY - dt.timedelta(days=1))
    assert yesterday.is_verified


def test_each_class_has_one_agent_and_one_accountable_person() -> None:
    known = parse_owners(
        {
            "schema": 1,
            "person": {"mara": MARA, "jo": {"mail": "jo@desk.io"}},
            "class": {"refund": {"accountable": "jo", "informed": ["mara"]}},
        }
    )
    said = dict.fromkeys(ROLES, "mara")

    def raci(name: str) -> dict[str, Any]:
        return raci_of(name, agent="desk-agent", said=said, owners=known, today=TODAY).as_json()

    assert raci("refund")["responsible"] == "desk-agent"
    assert raci("refund")["accountable"]["person"] == "jo"
    assert [item["person"] for item in raci("refund")["informed"]] == ["mara"]
    assert raci("mail")["accountable"]["person"] == "mara"


@pytest.mark.parametrize(
    "text",
    ["@your-org/owners", "TODO", "you@example.com", "TBD later", "<name>", "N/A", "Jane Doe",
     "a@desk.example", "your name", "@example.org"],
)  # fmt: skip
def test_placeholders_are_known(text: str) -> None:
    assert is_placeholder(text)


@pytest.mark.parametrize("text", ["Mara Lindqvist", "mara@desk.io", "@desk/owners", "Todor Ivanov"])
def test_names_of_people_are_none(text: str) -> None:
    assert not is_placeholder(text)


def test_placeholders_fail_lint_wherever_they_stand() -> None:
    found = lint(
        said={"product_owner": "TODO"},
        owners=owners(x={"mail": "x@example.com"}),
        codeowners=("CODEOWNERS", parse_codeowners("* @your-org/team # real: @desk/team\n")),
    )
    errors = [item for item in found if item.severity == "error"]
    assert [item.file for item in errors] == ["runbook.toml", "owners.toml", "CODEOWNERS"]
    assert all("placeholder" in item.found for item in errors)


def test_free_text_is_a_warning() -> None:
    (found,) = lint(said={"product_owner": "Somebody Else"})
    assert found.severity == "warning"
    assert "unverified" in found.found


def test_names_in_the_file_itself_must_mean_somebody() -> None:
    known = parse_owners(
        {
            "schema": 1,
            "person": {"mara": MARA},
            "class": {"refund": {"accountable": "marra"}},
            "reviewed": {"policy": {"at": "2026-11-01", "by": "nobody here"}},
        }
    )
    found = lint(owners=known, class_names=("mail",))
    assert [item.place for item in found if item.severity == "error"] == [
        'class."refund"', 'class."refund".accountable', "reviewed.policy.by",
    ]  # fmt: skip


def test_codeowners_are_held_against_the_roles() -> None:
    lines = parse_codeowners(
        "*  @desk/all\n/suites/*/policy.toml @jo # not mara\n/suites/**/dial.toml @desk/owners\n"
    )
    known = owners(mara={**MARA, "teams": ["@desk/owners"]})
    found = lint(
        said={"product_owner": "mara"},
        owners=known,
        codeowners=("CODEOWNERS", lines),
        present=("policy.toml", "dial.toml", "ledger.jsonl", "suite.toml"),
    )
    assert [(item.place, item.found) for item in found] == [
        ("line 2", "@jo asked about suites/desk/policy.toml"),
        ("line 1", "@desk/all asked about suites/desk/ledger.jsonl"),
    ]


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [
        ("*", "a/b.py", True),
        ("*.py", "a/b.py", True),
        ("/*.py", "a/b.py", False),
        ("docs/", "a/docs/b/c.md", True),
        ("/docs/", "a/docs/b/c.md", False),
        ("docs/*", "docs/b.md", True),
        ("docs/*", "docs/b/c.md", False),
        ("/golden/", "golden/x/y.jsonl", True),
        ("/a/**/z.toml", "a/z.toml", True),
        ("/a/**/z.toml", "a/b/c/z.toml", True),
        ("/suites/*/x.toml", "suites/a/b/x.toml", False),
        ("apps", "x/apps/y", True),
        ("a+b", "a+b", True),
    ],
)
def test_patterns_are_read_as_a_code_host_does(pattern: str, path: str, fits: bool) -> None:
    lines = parse_codeowners(f"[Section]\n{pattern} @x\n")
    assert (line_of(path, lines) is not None) is fits


def test_a_review_is_counted_from_the_later_of_change_and_note() -> None:
    known = parse_owners(
        {
            "schema": 1,
            "person": {"mara": MARA},
            "reviewed": {"policy": {"at": "2026-11-01", "by": "mara"},
                         "cases": {"at": "2027-01-01", "by": "mara"}},
        }
    )  # fmt: skip
    changed = {"policy": dt.date(2026, 1, 1), "cases": dt.date(2026, 8, 1), "drill": None}
    policy, cases, drill = reviews_of(ReviewEvery(), known, changed, TODAY)
    assert (policy.last, policy.is_overdue) == (dt.date(2026, 11, 1), False)
    assert (cases.last, cases.is_overdue) == (dt.date(2026, 8, 1), True)
    assert drill.is_overdue
    assert "nothing says when" in str(drill)


def test_a_file_that_cant_be_used_is_no_file_without_people(tmp_path: Path) -> None:
    problems: list[Problem] = []
    assert read_owners(tmp_path, problems) == Owners()
    (tmp_path / "owners.toml").write_text('schema = 1\n[person.x]\nmail = "x"\n')
    assert read_owners(tmp_path, problems) is None
    assert len(problems) == 1


@pytest.mark.parametrize("name", ["../../outside.toml", "gone.toml", "bad.ics", "bad.toml"])
def test_a_rota_that_cant_be_read_is_a_problem(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "suites/desk"
    folder.mkdir(parents=True)
    (tmp_path.parent / "outside.toml").write_text("schema = 1\n")
    (folder / "bad.ics").write_text("no calendar")
    (folder / "bad.toml").write_text('schema = 1\ntimezone = "Mars/Base"\n')
    problems: list[Problem] = []
    assert read_rota(folder, name, problems) is None
    assert len(problems) == 1
