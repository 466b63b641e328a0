"""Customers as text to edit in one's own editor: a block a customer, a line a field, read back strictly.

    === 1032 v7 张伟
    name: 张伟
    phones:
      - 138 1234 5678 [mobile]
    tags: vip, key account
    notes: |
      first line
      second line

A value that could be misread stands in quotes with JSON escapes. What was not changed is read back exactly as it was; a block that is
missing leaves its customer as it is. Nothing here raises: what cannot be read is a problem with its line.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import NamedTuple

from crmtui.domain.fields import BY_KEY, BY_QUERY_NAME
from crmtui.domain.intake import split_tags
from crmtui.domain.text import display_text
from crmtui.i18n import _

_HEADER = re.compile(r"===\s*(\d{1,18})\s+v(\d{1,18})(?:\s.*)?", re.ASCII)
_FIELD = re.compile(r'("(?:[^"\\]|\\.)*"|[^\s:"#=][^:"]*?)\s*:(?:\s+(.*))?')
_ITEM = re.compile(r'\s*-\s+("(?:[^"\\]|\\.)*"|[^\[\]]*?)\s*(?:\[\s*("(?:[^"\\]|\\.)*"|[^\[\]"]*?)\s*\])?\s*')
_NAME_CELLS = 60


class Item(NamedTuple):
    """One of several values of a field, with its label ("" for none)."""

    value: str
    label: str = ""


Value = str | tuple[Item, ...]


class TextCustomer(NamedTuple):
    """A customer as it is given to the editor: its values by field key, several ones as items; "" and () for none."""

    id: int
    version: int
    name: str
    values: dict[str, Value]


class TextEdit(NamedTuple):
    """What was changed of one customer: the values before and after by field key."""

    customer: TextCustomer
    values: dict[str, Value]


class TextProblem(NamedTuple):
    """Something that cannot be read: its line (from 1, 0 for the whole text) and what is wrong."""

    line: int
    message: str


class Difference(NamedTuple):
    """One changed field in words: a value of several is one line each; may hold user data."""

    customer_id: int
    name: str
    field: str
    before: str
    after: str


def is_list(key: str) -> bool:
    """Whether a field holds several values: contact points and tags."""
    field = BY_KEY.get(key)
    return field is not None and field.place in ("point", "tags")


def render(customers: Iterable[TextCustomer]) -> str:
    """The text of these customers, with a head that says how to edit it."""
    head = (
        _("Change what you like, save and close. An empty value clears a field."),
        _("A block or a line that you remove leaves its customer or field as it is; nobody is deleted."),
        _("Several values stand under their field, each behind a dash, a label in brackets: - 13812345678 [work]"),
        _("Text of several lines stands behind | and is indented. Lines that begin with # are not read."),
    )
    lines = [f"# {line}" for line in head]
    for customer in customers:
        name = display_text(" ".join(customer.name.split()))[:_NAME_CELLS]
        lines += ["", f"=== {customer.id} v{customer.version} {name}"]
        for key, value in customer.values.items():
            lines += _field_lines(key, value)
    return "\n".join(lines) + "\n"


def parse(text: str, original: Sequence[TextCustomer]) -> list[TextEdit] | list[TextProblem]:
    """What was changed against ``original``, customers without a change left out; problems instead when there is any."""
    known = {customer.id: customer for customer in original}
    reader = _Reader(known)
    for number, line in enumerate(text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n"), 1):
        reader.take(number, line)
    reader.close_field()
    problems = reader.problems
    if not reader.seen and not problems:
        problems.append(TextProblem(0, _("there is no customer in the text")))
    if problems:
        return problems
    edits = []
    for customer_id, values in reader.seen.items():
        customer = known[customer_id]
        changed = {key: value for key, value in values.items() if not _equal(key, customer.values.get(key), value)}
        if changed:
            edits.append(TextEdit(customer, changed))
    return edits


def diff(edits: Iterable[TextEdit]) -> list[Difference]:
    """Every changed field of the edits, for a person to look at before it is saved."""
    return [
        Difference(edit.customer.id, edit.customer.name, key, shown(edit.customer.values.get(key, "")), shown(value))
        for edit in edits
        for key, value in edit.values.items()
    ]


def shown(value: Value) -> str:
    """A value as one text: several ones a line each."""
    if isinstance(value, str):
        return value
    return "\n".join(f"{item.value} [{item.label}]" if item.label else item.value for item in value)


def _equal(key: str, before: Value | None, after: Value) -> bool:
    if key == "tags" and isinstance(before, tuple) and isinstance(after, tuple):
        return {item.value for item in before} == {item.value for item in after}  # they have no order of their own
    return before == after or (before is None and not after)


def _field_lines(key: str, value: Value) -> list[str]:
    found = _FIELD.fullmatch(f"{key}:")
    name = key if found and found[1] == key and key.isprintable() and not key.startswith(("-", "===")) else _quoted(key)
    if isinstance(value, tuple):
        tags = [item.value for item in value]
        if key == "tags" and all(_is_plain(tag) for tag in tags) and split_tags(", ".join(tags)) == tags:
            return [f"{name}: {', '.join(tags)}".rstrip()]
        return [f"{name}:", *(f"  - {_item(item)}" for item in value)]
    if "\n" in value and _is_block(value):
        return [f"{name}: |", *(f"  {line}" if line else "" for line in value.split("\n"))]
    return [f"{name}: {value if _is_plain(value) else _quoted(value)}".rstrip()]


def _item(item: Item) -> str:
    plain = _is_plain(item.value) and item.value and "[" not in item.value and "]" not in item.value
    value = item.value if plain else _quoted(item.value)
    if not item.label:
        return value
    plain = _is_plain(item.label) and set('[]"').isdisjoint(item.label)
    return f"{value} [{item.label if plain else _quoted(item.label)}]"


def _is_plain(text: str) -> bool:
    """Whether a value on its line is read back as itself, whatever an editor does to blanks at the ends of lines."""
    return text.isprintable() and text == text.strip() and '"' not in text[:1] and text != "|" and "\u3000" not in text


def _is_block(text: str) -> bool:
    lines = text.split("\n")
    return bool(lines[0] and lines[-1]) and all(line.isprintable() and line == line.rstrip() for line in lines)


def _quoted(text: str) -> str:
    """``text`` in quotes: what would not be seen, or be shown as something else, is an escape."""
    out = ['"']
    for sign in text:
        if sign in '"\\':
            out.append("\\" + sign)
        elif sign == " " or sign.isprintable():
            out.append(sign)
        else:
            out.append(json.dumps(sign)[1:-1])
    return "".join([*out, '"'])


class _Reader:
    """Reads line by line; ``seen`` are the values of each customer that the text holds."""

    def __init__(self, known: Mapping[int, TextCustomer]) -> None:
        self.known = known
        self.seen: dict[int, dict[str, Value]] = {}
        self.problems: list[TextProblem] = []
        self._customer: int | None = None
        self._key = ""
        self._items: list[Item] | None = None
        self._block: list[str] | None = None

    def take(self, number: int, line: str) -> None:
        """Read one line."""
        if self._block is not None and (not line.strip() or line[:1] in " \t"):
            self._block.append(line)
            return
        if not line.strip() or line.startswith("#"):
            return
        if self._items is not None and line.lstrip().startswith("-"):
            self._take_item(number, line)
            return
        self.close_field()
        if line.startswith("==="):
            self._take_header(number, line)
        elif self._customer is None:
            if not self.problems:
                self._tell(number, _("a block begins with === and the number of the customer"))
        else:
            self._take_field(number, line)

    def close_field(self) -> None:
        """End the field that is being read."""
        if self._customer is not None and self._key:
            if self._block is not None:
                self.seen[self._customer][self._key] = _unindented(self._block)
            elif self._items is not None:
                self.seen[self._customer][self._key] = tuple(self._items)
        self._key, self._items, self._block = "", None, None

    def _tell(self, number: int, message: str) -> None:
        self.problems.append(TextProblem(number, message))

    def _take_header(self, number: int, line: str) -> None:
        self._customer = None
        found = _HEADER.fullmatch(line.rstrip())
        customer = int(found[1]) if found else 0
        if found is None:
            self._tell(number, _("the line of a customer reads: === 1032 v7 name"))
        elif customer not in self.known:
            self._tell(number, _("customer {id} is none of those that were to be edited").format(id=customer))
        elif customer in self.seen:
            self._tell(number, _("customer {id} stands here twice").format(id=customer))
        elif int(found[2]) != self.known[customer].version:
            self._tell(number, _("the version of customer {id} was changed").format(id=customer))
        else:
            self._customer = customer
            self.seen[customer] = {}

    def _take_field(self, number: int, line: str) -> None:
        found = _FIELD.fullmatch(line.strip())
        if found is None or line[:1] in " \t":
            self._tell(number, _("this is no “field: value”"))
            return
        written = _unquoted(found[1])
        key = self._key_of(number, written) if written is not None else None
        if written is None:
            self._tell(number, _("the quotes are not right"))
        if key is None or self._customer is None:
            return
        if key in self.seen[self._customer]:
            self._tell(number, _("{field} stands here twice").format(field=key))
            return
        given = (found[2] or "").strip()
        self._key = key
        if is_list(key):
            self._items = []
            if given:
                self._take_inline(number, key, given)
        elif given == "|":
            self._block = []
        else:
            value = _unquoted(given)
            if value is None:
                self._tell(number, _("the quotes are not right"))
            elif key == "name" and not value.strip():
                self._tell(number, _("a customer needs a name"))
            else:
                self.seen[self._customer][key] = value
            self._key = ""

    def _key_of(self, number: int, written: str) -> str | None:
        values = self.known[self._customer or 0].values
        if written in values:
            return written
        field = BY_QUERY_NAME.get(written.casefold())
        if field is not None and field.form:
            return field.key
        if written.startswith("custom.") and len(written) > len("custom."):
            return written
        near = next(iter(get_close_matches(written.casefold(), [*values, *BY_QUERY_NAME], 1, 0.5)), "")
        told = _("there is no field “{name}”").format(name=written)
        self._tell(number, f"{told} {_('Did you mean “{nearest}”?').format(nearest=near)}" if near else told)
        return None

    def _take_inline(self, number: int, key: str, given: str) -> None:
        """Several values on the line of their field: tags, or contact points between semicolons."""
        if given.startswith('"'):
            self._tell(number, _("write this value below, behind a dash"))
            return
        if key == "tags":
            self._items = [Item(tag) for tag in split_tags(given)]
            return
        for part in given.split(";"):
            if part.strip():
                self._take_item(number, f"- {part.strip()}")

    def _take_item(self, number: int, line: str) -> None:
        found = _ITEM.fullmatch(line)
        value = _unquoted(found[1]) if found else None
        label = _unquoted(found[2] or "") if found else None
        if value is None or label is None or not value.strip():
            self._tell(number, _("a value reads: - value, or - value [label]"))
        elif self._items is not None:
            self._items.append(Item(value, label))


def _unquoted(text: str) -> str | None:
    """The text that a value stands for; None when its quotes do not end or hold something wrong."""
    if not text.startswith('"'):
        return text
    try:
        value = json.loads(text, strict=False)
    except ValueError:
        return None
    return value if isinstance(value, str) else None


def _unindented(lines: Sequence[str]) -> str:
    """The text of an indented block: the indent of its first line is none of it, blank lines at its end neither."""
    kept = list(lines)
    while kept and not kept[-1].strip():
        kept.pop()
    first = next((line for line in kept if line.strip()), "")
    indent = first[: len(first) - len(first.lstrip(" \t"))]
    return "\n".join(line.removeprefix(indent).rstrip() for line in kept)
