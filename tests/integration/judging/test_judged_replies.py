"""Rubrics in whole runs: rules decide what they can, judges are asked where it could matter.

What each bad judge is called is in tests/evals/running/judges; here none of them passes a release
that is worse.
"""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

import dialgate as package
from dialgate.runs.judging import judges
from dialgate_evals.errors import RecordError
from dialgate_evals.records.run_reading import read_run_trajectories
from dialgate_gate.licensing.judge_licence import CalibratedLicence
from dialgate_gate.settings.judge_policy import JudgePolicy
from tests.evals.running.judges.endpoints import Everywhere, a_vote
from tests.evals.running.judges.test_bad_judges import ROWS
from tests.gate.verdict.blocks.test_votes import known
from tests.integration.agents.dresses.servers import serving
from tests.integration.command_line import Finished, dialgate
from tests.integration.judging.judged_shop import GOOD, Shop, answering, polite_or_not
from tests.needed.extras import need

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from dialgate_gate.statistics.judged.judge_errors import JudgeErrors
    from tests.dialgate.pytest_suite.sessions import Sessions

need("openai", 'the extra "chat" is not installed')

pytest_plugins = ["pytester"]


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path / "shop")


def commit_all(folder: Path) -> None:
    """The folder as it is, in a git repository of its own."""
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@x.example", "-c", "commit.gpgsign=false"]
    for command in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-qm", "base"]):
        subprocess.run([*git, *command], cwd=folder, check=True)


