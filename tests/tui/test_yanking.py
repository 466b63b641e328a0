from pathlib import Path
from typing import Any

import pytest
from crm_pilot import running, screen_text

from crmtui.errors import CrmError
from crmtui.services.activity import log_interaction
from crmtui.tui import clipboard
from crmtui.tui.app import CrmApp
from crmtui.tui.clipboard import Copied
from crmtui.tui.screens import yanking


@pytest.fixture
def copied(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    texts: list[str] = []

    def copy(text: str, write: Any, *, setting: str) -> Copied:
        if text.startswith("Lily"):
            raise CrmError("too much", hint="copy less")
        write("")
        texts.append(text)
        return Copied("osc52", "copied by OSC 52")

    monkeypatch.setattr(clipboard, "copy", copy)
    return texts


async def done(app: CrmApp, pilot: Any) -> None:
    for _ in range(100):
        await pilot.pause(0.01)
        if not app._tasks:
            return


async def found(app: CrmApp, pilot: Any, text: str) -> None:
    await pilot.press("slash", *text, "enter")
    await pilot.pause()


@pytest.mark.parametrize("language", ["en", "zh_CN"])
async def test_the_phone_and_the_card_of_the_list(tmp_path: Path, copied: list[str], language: str) -> None:
    async with running(tmp_path, language=language) as (app, pilot):
        await found(app, pilot, "zhangwei")
        await pilot.press("y")
        await done(app, pilot)
        assert copied == ["138 1234 5678"]
        assert "138 1234 5678 · copied by OSC 52" in screen_text(app)
        await pilot.press("Y")
        await done(app, pilot)
        lines = copied[-1].splitlines()
        assert lines[0] == "张伟" and "上海启明电子有限公司" in copied[-1]
        assert any("138 1234 5678" in line and "021" in line for line in lines)
        assert "zhangwei@qiming.example" in copied[-1] and lines[-2:] == ["第一行", "第二行"]


async def test_marked_customers_give_a_line_and_a_card_each(tmp_path: Path, copied: list[str]) -> None:
    async with running(tmp_path) as (app, pilot):
        await found(app, pilot, "-lily")
        await pilot.press("M", "y")
        await done(app, pilot)
        assert copied == ["138 1234 5678"]  # the other has none
        await pilot.press("Y")
        await done(app, pilot)
        assert copied[-1].count("\n\n") == 1
        assert all(character.isprintable() for character in copied[-1].replace("\n", ""))


async def test_nothing_to_copy_and_what_fails_is_told(
    tmp_path: Path, copied: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path) as (app, pilot):
        await found(app, pilot, "lily")
        await pilot.press("y")
        await pilot.pause()
        assert "No phone is known" in screen_text(app)
        await pilot.press("Y")
        await done(app, pilot)
        assert "too much · copy less" in screen_text(app) and not copied
        monkeypatch.setattr(yanking, "MOST_CARDS", 0)
        await pilot.press("Y")
        await done(app, pilot)
        assert "Export them to a file, or copy less" in " ".join(screen_text(app).split())  # over two lines


async def test_a_line_of_the_customer(tmp_path: Path, copied: list[str]) -> None:
    async with running(tmp_path) as (app, pilot):
        for text in ("first note", "second \x1b note"):
            log_interaction(app.workspace, [1], kind="note", text=text)
        await found(app, pilot, "zhangwei")
        await pilot.press("enter", "y")
        await done(app, pilot)
        await pilot.press("down", "y")
        await done(app, pilot)
        await pilot.press("Y")
        await done(app, pilot)
    assert copied[0] == "138 1234 5678" and "note" in copied[1] and copied[2].startswith("张伟")
