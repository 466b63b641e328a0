"""Names of firms as they are compared: the brand, what the firm does, its towns, branch and legal form."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from crmtui.domain.folding import fold, has_cjk
from crmtui.domain.matching.persons import letters
from crmtui.domain.matching.slips import osa_distance
from crmtui.domain.pinyin import syllables

SAME, BRAND, NEAR, ELSEWHERE, BRANCH, DIFFERENT = range(1, 7)
"""Levels of a firm's name: the same; the same brand beside other words; a slip apart; another town; another branch; another firm."""


class CompanyName(NamedTuple):
    """A firm's name in parts, folded and in Latin letters; ``trade`` holds what it does in English words."""

    brand: str
    trade: tuple[str, ...]
    places: tuple[str, ...]
    branch: str
    legal: str


_TRADE_WORDS = """科技 technology|技术 technology|电子 electronics|贸易 trading|商贸 trading|进出口 import export|国际 international|实业 industrial
工业 industrial|机械 machinery|设备 equipment|软件 software|网络 network|信息 information|医疗 medical|医药 pharmaceutical|药业 pharmaceutical
制药 pharmaceutical|生物 biotech|食品 foods|服饰 garment|服装 garment|纺织 textile|家具 furniture|家居 home|照明 lighting|灯饰 lighting|玩具 toys
五金 hardware|塑胶 plastics|塑料 plastics|塑业 plastics|包装 packaging|印刷 printing|物流 logistics|运输 transport|建筑 construction|建材 materials
材料 materials|化工 chemical|化学 chemical|汽车 automotive|汽配 parts|咨询 consulting|投资 investment|文化 culture|传媒 media|广告 advertising
教育 education|旅游 travel|酒店 hotel|餐饮 catering|农业 agriculture|环保 environmental|能源 energy|电力 power|电器 appliances|电气 electric
光电 optoelectronics|仪器 instruments|模具 mould|钢铁 steel|金属 metal|陶瓷 ceramics|珠宝 jewelry|房地产 property|地产 property|置业 property|装饰 decoration
设计 design|通信 communication|通讯 communication|半导体 semiconductor|智能 intelligent|自动化 automation|精密 precision|制造 manufacturing|发展 development
服务 services|工程 engineering|供应链 supply chain|管理 management|日用品 commodity|橡胶 rubber|纸业 paper|茶叶 tea|水产 seafood|百货 store"""
_TRADES = tuple(
    sorted(
        (tuple(entry.split(" ", 1)) for entry in _TRADE_WORDS.replace("\n", "|").split("|")),
        key=lambda pair: -len(pair[0]),
    )
)
_TRADE_ALIASES = {
    "tech": "technology", "technologies": "technology", "technik": "technology", "tecnologia": "technology", "electronic": "electronics",
    "elektronik": "electronics", "trade": "trading", "commerce": "trading", "handel": "trading", "handels": "trading", "industries": "industrial",
    "industry": "industrial", "industrie": "industrial", "machine": "machinery", "machines": "machinery", "maschinen": "machinery",
    "maschinenbau": "machinery", "pharma": "pharmaceutical", "pharmaceuticals": "pharmaceutical", "food": "foods", "garments": "garment",
    "clothing": "garment", "apparel": "garment", "textiles": "textile", "textil": "textile", "furnitures": "furniture", "mobel": "furniture", "toy": "toys",
    "plastic": "plastics", "kunststoff": "plastics", "packing": "packaging", "verpackung": "packaging", "verpackungen": "packaging",
    "logistic": "logistics", "logistik": "logistics", "transports": "transport", "building": "construction", "bau": "construction",
    "material": "materials", "chemicals": "chemical", "chemie": "chemical", "auto": "automotive", "automobile": "automotive", "consultants": "consulting",
    "consultancy": "consulting", "beratung": "consulting", "networks": "network", "systems": "systems", "system": "systems", "systeme": "systems",
    "service": "services", "solution": "solutions", "solutions": "solutions", "electrical": "electric", "elektro": "electric", "instrument": "instruments",
    "mold": "mould", "jewellery": "jewelry", "medicine": "medical", "intl": "international", "engg": "engineering", "mfg": "manufacturing",
}  # fmt: skip
_TRADE_SET = frozenset(word for _chinese, english in _TRADES for word in english.split()) | frozenset(
    _TRADE_ALIASES.values()
)
_CHINESE_LEGAL = (
    ("集团股份有限公司", "股份"), ("集团有限责任公司", "集团"), ("集团有限公司", "集团"), ("股份有限公司", "股份"), ("有限责任公司", "有限"),
    ("有限公司", "有限"), ("股份公司", "股份"), ("合伙企业", "合伙"), ("(有限合伙)", "合伙"), ("(普通合伙)", "合伙"), ("总公司", ""), ("集团公司", "集团"),
    ("控股集团", "集团"), ("集团", "集团"), ("控股", ""), ("公司", ""), ("企业", ""), ("股份", "股份"),
)  # fmt: skip
_BRANCH = re.compile(r"^(.+?(?:公司|集团|银行))(.{0,12}(?:分公司|分行|支行|办事处|代表处|营业部|分店|门店))$")
_BRANCH_END = re.compile(r"^(.{4,}?)((?:[\u4e00-\u9fff]{2,4})(?:分公司|办事处|分行|支行|营业部))$")
_BRANCH_WORDS = frozenset(
    ["branch", "niederlassung", "filiale", "zweigniederlassung", "succursale", "sucursal", "office"]
)
_LATIN_LEGAL = {
    **dict.fromkeys(["ltd", "limited", "pte", "pty", "pvt", "private"], "ltd"),
    **dict.fromkeys(["inc", "incorporated", "corp", "corporation"], "inc"),
    **dict.fromkeys(["gmbh", "mbh"], "gmbh"),
    **dict.fromkeys(["co", "company", "cie", "compagnie", "and", "und", "et", "kg", "ohg", "mit", "beschrankter", "haftung", "the"], ""),
    **{form: form for form in ["llc", "llp", "lp", "plc", "ag", "ug", "se", "sa", "sas", "sarl", "spa", "srl", "sl", "bv", "nv", "ab", "as", "aps", "oy", "kk", "sro", "doo", "zrt", "kft", "ev", "kgaa"]},
}  # fmt: skip
_SPACED_FORMS = re.compile(r"\b(?:[a-z] ){1,3}[a-z]\b")
_BRACKETS = re.compile(r"\(([^()]*)\)|\[([^\[\]]*)\]|【([^】]*)】")
_QUOTES = re.compile(r"[\"'“”‘’«»《》]")
_places: dict[str, str] = {}
_first_of_places: set[str] = set()


