"""An empty table of customers to fill in: the columns of an import, the values that are offered, and one example."""

from pathlib import Path
from typing import BinaryIO

from crmtui.domain.fields import FIELDS, Field
from crmtui.domain.mapping.targets import Target
from crmtui.errors import FormatError
from crmtui.formats.table import Column, Kind
from crmtui.formats.writing import open_writer
from crmtui.i18n import N_, _
from crmtui.services.workspace import Workspace
from crmtui.storage.definitions import custom_fields

FORMATS = ("csv", "xlsx")
_WORKED_OUT = frozenset(("created_at", "updated_at", "last_interaction_at"))
_KINDS: dict[str, Kind] = {"date": "date", "number": "number"}
# The example is the same for everybody, so that it is known again and nobody takes it for a customer of theirs.
_EXAMPLE = {
    "kind": "person",
    "name": N_("Alex Example"),
    "family_name": N_("Example"),
    "given_name": N_("Alex"),
    "company": N_("Example Ltd"),
    "job_title": N_("Buyer"),
    "phones": "+1 555 0100;+1 555 0101",
    "emails": "alex@example.com",
    "urls": "https://www.example.com",
    "messaging": "wecom:alex",
    "stage": "lead",
    "owner": "",
    "source": N_("trade fair"),
    "tags": "vip;2026",
    "street": "1 Example Street",
    "city": N_("Shanghai"),
    "postal_code": "200000",
    "country": "CN",
    "birthday": "1990-05-21",
    "language": "en",
    "notes": N_("An example: delete this row."),
    "external_ids": "shop:1001",
}


def write_template(workspace: Workspace | None, target: str | BinaryIO, *, format: str) -> list[str]:
    """Write the template to a file or stream; returns the names of its columns.

    With a ``workspace`` its custom fields have columns, too. Raises FormatError for a format that is no table to fill in.
    """
    if format not in FORMATS:
        raise FormatError(
            _("{format} files cannot be written").format(format=format),
            hint=_("These can: {formats}.").format(formats=", ".join(FORMATS)),
        )
    fields = [field for field in FIELDS if field.key not in _WORKED_OUT]
    if workspace is not None:
        fields += custom_fields(workspace.database.thread_reader())
    columns = [_column(field) for field in fields]
    place = Path(target) if isinstance(target, str) else target
    with open_writer(place, format, columns) as writer:
        writer.write([_(text) if (text := _EXAMPLE.get(field.key)) else None for field in fields])
    return [column.label for column in columns]


def _column(field: Field) -> Column:
    custom = field.place == "custom"
    name = Target("custom" if custom else field.key, field.key if custom else "").text
    choices = ("true", "false") if field.type == "bool" else field.choices
    about = f"{name} · {field.label if custom else _(field.label)} · {field.type}"
    return Column(name, name, _KINDS.get(field.type, "text"), choices, about)
