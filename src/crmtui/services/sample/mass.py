"""The big sample: customers by the million, made batch by batch without a database, for measuring how the program holds.

Names, towns and phones come from the same lists as the small sample, but nothing is parsed on the way and what was said
comes from a pool of sentences: believable from afar, and quick. Each batch has its own seed.
"""

from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from random import Random

from crmtui.domain.batch import Batch, BatchBuilder
from crmtui.domain.intake import Intake, Point
from crmtui.domain.pinyin import syllables
from crmtui.services.sample import talk
from crmtui.services.sample.calendar import Calendar
from crmtui.services.sample.companies import INDUSTRIES, company
from crmtui.services.sample.flaws import misspelt, other_company_name
from crmtui.services.sample.names import (
    CN_CHARACTERS,
    CN_FAMILY,
    FAMILY,
    GIVEN,
    SampleName,
    front_heavy,
    letters,
)
from crmtui.services.sample.people import CURRENCIES, CURRENCY_ELSEWHERE, OWNERS, TITLES, CountryChoice
from crmtui.services.sample.places import (
    COUNTRY_NAMES,
    ROADS,
    Place,
    digits,
    grouped,
    international,
    landline,
    mobile,
    place_in,
)

BATCH = 1600
Links = list[tuple[int, int]]
"""(number of the company, number of the person who works there), both within their batch."""

Made = tuple[Batch, Links]

_SPREAD_INTERACTIONS = (0,) * 5 + (1,) * 5 + (2,) * 5 + (3,) * 4 + (4,) * 3 + (5, 5, 6, 6, 8, 10, 12, 15, 20, 34)
_SPREAD_TRANSACTIONS = (0,) * 22 + (1, 1, 2, 2, 3, 3, 4, 4, 6, 6)
assert sum(_SPREAD_INTERACTIONS) == 5 * len(_SPREAD_INTERACTIONS) and sum(_SPREAD_TRANSACTIONS) == len(
    _SPREAD_TRANSACTIONS
)

_MOBILE = {  # more numbers than the small sample has: beginning and how many digits follow
    "gb": ("07911 ", 6),
    "de": ("0171 ", 7),
    "at": ("0664 ", 7),
    "ch": ("079 ", 7),
    "fr": ("06 12 ", 6),
    "nl": ("06 5", 7),
    "it": ("347 ", 7),
    "es": ("612 ", 6),
    "pl": ("501 ", 6),
    "se": ("070-", 7),
    "jp": ("090-5", 7),
}
_STAGES = (
    ("lead",) * 26 + ("contacted",) * 18 + ("qualified",) * 12 + ("proposal",) * 8 + ("customer",) * 24
    + ("inactive",) * 6 + ("lost",) * 4 + (None, None)
)  # fmt: skip
_TAGS = {
    "zh": ("VIP", "展会", "重点客户", "经销商", "价格敏感", "老客户", "月结"),
    "en": ("VIP", "fair", "key account", "reseller", "price-sensitive", "newsletter", "net 30"),
}
TAGS = tuple(dict.fromkeys(tag for tags in _TAGS.values() for tag in tags))
_SOURCES = {
    "zh": ("展会", "官网", "1688", "转介绍", "电话开发", "抖音"),
    "en": ("trade fair", "website", "referral", "cold call", "LinkedIn"),
}
_DEAL_STAGES = ("new", "qualified", "proposal", "negotiation", "won", "won", "lost")
_DEAL_PROBABILITY = {"new": 10, "qualified": 25, "proposal": 50, "negotiation": 75, "won": 100, "lost": 0}
_STATUSES = ("paid", "paid", "paid", "delivered", "shipped", "open")
_YEARS = 4 * 365
_POOL_SIZE = 400

Said = tuple[
    str, int | None, str | None, str | None, str, str | None
]  # kind, minutes, direction, subject, body, outcome


def batches(seed: int, customers: int, today: str) -> Iterator[Made]:
    """``customers`` customers in batches. ``today`` is ISO 8601."""
    calendar = Calendar(date.fromisoformat(today))
    pools = {language: _pool(Random(f"{seed} {language}"), language) for language in talk.LANGUAGES}
    left, index = customers, 0
    while left > 0:
        size = min(left, BATCH)
        yield _Maker(Random(f"{seed} {index}"), calendar, pools, index).batch(size)
        left -= size
        index += 1


