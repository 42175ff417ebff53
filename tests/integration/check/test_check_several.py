"""`check` of several suites: one budget, one exit code, one comment; and which a change touches."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from dialgate.changes.touched_suites import touched_suites
from dialgate.check.checking.affected_suites import Affected, AffectedQuery
from dialgate_evals.files.file_reading import json_pointer
from dialgate_evals.files.schema_validation import check_document
from tests.integration.checkouts import Checkout, git, make_repository
from tests.integration.command_line import Finished, dialgate
from tests.workspaces import RELEASE, RecordedSuite

WRONG = [{"name": "refund", "arguments": {"id": "other", "amount": 1_000}}]


class Mono:
    """A repository of recorded suites; `a` and `b` share a prompt, `c` has its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        if folder.exists():
            return
        self.write("shared/system.md", "Refund what is asked for.\n")
        for name in ("a", "b", "c"):
            suite = self.add(name)
            if name != "c":
                text = RELEASE.format(version="2").replace("prompts/", "../../shared/")
                suite.write("release.toml", text)
        make_repository(folder)
        self.commit("base")
        git(folder, "commit", "-q", "--allow-empty", "-m", "nothing more")
        git(folder, "checkout", "-q", "-b", "change")

    def add(self, name: str) -> RecordedSuite:
        suite = RecordedSuite(self.folder / "suites" / name)
        text = (suite.folder / "suite.toml").read_text("utf-8")
        suite.write("suite.toml", text.replace('"shop"', f'"{name}"'))
        return suite

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")

    def commit(self, message: str) -> None:
        git(self.folder, "add", "-A")
        git(self.folder, "commit", "-q", "-m", message)

    def fail(self, name: str) -> None:
        """The change's recorded agent refunds something else everywhere."""
        path = self.folder / "suites" / name / "transcripts/2.jsonl"
        documents = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        for document in documents:
            call = document["messages"][1]["tool_calls"][0]["function"]
            call["arguments"] = json.dumps(WRONG[0]["arguments"])
        path.write_text("".join(json.dumps(item) + "\n" for item in documents), "utf-8")

    def check(self, *more: str) -> Finished:
        return dialgate("check", "--json", "-", *more, folder=self.folder)

    def affected(self, *more: str, code: int) -> dict[str, Any]:
        """The document of `--affected`, which ended with that code."""
        done = self.check("--affected", *more)
        assert done.code == code, (done.code, done.err)
        return said(done)


def said(done: Finished) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(done.out)
    assert check_document(document, "verdicts", "verdicts.json", json_pointer) == []
    assert document["exit_code"] == done.code
    return document


def judged(document: dict[str, Any]) -> list[tuple[str, int]]:
    return [(item["folder"], item["exit_code"]) for item in document["suites"]]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Mono:
    return Mono(tmp_path_factory.mktemp("mono") / "work")


@pytest.fixture
def mono(kept: Mono, tmp_path: Path) -> Mono:
    shutil.copytree(kept.folder, tmp_path / "work", symlinks=True)
    return Mono(tmp_path / "work")


def test_the_worst_counts_and_stands_first(mono: Mono) -> None:
    mono.fail("b")
    mono.write("suites/c/policy.toml", "schema = 1\n[gate]\nalpha = 7\n")
    files = ("--markdown", "m.md", "--html", "m.html", "--junit", "m.xml")
    done = mono.check("suites/a", "suites/b", "suites/c", *files)
    document = said(done)
    assert judged(document) == [("suites/b", 1), ("suites/c", 2), ("suites/a", 0)]
    assert document["suites"][0]["document"]["verdict"] == "fail"
    assert "policy.toml: line 2, gate" in document["suites"][1]["problem"]
    markdown = (mono.folder / "m.md").read_text("utf-8")
    assert markdown.startswith("### ❌ dialgate: 3 suites: 1 fail, 1 not judged and 1 pass")
    assert markdown.count("<details><summary>fail: suites/b") == 1
    page = (mono.folder / "m.html").read_text("utf-8")
    assert page.index("suites/b") < page.index("suites/c") < page.index("suites/a")
    tree = ET.fromstring((mono.folder / "m.xml").read_text("utf-8"))
    names = [suite.get("name") for suite in tree]
    assert "suites/c: verdict" in names
    assert "Exit code 1: fail." in done.err


