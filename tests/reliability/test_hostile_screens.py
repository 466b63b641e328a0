"""Hostile texts on every screen of the app: nothing ends it, nothing is done by them, no control character is drawn."""

import asyncio
import csv
import os
import shutil
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from hostile_text import BIG_LIST, EVERYTHING, OURS, WORST, Hostile, chunks, forbidden, share, storable
from rich.cells import cell_len
from textual.pilot import Pilot
from textual.strip import Strip
from textual.widget import Widget

from crmtui.config import Settings
from crmtui.i18n import set_language
from crmtui.services.workspace import open_workspace
from crmtui.storage.history import operations
from crmtui.tui.app import CrmApp
from crmtui.tui.screens.choose_file import ChooseFileScreen
from crmtui.tui.screens.customer import TABS, CustomerScreen
from crmtui.tui.screens.customers import CustomersScreen
from crmtui.tui.screens.files import FilesScreen
from crmtui.tui.screens.form import FormScreen
from crmtui.tui.screens.import_wizard import ImportScreen
from crmtui.tui.screens.operation import OperationScreen
from crmtui.tui.screens.palette import PaletteScreen
from crmtui.tui.screens.pick import PickScreen
from crmtui.tui.widgets.text_field import TextField
from crmtui.tui.widgets.windowed_list import WindowedList

SMALL, WIDE, TALL = (80, 24), (120, 40), (120, 100)