def _chinese_places() -> dict[str, str]:
    if not _places:
        from crmtui.domain.data import read_table

        for line in read_table("chinese_places.txt"):
            for name in line.split():
                _places[name] = _read(name)
        _first_of_places.update(name[0] for name in _places)
    return _places


def _read(chinese: str) -> str:
    return letters("".join(syllables(chinese, person=False)).replace("v", "u"))


@lru_cache(maxsize=1)
def _latin_places() -> frozenset[str]:
    return frozenset(_chinese_places().values())


@lru_cache(maxsize=200_000)
def company_name(text: str) -> CompanyName:
    """The parts of a firm's name: 北京市华信科技有限公司 and Beijing Huaxin Technology Co., Ltd. have the same ones."""
    key = _QUOTES.sub("", fold(text))
    places: set[str] = set()
    if has_cjk(key):
        return _chinese(key.replace(" ", ""), places)
    return _latin(key, places)


def _chinese(key: str, places: set[str]) -> CompanyName:
    branch = ""
    known = _chinese_places()
    for pattern in (_BRANCH, _BRANCH_END):
        found = pattern.match(key)
        if found is not None:
            key, branch = found[1], found[2]
            break
    for match in _BRACKETS.finditer(key):
        inside = next(filter(None, match.groups()), "").removesuffix("市").removesuffix("省")
        if inside in known:
            places.add(known[inside])
    key = _BRACKETS.sub("", key)
    legal = ""
    shortened = True
    while shortened:
        shortened = False
        for form, kind in _CHINESE_LEGAL:
            if key.endswith(form) and len(key) - len(form) >= 2:
                key, legal, shortened = key[: -len(form)], legal or kind, True
                break
    shortened = True
    while shortened:
        shortened = False
        if key.startswith("中国") and len(key) >= 6:
            key, shortened = key[2:], True
        if key[:1] in _first_of_places:
            for length in (5, 4, 3, 2):
                name = key[:length]
                rest = key[length:]
                if name in known and (len(rest) >= 2):
                    for suffix in ("特别行政区", "自治区", "省", "市"):
                        if rest.startswith(suffix) and len(rest) - len(suffix) >= 2:
                            rest = rest[len(suffix) :]
                            break
                    places.add(known[name])
                    key, shortened = rest, True
                    break
    brand, trade = _chinese_trade(key)
    return CompanyName(
        brand,
        trade,
        tuple(sorted(places)),
        _read(branch) if branch else "",
        {"股份": "plc", "合伙": "llp"}.get(legal, ""),
    )


