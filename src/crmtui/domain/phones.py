"""Phone numbers as people write them in a cell: several at once, with names, extensions and signs of damage.

A number that is understood has its E.164 form; one that is not stays as it was, with a flag that says why.
"""

from __future__ import annotations

import re
from typing import NamedTuple
from unicodedata import normalize

from crmtui.domain.given import Given

MASKED = "masked"
"""Digits are hidden (138****5678)."""
SCIENTIFIC = "scientific"
"""A spreadsheet turned it into 1.38E+10: the last digits are lost."""
UNASSIGNED = "unassigned"
"""Well-formed, but no operator has this prefix."""
NO_AREA_CODE = "no_area_code"
"""A local number: which town it is in is not known."""
SHORT = "short"
"""A service number (95588, 110)."""
INVALID = "invalid"
"""Not understood as a phone number."""


class Phone(NamedTuple):
    """One number of a cell.

    `value` is the number as written, `e164` its international form ("" when not understood), `extension` its digits,
    `label` one of "", mobile, work, home, fax, `note` other text beside it, `flag` "" or one of the constants above.
    """

    value: str
    e164: str
    extension: str = ""
    label: str = ""
    note: str = ""
    flag: str = ""


_LONGEST = 400
_LONGEST_LIST = 4000
_LONGEST_PLAIN = 24
SEPARATORS = {ord(sign): None for sign in " -().\t\u00a0‐‑‒–—−"}
CN_MOBILE = re.compile(r"(?:\+?86|0086)?0?(1(?:[38]\d|4[57]|[59][0-35-9]|6[25-7]|7[0-35-8])\d{8})", re.ASCII)
_CN_MOBILE_ANY = re.compile(r"(?:\+?86|0086)?0?(1[3-9]\d{9})", re.ASCII)
# Area codes with eight-digit and with seven-digit numbers, and 400/800, as phonenumbers has them.
CN_LANDLINE = re.compile(
    r"(?:\+86|0086|0)(?:"
    r"(?:10|2[0-57-9])(?:[2-7]\d|8[1-9])\d{6}"
    r"|(?:3(?:11|7[179])|4(?:[15]1|3[12])|5(?:1\d|2[37]|3[12]|51|7[13-79]|9[15])|7(?:[39]1|5[57]|6[09])|8(?:71|98))[2-8]\d{7}"
    r"|(?:3(?:1[02-9]|35|49|5\d|7[02-6]|9[1-68])|4(?:1[25-9]|2[179]|3[46-9]|5[2-9]|6[47-9]|7\d|8[23])"
    r"|5(?:3[03-9]|4[36]|5[02-9]|6[1-46]|7[028]|80|9[2-46-9])|6(?:3[1-35]|6[0238]|9[12])"
    r"|7(?:01|[17]\d|2[248]|3[04-9]|4[3-6]|5[0-3689]|6[2368]|9[02-9])"
    r"|8(?:1[236-8]|2[5-7]|3\d|5[4-9]|7[02-9]|8[36-8]|9[1-7])"
    r"|9(?:0[1-3689]|1[1-79]|3\d|4[13]|5[1-5]|7[0-79]|9[0-35-9]))[2-8]\d{6}"
    r")|400\d{7}",
    re.ASCII,
)
# Country code → possible lengths of a national number, and first digits that may be a trunk prefix: those numbers,
# and all other countries, go to phonenumbers. A test compares both.
POSSIBLE: dict[str, tuple[frozenset[int], str]] = {
    code: (frozenset(range(shortest, longest + 1)), trunk)
    for code, shortest, longest, trunk in (
        ("1", 10, 10, "1"),
        ("7", 10, 10, "8"),
        ("20", 8, 10, "0"),
        ("27", 5, 10, "0"),
        ("30", 10, 12, ""),
        ("31", 5, 11, "0"),
        ("32", 8, 9, "0"),
        ("33", 9, 9, "0"),
        ("34", 9, 9, ""),
        ("36", 8, 9, "0"),
        ("39", 6, 12, ""),
        ("40", 9, 9, "0"),
        ("41", 9, 9, "0"),
        ("43", 4, 13, "0"),
        ("44", 9, 10, "0"),
        ("45", 8, 8, ""),
        ("46", 6, 10, "0"),
        ("47", 8, 8, ""),
        ("48", 6, 10, ""),
        ("49", 4, 15, "0"),
        ("51", 8, 9, "0"),
        ("52", 10, 10, ""),
        ("60", 8, 10, "0"),
        ("61", 5, 10, "01"),
        ("62", 7, 17, "0"),
        ("63", 8, 13, "0"),
        ("64", 5, 10, "0"),
        ("65", 8, 8, ""),
        ("66", 8, 10, "0"),
        ("81", 8, 17, "0"),
        ("82", 8, 14, "0"),
        ("84", 7, 10, "0"),
        ("86", 7, 12, "01"),
        ("90", 10, 10, "0"),
        ("91", 8, 13, "0"),
        ("92", 8, 12, "0"),
        ("351", 9, 9, ""),
        ("353", 7, 10, "0"),
        ("358", 5, 12, "0"),
        ("380", 9, 10, "0"),
        ("420", 9, 12, ""),
        ("852", 5, 9, ""),
        ("853", 7, 8, ""),
        ("886", 7, 11, "0"),
        ("966", 9, 10, "0"),
        ("971", 5, 12, "0"),
        ("972", 7, 12, "0"),
    )
}
POSSIBLE["46"] = (frozenset({6, 7, 8, 9, 10, 12}), "0")

