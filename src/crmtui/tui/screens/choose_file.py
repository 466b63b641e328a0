"""Choosing a file: type a part of its name, a path, or its pinyin; what can be imported stands first, the newest on top."""

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from crmtui.domain.folding import fold
from crmtui.domain.pinyin import matches_pinyin
from crmtui.domain.text import display_text
from crmtui.errors import CrmError
from crmtui.formats.registry import FORMATS
from crmtui.i18n import _
from crmtui.i18n.show import relative_time, show_bytes
from crmtui.tui import clock
from crmtui.tui.actions import DIALOG, FILE, actions_in
from crmtui.tui.screens.base import bindings_of
from crmtui.tui.screens.history_actions import short_path
from crmtui.tui.widgets.list_columns import ListColumn
from crmtui.tui.widgets.row_source import RowView
from crmtui.tui.widgets.text_field import TextField
from crmtui.tui.widgets.text_lines import Line, Span, TextLines
from crmtui.tui.widgets.windowed_list import WindowedList

if TYPE_CHECKING:
    from crmtui.tui.app import CrmApp

MOST_ENTRIES = 5_000
"""Entries of a folder that are listed; of more, a part of the name must be typed as a path."""
_FILE, _FOLDER, _OTHER = range(3)
_LINES_AROUND = 4


class Entry(NamedTuple):
    """A file or folder. ``rank`` says what it is: a file that can be read, a folder, another file; ``at`` in seconds UTC."""

    name: str
    rank: int
    size: int
    at: float


def importable(name: str) -> bool:
    """Whether the ending of a name is that of a format that can be read."""
    ending = os.path.splitext(name)[1].casefold()
    return any(ending in each.suffixes for each in FORMATS.values() if each.reader)


def list_folder(folder: str) -> list[Entry]:
    """What is in a folder: importable files (newest first), then folders, then the rest. Raises CrmError if it cannot be read."""
    entries: list[Entry] = []
    try:
        with os.scandir(folder) as found:
            for each in found:
                entries.append(_entry(each))
                if len(entries) >= MOST_ENTRIES:
                    break
    except OSError as error:
        raise CrmError(
            _("the folder cannot be read: {reason}").format(reason=error.strerror or error), where=folder
        ) from error
    return sorted(entries, key=lambda entry: (entry.rank, -entry.at if entry.rank == _FILE else 0, entry.name))


def _entry(each: "os.DirEntry[str]") -> Entry:
    try:
        if each.is_dir():
            return Entry(each.name, _FOLDER, 0, 0.0)
        facts = each.stat()
    except OSError:
        return Entry(each.name, _OTHER, 0, 0.0)  # gone in this moment, or a link to nothing
    return Entry(each.name, _FILE if importable(each.name) else _OTHER, facts.st_size, facts.st_mtime)


def matching(entries: Sequence[Entry], typed: str) -> list[Entry]:
    """The entries meant by what was typed: its words in any order, or the pinyin of the name; hidden ones by their dot."""
    wanted = fold(typed).split()
    return [
        entry
        for entry in entries
        if entry.name.startswith(".") <= typed.startswith(".")
        and (all(word in fold(entry.name) for word in wanted) or matches_pinyin(typed, entry.name, person=False))
    ]


class _Entries:
    """The entries as rows of a list."""

    exact = True

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.entries = entries

    def row_count(self) -> int:
        return len(self.entries)

    def rows(self, start: int, stop: int) -> Sequence[RowView | None]:
        return [_view(entry) for entry in self.entries[start:stop]]

    def row_id(self, index: int) -> int:
        return index

    def index_of(self, row_id: int) -> int | None:
        return row_id if row_id < len(self.entries) else None


def _view(entry: Entry) -> RowView:
    name = display_text(entry.name, limit=400)
    if entry.rank == _FOLDER:
        return RowView((name + os.sep, "", ""))
    moment = datetime.fromtimestamp(entry.at, UTC).astimezone()
    age = relative_time(moment, clock.local_now()) if entry.at else ""
    return RowView((name, show_bytes(entry.size), age), "" if entry.rank == _FILE else "muted")


