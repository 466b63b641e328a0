"""From what a person or a file says about a customer, by field key, to the values that are stored.

One way in for the form, the command line and imports: names are split, phones and e-mails normalised, dates and yes/no read.
What cannot be read stays as it was given and becomes an issue; nothing is dropped and nothing raises.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from crmtui.domain.dates import Order, parse_date
from crmtui.domain.emails import parse_emails
from crmtui.domain.fields import BY_KEY, MESSAGING_KINDS, Field
from crmtui.domain.folding import has_cjk
from crmtui.domain.names import looks_like_company, split_name
from crmtui.domain.phones import parse_phones
from crmtui.domain.values import parse_bool
from crmtui.i18n import N_, _

ADDRESS_PARTS = ("street", "city", "region", "postal_code", "country")
_POINT_KINDS = {field.key: field.part for field in BY_KEY.values() if field.place == "point"}
_LONGEST_NAME = 120  # characters of a name that is made of something else
_TELLING = ("job_title", "birthday", "owner", "source", "stage", "created_at", "updated_at", "imported_contact_at")
_LONGEST = 1_000_000  # characters kept of one value; a longer one is refused, never cut

ISSUE_TEXTS = {
    "empty": N_("nothing in it that names a customer"),
    "named_after": N_("has no name; it is called by what else is known of it"),
    "not_a_phone": N_("cannot be read as a phone number; kept as it is"),
    "masked": N_("has hidden digits; kept as it is"),
    "digits_lost": N_("the spreadsheet lost digits of it; kept as it is"),
    "not_an_email": N_("is no e-mail address; kept as it is"),
    "not_a_date": N_("is no date; kept as it is"),
    "not_a_yes_no": N_("is neither yes nor no; kept as it is"),
    "too_long": N_("is too long"),
    "bad_character": N_("holds characters that cannot be stored; they were replaced"),
    "unknown_kind": N_("is neither person nor company"),
    "not_a_number": N_("is no number; kept as it is"),
    "not_a_choice": N_("is none of the choices; kept as it is"),
    "no_area_code": N_("is a local number without its area code; kept as it is"),
    "short": N_("is a service number; kept as it is"),
    "unassigned": N_("the number begins with a prefix that is not in use; kept as it is"),
}


_PHONE_ISSUES = {
    "masked": "masked",
    "scientific": "digits_lost",
    "no_area_code": "no_area_code",
    "short": "short",
    "invalid": "not_a_phone",
}
_KINDS = {
    word: kind
    for kind, words in (
        ("person", "person individual contact personal 个人 個人 个人客户 自然人 privat"),
        ("company", "company organization organisation business 企业 企業 公司 单位 企业客户 机构 firma"),
    )
    for word in words.split()
}
_NO_HANDLE = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f<>\"'`{}\\]|&#?\w+;")
_STAMP = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(?:\.\d+)? ?(Z|[+-]\d\d:?\d\d)", re.ASCII)


class Issue(NamedTuple):
    """Something wrong with one value: the field's key, a stable code, the value as given, and a better value if there is one."""

    field: str
    code: str
    value: str
    fix: str = ""

    @property
    def rejects(self) -> bool:
        """Whether the record cannot be kept because of this."""
        return self.code in ("empty", "too_long")

    def text(self) -> str:
        """The sentence for the user, in the current language."""
        return _(ISSUE_TEXTS.get(self.code, self.code))


class Point(NamedTuple):
    """A contact point to store."""

    kind: str
    value: str
    normalised: str | None
    label: str | None


class Child(NamedTuple):
    """What happened with a customer: ``entity`` (``interaction``, ``transaction``, ``deal`` or ``task``), values by column, and its
    ids in other systems as (system, id)."""

    entity: str
    values: dict[str, object]
    external: tuple[tuple[str, str], ...] = ()


class Intake(NamedTuple):
    """What is to be stored: columns of the customer, the rows that hang on it, and what was wrong.

    ``address`` is the first one (its ``label`` included), ``more_addresses`` are the others. ``children`` is what happened with the
    customer, ``parent`` the company that it belongs to, as far as the same row tells them.
    """

    columns: dict[str, object]
    points: list[Point]
    address: dict[str, str | None]
    tags: list[str]
    external: list[tuple[str, str]]
    custom: dict[str, object]
    issues: list[Issue]
    more_addresses: Sequence[dict[str, str | None]] = ()
    children: Sequence[Child] = ()
    parent: "Intake | None" = None

    @property
    def addresses(self) -> list[dict[str, str | None]]:
        """Every address that says where something is."""
        return [each for each in (self.address, *self.more_addresses) if any(map(each.get, ADDRESS_PARTS))]


