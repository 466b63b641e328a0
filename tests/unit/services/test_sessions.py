"""Who is in: seen while they live, gone when they are killed, and nothing of it in the database."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from crmtui.services import record
from crmtui.services.sessions import ChangeWatch, enter, others_here
from crmtui.services.workspace import Workspace, open_workspace
from crmtui.storage.digest import logical_digest

STAY = """
import sys
from crmtui.services.sessions import enter
from crmtui.services.workspace import open_workspace
presence = enter(open_workspace(sys.argv[1], actor=sys.argv[2]))
print("in", flush=True)
sys.stdin.read()
presence.close()
"""


def stay(path: str, user: str) -> "subprocess.Popen[bytes]":
    process = subprocess.Popen([sys.executable, "-c", STAY, path, user], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"in\n"
    return process


def session_files(path: str) -> list[str]:
    return [name for name in os.listdir(os.path.dirname(path)) if ".session-" in name]


def test_others_are_seen_and_oneself_is_not(workspace: Workspace, path: str) -> None:
    own = enter(workspace)
    assert others_here(path, own) == []
    with open_workspace(path, actor="张伟") as second:
        other = enter(second)
        (seen,) = others_here(path, own)
        assert (seen.user, seen.pid) == ("张伟", os.getpid())
        assert [session.user for session in others_here(path, other)] == ["ann"]
        other.close()
    assert others_here(path, own) == []
    own.close()
    own.close()
    assert session_files(path) == []


def test_which_customer_is_on_the_screen_is_told(workspace: Workspace, path: str) -> None:
    presence = enter(workspace)
    shown = [(None, False), (1234567890, True), (7, False), (None, False)]
    for customer, editing in shown:
        presence.show(customer, editing=editing)
        (seen,) = others_here(path)
        assert (seen.customer, seen.editing, seen.pid) == (customer, editing, os.getpid())
    presence.close()
    presence.show(3)
    assert others_here(path) == [] and session_files(path) == []


def test_a_killed_session_vanishes_by_itself(workspace: Workspace, path: str) -> None:
    process = stay(path, "bob")
    assert [(session.user, session.pid) for session in others_here(path)] == [("bob", process.pid)]
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdin.close()  # type: ignore[union-attr]
    process.stdout.close()  # type: ignore[union-attr]
    assert session_files(path)
    assert others_here(path) == []
    assert session_files(path) == []


def test_nothing_is_written_to_the_database(workspace: Workspace, path: str) -> None:
    before = logical_digest(workspace.database.writer)
    watch = ChangeWatch(workspace.database.reader())
    own = enter(workspace)
    others_here(path)
    own.close()
    assert not watch.changed()
    assert logical_digest(workspace.database.writer) == before


def test_a_damaged_or_foreign_file_is_no_session(workspace: Workspace, path: str) -> None:
    Path(f"{path}.session-1-ab").write_text(json.dumps({"user": "x"}))
    Path(f"{path}.session-2-ab").write_bytes(b"\xff")
    assert others_here(path) == []
    assert others_here(os.path.join(path, "nowhere", "x.db")) == []


def test_where_nothing_can_be_written_nothing_is_told(workspace: Workspace, path: str) -> None:
    from crmtui.storage.sessions import Presence

    presence = Presence(os.path.join(path, "not", "there.db"), "ann", "2026-01-01T00:00:00Z")
    presence.close()


def test_a_watch_sees_what_others_commit(workspace: Workspace, path: str) -> None:
    watch = ChangeWatch(workspace.database.reader())
    assert not watch.changed()
    with open_workspace(path, actor="bob") as second:
        record.add_customer(second, {"name": "Ada"})
        assert watch.changed()
        assert not watch.changed()
    record.add_customer(workspace, {"name": "Ben"})
    assert watch.changed()