_MASK = re.compile(r"\d[ -]*(?:[*•●＊·]{2,}|[xX]{3,})|[*•●＊·]{3,}[ -]*\d")
_SCIENTIFIC = re.compile(r"\d(?:[.,]\d+)?[eE]\+?\d{1,2}", re.ASCII)
_HAS_DIGIT = re.compile(r"\d")
# Signs that no list of numbers has; an apostrophe may stand before a number, as spreadsheets have it.
_NO_NUMBERS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f<>\"`{}\\=]|&#|(?<=[^;\s])'")
_HARD_SEPARATOR = re.compile(r"[;,、|\n\r]+|\s(?:或|或者|or|und|and|&)\s")
_EXTENSION = re.compile(
    r"(?<=[\d)])\s*\(?\s*(?:转|轉|分机号?|分機|内线|內線|ext(?:ension|n)?\.?|durchwahl|x|#)\s*[:.]?\s*(\d{1,7})\s*\)?\s*$",
    re.IGNORECASE | re.ASCII,
)
_CN_DASH_EXTENSION = re.compile(
    r"((?:\+?86[- ]?)?(?:\(?0\d{2,3}\)?[- ]?)?\d{7,8}|(?:400|800)-?\d{3,4}-?\d{3,4})\s*[-–—]+\s*(\d{1,6})", re.ASCII
)
_REMARK = re.compile(r"\(([^()]*[^\d\s()+.\-][^()]*)\)")
_BEFORE = re.compile(r"^[^\d+(]+", re.ASCII)
_DECIMALS = re.compile(r"^(\d{6,})\.0+$", re.ASCII)
_AFTER = re.compile(r"[^\d)]+$", re.ASCII)
_LABELS = {
    label: kind
    for kind, labels in (
        ("mobile", "手机 手机号 手机号码 移动 移动电话 mobile mob m cell cellphone handy"),
        ("work", "座机 固话 固定电话 办公 办公室 办公电话 公司 公司电话 单位 work office büro geschäftlich"),
        ("home", "家 家庭 家里 住宅 宅电 home privat"),
        ("fax", "传真 傳真 fax f"),
        ("", "电话 電話 联系电话 电话号码 联系方式 tel t phone telephone telefon telefone"),
    )
    for label in labels.split()
}
_CN_SHARED = re.compile(r"\+86([48]00)(\d{3})(\d{4})", re.ASCII)


def parse_phones(text: str, region: str = "CN") -> list[Phone]:
    """Return the numbers in `text`, read as in `region` (ISO 3166, two letters) where no country code is written.

    [] for an empty cell. Text in which no number is understood comes back whole, exactly, as one entry flagged INVALID. Never
    raises.
    """
    if region == "CN" and CN_MOBILE.fullmatch(text):
        return [Phone(text, "+86" + text[-11:])]
    if region == "CN" and len(text) <= _LONGEST_PLAIN:
        bare = text.translate(SEPARATORS)
        if CN_MOBILE.fullmatch(bare):
            return [Phone(text.strip(), "+86" + bare[-11:])]
        if CN_LANDLINE.fullmatch(bare):
            return [Phone(text.strip(), _landline_e164(bare))]
    if text.startswith("+"):
        e164 = _plain_international(text)
        if e164:
            return [Phone(text.strip(), e164)]
    text = text.strip()
    if not text:
        return []
    if ";" in text and (pieces := listed_numbers(text)):
        return [phone for piece in pieces for phone in parse_phones(piece, region)]
    if len(text) > _LONGEST:
        return [Phone(text, "", flag=INVALID)]
    if text.isascii():
        return _read(text, text, region)
    given = Given(text)
    phones = _read(given.normal.strip(), text, region)
    end = 0
    for index, phone in enumerate(phones):
        if phone.value != text:
            value, end = given.find(phone.value, end)
            phones[index] = phone._replace(value=value, note=given.find(phone.note)[0])
    return phones


