"""An import links people to the record of their company."""

from pathlib import Path

import pytest

from crmtui.services import record, undo_history
from crmtui.services.bring_in import ImportOptions, run_import
from crmtui.services.workspace import Workspace
from crmtui.storage.digest import logical_digest


def links(workspace: Workspace) -> dict[str, str | None]:
    """The company that each person is linked to, by name."""
    return dict(
        workspace.database.writer.execute(
            "SELECT p.name, c.name FROM customers p LEFT JOIN customers c ON c.id = p.company_id WHERE p.kind = 'person'"
        )
    )


@pytest.mark.parametrize("mode", ["create", "upsert"])
def test_people_are_linked_where_one_company_has_the_name(workspace: Workspace, tmp_path: Path, mode: str) -> None:
    record.add_customer(workspace, {"name": "Acme Ltd", "kind": "company"})
    for _twice in range(2):
        record.add_customer(workspace, {"name": "Twin GmbH", "kind": "company"})
    path = tmp_path / "people.csv"
    path.write_text(
        "Name,Company,Kind,E-Mail\nAnn,Acme Ltd,person,a@x.org\nBob,Twin GmbH,person,b@x.org\nCid,Nobody Inc,person,c@x.org\n"
        "Dora,Fresh Ltd,person,d@x.org\nFresh Ltd,,company,e@x.org\nEve,,person,f@x.org\n",
        encoding="utf-8",
    )
    before = logical_digest(workspace.database.writer)
    run_import(workspace, str(path), ImportOptions(region="GB", mode=mode))  # type: ignore[arg-type]
    expected = {"Ann": "Acme Ltd", "Bob": None, "Cid": None, "Dora": "Fresh Ltd", "Eve": None}
    assert links(workspace) == expected
    full = logical_digest(workspace.database.writer)
    undo_history.undo_last(workspace)
    assert logical_digest(workspace.database.writer) == before
    undo_history.redo_last(workspace)
    assert logical_digest(workspace.database.writer) == full
    assert links(workspace) == expected
