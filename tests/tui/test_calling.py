from collections.abc import Callable
from pathlib import Path

import pytest
from crm_pilot import ZHANG, running, screen_text
from textual.pilot import Pilot

from crmtui.services.call import outcome_label
from crmtui.services.drafts import list_drafts
from crmtui.services.record import add_customer
from crmtui.storage import activities
from crmtui.tui.screens import calling
from crmtui.tui.screens.customer import CustomerScreen
from crmtui.tui.screens.form import FormScreen
from crmtui.tui.screens.pick import PickScreen
from crmtui.tui.screens.unfinished import offer_drafts
from crmtui.tui.widgets.key_choice import KeyChoice

BOTH = pytest.mark.parametrize("language", ["en", "zh_CN"])


@pytest.fixture(autouse=True)
def drafts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return str(tmp_path / "crmtui" / "drafts")


async def until(pilot: Pilot[int], true: Callable[[], bool]) -> None:
    for _round in range(400):
        await pilot.pause(0.01)
        if true():
            return
    raise AssertionError("it did not come to that:\n" + screen_text(pilot.app))  # type: ignore[arg-type]


@BOTH
async def test_a_call_is_logged_with_its_length_and_the_next_step(tmp_path: Path, language: str) -> None:
    async with running(tmp_path, language=language) as (app, pilot):
        await pilot.press("C", *"13812345678", "enter")
        await until(pilot, lambda: isinstance(app.screen, CustomerScreen) and "00:0" in screen_text(app))
        await pilot.press(*"agreed", "enter")
        await until(pilot, lambda: bool(app.screen.query(KeyChoice)))
        assert "5 " in screen_text(app) and outcome_label("wrong_number") in screen_text(app)
        await pilot.press("3")
        await pilot.press(*"2030-01-02", "space", *"visit")
        await until(pilot, lambda: "→ " in screen_text(app) and "2030" in screen_text(app))
        await pilot.press("enter")
        await until(pilot, lambda: any(task.text == "visit" for task in activities.tasks(app.gateway.page(), ZHANG)))
        entry = activities.timeline(app.gateway.page(), ZHANG, limit=1)[0]
        assert (entry.kind, entry.minutes, entry.detail) == ("call", 1, "voicemail")
        task = activities.tasks(app.gateway.page(), ZHANG)[0]
        assert task.due_at == "2030-01-02"
        await pilot.press("u")
        await until(pilot, lambda: not activities.tasks(app.gateway.page(), ZHANG))
        assert not activities.timeline(app.gateway.page(), ZHANG, limit=1)


async def test_escape_keeps_a_draft_and_the_next_call_begins_with_it(tmp_path: Path, drafts: str) -> None:
    async with running(tmp_path) as (app, pilot):
        path = app.workspace.database.path
        await pilot.press("C", *"5678", "enter")
        await until(pilot, lambda: "00:0" in screen_text(app))
        await pilot.press(*"half", "escape")
        await until(pilot, lambda: "draft kept" in screen_text(app))
        assert [draft.subject for draft in list_drafts(drafts, path, "call")] == ["张伟"]
        await pilot.press("q")
        await pilot.pause()
        offer_drafts(app)
        assert "not saved yet: call · 张伟 · D takes it up" in screen_text(app)
        await pilot.press("C", *"5678", "enter")
        await until(pilot, lambda: "half" in screen_text(app))
        await pilot.press(*"way", "enter")
        await until(pilot, lambda: bool(app.screen.query(KeyChoice)))
        await pilot.press("enter", "enter")
        await until(pilot, lambda: "call logged, 1 minute" in screen_text(app))
        assert activities.timeline(app.gateway.page(), ZHANG, limit=1)[0].text == "halfway"
        assert list_drafts(drafts, path, "call") == []


