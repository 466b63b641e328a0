"""What was being typed when the program went away is offered at the next start, taken up or thrown away."""

from collections.abc import Callable
from pathlib import Path

import pytest
from crm_pilot import LILY, ZHANG, new_file, other_person, running, screen_text
from textual.pilot import Pilot

from crmtui.config import Settings
from crmtui.services.drafts import keep_draft, list_drafts
from crmtui.services.sessions import enter
from crmtui.storage import activities
from crmtui.tui import drafting
from crmtui.tui.app import CrmApp
from crmtui.tui.drafting import waiting_drafts
from crmtui.tui.screens.customer import CustomerScreen
from crmtui.tui.screens.form import FormScreen
from crmtui.tui.screens.unfinished import offer_drafts


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return str(tmp_path / "crmtui" / "drafts")


async def until(pilot: Pilot[int], true: Callable[[], bool]) -> None:
    for _round in range(400):
        await pilot.pause(0.01)
        if true():
            return
    raise AssertionError("it did not come to that:\n" + screen_text(pilot.app))  # type: ignore[arg-type]


def left(folder: str, app: CrmApp, kind: str, subject: str, value: dict[str, object]) -> None:
    """A draft as a session that died left it."""
    keep_draft(folder, app.workspace.database.path, kind, subject, value)


async def test_what_is_typed_into_a_form_is_kept_until_it_is_saved(
    tmp_path: Path, folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafting, "KEEP_SECONDS", 0.02)
    async with running(tmp_path) as (app, pilot):
        path = app.workspace.database.path
        await pilot.press("a", *"Ada")
        await until(pilot, lambda: [draft.subject for draft in list_drafts(folder, path)] == ["Ada"])
        assert waiting_drafts(app) == []  # it is not left: somebody is at it
        await pilot.press(*"lyn")
        await until(pilot, lambda: [draft.subject for draft in list_drafts(folder, path)] == ["Adalyn"])
        await pilot.press("enter")
        await until(pilot, lambda: "added Adalyn" in screen_text(app))
        await until(pilot, lambda: list_drafts(folder, path) == [])


async def test_what_is_thrown_away_leaves_no_draft(tmp_path: Path, folder: str) -> None:
    async with running(tmp_path) as (app, pilot):
        path = app.workspace.database.path
        await pilot.press("e", "!")
        app.keep_unfinished()
        assert len(list_drafts(folder, path, "form")) == 1
        await pilot.press("escape", "y")
        await pilot.pause()
        app.keep_unfinished()
        assert list_drafts(folder, path) == []


async def test_leaving_by_the_key_keeps_nothing_that_was_given_up(tmp_path: Path, folder: str) -> None:
    with new_file(tmp_path) as workspace:
        app = CrmApp(workspace, Settings())
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press("a", *"Ada")
            app.keep_unfinished()
            assert list_drafts(folder, workspace.database.path)
            await pilot.press("ctrl+q", "y")
            await pilot.pause()
        assert list_drafts(folder, workspace.database.path) == []


async def test_a_form_is_taken_up(tmp_path: Path, folder: str) -> None:
    async with running(tmp_path) as (app, pilot):
        left(folder, app, "form", "张伟!", {"customer": ZHANG, "values": {"name": "张伟!", "no.such": "x"}})
        offer_drafts(app)
        assert "not saved yet: form · 张伟! · D takes it up" in screen_text(app)
        await pilot.press("D")
        await until(pilot, lambda: "throw it away" in screen_text(app))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, FormScreen) and "fields not saved" in screen_text(app))
        await pilot.press("enter")
        await until(pilot, lambda: "saved 张伟!" in screen_text(app))
        assert app.gateway.list_rows([ZHANG])[ZHANG].name == "张伟!"
        app.keep_unfinished()
        assert list_drafts(folder, app.workspace.database.path) == []


async def test_a_new_customer_and_a_line_are_told_apart_in_chinese(tmp_path: Path, folder: str) -> None:
    async with running(tmp_path, language="zh_CN") as (app, pilot):
        left(folder, app, "form", "Ada", {"customer": None, "values": {"name": "Ada", "phones": "13800001111"}})
        left(folder, app, "log", "Lily Zhang", {"what": "call", "customers": [LILY], "text": "8m half a"})
        await pilot.press("D")
        await until(pilot, lambda: "Lily Zhang" in screen_text(app) and "Ada" in screen_text(app))
        await pilot.press(*"lily", "enter")
        await until(pilot, lambda: "8m half a" in screen_text(app))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, CustomerScreen) and app.screen.prompt.active)
        await pilot.press("space", *"word", "enter")
        await until(pilot, lambda: bool(activities.timeline(app.gateway.page(), LILY, limit=1)))
        entry = activities.timeline(app.gateway.page(), LILY, limit=1)[0]
        assert (entry.text, entry.minutes) == ("half a word", 8)
        app.keep_unfinished()
        assert [draft.subject for draft in list_drafts(folder, app.workspace.database.path)] == ["Ada"]


async def test_a_task_for_several_is_taken_up_for_all_of_them(tmp_path: Path, folder: str) -> None:
    async with running(tmp_path) as (app, pilot):
        await pilot.press("space", "space", "t", *"send")
        app.keep_unfinished()
        (draft,) = list_drafts(folder, app.workspace.database.path)
        assert isinstance(draft.value, dict) and draft.value["customers"] == sorted(draft.value["customers"])
        await pilot.press("escape")
        app.keep_unfinished()
        assert list_drafts(folder, app.workspace.database.path) == []
        left(folder, app, "log", draft.subject, {key: draft.value[key] for key in ("what", "customers", "text")})
        await pilot.press("D")
        await until(pilot, lambda: "throw it away" in screen_text(app))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, CustomerScreen) and app.screen.prompt.active)
        await pilot.press("enter")
        page = app.gateway.page()
        await until(
            pilot,
            lambda: all(len(activities.tasks(page, each)) == 1 for each in draft.value["customers"]),  # type: ignore[index]
        )


async def test_thrown_away_is_gone_and_nothing_is_said_without_drafts(tmp_path: Path, folder: str) -> None:
    async with running(tmp_path) as (app, pilot):
        await pilot.press("D")
        await until(pilot, lambda: "Nothing was left unfinished" in screen_text(app))
        left(folder, app, "call", "张伟", {"customer": ZHANG, "number": "5678", "notes": "half"})
        await pilot.press("D")
        await until(pilot, lambda: "half" in screen_text(app))
        await pilot.press("down", "enter")
        await until(pilot, lambda: "thrown away: call · 张伟" in screen_text(app))
        assert list_drafts(folder, app.workspace.database.path) == []


async def test_what_another_session_is_typing_is_not_offered(tmp_path: Path, folder: str) -> None:
    async with running(tmp_path) as (app, _pilot):
        with other_person(app.workspace) as other:
            presence = enter(other)
            try:
                left(folder, app, "form", "x", {"values": {"name": "x"}, "process": 999_999_999})
                assert len(waiting_drafts(app)) == 1
                app.other_processes = frozenset({999_999_999})
                assert waiting_drafts(app) == []
            finally:
                presence.close()
