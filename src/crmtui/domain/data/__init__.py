"""Language tables shipped with the package; `scripts/make_language_tables.py` writes them."""

from __future__ import annotations


def read_table(name: str) -> list[str]:
    """Return the lines of the table `name` (without its `#` comment lines)."""
    from pathlib import Path

    text = Path(__file__).with_name(name).read_text(encoding="utf-8")
    return [line for line in text.split("\n") if line and line[0] != "#"]
