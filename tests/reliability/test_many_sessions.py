"""Several people at once: no edit is lost, nobody is told that the file is locked."""

import json
import subprocess
import sys
from pathlib import Path

from crmtui.services import record
from crmtui.services.checking import verify
from crmtui.services.workspace import open_workspace

WORKER = Path(__file__).with_name("sessions_worker.py")
SESSIONS, SECONDS, CUSTOMERS = 4, 3, 8


def test_four_sessions_lose_nothing(tmp_path: Path) -> None:
    path = str(tmp_path / "crm.db")
    with open_workspace(path, actor="ann", region="CN", create=True) as workspace:
        for number in range(CUSTOMERS):
            record.add_customer(workspace, {"name": f"张伟{number}", "phones": f"1381234567{number}", "notes": "0"})
    workers = [
        subprocess.Popen(
            [sys.executable, str(WORKER), path, str(number), str(SECONDS)], stdout=subprocess.PIPE, text=True
        )
        for number in range(SESSIONS)
    ]
    reports = [json.loads(worker.communicate(timeout=60)[0]) for worker in workers]
    assert [report["errors"] for report in reports] == [[]] * SESSIONS
    saved = {
        customer: sum(report["saved"][str(customer)] for report in reports) for customer in range(1, CUSTOMERS + 1)
    }
    assert sum(saved.values()) > SESSIONS
    with open_workspace(path, actor="ann") as workspace:
        connection = workspace.database.writer
        counted = {row[0]: int(row[1]) for row in connection.execute("SELECT id, notes FROM customers")}
        assert counted == saved
        logs = connection.execute("SELECT count(*) FROM interactions").fetchone()[0]
        assert logs == sum(report["logs"] for report in reports)
        assert [finding for finding in verify(workspace) if not finding.ok] == []