@pytest.fixture
def hostile(made: Hostile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hostile:
    """A copy of the file for a test that may write, and an empty folder to stand in."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("HOME", str(tmp_path))
    path = str(tmp_path / "work.db")
    for part in ("", "-wal"):  # closing leaves what was written last in the log
        if os.path.exists(made.path + part):
            shutil.copyfile(made.path + part, path + part)
    return made._replace(path=path)


@asynccontextmanager
async def running(path: str, size: tuple[int, int] = WIDE) -> AsyncIterator[tuple[CrmApp, Pilot[int]]]:
    with open_workspace(path, actor="me", region="CN", currency="CNY") as workspace:
        app = CrmApp(workspace, Settings())
        done: list[str] = []
        for effect in ("open_url", "copy_to_clipboard", "deliver_screenshot", "deliver_text"):
            setattr(app, effect, lambda *_arguments, name=effect, **_options: done.append(name))
        async with app.run_test(size=size) as pilot:
            await until(pilot, lambda: isinstance(app.screen, CustomersScreen) and app.screen._loaded)
            yield app, pilot
        assert app.failure is None
        assert done == []
    assert os.listdir() == []


async def until(pilot: Pilot[int], true: Callable[[], bool]) -> None:
    for _round in range(3000):
        await pilot.pause(0)
        if true():
            return
        await asyncio.sleep(0.002)
    raise AssertionError("it did not come to that")


def look(app: CrmApp) -> str:
    """The screen as text, after a look at every cell of it."""
    width, height = app.size
    strips = app.screen._compositor.render_strips()
    assert len(strips) == height
    return check(strips, width)


def look_at(*widgets: Widget) -> None:
    """The same for some widgets as they would be drawn now: what loops over every text can afford."""
    for widget in widgets:
        width = widget.size.width  # a text field draws one cell more, which Textual cuts off
        check([widget.render_line(y).crop(0, width) for y in range(widget.size.height)], width)


def check(strips: Sequence[Strip], width: int) -> str:
    for strip in strips:
        text = strip.text
        assert forbidden(text) == [], ascii(text)
        assert cell_len(text) == width == sum(cell_len(segment.text) for segment in strip), ascii(text)
        styles = [segment.style for segment in strip if segment.style]
        assert not any(style.link or "@click" in style.meta for style in styles), ascii(text)
    return "\n".join(strip.text for strip in strips)


async def settle(app: CrmApp, pilot: Pilot[int]) -> None:
    await until(pilot, lambda: not app._tasks)


def walk(listed: WindowedList) -> int:
    """Look at every page of a list; returns how many there were."""
    pages = 0
    for start in range(0, max(1, listed.source.row_count()), listed.page_rows):
        listed._show_from(start)
        listed.jump_to(start)
        look_at(listed)
        pages += 1
    return pages


async def test_list_and_preview(hostile: Hostile) -> None:
    async with running(hostile.path) as (app, pilot):
        screen = app.screen
        assert isinstance(screen, CustomersScreen)
        await until(pilot, lambda: screen._window is not None and screen._window.exact)
        listed = screen._list
        assert listed.source.row_count() == len(hostile.customers) + len(hostile.carriers)
        assert walk(listed) > 10
        for customer in (*hostile.customers, *hostile.carriers):
            assert screen.go_to(customer)
            screen._draw_preview()
            look_at(screen.query_one("#card"))
        look(app)


async def test_customer(hostile: Hostile) -> None:
    async with running(hostile.path) as (app, pilot):
        screen = CustomerScreen(1)
        await app.push_screen(screen)
        await pilot.pause(0)
        parts = [screen.query_one(name) for name in ("#top", "#head", "#tabs", "#list", "#status")]
        for customer in hostile.customers:
            screen.customer_id = customer
            screen._draw()
            look_at(*parts)
        await pilot.pause(0)
        look(app)
        for customer in share(hostile.carriers, 2):
            screen.customer_id = customer
            for tab in TABS:
                screen._tab = tab
                screen._draw()
                assert walk(screen.query_one("#list", WindowedList)) >= 1
        screen._tab = "timeline"
        for text in OURS:
            screen._contains = storable(text)
            screen._draw()
            look_at(*parts)


async def test_form(hostile: Hostile) -> None:
    async with running(hostile.path, size=TALL) as (app, pilot):
        for customer in share(hostile.carriers, 4):
            form = FormScreen(customer)
            await app.push_screen(form)
            await pilot.pause(0)
            assert len(form.model.entries) > 40 or len(hostile.carriers[customer]) < 30
            look(app)
            parts = [form.query_one(name) for name in ("#values", "#notes", "#reading", "FormEditor")]
            for index, entry in enumerate(form.model.entries):
                if forbidden(entry.value):
                    form._go_to(index)
                    look_at(*parts)
            assert form.model.changed == []
            form._leave("back")
            await pilot.pause(0)
        ours = [customer for customer, text in hostile.customers.items() if text in WORST]
        for customer in share(ours, 4):
            form = FormScreen(customer)
            await app.push_screen(form)
            await pilot.pause(0)
            look(app)
            form._go_to(2)
            form._editor.value = storable(hostile.customers[customer]) + "x"
            await pilot.pause(0)
            look(app)
            form._leave("back")
            await pilot.pause(0)


async def test_form_of_a_new_customer(hostile: Hostile) -> None:
    async with running(hostile.path) as (app, pilot):
        form = FormScreen(None)
        await app.push_screen(form)
        await pilot.pause(0)
        parts = [form.query_one(name) for name in ("#values", "#notes", "#same", "#reading", "FormEditor")]
        for text in share(WORST, 4):
            for key in ("name", "phones", "emails", "tags", "stage", "birthday", "do_not_contact", "kind"):
                entry = form.model.entry(key)
                form._go_to(form.model.entries.index(entry))
                form._editor.value = storable(text)
                form._pull()
                form._draw()
                look_at(*parts)


async def test_history(hostile: Hostile) -> None:
    async with running(hostile.path) as (app, pilot):
        await pilot.press("7")
        screen = app.screen
        assert isinstance(screen, FilesScreen)
        await until(pilot, lambda: screen.window.exact)
        assert walk(screen._list) > 60
        page = app.gateway.page()
        kinds: dict[str, int] = {}
        told = [each for each in operations(page, limit=10_000) if each.kind in ("customer.edit", "customer.tag")]
        for each in (*share(told, 3), *operations(page, limit=12)):
            kinds[each.kind] = kinds.get(each.kind, 0) + 1
            details = OperationScreen(each.id)
            await app.push_screen(details)
            await pilot.pause(0)
            listed = details.query_one("#list", WindowedList)
            walk(listed)
            details.post_message(WindowedList.Opened(listed, 0))
            await pilot.pause(0)
            look(app)
            details.action_operation_back()
            await pilot.pause(0)
        assert len(kinds) > 4


async def test_undo_and_what_is_told(hostile: Hostile) -> None:
    async with running(hostile.path, size=SMALL) as (app, pilot):
        for _time in range(8):
            await pilot.press("u")
            await settle(app, pilot)
            look(app)
        await pilot.press("ctrl+r")
        await settle(app, pilot)
        screen = app.screen
        assert isinstance(screen, CustomersScreen)
        for text in EVERYTHING:
            app.tell(text)
            look_at(screen.query_one("#status"))
            screen.tell(text)
            look_at(screen.query_one("#status"))


async def test_palette_finds_customers(hostile: Hostile) -> None:
    async with running(hostile.path, size=SMALL) as (app, pilot):
        app.action_app_palette()
        await pilot.pause(0)
        palette = app.screen
        assert isinstance(palette, PaletteScreen)
        field, listed = palette.query_one(TextField), palette.query_one(WindowedList)
        for text in (*share(OURS, 2), *share(BIG_LIST, 8)):
            field.value = storable(text)
            await pilot.pause(0)
            look_at(field, listed)


async def test_views(hostile: Hostile) -> None:
    async with running(hostile.path, size=SMALL) as (app, pilot):
        await pilot.press("v")
        await until(pilot, lambda: isinstance(app.screen, PickScreen) and app.screen.is_attached)
        await pilot.pause(0)
        look(app)
        assert walk(app.screen.query_one(WindowedList)) > 20
        await pilot.press("escape")
        await settle(app, pilot)
        screen = app.screen
        assert isinstance(screen, CustomersScreen)
        for text in share(WORST, 3):
            screen._field.value = storable(text)
            await pilot.pause(0)
            look(app)
            screen.action_customers_save_view()
            await pilot.pause(0)
            look(app)
            screen.prompt.action_dismiss_prompt()


async def test_questions_about_a_customer(hostile: Hostile) -> None:
    async with running(hostile.path, size=SMALL) as (app, pilot):
        screen = app.screen
        assert isinstance(screen, CustomersScreen)
        asked = share(WORST, 2)
        for customer, text in hostile.customers.items():
            if text in asked or len(text) > 200:
                screen.go_to(customer)
                screen.action_customers_call()
                await pilot.pause(0)
                field = screen.prompt.query_one(TextField)
                field.value = storable(text)
                await pilot.pause(0)
                look(app)
                assert field.size.width >= 20
                screen.prompt.action_dismiss_prompt()
                await settle(app, pilot)
        screen.action_customers_stage()
        await until(pilot, lambda: isinstance(app.screen, PickScreen))
        await pilot.pause(0)
        look(app)


async def test_writing_by_keys(hostile: Hostile) -> None:
    """What is pasted into a question is stored as it is, and told without its control characters."""
    async with running(hostile.path, size=SMALL) as (app, pilot):
        screen = app.screen
        assert isinstance(screen, CustomersScreen)
        for text in share(WORST, 3):
            text = storable(text).strip()
            screen.action_customers_owner()
            await pilot.pause(0)
            screen.prompt._finish(text)
            await settle(app, pilot)
            look(app)
            customer = screen._list.cursor_row_id
            assert customer is not None
            record = app.gateway.customer(customer)
            assert record is not None and record["owner"] == text


def hostile_names(folder: Path) -> list[bytes]:
    """Files of hostile names in a folder, those that a file system takes."""
    names = []
    for text in (*WORST, "bad \udcff byte", "\u202egpj.exe"):
        name = text.replace("/", "∕").replace("\0", "0").encode("utf-8", "surrogateescape")[:200] + b".csv"
        (folder / os.fsdecode(name)).write_bytes(b"name\nx\n")
        names.append(name)
    return names


async def test_files_to_choose(hostile: Hostile, tmp_path: Path) -> None:
    folder = tmp_path / "strange \x1b]0;TITLE-PAYLOAD\x07 \udcff"
    folder.mkdir()
    count = len(set(hostile_names(folder)))
    async with running(hostile.path) as (app, pilot):
        chooser = ChooseFileScreen("Import", str(folder))
        await app.push_screen(chooser)
        await until(pilot, lambda: len(chooser._entries) == count)
        walk(chooser.query_one(WindowedList))
        for row in range(count):
            chooser.query_one(WindowedList).jump_to(row)
            chooser.action_file_complete()
            await pilot.pause(0)
            look(app)
            chooser.query_one(TextField).value = ""
            await pilot.pause(0)


async def test_names_to_export_to(hostile: Hostile) -> None:
    async with running(hostile.path, size=SMALL) as (app, pilot):
        screen = app.screen
        assert isinstance(screen, CustomersScreen)
        for text in share(WORST, 3):
            screen._query = storable(text)
            screen.action_customers_export()
            await pilot.pause(0)
            look(app)
            screen.prompt._finish(storable(text).replace(os.sep, "") + ".nothing")
            await pilot.pause(0)
            look(app)
            screen.prompt.action_dismiss_prompt()
            await settle(app, pilot)


def hostile_csv(path: Path, columns: Sequence[str]) -> None:
    """A CSV with these columns after name and phone, and every text in every one of them somewhere."""
    with open(path, "w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["姓名", "手机", *columns])
        for group in chunks([storable(text).replace("\0", "") for text in EVERYTHING], len(columns)):
            padded = [*group, *[""] * (len(columns) - len(group))]
            writer.writerow([group[0], group[0], *padded])


async def test_import(hostile: Hostile, tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"list \x1b]0;TITLE-PAYLOAD\x07 \xff.csv")
    hostile_csv(path, [storable(text).replace("\0", "")[:300] for text in WORST])
    async with running(hostile.path, size=TALL) as (app, pilot):
        app.screen.action_customers_import()  # type: ignore[attr-defined]
        await until(pilot, lambda: isinstance(app.screen, ChooseFileScreen) and bool(app.screen._listed))
        app.screen.dismiss(str(path))
        await until(pilot, lambda: isinstance(app.screen, ImportScreen))
        wizard = app.screen
        assert isinstance(wizard, ImportScreen)
        await pilot.pause(0)
        look(app)
        await pilot.press("enter")
        walk(wizard._list)
        for column in share(range(wizard._list.source.row_count()), 12):
            wizard._list.jump_to(column)
            wizard.action_import_change()
            await until(pilot, lambda: isinstance(app.screen, PickScreen))
            await pilot.pause(0)
            walk(app.screen.query_one(WindowedList))
            await pilot.press("escape")
            await settle(app, pilot)
        await pilot.press("enter")
        await settle(app, pilot)
        assert wizard.result is not None
        walk(wizard._list)
        await pilot.press("enter")
        look(app)
        await pilot.press("enter")
        await settle(app, pilot)
        assert wizard.done is not None and wizard.done.counts.created > 10
        look(app)
        details = OperationScreen(wizard.done.operation_id)
        await app.push_screen(details)
        await pilot.pause(0)
        walk(details.query_one(WindowedList))


async def test_a_strange_path_and_person(hostile: Hostile, tmp_path: Path) -> None:
    path = os.path.join(str(tmp_path), "strange \x1b]0;TITLE-PAYLOAD\x07 [x] \u202e.db")
    for part in ("", "-wal"):
        if os.path.exists(hostile.path + part):
            os.rename(hostile.path + part, path + part)
    with open_workspace(path, actor="me \x1b]0;TITLE-PAYLOAD\x07 [/x]", region="CN") as workspace:
        app = CrmApp(workspace, Settings(), query="\x1b]0;TITLE-PAYLOAD\x07 [/x]")
        async with app.run_test(size=WIDE) as pilot:
            await until(pilot, lambda: isinstance(app.screen, CustomersScreen) and app.screen._loaded)
            look(app)
            app.screen._field.value = ""  # type: ignore[attr-defined]
            await pilot.pause(0)
            app.screen.action_customers_owner()  # type: ignore[attr-defined]
            await pilot.pause(0)
            look(app)
            await pilot.press("escape", "question_mark")
            await pilot.pause(0)
            look(app)
        assert app.failure is None


async def test_chinese_screens(hostile: Hostile) -> None:
    set_language("zh_CN")
    try:
        async with running(hostile.path, size=(80, 24)) as (app, pilot):
            screen = CustomerScreen(1)
            await app.push_screen(screen)
            await pilot.pause(0)
            for customer, text in hostile.customers.items():
                if text in OURS:
                    screen.customer_id = customer
                    screen._draw()
                    look(app)
    finally:
        set_language("en")
