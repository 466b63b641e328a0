"""The driver shim: one SQLite for everything, with sqlite-utils on top of it."""

import subprocess
import sys

import pytest

from crmtui.storage import driver


def test_the_driver_has_what_the_schema_needs() -> None:
    assert driver.SQLITE_VERSION >= (3, 38)
    connection = driver.connect(":memory:", uri=False)
    connection.execute("CREATE VIRTUAL TABLE t USING fts5(x, detail=none, prefix='1 2')")
    connection.close()


def test_connections_begin_no_transaction_by_themselves() -> None:
    connection = driver.connect(":memory:", uri=False)
    connection.execute("CREATE TABLE t(x)")
    connection.execute("INSERT INTO t VALUES (1)")
    assert not connection.in_transaction
    connection.close()


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 45, 0), False),
        ((3, 50, 7), True),
        ((3, 51, 0), False),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 53, 4), True),
    ],
)
def test_versions_with_the_wal_reset_bug_are_known(
    monkeypatch: pytest.MonkeyPatch, version: tuple[int, ...], safe: bool
) -> None:
    monkeypatch.setattr(driver, "SQLITE_VERSION", version)
    assert driver.wal_is_safe() is safe


def test_sqlite_utils_works_over_the_driver_with_its_own_exceptions() -> None:
    program = """
from crmtui.storage.driver import OperationalError, connect, sqlite_utils_database
connection = connect(":memory:", uri=False)
database = sqlite_utils_database(connection)
import sqlite_utils.utils
assert sqlite_utils.utils.OperationalError is OperationalError
database["t"].insert({"id": 1, "a": "x"}, pk="id")
database["t"].insert({"id": 2, "a": "y", "b": "z"}, alter=True)
database["missing"].drop(ignore=True)
assert list(database.query("INSERT INTO t(id, a) VALUES (3, 'q') RETURNING id")) == [{"id": 3}]
assert not connection.in_transaction
database["t"].transform(rename={"a": "c"})
assert [row["c"] for row in database["t"].rows] == ["x", "y", "q"]
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
