"""Writing about customers: what is typed is what is stored, conflicts are told, nothing is written when something is refused."""

import pytest

from crmtui.errors import Conflict, InvalidValue, NotFound
from crmtui.services import record
from crmtui.services.lookup import record as read
from crmtui.services.workspace import Workspace
from crmtui.storage.customers import read_version
from crmtui.storage.digest import logical_digest


def add(workspace: Workspace, **values: str) -> int:
    return record.add_customer(workspace, values).customers[0]


def test_adding_keeps_every_field(workspace: Workspace) -> None:
    customer = add(
        workspace,
        name="张伟",
        company="恒达",
        phones="138 0000 1111; +1 415 555 2671",
        emails="A@Example.com",
        wechat="zw88",
        city="上海",
        tags="vip, 老客户",
        birthday="1990-05-04",
        notes="line one\nline two",
        external_ids="crm:7",
        colour="red",
    )
    found = read(workspace, customer)
    assert (found["name"], found["family_name"], found["given_name"], found["kind"]) == ("张伟", "张", "伟", "person")
    assert [(phone["value"], phone["e164"], phone["primary"]) for phone in found["phones"]] == [
        ("138 0000 1111", "+8613800001111", True),
        ("+1 415 555 2671", "+14155552671", False),
    ]
    assert [email["value"] for email in found["emails"]] == ["A@Example.com"]
    assert found["messaging"] == [{"kind": "wechat", "value": "zw88"}]
    assert (found["tags"], found["external_ids"], found["custom"]) == (
        ["vip", "老客户"],
        {"crm": "7"},
        {"colour": "red"},
    )
    assert (found["addresses"][0]["city"], found["birthday"]) == ("上海", "1990-05-04")
    assert found["notes"] == "line one\nline two"


def test_a_person_is_linked_to_a_company_of_that_name(workspace: Workspace) -> None:
    company = add(workspace, name="Acme Ltd", kind="company")
    person = add(workspace, name="Ana", company="Acme Ltd")
    link = workspace.database.writer.execute("SELECT company_id FROM customers WHERE id = ?", (person,)).fetchone()
    assert link == (company,)
    record.edit_customer(workspace, person, {"company": "Other"})
    assert workspace.database.writer.execute("SELECT company_id FROM customers WHERE id = ?", (person,)).fetchone() == (
        None,
    )


@pytest.mark.parametrize("values", [{}, {"notes": "x"}, {"name": "  "}, {"name": "x" * 1_000_001}])
def test_a_customer_that_nothing_names_or_that_is_too_long_is_refused(
    workspace: Workspace, values: dict[str, str]
) -> None:
    before = logical_digest(workspace.database.writer)
    with pytest.raises(InvalidValue) as caught:
        record.add_customer(workspace, values)
    assert caught.value.field == "name"
    assert logical_digest(workspace.database.writer) == before


def test_what_cannot_be_read_is_kept_and_told(workspace: Workspace) -> None:
    saved = record.add_customer(workspace, {"name": "x", "birthday": "someday", "emails": "not-an-address"})
    assert {issue.code for issue in saved.issues} == {"not_a_date", "not_an_email"}
    found = read(workspace, saved.customers[0])
    assert found["custom"] == {"birthday": "someday"}
    assert [email["value"] for email in found["emails"]] == ["not-an-address"]


def test_editing_touches_only_what_is_named(workspace: Workspace) -> None:
    customer = add(workspace, name="Ana", phones="13800001111", tags="a", colour="red", size="9")
    record.edit_customer(workspace, customer, {"emails": "a@example.com", "custom.size": ""})
    found = read(workspace, customer)
    assert (len(found["phones"]), found["tags"], found["custom"]) == (1, ["a"], {"colour": "red"})


def test_a_changed_name_takes_its_parts_along(workspace: Workspace) -> None:
    customer = add(workspace, name="张伟")
    record.edit_customer(workspace, customer, {"name": "欧阳修远"})
    found = read(workspace, customer)
    assert (found["family_name"], found["given_name"]) == ("欧阳", "修远")


