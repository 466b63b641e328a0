"""What the form shows of each field and what it reads back: texts by field key, in both directions. No widgets here."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from crmtui.domain.custom_values import read_custom_values
from crmtui.domain.fields import KIND_LABELS, STAGE_LABELS, Field, custom_field, form_fields
from crmtui.domain.intake import Intake, Issue, new_customer, read_values
from crmtui.domain.models import CustomerRecord
from crmtui.domain.phones import show_phone
from crmtui.domain.text import display_text
from crmtui.i18n import N_, _
from crmtui.i18n.show import show_date

# Headings stand before these fields; a custom field has its own.
_SECTIONS = {"phones": N_("Contact"), "stage": N_("Business"), "street": N_("Address"), "birthday": N_("More")}
_OWN_FIELDS = N_("Custom")

# A value of these that cannot be read would not end up in its field, so the form asks for another one.
_REFUSED = {
    "unknown_kind": N_("write person or company"),
    "not_a_date": N_("is no date: write 1985-03-07, or only 1985"),
    "not_a_yes_no": N_("write yes or no"),
    "too_long": N_("is too long"),
}

_HINTS = {
    "phones": N_("several numbers: put ; between them; the first one comes first"),
    "emails": N_("several addresses: put ; between them; the first one comes first"),
    "wechat": N_("several: put ; between them"),
    "qq": N_("several: put ; between them"),
    "urls": N_("several: put ; between them"),
    "tags": N_("put a comma between tags"),
    "birthday": N_("1985-03-07, 1985-03 or 1985"),
    "do_not_contact": N_("yes or no"),
    "family_name": N_("worked out from the name if left empty"),
    "given_name": N_("worked out from the name if left empty"),
}

_UNSEEN = re.compile("\r\n|[\x00-\x1f\x7f\x85\u2028\u2029]")
_LINE_ENDS = ("\r\n", "\n", "\x85", "\u2028", "\u2029")
_LINE_SIGNS = "↵⏎↩↲␤"
# For what has its usual sign taken: 38 controls and line ends at most, and as many that a text may hold itself.
_SPARE_SIGNS = "".join(map(chr, (*range(0x2460, 0x2500), *range(0x2190, 0x2300), *range(0x2500, 0x2600))))


class FormField(NamedTuple):
    """A row of the form: the field, and the heading that stands above it ("" for none)."""

    field: Field
    key: str
    """What ``domain.intake`` calls it: custom fields have a ``custom.`` before their name."""
    section: str = ""


class Reading(NamedTuple):
    """How a typed text is understood: what to show of it, what is wrong in words, and whether that keeps it from being saved."""

    shown: str = ""
    problem: str = ""
    refused: bool = False


class Editable(NamedTuple):
    """A stored text as it stands in a one-line field, and what its stand-ins mean."""

    text: str
    stand_ins: dict[str, str]

    def read_back(self, typed: str) -> str:
        """The text to store for what is in the field now."""
        return typed.translate({ord(sign): original for sign, original in self.stand_ins.items()})


def form_rows(custom: Sequence[Field], record: CustomerRecord | None) -> list[FormField]:
    """The rows of the form: the registry's fields, the custom fields of the file, and what else this record holds."""
    rows = [FormField(field, field.key, _SECTIONS.get(field.key, "")) for field in form_fields()]
    own = {field.part or field.key: field for field in custom}
    for key in record["custom"] if record else ():
        own.setdefault(key, custom_field(key, key))
    for index, (key, field) in enumerate(own.items()):
        rows.append(FormField(field, f"custom.{key}", "" if index else _OWN_FIELDS))
    return rows


def field_text(record: CustomerRecord, row: FormField) -> str:
    """The stored value of a field as text, the way it can be typed again; "" for none."""
    field = row.field
    value: object
    if field.place == "custom":
        value = record["custom"].get(row.key.removeprefix("custom."))
        return value if isinstance(value, str) else "" if value is None else json.dumps(value, ensure_ascii=False)
    if field.place == "point":
        return "; ".join(_points(record, field))
    if field.place == "address":
        first: Mapping[str, object] = record["addresses"][0] if record["addresses"] else {}
        value = first.get(field.part)
    elif field.place == "tags":
        value = ", ".join(record["tags"])
    elif field.type == "bool":
        value = _("yes") if record.get(field.key) else ""
    else:
        value = record.get(field.key)
        value = choice_label(field, str(value)) if value and field.choices else value
    return str(value) if value else ""


