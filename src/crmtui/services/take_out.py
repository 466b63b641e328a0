"""Taking customers out into a file: every field, as one consistent view of the database, a page at a time."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import BinaryIO, cast, get_args

from crmtui.domain.fields import BY_KEY, FIELDS, Field, custom_field
from crmtui.domain.models import CustomerRecord
from crmtui.errors import UsageError
from crmtui.formats.registry import writer_of
from crmtui.formats.table import Column, Kind, Profile
from crmtui.formats.writing import open_writer
from crmtui.i18n import _
from crmtui.services.lookup import plan_query
from crmtui.services.workspace import Workspace
from crmtui.storage.customers import read_customers
from crmtui.storage.definitions import custom_fields
from crmtui.storage.driver import Connection
from crmtui.storage.imports import custom_keys, most_points
from crmtui.storage.search import Order, all_ids

_PAGE = 500
_NESTED = frozenset(("json", "jsonl"))
_MOST_COLUMNS = 20
_REPEATED = {"phones": "phone", "emails": "email"}
_KINDS: dict[str, Kind] = {"bool": "bool"}
# Where JSON keeps a field of the registry, when it is not under its own key.
_JSON_KEYS = {field.key: "addresses" for field in FIELDS if field.place == "address"} | {
    "wechat": "messaging",
    "qq": "messaging",
}


def export(
    workspace: Workspace,
    target: str | BinaryIO,
    *,
    format: str,
    query: str = "",
    profile: str = "exact",
    fields: Sequence[str] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> int:
    """Write the customers that ``query`` finds to a file or stream; returns how many.

    ``format`` is a registry id. Tables have a column for each field (``fields`` chooses and orders them) and as many as
    needed for phones and e-mails; in the profile ``exact`` they are named by key and can be imported again, in
    ``spreadsheet`` by label, and cells that would be taken for formulas are guarded. JSON holds whole records. ``progress`` is
    told rows done and all. Raises UsageError for an unknown field or profile, FormatError for a format that is not written.
    """
    if profile not in get_args(Profile):
        raise UsageError(
            _("there is no profile {name}").format(name=profile), hint=", ".join(sorted(get_args(Profile)))
        )
    writer_of(format)
    plan, problems = plan_query(query, Order("id"), actor=workspace.actor)
    if problems:
        raise UsageError(
            _("the query cannot be understood: {text}").format(text=problems[0].text), hint=problems[0].nearest or None
        )
    with _snapshot(workspace) as connection:
        wanted = _wanted(connection, fields)
        ids = list(chain.from_iterable(all_ids(connection, plan)))
        nested = format in _NESTED
        shape = [] if nested else _Shape(connection, wanted, exact=profile == "exact").columns
        keys = _json_keys(wanted) if fields is not None else None
        place = Path(target) if isinstance(target, str) else target
        with open_writer(place, format, [each for each, _read in shape], profile=cast(Profile, profile)) as writer:
            for start in range(0, len(ids), _PAGE):
                for record in read_customers(connection, ids[start : start + _PAGE]):
                    if nested:
                        writer.write(record if keys is None else {key: record[key] for key in keys})  # type: ignore[literal-required]
                    else:
                        writer.write([read(record) for _column, read in shape])
                if progress is not None:
                    progress(min(start + _PAGE, len(ids)), len(ids))
        return writer.rows


@contextmanager
def _snapshot(workspace: Workspace) -> Iterator[Connection]:
    """A connection that sees the database as it is now, whatever others write meanwhile."""
    connection = workspace.database.reader()
    connection.execute("BEGIN")
    try:
        yield connection
    finally:
        connection.execute("COMMIT")


def _wanted(connection: Connection, keys: Sequence[str] | None) -> list[Field]:
    """The fields to write, custom ones too."""
    custom = custom_fields(connection)
    known_keys = {field.key for field in custom}
    custom += [custom_field(key, key) for key in custom_keys(connection) if key not in known_keys]
    if keys is None:
        return [*FIELDS, *custom]
    known = {**{f"custom.{field.key}": field for field in custom}, **{field.key: field for field in custom}, **BY_KEY}
    known["id"] = Field("id", _("Id"), "number")
    for key in keys:
        if key not in known:
            from difflib import get_close_matches

            near = get_close_matches(key, known, 1)
            raise UsageError(
                _("there is no field {name}").format(name=key),
                hint=_("Did you mean {near}?").format(near=near[0]) if near else ", ".join(BY_KEY),
            )
    return [known[key] for key in keys]


def _json_keys(fields: Sequence[Field]) -> list[str]:
    return list(
        dict.fromkeys("custom" if each.place == "custom" else _JSON_KEYS.get(each.key, each.key) for each in fields)
    )


_Read = Callable[[CustomerRecord], object]


class _Shape:
    """The columns of a table of customers, each with what it takes from a record."""

    def __init__(self, connection: Connection, fields: Sequence[Field], *, exact: bool) -> None:
        self._exact = exact
        self._connection = connection
        self.columns: list[tuple[Column, _Read]] = []
        for field in fields:
            self._add(field)

    def _add(self, field: Field) -> None:
        key = field.key
        if key in _REPEATED:
            count = max(1, min(_MOST_COLUMNS, most_points(self._connection, _REPEATED[key])))
            for at in range(count):
                self._put(field, _point(key, at, last=at == count - 1), number=at + 1)
        elif field.place == "custom":
            self._put(field, lambda record: record["custom"].get(key))
        elif field.place == "address":
            self._put(field, lambda record: record["addresses"][0][field.part] if record["addresses"] else None)  # type: ignore[literal-required]
        elif key in ("wechat", "qq"):
            self._put(
                field, lambda record: _joined(each["value"] for each in record["messaging"] if each["kind"] == key)
            )
        elif key == "messaging":
            self._put(
                field,
                lambda record: _joined(
                    f"{each['kind']}:{each['value']}"
                    for each in record["messaging"]
                    if each["kind"] not in ("wechat", "qq")
                ),
            )
        elif key in ("tags", "urls"):
            self._put(field, lambda record: _joined(record[key]))  # type: ignore[literal-required]
        elif key == "external_ids":
            self._put(
                field, lambda record: _joined(f"{system}:{each}" for system, each in record["external_ids"].items())
            )
        elif key == "do_not_contact":
            self._put(field, lambda record: True if record["do_not_contact"] else None)
        else:
            self._put(field, lambda record: record[key])  # type: ignore[literal-required]

    def _put(self, field: Field, read: _Read, *, number: int = 1) -> None:
        custom = field.place == "custom"
        name = (
            (f"custom.{field.key}" if custom else field.key)
            if self._exact
            else (field.label if custom else _(field.label))
        )
        if number > 1:
            name = f"{name} {number}"
        self.columns.append(
            (Column(f"{field.key}{number if number > 1 else ''}", name, _KINDS.get(field.type, "text")), read)
        )


def _point(key: str, at: int, *, last: bool) -> _Read:
    """The phone or e-mail at a place; the last column takes all that are left."""

    def read(record: CustomerRecord) -> object:
        values = [each["value"] for each in record[key]]  # type: ignore[literal-required]
        return _joined(values[at:]) if last else values[at] if at < len(values) else None

    return read


def _joined(values: Iterator[str] | Sequence[str]) -> str | None:
    return ";".join(values) or None
