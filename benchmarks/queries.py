"""What people type into the search line, by class, taken from the customers of the file so that something is found."""

import re
from pathlib import Path
from random import Random

from crmtui.storage.database import Database

_IDEOGRAPHS = re.compile("[一-鿿]+")
_DIGITS = re.compile(r"\D+")


def sample_queries(database: Path, count: int, seed: int = 1) -> dict[str, list[str]]:
    """``count`` queries of each class: the beginnings of names in letters, 汉字 out of names, ends of phones, two words."""
    random = Random(seed)
    with Database.open(str(database), readonly=True) as opened:
        reader = opened.reader()
        last = reader.execute("SELECT max(id) FROM customers").fetchone()[0]
        ids = [random.randint(1, last) for _ in range(count * 40)]
        rows = [
            row
            for start in range(0, len(ids), 500)
            for row in reader.execute(
                "SELECT name, sort_name, phone, given_name, family_name FROM customers"
                f" WHERE archived_at IS NULL AND id IN ({','.join(map(str, ids[start : start + 500]))})"
            )
        ]
    random.shuffle(rows)
    found: dict[str, list[str]] = {}
    for length in range(1, 6):
        words = [re.match("[a-z]*", row[1] or "") for row in rows]
        taken = [word.group()[:length] for word in words if word and len(word.group()) >= length]
        found[_plural(length, "letter", "letters")] = taken[:count]
    for length in range(1, 4):
        runs = [
            (match.group(), random.random())
            for row in rows
            if (match := _IDEOGRAPHS.search(row[0])) and len(match.group()) >= length
        ]
        taken = [run[(at := int(share * (len(run) - length + 1))) : at + length] for run, share in runs]
        found[f"{length} 汉字"] = taken[:count]
    numbers = [_DIGITS.sub("", row[2]) for row in rows if row[2]]
    numbers = [number for number in numbers if len(number) >= 9]
    found["phone, first 3–7"] = [_national(number)[: random.randint(3, 7)] for number in numbers][:count]
    found["phone, last 4"] = [number[-4:] for number in numbers][:count]
    western = [f"{row[3]} {row[4]}".lower() for row in rows if row[3] and row[4] and (row[3] + row[4]).isascii()]
    found["two words"] = western[:count]
    return {name: queries for name, queries in found.items() if queries}


def _plural(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"


def _national(number: str) -> str:
    return number[2:] if number.startswith("86") and len(number) == 13 else number