class ChooseFileScreen(ModalScreen[str | None]):
    """Returns the path of an existing file, or None. The path is exact, also where its name cannot be shown."""

    DEFAULT_CSS = """
    ChooseFileScreen { align: center top; background: $background 0%; }
    ChooseFileScreen > Vertical { width: 100%; max-width: 110; height: auto; background: $panel; padding: 0 1; }
    ChooseFileScreen WindowedList { height: 12; background: $panel; }
    ChooseFileScreen TextField { background: $surface; }
    ChooseFileScreen TextLines { background: $panel; }
    """
    SCOPES = (DIALOG, FILE)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of(actions_in(DIALOG, FILE), priority=True)]

    def __init__(self, title: str, folder: str, **options: Any) -> None:
        super().__init__(**options)
        self._title = title
        self._folder = folder
        self._listed = ""
        self._entries: list[Entry] = []
        self._shown = _Entries([])
        self._problem = ""

    def compose(self) -> ComposeResult:
        """Title, field, entries."""
        with Vertical():
            yield TextLines(id="title")
            yield TextField(placeholder=_("part of the name, or a path; .. goes up"))
            yield WindowedList(
                [
                    ListColumn("name", "", weight=1, min_width=20, priority=100),
                    ListColumn("size", "", width=8, align_right=True, priority=50),
                    ListColumn("age", "", width=10, priority=60),
                ],
                show_header=False,
            )

    def on_mount(self) -> None:
        """List the folder."""
        listed = self.query_one(WindowedList)
        listed.styles.height = max(3, self.app.size.height - _LINES_AROUND)
        listed.can_focus = False
        self.query_one(TextField).focus()
        self._look()

    @property
    def _crm(self) -> "CrmApp":
        return cast("CrmApp", self.app)

    def _look(self) -> None:
        """Show what the folder meant by the typed text holds; it is read beside, for a folder may be far away."""
        folder, part = self._meant()
        if folder == self._listed:
            self._show(part)
        else:
            self._crm.begin(self._list(folder))

    def _meant(self) -> tuple[str, str]:
        """The folder that the typed text names, and the rest of the text."""
        typed = self.query_one(TextField).value.replace("\0", "")
        if typed == "~":
            typed = "~" + os.sep
        if typed == ".." or typed.endswith(os.sep + ".."):
            typed += os.sep
        head, _separator, part = typed.rpartition(os.sep)
        if not _separator:
            return self._folder, part
        return os.path.normpath(os.path.join(self._folder, os.path.expanduser(head + os.sep))), part

    async def _list(self, folder: str) -> None:
        try:
            entries = await self._crm.gateway.run_aside(lambda _workspace: list_folder(folder))
        except CrmError as error:
            self._problem = error.message
            entries = []
        else:
            self._problem = ""
        if not (self.query(TextField) and self.query("WindowedList")):
            return  # a file was chosen meanwhile
        meant, part = self._meant()
        if meant == folder:
            self._listed, self._entries = folder, entries
            self._show(part)

    def _show(self, part: str) -> None:
        self._shown = _Entries(matching(self._entries, part.strip()))
        listed = self.query_one(WindowedList)
        listed.set_empty_text(display_text(self._problem) or _("No file of this name here."))
        listed.set_source(self._shown)
        right = (Span(_("⏎ open  tab complete  esc leave"), "muted"),)
        left = (Span(self._title + "  ", "strong"), Span(short_path(self._listed), "muted"))
        self.query_one("#title", TextLines).set_lines([Line(left, right)])

    @on(TextField.Changed)
    def _typed(self, event: TextField.Changed) -> None:
        event.stop()
        self._look()

    @on(TextField.Submitted)
    def _submitted(self, event: TextField.Submitted) -> None:
        event.stop()
        folder, part = self._meant()
        typed = os.path.join(folder, part)
        if part and os.path.isfile(typed):
            self.dismiss(typed)
        elif self._shown.entries and folder == self._listed:
            self._open(self._shown.entries[self.query_one(WindowedList).cursor_index])
        elif part in ("", ".."):
            self._enter(folder)

    @on(WindowedList.Opened)
    def _clicked(self, event: WindowedList.Opened) -> None:
        event.stop()
        self._open(self._shown.entries[event.row_id])

    def _open(self, entry: Entry) -> None:
        path = os.path.join(self._listed, entry.name)
        if entry.rank == _FOLDER:
            self._enter(path)
        else:
            self.dismiss(path)

    def _enter(self, folder: str) -> None:
        """Make ``folder`` the one that names are typed in; its own name may be one that no field can show."""
        self._folder = folder
        field = self.query_one(TextField)
        field.value = ""
        self._look()

    def action_dialog_down(self) -> None:
        """The next one; the field keeps the focus."""
        self._move(1)

    def action_dialog_up(self) -> None:
        """The one before."""
        self._move(-1)

    def action_dialog_page_down(self) -> None:
        """Ten further."""
        self._move(10)

    def action_dialog_page_up(self) -> None:
        """Ten back."""
        self._move(-10)

    def _move(self, by: int) -> None:
        listed = self.query_one(WindowedList)
        listed.jump_to(listed.cursor_index + by)

    def action_file_complete(self) -> None:
        """Take over the name under the cursor: go into a folder, write out a file name that can be shown."""
        if not self._shown.entries:
            return
        entry = self._shown.entries[self.query_one(WindowedList).cursor_index]
        if entry.rank == _FOLDER:
            self._enter(os.path.join(self._listed, entry.name))
        elif display_text(entry.name) == entry.name:
            field = self.query_one(TextField)
            head, separator, _part = field.value.rpartition(os.sep)
            field.value = head + separator + entry.name
            field.cursor_position = len(field.value)

    def action_dialog_leave(self) -> None:
        """Choose nothing."""
        self.dismiss(None)
