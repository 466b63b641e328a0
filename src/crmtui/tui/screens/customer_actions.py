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
from crmtui.tui.screens.yanking import Yanking

if TYPE_CHECKING:
    from crmtui.services.record import Saved
    from crmtui.tui.screens.pick import Choice

_MINUTES = re.compile(r"^(\d{1,3})\s*(?:m|min|分钟|分)(?:\s+|$)", re.IGNORECASE)


class CustomerActions(Yanking):
    """Actions on the targets of a screen."""

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

    def _of(self, targets: Sequence[int]) -> str:
        """The targets in words: a name, or how many."""
        if len(targets) == 1:
            rows = self.crm.gateway.list_rows(targets)
            return display_text(rows[targets[0]].name) if targets[0] in rows else ""
        return ngettext("{count} customer", "{count} customers", len(targets)).format(count=len(targets))

    def _question(self, what: str, targets: Sequence[int]) -> str:
        """What the prompt line asks, and about whom."""
        return f" {what} · {self._of(targets)} › "

    async def log_interaction(self, kind: str) -> None:
        """Ask for the note of an interaction and log it."""
        from crmtui.services import activity

        targets = self.targets()[:1]
        if not targets:
            return
        label = _(KIND_LABELS[kind])
        text = await self.prompt.ask(
            f" {label} · {self._of(targets)} › ", placeholder=_("what was said; begin with 8m for eight minutes")
        )
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
        from crmtui.services import activity

        async def ask() -> None:
            targets = self.targets()
            if not targets:
                return
            text = await self.prompt.ask(
                self._question(_("task"), targets), placeholder=_("fri 3pm send samples"), hint=task_hint
            )
            if text is None or not text.strip():
                return
            due, what = split_understood(text, clock.local_now(), current_language())
            if due and not what:
                raise InvalidValue(_("a task needs a text"), field="text")
            told = _("task set: {text}").format(text=display_text(what))
            if due:
                told += f" · {due.shown}"
            stored = due.stored if due else None
            await self._save(lambda workspace: activity.add_task(workspace, targets, what, due_at=stored), told)

        self.crm.begin(ask())

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
                await self._save(
                    lambda workspace: record.change_tags(workspace, targets, add=add, remove=remove),
                    _("tagged {who}: {tags}").format(who=self._of(targets), tags=display_text(" ".join(words))),
                )

        self.crm.begin(ask())

    def _set_stage(self) -> None:
        from crmtui.tui.screens.pick import Choice

        async def choose() -> None:
            targets = self.targets()
            if not targets:
                return
            stages = {row.stage for row in self.crm.gateway.list_rows(targets).values()}
            stage = await self.pick(
                _("Stage of {who}").format(who=self._of(targets)),
                [Choice(key, _(STAGE_LABELS[key])) for key in STAGES],
                stages.pop() if len(stages) == 1 else None,
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

        await self._save(
            lambda workspace: record.edit_many(workspace, targets, {key: value}),
            _("{who}: {value}").format(who=self._of(targets), value=display_text(shown)),
        )

    def _archive(self) -> None:
        from crmtui.services import record

        async def work() -> None:
            targets = self.targets()
            if not targets:
                return
            rows = self.crm.gateway.list_rows(targets)
            restore = all(row.archived_at for row in rows.values())
            told = (_("taken out of the archive: {who}") if restore else _("archived: {who}")).format(
                who=self._of(targets)
            )
            await self._save(lambda workspace: record.archive(workspace, targets, restore=restore), told)

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
