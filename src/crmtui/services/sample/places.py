"""Towns with the area codes, postal codes and streets that belong to them, and phone numbers that could be dialled there."""

from collections.abc import Sequence
from random import Random
from typing import NamedTuple

from crmtui.services.sample.names import words


class Place(NamedTuple):
    """A town. ``area`` is the area code as dialled inside the country, ``postal`` the beginning of its postal codes.

    ``prefix`` begins the subscriber numbers we invent there and ``digits`` is the length of what follows it; where a
    country keeps numbers free for fiction, these are in them. ``offset`` is in minutes east of UTC, ``weight`` how many
    customers come from there.
    """

    country: str
    city: str
    region: str
    area: str
    prefix: str
    digits: int
    postal: str
    offset: int
    weight: int


def _places(country: str, text: str) -> list[Place]:
    found = []
    for line in text.strip().splitlines():
        city, region, area, prefix, count, postal, offset, weight = line.strip().split("|")
        found.append(Place(country, city, region, area, prefix, int(count), postal, int(offset), int(weight)))
    return found


_TOWNS = {
    "cn": """
        上海|上海|021|5|7|2000|480|16
        北京|北京|010|6|7|1000|480|13
        深圳|广东|0755|8|7|5180|480|12
        广州|广东|020|8|7|5100|480|10
        杭州|浙江|0571|8|7|3100|480|9
        苏州|江苏|0512|6|7|2150|480|7
        成都|四川|028|8|7|6100|480|6
        宁波|浙江|0574|8|7|3150|480|5
        南京|江苏|025|8|7|2100|480|5
        武汉|湖北|027|8|7|4300|480|5
        东莞|广东|0769|2|7|5230|480|5
        青岛|山东|0532|8|7|2660|480|4
        天津|天津|022|2|7|3000|480|4
        厦门|福建|0592|5|6|3610|480|4
        佛山|广东|0757|8|7|5280|480|3
        无锡|江苏|0510|8|7|2140|480|3
        西安|陕西|029|8|7|7100|480|3
        重庆|重庆|023|6|7|4000|480|3
        大连|辽宁|0411|8|7|1160|480|2
        义乌|浙江|0579|8|7|3220|480|3
        合肥|安徽|0551|6|7|2300|480|2
        长沙|湖南|0731|8|7|4100|480|2
        温州|浙江|0577|8|7|3250|480|2
        沈阳|辽宁|024|2|7|1100|480|1
        常熟|江苏|0512|5|7|2155|480|1
    """,
    "us": """
        San Francisco|CA|415|555|4|941|-480|8
        New York|NY|212|555|4|100|-300|12
        Los Angeles|CA|213|555|4|900|-480|9
        Chicago|IL|312|555|4|606|-360|8
        Houston|TX|713|555|4|770|-360|6
        Austin|TX|512|555|4|787|-360|4
        Seattle|WA|206|555|4|981|-480|5
        Boston|MA|617|555|4|021|-300|5
        Denver|CO|303|555|4|802|-420|4
        Atlanta|GA|404|555|4|303|-300|4
        Portland|OR|503|555|4|972|-480|3
        Minneapolis|MN|612|555|4|554|-360|3
        Cleveland|OH|216|555|4|441|-300|2
        Charlotte|NC|704|555|4|282|-300|2
        Greenville|SC|864|555|4|296|-300|2
        Milwaukee|WI|414|555|4|532|-360|2
    """,
    "gb": """
        London|Greater London|020|7946 0|3|EC1|0|14
        Manchester|Greater Manchester|0161|496 0|3|M|0|6
        Birmingham|West Midlands|0121|496 0|3|B|0|5
        Leeds|West Yorkshire|0113|496 0|3|LS|0|4
        Glasgow|Scotland|0141|496 0|3|G|0|3
        Edinburgh|Scotland|0131|496 0|3|EH|0|3
        Bristol|England|0117|496 0|3|BS|0|3
        Sheffield|South Yorkshire|0114|496 0|3|S|0|2
        Cardiff|Wales|029|2018 0|3|CF|0|2
    """,
    "de": """
        Berlin|Berlin|030|23125|3|101|60|6
        Hamburg|Hamburg|040|66969|3|200|60|6
        München|Bayern|089|99998|3|803|60|6
        Frankfurt am Main|Hessen|069|90009|3|603|60|5
        Köln|Nordrhein-Westfalen|0221|4710|3|506|60|4
        Stuttgart|Baden-Württemberg|0711|2180|4|701|60|4
        Düsseldorf|Nordrhein-Westfalen|0211|8800|4|402|60|3
        Leipzig|Sachsen|0341|9900|4|041|60|2
        Nürnberg|Bayern|0911|2300|4|904|60|2
        Bielefeld|Nordrhein-Westfalen|0521|5500|3|336|60|1
    """,
    "at": """
        Wien|Wien|01|5123|3|10|60|3
        Graz|Steiermark|0316|8070|3|80|60|1
        Linz|Oberösterreich|0732|7700|3|40|60|1
    """,
    "ch": """
        Zürich|Zürich|044|555 0|3|80|60|3
        Basel|Basel-Stadt|061|555 0|3|40|60|1
        Bern|Bern|031|555 0|3|30|60|1
    """,
    "fr": """
        Paris|Île-de-France|01|99 00 |4|750|60|8
        Lyon|Auvergne-Rhône-Alpes|04|65 71 |4|690|60|5
        Rennes|Bretagne|02|61 91 |4|350|60|2
        Lille|Hauts-de-France|03|53 01 |4|590|60|3
        Bordeaux|Nouvelle-Aquitaine|05|36 49 |4|330|60|3
        Nantes|Pays de la Loire|02|61 91 |4|440|60|2
    """,
    "nl": """
        Amsterdam|Noord-Holland|020|555 0|3|101|60|4
        Rotterdam|Zuid-Holland|010|555 0|3|301|60|3
        Eindhoven|Noord-Brabant|040|255 0|3|561|60|2
    """,
    "it": """
        Milano|Lombardia|02|5555 0|3|201|60|5
        Torino|Piemonte|011|555 0|3|101|60|2
        Bologna|Emilia-Romagna|051|555 0|3|401|60|2
        Prato|Toscana|0574|55 50|2|591|60|1
    """,
    "es": """
        Madrid|Madrid|91|555 0|3|280|60|4
        Barcelona|Cataluña|93|555 0|3|080|60|4
        Valencia|Comunitat Valenciana|96|355 0|3|460|60|2
    """,
    "pl": """
        Warszawa|Mazowieckie|22|555 0|3|00-0|60|3
        Wrocław|Dolnośląskie|71|355 0|3|50-0|60|1
        Łódź|Łódzkie|42|655 0|3|90-0|60|1
    """,
    "se": """
        Stockholm|Stockholms län|08|555 10 |3|111 |60|2
        Göteborg|Västra Götaland|031|755 0|3|411 |60|2
        Malmö|Skåne|040|655 0|3|211 |60|1
    """,
    "jp": """
        東京|東京都|03|5555-0|3|100-00|540|3
        大阪|大阪府|06|6555-0|3|530-00|540|2
        名古屋|愛知県|052|555-0|3|460-00|540|1
    """,
}
_CN_ROADS = words(
    "人民路 中山路 建设路 解放路 和平路 长江路 科技路 创业路 工业大道 滨江大道 学府路 文昌路 东风路 新华路 世纪大道 高新路"
    " 迎宾大道 兴业路 环城北路 金桥路"
)
_ROADS = {
    "us": "Main St|Market St|Mill Rd|Harbor Ave|Industrial Pkwy|Oak Ave|Commerce Dr|Union St|Mission St|Foundry Ln",
    "gb": "High Street|Station Road|Mill Lane|Victoria Road|Church Street|Canal Street|King Street|Park Row|Wharf Road",
    "de": "Hauptstraße|Bahnhofstraße|Industriestraße|Gartenweg|Lindenallee|Am Hafen|Werkstraße|Schillerstraße|Mühlenweg",
    "at": "Hauptstraße|Ringstraße|Industriestraße|Donaugasse|Mariahilfer Straße|Werkgasse",
    "ch": "Bahnhofstrasse|Seestrasse|Industriestrasse|Hardturmstrasse|Gerbergasse",
    "fr": "rue de la République|avenue Victor Hugo|rue du Moulin|boulevard Voltaire|quai de la Gare|rue des Ateliers",
    "nl": "Havenweg|Stationsstraat|Keizersgracht|Industrieweg|Molenlaan",
    "it": "Via Roma|Via Garibaldi|Corso Italia|Via dell'Industria|Viale Europa",
    "es": "Calle Mayor|Avenida de la Constitución|Calle del Puerto|Polígono Industrial Sur|Gran Vía",
    "pl": "ul. Długa|ul. Fabryczna|al. Jana Pawła II|ul. Przemysłowa",
    "se": "Storgatan|Hamngatan|Verkstadsgatan|Industrivägen",
    "jp": "中央1丁目|本町2丁目|港南3丁目|栄4丁目",
}
_MOBILE = {  # beginning, how many digits follow, how they are grouped
    "us": ("", 0),
    "gb": ("07911 1", 5),
    "de": ("0171 392", 5),
    "at": ("0664 555", 4),
    "ch": ("079 555 0", 3),
    "fr": ("06 12 34 ", 4),
    "nl": ("06 5550 ", 4),
    "it": ("347 555 ", 4),
    "es": ("612 55 ", 4),
    "pl": ("501 555 ", 3),
    "se": ("070-555 ", 4),
    "jp": ("090-5550-", 4),
}
_CN_MOBILE = words("138 139 136 135 137 158 159 150 187 188 186 185 130 131 133 189 180 177 199 166 152 182")
COUNTRY_NAMES = {
    "cn": "中国",
    "us": "United States",
    "gb": "United Kingdom",
    "de": "Deutschland",
    "at": "Österreich",
    "ch": "Schweiz",
    "fr": "France",
    "nl": "Nederland",
    "it": "Italia",
    "es": "España",
    "pl": "Polska",
    "se": "Sverige",
    "jp": "日本",
}
CALLING_CODES = {
    "cn": "86",
    "us": "1",
    "gb": "44",
    "de": "49",
    "at": "43",
    "ch": "41",
    "fr": "33",
    "nl": "31",
    "it": "39",
    "es": "34",
    "pl": "48",
    "se": "46",
    "jp": "81",
}
_TRUNK_IS_KEPT = ("it", "es", "pl", "us")

