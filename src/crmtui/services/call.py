"""The call: who has this number, what one wants to know of them, and logging it with the next step as one operation."""

from collections.abc import Iterable, Sequence
from unicodedata import normalize

from crmtui.domain.models import Deal, Task, TimelineEntry
from crmtui.i18n import N_, _
from crmtui.light_typing import TYPE_CHECKING, NamedTuple
from crmtui.storage import activities
from crmtui.storage.callers import PhoneOwner, with_number_ending, with_numbers
from crmtui.storage.driver import Connection

if TYPE_CHECKING:
    from typing import Literal

    from crmtui.services.record import Saved
    from crmtui.services.workspace import Workspace
    from crmtui.storage.journal import Operation

    Match = Literal["exact", "ending", "near", "unknown"]

OUTCOME_LABELS = {
    "reached": N_("reached"),
    "no_answer": N_("no answer"),
    "voicemail": N_("voicemail"),
    "busy": N_("busy"),
    "wrong_number": N_("wrong number"),
}
"""What can come of a call, by the key that is stored; any other text may stand there as well."""
OUTCOMES = tuple(OUTCOME_LABELS)

FEWEST_DIGITS = 3
_LOCAL_DIGITS = 7
_TAIL_DIGITS = 8
_WHOLE_DIGITS = 9  # a national number with its area code
_LONGEST_CODE = 3
_SHOWN = 9  # one digit picks


class Caller(NamedTuple):
    """Who has a number. ``match`` says how sure that is.

    ``exact``: the number itself, in whatever form; ``ending``: a number that ends in these digits, or these digits end in it;
    ``near``: nobody has it, ``people`` have one that is nearly the same; ``unknown``: nobody at all. ``number`` is what was asked
    for, ``e164`` its international form, as far as it had to be worked out ("" otherwise). At most nine ``people``, the likeliest first; ``more`` when
    there are others.
    """

    match: "Match"
    number: str
    e164: str
    people: list[PhoneOwner]
    more: bool


class CallCard(NamedTuple):
    """What one wants to know of who is on the line, for three lines."""

    customer_id: int
    name: str
    company: str | None
    tags: list[str]
    do_not_contact: bool
    archived: bool
    last: TimelineEntry | None
    next_task: Task | None
    deal: Deal | None
    usual_gap_days: int | None


class NextStep(NamedTuple):
    """What is to be done next: a task with its due time as stored, or without."""

    text: str
    due_at: str | None = None


def who_is(connection: Connection, number: str, region: str) -> Caller:
    """Who has this number, written in any form, read as in ``region`` where it has no country code. Some index look-ups.

    Fewer than three digits are nobody's. The rules of all countries, which take longer to load than everything else here, are
    asked only when the digits alone leave a question.
    """
    typed = digits_in(number)
    if len(typed) < FEWEST_DIGITS:
        return Caller("unknown", number, "", [], False)
    bare = typed.removeprefix("00").lstrip("0") if len(typed) > _LOCAL_DIGITS else typed
    found = with_numbers(connection, [f"+{typed.removeprefix('00')}"]) if len(typed) > _LOCAL_DIGITS else []
    if found:
        return _caller("exact", number, found)
    alike = with_number_ending(connection, bare[-_LOCAL_DIGITS:]) if bare else []
    same = [owner for owner in alike if _is_same(_digits(owner), bare)]
    if same and len({owner.e164 for owner in same}) == 1:
        return _caller("exact", number, same)
    ending = [owner for owner in alike if _ends_alike(_digits(owner), bare)]
    if len(bare) <= _LOCAL_DIGITS or (not same and len({owner.customer_id for owner in ending}) == 1):
        return _caller("ending" if ending else "unknown", number, ending)
    e164 = _read(number, region)
    found = with_numbers(connection, [e164]) if e164 else []
    if found or same:
        return _caller("exact", number, found or same, e164)
    if ending:
        return _caller("ending", number, ending, e164)
    whole = e164[1:] or _country_code(region) + bare
    near = with_numbers(connection, _variants(whole))
    tail = bare[-_TAIL_DIGITS:]
    near += [owner for owner in alike if _digits(owner).endswith(tail)]
    return _caller("near" if near else "unknown", number, near, e164)


def call_card(connection: Connection, customer_id: int) -> CallCard | None:
    """What one wants to know of this customer now; None when there is no such customer."""
    row = connection.execute(
        "SELECT name, company, coalesce(do_not_contact, 0), archived_at IS NOT NULL, usual_gap_days FROM customers WHERE id = ?",
        (customer_id,),
    ).fetchone()
    return None if row is None else _card(connection, customer_id, row)


def outcome_label(outcome: str | None) -> str:
    """What came of a call, in the current language; any text that is no key as it is, "" for nothing."""
    return "" if not outcome else _(OUTCOME_LABELS[outcome]) if outcome in OUTCOME_LABELS else outcome


def read_outcome(text: str) -> str:
    """The key of an outcome that was typed as its key or in the current language; any other text as it is."""
    wanted = " ".join(text.split()).casefold()
    for key, label in OUTCOME_LABELS.items():
        if wanted in (key, key.replace("_", " "), _(label).casefold()):
            return key
    return text.strip()


