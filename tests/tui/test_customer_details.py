"""Value history, the timeline's filters, contact points and relations, by keys on the screen of one customer."""

from pathlib import Path

import pytest
from crm_pilot import EVIL, HOSTILE, LILY, ZHANG, lines_of, running, screen_text
from textual.pilot import Pilot

from crmtui.services import activity, contact_points, custom_fields, record, relations
from crmtui.services.bring_in import ImportOptions, run_import
from crmtui.storage.activities import tasks
from crmtui.tui.app import CrmApp
from crmtui.tui.screens.blame import BlameScreen
from crmtui.tui.screens.contact_points import ContactPointsScreen, label_value
from crmtui.tui.screens.custom_fields import CustomFieldsScreen
from crmtui.tui.screens.customer import CustomerScreen, open_customer
from crmtui.tui.screens.operation import OperationScreen
from crmtui.tui.screens.palette import perform
from crmtui.tui.screens.pick import PickScreen
from crmtui.tui.screens.relations import RelationsScreen
from crmtui.tui.timeline_rows import PAGE, TimelineFilter, TimelineRows, event_cells
from crmtui.tui.widgets.text_field import TextField
from crmtui.tui.widgets.windowed_list import WindowedList

LANGUAGES = pytest.mark.parametrize("language", ["en", "zh_CN"])


async def settle(app: CrmApp, pilot: Pilot[int]) -> None:
    for _ in range(200):
        await pilot.pause()
        if not app._tasks:
            return
    raise AssertionError("work does not end")


async def until(app: CrmApp, pilot: Pilot[int], kind: type[object]) -> None:
    for _ in range(200):
        await pilot.pause()
        if isinstance(app.screen, kind):
            return
    raise AssertionError(f"{kind.__name__} does not come")


async def asked(app: CrmApp, pilot: Pilot[int]) -> None:
    for _ in range(200):
        await pilot.pause()
        if app.screen.prompt.active:  # type: ignore[attr-defined]
            return
    raise AssertionError("nothing is asked")


def listed(app: CrmApp) -> WindowedList:
    return app.screen.query_one("#list", WindowedList)


def row_texts(app: CrmApp) -> list[tuple[str, ...]]:
    source = listed(app).source
    return [row.cells for row in source.rows(0, source.row_count()) if row is not None]


async def at_customer(app: CrmApp, pilot: Pilot[int], customer: int = ZHANG) -> None:
    await open_customer(app, customer)
    await pilot.pause()
    assert isinstance(app.screen, CustomerScreen)


# Value history


async def blame_of(app: CrmApp, pilot: Pilot[int], field: str) -> None:
    await at_customer(app, pilot)
    await pilot.press("b")
    await until(app, pilot, PickScreen)
    await pilot.press(*field, "enter")
    await until(app, pilot, BlameScreen)
    await pilot.pause()


