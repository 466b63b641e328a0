"""One phone number read by arithmetic on its digits, for tables with millions of them.

Only forms that leave no question are answered, exactly as ``parse_phones`` would; a test compares the two. Its answers
carry no difference between assigned and unassigned prefixes: that one is only ever a remark.
"""

from crmtui.domain.phones import _CN_LANDLINE, _CN_MOBILE, _POSSIBLE, _SEPARATORS

# Region → country code, for regions whose national numbers are those of the whole country code.
_CODES = {
    "US": "1",
    "CA": "1",
    "GB": "44",
    "FR": "33",
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
_ONE_LENGTH = frozenset(("1", "33", "34"))
_PLAIN_SIGNS = frozenset("0123456789 -().+")
_DIGITS = "0123456789"
_FIRST = _DIGITS + "+("
_LOCAL = 8
_SHORT = 4
_LONGEST_PIECE = 4


def quick_phone(text: str, region: str) -> str | None:
    """The E.164 form of ``text``, "" when it is certainly no possible number, None when ``parse_phones`` must decide.

    ``text`` must not be empty and have no blanks around it.
    """
    if not _PLAIN_SIGNS.issuperset(text) or len(text) > 24 or text[0] not in _FIRST or text[-1] not in _DIGITS:
        return None
    if text[0] == "+":
        if "(0" in text or "+" in text[1:]:
            return None
        number = text[1:].translate(_SEPARATORS)
        if number[:2] == "86":
            return "+86" + number[-11:] if _CN_MOBILE.fullmatch("+" + number) else None
        for length in (2, 1, 3):
            entry = _POSSIBLE.get(number[:length])
            if entry is not None:
                lengths, trunk = entry
                national = len(number) - length
                if national < _LOCAL or number[length] in trunk:
                    return None
                if national in lengths:
                    return "+" + number
                wrong = national == max(lengths) + 1 and number[:length] in _ONE_LENGTH
                # Longer pieces between blanks could be numbers of their own.
                return "" if wrong and max(map(len, text.split(" "))) <= _LONGEST_PIECE else None
        return None
    number = text.translate(_SEPARATORS)
    if region == "CN":
        return "+86" + number[-11:] if _CN_MOBILE.fullmatch(number) and not _CN_LANDLINE.fullmatch(number) else None
    code = _CODES.get(region)
    if code is None or text[0] == "0" or not number.isdigit():
        return None
    lengths, trunk = _POSSIBLE[code]
    if len(number) <= _LOCAL or len(number) not in lengths or number[0] in trunk or number.startswith(code):
        return None
    # More digits before a blank could be a number of their own.
    before = text.rpartition(" ")[0].translate(_SEPARATORS)
    return f"+{code}{number}" if len(before) <= _SHORT else None
