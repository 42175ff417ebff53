"""Every sentence of each verdict over the shared suites, judged again from the records.

`second_opinion` shares no code with the gate. A sentence of a form that stands in no pattern here
fails the test: nobody would have judged it.
"""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from dialgate_reports.words import figures
from dialgate_reports.words.movements import BAD_OUTCOMES, movement_lines
from dialgate_reports.words.verdict_words import next_step, verdict_sentence
from tests.integration.check.second_opinion import SILENT, SecondOpinion
from tests.integration.command_line import dialgate
from tests.needed.shared_data import SHARED, needs_shared

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

MARGIN_LEVEL = 0.025
ALSO = {words: outcome for outcome, words in BAD_OUTCOMES.items()}


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A verdict and the second opinion on it."""

    document: dict[str, Any]
    second: SecondOpinion

    @property
    def classes(self) -> dict[str, dict[str, Any]]:
        return {item["action_class"]: item for item in self.document["classes"]}


def split_trials(suite: Path) -> None:
    """tau-airline holds four trials of one release: its halves are two releases."""
    text = (suite / "releases/gpt-4o.toml").read_text("utf-8")
    recorded = (suite / "transcripts/gpt-4o.jsonl").read_text("utf-8")
    rows = [json.loads(line) for line in recorded.splitlines()]
    for name, first in (("early", 0), ("late", 2)):
        (suite / f"releases/{name}.toml").write_text(text.replace('"gpt-4o"', f'"{name}"', 1))
        half = [
            {**row, "trial": row["trial"] - first} for row in rows if row["trial"] // 2 * 2 == first
        ]
        lines = "".join(f"{json.dumps(row)}\n" for row in half)
        (suite / f"transcripts/{name}.jsonl").write_text(lines, "utf-8")


SUITES = {
    "agentdojo": ("claude-3-5-sonnet-20240620", "claude-3-5-sonnet-20241022"),
    "agentdojo, back": ("claude-3-5-sonnet-20241022", "claude-3-5-sonnet-20240620"),
    "tau2-airline": ("gpt-4o-2024-11-20", "claude-sonnet-4-5"),
    "tau2-airline, back": ("claude-sonnet-4-5", "gpt-4o-2024-11-20"),
    "tau-airline": ("early", "late"),
}


@pytest.fixture(scope="module", params=list(SUITES))
def judged(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Judged:
    folder = tmp_path_factory.mktemp("sentences")
    name = request.param.partition(",")[0]
    shutil.copytree(SHARED / "suites" / name, folder / name)
    if name == "tau-airline":
        split_trials(folder / name)
    baseline, candidate = SUITES[request.param]
    done = dialgate(
        *("check", name, "--out", "out", "--json", "v.json"),
        *("--release", f"releases/{candidate}.toml", "--baseline", f"releases/{baseline}.toml"),
        folder=folder,
    )
    assert done.code in {0, 1, 3}, done.err
    document = json.loads((folder / "v.json").read_text("utf-8"))
    records = document["records"]
    second = SecondOpinion(
        folder / name, folder / records["baseline"], folder / records["candidate"]
    )
    return Judged(document=document, second=second)


def points(value: float) -> str:
    return f"{100 * value:+.1f}"


def names_in(text: str) -> tuple[list[str], int]:
    """The ids of a list, and how many more it says there are."""
    parts = re.split(r", | and ", text)
    more = re.fullmatch(r"(\d+) more", parts[-1])
    return (parts[:-1], int(more[1])) if more else (parts, 0)


def same_cases(said: str, number: int, expected: list[str]) -> None:
    named, more = names_in(said)
    assert len(named) + more == number == len(expected)
    assert set(named) <= set(expected)


def near(p_said: str, value: float) -> None:
    """`p = 0.031` or `p < 0.0001`, as the figure is rounded."""
    if p_said == "p < 0.0001":
        assert value < 1e-4
    else:
        assert p_said == f"p = {value:.2g}"


def on_margin(j: Judged, found: re.Match[str]) -> None:
    name = found["name"]
    counts = j.second.success(name)
    margin = j.classes[name]["margin"]
    low, high = counts.interval()
    assert found["margin"] == f"{100 * margin:.3g}"
    assert (found["difference"], found["low"]) == (points(counts.difference), points(low))
    assert low < -margin
    assert bool(found["worse"]) <= (high < 0)
    trials_are(j, found)
    p_alone, p_shared = counts.p_value(), j.second.adjusted()[name, "success"]
    assert bool(found["alone"]) == (p_alone <= MARGIN_LEVEL < p_shared)
    if found["alone"]:
        near(found["alone"], p_alone)
        near(found["shared"], p_shared)
    if found["more"]:
        more = int(found["more"])
        assert counts.with_more(more).low() >= -margin > counts.with_more(more - 1).low()
    else:
        assert counts.difference <= -margin


def trials_are(j: Judged, found: re.Match[str]) -> None:
    counts = j.second.success(found["name"])
    for said, whole, side in (("b", "bt", counts.before), ("n", "nt", counts.now)):
        assert int(found[said]) == sum(good for good, _ in side)
        assert int(found[whole]) == sum(trials for _, trials in side)


def on_suspects(j: Judged, found: re.Match[str]) -> None:
    name = found["name"]
    success, silence = j.second.success(name), j.second.silence(name)
    broken, silent = success.moved(-1), silence.moved(-1)
    if found["broken"]:
        same_cases(found["cases"], int(found["broken"]), broken)
        assert ("succeeded before and failed now" in found[0]) == success.single
        both = len(set(broken) & set(silent))
        said = found["some"] or (str(both) if found["all"] else "0")
        assert int(said) == both
        assert not found["all"] or both == len(broken)
    else:
        assert not broken
    rest = [case for case in silent if case not in broken]
    if found["silent"]:
        same_cases(found["silents"], int(found["silent"]), rest)
    else:
        assert not rest


def on_size(j: Judged, found: re.Match[str]) -> None:
    number = len(j.second.success(found["name"]).cases)
    assert int(found["cases"]) == number < int(found["least"])
    assert int(found["add"]) == int(found["least"]) - number


def on_pass(j: Judged, found: re.Match[str]) -> None:
    counts, margin = j.second.success(found["name"]), j.classes[found["name"]]["margin"]
    assert (found["difference"], found["low"]) == (
        points(counts.difference),
        points(counts.low()),
    )
    assert counts.low() >= -margin
    trials_are(j, found)
    broken = counts.moved(-1)
    assert bool(found["broken"]) == bool(broken)
    if found["broken"]:
        same_cases(found["broken"], len(broken), broken)


def on_regression(j: Judged, found: re.Match[str]) -> None:
    counts = j.second.success(found["name"])
    assert found["loss"] == f"{-100 * counts.difference:.1f}"
    trials_are(j, found)
    near(found["p"], j.second.adjusted()[found["name"], "success"])
    broken = counts.moved(-1)
    same_cases(found["cases"], len(broken), broken)


def on_silence(j: Judged, found: re.Match[str]) -> None:
    name = found["name"]
    near(found["p"], j.second.adjusted()[name, "silence"])
    assert j.second.adjusted()[name, "silence"] <= MARGIN_LEVEL
    moved = j.second.silence(name).moved(-1)
    same_cases(found["cases"], len(moved), moved)


def on_suite(j: Judged, found: re.Match[str]) -> None:
    counts = j.second.whole()
    assert found["loss"] == f"{-100 * counts.difference:.1f}"
    near(found["p"], counts.p_value())


def on_suite_margin(j: Judged, found: re.Match[str]) -> None:
    counts = j.second.whole()
    assert (found["difference"], found["low"]) == (
        points(counts.difference),
        points(counts.low()),
    )
    assert counts.low() < -float(found["margin"]) / 100


def on_unclassed(j: Judged, found: re.Match[str]) -> None:
    broken = set(j.second.whole().moved(-1))
    for name in j.second.names:
        broken -= {*j.second.success(name).moved(-1), *j.second.silence(name).moved(-1)}
    same_cases(found["cases"], int(found["number"]), sorted(broken))


_TRIALS = r"\((?P<b>\d+) of (?P<bt>\d+) trials? before, (?P<n>\d+) of (?P<nt>\d+) now\)"
_P = r"p (?:=|<) [\d.e-]+"
PATTERNS: dict[str, Callable[[Judged, re.Match[str]], None]] = {
    r"(?P<name>\S+): (?:(?P<worse>It looks worse: a)|A) loss over the margin of (?P<margin>[\d.]+) "
    r"% is not excluded: the difference is (?P<difference>[+-][\d.]+) points and may be as low as "
    rf"(?P<low>[+-][\d.]+) points {_TRIALS}\."
    rf"(?: By itself the class is worse \((?P<alone>{_P})\); shared with all classes and endpoints "
    rf"that is (?P<shared>{_P}), and at most 0.025 shows it\.)?"
    r"(?: (?P<more>[\d,]+) more cases? that pass(?:es)? on both releases would exclude it\.)?": (
        on_margin
    ),
    r"(?P<name>\S+): (?:(?P<broken>\d+) cases? (?:succeeded before and failed now|lost success in "
    r"half of the trials or more)(?:(?P<all>, silently)|, (?P<some>\d+) of them silently)?: "
    r"(?P<cases>[^.]+)\. )?(?:(?P<silent>\d+) cases? with (?:a new silent failure where another "
    r"failure was before|silent failures in more of its trials, by half of them or more): "
    r"(?P<silents>[^.]+)\. )?These trials are all there is, so they stay open; more trials of "
    r"these cases on both releases would decide\.": on_suspects,
    r"(?P<name>\S+): Only (?P<cases>\d+) cases? of the class, fewer than the (?P<least>\d+) that "
    r"decide \(min_cases\): add (?P<add>\d+) more\.": on_size,
    r"(?P<name>\S+): A loss over the margin of [\d.]+ % is excluded: the difference is "
    r"(?P<difference>[+-][\d.]+) points, at worst (?P<low>[+-][\d.]+) points "
    rf"{_TRIALS}\.(?: Broken within the margin: (?P<broken>[^.]+)\.)?": on_pass,
    rf"(?P<name>\S+): Success fell by (?P<loss>[\d.]+) points {_TRIALS}: (?P<p>{_P}) over all "
    r"classes and endpoints, at most 0.025 shows it; the margin tolerates [\d.]+ %\. Broken: "
    r"(?P<cases>[^.]+)\.": on_regression,
    rf"(?P<name>\S+): Silent failures rose: (?P<p>{_P}) over all classes and endpoints, at most "
    r"0.025 shows it; cases: (?P<cases>[^.]+)\.": on_silence,
    rf"Over the suite as a whole success fell by (?P<loss>[\d.]+) points \((?P<p>{_P}), at most "
    r"0.025 shows it\); the margin tolerates [\d.]+ %\.": on_suite,
    r"Over the suite as a whole a loss over the margin of (?P<margin>[\d.]+) % is not excluded: "
    r"the difference is (?P<difference>[+-][\d.]+) points and may be as low as (?P<low>[+-][\d.]+) "
    r"points\. More cases or trials would decide it\.": on_suite_margin,
    r"(?P<number>\d+) cases? passed before and failed now without any action class of theirs "
    r"breaking \(a reply check or an end state did\): (?P<cases>[^.]+)\. More trials of these "
    r"cases on both releases would decide it\.": on_unclassed,
}


@needs_shared
def test_every_reason_is_so(judged: Judged) -> None:
    for sentence in judged.document["reasons"]:
        found = [(re.fullmatch(form, sentence), check) for form, check in PATTERNS.items()]
        known = [(match, check) for match, check in found if match]
        assert len(known) == 1, f"nobody judges: {sentence}"
        match, check = known[0]
        assert match is not None
        try:
            check(judged, match)
        except AssertionError as error:
            raise AssertionError(f"{sentence}\n{error}") from error


@needs_shared
def test_every_class_is_counted_right(judged: Judged) -> None:
    assert set(judged.classes) == set(judged.second.names)
    for name, item in judged.classes.items():
        counts = judged.second.success(name)
        for side, pairs in (("baseline", counts.before), ("candidate", counts.now)):
            good, trials = (sum(pair[i] for pair in pairs) for i in (0, 1))
            assert (item[side]["successes"], item[side]["trials"]) == (good, trials), name
        silent = [sum(judged.second.outcomes(name, o)[i] for o in SILENT) for i in (0, 1)]
        assert [item["baseline"]["silent"], item["candidate"]["silent"]] == silent
        assert item["cases"]["broken"] == sorted(counts.moved(-1))
        assert item["cases"]["fixed"] == sorted(counts.moved(1))
        assert item["new_silent"] == sorted(judged.second.silence(name).moved(-1))
        assert item["interval"] == pytest.approx(counts.interval(), abs=1e-5)


@needs_shared
def test_every_class_has_the_verdict_that_it_must_have(judged: Judged) -> None:
    found = {name: item["verdict"] for name, item in judged.classes.items()}
    assert found == {
        name: judged.second.verdict(name, item["margin"]) for name, item in judged.classes.items()
    }


@needs_shared
def test_a_class_that_only_improved_is_held_by_nothing_but_its_size(judged: Judged) -> None:
    """Where a loss over the margin is excluded; three cases that got better exclude none."""
    second = judged.second
    for name, item in judged.classes.items():
        success, silence = second.success(name), second.silence(name)
        lost = any(now < before for (before, _), (now, _) in success.pairs())
        if lost or silence.moved(-1) or success.difference <= 0:
            continue
        few = len(success.cases) < second.policy["default"]["min_cases"]
        if item["verdict"] == "inconclusive":
            assert few or success.low() < -item["margin"]
        else:
            assert item["verdict"] == "pass"


@needs_shared
def test_what_the_check_could_see_is_said(judged: Judged) -> None:
    document = judged.document
    assert document["detection"] is not None
    assert document["detection"]["broken_case"] == 0  # a trial or two a side never show one case
    has_step = document["next_step"] is not None
    assert has_step == (document["verdict"] == "inconclusive")


def lines_of(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for line in [*figures.suite_lines(document), *movement_lines(document, most=10_000)]:
        lead, colon, rest = line.partition(":")
        yield (lead, rest.strip().removesuffix(".")) if colon else (line, "")


@needs_shared
def test_what_moved_is_so(judged: Judged) -> None:
    second, document = judged.second, judged.document
    whole = second.whole()
    good, trials = ([sum(p[i] for p in side) for side in (whole.before, whole.now)] for i in (0, 1))
    said = dict(lines_of(document))
    low, high = whole.interval()
    assert said["Whole suite"] == (
        f"{good[1]} of {trials[1]} trials passed, {good[0]} of {trials[0]} before ("
        f"{points(whole.difference)} [{points(low)}, {points(high)}] points); "
        f"{len(whole.moved(-1))} case{'' if len(whole.moved(-1)) == 1 else 's'} broke, "
        f"{len(whole.moved(1))} got fixed"
    ).replace("-", "−")
    average = next(lead for lead in said if lead.startswith("The average"))
    rise = good[1] / trials[1] - good[0] / trials[0]
    word = "is as it was" if abs(rise) < 0.005 else "improved" if rise > 0 else "fell"
    assert average == f"The average {word}"
    broken = {name: second.success(name).moved(-1) for name in second.names}
    expected = {f"{name} ({len(cases)})" for name, cases in broken.items() if cases}
    assert set(said.get("Broken cases by class", "").split(", ")) - {""} == expected
    first = {text.removesuffix(" (silent)") for text in said.get("Look first at", "").split(", ")}
    assert first - {""} == {*whole.moved(-1), *(c for cases in broken.values() for c in cases)}
    for lead, sign in (("More failures", 1), ("Fewer failures", -1)):
        moved = {
            f"{words} in {name} ({old} → {new})"
            for name in second.names
            for words, outcome in ALSO.items()
            for old, new in [second.outcomes(name, outcome)]
            if (new - old) * sign > 0
        }
        assert set(said.get(lead, "").split(", ")) - {""} == moved
    for text in said.get("Passed by tag", "").split(", "):
        match = re.fullmatch(r"(.+) (\d+)/(\d+) → (\d+)/(\d+)", text)
        if match is None:
            assert not text
            continue
        tagged = [c for c, d in second.documents.items() if match[1] in d.get("tags", ())]
        own = second.whole(tagged)
        sides = [sum(p[i] for p in side) for side in (own.before, own.now) for i in (0, 1)]
        assert [int(match[i]) for i in range(2, 6)] == sides


@needs_shared
def test_the_first_lines_are_so(judged: Judged) -> None:
    document = judged.document
    sentence = verdict_sentence(document)
    listed = [item for item in document["classes"] if item["verdict"] == document["verdict"]]
    if document["verdict"] == "fail" and listed:
        assert sentence.startswith("FAIL: this release is worse in ")
        first = re.search(r"look at (\S+) first", next_step(document))
        blamed = {c for item in listed for c in (*item["cases"]["broken"], *item["new_silent"])}
        assert (first is None) == (not blamed)
        assert first is None or first[1] in blamed
    if document["verdict"] == "inconclusive":
        whole = judged.second.whole().interval()
        ends = [judged.second.success(item["action_class"]).interval()[1] for item in listed]
        worse = whole[1] < 0 or any(end < 0 for end in ends)
        assert worse <= ("looks worse, not shown" in sentence)
        if "better, with open cases" in sentence:
            assert whole[0] > 0
