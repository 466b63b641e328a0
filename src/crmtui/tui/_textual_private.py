"""Every private name of Textual that crmtui uses: the only module that may touch one. Written for Textual 8.2.8.

Textual may rename these at any release, so each has a test that fails with the name in its message
(tests/tui/test_textual_private.py). What each is for, and since when it has looked the way it is used here:

``App._display(screen, renderable)``
    The single place where a frame goes to the terminal (since 0.1; the ``screen`` argument since 0.11).
    Taken over so that only the cells that changed are written; Textual has no public hook for output.
``App._driver``, ``App._running``, ``App._closed``, ``App._batch_count``
    What ``App._display`` itself looks at before it writes (since 0.11; ``_batch_count`` since 0.13).
``textual._compositor.CompositorUpdate``, ``LayoutUpdate.strips/.region``, ``ChopsUpdate.chops/.spans/.chop_ends``
    The frame as lines of strips, before it becomes escape sequences (``render_segments`` style since 0.56).
``Screen._compositor`` and ``Compositor.render_strips()``
    A whole frame, when a partial one arrives and the rest of the picture is not known (since 0.38).
``App._fatal_error()``, ``App._exception``, ``App._close_messages_no_wait()``
    How an unhandled exception ends the app (since 0.2): Textual prints a traceback with local variables, which are
    customer data here. Taken over so that the exception leaves ``run`` and the command line reports it without data.
``App._screen_stacks``, ``App._modes``
    Every screen of every mode, to tell all of them what changed (since 0.42).
``App._get_screen(screen)``
    Starts a screen that was not shown yet (since 0.11), so that it is composed before it is asked for. Where it is gone,
    the screen starts when it is pushed.
``App._css_update_count``, ``Screen._css_update_count``
    Which theme a screen was styled for (since 0.86). A new one says -1, whereupon a switch of modes parses every stylesheet
    and styles every widget of all screens twice; it is told that it will be styled for the theme in force. Where they are gone,
    nothing happens but that.
``App._disable_tooltips``, ``App._disable_notifications``
    Set, screens get no widgets for tooltips and toasts, of which we have none (since 0.45, made for tests): two widgets
    less to mount and style on every screen. Where they are gone, nothing happens but that.
``textual.keys._character_to_key``
    The key name of a character (since 0.1): a full-width sign is turned into the key of its ASCII twin.
``LinuxDriver._writer_thread``, ``WriterThread._queue``
    How many writes wait for the terminal (since 0.22): frames are held back while one waits.
"""

import os
import selectors
import signal
import sys
from codecs import getincrementaldecoder
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from rich.console import RenderableType
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual._xterm_parser import XTermParser as XTermParser
from textual.app import App, ScreenStackError
from textual.keys import _character_to_key
from textual.screen import Screen
from textual.strip import Strip

if TYPE_CHECKING:
    _AppBase = App[Any]
else:
    _AppBase = object

PlacedStrip = tuple[int, int, Strip]
"""Row, first column, and the strip that covers the row from there on."""


class DisplayTap(_AppBase):
    """Mixin for App, before it in the bases: offers each frame to ``show_frame`` first.

    ``before_frame`` is called for every frame, whoever writes it. ``show_frame`` gets only frames that are full-screen
    output to a real terminal; if it returns False, or for anything else, Textual writes the frame itself.
    """

    def before_frame(self, screen: Screen[Any]) -> None:
        """Called before a frame of ``screen`` is written."""

    def show_frame(self, screen: Screen[Any], strips: Iterator[PlacedStrip], whole: bool) -> bool:
        """Write a frame: ``strips`` are what changed, everything if ``whole``. Returns whether it was written."""
        return False

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        self.before_frame(screen)
        if isinstance(renderable, CompositorUpdate) and takes_full_screen_output(self):
            whole = isinstance(renderable, LayoutUpdate)
            if self.show_frame(screen, placed_strips(renderable), whole):
                self.post_display_hook()
                return
        super()._display(screen, renderable)


class QuietFailure(_AppBase):
    """Mixin for App: an unhandled exception ends the app without a word; ``failure`` says which it was."""

    @property
    def failure(self) -> Exception | None:
        """The exception that ended the app, or None."""
        return self._exception

    def _fatal_error(self) -> None:
        self._close_messages_no_wait()


def all_screens(app: App[Any]) -> list[Screen[Any]]:
    """Every screen that is up, in all modes."""
    return [screen for stack in app._screen_stacks.values() for screen in stack]