_WEIGHTED: dict[str, list[Place]] = {
    country: [place for place in _places(country, text) for _copy in range(place.weight)]
    for country, text in _TOWNS.items()
}
ROADS: dict[str, Sequence[str]] = {"cn": _CN_ROADS, **{country: text.split("|") for country, text in _ROADS.items()}}


def place_in(rng: Random, country: str) -> Place:
    """A town of the country, big ones more often."""
    towns = _WEIGHTED[country]
    return towns[int(rng.random() * len(towns))]


def digits(rng: Random, count: int) -> str:
    """``count`` random digits."""
    return str(int(rng.random() * 10**count)).zfill(count)


def mobile(rng: Random, place: Place) -> str:
    """A mobile number as people of the country write it; in the US it looks like any other."""
    if place.country == "cn":
        number = _CN_MOBILE[int(rng.random() * len(_CN_MOBILE))] + digits(rng, 8)
        style = rng.random()
        if style < 0.6:
            return f"{number[:3]} {number[3:7]} {number[7:]}"
        if style < 0.85:
            return number
        return (
            f"+86 {number[:3]} {number[3:7]} {number[7:]}"
            if style < 0.95
            else f"{number[:3]}-{number[3:7]}-{number[7:]}"
        )
    if place.country == "us":
        return landline(rng, place)
    start, count = _MOBILE[place.country]
    return start + grouped(digits(rng, count), place.country)


