import os
import stat
from pathlib import Path

from crmtui.services.searches import KEPT, LONGEST, note_search, read_searches


def test_searches_are_kept_for_each_file_the_newest_first_each_once(tmp_path: Path) -> None:
    folder = str(tmp_path / "state" / "searches")
    for query in ("tag:vip", "张伟", "tag:vip ", "", "  "):
        note_search(folder, "a.db", query)
    note_search(folder, "b.db", "stage:lead")
    assert read_searches(folder, "a.db") == ["tag:vip", "张伟"]
    assert read_searches(folder, os.path.abspath("b.db")) == ["stage:lead"]


def test_they_are_bounded(tmp_path: Path) -> None:
    for number in range(KEPT + 20):
        note_search(str(tmp_path), "a.db", f"q{number}")
    note_search(str(tmp_path), "a.db", "x" * (LONGEST + 1))
    found = read_searches(str(tmp_path), "a.db")
    assert len(found) == KEPT and found[0] == f"q{KEPT + 19}"


def test_only_their_owner_reads_them(tmp_path: Path) -> None:
    folder = tmp_path / "searches"
    note_search(str(folder), "a.db", "张伟")
    (file,) = folder.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600 and stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert "a.db" not in file.name


def test_what_cannot_be_read_or_written_harms_nobody(tmp_path: Path) -> None:
    note_search(str(tmp_path / "s"), "a.db", "one")
    (file,) = (tmp_path / "s").iterdir()
    for content in (b"{", b"5", b'["ok", 3]'):
        file.write_bytes(content)
        assert read_searches(str(tmp_path / "s"), "a.db") in ([], ["ok"])
    (tmp_path / "file").write_text("")
    note_search(str(tmp_path / "file" / "below"), "a.db", "one")
    assert read_searches(str(tmp_path / "file" / "below"), "a.db") == []
