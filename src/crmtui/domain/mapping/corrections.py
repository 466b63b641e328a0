"""What a person has corrected in a file that is being brought in; the file itself is never touched.

Corrections are a value: an older one is the undo of a newer one. They are applied where the rows are read, so that every step of an
import sees the same cells.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple


class Corrections(NamedTuple):
    """``cells``: (row, column, value) of single cells; ``values``: (column, old, new) for every cell that holds ``old``; ``fixes``:
    (column, code) whose proposed fix is taken wherever there is one; ``left_out``: rows that are not brought in.

    Rows are physical rows of the file, columns are named. What is said of one cell goes before what is said of its value.
    """

    cells: tuple[tuple[int, str, str], ...] = ()
    values: tuple[tuple[str, str, str], ...] = ()
    fixes: tuple[tuple[str, str], ...] = ()
    left_out: tuple[int, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether nothing is corrected."""
        return not any(self)

    @property
    def rules(self) -> "Corrections":
        """Those that mean the same in the next file: rules for values, without rows."""
        return Corrections(values=self.values, fixes=self.fixes)

    def with_cell(self, row: int, column: str, value: str) -> "Corrections":
        """One cell of one row is ``value``."""
        kept = tuple(each for each in self.cells if each[:2] != (row, column))
        return self._replace(cells=(*kept, (row, column, value)))

    def with_value(self, column: str, old: str, new: str) -> "Corrections":
        """Every cell of the column that holds exactly ``old`` is ``new``."""
        kept = tuple(each for each in self.values if each[:2] != (column, old))
        return self._replace(values=(*kept, (column, old, new)))

    def with_fix(self, column: str, code: str) -> "Corrections":
        """Every cell of the column with this issue takes the fix that is proposed for it."""
        return self._replace(fixes=tuple(dict.fromkeys((*self.fixes, (column, code)))))

    def without_rows(self, rows: Iterable[int]) -> "Corrections":
        """These rows are left out."""
        return self._replace(left_out=tuple(dict.fromkeys((*self.left_out, *rows))))

    def with_rules(self, rules: "Corrections") -> "Corrections":
        """These corrections over the rules of a recipe: where both speak of one value, the own one counts."""
        own = {each[:2] for each in self.values}
        values = (*(each for each in rules.values if each[:2] not in own), *self.values)
        return self._replace(values=values, fixes=tuple(dict.fromkeys((*rules.fixes, *self.fixes))))


NOTHING_CORRECTED = Corrections()


class Corrector:
    """Corrections made ready for the columns of one file. ``fix(column, code, cell)`` gives the fix for a cell, "" for none."""

    def __init__(self, corrections: Corrections, columns: Sequence[str], fix: Callable[[int, str, str], str]) -> None:
        place = {column: index for index, column in reversed(list(enumerate(columns)))}
        self.left_out = frozenset(corrections.left_out)
        self._fix = fix
        self._cells: dict[int, list[tuple[int, str]]] = {}
        for row, column, value in corrections.cells:
            if column in place:
                self._cells.setdefault(row, []).append((place[column], value))
        self._values: dict[int, dict[str, str]] = {}
        for column, old, new in corrections.values:
            if column in place:
                self._values.setdefault(place[column], {})[old] = new
        self._fixes: dict[int, list[str]] = {}
        for column, code in corrections.fixes:
            if column in place:
                self._fixes.setdefault(place[column], []).append(code)

    def apply(self, row: int, cells: list[str]) -> list[str]:
        """The cells of a row as corrected; the list itself when nothing is."""
        own = self._cells.get(row)
        fixed = list(cells) if own else cells
        for index, values in self._values.items():
            new = values.get(cells[index])
            if new is not None:
                if fixed is cells:
                    fixed = list(cells)
                fixed[index] = new
        for index, codes in self._fixes.items():
            for code in codes:
                better = self._fix(index, code, fixed[index]) if fixed[index] else ""
                if better:
                    if fixed is cells:
                        fixed = list(cells)
                    fixed[index] = better
        for index, value in own or ():
            fixed[index] = value
        return fixed
