"""Files as other programs write them land completely: one sample for every vendor, with what must be there afterwards.

The samples are made up; their columns, encodings, separators and oddities are those of the programs. ``expected.json`` says for
each file what the customers must hold, and what happened with them.
"""

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from crmtui.domain.models import CustomerRecord
from crmtui.services import bring_in
from crmtui.services.bring_in import ImportOptions
from crmtui.services.workspace import Workspace, open_workspace
from crmtui.storage.customers import read_customers

SAMPLES = Path(__file__).parents[2] / "data" / "vendors"
EXPECTED: list[dict[str, Any]] = json.loads((SAMPLES / "expected.json").read_text("utf-8"))
HARMLESS = {"masked", "footer", "repeated"}
PLAIN = [
    "name",
    "given_name",
    "family_name",
    "company",
    "job_title",
    "owner",
    "source",
    "stage",
    "birthday",
    "kind",
    "do_not_contact",
    "notes",
]
TABLES = {"deal": "deals", "transaction": "transactions", "interaction": "interactions", "task": "tasks"}
DAYS = ("at", "created_at", "expected_close", "closed_at", "due_at")


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with open_workspace(str(tmp_path / "customers.db"), actor="me", create=True) as opened:
        yield opened


def file_of(sample: dict[str, Any], tmp_path: Path) -> str:
    """The sample, as a workbook if that is how the program writes it."""
    path = SAMPLES / sample["file"]
    if not sample["xlsx"]:
        return str(path)
    book = openpyxl.Workbook()
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.reader(stream):
            book.active.append(row)
    workbook = tmp_path / f"{path.stem}.xlsx"
    book.save(workbook)
    return str(workbook)


def records(workspace: Workspace) -> list[CustomerRecord]:
    connection = workspace.database.reader()
    return list(
        read_customers(connection, [row[0] for row in connection.execute("SELECT id FROM customers ORDER BY id")])
    )


def record_of(wanted: dict[str, Any], found: list[CustomerRecord]) -> CustomerRecord:
    """The customer that is meant: by name, or by the id that the other program gave it."""
    for record in found:
        if record["name"] == wanted["name"] if "name" in wanted else wanted["id"] in record["external_ids"].values():
            return record
    raise AssertionError(f"{wanted.get('name') or wanted['id']} is not among {[each['name'] for each in found]}")


def seen(wanted: dict[str, Any], record: CustomerRecord) -> dict[str, Any]:
    """What is there of what is wanted, in the same shape."""
    e164 = {phone["e164"]: phone["label"] for phone in record["phones"] if phone["e164"]}
    reading: dict[str, Any] = {
        "phones": sorted(e164),
        "phone_labels": {number: e164.get(number) for number in wanted.get("phone_labels", ())},
        "emails": sorted(email["value"] for email in record["emails"]),
        "tags": sorted(record["tags"]),
        "urls": [url for url in wanted.get("urls", ()) if url in record["urls"]],
        "kept": {key: record["custom"].get(key) for key in wanted.get("kept", ())},
        "created_at": record["created_at"][:10],
        "last": (record["last_interaction_at"] or "")[:10],
        "wechat": next((each["value"] for each in record["messaging"] if each["kind"] == "wechat"), None),
        "id": wanted["id"] if wanted.get("id") in record["external_ids"].values() else record["external_ids"],
        "id_company": wanted["id_company"]
        if wanted.get("id_company") in record["external_ids"].values()
        else record["external_ids"],
        "addresses": [
            {
                key: value if key in ("street", "street_2") and value in (got["street"] or "") else got.get(key)  # type: ignore[attr-defined]
                for key, value in part.items()
            }
            for part, got in zip(wanted.get("addresses", ()), record["addresses"], strict=False)
        ],
    }
    reading |= {key: record[key] for key in PLAIN}  # type: ignore[literal-required]
    return {key: value for key, value in reading.items() if key in wanted}


def happened(workspace: Workspace, customer: int, kind: str, wanted: dict[str, Any]) -> dict[str, Any]:
    """The first activity of a customer, as far as something is wanted of it."""
    cursor = workspace.database.reader().execute(
        f"SELECT * FROM {TABLES[kind]} WHERE customer_id = ? ORDER BY id", (customer,)
    )
    row = dict(zip([column[0] for column in cursor.description], cursor.fetchone() or (), strict=False))
    assert row, f"no {kind}"
    keys = {"due": "due_at", "closed": "closed_at", "done": "done_at"}
    found = {}
    for key in wanted:
        value = row[keys.get(key, key)]
        if key == "done":
            value = bool(value)
        elif key == "items":
            value = json.loads(value)[0]["name"]
        elif key == "text":
            value = value.split("\n")[0]
        elif value and keys.get(key, key) in DAYS:
            value = value[:10]
        found[key] = value
    return found


@pytest.mark.parametrize("sample", EXPECTED, ids=lambda sample: sample["file"])
def test_a_file_lands(sample: dict[str, Any], workspace: Workspace, tmp_path: Path) -> None:
    path = file_of(sample, tmp_path)
    options = ImportOptions(region=sample["region"])
    plan = bring_in.map_columns(bring_in.detect(path, options))
    assert plan.vendor is not None
    assert (plan.vendor.vendor, plan.vendor.export) == (sample["vendor"], sample["export"])
    left = {each.column for each in plan.mapping if not each.column.startswith("#")} - set(plan.vendor.columns)
    assert left == set(sample.get("by_values", ()))  # what only the values tell
    result = bring_in.run_import(workspace, path, options)
    assert [issue for issue in result.issues if issue.code not in HARMLESS] == []
    assert result.counts.rejected == 0
    found = records(workspace)
    for wanted in sample["customers"]:
        record = record_of(wanted, found)
        told = {key: value for key, value in wanted.items() if key not in TABLES}
        assert seen(told, record) == told
        for kind in TABLES.keys() & wanted.keys():
            assert happened(workspace, record["id"], kind, wanted[kind]) == wanted[kind]
