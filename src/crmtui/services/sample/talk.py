"""What sales people write: sentences for every moment of a sale, in four languages, and what they sell."""

import os
from collections.abc import Sequence
from random import Random
from typing import NamedTuple, TypeVar

from crmtui.domain.money import format_money
from crmtui.services.sample.names import words

T = TypeVar("T")


class Line(NamedTuple):
    """One thing that can be noted: kind, direction (in, out or None), shortest and longest minutes, texts with placeholders."""

    kind: str
    direction: str | None
    shortest: int
    longest: int
    subject: str | None
    body: str
    outcome: str | None


class Product(NamedTuple):
    """Something we sell: its name by language, its price in cents of a euro for 100 pieces, and a usual order in pieces."""

    names: dict[str, str]
    cents: int
    pieces: int


MOMENTS = words(
    "hello.fair hello.web hello.referral hello.call none discover sample sample.back quote bargain decide order deliver"
    " after again check lost quiet company"
)
"""The moments of a sale there are sentences for."""
LANGUAGES = ("zh", "en", "de", "fr")
TALK_LANGUAGE = {"cn": "zh", "us": "en", "gb": "en", "de": "de", "at": "de", "ch": "de", "fr": "fr"}
"""The language we speak with a country; English where it is missing."""

_PRODUCTS = """
    热敏标签|thermal labels|Thermoetiketten|étiquettes thermiques|90|50000
    不干胶标签|adhesive labels|Haftetiketten|étiquettes adhésives|140|60000
    五层瓦楞纸箱|double-wall cartons|Wellpappkartons|cartons double cannelure|16000|800
    防静电包装袋|anti-static bags|ESD-Beutel|sachets antistatiques|1100|10000
    缠绕膜|stretch film|Stretchfolie|film étirable|42000|200
    珍珠棉内衬|foam inserts|Schaumeinlagen|calages mousse|3800|2000
    封箱胶带|packing tape|Packband|ruban adhésif|8500|1200
    快递气泡袋|bubble mailers|Luftpolstertaschen|enveloppes à bulles|1900|6000
    吊牌|hang tags|Hängeetiketten|étiquettes volantes|700|20000
    RFID标签|RFID labels|RFID-Etiketten|étiquettes RFID|6500|3000
"""
PRODUCTS = tuple(
    Product(dict(zip(LANGUAGES, parts[:4], strict=True)), int(parts[4]), int(parts[5]))
    for parts in (line.strip().split("|") for line in _PRODUCTS.strip().splitlines())
)
PER_EURO = {"CNY": 7.8, "USD": 1.1, "GBP": 0.86, "EUR": 1.0, "JPY": 1.6}
"""Minor units of a currency for one cent of a euro."""

RIVALS = {
    "zh": ("宏发", "立信包装", "永盛", "一家东莞的厂"),
    "en": ("Packwell", "Norris & Hume", "an overseas mill", "LabelPoint"),
    "de": ("Packwell", "Rieder Etiketten", "ein Anbieter aus Polen"),
    "fr": ("Packwell", "Étiquel", "un fournisseur espagnol"),
}
BOSSES = {
    "zh": ("王总", "李总", "陈总监", "刘经理", "赵工", "周董", "吴主任"),
    "en": ("Karen", "Dave", "Mr Osborne", "the plant manager", "Priya", "Tom", "their CFO"),
    "de": ("Frau Seidel", "Herr Brandt", "dem Werksleiter", "Frau Dr. Lorenz"),
    "fr": ("M. Perrin", "Mme Lambert", "le directeur du site", "Mme Faure"),
}
FAIRS = {
    "zh": ("广交会", "上海包装展", "义博会", "高交会"),
    "en": ("Pack Expo", "Packaging Innovations", "LogiMAT", "Labelexpo"),
    "de": ("FachPack", "interpack", "LogiMAT"),
    "fr": ("All4Pack", "Labelexpo"),
}
WEEKDAYS = {
    "zh": ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "de": ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"),
    "fr": ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
}
TASKS = {
    "zh": (
        "送样品",
        "回电确认交期",
        "发报价单",
        "催合同盖章",
        "对账",
        "拜访，带新样册",
        "催款",
        "寄发票",
        "节前问候",
        "确认规格图纸",
    ),
    "en": (
        "Send samples",
        "Call back about lead time",
        "Send quote",
        "Chase signed contract",
        "Check statement",
        "Visit, bring new swatches",
        "Chase payment",
        "Send certificate",
        "Confirm drawing",
    ),
    "de": (
        "Muster schicken",
        "Rückruf wegen Liefertermin",
        "Angebot senden",
        "Vertrag nachfassen",
        "Zahlung anmahnen",
        "Besuch vereinbaren",
    ),
    "fr": (
        "Envoyer les échantillons",
        "Rappeler pour le délai",
        "Envoyer le devis",
        "Relancer le contrat",
        "Relancer la facture",
    ),
}
DEALS = {
    "zh": ("{p}年度框架", "{p} {q}", "新规格{p}", "{city}新仓{p}", "{p}替换{rival}"),
    "en": ("{p} yearly contract", "{q} {p}", "New size of {p}", "{p} for {city}", "{p}, switch from {rival}"),
    "de": ("{p} Jahresvertrag", "{q} {p}", "{p} neue Größe", "{p} für {city}"),
    "fr": ("{p} contrat annuel", "{q} {p}", "{p} nouveau format", "{p} pour {city}"),
}

_TALK: dict[str, dict[str, list[Line]]] = {}


def lines(language: str, moment: str) -> list[Line]:
    """What can be noted at a moment of a sale."""
    if language not in _TALK:
        _TALK[language] = _read(language)
    return _TALK[language][moment]


def pick(rng: Random, options: "Sequence[T]") -> "T":
    """One of the options."""
    return options[int(rng.random() * len(options))]


def fill(text: str, words: dict[str, str], language: str) -> str:
    """A sentence with its places filled in, elided where French asks for it."""
    filled = text.format_map(words)
    return filled.replace(" de é", " d'é") if language == "fr" else filled


def quantity(pieces: int, language: str) -> str:
    """A number of pieces as it is written."""
    if language == "zh":
        return f"{pieces // 10000}万个" if pieces >= 10000 and pieces % 10000 == 0 else f"{pieces}个"
    return f"{pieces:,}" if language == "en" else f"{pieces:,}".replace(",", "." if language == "de" else " ")


def money(amount: int, currency: str, language: str) -> str:
    """An amount in minor units as it is written; whole when it has no fraction."""
    return format_money(amount, currency, "zh" if language == "zh" else "en")


def price(product: Product, pieces: int, currency: str) -> int:
    """What the pieces cost, in minor units of the currency, rounded as people round."""
    exact = product.cents * pieces / 100 * PER_EURO[currency]
    step = 10 if currency == "JPY" else 1000 if exact > 50_000 else 50
    return max(step, round(exact / step) * step)


def _read(language: str) -> dict[str, list[Line]]:
    path = os.path.join(os.path.dirname(__file__), f"talk_{language}.txt")
    found: dict[str, list[Line]] = {}
    with open(path, encoding="utf-8") as file:
        for text in file:
            if text.startswith("["):
                current = found.setdefault(text.strip()[1:-1], [])
            elif text.strip():
                head, subject, body, outcome = (part.strip() for part in text.split("|"))
                kind, direction, minutes = head.split()
                shortest, _dash, longest = minutes.partition("-")
                current.append(
                    Line(
                        kind,
                        None if direction == "-" else direction,
                        int(shortest),
                        int(longest or shortest),
                        subject or None,
                        body,
                        outcome or None,
                    )
                )
    return found
