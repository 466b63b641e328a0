import unicodedata
from pathlib import Path
from typing import Any

import pytest
from crm_pilot import LILY, ZHANG, other_person, running, screen_text
from textual.pilot import Pilot

from crmtui.services.record import edit_customer
from crmtui.tui.app import CrmApp
from crmtui.tui.screens.conflict import ConflictScreen
from crmtui.tui.screens.customers import CustomersScreen
from crmtui.tui.screens.form import FormScreen

HOSTILE = "[/x] \x1b]0;pwn\x07 总监"


async def form_with(app: CrmApp, pilot: Pilot[int], customer: int, values: dict[str, str]) -> FormScreen:
    form = FormScreen(customer)
    await app.push_screen(form)
    await pilot.pause()
    for key, value in values.items():
        form.model.set_value(form.model.entry(key), value)
    form._place_editor()
    return form


async def until_asked(app: CrmApp, pilot: Pilot[int]) -> ConflictScreen:
    for _round in range(200):
        await pilot.pause()
        if isinstance(app.screen, ConflictScreen):
            return app.screen
    raise AssertionError("no conflict was shown")


async def settle(app: CrmApp, pilot: Pilot[int]) -> None:
    for _round in range(200):
        await pilot.pause()
        if not app._tasks:
            return
    raise AssertionError("the work did not end")


def change(app: CrmApp, customer: int, values: dict[str, str], actor: str = "李雷") -> None:
    with other_person(app.workspace, actor) as other:
        edit_customer(other, customer, values)


@pytest.mark.parametrize("language", ["en", "zh_CN"])
async def test_both_versions_who_and_when_are_shown(tmp_path: Path, language: str) -> None:
    async with running(tmp_path, language=language) as (app, pilot):
        await form_with(app, pilot, ZHANG, {"job_title": "经理"})
        change(app, ZHANG, {"job_title": HOSTILE}, actor="[/me]")
        await pilot.press("enter")
        await until_asked(app, pilot)
        text = screen_text(app)
        assert "经理" in text and "[/x] ␛]0;pwn␇ 总监" in text and "[/me]" in text
        assert not [c for c in text.replace("\n", "") if unicodedata.category(c) in ("Cc", "Cs")]


async def test_mine_is_written_over_theirs_when_chosen(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        await form_with(app, pilot, ZHANG, {"job_title": "经理", "source": "展会"})
        change(app, ZHANG, {"job_title": "总监", "owner": "韩梅梅"})
        await pilot.press("enter")
        await until_asked(app, pilot)
        await pilot.press("1", "enter")
        await settle(app, pilot)
        record = app.gateway.customer(ZHANG)
        assert isinstance(app.screen, CustomersScreen) and record is not None
        assert (record["job_title"], record["source"], record["owner"]) == ("经理", "展会", "韩梅梅")


async def test_theirs_stays_when_chosen_and_the_rest_is_saved(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        await form_with(app, pilot, ZHANG, {"job_title": "经理", "source": "展会"})
        change(app, ZHANG, {"job_title": "总监"})
        await pilot.press("enter")
        await until_asked(app, pilot)
        await pilot.press("right", "enter")
        await settle(app, pilot)
        record = app.gateway.customer(ZHANG)
        assert record is not None and (record["job_title"], record["source"]) == ("总监", "展会")


async def test_enter_saves_nothing_while_a_field_is_open(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        await form_with(app, pilot, ZHANG, {"job_title": "经理"})
        change(app, ZHANG, {"job_title": "总监"})
        await pilot.press("enter")
        conflict = await until_asked(app, pilot)
        await pilot.press("enter")
        assert app.screen is conflict and "1 to choose" in screen_text(app)
        assert app.gateway.customer(ZHANG)["job_title"] == "总监"  # type: ignore[index]


async def test_escape_goes_back_to_the_form_with_nothing_lost(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        form = await form_with(app, pilot, ZHANG, {"job_title": "经理"})
        change(app, ZHANG, {"job_title": "总监"})
        await pilot.press("enter")
        await until_asked(app, pilot)
        await pilot.press("escape")
        await settle(app, pilot)
        assert app.screen is form and form.model.values() == {"job_title": "经理"}
        await pilot.press("enter")
        await until_asked(app, pilot)


@pytest.mark.parametrize(
    "mine, theirs",
    [
        ({"phones": "13812345678"}, {"phones": "13900001111"}),
        ({"tags": "VIP"}, {"tags": "old"}),
        ({"city": "北京"}, {"city": "苏州"}),
        ({"custom.介绍人": "李总"}, {"custom.介绍人": "赵总"}),
    ],
)
async def test_values_in_rows_of_their_own_conflict_too(
    tmp_path: Path, mine: dict[str, str], theirs: dict[str, str]
) -> None:
    async with running(tmp_path) as (app, pilot):
        await form_with(app, pilot, ZHANG, mine)
        change(app, ZHANG, theirs)
        await pilot.press("enter")
        await until_asked(app, pilot)
        assert next(iter(theirs.values())) in screen_text(app) and "李雷" in screen_text(app)


async def test_the_same_change_by_both_is_no_conflict(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        await form_with(app, pilot, LILY, {"stage": "lead", "source": "web"})
        change(app, LILY, {"stage": "lead"})
        await pilot.press("enter")
        await settle(app, pilot)
        assert isinstance(app.screen, CustomersScreen)
        record = app.gateway.customer(LILY)
        assert record is not None and (record["stage"], record["source"]) == ("lead", "web")


async def test_a_third_change_before_the_write_is_shown_too(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        await form_with(app, pilot, ZHANG, {"job_title": "经理"})
        write = app.gateway.write

        async def write_late(job: Any) -> Any:
            app.gateway.write = write  # type: ignore[method-assign]
            change(app, ZHANG, {"job_title": "董事"})
            return await write(job)

        app.gateway.write = write_late  # type: ignore[method-assign, assignment]
        await pilot.press("enter")
        await until_asked(app, pilot)
        assert "董事" in screen_text(app)
        assert app.gateway.customer(ZHANG)["job_title"] == "董事"  # type: ignore[index]
