"""What was found: the pairs and groups to be decided, and why two customers are, or are not, taken for one."""

from collections.abc import Collection, Iterator
from typing import NamedTuple

from crmtui.domain.matching import signals as s
from crmtui.domain.matching.blocking import blocking_keys
from crmtui.domain.matching.comparison import Levels, compare
from crmtui.domain.matching.levels import LIKELY_BITS, POSSIBLE_BITS, doubts, level_of, probability
from crmtui.domain.matching.profile import Profile, make_profile
from crmtui.domain.matching.signals import SIGNALS, Signal, custom_signal
from crmtui.domain.matching.weights import Contribution, Model
from crmtui.errors import NotFound, UsageError
from crmtui.i18n import N_, _
from crmtui.services.duplicates.model_state import load_or_default
from crmtui.services.workspace import Workspace
from crmtui.storage import duplicate_profiles as kept
from crmtui.storage import duplicates as store
from crmtui.storage.customers import survivor_of
from crmtui.storage.driver import Connection

RIVALS = {
    "strangers": N_("strangers who agree by chance"),
    "household": N_("people of one household"),
    "colleagues": N_("colleagues of one office"),
    "namesakes": N_("two people of the same name"),
    "group": N_("two firms of one group"),
}
_STRENGTHS = (
    (6.0, N_("very strong evidence for one customer")),
    (3.0, N_("strong evidence for one customer")),
    (1.0, N_("evidence for one customer")),
    (0.3, N_("slight evidence for one customer")),
    (-0.3, N_("says little")),
    (-1.0, N_("slight evidence against it")),
    (-3.0, N_("evidence against it")),
    (-6.0, N_("strong evidence against it")),
)
_AGAINST = N_("very strong evidence against it")
_REASONS = 0.8  # bits from which on a signal is named among the reasons


class Found(NamedTuple):
    """A pair to be decided: ids, probability in percent, level, and the reasons in words."""

    a_id: int
    b_id: int
    score: float
    level: str
    reasons: list[str]
    group: int | None


class Reason(NamedTuple):
    """One signal of an explanation: both values as they were compared, how they agree, and what that says, in bits and in words."""

    signal: str
    label: str
    first: str
    second: str
    agreement: str
    bits: float
    strength: str


class Explanation(NamedTuple):
    """Why two customers are, or are not, taken for one."""

    a_id: int
    b_id: int
    score: float
    level: str
    rival: str
    reasons: list[Reason]
    keys: int
    decision: str | None
    verdict: str


def found(
    workspace: Workspace, *, levels: Collection[str] = (), limit: int | None = None, customers: Collection[int] = ()
) -> Iterator[Found]:
    """The pairs to be decided, the surest first."""
    connection = workspace.database.thread_reader()
    model = load_or_default(connection).model
    pairs = store.open_pairs(connection, levels=levels, limit=-1 if limit is None else limit, customers=customers)
    for pair in pairs:
        reasons = short_reasons(pair.levels, model)
        if pair.via == 1:
            reasons.append(_("both are the same as a third record"))
        elif pair.via == 2:
            reasons.append(_("weak link of a chain: others of the group cannot be the same"))
        yield Found(pair.a_id, pair.b_id, round(100 * probability(pair.bits), 1), pair.level, reasons, pair.group_id)


def short_reasons(levels: Levels, model: Model) -> list[str]:
    """The signals that agree or contradict, in a few words each."""
    reasons = []
    for position, level in enumerate(levels):
        if level:
            signal = signal_at(position, model.custom_keys)
            reasons.append(f"{_(signal.label)}: {_(signal.levels[level - 1])}")
    return reasons


def signal_at(position: int, custom_keys: Collection[str]) -> Signal:
    """The signal at a position of ``Levels``."""
    return SIGNALS[position] if position < s.CUSTOM else custom_signal(list(custom_keys)[position - s.CUSTOM])


def explain(workspace: Workspace, first: int, second: int) -> Explanation:
    """Every signal of two customers. Raises NotFound, or UsageError when both ids are one customer."""
    connection = workspace.database.thread_reader()
    if first == second:
        raise UsageError(_("these are the same customer: {id}").format(id=first))
    profiles = [_profile(connection, customer) for customer in (first, second)]
    learned = load_or_default(connection)
    model = learned.model
    decision = store.read_decision(connection, first, second)
    if profiles[0].kind != profiles[1].kind:
        return Explanation(
            first, second, 0.0, "", "strangers", [], 0, decision.decision if decision else None,
            _("one is a person, the other a company: they are never the same"),
        )  # fmt: skip
    levels, shared = compare(profiles[0], profiles[1], model.custom_keys)
    weighed, contributions = model.contributions(levels, shared, company=profiles[0].kind == "company")
    level = level_of(levels, weighed.bits)
    keys = set(blocking_keys(profiles[0], learned.identifying)) & set(blocking_keys(profiles[1], learned.identifying))
    contributions.sort(key=lambda each: -abs(each.against_rival))
    return Explanation(
        first,
        second,
        round(100 * probability(weighed.bits), 2),
        level,
        weighed.rival,
        [_reason(each, profiles, model) for each in contributions],
        len(keys),
        decision.decision if decision else None,
        _verdict(levels, weighed.bits, level, weighed.rival, contributions, model, bool(keys)),
    )


