"""Schema 2 on a file that schema 1 made: the indexes are there, every row is as it was, a backup stands beside."""

from pathlib import Path

import pytest

from crmtui.storage import backup, migrations
from crmtui.storage.database import Database, is_outdated
from crmtui.storage.driver import connect
from crmtui.storage.migrations import m0002_filter_indexes

NAMES = {"customer_tags_by_tag", "addresses_by_city", "customers_by_company_name", "customers_by_city"}


@pytest.fixture
def old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A file as the first version wrote it, with a customer."""
    path = str(tmp_path / "old.db")
    connection = connect(path, uri=False)
    connection.execute("PRAGMA journal_mode = WAL")
    with monkeypatch.context() as first:
        for name in dir(migrations):
            if name.startswith("m0") and not name.startswith("m0001"):
                first.setattr(getattr(migrations, name), "apply", lambda _database: None)
        first.setattr(migrations, "SCHEMA_VERSION", 1)
        migrations.migrate(connection)
    connection.execute("DELETE FROM _sqlite_migrations WHERE name <> '0001_first_schema'")
    connection.execute(
        "INSERT INTO customers(id, kind, name, company, created_at, updated_at, sort_name, city)"
        " VALUES (1, 'person', '张伟', '恒达', '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z', 'zhang wei  张伟', '上海')"
    )
    connection.execute("INSERT INTO tags(id, name) VALUES (1, 'vip')")
    connection.execute("INSERT INTO customer_tags(id, customer_id, tag_id) VALUES (1, 1, 1)")
    connection.close()
    return path


def indexes(database: Database) -> dict[str, str]:
    return dict(
        database.reader().execute("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")
    )


def test_an_old_file_gets_the_indexes_after_a_backup(old_file: str) -> None:
    assert is_outdated(old_file)
    with Database.open(old_file, readonly=True, older=True) as old:
        assert NAMES - set(indexes(old)) == NAMES - {"customer_tags_by_tag"}
    with Database.open(old_file) as database:
        found = indexes(database)
        assert set(found) >= NAMES
        assert "customer_id" in found["customer_tags_by_tag"]
        rows = (
            database.reader()
            .execute("SELECT c.name, c.company, t.tag_id FROM customers c JOIN customer_tags t")
            .fetchall()
        )
        assert rows == [("张伟", "恒达", 1)]
        assert database.reader().execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert not is_outdated(old_file)
    assert [entry.reason for entry in backup.list_backups(old_file)] == ["migration"]


def test_an_old_and_a_new_file_have_the_same_indexes(old_file: str, tmp_path: Path) -> None:
    with Database.open(old_file) as old, Database.open(str(tmp_path / "new.db"), create=True) as new:
        assert indexes(old) == indexes(new)
    assert len(m0002_filter_indexes._STATEMENTS) == 5


def test_who_opens_an_old_file_is_told(old_file: str, capsys: pytest.CaptureFixture[str]) -> None:
    from crmtui.cli import main

    assert main(["--db", old_file, "find", "张伟"]) == 0
    assert "brought up to date" in capsys.readouterr().err
    assert main(["--db", old_file, "find", "张伟"]) == 0
    assert "brought up to date" not in capsys.readouterr().err
