import asyncio
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from crm_pilot import running, screen_text
from textual.pilot import Pilot

from crmtui.domain.mapping.guess import ColumnMapping
from crmtui.services import bring_in
from crmtui.services.importing.plan import Counts, ImportOptions, Progress
from crmtui.storage import history
from crmtui.tui import import_opening, import_views
from crmtui.tui.app import CrmApp
from crmtui.tui.import_progress import progress_lines
from crmtui.tui.import_views import DETECT, MAP, REHEARSE, RUN, VALIDATE
from crmtui.tui.keymap import default_keymap
from crmtui.tui.screens.choose_file import ChooseFileScreen, Entry, list_folder, matching
from crmtui.tui.screens.import_wizard import ImportScreen
from crmtui.tui.screens.pick import PickScreen
from crmtui.tui.widgets.text_field import TextField
from crmtui.tui.widgets.windowed_list import WindowedList

BOTH = pytest.mark.parametrize("language", ["en", "zh_CN"])
SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 40)])
CHINESE = "导出时间 2024-03-05,,\n客户名称,手机,备注2\n陈一鸣,13800138000,介绍人王总\n欧阳天宇,13x,\n李静,13900001111,老客户\n合计,3,\n"
HOSTILE = 'Name,E-mail,"x[/b]\x1b"\n"\x1b[2Jx[red]y[/]",a@b.example,[link]\n=cmd|\'x\'!A0,b@c.example,\u202eevil\n'


async def until(pilot: Pilot[int], true: Callable[[], bool]) -> None:
    for _round in range(400):
        await pilot.pause()
        if true():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not come to that")


def screen_of(app: CrmApp) -> ImportScreen:
    assert isinstance(app.screen, ImportScreen), app.screen
    return app.screen


def choosing(app: CrmApp) -> bool:
    """Whether a file can be chosen now."""
    return isinstance(app.screen, ChooseFileScreen) and isinstance(app.focused, TextField)


def picking(app: CrmApp) -> bool:
    """Whether one of a few can be picked now."""
    return isinstance(app.screen, PickScreen) and isinstance(app.focused, TextField)


async def open_wizard(app: CrmApp, pilot: Pilot[int], path: Path) -> ImportScreen:
    """Through the real door: i, the file chosen by its path."""
    await pilot.press("i")
    await until(pilot, lambda: choosing(app))
    field = app.screen.query_one(TextField)
    field.value = str(path)
    await pilot.press("enter")
    await until(pilot, lambda: isinstance(app.screen, ImportScreen))
    await pilot.pause()
    return screen_of(app)


async def press_to(app: CrmApp, pilot: Pilot[int], step: int) -> ImportScreen:
    """Enter until a step is reached and what it reads is read."""
    screen = screen_of(app)
    for _time in range(5):
        if screen.step >= step:
            return screen
        await pilot.press("enter")
        await until(pilot, lambda: not app._tasks and not app._key_under_way)
    raise AssertionError(screen_text(app))


def customers(app: CrmApp) -> int:
    found: int = app.gateway.page().execute("SELECT count(*) FROM customers").fetchone()[0]
    return found


def chinese_file(folder: Path, encoding: str = "gb18030") -> Path:
    path = folder / "客户资料导出.csv"
    path.write_bytes(CHINESE.encode(encoding))
    return path


def no_control_characters(text: str) -> bool:
    return not any(character < " " or character in "\x7f\u202e" for character in text.replace("\n", ""))


@BOTH
@SIZES
async def test_five_steps_with_enter_alone(tmp_path: Path, language: str, size: tuple[int, int]) -> None:
    async with running(tmp_path, language=language, size=size) as (app, pilot):
        screen = await open_wizard(app, pilot, chinese_file(tmp_path))
        text = screen_text(app)
        assert "GB18030" in text and "客户名称" in text and "陈一鸣" in text and "▸ 1" in text
        await press_to(app, pilot, MAP)
        text = screen_text(app)
        assert "→ " in text and "介绍人王总" in text and "67 %" not in text
        await press_to(app, pilot, VALIDATE)
        assert screen.result is not None and screen.result.counts.created == 3
        assert "手机" in screen_text(app)
        await press_to(app, pilot, REHEARSE)
        assert customers(app) == 3  # those of the test file: nothing is written yet
        await press_to(app, pilot, RUN)
        assert screen.done is not None and screen.done.counts == screen.result.counts
        assert customers(app) == 6
        await pilot.press("enter")
        await until(pilot, lambda: not isinstance(app.screen, ImportScreen))
        assert app.current_mode == "customers"


