"""Company names by country, with the word their internet domain is made of."""

from random import Random
from typing import NamedTuple

from crmtui.domain.pinyin import syllables
from crmtui.services.sample.names import FAMILY, letters, words
from crmtui.services.sample.places import Place


class SampleCompany(NamedTuple):
    """A company: its full name, the short name people use, its domain without ``.example``, and its industry."""

    name: str
    short: str
    slug: str
    industry: str


_CN_CORE = words(
    "华信 云上 恒达 金龙 新科 天元 博远 宏图 锦绣 瑞丰 东方 华美 鼎盛 中兴 嘉和 百川 万通 远航 顺达 永泰 海天 星辰 联创 汇丰"
    " 优品 智远 长青 凯旋 德信 明珠 泰和 广源 金桥 双龙 正大 银河 三星 蓝天 绿洲 华宇 国泰 民生 同创 佳友 宝利 飞鹤 立信 富源"
    " 众诚 诚达 信达 腾飞 卓越 晨光 旭日 朗科 美达 安泰 力创 新锐 大成 康乐 隆盛 精工 巨力 科达 德力 华阳 鸿运 利民 南洋 北斗"
    " 普惠 乐居 维康 松山 青松 云帆 天润 华邦 冠群 启航 迈越 思创 方正 圣元 太平洋 金诚 通宝 鑫源"
)
_CN_INDUSTRY = words(
    "电子=electronics 科技=software 贸易=trade 机械=machinery 纺织=textiles 食品=food 医疗器械=medical 物流=logistics"
    " 包装=packaging 新材料=materials 自动化设备=machinery 服饰=textiles 家具=furniture 化工=chemicals 建材=construction"
    " 汽车配件=automotive 生物科技=biotech 印刷=printing 光电=electronics 电器=electronics 日用品=trade 进出口=trade"
)
_CN_LEGAL = ("有限公司",) * 14 + ("股份有限公司", "股份有限公司", "集团有限公司", "有限责任公司")
_EN_FIRST = words(
    "Beacon Cedar Harbor Northgate Silver Red Blue Granite Maple Summit Lake Prairie Copper Iron Golden Bright Stone Fox"
    " Eagle Heron Willow Birch Coastal Union Liberty Pioneer Atlas Evergreen Crescent Falcon Juniper Keystone Lantern"
    " Magnolia Orchard Quarry River Saddle Timber Valley Westfield Ashford Thorn Kings Bishop Swan Meadow Anchor Clover"
)
_EN_SECOND = words(
    "Ridge Point Mill Bay Creek Peak Field Gate Bridge Forge Hill Grove Yard Dale Brook Harbour Crown Row"
)
_EN_INDUSTRY = words(
    "Textiles=textiles Foods=food Medical=medical Robotics=machinery Logistics=logistics Packaging=packaging"
    " Furniture=furniture Chemicals=chemicals Electronics=electronics Outfitters=textiles Brewing=food Printing=printing"
    " Plastics=materials Instruments=electronics Software=software Distribution=logistics Cosmetics=cosmetics Toys=trade"
    " Automotive=automotive Pharma=biotech"
)
_LEGAL = {
    "us": ("Inc.", "LLC", "Inc.", "LLC", "Corp.", "Co."),
    "gb": ("Ltd", "Ltd", "Ltd", "plc", "LLP", "Limited"),
    "de": ("GmbH", "GmbH", "GmbH", "GmbH & Co. KG", "AG", "KG"),
    "at": ("GmbH", "GmbH", "AG"),
    "ch": ("AG", "AG", "GmbH"),
    "fr": ("SARL", "SAS", "SA"),
    "nl": ("B.V.", "B.V.", "N.V."),
    "it": ("S.r.l.", "S.p.A.", "S.r.l."),
    "es": ("S.L.", "S.A.", "S.L."),
    "pl": ("Sp. z o.o.", "S.A."),
    "se": ("AB",),
    "jp": ("株式会社",),
}
_TRADES = {
    "de": "Maschinenbau=machinery Logistik=logistics Lebensmittel=food Möbel=furniture Elektronik=electronics Textil=textiles"
    " Verpackungen=packaging Medizintechnik=medical Druck=printing Kunststofftechnik=materials Werkzeuge=machinery"
    " Baustoffe=construction Naturkost=food Feinmechanik=machinery Autoteile=automotive Kosmetik=cosmetics",
    "fr": "Ateliers=machinery Transports=logistics Conserves=food Meubles=furniture Électronique=electronics Tissages=textiles"
    " Emballages=packaging Imprimerie=printing Cosmétiques=cosmetics Vins=food Plastiques=materials",
    "nl": "Bloemen=food Transport=logistics Techniek=machinery Zuivel=food Verpakkingen=packaging Textiel=textiles",
    "it": "Officine=machinery Tessitura=textiles Pastificio=food Arredamenti=furniture Ceramiche=construction Cantine=food",
    "es": "Conservas=food Muebles=furniture Textiles=textiles Transportes=logistics Maquinaria=machinery Bodegas=food",
    "pl": "Zakłady=machinery Meble=furniture Transport=logistics Mleczarnia=food Drukarnia=printing",
    "se": "Trä=furniture Verkstad=machinery Livs=food Logistik=logistics Plast=materials",
    "jp": "製作所=machinery 電機=electronics 食品=food 繊維=textiles 印刷=printing",
}
_TRADES["at"] = _TRADES["ch"] = _TRADES["de"]
_PAIRS = {country: [tuple(pair.split("=")) for pair in text.split()] for country, text in _TRADES.items()}
_CN_PAIRS = [tuple(pair.split("=")) for pair in _CN_INDUSTRY]
_EN_PAIRS = [tuple(pair.split("=")) for pair in _EN_INDUSTRY]
_FAMILY_LAST = ("fr", "it", "es", "pl")
INDUSTRIES = {
    "electronics": "电子",
    "software": "软件",
    "trade": "贸易",
    "machinery": "机械",
    "textiles": "纺织",
    "food": "食品",
    "medical": "医疗器械",
    "logistics": "物流",
    "packaging": "包装",
    "materials": "新材料",
    "furniture": "家具",
    "chemicals": "化工",
    "construction": "建材",
    "automotive": "汽车配件",
    "biotech": "生物医药",
    "printing": "印刷",
    "cosmetics": "化妆品",
}