def test_name_parts_that_were_typed_stay(workspace: Workspace) -> None:
    customer = add(workspace, name="Ana", family_name="García", given_name="Ana María")
    record.edit_customer(workspace, customer, {"name": "Anita"})
    assert read(workspace, customer)["given_name"] == "Ana María"
    record.edit_customer(workspace, customer, {"name": "Beatriz Li", "given_name": "Bea"})
    found = read(workspace, customer)
    assert (found["family_name"], found["given_name"]) == ("García", "Bea")


def test_a_name_cannot_be_emptied(workspace: Workspace) -> None:
    customer = add(workspace, name="Ana")
    with pytest.raises(InvalidValue):
        record.edit_customer(workspace, customer, {"name": " "})


def test_a_record_changed_since_it_was_opened_is_a_conflict_with_both_versions(workspace: Workspace) -> None:
    customer = add(workspace, name="Ana", stage="lead")
    opened = read_version(workspace.database.writer, customer)
    record.edit_customer(workspace, customer, {"stage": "customer"}, version=opened)
    with pytest.raises(Conflict) as caught:
        record.edit_customer(workspace, customer, {"stage": "lost"}, version=opened)
    assert caught.value.base == {"version": opened}
    assert caught.value.theirs["stage"] == "customer"
    assert read(workspace, customer)["stage"] == "customer"
    record.edit_customer(workspace, customer, {"stage": "lost"}, version=opened, force=True)
    assert read(workspace, customer)["stage"] == "lost"


def test_a_change_of_what_hangs_on_a_record_is_no_lost_update(workspace: Workspace) -> None:
    customer = add(workspace, name="Ana", phones="13800001111")
    record.edit_customer(workspace, customer, {"phones": "13900001111; 13800001111"})
    phones = read(workspace, customer)["phones"]
    assert [(phone["value"], phone["primary"]) for phone in phones] == [("13900001111", True), ("13800001111", False)]


def test_many_get_the_same_values_in_one_operation(workspace: Workspace) -> None:
    customers = [add(workspace, name=name) for name in "abc"]
    saved = record.edit_many(workspace, [*customers, 99], {"stage": "lead", "tags": "x"})
    assert saved.operation_id
    assert [read(workspace, customer)["stage"] for customer in customers] == ["lead"] * 3


def test_tags_come_and_go(workspace: Workspace) -> None:
    customers = [add(workspace, name=name, tags="a") for name in "xy"]
    record.change_tags(workspace, customers, add=["b", "c"], remove=["a"])
    assert [read(workspace, customer)["tags"] for customer in customers] == [["b", "c"]] * 2
    assert record.change_tags(workspace, customers, add=["b"], remove=["zzz"]).operation_id == 0


def test_archived_customers_come_back(workspace: Workspace) -> None:
    customer = add(workspace, name="a")
    record.archive(workspace, [customer])
    assert read(workspace, customer)["archived_at"]
    record.archive(workspace, [customer], restore=True)
    assert read(workspace, customer)["archived_at"] is None


def test_deleting_takes_everything_along(workspace: Workspace) -> None:
    customer = add(workspace, name="a", phones="13800001111", tags="x", city="y", external_ids="c:1")
    record.delete(workspace, [customer])
    counts = [
        workspace.database.writer.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        for table in ("customers", "contact_points", "addresses", "customer_tags", "external_ids", "search_docsize")
    ]
    assert counts == [0] * 6


@pytest.mark.parametrize("act", [record.archive, record.delete])
def test_one_missing_customer_stops_the_whole_act(workspace: Workspace, act: "object") -> None:
    customer = add(workspace, name="a")
    before = logical_digest(workspace.database.writer)
    with pytest.raises(NotFound):
        act(workspace, [customer, 99])  # type: ignore[operator]
    assert logical_digest(workspace.database.writer) == before


def test_editing_a_missing_customer_says_so(workspace: Workspace) -> None:
    with pytest.raises(NotFound):
        record.edit_customer(workspace, 99, {"name": "x"})
