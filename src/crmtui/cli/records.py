"""Customers on stdout: the list for people, records for programs."""

import sys
from collections.abc import Iterator, Sequence
from datetime import datetime

from crmtui.cli.output import Column, put_table
from crmtui.domain.fields import BY_KEY, STAGE_LABELS
from crmtui.domain.models import CustomerRecord, ListRow
from crmtui.i18n import _
from crmtui.light_typing import TYPE_CHECKING
from crmtui.storage.customers import list_rows

if TYPE_CHECKING:
    from crmtui.storage.driver import Connection

_BATCH = 500
_CN_MOBILE = 14  # characters of +8613812345678
_ROW_NAMES = {"phones": "phone", "emails": "email"}
_CSV_FIELDS = (
    "id",
    "kind",
    "name",
    "company",
    "job_title",
    "phones",
    "emails",
    "stage",
    "owner",
    "tags",
    "city",
    "created_at",
    "last_interaction_at",
)
_GIVES = frozenset({"name", "company", "job_title", "emails", "tags", "notes", "street"})


def put_list(connection: "Connection", ids: Sequence[int], fields: Sequence[str], region: str) -> None:
    """Print the table of these customers for people, on a terminal with phones as people in ``region`` write them."""
    shown_in = region if sys.stdout.isatty() else ""
    now = datetime.now().astimezone()
    columns = [Column(_title(field), field == "id", field in _GIVES) for field in fields]
    names = [_ROW_NAMES.get(field, field) for field in fields]
    if all(name in ListRow._fields for name in names):
        found = list_rows(connection, ids)
        rows = [
            [
                _cell(field, getattr(found[customer], name), now, shown_in)
                for field, name in zip(fields, names, strict=True)
            ]
            for customer in ids
            if customer in found
        ]
    else:
        from crmtui.cli.fields import value_of

        rows = [
            [_cell(field, value_of(record, field), now, shown_in) for field in fields]
            for record in _records(connection, ids)
        ]
    put_table(columns, rows)


def put_records(connection: "Connection", ids: Sequence[int], fields: Sequence[str], form: str) -> None:
    """Print the records of these customers as ``json``, ``jsonl`` or ``csv``, whole or only these fields."""
    from crmtui.cli.fields import as_text, value_of
    from crmtui.cli.output import put_csv, put_json_list, put_jsonl

    records = _records(connection, ids)
    if form == "csv":
        names = list(fields or _CSV_FIELDS)
        put_csv(names, ([as_text(value_of(record, name)) for name in names] for record in records))
        return
    documents: Iterator[object]
    if not fields:
        names = list(CustomerRecord.__annotations__)  # the documented order, whatever the order of reading
        documents = ({name: value_of(record, name) for name in names} for record in records)
    else:
        documents = ({name: value_of(record, name) for name in fields} for record in records)
    if form == "jsonl":
        put_jsonl(documents)
    else:
        put_json_list(documents)


def _records(connection: "Connection", ids: Sequence[int]) -> Iterator[CustomerRecord]:
    from crmtui.storage.customers import read_customers

    for start in range(0, len(ids), _BATCH):
        yield from read_customers(connection, ids[start : start + _BATCH])


def _phones(value: object, region: str) -> str:
    """The phone of a list row, or those of a record, for reading."""
    if isinstance(value, list):
        return "; ".join(_phones(each["e164"] or each["value"], region) for each in value)
    number = str(value)
    if region == "CN" and number.startswith("+861") and len(number) == _CN_MOBILE:
        return f"{number[3:6]} {number[6:10]} {number[10:]}"  # what show_phone says, without what it takes to load
    from crmtui.domain.phones import show_phone

    return show_phone(number if number.startswith("+") else "", number, region)


def _title(field: str) -> str:
    known = BY_KEY.get(field)
    if known is not None:
        return _(known.label)
    if field == "id":
        return "ID"
    return field.removeprefix("custom.")


def _cell(field: str, value: object, now: datetime, region: str) -> str:
    if value is None:
        return ""
    if field == "phones" and region:
        return _phones(value, region)
    if field == "stage":
        return _(STAGE_LABELS.get(str(value), str(value)))
    if field in ("last_interaction_at", "created_at", "updated_at"):
        from crmtui.cli.moments import show_when

        return show_when(str(value), now)
    if isinstance(value, (list, dict, bool)):
        from crmtui.cli.fields import as_text

        return as_text(value)
    return str(value)
