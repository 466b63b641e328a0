"""Many customers at once: marked by range and by query, one field set on all of them, edited as text."""

from array import array
from typing import TYPE_CHECKING

from textual import on

from crmtui.domain.text import display_text
from crmtui.i18n import _, ngettext
from crmtui.i18n.show import show_number
from crmtui.services.lookup import plan_query
from crmtui.services.workspace import Workspace
from crmtui.storage.search import all_ids
from crmtui.tui.screens.searched_list import SearchedList
from crmtui.tui.widgets.windowed_list import WindowedList

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crmtui.domain.fields import Field
    from crmtui.tui.form_values import FormField
    from crmtui.tui.screens.pick import Choice

# The list is the first screen: what only these actions need (the form's fields, prompts) is imported by them.
_EMPTY = "\x00"
"""In a choice: no value."""


class BulkActions(SearchedList):
    """What a list of customers does with its marks."""

    def __init__(self, query: str = "") -> None:
        super().__init__(query)
        self._marked_last: int | None = None

    @on(WindowedList.MarkToggled)
    def _remember_mark(self, event: WindowedList.MarkToggled) -> None:
        self._marked_last = event.row_id

    def action_customers_mark_range(self) -> None:
        """Mark from the last mark to the cursor."""
        source, last = self._list.source, self._marked_last
        start = source.index_of(last) if last is not None and last in self._marked else None
        if self._window is None or not source.row_count():
            return
        if start is None:
            self.tell(_("Mark the first row with the space bar, then go to the last one"))
            return
        low, high = sorted((start, self._list.cursor_index))
        self._marked |= set(self._window.ids()[low : high + 1])
        self._marked_last = self._list.cursor_row_id
        self._marks_changed()

    def action_customers_mark_query(self) -> None:
        """Ask for a query and mark what it finds."""
        from crmtui.tui.screens.asking import ask_next

        async def ask() -> None:
            text = await ask_next(self, _("mark all that match"), placeholder="tag:vip last:>90d")
            if text is None or not text.strip():
                return
            plan, problems = plan_query(text, actor=self.crm.workspace.actor)

            def read(workspace: Workspace) -> "array[int]":
                found = array("q")
                for chunk in all_ids(workspace.database.thread_reader(), plan):
                    found.extend(chunk)
                return found

            found = await self.crm.gateway.write(read)
            fresh = set(found) - self._marked
            self._marked |= fresh
            self._marks_changed()
            count = len(found)
            told = ngettext("{count} found, {new} newly marked", "{count} found, {new} newly marked", count).format(
                count=show_number(count), new=show_number(len(fresh))
            )
            for problem in problems[:1]:
                told += " · " + _("{name}: unknown, left out").format(name=display_text(problem.text, limit=40))
            self.tell(told)

        self.crm.begin(ask())

    def action_customers_set_field(self) -> None:
        """Choose a field, then its value; how many customers that changes is said before it happens."""
        from crmtui.tui.form_values import choice_label, form_rows
        from crmtui.tui.screens.asking import ask_yes

        async def change() -> None:
            targets = self.targets()
            if not targets:
                return
            from crmtui.storage.definitions import custom_fields

            rows = form_rows(custom_fields(self.crm.gateway.page()), None)
            key = await self.pick(_("Which field of {who}?").format(who=self._of(targets)), field_choices(rows))
            row = next((row for row in rows if row.key == key), None)
            if row is None:
                return
            value = await self._ask_value(row, targets)
            if value is None:
                return
            label = display_text(_(row.field.label), limit=30)
            shown = display_text(choice_label(row.field, value), limit=40) or _("(empty)")
            if len(targets) > 1:
                count = show_number(len(targets))
                question = ngettext(
                    "{count} customer: {field} = {value}", "{count} customers: {field} = {value}", len(targets)
                )
                if not await ask_yes(self, question.format(count=count, field=label, value=shown)):
                    self.tell(_("nothing changed"))
                    return
            await self._set_field(targets, row.key, value, f"{label} = {shown}")

        self.crm.begin(change())

    async def _ask_value(self, row: "FormField", targets: "Sequence[int]") -> str | None:
        """The value to give; "" takes the value away."""
        from crmtui.tui.form_values import choice_label, choice_value
        from crmtui.tui.screens.asking import ask_next
        from crmtui.tui.screens.pick import Choice

        field: Field = row.field
        label = display_text(_(field.label), limit=30)
        if field.choices or field.type == "bool":
            values = field.choices or ("yes", "no")
            words = {"yes": _("yes"), "no": _("no")} if not field.choices else {}
            choices = [
                Choice(value, display_text(words.get(value) or choice_label(field, value)), value) for value in values
            ]
            if row.key != "kind":
                choices.append(Choice(_EMPTY, _("(empty)")))
            chosen = await self.pick(f"{label} · {self._of(targets)}", choices)
            return "" if chosen == _EMPTY else chosen
        typed = await ask_next(
            self, f"{label} · {self._of(targets)}", placeholder=_("the new value; empty takes it away")
        )
        return None if typed is None else choice_value(field, typed.strip())

    def action_customers_merge(self) -> None:
        """Compare the marked customers side by side."""
        from crmtui.tui.screens.merging import merge_marked

        async def compare() -> None:
            if await merge_marked(self, sorted(self._marked)):
                self._marked.clear()
                self._marks_changed()

        self.crm.begin(compare())

    def action_customers_edit_text(self) -> None:
        """Edit the marked customers, or the one under the cursor, in the editor."""
        from crmtui.tui.screens.edit_text import edit_customers_as_text

        targets = self.targets()
        if targets:
            self.crm.begin(edit_customers_as_text(self, targets))


def field_choices(rows: "Sequence[FormField]") -> "list[Choice]":
    """The fields that can be set, as choices."""
    from crmtui.tui.screens.pick import Choice

    return [
        Choice(row.key, display_text(_(row.field.label), limit=60), f"{row.key} {' '.join(row.field.query)}")
        for row in rows
    ]