async def test_a_digit_picks_the_encoding_and_no_mode(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        screen = await open_wizard(app, pilot, chinese_file(tmp_path))
        assert len(screen.encodings) > 1
        await pilot.press("2")
        await until(pilot, lambda: screen.plan.detection.encoding == screen.encodings[1][0])
        assert app.screen is screen and "陈一鸣" in screen_text(app)  # the candidates stay in sight
        await pilot.press("1")
        await until(pilot, lambda: screen.plan.detection.encoding == "gb18030")
        assert app.screen is screen


async def test_delimiter_and_header_row_are_said_by_a_person(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("note\nName;Phone\nA;1\nB;2\n")
    async with running(tmp_path) as (app, pilot):
        screen = await open_wizard(app, pilot, path)
        await pilot.press("h")
        await until(pilot, lambda: screen.prompt.active)
        screen.prompt.query_one(TextField).value = "x"
        await pilot.press("enter")
        await until(pilot, lambda: "no number of a row" in screen_text(app))
        await pilot.press("h")
        await until(pilot, lambda: screen.prompt.active)
        screen.prompt.query_one(TextField).value = "1"
        await pilot.press("enter")
        await until(pilot, lambda: screen.plan.detection.header_row == 1)
        await pilot.press("d")
        await until(pilot, lambda: picking(app))
        await pilot.press("down", "enter")
        await until(pilot, lambda: screen.plan.options.delimiter == ";" and app.screen is screen)


async def test_another_field_for_a_column(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        screen = await open_wizard(app, pilot, chinese_file(tmp_path))
        await press_to(app, pilot, MAP)
        await pilot.press("j", "j", "right")
        await until(pilot, lambda: picking(app))
        await pilot.press(*"keep", "enter")
        await until(pilot, lambda: screen.plan.mapping[2].field == "custom.备注2")
        assert screen.query_one(WindowedList).cursor_index == 2 and "custom: 备注2" in screen_text(app)
        await pilot.press("f")
        await until(pilot, lambda: picking(app))
        await pilot.press(*"skip", "enter")
        await until(pilot, lambda: screen.plan.mapping[2].field == "skip")
        assert screen.plan.mapping[1].field == "phones.mobile"
        await press_to(app, pilot, RUN)
        record = app.gateway.customer(6)
        assert record is not None and record["notes"] is None and not record["custom"]


async def test_the_country_of_phones(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        screen = await open_wizard(app, pilot, chinese_file(tmp_path))
        await press_to(app, pilot, MAP)
        for text, right in (("china", False), ("de", True)):
            await pilot.press("c")
            await until(pilot, lambda: screen.prompt.active)
            screen.prompt.query_one(TextField).value = text
            await pilot.press("enter")
            await until(pilot, lambda: not app._tasks)
            assert (screen.plan.region == "DE") is right


async def test_back_through_the_steps_and_out(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        screen = await open_wizard(app, pilot, chinese_file(tmp_path))
        await press_to(app, pilot, REHEARSE)
        for step in (VALIDATE, MAP, DETECT):
            await pilot.press("escape")
            await pilot.pause()
            assert screen.step == step
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, ImportScreen))
        assert customers(app) == 3


async def test_leaving_while_it_looks_again_is_no_crash(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        screen = await open_wizard(app, pilot, chinese_file(tmp_path))
        await pilot.press("2", "escape")
        await until(pilot, lambda: not app._tasks)
        assert app.is_running and app.screen is not screen


async def test_stopping_takes_everything_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "big.csv"
    path.write_text("Name,E-mail\n" + "".join(f"Person {n},p{n}@x.example\n" for n in range(3000)))
    async with running(tmp_path) as (app, pilot):
        screen = await open_wizard(app, pilot, path)
        await press_to(app, pilot, REHEARSE)
        note = screen._note_standing

        def stop(progress: Progress) -> None:
            note(progress)
            if progress.done:
                screen._stop()

        monkeypatch.setattr(screen, "_note_standing", lambda progress: app.call_from_thread(stop, progress))
        await pilot.press("enter")
        await until(pilot, lambda: not app._tasks)
        assert screen.step == REHEARSE and screen.done is None and customers(app) == 3
        assert [record.kind for record in history.operations(app.gateway.page())] == ["customer.add"] * 3
        assert "the import was stopped" in screen_text(app)
        monkeypatch.undo()
        await press_to(app, pilot, RUN)
        assert screen.done is not None and customers(app) == 3003


@pytest.mark.parametrize("key", ["q", "escape"])
@pytest.mark.parametrize("answer", ["n", "y"])
async def test_an_import_that_runs_is_stopped_after_a_yes_and_no_key_quits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str, answer: str
) -> None:
    path = tmp_path / "big.csv"
    path.write_text("Name,E-mail\n" + "".join(f"Person {n},p{n}@x.example\n" for n in range(3000)))
    async with running(tmp_path) as (app, pilot):
        screen = await open_wizard(app, pilot, path)
        await press_to(app, pilot, REHEARSE)
        note, answered = screen._note_standing, threading.Event()

        def wait(progress: Progress) -> None:
            note(progress)
            if progress.done:
                answered.wait(30)

        monkeypatch.setattr(screen, "_note_standing", wait)
        await pilot.press("enter")
        await until(pilot, lambda: screen._standing is not None and screen._standing.done > 0)
        await pilot.press(key)
        await until(pilot, lambda: screen.prompt.active)
        assert "stop the import?" in screen_text(app)
        await pilot.press(answer, "enter")
        await pilot.pause()
        answered.set()
        await until(pilot, lambda: not app._tasks)
        assert app.screen is screen and customers(app) == (3 if answer == "y" else 3003)


async def test_q_goes_back_as_escape_does(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        screen = await open_wizard(app, pilot, chinese_file(tmp_path))
        await press_to(app, pilot, MAP)
        await pilot.press("q")
        await pilot.pause()
        assert screen.step == DETECT
        await pilot.press("q")
        await until(pilot, lambda: not isinstance(app.screen, ImportScreen))
        assert app.is_running


async def test_the_keys_of_a_step_can_be_set(tmp_path: Path) -> None:
    keymap = {**default_keymap(), "import.header": ("z",), "import.encoding_2": ("f5",)}
    async with running(tmp_path, keymap=keymap, size=(120, 40)) as (app, pilot):
        screen = await open_wizard(app, pilot, chinese_file(tmp_path))
        assert " z header row" in screen_text(app)
        await pilot.press("z")
        await until(pilot, lambda: screen.prompt.active)
        await pilot.press("escape", "f5")
        await until(pilot, lambda: not app._tasks)
        assert screen.plan.detection.encoding == screen.encodings[1][0]


async def test_a_key_of_another_step_means_what_it_means_elsewhere(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        screen = await open_wizard(app, pilot, chinese_file(tmp_path))
        await press_to(app, pilot, MAP)
        screen.action_import_mode()
        assert "not in this step" in screen_text(app)
        await pilot.press("1")
        await until(pilot, lambda: app.current_mode == "customers")


async def test_stopping_a_rehearsal_goes_back_to_the_mapping(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path) as (app, pilot):
        screen = await open_wizard(app, pilot, chinese_file(tmp_path))
        await press_to(app, pilot, MAP)
        tell = screen._tell_standing

        def stop(progress: Progress) -> None:
            screen._stopped = True
            tell(progress)

        monkeypatch.setattr(screen, "_tell_standing", stop)
        await pilot.press("enter")
        await until(pilot, lambda: not app._tasks)
        assert screen.step == MAP and screen.result is None and not screen._working


async def test_the_same_file_again_is_asked_about(tmp_path: Path) -> None:
    path = chinese_file(tmp_path)
    async with running(tmp_path) as (app, pilot):
        await open_wizard(app, pilot, path)
        await press_to(app, pilot, RUN)
        await pilot.press("enter")
        await until(pilot, lambda: not isinstance(app.screen, ImportScreen))
        screen = await open_wizard(app, pilot, path)
        await press_to(app, pilot, REHEARSE)
        assert "came in before, with operation 4" in screen_text(app)
        await pilot.press("enter")
        await until(pilot, lambda: screen.prompt.active)
        await pilot.press("n", "enter")
        await until(pilot, lambda: not app._tasks)
        assert customers(app) == 6
        await pilot.press("enter")
        await until(pilot, lambda: screen.prompt.active)
        await pilot.press("y", "enter")
        await until(pilot, lambda: screen.done is not None)
        assert customers(app) == 9


async def test_undo_from_the_last_step_is_shown_there(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        await open_wizard(app, pilot, chinese_file(tmp_path))
        await press_to(app, pilot, RUN)
        assert "operation 4: u undoes it" in screen_text(app)
        await pilot.press("u")
        await until(pilot, lambda: "undone by operation 5" in screen_text(app))
        assert customers(app) == 3


async def test_one_can_work_elsewhere_while_it_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path) as (app, pilot):
        screen = await open_wizard(app, pilot, chinese_file(tmp_path))
        await press_to(app, pilot, REHEARSE)
        note = screen._note_standing
        elsewhere = asyncio.Event()
        loop = asyncio.get_running_loop()

        def hold(progress: Progress) -> None:
            note(progress)
            asyncio.run_coroutine_threadsafe(elsewhere.wait(), loop).result(20)

        monkeypatch.setattr(screen, "_note_standing", hold)
        await pilot.press("enter")
        await until(pilot, lambda: screen._standing is not None)
        await pilot.press("1")
        await until(pilot, lambda: app.current_mode == "customers")
        await pilot.press("c")
        await until(pilot, lambda: app.screen.prompt.active)  # type: ignore[attr-defined]
        await pilot.press(*"hi", "enter")
        await until(pilot, lambda: "interaction.log" in [r.kind for r in history.operations(app.gateway.page())])
        assert screen._working
        elsewhere.set()
        await until(pilot, lambda: screen.done is not None)
        assert "3 created" in screen_text(app) and app.current_mode == "customers"


@pytest.mark.parametrize(("language", "size"), [("en", (80, 24)), ("zh_CN", (120, 40))])
async def test_hostile_names_and_cells_are_only_text(tmp_path: Path, language: str, size: tuple[int, int]) -> None:
    path = tmp_path / "evil\x1b]0;x\x07[bold].csv"
    path.write_text(HOSTILE)
    async with running(tmp_path, language=language, size=size) as (app, pilot):
        await pilot.press("i")
        await until(pilot, lambda: choosing(app))
        field = app.screen.query_one(TextField)
        field.value = str(tmp_path) + os.sep + "evil"
        await until(pilot, lambda: "evil␛]0;x␇[bold].csv" in screen_text(app))
        await pilot.press("tab")
        await pilot.pause()
        assert field.value.endswith("evil")  # a name that cannot be shown is not written into the field
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, ImportScreen))
        await pilot.pause()
        assert screen_of(app).plan.path == str(path)
        for step in (DETECT, MAP, VALIDATE, REHEARSE, RUN):
            await press_to(app, pilot, step)
            assert no_control_characters(screen_text(app))
        assert customers(app) == 5
        record = app.gateway.customer(4)
        assert record is not None and record["name"] == "\x1b[2Jx[red]y[/]"


async def test_what_is_no_table_is_refused_with_a_reason(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"%PDF-1.4 x")
    async with running(tmp_path) as (app, pilot):
        await pilot.press("i")
        await until(pilot, lambda: choosing(app))
        app.screen.query_one(TextField).value = str(path)
        await pilot.press("enter")
        await until(pilot, lambda: "this is a PDF file" in screen_text(app))
        assert app.current_mode == "customers" and not isinstance(app.screen, ImportScreen)


async def test_files_are_found_by_pinyin_and_folders_entered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "数据[x]"
    folder.mkdir()
    path = chinese_file(folder)
    (tmp_path / "other.bin").write_bytes(b"x")
    monkeypatch.chdir(tmp_path)
    async with running(tmp_path) as (app, pilot):
        await pilot.press("i")
        await until(pilot, lambda: "数据[x]/" in screen_text(app))
        await pilot.press(*"shuju", "enter")
        await until(pilot, lambda: "客户资料导出.csv" in screen_text(app))
        await pilot.press("tab")
        assert app.screen.query_one(TextField).value == path.name
        app.screen.query_one(TextField).value = ".."
        await until(pilot, lambda: "other.bin" in screen_text(app))
        await pilot.press("escape")
        await pilot.pause()
        assert not isinstance(app.screen, ChooseFileScreen)


def test_importable_files_stand_first_the_newest_on_top(tmp_path: Path) -> None:
    for number, name in enumerate(("old.csv", "b.bin", "new.xlsx")):
        (tmp_path / name).write_text("x")
        os.utime(tmp_path / name, (number, number))
    (tmp_path / "a").mkdir()
    (tmp_path / "gone").symlink_to(tmp_path / "nothing")
    assert [entry.name for entry in list_folder(str(tmp_path))] == ["new.xlsx", "old.csv", "a", "b.bin", "gone"]


def test_hidden_files_are_shown_by_their_dot() -> None:
    entries = [Entry(name, 0, 1, 1.0) for name in (".a.csv", "客户.csv", "b c.csv")]
    assert [entry.name for entry in matching(entries, "")] == ["客户.csv", "b c.csv"]
    assert [entry.name for entry in matching(entries, ".a")] == [".a.csv"]
    assert [entry.name for entry in matching(entries, "c b")] == ["b c.csv"]
    assert [entry.name for entry in matching(entries, "kehu")] == ["客户.csv"]


def test_the_rejects_file_never_takes_the_place_of_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = str(tmp_path / "a.b.csv")
    assert import_opening.rejects_path(path) == str(tmp_path / "a.b.rejects.csv")
    (tmp_path / "a.b.rejects.csv").write_text("")
    assert import_opening.rejects_path(path) == str(tmp_path / "a.b.rejects-2.csv")
    monkeypatch.setattr(os, "access", lambda *_arguments: False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert import_opening.rejects_path(path) == str(tmp_path / "home" / "a.b.rejects.csv")


def test_rows_under_each_encoding(tmp_path: Path) -> None:
    path = chinese_file(tmp_path)
    rows = import_opening.rows_under(str(path), ["gb18030", "cp1252"], 2)
    assert rows["gb18030"][0].startswith("陈一鸣,") and len(rows["cp1252"]) == 3
    path.write_text("a,b\n1,2\n")
    assert import_opening.rows_under(str(path), ["utf-8"], 1) == {"utf-8": []}


def test_every_target_of_the_list_is_one_the_mapping_knows(tmp_path: Path) -> None:
    path = chinese_file(tmp_path)
    plan = bring_in.map_columns(bring_in.detect(str(path), ImportOptions(region="CN")))
    values = [value for value, *_rest in import_views.target_choices("备注2", ["行业"])]
    assert len(values) == len(set(values)) and "custom.备注2" in values and "custom.行业" in values
    for value in values:
        mapped = bring_in.map_columns(plan, {"备注2": value}).mapping[2]
        assert import_views.target_label(mapped.field)


@pytest.mark.parametrize(
    ("mapping", "look"),
    [
        (ColumnMapping("a", "name", "synonym", 1.0), False),
        (ColumnMapping("a", "name", "similar header", 0.7), True),
        (ColumnMapping("a", "custom.a", "kept", 1.0), True),
        (ColumnMapping("#1", "skip", "kept", 1.0), False),
        (ColumnMapping("a", "custom.a", "chosen", 1.0), False),
    ],
)
def test_which_guesses_need_a_look(mapping: ColumnMapping, look: bool) -> None:
    assert import_views.needs_look(mapping) is look


@pytest.mark.parametrize("width", [40, 80, 120])
def test_progress_fits_and_says_how_long(width: int) -> None:
    lines = progress_lines(Progress("read", 500, 1000, 250.0, 2.0, Counts(500, 490, rejected=10)), width)
    text = ["".join(span.text for span in line.left) for line in lines]
    assert "500 of about 1,000 rows · 250 rows/s · 2 s left" in text[0]
    assert "50 %" in text[1] and len(text[1]) <= width and "490 created · 10 refused" in text[2]
    assert progress_lines(None, width)[0].left
