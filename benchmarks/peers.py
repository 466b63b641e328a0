"""The same keys in other programs: Textual's own table and VisiData, beside crmtui in the same run."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from figures import Figure
from pty_driver import Expectation, PtyProgram, percentile
from screen import COLUMNS, PAGE, ROWS, rest, shows_first_rows, shows_rows
from setting import Setting

TABLE = str(Path(__file__).with_name("apps") / "data_table.py")


class _Keys(NamedTuple):
    down: str = "down"
    end: str = "end"
    home: tuple[str, ...] = ("home",)


_VI_KEYS = _Keys("j", "G", ("g", "g"))


class _Program(NamedTuple):
    name: str
    command: Sequence[str]
    first: Expectation
    loaded: Expectation
    patience: float
    keys: _Keys = _Keys()


def measure(setting: Setting) -> tuple[list[Figure], list[str]]:
    """Start, keys and memory of each, as ratios of ours to theirs."""
    small, middle = setting.first_rows(10_000), setting.first_rows(100_000)
    visidata = str(setting.peers / "vd")
    programs = [
        _Program("DataTable, 10,000 rows", [setting.python, TABLE, str(small)], has_rows, has_rows, 60),
        _Program("DataTable, 100,000 rows", [setting.python, TABLE, str(middle)], has_rows, has_rows, 120),
        _Program("VisiData, 100,000 rows", [visidata, str(middle)], has_rows, "100000 rows", 120, _VI_KEYS),
        _Program(
            f"VisiData, {setting.customers:,} rows",
            [visidata, str(setting.csv)],
            has_rows,
            f"{setting.customers} rows",
            300,
            _VI_KEYS,
        ),
    ]
    ours = _measured(setting, _Program("crmtui", setting.app(), shows_first_rows, shows_rows, 60))
    figures = []
    for program in programs:
        theirs = _measured(setting, program)
        for what, unit in _UNITS.items():
            figures.append(Figure(f"{what}", ours[what], unit, None, program.name, theirs[what]))
    return figures, ["crmtui holds all customers of the big file in each line."]


_UNITS = {
    "first rows on the screen": "ms",
    "all rows there": "ms",
    "↓ in the page, p95": "ms",
    "↓ scrolled by one, p95": "ms",
    "↓ scrolled by one, bytes": "B",
    "PgDn, p95": "ms",
    "PgDn, bytes": "B",
    "End, p95": "ms",
    "resident memory": "MB",
}


def has_rows(program: PtyProgram) -> bool:
    """Ten lines or more with words and digits in them: a page of the file."""
    return sum(any(sign.isdigit() for sign in line) and len(line) > 60 for line in program.lines()) >= 10


def _measured(setting: Setting, program: _Program) -> dict[str, float]:
    with PtyProgram(program.command, columns=COLUMNS, rows=ROWS, timeout=program.patience) as running:
        first = running.start(program.first)
    with PtyProgram(program.command, columns=COLUMNS, rows=ROWS, timeout=program.patience) as running:
        loaded = running.start(program.loaded)
        rest(running, 2)
        keys = program.keys
        running.press(keys.down, setting.times(24), label="in page")
        running.press(keys.down, PAGE + 4, label="before")
        running.press(keys.down, setting.times(48), label="scrolled")
        running.press("pagedown", setting.times(24), label="page")
        for _ in range(setting.times(8)):
            running.press(keys.end, label="end")
            for key in keys.home:
                running.press(key, label="home")
        memory = running.memory_mb()
        samples = running.samples
    return {
        "first rows on the screen": first,
        "all rows there": loaded,
        "↓ in the page, p95": percentile([sample.ms for sample in samples["in page"]], 95),
        "↓ scrolled by one, p95": percentile([sample.ms for sample in samples["scrolled"]], 95),
        "↓ scrolled by one, bytes": percentile([sample.bytes for sample in samples["scrolled"]], 50),
        "PgDn, p95": percentile([sample.ms for sample in samples["page"]], 95),
        "PgDn, bytes": percentile([sample.bytes for sample in samples["page"]], 50),
        "End, p95": percentile([sample.ms for sample in samples["end"]], 95),
        "resident memory": memory,
    }
