"""Trajectories side by side, packed blocks, and where things stand in the charts."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from dialgate_reports.page.charts import CURVE_WIDTH, RATE_WIDTH, plot_distribution, plot_rates
from dialgate_reports.page.page_blocks import pack_blocks, unpack_block
from dialgate_reports.page.trajectory_steps import MOST_TEXT, compare_trajectories, shown, steps_of
from tests.reports.documents import SIDE, a_class
from tests.reports.pages import a_trajectory

TEXTS = st.text(max_size=30)


def differing(document: dict[str, Any], side: str) -> list[str]:
    return [step["text"] for step in document[side]["steps"] if step.get("differs")]


class TestTrajectories:
    """A call that the other side did not make in that place is marked."""

    def test_equal_trajectories_are_the_same_throughout(self) -> None:
        found = compare_trajectories(baseline=a_trajectory(), candidate=a_trajectory())
        assert found["same"] == len(found["baseline"]["steps"]) == 4
        assert differing(found, "baseline") == differing(found, "candidate") == []

    def test_the_differing_call_is_marked_on_both_sides(self) -> None:
        found = compare_trajectories(
            baseline=a_trajectory(identity="a"), candidate=a_trajectory(identity="b")
        )
        assert found["same"] == 1
        assert differing(found, "baseline") == ['{\n "id": "a"\n}']
        assert differing(found, "candidate") == ['{\n "id": "b"\n}']

    def test_where_one_side_looks_twice_the_second_look_differs(self) -> None:
        look, pay = (
            {"role": "assistant", "tool_calls": [{"function": {"name": name, "arguments": {}}}]}
            for name in ("look", "pay")
        )
        twice = replace(a_trajectory(), messages=(look, look, pay))
        found = compare_trajectories(baseline=twice, candidate=replace(twice, messages=(look, pay)))
        marks = [bool(step.get("differs")) for step in found["baseline"]["steps"]]
        assert marks == [False, True, False]
        assert differing(found, "candidate") == []

    def test_arguments_are_compared_as_data(self) -> None:
        text = replace(
            a_trajectory(),
            messages=(
                {
                    "role": "assistant",
                    "tool_calls": [{"function": {"name": "refund", "arguments": '{ "id" : "a" }'}}],
                },
            ),
        )
        found = compare_trajectories(baseline=a_trajectory(), candidate=text)
        assert differing(found, "baseline") == differing(found, "candidate") == []

    def test_a_missing_side_is_null(self) -> None:
        found = compare_trajectories(baseline=None, candidate=a_trajectory())
        assert found["baseline"] is None
        assert found["same"] == 0

    def test_how_an_agent_broke_off_is_the_last_step(self) -> None:
        broken = replace(a_trajectory(), failure="it crashed")
        assert steps_of(broken)[-1] == {
            "role": "broke off", "text": "it crashed", "error": True,
        }  # fmt: skip

    def test_arguments_that_are_no_json_are_shown_as_they_are(self) -> None:
        call = {"function": {"name": "refund", "arguments": "{not json"}}
        broken = replace(a_trajectory(), messages=({"role": "assistant", "tool_calls": [call]},))
        assert steps_of(broken)[0]["text"] == "{not json"

    def test_a_long_text_is_cut_and_counted(self) -> None:
        assert shown("x" * (MOST_TEXT + 1_234)).endswith("x… (1,234 more characters)")


class TestBlocks:
    """Whatever is packed comes back, in few blocks, under the limit."""

    @given(st.dictionaries(TEXTS, TEXTS, max_size=8))
    def test_what_is_packed_comes_back(self, entries: dict[str, str]) -> None:
        packed = pack_blocks(entries.items(), 10_000_000)
        found = {case: unpack_block(packed.texts[n])[case] for case, n in packed.places.items()}
        assert found == entries
        assert packed.left_out == ()

    def test_what_has_no_room_is_left_out_from_the_end(self) -> None:
        entries = [(f"case-{i}", "y" * 500_000) for i in range(4)]
        everything = pack_blocks(entries, 10_000_000)
        room = sum(map(len, everything.texts[:2]))
        packed = pack_blocks(entries, room)
        assert list(packed.places) == ["case-0", "case-1"]
        assert packed.left_out == ("case-2", "case-3")

    @given(st.text())
    def test_shown_text_can_be_packed_and_encoded(self, text: str) -> None:
        packed = pack_blocks([("a", shown(text))], 10_000_000)
        assert unpack_block(packed.texts[0])["a"] == shown(text)


class TestCharts:
    """Everything lies inside the drawing; no figure, no mark."""

    @given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
    def test_marks_stay_on_the_scale(self, before: float, now: float, width: float) -> None:
        item = a_class()
        item["baseline"] = {**SIDE, "success_rate": before}
        item["candidate"] = {**SIDE, "success_rate": now}
        item["difference"] = now - before
        item["interval"] = [now - before - width, now - before + width]
        plot = plot_rates(item)
        marks = (plot.baseline, plot.candidate, plot.low, plot.high, plot.limit)
        assert all(mark is not None and 8 <= mark <= RATE_WIDTH - 8 for mark in marks)

    def test_a_first_release_has_only_its_own_mark(self) -> None:
        plot = plot_rates({**a_class(), "baseline": None, "interval": None, "difference": None})
        assert plot.candidate is not None
        assert plot.baseline is plot.low is plot.high is plot.limit is None
        assert plot.words == "success now 90 %"

    def test_no_value_is_no_chart(self) -> None:
        assert plot_distribution("Cost", "USD", {"baseline": (), "candidate": ()}) is None

    def test_quantiles_are_values_that_occurred(self) -> None:
        chart = plot_distribution("Latency", "ms", {"candidate": range(1, 101)})
        assert chart is not None
        assert chart.curves[0].quantiles == (50, 90, 95, 99)

    @given(st.lists(st.floats(0, 1e6), min_size=1, max_size=500))
    def test_a_curve_rises_from_left_to_right(self, values: list[float]) -> None:
        chart = plot_distribution("Latency", "ms", {"candidate": values})
        assert chart is not None
        points = [tuple(map(float, p.split(","))) for p in chart.curves[0].points.split()]
        assert [x for x, _ in points] == sorted(x for x, _ in points)
        assert [y for _, y in points] == sorted((y for _, y in points), reverse=True)
        assert all(40 <= x <= CURVE_WIDTH - 20 for x, _ in points)
