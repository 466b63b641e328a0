"""Files that tell more than customers: orders, deals, activities, and the companies that people belong to."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from crmtui.services.bring_in import ImportOptions, run_import
from crmtui.services.checking import verify
from crmtui.services.importing.plan import ImportResult
from crmtui.services.merge import merge
from crmtui.services.record import add_customer, delete
from crmtui.services.undo_history import redo_last, undo_last
from crmtui.services.workspace import Workspace, open_workspace
from crmtui.storage.digest import logical_digest

ORDERS = """\
Shop id,Order,Buyer,Email,Phone,Total,Date,Item,Status
1,A1,Ann Lee,ann@x.org,,"1,234.50",2024-03-05 10:00,Pen,paid
1,A1,,,,,,Ink,
2,A2,王芳,,13800138000,200,2024-03-06,Book,已付款
3,A3,Ann Lee,ann@x.org,,$300,2024-04-01,Cap,cancelled
"""
ORDER_COLUMNS = {
    "Shop id": "transaction:external_ids.shop",
    "Order": "transaction:number",
    "Buyer": "name",
    "Email": "emails",
    "Phone": "phones",
    "Total": "transaction:amount",
    "Date": "transaction:at",
    "Item": "transaction:items",
    "Status": "transaction:status",
}
PEOPLE = """\
Name,Email,Company,Company id,Web,Deal,Deal id,Stage,Value,Call at,Call,Task,Due
Ann Lee,ann@x.org,Acme Ltd,77,acme.com,Renewal,D1,Closed Won,1000 EUR,2024-03-05 10:00,hello,Call back,2024-09-01
Bob Ray,bob@x.org,ACME Ltd,77,acme.com,,,,,2024-03-06 10:00,hi,,
张伟,zw@y.cn,华信公司,78,,,,,,,,,
,,Solo GmbH,79,,Big one,D2,proposal,5,,,,
"""
PEOPLE_COLUMNS = {
    "Name": "name",
    "Email": "emails",
    "Company": "company:name",
    "Company id": "company:external_ids.hub",
    "Web": "company:urls",
    "Deal": "deal:title",
    "Deal id": "deal:external_ids.hub",
    "Stage": "deal:stage",
    "Value": "deal:amount",
    "Call at": "interaction:at",
    "Call": "interaction:body",
    "Task": "task:text",
    "Due": "task:due_at",
}


@pytest.fixture
def workspace(tmp_path: Path) -> Any:
    with open_workspace(str(tmp_path / "c.db"), actor="me", region="CN", currency="CNY", create=True) as opened:
        yield opened


class Bringing:
    """Brings texts in as files with one mapping."""

    def __init__(self, workspace: Workspace, tmp_path: Path, options: ImportOptions) -> None:
        self.workspace = workspace
        self._path = tmp_path / "file.csv"
        self._options = options

    def bring(self, text: str, **said: Any) -> ImportResult:
        """Rehearse it and bring it in; both must tell the same."""
        self._path.write_text(text, encoding="utf-8")
        options = replace(self._options, again=True, **said)
        rehearsed = run_import(self.workspace, str(self._path), options, dry_run=True)
        result = run_import(self.workspace, str(self._path), options)
        assert (rehearsed.counts, rehearsed.children) == (result.counts, result.children)
        assert rehearsed.issue_counts == result.issue_counts
        assert all(finding.ok for finding in verify(self.workspace)), verify(self.workspace)
        return result

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self.workspace.database.reader().execute(query).fetchall()]

    def digest(self) -> str:
        return logical_digest(self.workspace.database.reader())


@pytest.fixture
def orders(workspace: Workspace, tmp_path: Path) -> Bringing:
    return Bringing(workspace, tmp_path, ImportOptions(mapping=ORDER_COLUMNS))


@pytest.fixture
def people(workspace: Workspace, tmp_path: Path) -> Bringing:
    constants = {"interaction:kind": "call", "source": "fair"}
    return Bringing(workspace, tmp_path, ImportOptions(mapping=PEOPLE_COLUMNS, constants=constants))


def became(created: int = 0, updated: int = 0, unchanged: int = 0) -> dict[str, int]:
    return {"created": created, "updated": updated, "unchanged": unchanged}


def test_orders_of_two_buyers(orders: Bringing) -> None:
    result = orders.bring(ORDERS)
    assert (result.counts.rows, result.counts.created, result.counts.unchanged) == (4, 2, 2)
    assert result.to_json()["children"] == {"transactions": became(3)}
    assert orders.rows("SELECT name, phone, email FROM customers ORDER BY id") == [
        ("Ann Lee", None, "ann@x.org"),
        ("王芳", "+8613800138000", None),
    ]
    assert orders.rows(
        "SELECT name, number, amount, currency, status, items FROM transactions t"
        " JOIN customers c ON c.id = customer_id ORDER BY number"
    ) == [
        ("Ann Lee", "A1", 123450, "CNY", "paid", '[{"name": "Pen"}, {"name": "Ink"}]'),
        ("王芳", "A2", 20000, "CNY", "paid", '[{"name": "Book"}]'),
        ("Ann Lee", "A3", 30000, "USD", "cancelled", '[{"name": "Cap"}]'),
    ]


@pytest.mark.parametrize("mode", ["create", "upsert", "update", "fill"])
def test_the_same_orders_again_change_nothing(orders: Bringing, mode: str) -> None:
    orders.bring(ORDERS)
    before = orders.digest()
    result = orders.bring(ORDERS, mode=mode)
    assert result.operation_id == 0 and orders.digest() == before
    assert result.children == {"transactions": became(unchanged=3)}


@pytest.mark.parametrize("columns", [("Shop id",), ("Shop id", "Order"), ("Shop id", "Order", "Email", "Phone")])
def test_orders_are_known_again_without_ids(orders: Bringing, columns: tuple[str, ...]) -> None:
    """By number, else by what they say; the buyer by e-mail or phone, else by name."""
    mapping = ORDER_COLUMNS | dict.fromkeys(columns, "skip")
    text = ORDERS.replace("1,A1,,,,,,Ink,\n", "")
    assert orders.bring(text, mapping=mapping).children == {"transactions": became(3)}
    assert len(orders.rows("SELECT 1 FROM customers")) == 2
    before = orders.digest()
    assert orders.bring(text, mapping=mapping).children == {"transactions": became(unchanged=3)}
    assert orders.digest() == before


def test_a_changed_amount_is_an_update_that_can_be_undone(orders: Bringing) -> None:
    empty = orders.digest()
    orders.bring(ORDERS)
    first = orders.digest()
    result = orders.bring(ORDERS.replace(",200,", ",250,") + "4,A4,New One,new@x.org,,9,2024-05-01,Tie,paid\n")
    assert result.children == {"transactions": became(1, 1, 2)}
    assert orders.rows("SELECT amount FROM transactions WHERE number = 'A2'") == [(25000,)]
    second = orders.digest()
    undo_last(orders.workspace)
    assert orders.digest() == first
    redo_last(orders.workspace)
    assert orders.digest() == second
    undo_last(orders.workspace)
    undo_last(orders.workspace)
    assert orders.digest() == empty
    redo_last(orders.workspace)
    assert orders.digest() == first
    assert all(finding.ok for finding in verify(orders.workspace))


def test_only_changed_orders_are_an_operation_too(orders: Bringing) -> None:
    orders.bring(ORDERS)
    result = orders.bring(ORDERS.replace("已付款", "已发货"))
    assert result.operation_id and result.counts.updated == 0
    assert orders.rows("SELECT status FROM transactions WHERE number = 'A2'") == [("shipped",)]


def test_an_order_meets_a_customer_that_is_there(orders: Bringing) -> None:
    known = add_customer(orders.workspace, {"name": "A. Lee", "emails": "ann@x.org"}).customers[0]
    orders.bring(ORDERS)
    assert orders.rows("SELECT name FROM customers ORDER BY id") == [("A. Lee",), ("王芳",)]
    assert orders.rows(f"SELECT count(*) FROM transactions WHERE customer_id = {known}") == [(2,)]


def test_the_surest_key_decides_whose_order_it_is(workspace: Workspace, tmp_path: Path) -> None:
    """A shared phone is no reason to mix up customers with ids of their own, and no reason to leave a row out."""
    columns = {"Id": "external_ids.shop", "Name": "name", "Phone": "phones", "No": "transaction:number"}
    bringing = Bringing(workspace, tmp_path, ImportOptions(mapping=columns))
    text = "Id,Name,Phone,No\n1,Ann,13800138000,A\n2,Bob,13800138000,B\n2,Bob,13800138000,C\n,,13800138000,C\n"
    result = bringing.bring(text)
    assert (result.counts.created, result.counts.skipped) == (2, 1)
    assert bringing.rows(
        "SELECT name, number FROM transactions t JOIN customers c ON c.id = customer_id ORDER BY number"
    ) == [("Ann", "A"), ("Bob", "B"), ("Bob", "C")]
    before = bringing.digest()
    bringing.bring(text)
    assert bringing.digest() == before


def test_a_further_line_of_an_order_need_not_name_the_buyer_again(workspace: Workspace, tmp_path: Path) -> None:
    columns = {"Buyer name": "name", "Order number": "transaction:number", "Item": "transaction:items"}
    bringing = Bringing(workspace, tmp_path, ImportOptions(mapping=columns))
    text = "Buyer name,Order number,Item\nAnn,A,Pen\n,A,Ink\nBob,B,Cap\n,A,Tie\n,C,Box\n"
    result = bringing.bring(text)
    assert (result.counts.created, result.counts.rejected) == (2, 1)
    assert bringing.rows(
        "SELECT name, items FROM transactions t JOIN customers c ON c.id = customer_id ORDER BY 1"
    ) == [
        ("Ann", '[{"name": "Pen"}, {"name": "Ink"}, {"name": "Tie"}]'),
        ("Bob", '[{"name": "Cap"}]'),
    ]


def test_orders_far_apart_meet_their_customer(orders: Bringing) -> None:
    lines = [f"{at},N{at},Buyer {at % 7},b{at % 7}@x.org,,{at},2024-03-06,Thing,paid" for at in range(1, 1300)]
    text = ORDERS.splitlines()[0] + "\n" + "\n".join(lines)
    result = orders.bring(text)
    assert (result.counts.rows, result.counts.created) == (1299, 7)
    assert result.children == {"transactions": became(1299)}
    before = orders.digest()
    assert orders.bring(text).children == {"transactions": became(unchanged=1299)}
    assert orders.digest() == before


def test_people_with_companies_deals_calls_and_tasks(people: Bringing) -> None:
    empty = people.digest()
    result = people.bring(PEOPLE)
    assert result.children == {
        "companies": became(2),
        "deals": became(2),
        "interactions": became(2),
        "tasks": became(1),
    }
    assert people.rows(
        "SELECT c.name, c.kind, c.company, p.name FROM customers c LEFT JOIN customers p ON p.id = c.company_id ORDER BY c.name"
    ) == [
        ("Acme Ltd", "company", None, None),
        ("Ann Lee", "person", "Acme Ltd", "Acme Ltd"),
        ("Bob Ray", "person", "ACME Ltd", "Acme Ltd"),
        ("Solo GmbH", "company", None, None),
        ("华信公司", "company", None, None),
        ("张伟", "person", "华信公司", "华信公司"),
    ]
    assert people.rows(
        "SELECT title, d.stage, amount, currency, name FROM deals d JOIN customers c ON c.id = customer_id"
    ) == [
        ("Renewal", "won", 100000, "EUR", "Ann Lee"),
        ("Big one", "proposal", 500, "CNY", "Solo GmbH"),
    ]
    assert people.rows("SELECT kind, body FROM interactions ORDER BY id") == [("call", "hello"), ("call", "hi")]
    assert people.rows("SELECT text, due_at, done_at FROM tasks") == [("Call back", "2024-09-01", None)]
    assert people.rows("SELECT last_interaction_at IS NULL, source FROM customers WHERE name = 'Ann Lee'") == [
        (0, "fair")
    ]
    full = people.digest()
    assert people.bring(PEOPLE, mode="upsert").operation_id == 0 and people.digest() == full
    undo_last(people.workspace)
    assert people.digest() == empty
    redo_last(people.workspace)
    assert people.digest() == full


def test_a_deal_that_moved_on_and_a_company_that_moved(people: Bringing) -> None:
    people.bring(PEOPLE)
    first = people.digest()
    changed = PEOPLE.replace("proposal", "won").replace("acme.com", "acme.cn").replace("华信公司,78", "ACME LTD,")
    result = people.bring(changed, mode="upsert")
    assert result.children["deals"] == became(0, 1, 1) and result.children["companies"] == became(0, 1, 0)
    assert people.rows("SELECT stage FROM deal_stage_changes ORDER BY id") == [("proposal",), ("won",)]
    assert people.rows(
        "SELECT p.name FROM customers c JOIN customers p ON p.id = c.company_id WHERE c.name = '张伟'"
    ) == [("Acme Ltd",)]
    undo_last(people.workspace)
    assert people.digest() == first


def test_contacts_alone_are_new_customers_each(workspace: Workspace, tmp_path: Path) -> None:
    columns = {"Name": "name", "Phone": "phones", "Firm": "company:name", "Firm phone": "company:phones"}
    bringing = Bringing(workspace, tmp_path, ImportOptions(mapping=columns))
    result = bringing.bring(
        "Name,Phone,Firm,Firm phone\nAnn,021-61618888,Acme,\nBob,021-61618888,Ａcme,021-1\nBob,,,\n"
    )
    assert result.counts.created == 3 and result.children == {"companies": became(1)}
    assert bringing.rows(
        "SELECT value FROM contact_points p JOIN customers c ON c.id = customer_id WHERE name = 'Acme'"
    ) == [("021-1",)]


def test_what_cannot_be_read_is_kept_and_told(workspace: Workspace, tmp_path: Path) -> None:
    columns = {
        "Name": "name",
        "When": "transaction:at",
        "Sum": "transaction:amount",
        "Kind": "transaction:kind",
        "Clerk": "transaction:more.Clerk",
    }
    bringing = Bringing(workspace, tmp_path, ImportOptions(mapping=columns))
    result = bringing.bring("Name,When,Sum,Kind,Clerk\nAnn,someday,a lot,barter,Zoe\n")
    assert {(issue.code, issue.column) for issue in result.issues} == {("not_a_date", "When"), ("not_a_number", "Sum")}
    [(kind, amount, note)] = bringing.rows("SELECT kind, amount, note FROM transactions")
    assert (kind, amount) == ("order", None)
    assert note.splitlines() == ["at: someday", "kind: barter", "Clerk: Zoe", "amount: a lot"]
    assert bringing.bring("Name,When,Sum,Kind,Clerk\nAnn,someday,a lot,barter,Zoe\n").operation_id == 0


def test_orders_follow_their_customer(orders: Bringing) -> None:
    """A merge takes the ids along, a removal removes them; both can be undone, and a later import still knows the orders."""
    orders.bring(ORDERS)
    before = orders.digest()
    merge(orders.workspace, 1, [2])
    assert orders.rows("SELECT DISTINCT customer_id FROM activity_ids") == [(1,)]
    assert orders.bring(ORDERS.replace("13800138000", "")).children == {"transactions": became(unchanged=3)}
    undo_last(orders.workspace)
    assert orders.digest() == before
    delete(orders.workspace, [1])
    assert orders.rows("SELECT count(*) FROM activity_ids") == [(1,)]
    undo_last(orders.workspace)
    assert orders.digest() == before


def test_a_row_without_a_name_is_called_by_what_is_known(workspace: Workspace, tmp_path: Path) -> None:
    columns = {"Name": "name", "City": "city", "Street": "street", "Born": "birthday", "Size": "custom.size"}
    bringing = Bringing(workspace, tmp_path, ImportOptions(mapping=columns, constants={"source": "fair"}))
    text = "Name,City,Street,Born,Size\nAnn,,,,\n,Rome,Via 1,,\n,,,1990-05-06,\n,,,,XL\n-,,,,\n , ,,,\n"
    result = bringing.bring(text)
    assert bringing.rows("SELECT name FROM customers ORDER BY id") == [
        ("Ann",),
        ("Via 1, Rome",),
        ("1990-05-06",),
        ("XL",),
        ("-",),
    ]
    assert result.issue_counts["named_after"] == 3 and result.counts.rejected <= 1
