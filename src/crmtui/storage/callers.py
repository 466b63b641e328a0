"""Finding customers by a phone number: the very number, its end, or one that is nearly the same. Every query is by index and bounded."""

from collections.abc import Collection, Sequence

from crmtui.light_typing import NamedTuple
from crmtui.storage.driver import Connection

_LOOKED_AT = 64
_PAGE = 400  # parameters of one statement


class PhoneOwner(NamedTuple):
    """A phone and whose it is: ``e164`` is None when it could not be read as a number; ``alternate`` one that lost a merge."""

    customer_id: int
    name: str
    kind: str
    company: str | None
    stage: str | None
    phone: str
    e164: str | None
    label: str | None
    alternate: bool
    archived: bool
    last_interaction_at: str | None


_COLUMNS = (
    "c.id, c.name, c.kind, c.company, c.stage, p.value, p.normalised, p.label, coalesce(p.is_alternate, 0),"
    " c.archived_at IS NOT NULL, c.last_interaction_at"
)


def with_numbers(connection: Connection, numbers: Collection[str], limit: int = _LOOKED_AT) -> list[PhoneOwner]:
    """The phones whose normalised form is one of these."""
    found: list[PhoneOwner] = []
    for page in _pages(list(numbers)):
        rows = connection.execute(
            f"SELECT {_COLUMNS} FROM contact_points p JOIN customers c ON c.id = p.customer_id"
            f" WHERE p.normalised IN ({','.join('?' * len(page))}) AND p.kind = 'phone' LIMIT ?",
            (*page, limit),
        )
        found += [PhoneOwner._make(row) for row in rows]
    return found


def with_number_ending(connection: Connection, digits: str, limit: int = _LOOKED_AT) -> list[PhoneOwner]:
    """The phones of the first customers of whom one ends in these digits (ASCII); other phones of theirs are among them."""
    if not (digits.isascii() and digits.isdigit()):
        return []
    ids = [
        row[0]
        for row in connection.execute(
            "SELECT rowid FROM search WHERE search MATCH ? LIMIT ?", (f'"r{digits[::-1]}"*', limit)
        )
    ]
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM contact_points p JOIN customers c ON c.id = p.customer_id"
        f" WHERE p.customer_id IN ({','.join('?' * len(ids))}) AND p.kind = 'phone'",
        ids,
    )
    return [PhoneOwner._make(row) for row in rows]


def _pages(values: Sequence[str]) -> list[Sequence[str]]:
    return [values[start : start + _PAGE] for start in range(0, len(values), _PAGE)]
