"""What is drawn keeps its place: harmless, as wide as it should be, and nothing of it lost."""

from __future__ import annotations

import gc
import re
from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.segment import Segment
from test_hostile_text import CURSE, assert_harmless
from textual.color import Color
from textual.strip import Strip

from helpdesk.tui import strips
from helpdesk.tui.drawing import SafeLines, fit, plain, wrap
from helpdesk.tui.text_view import Line

WORDS = st.text(st.sampled_from("ab c，。「」好卡密ーパ가나 \t😀1é"), max_size=120)
ONE_LINE = WORDS.map(lambda text: plain(text).replace("\n", " "))
ANYTHING = st.text(max_size=200)


@given(ANYTHING, st.integers(0, 60), st.booleans())
def test_a_cell_is_as_wide_as_its_column(text: str, width: int, right: bool) -> None:
    assert cell_len(fit(text, width, right)) == width


@given(ANYTHING, st.integers(1, 60))
def test_a_cell_is_one_harmless_line(text: str, width: int) -> None:
    shown = fit(text, width)
    assert_harmless(shown)
    assert "\n" not in shown


@given(WORDS, st.integers(8, 60))
def test_a_wrapped_line_fits_and_loses_nothing_but_spaces(text: str, width: int) -> None:
    line = plain(text).replace("\n", " ")
    wrapped = list(wrap(line, width))
    assert all(cell_len(part) <= width for part in wrapped)
    assert re.sub(r"\s", "", "".join(wrapped)) == re.sub(r"\s", "", line)


@given(ANYTHING, st.integers(8, 40))
@settings(max_examples=300)
@example("0000000☰", 8)  # a sign of two cells among letters, where others of its block have one
@example("000000000\x80°0000000", 8)  # a sign that may not come first, behind a word as wide as the line
def test_any_line_fits(text: str, width: int) -> None:
    for line in plain(text).split("\n"):
        assert all(cell_len(part) <= width for part in wrap(line, width))


def test_a_line_does_not_begin_with_what_ends_a_sentence() -> None:
    lines = list(wrap("订单页右下角点投诉，写明经过并上传截图。然后等待处理，谢谢。", 20))
    assert len(lines) > 2
    assert not [line for line in lines if line[0] in "，。"]
    assert not [line for line in wrap("看见「这个」和「那个」还有「另外的」就好了", 9) if line.endswith("「")]


@given(
    st.lists(st.tuples(ONE_LINE, st.sampled_from(["", "a", "b"])), max_size=5), st.integers(10, 40), st.integers(0, 8)
)
def test_a_styled_line_keeps_its_pieces_in_their_styles(
    pieces: Sequence[tuple[str, str]], width: int, indent: int
) -> None:
    rows = Line(*pieces, indent=indent).wrapped(width)
    assert all(sum(cell_len(text) for text, _style in row) <= width for row in rows)
    for style in ("a", "b"):
        wanted = re.sub(r"\s", "", "".join(text for text, own in pieces if own == style))
        drawn = re.sub(r"\s", "", "".join(text for row in rows for text, own in row if own == style))
        assert drawn == wanted


@given(st.lists(ANYTHING, max_size=4))
def test_nothing_passes_the_last_guard(texts: list[str]) -> None:
    line = SafeLines().apply([Segment(text) for text in [*texts, CURSE]], Color(0, 0, 0))
    for segment in line:
        assert_harmless(segment.text)
        assert "\n" not in segment.text


def test_a_harmless_line_passes_the_last_guard_as_it_is() -> None:
    line = [Segment("卡密 ok"), Segment("│")]
    assert SafeLines().apply(line, Color(0, 0, 0)) is line


@pytest.fixture
def _none_in_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Strip, "divide", Strip.divide)
    monkeypatch.setattr(Strip, "crop_extend", Strip.crop_extend)
    strips.keep_none_in_itself()


@pytest.mark.usefixtures("_none_in_itself")
def test_a_line_that_was_drawn_leaves_nothing_for_the_collector() -> None:
    gc.collect()
    gc.disable()
    try:
        for _line in range(100):
            strip = Strip([Segment("卡密"), Segment(" key")])
            strip.divide([8])
            strip.crop_extend(0, 8, None)
        del strip
        assert gc.collect() == 0
    finally:
        gc.enable()


@pytest.mark.usefixtures("_none_in_itself")
@given(
    text=st.text(alphabet="ab卡密 ", max_size=12),
    cuts=st.lists(st.integers(1, 24), max_size=4, unique=True).map(sorted),
    start=st.integers(0, 12),
    length=st.integers(0, 24),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_strip_is_cut_as_textual_cuts_it(text: str, cuts: list[int], start: int, length: int) -> None:
    def cells(strip: Strip) -> list[Segment]:
        return list(strip)

    ours, theirs = Strip([Segment(text)]), Strip([Segment(text)])
    assert [cells(piece) for piece in ours.divide(cuts)] == [cells(piece) for piece in strips._divide(theirs, cuts)]
    assert cells(ours.crop_extend(start, start + length, None)) == cells(
        strips._crop_extend(theirs, start, start + length, None)
    )
