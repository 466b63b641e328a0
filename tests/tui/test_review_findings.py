"""What a reviewer of the screens found, and that it stays mended."""

from pathlib import Path
from typing import Any

import pytest
from crm_pilot import ZHANG, lines_of, running, screen_text
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.strip import Strip

from crmtui.config import Settings
from crmtui.errors import CrmError
from crmtui.i18n import set_language
from crmtui.services.activity import add_deal, add_task, finish_task
from crmtui.services.call import log_call
from crmtui.services.importing.plan import Counts, ImportIssue
from crmtui.services.workspace import open_workspace
from crmtui.tui.app import CrmApp
from crmtui.tui.import_views import look_words, rehearse_list, validate_lines, validate_list
from crmtui.tui.operation_lines import inserted_lines
from crmtui.tui.terminal_picture import Picture
from crmtui.tui.themes import ANSI, DARK, choose_appearance
from crmtui.tui.widgets.list_columns import fit_text, place_columns
from crmtui.tui.widgets.text_lines import TextLines


def status(app: CrmApp) -> str:
    return app.screen.query_one("#status", TextLines).plain()


class Result:
    """As much of an import's result as the views look at."""

    def __init__(self, codes: dict[str, int], issues: list[ImportIssue]) -> None:
        self.issue_counts, self.issues = codes, issues
        self.counts = Counts(rows=9, created=4, skipped=3, rejected=2, duplicates_in_file=1)
        self.plan = self
        self.mapping: list[Any] = []

    def unmapped(self) -> list[str]:
        return ["x"]


@pytest.mark.parametrize("language", ["en", "zh_CN"])
async def test_where_keys_are_typed_only_keys_that_type_nothing_are_offered(tmp_path: Path, language: str) -> None:
    async with running(tmp_path, language=language) as (app, pilot):
        in_list = status(app)
        await pilot.press("T")
        await pilot.pause()
        assert "⏎" in status(app) and "esc" in status(app) and " / " not in status(app)
        await pilot.press("escape")
        await pilot.pause()
        assert status(app) == in_list
        await pilot.press("slash")
        await pilot.pause()
        assert "⏎" in status(app) and " a " not in status(app)
        await pilot.press("escape")
        await pilot.pause()
        assert status(app) == in_list


