"""The recipes that a customer file keeps: how files are brought in, by name, as text."""

from crmtui.storage.driver import Connection
from crmtui.storage.journal import Operation


def list_recipes(connection: Connection) -> list[tuple[str, str]]:
    """(name, text) of every recipe, by name."""
    return list(connection.execute("SELECT name, body FROM recipes ORDER BY name"))


def read_recipe_text(connection: Connection, name: str) -> str | None:
    """The text of the recipe with this name, or None."""
    row = connection.execute("SELECT body FROM recipes WHERE name = ?", (name,)).fetchone()
    return row[0] if row else None


def put_recipe(act: Operation, name: str, text: str) -> None:
    """Keep a recipe under a name; the one of that name is replaced."""
    row = act.connection.execute("SELECT id FROM recipes WHERE name = ?", (name,)).fetchone()
    if row:
        act.update("recipes", row[0], {"body": text})
    else:
        act.insert("recipes", {"name": name, "body": text})


def remove_recipe(act: Operation, name: str) -> bool:
    """Remove the recipe with this name; False when there is none."""
    row = act.connection.execute("SELECT id FROM recipes WHERE name = ?", (name,)).fetchone()
    if row:
        act.delete("recipes", row[0])
    return row is not None
