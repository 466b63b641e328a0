"""The call under the shell prompt as a value: who, the fields that are typed, the clock; keys in, lines out. It touches no terminal."""

from collections.abc import Callable
from datetime import datetime

from crmtui.cli.inline import fitted
from crmtui.cli.key_reader import Key
from crmtui.cli.line_editor import LineEditor
from crmtui.cli.moments import show_when
from crmtui.domain.moment_text import Understood, understand_due
from crmtui.domain.money import format_money
from crmtui.domain.text import cell_width, display_text
from crmtui.i18n import _, current_language
from crmtui.i18n.show import duration_minutes
from crmtui.light_typing import NamedTuple
from crmtui.services.call import OUTCOMES, CallCard, Caller, NextStep, outcome_label
from crmtui.storage.callers import PhoneOwner

_LABEL_CELLS = 10
_FORWARD, _BACK = ("down", "ctrl+t"), ("up",)


class View(NamedTuple):
    """What is to be seen: safe lines, and the cell of the cursor."""

    lines: list[str]
    row: int
    column: int


class CallForm:
    """One call. ``card_of`` reads what is known of a customer; ``clock`` gives aware local time.

    ``stage`` is ``choose`` while several could be the caller, then ``write``. ``customer`` is None for a new caller, who is
    added by the text of ``fields["name"]``.
    """

    def __init__(
        self,
        caller: Caller,
        card_of: Callable[[int], CallCard | None],
        clock: Callable[[], datetime],
        *,
        draft: dict[str, object] | None = None,
    ) -> None:
        self.caller = caller
        self.began = clock()
        self.customer: int | None = None
        self.card: CallCard | None = None
        self.fields = {name: LineEditor() for name in ("name", "notes", "next", "due")}
        self.focus = "notes"
        self.opened = False
        self.outcome = 0
        self.message = ""
        self.draft = draft
        self.draft_taken = False
        self._card_of = card_of
        self._clock = clock
        self._seconds_before = 0
        self.stage = "write"
        if len(caller.people) == 1 and caller.match in ("exact", "ending"):
            self._take(caller.people[0].customer_id)
        elif caller.people:
            self.stage = "choose"
        else:
            self._take(None)

    @property
    def seconds(self) -> int:
        """How long the call has lasted, what a draft that was taken up had lasted before included."""
        return self._seconds_before + max(int((self._clock() - self.began).total_seconds()), 0)

    @property
    def minutes(self) -> int:
        """The length that is logged: begun minutes."""
        return max((self.seconds + 59) // 60, 1)

    @property
    def due(self) -> Understood | None:
        """The due time of the next step, None without one or one that is not understood."""
        return understand_due(self.fields["due"].text, self._clock(), current_language())

    @property
    def next_step(self) -> NextStep | None:
        """The task that is asked for, if any."""
        text = self.fields["next"].text.strip()
        due = self.due
        return NextStep(text, due.stored if due else None) if text else None

    @property
    def is_empty(self) -> bool:
        """Whether nothing was typed that would be lost."""
        return not any(field.text.strip() for field in self.fields.values())

    def to_json(self) -> dict[str, object]:
        """Everything typed, for a draft."""
        values: dict[str, object] = {name: field.text for name, field in self.fields.items()}
        return values | {
            "customer": self.customer,
            "number": self.caller.number,
            "outcome": OUTCOMES[self.outcome],
            "seconds": self.seconds,
        }

    def press(self, key: Key) -> str:
        """Do what a key does. Returns "log", "leave" (esc), "stop" (ctrl+c), "suspend" (ctrl+z), or "" to go on."""
        self.message = ""
        if key.name in ("ctrl+c", "ctrl+z"):
            return "stop" if key.name == "ctrl+c" else "suspend"
        if key.name == "esc":
            return "leave"
        if self.stage == "choose":
            self._choose(key)
            return ""
        if key.name == "enter":
            return self._enter()
        if key.name in ("tab", "backtab"):
            self.outcome = (self.outcome + (1 if key.name == "tab" else -1)) % len(OUTCOMES)
        elif key.name in _FORWARD:
            self._move(1)
        elif key.name in _BACK:
            if self.draft is not None and not self.draft_taken and self.focus == self._order()[0]:
                self._take_draft()
            else:
                self._move(-1)
        else:
            self.fields[self.focus].press(key)
        return ""

    def view(self, width: int) -> View:
        """The lines as they are now."""
        lines = [self._head(width)]
        if self.stage == "choose":
            return self._choice(lines, width)
        if self.card is not None:
            lines.append(fitted("  " + self._known(self.card), width))
        row = column = 0
        for name in self._order():
            label = self._label(name)
            shown, cell = self.fields[name].shown(max(width - cell_width(label) - 1, 4))
            if name == self.focus:
                row, column = len(lines), cell_width(label) + cell
            lines.append(label + shown)
            if name == "due" and self.fields[name].text.strip():
                lines.append(fitted(" " * _LABEL_CELLS + self._understood(), width))
        lines.append(fitted("  " + self._hint(), width))
        return View(lines, row, column)

    def _order(self) -> list[str]:
        """The fields from the first to the last."""
        return [*(["name"] if self.customer is None else []), "notes", *(["next", "due"] if self.opened else [])]

    def _take(self, customer: int | None) -> None:
        self.customer = customer
        self.card = self._card_of(customer) if customer is not None else None
        self.stage = "write"
        self.focus = "notes" if customer is not None else "name"

    def _choose(self, key: Key) -> None:
        from unicodedata import digit

        number = digit(key.text[0], -1) if key.name == "text" else -1
        if not 0 <= number <= len(self.caller.people):
            return
        self._take(self.caller.people[number - 1].customer_id if number else None)
        if len(key.text) > 1:  # over a slow line several keys come at once
            self.fields[self.focus].press(key._replace(text=key.text[1:]))

    def _enter(self) -> str:
        order = self._order()
        if self.focus in ("name", "next"):
            self.focus = order[order.index(self.focus) + 1]
            return ""
        if self.focus == "due":
            if self._due_is_wrong():
                return ""
            self.focus = "notes"
            return ""
        if self.customer is None and not self.fields["name"].text.strip():
            self.focus, self.message = "name", _("a new caller needs a name")
            return ""
        if self._due_is_wrong():
            return ""
        return "log"

    def _due_is_wrong(self) -> bool:
        if not self.fields["due"].text.strip() or self.due is not None:
            return False
        self.focus = "due"
        self.message = _("that is no time: write for example fri 3pm, in 2w, 下周五, 明天下午3点")
        return True

    def _move(self, step: int) -> None:
        self.opened = self.opened or step > 0
        order = self._order()
        self.focus = order[max(min(order.index(self.focus) + step, len(order) - 1), 0)]

    def _take_draft(self) -> None:
        """Fill the fields from the draft; what was typed meanwhile stays behind it."""
        draft = self.draft or {}
        self.draft_taken = True
        for name, field in self.fields.items():
            kept = draft.get(name)
            if isinstance(kept, str) and kept:
                self.fields[name] = LineEditor(f"{kept} {field.text}".rstrip())
        self.opened = self.opened or bool(self.fields["next"].text or self.fields["due"].text)
        outcome, seconds = draft.get("outcome"), draft.get("seconds")
        self.outcome = OUTCOMES.index(outcome) if isinstance(outcome, str) and outcome in OUTCOMES else self.outcome
        self._seconds_before = seconds if isinstance(seconds, int) and 0 <= seconds < 86_400 else 0

    def _head(self, width: int) -> str:
        minutes, seconds = divmod(self.seconds, 60)
        parts = [f"{minutes:02}:{seconds:02}  {self.caller.number}"]
        if self.card is not None:
            who = [self.card.name, self.card.company or "", " ".join(self.card.tags)]
            who += [_("archived")] if self.card.archived else []
            who += [_("do not contact")] if self.card.do_not_contact else []
            parts.append(" · ".join(part for part in who if part))
        elif self.stage == "choose":
            near = self.caller.match == "near"
            parts.append(_("nobody has this number; nearly the same:") if near else _("several have this number:"))
        else:
            parts.append(_("new caller, add?"))
        return fitted(display_text(" → ".join(parts)), width)

    def _choice(self, lines: list[str], width: int) -> View:
        for number, owner in enumerate(self.caller.people, 1):
            lines.append(fitted(f"  {number}  {display_text(self._owner(owner))}", width))
        lines.append(fitted("  0  " + _("none of them: a new caller"), width))
        lines.append(fitted("  " + _("a digit chooses   esc leaves"), width))
        return View(lines, len(lines) - 1, 0)

    @staticmethod
    def _owner(owner: PhoneOwner) -> str:
        parts = [owner.name, owner.company or "", owner.phone, _("archived") if owner.archived else ""]
        return " · ".join(part for part in parts if part)

    def _known(self, card: CallCard) -> str:
        """The last contact, what is next and what may come, in a line."""
        now = self._clock()
        parts = []
        if card.last is not None:
            last = " ".join(filter(None, (show_when(card.last.at, now), card.last.text)))
            parts.append(_("last: {text}").format(text=display_text(last, limit=40)))
        if card.next_task is not None:
            due = show_when(card.next_task.due_at, now, exact=True) if card.next_task.due_at else ""
            step = " ".join(filter(None, (due, card.next_task.text)))
            parts.append(_("next: {text}").format(text=display_text(step, limit=32)))
        if card.deal is not None:
            amount = (
                format_money(card.deal.amount, card.deal.currency or "", current_language()) if card.deal.amount else ""
            )
            deal = " ".join(filter(None, (card.deal.title, amount)))
            parts.append(_("open: {text}").format(text=display_text(deal, limit=32)))
        return "   ".join(parts) if parts else _("nothing was said yet")

    @staticmethod
    def _label(name: str) -> str:
        label = {"name": _("name"), "notes": _("notes"), "next": _("next step"), "due": _("when")}[name]
        return " " * max(_LABEL_CELLS - 2 - cell_width(label), 1) + label + "› "

    def _understood(self) -> str:
        due = self.due
        return due.shown if due is not None else _("not understood yet")

    def _hint(self) -> str:
        if self.message:
            return self.message
        if self.focus in ("next", "due"):
            parts = [_("⏎ on"), _("↑ back"), _("esc keeps a draft")]
        else:
            done = _("⏎ add and log {length}") if self.customer is None else _("⏎ log {length}")
            parts = [
                done.format(length=duration_minutes(self.minutes)),
                _("tab outcome: {outcome}").format(outcome=outcome_label(OUTCOMES[self.outcome])),
                _("↓ next step"),
                _("esc keeps a draft") if not self.is_empty else _("esc leaves"),
            ]
        if self.draft is not None and not self.draft_taken and self.focus == self._order()[0]:
            text = self.draft.get("notes")
            kept = display_text(text, limit=16) if isinstance(text, str) else ""
            parts[1:-1] = [_("↑ takes the draft up: “{text}”").format(text=kept)]
        return "   ".join(parts)
