"""The searches a person made in a customer file, kept over restarts: a private file for each customer file in the state folder.

They are no data of the customer file and never leave the machine. What cannot be read or written is as if it were not there: nobody
must be kept from searching by it.
"""

import json
import os
from contextlib import suppress

from crmtui.paths import make_private
from crmtui.services.drafts import mark_of, write_private

KEPT = 100
LONGEST = 500
"""Characters of a search that is kept; a longer one was pasted, and nobody looks for it again."""


def read_searches(folder: str, database: str) -> list[str]:
    """The searches made in the customer file at ``database``, each once, the newest first."""
    try:
        with open(os.path.join(folder, _name(database)), "rb") as file:
            found = json.loads(file.read())
    except (OSError, ValueError):
        return []
    return [text for text in found if isinstance(text, str)][:KEPT] if isinstance(found, list) else []


def note_search(folder: str, database: str, query: str) -> None:
    """Put a search before the others; what other sessions noted meanwhile stays."""
    query = query.strip()
    if not query or len(query) > LONGEST:
        return
    known = read_searches(folder, database)
    if known[:1] == [query]:
        return
    kept = [query, *(text for text in known if text != query)][:KEPT]
    with suppress(OSError):
        make_private(folder)
        write_private(folder, _name(database), json.dumps(kept).encode(), durable=False)


def _name(database: str) -> str:
    return f"{mark_of(os.path.abspath(database))}.json"