def _chinese_trade(key: str) -> tuple[str, tuple[str, ...]]:
    """The brand, read in Latin letters, and the trade words at the end of a core, translated."""
    trade: list[str] = []
    shortened = True
    while shortened:
        shortened = False
        for word, english in _TRADES:
            if key.endswith(word) and len(key) - len(word) >= 2:
                trade += english.split()
                key, shortened = key[: -len(word)], True
                break
    return _read(key), tuple(sorted(set(trade) - {"development"}))


def _latin(key: str, places: set[str]) -> CompanyName:
    known = _latin_places()
    branch = ""
    for match in _BRACKETS.finditer(key):
        inside = letters(next(filter(None, match.groups()), ""))
        if inside and inside not in _LATIN_LEGAL:
            places.add(inside.replace(" ", ""))
    key = _BRACKETS.sub(" ", key)
    head, dash, tail = key.partition(" - ")
    if dash and head.strip():
        key = head
        branch = letters(tail)
    spaced = letters(key.replace("&", " and ").replace(".", " " if ". " in key else "").replace("  ", " "))
    spaced = _SPACED_FORMS.sub(lambda found: found[0].replace(" ", ""), spaced)
    words = spaced.split()
    legal = ""
    kept: list[str] = []
    trade: list[str] = []
    for position, word in enumerate(words):
        form = _LATIN_LEGAL.get(word)
        if form is not None and (position or len(words) == 1 or word == "the"):
            legal = legal or form
        elif word in _BRANCH_WORDS and position:
            branch = branch or (kept.pop() if len(kept) > 1 else word)
        elif position and (_TRADE_ALIASES.get(word, word)) in _TRADE_SET:
            trade.append(_TRADE_ALIASES.get(word, word))
        elif word in known and len(words) > 1:
            places.add(word)
        else:
            kept.append(word)
    if not kept:
        kept = sorted(trade) or sorted(places) or words
        trade = []
    return CompanyName(
        " ".join(kept), tuple(sorted(set(trade) - {"development"})), tuple(sorted(places)), branch, legal
    )


@lru_cache(maxsize=200_000)
def company_level(one: CompanyName, other: CompanyName) -> int:
    """How alike two names of firms are; 0 when one is missing."""
    if not one.brand or not other.brand:
        return 0
    joined, joined_other = one.brand.replace(" ", ""), other.brand.replace(" ", "")
    if joined != joined_other:
        return _near_level(one, other, joined, joined_other)
    if one.branch != other.branch:
        return BRANCH
    first, second = set(one.places), set(other.places)
    if first and second and not (first <= second or second <= first):
        return ELSEWHERE
    trades, other_trades = set(one.trade), set(other.trade)
    if trades == other_trades or not trades or not other_trades or trades <= other_trades or other_trades <= trades:
        return SAME if trades == other_trades or (trades and other_trades) or len(joined) >= 6 else BRAND
    return BRAND


def _near_level(one: CompanyName, other: CompanyName, joined: str, joined_other: str) -> int:
    words, other_words = set(one.brand.split()), set(other.brand.split())
    if words == other_words:
        return SAME if set(one.places) == set(other.places) else BRAND
    places = set(one.places) | set(other.places)
    if words - places == other_words - places and words - places:
        return BRAND  # a town that only one of the names has, and no list knows
    shorter = min(len(joined), len(joined_other))
    allowed = 0 if shorter < 5 else 1 if shorter < 9 else 2
    if allowed and osa_distance(joined, joined_other, allowed) <= allowed:
        return NEAR
    if len(words) > 1 or len(other_words) > 1:
        small, large = sorted((words, other_words), key=len)
        if small <= large and sum(map(len, small)) >= 5:
            return BRAND
    return DIFFERENT
