"""Values of custom fields by their type: what is stored is one plain text each, so that search, export and blame need no types.

What cannot be read as its type stays as it was given and becomes an issue, as with every other field.
"""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

from crmtui.domain.dates import parse_date
from crmtui.domain.fields import Field
from crmtui.domain.folding import fold
from crmtui.domain.intake import Intake, Issue
from crmtui.domain.values import parse_bool
from crmtui.i18n import N_

CUSTOM_TYPES: dict[str, str] = {
    "text": N_("text"),
    "long": N_("long text"),
    "number": N_("number"),
    "date": N_("date"),
    "bool": N_("yes or no"),
    "choice": N_("one of a few"),
    "url": N_("web address"),
}
_LONGEST_NUMBER = 60  # characters; longer ones are no quantity a person counts


def read_custom_value(field: Field, text: str) -> tuple[str, str]:
    """The text to store for a value of a custom field, and what is wrong with it ("" when it is right)."""
    value = text.strip()
    if not value:
        return "", ""
    if field.type == "number":
        number = _plain_number(value)
        return (value, "not_a_number") if number is None else (number, "")
    if field.type == "date":
        date = parse_date(value)
        return (value, "not_a_date") if date is None else (date, "")
    if field.type == "bool":
        answer = parse_bool(value, yes_column=True)
        return (value, "not_a_yes_no") if answer is None else ("yes" if answer else "no", "")
    if field.type == "choice" and field.choices:
        chosen = _choice(field.choices, value)
        return (value, "not_a_choice") if chosen is None else (chosen, "")
    return value, ""


def read_custom_values(fields: Sequence[Field], intake: Intake) -> Intake:
    """Bring the custom values of an intake into the form of their fields; what does not fit becomes an issue. Returns ``intake``."""
    for field in fields:
        given = intake.custom.get(field.key)
        if isinstance(given, str):
            intake.custom[field.key], code = read_custom_value(field, given)
            if code:
                nearest = ", ".join(field.choices) if code == "not_a_choice" else ""
                intake.issues.append(Issue(f"custom.{field.key}", code, given, nearest))
    return intake


def _plain_number(text: str) -> str | None:
    """``1,234.50`` or ``１２`` as ``1234.5`` or ``12``; None for what is no number."""
    folded = fold(text).replace(" ", "").replace("'", "").replace("_", "")
    if len(folded) > _LONGEST_NUMBER or not folded.isascii() or "n" in folded:
        return None
    if "," in folded:
        whole, _point, _rest = folded.partition(".")
        groups = whole.lstrip("+-").split(",")
        if not (groups[0] and len(groups[0]) <= 3 and all(len(group) == 3 for group in groups[1:])):
            return None
        folded = folded.replace(",", "", len(groups) - 1)
    try:
        number = Decimal(folded)
    except InvalidOperation:
        return None
    if number and not -30 < number.adjusted() < 30:
        return None
    plain = f"{number:f}"
    return (plain.rstrip("0").rstrip(".") if "." in plain else plain) or "0"


def _choice(choices: Sequence[str], text: str) -> str | None:
    wanted = fold(text)
    return next((choice for choice in choices if fold(choice) == wanted), None)


def changed_values(before: object, after: object) -> list[tuple[str, object, object]]:
    """The custom values that differ between two JSON texts of them (None: no values), as (key, before, after)."""
    import json

    old = json.loads(before) if isinstance(before, str) else {}
    new = json.loads(after) if isinstance(after, str) else {}
    return [(key, old.get(key), new.get(key)) for key in dict.fromkeys([*old, *new]) if old.get(key) != new.get(key)]