def listed_numbers(text: str) -> list[str]:
    """Return what semicolons part in `text` if each piece may be a number of its own, else []."""
    if len(text) > _LONGEST_LIST or _NO_NUMBERS.search(text):
        return []
    pieces = [piece.strip() for piece in text.split(";")]
    return pieces if len(pieces) > 1 and all(map(_HAS_DIGIT.search, pieces)) else []


def _read(text: str, given: str, region: str) -> list[Phone]:
    """Return the numbers in a text in normal form; one entry with what was `given` when there is text but no number."""
    phones: list[Phone] = []
    words = ""
    for part in _HARD_SEPARATOR.split(text.replace(";ext=", " x")):
        part = part.strip()
        if not any(map(str.isdigit, part)):
            if phones and part:
                phones[-1] = phones[-1]._replace(note=" ".join(filter(None, (phones[-1].note, part))))
            else:
                words += part
            continue
        phones += _parse_part(part, region)
    if not any(phone.e164 for phone in phones) and (
        not phones or any(phone.flag == INVALID for phone in phones) or _NO_NUMBERS.search(text)
    ):
        return [Phone(given, "", flag=INVALID)]
    if len(phones) == 1 and not phones[0].e164:
        return [Phone(given, "", label=phones[0].label, flag=phones[0].flag)]
    if words:
        label, note = _label(words)
        first = phones[0]
        phones[0] = first._replace(label=first.label or label, note=" ".join(filter(None, (note, first.note))))
    return phones


def _plain_international(text: str) -> str:
    """Return the E.164 form of `+` and digits where that needs no knowledge of trunk prefixes, else ""."""
    number = text[1:].translate(SEPARATORS)
    if not (number.isascii() and number.isdigit()) or "(0" in text:
        return ""
    for length in (2, 1, 3):
        entry = POSSIBLE.get(number[:length])
        if entry is not None:
            lengths, trunk = entry
            return "+" + number if len(number) - length in lengths and number[length] not in trunk else ""
    return ""


def _parse_part(part: str, region: str) -> list[Phone]:
    """Return the number in a part without hard separators, or the two or more that a slash or a space parts."""
    single = _parse_one(part, region)
    if single.flag in ("", MASKED, SCIENTIFIC) or not ("/" in part or " " in part):
        return [single]
    for separator in ("/", " "):
        pieces = [piece for piece in part.split(separator) if piece.strip()]
        if 2 <= len(pieces) <= 12:
            several = _several(pieces, separator, region)
            if several:
                return several
    return [single]


def _several(pieces: list[str], separator: str, region: str) -> list[Phone]:
    """Return one number for each group of consecutive pieces that is complete; [] when they do not come out even."""
    phones: list[Phone] = []
    start = 0
    while start < len(pieces):
        groups = [
            (end, _parse_one(separator.join(pieces[start:end]), region)) for end in range(start + 1, len(pieces) + 1)
        ]
        for accepted in (("",), (UNASSIGNED, NO_AREA_CODE)):
            found = next(((end, phone) for end, phone in groups if phone.flag in accepted), None)
            if found is not None:
                start = found[0]
                phones.append(found[1])
                break
        else:
            rest = separator.join(pieces[start:])
            if phones and len(digits(rest)) < 4:
                phones[-1] = phones[-1]._replace(
                    note=" ".join(filter(None, (phones[-1].note, separator + rest))).strip()
                )
                return phones
            return []
    return phones if len(phones) > 1 else []


def _parse_one(part: str, region: str) -> Phone:
    part = part.strip()
    if _MASK.search(part):
        return Phone(part, "", flag=MASKED)
    if _SCIENTIFIC.fullmatch(part):
        return Phone(part, "", flag=SCIENTIFIC)
    number, extension, label = part, "", ""
    found = _EXTENSION.search(number)
    if found is not None:
        number, extension = number[: found.start()], found[1]
    notes = [remark.strip() for remark in _REMARK.findall(number)]
    number = _REMARK.sub(" ", number).strip()
    before, after = _BEFORE.match(number), _AFTER.search(number)
    if before is not None:
        label, note = _label(before[0])
        notes.insert(0, note)
    if after is not None:
        other, note = _label(after[0])
        label = label or other
        notes.append(note)
    number = number[before.end() if before else 0 : after.start() if after else None]
    beside = (before[0] if before else "") + (after[0] if after else "")
    alone = not (label or any(notes) or any(map(str.isalnum, beside)))
    number = _DECIMALS.sub(r"\1", number)
    if not extension and (region == "CN" or number.startswith("+86")):
        found = _CN_DASH_EXTENSION.fullmatch(number)
        if found is not None:
            number, extension = found[1], found[2]
    e164, flag = _international(number, region)
    if flag in (INVALID, SHORT):
        return Phone(part, "", label=label, flag=flag)
    value = part if alone else number + (f" x{extension}" if extension else "")
    return Phone(value, e164, extension, label, " ".join(filter(None, notes)), flag)


