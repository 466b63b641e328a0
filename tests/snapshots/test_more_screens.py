"""How the screens look that keys alone do not reach: the steps of an import, a conflict, the export, prompts, failures."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from test_screens import FIND, LANGUAGES, SIZES, TODAY, app_for, sample, settled, still_clock
from textual.pilot import Pilot

from crmtui.errors import StorageError
from crmtui.services.importing import outcome
from crmtui.services.record import edit_customer
from crmtui.services.workspace import open_workspace
from crmtui.storage import backup, journal
from crmtui.tui.app import CrmApp
from crmtui.tui.screens import export
from crmtui.tui.screens.choose_file import ChooseFileScreen
from crmtui.tui.screens.form import FormScreen
from crmtui.tui.screens.import_wizard import ImportScreen
from crmtui.tui.widgets.text_field import TextField

__all__ = ["sample", "still_clock"]  # fixtures

Scene = Callable[[Pilot[int]], Awaitable[None]]

LIST = (
    "导出时间 2026-11-20,,,,,\n"
    "客户名称,手机,邮箱,公司,生日,介绍人\n"
    + "".join(
        f"{name},{phone},{email},{company},{birthday},{by}\n"
        for name, phone, email, company, birthday, by in (
            ("陈一鸣", "13800138000", "chen@qiming.example", "上海启明电子有限公司", "1985/3/7", "王总"),
            ("欧阳天宇", "138 0013 80", "ouyang@", "杭州云上科技", "1990/12/24", ""),
            ("李静", "021-55550101转12", "li@beacon.example", "", "13/13/1990", "老客户"),
            ("Lily Zhang", "+1 415 555 0134", "lily@beacon.example", "Beacon Mill Textiles LLC", "", ""),
            ("", "", "", "", "", "only a remark"),
            ("赵敏", "13900001111", "zhao@example.cn", "上海启明电子有限公司", "1979/1/2", ""),
            ("陈一鸣", "13800138000", "chen@qiming.example", "上海启明电子有限公司", "1985/3/7", "twice"),
            ("孙悦", "139****2222", "sun@example.cn", "", "", ""),
        )
    )
    + "合计,8,,,,,\n"
)
STEPS = {
    "import-open": 0,
    "import-detect": 1,
    "import-map": 2,
    "import-check": 3,
    "import-rehearse": 4,
    "import-done": 5,
}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with a folder of files of a fixed age, so that no picture holds a name or a time of this machine."""
    folder = tmp_path / "home" / "lists"
    folder.mkdir(parents=True)
    (folder / "客户资料导出.csv").write_bytes(LIST.encode("gb18030"))
    for name, size in (("crm export 2025.xlsx", 48_213), ("Kunden & Partner (alt).csv", 1_204), ("notes.txt", 12)):
        (folder / name).write_bytes(b" " * size)
    (folder / "archive").mkdir()
    for path in folder.iterdir():
        os.utime(path, (1_763_000_000, 1_763_000_000))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture(autouse=True)
def still_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is written, and how long it took, is the same in every run."""
    for module in (journal, backup):
        monkeypatch.setattr(module, "utc_now", lambda: "2026-11-20T12:00:00Z")
    monkeypatch.setattr(outcome, "time", SimpleNamespace(monotonic=lambda: 0.0))
    monkeypatch.setattr(export, "date", SimpleNamespace(today=lambda: TODAY), raising=False)


async def until(pilot: Pilot[int], true: Callable[[], bool]) -> None:
    for _attempt in range(400):
        await pilot.pause()
        if true():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not come to that")


def app_of(pilot: Pilot[int]) -> CrmApp:
    assert isinstance(pilot.app, CrmApp)
    return pilot.app


def importing(step: int) -> Scene:
    """The import up to a step: 0 chooses the file, 5 is done."""

    async def play(pilot: Pilot[int]) -> None:
        app = app_of(pilot)
        await settled(pilot)
        await pilot.press("i")
        await until(pilot, lambda: isinstance(app.screen, ChooseFileScreen) and bool(app.screen.query(TextField)))
        await settled(pilot)
        if step:
            app.screen.query_one(TextField).value = "客户资料导出.csv"
            await pilot.press("enter")
            await until(pilot, lambda: isinstance(app.screen, ImportScreen) and not app._tasks)
        for _step in range(step - 1):
            await pilot.press("enter")
            await until(pilot, lambda: not app._tasks)
        await settled(pilot)

    return play


def keys(*names: str) -> Scene:
    async def play(pilot: Pilot[int]) -> None:
        await settled(pilot)
        for name in names:
            await pilot.press(name)
            await settled(pilot)

    return play


async def conflict(pilot: Pilot[int]) -> None:
    """Somebody else saved the customer while the form was open."""
    app = app_of(pilot)
    await keys(*FIND, "e")(pilot)
    form = app.screen
    assert isinstance(form, FormScreen) and form.model.record is not None
    for key, value in {"job_title": "采购经理 Purchasing", "owner": "me", "notes": "calls on Fridays"}.items():
        form.model.set_value(form.model.entry(key), value)
    customer = form.model.record["id"]
    with open_workspace(app.workspace.database.path, actor="李雷", region="CN") as other:
        edit_customer(other, customer, {"job_title": "总监", "owner": "李雷", "notes": "周五下午都在,\n请先打电话"})
    form._place_editor()
    await pilot.press("enter")
    await settled(pilot)
    await until(pilot, lambda: type(app.screen).__name__ == "ConflictScreen")
    await settled(pilot)


async def disk_full(pilot: Pilot[int]) -> None:
    """A save that the disk refused."""
    app = app_of(pilot)
    await settled(pilot)

    async def refuse() -> None:
        from crmtui.i18n import _

        raise StorageError(
            _("the disk is full"),
            where=os.path.basename(app.workspace.database.path),
            kept=_("What was saved before is safe; this change was not kept."),
            hint=_("Free some space"),
        )

    app.begin(refuse())
    await settled(pilot)


async def bad_file(pilot: Pilot[int]) -> None:
    """A file that is no table."""
    app = app_of(pilot)
    Path("picture.csv").write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 100)
    await importing(0)(pilot)
    app.screen.query_one(TextField).value = "picture.csv"
    await pilot.press("enter")
    await until(pilot, lambda: not isinstance(app.screen, ChooseFileScreen) and not app._tasks)
    await settled(pilot)


SCENES: dict[str, Scene] = {
    **{name: importing(step) for name, step in STEPS.items()},
    "conflict": conflict,
    "export": keys("E"),
    "export-done": keys("E", "enter"),
    "jump": keys("percent_sign", "7", "3"),
    "log-other": keys(*FIND, "enter", "l"),
    "task-prompt": keys(*FIND, "enter", "t", "f", "r", "i"),
    "tag-prompt": keys(*FIND, "T", "plus_sign"),
    "filter-nothing": keys(*FIND, "enter", "slash", "q", "q", "q"),
    "archived": keys("x"),
    "quit-unsaved": keys("a", "down", "L", "i", "escape"),
    "unknown-field": keys("slash", "f", "o", "o", "colon", "1", "enter"),
    "disk-full": disk_full,
    "bad-file": bad_file,
}


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", SCENES)
def test_scene(
    snap_compare: Any,
    sample: dict[str, str],
    tmp_path: Path,
    here: Path,
    name: str,
    language: str,
    size: tuple[int, int],
) -> None:
    assert here.is_dir()
    app = app_for(sample[language], tmp_path, language=language)
    assert snap_compare(app, run_before=SCENES[name], terminal_size=size)
