"""Taking customers, and what happens with them, out into a file: one consistent view of the database, a page at a time."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, cast, get_args

from crmtui.domain.fields import FIELDS, Field
from crmtui.errors import UsageError
from crmtui.formats.registry import writer_of
from crmtui.formats.table import Profile
from crmtui.formats.writing import open_writer
from crmtui.i18n import _
from crmtui.services.columns_out import ColumnOut, columns_out, wanted_fields
from crmtui.services.lookup import plan_query
from crmtui.services.workspace import Workspace
from crmtui.storage.driver import Connection
from crmtui.storage.search import Order, all_ids
from crmtui.storage.whole import read_whole

_PAGE = 500
#: Formats that hold whole records; the others are tables.
NESTED = frozenset(("json", "jsonl", "xml", "sql", "sqlite", "vcard", "vcard3"))
# Where JSON keeps a field of the registry, when it is not under its own key.
_JSON_KEYS = {field.key: "addresses" for field in FIELDS if field.place == "address"} | {
    "wechat": "messaging",
    "qq": "messaging",
}
# What is told of a field beside its own key.
_TOLD_WITH = {"urls": ("url_details",), "phones": ("old_points",), "company": ("company_id",)}
_BY_ID = Order("id")

Progress = Callable[[int, int], None]


class Written(NamedTuple):
    """What an export has written: rows, cells changed so that no spreadsheet runs them, cells cut as the format holds no more, and
    the sheets that the rows fill."""

    rows: int
    guarded: int = 0
    shortened: int = 0
    sheets: int = 1


def export(
    workspace: Workspace,
    target: str | BinaryIO,
    *,
    format: str,
    query: str = "",
    profile: str = "exact",
    fields: Sequence[str] | None = None,
    order: Order = _BY_ID,
    progress: Progress | None = None,
) -> int:
    """Write the customers that ``query`` finds to a file or stream, in ``order``; returns how many.

    ``format`` is a registry id. JSON, XML, SQL, SQLite and vCard hold whole records; tables have a column for each field (``fields``
    chooses and orders them) and as many as needed for phones, e-mails and what else there may be several of. In the profile ``exact``
    columns are named by key and can be imported again, in ``spreadsheet`` by label, and cells that would be taken for formulas are
    guarded. ``progress`` is told rows done and all. Raises UsageError for an unknown field or profile, FormatError for a format that is
    not written.
    """
    return export_customers(
        workspace,
        target,
        format=format,
        query=query,
        profile=profile,
        fields=fields,
        order=order,
        progress=progress,
    ).rows


def export_customers(
    workspace: Workspace,
    target: str | BinaryIO,
    *,
    format: str,
    query: str = "",
    profile: str = "exact",
    fields: Sequence[str] | None = None,
    order: Order = _BY_ID,
    progress: Progress | None = None,
) -> Written:
    """What ``export`` does, with everything there is to say about it."""
    with snapshot(workspace) as connection:
        return write_customers(
            connection,
            target,
            format=format,
            query=query,
            profile=profile,
            fields=fields,
            order=order,
            actor=workspace.actor,
            progress=progress,
        )


def write_customers(
    connection: Connection,
    target: str | BinaryIO,
    *,
    format: str,
    query: str = "",
    profile: str = "exact",
    fields: Sequence[str] | None = None,
    order: Order = _BY_ID,
    actor: str = "",
    progress: Progress | None = None,
) -> Written:
    """What ``export_customers`` does, from a connection that holds a snapshot."""
    check_profile(profile)
    writer_of(format)
    ids = ids_of(connection, query, order, actor)
    wanted = wanted_fields(connection, fields)
    nested = format in NESTED
    shape = [] if nested else _shape(connection, wanted, ids, chosen=fields is not None, exact=profile == "exact")
    keys = _json_keys(wanted) if fields is not None else None
    place = Path(target) if isinstance(target, str) else target
    with open_writer(place, format, [each for each, _read in shape], profile=cast(Profile, profile)) as writer:
        for record in records_in_pages(connection, ids, progress):
            if not nested:
                writer.write([read(record) for _column, read in shape])
            else:
                writer.write(record if keys is None else {key: record[key] for key in keys if key in record})
    return Written(writer.rows, writer.guarded, writer.shortened, sheets=writer.sheets)


def check_profile(profile: str) -> None:
    """Raises UsageError for a profile that is none."""
    if profile not in get_args(Profile):
        raise UsageError(
            _("there is no profile {name}").format(name=profile), hint=", ".join(sorted(get_args(Profile)))
        )


def ids_of(connection: Connection, query: str, order: Order, actor: str) -> list[int]:
    """The customers that a query finds, in order. Raises UsageError for a query that is not understood."""
    plan, problems = plan_query(query, order, actor=actor)
    if problems:
        raise UsageError(
            _("the query cannot be understood: {text}").format(text=problems[0].text), hint=problems[0].nearest or None
        )
    return list(chain.from_iterable(all_ids(connection, plan)))


def records_in_pages(
    connection: Connection, ids: Sequence[int], progress: Progress | None = None
) -> Iterator[dict[str, Any]]:
    """Whole records, a page read at a time; ``progress`` is told after each."""
    for start in range(0, len(ids), _PAGE):
        yield from read_whole(connection, ids[start : start + _PAGE])
        if progress is not None:
            progress(min(start + _PAGE, len(ids)), len(ids))


@contextmanager
def snapshot(workspace: Workspace) -> Iterator[Connection]:
    """A connection that sees the database as it is now, whatever others write meanwhile."""
    connection = workspace.database.reader()
    connection.execute("BEGIN")
    try:
        yield connection
    finally:
        connection.execute("COMMIT")


def _shape(
    connection: Connection, wanted: Sequence[Field], ids: Sequence[int], *, chosen: bool, exact: bool
) -> list[ColumnOut]:
    if not chosen and _any_archived(connection, ids):
        wanted = [*wanted, *wanted_fields(connection, ["archived_at"])]
    return columns_out(connection, wanted, exact=exact)


def _any_archived(connection: Connection, ids: Sequence[int]) -> bool:
    archived = {row[0] for row in connection.execute("SELECT id FROM customers WHERE archived_at IS NOT NULL")}
    return bool(archived) and not archived.isdisjoint(ids)


def _json_keys(fields: Sequence[Field]) -> list[str]:
    keys: dict[str, None] = {}
    for each in fields:
        key = "custom" if each.place == "custom" else _JSON_KEYS.get(each.key, each.key)
        keys |= dict.fromkeys((key, *_TOLD_WITH.get(key, ())))
    return list(keys)