def start_screen(app: App[Any], screen: Screen[Any]) -> None:
    """Compose and mount ``screen`` now, though it is shown later; nothing happens if Textual has no such way any more."""
    start = getattr(app, "_get_screen", None)
    if start is not None:
        start(screen)


def leave_out_tooltips_and_toasts(app: App[Any]) -> None:
    """Give the screens of ``app`` no widgets for tooltips and toasts."""
    app._disable_tooltips = app._disable_notifications = True


def without_restyling(app: App[Any], screen: Screen[Any]) -> Screen[Any]:
    """``screen``, new, which is styled when it is mounted and need not be when it is switched to."""
    screen._css_update_count = app._css_update_count
    return screen


def has_mode(app: App[Any], name: str) -> bool:
    """Whether a mode of this name was added."""
    return name in app._modes


def key_name(character: str) -> str:
    """The key that types ``character``."""
    return _character_to_key(character)


def takes_full_screen_output(app: App[Any]) -> bool:
    """Does a frame of ``app`` go to the full screen of a real terminal now? Not headless, inline, batched, closing."""
    driver = app._driver
    return (
        driver is not None
        and not driver.is_inline
        and not app.is_headless
        and app._running
        and not app._closed
        and not app._batch_count
    )


def placed_strips(update: CompositorUpdate) -> Iterator[PlacedStrip]:
    """The strips of a frame with their places; a partial frame gives only the strips that touch a changed span."""
    if isinstance(update, LayoutUpdate):
        for y, line in enumerate(update.strips, update.region.y):
            x = update.region.x
            for strip in line:
                yield y, x, strip
                x += strip.cell_length
    elif isinstance(update, ChopsUpdate):
        for y, start, stop in update.spans:
            for (x, chop), end in zip(update.chops[y].items(), update.chop_ends[y], strict=False):
                if chop is not None and x < stop and end > start:
                    yield y, x, chop


def whole_frame(screen: Screen[Any]) -> Iterator[PlacedStrip]:
    """Every line of ``screen`` as it should look now."""
    for y, strip in enumerate(screen._compositor.render_strips()):
        yield y, 0, strip


def write_to_terminal(app: App[Any], sequence: str) -> None:
    """Queue ``sequence`` for the terminal as one write."""
    driver = app._driver
    if driver is not None:
        driver.write(sequence)
        driver.flush()


def waiting_writes(app: App[Any]) -> int:
    """How many writes the output thread has not begun yet; 0 where the driver has no such thread."""
    thread = getattr(app._driver, "_writer_thread", None)
    return 0 if thread is None else thread._queue.qsize()


def _types_into_a_field(app: App[Any]) -> bool:
    """Does a key go into a text field now? Asked beside the loop: it only looks."""
    from crmtui.tui.key_folding import takes_text

    try:
        return takes_text(app.focused)
    except ScreenStackError:  # no screen yet, or none any more
        return False


if sys.platform == "win32":
    PromptDriver = None  # Textual's own is right there
else:
    from textual.drivers.linux_driver import LinuxDriver

    class PromptDriver(LinuxDriver):
        """The driver for Linux, with an input thread that ends when it is told to, not up to 0.2 s later.

        What came too fast for fingers is marked as pasted on the way to the parser.
        """

        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            self._wake_reader, self._wake_writer = os.pipe()

        def disable_input(self) -> None:
            if not self.exit_event.is_set():
                os.write(self._wake_writer, b"x")
            super().disable_input()

        def run_input_thread(self) -> None:
            from crmtui.tui.key_folding import BurstGuard  # which asks this module for the names of keys

            guard = BurstGuard()
            parser = XTermParser(self._debug)
            decode = getincrementaldecoder("utf-8")("replace").decode
            with selectors.SelectSelector() as selector:
                selector.register(self.fileno, selectors.EVENT_READ)
                selector.register(self._wake_reader, selectors.EVENT_READ)
                while not self.exit_event.is_set():
                    for key, _mask in selector.select(0.1):
                        if key.fd == self.fileno:
                            try:
                                data = os.read(self.fileno, 4096)
                            except OSError:  # the terminal is gone
                                data = b""
                            if not data:
                                os.kill(
                                    os.getpid(), signal.SIGHUP
                                )  # as if the line had said so; under nohup it does not
                                return
                            text = guard.marked(decode(data), in_text_field=_types_into_a_field(self._app))
                            for event in parser.feed(text):
                                self.process_message(event)
                        else:
                            os.read(self._wake_reader, 1)
                            return  # not by the event: this may run before it is set, and would wait once more
                    for event in parser.tick():
                        self.process_message(event)
