"""A recipe: how files of one kind are brought in, as a value and as the text of a TOML file that can be reviewed and kept in git.

The text says what is expected of the file, where each column goes and by which steps, what every row gets besides, how rows meet
customers, and which values are corrected.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any, NamedTuple

from crmtui.domain.mapping.corrections import NOTHING_CORRECTED, Corrections
from crmtui.domain.mapping.steps import Step, parse_step
from crmtui.domain.mapping.targets import SKIP, parse_target
from crmtui.domain.view_text import quoted
from crmtui.errors import ConfigError, UsageError
from crmtui.i18n import _

VERSION = 1
_LINE = re.compile(r"\(at line (\d+), column \d+\)")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_KEYS = {
    "": (
        "recipe",
        "name",
        "mode",
        "match",
        "region",
        "guarded",
        "file",
        "columns",
        "constants",
        "policies",
        "corrections",
    ),
    "file": ("format", "encoding", "delimiter", "sheet", "header_row"),
    "columns": ("to", "steps", "order", "more", "empty"),
    "more": ("to", "steps"),
    "corrections": ("column", "old", "new", "fix"),
}


class RecipeColumn(NamedTuple):
    """Where a column goes: its target with the steps before it, further targets, the order of its dates ("" for found out), and
    whether it may be empty throughout."""

    target: str
    steps: tuple[Step, ...] = ()
    more: tuple[tuple[str, tuple[Step, ...]], ...] = ()
    order: str = ""
    empty: bool = False


class Recipe(NamedTuple):
    """``columns`` by name, in the order of the file. ``file`` holds what is expected of the file: ``format``, and what a person has
    said of ``encoding``, ``delimiter`` and ``sheet``; ``header_row`` is where the names of the columns were, the place to look for them
    when they are not found by themselves. ``corrections`` are rules for values only."""

    name: str
    columns: dict[str, RecipeColumn]
    file: dict[str, str | int]
    mode: str = "create"
    match: tuple[str, ...] = ()
    region: str = ""
    guarded: bool = False
    constants: dict[str, str] = {}  # noqa: RUF012  # never changed
    policies: dict[str, str] = {}  # noqa: RUF012
    corrections: Corrections = NOTHING_CORRECTED


class Drift(NamedTuple):
    """How a file differs from what its recipe expects: columns that are new, that are gone, and that are suddenly empty; the
    format if it is another one."""

    new: tuple[str, ...] = ()
    vanished: tuple[str, ...] = ()
    empty: tuple[str, ...] = ()
    format: str = ""

    @property
    def any(self) -> bool:
        """Whether it differs at all."""
        return any(self)

    def sentences(self) -> list[str]:
        """What differs, for a person."""
        told = []
        for columns, text in (
            (self.vanished, _("gone: {columns}")),
            (self.new, _("new: {columns}")),
            (self.empty, _("suddenly empty: {columns}")),
        ):
            if columns:
                told.append(text.format(columns=", ".join(columns)))
        if self.format:
            told.append(_("another format: {format}").format(format=self.format))
        return told


def find_drift(recipe: Recipe, columns: Sequence[str], format: str, empty: Sequence[str] = ()) -> Drift:
    """How a file with these columns differs from what ``recipe`` expects; ``empty`` are its columns without any value."""
    formats = {format, str(recipe.file.get("format", format))}
    return Drift(
        tuple(column for column in columns if column not in recipe.columns),
        tuple(column for column in recipe.columns if column not in columns),
        tuple(column for column in empty if column in recipe.columns and not recipe.columns[column].empty),
        format if len(formats) > 1 and formats != {"csv", "tsv"} else "",
    )


def recipe_text(recipe: Recipe) -> str:
    """The recipe as the text of its file; ``read_recipe`` gives the same recipe back."""
    lines = [f"recipe = {VERSION}", f"name = {quoted(recipe.name)}", f"mode = {quoted(recipe.mode)}"]
    if recipe.match:
        lines.append(f"match = {_list(recipe.match)}")
    if recipe.region:
        lines.append(f"region = {quoted(recipe.region)}")
    if recipe.guarded:
        lines.append("guarded = true")
    if recipe.file:
        lines += ["", "[file]"]
        lines += [f"{key} = {quoted(value) if isinstance(value, str) else value}" for key, value in recipe.file.items()]
    lines += ["", "[columns]"]
    lines += [f"{_key(name)} = {_column_text(column)}" for name, column in recipe.columns.items()]
    for title, table in (("constants", recipe.constants), ("policies", recipe.policies)):
        if table:
            lines += ["", f"[{title}]", *(f"{_key(key)} = {quoted(value)}" for key, value in table.items())]
    for column, old, new in recipe.corrections.values:
        lines += ["", "[[corrections]]", f"column = {quoted(column)}", f"old = {quoted(old)}", f"new = {quoted(new)}"]
    for column, code in recipe.corrections.fixes:
        lines += ["", "[[corrections]]", f"column = {quoted(column)}", f"fix = {quoted(code)}"]
    return "\n".join(lines) + "\n"


def _column_text(column: RecipeColumn) -> str:
    if column == RecipeColumn(column.target):
        return quoted(column.target)
    parts = [f"to = {quoted(column.target)}"]
    if column.steps:
        parts.append(f"steps = {_list([step.text for step in column.steps])}")
    if column.order:
        parts.append(f"order = {quoted(column.order)}")
    if column.more:
        more = [
            f"{{ to = {quoted(target)}" + (f", steps = {_list([step.text for step in steps])}" if steps else "") + " }"
            for target, steps in column.more
        ]
        parts.append(f"more = [{', '.join(more)}]")
    if column.empty:
        parts.append("empty = true")
    return f"{{ {', '.join(parts)} }}"


def _list(texts: Sequence[str]) -> str:
    return f"[{', '.join(map(quoted, texts))}]"


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else quoted(name)


def read_recipe(text: str, where: str, *, name: str = "") -> Recipe:
    """The recipe that a text says; ``where`` names the file, ``name`` is the recipe's if the text does not say one.

    Raises ConfigError naming the line, the key and the nearest one that exists.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = _LINE.search(str(error))
        raise ConfigError(
            _("this is no TOML: {reason}").format(reason=_LINE.sub("", str(error)).strip()),
            where=_("{file}, line {line}").format(file=where, line=at[1]) if at else where,
        ) from None
    return _Reading(text, where).recipe(document, name)