def log_call(
    workspace: "Workspace",
    customers: Sequence[int],
    *,
    minutes: int | None = None,
    text: str = "",
    outcome: str | None = None,
    next_step: NextStep | None = None,
    direction: str | None = "in",
    at: str | None = None,
) -> "Saved":
    """Log a call with these customers (the main one first) and the task for the next step, as one undoable operation.

    ``at`` is when it began (UTC text), now when left out. Raises NotFound when a customer is gone.
    """
    from crmtui.services.activity import customer_names
    from crmtui.services.record import Saved
    from crmtui.storage.journal import operation

    names = customer_names(workspace, customers)
    with operation(workspace.database, "call.log", subject=names[0], actor=workspace.actor) as act:
        _insert_call(act, customers, minutes, text, outcome, next_step, direction, at)
    return Saved(act.id, tuple(customers))


def log_new_caller(
    workspace: "Workspace",
    name: str,
    number: str,
    *,
    minutes: int | None = None,
    text: str = "",
    outcome: str | None = None,
    next_step: NextStep | None = None,
    direction: str | None = "in",
    at: str | None = None,
) -> "Saved":
    """Add who called and log the call, as one undoable operation. Raises InvalidValue when the name is empty."""
    from crmtui.domain.intake import new_customer
    from crmtui.errors import InvalidValue
    from crmtui.services.record import Saved, insert_customer
    from crmtui.storage.journal import operation

    if not name.strip():
        raise InvalidValue(_("a customer needs a name"), field="name")
    intake = new_customer({"name": name, "phones": number}, region=workspace.region)
    with operation(workspace.database, "call.new", subject=name.strip(), actor=workspace.actor) as act:
        customer = insert_customer(act, intake)
        _insert_call(act, [customer], minutes, text, outcome, next_step, direction, at)
    return Saved(act.id, (customer,), tuple(intake.issues))


def _insert_call(
    act: "Operation",
    customers: Sequence[int],
    minutes: int | None,
    text: str,
    outcome: str | None,
    next_step: NextStep | None,
    direction: str | None,
    at: str | None,
) -> None:
    from crmtui.services.activity import insert_interaction, insert_task

    values = {"kind": "call", "at": at, "minutes": minutes, "direction": direction, "body": text, "outcome": outcome}
    insert_interaction(act, customers, values)
    if next_step is not None and next_step.text.strip():
        insert_task(act, customers[0], next_step.text, next_step.due_at)


def digits_in(text: str) -> str:
    """The digits of a text, full-width ones too, as ASCII."""
    return "".join(sign for sign in normalize("NFKC", text) if "0" <= sign <= "9")


def _caller(match: "Match", number: str, found: Iterable[PhoneOwner], e164: str = "") -> Caller:
    """Each customer once, with the phone that fits best: lists before archives, numbers before alternates, lately spoken with first."""
    order = sorted(found, key=lambda owner: owner.last_interaction_at or "", reverse=True)
    order.sort(key=lambda owner: (owner.archived, owner.alternate))
    people = list({owner.customer_id: owner for owner in reversed(order)}.values())[::-1]
    return Caller(match, number, e164, people[:_SHOWN], len(people) > _SHOWN)


def _card(connection: Connection, customer_id: int, row: tuple[str, str | None, int, int, int | None]) -> CallCard:
    name, company, do_not_contact, archived, usual = row
    tags = connection.execute(
        "SELECT name FROM customer_tags JOIN tags ON tags.id = tag_id WHERE customer_id = ? ORDER BY customer_tags.id",
        (customer_id,),
    )
    task = activities.tasks(connection, customer_id)[:1]
    deal = activities.deals(connection, customer_id)[:1]
    return CallCard(
        customer_id,
        name,
        company,
        [tag for (tag,) in tags],
        bool(do_not_contact),
        bool(archived),
        next(iter(activities.timeline(connection, customer_id, limit=1)), None),
        task[0] if task and task[0].done_at is None else None,
        deal[0] if deal and deal[0].closed_at is None else None,
        usual,
    )


def _digits(owner: PhoneOwner) -> str:
    return digits_in(owner.e164 or owner.phone)


def _is_same(stored: str, bare: str) -> bool:
    """Whether two numbers are the same but for the country code and the trunk 0; a local number is not enough for that."""
    stored = stored.lstrip("0")
    shorter, longer = sorted((stored, bare), key=len)
    return stored == bare or (
        len(shorter) >= _WHOLE_DIGITS and longer.endswith(shorter) and len(longer) - len(shorter) <= _LONGEST_CODE
    )


def _ends_alike(stored: str, bare: str) -> bool:
    stored = stored.lstrip("0")
    return stored.endswith(bare) or (len(stored) >= _LOCAL_DIGITS and bare.endswith(stored))


def _read(number: str, region: str) -> str:
    """The international form of a number, "" when it is not complete."""
    from crmtui.domain.phones import parse_phones

    return next((phone.e164 for phone in parse_phones(number, region) if phone.e164), "")


def _country_code(region: str) -> str:
    """What stands before the numbers of a region, where a digit too many or too few left no number that could be read."""
    import phonenumbers

    return str(phonenumbers.country_code_for_region(region) or "")


def _variants(number: str) -> list[str]:
    """The numbers (in E.164) one slip of the finger away: another digit, two exchanged, one missing, one too many."""
    found: dict[str, None] = {}
    ten = "0123456789"
    for at in range(len(number)):
        head, tail = number[:at], number[at + 1 :]
        found |= dict.fromkeys(f"+{head}{digit}{tail}" for digit in ten)
        found[f"+{head}{tail}"] = None
        if tail:
            found[f"+{head}{tail[0]}{number[at]}{tail[1:]}"] = None
    for at in range(len(number) + 1):
        found |= dict.fromkeys(f"+{number[:at]}{digit}{number[at:]}" for digit in ten)
    found.pop(f"+{number}", None)
    return list(found)
