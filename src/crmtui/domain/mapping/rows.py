"""A row of a mapped table as a customer: the plain way, one row at a time, that says what every value means."""

from collections.abc import Mapping, Sequence

from crmtui.domain.dates import Order
from crmtui.domain.fields import BY_KEY
from crmtui.domain.intake import ADDRESS_PARTS, Child, Intake, Issue, Piece, complete, read_pieces
from crmtui.domain.mapping.children import Told, read_child
from crmtui.domain.mapping.feeds import Feed, Feeds, Maker, unwrapped
from crmtui.domain.mapping.guess import ColumnMapping
from crmtui.domain.mapping.labels import dialled, is_primary, read_label, read_service
from crmtui.domain.mapping.regions import region_of
from crmtui.domain.mapping.targets import ACTIVITIES, COMPANY, Target
from crmtui.domain.values import is_empty_word

KEEPS_EMPTY_WORDS = frozenset(("name", "family_name", "given_name", "notes", "custom"))
"""Fields in which 无 or N/A may be what the person wrote."""


LONGEST_EMPTY_WORD = 12
_BEFORE_NUMBER = frozenset("0123456789+(")
_NAMING = frozenset(("name", "family_name", "given_name", "company", "external_ids"))


class RowReader:
    """Reads the rows of one mapped table. ``region`` (ISO 3166) reads national phone numbers of rows without a country.

    ``constants`` (target → text) are said of every row that says anything itself; ``currency`` is that of amounts without one.
    ``columns`` are (index in the widened row, key, detail, order) of what is said of the customer, as far as each cell can be
    read for itself; ``plain`` says that this is everything, ``widens`` that rows have cells of their own behind those of the file.
    """

    def __init__(
        self,
        mapping: Sequence[ColumnMapping],
        *,
        region: str,
        constants: Mapping[str, str] | None = None,
        currency: str = "USD",
    ) -> None:
        self.region = region
        self._currency = currency
        self._feeds = Feeds(mapping, constants or {})
        self.widened = self._feeds.widened
        own = [feed for feed in self._feeds.feeds if not feed.target.entity]
        self._customer = _Cells(own, self._feeds)
        company = [feed for feed in self._feeds.feeds if feed.target.entity == COMPANY]
        self._company = _Cells(company, self._feeds) if any(not feed.constant for feed in company) else None
        by_entity = {
            entity: [feed for feed in self._feeds.feeds if feed.target.entity == entity] for entity in ACTIVITIES
        }
        self._activities = {
            entity: feeds for entity, feeds in by_entity.items() if any(not feed.constant for feed in feeds)
        }
        self.widens = self._feeds.makes_cells
        self.columns = self._customer.single
        self.labels = self._customer.labels
        self.address_labels = self._customer.address_labels
        self.further = self._customer.further
        self.flags = self._customer.flags
        self.plain = not (
            self._company
            or self._activities
            or any(feed.constant and (feed.target.key in _NAMING or _is_point(feed.target)) for feed in own)
        )

    @property
    def has_activities(self) -> bool:
        """Whether rows tell what happened with customers: then several of them may be of one customer."""
        return bool(self._activities)

    @property
    def has_companies(self) -> bool:
        """Whether rows tell of the companies that customers belong to."""
        return self._company is not None

    def region_of_row(self, cells: Sequence[str]) -> str:
        """The region in which the phone numbers of a widened row are read."""
        return self._customer.region(cells, self.region)

    def read(self, cells: Sequence[str]) -> Intake:
        """The values of the row, for a customer that may exist already. ``cells`` must be as many as columns."""
        if not self._feeds.says_something(cells):
            return read_pieces(())
        cells = self.widened(cells)
        region = self.region_of_row(cells)
        pieces = self._customer.pieces(cells)
        if (self._activities or self._company) and not self._customer.says_something(cells):
            pieces = []  # what is said of every customer makes none
        intake = read_pieces(pieces, region=region, serial_dates=True)
        if self._company is None and not self._activities:
            return intake
        children = self._read_children(cells, intake.issues)
        parent = self._read_company(cells, region, intake)
        if parent is not None and not (intake.points or intake.external or any(intake.columns.values())):
            # A row that is about a company and nobody in it.
            return parent._replace(issues=[*intake.issues, *parent.issues], children=children)
        if parent is not None and not intake.columns.get("company"):
            intake.columns["company"] = parent.columns["name"]
        return intake._replace(children=children, parent=parent)

    def new_customer(self, cells: Sequence[str]) -> Intake:
        """The row as a new customer; an issue ``empty`` when nothing names it."""
        return complete(self.read(cells))

    def _read_company(self, cells: Sequence[str], region: str, person: Intake) -> Intake | None:
        """The company that a row tells of, or None. One without a name has that which the row says of its customer."""
        if self._company is None or not self._company.says_something(cells):
            return None
        pieces = self._company.pieces(cells)
        company = read_pieces(pieces, region=self._company.region(cells, region), serial_dates=True)
        company.columns["kind"] = "company"
        if not company.columns.get("name"):
            company.columns["name"] = company.columns.get("company") or person.columns.get("company")
        company.columns.pop("company", None)
        company = complete(company)
        for number, issue in enumerate(company.issues):
            company.issues[number] = issue._replace(field=f"{COMPANY}:{issue.field}")
        if any(issue.rejects for issue in company.issues):
            return None
        return company

    def _read_children(self, cells: Sequence[str], issues: list[Issue]) -> list[Child]:
        children = []
        for entity, feeds in self._activities.items():
            if any(clean_cell(cells[feed.place], "") for feed in feeds if not feed.constant):
                told = [
                    Told(
                        feed.target.key, feed.target.detail, clean_cell(cells[feed.place], feed.target.key), feed.order
                    )
                    for feed in feeds
                ]
                children.append(read_child(entity, told, self._currency, issues))
        return children


