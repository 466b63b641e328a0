"""The app in a terminal: start, keys, opening a customer, leaving, memory, rest; and over a poor line."""

from pathlib import Path

from figures import Figure
from pty_driver import Link, PtyProgram, percentile
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
    """Over a line of 56 kbit/s and 200 ms: single keys, and one held down for two seconds."""
    with PtyProgram(
        setting.app(), columns=COLUMNS, rows=ROWS, link=LINE, environment={"SSH_CONNECTION": "line"}
    ) as program:
        start = program.start(shows_rows, timeout=60)
        rest(program, 3)
        program.press("down", setting.times(12), label="↓")
        for _ in range(3):
            rest(program, 3)
            program.hold("down", 60, 30, label="held")
        rest(program, 3)
        program.press("pagedown", setting.times(8), label="PgDn")
        rest(program, 3)
        program.press("/", label="focus")
        for letter in "li":
            rest(program, 3)
            program.press(letter, label="search")
        leave_search(program)
        rest(program, 3)
        program.press("enter", label="open")
        escape(program)
        ours = program.summary()
    file = setting.first_rows(100_000)
    peer: dict[str, dict[str, float]] = {}
    visidata = setting.peers / "vd"
    if visidata.exists():
        with PtyProgram([str(visidata), str(file)], columns=COLUMNS, rows=ROWS, link=LINE) as program:
            program.start("100000 rows", timeout=120)
            rest(program, 3)
            program.press("j", setting.times(12), label="↓")  # curses wants the arrows in their other form
            for _ in range(3):
                rest(program, 3)
                program.hold("j", 60, 30, label="held")
            rest(program, 3)
            program.press("pagedown", setting.times(8), label="PgDn")
            peer = program.summary()

    def theirs(label: str) -> float | None:
        return peer[label]["ms_p50"] if label in peer else None

    figures = [
        Figure(
            "↓ held for 2 s at 30 a second: settled after",
            ours["held"]["ms_p50"],
            "ms",
            None,
            "VisiData",
            theirs("held"),
            1.0,
        ),
        Figure("↓, complete, p50", ours["↓"]["ms_p50"], "ms", None, "VisiData", theirs("↓")),
        Figure("PgDn, complete, p50", ours["PgDn"]["ms_p50"], "ms", None, "VisiData", theirs("PgDn")),
        Figure("key of a search, complete, p50", ours["search"]["ms_p50"], "ms"),
        Figure("open a customer, complete", ours["open"]["ms_p50"], "ms"),
        Figure("first frame complete", start, "ms"),
    ]
    return figures, [
        "VisiData shows the first 100,000 rows of the CSV. The line is made by the driver, with a buffer of 64 KB before it."
    ]
