"""Interactions, transactions, deals and tasks as tables of their own, and the template to fill in."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from crmtui.domain.mapping.targets import parse_target
from crmtui.errors import FormatError, UsageError
from crmtui.services.activity import add_deal, add_task, add_transaction, log_interaction
from crmtui.services.bring_in import detect, map_columns, run_import
from crmtui.services.custom_fields import define_field
from crmtui.services.record import add_customer
from crmtui.services.records_out import RECORDS, amount_text, export_records
from crmtui.services.template import write_template
from crmtui.services.workspace import Workspace, open_workspace
from crmtui.storage.journal import operation


@pytest.fixture
def workspace(tmp_path: Path) -> Any:
    with open_workspace(str(tmp_path / "c.db"), actor="me", region="CN", create=True) as opened:
        add_customer(opened, {"name": "张三", "company": "博图", "phones": "13800138000"})
        add_customer(opened, {"name": "=Bob", "tags": "vip"})
        log_interaction(opened, [1], kind="call", text="one\r\n=2+2", minutes=5)
        add_transaction(opened, 1, amount=1_234_567, currency="CNY", number="A-1")
        add_transaction(opened, 2, amount=-5, currency="JPY")
        add_deal(opened, 2, "Deal", amount=100, currency="KWD", expected_close="2026-12-31")
        add_task(opened, [2], "call")
        with operation(opened.database, "test", actor="me") as act:
            act.insert("tasks", {"text": "nobody's", "created_at": "2026-01-01T00:00:00Z"})
            act.update("interactions", 1, {"at": "2026-05-03T23:30:00Z", "utc_offset": 480})
        yield opened


def rows(workspace: Workspace, what: str, **options: Any) -> list[dict[str, str]]:
    stream = io.BytesIO()
    export_records(workspace, stream, what=what, format="csv", **options)
    return list(csv.DictReader(io.StringIO(stream.getvalue().decode(), newline="")))


def test_every_column_is_a_target_of_imports() -> None:
    for columns in RECORDS.values():
        assert all(parse_target(each.target) is not None for each in columns)


def test_records_say_whose_they_are_and_what_they_say(workspace: Workspace) -> None:
    [call] = rows(workspace, "interactions")
    assert (call["external_ids.crmtui"], call["name"], call["company"]) == ("1", "张三", "博图")
    assert call["interaction:at"] == "2026-05-04T07:30:00+08:00" and call["interaction:body"] == "one\r\n=2+2"
    orders = rows(workspace, "transactions")
    assert [each["transaction:amount"] for each in orders] == ["12345.67", "-5"]
    [deal] = rows(workspace, "deals")
    assert (deal["deal:amount"], deal["deal:expected_close"]) == ("0.100", "2026-12-31")
    assert [each["name"] for each in rows(workspace, "tasks")] == ["=Bob", ""]
    assert [each["name"] for each in rows(workspace, "tasks", query="tag:vip")] == ["=Bob"]
    assert rows(workspace, "interactions", query="tag:vip") == []


def test_spreadsheets_have_names_types_and_no_formula(workspace: Workspace, tmp_path: Path) -> None:
    [deal] = rows(workspace, "deals", profile="spreadsheet")
    assert deal["Name"] == "'=Bob" and deal["Amount"] == "0.100"
    openpyxl = pytest.importorskip("openpyxl")
    path = tmp_path / "o.xlsx"
    written = export_records(workspace, str(path), what="transactions", format="xlsx", profile="spreadsheet")
    assert (written.rows, written.sheets) == (2, 1)
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    cells = {cell.value: sheet.cell(2, cell.column) for cell in sheet[1]}
    assert cells["Amount"].value == 12345.67 and cells["Amount"].number_format == "#,##0.00"
    assert cells["When"].is_date and cells["Number"].value == "A-1"
    assert sheet.freeze_panes == "A2" and sheet.auto_filter.ref == "A1:L3"
    [kinds, states] = sheet.data_validations.dataValidation
    assert (kinds.type, str(kinds.sqref)) == ("list", "E2:E1048576") and states.formula1.startswith("'Fields 字段'!")
    dictionary = list(book.worksheets[1].iter_rows(values_only=True))
    assert dictionary[5][:7] == ("Kind", "E", "transaction:kind", "text", "order", "payment", "refund")


def test_json_has_amounts_that_lose_no_cent(workspace: Workspace) -> None:
    stream = io.BytesIO()
    export_records(workspace, stream, what="transactions", format="jsonl")
    first = json.loads(stream.getvalue().splitlines()[0])
    assert (first["customer"], first["customer_id"], first["amount"], first["currency"]) == (
        "张三",
        1,
        "12345.67",
        "CNY",
    )


def test_formats_of_customers_only_are_refused(workspace: Workspace, tmp_path: Path) -> None:
    for format_id in ("vcard", "sql", "sqlite", "xml"):
        with pytest.raises(UsageError, match="customers only"):
            export_records(workspace, str(tmp_path / "x"), what="deals", format=format_id)
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize(
    "minor, currency, text",
    [(0, "CNY", "0.00"), (-5, "USD", "-0.05"), (7, "JPY", "7"), (1, "KWD", "0.001"), (5, None, "0.05")],
)
def test_amounts(minor: int, currency: str | None, text: str) -> None:
    assert amount_text(minor, currency) == text


@pytest.mark.parametrize("format_id", ["csv", "xlsx"])
def test_a_template_is_understood_as_it_is(workspace: Workspace, tmp_path: Path, format_id: str) -> None:
    define_field(workspace, "行业", "choice", ["软件", "硬件"])
    path = tmp_path / f"t.{format_id}"
    columns = write_template(workspace, str(path), format=format_id)
    assert "custom.行业" in columns and "phones" in columns and "created_at" not in columns
    mapping = map_columns(detect(str(path))).mapping
    assert [each.field for each in mapping] == columns
    with open_workspace(str(tmp_path / "new.db"), actor="me", region="CN", create=True) as other:
        assert run_import(other, str(path)).counts.created == 1
    with pytest.raises(FormatError):
        write_template(workspace, str(path), format="json")


def test_a_template_offers_the_values_that_are_known(workspace: Workspace, tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    define_field(workspace, "行业", "choice", ["软件", "硬件"])
    path = tmp_path / "t.xlsx"
    columns = write_template(workspace, str(path), format="xlsx")
    book = openpyxl.load_workbook(path)
    offered = {str(each.sqref): each.formula1 for each in book.worksheets[0].data_validations.dataValidation}
    letters = openpyxl.utils.get_column_letter(columns.index("custom.行业") + 1)
    row = columns.index("custom.行业") + 2
    assert offered[f"{letters}2:{letters}1048576"] == f"'Fields 字段'!$E${row}:$F${row}"
    assert [cell.value for cell in book.worksheets[1][row]][4:6] == ["软件", "硬件"]
