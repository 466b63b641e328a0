"""What rows tell beside the customer: what happened with it, and the company it belongs to.

Several rows of one customer meet it; what happened is attached to it once, also when the same file comes a second time. A rehearsal
decides by the same code, and remembers instead of writing.
"""

from collections.abc import Sequence
from typing import Protocol

from crmtui.domain.folding import fold
from crmtui.domain.intake import Child, Intake, complete
from crmtui.domain.mapping.children import add_items
from crmtui.i18n import _
from crmtui.services.importing.gathering import CONTENT, contradict, identity, keys_by_rank, name_key
from crmtui.services.importing.meeting import Change, Keys, change_of, keys_of
from crmtui.services.importing.outcome import Outcome
from crmtui.services.importing.plan import ImportPlan, Mode
from crmtui.storage import attached
from crmtui.storage.attached import TABLES, ActivityWriter
from crmtui.storage.driver import Connection
from crmtui.storage.imports import Stored
from crmtui.storage.journal import Values
from crmtui.storage.long_operation import LongOperation

COMPANIES = "companies"


class Customers(Protocol):
    """The customers as a run leaves them so far."""

    def meet(self, keys: Keys) -> set[int]:
        """The customers that have one of the keys."""

    def read(self, customer: int) -> Stored | None:
        """What one of them holds."""

    def create(self, intake: Intake, keys: Keys) -> None:
        """Add a customer."""

    def update(self, customer: int, stored: Stored, change: Change, keys: Keys) -> None:
        """Change a customer."""

    def flush(self) -> None:
        """Write what waits."""


class _Ref:
    """A customer whose id is known sooner or later; 0 before."""

    __slots__ = ("id",)

    def __init__(self, customer: int = 0) -> None:
        self.id = customer


class _Company:
    """A company that rows of this file belong to; ``own`` says that this import made it."""

    __slots__ = ("external", "own", "ref", "said")

    def __init__(self, ref: _Ref, external: set[tuple[str, str]], *, own: bool) -> None:
        self.ref = ref
        self.external = external
        self.own = own
        self.said: set[int] = set()


