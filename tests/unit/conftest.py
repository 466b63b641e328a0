"""A fresh customer file for each test, and a mass import into it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from crmtui.domain.batch import BatchBuilder
from crmtui.domain.intake import new_customer
from crmtui.services.workspace import Workspace, open_workspace
from crmtui.storage.bulk import BulkWriter
from crmtui.storage.database import Database
from crmtui.storage.long_operation import LongOperation

AT = "2026-01-02T03:04:05Z"

MassImport = Callable[..., int]


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "crm.db")


@pytest.fixture
def workspace(path: str) -> Iterator[Workspace]:
    with open_workspace(path, actor="ann", region="CN", currency="CNY", create=True) as opened:
        yield opened


@pytest.fixture
def database(workspace: Workspace) -> Database:
    return workspace.database


@pytest.fixture
def mass_import() -> MassImport:
    def run(database: Database, count: int, *, index_later: bool = False, finish: bool = True, tag: str = "vip") -> int:
        """Import ``count`` customers with rows of every kind in small boxes; returns the operation. It stays open without ``finish``."""
        long = LongOperation(database, "import", subject="list.csv", actor="ann", at=AT).__enter__()
        writer = BulkWriter(long, index_later=index_later)
        builder = BatchBuilder()
        for number in range(count):
            values = {
                "name": f"张伟{number}" if number % 2 else f"Ana García {number}",
                "company": "恒达贸易有限公司" if number % 3 else "",
                "phones": f"+86138{number:08d}; 0{number % 900 + 100}",
                "emails": f"a{number}@example.com",
                "city": "上海",
                "tags": f"{tag}, t{number % 4}",
                "external_ids": f"{tag}:{number}",
            }
            row = builder.add(new_customer(values, region="CN"), AT)
            builder.add_child("interactions", row, {"kind": "call", "at": f"2026-02-{number % 28 + 1:02d}T00:00:00Z"})
            builder.add_child(
                "transactions", row, {"kind": "order", "at": AT, "amount": 100, "number": f"{tag}{number}"}
            )
            builder.add_child("tasks", row, {"text": "ring back", "created_at": AT})
            builder.add_child("deals", row, {"title": "more", "stage": "new", "created_at": AT})
            if len(builder) == 7:
                writer.add(builder.take())
                writer.flush()
        writer.add(builder.take())
        writer.flush()
        if finish:
            with long.box():
                long.act.count = count
                long.act.settle()
                long.act.finish()
            long.__exit__(None, None, None)
        return long.act.id

    return run
