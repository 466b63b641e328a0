"""The weights of a file between two scans: as stored, and read back."""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from crmtui.domain.matching.weights import Model
from crmtui.storage.driver import Connection
from crmtui.storage.duplicates import StoredFrequencies, read_state, write_state

_KEY = "model"


class Learned(NamedTuple):
    """What a full scan learned: the weights, and the custom fields that identify."""

    model: Model
    identifying: tuple[str, ...]


def save(connection: Connection, learned: Learned) -> None:
    """Keep the weights for the scans to come; the frequencies are written apart."""
    model = learned.model
    document = {
        "size": model.size,
        "custom_keys": model.custom_keys,
        "identifying": learned.identifying,
        "match": {str(key): values for key, values in model.match.items()},
        "strangers": {str(key): values for key, values in model.strangers.items()},
        "numbers": model.numbers,
    }
    write_state(connection, _KEY, json.dumps(document))


def load(connection: Connection) -> Learned | None:
    """The weights of the last full scan; None before the first."""
    text = read_state(connection, _KEY)
    if text is None:
        return None
    learned = _read(text)
    return learned._replace(model=learned.model.with_counts(StoredFrequencies(connection)))


@lru_cache(maxsize=1)
def _read(text: str) -> Learned:
    """The weights without the frequencies: asked for at every key while a customer is typed."""
    document = json.loads(text)
    model = Model(
        document["size"],
        custom_keys=document["custom_keys"],
        match=_tables(document["match"]),
        strangers=_tables(document["strangers"]),
        numbers=document["numbers"],
    )
    return Learned(model, tuple(document["identifying"]))


def load_or_default(connection: Connection) -> Learned:
    """The weights of the last full scan, or those that are shipped."""
    found = load(connection)
    if found is not None:
        return found
    # The last id is near enough, and counting a million rows would stop the screen.
    size = connection.execute("SELECT coalesce(max(id), 0) FROM customers").fetchone()[0]
    return Learned(Model(size), ())


def _tables(stored: Mapping[str, list[float]]) -> dict[int, tuple[float, ...]]:
    return {int(key): tuple(values) for key, values in stored.items()}
