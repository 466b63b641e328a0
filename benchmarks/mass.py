"""Import and undo of many customers, what another session feels of it, and a saved edit."""

import json
import shutil
import subprocess
import time
from pathlib import Path
from random import Random

from figures import Figure, number
from processes import run
from pty_driver import percentile
from setting import Setting, discard

from crmtui.services.record import edit_customer
from crmtui.services.workspace import open_workspace
from crmtui.storage.database import Database
from crmtui.storage.driver import connect

OTHER = str(Path(__file__).with_name("other_session.py"))
IDLE_SECONDS = 12
THERE_ALREADY, MORE = 100_000, 200_000


def measure_import(setting: Setting) -> tuple[list[Figure], list[str]]:
    """The whole file into a new database, beside sqlite-utils and the shell; then a part of it beside another session."""
    fresh = setting.folder / "import.db"
    discard(fresh)
    browsable: list[float] = []

    def watch(seconds: float) -> None:
        if not browsable and _customers_in(fresh) >= setting.customers:
            browsable.append(seconds)

    ours = run([*setting.app(fresh), "import", str(setting.csv), "--region", "CN"], meanwhile=watch)
    size = fresh.stat().st_size
    discard(fresh)
    shell = shutil.which("sqlite3")
    shell_seconds = None
    if shell:
        shell_seconds = run([shell, str(fresh), "-cmd", ".mode csv", f".import {setting.csv} customers"]).seconds
        discard(fresh)
    utils = run([str(setting.peers / "sqlite-utils"), "insert", str(fresh), "customers", str(setting.csv), "--csv"])
    discard(fresh)
    rows = setting.customers
    figures = [
        Figure(
            f"import of {rows:,} rows × 20 columns, everything done",
            ours.seconds,
            "s",
            None,
            "sqlite-utils insert --csv",
            utils.seconds,
            0.5,
        ),
        Figure(
            "can be browsed after",
            browsable[0] if browsable else ours.seconds,
            "s",
            None,
            "sqlite3 .import",
            shell_seconds,
            2.5,
        ),
        Figure("processor time", ours.cpu_seconds, "s", None, "sqlite-utils insert --csv", utils.cpu_seconds),
        Figure("memory at its highest, children included", ours.peak_mb, "MB", 300, "sqlite-utils", utils.peak_mb),
        *_beside_another_session(setting),
    ]
    notes = [
        f"{rows / ours.seconds:,.0f} rows a second; the file is {size / 2**20:,.0f} MB afterwards. “Can be browsed” is when every row"
        " is in the list; the search index may be behind. sqlite-utils and the shell store plain text in one table: no types,"
        " no phone numbers in one form, no journal, no index.",
        f"The other session is a process of its own that searches every 50 ms and saves every 250 ms, in a file of {THERE_ALREADY:,}"
        f" customers, first alone, then while {MORE:,} more come in.",
    ]
    return figures, notes


def _customers_in(path: Path) -> int:
    """How many customers other sessions see; 0 while there is no file."""
    if not path.exists():
        return 0
    connection = connect(f"file:{path}?mode=ro", timeout=0.1)
    try:
        return int(connection.execute("SELECT coalesce(max(id), 0) FROM customers").fetchone()[0])
    finally:
        connection.close()


def _beside_another_session(setting: Setting) -> list[Figure]:
    path = setting.folder / "session.db"
    discard(path)
    rows = (THERE_ALREADY, MORE) if not setting.quick else (THERE_ALREADY // 10, MORE // 4)
    run([*setting.app(path), "import", str(setting.first_rows(rows[0])), "--region", "CN"])
    idle, _seconds = _work(setting, path, None)
    busy, seconds = _work(setting, path, setting.first_rows(rows[1]))
    discard(path)

    def told(times: list[float]) -> str:
        return f"p50 {number(percentile(times, 50))}, max {number(max(times))} ms, {len(times)} times"

    search, save = percentile(busy["searches"], 95), percentile(busy["saves"], 95)
    return [
        Figure(
            "another session's search meanwhile, p95",
            search,
            "ms",
            None,
            "idle",
            percentile(idle["searches"], 95),
            4.0,
            told(busy["searches"]),
        ),
        Figure(
            "another session's save meanwhile, p95",
            save,
            "ms",
            100,
            "idle",
            percentile(idle["saves"], 95),
            None,
            told(busy["saves"]),
        ),
        Figure(f"import of {rows[1]:,} rows beside it", seconds, "s"),
    ]


def _work(setting: Setting, path: Path, csv: Path | None) -> tuple[dict[str, list[float]], float]:
    """The other session's times, alone or beside an import, and how long that took."""
    command = [setting.python, OTHER, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as session:
        if session.stdout is None or session.stdin is None or session.stdout.readline() != "ready\n":
            raise RuntimeError("the other session did not start")
        begun = time.perf_counter()
        if csv is None:
            time.sleep(IDLE_SECONDS if not setting.quick else 4)
        else:
            run([*setting.app(path), "import", str(csv), "--region", "CN"])
        seconds = time.perf_counter() - begun
        session.stdin.close()
        times: dict[str, list[float]] = json.loads(session.stdout.read())
    return times, seconds


def measure_undo(setting: Setting) -> tuple[list[Figure], list[str]]:
    """Take a large import back, in the big file."""
    path = setting.copy("undo.db")
    before = _count(path)
    rows = min(100_000, setting.customers)
    run([*setting.app(path), "import", str(setting.first_rows(rows)), "--region", "CN"])
    taken = run([*setting.app(path), "undo"])
    left = _count(path)
    discard(path)
    if left != before:
        raise RuntimeError(f"{left} customers are left of {before}")
    return [
        Figure(f"undo of an import of {rows:,} rows", taken.seconds, "s", 10),
        Figure("memory", taken.peak_mb, "MB", 300),
    ], []


def _count(path: Path) -> int:
    with Database.open(str(path), readonly=True) as database:
        return int(database.reader().execute("SELECT count(*) FROM customers").fetchone()[0])


def measure_edit(setting: Setting) -> tuple[list[Figure], list[str]]:
    """A durable edit, with its journal and its index, beside the least that SQLite can do."""
    path = setting.copy("edit.db")
    random = Random(1)
    edits, updates = [], []
    with open_workspace(str(path), actor="bench") as workspace:
        for turn in range(setting.times(300)):
            customer = random.randint(1, setting.customers)
            begun = time.perf_counter()
            edit_customer(workspace, customer, {"job_title": f"title {turn}", "city": f"city {turn}"})
            edits.append((time.perf_counter() - begun) * 1000)
            connection = workspace.database.writer
            begun = time.perf_counter()
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(
                "UPDATE customers SET job_title = 'other' WHERE id = ?", (random.randint(1, setting.customers),)
            )
            connection.execute("COMMIT")
            updates.append((time.perf_counter() - begun) * 1000)
    discard(path)
    figures = [
        Figure("a saved edit, p50", percentile(edits, 50), "ms", None, "bare UPDATE", percentile(updates, 50)),
        Figure("a saved edit, p95", percentile(edits, 95), "ms", 5, "bare UPDATE", percentile(updates, 95)),
    ]
    return figures, ["Both in WAL mode with synchronous=FULL: each is on the disk when it returns."]