class Piece(NamedTuple):
    """One value on its way in: the field's key, what narrows it (a label, a service, a system), the text, and how a date
    in it is written. ``custom`` as key makes ``detail`` the name of the custom field. ``group`` is the number of the address it
    belongs to (0: the first), ``label`` what the address or contact point is called."""

    key: str
    detail: str
    text: str
    order: Order | None = None
    group: int = 0
    label: str = ""


def read_values(values: Mapping[str, str], *, region: str = "US") -> Intake:
    """Read values by field key (unknown keys become custom values). Only what is given appears in the result.

    ``region`` (ISO 3166) says how a phone number without country code is read.
    """
    return read_pieces((Piece(key, "", text) for key, text in values.items()), region=region)


def read_pieces(pieces: Iterable[Piece], *, region: str = "US", serial_dates: bool = False) -> Intake:
    """Read pieces, several of which may go to one field: points, tags and notes are added up, a street grows.

    ``serial_dates`` admits the day numbers of spreadsheets in fields that hold dates.
    """
    intake = Intake({}, [], {}, [], [], {}, [])
    further: dict[int, dict[str, str | None]] = {}
    for piece in pieces:
        key = piece.key
        value = clean_value(key, piece.text, intake.issues)
        field = BY_KEY.get(key)
        if field is None:
            if value:
                intake.custom[piece.detail or key.removeprefix("custom.")] = value
        elif field.place == "point":
            _read_points(field, piece, value, region, intake)
        elif field.place == "address":
            address = intake.address if piece.group < 2 else further.setdefault(piece.group, {})
            before = address.get(field.part)
            address[field.part] = ", ".join(part for part in (before, value) if part) or None
            if piece.label and value:
                address["label"] = piece.label
        elif field.place == "tags":
            intake.tags.extend(tag for tag in dict.fromkeys(split_tags(value)) if tag not in intake.tags)
        elif field.place == "external":
            intake.external.extend(read_external(value, piece.detail))
        else:
            _read_column(field, value, intake, piece.order or "ymd", serial_dates)
    return intake._replace(more_addresses=[each for _group, each in sorted(further.items())]) if further else intake


def new_customer(values: Mapping[str, str], *, region: str = "US") -> Intake:
    """Like ``read_values`` for a customer that does not exist yet: the name and the kind are worked out when they are missing.

    When nothing names the customer there is an issue with code ``empty``.
    """
    return complete(read_values(values, region=region), by_anything=False)


def complete(intake: Intake, *, by_anything: bool = True) -> Intake:
    """Work out the name and the kind of a customer that does not exist yet; an issue ``empty`` when nothing names it.

    ``by_anything`` calls it by whatever is known of it (an address, say) rather than refuse it.
    """
    columns = intake.columns
    name = str(columns.get("name") or "")
    family = str(columns.get("family_name") or "")
    given = str(columns.get("given_name") or "")
    company = str(columns.get("company") or "")
    if not name and (family or given):
        name = f"{family}{given}" if has_cjk(family + given) else " ".join(part for part in (given, family) if part)
    kind = columns.get("kind")
    if kind is None:
        if name:
            kind = "company" if not (family or given) and looks_like_company(name) else "person"
        else:
            kind = "company" if company else "person"
    if not name:
        points = [point.value for point in intake.points]
        name = company or next(iter(points), "") or next((external for _system, external in intake.external), "")
    if not name and by_anything and (name := _anything(intake)):
        intake.issues.append(Issue("name", "named_after", name))
    if not name:
        intake.issues.append(Issue("name", "empty", ""))
    elif kind == "person" and not (family or given):
        parts = split_name(name)
        family, given = parts.family, parts.given
    columns |= {"name": name, "kind": kind, "family_name": family or None, "given_name": given or None}
    return intake


def _anything(intake: Intake) -> str:
    """What a customer is called of whom only something else is known: an address, the note, a value of one's own, a date."""
    for address in intake.addresses:
        line = ", ".join(part for key in ADDRESS_PARTS if (part := address.get(key)))
        if line:
            return line[:_LONGEST_NAME]
    notes = str(intake.columns.get("notes") or "").strip()
    texts = [notes.splitlines()[0] if notes else "", *map(str, intake.custom.values())]
    texts += [str(value) for key, value in intake.columns.items() if value and key in _TELLING]
    return next((text.strip()[:_LONGEST_NAME] for text in (*texts, *intake.tags) if text.strip()), "")


