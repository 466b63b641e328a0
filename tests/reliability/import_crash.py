"""Kills a real ``crmtui import`` (or the undo or redo of one), with all its processes, at a random moment, and judges what the
next start finds.

A file lives through many kills. Each act ends in one of two ways only: it is there whole, or nothing of it is there. Acts that
were done but not acknowledged are reversed afterwards, so the data must then be what they were before.
"""

import csv
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

from crmtui.services.workspace import open_workspace
from crmtui.storage import undo
from crmtui.storage.digest import logical_digest
from crmtui.storage.history import read_operation
from crmtui.storage.long_operation import unfinished

ROWS = 1200
_PATIENCE = 60.0


class Killed(NamedTuple):
    """One kill: the act, how it ended (``untouched``, ``taken back``, ``completed``, ``acknowledged``) and what is wrong."""

    act: str
    end: str
    faults: list[str]


class ImportCrash:
    """A folder with a customer file and lists to import; ``kill_once`` as often as wanted."""

    def __init__(self, folder: Path, draw: random.Random) -> None:
        self.draw = draw
        self.database = folder / "crm.db"
        self._number = 0
        self._folder = folder
        self._spent: dict[str, float] = {}
        self._temporary = folder / "tmp"
        self._temporary.mkdir()
        self._environment = {
            **os.environ,
            "CRMTUI_DB": str(self.database),
            "LOGNAME": "ann",
            "LANG": "C.UTF-8",
            "TMPDIR": str(self._temporary),
            **{f"XDG_{kind}_HOME": str(folder / kind) for kind in ("DATA", "CONFIG", "STATE")},
        }
        self._run("import", self._list())  # so that there is something to undo

    def kill_once(self) -> Killed:
        """Start an act, kill it somewhere between its start and its end, start again, and judge."""
        act, words = self._choose()
        usual = self._spent.get(act, 0.5)
        before = self._state()
        process = subprocess.Popen(
            [sys.executable, "-m", "crmtui", *words, "--json"],
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        started = time.monotonic()
        if self.draw.random() < 0.15:
            time.sleep(self.draw.uniform(0, 1.0))
        else:  # most moments are for the time in which it writes
            self._wait_for_rows(process, started)
            started = time.monotonic()
            self._wait_for_end(process, started + self.draw.uniform(0, usual * 1.4))
        alive = process.poll() is None
        if alive:
            os.killpg(process.pid, signal.SIGKILL)
            self._spent[act] = min(2.0, usual * 1.02)
        else:
            self._spent[act] = max(0.05, (usual + time.monotonic() - started) / 2)
        out, complaints = process.communicate()
        faults = [] if alive or process.returncode == 0 else [f"it failed by itself: {complaints[-1000:]}"]
        acknowledged = _acknowledged(out)
        return self._judge(act, before, acknowledged, faults)

    def _choose(self) -> tuple[str, list[str]]:
        imported = self._imported() if self.database.exists() else None
        kind = self.draw.choices(["import", "import --mode upsert", "undo", "redo"], [4, 3, 6, 5])[0]
        if kind == "redo" and self._redoable() is None:
            kind = "undo"
        if kind == "undo" and imported is None:
            kind = "import"
        if kind == "redo":
            return kind, [kind]
        return (kind, [kind, str(imported)]) if kind == "undo" else (kind, [*kind.split(), self._list()])

    def _list(self) -> str:
        """A fresh list; a third of its people are known under their phone or e-mail."""
        self._number += 1
        path = self._folder / f"list-{self._number}.csv"
        base = self.draw.randrange(3) * ROWS // 2
        with open(path, "w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(["姓名", "手机", "邮箱", "公司", "城市", "标签", f"自定义{self._number % 5}", "备注"])
            for row in range(base, base + ROWS):
                name = f"{self.draw.choice('张王李赵陈')}{row}"
                company = self.draw.choice(["上海启明电子有限公司", "Acme", ""])
                writer.writerow(
                    [name, f"1380{row:07d}", f"p{row}@example.com", company, "上海", "vip;展会", f"{row}", self._number]
                )
        return str(path)

    def _wait_for_rows(self, process: "subprocess.Popen[str]", started: float) -> None:
        """Wait until the import has begun to write: from then on its lock lies beside the file."""
        while process.poll() is None and time.monotonic() - started < _PATIENCE:
            if any(".operation-" in name for name in os.listdir(self._folder)):
                return
            time.sleep(0.002)

    def _wait_for_end(self, process: "subprocess.Popen[str]", until: float) -> None:
        while process.poll() is None and time.monotonic() < until:
            time.sleep(0.002)

    def _state(self) -> tuple[int, str]:
        """The newest operation and what the file holds; (0, "") while there is none."""
        if not self.database.exists():
            return 0, ""
        with open_workspace(str(self.database), actor="ann") as workspace:
            connection = workspace.database.writer
            newest = connection.execute("SELECT coalesce(max(id), 0) FROM operations").fetchone()[0]
            return newest, logical_digest(connection)

    def _imported(self) -> int | None:
        with open_workspace(str(self.database), actor="ann") as workspace:
            row = workspace.database.writer.execute(
                "SELECT id FROM operations WHERE kind = 'import' AND undone_by IS NULL ORDER BY id DESC LIMIT 1"
            ).fetchone()
            return row[0] if row else None

    def _redoable(self) -> int | None:
        if not self.database.exists():
            return None
        with open_workspace(str(self.database), actor="ann") as workspace:
            return undo.last_redoable(workspace.database.writer, "ann")

    def _judge(self, act: str, before: tuple[int, str], acknowledged: int, faults: list[str]) -> Killed:
        if not self.database.exists():
            return Killed(act, "untouched", [*faults, "acknowledged, but no file"] if acknowledged else faults)
        with open_workspace(str(self.database), actor="ann", readonly=True) as looking:
            left = unfinished(looking.database.thread_reader())
        faults += self._verify()
        with open_workspace(str(self.database), actor="ann", region="CN") as workspace:
            database = workspace.database
            since = database.writer.execute("SELECT id FROM operations WHERE id > ?", (before[0],)).fetchall()
            if acknowledged and (acknowledged,) not in since:
                faults.append(f"lost the acknowledged operation {acknowledged}")
            if len(since) > 1:
                faults.append(f"more than one operation: {since}")
            faults += [f"left unfinished: {entry}" for entry in unfinished(database.writer)]
            end = "acknowledged" if acknowledged else "completed" if since else "taken back" if left else "untouched"
            if not since:
                if before[0] and logical_digest(database.writer) != before[1]:
                    faults.append("nothing was done, but the data is not what it was")
                elif not before[0] and database.writer.execute("SELECT count(*) FROM customers").fetchone()[0]:
                    faults.append("nothing was done, but there are customers")
            elif self.draw.random() < 0.5:
                self._reverse(workspace.database, since[0][0])
                if before[0] and logical_digest(database.writer) != before[1]:
                    faults.append("it was done and reversed, but the data is not what it was")
        faults += self._verify()
        faults += [f"litter: {name}" for name in os.listdir(self._folder) if ".new-" in name]
        return Killed(act, end, faults)

    def _reverse(self, database: object, operation: int) -> None:
        from crmtui.storage.database import Database

        assert isinstance(database, Database)
        done = read_operation(database.writer, operation)
        assert done is not None
        if done.kind == "undo":
            undo.redo(database, operation, actor="ann")
        elif done.kind == "redo":
            undone = read_operation(database.writer, done.target_id or 0)
            undo.undo(database, (undone and undone.target_id) or 0, actor="ann")
        else:
            undo.undo(database, operation, actor="ann")

    def _run(self, *words: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "crmtui", *words],
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def _verify(self) -> list[str]:
        """What ``crmtui verify`` says of the file: the next start, as a person makes it."""
        process = self._run("verify", "--json")
        if process.returncode != 0:
            return [f"verify says {process.returncode}: {process.stdout[-600:]} {process.stderr[-600:]}"]
        return []


def _acknowledged(out: str) -> int:
    """The operation that the process said it did; 0 when it did not come to say so."""
    try:
        return int(json.loads(out).get("operation") or 0)
    except ValueError:
        return 0