def _points(record: CustomerRecord, field: Field) -> list[str]:
    if field.part == "phone":
        return [phone["value"] for phone in record["phones"]]
    if field.part == "email":
        return [email["value"] for email in record["emails"]]
    if field.part == "url":
        return record["urls"]
    return [entry["value"] for entry in record["messaging"] if entry["kind"] == field.part]


def choice_label(field: Field, value: str) -> str:
    """The label of one of the field's choices in the current language; another value as it is."""
    labels = STAGE_LABELS if field.key == "stage" else KIND_LABELS
    return _(labels[value]) if value in field.choices and value in labels else value


def choice_value(field: Field, typed: str) -> str:
    """The stored value of a typed choice: its label in the current language or its key, in any case; else as typed."""
    wanted = typed.strip().casefold()
    for choice in field.choices:
        if wanted in (choice.casefold(), choice_label(field, choice).casefold()):
            return choice
    return typed


def suggestions(field: Field) -> list[str]:
    """What can be completed while typing: the labels of the choices, then their keys."""
    if field.type == "bool":
        return [_("yes"), _("no")]
    labels = [choice_label(field, choice) for choice in field.choices]
    return [*labels, *(choice for choice in field.choices if choice not in labels)]


def hint(field: Field) -> str:
    """A line that helps to fill the field; "" when there is nothing to say."""
    if field.choices:
        return " · ".join(choice_label(field, choice) for choice in field.choices)
    return _(_HINTS[field.key]) if field.key in _HINTS else ""


def editable(text: str) -> Editable:
    """A stored text for a one-line field: line ends and control characters get a visible stand-in, each its own, and none that
    the text holds itself, so that what is read back is what was stored."""
    signs: dict[str, str] = {}

    def stand_in(found: re.Match[str]) -> str:
        original = found[0]
        if original not in signs:
            usual = (
                _LINE_SIGNS if original in _LINE_ENDS else "␡" if original == "\x7f" else chr(0x2400 + ord(original))
            )
            taken = {*signs.values(), *text}
            signs[original] = next(sign for sign in usual + _SPARE_SIGNS if sign not in taken)
        return signs[original]

    shown = _UNSEEN.sub(stand_in, text)
    return Editable(shown, {sign: original for original, sign in signs.items()})


def read_field(row: FormField, typed: str, region: str) -> Reading:
    """How one typed value is understood."""
    if not typed.strip():
        return Reading()
    field = row.field
    intake = read_values({row.key: choice_value(field, typed)}, region=region)
    if field.place == "custom":
        intake = read_custom_values([field], intake)
    for issue in intake.issues:
        if issue.code in _REFUSED:
            return Reading("", _(_REFUSED[issue.code]), True)
    problem = " · ".join(_issue_text(issue, len(intake.points)) for issue in intake.issues)
    return Reading(_understood(row, typed, intake), problem)


def read_new(values: Mapping[str, str], region: str) -> tuple[Intake, str]:
    """A whole new customer as it would be stored, and what its name is understood as."""
    intake = new_customer(values, region=region)
    columns = intake.columns
    if not values.get("name") or not columns.get("name"):
        return intake, ""
    parts = [_(KIND_LABELS[str(columns["kind"])])]
    if columns.get("family_name") and columns.get("given_name"):
        parts.append(_("{given}, family {family}").format(given=columns["given_name"], family=columns["family_name"]))
    return intake, display_text(" · ".join(parts))


def _issue_text(issue: Issue, points: int) -> str:
    text = issue.text()
    return f"{display_text(issue.value, limit=40)} {text}" if points > 1 else text


def _understood(row: FormField, typed: str, intake: Intake) -> str:
    field = row.field
    if field.type == "phone":
        shown = [show_phone(point.normalised, point.value, "") for point in intake.points if point.normalised]
        return display_text(" · ".join(shown))
    if field.type == "email":
        good = [point.normalised for point in intake.points if point.normalised]
        return display_text(" · ".join(good)) if len(good) > 1 or good[:1] != [typed.strip()] else ""
    if field.place == "tags":
        return display_text(" · ".join(intake.tags)) if len(intake.tags) > 1 else ""
    if field.place == "custom":
        kept = intake.custom.get(field.key)
        return display_text(kept) if isinstance(kept, str) and kept != typed.strip() and field.type != "bool" else ""
    value = intake.columns.get(row.key)
    if field.type == "date" and isinstance(value, str):
        return value if value != typed.strip() else show_date(value, long=True)
    if field.type == "bool":
        return _("yes") if value else _("no")
    if field.choices and isinstance(value, str):
        if value not in field.choices:
            return _("a new one")
        label = choice_label(field, value)
        return label if label != typed.strip() else ""
    return ""
