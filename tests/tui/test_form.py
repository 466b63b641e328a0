import unicodedata
from pathlib import Path

import pytest
from crm_pilot import EVIL, LILY, ZHANG, other_person, running, screen_text
from textual.pilot import Pilot

from crmtui.services.record import add_customer, edit_customer
from crmtui.tui.app import CrmApp
from crmtui.tui.form_model import FormModel
from crmtui.tui.form_values import editable
from crmtui.tui.screens.customer import CustomerScreen
from crmtui.tui.screens.customers import CustomersScreen
from crmtui.tui.screens.form import FormScreen
from crmtui.tui.widgets.form_parts import FormEditor, NewFieldLine
from crmtui.tui.widgets.question import Question
from crmtui.tui.widgets.windowed_list import WindowedList

BOTH = pytest.mark.parametrize("language", ["en", "zh_CN"])


async def open_form(app: CrmApp, pilot: Pilot[int], customer: int | None) -> FormScreen:
    form = FormScreen(customer)
    await app.push_screen(form)
    await pilot.pause()
    return form


async def write(form: FormScreen, pilot: Pilot[int], key: str, value: str) -> None:
    """Type into a field, without a key press a letter."""
    form._go_to([entry.key for entry in form.model.entries].index(key))
    editor = form.query_one(FormEditor)
    editor.value = value
    editor.cursor_position = len(value)
    await pilot.pause()


async def settle(app: CrmApp, pilot: Pilot[int]) -> None:
    for _round in range(200):
        await pilot.pause()
        if not app._tasks:
            return
    raise AssertionError("the work did not end")


@BOTH
@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
@pytest.mark.parametrize("customer", [None, ZHANG, EVIL, LILY])
async def test_every_line_has_the_width_of_the_screen_and_no_control_character(
    tmp_path: Path, language: str, size: tuple[int, int], customer: int | None
) -> None:
    async with running(tmp_path, language=language, size=size) as (app, pilot):
        form = await open_form(app, pilot, customer)
        await write(form, pilot, "notes", "x ␛ 注 [/z]")
        text = screen_text(app).replace("\n", "")
        assert not [character for character in text if unicodedata.category(character) in ("Cc", "Cs")]


