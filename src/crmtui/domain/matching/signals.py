"""What two customers are compared by: each signal with its levels, and their names for people."""

from __future__ import annotations

from typing import NamedTuple

from crmtui.i18n import N_


class Signal(NamedTuple):
    """A comparison: its key, label (msgid), and the labels of its levels from 1 on; level 0 is always "not known"."""

    key: str
    label: str
    levels: tuple[str, ...]


_SAME, _NEAR, _DIFFERENT = N_("the same"), N_("nearly the same"), N_("different")

SIGNALS: tuple[Signal, ...] = (
    Signal(
        "given_name",
        N_("Given name"),
        (
            _SAME,
            N_("the same, in Chinese characters and in pinyin"),
            N_("a form of the same name"),
            N_("a slip of the hand apart"),
            N_("fits the initials"),
            N_("somewhat alike"),
            N_("a Western name beside a Chinese one"),
            _DIFFERENT,
        ),
    ),
    Signal(
        "family_name",
        N_("Family name"),
        (_SAME, N_("a part of the other"), N_("a slip of the hand apart"), N_("somewhat alike"), _DIFFERENT),
    ),
    Signal("phone", N_("Phone"), (_SAME, N_("one digit apart"), _DIFFERENT)),
    Signal(
        "email",
        N_("E-mail"),
        (
            _SAME,
            N_("the same, of a department"),
            _NEAR,
            N_("the same name at another provider"),
            N_("the same domain"),
            _DIFFERENT,
        ),
    ),
    Signal("handle", N_("Messaging"), (_SAME, _DIFFERENT)),
    Signal("street", N_("Street"), (_SAME, _NEAR, _DIFFERENT)),
    Signal("number", N_("House number"), (_SAME, _NEAR, _DIFFERENT)),
    Signal("postal_code", N_("Postal code"), (_SAME, _NEAR, _DIFFERENT)),
    Signal("postal_code_moved", N_("Postal code (of another street)"), (_SAME, _NEAR, _DIFFERENT)),
    Signal("city", N_("City"), (_SAME, _NEAR, _DIFFERENT)),
    Signal("city_moved", N_("City (of another street)"), (_SAME, _NEAR, _DIFFERENT)),
    Signal("region", N_("Region"), (_SAME, _NEAR, _DIFFERENT)),
    Signal("birthday", N_("Birthday"), (_SAME, N_("a digit apart, or day and month turned"), _DIFFERENT)),
    Signal(
        "company",
        N_("Company"),
        (
            _SAME,
            N_("the same brand beside other words"),
            _NEAR,
            N_("the same brand in another town"),
            N_("another branch"),
            _DIFFERENT,
        ),
    ),
    Signal("title", N_("Form of address"), (_SAME, _DIFFERENT)),
    Signal("suffix", N_("Junior or senior"), (_SAME, _DIFFERENT)),
    Signal("unit", N_("Address, second line"), (_SAME, _NEAR, _DIFFERENT)),
    Signal(
        "firm",
        N_("Name of the company"),
        (
            _SAME,
            N_("the same brand beside other words"),
            _NEAR,
            N_("the same brand in another town"),
            N_("another branch"),
            _DIFFERENT,
        ),
    ),
    Signal("domain", N_("Internet domain"), (_SAME, _DIFFERENT)),
    Signal("legal", N_("Legal form"), (_SAME, _DIFFERENT)),
    Signal("tax_id", N_("Tax id"), (_SAME, _NEAR, _DIFFERENT)),
)

(
    GIVEN, FAMILY, PHONE, EMAIL, HANDLE, STREET, NUMBER, POSTCODE, POSTCODE_MOVED, CITY, CITY_MOVED, REGION, BIRTHDAY, COMPANY,
    TITLE, SUFFIX, UNIT, FIRM, DOMAIN, LEGAL, TAX_ID,
) = range(len(SIGNALS))  # fmt: skip
FULL_NAME = 255
"""Not compared itself: the tag under which the frequency of whole names is counted."""
CUSTOM = len(SIGNALS)
"""From this position on stand the custom fields that the file has."""

CUSTOM_LEVELS = (_SAME, _NEAR, _DIFFERENT)


def custom_signal(key: str) -> Signal:
    """The signal of a custom field."""
    return Signal(f"custom.{key}", key, CUSTOM_LEVELS)
