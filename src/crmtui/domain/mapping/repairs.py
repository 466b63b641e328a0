"""Undoing what spreadsheets and wrong encodings do to a cell; each repair leaves a cell that it does not fit as it is."""

import re
from decimal import Decimal

_POINT_ZERO = re.compile(r"([+-]?\d+)\.0+", re.ASCII)
_SCIENTIFIC = re.compile(r"([+-]?)(\d)(?:[.,](\d+))?[eE]\+?(\d{1,3})", re.ASCII)
_HIGH_RUN = re.compile(r"[^\x00-\x7f]{4,}")
_CJK = re.compile(r"[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]")
_LATIN = re.compile(r"[\x00-\u024f\u2010-\u2122]*")
_CYRILLIC = re.compile(r"[\x00-\x7f\u0400-\u04ff«»№—–]*")
_ALONE = re.compile(r"(?<![A-Za-z])[^\x00-\x7f]+(?![A-Za-z])")
_MARKS = re.compile("[ÂÃÄÅÆÇÈÉÐÑâãäåæçèé][\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]")
_MOST_DIGITS = 40


def integer(cell: str) -> str:
    """``13800138000.0`` and ``1.3800138000E+10`` as the whole number they stand for, if every digit of it is there."""
    text = cell.strip()
    if match := _POINT_ZERO.fullmatch(text):
        return match[1]
    if whole_digits(text):
        return str(int(Decimal(text.replace(",", "."))))
    return cell


def whole_digits(text: str) -> bool:
    """Whether a number in scientific notation still has all its digits (``1.38E+10`` has not)."""
    match = _SCIENTIFIC.fullmatch(text)
    return match is not None and int(match[4]) <= min(_MOST_DIGITS, len(match[3] or ""))


def zero_filled(cell: str, width: int) -> str:
    """A number with the leading zeros that a spreadsheet took away, ``width`` digits in all."""
    text = cell.strip()
    return text.zfill(width) if text.isascii() and text.isdigit() else cell


def demojibake(cell: str) -> str:
    """Text that was read in a wrong encoding, read in the right one: ``JosÃ©``, ``寮犱紵``, ``ÕÅÎ°``."""
    if cell.isascii():
        return cell
    for _times in range(2):  # some files went through it twice
        found = _once(cell)
        if found is None:
            break
        cell = found
    return cell


def _once(cell: str) -> str | None:
    found = _as_western(cell) if _MARKS.search(cell) else None
    if found is None and _CJK.search(cell):
        found = _as_chinese(cell)
    if found is None and _HIGH_RUN.search(cell):
        found = _chinese_as_western(cell)
    return found


def _as_western(cell: str) -> str | None:
    """UTF-8 that was read as Windows-1252 or Latin-1."""
    try:
        text = _western_bytes(cell).decode()
    except (UnicodeEncodeError, UnicodeDecodeError):
        return None
    return text if len(text) < len(cell) else None


def _as_chinese(cell: str) -> str | None:
    """UTF-8 that was read as GBK; Chinese text whose bytes happen to be UTF-8 gives no Hanzi and stays."""
    try:
        text = cell.encode("gb18030").decode()
    except (UnicodeEncodeError, UnicodeDecodeError):
        return None
    foreign = [each for each in text if not each.isascii()]
    if len(foreign) > 1 and all(map(_CJK.match, foreign)):
        return text
    # An accented letter became one Hanzi in the middle of a word: Müller, M眉ller.
    western = _LATIN.fullmatch(text) and not any(_ALONE.search(each) for each in cell.split())
    return text if western else None


def _chinese_as_western(cell: str) -> str | None:
    """GBK, or Cyrillic in its Windows encoding, that was read as Windows-1252."""
    if _CYRILLIC.fullmatch(cell):
        return None
    try:
        raw = _western_bytes(cell)
        text = raw.decode("gb18030")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return None
    foreign = [each for each in text if not each.isascii()]
    # Hanzi of GB 2312 and its punctuation, half of them common ones: nothing else comes of real text.
    leads = [code[0] for each in foreign if len(code := each.encode("gb18030")) == 2 and code[1] >= 0xA1]
    hanzi = sum(0xB0 <= lead <= 0xF7 for lead in leads)
    signs = sum(lead in (0xA1, 0xA3) for lead in leads)
    common = sum(0xB0 <= lead <= 0xD7 for lead in leads)
    plausible = hanzi + signs == len(foreign) and common * 2 >= hanzi > 0
    return text if len(foreign) > 1 and plausible else None


def _western_bytes(cell: str) -> bytes:
    """The bytes of text read as Windows-1252, or as Latin-1 where that has no character."""
    return b"".join(each.encode("latin-1") if "\x80" <= each <= "\x9f" else each.encode("cp1252") for each in cell)