def split_tags(text: str) -> list[str]:
    """Tags in one text, separated by comma, semicolon (also full-width), ``、``, ``|`` or a line end."""
    if not text:
        return []
    for sign in ",，；、|\n":
        text = text.replace(sign, ";")
    return [tag for part in text.split(";") if (tag := part.strip())]


def clean_value(key: str, given: str, issues: list[Issue]) -> str:
    """``given`` without blanks around it, fit to be stored; what had to be changed becomes an issue."""
    value = given.strip()
    if len(value) > _LONGEST:
        issues.append(Issue(key, "too_long", value[:80]))
        return value[:_LONGEST]
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            issues.append(Issue(key, "bad_character", value.encode(errors="replace").decode()))
            value = value.encode(errors="replace").decode()
    return value


def _read_points(field: Field, piece: Piece, value: str, region: str, intake: Intake) -> None:
    if not value:
        return
    detail, label = piece.detail, piece.label
    if field.type == "phone":
        for phone in parse_phones(value, region):
            if phone.flag in _PHONE_ISSUES:
                intake.issues.append(Issue(field.key, _PHONE_ISSUES[phone.flag], phone.value))
            called = " ".join(filter(None, (label or phone.label, phone.note))) or detail
            intake.points.append(Point("phone", phone.value, phone.e164 or None, called or None))
    elif field.type == "email":
        for email in parse_emails(value):
            if email.flag:
                intake.issues.append(Issue(field.key, "not_an_email", email.value))
            called = label or email.label or detail
            intake.points.append(Point("email", email.value, email.normalised or None, called or None))
    elif field.key == "messaging":
        for part in _parts(value):
            kind, colon, handle = part.partition(":")
            if colon and kind in MESSAGING_KINDS and handle.strip():
                intake.points.append(Point(kind, handle.strip(), handle.strip().casefold(), label or None))
            else:
                intake.points.append(Point(detail or "other", part, part.casefold(), label or None))
    else:
        for part in _parts(value):
            intake.points.append(Point(field.part, part, part.casefold(), label or detail or None))


def _parts(value: str) -> list[str]:
    """What semicolons part; a text with signs that no address and no name in a service has is no list, but one value."""
    parts = [part.strip() for part in value.split(";")]
    return [value] if _NO_HANDLE.search(value) or not any(parts) else [part for part in parts if part]


def read_external(value: str, system: str = "") -> list[tuple[str, str]]:
    """Ids of other systems in one text, ``system:id`` or plain, separated by semicolons, as (system, id)."""
    found = []
    for part in value.split(";"):
        named, colon, external_id = part.strip().rpartition(":")
        if external_id:
            found.append((named if colon and named else system or "import", external_id))
        elif named:
            found.append((system or "import", part.strip()))  # a colon with nothing after it is no system
    return found


def _read_column(field: Field, value: str, intake: Intake, order: Order, serial: bool) -> None:
    key = field.key
    if not value:
        intake.columns.setdefault(key, None)
    elif key == "kind":
        kind = read_kind(value)
        if kind is None:
            intake.issues.append(Issue(key, "unknown_kind", value))
        else:
            intake.columns[key] = kind
    elif field.type in ("date", "moment"):
        date = read_date(value, moment=field.type == "moment", order=order, serial=serial)
        if date is None:
            intake.issues.append(Issue(key, "not_a_date", value))
            intake.custom[key] = value
        elif key == "last_interaction_at":
            intake.columns["imported_contact_at"] = date
        else:
            intake.columns[key] = date
    elif field.type == "bool":
        answer = parse_bool(value, yes_column=True)
        if answer is None:
            intake.issues.append(Issue(key, "not_a_yes_no", value))
            intake.custom[key] = value
        else:
            intake.columns[key] = int(answer)
    elif field.type == "long" and intake.columns.get(key):
        intake.columns[key] = f"{intake.columns[key]}\n{value}"
    else:
        intake.columns[key] = value


def read_kind(value: str) -> str | None:
    """``person`` or ``company`` for a word that means one of them, else None."""
    return _KINDS.get(value.casefold())


def read_date(value: str, *, moment: bool, order: Order = "ymd", serial: bool = False) -> str | None:
    """A date, partial ones too, or (``moment``) a time with its zone as UTC text; None when it is neither."""
    if moment and (found := _STAMP.fullmatch(value)):
        try:
            at = datetime.fromisoformat(f"{found[1]}T{found[2]}{found[3]}")
            return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        except (ValueError, OverflowError):
            return None
    return parse_date(value, order=order, serial=serial)


def point_fields() -> dict[str, str]:
    """Field key of each kind of contact point that has a field of its own."""
    return _POINT_KINDS
