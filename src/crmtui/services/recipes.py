"""Recipes: how files of one kind are brought in. Saved in the customer file (one undoable act) or as a TOML file kept in git.

A recipe is found again when the same columns come back. What has changed in a file since is told as drift: columns that are new,
gone or suddenly empty.
"""

import os
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple, cast

from crmtui.domain.dates import Order
from crmtui.domain.mapping.guess import ColumnMapping
from crmtui.domain.mapping.recipe import Drift, Recipe, RecipeColumn, find_drift, read_recipe, recipe_text
from crmtui.domain.mapping.targets import SKIP
from crmtui.errors import ConfigError, CrmError, FormatError, InvalidValue, NotFound, UsageError
from crmtui.formats.guard import run_guarded
from crmtui.formats.table import Note
from crmtui.i18n import _
from crmtui.services.importing.plan import ImportOptions, ImportPlan, Mode
from crmtui.services.importing.policies import Policy
from crmtui.services.importing.reading import empty_columns
from crmtui.services.workspace import Workspace
from crmtui.storage.driver import Connection
from crmtui.storage.journal import operation
from crmtui.storage.recipes import list_recipes, put_recipe, read_recipe_text, remove_recipe

__all__ = [
    "Drift",
    "Offer",
    "Recipe",
    "SavedRecipe",
    "apply",
    "delete",
    "drift_of",
    "load",
    "named",
    "offers",
    "options_of",
    "recipe_of",
    "recipe_text",
    "refuse_drift",
    "save",
    "save_to",
    "saved",
    "write_file",
]

_LONGEST = 1_000_000  # bytes of a recipe file


class SavedRecipe(NamedTuple):
    """A recipe that was saved or removed, and the operation that did it (0 when nothing changed)."""

    name: str
    operation_id: int


class Offer(NamedTuple):
    """A saved recipe that fits a file, and how the file differs from what it expects."""

    recipe: Recipe
    drift: Drift


def is_file(name: str) -> bool:
    """Whether a recipe's name is the path of a file."""
    return name.endswith(".toml") or os.sep in name


def load(workspace: Workspace | None, name: str) -> Recipe:
    """The recipe with this name in the customer file, or of this file (``FILE.toml``).

    Raises UsageError with the nearest name, and ConfigError naming line and key for a text that is no recipe.
    """
    if is_file(name):
        return _checked(read_recipe(_read_file(name), name, name=os.path.basename(name).removesuffix(".toml")), name)
    if workspace is None:
        raise UsageError(
            _("there is no recipe {name}").format(name=name),
            hint=_("A file is written with its ending: {name}.toml").format(name=name),
        )
    return named(workspace.database.thread_reader(), name)


def named(connection: Connection, name: str) -> Recipe:
    """The recipe with this name in the customer file. Raises as ``load``."""
    text = read_recipe_text(connection, name)
    if text is None:
        from difflib import get_close_matches

        near = next(iter(get_close_matches(name, [each for each, _text in list_recipes(connection)], 1, 0.5)), "")
        raise UsageError(
            _("there is no recipe {name}").format(name=name),
            hint=_("Did you mean {near}?").format(near=near)
            if near
            else _("crmtui recipe list shows them; --save-recipe {name} makes one").format(name=name),
        )
    return _checked(read_recipe(text, name, name=name)._replace(name=name), name)


def saved(connection: Connection) -> list[Recipe]:
    """Every recipe of the customer file that can be read, by name."""
    found = []
    for name, text in list_recipes(connection):
        try:
            found.append(_checked(read_recipe(text, name, name=name)._replace(name=name), name))
        except ConfigError:
            continue  # made by a newer program; whoever names it is told what is wrong
    return found


def save(workspace: Workspace, recipe: Recipe) -> SavedRecipe:
    """Keep a recipe in the customer file; the one of its name is replaced. Raises InvalidValue for an empty name."""
    if not recipe.name.strip() or is_file(recipe.name):
        raise InvalidValue(_("a recipe needs a name that is no path"), field="name")
    with operation(workspace.database, "recipe.save", subject=recipe.name, actor=workspace.actor) as act:
        put_recipe(act, recipe.name, recipe_text(recipe))
    return SavedRecipe(recipe.name, act.id)


