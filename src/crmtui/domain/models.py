"""The records the program speaks of: what storage returns and services, screens and the command line show."""

from crmtui.light_typing import NamedTuple, TypedDict


class PhoneRecord(TypedDict):
    """A phone: as given, in E.164 (None when it cannot be read as a number), its label and whether it comes first."""

    value: str
    e164: str | None
    label: str | None
    primary: bool


class EmailRecord(TypedDict):
    """An e-mail address."""

    value: str
    label: str | None
    primary: bool


class MessagingRecord(TypedDict):
    """An id in a messaging service; ``kind`` is the service."""

    kind: str
    value: str


class AddressRecord(TypedDict):
    """A postal address."""

    street: str | None
    city: str | None
    region: str | None
    postal_code: str | None
    country: str | None
    label: str | None


class CustomerRecord(TypedDict):
    """A customer with everything that is directly theirs: the shape of ``--json`` and of exports, stable for scripts."""

    id: int
    kind: str
    name: str
    given_name: str | None
    family_name: str | None
    company: str | None
    job_title: str | None
    stage: str | None
    owner: str | None
    source: str | None
    language: str | None
    tags: list[str]
    phones: list[PhoneRecord]
    emails: list[EmailRecord]
    messaging: list[MessagingRecord]
    urls: list[str]
    addresses: list[AddressRecord]
    birthday: str | None
    do_not_contact: bool
    notes: str | None
    external_ids: dict[str, str]
    custom: dict[str, object]
    created_at: str
    updated_at: str
    last_interaction_at: str | None
    archived_at: str | None


class Interaction(NamedTuple):
    """Something said: ``at`` is UTC, ``utc_offset`` the minutes east of it where it was noted."""

    id: int
    customer_id: int
    kind: str
    at: str
    utc_offset: int | None
    minutes: int | None
    direction: str | None
    subject: str | None
    body: str | None
    outcome: str | None
    actor: str | None


class Transaction(NamedTuple):
    """An order, payment or refund; ``amount`` in minor units of ``currency``."""

    id: int
    customer_id: int
    kind: str
    at: str
    number: str | None
    amount: int | None
    currency: str | None
    status: str | None
    items: str | None
    note: str | None


class Deal(NamedTuple):
    """Business that may come; ``amount`` in minor units, ``probability`` in percent."""

    id: int
    customer_id: int
    title: str
    stage: str
    amount: int | None
    currency: str | None
    probability: int | None
    expected_close: str | None
    owner: str | None
    created_at: str
    closed_at: str | None
    note: str | None


class Task(NamedTuple):
    """Something to do, ``due_at`` a moment or a day, done when ``done_at`` is set."""

    id: int
    customer_id: int | None
    text: str
    due_at: str | None
    done_at: str | None
    snoozed_until: str | None
    owner: str | None
    created_at: str


class TimelineEntry(NamedTuple):
    """A line of the timeline: an interaction, a transaction, a deal's change or a finished task, newest first.

    ``source`` is the table, ``kind`` the kind within it, ``text`` one line of it, ``amount`` and ``currency`` for transactions.
    """

    source: str
    id: int
    kind: str
    at: str
    text: str
    minutes: int | None
    amount: int | None
    currency: str | None
    detail: str | None


class OperationRecord(NamedTuple):
    """One line of the history."""

    id: int
    kind: str
    subject: str
    count: int | None  # type: ignore[assignment]  # hides tuple.count, which nobody wants here
    actor: str
    at: str
    state: str
    target_id: int | None
    undone_by: int | None
    detail: dict[str, object]


class ListRow(NamedTuple):
    """What a customer list shows of one customer."""

    id: int
    kind: str
    name: str
    company: str | None
    job_title: str | None
    phone: str | None
    email: str | None
    stage: str | None
    owner: str | None
    source: str | None
    city: str | None
    birthday: str | None
    created_at: str
    updated_at: str
    last_interaction_at: str | None
    tags: str | None
    archived_at: str | None
    version: int
