"""What was being typed when the program or the line went away: told at the start, listed by one key, taken up or thrown away."""

from typing import TYPE_CHECKING, cast

from crmtui.domain.fields import KIND_LABELS
from crmtui.domain.text import display_text
from crmtui.i18n import _, ngettext
from crmtui.services.drafts import Draft, drop_draft
from crmtui.tui.actions import key_sign
from crmtui.tui.card import when
from crmtui.tui.drafting import CALL, FORM, drafts_here, waiting_drafts
from crmtui.tui.screens.customer_actions import TASK, CustomerActions

if TYPE_CHECKING:
    from crmtui.tui.app import CrmApp

_TAKE_UP, _THROW_AWAY = "take", "throw"
_SHOWN_TEXT = 60


def offer_drafts(crm: "CrmApp") -> None:
    """Say at the start that something was left unfinished, and which key takes it up."""
    drafts = waiting_drafts(crm)
    if not drafts:
        return
    told = _("not saved yet: {what}").format(what=_title(drafts[0]))
    if len(drafts) > 1:
        others = len(drafts) - 1
        told += " · " + ngettext("{count} more", "{count} more", others).format(count=others)
    key = next(iter(crm.keymap["app.drafts"]), "")
    crm.tell(told + " · " + _("{key} takes it up").format(key=key_sign(key) if key else _("unfinished")))


async def take_up_draft(crm: "CrmApp") -> None:
    """Choose what to take up, or to throw away."""
    from crmtui.tui.screens.pick import Choice

    screen = crm.screen
    if not isinstance(screen, CustomerActions):
        crm.tell(_("Go back to the list first: 1"))
        return
    drafts = waiting_drafts(crm)
    if not drafts:
        crm.tell(_("Nothing was left unfinished"))
        return
    chosen: str | None = "0"
    if len(drafts) > 1:
        choices = [Choice(str(at), _title(draft), detail=when(draft.at)) for at, draft in enumerate(drafts)]
        chosen = await screen.pick(_("Not saved yet"), choices)
    if chosen is None:
        return
    draft = drafts[int(chosen)]
    what = await screen.pick(
        _title(draft),
        [
            Choice(_TAKE_UP, _("take it up"), detail=display_text(_text_of(draft), limit=_SHOWN_TEXT)),
            Choice(_THROW_AWAY, _("throw it away")),
        ],
    )
    if what == _THROW_AWAY:
        drop_draft(drafts_here(), draft.id)
        crm.tell(_("thrown away: {what}").format(what=_title(draft)))
    elif what == _TAKE_UP:
        await _take_up(crm, draft)


async def _take_up(crm: "CrmApp", draft: Draft) -> None:
    from crmtui.tui.screens.calling import call_with, settled
    from crmtui.tui.screens.customer import open_customer

    value = _value(draft)
    customers = _customers(crm, value)
    if draft.kind == FORM:
        from crmtui.tui.screens.form import FormScreen

        form = FormScreen(customers[0] if customers else None, _typed(value))
        crm.took_up(form, draft)
        await crm.push_screen(form)
        return
    if not customers:
        crm.tell(_("This customer is gone; u may bring it back"))
        return
    await open_customer(crm, customers[0])
    await settled(crm)
    screen = crm.screen
    if draft.kind == CALL:
        await call_with(crm, customers[0], str(value.get("number") or ""))
    elif isinstance(screen, CustomerActions):
        crm.took_up(screen, draft)
        text, what = str(value.get("text") or ""), str(value.get("what") or "")
        if what == TASK:
            await screen.set_task(customers, text)
        else:
            await screen.log_interaction(what if what in KIND_LABELS else "note", customers, text)


def _customers(crm: "CrmApp", value: dict[str, object]) -> tuple[int, ...]:
    """Whom a draft is about, as far as they are still there."""
    named = value.get("customers")
    ids = [each for each in (named if isinstance(named, list) else [value.get("customer")]) if isinstance(each, int)]
    return tuple(each for each in ids if each in crm.gateway.list_rows(ids))


def _value(draft: Draft) -> dict[str, object]:
    return cast("dict[str, object]", draft.value)


def _typed(value: dict[str, object]) -> dict[str, str]:
    """What was typed into a form, by form key."""
    typed = value.get("values")
    return {str(key): str(text) for key, text in typed.items()} if isinstance(typed, dict) else {}


def _title(draft: Draft) -> str:
    """A draft in a few words: what it is, and about whom."""
    value = _value(draft)
    if draft.kind == CALL:
        label = _("call")
    elif draft.kind == FORM:
        label = _("form") if value.get("customer") is not None else _("new customer")
    else:
        what = str(value.get("what") or "")
        label = _("task") if what == TASK else _(KIND_LABELS[what]) if what in KIND_LABELS else _("note")
    subject = display_text(draft.subject, limit=40)
    return f"{label} · {subject}" if subject else label


def _text_of(draft: Draft) -> str:
    """What was typed, in one line."""
    value = _value(draft)
    if draft.kind == FORM:
        return " · ".join(text for text in _typed(value).values() if text.strip())
    return " · ".join(str(value[key]) for key in ("notes", "text", "next") if value.get(key))
