"""A row of a file meets a customer that exists: by which keys, and what of it would change."""

import json
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from crmtui.domain.consent import is_raised, refuses
from crmtui.domain.folding import fold, has_cjk
from crmtui.domain.intake import ADDRESS_PARTS, Intake, Point, point_fields
from crmtui.domain.names import NameParts, split_name
from crmtui.services.importing.plan import Mode
from crmtui.services.importing.policies import Policy
from crmtui.services.importing.review import Difference
from crmtui.storage.imports import Stored
from crmtui.storage.journal import Operation
from crmtui.storage.records import find_company, set_address, set_external_ids, set_tags

# What a file says of these is the past of another program, not news about the customer.
_NEVER_CHANGED = frozenset(("created_at", "updated_at"))
_LISTS = frozenset(("tags", "external_ids", "addresses"))
_FIELD_OF_KIND = {kind: key for key, kind in point_fields().items()}
_POINT_KINDS = frozenset(("email", "phone", "wechat", "qq"))


class Keys(NamedTuple):
    """By what a row meets customers: contact points (kind, normalised), (system, id), and what no index holds."""

    points: frozenset[tuple[str, str]]
    external: frozenset[tuple[str, str]]
    scanned: frozenset[object] = frozenset()

    def all(self) -> set[object]:
        """Every key, told apart by its kind."""
        return {*(("point", *key) for key in self.points), *self.external, *self.scanned}


class Change(NamedTuple):
    """What a row changes of a customer. ``contact_kept`` and ``consent_kept`` say that a refusal was protected."""

    columns: dict[str, object]
    points: list[Point]
    address: dict[str, str | None]
    tags: list[str]
    external: list[tuple[str, str]]
    custom: dict[str, object]
    contact_kept: bool
    consent_kept: bool = False
    more_addresses: Sequence[dict[str, str | None]] = ()
    points_gone: Collection[tuple[str, str]] = ()
    tags_gone: Collection[str] = ()

    @property
    def empty(self) -> bool:
        """Whether nothing changes."""
        return not any((*self[:6], self.more_addresses, self.points_gone, self.tags_gone))


def keys_of(intake: Intake, match: Sequence[str]) -> Keys:
    """The keys of a row, of the kinds that are asked for."""
    kinds = _POINT_KINDS.intersection(match)
    points = frozenset(
        (point.kind, point.normalised) for point in intake.points if point.kind in kinds and point.normalised
    )
    external = frozenset(intake.external) if "external_id" in match else frozenset()
    columns = intake.columns
    name, family, given = (str(columns.get(key) or "") for key in ("name", "family_name", "given_name"))
    if not name:
        name = f"{family}{given}" if has_cjk(family + given) else f"{given} {family}".strip()
    kind = str(columns.get("kind") or ("" if name else "company"))
    company = str(columns.get("company") or "")
    return Keys(points, external, frozenset(scanned_keys(match, kind, name or company, company, intake.custom)))


def is_scanned(match: Sequence[str]) -> bool:
    """Whether one of the keys is in no index."""
    return any(key == "name+company" or key.startswith("custom.") for key in match)


def scanned_keys(
    match: Sequence[str], kind: str, name: str, company: str, custom: Mapping[str, object]
) -> list[object]:
    """The keys that no index holds, of a customer or a row: name with company (a company's name is enough), custom values."""
    found: list[object] = []
    for key in match:
        if key == "name+company" and name and (company or kind == "company"):
            found.append((key, _plain(name), _plain(name if kind == "company" else company)))
        elif key.startswith("custom."):
            value = custom.get(key.removeprefix("custom."))
            if value not in (None, "") and (plain := _plain(str(value))):
                found.append((key, plain))
    return found


def stored_keys(stored: Stored, match: Sequence[str]) -> set[object]:
    """The keys of a customer as it is stored, as ``Keys.all`` has them."""
    kinds = _POINT_KINDS.intersection(match)
    keys: set[object] = {("point", *each) for each in stored.points if each[0] in kinds}
    if "external_id" in match:
        keys |= stored.external
    kind, name, company = (str(stored.columns.get(key) or "") for key in ("kind", "name", "company"))
    return keys.union(scanned_keys(match, kind, name, company, stored.custom))


def _plain(text: str) -> str:
    """A text as it is compared: case, width, accents and signs do not matter."""
    return "".join(filter(str.isalnum, fold(text)))


