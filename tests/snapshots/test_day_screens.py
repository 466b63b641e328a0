"""How the screens of the working day look: the day, counts, columns, the details of a customer, a call, duplicates, what was left."""

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from test_more_screens import Scene, app_of, keys, still_time, until
from test_screens import FIND, LANGUAGES, SIZES, app_for, sample, settled, still_clock
from textual.pilot import Pilot

from crmtui.services import contact_points, drafts, record, relations
from crmtui.services.drafts import keep_draft
from crmtui.services.workspace import Workspace
from crmtui.tui.drafting import drafts_here
from crmtui.tui.screens import calling
from crmtui.tui.screens.customer import CustomerScreen, open_customer
from crmtui.tui.screens.duplicates import DuplicatesScreen
from crmtui.tui.screens.merge import MergeScreen
from crmtui.tui.widgets.key_choice import KeyChoice

__all__ = ["sample", "still_clock", "still_time"]  # fixtures

SAID = "价格可以，等总监批"


@pytest.fixture(autouse=True)
def still_calls_and_drafts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calling, "monotonic", lambda: 0.0)
    moments = (datetime(2026, 11, 20, 11, minute, tzinfo=UTC) for minute in count())  # the newest comes first
    monkeypatch.setattr(drafts, "datetime", SimpleNamespace(now=lambda _zone: next(moments)))


def someone(workspace: Workspace) -> int:
    """A customer with a phone, the same in every run."""
    row = workspace.database.reader().execute("SELECT id FROM customers WHERE phone IS NOT NULL ORDER BY id LIMIT 1")
    return int(row.fetchone()[0])


def at_customer(prepare: Callable[[Workspace, int], object], *names: str) -> Scene:
    """A customer after ``prepare``, and keys pressed there."""

    async def play(pilot: Pilot[int]) -> None:
        app = app_of(pilot)
        await settled(pilot)
        customer = someone(app.workspace)
        prepare(app.workspace, customer)
        app.data_changed(())
        await open_customer(app, customer)
        await keys(*names)(pilot)

    return play


def changed(workspace: Workspace, customer: int) -> None:
    for stage in ("lead", "qualified", "customer"):
        record.edit_customer(workspace, customer, {"stage": stage})


def judged(workspace: Workspace, customer: int) -> None:
    points = contact_points.read_points(workspace.database.reader(), customer)
    contact_points.set_state(workspace, points[0].id, "wrong")


def related(workspace: Workspace, customer: int) -> None:
    others = (
        workspace.database.reader().execute("SELECT id FROM customers WHERE id > ? LIMIT 2", (customer,)).fetchall()
    )
    for (other,), role in zip(others, ("assistant", "spouse"), strict=True):
        relations.relate(workspace, customer, other, role)


def nothing(_workspace: Workspace, _customer: int) -> None:
    """As the sample has it."""


async def call(pilot: Pilot[int]) -> None:
    """What came of a call is asked."""
    app = app_of(pilot)
    await settled(pilot)
    customer = someone(app.workspace)
    await open_customer(app, customer)
    await settled(pilot)
    app.begin(calling.call_with(app, customer, "13812345678"))
    await until(pilot, lambda: isinstance(app.screen, CustomerScreen) and app.screen.prompt.active)
    await keys(*SAID, "enter")(pilot)
    await until(pilot, lambda: bool(app.screen.query(KeyChoice)))
    await keys("right")(pilot)


async def unfinished(pilot: Pilot[int]) -> None:
    """Several things were left unfinished."""
    app = app_of(pilot)
    await settled(pilot)
    path = app.workspace.database.path
    keep_draft(drafts_here(), path, "form", "张伟", {"customer": None, "values": {"name": "张伟"}})
    keep_draft(drafts_here(), path, "call", "Lily Zhang", {"customer": 1, "number": "5678", "notes": SAID})
    await keys("D")(pilot)


async def found(pilot: Pilot[int]) -> None:
    """The queue after a scan."""
    app = app_of(pilot)
    await keys("4", "r")(pilot)
    await until(pilot, lambda: isinstance(app.screen, DuplicatesScreen) and bool(app.screen.cases) and not app._tasks)
    await keys("g", "down", "up")(pilot)


async def merge(pilot: Pilot[int]) -> None:
    """The first case side by side."""
    await found(pilot)
    await keys("enter")(pilot)
    await until(pilot, lambda: isinstance(app_of(pilot).screen, MergeScreen))
    await settled(pilot)


SCENES: dict[str, Scene] = {
    "today": keys("2"),
    "today-task": keys("2", "down", "d"),
    "snooze": keys("2", "z"),
    "count-field": keys("F"),
    "counts": keys("F", "enter"),
    "columns": keys("h", "down", "space"),
    "views": keys(*FIND, "V", "A", "enter", "enter", "v"),
    "timeline-changes": at_customer(changed),
    "timeline-without": at_customer(changed, "H"),
    "blame-field": at_customer(changed, "b"),
    "blame": at_customer(changed, "b", *"stage", "enter"),
    "points": at_customer(judged, "P"),
    "relations": at_customer(related, "R"),
    "participants": at_customer(nothing, "down", "down", "a", "z", "h"),
    "call-outcome": call,
    "new-field": keys("a", "up", "up"),
    "unfinished": unfinished,
    "duplicates": found,
    "merge": merge,
}


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", SCENES)
def test_scene(
    snap_compare: Any, sample: dict[str, str], tmp_path: Path, name: str, language: str, size: tuple[int, int]
) -> None:
    app = app_for(sample[language], tmp_path, language=language)
    assert snap_compare(app, run_before=SCENES[name], terminal_size=size)
