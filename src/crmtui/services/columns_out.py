"""Columns of a table of customers: what each takes from a whole record, named so that an import maps them by itself.

A column is a target as imports know it (``domain.mapping.targets``): ``phones`` are all of them in one cell, ``phones#2`` the
second, ``phones#2.label`` its label, ``phones.mobile`` those with that label. ``id`` and ``archived_at`` are columns, too.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from crmtui.domain.fields import BY_KEY, FIELDS, MESSAGING_KINDS, Field, custom_field
from crmtui.domain.mapping.targets import Target, parse_target
from crmtui.errors import UsageError
from crmtui.formats.table import Column, Kind
from crmtui.i18n import N_, _
from crmtui.storage.definitions import custom_fields
from crmtui.storage.driver import Connection
from crmtui.storage.imports import custom_keys
from crmtui.storage.taking_out import Extent, extent

Record = Mapping[str, Any]
Read = Callable[[Record], object]
ColumnOut = tuple[Column, Read]

_MOST_GROUPS = 200
_DETAIL_LABELS = {"label": N_("label"), "state": N_("state"), "kind": N_("kind")}
_KINDS: dict[str, Kind] = {"bool": "bool", "date": "date", "number": "number"}
_LISTS = {"phones": "phones", "emails": "emails", "urls": "urls", "tags": "tags", "messaging": "messaging"}
_NOT_FIELDS = {"id": Field("id", N_("Id"), "number"), "archived_at": Field("archived_at", N_("Archived"), "moment")}
_ADDRESS_LABEL = Field("address_label", N_("Address label"), "text", "address", "label")


def wanted_fields(connection: Connection, keys: Sequence[str] | None) -> list[Field]:
    """The fields to write: those of ``keys`` in their order, else all, custom ones too. Raises UsageError for an unknown one."""
    custom = custom_fields(connection)
    known_keys = {field.key for field in custom}
    custom += [custom_field(key, key) for key in custom_keys(connection) if key not in known_keys]
    if keys is None:
        return [*FIELDS, *custom]
    known = {**{field.key: field for field in custom}, **BY_KEY, **_NOT_FIELDS}
    known |= {f"custom.{field.key}": field for field in custom}
    wanted = []
    for key in keys:
        if key == "addresses":
            wanted += [field for field in FIELDS if field.place == "address"]
        elif key == "custom":
            wanted += custom
        elif key in known:
            wanted.append(known[key])
        else:
            near = get_close_matches(key, known, 1)
            raise UsageError(
                _("there is no field {name}").format(name=key),
                hint=_("Did you mean {near}?").format(near=near[0]) if near else ", ".join(BY_KEY),
            )
    return wanted


def columns_out(connection: Connection, fields: Sequence[Field], *, exact: bool) -> list[ColumnOut]:
    """As many columns as the fields need in this file: one where that is enough to say it all, else one for each and its details.

    ``exact`` names them as targets, otherwise they have the labels of people and moments are dates and times (UTC).
    """
    has = extent(connection)
    found: list[ColumnOut] = []
    keys = {field.key for field in fields}
    numbered_address = has.addresses > 1 or has.address_labels
    for field in fields:
        key = field.key
        if key in ("phones", "emails", "urls") or key == "tags":
            part = {"phones": "phone", "emails": "email", "urls": "url", "tags": "tag"}[key]
            found += _repeated(field, part, has, exact=exact)
        elif key == "messaging" and "messaging" in has.numbered:
            found += _repeated(field, "messaging", has, exact=exact)
        elif key in ("wechat", "qq") and "messaging" in has.numbered and "messaging" in keys:
            continue  # the numbered columns hold them all, in their order
        elif field.place == "address":
            # The parts of an address stand together, so all of them come with the first.
            if not numbered_address:
                found.append(_column(field, exact=exact))
            elif field == next(each for each in fields if each.place == "address"):
                parts = [each for each in fields if each.place == "address"]
                if has.address_labels and len(parts) > 1:
                    parts.append(_ADDRESS_LABEL)
                for group in range(1, min(has.addresses, _MOST_GROUPS) + 1):
                    found += [_column(each, exact=exact, group=group) for each in parts]
        else:
            found.append(_column(field, exact=exact))
    return found


def _repeated(field: Field, part: str, has: Extent, *, exact: bool) -> list[ColumnOut]:
    count = max(1, min(_MOST_GROUPS, has.most.get(part, 0)))
    if part not in has.numbered:
        if part in (
            "phone",
            "email",
        ):  # a column each; names with a number behind them read well and are understood, too
            return [_column(field, exact=exact, at=at, last=at == count) for at in range(1, count + 1)]
        return [_column(field, exact=exact)]
    details = ["kind"] if part == "messaging" else []
    details += [detail for detail in ("label", "state") if (part, detail) in has.details]
    found = []
    for group in range(1, count + 1):
        found.append(_column(field, exact=exact, group=group, last=group == count))
        found += [_column(field, exact=exact, group=group, detail=detail) for detail in details]
    return found


def _column(
    field: Field, *, exact: bool, group: int = 0, detail: str = "", at: int = 0, last: bool = False
) -> ColumnOut:
    custom = field.place == "custom"
    target = Target("custom" if custom else field.key, field.key if custom else detail, group=group or at)
    kind: Kind = "text" if detail else _KINDS.get(field.type, "text")
    if field.type == "moment" and not exact:
        kind = "datetime"
    if exact:
        label = field.key if at else target.text
    else:
        label = field.label if custom else _(field.label)
    if at > 1:
        label = f"{label} {at}"
    elif group and not exact:
        label = " ".join(
            part
            for part in (label, str(group) if group > 1 else "", _(_DETAIL_LABELS[detail]) if detail else "")
            if part
        )
    column = Column(target.text, label, kind, () if detail else _choices(field), _about(field, target.text))
    return column, reader(target, rest=last)


def _choices(field: Field) -> tuple[str, ...]:
    return ("true",) if field.type == "bool" else field.choices


def _about(field: Field, target: str) -> str:
    return f"{target} · {field.type}"


def reader(target: Target, *, rest: bool = False) -> Read:
    """What a target takes from a whole record; ``rest``: a numbered one takes all from its number on, joined by semicolons."""
    key, detail, group = target.key, target.detail, target.group
    if key == "custom":
        return lambda record: record["custom"].get(detail)
    if key in ("street", "city", "region", "postal_code", "country", "address_label"):
        part = "label" if key == "address_label" else key
        at = max(group, 1) - 1
        return lambda record: record["addresses"][at][part] if len(record["addresses"]) > at else None
    if key == "external_ids":
        if detail:
            return lambda record: record["external_ids"].get(detail)
        return lambda record: joined(f"{system}:{each}" for system, each in record["external_ids"].items())
    if key in ("wechat", "qq"):
        return lambda record: joined(each["value"] for each in record["messaging"] if each["kind"] == key)
    if key in _LISTS:
        return _list_reader(key, detail, group, rest=rest)
    if key == "do_not_contact":
        return lambda record: True if record["do_not_contact"] else None
    return lambda record: record.get(key)


def _list_reader(key: str, detail: str, group: int, *, rest: bool) -> Read:
    def entries(record: Record) -> list[Any]:
        return record[key]  # type: ignore[no-any-return]

    if group and detail in ("label", "state", "kind", "primary"):

        def one_detail(record: Record) -> object:
            if key == "urls":
                details = {each["value"]: each for each in record.get("url_details", ())}
                value = entries(record)[group - 1] if len(entries(record)) >= group else None
                return details.get(value, {}).get(detail)
            found: object = entries(record)[group - 1].get(detail) if len(entries(record)) >= group else None
            return found

        return one_detail
    if group:

        def one(record: Record) -> object:
            values = [_value(each) for each in entries(record)]
            return joined(values[group - 1 :]) if rest else values[group - 1] if len(values) >= group else None

        return one
    if key == "messaging":
        others = (detail,) if detail else tuple(kind for kind in MESSAGING_KINDS if kind not in ("wechat", "qq"))
        plain = bool(detail)
        return lambda record: joined(
            each["value"] if plain else f"{each['kind']}:{each['value']}"
            for each in record["messaging"]
            if each["kind"] in others
        )
    if detail:
        return lambda record: joined(_value(each) for each in entries(record) if each["label"] == detail)
    return lambda record: joined(_value(each) for each in entries(record))


def _value(entry: Any) -> str:
    return entry if isinstance(entry, str) else str(entry["value"])


def joined(values: Iterable[str]) -> str | None:
    """The values as one text that an import takes apart again; None when there are none."""
    return ";".join(values) or None


def target_reader(text: str) -> Read:
    """What the target written ``text`` takes from a record; ``id`` and ``archived_at`` too. ValueError for one that is none."""
    if text in _NOT_FIELDS:
        return lambda record: record.get(text)
    target = parse_target(text)
    if target is None or target.entity:
        raise ValueError(text)
    return reader(target)
