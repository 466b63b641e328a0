"""Many customers at once by keys: marks by range and query, a field set on all, edited as text; and fields of one's own."""

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from crm_pilot import EVIL, LILY, ZHANG, other_person, running, screen_text
from test_customer_details import LANGUAGES, asked, listed, row_texts, settle, until
from textual.pilot import Pilot

from crmtui.services import custom_fields, many, record
from crmtui.tui import work_aside
from crmtui.tui.app import CrmApp
from crmtui.tui.screens import edit_text
from crmtui.tui.screens.custom_fields import CustomFieldsScreen
from crmtui.tui.screens.customers import CustomersScreen
from crmtui.tui.screens.edit_text import TextChangesScreen
from crmtui.tui.screens.form import FormScreen
from crmtui.tui.screens.palette import perform
from crmtui.tui.screens.pick import PickScreen

Editor = Callable[[str], str]


async def at_list(app: CrmApp, pilot: Pilot[int]) -> CustomersScreen:
    screen = app.screen
    assert isinstance(screen, CustomersScreen)
    for _ in range(200):
        await pilot.pause()
        if screen.is_settled:
            return screen
    raise AssertionError("the list does not come")


# Marks


async def test_a_range_is_marked_from_the_last_mark_to_the_cursor(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        screen = await at_list(app, pilot)
        await pilot.press("r")
        assert "Mark the first row" in screen_text(app) and not screen._marked
        await pilot.press("space", "G", "r")
        assert len(screen._marked) == 3 and "3 marked" in screen_text(app)
        await pilot.press("escape", "g", "r")
        assert not screen._marked


@LANGUAGES
async def test_what_a_query_finds_is_marked(tmp_path: Path, language: str) -> None:
    async with running(tmp_path, language=language) as (app, pilot):
        screen = await at_list(app, pilot)
        await pilot.press("plus")
        await asked(app, pilot)
        await pilot.press(*"has:email", "enter")
        await settle(app, pilot)
        assert screen._marked == {ZHANG, LILY}


# One field of many


@LANGUAGES
async def test_a_field_is_set_on_all_marked_after_the_count_was_said(tmp_path: Path, language: str) -> None:
    async with running(tmp_path, language=language) as (app, pilot):
        await at_list(app, pilot)
        await pilot.press("M", "B")
        await until(app, pilot, PickScreen)
        await pilot.press(*"source", "enter")
        await asked(app, pilot)
        await pilot.press(*"fair", "enter")
        await asked(app, pilot)
        assert "3" in screen_text(app).splitlines()[-2] and "fair" in screen_text(app).splitlines()[-2]
        await pilot.press("enter")
        await settle(app, pilot)
        assert app.gateway.customer(LILY)["source"] is None  # type: ignore[index]

        await pilot.press("B")
        await until(app, pilot, PickScreen)
        await pilot.press(*"source", "enter")
        await asked(app, pilot)
        await pilot.press(*"fair", "enter")
        await asked(app, pilot)
        await pilot.press("y", "enter")
        await settle(app, pilot)
        assert [app.gateway.customer(each)["source"] for each in (ZHANG, EVIL, LILY)] == ["fair"] * 3  # type: ignore[index]
        await pilot.press("u")
        await settle(app, pilot)
        assert [app.gateway.customer(each)["source"] for each in (ZHANG, EVIL, LILY)] == [None] * 3  # type: ignore[index]


async def test_a_choice_is_chosen_and_can_be_taken_away(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        screen = await at_list(app, pilot)
        screen.go_to(ZHANG)
        for typed, stage in (("proposal", "proposal"), ("(empty", None)):
            await pilot.press("B")
            await until(app, pilot, PickScreen)
            await pilot.press(*"stage", "enter")
            await pilot.pause()
            await until(app, pilot, PickScreen)
            await pilot.press(*typed, "enter")
            await settle(app, pilot)
            assert app.gateway.customer(ZHANG)["stage"] == stage  # type: ignore[index]


# Edited as text


class Typist:
    """Stands for the editor: each time it is opened the next one of ``edits`` is done to the text."""

    def __init__(self, *edits: Editor, code: int = 0) -> None:
        self.edits = list(edits)
        self.code = code
        self.paths: list[Path] = []

    def __call__(self, _app: CrmApp, command: Sequence[str]) -> int:
        path = Path(command[-1])
        self.paths.append(path)
        path.write_text(self.edits.pop(0)(path.read_text("utf-8")), "utf-8")
        return self.code


@pytest.fixture
def types(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Typist]:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("EDITOR", "an-editor")
    monkeypatch.delenv("VISUAL", raising=False)

    def start(*edits: Editor, code: int = 0) -> Typist:
        typist = Typist(*edits, code=code)
        monkeypatch.setattr(edit_text, "run_in_terminal", typist)
        return typist

    return start


def company(new: str) -> Editor:
    return lambda text: text.replace("company: 上海启明电子有限公司", f"company: {new}")


@LANGUAGES
async def test_what_the_editor_changed_is_shown_and_saved_by_another_key(
    tmp_path: Path, language: str, types: Callable[..., Typist]
) -> None:
    typist = types(lambda text: company("Gamma")(text).replace("name: Lily Zhang", "name: Lily Chang"))
    async with running(tmp_path, language=language) as (app, pilot):
        await at_list(app, pilot)
        await pilot.press("M", "X")
        await until(app, pilot, TextChangesScreen)
        await pilot.pause()
        text = screen_text(app)
        assert "Gamma" in text and "Lily Chang" in text and "\x1b" not in text and len(row_texts(app)) == 2
        await pilot.press("X", "enter", "space")
        assert isinstance(app.screen, TextChangesScreen)
        await pilot.press("y")
        await settle(app, pilot)
        assert isinstance(app.screen, CustomersScreen)
        assert app.gateway.customer(ZHANG)["company"] == "Gamma"  # type: ignore[index]
        assert app.gateway.customer(LILY)["name"] == "Lily Chang"  # type: ignore[index]
        assert not typist.paths[0].exists()
        await pilot.press("u")
        await settle(app, pilot)
        assert app.gateway.customer(ZHANG)["company"] == "上海启明电子有限公司"  # type: ignore[index]
        assert app.gateway.customer(LILY)["name"] == "Lily Zhang"  # type: ignore[index]


async def test_nonsense_is_shown_by_line_and_can_be_put_right_in_the_editor(
    tmp_path: Path, types: Callable[..., Typist]
) -> None:
    typist = types(lambda text: text + "\nnonsense\n", lambda text: company("Gamma")(text).replace("\nnonsense\n", ""))
    async with running(tmp_path) as (app, pilot):
        screen = await at_list(app, pilot)
        screen.go_to(ZHANG)
        await pilot.press("X")
        await until(app, pilot, TextChangesScreen)
        await pilot.pause()
        assert "1 line cannot be read" in screen_text(app) and "field: value" in screen_text(app)
        await pilot.press("y")
        assert "cannot be saved" in screen_text(app) and typist.paths[0].exists()
        await pilot.press("e")
        for _ in range(50):
            await pilot.pause()
            if "Gamma" in screen_text(app):
                break
        await pilot.press("y")
        await settle(app, pilot)
        assert app.gateway.customer(ZHANG)["company"] == "Gamma"  # type: ignore[index]


async def test_leaving_keeps_the_text_and_changes_nothing(tmp_path: Path, types: Callable[..., Typist]) -> None:
    typist = types(company("Gamma"))
    async with running(tmp_path, size=(160, 24)) as (app, pilot):
        screen = await at_list(app, pilot)
        screen.go_to(ZHANG)
        await pilot.press("X")
        await until(app, pilot, TextChangesScreen)
        await pilot.press("escape")
        await settle(app, pilot)
        assert app.gateway.customer(ZHANG)["company"] == "上海启明电子有限公司"  # type: ignore[index]
        assert "Gamma" in typist.paths[0].read_text("utf-8") and "Nothing was changed" in screen_text(app)


async def test_an_editor_that_fails_is_told_and_keeps_the_text(tmp_path: Path, types: Callable[..., Typist]) -> None:
    typist = types(company("Gamma"), code=3)
    async with running(tmp_path, size=(160, 24)) as (app, pilot):
        screen = await at_list(app, pilot)
        screen.go_to(ZHANG)
        await pilot.press("X")
        await settle(app, pilot)
        assert isinstance(app.screen, CustomersScreen) and "ended with an error (3)" in screen_text(app)
        assert typist.paths[0].exists()


async def test_an_editor_that_is_not_there_is_told(
    tmp_path: Path, types: Callable[..., Typist], monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(_app: CrmApp, command: Sequence[str]) -> int:
        raise FileNotFoundError(2, "No such file or directory")

    types()
    monkeypatch.setattr(edit_text, "run_in_terminal", missing)
    async with running(tmp_path, size=(160, 24)) as (app, pilot):
        await at_list(app, pilot)
        await pilot.press("X")
        await settle(app, pilot)
        assert "an-editor cannot be started" in screen_text(app)


async def test_a_terminal_that_cannot_be_lent_is_told(
    tmp_path: Path, types: Callable[..., Typist], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = edit_text.run_in_terminal
    types()
    monkeypatch.setattr(edit_text, "run_in_terminal", real)
    async with running(tmp_path, size=(160, 24)) as (app, pilot):
        await at_list(app, pilot)
        await pilot.press("X")
        await settle(app, pilot)
        assert "crmtui edit --text" in screen_text(app)


async def test_nothing_changed_asks_nothing(tmp_path: Path, types: Callable[..., Typist]) -> None:
    typist = types(lambda text: text)
    async with running(tmp_path) as (app, pilot):
        await at_list(app, pilot)
        await pilot.press("X")
        await settle(app, pilot)
        assert "it is so already" in screen_text(app) and not typist.paths[0].exists()


@pytest.mark.parametrize(("key", "company_then"), [("1", "Gamma"), ("2", "Delta")])
async def test_what_others_changed_meanwhile_is_chosen_field_by_field(
    tmp_path: Path, types: Callable[..., Typist], key: str, company_then: str
) -> None:
    async with running(tmp_path) as (app, pilot):

        def meanwhile(text: str) -> str:
            with other_person(app.workspace) as theirs:
                record.edit_customer(theirs, ZHANG, {"company": "Delta"})
            return company("Gamma")(text).replace("source:", "source: fair")

        types(meanwhile)
        screen = await at_list(app, pilot)
        screen.go_to(ZHANG)
        await pilot.press("X")
        await until(app, pilot, TextChangesScreen)
        await pilot.pause()
        assert "1 to choose" in screen_text(app) and "Delta" in screen_text(app)
        await pilot.press("y")
        assert isinstance(app.screen, TextChangesScreen) and "Choose for each field" in screen_text(app)
        await pilot.press(key, "y")
        await settle(app, pilot)
        found = app.gateway.customer(ZHANG)
        assert found is not None and found["company"] == company_then and found["source"] == "fair"


# Fields of one's own


@LANGUAGES
async def test_a_choice_field_is_defined_used_in_the_form_renamed_and_taken_away(tmp_path: Path, language: str) -> None:
    async with running(tmp_path, language=language) as (app, pilot):
        screen = await at_list(app, pilot)
        await perform(app, "app.fields")
        await until(app, pilot, CustomFieldsScreen)
        await pilot.pause()

        def fields() -> list[str]:
            return [field.label for field in custom_fields.custom_fields(app.gateway.page())]

        await pilot.press("a")
        await asked(app, pilot)
        await pilot.press(*"Tier", "enter")
        await until(app, pilot, PickScreen)
        await pilot.press(*"choice", "enter")
        await asked(app, pilot)
        await pilot.press(*"gold,silver", "enter")
        await settle(app, pilot)
        assert fields() == ["Tier"] and row_texts(app)[0][2] == "gold, silver"

        await pilot.press("escape")
        screen.go_to(LILY)
        await pilot.press("e")
        await until(app, pilot, FormScreen)
        form = app.screen
        assert isinstance(form, FormScreen)
        tier = form.model.entry("custom.tier")
        form.model.set_value(tier, "Gold")
        assert form.model.meaning(tier) == "gold" and not form.model.reading(tier).problem
        form.model.set_value(tier, "wood")
        assert form.model.reading(tier).problem
        form.model.set_value(tier, "GOLD")
        await pilot.press("enter")
        await until(app, pilot, CustomersScreen)
        await settle(app, pilot)
        assert app.gateway.customer(LILY)["custom"]["tier"] == "gold"  # type: ignore[index]

        await perform(app, "app.fields")
        await until(app, pilot, CustomFieldsScreen)
        await pilot.pause()
        await pilot.press("e")
        await asked(app, pilot)
        await pilot.press(*"Level", "enter")
        await settle(app, pilot)
        assert fields() == ["Level"]
        await pilot.press("x")
        await asked(app, pilot)
        assert "1" in screen_text(app).splitlines()[-2]
        await pilot.press("y", "enter")
        await settle(app, pilot)
        assert fields() == [] and app.gateway.customer(LILY)["custom"]["tier"] == "gold"  # type: ignore[index]
        await pilot.press("u")
        await settle(app, pilot)
        assert fields() == ["Level"]


async def test_fields_move_and_a_taken_name_is_refused(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        for name in ("One", "Two"):
            custom_fields.define_field(app.workspace, name)
        await perform(app, "app.fields")
        await until(app, pilot, CustomFieldsScreen)
        await pilot.pause()
        await pilot.press("J")
        await settle(app, pilot)
        assert [row[0] for row in row_texts(app)] == ["Two", "One"] and listed(app).cursor_index == 1
        await pilot.press("a")
        await asked(app, pilot)
        await pilot.press(*"one", "enter")
        await until(app, pilot, PickScreen)
        await pilot.press("enter")
        await settle(app, pilot)
        assert "there is a field" in screen_text(app) and len(row_texts(app)) == 2


# Many: in boxes, with progress


@pytest.fixture
def many_boxes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(many, "AT_ONCE", 2)
    monkeypatch.setattr(many, "BOX", 1)


@LANGUAGES
async def test_many_are_tagged_while_the_app_lives_and_undone_as_one(
    tmp_path: Path, language: str, many_boxes: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work_aside, "LOOK_SECONDS", 0.01)
    gate = threading.Event()
    change = record.add_and_remove_tags

    def slowly(*arguments: object, **options: object) -> None:
        change(*arguments, **options)  # type: ignore[arg-type]
        gate.wait(20)

    monkeypatch.setattr(record, "add_and_remove_tags", slowly)
    async with running(tmp_path, language=language) as (app, pilot):
        await at_list(app, pilot)
        await pilot.press("asterisk", "T")
        await asked(app, pilot)
        await pilot.press("plus", *"fair", "enter")
        await appears(pilot, lambda: app.work is not None)
        await pilot.press("down")  # the keys are not waited for
        assert "esc " in screen_text(app)
        await pilot.press("q")
        assert app.is_running
        gate.set()
        await appears(pilot, lambda: app.work is None)
        page = app.gateway.page()
        assert page.execute(
            "SELECT count(*) FROM customer_tags JOIN tags ON tags.id = tag_id WHERE name = 'fair'"
        ).fetchone() == (3,)
        await pilot.press("u")
        await appears(pilot, lambda: page.execute("SELECT count(*) FROM tags WHERE name = 'fair'").fetchone() == (0,))


async def test_escape_stops_it_and_nothing_is_left(
    tmp_path: Path, many_boxes: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = threading.Event()
    change = record.add_and_remove_tags

    def slowly(*arguments: object, **options: object) -> None:
        change(*arguments, **options)  # type: ignore[arg-type]
        gate.wait(20)

    monkeypatch.setattr(record, "add_and_remove_tags", slowly)
    async with running(tmp_path) as (app, pilot):
        screen = await at_list(app, pilot)
        await pilot.press("asterisk", "T")
        await asked(app, pilot)
        await pilot.press("plus", *"fair", "enter")
        await appears(pilot, lambda: app.work is not None)
        await pilot.press("escape")
        gate.set()
        await appears(pilot, lambda: "Nothing was changed" in screen_text(app))
        assert len(screen._marked) == 3
        page = app.gateway.page()
        assert page.execute("SELECT count(*) FROM tags WHERE name = 'fair'").fetchone() == (0,)


async def appears(pilot: Pilot[int], true: Callable[[], bool]) -> None:
    for _round in range(400):
        await pilot.pause(0.01)
        if true():
            return
    raise AssertionError("it did not come to that:\n" + screen_text(pilot.app))  # type: ignore[arg-type]


async def test_marks_of_customers_that_are_gone_go_too(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        screen = await at_list(app, pilot)
        await pilot.press("asterisk")
        record.delete(app.workspace, [EVIL])
        app.data_changed((EVIL,))
        await appears(pilot, lambda: screen._marked == {ZHANG, LILY})
