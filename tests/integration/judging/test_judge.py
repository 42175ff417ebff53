"""`dialgate judge`: labels and votes on the same texts say where votes may decide."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.dialgate.cases.judging.desks import Desk
from tests.evals.running.judges.endpoints import a_completion, a_vote
from tests.integration.agents.dresses.servers import serving
from tests.integration.command_line import Finished, dialgate
from tests.needed.extras import need

if TYPE_CHECKING:
    from pathlib import Path

need("openai", 'the extra "chat" is not installed')


def judge(desk: Desk, *words: str) -> tuple[Finished, dict[str, Any]]:
    """Runs `dialgate judge …` and gives its document."""
    done = dialgate("judge", words[0], desk.folder, "--json", "-", *words[1:], folder=desk.folder)
    return done, json.loads(done.out) if done.out else {}


def answer(document: Any) -> Any:
    asked = document["messages"][-1]["content"]
    return a_completion(a_vote(asked, "no" if "Go away" in asked else "yes"))


def yes_man(document: Any) -> Any:
    return a_completion(a_vote(document["messages"][-1]["content"], "yes"))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "desk")


def test_forty_labels_license_a_judge_that_makes_no_mistake(desk: Desk) -> None:
    desk.label()
    with serving(answer) as url:
        desk.judged_by(url)
        done, document = judge(desk, "calibrate")
        assert document["asked"]["calls"] == 40
        again, shown = judge(desk, "show")
    assert (done.code, again.code) == (0, 0)
    place = shown["places"][0]
    assert (place["criterion"], place["licensed"]) == ("polite", True)
    assert place["sensitivity"]["cases"] == 20
    assert "Votes decide everywhere the suite has a criterion, by 40 labels." in done.err


@pytest.mark.parametrize(("labels", "is_complete"), [(30, True), (8, False)])
def test_two_releases_on_record_are_compared_by_labels_on_all_their_drawn_replies(
    tmp_path: Path, labels: int, is_complete: bool
) -> None:
    desk = Desk(tmp_path / "desk")
    desk.label(right=30, wrong=20)
    with serving(answer) as url:
        desk.judged_by(url)
        judge(desk, "calibrate")
        for version in ("1", "2"):
            words = "--release", f"releases/{version}.toml", "--no-cache"
            assert dialgate("run", desk.folder, *words, folder=desk.folder).code == 0
        path = next((desk.folder / "labels").glob("*.jsonl"))
        kept = path.read_text().splitlines(keepends=True)
        path.write_text("".join([*kept[:labels], *kept[30:]]))
        for criterion in ("min_sensitivity", "min_specificity"):
            text = (desk.folder / "policy.toml").read_text()
            bound = f"{criterion} = 0.5\n"
            head = "" if "[judge]" in text else "\n[judge]\n"
            (desk.folder / "policy.toml").write_text(f"{text}{head}{bound}")
        done, document = judge(desk, "show")
    said = " ".join(done.err.split())
    pair = document["pair"]
    if is_complete:
        assert pair["labels"] == {"baseline": 30, "candidate": 30}
        assert (pair["drawn"], pair["difference"]) == (1.0, 0.0)
        assert "by 30 and 30 labels on replies that were drawn (100 % of all)" in said
    else:
        assert pair["labels"] is None
        assert "without a label that was given without a look at votes" in said


def test_a_plan_says_what_a_licensed_judge_tells_of_replies(desk: Desk) -> None:
    def plan() -> tuple[Finished, Any]:
        words = "--simulations", "20", "--json", "-"
        done = dialgate("plan", desk.folder, *words, folder=desk.folder)
        return done, json.loads(done.out)["replies"]

    desk.label()
    with serving(answer) as url:
        desk.judged_by(url)
        before, replies = plan()
        assert replies["told"] == []
        assert "Votes on replies decide nothing so far" in " ".join(before.err.split())
        judge(desk, "calibrate")
        done, replies = plan()
    assert replies["criteria"] == ["polite"]
    assert [item["labels"] for item in replies["told"]] == [0, 100, 400, None]
    assert "votes on polite decide" in " ".join(done.err.split())


def test_a_judge_that_says_yes_to_everything_is_below_the_bounds(desk: Desk) -> None:
    desk.label()
    with serving(yes_man) as url:
        desk.judged_by(url)
        done, document = judge(desk, "calibrate")
    assert done.code == 1
    assert not document["places"][0]["licensed"]
    assert "no number of labels would do" in " ".join(done.err.split())
    assert document["disagreements"]["total"] == 20


def test_a_changed_model_has_lost_its_licence(desk: Desk) -> None:
    desk.label()
    with serving(answer) as url:
        desk.judged_by(url)
        assert judge(desk, "calibrate")[0].code == 0
        desk.judged_by(url, model="m-2")
        done, document = judge(desk, "show")
    assert done.code == 4
    assert document["labels"]["unasked"] == 40


def test_what_was_asked_once_is_not_paid_for_again(desk: Desk) -> None:
    desk.label()
    with serving(answer) as url:
        desk.judged_by(url)
        judge(desk, "calibrate")
        _, document = judge(desk, "calibrate")
    assert document["asked"]["calls"] == 0


def test_asked_again_a_judge_that_answers_otherwise_has_drifted(desk: Desk) -> None:
    desk.label()
    count = iter(range(10_000))

    def drifting(document: Any) -> Any:
        return answer(document) if next(count) < 40 else yes_man(document)

    with serving(drifting) as url:
        desk.judged_by(url)
        judge(desk, "calibrate")
        done, document = judge(desk, "calibrate", "--again")
    assert document["drift"]["changed"] == 20
    assert done.code == 1
    assert "The judge drifts" in done.err


def test_few_labels_say_how_many_are_wanted(desk: Desk) -> None:
    desk.label(right=5, wrong=5)
    with serving(answer) as url:
        desk.judged_by(url)
        done, document = judge(desk, "calibrate")
    assert done.code == 1
    share = document["places"][0]["sensitivity"]
    assert share["wanted"] > 0
    assert f"{share['wanted']} more cases with a label on a right text" in " ".join(
        done.err.split()
    )
    assert document["next"]["total"] == 25


def test_a_judge_that_gives_no_answer_is_no_evidence(desk: Desk) -> None:
    desk.label()
    with serving(lambda _: a_completion("All good!")) as url:
        desk.judged_by(url)
        done, document = judge(desk, "calibrate")
    assert done.code == 4
    assert document["asked"]["failed"] == 40


def test_without_a_label_there_is_nothing_to_measure(desk: Desk) -> None:
    done, document = judge(desk, "show")
    assert done.code == 4
    assert document["labels"]["counted"] == 0
    assert document["next"]["total"] == 30


def test_a_suite_without_a_judge_is_told_how_to_get_one(desk: Desk) -> None:
    (desk.folder / "judge.toml").unlink()
    done, _ = judge(desk, "show")
    assert done.code == 2
    assert "judge.toml" in done.err


def test_a_forged_label_is_refused_with_its_line(desk: Desk) -> None:
    desk.label(right=2, wrong=0)
    path = desk.folder / "labels" / "ada.jsonl"
    path.write_text(path.read_text("utf-8").replace("thank you", "thank"), "utf-8")
    done, _ = judge(desk, "show")
    assert done.code == 2
    assert "line 1/question" in done.err
    assert "line 2/question" in done.err