@BOTH
async def test_of_several_with_the_number_one_is_picked(tmp_path: Path, language: str) -> None:
    async with running(tmp_path, language=language) as (app, pilot):
        add_customer(app.workspace, {"name": "王五", "phones": "13812345678"})
        await pilot.press("C", *"13812345678", "enter")
        await until(pilot, lambda: isinstance(app.screen, PickScreen))
        assert "王五" in screen_text(app) and "张伟" in screen_text(app)
        await pilot.press(*"wangwu", "enter")
        await until(pilot, lambda: "00:0" in screen_text(app))
        assert isinstance(app.screen, CustomerScreen) and app.screen.customer_id == 4


async def test_what_is_typed_is_on_disk_while_the_call_lasts(
    tmp_path: Path, drafts: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calling, "_TICK", 0.02)
    async with running(tmp_path) as (app, pilot):
        path = app.workspace.database.path
        await pilot.press("C", *"5678", "enter")
        await until(pilot, lambda: "00:0" in screen_text(app))
        await pilot.press(*"so", "space", *"far")
        await until(pilot, lambda: [draft.value["notes"] for draft in list_drafts(drafts, path)] == ["so far"])  # type: ignore[index]
        await pilot.press("enter")
        await until(pilot, lambda: bool(app.screen.query(KeyChoice)))
        await pilot.press("enter", "enter")
        await until(pilot, lambda: "call logged" in screen_text(app))
        assert list_drafts(drafts, path) == []


async def test_nothing_typed_leaves_no_draft(tmp_path: Path, drafts: str) -> None:
    async with running(tmp_path) as (app, pilot):
        await pilot.press("C", *"5678", "enter")
        await until(pilot, lambda: "00:0" in screen_text(app))
        await pilot.press("escape")
        await pilot.pause()
        assert list_drafts(drafts, app.workspace.database.path) == []


async def test_an_unknown_number_becomes_a_new_customer(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        await pilot.press("C", *"02988887777", "enter")
        await until(pilot, lambda: isinstance(app.screen, FormScreen))
        await until(pilot, lambda: "02988887777" in screen_text(app))


async def test_what_is_no_number_is_said(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        await pilot.press("C", *"ab", "enter")
        await until(pilot, lambda: "is no phone number" in screen_text(app))
        await pilot.press("C", "escape")
        assert not app.screen.prompt.active  # type: ignore[attr-defined]


async def test_the_outcome_is_chosen_by_arrows_too_and_escape_keeps_it_in_the_draft(
    tmp_path: Path, drafts: str
) -> None:
    async with running(tmp_path) as (app, pilot):
        path = app.workspace.database.path
        await pilot.press("C", *"5678", "enter")
        await until(pilot, lambda: "00:0" in screen_text(app))
        await pilot.press(*"rang", "enter")
        await until(pilot, lambda: bool(app.screen.query(KeyChoice)))
        await pilot.press("right", "enter")
        await until(pilot, lambda: not app.screen.query(KeyChoice) and app.screen.prompt.active)  # type: ignore[attr-defined]
        await pilot.press("escape")
        await until(pilot, lambda: bool(list_drafts(drafts, path, "call")))
        assert list_drafts(drafts, path, "call")[0].value["outcome"] == "no_answer"  # type: ignore[index]
        await pilot.press("q")
        await pilot.press("C", *"5678", "enter")
        await until(pilot, lambda: "rang" in screen_text(app))
        await pilot.press("enter")
        await until(pilot, lambda: bool(app.screen.query(KeyChoice)))
        await pilot.press("enter", "enter")
        await until(pilot, lambda: "call logged, 1 minute · no answer" in screen_text(app))


async def test_escape_at_the_outcome_keeps_a_draft_and_other_keys_do_nothing(tmp_path: Path, drafts: str) -> None:
    async with running(tmp_path) as (app, pilot):
        await pilot.press("C", *"5678", "enter")
        await until(pilot, lambda: "00:0" in screen_text(app))
        await pilot.press(*"half", "enter")
        await until(pilot, lambda: bool(app.screen.query(KeyChoice)))
        await pilot.press("x", "9", "e")
        assert app.screen.query(KeyChoice)
        await pilot.press("escape")
        await until(pilot, lambda: "draft kept" in screen_text(app))
        assert not app.screen.query(KeyChoice)
        assert not activities.timeline(app.gateway.page(), ZHANG, limit=1)