def _profile(connection: Connection, customer: int) -> Profile:
    source = kept.read_source(connection, customer)
    if source is None:
        survivor = survivor_of(connection, customer)
        if survivor is not None:
            raise UsageError(_("customer {id} was merged into {survivor}").format(id=customer, survivor=survivor))
        raise NotFound(_("there is no customer {id}").format(id=customer), hint=_("crmtui find NAME shows the ids"))
    return make_profile(source)


def _reason(contribution: Contribution, profiles: list[Profile], model: Model) -> Reason:
    signal = signal_at(contribution.signal, model.custom_keys)
    bits = round(contribution.against_rival, 1)
    return Reason(
        signal.key,
        _(signal.label),
        _shown(profiles[0], contribution.signal, model),
        _shown(profiles[1], contribution.signal, model),
        _(signal.levels[contribution.level - 1]),
        bits,
        strength(bits),
    )


def strength(bits: float) -> str:
    """What a contribution of so many bits says, in words."""
    return _(next((text for least, text in _STRENGTHS if bits >= least), _AGAINST))


def _verdict(
    levels: Levels,
    bits: float,
    level: str,
    rival: str,
    contributions: list[Contribution],
    model: Model,
    compared: bool,
) -> str:
    """One sentence: what was decided, and what it would have taken to decide otherwise."""
    story = _(RIVALS[rival])
    if level == "certain":
        return _("one customer: much more likely than {story}").format(story=story)
    if level == "likely":
        names = [_(SIGNALS[each].label) for each in doubts(levels) if each < s.CUSTOM]
        if names:
            return _("likely one customer, but not certain: {signals} speak against it").format(
                signals=", ".join(names)
            )
        if bits < 5:
            return _("likely one customer; {story} would explain it nearly as well").format(story=story)
        return _("likely one customer, but nothing beside the name agrees")
    against = [each for each in contributions if each.against_rival < -_REASONS]
    names = [_(signal_at(each.signal, model.custom_keys).label) for each in against[:3]]
    reason = ", ".join(names) or _("too little is known")
    missing = (LIKELY_BITS if level else POSSIBLE_BITS) - bits
    if level and missing <= 0:
        text = _("possibly one customer, but nothing beside the name agrees")
        return text if compared else text + " · " + _("they share no key, so a scan does not compare them")
    text = (
        _("possibly one customer; {story} explain it better ({bits:.1f} bits short of likely): {signals}")
        if level
        else _("not one customer: {story} explain it better ({bits:.1f} bits short of possible): {signals}")
    ).format(story=story, bits=missing, signals=reason)
    if not compared:
        text += " · " + _("they share no key, so a scan does not compare them")
    return text


def _shown(profile: Profile, signal: int, model: Model) -> str:
    """A value as it was compared."""
    place = profile.place
    if signal >= s.CUSTOM:
        return dict(profile.custom).get(model.custom_keys[signal - s.CUSTOM], "")
    if signal in (s.GIVEN, s.FAMILY, s.TITLE, s.SUFFIX):
        part = {s.GIVEN: "given", s.FAMILY: "family", s.TITLE: "title", s.SUFFIX: "suffix"}[signal]
        shown = dict.fromkeys(getattr(name, part) for name in profile.names)
        if signal in (s.GIVEN, s.FAMILY) and profile.names[0].hanzi:
            return " · ".join(filter(None, (profile.names[0].hanzi, *shown)))
        return " · ".join(filter(None, shown))
    if signal in (s.COMPANY, s.FIRM, s.LEGAL):
        firm = profile.firm
        if firm is None:
            return ""
        if signal == s.LEGAL:
            return firm.legal
        return " ".join(filter(None, (firm.brand, *firm.trade, *(f"({place})" for place in firm.places), firm.branch)))
    texts = {
        s.PHONE: profile.phones,
        s.EMAIL: profile.emails,
        s.HANDLE: profile.handles,
        s.DOMAIN: profile.domains,
        s.BIRTHDAY: (profile.birthday,),
        s.TAX_ID: (profile.tax_id,),
    }
    if signal in texts:
        return " · ".join(texts[signal])
    if place is None:
        return ""
    parts = {
        s.STREET: place.street,
        s.NUMBER: place.number,
        s.UNIT: place.unit,
        s.POSTCODE: place.postcode,
        s.POSTCODE_MOVED: place.postcode,
        s.CITY: place.city,
        s.CITY_MOVED: place.city,
        s.REGION: place.region,
    }
    return parts[signal]


__all__ = ["Explanation", "Found", "Reason", "explain", "found", "short_reasons", "strength"]
