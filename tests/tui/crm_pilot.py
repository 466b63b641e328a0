"""The real app on a small file, for tests that press keys."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from textual.pilot import Pilot

from crmtui.config import Settings
from crmtui.i18n import set_language
from crmtui.services.record import add_customer
from crmtui.services.workspace import Workspace, open_workspace
from crmtui.tui.app import CrmApp
from crmtui.tui.keymap import Keymap

HOSTILE = "Evil [/x] \x1b]0;pwn\x07[red]"
PEOPLE = (
    {
        "name": "张伟",
        "company": "上海启明电子有限公司",
        "phones": "13812345678; 021-55550101",
        "emails": "zhangwei@qiming.example",
        "stage": "lead",
        "tags": "VIP, 展会",
        "birthday": "1985-03-07",
        "notes": "第一行\n第二行",
        "custom.介绍人": "王总",
    },
    {"name": HOSTILE, "company": "[/oops] & Co", "notes": "\x1b[31mred\nsecond", "tags": "[b]"},
    {"name": "Lily Zhang", "emails": "lily@beacon.example", "custom.[x]\x1b": "custom [/y]\x1b"},
)
ZHANG, EVIL, LILY = 1, 2, 3


def new_file(path: Path) -> Workspace:
    workspace = open_workspace(str(path / "work.db"), actor="me", region="CN", create=True)
    for values in PEOPLE:
        add_customer(workspace, values)
    return workspace


def other_person(workspace: Workspace, actor: str = "李雷") -> Workspace:
    """Another session on the same file."""
    return open_workspace(workspace.database.path, actor=actor, region="CN")


@asynccontextmanager
async def running(
    path: Path, *, language: str = "en", size: tuple[int, int] = (80, 24), keymap: Keymap | None = None
) -> AsyncIterator[tuple[CrmApp, Pilot[int]]]:
    set_language(language)
    try:
        with new_file(path) as workspace:
            app = CrmApp(workspace, Settings(), keymap=keymap)
            async with app.run_test(size=size) as pilot:
                await pilot.pause()
                yield app, pilot
    finally:
        set_language("en")


def lines_of(app: CrmApp) -> list[str]:
    """The screen as text, a line each."""
    width, height = app.size
    strips = app.screen._compositor.render_strips()
    assert len(strips) == height and all(strip.cell_length == width for strip in strips)
    return [strip.text for strip in strips]


def screen_text(app: CrmApp) -> str:
    return "\n".join(lines_of(app))