def change_of(stored: Stored, intake: Intake, mode: Mode, policies: Mapping[str, Policy] | None = None) -> Change:
    """What ``intake`` changes of a customer. Empty cells change nothing.

    Of a field with one value, that of the file takes its place (``overwrite``); lists grow (``append``). ``fill`` touches only what is
    blank, as the policy ``keep`` does for one field: a field without value, a kind of contact point the customer has none of.
    ``policies`` say otherwise by field. A refusal to be contacted is never taken back.
    """
    policies = policies or {}

    def policy(key: str) -> Policy:
        usual: Policy = "keep" if mode == "fill" else "append" if key in _LISTS else "overwrite"
        return policies.get(key, usual)

    columns: dict[str, object] = {}
    contact_kept = consent_kept = False
    for key, given in intake.columns.items():
        now, value = stored.columns.get(key), given
        if value in (None, "") or key in _NEVER_CHANGED:
            continue
        if key == "do_not_contact" and not value:
            contact_kept = contact_kept or bool(now and mode != "fill")
            continue
        rule = policy("last_interaction_at" if key == "imported_contact_at" else key)
        if rule == "append" and now not in (None, ""):
            value = _appended(str(now), str(value))
        if value == now or (rule == "keep" and now not in (None, "")):
            continue
        if key == "imported_contact_at" and isinstance(now, str) and now >= str(value):
            continue
        columns[key] = value
    if "name" in columns and not (intake.columns.get("family_name") or intake.columns.get("given_name")):
        parts = (
            split_name(str(columns["name"])) if stored.columns.get("kind") != "company" else NameParts("", "", "", "")
        )
        columns |= {"family_name": parts.family or None, "given_name": parts.given or None}
    points, points_gone = _points(stored, intake, mode, policies)
    address: dict[str, str | None] = {
        part: value
        for part, value in intake.address.items()
        if value and value != stored.address.get(part) and not (policy(part) == "keep" and stored.address.get(part))
    }
    rule = policy("addresses")
    fresh = [
        each
        for each in intake.addresses[1:]
        if tuple(map(each.get, ADDRESS_PARTS)) not in stored.addresses and not (rule == "keep" and stored.addresses)
    ]
    tags = [tag for tag in intake.tags if tag not in stored.tags and not (policy("tags") == "keep" and stored.tags)]
    tags_gone = set()
    if policy("tags") == "overwrite" and intake.tags:
        away = stored.tags.difference(intake.tags)
        tags_gone = {tag for tag in away if not refuses(tag)}
        consent_kept = len(tags_gone) < len(away)
    external = [
        each
        for each in dict.fromkeys(intake.external)
        if each not in stored.external and not (policies.get("external_ids") == "keep" and stored.external)
    ]
    custom: dict[str, object] = {}
    for key, value in intake.custom.items():
        now, rule = stored.custom.get(key), policy(f"custom.{key}")
        if rule == "append" and now not in (None, ""):
            value = _appended(str(now), str(value))
        if _text(now) == _text(value) or (rule == "keep" and now not in (None, "")):
            continue
        if is_raised(key, now, value):
            consent_kept = True
            continue
        custom[key] = value
    return Change(
        columns,
        points,
        address,
        tags,
        external,
        custom,
        contact_kept,
        consent_kept,
        fresh,
        points_gone,
        tags_gone,
    )


def _appended(now: str, value: str) -> str:
    """``value`` on a new line of ``now``; ``now`` itself when it has those lines already."""
    return now if f"\n{value}\n" in f"\n{now}\n" else f"{now}\n{value}"


def _points(
    stored: Stored, intake: Intake, mode: Mode, policies: Mapping[str, Policy]
) -> tuple[list[Point], set[tuple[str, str]]]:
    """The contact points that come and those that go (only where the policy of their field is ``overwrite``)."""
    usual: Policy = "keep" if mode == "fill" else "append"
    rules = {
        kind: policies.get(_FIELD_OF_KIND.get(kind, "messaging"), usual)
        for kind in {each.kind for each in intake.points}
    }
    kinds = {kind for kind, _key in stored.points}
    fresh = [
        point
        for point in dict.fromkeys(intake.points)
        if (point.kind, point.normalised or point.value) not in stored.points
        and not (rules[point.kind] == "keep" and point.kind in kinds)
    ]
    wanted = {(point.kind, point.normalised or point.value) for point in intake.points}
    gone = {each for each in stored.removable if rules.get(each[0]) == "overwrite" and each not in wanted}
    return fresh, gone


