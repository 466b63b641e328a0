"""Rows of a file that mode ``create`` would make customers of although the database has them: told before anything is written."""

from collections.abc import Sequence

from crmtui.services.importing.outcome import Outcome
from crmtui.services.importing.review import Known, RowResult
from crmtui.storage.driver import Connection
from crmtui.storage.imports import known_customers, owners_of, owners_of_external


class KnownRows:
    """Looks up the keys of the rows, some thousands at a time, in a view of the database.

    ``ids_taken`` counts the external ids that will not be given, as a customer or an earlier row has them.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._met: set[int] = set()
        self.count = 0
        self.ids_taken = 0

    def look(self, keys: Sequence[tuple[int, str]], external: Sequence[tuple[int, str, str]], outcome: Outcome) -> None:
        """Note the rows whose phone, e-mail or external id a customer has."""
        owners = owners_of(self._connection, {key for _line, key in keys})
        ids = owners_of_external(self._connection, {(system, text) for _line, system, text in external})
        found: dict[int, set[int]] = {}
        for line, key in keys:
            if key in owners:
                found.setdefault(line, set()).update(owners[key])
        for line, system, text in external:
            if (system, text) in ids:
                self.ids_taken += 1
                found.setdefault(line, set()).add(ids[system, text])
                continue
            met = len(self._met)
            self._met.add(hash((system, text)))
            self.ids_taken += len(self._met) == met
        self.count += len(found)
        if outcome.review is None or not found:
            return
        pages = outcome.review.rows("known")
        if pages.is_full:
            pages.count += len(found)
            return
        customers = known_customers(self._connection, set().union(*found.values()))
        for line in sorted(found):
            candidates = tuple(Known(*customers[each]) for each in sorted(found[line]) if each in customers)
            name = candidates[0].name if candidates else ""
            customer = candidates[0].id if len(candidates) == 1 else 0
            outcome.review.add(RowResult(line, "known", name, customer, candidates=candidates))