class _Reading:
    """Reads one document; knows where its keys stand."""

    def __init__(self, text: str, where: str) -> None:
        self._lines = text.split("\n")
        self._where = where

    def fail(self, key: str, message: str, hint: str | None = None) -> ConfigError:
        """An error about what stands at ``key``."""
        lines = [line.strip() for line in self._lines]
        begins = (f"{key} ", f"{key}=", quoted(key), f"[{key}]", f"[[{key}]]")
        number = next((at for at, line in enumerate(lines, 1) if line.startswith(begins)), 0) or next(
            (at for at, line in enumerate(lines, 1) if key in line), 0
        )
        where = _("{file}, line {line}").format(file=self._where, line=number) if number else self._where
        return ConfigError(message, where=where, hint=hint)

    def known(self, table: Mapping[str, Any], place: str) -> None:
        """Raise ConfigError when a table has a key that means nothing."""
        for key in table:
            if key not in _KEYS[place]:
                near = next(iter(get_close_matches(key, _KEYS[place], 1, 0.5)), "")
                raise self.fail(
                    key,
                    _("“{key}” means nothing in a recipe").format(key=key),
                    _("Did you mean {near}?").format(near=near)
                    if near
                    else _("Known here: {keys}.").format(keys=", ".join(_KEYS[place])),
                )

    def text(self, table: Mapping[str, Any], key: str, default: str = "") -> str:
        """A text; ConfigError when something else stands there."""
        value = table.get(key, default)
        if not isinstance(value, str):
            raise self.fail(key, _("“{key}” must be a text in quotes").format(key=key))
        return value

    def texts(self, table: Mapping[str, Any], key: str) -> tuple[str, ...]:
        """A list of texts."""
        value = table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise self.fail(key, _("“{key}” must be a list of texts").format(key=key))
        return tuple(value)

    def table(self, table: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        """A table."""
        value = table.get(key, {})
        if not isinstance(value, dict):
            raise self.fail(key, _("“{key}” must be a table").format(key=key))
        return value

    def recipe(self, document: Mapping[str, Any], name: str) -> Recipe:
        """The whole recipe."""
        self.known(document, "")
        if document.get("recipe", VERSION) != VERSION:
            raise self.fail("recipe", _("this recipe was made for another version of crmtui"))
        file = self.table(document, "file")
        self.known(file, "file")
        for key, value in file.items():
            if not isinstance(value, int if key == "header_row" else str) or isinstance(value, bool):
                raise self.fail(key, _("“{key}” has a value that cannot be").format(key=key))
        columns = {column: self.column(column, each) for column, each in self.table(document, "columns").items()}
        if not columns:
            raise ConfigError(_("the recipe says nothing about columns"), where=self._where)
        constants = self.table(document, "constants")
        for key in constants:
            self.target(key, key)
        return Recipe(
            self.text(document, "name", name),
            columns,
            dict(file),
            self.text(document, "mode", "create"),
            self.texts(document, "match"),
            self.text(document, "region"),
            document.get("guarded") is True,
            {key: self.text(constants, key) for key in constants},
            {key: self.text(self.table(document, "policies"), key) for key in self.table(document, "policies")},
            self.corrections(document),
        )

    def column(self, name: str, value: object) -> RecipeColumn:
        """What is said of one column."""
        if isinstance(value, str):
            return RecipeColumn(self.target(name, value))
        if not isinstance(value, dict):
            raise self.fail(name, _("“{key}” must be a text in quotes").format(key=name))
        self.known(value, "columns")
        more = value.get("more", [])
        if not isinstance(more, list) or not all(isinstance(each, dict) for each in more):
            raise self.fail(name, _("“{key}” must be a table").format(key="more"))
        for each in more:
            self.known(each, "more")
        order = self.text(value, "order")
        if order not in ("", "ymd", "dmy", "mdy"):
            raise self.fail(name, _("“{order}” is no order of a date").format(order=order), "ymd, dmy, mdy")
        return RecipeColumn(
            self.target(name, self.text(value, "to")),
            self.steps(name, value),
            tuple((self.target(name, self.text(each, "to")), self.steps(name, each)) for each in more),
            order,
            value.get("empty") is True,
        )

    def target(self, name: str, text: str) -> str:
        """A target that exists."""
        found = parse_target(text) if text else None
        if found is None:
            from crmtui.domain.fields import BY_KEY

            near = next(iter(get_close_matches(text, [*BY_KEY, SKIP], 1)), "")
            raise self.fail(
                name,
                _("there is no field {name}").format(name=text or '""'),
                _("Did you mean {near}? A new field is written custom.NAME").format(near=near)
                if near
                else _("A new field is written custom.NAME; skip leaves the column out"),
            )
        return text if text == SKIP else found.text

    def steps(self, name: str, table: Mapping[str, Any]) -> tuple[Step, ...]:
        """The steps before a target."""
        try:
            return tuple(parse_step(text) for text in self.texts(table, "steps"))
        except UsageError as error:
            raise self.fail(name, error.message, error.hint) from None

    def corrections(self, document: Mapping[str, Any]) -> Corrections:
        """The rules for values."""
        entries = document.get("corrections", [])
        if not isinstance(entries, list) or not all(isinstance(each, dict) for each in entries):
            raise self.fail("corrections", _("“{key}” must be a list of tables, [[{key}]]").format(key="corrections"))
        found = Corrections()
        for each in entries:
            self.known(each, "corrections")
            column = self.text(each, "column")
            if not column or ("fix" in each) == ("old" in each):
                raise self.fail("corrections", _("a correction needs column, and either old and new, or fix"))
            if "fix" in each:
                found = found.with_fix(column, self.text(each, "fix"))
            else:
                found = found.with_value(column, self.text(each, "old"), self.text(each, "new"))
        return found