def changed(stored: Stored, change: Change) -> Stored:
    """The customer after ``change``."""
    fresh = {(point.kind, point.normalised or point.value) for point in change.points}
    gone = set(change.points_gone)
    address = stored.address | change.address
    more = {tuple(map(each.get, ADDRESS_PARTS)) for each in change.more_addresses}
    addresses = (stored.addresses - {_parts(stored.address)}) | more
    return Stored(
        stored.columns | change.columns,
        (stored.points - gone) | fresh,
        address,
        (stored.tags - set(change.tags_gone)) | set(change.tags),
        stored.external | set(change.external),
        stored.custom | change.custom,
        (stored.removable - gone) | fresh,
        addresses | ({_parts(address)} if any(address.values()) else set()),
    )


def stored_of(intake: Intake) -> Stored:
    """A customer made of ``intake``, as it will be stored."""
    points = {(point.kind, point.normalised or point.value) for point in intake.points}
    return Stored(
        dict(intake.columns),
        points,
        dict(intake.addresses[0]) if intake.addresses else {},
        set(intake.tags),
        set(intake.external),
        dict(intake.custom),
        set(points),
        {_parts(each) for each in intake.addresses},
    )


def _parts(address: Mapping[str, str | None]) -> tuple[str | None, ...]:
    return tuple(map(address.get, ADDRESS_PARTS))


def differences(stored: Stored, change: Change) -> tuple[Difference, ...]:
    """What changes, field by field, as a person reads it."""
    found = [
        Difference(key, _text(stored.columns.get(key)), _text(value))
        for key, value in change.columns.items()
        if _text(stored.columns.get(key)) != _text(value)
    ]
    after = changed(stored, change)
    for kind in sorted({each.kind for each in change.points} | {kind for kind, _key in change.points_gone}):
        before, now = (sorted(key for own, key in each.points if own == kind) for each in (stored, after))
        found.append(Difference(_FIELD_OF_KIND.get(kind, f"messaging.{kind}"), "; ".join(before), "; ".join(now)))
    found += [Difference(part, _text(stored.address.get(part)), _text(text)) for part, text in change.address.items()]
    for each in change.more_addresses:
        found.append(Difference("addresses", "", ", ".join(part for part in _parts(each) if part)))
    if change.tags or change.tags_gone:
        found.append(Difference("tags", "; ".join(sorted(stored.tags)), "; ".join(sorted(after.tags))))
    if change.external:
        found.append(Difference("external_ids", "", "; ".join(":".join(pair) for pair in change.external)))
    found += [
        Difference(f"custom.{key}", _text(stored.custom.get(key)), _text(text)) for key, text in change.custom.items()
    ]
    return tuple(found)


def _text(value: object) -> str:
    return "" if value is None else str(value)


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
    if change.points_gone:
        _remove_points(act, customer, change.points_gone)
    kinds = {kind for kind, _key in stored.points.difference(change.points_gone)}
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
    for address in change.more_addresses:
        act.insert("addresses", {"customer_id": customer, **address})
    if change.tags or change.tags_gone:
        set_tags(act, customer, add=change.tags, remove=change.tags_gone)
    if change.external:
        set_external_ids(act, customer, change.external)


def _remove_points(act: Operation, customer: int, gone: Collection[tuple[str, str]]) -> None:
    """Remove contact points that the file's took the place of; the first that stays of a kind is its primary one."""
    rows = act.connection.execute(
        "SELECT id, kind, coalesce(normalised, value), is_primary, coalesce(state, is_alternate) FROM contact_points"
        " WHERE customer_id = ? ORDER BY id",
        (customer,),
    ).fetchall()
    removed = {row[0] for row in rows if (row[1], row[2]) in gone and not row[4]}
    for row_id in sorted(removed):
        act.delete("contact_points", row_id)
    for kind in {row[1] for row in rows if row[0] in removed and row[3]}:
        left = next((row[0] for row in rows if row[1] == kind and row[0] not in removed), None)
        if left is not None:
            act.update("contact_points", left, {"is_primary": 1})
