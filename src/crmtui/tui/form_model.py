"""The form without its widgets: what stands in every field, what of it is new, how it is understood, what is to be saved."""

from collections.abc import Sequence

from crmtui.domain.fields import Field
from crmtui.domain.intake import Intake
from crmtui.domain.models import CustomerRecord
from crmtui.domain.names import split_name
from crmtui.tui.form_values import (
    FormField,
    Reading,
    choice_value,
    editable,
    field_text,
    form_rows,
    read_field,
    read_new,
    suggestions,
)

_IDENTIFYING = ("name", "family_name", "given_name", "company", "kind", "phones", "emails")


class Entry:
    """A field of the form: what is stored, what stands there now (``value``), where the caret was."""

    def __init__(self, row: FormField, stored: str) -> None:
        self.row = row
        self.stored = editable(stored)
        self.value = self.stored.text
        self.caret = len(self.value)

    @property
    def key(self) -> str:
        """The form key."""
        return self.row.key

    @property
    def changed(self) -> bool:
        """Whether something else stands here than is stored."""
        return self.value != self.stored.text and bool(self.value.strip() or self.stored.text.strip())


class FormModel:
    """The entries of a form; ``record`` is None for a customer that does not exist yet."""

    def __init__(self, record: CustomerRecord | None, custom: Sequence[Field], region: str) -> None:
        self.record = record
        self.region = region
        self.entries = self._entries(custom)
        self.name_note = ""
        """What the name of a new customer is understood as."""
        self.intake: Intake | None = None
        """The new customer as it would be stored; None while nothing is typed, and for one that exists."""
        self._readings: dict[str, Reading] = {}
        self._choices: dict[str, str] = {}
        self._split = (self.entry("family_name").value, self.entry("given_name").value)
        self.learn_choices()

    def _entries(self, custom: Sequence[Field]) -> list[Entry]:
        record = self.record
        rows = form_rows(custom, record)
        return [Entry(row, field_text(record, row) if record is not None else "") for row in rows]

    def take_fields(self, custom: Sequence[Field]) -> None:
        """Have the entries of these custom fields from now on; what was typed stays."""
        typed = {entry.key: entry for entry in self.entries}
        self.entries = [typed.get(entry.key, entry) for entry in self._entries(custom)]
        self.learn_choices()

    def entry(self, key: str) -> Entry:
        """The entry with a form key."""
        return next(entry for entry in self.entries if entry.key == key)

    @property
    def rows(self) -> list[FormField]:
        """The fields, in the order of the form."""
        return [entry.row for entry in self.entries]

    @property
    def changed(self) -> list[Entry]:
        """What is not saved."""
        return [entry for entry in self.entries if entry.changed]

    @property
    def refused(self) -> Entry | None:
        """The first entry that cannot be saved as it is."""
        return next((entry for entry in self.entries if self.reading(entry).refused), None)

    def reading(self, entry: Entry) -> Reading:
        """How an entry is understood; nothing for one that was not touched."""
        return self._readings.get(entry.key, Reading())

    def values(self) -> dict[str, str]:
        """What is to be saved, by form key."""
        return {entry.key: self.meaning(entry) for entry in self.changed}

    def set_value(self, entry: Entry, value: str) -> None:
        """Let something else stand in a field, and understand it."""
        entry.value = value
        self.understand(entry)

    def understand(self, entry: Entry) -> None:
        """Read an entry again, and what follows from it."""
        changed = entry.changed
        self._readings[entry.key] = read_field(entry.row, self.meaning(entry), self.region) if changed else Reading()
        if self.record is None and entry.key in _IDENTIFYING:
            values = {other.key: self.meaning(other) for other in self.entries if other.value.strip()}
            if self.reading(self.entry("kind")).refused:
                values.pop("kind", None)
            intake, self.name_note = read_new(values, self.region)
            self.intake = intake if values else None
        elif self.record is not None and entry.key == "name":
            self._split_again(entry)

    def _split_again(self, name: Entry) -> None:
        """A new name has new parts, unless the parts were the person's own words."""
        family, given = self.entry("family_name"), self.entry("given_name")
        stored = split_name(name.stored.text)
        own = (family.stored.text, given.stored.text) != (stored.family, stored.given)
        if own or (family.value, given.value) != self._split or self.meaning(self.entry("kind")) == "company":
            return
        parts = split_name(name.value) if name.changed else stored
        self._split = (parts.family, parts.given)
        family.value, given.value = self._split

    def meaning(self, entry: Entry) -> str:
        """What an entry says: the stored form of a choice, the characters behind the stand-ins."""
        typed = entry.stored.read_back(entry.value)
        return self._choices.get(typed.strip().casefold(), typed) if entry.row.field.choices else typed

    def learn_choices(self) -> None:
        """Learn the labels of the choices in the current language; those of another language stay understood."""
        for entry in self.entries:
            for word in suggestions(entry.row.field) if entry.row.field.choices else ():
                self._choices[word.casefold()] = choice_value(entry.row.field, word)

    def understand_all(self) -> None:
        """Read everything again, after a change of language."""
        self.learn_choices()
        for entry in self.entries:
            self.understand(entry)
