"""The comparison values of a customer: everything normalised once, so that comparing a pair is only looking at them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple
from unicodedata import normalize

from crmtui.domain.folding import fold
from crmtui.domain.matching.companies import CompanyName, company_name
from crmtui.domain.matching.persons import PersonName, letters, person_names
from crmtui.domain.matching.places import Place, place_of
from crmtui.domain.matching.slips import osa_distance

PHONE_DIGITS = 9
"""The last digits of a phone that are compared: country code and trunk 0 left out, whatever was written."""

_ROLES = frozenset(
    [
        "info",
        "office",
        "sales",
        "contact",
        "admin",
        "hello",
        "mail",
        "support",
        "service",
        "kontakt",
        "vertrieb",
        "verkauf",
        "buero",
        "post",
        "team",
        "marketing",
        "hr",
        "jobs",
        "accounts",
        "accounting",
        "billing",
        "finance",
        "einkauf",
        "purchasing",
        "procurement",
        "orders",
        "order",
        "export",
        "import",
        "enquiries",
        "enquiry",
        "webmaster",
        "reception",
        "zentrale",
        "contacto",
        "ventas",
        "compras",
        "commercial",
        "contabilidad",
        "biuro",
        "sekretariat",
        "market",
        "business",
        "gm",
        "boss",
    ]
)
_PROVIDERS = frozenset(
    [
        "gmail.com",
        "googlemail.com",
        "yahoo.com",
        "yahoo.co.uk",
        "yahoo.de",
        "yahoo.fr",
        "hotmail.com",
        "hotmail.co.uk",
        "hotmail.fr",
        "hotmail.de",
        "outlook.com",
        "outlook.de",
        "live.com",
        "msn.com",
        "icloud.com",
        "me.com",
        "mac.com",
        "aol.com",
        "gmx.de",
        "gmx.net",
        "gmx.at",
        "gmx.ch",
        "web.de",
        "t-online.de",
        "freenet.de",
        "orange.fr",
        "wanadoo.fr",
        "laposte.net",
        "free.fr",
        "sfr.fr",
        "libero.it",
        "virgilio.it",
        "tiscali.it",
        "alice.it",
        "mail.ru",
        "yandex.ru",
        "bk.ru",
        "inbox.ru",
        "qq.com",
        "163.com",
        "126.com",
        "sina.com",
        "sina.cn",
        "foxmail.com",
        "139.com",
        "189.cn",
        "yeah.net",
        "sohu.com",
        "aliyun.com",
        "tom.com",
        "vip.qq.com",
        "vip.163.com",
        "wp.pl",
        "o2.pl",
        "onet.pl",
        "interia.pl",
        "seznam.cz",
        "proton.me",
        "protonmail.com",
        "btinternet.com",
        "ntlworld.com",
        "bluewin.ch",
        "mail.com",
        "ymail.com",
        "telefonica.net",
        "terra.es",
        "ziggo.nl",
        "kpnmail.nl",
        "telenet.be",
        "skynet.be",
        "comcast.net",
        "verizon.net",
        "att.net",
        "mail.example",
    ]
)
_TAX_KEYS = frozenset(
    [
        "uscc",
        "tax_id",
        "taxid",
        "vat",
        "vat_id",
        "vat_number",
        "ust_id",
        "ustid",
        "ein",
        "nif",
        "cif",
        "siret",
        "siren",
        "abn",
        "税号",
        "统一社会信用代码",
        "纳税人识别号",
    ]
)
_CITY_KEYS = frozenset(["suburb", "town", "locality", "city_name", "ort", "stadt", "ville", "ciudad"])
_NUMBER_KEYS = frozenset(["street_number", "house_number", "street_no", "house_no", "housenumber", "hausnummer", "nr"])
_IGNORED_KEYS = frozenset(["name", "kind", "company"])
_LONGEST = 60
_MOST = 6
_DATE = re.compile(r"(\d{4})-?(\d\d)?-?(\d\d)?")
_SPACES = re.compile(r"[\s\-_.]+")
_HOST = re.compile(r"^(?:https?://)?(?:www\.)?([^/:?#]+)", re.I)


class Profile(NamedTuple):
    """What a customer is compared by. ``kind`` is person or company; tuples are empty and texts "" where nothing is known."""

    kind: str
    names: tuple[PersonName, ...]
    firm: CompanyName | None
    phones: tuple[str, ...]
    emails: tuple[str, ...]
    handles: tuple[str, ...]
    place: Place | None
    birthday: str
    domains: tuple[str, ...]
    tax_id: str
    custom: tuple[tuple[str, str], ...]


class Source(NamedTuple):
    """A customer as stored, as far as it is compared: points are (kind, value, normalised), address the five parts."""

    kind: str
    name: str
    family: str
    given: str
    company: str
    birthday: str
    points: tuple[tuple[str, str, str | None], ...] = ()
    address: tuple[str, str, str, str, str] = ("", "", "", "", "")
    custom: Mapping[str, object] = {}  # a named tuple's default, never changed
    aliases: tuple[str, ...] = ()


def make_profile(source: Source) -> Profile:
    """The comparison values of a customer."""
    company = source.kind == "company"
    phones: list[str] = []
    emails: list[str] = []
    handles: list[str] = []
    domains: list[str] = []
    for kind, value, normalised in source.points:
        if kind == "phone":
            phones.append(phone_key(normalised or value))
        elif kind == "email":
            address = email_key(normalised or value)
            if address:
                emails.append(address)
        elif kind == "url":
            found = _HOST.match(value.strip())
            if found:
                domains.append(found[1].casefold())
        else:
            handles.append(f"{kind}:{(normalised or value).casefold()}")
    for address in emails:
        domain = address.partition("@")[2]
        if domain not in _PROVIDERS:
            domains.append(domain)
    custom = dict(_custom(source.custom))
    number = next((custom.pop(key) for key in tuple(custom) if key in _NUMBER_KEYS), "")
    city = next((custom.pop(key) for key in tuple(custom) if key in _CITY_KEYS), "")
    tax_id = next((custom.pop(key).replace(" ", "") for key in tuple(custom) if key in _TAX_KEYS), "")
    place = _place(source.address, number, city)
    names: tuple[PersonName, ...] = ()
    if not company:
        names = person_names(source.name, source.family, source.given)
        for alias in source.aliases:
            names += person_names(alias, "", "")
    firm_text = source.name if company else source.company
    return Profile(
        source.kind,
        names[:_MOST],
        company_name(firm_text[:200]) if firm_text else None,
        _unique(phones),
        _unique(emails),
        _unique(handles),
        place,
        source.birthday or custom.pop("birthday", ""),
        _unique(domains),
        tax_id,
        tuple(sorted(custom.items())),
    )


def _unique(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if value))[:_MOST]


def _place(address: tuple[str, str, str, str, str], number: str, city: str) -> Place | None:
    street, stored_city, region, postcode, country = address
    if not (any(address) or number or city):
        return None
    place = place_of(street, stored_city or city, region, postcode, country)
    return place._replace(number=number.lstrip("0")) if number and not place.number else place


def _custom(values: Mapping[str, object]) -> Iterable[tuple[str, str]]:
    for key, value in values.items():
        text = fold(str(value))
        name = fold(key).replace(" ", "_")
        if text and len(text) <= _LONGEST and name not in _IGNORED_KEYS:
            yield name, text


def phone_key(value: str) -> str:
    """The digits of a phone that are compared; "" when there are fewer than five."""
    if not value.isascii():
        value = normalize("NFKC", value)
    digits = "".join(filter(str.isdigit, value.partition(";")[0]))
    return digits[-PHONE_DIGITS:] if len(digits) >= 5 else ""


def email_key(address: str) -> str:
    """An address as it is compared: without plus-tags, and without dots where the provider ignores them."""
    local, sign, domain = address.casefold().strip().rpartition("@")
    if not sign or not local:
        return ""
    local = local.partition("+")[0] or local
    if domain in ("gmail.com", "googlemail.com"):
        local, domain = local.replace(".", ""), "gmail.com"
    return f"{local}@{domain}"


def is_role(address: str) -> bool:
    """Whether an address is that of a department rather than of a person."""
    return address.partition("@")[0].strip("0123456789") in _ROLES


def is_provider(domain: str) -> bool:
    """Whether everybody can have an address in this domain."""
    return domain in _PROVIDERS


def birthday_level(one: str, other: str) -> int:
    """1 the same, 2 a digit apart or day and month turned, 3 different, 0 not known."""
    if not one or not other:
        return 0
    if one == other:
        return 1
    first, second = one.replace("-", ""), other.replace("-", "")
    if len(first) != 8 or len(second) != 8:
        return (
            1 if len(first) >= 6 and len(second) >= 6 and (first.startswith(second) or second.startswith(first)) else 0
        )
    if first == second:
        return 1
    if first[:4] == second[:4] and first[4:6] == second[6:] and first[6:] == second[4:6]:
        return 2
    return 2 if osa_distance(first, second, 1) <= 1 else 3


def full_name(name: PersonName) -> str:
    """A name as one text, whatever the order of its words."""
    return " ".join(sorted(f"{name.family} {name.given}".split()))


def joined_name(name: PersonName) -> str:
    """All letters of a name in order of the alphabet: equal however its words are cut, turned or run together."""
    return "".join(sorted(name.family + name.given)).strip()


__all__ = [
    "Profile",
    "Source",
    "birthday_level",
    "email_key",
    "full_name",
    "is_provider",
    "is_role",
    "joined_name",
    "letters",
    "make_profile",
    "phone_key",
]