class _Cells:
    """What some feeds say of one record: cells that are read for themselves, those of contact points with their labels, and addresses.

    ``single`` are (index, key, detail, order); ``labels`` holds the place of the label of a contact point by the index of its value,
    ``address_labels`` that of an address by its number. ``further`` are (index, key, number) of the addresses from the second on.
    ``flags`` are the places of cells that hold something when the contact points of a row are not in the order of the columns.
    """

    def __init__(self, feeds: Sequence[Feed], maker: Feeds) -> None:
        self.single: list[tuple[int, str, str, Order]] = []
        self.labels: dict[int, int] = {}
        self.address_labels: dict[int, int] = {}
        self.further: list[tuple[int, str, int]] = []
        self.flags: list[int] = []
        self._first: dict[str, list[tuple[int, int]]] = {}
        self._said = [feed.place for feed in feeds if not feed.constant]
        described: dict[tuple[str, int], dict[str, int]] = {}
        for feed in feeds:
            if feed.target.describes_point:
                described.setdefault((feed.target.key, feed.target.group), {})[feed.target.detail] = feed.place
        for feed in feeds:
            target = feed.target
            if target.key == "address_label":
                self.address_labels[max(1, target.group)] = maker.add(_label_maker(feed.place, None))
            elif target.key in ADDRESS_PARTS and target.group > 1:
                self.further.append((feed.place, target.key, target.group))
            elif not target.describes_point:
                said = described.get((target.key, target.group)) if target.group else None
                index = feed.place if said is None else self._bind(feed, said, maker)
                self.single.append((index, target.key, target.detail, feed.order))
        for key, places in self._first.items():
            values = [index for index, own, *_rest in self.single if own == key]
            before = {primary: values[: values.index(value)] for value, primary in places}
            self.flags.append(maker.add(_flag_maker(before)))
        self._country = next((index for index, key, _detail, _order in self.single if key == "country"), None)

    def _bind(self, feed: Feed, said: Mapping[str, int], maker: Feeds) -> int:
        """Make the cells of a numbered contact point: its value put together, its label, and whether it comes first."""
        key, index = feed.target.key, feed.place
        if key == "phones" and ("extension" in said or "country_code" in said):
            index = maker.add(_phone_maker(index, said.get("country_code"), said.get("extension")))
        elif key == "messaging" and "kind" in said:
            index = maker.add(_handle_maker(index, said["kind"]))
        else:
            index = maker.add(_copy_maker(index))
        if "label" in said or "kind" in said:
            self.labels[index] = maker.add(_label_maker(said.get("label"), said.get("kind")))
        if "label" in said or "primary" in said:
            flag = maker.add(_primary_maker(index, said.get("label"), said.get("primary")))
            self._first.setdefault(key, []).append((index, flag))
        return index

    def says_something(self, cells: Sequence[str]) -> bool:
        """Whether a cell that is no constant says anything."""
        return any(clean_cell(cells[index], "") for index in self._said)

    def region(self, cells: Sequence[str], otherwise: str) -> str:
        """The region that the country of the record means."""
        return otherwise if self._country is None else region_of(cells[self._country]) or otherwise

    def pieces(self, cells: Sequence[str]) -> list[Piece]:
        """What the widened row says, in the order of the columns; cells without meaning are empty."""
        labels, address_label = self.labels, self.address_labels.get(1)
        pieces = []
        for index, key, detail, order in self.single:
            label = labels.get(index, address_label if key in ADDRESS_PARTS else None)
            pieces.append(
                Piece(key, detail, clean_cell(cells[index], key), order, 0, "" if label is None else cells[label])
            )
        if any(cells[flag] for flag in self.flags):
            pieces = self._in_order(pieces, cells)
        for index, key, group in self.further:
            label = self.address_labels.get(group)
            text = clean_cell(cells[index], key)
            pieces.append(Piece(key, "", text, None, group, "" if label is None else cells[label]))
        return pieces

    def _in_order(self, pieces: list[Piece], cells: Sequence[str]) -> list[Piece]:
        """The pieces with those contact points first of their kind that are said to come first."""
        ordered = list(pieces)
        for key, flags in self._first.items():
            primary = {index for index, flag in flags if cells[flag]}
            places = [place for place, each in enumerate(self.single) if each[1] == key]
            wanted = sorted(places, key=lambda place: self.single[place][0] not in primary)
            for place, source in zip(places, wanted, strict=True):
                ordered[place] = pieces[source]
        return ordered


