"""A row of a file meets a customer that exists: which one, and what of it would change."""

import json
from collections.abc import Sequence
from typing import NamedTuple

from crmtui.domain.intake import Intake, Point
from crmtui.domain.names import NameParts, split_name
from crmtui.services.importing.plan import Mode
from crmtui.storage.imports import Stored
from crmtui.storage.journal import Operation
from crmtui.storage.records import find_company, set_address, set_external_ids, set_tags

# What a file says of these is the past of another program, not news about the customer.
_NEVER_CHANGED = frozenset(("created_at", "updated_at"))


class Keys(NamedTuple):
    """By what a row meets customers: normalised e-mails and phones, (system, id)."""

    emails: frozenset[str]
    phones: frozenset[str]
    external: frozenset[tuple[str, str]]

    def all(self) -> set[object]:
        """Every key, told apart by its kind."""
        return {*(("email", key) for key in self.emails), *(("phone", key) for key in self.phones), *self.external}


class Change(NamedTuple):
    """What a row changes of a customer; ``contact_kept`` says that the wish not to be contacted was protected."""

    columns: dict[str, object]
    points: list[Point]
    address: dict[str, str | None]
    tags: list[str]
    external: list[tuple[str, str]]
    custom: dict[str, object]
    contact_kept: bool

    @property
    def empty(self) -> bool:
        """Whether nothing changes."""
        return not (self.columns or self.points or self.address or self.tags or self.external or self.custom)


def keys_of(intake: Intake, match: Sequence[str]) -> Keys:
    """The keys of a row, of the kinds that are asked for."""

    def points(kind: str) -> frozenset[str]:
        if kind not in match:
            return frozenset()
        return frozenset(point.normalised for point in intake.points if point.kind == kind and point.normalised)

    external = frozenset(intake.external) if "external_id" in match else frozenset()
    return Keys(points("email"), points("phone"), external)


def change_of(stored: Stored, intake: Intake, mode: Mode) -> Change:
    """What ``intake`` changes of a customer. Empty cells change nothing; points, tags and ids are only ever added.

    ``fill`` touches only what is blank: a field without value, a kind of contact point the customer has none of.
    """
    fill = mode == "fill"
    columns: dict[str, object] = {}
    contact_kept = False
    for key, value in intake.columns.items():
        now = stored.columns.get(key)
        if value in (None, "") or key in _NEVER_CHANGED or value == now or (fill and now not in (None, "")):
            continue
        if key == "do_not_contact" and now and not value:
            contact_kept = True
            continue
        if key == "imported_contact_at" and isinstance(now, str) and now >= str(value):
            continue
        if key == "do_not_contact" and not now and not value:
            continue
        columns[key] = value
    if "name" in columns and not (intake.columns.get("family_name") or intake.columns.get("given_name")):
        parts = (
            split_name(str(columns["name"])) if stored.columns.get("kind") != "company" else NameParts("", "", "", "")
        )
        columns |= {"family_name": parts.family or None, "given_name": parts.given or None}
    kinds = {kind for kind, _key in stored.points}
    points = [
        point
        for point in dict.fromkeys(intake.points)
        if (point.kind, point.normalised or point.value) not in stored.points and not (fill and point.kind in kinds)
    ]
    address: dict[str, str | None] = {
        part: value
        for part, value in intake.address.items()
        if value and value != stored.address.get(part) and not (fill and stored.address.get(part))
    }
    tags = [] if fill and stored.tags else [tag for tag in intake.tags if tag not in stored.tags]
    external = [each for each in dict.fromkeys(intake.external) if each not in stored.external]
    custom = {
        key: value
        for key, value in intake.custom.items()
        if stored.custom.get(key) != value and not (fill and stored.custom.get(key) not in (None, ""))
    }
    return Change(columns, points, address, tags, external, custom, contact_kept)


def changed(stored: Stored, change: Change) -> Stored:
    """The customer after ``change``."""
    return Stored(
        stored.columns | change.columns,
        stored.points | {(point.kind, point.normalised or point.value) for point in change.points},
        stored.address | change.address,
        stored.tags | set(change.tags),
        stored.external | set(change.external),
        stored.custom | change.custom,
    )


def stored_of(intake: Intake) -> Stored:
    """A customer made of ``intake``, as it will be stored."""
    return Stored(
        dict(intake.columns),
        {(point.kind, point.normalised or point.value) for point in intake.points},
        dict(intake.address),
        set(intake.tags),
        set(intake.external),
        dict(intake.custom),
    )


def apply_change(act: Operation, customer: int, stored: Stored, change: Change) -> None:
    """Write ``change`` through the journal."""
    columns = dict(change.columns)
    if columns.get("company"):
        company = find_company(act.connection, str(columns["company"]))
        columns["company_id"] = company if company != customer else None
    if change.custom:
        columns["custom"] = json.dumps(stored.custom | change.custom, ensure_ascii=False)
    if columns:
        act.update("customers", customer, columns)
    kinds = {kind for kind, _key in stored.points}
    for point in change.points:
        act.insert(
            "contact_points",
            {
                "customer_id": customer,
                "kind": point.kind,
                "value": point.value,
                "normalised": point.normalised,
                "label": point.label,
                "is_primary": None if point.kind in kinds else 1,
            },
        )
        kinds.add(point.kind)
    if change.address:
        set_address(act, customer, change.address)
    if change.tags:
        set_tags(act, customer, add=change.tags)
    if change.external:
        set_external_ids(act, customer, change.external)
