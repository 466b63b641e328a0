"""The region (ISO 3166) that a country's name means: national phone numbers of a row are read as of its country."""

from functools import lru_cache

_NAMES = {
    "CN": "china;中国;中國;中华人民共和国;prc;p.r. china;people's republic of china;mainland china;中国大陆",
    "HK": "hong kong;香港;中国香港;hong kong sar",
    "MO": "macau;macao;澳门;澳門;中国澳门",
    "TW": "taiwan;台湾;臺灣;台灣;中国台湾",
    "US": "united states;usa;u.s.a.;u.s.;united states of america;美国;美國",
    "CA": "canada;加拿大",
    "GB": "united kingdom;uk;u.k.;great britain;england;scotland;wales;英国;英國",
    "IE": "ireland;爱尔兰",
    "DE": "germany;deutschland;德国;德國",
    "AT": "austria;österreich;奥地利",
    "CH": "switzerland;schweiz;suisse;瑞士",
    "FR": "france;frankreich;法国;法國",
    "BE": "belgium;belgique;belgië;比利时",
    "NL": "netherlands;the netherlands;nederland;holland;荷兰",
    "ES": "spain;españa;西班牙",
    "PT": "portugal;葡萄牙",
    "IT": "italy;italia;意大利",
    "SE": "sweden;sverige;瑞典",
    "NO": "norway;norge;挪威",
    "DK": "denmark;danmark;丹麦",
    "FI": "finland;suomi;芬兰",
    "PL": "poland;polska;波兰",
    "CZ": "czech republic;czechia;捷克",
    "HU": "hungary;匈牙利",
    "GR": "greece;希腊",
    "RU": "russia;russian federation;россия;俄罗斯",
    "UA": "ukraine;乌克兰",
    "TR": "turkey;türkiye;土耳其",
    "JP": "japan;日本",
    "KR": "south korea;korea;republic of korea;韩国;대한민국",
    "SG": "singapore;新加坡",
    "MY": "malaysia;马来西亚",
    "TH": "thailand;泰国",
    "VN": "vietnam;viet nam;越南",
    "ID": "indonesia;印度尼西亚;印尼",
    "PH": "philippines;菲律宾",
    "IN": "india;印度",
    "AU": "australia;澳大利亚;澳洲",
    "NZ": "new zealand;新西兰",
    "BR": "brazil;brasil;巴西",
    "MX": "mexico;méxico;墨西哥",
    "AR": "argentina;阿根廷",
    "CL": "chile;智利",
    "ZA": "south africa;南非",
    "EG": "egypt;埃及",
    "SA": "saudi arabia;沙特阿拉伯;沙特",
    "AE": "united arab emirates;uae;阿联酋",
    "IL": "israel;以色列",
}


@lru_cache(maxsize=4096)
def region_of(country: str) -> str | None:
    """The region that ``country`` names (a name in English, Chinese or its own language, or the code itself), or None."""
    return _table().get(country.strip().casefold())


@lru_cache(maxsize=1)
def _table() -> dict[str, str]:
    table = {name: region for region, names in _NAMES.items() for name in names.split(";")}
    return table | {region.casefold(): region for region in _NAMES}