def landline(rng: Random, place: Place) -> str:
    """A number of the town as people of the country write it."""
    country, area = place.country, place.area
    tail = digits(rng, place.digits)
    if country == "cn":
        local = place.prefix + tail
        return f"{area}-{local[:-4]} {local[-4:]}" if rng.random() < 0.7 else f"{area}-{local}"
    if country == "us":
        shape = "({}) 555-{}" if rng.random() < 0.6 else "+1 {} 555 {}" if rng.random() < 0.6 else "{}-555-{}"
        return shape.format(area, tail)
    if country == "jp":
        return f"{area}-{place.prefix}{tail}"
    return f"{area} {place.prefix}{grouped(tail, country)}"


def grouped(tail: str, country: str) -> str:
    """The last digits in pairs where the country writes them so."""
    if country in ("fr", "es", "se") and len(tail) % 2 == 0:
        return " ".join(tail[at : at + 2] for at in range(0, len(tail), 2))
    return tail


def international(number: str, country: str) -> str:
    """A number made here in its international form (E.164)."""
    if number.startswith("+"):
        return "+" + "".join(filter(str.isdigit, number))
    plain = "".join(filter(str.isdigit, number))
    if country not in _TRUNK_IS_KEPT:
        plain = plain.removeprefix("0")
    return f"+{CALLING_CODES[country]}{plain}"


def address(rng: Random, place: Place) -> tuple[str, str]:
    """Street and postal code of a building in the town."""
    country = place.country
    road = ROADS[country][int(rng.random() * len(ROADS[country]))]
    house = 1 + int(rng.random() * (900 if country in ("cn", "us") else 140))
    if country == "cn":
        floor = 2 + int(rng.random() * 28)
        street = f"{road}{house}号" + (f"{floor}楼{floor}0{1 + int(rng.random() * 8)}室" if rng.random() < 0.5 else "")
        return street, place.postal + digits(rng, 6 - len(place.postal))
    if country in ("us", "gb", "fr"):
        street = f"{house} {road}" + (f", Suite {100 + house % 800}" if country == "us" and rng.random() < 0.3 else "")
    else:
        street = f"{road} {house}" if country != "jp" else f"{road}{1 + house % 20}-{1 + house % 9}"
    return street, _postal_code(rng, place)


def _postal_code(rng: Random, place: Place) -> str:
    country, start = place.country, place.postal
    if country == "gb":
        letters = "ABDEFGHJLNPQRSTUWXYZ"
        unit = f"{1 + int(rng.random() * 9)}{letters[int(rng.random() * 20)]}{letters[int(rng.random() * 20)]}"
        return f"{start}{'' if start[-1].isdigit() else 1 + int(rng.random() * 19)} {unit}"
    if country == "nl":
        return f"{start}{int(rng.random() * 10)} {'ABCDEGHJKL'[int(rng.random() * 10)]}{'ABCDEGHJKL'[int(rng.random() * 10)]}"
    length = {"at": 4, "ch": 4, "pl": 6, "se": 6, "jp": 8}.get(country, 5)
    return start + digits(rng, length - len(start))
