"""Names of fields as people write them on the line, and the value of a field in a record."""

from collections.abc import Iterable

from crmtui.cli.arguments import near, storable
from crmtui.domain.fields import BY_KEY, BY_QUERY_NAME
from crmtui.domain.models import CustomerRecord
from crmtui.errors import UsageError
from crmtui.i18n import _
from crmtui.light_typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

# Records have these besides the fields of the registry.
_RECORD_KEYS = ("id", "addresses", "custom", "archived_at")
_WORKED_OUT = ("created_at", "updated_at", "last_interaction_at")
_JOINED = ("point", "tags", "external")


def readable_field(name: str) -> str:
    """The key of a field that can be shown. Raises UsageError with the nearest name."""
    if name in _RECORD_KEYS or name.startswith("custom."):
        return storable(name)
    return _known(name, (*BY_QUERY_NAME, *_RECORD_KEYS))


def writable_field(name: str) -> str:
    """The key of a field that can be given a value; values of one's own are ``custom.NAME``. Raises UsageError."""
    if name.startswith("custom.") and len(name) > len("custom."):
        return storable(name)
    key = _known(name, BY_QUERY_NAME, hint=_("For a field of your own write custom.{name}=…").format(name=name))
    if key in _WORKED_OUT:
        raise UsageError(_("{field} cannot be set: it is worked out").format(field=key))
    return key


def field_values(words: Iterable[str], *, bare: str | None = None) -> dict[str, str]:
    """``field=value`` words by field key; a first word without ``=`` is the value of the field ``bare``, if that is given.

    Contact points, tags and external ids may be given several times and are joined. Raises UsageError for anything else.
    """
    values: dict[str, str] = {}
    for position, word in enumerate(words):
        name, equals, value = word.partition("=")
        if not equals:
            if bare is None or position:
                raise UsageError(
                    _("“{word}” is not field=value").format(word=word), hint=_("Write for example: stage=lead")
                )
            name, value = bare, word
        key = writable_field(name.strip())
        value = storable(value)
        if key in values:
            field = BY_KEY.get(key)
            if field is None or field.place not in _JOINED:
                raise UsageError(_("{field} was given twice").format(field=key))
            value = f"{values[key]}; {value}"
        values[key] = value
    return values


def value_of(record: CustomerRecord, key: str) -> object:
    """What a record holds under a field key: the JSON value for keys of records, the first address's part, a handle, a custom value."""
    entries: Any = record
    if key in entries:
        return entries[key]
    if key.startswith("custom."):
        return record["custom"].get(key.removeprefix("custom."))
    field = BY_KEY[key]
    if field.place == "address":
        addresses: Any = record["addresses"]
        return next((each[field.part] for each in addresses), None)
    return next((each["value"] for each in record["messaging"] if each["kind"] == field.part), None)


def as_text(value: object) -> str:
    """A value of a record as one text: several contact points or tags joined by ``; ``."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return "; ".join(as_text(each) for each in value)
    if isinstance(value, dict):
        if "value" in value:
            return as_text(value["value"])
        if "street" in value:
            return ", ".join(as_text(part) for key, part in value.items() if part and key != "label")
        return "; ".join(f"{key}: {as_text(each)}" for key, each in value.items())
    return str(value)


def _known(name: str, names: Iterable[str], hint: str | None = None) -> str:
    folded = name.casefold()
    if folded in BY_QUERY_NAME:
        return BY_QUERY_NAME[folded].key
    raise UsageError(_("there is no field “{name}”").format(name=name), hint=near(name, names) or hint)
