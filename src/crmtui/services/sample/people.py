"""The customers of the sample: companies with the people who work there, and people on their own."""

from random import Random

from crmtui.services.sample.activity import Deal, Event, Order, Task
from crmtui.services.sample.calendar import Calendar
from crmtui.services.sample.companies import INDUSTRIES, company
from crmtui.services.sample.names import SampleName, front_heavy, person_name
from crmtui.services.sample.places import COUNTRY_NAMES, Place, address, digits, landline, mobile, place_in
from crmtui.services.sample.talk import TALK_LANGUAGE, pick

_BLOCKS = (  # share of the customers, and how often a company of the block is in each country
    (0.50, {"cn": 1}),
    (0.25, {"us": 14, "gb": 11}),
    (0.25, {"de": 16, "fr": 9, "it": 6, "nl": 5, "es": 5, "at": 2, "ch": 2, "pl": 2, "se": 2, "jp": 1}),
)
_COUNTRIES = tuple(
    (share, tuple(key for key, often in block.items() for _copy in range(often))) for share, block in _BLOCKS
)
OWNERS = {"zh": ("李雷", "韩梅梅", "周敏"), "en": ("Emma", "Tom"), "de": ("Jonas",), "fr": ("Emma",)}
CURRENCIES = {"cn": "CNY", "us": "USD", "gb": "GBP", "jp": "JPY"}
CURRENCY_ELSEWHERE = "EUR"
TOUR_COMPANIES = ("上海启明电子有限公司", "Beacon Mill Textiles LLC")

# How a hundred companies are spread over the stages: a funnel, with those who buy and those who are gone beside it.
_FUNNEL = (
    ("lead",) * 27 + ("contacted",) * 19 + ("qualified",) * 13 + ("proposal",) * 8
    + ("customer",) * 22 + ("inactive",) * 6 + ("lost",) * 5
)  # fmt: skip
_SOURCES = {
    "zh": ("fair=展会", "fair=展会", "web=官网", "web=1688", "referral=转介绍", "call=电话开发", "web=抖音"),
    "en": ("fair=trade fair", "web=website", "web=website", "referral=referral", "call=cold call", "web=LinkedIn"),
}
TITLES = {
    "zh": (
        *(
            "采购经理",
            "采购主管",
            "采购员",
            "采购总监",
            "总经理",
            "副总经理",
            "品质部经理",
            "工程师",
            "仓库主管",
            "财务",
        ),
        *("包装工程师", "运营经理", "市场部经理", "行政", "董事长", "销售总监", "跟单", "生产部主任"),
    ),
    "en": (
        *(
            "Purchasing Manager",
            "Buyer",
            "Head of Procurement",
            "Operations Manager",
            "Managing Director",
            "Quality Lead",
        ),
        *("Warehouse Manager", "Packaging Engineer", "Finance", "Founder", "Supply Chain Analyst", "Plant Manager"),
    ),
    "de": (
        *("Einkaufsleiter", "Einkäuferin", "Geschäftsführer", "Qualitätssicherung", "Lagerleitung", "Buchhaltung"),
        *("Verpackungsingenieur", "Werksleiter", "Assistentin der Geschäftsführung"),
    ),
    "fr": ("Responsable achats", "Acheteur", "Directrice générale", "Qualité", "Logistique", "Comptabilité", "Gérant"),
}
_NOTES = {
    "zh": (
        "喜欢下午沟通，上午开会多",
        "介绍人王总，价格别报太高",
        "只收纸质发票，收件人写财务部",
        "对环保材料感兴趣",
        "老家在湖南，爱吃辣",
        "孩子今年高考，六月少打电话",
        "微信同号",
        "合同要走OA，至少一周",
    ),
    "en": (
        "Call before 9, in meetings the rest of the day.",
        "Met at the fair in spring; remembers our stand.",
        "Cares about recycled content, send the certificate with every quote.",
        "Books freight himself, quote ex works.",
        "Speaks Spanish and German too.",
        "Vegetarian. Good coffee helps.",
        "On parental leave until September, cc the team inbox.",
    ),
    "de": ("Bitte nur schriftlich.", "Anlieferung über Tor 4.", "Duzt sich mit allen, entscheidet schnell."),
    "fr": ("Préfère le mail.", "En congé tout le mois d'août.", "Livraison côté cour."),
}
_TAGS = {
    "zh": ("重点客户", "经销商", "价格敏感", "老客户", "样品已寄", "月结", "新规格"),
    "en": ("key account", "reseller", "price-sensitive", "newsletter", "samples sent", "net 30", "exports"),
}
_FREE_MAIL = ("mail.example", "post.example", "inbox.example")


