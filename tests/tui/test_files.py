import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from crm_pilot import EVIL, LILY, ZHANG, running, screen_text
from textual.pilot import Pilot

from crmtui.domain.models import OperationRecord
from crmtui.services import activity, record
from crmtui.storage import history
from crmtui.storage.operation_rows import ChangedRow, changed_rows, count_changed_rows, operation_ids
from crmtui.tui import operation_lines
from crmtui.tui.app import CrmApp
from crmtui.tui.screens import files
from crmtui.tui.screens.asking import means_yes
from crmtui.tui.screens.files import FilesScreen
from crmtui.tui.screens.history_actions import short_path
from crmtui.tui.screens.operation import OperationScreen
from crmtui.tui.widgets.text_lines import TextLines
from crmtui.tui.widgets.windowed_list import WindowedList

BOTH = pytest.mark.parametrize("language", ["en", "zh_CN"])
SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 40)])


async def until(pilot: Pilot[int], true: Callable[[], bool]) -> None:
    for _round in range(400):
        await pilot.pause()
        if true():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not come to that")


async def open_files(app: CrmApp, pilot: Pilot[int]) -> FilesScreen:
    await pilot.press("7")
    await pilot.pause()
    screen = app.screen
    assert isinstance(screen, FilesScreen)
    return screen


def told(app: CrmApp) -> str:
    """The foot of the screen; a long message takes more than one line there."""
    return f" {' '.join(app.screen.query_one('#status', TextLines).plain().split())} "


def no_control_characters(text: str) -> bool:
    return not any(character < " " or character == "\x7f" for character in text.replace("\n", ""))


@BOTH
@SIZES
async def test_operations_are_listed_newest_first(tmp_path: Path, language: str, size: tuple[int, int]) -> None:
    async with running(tmp_path, language=language, size=size) as (app, pilot):
        activity.log_interaction(app.workspace, [ZHANG], kind="call", text="x", minutes=8)
        screen = await open_files(app, pilot)
        text = screen_text(app)
        assert no_control_characters(text)
        assert [screen.window.id_at(index) for index in range(4)] == [4, 3, 2, 1]
        lines = text.splitlines()
        assert "张伟" in lines[2] and lines[2].startswith("▸")
        assert "Evil [/x] ␛]0;pwn␇[red]"[:20] in lines[4]


@BOTH
async def test_undo_asks_first_and_tells_the_three_buckets(tmp_path: Path, language: str) -> None:
    async with running(tmp_path, language=language) as (app, pilot):
        record.change_tags(app.workspace, [ZHANG, EVIL, LILY], add=["neu"], remove=[])
        screen = await open_files(app, pilot)
        await pilot.press("U")
        await until(pilot, lambda: screen.prompt.active)
        await pilot.press("U", "enter")  # the same key is no confirmation
        await until(pilot, lambda: not app._tasks)
        assert history.read_operation(app.gateway.page(), 4).undone_by is None  # type: ignore[union-attr]
        await pilot.press("U")
        await until(pilot, lambda: screen.prompt.active)
        await pilot.press("y", "enter")
        await until(pilot, lambda: not app._tasks)
        assert history.read_operation(app.gateway.page(), 4).undone_by == 5  # type: ignore[union-attr]
        assert "4" in told(app) and told(app).count(" 0 ") == 2
        assert screen.window.id_at(0) == 5
        view = screen.view_of(history.read_operation(app.gateway.page(), 4))  # type: ignore[arg-type]
        assert view.style == "muted" and "5" in view.cells[-1]


