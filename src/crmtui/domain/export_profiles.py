"""What other programs take back: for each one file in ``data/export_profiles`` with its columns, limits and demands.

``columns`` are headers in order, each with a target (``domain.mapping.targets``; ``id`` too). Of ``a or b`` the first with a value is
written, of ``a + b`` all, joined by commas; behind `` | `` stand ``join:SIGN`` for lists and ``date:FORMAT`` (strftime) for days.
``rows`` and ``bytes`` are what one file may hold. ``required`` columns must be filled, of ``any_of`` at least one; ``unique`` ones may
not repeat; ``longest`` are characters. ``yes`` is written for a true value. ``custom``: further columns may follow. ``why`` tells a
person where the limits come from.
"""

import tomllib
from typing import NamedTuple

from crmtui.domain.data import list_tables, read_text

FOLDER = "export_profiles"


class OutColumn(NamedTuple):
    """A column of a profile: its header, the targets of which the first (``joined``: every one) with a value is written, what joins
    lists, and how a day is written (strftime; empty: as it is)."""

    header: str
    targets: tuple[str, ...]
    joined: bool = False
    separator: str = ";"
    date: str = ""


class ExportProfile(NamedTuple):
    """What a program takes back. ``rows`` and ``bytes`` 0: no limit."""

    name: str
    label: str
    why: str
    columns: tuple[OutColumn, ...]
    rows: int = 0
    bytes: int = 0
    required: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()
    unique: tuple[str, ...] = ()
    longest: dict[str, int] = {}  # noqa: RUF012 - never changed
    yes: str = "true"
    custom: bool = False


def profile_names() -> list[str]:
    """The names of the programs for which there is a profile, sorted."""
    return [name.removesuffix(".toml") for name in list_tables(FOLDER) if name.endswith(".toml")]


def load_profile(name: str) -> ExportProfile:
    """The profile of a program. KeyError when there is none of this name."""
    if name not in profile_names():
        raise KeyError(name)
    found = tomllib.loads(read_text(f"{FOLDER}/{name}.toml"))
    return ExportProfile(
        name,
        found["label"],
        found["why"],
        tuple(_column(header, text) for header, text in found["columns"].items()),
        found.get("rows", 0),
        found.get("bytes", 0),
        tuple(found.get("required", ())),
        tuple(found.get("any_of", ())),
        tuple(found.get("unique", ())),
        found.get("longest", {}),
        found.get("yes", "true"),
        found.get("custom", False),
    )


def _column(header: str, text: str) -> OutColumn:
    target, _bar, step = text.partition(" | ")
    sign, _colon, value = step.partition(":")
    joined = " + " in target
    targets = tuple(target.split(" + " if joined else " or "))
    return OutColumn(header, targets, joined, value if sign == "join" else ";", value if sign == "date" else "")
