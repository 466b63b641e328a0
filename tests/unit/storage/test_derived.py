"""Derived columns: what lists show is what the records say, after every kind of write."""

from crmtui.services import activity, record
from crmtui.services.workspace import Workspace
from crmtui.storage.derived import compute, refresh_customers


def columns(workspace: Workspace, customer: int) -> tuple[object, ...]:
    row: tuple[object, ...] = workspace.database.writer.execute(
        "SELECT sort_name, phone, email, city, last_interaction_at FROM customers WHERE id = ?", (customer,)
    ).fetchone()
    return row


def test_the_first_of_each_kind_is_shown_and_the_next_when_it_goes(workspace: Workspace) -> None:
    customer = record.add_customer(
        workspace,
        {
            "name": "张伟",
            "phones": "13800001111; 13900002222",
            "emails": "a@example.com; b@example.com",
            "city": "上海",
        },
    ).customers[0]
    assert columns(workspace, customer) == ("zhang wei  张伟", "+8613800001111", "a@example.com", "上海", None)
    record.edit_customer(workspace, customer, {"phones": "13900002222", "emails": "b@example.com", "city": ""})
    assert columns(workspace, customer)[1:4] == ("+8613900002222", "b@example.com", None)
    record.edit_customer(workspace, customer, {"phones": "", "emails": ""})
    assert columns(workspace, customer)[1:] == (None, None, None, None)


def test_the_last_contact_is_the_newest_one_also_after_an_undo(workspace: Workspace) -> None:
    customer = record.add_customer(workspace, {"name": "x", "last_interaction_at": "2026-01-01"}).customers[0]
    imported = columns(workspace, customer)[4]
    assert str(imported).startswith("2026-01-01")
    activity.log_interaction(workspace, [customer], at="2026-03-01T00:00:00Z")
    activity.log_interaction(workspace, [customer], at="2026-02-01T00:00:00Z")
    assert columns(workspace, customer)[4] == "2026-03-01T00:00:00Z"


def test_the_sort_key_follows_name_and_kind(workspace: Workspace) -> None:
    customer = record.add_customer(workspace, {"name": "单田芳"}).customers[0]
    assert str(columns(workspace, customer)[0]).startswith("shan ")
    record.edit_customer(workspace, customer, {"kind": "company"})
    assert str(columns(workspace, customer)[0]).startswith("dan ")


def test_refreshing_what_is_gone_or_right_already_does_nothing(workspace: Workspace) -> None:
    customer = record.add_customer(workspace, {"name": "x"}).customers[0]
    refresh_customers(workspace.database.writer, [customer, 99])
    (entry,) = compute(workspace.database.writer, [customer, 99])
    assert (entry.customer_id, entry.fresh) == (customer, entry.stored)
    indexed = workspace.database.writer.execute("SELECT id FROM search_docsize").fetchall()
    assert indexed == [(customer,)]
