"""Customers first and what hangs on them later, while others work with the same file."""

from crmtui.domain.batch import CUSTOMER_COLUMNS, make
from crmtui.domain.intake import new_customer
from crmtui.services import record
from crmtui.services.checking import verify
from crmtui.services.workspace import Workspace, open_workspace
from crmtui.storage import undo
from crmtui.storage.bulk import restore_indexes
from crmtui.storage.customers import read_customer
from crmtui.storage.database import Database
from crmtui.storage.digest import logical_digest
from crmtui.storage.long_operation import LongOperation
from crmtui.storage.schema import SEARCH_AUTOMERGE
from crmtui.storage.search_index import queue_length
from crmtui.storage.staged_insert import StagedInsert

AT = "2026-01-02T03:04:05Z"
BATCH = 4


def people(first: int, last: int) -> list[dict[str, str]]:
    return [
        {
            "name": f"Ana García {number}",
            "phones": f"+86138{number:08d}",
            "emails": f"a{number}@example.com",
            "city": "上海",
            "tags": "vip, new",
            "external_ids": f"crm:{number}",
        }
        for number in range(first, last)
    ]


class Import:
    """An import whose two stages a test runs apart."""

    def __init__(self, database: Database, count: int) -> None:
        self.long = LongOperation(database, "import", subject="list.csv", actor="ann", at=AT).__enter__()
        self.writer = StagedInsert(self.long)
        made = [make(new_customer(values, region="CN"), AT) for values in people(0, count)]
        self._batches = [made[start : start + BATCH] for start in range(0, count, BATCH)]

    def customers(self, *, flush: bool = True) -> None:
        for batch in self._batches:
            self.writer.add_customers(CUSTOMER_COLUMNS, [(number, *each[0]) for number, each in enumerate(batch)])
        if flush:
            self.writer.flush()

    def details(self, batches: int | None = None) -> None:
        for batch in self._batches[:batches]:
            points = [(at, *point) for at, each in enumerate(batch) for point in each[1]]
            addresses = [(at, *address) for at, each in enumerate(batch) for address in each[2]]
            external = [(at, *pair) for at, each in enumerate(batch) for pair in each[3]]
            tags = [(at, tag) for at, each in enumerate(batch) for tag in each[4]]
            children = {"contact_points": points, "addresses": addresses, "external_ids": external}
            self.writer.add_details(
                {table: [(number, *row) for number, row in enumerate(rows)] for table, rows in children.items()},
                [(number, *tag) for number, tag in enumerate(tags)],
                "\0".join(each[5] for each in batch).encode(),
            )
        self.writer.flush()

    def finish(self) -> int:
        restore_indexes(self.long)
        with self.long.box():
            self.long.act.finish()
        self.long.__exit__(None, None, None)
        return self.long.act.id


def sound(workspace: Workspace) -> bool:
    return all(finding.ok for finding in verify(workspace))


def test_customers_are_there_before_the_rest(workspace: Workspace) -> None:
    database = workspace.database
    before = logical_digest(database.writer)
    bringing = Import(database, 10)
    bringing.customers()
    first = read_customer(database.writer, 1)
    assert first is not None and (first["name"], first["phones"]) == ("Ana García 0", [])
    assert queue_length(database.writer) == 10
    bringing.details()
    bringing.finish()
    first = read_customer(database.writer, 1)
    assert first is not None
    assert (first["phones"][0]["e164"], first["tags"], first["external_ids"]) == (
        "+8613800000000",
        ["vip", "new"],
        {"crm": "0"},
    )
    assert queue_length(database.writer) == 0
    assert sound(workspace)
    undo.undo(database, bringing.long.act.id, actor="ann")
    assert logical_digest(database.writer) == before


def test_every_customer_is_there_when_the_first_details_come(workspace: Workspace) -> None:
    bringing = Import(workspace.database, 10)
    bringing.customers(flush=False)
    assert bringing.writer.inserted == 0
    bringing.details(1)
    assert workspace.database.reader().execute("SELECT count(*) FROM customers").fetchone()[0] == 10


def test_what_others_do_between_the_stages_is_kept(workspace: Workspace) -> None:
    bringing = Import(workspace.database, 10)
    bringing.customers()
    with open_workspace(workspace.database.path, actor="bob", region="CN") as other:
        record.edit_customer(other, 2, {"phones": "+8613900000000", "tags": "vip"})
        record.edit_customer(other, 3, {"phones": "+8613800000002"})
        record.delete(other, [5])
    bringing.details()
    bringing.finish()
    connection = workspace.database.writer
    second, third = read_customer(connection, 2), read_customer(connection, 3)
    assert second is not None and third is not None
    assert [(point["e164"], point["primary"]) for point in second["phones"]] == [
        ("+8613900000000", True),
        ("+8613800000001", False),
    ]
    assert second["tags"] == ["vip", "new"]
    assert [point["e164"] for point in third["phones"]] == ["+8613800000002"]
    assert connection.execute("SELECT phone, email FROM customers WHERE id = 2").fetchone() == (
        "+8613900000000",
        "a1@example.com",
    )
    assert read_customer(connection, 5) is None
    assert not connection.execute("SELECT 1 FROM contact_points WHERE customer_id = 5").fetchone()
    assert sound(workspace)
    undo.undo(workspace.database, bringing.long.act.id, actor="ann")
    assert [row[0] for row in connection.execute("SELECT id FROM customers ORDER BY id")] == [2, 3, 5][:2]
    assert sound(workspace)


def test_saves_merge_the_search_index_as_usual_afterwards(workspace: Workspace) -> None:
    connection = workspace.database.writer
    bringing = Import(workspace.database, 10)
    bringing.customers()
    settings = dict(connection.execute("SELECT k, v FROM search_config"))
    assert settings["automerge"] == 0
    bringing.details()
    bringing.finish()
    settings = dict(connection.execute("SELECT k, v FROM search_config"))
    assert (settings["automerge"], settings["crisismerge"]) == (SEARCH_AUTOMERGE, 16)
