"""Typed words as a condition over ``customers``: all that a look-up from the shell needs of the query language."""

from crmtui.domain.search_words import match_expression

LAST = "\U0010ffff"
"""Sorts behind every text that begins like it."""

Condition = tuple[str, list[object]]
"""SQL and its parameters."""


def words_condition(text: str) -> Condition:
    """Every word must be found, or they are the number of an order or an id in another system."""
    expression = match_expression(text)
    if expression is None:
        return "instr(name, ?) > 0", [text.strip()]
    if not may_be_number(text):
        return "id IN (SELECT rowid FROM search WHERE search MATCH ?)", [expression]
    sql = (
        "id IN (SELECT rowid FROM search WHERE search MATCH ? UNION ALL SELECT customer_id FROM transactions WHERE number = ?"
        " UNION ALL SELECT customer_id FROM external_ids WHERE external_id = ?)"
    )
    return sql, [expression, text.strip(), text.strip()]


def may_be_number(text: str) -> bool:
    """Whether typed words may be the number of an order or an id in another system: one word with a digit in it."""
    word = text.strip()
    return " " not in word and any(character.isdigit() for character in word)
