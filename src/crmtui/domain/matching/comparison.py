"""Comparing two customers: the level of each signal, and the shared values by whose rarity agreement is weighed."""

from __future__ import annotations

from collections.abc import Sequence

from crmtui.domain.matching import signals as s
from crmtui.domain.matching.companies import company_level
from crmtui.domain.matching.persons import DIFFERENT, best_levels
from crmtui.domain.matching.places import number_level, street_level, text_level
from crmtui.domain.matching.profile import Profile, birthday_level, full_name, is_provider, is_role

Levels = tuple[int, ...]
Shared = dict[int, str]
"""Of a signal whose values agree, the term by whose frequency that agreement is weighed."""


def compare(first: Profile, second: Profile, custom_keys: Sequence[str] = ()) -> tuple[Levels, Shared]:
    """The level of every signal (those of ``signals.SIGNALS``, then the custom fields) and the values that agree.

    Both must be of one kind. The order of the two makes no difference.
    """
    levels = [0] * (s.CUSTOM + len(custom_keys))
    shared: Shared = {}
    if first.kind == "company":
        _compare_firms(first, second, levels, shared)
    else:
        _compare_persons(first, second, levels, shared)
    _compare_points(first, second, levels, shared)
    if first.place is not None and second.place is not None:
        _compare_places(first, second, levels, shared)
    if first.birthday and second.birthday:
        levels[s.BIRTHDAY] = birthday_level(first.birthday, second.birthday)
        if levels[s.BIRTHDAY] == 1:
            shared[s.BIRTHDAY] = first.birthday
    if first.tax_id and second.tax_id:
        levels[s.TAX_ID] = text_level(first.tax_id, second.tax_id)
        if levels[s.TAX_ID] == 1:
            shared[s.TAX_ID] = first.tax_id
    if custom_keys and first.custom and second.custom:
        _compare_custom(first, second, custom_keys, levels, shared)
    return tuple(levels), shared


def cannot_match(first: Profile, second: Profile) -> bool:
    """Whether two persons whose given names do not fit share only what a home or an office explains: never one customer."""
    if not _share_a_bundle(first, second):
        return False
    if first.kind == "company" or best_levels(first.names, second.names)[0] != DIFFERENT:
        return False
    if first.birthday and first.birthday == second.birthday:
        return False
    for values, others in (
        (first.emails, second.emails),
        (first.handles, second.handles),
        (first.custom, second.custom),
    ):
        if values and others and not set(values).isdisjoint(others):
            return False
    return True


def _share_a_bundle(first: Profile, second: Profile) -> bool:
    if first.place is not None and second.place is not None and first.place.street == second.place.street != "":
        return True
    if first.firm is not None and second.firm is not None and first.firm.brand == second.firm.brand:
        return True
    return any(phone in second.phones for phone in first.phones)


def _compare_persons(first: Profile, second: Profile, levels: list[int], shared: Shared) -> None:
    given, family, _swapped = best_levels(first.names, second.names)
    levels[s.GIVEN], levels[s.FAMILY] = given, family
    one, other = first.names[0], second.names[0]
    if given in (1, 2):
        # Of two readings the one in characters says more: 王伟 is rarer than wang wei.
        shared[s.GIVEN] = one.hanzi[-2:] if one.hanzi and one.hanzi == other.hanzi else max(one.given, other.given)
    if family == 1:
        shared[s.FAMILY] = max(one.family, other.family) if one.family != other.family else one.family
    if given == 1 and family == 1:
        shared[s.FULL_NAME] = one.hanzi if one.hanzi and one.hanzi == other.hanzi else full_name(one)
    if one.title and other.title:
        levels[s.TITLE] = 1 if one.title == other.title else 2
    if one.suffix != other.suffix and given in (1, 2, 3) and family == 1:
        levels[s.SUFFIX] = 2
    elif one.suffix:
        levels[s.SUFFIX] = 1 if one.suffix == other.suffix else 0
    if first.firm is not None and second.firm is not None:
        level = company_level(first.firm, second.firm)
        levels[s.COMPANY] = level
        if level in (1, 2, 4, 5):
            shared[s.COMPANY] = first.firm.brand


def _compare_firms(first: Profile, second: Profile, levels: list[int], shared: Shared) -> None:
    one, other = first.firm, second.firm
    if one is not None and other is not None:
        levels[s.FIRM] = company_level(one, other)
        if levels[s.FIRM] in (1, 2, 4, 5):
            shared[s.FIRM] = one.brand
        if one.legal and other.legal:
            levels[s.LEGAL] = 1 if one.legal == other.legal else 2
    domains = set(first.domains)
    if domains and second.domains:
        common = sorted(domains.intersection(second.domains))
        levels[s.DOMAIN] = 1 if common else 2
        if common:
            shared[s.DOMAIN] = common[0]


