"""Rows of one customer, gathered: the lines of an order, the orders of a buyer become what happened with one customer."""

from collections.abc import Sequence

from crmtui.domain.folding import fold
from crmtui.domain.intake import Child, Intake, Issue
from crmtui.domain.mapping.children import add_items

Row = tuple[int, Sequence[str], Intake]
Joined = list[tuple[int, Sequence[str], list[Issue]]]
"""Rows that an earlier row took in: line, cells, and what was wrong with them."""
_ADDED_UP = ("note", "body", "text")


class Gatherer:
    """Takes the rows of a file by the portion and puts together what is of one customer, as far as it is in one portion.

    The last customer of a portion is held back: its next row may be the first of the next one. ``joined`` are the rows taken in
    by those that ``take`` and ``rest`` gave last, by their line.
    """

    def __init__(self, match: Sequence[str]) -> None:
        self._match = match
        self._held: Row | None = None
        self._held_joined: Joined = []
        self.joined: dict[int, Joined] = {}

    def take(self, rows: Sequence[Row]) -> list[Row]:
        """The rows of a portion, gathered, but for the last customer."""
        carriers: list[Row] = []
        places: dict[object, int | None] = {}
        self.joined = {}
        if self._held is not None:
            carriers.append(self._held)
            self.joined[self._held[0]] = self._held_joined
            self._note(self._held[2], 0, places)
        at = 0
        for row in rows:
            found = self._find(row[2], carriers, places, at)
            if found is None:
                at = len(carriers)
                carriers.append(row)
            else:
                at = found
                line, cells, intake = carriers[at]
                carriers[at] = (line, cells, _together(intake, row[2]))
                self.joined.setdefault(line, []).append((row[0], row[1], row[2].issues))
            self._note(carriers[at][2], at, places)
        self._held = carriers.pop(at) if carriers else None
        self._held_joined = self.joined.pop(self._held[0], []) if self._held is not None else []
        return carriers

    def rest(self) -> list[Row]:
        """What was held back at last."""
        held, self._held = self._held, None
        self.joined = {held[0]: self._held_joined} if held is not None and self._held_joined else {}
        return [held] if held is not None else []

    def _find(self, intake: Intake, carriers: Sequence[Row], places: dict[object, int | None], last: int) -> int | None:
        """Which of the customers so far a row is of."""
        keys = list(keys_by_rank(intake, self._match))
        for key in keys:
            place = places.get(key)
            if place is not None and not contradict(carriers[place][2].external, intake.external):
                return place
        if not keys and carriers and not intake.columns.get("name") and _same_child(carriers[last][2], intake):
            return last  # a further line of an order that names the buyer only once
        return None

    def _note(self, intake: Intake, place: int, places: dict[object, int | None]) -> None:
        """Remember the keys of a customer; one that several have tells nothing."""
        for key in keys_by_rank(intake, self._match):
            if places.setdefault(key, place) != place:
                places[key] = None


def keys_by_rank(intake: Intake, match: Sequence[str]) -> list[object]:
    """By what a row of activities meets its customer, the surest first: ids, e-mails, phones; only without these name and company."""
    keys: list[object] = [("external", *pair) for pair in intake.external] if "external_id" in match else []
    for kind in ("email", "phone"):
        if kind in match:
            keys += [(kind, point.normalised) for point in intake.points if point.kind == kind and point.normalised]
    if not keys and (key := name_key(intake)) is not None:
        keys.append(key)
    return keys


def name_key(intake: Intake) -> tuple[str, str, str] | None:
    """Name and company as they are compared, or None without a name."""
    columns = intake.columns
    name = str(columns.get("name") or " ".join(str(columns.get(key) or "") for key in ("given_name", "family_name")))
    company = str(columns.get("company") or "")
    if not name.strip():
        return ("name", fold(company), "") if company else None
    return "name", fold(name), fold(company)


def contradict(own: Sequence[tuple[str, str]], other: Sequence[tuple[str, str]]) -> bool:
    """Whether two customers have different ids in the same system."""
    if not own or not other:
        return False
    systems = {system for system, _id in own} & {system for system, _id in other}
    return any(
        {each for each in own if each[0] == system}.isdisjoint({each for each in other if each[0] == system})
        for system in systems
    )


def identity(child: Child) -> list[tuple[object, ...]]:
    """What tells that two children of one customer are the same thing, the surest first."""
    found: list[tuple[object, ...]] = [(child.entity, "id", *pair) for pair in child.external]
    values = child.values
    if child.entity == "transaction" and values.get("number"):
        found.append((child.entity, "number", values.get("kind") or "order", values["number"]))
    if not found:
        found.append((child.entity, "content", *[values.get(key) for key in CONTENT[child.entity]]))
    return found


CONTENT = {
    "interaction": ("kind", "at", "subject", "body"),
    "transaction": ("kind", "at", "amount", "currency", "items", "note"),
    "deal": ("title",),
    "task": ("text", "due_at"),
}
"""By what a child without id or number is known again."""


def _same_child(one: Intake, other: Intake) -> bool:
    known = {key for child in one.children for key in identity(child)}
    return bool(other.children) and any(key in known for child in other.children for key in identity(child))


def _together(first: Intake, second: Intake) -> Intake:
    """One customer of two rows: what the first says counts, what it does not say comes from the second."""
    columns = dict(first.columns)
    columns |= {key: value for key, value in second.columns.items() if value not in (None, "") and not columns.get(key)}
    points = {(point.kind, point.normalised or point.value): point for point in (*second.points, *first.points)}
    order = dict.fromkeys((point.kind, point.normalised or point.value) for point in (*first.points, *second.points))
    addresses = first.addresses
    addresses += [each for each in second.addresses if each not in addresses]
    return first._replace(
        columns=columns,
        points=[points[key] for key in order],
        address=addresses[0] if addresses else {},
        more_addresses=addresses[1:],
        tags=list(dict.fromkeys((*first.tags, *second.tags))),
        external=list(dict.fromkeys((*first.external, *second.external))),
        custom=second.custom | first.custom,
        children=_children(first.children, second.children),
        parent=first.parent or second.parent,
    )


def _children(first: Sequence[Child], second: Sequence[Child]) -> list[Child]:
    children = list(first)
    places = {key: place for place, child in enumerate(children) for key in identity(child)}
    for child in second:
        place = next((places[key] for key in identity(child) if key in places), None)
        if place is None:
            children.append(child)
            place = len(children) - 1
        else:
            children[place] = _one_child(children[place], child)
        places |= dict.fromkeys(identity(children[place]), place)
    return children


def _one_child(first: Child, second: Child) -> Child:
    values = {**second.values, **first.values}
    if first.values.get("items") and second.values.get("items"):
        values["items"] = add_items(str(first.values["items"]), str(second.values["items"]))
    for key in _ADDED_UP:
        if first.values.get(key) and second.values.get(key):
            lines = dict.fromkeys((*str(first.values[key]).splitlines(), *str(second.values[key]).splitlines()))
            values[key] = "\n".join(lines)
    return Child(first.entity, values, tuple(dict.fromkeys((*first.external, *second.external))))
