"""When and of which commits: only what the document says."""

from __future__ import annotations

from dialgate_reports.words.occasion_words import occasion_line
from tests.reports.documents import a_document

COMMITS = {
    "candidate": {"commit": "a" * 40, "branch": "more-refunds", "uncommitted": True},
    "baseline": {"commit": "b" * 40, "ref": "origin/main"},
}


def test_date_branch_and_commits_stand_in_one_line() -> None:
    document = a_document(commits=COMMITS, records={"at": "2026-11-29T07:44:55Z"})
    assert occasion_line(document) == (
        "2026-11-29 07:44 UTC · branch more-refunds at aaaaaaaaaaaa with uncommitted changes · "
        "against origin/main at bbbbbbbbbbbb"
    )


def test_a_document_that_knows_neither_says_nothing() -> None:
    assert occasion_line(a_document()) == ""
    assert occasion_line(a_document(commits={"candidate": None, "baseline": None})) == ""


def test_a_detached_commit_has_no_branch() -> None:
    one = {"commit": "c" * 40, "branch": "", "uncommitted": False}
    assert occasion_line(a_document(commits={"candidate": one, "baseline": None})) == (
        "commit cccccccccccc"
    )
