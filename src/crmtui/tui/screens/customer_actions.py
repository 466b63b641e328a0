"""What the list and the customer screen both do to customers: log, task, tag, stage, owner, archive, edit.

A screen says which customers are meant (``targets``); everything is asked in one line and is one undoable operation.
"""

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from crmtui.domain.fields import INTERACTION_KINDS, KIND_LABELS, STAGE_LABELS, STAGES
from crmtui.domain.text import display_text
from crmtui.errors import InvalidValue
from crmtui.i18n import _, current_language, ngettext
from crmtui.services.workspace import Workspace
from crmtui.tui import clock
from crmtui.tui.due_asking import split_understood, task_hint
from crmtui.tui.screens.base import Unfinished
from crmtui.tui.screens.yanking import Yanking

if TYPE_CHECKING:
    from crmtui.services.many import Progress as ManyProgress
    from crmtui.services.record import Saved
    from crmtui.tui.screens.pick import Choice

    ManyJob = Callable[[Workspace, ManyProgress | None], Saved]

_MINUTES = re.compile(r"^(\d{1,3})\s*(?:m|min|分钟|分)(?:\s+|$)", re.IGNORECASE)


_COMPARED = 500
"""Of as many customers is it found out what they have in common."""
TASK = "task"
"""Beside the kinds of interactions: what a line is about that becomes a task."""


