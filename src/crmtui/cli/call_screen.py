"""The call on a terminal: keys go to the form, its lines under the prompt; nothing typed is lost, however it ends."""

from collections.abc import Callable
from datetime import datetime
from time import monotonic

from crmtui import paths
from crmtui.cli.call_form import CallForm
from crmtui.cli.inline import Ended, Lines, Terminal, raw_terminal
from crmtui.cli.key_reader import PAUSE, KeyReader
from crmtui.cli.session import Session
from crmtui.domain.due import utc_text
from crmtui.errors import CrmError, ExitCode
from crmtui.i18n import _, ngettext
from crmtui.services.call import OUTCOMES, Caller, call_card, log_call, log_new_caller
from crmtui.services.drafts import Draft, drop_draft, keep_draft, list_drafts
from crmtui.services.record import Saved
from crmtui.services.workspace import Workspace

KIND = "call"
_SAVE_AFTER = 2.0
"""Seconds without a key after which what was typed is put into a draft, in case not even a signal comes."""


class _Call:
    """One call on the terminal."""

    def __init__(self, session: Session, workspace: Workspace, caller: Caller) -> None:
        self._workspace = workspace
        self._folder = paths.drafts_folder(session.environment)
        self._offered = draft_for(self._folder, workspace.database.path, caller)
        reader = workspace.database.thread_reader()
        value = self._offered.value if self._offered else None
        self.form = CallForm(
            caller,
            lambda customer: call_card(reader, customer),
            lambda: datetime.now().astimezone(),
            draft=value if isinstance(value, dict) else None,
        )
        self._draft_id: str | None = None
        self._kept: dict[str, object] = {}
        self._touched = 0.0
        self.saved: Saved | None = None

    def run(self, terminal: Terminal) -> str:
        """Read keys until the call is logged or left; returns how it ended."""
        lines, keys = Lines(), KeyReader()
        width = terminal.width()
        while True:
            if terminal.width() != width:
                width = terminal.width()
                lines.redraw()
            lines.draw(*self.form.view(width))
            wait = PAUSE if keys.waiting else 1.0 - datetime.now().microsecond / 1e6 + 0.01
            arrived = terminal.read(wait)
            if arrived:
                pressed = keys.feed(arrived)
                self._touched = monotonic()
            else:
                pressed = keys.give_up()
                if monotonic() - self._touched > _SAVE_AFTER:
                    self.keep()
            for key in pressed:
                asked = self.form.press(key)
                if asked == "suspend":
                    self.keep()
                    lines.leave(len(self.form.view(width).lines))
                    terminal.suspend()
                elif asked == "log":
                    if self._log():
                        lines.leave(1)
                        return asked
                elif asked:
                    lines.leave(1)
                    return asked

    def keep(self) -> bool:
        """Put what was typed into a draft, if there is anything new; whether there is a draft now."""
        if self.form.is_empty:
            return False
        value = self.form.to_json()
        if {**value, "seconds": 0} != {**self._kept, "seconds": 0}:
            if self._draft_id is None and self.form.draft_taken and self._offered is not None:
                self._draft_id = self._offered.id
            card = self.form.card
            subject = card.name if card is not None else self.form.fields["name"].text or self.form.caller.number
            path = self._workspace.database.path
            try:
                self._draft_id = keep_draft(self._folder, path, KIND, subject, value, draft_id=self._draft_id)
            except OSError as error:
                self.form.message = _("the draft cannot be written: {reason}").format(reason=error.strerror)
                return False
            self._kept = value
        return self._draft_id is not None

    def _log(self) -> bool:
        """Log the call; False, with the reason in the hint line, when it cannot be saved now."""
        form = self.form
        log: Callable[..., Saved] = log_call
        who: tuple[object, ...] = ([form.customer],)
        if form.customer is None:
            log, who = log_new_caller, (form.fields["name"].text.strip(), form.caller.number)
        try:
            self.saved = log(
                self._workspace,
                *who,
                minutes=form.minutes,
                text=form.fields["notes"].text.strip(),
                outcome=OUTCOMES[form.outcome],
                next_step=form.next_step,
                at=utc_text(form.began),
            )
        except CrmError as error:
            self.keep()
            form.message = error.message
            return False
        if self._draft_id is not None:
            drop_draft(self._folder, self._draft_id)
        elif form.draft_taken and self._offered is not None:
            drop_draft(self._folder, self._offered.id)
        return True


def run_call(session: Session, workspace: Workspace, caller: Caller) -> int:
    """Show who it is and log the call; returns the exit code."""
    call = _Call(session, workspace, caller)
    ended = "lost"
    code = int(ExitCode.INTERRUPTED)
    try:
        with raw_terminal() as terminal:
            try:
                ended = call.run(terminal)
            except Ended as signal:
                code = 128 + signal.signal_number
                call.keep()
    except KeyboardInterrupt:  # in the moment before the terminal is raw, or after
        call.keep()
    if call.saved is not None:
        minutes = call.form.minutes
        told = ngettext("call logged, {count} minute", "call logged, {count} minutes", minutes).format(count=minutes)
        if call.form.due is not None and call.form.next_step is not None:
            told = _("{told}; next step {due}").format(told=told, due=call.form.due.shown)
        from crmtui.cli.saving import tell_saved

        tell_saved(session, call.saved, told)
        return ExitCode.OK
    if call.keep():
        _tell_kept(session)
    if ended == "leave":
        return ExitCode.NOTHING_FOUND if caller.match == "unknown" else ExitCode.OK
    return code


def draft_for(folder: str, database: str, caller: Caller) -> Draft | None:
    """The newest draft of a call of one of these customers, or of this very number."""
    ids = {owner.customer_id for owner in caller.people}
    for draft in list_drafts(folder, database, KIND):
        value = draft.value
        if isinstance(value, dict) and (value.get("customer") in ids or value.get("number") == caller.number):
            return draft
    return None


def _tell_kept(session: Session) -> None:
    from contextlib import suppress

    with suppress(OSError):  # the terminal may be gone: then nobody reads this
        session.say(_("a draft is kept; the next call of this number offers it"))