class Draft:
    """A customer in the making: values by field key as a person would type them, and what happened with it."""

    __slots__ = (
        "company",
        "country",
        "created",
        "deals",
        "events",
        "language",
        "name",
        "orders",
        "owner",
        "place",
        "source",
        "stage",
        "tasks",
        "updated",
        "values",
    )

    def __init__(self, values: dict[str, str], place: Place, name: SampleName | None = None) -> None:
        self.values = values
        self.place = place
        self.country = place.country
        self.name = name
        self.language = TALK_LANGUAGE.get(place.country, "en")
        self.company: Draft | None = None
        self.owner = ""
        self.source = "web"
        self.stage = "lead"
        self.created = 0
        self.updated = 0
        self.events: list[Event] = []
        self.orders: list[Order] = []
        self.deals: list[Deal] = []
        self.tasks: list[Task] = []

    @property
    def currency(self) -> str:
        """The currency this customer pays in."""
        return CURRENCIES.get(self.country, CURRENCY_ELSEWHERE)

    @property
    def region(self) -> str:
        """The country as the phone rules name it."""
        return self.country.upper()


class Group:
    """A company with its people, or one person alone. ``main`` is who we talk to; they all share stage, owner and source."""

    __slots__ = ("company", "main", "others")

    def __init__(self, company: Draft | None, main: Draft, others: list[Draft]) -> None:
        self.company = company
        self.main = main
        self.others = others
        for person in (main, *others):
            person.company = company

    def members(self) -> list[Draft]:
        """Everybody, the company last: we mostly meet a person first."""
        return [self.main, *self.others, *([self.company] if self.company else [])]


class CountryChoice:
    """Where the next company is: half of all customers are Chinese, a quarter British or American, however big the companies."""

    def __init__(self) -> None:
        self._made = [0] * len(_COUNTRIES)
        self._block = 0

    def next(self, rng: Random) -> str:
        """The country of the next company or person."""
        total = sum(self._made) + 1
        self._block = max(range(len(_COUNTRIES)), key=lambda block: _COUNTRIES[block][0] - self._made[block] / total)
        return pick(rng, _COUNTRIES[self._block][1])

    def made(self, customers: int) -> None:
        """That many customers came of it."""
        self._made[self._block] += customers


def groups(rng: Random, count: int) -> list[Group]:
    """``count`` customers in groups: about one in six a company, most of the others people who work for one."""
    found: list[Group] = []
    taken = set(TOUR_COMPANIES)
    countries = CountryChoice()
    left = count
    while left > 0:
        country = countries.next(rng)
        if left < 2 or rng.random() < 0.34:
            group = Group(None, _person(rng, place_in(rng, country), None, None), [])
        else:
            group = _company_group(rng, place_in(rng, country), min(left - 1, 1 + front_heavy(rng, 17)), taken)
        _same_for_all(rng, group)
        found.append(group)
        countries.made(len(group.members()))
        left -= len(group.members())
    return found


def _company_group(rng: Random, place: Place, people: int, taken: set[str]) -> Group:
    firm = company(rng, place)
    while firm.name in taken or firm.slug in taken:
        firm = company(rng, place)
        if rng.random() < 0.1:
            firm = firm._replace(slug=f"{firm.slug}-{int(rng.random() * 90) + 10}")
    taken.update((firm.name, firm.slug))
    street, postal = address(rng, place)
    language = TALK_LANGUAGE.get(place.country, "en")
    domain = f"{firm.slug}.example"
    values = {
        "kind": "company",
        "name": firm.name,
        "phones": landline(rng, place),
        "emails": f"{pick(rng, ('info', 'office', 'sales', 'purchasing'))}@{domain}",
        "street": street,
        "postal_code": postal,
        "city": place.city,
        "region": place.region,
        "country": COUNTRY_NAMES[place.country],
        "industry": INDUSTRIES[firm.industry] if language == "zh" else firm.industry,
    }
    if rng.random() < 0.7:
        values["urls"] = f"https://www.{domain}"
    if rng.random() < 0.5:
        values["payment_terms"] = pick(rng, ("30", "30", "45", "60", "0"))
    if rng.random() < 0.4:
        values["external_ids"] = f"erp:{'K' if language in ('zh', 'de') else 'C'}{20000 + 3 * len(taken)}"
    draft = Draft(values, place)
    members = [_person(rng, place, draft, domain) for _each in range(people)]
    return Group(draft, members[0], members[1:])