@pytest.fixture(scope="module")
def checked(kept: Mono, tmp_path_factory: pytest.TempPathFactory) -> tuple[Mono, Finished]:
    """A check of two suites, one of them named twice, and what it left."""
    shutil.copytree(kept.folder, folder := tmp_path_factory.mktemp("checked") / "work")
    mono = Mono(folder)
    return mono, mono.check("suites/a", "suites/a/suite.toml", "suites/b", "--html", "m.html")


def test_each_verdict_is_left_as_one_suite_s_would_be(checked: tuple[Mono, Finished]) -> None:
    mono, done = checked
    document = said(done)
    assert len(document["suites"]) == 2
    left = json.loads((mono.folder / ".dialgate/verdict-a.json").read_text("utf-8"))
    (own,) = [item for item in document["suites"] if item["suite"] == "a"]
    assert left == own["document"]


def test_what_was_written_is_rendered_again(checked: tuple[Mono, Finished]) -> None:
    mono, _ = checked
    done = dialgate("report", ".dialgate/verdicts.json", "--html", "again.html", folder=mono.folder)
    assert done.code == 0, done.err
    again = (mono.folder / "again.html").read_text("utf-8")
    assert again == (mono.folder / "m.html").read_text("utf-8")
    mono.write("bad.json", '{"schema": 1, "suites": [], "verdict": "pass"}')
    assert dialgate("report", "bad.json", folder=mono.folder).code == 4


def test_one_suite_is_judged_and_written_as_ever(mono: Mono) -> None:
    document = json.loads(mono.check("suites/a").out)
    assert document["suite"] == "a"
    assert "suites" not in document


def test_what_is_about_one_suite_is_refused_of_two(mono: Mono) -> None:
    for option in (("--attest", "x.json"), ("--blame", "5")):
        assert mono.check("suites/a", "suites/b", *option).code == 2
    assert mono.check().code == 2


def test_a_folder_without_a_suite_is_no_pass(mono: Mono) -> None:
    document = said(mono.check("suites/a", "suites/nowhere"))
    assert judged(document)[0] == ("suites/nowhere", 2)


def test_suites_of_one_name_are_not_judged_by_each_other_s_records(mono: Mono) -> None:
    shutil.copytree(mono.folder / "suites/a", mono.folder / "suites/copy")
    document = said(mono.check("suites/a", "suites/copy", "suites/c"))
    assert judged(document) == [("suites/a", 2), ("suites/copy", 2), ("suites/c", 0)]


def test_a_shared_prompt_touches_who_shares_it(mono: Mono) -> None:
    mono.write("shared/system.md", "Refund nothing.\n")
    document = mono.affected(code=0)
    assert [item["folder"] for item in document["suites"]] == ["suites/a", "suites/b"]
    assert document["suites"][0]["why"] == "shared/system.md is named by it and differs"
    assert document["untouched"] == ["suites/c"]