class Attaching:
    """Decides about what hangs on the customers of one import. Without ``long`` nothing is written.

    ``customers`` are set by those who make both: each needs the other. New customers come by ``wait``; their ids follow at ``settle``.
    """

    customers: Customers

    def __init__(
        self, plan: ImportPlan, outcome: Outcome, connection: Connection, at: str, long: LongOperation | None
    ) -> None:
        self._mode: Mode = plan.options.mode
        self._meets = plan.has_activities
        self._match = plan.options.match
        self._outcome = outcome
        self._connection = connection
        self._at = at
        self._writer = ActivityWriter(long) if long is not None else None
        self._waiting: list[tuple[int, _Ref, Intake]] = []
        self._waiting_names: set[object] = set()
        self._last = _Ref()
        self._names: dict[object, int] = {}
        self._companies: dict[object, _Company] = {}
        self._links: list[tuple[_Ref, _Ref, bool]] = []
        self._owners: dict[object, int] = {}
        self._waiting_activities: set[object] = set()
        self._pending: dict[object, Values] = {}
        self._touched: set[tuple[str, int]] = set()
        self._seen: set[int] = set()

    def meet(self, intake: Intake, found: set[int]) -> set[int]:
        """Which customer a row is of, when ``found`` have one of its keys: the surest key decides; without any the name and company.

        In mode ``create`` only a file of what happened meets anybody.
        """
        if not self._meets:
            return found if self._mode != "create" else set()
        if len(found) > 1:
            found = self._surest(intake)
        found = {customer for customer in found if not self._contradicts(customer, intake)}
        return found or self._by_activity(intake) or self._by_name(intake)

    def wait(self, number: int, intake: Intake) -> None:
        """Take a new customer with its number in the batch (in a rehearsal: the negative number it goes by)."""
        ref = self._last = _Ref()
        if self._writer is None:
            ref.id = number
            if (key := name_key(intake)) is not None:
                self._names.setdefault(key, number)
            self._attach(number, intake.children, fresh=True)
        else:
            self._waiting.append((number, ref, intake))
            self._waiting_names.add(name_key(intake))
            self._waiting_activities.update(_known_by(intake.children))
        if intake.columns.get("kind") == "company":
            company = _Company(ref, set(intake.external), own=True)
            self._companies.setdefault(fold(str(intake.columns["name"])), company)
        if intake.parent is not None and (parent := self._company(intake.parent)) is not None:
            self._links.append((ref, parent, True))

    def settle(self, base: int) -> None:
        """The new customers are written: their numbers count from ``base``."""
        waiting, self._waiting = self._waiting, []
        self._waiting_names.clear()
        for number, ref, intake in waiting:
            ref.id = base + number
            self._attach(ref.id, intake.children, fresh=True)

    def change(self, customer: int, stored: Stored, intake: Intake) -> None:
        """Attach to a customer that exists what a row tells."""
        self._attach(customer, intake.children, fresh=customer < 0)
        if intake.parent is None:
            return
        company = self._company(intake.parent)
        now = stored.columns.get("company_id")
        if company is not None and self._mode != "create" and not (now and self._mode == "fill") and now != company.id:
            self._links.append((_Ref(customer), company, False))

    def flush(self) -> None:
        """Write what waits."""
        if self._writer is None:
            self._links.clear()
            return
        self._write()
        self._waiting_activities.clear()
        ready = [link for link in self._links if link[0].id and link[1].id]
        self._links = [link for link in self._links if not (link[0].id and link[1].id)]
        for inserted in (True, False):
            self._writer.link(
                [(one.id, other.id) for one, other, own in ready if own == inserted and one.id != other.id],
                inserted=inserted,
            )

    def _surest(self, intake: Intake) -> set[int]:
        """The customers of the surest key that any has."""
        for key in keys_by_rank(intake, self._match):
            assert isinstance(key, tuple)
            if key[0] == "external":
                found = self.customers.meet(Keys(frozenset(), frozenset((key[1:],))))
            else:
                found = self.customers.meet(Keys(frozenset((key,)), frozenset()))
            found = {customer for customer in found if not self._contradicts(customer, intake)}
            if found:
                return found
        return set()

    def _contradicts(self, customer: int, intake: Intake) -> bool:
        if not intake.external:
            return False
        stored = self.customers.read(customer)
        return stored is not None and contradict([*stored.external], intake.external)

    def _by_activity(self, intake: Intake) -> set[int]:
        """The customers of whom these very activities are known."""
        if not self._waiting_activities.isdisjoint(_known_by(intake.children)):
            self.customers.flush()
        nameless = name_key(intake) is None and not keys_by_rank(intake, self._match)
        for child in intake.children:
            for key in _known_by((child,)):
                if key[1] == "number" and not nameless:
                    continue  # numbers of different buyers may be alike
                if key in self._owners:
                    return {self._owners[key]}
                if key[1] == "number":
                    return attached.buyers_of(self._connection, str(key[2]), str(key[3]))
                found = attached.find_by_id(self._connection, TABLES[child.entity], str(key[2]), str(key[3]))
                if found is not None:
                    return {found[1]}
        return set()

    def _by_name(self, intake: Intake) -> set[int]:
        key = name_key(intake)
        if key is None or keys_by_rank(intake, self._match) != [key]:
            return set()
        if key in self._names:
            return {self._names[key]}
        if key in self._waiting_names:
            self.customers.flush()
        whole = complete(intake._replace(columns=dict(intake.columns), issues=[])).columns
        name, family, given, company = (
            str(whole.get(each) or "") for each in ("name", "family_name", "given_name", "company")
        )
        return attached.find_named(self._connection, name, family, given, company, person=whole["kind"] != "company")

    def _attach(self, customer: int, children: Sequence[Child], *, fresh: bool) -> None:
        for child in children:
            self._attach_one(customer, child, fresh=fresh)
        if self._writer is None:
            for key in _known_by(children):
                self._owners.setdefault(key, customer)
        elif self._writer.is_full:
            self._write()

    def _write(self) -> None:
        if self._writer is not None:
            self._writer.flush()
        self._pending.clear()
        self._touched.clear()

    def _attach_one(self, customer: int, child: Child, *, fresh: bool) -> None:
        table = TABLES[child.entity]
        values = self._whole(child)
        # A string: the hash of -1 is that of -2.
        keys: list[object] = [key if key[1] == "id" else (str(customer), *key) for key in identity(child)]
        again = any(hash(key) in self._seen for key in keys)
        self._seen.update(map(hash, keys))
        pending = next((self._pending[key] for key in keys if key in self._pending), None)
        if pending is not None:
            pending |= _differences(pending, child, values, keep=True)
            return
        row = None if again and self._writer is None else self._find(table, customer, child, values, fresh=fresh)
        if row is None:
            if not again:
                self._count(table, "created")
            if self._writer is not None:
                self._pending |= dict.fromkeys(keys, values)
                self._writer.insert(table, customer, values, child.external)
            return
        if (table, row) in self._touched:
            self._write()
        stored = attached.read_activity(self._connection, table, row)
        changes = _differences(stored, child, values, keep=again or self._mode == "fill")
        if not again:
            self._count(table, "updated" if changes else "unchanged")
        if self._writer is not None:
            self._touched.add((table, row))
            if changes:
                self._writer.update(table, row, changes)
            for pair in child.external:
                if attached.find_by_id(self._connection, table, *pair) is None:
                    self._writer.name(int(str(stored["customer_id"])), table, row, pair)

    def _find(self, table: str, customer: int, child: Child, values: Values, *, fresh: bool) -> int | None:
        """The row that a child is, if there is one already."""
        for pair in child.external:
            found = attached.find_by_id(self._connection, table, *pair)
            if found is not None:
                return found[0]
        if fresh:
            return None
        number = child.values.get("number")
        if table == "transactions" and number:
            return attached.find_transaction(self._connection, customer, str(values["kind"]), str(number))
        if child.external:
            return None
        content = {key: values.get(key) for key in CONTENT[child.entity] if key != "at" or key in child.values}
        return attached.find_by_content(self._connection, table, customer, content)

    def _whole(self, child: Child) -> Values:
        """The values of a new row: what a file need not say is worked out."""
        values: Values = dict(child.values)
        if child.entity in ("interaction", "transaction"):
            values = {"kind": "note" if child.entity == "interaction" else "order", "at": self._at, **values}
        elif child.entity == "deal":
            values = {"title": _("Deal"), "stage": "new", "created_at": self._at, **values}
        else:
            values = {"text": _("Task"), "created_at": self._at, **values}
            if values.get("done_at") == "":
                due = str(values.get("due_at") or "")
                values["done_at"] = due if "T" in due else self._at
        return values

    def _company(self, parent: Intake) -> _Ref | None:
        """The record of a company, made or changed if the mode says so; None when there is none."""
        name = str(parent.columns["name"])
        keys: list[object] = [*parent.external, fold(name)]
        known = next((self._companies[key] for key in keys if key in self._companies), None)
        if known is not None and contradict([*known.external], parent.external):
            known = None
            keys = [*parent.external]
        if known is None:
            known = self._first_met(parent, name)
            if known is None:
                return None
        elif self._says_more(known, parent) and (known.own or self._mode != "create"):
            if not known.ref.id:
                self.customers.flush()
            self._fill(known.ref.id, parent, "fill")
        known.external |= set(parent.external)
        for key in keys:
            self._companies.setdefault(key, known)
        return known.ref

    def _says_more(self, known: _Company, parent: Intake) -> bool:
        """Whether a row tells of a company what no row has told before."""
        said = hash(repr(parent))
        if said in known.said:
            return False
        known.said.add(said)
        return True

    def _first_met(self, parent: Intake, name: str) -> _Company | None:
        row = next(
            (found for pair in parent.external if (found := attached.customer_with_id(self._connection, *pair))), None
        )
        if row is None and (row := attached.find_company_named(self._connection, name)) is not None:
            stored = self.customers.read(row)
            if stored is not None and contradict([*stored.external], parent.external):
                row = None
        if row is not None:
            changed = self._mode != "create" and self._fill(row, parent, self._mode)
            self._count(COMPANIES, "updated" if changed else "unchanged")
            company = _Company(_Ref(row), set(parent.external), own=False)
        elif self._mode in ("create", "upsert"):
            self.customers.create(parent, keys_of(parent, self._match))
            self._count(COMPANIES, "created")
            company = _Company(self._last, set(parent.external), own=True)
        else:
            return None
        self._says_more(company, parent)
        return company

    def _fill(self, customer: int, parent: Intake, mode: Mode) -> bool:
        """Change a company by what a row tells of it; whether anything changes."""
        stored = self.customers.read(customer)
        if stored is None:
            return False
        change = change_of(stored, parent, mode)
        if change.empty:
            return False
        self.customers.update(customer, stored, change, keys_of(parent, self._match))
        return True

    def _count(self, what: str, became: str) -> None:
        self._outcome.children[what, became] += 1


def _known_by(children: Sequence[Child]) -> list[tuple[object, ...]]:
    """The ids and numbers of children, as ``identity`` gives them."""
    return [key for child in children for key in identity(child) if key[1] != "content"]


def _differences(stored: Values, child: Child, values: Values, *, keep: bool) -> Values:
    """What ``child`` changes of a row that is there. With ``keep`` only what is blank; the things of an order are added up."""
    found: Values = {}
    for key in child.values:
        new, now = values[key], stored.get(key)
        if new in (None, "") or new == now or key == "utc_offset":
            continue
        if key == "done_at" and child.values[key] == "" and now:
            continue
        if keep and now not in (None, ""):
            if key == "items" and (together := add_items(str(now), str(new))) != now:
                found[key] = together
            continue
        found[key] = new
    return found
