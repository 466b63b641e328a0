"""Whether a customer that is being typed looks like one that is there already: the search for duplicates, asked about one."""

from collections.abc import Collection
from typing import NamedTuple

from crmtui.domain.intake import ADDRESS_PARTS, Intake
from crmtui.domain.matching import signals as s
from crmtui.domain.matching.blocking import blocking_keys
from crmtui.domain.matching.comparison import Levels, compare, term_values
from crmtui.domain.matching.levels import POSSIBLE_BITS
from crmtui.domain.matching.profile import Profile, Source, make_profile
from crmtui.domain.matching.weights import term
from crmtui.domain.names import sort_key
from crmtui.i18n import N_
from crmtui.services.duplicates.model_state import load_or_default
from crmtui.storage.driver import Connection
from crmtui.storage.duplicate_profiles import read_profiles, read_source
from crmtui.storage.duplicates import read_frequencies, sharers_of_each
from crmtui.storage.likeness import in_lists, with_points, with_sort_name

REASONS = {
    "email": N_("same e-mail"),
    "phone": N_("same phone"),
    "handle": N_("same messaging name"),
    "name": N_("same name"),
    "alike": N_("alike in several ways"),
}

_SURE = ((s.EMAIL, "email"), (s.PHONE, "phone"), (s.HANDLE, "handle"))
_MOST_OF_A_KEY = 12  # of a key that more share, nobody is looked at: another key names the right one
_MOST_COMPARED = 40


class Likeness(NamedTuple):
    """A customer that is there already; ``reason`` is a key of ``REASONS``: what the two have in common."""

    customer_id: int
    reason: str


def look_alikes(connection: Connection, intake: Intake, *, limit: int = 3) -> list[Likeness]:
    """Customers that may be the one of ``intake`` (of ``new_customer``), the likeliest first.

    Whoever shares a phone or an e-mail is named, and whoever the weights of the last scan hold for the same. Archived customers
    are left out. A bounded number of index look-ups, whatever the size of the file.
    """
    typed = make_profile(_source(intake))
    learned = load_or_default(connection)
    sharing = _sharing_a_point(connection, intake)
    met = dict.fromkeys([*sharing, *_of_the_name(connection, intake)])
    for members in sharers_of_each(
        connection, [(key, _MOST_OF_A_KEY) for key in blocking_keys(typed, learned.identifying)]
    ):
        if len(members) <= _MOST_OF_A_KEY:
            met.update(dict.fromkeys(members))
    custom_keys = learned.model.custom_keys
    terms = {term(signal, value) for signal, value in term_values(typed, custom_keys)}
    model = learned.model.with_counts(read_frequencies(connection, terms))
    found = []
    chosen = in_lists(connection, list(met)[:_MOST_COMPARED])
    for customer, profile in _profiles(connection, chosen, sharing).items():
        if profile.kind != typed.kind:
            continue
        levels, shared = compare(typed, profile, custom_keys)
        bits = model.weigh(levels, shared, company=typed.kind == "company").bits
        reason = _reason(levels, company=typed.kind == "company")
        if bits >= POSSIBLE_BITS or reason not in ("name", "alike"):
            found.append((-bits, customer, reason))
    return [Likeness(customer, reason) for _bits, customer, reason in sorted(found)[:limit]]


def _sharing_a_point(connection: Connection, intake: Intake) -> list[int]:
    points = [(point.kind, point.normalised) for point in intake.points if point.kind in REASONS and point.normalised]
    return [shared.customer_id for shared in with_points(connection, points, _MOST_OF_A_KEY)]


def _of_the_name(connection: Connection, intake: Intake) -> list[int]:
    columns = intake.columns
    key = sort_key(
        str(columns.get("name") or ""),
        str(columns.get("family_name") or ""),
        str(columns.get("given_name") or ""),
        person=columns.get("kind") != "company",
    )
    return with_sort_name(connection, key, _MOST_OF_A_KEY) if key else []


def _profiles(connection: Connection, customers: Collection[int], fresh: Collection[int]) -> dict[int, Profile]:
    """What these customers are compared by: as the last scan kept it; made now, if they are new or among the ``fresh``."""
    found = read_profiles(connection, [customer for customer in customers if customer not in fresh])
    for customer in customers:
        if customer not in found and (source := read_source(connection, customer)) is not None:
            found[customer] = make_profile(source)
    return found


def _source(intake: Intake) -> Source:
    columns = intake.columns
    address = [str(intake.address.get(part) or "") for part in ADDRESS_PARTS]
    return Source(
        str(columns.get("kind") or "person"),
        str(columns.get("name") or ""),
        str(columns.get("family_name") or ""),
        str(columns.get("given_name") or ""),
        str(columns.get("company") or ""),
        str(columns.get("birthday") or ""),
        points=tuple((point.kind, point.value, point.normalised) for point in intake.points),
        address=(address[0], address[1], address[2], address[3], address[4]),
        custom=intake.custom,
    )


def _reason(levels: Levels, *, company: bool) -> str:
    for signal, reason in _SURE:
        if levels[signal] == 1:
            return reason
    same_name = levels[s.FIRM] == 1 if company else levels[s.GIVEN] == levels[s.FAMILY] == 1
    return "name" if same_name else "alike"