async def test_an_older_value_is_taken_back_with_one_key_and_undone(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        for company in ("Beta", "Gamma"):
            record.edit_customer(app.workspace, ZHANG, {"company": company})
        await blame_of(app, pilot, "company")
        assert [row[1] for row in row_texts(app)] == ["Gamma", "Beta", "上海启明电子有限公司"]
        assert all(row[2] == "me" and row[0] for row in row_texts(app))
        await pilot.press("j", "j", "r")
        await settle(app, pilot)
        assert app.gateway.customer(ZHANG)["company"] == "上海启明电子有限公司"  # type: ignore[index]
        assert "u undoes it" in screen_text(app) and len(row_texts(app)) == 4
        await pilot.press("u")
        await settle(app, pilot)
        assert app.gateway.customer(ZHANG)["company"] == "Gamma"  # type: ignore[index]
        await pilot.press("escape")
        assert isinstance(app.screen, CustomerScreen)


async def test_the_operation_of_a_value_opens(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        await blame_of(app, pilot, "stage")
        await pilot.press("enter")
        await until(app, pilot, OperationScreen)


async def test_tags_and_phones_come_back_that_were_removed(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        record.change_tags(app.workspace, [ZHANG], remove=["VIP"])
        await blame_of(app, pilot, "tags")
        assert row_texts(app)[0][1] == "- VIP"
        await pilot.press("r")
        await settle(app, pilot)
        assert set(app.gateway.customer(ZHANG)["tags"]) == {"VIP", "展会"}  # type: ignore[index]
        await pilot.press("escape")
        point = contact_points.read_points(app.gateway.page(), ZHANG, "phone")[0]
        contact_points.remove_point(app.workspace, point.id)
        await pilot.press("b")
        await until(app, pilot, PickScreen)
        await pilot.press(*"phone", "enter")
        await until(app, pilot, BlameScreen)
        await pilot.pause()
        assert row_texts(app)[0][1].startswith("- ")
        await pilot.press("r")
        await settle(app, pilot)
        assert point.value in [p.value for p in contact_points.read_points(app.gateway.page(), ZHANG, "phone")]


async def test_a_field_of_ones_own_has_a_history_too(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        record.edit_customer(app.workspace, ZHANG, {"custom.介绍人": "李总"})
        await blame_of(app, pilot, "介绍人")
        assert [row[1] for row in row_texts(app)] == ["李总", "王总"]
        await pilot.press("G", "r")
        await settle(app, pilot)
        assert app.gateway.customer(ZHANG)["custom"]["介绍人"] == "王总"  # type: ignore[index]


async def test_a_value_that_came_with_the_file_says_so(tmp_path: Path) -> None:
    source = tmp_path / "old.csv"
    source.write_text("Name,Stage,Phone\nMei Lin,lead,13900001111\n", "utf-8")
    async with running(tmp_path) as (app, pilot):
        result = run_import(app.workspace, str(source), ImportOptions())
        assert result.operation_id
        customer = LILY + 1
        await at_customer(app, pilot, customer)
        await pilot.press("b")
        await until(app, pilot, PickScreen)
        await pilot.press(*"stage", "enter")
        await until(app, pilot, BlameScreen)
        await pilot.pause()
        assert len(row_texts(app)) == 1 and "old.csv" in row_texts(app)[0][3]
        await pilot.press("r")
        assert "That is the value now" in screen_text(app)


# Timeline


async def test_tasks_done_deals_and_stage_moves_have_their_line(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        task = activity.add_task(app.workspace, [ZHANG], "send samples")
        connection = app.gateway.page()
        assert task.operation_id
        activity.finish_task(app.workspace, tasks(connection, ZHANG)[0].id)
        activity.add_deal(app.workspace, ZHANG, "Labels", amount=120_000, currency="CNY")
        shown = TimelineRows(connection, ZHANG, TimelineFilter())
        cells = {event.kind: event_cells(event) for event in shown.events}
        assert (
            cells["task"][3] == "send samples" and cells["deal"][3].startswith("Labels") and "1,200" in cells["deal"][2]
        )
        assert all(part.isprintable() for row in cells.values() for part in row)
        await at_customer(app, pilot)
        assert "Timeline 2 " in screen_text(app)


async def test_the_timeline_is_read_by_pages_and_the_last_row_is_the_last(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        count = 2 * PAGE + 10
        for number in range(count):
            activity.log_interaction(app.workspace, [ZHANG], text=f"call number {number}")
        await at_customer(app, pilot)
        assert listed(app).source.row_count() == PAGE
        await pilot.press("G")
        assert listed(app).cursor_index == count and "call number 0" in screen_text(app)
        await pilot.press("g", *["pagedown"] * 12)
        assert listed(app).cursor_index > PAGE
        assert f"Timeline {count}" in screen_text(app)


async def test_kinds_are_cycled_and_escape_shows_everything_again(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        for kind in ("call", "email", "call"):
            activity.log_interaction(app.workspace, [ZHANG], kind=kind, text=f"about {kind}")
        await at_customer(app, pilot)
        await pilot.press("f")
        assert [row[3] for row in row_texts(app)] == ["about call", "about call"]
        await pilot.press("f")
        assert [row[3] for row in row_texts(app)] == ["about email"] and "Timeline 1 " in screen_text(app)
        await pilot.press("f")
        assert [row[3] for row in row_texts(app)] == ["added"]
        await pilot.press("f")
        assert len(row_texts(app)) == 4
        await pilot.press("f", "escape")
        assert len(row_texts(app)) == 4 and isinstance(app.screen, CustomerScreen)


@LANGUAGES
async def test_one_key_shows_the_changes_of_the_record_and_the_filter_finds_them(tmp_path: Path, language: str) -> None:
    async with running(tmp_path, language=language) as (app, pilot):
        record.edit_customer(app.workspace, ZHANG, {"stage": "customer"})
        activity.log_interaction(app.workspace, [ZHANG, LILY], text="together")
        await at_customer(app, pilot)
        assert len(row_texts(app)) == 3 and "→" in row_texts(app)[1][3]
        assert "1 " in screen_text(app).split("─ ")[1]  # changes are not counted
        await pilot.press("H")
        assert len(row_texts(app)) == 1 and "Lily Zhang" in row_texts(app)[0][3]
        assert ("without changes" if language == "en" else "[") in screen_text(app)
        await pilot.press("H")
        await pilot.press("slash")
        await asked(app, pilot)
        app.screen.prompt.query_one(TextField).value = "lead →" if language == "en" else "线索 →"  # type: ignore[attr-defined]
        await pilot.press("enter")
        await settle(app, pilot)
        assert len(row_texts(app)) == 1
        await pilot.press("enter")
        await until(app, pilot, OperationScreen)
        await pilot.press("escape", "escape", "H")
        assert len(row_texts(app)) == 1


# Contact points


@LANGUAGES
async def test_contact_points_are_added_judged_put_aside_and_removed(tmp_path: Path, language: str) -> None:
    async with running(tmp_path, language=language) as (app, pilot):
        await at_customer(app, pilot)
        await pilot.press("P")
        await until(app, pilot, ContactPointsScreen)
        await pilot.pause()

        def points() -> dict[str, contact_points.ContactPoint]:
            return {p.value: p for p in contact_points.read_points(app.gateway.page(), ZHANG)}

        assert len(row_texts(app)) == 3
        await pilot.press("a")
        await until(app, pilot, PickScreen)
        await pilot.press(*"telegram", "enter")
        await asked(app, pilot)
        await pilot.press(*"zhangwei", "enter")
        await settle(app, pilot)
        assert points()["zhangwei"].kind == "telegram" and len(row_texts(app)) == 4

        await pilot.press("g", "s")
        await until(app, pilot, PickScreen)
        await pilot.press(*"wrong", "enter")
        await settle(app, pilot)
        assert points()["13812345678"].state == "wrong" and points()["021-55550101"].primary

        await pilot.press("g", "z")
        await settle(app, pilot)
        assert points()["021-55550101"].alternate
        await pilot.press("u")
        await settle(app, pilot)
        assert not points()["021-55550101"].alternate

        at = list(points()).index("zhangwei")
        await pilot.press("g", *["j"] * at, "x")
        await settle(app, pilot)
        assert "zhangwei" not in points()
        await pilot.press("u")
        await settle(app, pilot)
        assert "zhangwei" in points()


async def test_a_value_is_corrected_and_the_old_one_kept_for_searching(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        await at_customer(app, pilot)
        await pilot.press("P")
        await until(app, pilot, ContactPointsScreen)
        await pilot.pause()
        await pilot.press("e")
        await asked(app, pilot)
        await pilot.press("end", "backspace", "9", "enter")
        await asked(app, pilot)
        await pilot.press("y", "enter")
        await settle(app, pilot)
        known = {p.value: p.alternate for p in contact_points.read_points(app.gateway.page(), ZHANG, "phone")}
        assert known["13812345679"] is False and known["13812345678"] is True
        await pilot.press("g", "l")
        await asked(app, pilot)
        await pilot.press(*"Work", "enter")
        await settle(app, pilot)
        assert "work" in [p.label for p in contact_points.read_points(app.gateway.page(), ZHANG, "phone")]
        await pilot.press("G", "f")
        await settle(app, pilot)


async def test_what_bounced_cannot_come_first_and_says_so(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        point = contact_points.read_points(app.gateway.page(), ZHANG, "phone")[0]
        contact_points.set_state(app.workspace, point.id, "bounced")
        await at_customer(app, pilot)
        await pilot.press("P")
        await until(app, pilot, ContactPointsScreen)
        await pilot.pause()
        row = [p.id for p in contact_points.read_points(app.gateway.page(), ZHANG)].index(point.id)
        await pilot.press("g", *["j"] * row, "f")
        await settle(app, pilot)
        assert "cannot come first" in screen_text(app)


def test_labels_are_understood_in_words() -> None:
    assert label_value(" Mobile ") == "mobile" and label_value("car phone") == "car phone" and label_value("") == ""


# Relations


@LANGUAGES
async def test_a_relation_is_added_seen_from_both_sides_opened_and_removed(tmp_path: Path, language: str) -> None:
    async with running(tmp_path, language=language) as (app, pilot):
        await at_customer(app, pilot)
        await pilot.press("R")
        await until(app, pilot, RelationsScreen)
        await pilot.pause()
        await pilot.press("a")
        await asked(app, pilot)
        await pilot.press(*"lily", "enter")
        await until(app, pilot, PickScreen)
        await pilot.press(*"manager", "enter")
        await settle(app, pilot)
        assert [(r.customer_id, r.kind) for r in relations.related(app.gateway.page(), ZHANG)] == [(LILY, "reports_to")]
        assert [r.kind for r in relations.related(app.gateway.page(), LILY)] == ["manager_of"]
        assert row_texts(app)[0][1] == "Lily Zhang"
        await pilot.press("n")
        await asked(app, pilot)
        await pilot.press(*"since May", "enter")
        await settle(app, pilot)
        assert row_texts(app)[0][2] == "since May"
        await pilot.press("enter")
        await until(app, pilot, CustomerScreen)
        await pilot.pause()
        assert "lily@beacon.example" in screen_text(app) and "张伟" in screen_text(app)
        await pilot.press("q")
        await until(app, pilot, RelationsScreen)
        await pilot.press("escape")
        await until(app, pilot, CustomerScreen)
        await pilot.pause()
        assert "Lily Zhang" in "\n".join(lines_of(app)[:8])
        await pilot.press("R")
        await until(app, pilot, RelationsScreen)
        await pilot.pause()
        await pilot.press("x")
        await settle(app, pilot)
        assert relations.related(app.gateway.page(), ZHANG) == []


async def test_a_relation_of_ones_own_and_nobody_found(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        relations.relate(app.workspace, ZHANG, 2, "mentor/mentee")
        await at_customer(app, pilot)
        await pilot.press("R")
        await until(app, pilot, RelationsScreen)
        await pilot.pause()
        text = screen_text(app)
        assert "mentor" in text and "\x1b" not in text and HOSTILE not in text
        await pilot.press("e")
        await until(app, pilot, PickScreen)
        await pilot.press(*"something", "enter")
        await asked(app, pilot)
        await pilot.press(*"coach/player", "enter")
        await settle(app, pilot)
        assert [r.kind for r in relations.related(app.gateway.page(), ZHANG)] == ["coach/player"]
        await pilot.press("a")
        await asked(app, pilot)
        await pilot.press(*"zzzzz", "enter")
        await settle(app, pilot)
        assert "Nobody is found: zzzzz" in screen_text(app)


# Text from outside


async def test_hostile_values_are_only_text_on_every_list_of_details(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        custom_fields.define_field(app.workspace, "[red]own\x1b[31m", "choice", ["[/x]", "\x1b]0;pwn\x07"])
        contact_points.add_point(app.workspace, EVIL, "telegram", "evil[/b]", label="[red]\x1b[1m")
        relations.relate(app.workspace, EVIL, ZHANG, "[bad]\x1b/[worse]", "note [/z]\x1b")
        record.edit_customer(app.workspace, EVIL, {"company": "next [/oops]\x1b[2J"})
        await at_customer(app, pilot, EVIL)
        await pilot.press("H")
        for key, kind in (("P", ContactPointsScreen), ("R", RelationsScreen)):
            await pilot.press(key)
            await until(app, pilot, kind)
            await pilot.pause()
            assert "[" in screen_text(app) and "\x1b" not in screen_text(app)
            await pilot.press("escape")
        await pilot.press("b")
        await until(app, pilot, PickScreen)
        assert "\x1b" not in screen_text(app)
        await pilot.press(*"company", "enter")
        await until(app, pilot, BlameScreen)
        await pilot.pause()
        assert "[/oops]" in screen_text(app) and "\x1b" not in screen_text(app)
        await perform(app, "app.fields")
        await until(app, pilot, CustomFieldsScreen)
        await pilot.pause()
        assert "[red]own" in screen_text(app) and "\x1b" not in screen_text(app)
        await pilot.press("escape")
