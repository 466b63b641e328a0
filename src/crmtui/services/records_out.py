"""Taking out what happens with customers: interactions, transactions, deals and tasks, each as a table of its own.

In the profile ``exact`` the columns are targets of imports: the customer by its id here (``external_ids.crmtui``) and by name, then what
the record says (``transaction:amount``), so that the same rows come in again.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, cast

from crmtui.domain.fields import DEAL_STAGE_LABELS, INTERACTION_KINDS, STATUS_LABELS, TRANSACTION_KINDS
from crmtui.domain.money import MINOR_DIGITS
from crmtui.errors import UsageError
from crmtui.formats.table import Column, Kind, Profile
from crmtui.formats.writing import open_writer
from crmtui.i18n import N_, _
from crmtui.services.take_out import Progress, Written, check_profile, ids_of, snapshot
from crmtui.services.workspace import Workspace
from crmtui.storage.search import Order
from crmtui.storage.taking_out import count_records, records_of

FORMATS = ("csv", "tsv", "xlsx", "json", "jsonl", "markdown")
"""What records beside customers can be written as."""
_EVERY = 1000


class _Told(NamedTuple):
    """A column: what imports call it, what people call it, and the key of the record it shows."""

    target: str
    label: str
    key: str
    kind: Kind = "text"
    choices: tuple[str, ...] = ()


_CUSTOMER = (
    _Told("external_ids.crmtui", N_("Customer id"), "customer_id", "number"),
    _Told("name", N_("Name"), "customer"),
    _Told("company", N_("Company"), "company"),
)

RECORDS: dict[str, tuple[_Told, ...]] = {
    "interactions": (
        _Told("interaction:external_ids.crmtui", N_("Id"), "id", "number"),
        _Told("interaction:kind", N_("Kind"), "kind", "text", INTERACTION_KINDS),
        _Told("interaction:at", N_("When"), "at", "datetime"),
        _Told("interaction:minutes", N_("Minutes"), "minutes", "number"),
        _Told("interaction:direction", N_("Direction"), "direction"),
        _Told("interaction:subject", N_("Subject"), "subject"),
        _Told("interaction:body", N_("Text"), "body"),
        _Told("interaction:outcome", N_("Outcome"), "outcome"),
        _Told("interaction:actor", N_("By"), "actor"),
    ),
    "transactions": (
        _Told("transaction:external_ids.crmtui", N_("Id"), "id", "number"),
        _Told("transaction:kind", N_("Kind"), "kind", "text", TRANSACTION_KINDS),
        _Told("transaction:at", N_("When"), "at", "datetime"),
        _Told("transaction:number", N_("Number"), "number"),
        _Told("transaction:amount", N_("Amount"), "amount", "money"),
        _Told("transaction:currency", N_("Currency"), "currency"),
        _Told("transaction:status", N_("Status"), "status", "text", tuple(STATUS_LABELS)),
        _Told("transaction:items", N_("Items"), "items"),
        _Told("transaction:note", N_("Note"), "note"),
    ),
    "deals": (
        _Told("deal:external_ids.crmtui", N_("Id"), "id", "number"),
        _Told("deal:title", N_("Title"), "title"),
        _Told("deal:stage", N_("Stage"), "stage", "text", tuple(DEAL_STAGE_LABELS)),
        _Told("deal:amount", N_("Amount"), "amount", "money"),
        _Told("deal:currency", N_("Currency"), "currency"),
        _Told("deal:probability", N_("Probability"), "probability", "number"),
        _Told("deal:expected_close", N_("Expected"), "expected_close", "date"),
        _Told("deal:owner", N_("Owner"), "owner"),
        _Told("deal:created_at", N_("Created"), "created_at", "datetime"),
        _Told("deal:closed_at", N_("Closed"), "closed_at", "datetime"),
        _Told("deal:note", N_("Note"), "note"),
    ),
    "tasks": (
        _Told("task:external_ids.crmtui", N_("Id"), "id", "number"),
        _Told("task:text", N_("Task"), "text"),
        _Told("task:due_at", N_("Due"), "due_at", "datetime"),
        _Told("task:done_at", N_("Done"), "done_at", "datetime"),
        _Told("task:owner", N_("Owner"), "owner"),
        _Told("task:created_at", N_("Created"), "created_at", "datetime"),
    ),
}
"""The columns of each kind of records, after those of the customer."""


def export_records(
    workspace: Workspace,
    target: str | BinaryIO,
    *,
    what: str,
    format: str,
    query: str = "",
    profile: str = "exact",
    progress: Progress | None = None,
) -> Written:
    """Write the records of one kind (a key of ``RECORDS``) to a file or stream: all, or those of the customers ``query`` finds.

    Amounts are in the units of their currency (12000.00), moments in ISO 8601 with the zone where an interaction was noted. In
    ``spreadsheet`` columns are named for people and moments are dates and times (UTC). Raises UsageError for a format that holds
    customers only, or an unknown profile.
    """
    check_profile(profile)
    if format not in FORMATS:
        raise UsageError(
            _("{format} files hold customers only").format(format=format),
            hint=_("These can: {formats}.").format(formats=", ".join(FORMATS)),
        )
    exact = profile == "exact"
    told = (*_CUSTOMER, *RECORDS[what])
    columns = [_column(each, exact=exact) for each in told]
    with snapshot(workspace) as connection:
        wanted = dict.fromkeys(ids_of(connection, query, Order("id"), workspace.actor)) if query.strip() else None
        total = count_records(connection, what)
        place = Path(target) if isinstance(target, str) else target
        with open_writer(place, format, columns, profile=cast(Profile, profile)) as writer:
            for row in records_of(connection, what, wanted):
                said = _said(row, zoned=exact)
                writer.write(said if format in ("json", "jsonl") else [said[each.key] for each in told])
                if progress is not None and writer.rows % _EVERY == 0:
                    progress(writer.rows, total)
    return Written(writer.rows, writer.guarded, writer.shortened, sheets=writer.sheets)


def _column(told: _Told, *, exact: bool) -> Column:
    kind: Kind = "text" if exact and told.kind in ("date", "datetime", "money") else told.kind
    return Column(told.key, told.target if exact else _(told.label), kind, told.choices, f"{told.target} · {told.kind}")


def _said(row: Mapping[str, Any], *, zoned: bool) -> dict[str, Any]:
    """A row as people and other programs read it."""
    said = dict(row)
    if said.get("amount") is not None:
        said["amount"] = amount_text(said["amount"], said["currency"])
    offset = said.pop("utc_offset", None)
    if zoned and offset is not None:
        said["at"] = _zoned(said["at"], offset)
    return said


def amount_text(minor: int, currency: str | None) -> str:
    """An amount in minor units as plain digits in the units of its currency."""
    digits = MINOR_DIGITS.get(currency or "", 2)
    whole, fraction = divmod(abs(minor), 10**digits)
    text = f"{whole}.{fraction:0{digits}}" if digits else str(whole)
    return f"-{text}" if minor < 0 else text


def _zoned(at: str, offset: int) -> str:
    try:
        moment = datetime.fromisoformat(at)
        zone = timezone(timedelta(minutes=offset))
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(zone).isoformat()
    except (ValueError, OverflowError):
        return at