def _person(rng: Random, place: Place, firm: Draft | None, domain: str | None) -> Draft:
    name = person_name(rng, place.country)
    draft = Draft({"name": name.shown, "kind": "person"}, place, name)
    values, language = draft.values, draft.language
    if firm is not None:
        values["company"] = firm.values["name"]
        values["job_title"] = TITLES[language][front_heavy(rng, len(TITLES[language]))]
    phones = []
    if rng.random() < 0.86:
        phones.append(mobile(rng, place))
    if firm is not None and rng.random() < 0.3:
        phones.append(firm.values["phones"] if rng.random() < 0.3 else landline(rng, place))
    if phones:
        values["phones"] = "; ".join(phones)
    if rng.random() < (0.75 if language == "zh" else 0.92) or not phones:
        values["emails"] = _email(rng, name, language, domain)
    if language == "zh":
        if rng.random() < 0.55:
            values["wechat"] = _handle(rng, name)
        if rng.random() < 0.12:
            values["qq"] = str(10000000 + int(rng.random() * 3e9))
    elif rng.random() < 0.06 and phones:
        values["messaging"] = f"whatsapp:{phones[0]}"
    if firm is None or rng.random() < 0.5:
        values |= {"city": place.city, "region": place.region, "country": COUNTRY_NAMES[place.country]}
        if rng.random() < 0.6:
            values["street"], values["postal_code"] = (
                (firm.values["street"], firm.values["postal_code"]) if firm else address(rng, place)
            )
    if rng.random() < 0.2:
        values["birthday"] = (
            f"{1955 + int(rng.random() * 48)}-{1 + int(rng.random() * 12):02}-{1 + int(rng.random() * 28):02}"
        )
    if rng.random() < 0.1:
        values["notes"] = pick(rng, _NOTES[language])
    if rng.random() < 0.02:
        values["do_not_contact"] = "yes"
    if language != "en" or rng.random() < 0.5:
        values["language"] = language
    return draft


def _same_for_all(rng: Random, group: Group) -> None:
    """Stage, owner and source of a group; not everybody who works there is as far as the one we talk to."""
    language = group.main.language
    owner = pick(rng, OWNERS[language])
    source = pick(rng, _SOURCES["zh" if language == "zh" else "en"]).partition("=")[0]
    stage = _FUNNEL[int(rng.random() * len(_FUNNEL))]
    for draft in group.members():
        draft.owner, draft.stage, draft.source = owner, stage, source
        if draft is not group.main and draft.values["kind"] == "person":
            draft.stage = stage if rng.random() < 0.7 else "contacted" if rng.random() < 0.6 else ""


def describe(rng: Random, group: Group, calendar: Calendar) -> None:
    """Write down stage, owner, source and tags, once the story is told and the year of the first contact is known."""
    chinese = group.main.language == "zh"
    year = calendar.day(group.main.created)[:4]
    category = group.main.source
    options = [text for text in _SOURCES["zh" if chinese else "en"] if text.startswith(category)]
    source = pick(rng, options).partition("=")[2]
    if category == "fair":
        source += year if chinese else f" {year}"
    for draft in group.members():
        tags = []
        if draft.stage == "customer" and rng.random() < 0.07:
            tags.append("VIP")
        if category == "fair" and rng.random() < 0.6:
            tags.append(f"展会{year}" if chinese else f"fair-{year}")
        if rng.random() < 0.16:
            tags.append(pick(rng, _TAGS["zh" if chinese else "en"]))
        if draft.stage:
            draft.values["stage"] = draft.stage
        if rng.random() < 0.97:
            draft.values["owner"] = draft.owner
        if rng.random() < 0.9:
            draft.values["source"] = source
        if tags:
            draft.values["tags"] = ", ".join(tags)


def _email(rng: Random, name: SampleName, language: str, domain: str | None) -> str:
    given, family = name.given_ascii or "info", name.family_ascii or "mail"
    if domain is None:
        local = f"{given}.{family}" if rng.random() < 0.5 else f"{family}{given}{digits(rng, 2)}"
        return f"{local}@{pick(rng, _FREE_MAIL)}"
    if language == "zh":
        shape = rng.random()
        local = f"{family}{given}" if shape < 0.5 else f"{given}.{family}" if shape < 0.8 else f"{family}.{given}"
    else:
        local = f"{given}.{family}" if rng.random() < 0.7 else f"{given[0]}.{family}" if rng.random() < 0.6 else given
    return f"{local}@{domain}"


def _handle(rng: Random, name: SampleName) -> str:
    shape = rng.random()
    if shape < 0.4:
        return f"{name.family_ascii}{name.given_ascii}{digits(rng, 2)}"
    if shape < 0.7:
        return f"wxid_{''.join('abcdefghjkmnpqrstuvwxyz23456789'[int(rng.random() * 31)] for _each in range(10))}"
    return f"{name.given_ascii}_{1970 + int(rng.random() * 35)}"