class CustomerActions(Yanking):
    """Actions on the targets of a screen."""

    _line: tuple[str, tuple[int, ...]] | None = None
    """What is being asked for in the prompt line, and of whom: a text worth keeping."""

    def targets(self) -> tuple[int, ...]:
        """The customers an action is for: the marked ones, else the one under the cursor."""
        return ()

    async def _save(self, job: "Callable[[Workspace], Saved]", told: str) -> None:
        saved = await self.crm.gateway.write(job)
        self.crm.data_changed(saved.customers)
        self.crm.tell(
            (told if saved.operation_id else _("nothing changed")) + " · " + _("u undoes it")
            if saved.operation_id
            else _("nothing changed")
        )

    async def _save_many(self, job: "ManyJob", targets: Sequence[int], told: str) -> None:
        """Do something to many customers; where it stands is told while it lasts, and esc stops it: then nothing of it is left."""
        from crmtui.services.many import AT_ONCE
        from crmtui.tui.work_aside import Progress, progress_words, run_told

        if len(targets) <= AT_ONCE:
            await self._save(lambda workspace: job(workspace, None), told)
            return
        if self.crm.work is not None:
            self.tell(_("One moment: {what}").format(what=progress_words(self.crm.work, with_rate=False)))
            return
        progress = self.crm.work = Progress()
        try:
            words = _("{what} · esc stops it")
            saved = await run_told(
                self,
                lambda workspace: job(workspace, progress),
                lambda: words.format(what=progress_words(progress)),
            )
        finally:
            self.crm.work = None
        self.crm.data_changed(saved.customers)
        self.crm.tell(f"{told} · " + _("u undoes it") if saved.operation_id else _("nothing changed"))

    def stop_work(self) -> bool:
        """Stop what is being done to many; says whether there was anything to stop."""
        if self.crm.work is None:
            return False
        self.crm.work.stop()
        return True

    def _of(self, targets: Sequence[int]) -> str:
        """The targets in words: a name, or how many."""
        if len(targets) == 1:
            rows = self.crm.gateway.list_rows(targets)
            return display_text(rows[targets[0]].name) if targets[0] in rows else ""
        return ngettext("{count} customer", "{count} customers", len(targets)).format(count=len(targets))

    def _question(self, what: str, targets: Sequence[int]) -> str:
        """What the prompt line asks, and about whom."""
        return f" {what} · {self._of(targets)} › "

    def unfinished(self) -> Unfinished | None:
        """The line that is being typed, when it is one about customers."""
        if self._line is None or not self.prompt.active or not self.prompt.text.strip():
            return None
        what, customers = self._line
        return Unfinished(
            "log", self._of(customers), {"what": what, "customers": [*customers], "text": self.prompt.text}
        )

    async def _ask_line(
        self,
        what: str,
        targets: tuple[int, ...],
        label: str,
        value: str,
        placeholder: str,
        hint: Callable[[str], str] | None = None,
    ) -> str | None:
        """Ask for a line about customers, which is kept as a draft while it is typed; ``value`` is one that was."""
        line = self._line = (what, targets)
        try:
            return await self.prompt.ask(self._question(label, targets), value, placeholder, hint, go_on=bool(value))
        finally:
            if self._line is line:
                self._line = None

    async def log_interaction(self, kind: str, targets: tuple[int, ...] = (), value: str = "") -> None:
        """Ask for the note of an interaction and log it; ``value`` is how the note begins."""
        from crmtui.services import activity

        targets = targets or self.targets()[:1]
        if not targets:
            return
        label = _(KIND_LABELS[kind])
        placeholder = _("what was said; begin with 8m for eight minutes")
        text = await self._ask_line(kind, targets, label, value, placeholder)
        if text is None or not text.strip():
            return
        minutes, note = split_minutes(text)
        await self._save(
            lambda workspace: activity.log_interaction(workspace, targets, kind=kind, text=note, minutes=minutes),
            _("logged: {kind} with {who}").format(kind=label, who=self._of(targets)),
        )

    def _log_call(self) -> None:
        self.crm.begin(self.log_interaction("call"))

    def _log_other(self) -> None:
        from crmtui.tui.screens.pick import Choice

        async def choose() -> None:
            choices = [Choice(kind, _(KIND_LABELS[kind])) for kind in INTERACTION_KINDS if kind != "call"]
            kind = await self.pick(_("What was it?"), choices)
            if kind:
                await self.log_interaction(kind)

        self.crm.begin(choose())

    def _add_task(self) -> None:
        self.crm.begin(self.set_task())

    async def set_task(self, targets: tuple[int, ...] = (), value: str = "") -> None:
        """Ask for a task with its due time, and set it; ``value`` is how it begins."""
        from crmtui.services import activity

        targets = targets or self.targets()
        if not targets:
            return
        text = await self._ask_line(TASK, targets, _("task"), value, _("fri 3pm send samples"), task_hint)
        if text is None or not text.strip():
            return
        due, what = split_understood(text, clock.local_now(), current_language())
        if due and not what:
            raise InvalidValue(_("a task needs a text"), field="text")
        told = _("task set: {text}").format(text=display_text(what))
        if due:
            told += f" · {due.shown}"
        stored = due.stored if due else None
        await self._save_many(
            lambda workspace, progress: activity.add_task(workspace, targets, what, due_at=stored, progress=progress),
            targets,
            told,
        )

    def _change_tags(self) -> None:
        from crmtui.services import record

        async def ask() -> None:
            targets = self.targets()
            if not targets:
                return
            text = await self.prompt.ask(self._question(_("tags"), targets), placeholder="+vip -old")
            words = (text or "").replace(",", " ").replace("，", " ").split()
            add = [word.lstrip("+＋") for word in words if not word.startswith(("-", "－"))]
            remove = [word.lstrip("-－") for word in words if word.startswith(("-", "－"))]
            add, remove = [word for word in add if word], [word for word in remove if word]
            if add or remove:
                await self._save_many(
                    lambda workspace, progress: record.change_tags(
                        workspace, targets, add=add, remove=remove, progress=progress
                    ),
                    targets,
                    _("tagged {who}: {tags}").format(who=self._of(targets), tags=display_text(" ".join(words))),
                )

        self.crm.begin(ask())

    def _set_stage(self) -> None:
        from crmtui.tui.screens.pick import Choice

        async def choose() -> None:
            targets = self.targets()
            if not targets:
                return
            stages = {row.stage for row in self.crm.gateway.list_rows(targets[:_COMPARED]).values()}
            stage = await self.pick(
                _("Stage of {who}").format(who=self._of(targets)),
                [Choice(key, _(STAGE_LABELS[key])) for key in STAGES],
                stages.pop() if len(stages) == 1 and len(targets) <= _COMPARED else None,
            )
            if stage:
                await self._set_field(targets, "stage", stage, _(STAGE_LABELS.get(stage, stage)))

        self.crm.begin(choose())

    def _set_owner(self) -> None:
        async def ask() -> None:
            targets = self.targets()
            if not targets:
                return
            owner = await self.prompt.ask(
                self._question(_("owner"), targets), placeholder=display_text(self.crm.workspace.actor)
            )
            if owner is not None and owner.strip():
                await self._set_field(targets, "owner", owner.strip(), owner.strip())

        self.crm.begin(ask())

    async def _set_field(self, targets: tuple[int, ...], key: str, value: str, shown: str) -> None:
        from crmtui.services import record

        await self._save_many(
            lambda workspace, progress: record.edit_many(workspace, targets, {key: value}, progress=progress),
            targets,
            _("{who}: {value}").format(who=self._of(targets), value=display_text(shown)),
        )

    def _archive(self) -> None:
        from crmtui.services import record

        async def work() -> None:
            targets = self.targets()
            if not targets:
                return
            restore = self.crm.gateway.are_archived(targets)
            told = (_("taken out of the archive: {who}") if restore else _("archived: {who}")).format(
                who=self._of(targets)
            )
            await self._save_many(
                lambda workspace, progress: record.archive(workspace, targets, restore=restore, progress=progress),
                targets,
                told,
            )

        self.crm.begin(work())

    def _edit(self, customer_id: int | None) -> None:
        from crmtui.tui.screens.form import FormScreen

        if customer_id is not None:
            self.app.push_screen(FormScreen(customer_id))

    async def pick(self, title: str, choices: "Sequence[Choice]", current: str | None = None) -> str | None:
        """Let the person choose one of a few; ``current`` is what holds now."""
        from crmtui.tui.screens.pick import PickScreen

        answer: str | None = await self.crm.push_screen_and_wait(PickScreen(title, choices, current))
        return answer


def split_minutes(text: str) -> tuple[int | None, str]:
    """``8m price is fine`` → (8, "price is fine"); without minutes (None, text)."""
    found = _MINUTES.match(text.strip())
    if not found:
        return None, text.strip()
    return int(found[1]), text.strip()[found.end() :].strip()
