"""Who a customer is related to, and how: added, changed, removed; enter opens the other one."""

from typing import ClassVar

from textual import on
from textual.binding import BindingType

from crmtui.domain.relations import RELATIONS
from crmtui.domain.text import display_text
from crmtui.i18n import _
from crmtui.services import relations
from crmtui.services.relations import RelatedCustomer, role_label
from crmtui.tui.actions import LIST, actions_in
from crmtui.tui.record_actions import DETAIL
from crmtui.tui.record_actions import RELATIONS as RELATIONS_SCOPE
from crmtui.tui.screens.asking import ask_next
from crmtui.tui.screens.base import bindings_of
from crmtui.tui.screens.participating import ask_customer
from crmtui.tui.screens.pick import Choice
from crmtui.tui.screens.record_list import CustomerDetailList
from crmtui.tui.widgets.list_columns import ListColumn
from crmtui.tui.widgets.row_source import RowView
from crmtui.tui.widgets.windowed_list import WindowedList

_OTHER = "other:"


class RelationsScreen(CustomerDetailList):
    """The relations of one customer."""

    SCOPES = (RELATIONS_SCOPE, DETAIL, LIST)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of(actions_in(RELATIONS_SCOPE))]
    DEFAULT_CSS = "RelationsScreen #head { display: none; }"

    def heading(self) -> tuple[str, str]:
        """Whose, and what."""
        return self.customer_name(), _("Relations")

    def columns(self) -> list[ListColumn]:
        """What the other one is, who, the note."""
        return [
            ListColumn("role", _("Relation"), weight=1, min_width=12, priority=90),
            ListColumn("name", _("Name"), weight=2, min_width=16, priority=100),
            ListColumn("note", _("Note"), weight=2, min_width=12, priority=50),
        ]

    def read_rows(self) -> tuple[list[RowView], list[int], str]:
        """Oldest relation first."""
        known = self._known()
        views = [
            RowView((display_text(role_label(other.kind)), display_text(other.name), display_text(other.note or "")))
            for other in known
        ]
        return views, [other.relation_id for other in known], _("Related to nobody yet: a adds somebody")

    def _known(self) -> list[RelatedCustomer]:
        return relations.related(self.crm.gateway.page(), self.customer_id)

    def _current(self) -> RelatedCustomer | None:
        row = self.listed.cursor_row_id
        found = next((other for other in self._known() if other.relation_id == row), None)
        if found is None:
            self.tell(_("Related to nobody yet: a adds somebody"))
        return found

    @on(WindowedList.Opened)
    async def _opened(self, event: WindowedList.Opened) -> None:
        """The other customer."""
        event.stop()
        other = self._current()
        if other is not None:
            from crmtui.tui.screens.customer import open_customer

            await open_customer(self.crm, other.customer_id)

    async def _ask_role(self, title: str) -> str | None:
        """What the other one is: one of the known roles, or one of one's own."""
        choices = [Choice(each.role, _(each.label), each.role) for each in RELATIONS]
        choices.append(Choice(_OTHER, _("something else …")))
        role = await self.pick(title, choices)
        if role == _OTHER:
            role = await ask_next(self, _("relation"), placeholder=_("mentor, or mentor/mentee for both sides"))
        return role.strip() if role and role.strip() else None

    def action_relations_add(self) -> None:
        """Ask who, then what they are."""

        async def add() -> None:
            other = await ask_customer(self, _("related to"), (self.customer_id,))
            if other is None:
                return
            name = self._of((other,))
            role = await self._ask_role(_("{other} is of {name} the").format(other=name, name=self.customer_name()))
            if role is not None:
                await self._save(
                    lambda workspace: relations.relate(workspace, self.customer_id, other, role),
                    _("related: {name}").format(name=name),
                )

        self.crm.begin(add())

    def action_relations_role(self) -> None:
        """Choose what the other one is."""

        async def change(other: RelatedCustomer) -> None:
            name = display_text(other.name, limit=60)
            role = await self._ask_role(_("{other} is of {name} the").format(other=name, name=self.customer_name()))
            if role is not None:
                await self._save(
                    lambda workspace: relations.edit_relation(
                        workspace, other.relation_id, self.customer_id, role=role
                    ),
                    _("relation changed: {name}").format(name=name),
                )

        other = self._current()
        if other is not None:
            self.crm.begin(change(other))

    def action_relations_note(self) -> None:
        """Ask for a note."""

        async def write(other: RelatedCustomer) -> None:
            note = await ask_next(self, _("note"), value=other.note or "")
            if note is not None:
                await self._save(
                    lambda workspace: relations.edit_relation(
                        workspace, other.relation_id, self.customer_id, note=note
                    ),
                    _("note written: {name}").format(name=display_text(other.name, limit=60)),
                )

        other = self._current()
        if other is not None:
            self.crm.begin(write(other))

    def action_relations_remove(self) -> None:
        """Remove the relation."""
        other = self._current()
        if other is not None:
            told = _("no longer related: {name}").format(name=display_text(other.name, limit=60))
            self.crm.begin(self._save(lambda workspace: relations.unrelate(workspace, other.relation_id), told))