class _Maker:
    """Makes one batch."""

    def __init__(self, rng: Random, calendar: Calendar, pools: dict[str, list[Said]], index: int) -> None:
        self._rng = rng
        self._calendar = calendar
        self._pools = pools
        self._index = index
        self._builder = BatchBuilder()
        self._links: Links = []
        self._size = 0

    def batch(self, size: int) -> tuple[Batch, Links]:
        rng, builder, self._size = self._rng, self._builder, size
        countries = CountryChoice()
        while (before := len(builder)) < size:
            place = place_in(rng, countries.next(rng))
            people = min(size - len(builder) - 1, 1 + front_heavy(rng, 17)) if rng.random() < 0.66 else 0
            if people > 0:
                self._company(place, people)
            else:
                self._person(place, None, "", -1)
            countries.made(len(builder) - before)
        return builder.take(), self._links

    def _company(self, place: Place, people: int) -> None:
        rng = self._rng
        firm = company(rng, place)
        domain = f"{firm.slug}{self._index * 7 % 9973}.example"
        columns: dict[str, object] = {"kind": "company", "name": firm.name, "owner": _owner(rng, place)}
        custom: dict[str, object] = {"industry": INDUSTRIES[firm.industry] if place.country == "cn" else firm.industry}
        phone = landline(rng, place)
        points = [
            Point("phone", phone, international(phone, place.country), None),
            Point("email", f"info@{domain}", f"info@{domain}", None),
        ]
        number = self._add(columns, points, place, custom)
        for _each in range(people):
            if len(self._builder) < self._size:
                self._person(place, firm.name, domain, number)

    def _person(self, place: Place, firm: str | None, domain: str, employer: int) -> None:
        rng = self._rng
        country = place.country
        name = _name(rng, country)
        phone = _mobile(rng, place)
        points = [Point("phone", phone, international(phone, country), None)]
        if rng.random() < 0.8:
            local = (
                f"{name.given_ascii}.{name.family_ascii}"
                if rng.random() < 0.6
                else f"{name.family_ascii}{digits(rng, 3)}"
            )
            email = f"{local}@{domain or 'mail.example'}"
            points.append(Point("email", email, email, None))
        if country == "cn" and rng.random() < 0.4:
            handle = f"{name.family_ascii}{name.given_ascii}_{digits(rng, 3)}"
            points.append(Point("wechat", handle, handle, None))
        columns: dict[str, object] = {
            "kind": "person",
            "name": name.shown,
            "family_name": name.family,
            "given_name": name.given,
            "owner": _owner(rng, place),
        }
        if firm:
            titles = TITLES[talk.TALK_LANGUAGE.get(country, "en")]
            columns |= {"company": firm, "job_title": titles[front_heavy(rng, len(titles))]}
        if rng.random() < 0.15:
            columns["birthday"] = (
                f"{1955 + int(rng.random() * 48)}-{1 + int(rng.random() * 12):02}-{1 + int(rng.random() * 28):02}"
            )
        number = self._add(columns, points, place, {})
        if employer >= 0:
            self._links.append((employer, number))
        if rng.random() < 0.01 and len(self._builder) < self._size:
            # The same person once more, as somebody else would type them.
            again = dict(columns, name=misspelt(rng, name.shown, country, name.family, name.given))
            if firm:
                again["company"] = other_company_name(rng, firm)
            self._add(again, points[:1], place, {})

    def _add(self, columns: dict[str, object], points: list[Point], place: Place, custom: dict[str, object]) -> int:
        rng, calendar, builder = self._rng, self._calendar, self._builder
        language = talk.TALK_LANGUAGE.get(place.country, "en")
        tongue = "zh" if language == "zh" else "en"
        created = 1 + front_heavy(rng, _YEARS)
        columns["stage"] = _STAGES[int(rng.random() * len(_STAGES))]
        columns["source"] = talk.pick(rng, _SOURCES[tongue])
        columns["created_at"] = at = calendar.moment(created, 500 + int(rng.random() * 500), place.offset)
        tags = [talk.pick(rng, _TAGS[tongue])] if rng.random() < 0.3 else []
        address: dict[str, str | None] = {}
        if rng.random() < 0.7:
            road = ROADS[place.country][int(rng.random() * len(ROADS[place.country]))]
            street = f"{road}{created % 700 + 1}号" if tongue == "zh" else f"{created % 180 + 1} {road}"
            address = {
                "street": street,
                "city": place.city,
                "region": place.region,
                "postal_code": f"{place.postal}{digits(rng, 2)}",
                "country": COUNTRY_NAMES[place.country],
            }
        number = builder.add(Intake(columns, points, address, tags, [], custom, []), at)
        self._interactions(number, place, created, str(columns["owner"]), self._pools[language])
        self._rest(number, place, created, str(columns["owner"]), language)
        return number

    def _interactions(self, number: int, place: Place, created: int, owner: str, pool: list[Said]) -> None:
        count = _SPREAD_INTERACTIONS[(number * 7 + self._index) % 32]
        if not count:
            return
        rng, calendar, rows = self._rng, self._calendar, self._builder.children["interactions"]
        earliest = 2 if place.offset < 0 else 1
        random, moment, workday = rng.random, calendar.moment, calendar.workday
        ages = sorted((earliest + int(created * random()) for _each in range(count)), reverse=True)
        offset = place.offset
        for ago in ages[:-1]:
            kind, minutes, direction, subject, body, outcome = pool[int(random() * _POOL_SIZE)]
            at = moment(workday(ago), 520 + int(random() * 540), offset)
            rows.append((len(rows), number, kind, at, offset, minutes, direction, subject, body, outcome, owner))
        kind, minutes, direction, subject, body, outcome = pool[int(random() * _POOL_SIZE)]
        self._builder.add_child(
            "interactions",
            number,
            {
                "kind": kind,
                "at": moment(ages[-1], 1062 + int(random() * 18), offset),
                "utc_offset": offset,
                "minutes": minutes,
                "direction": direction,
                "subject": subject,
                "body": body,
                "outcome": outcome,
                "actor": owner,
            },
        )

    def _rest(self, number: int, place: Place, created: int, owner: str, language: str) -> None:
        rng, calendar, builder = self._rng, self._calendar, self._builder
        currency = CURRENCIES.get(place.country, CURRENCY_ELSEWHERE)
        amount = 0
        rows = builder.children["transactions"]
        for _each in range(_SPREAD_TRANSACTIONS[(number * 11 + self._index) % 32]):
            product = talk.PRODUCTS[int(rng.random() * len(talk.PRODUCTS))]
            amount = talk.price(product, product.pieces * (1 + front_heavy(rng, 8)), currency)
            at = calendar.moment(1 + int(created * rng.random()), 600, place.offset)
            kind = "order" if rng.random() < 0.93 else "payment" if rng.random() < 0.8 else "refund"
            number_text = f"SO-{100000 + self._index * 2000 + len(rows)}"
            status = _STATUSES[int(rng.random() * len(_STATUSES))]
            rows.append((len(rows), number, kind, at, number_text, amount, currency, status, None, None))
        if rng.random() < 0.05:
            self._deal(number, place, created, owner, language, amount or 500_000, currency)
        if rng.random() < 0.06:
            self._task(number, created, owner, language)

    def _deal(
        self, number: int, place: Place, created: int, owner: str, language: str, amount: int, currency: str
    ) -> None:
        rng, calendar = self._rng, self._calendar
        stage = talk.pick(rng, _DEAL_STAGES)
        ago = 1 + int(created * rng.random())
        words = {"p": talk.pick(rng, talk.PRODUCTS).names[language], "q": "", "city": place.city, "rival": "Packwell"}
        self._builder.add_child(
            "deals",
            number,
            {
                "title": talk.pick(rng, talk.DEALS[language]).format_map(words).strip(),
                "stage": stage,
                "amount": amount,
                "currency": currency,
                "probability": _DEAL_PROBABILITY[stage],
                "expected_close": calendar.day(20 - int(rng.random() * 90)),
                "owner": owner,
                "created_at": calendar.moment(ago, 600, place.offset),
                "closed_at": calendar.moment(1 + ago // 2, 600, place.offset) if stage in ("won", "lost") else None,
            },
        )

    def _task(self, number: int, created: int, owner: str, language: str) -> None:
        rng, calendar = self._rng, self._calendar
        done = rng.random() < 0.5
        due = 1 + int(created * rng.random()) if done else 15 - int(rng.random() * 60)
        self._builder.add_child(
            "tasks",
            number,
            {
                "text": talk.pick(rng, talk.TASKS[language]),
                "due_at": calendar.day(due),
                "done_at": calendar.moment(due, 600, 0) if done else None,
                "owner": owner,
                "created_at": calendar.moment(max(due, 0) + 2, 600, 0),
            },
        )


def _owner(rng: Random, place: Place) -> str:
    return talk.pick(rng, OWNERS[talk.TALK_LANGUAGE.get(place.country, "en")])


def _mobile(rng: Random, place: Place) -> str:
    wide = _MOBILE.get(place.country)
    return wide[0] + grouped(digits(rng, wide[1]), place.country) if wide else mobile(rng, place)


@lru_cache(maxsize=4096)
def _syllable(character: str, first: bool) -> str:
    return "".join(syllables(character, person=first))


def _name(rng: Random, country: str) -> SampleName:
    random = rng.random
    if country != "cn":
        given = GIVEN[country][int(random() * len(GIVEN[country]))]
        family = FAMILY[country][front_heavy(rng, len(FAMILY[country]))]
        return SampleName(
            family,
            given,
            f"{family} {given}" if country == "jp" else f"{given} {family}",
            letters(family),
            letters(given),
        )
    family = CN_FAMILY[front_heavy(rng, len(CN_FAMILY))]
    count = len(CN_CHARACTERS)
    first = CN_CHARACTERS[int(random() * count)]
    second = CN_CHARACTERS[int(random() * count)] if random() < 0.82 else ""
    spelt = _syllable(first, False) + (_syllable(second, False) if second else "")
    return SampleName(family, first + second, family + first + second, _syllable(family, True), spelt)


def _pool(rng: Random, language: str) -> list[Said]:
    """Sentences of every kind, their places filled in, moments of a sale as often as they occur."""
    weights = {"none": 4, "discover": 3, "check": 3, "again": 3, "quote": 2, "bargain": 2, "deliver": 2, "after": 2}
    moments = [moment for moment in talk.MOMENTS for _copy in range(weights.get(moment, 1))]
    pool: list[Said] = []
    for _each in range(_POOL_SIZE):
        line = talk.pick(rng, talk.lines(language, talk.pick(rng, moments)))
        product = talk.pick(rng, talk.PRODUCTS)
        words = {
            "p": product.names[language],
            "q": talk.quantity(product.pieces * (1 + front_heavy(rng, 6)), language),
            "amt": talk.money(100_000 * (2 + int(rng.random() * 60)), "CNY" if language == "zh" else "EUR", language),
            "so": f"SO-{100000 + int(rng.random() * 900000)}",
            "rival": talk.pick(rng, talk.RIVALS[language]),
            "boss": talk.pick(rng, talk.BOSSES[language]),
            "who": talk.pick(rng, talk.BOSSES[language]),
            "fair": talk.pick(rng, talk.FAIRS[language]),
            "pct": str(3 + int(rng.random() * 12)),
            "pct2": str(1 + int(rng.random() * 4)),
            "n": str(5 + int(rng.random() * 10)),
            "wd": talk.WEEKDAYS[language][int(rng.random() * 5)],
            "city": place_in(rng, {"zh": "cn", "en": "us"}.get(language, language)).city,
        }
        minutes = line.shortest + int(rng.random() * (line.longest - line.shortest + 1))
        subject = talk.fill(line.subject, words, language) if line.subject else None
        pool.append(
            (line.kind, minutes or None, line.direction, subject, talk.fill(line.body, words, language), line.outcome)
        )
    return pool
