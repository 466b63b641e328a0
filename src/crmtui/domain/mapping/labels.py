"""What programs call contact points and addresses, in the words this program uses."""

import re
from functools import lru_cache
from typing import NamedTuple

from crmtui.domain.fields import MESSAGING_KINDS
from crmtui.domain.values import parse_bool

_APPLE = re.compile(r"_\$!<(.*?)>!\$_")
_SIGNS = re.compile(r"(?:type\s*=\s*)|[\"'*]", re.IGNORECASE)
_LABELS = {
    word: label
    for label, words in (
        ("mobile", "mobile;cell;cellular;cell phone;mobile phone;handy;mobil;手机;手機;移动电话;行動電話;移动;iphone"),
        ("work", "work;business;office;company;arbeit;geschäftlich;dienstlich;büro;工作;办公;辦公;单位;公司;办公电话"),
        ("home", "home;private;personal;privat;zuhause;住宅;家庭;家;住家;宅电;个人"),
        ("fax", "fax;work fax;business fax;home fax;telefax;传真;傳真;工作传真"),
        ("main", "main;primary;haupt;zentrale;总机;總機;主要"),
        ("other", "other;andere;sonstige;weitere;其他;其它"),
    )
    for word in words.split(";")
}
_MEANINGLESS = frozenset(("voice", "internet", "intl", "parcel", "postal", "dom", "msg", "x400", "text", "voice mail"))
_SERVICES = {
    "微信": "wechat",
    "weixin": "wechat",
    "wx": "wechat",
    "企业微信": "wecom",
    "钉钉": "dingtalk",
    "飞书": "feishu",
    "lark": "feishu",
    "微博": "weibo",
    "kakaotalk": "kakao",
    "microsoft teams": "teams",
    "msteams": "teams",
    "x-wechat": "wechat",
    "x-qq": "qq",
}


class PointLabel(NamedTuple):
    """What a contact point or an address is called, and whether it comes first."""

    label: str
    primary: bool


@lru_cache(maxsize=4096)
def read_label(text: str) -> PointLabel:
    """A label as other programs write it (``* Work``, ``CELL,VOICE,pref``, ``_$!<Mobile>!$_``, ``手机``); an own one stays as it is."""
    cleaned = _SIGNS.sub("", _APPLE.sub(r"\1", text)).strip()
    whole = cleaned.casefold()
    if whole in _LABELS:
        return PointLabel(_LABELS[whole], False)
    parts = [part.strip() for part in re.split("[,;]", cleaned) if part.strip()]
    primary = (any(part.casefold() in ("pref", "primary") for part in parts) and len(parts) > 1) or whole == "pref"
    kept = [part for part in parts if part.casefold() not in _MEANINGLESS and part.casefold() != "pref"]
    known = [_LABELS.get(part.casefold(), part) for part in kept]
    if len(known) > 1:
        # Of several words the one that says most: a fax at work is a fax.
        best = next((label for label in ("fax", "mobile") if label in known), None)
        return PointLabel(best or known[0], primary)
    return PointLabel(known[0] if known else "", primary)


def read_service(text: str) -> str:
    """The messaging service that ``text`` names, or an empty string."""
    word = " ".join(text.casefold().split())
    return word if word in MESSAGING_KINDS else _SERVICES.get(word, "")


def dialled(number: str, country_code: str, extension: str) -> str:
    """A phone number put together from the cells of a table: +49 and 030 123 and 5 → ``+49 30 123 ext. 5``."""
    number, code = number.strip(), "".join(filter(str.isdigit, country_code)).lstrip("0")
    if code and number and number[0] != "+" and not number.startswith("00"):
        number = f"+{code} {number if code == '39' else number.removeprefix('0')}"
    return f"{number} ext. {extension.strip()}" if extension.strip() and number else number


def is_primary(text: str) -> bool:
    """Whether a cell says that a contact point comes first."""
    return parse_bool(text.strip(), yes_column=True) is True or text.strip().casefold() in ("primary", "pref", "主要")