async def test_what_changed_since_is_kept_and_told(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        record.edit_many(app.workspace, [ZHANG, LILY], {"stage": "customer"})
        record.edit_many(app.workspace, [ZHANG], {"stage": "lost"})
        screen = await open_files(app, pilot)
        await pilot.press("j", "U")
        await until(pilot, lambda: screen.prompt.active)
        await pilot.press("y", "enter")
        await until(pilot, lambda: not app._tasks)
        assert "1 put back · 1 kept · 0 failed" in told(app)


async def test_an_undo_is_brought_back_by_the_same_key(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        record.edit_many(app.workspace, [ZHANG], {"stage": "lost"})
        screen = await open_files(app, pilot)
        for _time in range(2):
            await pilot.press("g", "U")
            await until(pilot, lambda: screen.prompt.active)
            await pilot.press("y", "enter")
            await until(pilot, lambda: not app._tasks)
        assert "brought back" in told(app)
        assert [record.kind for record in history.operations(app.gateway.page(), limit=2)] == ["redo", "undo"]
        await pilot.press("g", "U")
        await until(pilot, lambda: not app._tasks)
        assert not screen.prompt.active and "brought something back" in told(app)


async def test_an_undone_operation_says_how_it_comes_back(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        screen = await open_files(app, pilot)
        await pilot.press("u")
        await until(pilot, lambda: not app._tasks)
        await pilot.press("g", "j", "U")
        await until(pilot, lambda: not app._tasks)
        assert not screen.prompt.active
        assert "operation 3 is undone already · U on operation 4 brings it back" in told(app)


@BOTH
@SIZES
@pytest.mark.parametrize("down", [0, 1, 2])
async def test_details_show_every_value(tmp_path: Path, language: str, size: tuple[int, int], down: int) -> None:
    async with running(tmp_path, language=language, size=size) as (app, pilot):
        await open_files(app, pilot)
        await pilot.press(*["j"] * down, "enter")
        await pilot.pause()
        assert isinstance(app.screen, OperationScreen)
        text = screen_text(app)
        assert no_control_characters(text)
        assert ("Lily Zhang", "Evil [/x]", "张伟")[down] in text
        await pilot.press("q")
        await pilot.pause()
        assert isinstance(app.screen, FilesScreen) and app.is_running


async def test_leaving_the_details_while_it_is_undone_is_no_crash(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        await open_files(app, pilot)
        await pilot.press("enter")
        await pilot.pause()
        screen = app.screen
        assert isinstance(screen, OperationScreen)
        await pilot.press("U")
        await until(pilot, lambda: screen.prompt.active)
        await pilot.press("y", "enter", "q")
        await until(pilot, lambda: not app._tasks)
        assert app.is_running and isinstance(app.screen, FilesScreen)
        assert [record.kind for record in history.operations(app.gateway.page(), limit=1)] == ["undo"]


async def test_an_edit_shows_before_and_after(tmp_path: Path) -> None:
    async with running(tmp_path, size=(120, 40)) as (app, pilot):
        record.edit_many(app.workspace, [ZHANG], {"stage": "customer", "owner": "李雷"})
        await open_files(app, pilot)
        await pilot.press("enter")
        await pilot.pause()
        text = screen_text(app)
        assert "lead → customer" in text and "nothing → 李雷" in text and "Owner" in text


async def test_the_age_of_the_backup_is_true(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        screen = await open_files(app, pilot)
        assert "no backup yet" in screen_text(app)
        await pilot.press("b")
        await until(pilot, lambda: not app._tasks)
        folder = tmp_path / "work.db.backups"
        (made,) = folder.glob("*.db")
        assert "backup now" in screen_text(app) and "backup made and checked" in told(app)
        made.unlink()
        screen.refresh_data(())
        await pilot.pause()
        assert "no backup yet" in screen_text(app)


async def test_thousands_of_operations_are_counted_beside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_FIRST", 20)
    async with running(tmp_path) as (app, pilot):
        for number in range(70):
            record.edit_many(app.workspace, [ZHANG], {"owner": str(number)})
        screen = await open_files(app, pilot)
        await until(pilot, lambda: screen.window.exact)
        assert len(screen.window) == 73
        await pilot.press("G")
        await pilot.pause()
        assert "73 of 73" in told(app)
        record.edit_many(app.workspace, [ZHANG], {"owner": "last"})
        screen.refresh_data(())
        assert len(screen.window) == 74 and screen.window.exact
        listed = screen.query_one(WindowedList)
        assert listed.cursor_row_id == 1


async def test_nothing_to_undo_in_an_empty_list(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        screen = await open_files(app, pilot)
        screen.window.replace(type(screen.window.ids())("q"), exact=True)
        assert screen.current_operation() is None
        screen.action_history_undo()
        assert not app._tasks
        await pilot.press("space")
        await pilot.pause()


def test_rows_of_an_operation(tmp_path: Path) -> None:
    from crm_pilot import new_file

    with new_file(tmp_path) as workspace:
        record.change_tags(workspace, [ZHANG, LILY], add=["neu"], remove=[])
        reader = workspace.database.reader()
        count = count_changed_rows(reader, 4)
        rows = changed_rows(reader, 4)
        assert len(rows) == count and {row.customer for row in rows if row.table == "customer_tags"} == {
            "张伟",
            "Lily Zhang",
        }
        assert all(row.after and row.after["tag"] == "neu" for row in rows if row.table == "customer_tags")
        first = changed_rows(reader, 4, limit=1)
        assert first == rows[:1] and changed_rows(reader, 4, after=first[0].change_id) == rows[1:]
        assert [list(chunk) for chunk in operation_ids(reader)] == [[4, 3, 2, 1]]


def test_custom_values_are_told_one_by_one() -> None:
    row = ChangedRow(
        1, "customers", 1, "A", {"custom": '{"a": 1, "b": 2}'}, {"custom": '{"a": 1, "b": 3, "[c]": "\\u001b"}'}
    )
    assert [(line.field, line.values) for line in operation_lines.change_lines(row)] == [
        ("b", "2 → 3"),
        ("[c]", "nothing → ␛"),
    ]


def test_a_row_whose_customer_is_gone_has_a_number() -> None:
    row = ChangedRow(1, "contact_points", 7, "", {"kind": "phone", "value": "1", "customer_id": 3}, None)
    (line,) = operation_lines.change_lines(row)
    assert (line.whose, line.field, line.values) == ("#7", "removed", "phone · 1 →")


def operation(**values: object) -> OperationRecord:
    plain = OperationRecord(9, "import", "a.csv", 5, "me", "2025-01-01T00:00:00Z", "done", None, None, {})
    return plain._replace(**values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("record", "alive", "words"),
    [
        (operation(), True, "done"),
        (operation(undone_by=12), True, "undone by 12"),
        (operation(kind="undo", undone_by=12), True, "redone by 12"),
        (operation(state="running"), True, "running"),
        (operation(state="indexing"), False, "interrupted"),
        (operation(detail={"taken_back": True}), True, "taken back"),
    ],
)
def test_the_state_in_words(record: OperationRecord, alive: bool, words: str) -> None:
    assert operation_lines.state_words(record, alive=alive) == words


def test_an_undo_says_of_what() -> None:
    stored = {
        9: operation(),
        10: operation(id=10, kind="undo", target_id=9),
        11: operation(id=11, kind="redo", target_id=10),
    }
    assert operation_lines.what_it_did(stored[9], stored.get) == "import a.csv"
    assert operation_lines.what_it_did(stored[10], stored.get) == "undo: import a.csv"
    assert operation_lines.what_it_did(stored[11], stored.get) == "redo: import a.csv"
    assert operation_lines.what_it_did(operation(kind="undo", target_id=77), stored.get) == "undo a.csv"


def test_an_import_tells_mapping_and_issues() -> None:
    detail = {
        "mapping": {"客户[b]": "name", "x\x1b": {"field": "skip", "reason": "chosen"}},
        "issues": [{"row": 7, "column": "手机", "message": "is no phone", "count": 3}],
    }
    lines = operation_lines.import_lines(detail)
    assert [line.whose for line in lines] == ["客户[b]", "x␛", "row 7"]
    assert lines[0].field == "Name" and lines[2].values == "is no phone (3 times)"
    assert operation_lines.import_lines({"mapping": 3, "issues": "no"}) == []


@pytest.mark.parametrize("text", ["y", " Y ", "yes", "ｙ", "是"])
def test_yes_is_understood(text: str) -> None:
    assert means_yes(text)


@pytest.mark.parametrize("text", [None, "", "n", "U", "b", "yy"])
def test_anything_else_is_no(text: str | None) -> None:
    assert not means_yes(text)


def test_short_paths(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/h/ada")
    assert short_path("/h/ada/x\x1b.csv") == "~/x␛.csv"
    assert short_path("/h/adam/x") == "/h/adam/x"
