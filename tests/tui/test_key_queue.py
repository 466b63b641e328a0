import asyncio
from typing import Any, ClassVar

import pytest
from textual import events
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen, Screen

from crmtui.tui import key_queue
from crmtui.tui._textual_private import key_name
from crmtui.tui.key_folding import TypedKeys
from crmtui.tui.key_queue import KeyQueue, TypedEvent
from crmtui.tui.widgets.prompt_line import PromptLine
from crmtui.tui.widgets.text_field import TextField
from crmtui.tui.widgets.windowed_list import WindowedList

CONTROLS = {"⏎": ("enter", "\r"), "⌫": ("ctrl+u", None), "⎋": ("escape", "\x1b")}


class FormScreen(ModalScreen[None]):
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", show=False)]

    def compose(self) -> ComposeResult:
        yield TextField(id="form")

    def on_mount(self) -> None:
        self.call_after_refresh(self.query_one(TextField).focus)


class ListScreen(Screen[None]):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(key, f"note('{key}')", show=False) for key in (*"vipxnobdz", "colon")
    ]

    def compose(self) -> ComposeResult:
        yield WindowedList(())
        yield PromptLine(id="prompt")

    def on_mount(self) -> None:
        self.query_one(WindowedList).focus()

    def action_note(self, key: str) -> None:
        self.app.noted.append(key)  # type: ignore[attr-defined]


class TypingApp(App[int]):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t", "ask", show=False),
        Binding("a", "form", show=False),
        Binding("h", "hang", show=False),
        Binding("q", "quit", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.noted: list[str] = []
        self.answers: list[str | None] = []
        self.work: list[asyncio.Task[None]] = []

    def on_mount(self) -> None:
        self.push_screen(ListScreen())

    def action_ask(self) -> None:
        async def ask() -> None:
            self.answers.append(await self.screen.query_one(PromptLine).ask("tags › "))

        self.work.append(asyncio.get_running_loop().create_task(ask()))

    def action_form(self) -> None:
        self.push_screen(FormScreen())

    async def action_hang(self) -> None:
        await asyncio.sleep(0.3)


class QueuedApp(KeyQueue, TypingApp):
    """As the program wires it: keys are folded where they are given out."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[str] = []
        self.typed_keys = TypedKeys(self.told.append, lambda: self.focused)

    def meant(self, event: TypedEvent) -> events.Event | None:
        return self.typed_keys.received(event)


def type_at_once(app: App[Any], text: str) -> None:
    for character in text:
        key, shown = CONTROLS.get(character, (key_name(character), character))
        app.post_message(events.Key(key, shown))


async def settled(pilot: Any, app: Any) -> None:
    for _ in range(100):
        await pilot.pause()
        if not getattr(app, "_key_under_way", 0):
            return


async def test_without_the_queue_what_is_typed_ahead_runs_as_commands() -> None:
    """What the queue is there for; when this fails, Textual has changed and the queue may go."""
    app = TypingApp()
    async with app.run_test() as pilot:
        type_at_once(app, "tvip")
        await pilot.pause()
        assert app.noted == ["v", "i", "p"]


async def test_an_answer_typed_ahead_reaches_the_question() -> None:
    app = QueuedApp()
    async with app.run_test() as pilot:
        type_at_once(app, "t+vip：张三⏎v")
        await settled(pilot, app)
    assert app.answers == ["+vip：张三"] and app.noted == ["v"] and app.told == []


async def test_text_typed_ahead_reaches_the_form_that_is_being_opened() -> None:
    app = QueuedApp()
    async with app.run_test() as pilot:
        type_at_once(app, "a张三vip")
        await settled(pilot, app)
        assert app.screen.query_one("#form", TextField).value == "张三vip"
        type_at_once(app, "⎋v：")
        await settled(pilot, app)
    assert app.noted == ["v", "colon"]


async def test_clearing_a_field_does_not_take_what_is_typed_after_it() -> None:
    app = QueuedApp()
    async with app.run_test() as pilot:
        type_at_once(app, "told⌫new text")
        await settled(pilot, app)
        assert app.screen.query_one(TextField).value == "new text"


async def test_keys_keep_their_order() -> None:
    app = QueuedApp()
    async with app.run_test() as pilot:
        type_at_once(app, "vipxnobdz" * 5)
        await settled(pilot, app)
    assert "".join(app.noted) == "vipxnobdz" * 5


async def test_a_paste_waits_for_its_turn_and_is_refused_in_a_list() -> None:
    app = QueuedApp()
    async with app.run_test() as pilot:
        type_at_once(app, "t")
        app.post_message(events.Paste("+vip\n"))
        type_at_once(app, "⏎")
        app.post_message(events.Paste("vip"))
        type_at_once(app, "x")
        await settled(pilot, app)
    assert app.answers == ["+vip"] and app.noted == ["x"] and len(app.told) == 1


async def test_a_key_that_hangs_does_not_swallow_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_queue, "LONGEST", 0.05)
    app = QueuedApp()
    async with app.run_test() as pilot:
        type_at_once(app, "hv")
        for _ in range(50):
            await asyncio.sleep(0.02)
            if app.noted:
                break
        await settled(pilot, app)
    assert app.noted == ["v"]


async def test_leaving_with_keys_still_waiting() -> None:
    app = QueuedApp()
    async with app.run_test() as pilot:
        type_at_once(app, "vqvvvv")
        await pilot.pause()
    assert app.noted[:1] == ["v"]


def test_no_name_of_textual_is_taken() -> None:
    ours = {name for name in vars(KeyQueue) if not name.startswith("__")} - {"on_event"}
    ours |= {"_typed_ahead", "_key_under_way", "_keys_given", "_key_deadline"}
    assert {name for name in ours if hasattr(App, name)} == set()
