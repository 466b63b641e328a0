"""Each private name of Textual that crmtui relies on: these fail, with the name, when a new Textual renames one."""

import inspect
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from textual import _compositor
from textual.app import App
from textual.drivers import _writer_thread
from textual.geometry import Region
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Input, Static

from crmtui.tui import _textual_private
from crmtui.tui.difference_output import DifferenceOutput
from crmtui.tui.widgets.text_field import TextField
from crmtui.tui.widgets.windowed_list import WindowedList

CHANGED = "Textual renamed or changed {name}: see src/crmtui/tui/_textual_private.py"


def has_parameters(function: Callable[..., object], *names: str) -> bool:
    return list(inspect.signature(function).parameters)[: len(names)] == list(names)


def test_app_display_takes_screen_and_renderable() -> None:
    assert has_parameters(App._display, "self", "screen", "renderable"), CHANGED.format(name="App._display")


def test_screen_sends_its_frames_through_app_display() -> None:
    from textual.screen import Screen

    source = inspect.getsource(Screen._compositor_refresh)
    assert "app._display(" in source, CHANGED.format(name="Screen._compositor_refresh -> App._display")


@pytest.mark.parametrize("name", ["_driver", "_running", "_closed", "_batch_count"])
async def test_app_attribute(name: str) -> None:
    app: App[None] = App()
    async with app.run_test():
        assert hasattr(app, name), CHANGED.format(name=f"App.{name}")


def test_updates_are_compositor_updates() -> None:
    for name in ("LayoutUpdate", "ChopsUpdate"):
        kind = getattr(_compositor, name, None)
        assert kind is not None and issubclass(kind, _compositor.CompositorUpdate), CHANGED.format(name=name)


def test_layout_update_has_strips_and_region() -> None:
    update = _compositor.LayoutUpdate([[Strip.blank(3), Strip.blank(2)], [Strip.blank(5)]], Region(0, 0, 5, 2))
    places = [(y, x, strip.cell_length) for y, x, strip in _textual_private.placed_strips(update)]
    assert places == [(0, 0, 3), (0, 3, 2), (1, 0, 5)], CHANGED.format(name="LayoutUpdate.strips/.region")


def test_chops_update_has_chops_spans_and_ends() -> None:
    chops = [{0: Strip.blank(3), 3: Strip.blank(2)}, {0: None, 3: Strip.blank(2)}]
    update = _compositor.ChopsUpdate(chops, [(0, 3, 5), (1, 0, 5)], [[3, 5], [3, 5]])
    places = [(y, x) for y, x, _strip in _textual_private.placed_strips(update)]
    assert places == [(0, 3), (1, 3)], CHANGED.format(name="ChopsUpdate.chops/.spans/.chop_ends")


async def test_compositor_renders_whole_frames() -> None:
    class Small(App[None]):
        def compose(self):  # type: ignore[no-untyped-def]
            yield Static("text", markup=False)

    app = Small()
    async with app.run_test(size=(20, 4)):
        lines = list(_textual_private.whole_frame(app.screen))
    assert [(y, x, strip.cell_length) for y, x, strip in lines] == [(y, 0, 20) for y in range(4)], CHANGED.format(
        name="Screen._compositor.render_strips"
    )


async def test_screens_start_before_they_are_shown_and_have_no_widgets_for_toasts() -> None:
    class Later(Screen[None]):
        def compose(self):  # type: ignore[no-untyped-def]
            yield Static("text", markup=False)

    app: App[None] = App()
    async with app.run_test(tooltips=True, notifications=True) as pilot:
        assert hasattr(app, "_disable_tooltips"), CHANGED.format(name="App._disable_tooltips")
        assert hasattr(app, "_disable_notifications"), CHANGED.format(name="App._disable_notifications")
        _textual_private.leave_out_tooltips_and_toasts(app)
        screen = Later()
        app.install_screen(screen, "later")
        _textual_private.start_screen(app, screen)
        await pilot.pause()
        assert screen.is_mounted and not screen.is_current, CHANGED.format(name="App._get_screen")
        assert [type(child) for child in screen.children] == [Static]


async def test_without_a_way_to_start_a_screen_it_starts_when_it_is_pushed() -> None:
    app: App[None] = App()
    async with app.run_test() as pilot:
        screen: Screen[None] = Screen()
        app.install_screen(screen, "later")
        app._get_screen, kept = None, app._get_screen  # type: ignore[method-assign, assignment]
        _textual_private.start_screen(app, screen)
        app._get_screen = kept  # type: ignore[method-assign]
        await app.push_screen("later")
        await pilot.pause()
        assert app.screen is screen and screen.is_mounted


def test_without_the_linux_driver_the_module_is_whole() -> None:
    code = (
        "import sys, textual.app; sys.platform = 'win32'; sys.modules['textual.drivers.linux_driver'] = None\n"
        "from crmtui.tui import _textual_private; assert _textual_private.PromptDriver is None"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_writer_thread_has_a_queue() -> None:
    with Path("/dev/null").open("w") as nowhere:
        thread = _writer_thread.WriterThread(nowhere)
    assert hasattr(getattr(thread, "_queue", None), "qsize"), CHANGED.format(name="WriterThread._queue")


def test_linux_driver_names_its_writer_thread() -> None:
    linux_driver = pytest.importorskip("textual.drivers.linux_driver")
    assert "self._writer_thread" in inspect.getsource(linux_driver.LinuxDriver.__init__), CHANGED.format(
        name="LinuxDriver._writer_thread"
    )


def test_no_other_module_imports_private_textual_modules() -> None:
    folder = Path(_textual_private.__file__).parent
    guilty = [
        path.name
        for path in folder.rglob("*.py")
        if path.name != "_textual_private.py"
        and ("textual._" in path.read_text() or "textual.drivers" in path.read_text())
    ]
    assert guilty == []


@pytest.mark.parametrize(("ours", "theirs"), [(WindowedList, Widget), (TextField, Input), (DifferenceOutput, App)])
def test_our_classes_replace_no_private_name_by_accident(ours: type, theirs: type) -> None:
    made_by_textual = set(vars(type("Empty", (theirs,), {})))
    taken = {name for kind in theirs.__mro__ for name in own_names(kind)}
    both = own_names(ours) & taken - made_by_textual
    assert {name for name in both if name.startswith("_") and not name.endswith("__")} == set()


def own_names(kind: type) -> set[str]:
    """What a class defines, and the attributes its ``__init__`` gives to ``self``."""
    init = vars(kind).get("__init__")
    source = inspect.getsource(init) if inspect.isfunction(init) else ""
    return {*vars(kind), *re.findall(r"self\.(_\w+)\b[^=\n(]* = ", source)}


def test_a_new_screen_says_that_it_is_styled() -> None:
    assert "self._css_update_count" in inspect.getsource(App.switch_mode), CHANGED.format(name="_css_update_count")
    assert Screen()._css_update_count == -1, CHANGED.format(name="Screen._css_update_count")