def delete(workspace: Workspace, name: str) -> SavedRecipe:
    """Remove a recipe of the customer file; undo brings it back. Raises NotFound."""
    with operation(workspace.database, "recipe.delete", subject=name, actor=workspace.actor) as act:
        if not remove_recipe(act, name):
            raise NotFound(_("there is no recipe {name}").format(name=name))
    return SavedRecipe(name, act.id)


def write_file(path: str, recipe: Recipe) -> None:
    """Write a recipe as a text file, in the place of one that is there. Raises CrmError."""
    part = f"{path}.part"
    try:
        with open(part, "w", encoding="utf-8") as stream:
            stream.write(recipe_text(recipe))
        os.replace(part, path)
    except OSError as error:
        raise CrmError(
            _("the recipe cannot be written: {reason}").format(reason=error.strerror or str(error)), where=path
        ) from error


def save_to(workspace: Workspace | None, plan: ImportPlan, name: str) -> SavedRecipe:
    """Keep what ``plan`` says as a recipe: under a name in the customer file, or as a file (``FILE.toml``)."""
    if is_file(name):
        write_file(name, recipe_of(plan, os.path.basename(name).removesuffix(".toml")))
        return SavedRecipe(name, 0)
    if workspace is None:
        raise UsageError(
            _("there is no customer file yet to keep a recipe in"), hint=_("Name a file: {name}.toml").format(name=name)
        )
    return save(workspace, recipe_of(plan, name))


def recipe_of(plan: ImportPlan, name: str) -> Recipe:
    """What a person has said and accepted about a file, as a recipe for the next one of its kind."""
    options, found = plan.options, plan.detection
    empty = _empty(plan, [each.column for each in plan.mapping])
    file: dict[str, str | int] = {"format": found.format}
    for key in ("encoding", "delimiter", "sheet"):
        value = getattr(options, key)
        if value is not None:
            file[key] = value
    file["header_row"] = found.header_row
    columns = {
        each.column: RecipeColumn(each.field, each.steps, each.more, each.order or "", each.column in empty)
        for each in plan.mapping
    }
    return Recipe(
        name,
        columns,
        file,
        options.mode,
        tuple(options.match),
        plan.region,
        options.guarded,
        plan.constants,
        dict(options.policies),
        plan.corrections.rules,
    )


def options_of(recipe: Recipe, options: ImportOptions) -> ImportOptions:
    """``options`` with what the recipe says of all that nobody has said otherwise. To be used before the file is detected."""
    open_ones = options.undecided
    return replace(
        options,
        mode=cast(Mode, recipe.mode) if "mode" in open_ones or options.mode == "create" else options.mode,
        match=options.match if options.match and "match" not in open_ones else recipe.match or options.match,
        region=recipe.region or options.region if "region" in open_ones or not options.region else options.region,
        guarded=options.guarded or recipe.guarded,
        policies={**cast("dict[str, Policy]", recipe.policies), **options.policies},
        constants={**recipe.constants, **options.constants},
        encoding=options.encoding or cast("str | None", recipe.file.get("encoding")),
        delimiter=options.delimiter or cast("str | None", recipe.file.get("delimiter")),
        sheet=options.sheet or cast("str | None", recipe.file.get("sheet")),
    )


def apply(plan: ImportPlan, recipe: Recipe) -> ImportPlan:
    """The plan as the recipe says: where columns go, constants, mode, keys, policies, corrections. ``plan`` must be mapped.

    What a person has said in this plan goes first: fields chosen for single columns, corrections, options that are not undecided.
    """
    options = options_of(recipe, plan.options)
    own = _columns_said(plan)
    mapping = tuple(
        each if each.column in own or each.column not in recipe.columns else _mapped(each, recipe.columns[each.column])
        for each in plan.mapping
    )
    return replace(
        plan,
        options=options,
        region=(options.region or plan.region).upper(),
        mapping=mapping,
        corrections=plan.corrections.with_rules(recipe.corrections),
        recipe=recipe.name,
    )