@pytest.fixture
def licensed(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if every criterion were calibrated."""
    monkeypatch.setattr(judges, "licence_of", lambda _workspace: Everywhere())


def test_rules_decide_without_a_judge_and_nobody_is_asked(shop: Shop) -> None:
    done, record = shop.run()
    assert (
        "Criteria, shown only: amount holds in 40 of 40; polite holds in 0 of 40 (40 unsure)."
        in " ".join(done.out.split())
    )
    votes = record.votes
    assert votes.groupby("criterion").answer.first().to_dict() == {
        "amount": "yes", "polite": "unsure",
    }  # fmt: skip
    assert record.document["judge"] is None


def test_votes_are_asked_for_once_a_text_and_stand_in_the_record(shop: Shop) -> None:
    shop.record("2", bad=3)
    with serving(answering(polite_or_not)) as url:
        shop.judged_by(url)
        _, record = shop.run("--judge")
    votes = record.votes[record.votes.criterion == "polite"]
    assert votes.answer.tolist() == ["no"] * 3 + ["yes"] * 37
    assert votes.calls.sum() == 38  # the three bad replies are one text
    assert set(votes.model) == {"m-1"}
    assert not votes.decides.any()
    assert record.document["judge"]["judges"][0]["model"] == "m-1"
    assert record.document["counts"]["passed"] == 40


def test_shards_are_merged_with_their_votes_and_a_changed_vote_is_noticed(tmp_path: Path) -> None:
    shop = Shop(tmp_path / "shop", cases=4)
    folders = []
    for part in ("1/2", "2/2"):
        shop.run("--shard", part)
        folders.append(max(shop.folder.glob(".dialgate/run-*"), key=lambda p: p.stat().st_mtime))
    done = dialgate("merge", *folders, folder=shop.folder)
    assert done.code == 0, done.err
    merged = max(shop.folder.glob(".dialgate/run-*"), key=lambda path: path.stat().st_mtime)
    assert package.load(merged).votes.criterion.tolist() == ["amount", "polite"] * 4
    assert package.load(merged).document["counts"]["criteria_yes"] == 4
    (merged / "votes.parquet").write_bytes((folders[0] / "votes.parquet").read_bytes())
    with pytest.raises(RecordError, match=r"votes\.parquet"):
        package.load(merged)


def test_unlicensed_votes_are_shown_and_pass_and_fail_nothing(shop: Shop) -> None:
    shop.record("2", bad=20)
    with serving(answering(polite_or_not)) as url:
        shop.judged_by(url)
        done, document = shop.check("--judge")
    assert done.code == 0
    polite = next(item for item in document["criteria"] if item["criterion"] == "polite")
    assert (polite["decides"], polite["candidate"]["no"]) == (False, 20)
    assert document["usage"]["judge_calls"] == 41
    assert "Criteria, shown only: amount holds in 40 of 40, 40 of 40 before" in done.err


@pytest.mark.usefixtures("licensed")
def test_with_a_licence_worse_replies_fail_the_release_and_the_reports_say_who_said_what(
    shop: Shop, tmp_path: Path
) -> None:
    shop.record("2", bad=20)
    with serving(answering(polite_or_not)) as url:
        shop.judged_by(url)
        done, document = shop.check(
            "--html", str(tmp_path / "v.html"), "--markdown", str(tmp_path / "v.md")
        )
    assert done.code == 1
    failure = 'the reply is not as "polite" asks: j0 says no: it says <b>go away</b>'
    entry = document["explanations"][0]
    assert entry["candidate"]["reply_failures"] == [failure]
    assert entry["candidate"]["rulings"][0]["votes"][0]["answer"] == "no"
    page = (tmp_path / "v.html").read_text()
    assert "j0 says no: it says &lt;b&gt;go away" in page
    assert "<b>go away" not in page
    assert "<b>go away" not in (tmp_path / "v.md").read_text()


HOSTILE: dict[str, Callable[[str, int], Any]] = {
    **{
        name: ROWS[name][0]
        for name in (
            "answers prose", "breaks off in its JSON", "says true", "copies a verdict of the text",
            "is bought by the text", "answers without end",
        )
    },
    "says yes to everything": lambda asked, _: a_vote(asked, "yes"),
    "says yes from the middle on": lambda asked, number: (
        a_vote(asked, "yes") if number > 12 else polite_or_not(asked)
    ),
}  # fmt: skip
"""Bad judges in whole runs; every kind is named in tests/evals/running/judges."""


@pytest.mark.parametrize("row", HOSTILE)
@pytest.mark.usefixtures("licensed")
def test_no_bad_judge_passes_a_release_that_acts_worse(row: str, tmp_path: Path) -> None:
    shop = Shop(tmp_path / "shop", cases=12)
    shop.record("2", wrong=8)
    with serving(answering(HOSTILE[row])) as url:
        shop.judged_by(url)
        done, _ = shop.check()
    assert done.code in {1, 4}


@pytest.mark.usefixtures("licensed")
def test_a_judge_that_drifts_to_yes_between_the_sides_passes_no_worse_replies(
    tmp_path: Path,
) -> None:
    def says(asked: str, number: int) -> str:
        return a_vote(asked, "yes" if number > 14 or "refunded" in asked else "no")

    shop = Shop(tmp_path / "shop", cases=12)
    shop.record("2", bad=8)
    with serving(answering(says)) as url:
        shop.judged_by(url)
        done, document = shop.check()
    assert done.code == 4
    assert "it is another judge than it was" in json.dumps(document["gaps"])


@pytest.mark.usefixtures("licensed")
def test_a_change_cannot_bring_its_own_judge(tmp_path: Path) -> None:
    asked: list[str] = []

    def bought(text: str, _number: int) -> str:
        asked.append(text)
        return a_vote(text, "yes")

    shop = Shop(tmp_path / "shop", cases=12)
    with serving(answering(polite_or_not)) as url, serving(answering(bought)) as other:
        shop.judged_by(url)
        shop.suite.write("release.toml", shop.suite.release("1").replace("../", ""))
        commit_all(shop.folder)
        shop.suite.write("release.toml", shop.suite.release("2").replace("../", ""))
        shop.record("2", bad=8)
        shop.judged_by(other)
        done = dialgate(
            "check", shop.folder, "--baseline", "HEAD", "--json", "-", "--no-cache",
            folder=shop.folder,
        )  # fmt: skip
    document = json.loads(done.out)
    assert done.code == 1
    assert asked == []
    details = {item["path"]: item["detail"] for item in document["judge_changes"]}
    assert f'to "{other}/v1"' in details["judge.toml judge.j0.base_url"]
    polite = next(item for item in document["criteria"] if item["criterion"] == "polite")
    assert polite["candidate"]["no"] == 8


AGENT = """
def respond(messages, tools, release):
    case_id = messages[0]["content"].split()[-1].rstrip(".")
    tools.call("refund", {"id": case_id, "amount": 10})
    number = int(case_id.split("-")[1])
    is_bad = release["version"] == "2" and number % 2 == 0
    return "Go away. 10" if is_bad else "Your order was refunded: 10 EUR."
"""


class Calibrated(CalibratedLicence):
    """A licence for all, of judges that were hardly ever wrong."""

    def licensed(self, criterion: str, action_class: str) -> bool:
        return True

    def errors_of(self, groups: Iterable[tuple[str, ...]]) -> Mapping[tuple[str, ...], JudgeErrors]:
        return dict.fromkeys(groups, known(0.99, 0.99))


def test_fresh_trials_are_judged_too_and_what_that_cost_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judges, "licence_of", lambda _: Calibrated(policy=JudgePolicy()))
    shop = Shop(tmp_path / "shop", cases=12)
    shop.suite.write("agent.py", AGENT)
    path = shop.folder / "suite.toml"
    text = path.read_text()
    agent = '[agent]\nkind = "python"\ntarget = "agent:respond"\nisolation = "none"\n'
    path.write_text(text[: text.index("[agent]")] + agent)
    with serving(answering(polite_or_not)) as url:
        shop.judged_by(url)
        done, document = shop.check()
    assert done.code == 1
    assert document["confirmation"]["agent_calls"] > 0
    assert document["usage"]["judge_calls"] > 0
    broken = document["explanations"][0]["candidate"]
    assert broken["reply_failures"][0].startswith('the reply is not as "polite" asks: j0 says no')
    records = [package.load(item) for item in shop.folder.glob(".dialgate/confirmation/run-*")]
    assert {answer for record in records for answer in record.votes.answer} == {"yes", "no"}
    assert all(record.votes.decides.all() for record in records)


def a_check_of_recordings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, bad: int
) -> tuple[Finished, dict[str, Any]]:
    """Recorded trials, of whose replies a judge decides that labels show to be good."""
    monkeypatch.setattr(judges, "licence_of", lambda _: Calibrated(policy=JudgePolicy()))
    shop = Shop(tmp_path / "shop", cases=60)
    shop.record("2", bad=bad)
    with serving(answering(polite_or_not)) as url:
        shop.judged_by(url)
        return shop.check("--html", str(tmp_path / "v.html"))


def test_on_recordings_votes_decide_as_corrected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done, document = a_check_of_recordings(tmp_path, monkeypatch, bad=40)
    assert done.code == 1
    said = " ".join(document["reasons"])
    assert "corrected for the judge's errors: by" in said
    assert document["judged_replies"]["by"] == "votes, corrected by labels"
    assert "Replies as corrected" in (tmp_path / "v.html").read_text()


def test_on_recordings_that_show_too_little_the_verdict_says_what_votes_lack(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done, document = a_check_of_recordings(tmp_path, monkeypatch, bad=0)
    assert done.code == 3
    said = " ".join(document["reasons"])
    assert "is not excluded where votes on amount and polite decide" in said
    assert "several criteria decide together" in said


@pytest.mark.usefixtures("licensed")
def test_a_judge_that_gives_no_answer_is_missing_evidence(shop: Shop) -> None:
    with serving(answering(lambda asked, _: "Sure, all good!")) as url:
        shop.judged_by(url)
        done, document = shop.check()
    assert done.code == 4
    assert "decides and has no answer: j0 says failed" in json.dumps(document["gaps"])


@pytest.mark.usefixtures("licensed")
def test_a_spent_budget_is_missing_evidence(shop: Shop) -> None:
    with serving(answering(polite_or_not)) as url:
        shop.judged_by(url, max_calls=30)
        done, document = shop.check()
    assert done.code == 4
    assert "budget of 30 calls is spent" in json.dumps(document["gaps"])
    assert document["usage"]["judge_calls"] == 30


def test_a_judges_key_that_an_agent_says_is_in_no_file(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUDGE_ENTRANCE", "jk-0123456789-secret")
    path = shop.folder / "transcripts/1.jsonl"
    path.write_text(path.read_text().replace(GOOD, f"{GOOD} jk-0123456789-secret"))
    with serving(answering(polite_or_not)) as url:
        shop.judged_by(url)
        toml = shop.folder / "judge.toml"
        toml.write_text(toml.read_text() + 'api_key_env = "JUDGE_ENTRANCE"\n')
        done, _ = shop.run("--judge", "--release", "releases/1.toml")
    assert done.code == 0, done.err
    (record,) = shop.folder.glob(".dialgate/run-*")
    kept = repr(list(read_run_trajectories(record)))
    assert GOOD in kept
    assert "jk-0123456789" not in kept


def test_a_judge_without_its_key_is_named_before_any_trial(shop: Shop) -> None:
    shop.judged_by("http://127.0.0.1:9")
    path = shop.folder / "judge.toml"
    path.write_text(path.read_text() + 'api_key_env = "NO_SUCH_KEY"\n')
    done = dialgate("run", shop.folder, "--judge", folder=shop.folder)
    assert done.code == 2
    assert "judge.toml [judge.j0] api_key_env" in done.err
    assert "NO_SUCH_KEY is not set" in done.err


def test_every_problem_of_judge_toml_and_rubrics_is_named_at_once(shop: Shop) -> None:
    shop.suite.cases[0]["expect"]["reply"] = {
        "rubric": [{"name": "tone"}, {"name": "day", "must": {"dates": ["2026-02-30"]}}]
    }
    shop.suite.write_cases()
    (shop.folder / "judge.toml").write_text(
        'schema = 1\nmax_cost_usd = 1.0\n[judge.a]\nbase_url = "http://x"\nmodel = "m"\n'
    )
    done = dialgate("lint", shop.folder, folder=shop.folder)
    assert done.code == 2
    for words in ("no prices, though max_cost_usd", '"tone", which says nothing', "2026-02-30"):
        assert words in done.out
    (shop.folder / "judge.toml").write_text(
        'schema = 1\nvote = 3\n[judge.a]\nbase_url = "http://x"\nmodel = "m"\ntemperature = 1\n'
    )
    done = dialgate("lint", shop.folder, folder=shop.folder)
    assert all(word in done.out for word in ("vote", "judge.a.temperature"))


def test_what_is_odd_between_rubrics_and_judges_is_a_warning(shop: Shop) -> None:
    done = dialgate("lint", shop.folder, folder=shop.folder)
    assert "no judge, though polite may need one" in done.out
    (shop.folder / "judge.toml").write_text(
        'schema = 1\n[judge.a]\nbase_url = "http://x"\nmodel = "judge-latest"\n'
        '[criterion.unused]\ntext = "is short"\n'
    )
    done = dialgate("lint", shop.folder, folder=shop.folder)
    assert "may need one" not in done.out
    assert "criterion.unused" in done.out
    assert '"judge-latest", a name behind which' in done.out
    assert "0 errors" in done.out


def test_a_rubric_of_negative_words_alone_is_a_warning_where_silence_would_meet_it(
    shop: Shop,
) -> None:
    promise = {"name": "no_promise", "must_not": {"say": ["guarantee*"]}}
    amount = {"name": "amount", "must": {"numbers": [10]}}
    for case, rubric in zip(shop.suite.cases, ([promise], [promise, amount]), strict=False):
        case["expect"]["reply"] = {"rubric": rubric}
    shop.suite.cases[2]["expect"]["reply"] = {"rubric": [promise], "contains": ["refunded"]}
    shop.suite.write_cases()
    told = " ".join(dialgate("lint", shop.folder, folder=shop.folder).out.split())
    assert told.count("An empty reply meets them, and so does one in another language.") == 1
    assert "no_promise, of which none says what must be said" in told


def test_pytest_shows_what_was_said_of_a_failing_cases_reply(
    tmp_path: Path, run_pytest: Sessions
) -> None:
    shop = Shop(tmp_path / "shop", cases=3)
    (shop.folder / "judge.toml").write_text(
        "schema = 1\n[criterion.amount]\nmust = { numbers = [11] }\n"
    )
    for case in shop.suite.cases:
        case["expect"]["reply"] = {"rubric": [{"name": "amount"}]}
    shop.suite.write_cases()
    shop.record("2", wrong=1)
    done = run_pytest(tmp_path, suites=("shop",)).stdout.str()
    assert "1 failed, 2 passed" in done
    assert 'shown, decides nothing: "amount" on the reply: the rules say no' in done


def test_a_case_as_a_conversation_shows_what_is_judged(shop: Shop) -> None:
    done = dialgate("cases", "show", shop.folder, shop.suite.case_ids[0], folder=shop.folder)
    assert 'Judged of the reply: amount: must {"numbers": [10]}' in done.out
    assert "Judged of the reply: polite: is polite" in done.out
