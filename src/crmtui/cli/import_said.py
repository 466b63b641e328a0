"""What ``import`` is told beyond the file itself: policies, recipes, limits, an earlier import that it completes; and what a rehearsal
tells of single rows."""

from collections.abc import Mapping
from typing import Any

from crmtui.cli.arguments import Arguments, storable
from crmtui.cli.command import Option
from crmtui.cli.output import Column, put_pairs, put_table
from crmtui.cli.session import Session
from crmtui.errors import UsageError
from crmtui.i18n import N_, _
from crmtui.i18n.show import show_number

_SHOWN = 10
_CHILDREN = {
    "companies": N_("companies"),
    "interactions": N_("interactions"),
    "transactions": N_("transactions"),
    "deals": N_("deals"),
    "tasks": N_("tasks"),
}

RECIPE_OPTIONS = (
    Option("--recipe", "NAME", N_("bring it in as this recipe says; a name, or a file NAME.toml")),
    Option("--no-recipe", "", N_("do not look for a saved recipe with the same columns")),
)
COLUMN_OPTIONS = (
    Option(
        "--step",
        "COLUMN=STEP",
        N_("do this with the cells of the column first, such as split:/:1, date:dmy or map:A=lead"),
        many=True,
    ),
    Option("--set", "TARGET=VALUE", N_("say this of every row, such as source=fair"), many=True),
)
RUN_OPTIONS = (
    Option(
        "--policy",
        "FIELD=RULE",
        N_("what a value does to one that is there: overwrite, keep or append"),
        many=True,
    ),
    Option("--save-recipe", "NAME", N_("keep how this file is brought in; a name, or a file NAME.toml")),
    Option("--max-rejects", "N|P%", N_("bring nothing in, with exit code 4, when more rows are rejected")),
    Option("--into", "OPERATION", N_("complete this import: its rejected rows, corrected"), number=True),
    Option(
        "--rehearsed", "TOKEN", N_("only if file and customers are as that rehearsal (--dry-run --json) found them")
    ),
)


def said(arguments: Arguments) -> dict[str, Any]:
    """The options of these as ``ImportOptions`` takes them."""
    policies: dict[str, str] = {}
    for pair in arguments.all("--policy"):
        key, equals, policy = storable(pair).rpartition("=")
        if not equals or not key:
            raise UsageError(_("--policy needs FIELD=RULE, not “{value}”").format(value=pair))
        policies[key] = policy
    constants: dict[str, str] = {}
    for pair in arguments.all("--set"):
        target, equals, value = storable(pair).partition("=")
        if not equals or not target:
            raise UsageError(_("--set needs TARGET=VALUE, not “{value}”").format(value=pair))
        constants[target] = value
    undecided = {name for name in ("mode", "region", "match") if arguments.text(f"--{name}") is None}
    return {
        "policies": policies,
        "constants": constants,
        "steps": _steps(arguments),
        "undecided": frozenset(undecided),
        "recipe": _storable(arguments.text("--recipe")),
        "no_recipe": arguments.flag("--no-recipe"),
        "save_recipe": _storable(arguments.text("--save-recipe")),
        "max_rejects": arguments.text("--max-rejects"),
        "into": arguments.number("--into"),
        "rehearsed": arguments.text("--rehearsed"),
    }


def _steps(arguments: Arguments) -> dict[str, tuple[str, ...]]:
    """The steps by column, in the order they were given. Both may hold an equals sign: a step begins with its kind."""
    from crmtui.domain.mapping.steps import KINDS

    steps: dict[str, tuple[str, ...]] = {}
    for given in arguments.all("--step"):
        pair = storable(given)
        places = [at for at, sign in enumerate(pair) if sign == "=" and pair[at + 1 :].partition(":")[0] in KINDS]
        at = next(iter(places), pair.find("="))
        if at < 1:
            raise UsageError(_("--step needs COLUMN=STEP, not “{value}”").format(value=given))
        steps[pair[:at]] = (*steps.get(pair[:at], ()), pair[at + 1 :])
    return steps


def _storable(text: str | None) -> str | None:
    return None if text is None else storable(text)


def tell_children(children: Mapping[str, Mapping[str, int]]) -> None:
    """Tell what became of the records beside the customers: companies, interactions, transactions, deals, tasks."""
    words = {"created": N_("{count} new"), "updated": N_("{count} changed"), "unchanged": N_("{count} as they were")}
    put_pairs(
        (
            _(_CHILDREN.get(kind, kind)),
            ", ".join(_(word).format(count=show_number(counts[key])) for key, word in words.items() if counts.get(key)),
        )
        for kind, counts in children.items()
    )


def tell_results(session: Session, document: Mapping[str, Any]) -> None:
    """Tell what a rehearsal found for single rows: changes field by field, rows to decide about, rows that are there already."""
    results = document.get("results") or {}
    updated = results.get("updated")
    if updated:
        columns = [
            Column(_("Row"), right=True),
            Column(_("Customer"), gives=True),
            Column(_("Field")),
            Column(_("Before"), gives=True),
            Column(_("After"), gives=True),
        ]
        rows = [
            [str(row["row"]), row["name"], change["field"], change["before"], change["after"]]
            for row in updated["rows"][:_SHOWN]
            for change in row["changes"]
        ]
        put_table(columns, rows)
        if updated["count"] > _SHOWN:
            session.say(
                _("{count} more changes of this kind; --json lists them").format(count=updated["count"] - _SHOWN)
            )
    for outcome, sentence in (
        ("ambiguous", N_("row {row} fits several customers: {names}")),
        ("known", N_("row {row} is there already: {names}")),
    ):
        found = results.get(outcome)
        if not found:
            continue
        for row in found["rows"][:_SHOWN]:
            names = ", ".join(f"{each['id']} {each['name']}" for each in row["candidates"]) or row["name"]
            session.say(_(sentence).format(row=row["row"], names=names))
        if found["count"] > _SHOWN:
            session.say(_("{count} more such rows; --json lists them").format(count=found["count"] - _SHOWN))
