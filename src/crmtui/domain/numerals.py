"""Chinese numerals: 十二, 壹万贰仟叁佰, 二〇二四."""

from __future__ import annotations

_ROWS = "零〇○ 一壹弌 二贰弍两貳兩 三叁参參 四肆 五伍 六陆陸 七柒 八捌 九玖"
NUMERALS = {numeral: value for value, row in enumerate(_ROWS.split()) for numeral in row}
UNITS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
LARGE_UNITS = {"万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8}


def parse_numeral(text: str) -> int | None:
    """Return the value of a Chinese numeral (十二, 壹万贰仟叁佰, 二〇二四, 两百五), or None."""
    if not text:
        return None
    if all(character in NUMERALS for character in text):
        return int("".join(str(NUMERALS[character]) for character in text)) if len(text) <= 18 else None
    total = section = number = 0
    last_unit = 10
    for character in text:
        if character in NUMERALS:
            if number:
                return None
            number = NUMERALS[character]
            if number == 0:
                last_unit = 10
        elif character in UNITS:
            last_unit = UNITS[character]
            section += (number or 1) * last_unit
            number = 0
        elif character in LARGE_UNITS:
            large = LARGE_UNITS[character]
            section += number
            total = (total + section) * large if large > 10**4 else total + (section or 1) * large
            section = number = 0
            last_unit = large
        else:
            return None
    # 两百五 is 250, 一万二 is 12000: a last digit counts tenths of the unit before it.
    return total + section + number * (last_unit // 10)
