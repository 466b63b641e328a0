"""Language tables shipped with the package; `scripts/make_language_tables.py` writes them."""

from __future__ import annotations

import os


def read_table(name: str) -> list[str]:
    """Return the lines of the table `name` (without its `#` comment lines)."""
    # No pathlib: importing it would cost each look-up of a Chinese name 10 ms.
    with open(os.path.join(os.path.dirname(__file__), name), encoding="utf-8") as stream:
        text = stream.read()
    return [line for line in text.split("\n") if line and line[0] != "#"]
