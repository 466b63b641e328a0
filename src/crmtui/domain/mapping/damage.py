"""What spreadsheets, wrong encodings and careless programs have done to the values of a column, and how much can be undone.

Judged by the distinct values of a column with how often each occurs; a repair is a step (``steps``), offered, never applied
by itself.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from crmtui.domain.mapping.repairs import demojibake, whole_digits
from crmtui.i18n import N_, _

_EXAMPLES = 3
_LONGEST = 24
_LONGEST_ID = 14
_SCIENTIFIC = re.compile(r"[+-]?\d(?:[.,]\d+)?[eE]\+\d{1,3}|[+-]?\d[.,]\d+[eE]\d{1,3}", re.ASCII)
_POINT_ZERO = re.compile(r"[+-]?\d+\.0", re.ASCII)
_FRACTION = re.compile(r"[+-]?\d+[.,]\d+", re.ASCII)
_HASHES = re.compile(r"#{3,}")
_ERROR = re.compile(r"#(?:REF!|VALUE!|NAME\?|DIV/0!|NULL!|NUM!|N/A|SPILL!|CALC!|FIELD!|GETTING_DATA)", re.IGNORECASE)
_SERIAL = re.compile(r"([1-6]\d{4})(?:\.\d+)?", re.ASCII)
_DATED = re.compile(r"\d{1,4}[-/.年]\d{1,2}[-/.月]\d{1,4}日?.*|\d{1,2} \w{3,9} \d{4}.*", re.ASCII)
_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mär|mrz|mai|okt|dez"
_TURNED = re.compile(rf"\d{{1,2}}[-. ](?:{_MONTHS})|(?:{_MONTHS})[-. ]\d{{2}}|\d{{1,2}}月\d{{1,2}}日", re.IGNORECASE)
_LOST_TEXT = re.compile("\ufffd|锟斤拷|烫烫烫|屯屯屯|ï¿½")
_DATE_HEADER = re.compile(
    r"日期|时间|時間|生日|[年月]月?日$|\bdate\b|date$|\btime|birth|created|updated|modified|since|\bdue\b|datum|geburt|erstellt|_at$",
    re.IGNORECASE,
)
_POSTAL_HEADER = re.compile(
    r"邮编|邮政|郵遞|zip|post.?(?:al)?.?code|\bplz\b|postleitzahl|code postal|\bcap\b", re.IGNORECASE
)
_ID_HEADER = re.compile(
    r"编号|工号|卡号|账号|单号|税号|代码|编码|\bid\b|id$|\bno\.?$|\bnr\.?$|number|code|sku|account|\bref", re.IGNORECASE
)
_AMOUNT_HEADER = re.compile(
    r"数量|金额|价|年龄|次数|余额|amount|qty|quantity|price|total|revenue|sum|count|\bage\b|number of|preis|betrag",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Damage:
    """What happened to ``count`` cells of ``column``: the kind (a key of ``SENTENCES``), examples, and the step that undoes
    it (None when nothing does)."""

    column: str
    kind: str
    count: int
    examples: tuple[str, ...]
    repair: str | None = None

    def sentence(self) -> str:
        """It said in words, with examples."""
        return _(SENTENCES[self.kind]).format(count=self.count, examples=", ".join(self.examples))


SENTENCES = {
    "lost_zeros": N_("leading zeros are lost ({count}): {examples}"),
    "scientific": N_("in scientific notation, but all digits are there ({count}): {examples}"),
    "scientific_lost": N_("shortened by the spreadsheet, the last digits are gone ({count}): {examples}"),
    "cut_digits": N_("the last digits became zeros, a spreadsheet keeps only 15 ({count}): {examples}"),
    "point_zero": N_("whole numbers end in .0 ({count}): {examples}"),
    "serial_date": N_("dates are numbers of days, as spreadsheets count them ({count}): {examples}"),
    "turned_date": N_("perhaps turned into a date by the spreadsheet ({count}): {examples}"),
    "hashes": N_("only ####, the column was too narrow when the file was saved ({count})"),
    "error_value": N_("formulas that came to no result ({count}): {examples}"),
    "mojibake": N_("was read in a wrong encoding before ({count}): {examples}"),
    "lost_text": N_("destroyed by a wrong encoding ({count}): {examples}"),
}


def find_damage(column: str, values: Mapping[str, int]) -> list[Damage]:
    """What is wrong in a column; ``values`` are its distinct cells without blanks around them, with how often each occurs."""
    found = [
        _matching(
            column,
            "scientific",
            values,
            lambda text: bool(_SCIENTIFIC.fullmatch(text)) and whole_digits(text),
            "integer",
        ),
        _matching(
            column, "scientific_lost", values, lambda text: bool(_SCIENTIFIC.fullmatch(text)) and not whole_digits(text)
        ),
        _matching(column, "hashes", values, lambda text: bool(_HASHES.fullmatch(text))),
        _matching(column, "error_value", values, lambda text: text[:1] == "#" and bool(_ERROR.fullmatch(text))),
        _point_zero(column, values),
        _serial_dates(column, values),
        _turned_dates(column, values),
        _lost_zeros(column, values),
        _cut_digits(column, values),
        _mojibake(column, values),
        _matching(column, "lost_text", values, lambda text: not text.isascii() and bool(_LOST_TEXT.search(text))),
    ]
    return [each for each in found if each is not None]


def _damage(
    column: str, kind: str, values: Mapping[str, int], hit: Iterable[str], repair: str | None = None
) -> Damage | None:
    hits = sorted(hit, key=lambda text: -values[text])
    if not hits:
        return None
    count = sum(values[text] for text in hits)
    return Damage(column, kind, count, tuple(text[:_LONGEST] for text in hits[:_EXAMPLES]), repair)


def _matching(
    column: str, kind: str, values: Mapping[str, int], test: Callable[[str], bool], repair: str | None = None
) -> Damage | None:
    return _damage(column, kind, values, filter(test, values), repair)


def _point_zero(column: str, values: Mapping[str, int]) -> Damage | None:
    """``.0`` behind most numbers of a column in which nothing has a real fraction."""
    hits = [text for text in values if _POINT_ZERO.fullmatch(text)]
    fractions = sum(1 for text in values if _FRACTION.fullmatch(text))
    if fractions > len(hits) or len(hits) * 2 < len(values) or _AMOUNT_HEADER.search(column):
        return None
    return _damage(column, "point_zero", values, hits, "integer")


def _serial_dates(column: str, values: Mapping[str, int]) -> Damage | None:
    hits = [text for text in values if (match := _SERIAL.fullmatch(text)) and 14_000 <= int(match[1]) <= 65_000]
    dated = sum(1 for text in values if _DATED.fullmatch(text))
    if not (_DATE_HEADER.search(column) or dated * 2 >= len(values)) or len(hits) + dated < 0.8 * len(values):
        return None
    return _damage(column, "serial_date", values, hits, "date:ymd")


def _turned_dates(column: str, values: Mapping[str, int]) -> Damage | None:
    """``1-Mar`` where other values are no dates: it was ``3-1``, a building and a door, or a code."""
    hits = [text for text in values if _TURNED.fullmatch(text)]
    if not hits or _DATE_HEADER.search(column) or len(hits) * 2 > len(values):
        return None
    return _damage(column, "turned_date", values, hits)


def _lost_zeros(column: str, values: Mapping[str, int]) -> Damage | None:
    """Numbers one or two digits shorter than the others, in a column of postal codes or of ids of one length."""
    numbers = [text for text in values if text.isascii() and text.isdigit()]
    if len(numbers) < 3 or len(numbers) < 0.9 * len(values) or any(text[0] == "0" for text in numbers):
        return None
    lengths = Counter(map(len, numbers))
    width = max(lengths, key=lambda length: (lengths[length], length))
    short = [text for text in numbers if width - 2 <= len(text) < width]
    postal = bool(_POSTAL_HEADER.search(column))
    if not short or width > _LONGEST_ID or len(short) + lengths[width] < len(numbers):
        return None
    if postal:
        fits = 4 <= width <= 6
    else:
        # A counter that has passed a power of ten is short in its older numbers, too: its long ones are all close above it.
        counter = max(int(text) for text in numbers if len(text) == width) < 3 * 10 ** (width - 1)
        seldom = len(short) <= 0.2 * len(numbers)
        fits = width >= 5 and seldom and not counter and bool(_ID_HEADER.search(column)) and len(numbers) >= 10
    if not fits or _AMOUNT_HEADER.search(column):
        return None
    return _damage(column, "lost_zeros", values, short, f"zfill:{width}")


def _cut_digits(column: str, values: Mapping[str, int]) -> Damage | None:
    long = [text for text in values if text.isascii() and text.isdigit() and 16 <= len(text) <= 19]
    hits = [text for text in long if not text[15:].strip("0")]
    # Of real numbers of 16 digits every tenth ends in 0.
    expected = 0.3 if any(len(text) == 16 for text in hits) else 0.05
    return _damage(column, "cut_digits", values, hits) if len(hits) > expected * len(long) else None


def _mojibake(column: str, values: Mapping[str, int]) -> Damage | None:
    foreign = [text for text in values if not text.isascii()]
    hits = {text: after for text in foreign if (after := demojibake(text)) != text}
    if not hits or (len(hits) < 3 and len(hits) < 0.2 * len(foreign)):
        return None
    shown = sorted(hits, key=lambda text: -values[text])[:_EXAMPLES]
    examples = tuple(f"{text[:_LONGEST]} → {hits[text][:_LONGEST]}" for text in shown)
    return Damage(column, "mojibake", sum(values[text] for text in hits), examples, "demojibake")
