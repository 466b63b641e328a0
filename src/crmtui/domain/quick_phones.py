"""One phone number read by arithmetic on its digits, for tables with millions of them.

Only forms that leave no question are answered, exactly as ``parse_phones`` would; a test compares the two. Its answers
carry no difference between assigned and unassigned prefixes: that one is only ever a remark.
"""

import re

from crmtui.domain.phones import CN_LANDLINE, CN_MOBILE, POSSIBLE, SEPARATORS

# Region → country code, for regions whose national numbers are those of the whole country code.
_CODES = {
    "US": "1",
    "CA": "1",
    "GB": "44",
    "FR": "33",
    "DE": "49",
    "IT": "39",
    "ES": "34",
    "NL": "31",
    "BE": "32",
    "CH": "41",
    "DK": "45",
    "SE": "46",
    "NO": "47",
    "PL": "48",
    "AU": "61",
    "NZ": "64",
    "IE": "353",
}
# Country codes with one length of national number, so that a longer one is wrong whatever it begins with.
_TRUNK_ZERO = frozenset(("33", "44", "49", "61", "64", "353"))
_ONE_LENGTH = frozenset(("1", "33", "34"))
# Chinese mobiles as they are mostly written; prefixes that no operator has are only ever a remark.
_CN_FORMS = re.compile(r"(?:\+86 ?)?(1[3-9]\d)([ -]?)(\d{4})\2(\d{4})", re.ASCII).fullmatch
_PLAIN_SIGNS = frozenset("0123456789 -()+")
_DIGITS = "0123456789"
_FIRST = _DIGITS + "+("
_LOCAL = 8
_SHORT = 3
_LONGEST_PIECE = 4


def quick_phone(text: str, region: str) -> str | None:
    """The E.164 form of ``text``, "" when it is certainly no possible number, None when ``parse_phones`` must decide.

    ``text`` must not be empty and have no blanks around it.
    """
    if (mobile := _CN_FORMS(text)) is not None and (region == "CN" or text[0] == "+"):
        return f"+86{mobile[1]}{mobile[3]}{mobile[4]}"
    if not _PLAIN_SIGNS.issuperset(text) or len(text) > 24 or text[0] not in _FIRST or text[-1] not in _DIGITS:
        return None
    if text[0] == "+":
        if "(0" in text or "+" in text[1:]:
            return None
        number = text[1:].translate(SEPARATORS)
        if number[:2] == "86":
            # A dash may part an extension from a landline.
            return "+86" + number[-11:] if "-" not in text and CN_MOBILE.fullmatch("+" + number) else None
        for length in (2, 1, 3):
            code = number[:length]
            if code in POSSIBLE:
                return _of_country(code, number[length:], text)
        return None
    number = text.translate(SEPARATORS)
    if region == "CN":
        return "+86" + number[-11:] if CN_MOBILE.fullmatch(number) and not CN_LANDLINE.fullmatch(number) else None
    home = _CODES.get(region)
    # More digits before a blank could be a number of their own.
    if home is None or text[0] == "0" or len(text.rpartition(" ")[0].translate(SEPARATORS)) > _SHORT:
        return None
    if number.startswith(home) and home != "1":
        return None  # perhaps the country code without its plus
    return _of_country(home, number, text) if number.isdigit() and number[0] != "0" else None


def _of_country(code: str, national: str, text: str) -> str | None:
    """The number ``national`` of the country with this code; ``text`` is how it was written."""
    lengths, trunk = POSSIBLE[code]
    if len(national) < _LOCAL:
        return None
    if national[0] in trunk:
        if code == "1":  # without its 1 the number would be too short, so that is no trunk prefix
            return "+1" + national if len(national) == 10 else None
        if code not in _TRUNK_ZERO or national[0] != "0":
            return None
        national = national[1:]
        return f"+{code}{national}" if len(national) in lengths and len(national) > _LOCAL else None
    if len(national) in lengths:
        return f"+{code}{national}" if len(national) > _LOCAL or text[0] == "+" else None
    wrong = len(national) == max(lengths) + 1 and code in _ONE_LENGTH
    # Longer pieces between blanks could be numbers of their own.
    return "" if wrong and (text[0] != "+" or max(map(len, text.split(" "))) <= _LONGEST_PIECE) else None
