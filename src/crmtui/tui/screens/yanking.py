"""Copying out of the program: a phone, a line, a whole card as text. What is copied is what is shown, never raw data."""

import asyncio
from collections.abc import Sequence

from crmtui.domain.models import CustomerRecord
from crmtui.domain.phones import show_phone
from crmtui.domain.text import display_text
from crmtui.errors import CrmError
from crmtui.i18n import _, ngettext
from crmtui.i18n.show import show_number
from crmtui.storage.activities import CardFigures
from crmtui.tui._textual_private import write_to_terminal
from crmtui.tui.card import Group, contact_lines, facts_groups, money_groups, next_groups, title_spans, work_text
from crmtui.tui.screens.base import CrmScreen

MOST_CARDS = 100
"""Customers whose cards are copied at once; more are a matter for a file."""
_ADDRESS = ("street", "postal_code", "city", "region", "country")
_ONE_A_LINE = 1
"""Cells of a line so narrow that every phone and e-mail gets one of its own."""


class Yanking(CrmScreen):
    """Copies what the screen's ``targets`` are about; the status line says what went, and which way."""

    def targets(self) -> tuple[int, ...]:
        """The customers that are meant."""
        return ()

    def yank(self, text: str, what: str) -> None:
        """Copy ``text``; ``what`` is what to call it in the status line. Nothing to copy is told, too."""
        if text:
            self.crm.begin(self._copy(text, what))
        else:
            self.tell(_("There is nothing to copy here"))

    async def _copy(self, text: str, what: str) -> None:
        from crmtui.tui.clipboard import copy

        crm = self.crm

        def write(sequence: str) -> None:
            crm.call_from_thread(write_to_terminal, crm, sequence)

        done = await asyncio.to_thread(copy, text, write, setting=crm.settings.clipboard)
        crm.tell(f"{what} · {done.sentence}")

    def _yank_phones(self) -> None:
        """The first phone of each customer that is meant, a line each."""
        rows = self.crm.gateway.list_rows(self.targets())
        region = self.crm.workspace.region
        phones = [phone_text(row.phone, region) for row in rows.values() if row.phone]
        if not phones and rows:
            self.tell(_("No phone is known"))
            return
        count = len(phones)
        told = ngettext("{count} phone", "{count} phones", count).format(count=show_number(count))
        self.yank("\n".join(phones), phones[0] if count == 1 else told)

    def _yank_cards(self) -> None:
        """The card of each customer that is meant, a blank line between them."""
        targets = self.targets()
        if len(targets) > MOST_CARDS:
            self.crm.tell_error(
                CrmError(
                    _("too many cards to copy: {count}, and {most} go at once").format(
                        count=show_number(len(targets)), most=MOST_CARDS
                    ),
                    hint=_("Export them to a file, or copy less"),
                )
            )
            return
        gateway, region = self.crm.gateway, self.crm.workspace.region
        records = [(customer, gateway.customer(customer)) for customer in targets]
        cards = [card_text(record, gateway.figures(customer), region) for customer, record in records if record]
        self.yank("\n\n".join(cards), ngettext("{count} card", "{count} cards", len(cards)).format(count=len(cards)))


def phone_text(phone: str, region: str) -> str:
    """A phone as the lists show it."""
    return display_text(show_phone(phone if phone.startswith("+") else "", phone, region), limit=40)


def card_text(record: CustomerRecord, figures: CardFigures, region: str) -> str:
    """The card of a customer as lines of plain text, without timeline."""
    title, tags = title_spans(record)
    lines = [_plain([title])]
    lines += [tags[0].text, work_text(record)]
    lines += [_plain([spans]) for spans in contact_lines(record, region, _ONE_A_LINE)]
    lines += [
        display_text(" ".join(part for key in _ADDRESS if (part := str(address.get(key) or ""))))
        for address in record["addresses"]
    ]
    lines += [_plain(groups) for groups in (facts_groups(record), money_groups(figures))]
    lines.append(_plain(next_groups(figures.next_task, figures.rhythm_days, record["last_interaction_at"])))
    lines += [display_text(line) for line in (record["notes"] or "").splitlines()]
    return "\n".join(line for line in lines if line.strip())


def _plain(groups: Sequence[Group]) -> str:
    return " · ".join("".join(span.text for span in group).strip() for group in groups)
