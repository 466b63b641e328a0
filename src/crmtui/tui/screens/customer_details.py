"""What the customer screen opens about its customer: value history, contact points, relations; and what its timeline shows."""

from crmtui.domain.text import display_text
from crmtui.i18n import _
from crmtui.i18n.show import show_moment
from crmtui.services.relations import related, role_label
from crmtui.services.timeline import TimelineEvent
from crmtui.storage.definitions import custom_fields
from crmtui.tui.card import Group, parse_stored
from crmtui.tui.screens.participating import Participating
from crmtui.tui.timeline_rows import TimelineFilter, event_text, kind_label, next_kind
from crmtui.tui.widgets.text_lines import Span

_RELATIONS_SHOWN = 6


class CustomerDetails(Participating):
    """Actions of the screen of one customer beyond those of the list."""

    def __init__(self) -> None:
        super().__init__()
        self.customer_id = 0
        self._shown = TimelineFilter()

    def show_timeline(self) -> None:
        """Show the timeline from its beginning, by the filter in force."""
        raise NotImplementedError

    def relation_groups(self) -> list[Group]:
        """Who is related how, for the head."""
        known = related(self.crm.gateway.page(), self.customer_id) if self.customer_id else []
        groups: list[Group] = [
            [Span(display_text(role_label(other.kind)) + " ", "muted"), Span(display_text(other.name, limit=60))]
            for other in known[:_RELATIONS_SHOWN]
        ]
        if len(known) > _RELATIONS_SHOWN:
            groups.append([Span(f"+{len(known) - _RELATIONS_SHOWN} R", "muted")])
        return groups

    def filter_spans(self) -> list[Span]:
        """What of the timeline is shown, for the line of the tabs."""
        words = [kind_label(self._shown.kind)] if self._shown.kind else []
        words += [] if self._shown.system else [_("without changes")]
        words += [f"/ {display_text(self._shown.text)}"] if self._shown.text else []
        return [Span(f"[{word}] ", "accent") for word in words]

    def open_event(self, event: TimelineEvent) -> None:
        """Show an event: the operation of a change, the whole text of everything else in the status line."""
        if event.source == "operations":
            from crmtui.tui.screens.operation import OperationScreen

            self.app.push_screen(OperationScreen(event.id))
            return
        moment = parse_stored(event.at)
        parts = [
            show_moment(moment) if moment and len(event.at) > 10 else event.at,
            event_text(event),
            event.actor or "",
        ]
        self.tell(" · ".join(part for part in parts if part))

    # Actions

    def action_customer_kinds(self) -> None:
        """The next kind of what the customer has."""
        self._shown = self._shown._replace(kind=next_kind(self.crm.gateway.page(), self.customer_id, self._shown))
        self.show_timeline()

    def action_customer_system(self) -> None:
        """Show or hide changes of the record."""
        self._shown = self._shown._replace(system=not self._shown.system)
        self.show_timeline()

    def action_customer_filter(self) -> None:
        """Show only timeline lines with a text."""

        async def ask() -> None:
            text = await self.prompt.ask(" / ", value=self._shown.text, placeholder=_("text in the timeline"))
            if text is not None:
                self._shown = self._shown._replace(text=text.strip())
                self.show_timeline()

        self.crm.begin(ask())

    def action_customer_blame(self) -> None:
        """Choose a field, then see its values over time."""
        from crmtui.tui.form_values import form_rows
        from crmtui.tui.screens.blame import BlameScreen, blame_choices

        async def choose() -> None:
            record = self.crm.gateway.customer(self.customer_id)
            if record is None:
                return
            rows = form_rows(custom_fields(self.crm.gateway.page()), record)
            key = await self.pick(_("Value history of"), blame_choices(rows, record))
            if key:
                await self.crm.push_screen(BlameScreen(self.customer_id, key))

        self.crm.begin(choose())

    def action_customer_points(self) -> None:
        """Every contact point."""
        from crmtui.tui.screens.contact_points import ContactPointsScreen

        self.app.push_screen(ContactPointsScreen(self.customer_id))

    def action_customer_relations(self) -> None:
        """Who is related how."""
        from crmtui.tui.screens.relations import RelationsScreen

        self.app.push_screen(RelationsScreen(self.customer_id))
