"""Every contact point of a customer, also the alternates: added, corrected, labelled, judged, put in order, put aside, removed."""

from collections.abc import Awaitable, Callable
from typing import ClassVar

from textual import on
from textual.binding import BindingType

from crmtui.domain.fields import BY_KEY, MESSAGING_LABELS, POINT_LABELS, POINT_STATE_LABELS
from crmtui.domain.phones import show_phone
from crmtui.domain.text import display_text
from crmtui.i18n import _
from crmtui.services import contact_points
from crmtui.services.contact_points import ContactPoint
from crmtui.tui.actions import LIST, actions_in
from crmtui.tui.card import word_of
from crmtui.tui.record_actions import DETAIL, POINTS
from crmtui.tui.screens.asking import ask_next, means_yes
from crmtui.tui.screens.base import bindings_of
from crmtui.tui.screens.pick import Choice
from crmtui.tui.screens.record_list import CustomerDetailList
from crmtui.tui.widgets.list_columns import ListColumn
from crmtui.tui.widgets.row_source import RowView
from crmtui.tui.widgets.text_lines import Line, Span
from crmtui.tui.widgets.windowed_list import WindowedList

_KIND_LABELS = {
    "phone": BY_KEY["phones"].label,
    "email": BY_KEY["emails"].label,
    "url": BY_KEY["urls"].label,
    **MESSAGING_LABELS,
}
_LABELLED = ("phone", "email")


