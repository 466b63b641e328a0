"""The app in a terminal: start, keys, opening a customer, leaving, memory, rest; and over a poor line."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from figures import Figure
from peers import TABLE, has_rows
from pty_driver import Expectation, Link, PtyProgram, percentile
from screen import (
    COLUMNS,
    PAGE,
    ROWS,
    card_part,
    changes,
    escape,
    leave_search,
    move,
    rest,
    shows_first_rows,
    shows_rows,
)
from setting import Setting

BARE = str(Path(__file__).with_name("apps") / "bare.py")
BARE_TEXT = "a bare Textual app"
LINE = Link(bits_per_second=56_000, round_trip_ms=200)


def measure(setting: Setting) -> tuple[list[Figure], list[str]]:
    """Every figure of the terminal."""
    figures = [*_starts(setting), *_keys(setting), *_leaving(setting)]
    notes = [
        "The first frame counts with the rows of the first page in it; the bare app shows one line of text and was started in"
        " turns with crmtui. Keys count until the list has changed; “rested on” counts the card beside the list, which is drawn when the cursor has rested 80 ms."
    ]
    return figures, notes


def _starts(setting: Setting) -> list[Figure]:
    bare, ours = [], []
    for _ in range(setting.times(16)):
        with PtyProgram([setting.python, BARE], columns=COLUMNS, rows=ROWS) as program:
            bare.append(program.start(BARE_TEXT))
            bare_memory = program.memory_mb()
        with PtyProgram(setting.app(), columns=COLUMNS, rows=ROWS) as program:
            ours.append(program.start(shows_first_rows))
    with PtyProgram(setting.app(), columns=COLUMNS, rows=ROWS) as program:
        program.start(shows_rows)
        rest(program, 2)
        memory = program.memory_mb()
        idle = program.idle(10 if not setting.quick else 4)
    return [
        Figure("first frame with data, p50", percentile(ours, 50), "ms", 450, "bare app", percentile(bare, 50), 1.6),
        Figure("first frame with data, p95", percentile(ours, 95), "ms", peer="bare app", theirs=percentile(bare, 95)),
        Figure("resident memory after start", memory, "MB", 120, "bare app", bare_memory),
        Figure("at rest: bytes a second", idle.bytes_per_second, "B/s", 0),
        Figure("at rest: processor", idle.cpu_percent, "%", 0.3),
    ]


def _keys(setting: Setting) -> list[Figure]:
    times = setting.times
    with PtyProgram(setting.app(), columns=COLUMNS, rows=ROWS) as program:
        program.start(shows_rows)
        rest(program, 2)
        move(program, "down", "↓ in the page", times(32))
        move(program, "end", "before")
        move(program, "home", "before")
        move(program, "down", "before", PAGE + 2)
        move(program, "down", "↓ scrolled by one", times(120))
        move(program, "pagedown", "PgDn", times(60))
        for _ in range(times(20)):
            move(program, "end", "End")
            move(program, "home", "Home")
        rest(program)
        for share in range(3, 99, max(1, 96 // times(24))):
            program.press("%", label="asked")
            program.type_text(str(share), label="asked")
            move(program, "enter", "jump to a share")
            rest(program, 0.2)
        for _ in range(times(12)):
            rest(program, 0.4)
            program.press("down", expect=changes(card_part, program), label="↓ rested on, with its card")
        for _ in range(times(20)):
            rest(program, 0.4)
            program.press("enter", expect="Timeline", label="open a customer")
            rest(program, 0.4)
            program.press("q", expect=shows_rows, label="back to the list")
            rest(program, 0.4)
            move(program, "down", "before")
        memory = program.memory_mb()
        program.quit("q")
    bars = {
        "↓ in the page": (16, 600),
        "↓ scrolled by one": (16, 1000),
        "PgDn": (30, 8000),
        "End": (30, None),
        "Home": (30, None),
        "jump to a share": (30, None),
        "↓ rested on, with its card": (None, None),
        "open a customer": (40, None),
        "back to the list": (None, None),
    }
    figures = []
    for label, (milliseconds, size) in bars.items():
        taken = [sample.ms for sample in program.samples[label]]
        sizes = [sample.bytes for sample in program.samples[label]]
        detail = f"p50 {percentile(taken, 50):.1f} ms"
        figures.append(Figure(f"{label}, p95", percentile(taken, 95), "ms", milliseconds, detail=detail))
        figures.append(
            Figure(f"{label}: bytes, p50", percentile(sizes, 50), "B", size, detail=f"p95 {percentile(sizes, 95):,.0f}")
        )
    figures.append(Figure("resident memory after these keys", memory, "MB", 120))
    return figures


def _leaving(setting: Setting) -> list[Figure]:
    ends: dict[str, list[float]] = {}
    for _ in range(setting.times(8)):
        for situation in ("at rest", "as soon as it shows rows", "while it searches", "from a customer"):
            with PtyProgram(setting.app(), columns=COLUMNS, rows=ROWS) as program:
                program.wait_for(shows_first_rows if situation.startswith("as soon") else shows_rows)
                key = "ctrl+q"
                if situation == "while it searches":
                    program._send(b"/m")
                elif situation != "as soon as it shows rows":
                    rest(program, 1)
                if situation == "from a customer":
                    program.press("enter", expect="Timeline")
                    rest(program)
                ends.setdefault(situation, []).append(program.quit(key))
    bare = []
    for _ in range(setting.times(8)):
        with PtyProgram([setting.python, BARE], columns=COLUMNS, rows=ROWS) as program:
            program.start(BARE_TEXT)
            rest(program, 1)
            bare.append(program.quit("q"))
    return [
        Figure(
            f"quit {situation}, slowest",
            max(taken),
            "ms",
            300,
            "bare app",
            max(bare),
            detail=f"p50 {percentile(taken, 50):.0f} ms",
        )
        for situation, taken in ends.items()
    ]


def measure_link(setting: Setting) -> tuple[list[Figure], list[str]]:
    """Over a line of 56 kbit/s and 200 ms: single keys, and one held down for two seconds; beside three peers."""
    ours = _link_of_crmtui(setting)
    small = setting.first_rows(10_000)
    peers = {
        "VisiData": _link_of(setting, [setting.peers / "vd", setting.first_rows(100_000)], "100000 rows", "j"),
        "DataTable": _link_of(setting, [setting.python, TABLE, small], has_rows, "down"),
        "harlequin": _link_of_harlequin(setting),
    }
    figures = []
    for label, what in _LINK_KEYS.items():
        alone = True
        for name, peer in peers.items():
            if label in peer:
                most = 1.0 if (label, name) == ("held", "VisiData") else None
                theirs, detail = peer[label], f"{name} {peer[label].bytes:,.0f} B"
                figures.append(_link_figure(what, ours[label], name, theirs.ms, most, detail))
                alone = False
        if alone:
            figures.append(_link_figure(what, ours[label]))
    return figures, [
        "Each time is that of the last byte of the answer, whatever follows; the card beside the list follows when the cursor rests."
        " VisiData shows 100,000 rows of the CSV, DataTable the first 10,000 of them (it takes 14 s for more), harlequin the same"
        " customer file by “select … limit 10000”. The line is made by the driver, with a buffer of 64 KB before it. “Bytes” are those of one key."
    ]


_LINK_KEYS = {
    "start": "first frame with rows",
    "↓": "↓",
    "scrolled": "↓ that scrolls",
    "held": "↓ held for 2 s at 30 a second: settled after",
    "PgDn": "PgDn",
    "focus": "/ opens the search",
    "search": "key of a search, its page complete",
    "open": "open a customer",
    "back": "back to the list",
    "palette": "palette",
    "form": "form",
}


class _Cost(NamedTuple):
    """Medians of one kind of key."""

    ms: float
    bytes: float


def _link_figure(
    what: str, ours: _Cost, peer: str = "", theirs: float | None = None, most: float | None = None, detail: str = ""
) -> Figure:
    sizes = f"{ours.bytes:,.0f} B" + (f", {detail}" if detail else "")
    return Figure(what, ours.ms, "ms", None, peer, theirs, most, detail=sizes)


def _costs(program: PtyProgram, start: float) -> dict[str, _Cost]:
    costs = {
        label: _Cost(
            percentile([sample.ms for sample in samples], 50), percentile([sample.bytes for sample in samples], 50)
        )
        for label, samples in program.samples.items()
    }
    return costs | {"start": _Cost(start, 0)}


def _link_of_crmtui(setting: Setting) -> dict[str, _Cost]:
    with PtyProgram(
        setting.app(), columns=COLUMNS, rows=ROWS, link=LINE, environment={"SSH_CONNECTION": "line"}
    ) as program:
        start = program.start(shows_rows, timeout=60)
        rest(program, 3)
        for _ in range(setting.times(12)):
            move(program, "down", "↓")
            rest(program, 1)
        move(program, "down", "before", PAGE - setting.times(12) + 2)
        for _ in range(setting.times(12)):
            rest(program, 1)
            move(program, "down", "scrolled")
        for _ in range(3):
            rest(program, 3)
            program.hold("down", 60, 30, label="held")
        for _ in range(setting.times(8)):
            rest(program, 3)
            move(program, "pagedown", "PgDn")
        for _ in range(setting.times(4)):
            rest(program, 2)
            program.press("/", label="focus")
            for letter in "li":
                rest(program, 2)
                move(program, letter, "search")
            leave_search(program)
            rest(program, 2)
            program.press("enter", expect="Timeline", label="open")
            rest(program, 2)
            program.press("q", expect=shows_rows, label="back")
            rest(program, 2)
            program.press(":", expect="choose", label="palette")
            rest(program, 2)
            escape(program)
            rest(program, 2)
            program.press("a", expect="Family name", label="form")
            rest(program, 2)
            escape(program)
            rest(program, 2)
        return _costs(program, start)


def _link_of(setting: Setting, command: Sequence[object], loaded: Expectation, down: str) -> dict[str, _Cost]:
    """The keys that every table has, in another program; nothing if it is not installed."""
    words = [str(word) for word in command]
    if not Path(words[0]).exists():
        return {}
    with PtyProgram(words, columns=COLUMNS, rows=ROWS, link=LINE, timeout=120) as program:
        start = program.start(loaded, timeout=120)
        rest(program, 3)
        _table_keys(program, setting, down)
        return _costs(program, start)


def _table_keys(program: PtyProgram, setting: Setting, down: str) -> None:
    for _ in range(setting.times(12)):
        program.press(down, label="↓")
    for _ in range(PAGE):
        program.press(down, label="before")
    for _ in range(setting.times(12)):
        program.press(down, label="scrolled")
    for _ in range(3):
        rest(program, 3)
        program.hold(down, 60, 30, label="held")
    rest(program, 3)
    program.press("pagedown", setting.times(8), label="PgDn")


def _link_of_harlequin(setting: Setting) -> dict[str, _Cost]:
    program_file = setting.peers / "harlequin"
    if not program_file.exists():
        return {}
    command = [str(program_file), "-a", "sqlite", "--no-download-tzdata", str(setting.database)]
    with PtyProgram(command, columns=COLUMNS, rows=ROWS, link=LINE, timeout=120) as program:
        start = program.start("Query Editor", timeout=120)
        rest(program, 5)
        program.type_text("select id, name, sort_key from customers limit 10000", label="before")
        program.press("ctrl+j", label="before")
        rest(program, 20)
        program.press("f5", label="before")
        rest(program, 3)
        _table_keys(program, setting, "down")
        return _costs(program, start)
