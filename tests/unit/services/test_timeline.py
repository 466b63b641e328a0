"""The timeline: everything in one order, page by page, by kind and text, with changes of the record in words."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crmtui.services import activity, record
from crmtui.services.relations import relate
from crmtui.services.timeline import TimelineEvent, timeline
from crmtui.services.workspace import Workspace


@pytest.fixture
def zhang(workspace: Workspace) -> int:
    zhang, ana = (record.add_customer(workspace, {"name": name}).customers[0] for name in ("张伟", "Ana"))
    for day in range(1, 13):
        customers = [zhang, ana] if day % 3 else [ana, zhang]
        kind = "call" if day % 2 else "note"
        activity.log_interaction(
            workspace, customers[: 1 + day % 4], kind=kind, text=f"Ring {day}", at=f"2026-01-{day:02d}T08:00:00Z"
        )
    activity.add_transaction(workspace, zhang, amount=500, number="N-1", at="2026-01-05T08:00:00Z")
    activity.add_deal(workspace, zhang, "Big one")
    activity.add_task(workspace, [zhang], "write")
    task = workspace.database.writer.execute("SELECT max(id) FROM tasks").fetchone()[0]
    activity.finish_task(workspace, task)
    record.edit_customer(workspace, zhang, {"stage": "lead", "custom.size": "9", "tags": "vip"})
    record.edit_customer(workspace, zhang, {"stage": "customer", "phones": "13800001111"})
    relate(workspace, ana, zhang, "colleague", "from school")
    return zhang


def read(workspace: Workspace, customer: int, **options: object) -> list[TimelineEvent]:
    return timeline(workspace.database.writer, customer, **options)  # type: ignore[arg-type]


def test_everything_is_there_and_newest_first(workspace: Workspace, zhang: int) -> None:
    events = read(workspace, zhang, limit=99)
    assert [event.at for event in events] == sorted((event.at for event in events), reverse=True)
    assert {event.kind for event in events} == {"call", "note", "order", "deal", "task", "change"}
    said = [event for event in events if event.source == "interactions"]
    assert [event.text for event in said if event.others] == [
        f"Ring {day}" for day in range(12, 0, -1) if day % 4 and (day % 3 or day % 4)
    ]
    assert all(event.others == ("Ana",) for event in said if event.others)


def test_changes_are_told_in_words_and_hidden_by_one_switch(workspace: Workspace, zhang: int) -> None:
    told = [event.text for event in read(workspace, zhang, kinds=["change"])]
    assert "edited: Stage: lead → customer · 13800001111" in told
    assert "edited: Stage: lead · size: 9 · + vip" in told
    assert any("from school" in text for text in told)
    plain = read(workspace, zhang, system_events=False, limit=99)
    assert all(not event.system for event in plain)
    assert read(workspace, zhang, system_events=False, kinds=["change"]) == []


def test_kinds_and_text_narrow_it(workspace: Workspace, zhang: int) -> None:
    assert {event.kind for event in read(workspace, zhang, kinds=["call", "order"], limit=99)} == {"call", "order"}
    assert [event.text for event in read(workspace, zhang, text="ring 1", kinds=["call", "note"])] == [
        f"Ring {day}" for day in (12, 11, 10, 1) if read(workspace, zhang, text=f"ring {day}", kinds=["call", "note"])
    ]
    assert [event.kind for event in read(workspace, zhang, text="N-1")] == ["order"]
    assert [event.kind for event in read(workspace, zhang, text="LEAD")] == ["change", "change"]
    assert read(workspace, zhang, text="100%_") == []


@given(st.integers(1, 9), st.booleans())
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_pages_of_any_size_make_the_whole(workspace: Workspace, zhang: int, size: int, system: bool) -> None:
    whole = read(workspace, zhang, limit=999, system_events=system)
    paged: list[TimelineEvent] = []
    while True:
        page = read(workspace, zhang, limit=size, system_events=system, before=paged[-1].mark if paged else None)
        paged += page
        if len(page) < size:
            break
    assert paged == whole
    assert len({event.mark for event in whole}) == len(whole)


def test_an_import_is_where_a_customer_began(workspace: Workspace, mass_import: "object") -> None:
    mass_import(workspace.database, 3)  # type: ignore[operator]
    customer = workspace.database.writer.execute("SELECT max(id) FROM customers").fetchone()[0]
    events = read(workspace, customer)
    assert [(event.kind, event.text) for event in events if event.system] == [("change", "import list.csv")]
    assert {event.kind for event in events} == {"call", "order", "deal", "change"}


def test_a_deal_that_moves_is_a_system_event(workspace: Workspace, zhang: int) -> None:
    writer = workspace.database.writer
    deal = writer.execute("SELECT id FROM deals").fetchone()[0]
    writer.execute(
        "INSERT INTO deal_stage_changes(deal_id, stage, at) VALUES (?, 'won', '2099-01-01T00:00:00Z')", (deal,)
    )
    first = read(workspace, zhang, kinds=["deal"])
    assert [(event.source, event.detail, event.system) for event in first] == [
        ("deal_stage_changes", "won", True),
        ("deals", None, False),
    ]
