"""The command palette: every command that works here, found by name in English, Chinese or pinyin, and customers after that."""

from collections.abc import Mapping, Sequence
from functools import cache
from inspect import isawaitable
from typing import Any

from textual import on
from textual.app import App, ComposeResult
from textual.containers import Vertical

from crmtui.domain.folding import fold
from crmtui.domain.search_words import match_expression
from crmtui.domain.text import cell_width, display_text, pad
from crmtui.i18n import LOCALE_FOLDER, _, current_language
from crmtui.i18n.catalogue import Catalogue
from crmtui.services.lookup import plan_query
from crmtui.storage.search import first_ids
from crmtui.tui.actions import BY_ID, SCOPE_LABELS, Action, actions_in, key_sign
from crmtui.tui.gateway import Gateway
from crmtui.tui.screens.pick import Choice, PickScreen, choice_matches, key_hints
from crmtui.tui.widgets.list_columns import ListColumn
from crmtui.tui.widgets.text_field import TextField
from crmtui.tui.widgets.text_lines import Line, Span, TextLines
from crmtui.tui.widgets.windowed_list import WindowedList

CUSTOMER_PREFIX = "customer:"
"""Before the id of a customer, in what the palette returns for one."""
CUSTOMERS_OFFERED = 8
NAME_WIDTH = 14
"""Cells for the short name of a command; a longer one takes what it needs."""
_HIDDEN = ("app.palette",)
_SPOKEN = "zh_CN"
"""Whose names are found in every language, by their pinyin and its initials too."""


class PaletteScreen(PickScreen):
    """Returns the id of an action, ``customer:`` with an id, or None. ``recent`` are action ids, the newest first."""

    DEFAULT_CSS = "PaletteScreen WindowedList { max-height: 18; }"

    def __init__(
        self, scopes: Sequence[str], keymap: Mapping[str, tuple[str, ...]], gateway: Gateway, recent: Sequence[str] = ()
    ) -> None:
        self._gateway = gateway
        super().__init__(_("Commands"), command_choices(scopes, keymap, recent))

    def compose(self) -> ComposeResult:
        """Title, field, commands; the keys stand at the right."""
        with Vertical():
            yield TextLines(lines=[self._head(False)], id="palette-head")
            yield TextField(placeholder=_("a command in English, Chinese or pinyin; or a customer"))
            columns = [ListColumn("label", "", weight=1, min_width=10), ListColumn("detail", "", width=12)]
            yield WindowedList(columns, show_header=False, empty_text=_("no command and no customer is called that"))

    def _show(self, choices: Sequence[Choice]) -> None:
        self._shown = type(self._shown)(choices)
        self.query_one(WindowedList).set_source(self._shown)

    @on(TextField.Changed)
    def _typed(self, event: TextField.Changed) -> None:
        event.stop()
        event.prevent_default()  # the base class would show the commands alone
        typed = event.value.strip()
        found = ranked(self._choices, typed)
        customers = [] if found or not typed else self._customers(typed)
        self._show(found or customers)
        self.query_one("#palette-head", TextLines).set_lines([self._head(bool(customers))])

    def _head(self, customers: bool) -> Line:
        title = _("No command is called that; customers:") if customers else self._title
        return Line((Span(title, "strong"),), key_hints(_("do it")))

    def _customers(self, typed: str) -> list[Choice]:
        """The first customers that the words find. Only what the index answers at once: this runs between two keys."""
        plan, _problems = plan_query(typed, actor=self._gateway.workspace.actor)
        if not plan.words or match_expression(plan.words) is None:
            return []
        ids = first_ids(self._gateway.page(), plan, CUSTOMERS_OFFERED)
        rows = self._gateway.list_rows(ids)
        choices = []
        for customer in ids:
            if customer in rows:
                row = rows[customer]
                company = row.company if row.company != row.name else None
                label = " · ".join(part for part in (row.name, company, row.phone) if part)
                choices.append(Choice(f"{CUSTOMER_PREFIX}{customer}", display_text(label, limit=200), "", _("open")))
        return choices


def command_choices(
    scopes: Sequence[str], keymap: Mapping[str, tuple[str, ...]], recent: Sequence[str] = ()
) -> list[Choice]:
    """The commands of these scopes as choices: the recent ones first, then those of the screen, then those of everywhere."""
    actions = [action for scope in dict.fromkeys(scopes) for action in actions_in(scope) if action.id not in _HIDDEN]
    actions.sort(key=lambda action: recent.index(action.id) if action.id in recent else len(recent))
    return [_choice(action, keymap) for action in actions]


def _choice(action: Action, keymap: Mapping[str, tuple[str, ...]]) -> Choice:
    name = _(action.label)
    name = pad(name, NAME_WIDTH) if cell_width(name) < NAME_WIDTH else name
    keys = " ".join(key_sign(key) for key in keymap[action.id][:2])
    words = f"{action.label} {action.help} {SCOPE_LABELS[action.scope]}"
    spoken = ""
    if current_language() != _SPOKEN:
        spoken = _in_chinese(action.label)
        words += f" {_in_chinese(action.help)}"
    return Choice(action.id, f"{name} {_(action.help)}", words, keys, spoken)


def _in_chinese(message: str) -> str:
    """``message`` in Chinese, whatever language is in force; as it is where there is no catalogue."""
    catalogue = _chinese()
    return catalogue.gettext(message) if catalogue else message


@cache
def _chinese() -> Catalogue | None:
    """The Chinese catalogue, read when the palette first needs it."""
    return Catalogue.of(LOCALE_FOLDER, _SPOKEN)


def ranked(choices: Sequence[Choice], typed: str) -> list[Choice]:
    """The choices meant by what was typed: those of that name, then those that say it so, then those with its words."""
    if not typed:
        return list(choices)
    found = [choice for choice in choices if choice_matches(choice, typed)]
    wanted = fold(typed)
    return sorted(found, key=lambda choice: (not _named(choice, typed), wanted not in fold(choice.label)))


def _named(choice: Choice, typed: str) -> bool:
    name = choice.label[:NAME_WIDTH].split("  ")[0]
    return choice_matches(Choice(choice.value.rpartition(".")[2], name, spoken=choice.spoken), typed)


def customer_of(answer: str) -> int | None:
    """The customer that an answer of the palette names; None if it names an action."""
    return int(answer.removeprefix(CUSTOMER_PREFIX)) if answer.startswith(CUSTOMER_PREFIX) else None


async def perform(app: App[Any], action_id: str) -> None:
    """Do an action as its key would: on the focused widget, the screen or the app, whichever has it."""
    method = f"action_{BY_ID[action_id].method}"
    for owner in (app.focused, app.screen, app):
        action = getattr(owner, method, None)
        if action is not None:
            result = action()
            if isawaitable(result):
                await result
            return
    # The list names its methods by what they do to the cursor; its bindings carry the ids of the registry.
    for active in app.screen.active_bindings.values():
        if active.binding.id == action_id:
            await app.run_action(active.binding.action, active.node)
            return