def test_a_file_behind_a_link_touches_who_links_to_it(
    mono: Mono, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(mono.folder, "checkout", "-q", "main")
    (mono.folder / "suites/c/prompts/more.md").symlink_to("../../../texts/more.md")
    mono.write("texts/more.md", "More.\n")
    mono.commit("a linked prompt")
    git(mono.folder, "commit", "-q", "--allow-empty", "-m", "nothing more")
    git(mono.folder, "checkout", "-q", "-B", "change")
    mono.write("texts/more.md", "Less.\n")
    monkeypatch.chdir(mono.folder)
    assert [item.folder.as_posix() for item in look().touched] == ["suites/c"]


def test_a_submodule_touches_who_names_a_file_in_it(
    mono: Mono, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where `.gitmodules`, which is a file of the change, has git keep quiet about it."""
    git(mono.folder, "checkout", "-q", "main")
    words = make_repository(mono.folder.parent / "words", {"deep/system.md": "Refund.\n"})
    git(mono.folder, "submodule", "--quiet", "add", words.as_uri(), "words")
    named = RELEASE.format(version="2").replace("prompts/", "../../words/deep/")
    mono.write("suites/c/release.toml", named)
    mono.commit("words elsewhere")
    git(mono.folder, "checkout", "-q", "-B", "change")
    mono.write("words/deep/system.md", "Refund everything.\n")
    git(mono.folder / "words", "commit", "-qam", "other words")
    mono.commit("other words")
    git(mono.folder, "config", "-f", ".gitmodules", "submodule.words.ignore", "all")
    mono.commit("quiet")
    monkeypatch.chdir(mono.folder)
    (item,) = look().touched
    assert (item.folder.name, item.why) == ("c", "words is named by it and differs")
    assert touched_suites((), "main") == [Path("suites/c")]


def test_a_change_that_touches_no_suite_passes_and_says_so(mono: Mono) -> None:
    mono.write("src/tool.py", "x = 1\n")
    done = mono.check("--affected")
    assert done.code == 0
    assert "the change touches none of 3 suites: nothing was judged" in done.err
    assert said(done)["suites"] == []


def test_only_suites_below_the_roots_are_looked_at(mono: Mono) -> None:
    mono.write("shared/system.md", "Refund nothing.\n")
    document = mono.affected("suites/b", "suites/b", "suites/c", code=0)
    assert judged(document) == [("suites/b", 0)]
    assert mono.check("--affected", "nowhere").code == 2


def test_a_suite_that_the_change_deletes_is_no_pass(mono: Mono) -> None:
    shutil.rmtree(mono.folder / "suites/c")
    document = mono.affected(code=1)
    assert judged(document) == [("suites/c", 1)]
    assert "takes the suite suites/c away" in document["suites"][0]["problem"]


@pytest.mark.parametrize("way", ["moved out", "renamed file", "ignored"])
def test_a_suite_that_is_moved_out_of_sight_is_no_pass(mono: Mono, way: str) -> None:
    folder = mono.folder / "suites/c"
    if way == "moved out":
        folder.rename(mono.folder / "elsewhere")
        assert judged(mono.affected("suites", code=1)) == [("suites/c", 1)]
        return
    if way == "renamed file":
        (folder / "suite.toml").rename(folder / "suite.txt")
    else:
        git(mono.folder, "rm", "-rq", "--cached", "suites/c")
        mono.write(".gitignore", "suites/c\n")
    assert ("suites/c", 1) in judged(mono.affected(code=1))


def test_a_new_suite_is_a_first_release_also_where_a_base_is_named(mono: Mono) -> None:
    mono.add("d")
    document = said(mono.check("--affected", "--baseline", "main"))
    (item,) = document["suites"]
    assert (item["folder"], item["why"]) == ("suites/d", "it is new")
    assert item["document"]["baseline"] is None


def test_a_moved_suite_is_judged_by_what_it_was(mono: Mono) -> None:
    (mono.folder / "suites/c").rename(mono.folder / "suites/d")
    document = said(mono.check("--affected"))
    assert [item["folder"] for item in document["suites"]] == ["suites/d"]


def test_the_base_s_policy_can_let_a_suite_go(mono: Mono) -> None:
    git(mono.folder, "checkout", "-q", "main")
    path = mono.folder / "suites/c/policy.toml"
    path.write_text(path.read_text("utf-8").replace("[gate]", '[gate]\nallow = ["suite-change"]'))
    mono.commit("may go")
    git(mono.folder, "checkout", "-q", "-B", "change")
    shutil.rmtree(mono.folder / "suites/c")
    assert mono.check("--affected").code == 1
    document = mono.affected("--allow", "suite-change", code=0)
    assert "Allowed by suite-change" in document["suites"][0]["problem"]


def test_what_dialgate_left_is_no_change_unless_somebody_commits_it(
    checked: tuple[Mono, Finished], mono: Mono
) -> None:
    assert checked[1].code == 0
    shutil.copytree(checked[0].folder / ".dialgate", mono.folder / ".dialgate")
    assert mono.check("--affected", "--baseline", "HEAD").code == 2
    git(mono.folder, "add", "-f", ".dialgate")
    assert mono.check("--affected", "--baseline", "HEAD").code == 0


def test_a_commit_is_never_compared_with_itself(mono: Mono) -> None:
    assert mono.check("--affected", "--baseline", "HEAD").code == 2
    assert mono.check("--affected", "--baseline", "no-such-ref").code == 2
    shutil.rmtree(mono.folder / ".git")
    assert mono.check("--affected").code == 2


@pytest.fixture(scope="module")
def scaffold(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A scaffolded agent, and another beside it that is the same but for its name."""
    made = Checkout(tmp_path_factory.mktemp("scaffold") / "work")
    git(made.folder, "checkout", "-q", "main")
    for part in ("suites", "golden"):
        shutil.copytree(made.folder / part / "my-agent", made.folder / part / "other")
    text = (made.folder / "suites/other/suite.toml").read_text("utf-8")
    (made.folder / "suites/other/suite.toml").write_text(text.replace("my-agent", "other"))
    # This one reads files that no file of its suite names.
    agent = made.suite / "agent/my_agent.py"
    reads = (
        "from pathlib import Path\n\nfor name in ('terms.txt', 'laws/law.txt'):\n"
        "    Path(__file__).parents[3].joinpath(name).read_text()"
    )
    text = agent.read_text("utf-8")
    assert "import re\n" in text
    agent.write_text(text.replace("import re\n", f"import re\n{reads}\n", 1), "utf-8")
    (made.folder / "terms.txt").write_text("Terms.\n")
    laws = make_repository(made.folder.parent / "laws", {"law.txt": "A law.\n"})
    git(made.folder, "submodule", "--quiet", "add", laws.as_uri(), "laws")
    made.commit("two")
    git(made.folder, "checkout", "-q", "-B", "change")
    return made


@pytest.fixture
def two(scaffold: Checkout, tmp_path: Path) -> Checkout:
    return scaffold.copy_to(tmp_path / "work")


def look() -> Affected:
    """What touches what here, without judging it."""
    return AffectedQuery(baseline=None, out=Path(".dialgate")).below([Path()])


def affected(two: Checkout, *more: str) -> Finished:
    return dialgate("check", "--affected", "--json", "-", *more, folder=two.folder)


def test_what_an_agent_may_load_touches_it_until_somebody_knows(
    two: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An agent of code may read any file; what it was seen to load says which."""
    path = two.folder / "lib.py"
    path.write_text("x = 1\n")
    document = said(affected(two))
    assert len(document["suites"]) == 2
    assert document["suites"][0]["why"] == "nobody knows what its agent loads, and lib.py differs"
    assert document["budget"]["agent_calls"] > 0
    # That check saw them run.
    monkeypatch.chdir(two.folder)
    found = look()
    assert (found.touched, len(found.untouched)) == ((), 2)
    (two.folder / "terms.txt").write_text("Other terms.\n")
    (item,) = look().touched
    assert (item.folder.name, item.why) == (
        "my-agent",
        "its agent loads terms.txt, which differs",
    )
    git(two.folder, "checkout", "-q", "terms.txt")
    (two.folder / "laws" / "law.txt").write_text("Another law.\n")
    git(two.folder / "laws", "commit", "-qam", "another")
    (item,) = look().touched
    assert item.why == "its agent loads laws, which differs"


def test_all_suites_share_one_budget_of_calls(two: Checkout) -> None:
    """The second gets what the first leaves; too little decides nothing."""
    git(two.folder, "checkout", "-q", "main")
    for name in ("my-agent", "other"):
        path = two.folder / f"suites/{name}/policy.toml"
        lines = [x for x in path.read_text("utf-8").splitlines() if "max_agent_calls" not in x]
        text = "\n".join(lines).replace("[gate]", "[gate]\nmax_agent_calls = 60", 1)
        path.write_text(f"{text}\n", "utf-8")
    two.commit("a small budget")
    git(two.folder, "checkout", "-q", "-B", "change")
    done = dialgate(
        "check", "suites/my-agent", "suites/other", "--always", "--json", "-", folder=two.folder
    )
    document = said(done)
    spent = document["budget"]
    assert spent["agent_calls"] <= spent["max_agent_calls"] == 60
    codes = dict(judged(document))
    assert codes["suites/other"] == 3
    (other,) = [item for item in document["suites"] if item["folder"] == "suites/other"]
    assert "agent calls were left for it" in other["problem"]
    assert done.code != 0