async def test_what_is_typed_is_understood_at_once(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        form = await open_form(app, pilot, None)
        await write(form, pilot, "phones", "13900001111; 12ab")
        assert "+86 139 0000 1111" in screen_text(app)
        assert "! " in screen_text(app) and "kept as it is" in screen_text(app)
        await write(form, pilot, "birthday", "1985年3月7日")
        assert "1985-03-07" in screen_text(app)
        await write(form, pilot, "name", "欧阳天宇")
        assert "family 欧阳" in screen_text(app)


async def test_a_new_customer_is_saved_and_the_list_goes_to_it(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        await pilot.press("a")
        form = app.screen
        assert isinstance(form, FormScreen)
        await write(form, pilot, "name", "王小明")
        await pilot.press("enter")
        await settle(app, pilot)
        assert isinstance(app.screen, CustomersScreen)
        customer = app.screen.query_one(WindowedList).cursor_row_id
        assert customer is not None and app.gateway.customer(customer)["name"] == "王小明"  # type: ignore[index]
        assert "王小明" in app.screen.query_one("#status").plain()  # type: ignore[attr-defined]


async def test_nothing_typed_is_refused_in_words_and_the_form_stays(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        form = await open_form(app, pilot, None)
        await pilot.press("ctrl+s")
        await settle(app, pilot)
        assert app.screen is form
        assert "names a customer" in screen_text(app)


async def test_only_changed_fields_are_written(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        before = app.gateway.customer(EVIL)
        form = await open_form(app, pilot, EVIL)
        await write(form, pilot, "job_title", "CEO")
        await pilot.press("enter")
        await settle(app, pilot)
        after = app.gateway.customer(EVIL)
        assert before is not None and after is not None and after["job_title"] == "CEO"
        assert {**after, "job_title": None, "updated_at": ""} == {**before, "updated_at": ""}


async def test_stand_ins_of_an_edited_text_become_its_characters_again(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        form = await open_form(app, pilot, EVIL)
        entry = form.model.entry("notes")
        assert entry.value == "␛[31mred↵second"
        await write(form, pilot, "notes", entry.value + "!")
        await pilot.press("enter")
        await settle(app, pilot)
        assert app.gateway.customer(EVIL)["notes"] == "\x1b[31mred\nsecond!"  # type: ignore[index]


@pytest.mark.parametrize("text", ["a\r\nb", "\x00\x1b\x7f", "plain 中文", "tab\there", ""])
def test_editable_text_reads_back_as_it_was(text: str) -> None:
    shown = editable(text)
    assert shown.read_back(shown.text) == text
    assert shown.text.isprintable()


async def test_escape_leaves_an_untouched_form_at_once(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        await open_form(app, pilot, ZHANG)
        await pilot.press("escape")
        assert isinstance(app.screen, CustomersScreen)


@pytest.mark.parametrize("key", ["escape", "ctrl+q"])
@pytest.mark.parametrize("answer", ["escape", "enter", "x"])
async def test_typed_text_is_never_lost_by_one_key(tmp_path: Path, key: str, answer: str) -> None:
    async with running(tmp_path) as (app, pilot):
        form = await open_form(app, pilot, None)
        await write(form, pilot, "name", "王")
        await pilot.press(key)
        assert form.query_one(Question).active and "not saved" in screen_text(app)
        await pilot.press(answer)
        assert app.screen is form and form.model.entry("name").value == "王" and not form.query_one(Question).active
        assert form.focused is form.query_one(FormEditor)


async def test_y_after_escape_throws_away(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        form = await open_form(app, pilot, None)
        await write(form, pilot, "name", "王")
        await pilot.press("escape", "y")
        assert isinstance(app.screen, CustomersScreen)
        assert app.gateway.customer(LILY + 1) is None


async def test_an_unreadable_date_is_refused_and_nothing_typed_is_lost(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        form = await open_form(app, pilot, ZHANG)
        await write(form, pilot, "birthday", "yesterday-ish")
        await write(form, pilot, "job_title", "CEO")
        await pilot.press("enter")
        assert app.screen is form and form.query_one(FormEditor).value == "yesterday-ish"
        assert "is no date" in screen_text(app)


async def test_a_choice_is_completed_and_stored_by_its_key(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        form = await open_form(app, pilot, LILY)
        await write(form, pilot, "stage", "Cont")
        await pilot.press("ctrl+e", "enter")
        await settle(app, pilot)
        assert app.gateway.customer(LILY)["stage"] == "contacted"  # type: ignore[index]


async def test_a_new_name_has_new_parts(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        form = await open_form(app, pilot, LILY)
        await write(form, pilot, "name", "Lily Smith")
        await pilot.press("enter")
        await settle(app, pilot)
        record = app.gateway.customer(LILY)
        assert record is not None and (record["family_name"], record["given_name"]) == ("Smith", "Lily")


async def test_keys_go_round_the_fields_and_keep_the_focused_one_in_view(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        form = await open_form(app, pilot, ZHANG)
        await pilot.press("up", "up")
        assert isinstance(app.focused, NewFieldLine) and "+ new field …" in screen_text(app)
        await pilot.press("up")
        last = form.model.entries[form._at]
        assert last is form.model.entries[-1] and last.value == "王总"
        assert "▸  介绍人" in screen_text(app)
        await pilot.press("tab", "tab")
        assert form.model.entries[form._at].key == "kind"
        await pilot.press("shift+tab", "shift+tab")
        assert form.model.entries[form._at] is last


@BOTH
async def test_a_field_of_ones_own_is_defined_without_leaving_the_form(tmp_path: Path, language: str) -> None:
    async with running(tmp_path, language=language) as (app, pilot):
        form = await open_form(app, pilot, ZHANG)
        await write(form, pilot, "name", "张大伟")
        await pilot.press("up", "up", "enter")
        await pilot.pause(0.1)
        await pilot.press(*"Level", "enter")
        await pilot.pause(0.1)
        await pilot.press(*"choice", "enter")
        await pilot.pause(0.1)
        await pilot.press(*"gold,silver", "enter")
        await settle(app, pilot)
        assert form.model.entries[form._at].row.field.label == "Level" and form.model.entry("name").value == "张大伟"
        await pilot.press(*"gold", "enter")
        await settle(app, pilot)
        record = app.gateway.customer(ZHANG)
        assert record is not None and record["name"] == "张大伟" and "gold" in record["custom"].values()
        assert record["custom"]["介绍人"] == "王总"


async def test_a_look_alike_is_told_and_opens_with_the_form_behind(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        form = await open_form(app, pilot, None)
        await write(form, pilot, "phones", "+86 138-1234-5678")
        assert "looks like an existing customer" in screen_text(app) and "张伟" in screen_text(app)
        await pilot.press("f2")
        assert isinstance(app.screen, CustomerScreen) and app.screen.customer_id == ZHANG
        await pilot.press("q")
        assert app.screen is form and form.model.entry("phones").value == "+86 138-1234-5678"


async def test_the_look_alike_is_reached_without_function_keys(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        form = await open_form(app, pilot, None)
        await write(form, pilot, "emails", "ZhangWei@Qiming.example")
        form._go_to(0)
        await pilot.press("up", "enter")
        assert isinstance(app.screen, CustomerScreen)


async def test_a_customer_that_is_gone_cannot_be_opened(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        app.push_screen(FormScreen(999))
        await settle(app, pilot)
        assert isinstance(app.screen, CustomersScreen)
        assert "no customer 999" in screen_text(app)


async def test_a_change_by_someone_else_is_told_while_the_form_is_open(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        form = await open_form(app, pilot, ZHANG)
        with other_person(app.workspace) as other:
            edit_customer(other, ZHANG, {"job_title": "总监"})
        app._poll()
        await pilot.pause()
        assert "changed meanwhile" in screen_text(app) and app.screen is form


def test_model_shows_custom_values_without_a_definition_and_reads_labels_of_the_language(tmp_path: Path) -> None:
    from crm_pilot import new_file

    from crmtui.storage.customers import read_customer

    with new_file(tmp_path) as workspace:
        add_customer(workspace, {"name": "B", "birthday": "not a date"})
        record = read_customer(workspace.database.reader(), LILY + 1)
        model = FormModel(record, [], "CN")
        assert model.entry("custom.birthday").value == "not a date"
        assert model.entry("birthday").value == ""
        model.set_value(model.entry("stage"), " Lead")
        assert model.values() == {"stage": "lead"}
        model.set_value(model.entry("kind"), "robot")
        assert model.refused is model.entry("kind")