def _columns_said(plan: ImportPlan) -> set[str]:
    return {each.column for each in plan.mapping if each.reason == "chosen"}


def _mapped(guess: ColumnMapping, column: RecipeColumn) -> ColumnMapping:
    order = cast("Order | None", column.order or (guess.order if guess.field == column.target else None))
    return ColumnMapping(guess.column, column.target, "recipe", 1.0, order, column.steps, column.more)


def offers(connection: Connection, plan: ImportPlan) -> list[Offer]:
    """The saved recipes whose columns are those of the file, then those that nearly are (most of both), the nearest first."""
    columns = plan.detection.columns
    found: list[tuple[int, Offer]] = []
    for recipe in saved(connection):
        known = set(recipe.columns)
        shared = len(known.intersection(columns))
        if known == set(columns):
            found.append((0, Offer(recipe, drift_of(plan, recipe))))
        elif shared and 2 * shared > len(known | set(columns)):
            found.append((len(known ^ set(columns)), Offer(recipe, drift_of(plan, recipe))))
    return [offer for _distance, offer in sorted(found, key=lambda each: (each[0], each[1].recipe.name))]


def drift_of(plan: ImportPlan, recipe: Recipe) -> Drift:
    """How the file of a plan differs from what the recipe expects. Reads the file where the sample leaves a column empty."""
    expected = [
        column
        for column, said in recipe.columns.items()
        if not said.empty and said.target != SKIP and column in plan.detection.columns
    ]
    return find_drift(recipe, plan.detection.columns, plan.detection.format, _empty(plan, expected))


def refuse_drift(plan: ImportPlan, recipe: Recipe) -> None:
    """Raise FormatError when the file is not what the recipe expects."""
    drift = drift_of(plan, recipe)
    if drift.any:
        raise FormatError(
            _("the file is not what the recipe {name} expects: {differences}").format(
                name=recipe.name, differences="; ".join(drift.sentences())
            ),
            where=os.path.basename(plan.path),
            kept=_("Nothing was imported."),
            hint=_("Look at it without --recipe, and save the recipe again with --save-recipe {name}").format(
                name=recipe.name
            ),
        )


def told(recipe: Recipe, drift: Drift) -> tuple[Note, ...]:
    """What a person is told when a recipe was found by itself."""
    notes = [
        Note(
            "recipe",
            _("brought in by the recipe {name}, as its columns came back; --no-recipe leaves it out").format(
                name=recipe.name
            ),
        )
    ]
    if drift.any:
        notes.append(
            Note(
                "recipe_drift",
                _("the file is not what the recipe {name} expects: {differences}").format(
                    name=recipe.name, differences="; ".join(drift.sentences())
                ),
            )
        )
    return tuple(notes)


def _empty(plan: ImportPlan, columns: Sequence[str]) -> tuple[str, ...]:
    """Those of the columns that hold nothing in the whole file; one that is filled in the sample is not looked for."""
    found = plan.detection
    place = {column: index for index, column in enumerate(found.columns)}
    blank = [
        place[column]
        for column in columns
        if column in place and not any(len(row) > place[column] and row[place[column]].strip() for row in found.sample)
    ]
    if not blank:
        return ()
    empty = next(run_guarded(empty_columns, plan.path, found, blank))
    return tuple(column for column in columns if place.get(column) in empty)


def _checked(recipe: Recipe, where: str) -> Recipe:
    """The recipe, if its mode, keys and policies exist. Raises ConfigError."""
    try:
        ImportOptions(
            mode=cast(Mode, recipe.mode),
            match=recipe.match,
            policies=cast("dict[str, Policy]", recipe.policies),
            region=recipe.region or None,
        ).check()
    except UsageError as error:
        raise ConfigError(error.message, where=where, hint=error.hint) from None
    return recipe


def _read_file(path: str) -> str:
    from pathlib import Path

    from crmtui.formats.source import FixedSizeFile

    with FixedSizeFile(Path(path)) as source:
        data = source.read(_LONGEST + 1) or b""
    try:
        if len(data) > _LONGEST:
            raise ConfigError(_("this is too large for a recipe"), where=path)
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ConfigError(_("a recipe must be UTF-8 text"), where=path) from None
