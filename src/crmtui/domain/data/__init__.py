"""Language tables shipped with the package; `scripts/make_language_tables.py` writes them."""

import os


def read_table(name: str) -> list[str]:
    """Return the lines of the table `name` (without its `#` comment lines)."""
    return [line for line in read_text(name).split("\n") if line and line[0] != "#"]


def read_text(name: str) -> str:
    """Return the table `name` as it is."""
    # No pathlib: importing it would cost each look-up of a Chinese name 10 ms.
    with open(os.path.join(os.path.dirname(__file__), name), "rb") as stream:
        return stream.read().decode()


def list_tables(folder: str) -> list[str]:
    """Return the names of the tables in a folder, sorted."""
    return sorted(os.listdir(os.path.join(os.path.dirname(__file__), folder)))
