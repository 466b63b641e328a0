"""Drafts outlive crashes, are private, and belong to one customer file."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmtui.services.drafts import drop_draft, keep_draft, list_drafts

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@pytest.fixture
def folder(tmp_path: Path) -> str:
    return str(tmp_path / "state" / "drafts")


def test_a_draft_comes_back_as_it_was(folder: str) -> None:
    kept = keep_draft(folder, "work.db", "call", "张伟", {"text": "价格可以\nx\ud800", "seconds": 42})
    (draft,) = list_drafts(folder, os.path.abspath("work.db"))
    assert (draft.id, draft.kind, draft.subject) == (kept, "call", "张伟")
    assert draft.value == {"text": "价格可以\nx\ud800", "seconds": 42}
    assert draft.database == os.path.abspath("work.db")


@given(json_values)
def test_any_value_is_kept(value: object) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        keep_draft(folder, "a.db", "form", "s", value)
        assert list_drafts(folder, "a.db")[0].value == value


def test_files_and_kinds_are_kept_apart(folder: str) -> None:
    keep_draft(folder, "a.db", "call", "1", None)
    keep_draft(folder, "a.db", "form", "2", None)
    keep_draft(folder, "b.db", "call", "3", None)
    assert [draft.subject for draft in list_drafts(folder, "a.db", "call")] == ["1"]
    assert {draft.subject for draft in list_drafts(folder, "a.db")} == {"1", "2"}
    assert list_drafts(folder + "x", "a.db") == []


def test_an_id_is_replaced_and_dropped(folder: str) -> None:
    kept = keep_draft(folder, "a.db", "call", "s", "one")
    assert keep_draft(folder, "a.db", "call", "s", "two", draft_id=kept) == kept
    assert [draft.value for draft in list_drafts(folder, "a.db")] == ["two"]
    drop_draft(folder, kept)
    drop_draft(folder, kept)
    assert list_drafts(folder, "a.db") == []
    assert os.listdir(folder) == []


def test_drafts_are_for_nobody_else(folder: str) -> None:
    old = os.umask(0)
    try:
        kept = keep_draft(folder, "a.db", "call", "s", "text")
    finally:
        os.umask(old)
    assert os.stat(folder).st_mode & 0o777 == 0o700
    assert os.stat(os.path.join(folder, f"{kept}.json")).st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"database": 1}', b"\xff", b'{"kind": "call"}'])
def test_a_damaged_draft_hides_no_other_and_is_not_removed(folder: str, content: bytes) -> None:
    kept = keep_draft(folder, "a.db", "call", "s", "text")
    bad = Path(folder, kept[:13] + "bad.json")
    bad.write_bytes(content)
    assert [draft.id for draft in list_drafts(folder, "a.db")] == [kept]
    assert bad.exists()


def test_a_failed_write_leaves_the_old_text(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = keep_draft(folder, "a.db", "call", "s", "old")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        keep_draft(folder, "a.db", "call", "s", "new", draft_id=kept)
    monkeypatch.undo()
    assert [draft.value for draft in list_drafts(folder, "a.db")] == ["old"]
    assert len(os.listdir(folder)) == 1
