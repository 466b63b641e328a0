"""``recipe``: the saved ways in which files are brought in."""

from crmtui.cli.arguments import Arguments, near, storable
from crmtui.cli.command import Argument, Command
from crmtui.cli.output import Column, put, put_json, put_json_list, put_jsonl, put_table
from crmtui.cli.session import Session
from crmtui.errors import ExitCode, UsageError
from crmtui.i18n import N_, _

_ACTIONS = ("list", "show", "delete")


def _recipe(session: Session, arguments: Arguments) -> int:
    action, *words = arguments.words or ["list"]
    if action not in _ACTIONS:
        raise UsageError(
            _("recipe cannot “{word}”").format(word=action),
            hint=near(action, _ACTIONS) or _("It can be: {choices}").format(choices=", ".join(_ACTIONS)),
        )
    if action == "list":
        return _list(session)
    if not words:
        raise UsageError(_("which recipe? Give its name"), hint=_("crmtui recipe list shows them"))
    from crmtui.services import recipes

    name = storable(words[0])
    if action == "show":
        recipe = recipes.load(None if recipes.is_file(name) else session.open(), name)
        text = recipes.recipe_text(recipe)
        if session.form == "text":
            put(text.rstrip("\n"))
        else:
            put_json({"name": recipe.name, "text": text})
        return ExitCode.OK
    saved = recipes.delete(session.open(), name)
    session.say(_("recipe removed · operation {id}, crmtui undo takes it back").format(id=saved.operation_id))
    return ExitCode.OK


def _list(session: Session) -> int:
    from crmtui.services import recipes

    found = recipes.saved(session.open().database.reader())
    if session.form != "text":
        documents = [
            {"name": each.name, "mode": each.mode, "match": list(each.match), "columns": list(each.columns)}
            for each in found
        ]
        (put_jsonl if session.form == "jsonl" else put_json_list)(documents)
    elif found:
        columns = [Column(_("Recipe"), gives=True), Column(_("Mode")), Column(_("Columns"), gives=True)]
        put_table(columns, [[each.name, each.mode, ", ".join(each.columns)] for each in found])
    else:
        session.say(_("No recipe is saved yet: crmtui import FILE --save-recipe NAME"))
    return ExitCode.OK if found else ExitCode.NOTHING_FOUND


COMMANDS = (
    Command(
        "recipe",
        N_("the saved ways in which files are brought in: list, show NAME, delete NAME"),
        _recipe,
        (
            Argument("ACTION", N_("list, show or delete (list)"), 0),
            Argument("NAME", N_("the name of the recipe, or a file NAME.toml"), 0),
        ),
        details=N_(
            "A recipe says where each column goes, by which steps, and how rows meet customers. import --save-recipe makes one; it "
            "is used again when the same columns come back. As a file it can be reviewed and kept in git."
        ),
        examples=(
            ("crmtui recipe show orders > orders.toml", N_("as a text file")),
            (
                "crmtui import new.csv --recipe orders --max-rejects 1%",
                N_("from cron: exit code 4 when the file is another"),
            ),
        ),
    ),
)