async def test_an_error_says_where_and_what_to_do_whole(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        error = CrmError(
            "the file cannot be read as what its name says it is",
            where="a folder with a rather long name/customers of last year.xlsx",
            kept="nothing was changed",
            hint="Open it in a spreadsheet and save it again",
        )
        app.tell_error(error)
        await pilot.pause()
        foot = " ".join(" ".join(line.strip() for line in lines_of(app)[-3:]).split())
        for part in (error.message, "customers of last year.xlsx", error.kept, error.hint):
            assert part in foot
        assert len(lines_of(app)) == 24
        await pilot.press("down")
        await pilot.pause()
        assert len(app.screen.query_one("#status", TextLines).lines) == 1


async def test_nobody_found_nobody_shown(tmp_path: Path) -> None:
    async with running(tmp_path, size=(120, 40)) as (app, pilot):
        card = app.screen.query_one("#card", TextLines)
        await pilot.pause(0.2)
        assert card.plain()
        await pilot.press("slash", *"qqqqqq", "enter")
        await pilot.pause(0.2)
        assert not card.plain()


async def test_one_count_of_the_timeline_in_one_language(tmp_path: Path) -> None:
    async with running(tmp_path, language="zh_CN", size=(120, 40)) as (app, pilot):
        log_call(app.workspace, [ZHANG], text="noch einmal", outcome="no_answer")
        task = add_task(app.workspace, [ZHANG], "send it")
        finish_task(app.workspace, app.gateway.figures(ZHANG).next_task.id)  # type: ignore[union-attr]
        assert task.operation_id
        app.data_changed(())
        await pilot.press("slash", *"zhangwei", "enter")
        await pilot.pause(0.3)
        card = app.screen.query_one("#card", TextLines).plain()
        assert "时间线 2 " in card or "时间轴 2 " in card or "往来 2 " in card, card
        assert "no_answer" not in card
        await pilot.press("enter")
        await pilot.pause()
        assert " 2 " in app.screen.query_one("#tabs", TextLines).plain() and "no_answer" not in screen_text(app)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_the_tabs_of_a_customer_are_words_and_whole(tmp_path: Path, size: tuple[int, int]) -> None:
    async with running(tmp_path, size=size) as (app, pilot):
        add_deal(app.workspace, ZHANG, "pilot order", amount=100_00, currency="CNY")
        await pilot.press("slash", *"zhangwei", "enter", "enter", "tab", "tab")
        await pilot.pause()
        assert "in progress" in screen_text(app)
        await pilot.press("tab", "tab")
        await pilot.pause()
        assert "customers" not in "\n".join(lines_of(app)[2:-1])


async def test_the_stage_that_holds_is_marked(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        await pilot.press("slash", *"zhangwei", "enter", "w")
        await pilot.pause()
        text = screen_text(app)
        assert "esc" in text and "⏎" in text
        marked = next(line for line in lines_of(app) if "✓" in line)
        assert "holds now" in marked and marked.lstrip().startswith("▸")


@pytest.mark.parametrize("language", ["en", "zh_CN"])
async def test_the_labels_of_the_form_are_whole(tmp_path: Path, language: str) -> None:
    async with running(tmp_path, language=language) as (app, pilot):
        await pilot.press("a")
        await pilot.pause()
        labels = app.screen.query_one("#labels", TextLines)
        assert not [line for line in labels.plain().splitlines() if "…" in line]
        await pilot.press("x", "escape")
        await pilot.pause()
        if language == "en":
            assert "1 field is not saved: throw it away?" in screen_text(app)


def test_issues_are_all_counted_in_order_and_have_room() -> None:
    issues = [ImportIssue(row, "c", "phones", f"code{row}", f"issue {row}") for row in (7, 3, 5)]
    result: Any = Result({f"code{number}": 10 - number for number in range(7)}, issues)
    lines = ["".join(span.text for span in line.left) for line in validate_lines(result)]
    assert len(lines) == 6 and "3 other kinds" in lines[-1] and f"{6 + 5 + 4}  " in lines[-1]
    listed = validate_list(result)
    assert [row.cells[0] for row in listed.rows] == ["3", "5", "7"]
    assert [column.key for column in listed.columns] == ["row", "column", "issue"]
    better: Any = Result({"a": 1}, [ImportIssue(1, "c", "phones", "a", "bad", "good")])
    assert [column.key for column in validate_list(better).columns][-1] == "fix" and len(validate_lines(better)) == 2


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_the_rehearsal_is_whole_at_80_columns(language: str) -> None:
    set_language(language)
    try:
        listed = rehearse_list(Result({}, []))  # type: ignore[arg-type]
        placed = place_columns(listed.columns, 77, 2)
        assert len(placed) == 3
        for row in listed.rows:
            for place in placed:
                assert "…" not in fit_text(row.cells[place.cell], place.width)
    finally:
        set_language("en")


def test_one_needs_a_look() -> None:
    result: Any = Result({}, [])
    assert look_words(result) == "0 of 0 need a look"


def test_what_a_mass_insert_made_stands_with_its_table() -> None:
    (line,) = inserted_lines({"customers": 300})
    assert (line.what, line.whose, line.field, line.values) == ("customer record", "300 added", "", "")


@pytest.mark.parametrize(
    ("environment", "theme"),
    [
        ({"TERM": "xterm-256color"}, DARK),
        ({"TERM": "linux"}, ANSI),
        ({"TERM": "xterm"}, ANSI),
        ({"TERM": "dumb"}, ANSI),
        ({"TERM": "xterm", "COLORTERM": "truecolor"}, DARK),
        ({"TERM": "xterm-256color", "TEXTUAL_COLOR_SYSTEM": "standard"}, ANSI),
        ({"TERM": "linux", "TEXTUAL_COLOR_SYSTEM": "256"}, DARK),
    ],
)
def test_the_theme_by_itself(environment: dict[str, str], theme: str) -> None:
    assert choose_appearance("auto", environment).theme == theme
    assert choose_appearance(DARK, environment).theme == DARK


def difference(text: str, system: ColorSystem | None, *, ascii_only: bool) -> str:
    picture = Picture(20, 1, system, ascii_only=ascii_only)
    picture.put(0, [(0, Strip([Segment(text.ljust(20), Style.parse("bold #ff0000 on #101010"))]))])
    return picture.difference()


def test_no_colours_where_there_are_none() -> None:
    written = difference("name", None, ascii_only=False)
    assert "38;" not in written and "48;" not in written and "\x1b[1m" in written


def test_lines_and_signs_in_ascii() -> None:
    written = difference("─→ Жук", ColorSystem.TRUECOLOR, ascii_only=True)
    assert "->" in written and "─" not in written
    assert "Ж\x1b[5G" in written  # where it may be drawn over two cells, the next letter is placed anew
    assert "─→ Жук" in difference("─→ Жук", ColorSystem.TRUECOLOR, ascii_only=False)


def test_the_app_asks_for_ascii(tmp_path: Path) -> None:
    with open_workspace(str(tmp_path / "c.db"), actor="me", region="CN", create=True) as workspace:
        assert CrmApp(workspace, Settings(borders="ascii")).ascii_only
        assert not CrmApp(workspace, Settings(borders="line")).ascii_only


async def test_the_line_is_judged_by_the_answer_of_the_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("TMUX", "STY", "SSH_CONNECTION", "SSH_TTY"):
        monkeypatch.delenv(name, raising=False)
    async with running(tmp_path) as (app, pilot):
        assert not app.slow_link and app._round_trip.answer_due(1) == 0  # a screen that is none is not asked
        app.post_message(events.CursorPosition(1, 1))
        await pilot.pause()
        assert app._round_trip.seconds is None  # an answer to nobody
        app._round_trip.ask()
        answer = events.CursorPosition(1, 1)
        answer.time += 0.2
        app.post_message(answer)
        await pilot.pause()
        assert app.slow_link and app.link.preview_rest > 0.08
