"""Views of the customer file and of views.toml: listed together, each kept where it belongs, undone or left untouched."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from crmtui.domain.view_text import TextView
from crmtui.errors import ConfigError, InvalidValue, NotFound
from crmtui.services import view_file, views
from crmtui.services.undo_history import redo_last, undo_last
from crmtui.services.views import ViewColumn
from crmtui.services.workspace import Workspace
from crmtui.storage.digest import logical_digest
from crmtui.storage.search import Order

LAST = Order("last_interaction_at", True)
COLUMNS = (ViewColumn("name", 20), ViewColumn("custom.size"))


@pytest.fixture
def texts(tmp_path: Path) -> str:
    return str(tmp_path / "config" / "views.toml")


def test_both_kinds_are_listed_and_the_nearer_one_is_meant(workspace: Workspace, texts: str) -> None:
    views.save_view(workspace, "VIP", "tag:vip", LAST, COLUMNS)
    view_file.save(texts, views.text_view("VIP", "tag:gold", Order(), COLUMNS))
    view_file.save(texts, views.text_view("Leads", "stage:lead", Order("sort_name", False)))
    loaded = view_file.load(texts)
    reader = workspace.database.thread_reader()
    assert views.all_views(reader, loaded) == [
        views.ListedView("VIP", "tag:vip", LAST, COLUMNS, ""),
        views.ListedView("VIP", "tag:gold", Order(), COLUMNS, texts),
        views.ListedView("Leads", "stage:lead", Order("sort_name"), (), texts),
    ]
    assert views.named_view(reader, loaded, "VIP").query == "tag:vip"
    assert views.named_view(reader, loaded, "leads").query == "stage:lead"
    with pytest.raises(NotFound) as told:
        views.named_view(reader, loaded, "Lead")
    assert told.value.hint == "Did you mean “Leads”?"


def test_the_default_view_is_no_view_of_the_list(workspace: Workspace, texts: str) -> None:
    reader = workspace.database.thread_reader()
    assert views.default_view(reader, view_file.load(texts)) is None
    view_file.save(texts, views.text_view("", "", LAST, COLUMNS))
    found = views.default_view(reader, view_file.load(texts))
    assert found == views.ListedView("", "", LAST, COLUMNS, texts)
    views.save_view(workspace, "", "", Order(), COLUMNS[:1])
    assert views.default_view(reader, view_file.load(texts)) == views.ListedView("", "", Order(), COLUMNS[:1], "")
    assert views.all_views(reader, view_file.load(texts)) == []
    assert views.list_views(reader) == []


def test_saving_renaming_and_deleting_are_undone_and_redone(workspace: Workspace) -> None:
    digests = [logical_digest(workspace.database.writer)]
    acts: list[Callable[[], object]] = [
        lambda: views.save_view(workspace, "A", "tag:a", LAST, COLUMNS),
        lambda: views.save_view(workspace, "A", "tag:b", Order()),
        lambda: views.rename_view(workspace, "A", "B"),
        lambda: views.delete_view(workspace, "B"),
    ]
    for act in acts:
        act()
        digests.append(logical_digest(workspace.database.writer))
    for digest in reversed(digests[:-1]):
        undo_last(workspace)
        assert logical_digest(workspace.database.writer) == digest
    for digest in digests[1:]:
        redo_last(workspace)
        assert logical_digest(workspace.database.writer) == digest


def test_a_name_that_is_taken_or_missing_is_refused(workspace: Workspace, texts: str) -> None:
    views.save_view(workspace, "A", "", Order())
    views.save_view(workspace, "B", "", Order())
    with pytest.raises(InvalidValue):
        views.rename_view(workspace, "A", "B")
    with pytest.raises(InvalidValue):
        views.rename_view(workspace, "A", " ")
    with pytest.raises(NotFound):
        views.rename_view(workspace, "Z", "Y")
    for name in "AB":
        view_file.save(texts, TextView(name))
    with pytest.raises(ConfigError):
        view_file.save(texts, TextView("B"), replaces="A")
    with pytest.raises(NotFound):
        view_file.delete(texts, "Z")
    assert [view.name for view in view_file.load(texts).views] == ["A", "B"]


def test_the_file_keeps_its_rights_its_line_ends_and_its_link(texts: str, tmp_path: Path) -> None:
    kept = tmp_path / "git" / "views.toml"
    kept.parent.mkdir()
    kept.write_bytes(b'# mine\r\n[[view]]\r\nname = "A"\r\nquery = ""\r\n')
    kept.chmod(0o640)
    os.makedirs(os.path.dirname(texts))
    os.symlink(kept, texts)
    view_file.save(texts, TextView("B", "tag:b"))
    assert os.path.islink(texts)
    assert kept.read_bytes() == (
        b'# mine\r\n[[view]]\r\nname = "A"\r\nquery = ""\r\n\r\n[[view]]\r\nname = "B"\r\nquery = "tag:b"\r\n'
    )
    assert stat.S_IMODE(kept.stat().st_mode) == 0o640
    assert os.listdir(kept.parent) == ["views.toml"]


def test_a_file_that_cannot_be_read_or_written_is_told(texts: str, tmp_path: Path) -> None:
    os.makedirs(texts)
    with pytest.raises(ConfigError):
        view_file.load(texts)
    other = tmp_path / "latin.toml"
    other.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError):
        view_file.load(str(other))
    broken = tmp_path / "broken.toml"
    broken.write_text("columns = [\n")
    with pytest.raises(ConfigError, match="TOML"):
        view_file.save(str(broken), TextView("", "", "name"))
    assert broken.read_text() == "columns = [\n"


def test_a_mistake_is_told_in_one_line(texts: str) -> None:
    os.makedirs(os.path.dirname(texts))
    Path(texts).write_text('[[view]]\nname = "A"\nsort = "citty"\n')
    loaded = view_file.load(texts)
    assert view_file.describe(loaded.problems[0], "views.toml") == (
        "views.toml:3 (view “A”): lists cannot be sorted by “citty” Did you mean “city”?"
    )
    assert [view.name for view in loaded.views] == ["A"]


def test_columns_are_read_as_a_person_writes_them(workspace: Workspace) -> None:
    workspace.database.writer.execute("INSERT INTO field_definitions(key, label, type) VALUES ('size', 'Size', 'text')")
    reader = workspace.database.thread_reader()
    found = views.read_columns(reader, "name:20，tel, size:5,custom.other,name")
    assert [str(column) for column in found] == ["name:20", "phones", "custom.size:5", "custom.other"]
    with pytest.raises(InvalidValue) as told:
        views.read_columns(reader, "citi")
    assert told.value.hint == "Did you mean “city”?"
