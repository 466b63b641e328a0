"""Write src/crmtui/domain/data/{traditional,pinyin}.txt from OpenCC and pypinyin (development dependencies).

Run it after an update of either package: `python scripts/make_language_tables.py`. The tables are committed, so that
neither package is needed at run time: pypinyin costs 240 ms and 55 MiB to load, these tables some milliseconds.
"""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from pathlib import Path

import opencc
from pypinyin.constants import PHRASES_DICT, PINYIN_DICT

DATA = Path(__file__).resolve().parent.parent / "src" / "crmtui" / "domain" / "data"
FIRST, LAST = 0x3400, 0x9FFF
MAX_READINGS = 5
# Variants that people have in their names and that OpenCC leaves alone.
EXTRA_VARIANTS = {"髙": "高", "﨑": "崎", "𠮷": "吉", "栁": "柳", "濵": "滨", "邨": "村"}


def has_gb2312(character: str) -> bool:
    """Say whether the character belongs to the everyday simplified set."""
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def traditional_table() -> dict[str, str]:
    """Map each traditional, Japanese or variant character to its simplified form."""
    simplify = opencc.OpenCC("t2s").convert
    from_japanese = opencc.OpenCC("jp2t").convert
    table: dict[str, str] = {}
    for code in range(FIRST, LAST + 1):
        character = chr(code)
        simple = simplify(character)
        if simple == character and not has_gb2312(character):
            # 沢 → 澤 → 泽; never for 芸 or 弁, which are other words in Chinese.
            simple = simplify(from_japanese(character))
        if simple != character and len(simple) == 1:
            table[character] = simple
    table.update(EXTRA_VARIANTS)
    # A target must be final, or folding twice would give another key.
    return {source: table.get(target, target) for source, target in table.items() if table.get(target) != source}


def toneless(reading: str) -> str:
    """Return one pinyin reading in plain ASCII, ü as v; empty when it is no syllable."""
    plain = reading.replace("ü", "v").replace("ǖ", "v").replace("ǘ", "v").replace("ǚ", "v").replace("ǜ", "v")
    plain = "".join(c for c in unicodedata.normalize("NFD", plain) if not unicodedata.combining(c))
    return plain if plain.isascii() and any(c in "aeiouv" for c in plain) else ""


def pinyin_table() -> dict[str, list[str]]:
    """Map each Chinese character to its toneless readings, the primary first."""
    used: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for phrase, readings in PHRASES_DICT.items():
        if len(phrase) == len(readings):
            for character, reading in zip(phrase, readings, strict=True):
                used[character][toneless(reading[0])] += 1
    table: dict[str, list[str]] = {}
    for code, readings in sorted(PINYIN_DICT.items()):
        if not (FIRST <= code <= LAST or code == 0x3007):
            continue
        plain = list(dict.fromkeys(filter(None, map(toneless, readings.split(",")))))
        if not plain:
            continue
        seen = used.get(chr(code))
        if seen:
            # Rare readings (王 yu, 大 duo) would only blow up the index: keep those that words really use.
            plain = plain[:1] + sorted((r for r in plain[1:] if seen[r]), key=lambda r: -seen[r])
        table[chr(code)] = plain[:MAX_READINGS]
    return table


def main() -> None:
    """Write both tables."""
    DATA.mkdir(exist_ok=True)
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for source, target in traditional_table().items():
        groups[target].append(source)
    lines = [target + "".join(sorted(sources)) for target, sources in sorted(groups.items())]
    header = "# Simplified character, then the characters that fold to it. From OpenCC (Apache-2.0). Generated.\n"
    (DATA / "traditional.txt").write_text(header + "\n".join(lines) + "\n", encoding="utf-8")

    primary: defaultdict[str, list[str]] = defaultdict(list)
    further: defaultdict[str, list[str]] = defaultdict(list)
    for character, readings in pinyin_table().items():
        primary[readings[0]].append(character)
        for reading in readings[1:]:
            further[reading].append(character)
    header = "# Syllable, characters read so first, characters read so too. From pypinyin (MIT). Generated.\n"
    lines = [
        f"{syllable} {''.join(primary[syllable])} {''.join(further[syllable])}".rstrip()
        for syllable in sorted({*primary, *further})
    ]
    (DATA / "pinyin.txt").write_text(header + "\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
