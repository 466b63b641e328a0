"""Search: the database's part of it, and from the key to the page on the screen."""

import time

from figures import Figure
from pty_driver import PtyProgram, percentile
from queries import sample_queries
from screen import COLUMNS, PAGE, ROWS, leave_search, rest, shows_page, shows_rows
from setting import Setting

from crmtui.domain.models import ListRow
from crmtui.services.lookup import plan_query
from crmtui.storage.customers import list_rows
from crmtui.storage.database import Database
from crmtui.storage.driver import Connection
from crmtui.storage.search import FIRST_PAGE, first_ids
from crmtui.storage.window import PAGE as ROWS_READ

DATABASE_BAR, KEY_P50, KEY_P95 = 2.0, 25.0, 50.0


def measure(setting: Setting) -> tuple[list[Figure], list[str]]:
    """Both parts, by class of query."""
    queries = sample_queries(setting.database, setting.times(40))
    figures = []
    with Database.open(str(setting.database), readonly=True) as database:
        reader = database.reader()
        for name, texts in queries.items():
            for text in texts:
                _first_page(reader, text)
            taken = sorted(_database_ms(reader, text) for text in texts)
            detail = f"p50 {percentile(taken, 50):.2f} ms, {len(taken)} queries"
            figures.append(
                Figure(
                    f"database, {name}: {FIRST_PAGE} ids and their first rows, p95",
                    percentile(taken, 95),
                    "ms",
                    DATABASE_BAR,
                    detail=detail,
                )
            )
        typed = {name: texts[: setting.times(12)] for name, texts in queries.items()}
        figures += _keys(setting, reader, typed)
    notes = [
        "The database's part is planned, searched and read on a warm connection. A key is measured from its press until the"
        " search line holds it and the list shows all the rows that belong to it; every key of every query counts."
    ]
    return figures, notes


def _first_page(reader: Connection, text: str) -> list[ListRow]:
    plan, _problems = plan_query(text)
    ids = first_ids(reader, plan, FIRST_PAGE)
    rows = list_rows(reader, ids[:ROWS_READ])
    return [rows[customer] for customer in ids[:ROWS_READ]]


def _database_ms(reader: Connection, text: str) -> float:
    begun = time.perf_counter()
    _first_page(reader, text)
    return (time.perf_counter() - begun) * 1000


def _keys(setting: Setting, reader: Connection, queries: dict[str, list[str]]) -> list[Figure]:
    figures = []
    every: list[float] = []
    with PtyProgram(setting.app(), columns=COLUMNS, rows=ROWS) as program:
        program.start(shows_rows)
        rest(program, 2)
        for name, texts in queries.items():
            for text in texts:
                program.press("/", label="focus")
                rest(program, 0.2)
                for end in range(1, len(text) + 1):
                    names = [row.name for row in _first_page(reader, text[:end])][:PAGE]
                    program.press(text[end - 1], expect=shows_page(text[:end], names), label=name)
                leave_search(program)
            taken = [sample.ms for sample in program.samples[name]]
            every += taken
            detail = f"p50 {percentile(taken, 50):.1f} ms, {len(taken)} keys"
            figures.append(Figure(f"key to page, {name}, p95", percentile(taken, 95), "ms", KEY_P95, detail=detail))
        program.quit("q")
    figures.append(Figure("key to page, all, p50", percentile(every, 50), "ms", KEY_P50, detail=f"{len(every)} keys"))
    figures.append(Figure("key to page, all, p95", percentile(every, 95), "ms", KEY_P95))
    return figures
