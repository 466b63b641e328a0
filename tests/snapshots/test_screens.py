"""How every screen looks: 80×24 and 120×40, English and Chinese, plus light, terminal colours and no colour once each.

The sample is made for a fixed day and the clock stands still. After a change of looks: look at the report, then
``pytest tests/snapshots --snapshot-update -n 0``.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from crmtui.config import Settings
from crmtui.i18n import set_language
from crmtui.services.demo import make_demo
from crmtui.services.workspace import open_workspace
from crmtui.tui import clock
from crmtui.tui.app import CrmApp
from crmtui.tui.screens.customers import CustomersScreen

TODAY = date(2026, 11, 20)
SIZES = ((80, 24), (120, 40))
LANGUAGES = ("en", "zh_CN")
FIND = ("slash", "z", "w", "enter")
SCREENS: dict[str, Sequence[str]] = {
    "customers": (),
    "search": ("slash", "z", "h", "a", "n", "g"),
    "nobody": ("slash", "q", "q", "q", "q"),
    "marked": ("space", "space", "s", "s"),
    "customer": (*FIND, "enter"),
    "transactions": (*FIND, "enter", "tab"),
    "deals": (*FIND, "enter", "tab", "tab"),
    "tasks": (*FIND, "enter", "tab", "tab", "tab"),
    "history": (*FIND, "enter", "shift+tab"),
    "call": (*FIND, "enter", "c", "8", "m"),
    "form": (*FIND, "e"),
    "add": ("a", "down", "L", "i"),
    "stage": ("w",),
    "help": ("question_mark",),
    "palette": ("colon", "t", "a"),
    "files": ("7",),
    "operation": ("7", "enter"),
}


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A sample for each language, made once by each worker."""
    folder = tmp_path_factory.mktemp("sample")
    for language in LANGUAGES:
        make_demo(str(folder / f"{language}.db"), customers=300, language=language, today=TODAY)
    return {language: str(folder / f"{language}.db") for language in LANGUAGES}


@pytest.fixture(autouse=True)
def still_clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Noon of a fixed day, in UTC."""
    monkeypatch.setenv("TZ", "UTC")
    import time

    time.tzset()
    monkeypatch.setattr(clock, "local_now", lambda: datetime(2026, 11, 20, 12, tzinfo=UTC))
    yield
    set_language("en")
    monkeypatch.undo()
    time.tzset()


async def settled(pilot: Pilot[int]) -> None:
    """Wait until no search is under way and the card of the cursor's row is drawn."""
    for _attempt in range(100):
        await pilot.pause(0.02)
        screen = pilot.app.screen
        if screen.id != "_default" and (not isinstance(screen, CustomersScreen) or screen.is_settled):
            break
    await pilot.pause(0.3)


def app_for(path: str, tmp_path: Path, *, language: str, theme: str = "dark") -> CrmApp:
    """The app on a copy of the sample, so that no test sees what another did."""
    import shutil

    set_language(language)
    copy = tmp_path / "work.db"
    shutil.copy(path, copy)
    region, currency = ("CN", "CNY") if language == "zh_CN" else ("US", "USD")
    return CrmApp(open_workspace(str(copy), actor="me", region=region, currency=currency), Settings(theme=theme))


def pressing(keys: Sequence[str]) -> Callable[[Pilot[int]], Awaitable[None]]:
    async def run(pilot: Pilot[int]) -> None:
        await settled(pilot)
        for key in keys:
            await pilot.press(key)
            await asyncio.sleep(0.01)
            await settled(pilot)

    return run


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", SCREENS)
def test_screen(
    snap_compare: Any, sample: dict[str, str], tmp_path: Path, name: str, language: str, size: tuple[int, int]
) -> None:
    app = app_for(sample[language], tmp_path, language=language)
    assert snap_compare(app, run_before=pressing(SCREENS[name]), terminal_size=size)


@pytest.mark.parametrize("theme", ["light", "ansi"])
def test_customers_in_other_themes(snap_compare: Any, sample: dict[str, str], tmp_path: Path, theme: str) -> None:
    app = app_for(sample["en"], tmp_path, language="en", theme=theme)
    assert snap_compare(app, run_before=pressing(("down",)), terminal_size=(120, 40))


def test_customers_without_colour(
    snap_compare: Any, sample: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = app_for(sample["en"], tmp_path, language="en")
    assert snap_compare(app, run_before=pressing(("down",)), terminal_size=(120, 40))


def test_an_empty_file(snap_compare: Any, tmp_path: Path) -> None:
    app = CrmApp(open_workspace(str(tmp_path / "work.db"), actor="me", create=True), Settings())
    assert snap_compare(app, run_before=pressing(()), terminal_size=(80, 24))