def _compare_points(first: Profile, second: Profile, levels: list[int], shared: Shared) -> None:
    if first.phones and second.phones:
        common = [phone for phone in first.phones if phone in second.phones]
        if common:
            levels[s.PHONE] = 1
            shared[s.PHONE] = min(common)
        else:
            near = any(number_level(one, other) == 2 for one in first.phones for other in second.phones)
            levels[s.PHONE] = 2 if near else 3
    if first.emails and second.emails:
        levels[s.EMAIL] = _email_level(first, second, shared)
    if first.handles and second.handles:
        common = [handle for handle in first.handles if handle in second.handles]
        if common:
            levels[s.HANDLE] = 1
            shared[s.HANDLE] = min(common)
        elif {handle.partition(":")[0] for handle in first.handles} & {
            handle.partition(":")[0] for handle in second.handles
        }:
            levels[s.HANDLE] = 2


def _email_level(one_profile: Profile, other_profile: Profile, shared: Shared) -> int:
    first, second = one_profile.emails, other_profile.emails
    common = sorted(set(first).intersection(second), key=lambda address: (is_role(address), address))
    if common:
        shared[s.EMAIL] = common[0]
        return 2 if is_role(common[0]) else 1
    # Everybody called Aurora may be aurora@ somewhere.
    given = {name.given for name in one_profile.names} | {name.given for name in other_profile.names}
    best = 6
    for one in first:
        local, _sign, domain = one.partition("@")
        for other in second:
            local_other, _sign, domain_other = other.partition("@")
            if domain == domain_other:
                level = text_level(local, local_other)
                if level == 2 and min(len(local), len(local_other)) >= 5 and not is_role(one):
                    best = min(best, 3)
                elif not is_provider(domain):
                    best = min(best, 5)
                    shared[s.EMAIL] = f"@{domain}"
            elif local == local_other and len(local) >= 5 and not is_role(one) and local not in given:
                best = min(best, 4)
            elif local == local_other and text_level(domain, domain_other) == 2:
                best = min(best, 3)
    if best != 5:
        shared.pop(s.EMAIL, None)
    return best


def _compare_places(first: Profile, second: Profile, levels: list[int], shared: Shared) -> None:
    one, other = first.place, second.place
    assert one is not None and other is not None
    street = street_level(one.street, other.street)
    levels[s.STREET] = street
    if street == 1:
        shared[s.STREET] = one.street
    number = number_level(one.number, other.number)
    levels[s.NUMBER] = number
    if number == 1:
        shared[s.NUMBER] = one.number
    levels[s.UNIT] = text_level(one.unit, other.unit)
    if levels[s.UNIT] == 1:
        shared[s.UNIT] = one.unit
    moved = street == 3
    postcode = number_level(one.postcode, other.postcode)
    signal = s.POSTCODE_MOVED if moved else s.POSTCODE
    levels[signal] = postcode
    if postcode == 1:
        shared[signal] = one.postcode
    moved = moved and postcode not in (1, 2)
    city = text_level(one.city, other.city)
    signal = s.CITY_MOVED if moved else s.CITY
    levels[signal] = city
    if city == 1:
        shared[signal] = one.city
    region = text_level(one.region, other.region)
    levels[s.REGION] = region
    if region == 1:
        shared[s.REGION] = one.region


def _compare_custom(
    first: Profile, second: Profile, custom_keys: Sequence[str], levels: list[int], shared: Shared
) -> None:
    values, values_other = dict(first.custom), dict(second.custom)
    for position, key in enumerate(custom_keys, s.CUSTOM):
        value, value_other = values.get(key), values_other.get(key)
        if value and value_other:
            levels[position] = text_level(value, value_other)
            if levels[position] == 1:
                shared[position] = value


def term_values(profile: Profile, custom_keys: Sequence[str] = ()) -> list[tuple[int, str]]:
    """(signal, value) of everything whose frequency matters, as ``compare`` names it in ``Shared``."""
    terms: list[tuple[int, str]] = []
    if profile.names:
        name = profile.names[0]
        if name.given:
            terms.append((s.GIVEN, name.given))
            if name.hanzi:
                terms.append((s.GIVEN, name.hanzi[-2:]))
        if name.family:
            terms.append((s.FAMILY, name.family))
            if name.given:
                terms.append((s.FULL_NAME, full_name(name)))
                if name.hanzi:
                    terms.append((s.FULL_NAME, name.hanzi))
    if profile.firm is not None:
        terms.append((s.FIRM if profile.kind == "company" else s.COMPANY, profile.firm.brand))
    terms += [(s.PHONE, phone) for phone in profile.phones]
    for address in profile.emails:
        terms.append((s.EMAIL, address))
        domain = address.partition("@")[2]
        if not is_provider(domain):
            terms.append((s.EMAIL, f"@{domain}"))
    terms += [(s.HANDLE, handle) for handle in profile.handles]
    terms += [(s.DOMAIN, domain) for domain in profile.domains]
    place = profile.place
    if place is not None:
        for signal, value in (
            (s.STREET, place.street),
            (s.NUMBER, place.number),
            (s.UNIT, place.unit),
            (s.POSTCODE, place.postcode),
            (s.CITY, place.city),
            (s.REGION, place.region),
        ):
            if value:
                terms.append((signal, value))
    if profile.birthday:
        terms.append((s.BIRTHDAY, profile.birthday))
    if custom_keys and profile.custom:
        values = dict(profile.custom)
        terms += [(position, values[key]) for position, key in enumerate(custom_keys, s.CUSTOM) if values.get(key)]
    return terms
