"""What happens with customers: each act is stored, shown in the timeline, and refused with a reason when it makes no sense."""

import pytest

from crmtui.errors import InvalidValue, NotFound
from crmtui.services import activity
from crmtui.services.record import add_customer
from crmtui.services.workspace import Workspace
from crmtui.storage import activities


@pytest.fixture
def customers(workspace: Workspace) -> list[int]:
    return [add_customer(workspace, {"name": name}).customers[0] for name in ("Ana", "张伟")]


def test_an_interaction_is_in_the_timeline_of_all_who_took_part(workspace: Workspace, customers: list[int]) -> None:
    activity.log_interaction(
        workspace, customers, kind="meeting", text="spoke", subject="", minutes=30, at="2026-01-01T00:00:00Z"
    )
    connection = workspace.database.writer
    for customer in customers:
        (entry,) = activities.timeline(connection, customer)
        assert (entry.kind, entry.text, entry.minutes) == ("meeting", "spoke", 30)
        (interaction,) = activities.interactions(connection, customer)
        assert (interaction.actor, interaction.customer_id) == ("ann", customers[0])


def test_the_timeline_is_newest_first_and_can_be_filtered(workspace: Workspace, customers: list[int]) -> None:
    customer = customers[0]
    activity.log_interaction(workspace, [customer], text="old", at="2026-01-01T00:00:00Z")
    activity.add_transaction(workspace, customer, amount=100, number="N7", at="2026-02-01T00:00:00Z")
    activity.log_interaction(workspace, [customer], text="new Tractor", at="2026-03-01T00:00:00Z")
    activity.finish_task(workspace, activities_task(workspace, customer))
    connection = workspace.database.writer
    entries = activities.timeline(connection, customer)
    assert [entry.text for entry in entries] == ["ring", "new Tractor", "N7", "old"]
    assert activities.timeline_count(connection, customer) == 4
    assert [entry.text for entry in activities.timeline(connection, customer, limit=1, offset=2)] == ["N7"]


def activities_task(workspace: Workspace, customer: int) -> int:
    activity.add_task(workspace, [customer], " ring ", due_at="2026-01-01")
    return activities.tasks(workspace.database.writer, customer)[0].id


def test_tasks_are_done_reopened_and_moved(workspace: Workspace, customers: list[int]) -> None:
    connection = workspace.database.writer
    task = activities_task(workspace, customers[0])
    assert [entry.id for entry in activities.open_tasks(connection, "2026-01-02")] == [task]
    activity.finish_task(workspace, task)
    assert activities.open_tasks(connection, "2026-01-02") == []
    activity.finish_task(workspace, task, done=False)
    activity.reschedule_task(workspace, task, "2027-01-01")
    (found,) = activities.tasks(connection, customers[0])
    assert (found.text, found.due_at, found.done_at, found.owner) == ("ring", "2027-01-01", None, "ann")


def test_one_task_for_several_is_one_operation(workspace: Workspace, customers: list[int]) -> None:
    saved = activity.add_task(workspace, customers, "ring")
    assert saved.customers == tuple(customers)
    assert [len(activities.tasks(workspace.database.writer, customer)) for customer in customers] == [1, 1]


def test_the_figures_of_the_card(workspace: Workspace, customers: list[int]) -> None:
    customer = customers[0]
    for kind, amount in (("order", 1000), ("order", 500), ("payment", 700), ("refund", 100)):
        activity.add_transaction(workspace, customer, kind=kind, amount=amount)
    activity.add_transaction(workspace, customer, amount=5, currency="USD")
    activity.add_deal(workspace, customer, "more", amount=900)
    figures = activities.card_figures(workspace.database.writer, customer)
    assert [(total.currency, total.ordered, total.orders) for total in figures.totals] == [
        ("CNY", 1400, 2),
        ("USD", 5, 1),
    ]
    assert (figures.open_deals, figures.open_deal_amounts) == (1, [("CNY", 900)])
    assert (figures.transactions, figures.interactions, figures.open_tasks) == (5, 0, 0)


@pytest.mark.parametrize("days", [[1, 8, 15, 22], [1, 8, 9, 16, 23]])
def test_the_usual_rhythm_is_the_median_of_the_gaps(
    workspace: Workspace, customers: list[int], days: list[int]
) -> None:
    for day in days:
        activity.log_interaction(workspace, [customers[0]], at=f"2026-01-{day:02d}T10:00:00Z")
    assert activities.card_figures(workspace.database.writer, customers[0]).rhythm_days == 7


def test_what_makes_no_sense_is_refused(workspace: Workspace, customers: list[int]) -> None:
    for act in (
        lambda: activity.log_interaction(workspace, customers, kind="dance"),
        lambda: activity.add_transaction(workspace, customers[0], kind="gift"),
        lambda: activity.add_task(workspace, customers, "  "),
        lambda: activity.add_deal(workspace, customers[0], " "),
    ):
        with pytest.raises(InvalidValue):
            act()
    for act in (
        lambda: activity.log_interaction(workspace, [customers[0], 99]),
        lambda: activity.finish_task(workspace, 99),
        lambda: activity.add_deal(workspace, 99, "x"),
    ):
        with pytest.raises(NotFound):
            act()
    assert workspace.database.writer.execute("SELECT max(id) FROM operations").fetchone() == (2,)