class ContactPointsScreen(CustomerDetailList):
    """The contact points of one customer."""

    SCOPES = (POINTS, DETAIL, LIST)
    UNHINTED = ("list.mark", "list.open")
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of(actions_in(POINTS))]

    def heading(self) -> tuple[str, str]:
        """Whose, and what."""
        return self.customer_name(), _("Contact points")

    def head(self) -> Line:
        """What the states mean for a call."""
        return Line(
            (Span(" " + _("What bounced, is wrong or was put aside is still found, but never comes first."), "muted"),)
        )

    def columns(self) -> list[ListColumn]:
        """What kind, the value, what it is called, how it is."""
        return [
            ListColumn("kind", _("Kind"), width=10, priority=90),
            ListColumn("value", _("Value"), weight=3, min_width=18, priority=100),
            ListColumn("label", _("Label"), weight=1, min_width=8, priority=60),
            ListColumn("state", _("State"), weight=1, min_width=14, priority=80),
        ]

    def read_rows(self) -> tuple[list[RowView], list[int], str]:
        """The points in the order they are shown."""
        points = contact_points.read_points(self.crm.gateway.page(), self.customer_id)
        return [self._view(point) for point in points], [point.id for point in points], _("None yet: a adds one")

    def _view(self, point: ContactPoint) -> RowView:
        states = [_("put aside")] if point.alternate else []
        states += [_(POINT_STATE_LABELS[point.state])] if point.state != "ok" else []
        states += [_("comes first")] if point.primary else []
        style = "muted" if point.alternate else "warning" if point.state != "ok" else ""
        label = display_text(word_of(POINT_LABELS, point.label or ""), limit=60)
        return RowView((kind_name(point.kind), self._shown_value(point), label, " · ".join(states)), style)

    def _shown_value(self, point: ContactPoint) -> str:
        if point.kind == "phone":
            return display_text(show_phone(point.normalised or "", point.value, self.crm.workspace.region))
        return display_text(point.value)

    def _current(self) -> ContactPoint | None:
        row = self.listed.cursor_row_id
        return contact_points.read_point(self.crm.gateway.page(), row) if row is not None else None

    def _with_current(self, work: Callable[[ContactPoint], Awaitable[None]]) -> None:
        point = self._current()
        if point is None:
            self.tell(_("None yet: a adds one"))
            return

        async def act() -> None:
            await work(point)

        self.crm.begin(act())

    @on(WindowedList.Opened)
    def _opened(self, event: WindowedList.Opened) -> None:
        event.stop()
        self.action_points_edit()

    def action_points_add(self) -> None:
        """Ask for kind, value and, where it has one, label."""

        async def add() -> None:
            kinds = [Choice(kind, kind_name(kind), kind) for kind in contact_points.KINDS]
            kind = await self.pick(_("What is it?"), kinds)
            if not kind:
                return
            value = await ask_next(self, kind_name(kind))
            if value is None or not value.strip():
                return
            label = ""
            if kind in _LABELLED:
                answer = await ask_next(self, _("label"), placeholder=_("mobile, work, home, or empty"))
                if answer is None:
                    return
                label = label_value(answer)
            await self._save(
                lambda workspace: contact_points.add_point(workspace, self.customer_id, kind, value, label=label),
                _("added: {value}").format(value=display_text(value.strip(), limit=60)),
            )

        self.crm.begin(add())

    def action_points_edit(self) -> None:
        """Ask for the right value, and whether the old one is kept for searching."""

        async def correct(point: ContactPoint) -> None:
            value = await ask_next(self, kind_name(point.kind), value=point.value)
            if value is None or not value.strip() or value.strip() == point.value:
                return
            answer = await ask_next(
                self,
                _("keep {value} for searching?").format(value=display_text(point.value, limit=30)),
                placeholder=_("y keeps it, enter does not; escape leaves"),
            )
            if answer is None:
                return
            await self._save(
                lambda workspace: contact_points.edit_point(
                    workspace, point.id, value=value, keep_old=means_yes(answer)
                ),
                _("corrected: {value}").format(value=display_text(value.strip(), limit=60)),
            )

        self._with_current(correct)

    def action_points_label(self) -> None:
        """Ask for the label."""

        async def label(point: ContactPoint) -> None:
            answer = await ask_next(
                self,
                _("label"),
                value=word_of(POINT_LABELS, point.label or ""),
                placeholder=_("mobile, work, home, or empty"),
            )
            if answer is not None:
                text = label_value(answer)
                await self._save(
                    lambda workspace: contact_points.edit_point(workspace, point.id, label=text),
                    _("label: {text}").format(text=display_text(answer.strip(), limit=60) or "—"),
                )

        self._with_current(label)

    def action_points_state(self) -> None:
        """Choose the state."""

        async def judge(point: ContactPoint) -> None:
            choices = [Choice(state, _(label), state) for state, label in POINT_STATE_LABELS.items()]
            state = await self.pick(self._shown_value(point), choices)
            if state:
                told = _("{field}: {value}").format(field=self._shown_value(point), value=_(POINT_STATE_LABELS[state]))
                await self._save(lambda workspace: contact_points.set_state(workspace, point.id, state), told)

        self._with_current(judge)

    def action_points_first(self) -> None:
        """Let it come first of its kind."""

        async def first(point: ContactPoint) -> None:
            told = _("comes first: {value}").format(value=self._shown_value(point))
            await self._save(lambda workspace: contact_points.make_first(workspace, point.id), told)

        self._with_current(first)

    def action_points_alternate(self) -> None:
        """Put it aside, or take it into use again."""

        async def aside(point: ContactPoint) -> None:
            text = _("in use again: {value}") if point.alternate else _("put aside: {value}")
            await self._save(
                lambda workspace: contact_points.set_alternate(workspace, point.id, alternate=not point.alternate),
                text.format(value=self._shown_value(point)),
            )

        self._with_current(aside)

    def action_points_remove(self) -> None:
        """Remove it."""

        async def remove(point: ContactPoint) -> None:
            told = _("removed: {value}").format(value=self._shown_value(point))
            await self._save(lambda workspace: contact_points.remove_point(workspace, point.id), told)

        self._with_current(remove)


def kind_name(kind: str) -> str:
    """A kind of contact point in the current language."""
    return _(_KIND_LABELS[kind]) if kind in _KIND_LABELS else display_text(kind, limit=30)


def label_value(typed: str) -> str:
    """The label to store for what was typed: one of ours by its name in the current language, else as typed."""
    wanted = typed.strip().casefold()
    return next((key for key, label in POINT_LABELS.items() if wanted in (key, _(label).casefold())), typed.strip())