def _label(words: str) -> tuple[str, str]:
    """Return the kind of number that `words` name and "", or "" and the words as a note."""
    words = words.strip(" \t:：/-–—,.=()")
    kind = _LABELS.get(words.casefold())
    return (kind, "") if kind is not None else ("", words)


def _international(number: str, region: str) -> tuple[str, str]:
    """Return the E.164 form and the flag of one number without label, note and extension."""
    bare = number.translate(SEPARATORS)
    if region == "CN" or bare.startswith(("+86", "0086")):
        found = CN_MOBILE.fullmatch(bare)
        if found is not None:
            return "+86" + found[1], ""
        if CN_LANDLINE.fullmatch(bare):
            return _landline_e164(bare), ""
        found = _CN_MOBILE_ANY.fullmatch(bare)
        if found is not None:
            return "+86" + found[1], UNASSIGNED
    if number.startswith("+"):
        e164 = _plain_international(number)
        if e164:
            return e164, ""
    return _by_phonenumbers(number, region)


def _landline_e164(bare: str) -> str:
    return "+86" + bare.removeprefix("+86").removeprefix("0086").removeprefix("0")


def _by_phonenumbers(number: str, region: str) -> tuple[str, str]:
    import phonenumbers

    try:
        parsed = phonenumbers.parse(number, region or None)
    except phonenumbers.NumberParseException:
        return "", SHORT if 3 <= len(digits(number)) <= 6 else INVALID
    reason = phonenumbers.is_possible_number_with_reason(parsed)
    e164 = str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))
    if reason == phonenumbers.ValidationResult.IS_POSSIBLE:
        national = not number.lstrip(" (").startswith(("+", "00"))
        if not national or phonenumbers.is_valid_number(parsed):
            return e164, ""
        # Many regions dial a trunk 0 before the area code: a short number without it is a local one.
        if not number.lstrip(" (").startswith("0") and len(digits(number)) <= 8:
            return "", NO_AREA_CODE
        # In China a wrong digit count is far likelier than a number that phonenumbers does not know yet.
        return ("", INVALID) if region == "CN" else (e164, UNASSIGNED)
    if len(digits(number)) <= 6:
        return "", SHORT
    return "", NO_AREA_CODE if reason == phonenumbers.ValidationResult.IS_POSSIBLE_LOCAL_ONLY else INVALID


def is_region(region: str) -> bool:
    """Say whether `region` (ISO 3166, two letters, any case) is one whose numbers can be read."""
    import phonenumbers

    return region.upper() in phonenumbers.SUPPORTED_REGIONS


def digits(text: str) -> str:
    """Return the digits of `text`, full-width ones too, as ASCII."""
    if not text.isascii():
        text = normalize("NFKC", text)
    return "".join([sign for sign in text if sign in "0123456789"])


def show_phone(e164: str, value: str, region: str) -> str:
    """Return a number for reading: national grouping in its own region, international elsewhere.

    `138 0013 8000` and `021-6161 8888` at home in CN, `+86 138 0013 8000` abroad; `value` when `e164` is empty.
    """
    if not e164:
        return value
    if e164.startswith("+86"):
        home = _show_chinese(e164)
        if home:
            return home if region == "CN" else "+86 " + home.removeprefix("0").replace("-", " ")
    import phonenumbers

    try:
        parsed = phonenumbers.parse(e164, None)
    except phonenumbers.NumberParseException:
        return value or e164
    form = phonenumbers.PhoneNumberFormat
    own = region in phonenumbers.region_codes_for_country_code(parsed.country_code or 0)
    return str(phonenumbers.format_number(parsed, form.NATIONAL if own else form.INTERNATIONAL))


def _show_chinese(e164: str) -> str:
    number = e164[3:]
    if not (number.isascii() and number.isdigit()):
        return ""
    if len(number) == 11 and number[0] == "1":
        return f"{number[:3]} {number[3:7]} {number[7:]}"
    if _CN_SHARED.fullmatch(e164):
        return f"{number[:3]}-{number[3:6]}-{number[6:]}"
    area = 2 if number[:2] == "10" or number[0] == "2" else 3
    local = number[area:]
    if len(local) not in (7, 8):
        return ""
    return f"0{number[:area]}-{local[:-4]} {local[-4:]}"
