"""vCard: address books of phones and mail programs, many cards to a file, as the rows of a table."""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from crmtui.errors import FormatError
from crmtui.formats.flatten import ColumnUnion
from crmtui.formats.structured_rows import Broken, RecordRow, StructuredRows, broken, encoding_of
from crmtui.formats.table import Choices, Detection, Note, place
from crmtui.formats.text_source import opened, settle_encoding
from crmtui.formats.vcard_card import Card, Unreadable, read_card
from crmtui.formats.vcard_lines import CardLines, cards
from crmtui.i18n import _, ngettext


class _Read(NamedTuple):
    """A card, or the reason why it cannot be read."""

    lines: CardLines
    card: Card | None
    reason: str


def inspect(path: Path | None, data: bytes | None, format_id: str, choices: Choices) -> Detection:
    """The columns all cards have together, a sample, and what is left out."""
    union, damaged = ColumnUnion(), Broken()
    binary = groups = 0
    with opened(path, data) as source:
        encoding = settle_encoding(source, choices, lambda _head: "utf-8")
        for each in _cards(source, encoding.name):
            if each.card is None:
                damaged.add(each.lines.number, each.reason)
                continue
            binary += each.card.binary
            if each.card.is_group:
                groups += 1
            else:
                union.add(each.card.flat)
    if not union.count:
        reason = next((note.text for note in damaged.notes()), None)
        raise FormatError(_("the file holds no cards"), where=place(path), hint=reason)
    notes = []
    if binary:
        text = ngettext(
            "{count} photo, sound or key is left out", "{count} photos, sounds and keys are left out", binary
        )
        notes.append(Note("binary_left_out", text.format(count=binary)))
    if groups:
        text = ngettext("{count} group of cards is left out", "{count} groups of cards are left out", groups)
        notes.append(Note("groups_left_out", text.format(count=groups)))
    return Detection(
        format=format_id,
        columns=union.columns(),
        sample=union.sample(),
        notes=(*encoding.notes, *notes, *damaged.notes(), *union.notes()),
        **encoding_of(encoding),
    )


def open_rows(path: Path, detection: Detection) -> StructuredRows:
    """The cards as rows."""

    def records(source: BinaryIO, _notes: list[Note]) -> Iterator[RecordRow]:
        for each in _cards(source, detection.encoding):
            if each.card is None:
                text = b"\n".join(line.data for line in each.lines.lines).decode("utf-8", "replace")
                yield each.lines.number, broken(text)
            elif not each.card.is_group:
                yield each.lines.number, each.card.flat

    return StructuredRows(path, detection, records)


def _cards(source: BinaryIO, encoding: str) -> Iterator[_Read]:
    if encoding.startswith(("utf-16", "utf-32")):
        lines, encoding = cards(source, encoding), "utf-8"
    else:
        lines = cards(source, encoding)
    for each in lines:
        try:
            yield _Read(each, read_card(each, encoding), "")
        except Unreadable as unreadable:
            yield _Read(each, None, str(unreadable))