def company(rng: Random, place: Place) -> SampleCompany:
    """A company that sits in ``place``."""

    def pick(options: "list[str] | tuple[str, ...]") -> str:
        return options[int(rng.random() * len(options))]

    country = place.country
    if country == "cn":
        core = pick(_CN_CORE)
        trade, industry = _CN_PAIRS[int(rng.random() * len(_CN_PAIRS))]
        legal = pick(_CN_LEGAL)
        name = f"{core}{trade}（{place.city}）{legal}" if rng.random() < 0.06 else f"{place.city}{core}{trade}{legal}"
        slug = "".join(syllables(core, person=False)) + ("".join(syllables(place.city, person=False))[:2])
        return SampleCompany(name, core + trade, slug, industry)
    if country in ("us", "gb"):
        trade, industry = _EN_PAIRS[int(rng.random() * len(_EN_PAIRS))]
        if rng.random() < 0.25:
            core = f"{pick(FAMILY[country])} & {pick(('Sons', 'Daughters', 'Co', 'Partners'))}"
        else:
            core = f"{pick(_EN_FIRST)} {pick(_EN_SECOND)}"
        return SampleCompany(f"{core} {trade} {pick(_LEGAL[country])}", core, _slug(core), industry)
    trade, industry = _PAIRS[country][int(rng.random() * len(_PAIRS[country]))]
    family = pick(FAMILY[country])
    legal = pick(_LEGAL[country])
    if country == "jp":
        core = family + trade
        name = core + legal if rng.random() < 0.5 else legal + core
        return SampleCompany(name, core, f"{letters(family)}-{industry}", industry)
    core = f"{trade} {family}" if country in _FAMILY_LAST else f"{family} {trade}"
    if country == "de" and rng.random() < 0.15:
        core = f"{family} & Söhne {trade}"
    return SampleCompany(f"{core} {legal}", core, _slug(core), industry)


def _slug(text: str) -> str:
    return "-".join(part for part in (letters(word) for word in text.split() if word not in ("&", "Co")) if part)
