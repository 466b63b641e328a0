"""Which program wrote a table, told by the names of its columns, and where it keeps what.

What is known of each program is data: one file in ``domain/data/vendors`` each, with its exports. Of these files only the
names of columns are read to recognise one, with a regular expression; the one that fits is then read in full.

An export in such a file has a ``name``, what it ``holds``, the ``formats`` it comes in if those are not tables of any kind,
names of columns that no other program uses (``telling``) or that few do (``hinting``), several of which joined by `` + `` count
only together; ``columns`` with the target of each and, behind `` | ``, its steps; and the columns ``kept`` under their own name.
``{n}`` stands for a number in a name and ``{name}`` for any text, in the target as well.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple
from unicodedata import normalize

from crmtui.domain.data import list_tables, read_text
from crmtui.domain.mapping.steps import Step, parse_steps
from crmtui.domain.mapping.targets import CUSTOM

Way = tuple[str, tuple[Step, ...]]
"""A target with what is done to the cells before."""

FOLDER = "vendors"
_SURE_ENOUGH = 0.5
_LEAST_KNOWN = 0.25
_DOUBT = 0.35
"""What is left of the doubt after each telling name; a hinting one takes half as much away."""
_HINT = 0.5
_STRANGERS = 0.45
"""How much of the confidence columns can take away that the export does not have."""
_OWN_NOTE = frozenset(("interactions", "transactions", "deals", "tasks"))
_ENTITIES = {"interactions": "interaction", "transactions": "transaction", "deals": "deal", "tasks": "task"}

_STRING = r'"((?:[^"\\]|\\.)*)"'
_PART = re.compile(r"^\[\[export\]\]$", re.MULTILINE)
_ARRAY = re.compile(r"^(telling|hinting|kept|formats) = \[(.*?)\]$", re.MULTILINE | re.DOTALL)
_COLUMN = re.compile(f"^{_STRING} = ", re.MULTILINE)
_TEXT = re.compile(_STRING)
_VARIABLE = re.compile(r"\\\{(n|name)\\\}")
_NUMBER = re.compile(r"\d{1,3}", re.ASCII)
_REMARK = re.compile(r"\s*(?:\*|\((?:必填|选填|必須|可选|required|optional)\))$")
_ZONE = re.compile(
    r"\s*\((?:[ecmp][ds]t|gmt|utc|bst|cet|cest|eet|eest|ist|jst|hkt|sgt|hst|akst|akdt|a[ecw]st|aedt|acdt|nzst|nzdt)(?:[+-]\d{1,2})?\)$"
)
_AGAIN = re.compile(r"\s\(\d{1,3}\)$")


class VendorMatch(NamedTuple):
    """A program recognised: its short name, its name for people, which of its exports, what that holds (``customers``,
    ``companies``, ``deals``, ``interactions``, ``transactions``, ``tasks``), how sure (0 to 1), for each column that is known
    where it goes (of two that go to one field the better comes first), values for every row by target, and remarks for a person."""

    vendor: str
    label: str
    export: str
    holds: tuple[str, ...]
    confidence: float
    columns: dict[str, tuple[Way, ...]]
    constants: dict[str, str]
    notes: tuple[str, ...]

    def ways_of(self, column: str) -> tuple[Way, ...]:
        """Where a column goes: first its target, then further ones. Empty for a column that the export does not have."""
        return self.columns.get(column, ())

    def keep(self, column: str) -> str:
        """The target that keeps a column for which there is no field: with the activity the row tells, else with the customer."""
        entity = _ENTITIES.get(self.holds[0])
        return f"{entity}:more.{column}" if entity else CUSTOM + column


class _Export(NamedTuple):
    """What an export is recognised by; names are folded, alternatives are sets of names that must all be there."""

    vendor: str
    number: int
    formats: frozenset[str]
    names: frozenset[str]
    patterns: tuple[re.Pattern[str], ...]
    telling: tuple[tuple[str | re.Pattern[str], ...], ...]
    hinting: tuple[tuple[str | re.Pattern[str], ...], ...]


def recognise(columns: Sequence[str], format: str) -> VendorMatch | None:
    """The program that wrote a table with these columns (unique names, ``#N`` for one without), or None.

    ``format`` is the registry id of the file. Order does not matter, columns may be missing or added; a table with only such names
    as everybody uses is nobody's.
    """
    forms = [_forms(column) for column in columns if not _nameless(column)]
    there = {form for each in forms for form in each}
    best: tuple[float, float, _Export] | None = None
    for export in _exports():
        if export.formats and format not in export.formats:
            continue
        telling = sum(_is_there(each, there) for each in export.telling)
        told = telling + _HINT * sum(_is_there(each, there) for each in export.hinting)
        if not told:
            continue
        known = sum(_knows(export, each) for each in forms)
        share = known / len(forms)
        confidence = (1 - _DOUBT**told) * (1 - _STRANGERS * (1 - share))
        if share >= _LEAST_KNOWN and confidence >= _SURE_ENOUGH:
            rank = told + known / 2 - (_HINT if export.telling and not telling else 0)
            if best is None or rank > best[0]:
                best = rank, confidence, export
    return None if best is None else _match(best[2], columns, round(min(best[1], 0.99), 2))


def read_vendor(name: str) -> dict[str, Any]:
    """The file of a vendor in full."""
    import tomllib

    return tomllib.loads(read_text(f"{FOLDER}/{name}.toml"))


def vendor_names() -> list[str]:
    """The vendors there are, by their short names."""
    return [name.removesuffix(".toml") for name in list_tables(FOLDER) if name.endswith(".toml")]


def _match(found: _Export, columns: Sequence[str], confidence: float) -> VendorMatch:
    document = read_vendor(found.vendor)
    export = document["export"][found.number]
    holds = tuple(export["holds"])
    match = VendorMatch(
        found.vendor,
        document["label"],
        export["name"],
        holds,
        confidence,
        {},
        dict(export.get("constants", {})),
        tuple(export.get("notes", ())),
    )
    names: dict[str, int] = {}
    patterns: list[tuple[re.Pattern[str], int]] = []
    written = list(export["columns"].values())
    for place, name in enumerate(export["columns"]):
        if "{name}" in name:
            patterns.append((_pattern(fold_name(name)), place))
        else:
            for form in _names(name):
                names.setdefault(form, place)
    kept = {form for name in export.get("kept", ()) for form in _names(name)}
    found_at: list[tuple[int, str, tuple[Way, ...]]] = []
    for column in columns:
        if _nameless(column):
            continue
        forms = _forms(column)
        known = next((form for form in forms if form in names), None)
        if known is not None:
            at = names[known]
            found_at.append((at, column, _ways(written[at], _variables(forms[0], known))))
            continue
        hits = ((place, hit) for pattern, place in patterns if (hit := _hit(pattern, column)) is not None)
        if (first := next(hits, None)) is not None:
            found_at.append((first[0], column, _ways(written[first[0]], first[1].groupdict())))
        elif not kept.isdisjoint(forms):
            found_at.append((len(written), column, ((match.keep(column), ()),)))
    match.columns.update((column, ways) for _place, column, ways in sorted(found_at, key=lambda each: each[0]))
    return match


def _variables(form: str, known: str) -> dict[str, str]:
    """What ``{n}`` stands for where the name ``known`` has it."""
    return next(({"n": number} for general, number in _general(form) if general == known), {})


def _general(form: str) -> list[tuple[str, str]]:
    """A folded name with ``{n}`` in the place of one of its numbers, and that number; for each of them."""
    return [(f"{form[: found.start()]}{{n}}{form[found.end() :]}", found[0]) for found in _NUMBER.finditer(form)]


def _hit(pattern: re.Pattern[str], column: str) -> re.Match[str] | None:
    """How ``column`` fits; what stands for ``{name}`` is as it was written if that fits, too."""
    plain = " ".join(column.split())
    return pattern.fullmatch(plain) or pattern.fullmatch(fold_name(column))


def _ways(written: str | list[str], variables: Mapping[str, str]) -> tuple[Way, ...]:
    """Targets and steps as a file has them, with ``{n}`` and ``{name}`` filled in; a dot in a name is escaped in nested files."""
    ways = []
    for text in [written] if isinstance(written, str) else written:
        target, *steps = text.split(" | ")
        if "{" in target:
            target = target.replace("{n}", variables.get("n", "1").lstrip("0") or "1")
            target = target.replace("{name}", variables.get("name", "").replace("\\.", "."))
        ways.append((target, parse_steps(steps)))
    return tuple(ways)


def fold_name(name: str) -> str:
    """``name`` of a column as names are compared: without regard to width, case and blanks."""
    text = name if name.isascii() else normalize("NFKC", name)
    return " ".join(text.casefold().split())


def _forms(name: str) -> tuple[str, ...]:
    """A column's name folded, then without what programs and people add: a star, （必填）, a time zone, the number of a repeated one; at
    last with ``{n}`` in the place of a number."""
    text = fold_name(name)
    forms = [text]
    if text[-1:] in ")*":
        for remark in (_AGAIN, _REMARK, _ZONE):
            shorter = remark.sub("", text)
            if shorter and shorter != text:
                text = shorter
                forms.append(text)
    return (*forms, *(general for form in forms for general, _number in _general(form)))


def _names(name: str) -> tuple[str, ...]:
    """The forms of a name in the data: as it stands, and without a remark that it is a required one."""
    text = fold_name(name)
    shorter = _REMARK.sub("", text)
    return (text, shorter) if shorter != text else (text,)


def _nameless(column: str) -> bool:
    return column[:1] == "#" and column[1:].isdecimal()


def _knows(export: _Export, forms: Sequence[str]) -> bool:
    return any(form in export.names for form in forms) or any(
        pattern.fullmatch(form) for pattern in export.patterns for form in forms
    )


def _is_there(parts: Sequence[str | re.Pattern[str]], there: set[str]) -> bool:
    return all(part in there if isinstance(part, str) else any(map(part.fullmatch, there)) for part in parts)


@lru_cache(maxsize=1)
def _exports() -> tuple[_Export, ...]:
    """Every export of every vendor, by the names in the files; a tenth of the time that reading the files in full takes."""
    return tuple(export for vendor in vendor_names() for export in _read_names(vendor))


def _read_names(vendor: str) -> list[_Export]:
    exports = []
    for number, part in enumerate(_PART.split(read_text(f"{FOLDER}/{vendor}.toml"))[1:]):
        arrays = {found[1]: [_plain(text) for text in _TEXT.findall(found[2])] for found in _ARRAY.finditer(part)}
        names = {fold_name(_plain(name)) for name in (*_COLUMN.findall(part), *arrays.get("kept", ()))}
        exports.append(
            _Export(
                vendor,
                number,
                frozenset(arrays.get("formats", ())),
                frozenset(form for name in names if "{name}" not in name for form in _names(name)),
                tuple(_pattern(name) for name in names if "{name}" in name),
                tuple(_alternative(text) for text in arrays.get("telling", ())),
                tuple(_alternative(text) for text in arrays.get("hinting", ())),
            )
        )
    return exports


def _plain(text: str) -> str:
    return text.replace('\\"', '"').replace("\\\\", "\\") if "\\" in text else text


def _alternative(text: str) -> tuple[str | re.Pattern[str], ...]:
    parts = [fold_name(part) for part in text.split(" + ")]
    return tuple(_pattern(part) if "{name}" in part else _names(part)[-1] for part in parts)


def _pattern(name: str) -> re.Pattern[str]:
    """The pattern of a name with ``{n}`` or ``{name}`` in it."""
    return re.compile(
        _VARIABLE.sub(lambda found: r"(?P<n>\d{1,3})" if found[1] == "n" else r"(?P<name>.+)", re.escape(name)),
        re.IGNORECASE,
    )
