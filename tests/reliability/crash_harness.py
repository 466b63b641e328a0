"""Kills a writing process at a random moment and judges what the next start finds."""

import hashlib
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

from crmtui.services.checking import verify
from crmtui.services.workspace import Workspace, open_workspace
from crmtui.storage import undo
from crmtui.storage.backup import backups_folder, list_backups
from crmtui.storage.digest import logical_digest
from crmtui.storage.history import operations, read_operation
from crmtui.storage.long_operation import unfinished

WORKER = Path(__file__).with_name("crash_worker.py")


class Verdict(NamedTuple):
    """One kill: the kind of the act that was cut off, whether it was completed or taken back, and what is wrong (empty: survived)."""

    interrupted: str
    completed: bool
    recovered: bool
    faults: list[str]


def kill_once(path: str, draw: random.Random) -> Verdict:
    """Start a writer on the file, kill it at a random moment, open the file again and judge it.

    Three times in ten another writer is started first and killed early, while it may be putting right what the first one left.
    """
    acknowledged, faults = _run(path, draw, draw.uniform(0.3, 1.3))
    if draw.random() < 0.3:
        more, complaints = _run(path, draw, draw.uniform(0.15, 0.5))
        acknowledged += more
        faults += complaints
    if not acknowledged:
        return Verdict("start", False, False, faults)
    return _judge(path, acknowledged, faults)


def _run(path: str, draw: random.Random, seconds: float) -> tuple[list[tuple[int, str]], list[str]]:
    """Let a writer live for so long; returns what it acknowledged as (operation, digest), and what it complained of."""
    process = subprocess.Popen(
        [sys.executable, str(WORKER), path, str(draw.randrange(10**9))],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    said, complaints = process.communicate()
    words = [line.split() for line in said.splitlines(keepends=True) if line.startswith("ACK") and line.endswith("\n")]
    faults = [f"the writer failed by itself: {complaints[-2000:]}"] if complaints else []
    return [(int(operation), digest) for _ack, operation, digest in words], faults


def _judge(path: str, acknowledged: list[tuple[int, str]], faults: list[str]) -> Verdict:
    last, digest = acknowledged[-1]
    with open_workspace(path, actor="ann", readonly=True) as looking:
        left = unfinished(looking.database.thread_reader())
    with open_workspace(path, actor="ann", region="CN") as workspace:
        connection = workspace.database.writer
        faults += [
            f"lost operation {entry}"
            for entry in {entry for entry, _digest in acknowledged} - {0}
            if read_operation(connection, entry) is None
        ]
        faults += [f"left unfinished: {entry}" for entry in unfinished(connection)]
        faults += [f"{finding.check}: {finding.detail}" for finding in verify(workspace) if not finding.ok]
        since = [entry for entry in operations(connection, limit=5) if entry.id > last]
        if len(since) > 1:
            faults.append(f"more than one operation since the last acknowledged one: {since}")
        kind = since[0].kind if since else (left[0][1] if left else "between")
        if since:
            _take_back(workspace, since[0].id, since[0].kind, since[0].target_id)
        if logical_digest(connection) != digest:
            faults.append(f"the data is not that of the last acknowledgement ({kind}, operation {last})")
        faults += _litter(path)
        return Verdict(kind, bool(since), bool(left), faults)


def _take_back(workspace: Workspace, operation: int, kind: str, target: int | None) -> None:
    """Reverse the act that was done but not acknowledged: the data must then be what was acknowledged before it."""
    if kind == "undo":
        undo.redo(workspace.database, operation, actor="ann")
    elif kind == "redo":
        undone = read_operation(workspace.database.writer, target or 0)
        undo.undo(workspace.database, (undone and undone.target_id) or 0, actor="ann")
    else:
        undo.undo(workspace.database, operation, actor="ann")


def _litter(path: str) -> list[str]:
    base = os.path.basename(path)
    expected = {base, f"{base}-wal", f"{base}-shm", f"{base}.backups"}
    faults = [
        f"litter: {name}"
        for name in os.listdir(os.path.dirname(path))
        if name not in expected and ".operation-" not in name
    ]
    for record in list_backups(path):
        sha256 = hashlib.sha256(Path(record.path).read_bytes()).hexdigest()
        if not record.verified or sha256 != record.sha256:
            faults.append(f"an unverified file has the name of a backup: {record.path}")
    if os.path.isdir(backups_folder(path)) and len(list_backups(path)) > 3:
        faults.append("backups pile up")
    return faults