def _copy_maker(place: int) -> Maker:
    return lambda cells: cells[place]


def _phone_maker(place: int, code: int | None, extension: int | None) -> Maker:
    def make(cells: Sequence[str]) -> str:
        return dialled(clean_cell(cells[place], "phones"), _said(cells, code), _said(cells, extension))

    return make


def _handle_maker(place: int, kind: int) -> Maker:
    """Handles with the service that another column names before each: that is how they are written."""

    def make(cells: Sequence[str]) -> str:
        text = clean_cell(cells[place], "messaging")
        service = read_service(_said(cells, kind))
        if not text or not service:
            return text
        return "; ".join(f"{service}:{part.strip()}" for part in text.split(";") if part.strip())

    return make


def _label_maker(place: int | None, kind: int | None) -> Maker:
    """What a contact point is called; one in a service that nobody knows bears its name."""

    def make(cells: Sequence[str]) -> str:
        label = read_label(_said(cells, place)).label
        service = _said(cells, kind)
        return label or ("" if read_service(service) else service)

    return make


def _primary_maker(value: int, label: int | None, primary: int | None) -> Maker:
    def make(cells: Sequence[str]) -> str:
        first = read_label(_said(cells, label)).primary or is_primary(_said(cells, primary))
        return "1" if first and cells[value].strip() else ""

    return make


def _flag_maker(before: Mapping[int, Sequence[int]]) -> Maker:
    """Something when a contact point comes first before which the columns have another."""

    def make(cells: Sequence[str]) -> str:
        return (
            "1" if any(cells[flag] and any(cells[at].strip() for at in each) for flag, each in before.items()) else ""
        )

    return make


def _said(cells: Sequence[str], place: int | None) -> str:
    return "" if place is None else clean_cell(cells[place], "")


def _is_point(target: Target) -> bool:
    return target.key in BY_KEY and BY_KEY[target.key].place == "point"


def clean_cell(text: str, key: str) -> str:
    """``text`` without blanks around it and without a spreadsheet's wrapping; empty when it is a word for nothing."""
    text = unwrapped(text)
    if text and len(text) <= LONGEST_EMPTY_WORD and key not in KEEPS_EMPTY_WORDS and is_empty_word(text):
        return ""
    if key == "phones" and text[0:1] == "'" and text[1:2] in _BEFORE_NUMBER:
        return text[1:]
    return text


def fit_width(cells: list[str], width: int) -> list[str] | None:
    """``cells`` made ``width`` long; None when there is something beyond the last column."""
    if len(cells) <= width:
        return cells + [""] * (width - len(cells))
    return None if any(cell.strip() for cell in cells[width:]) else cells[:width]
