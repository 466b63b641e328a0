"""Customers with duplicates and traps, invented for a seed: what the duplicate benchmark measures on.

English, European and Chinese persons and firms. A part of them is recorded two to four times, dirty in the usual ways; around
them stand those who only look alike: families at one address and telephone, colleagues behind one switchboard and info@,
people of the same name, father and son, sister firms in two towns, branch offices.

    python benchmarks/duplicate_data.py 10000 1 OUT.csv TRUTH.csv

OUT has id, name, title, company, email, phone, street, postcode, city, country; TRUTH has id, entity, home, office, namesake,
firm_group, flaws (the entity's other rows are its duplicates; equal home, office, … of two entities are traps).
"""

import csv
import sys
from collections.abc import Iterator
from random import Random
from typing import NamedTuple

FIELDS = ("name", "title", "company", "email", "phone", "street", "postcode", "city", "country")
TRAPS = ("home", "office", "namesake", "firm_group")


class Row(NamedTuple):
    """A record: its values, the entity, its traps, and the flaws it was given."""

    values: dict[str, str]
    entity: int
    traps: dict[str, str]
    flaws: tuple[str, ...]


_EN_GIVEN = [
    "James",
    "Mary",
    "Robert",
    "Patricia",
    "John",
    "Jennifer",
    "Michael",
    "Linda",
    "David",
    "Elizabeth",
    "William",
    "Barbara",
    "Richard",
    "Susan",
    "Joseph",
    "Jessica",
    "Thomas",
    "Sarah",
    "Charles",
    "Karen",
    "Christopher",
    "Nancy",
    "Daniel",
    "Margaret",
    "Matthew",
    "Sandra",
    "Anthony",
    "Ashley",
    "Mark",
    "Kimberly",
    "Donald",
    "Emily",
    "Steven",
    "Donna",
    "Paul",
    "Michelle",
    "Andrew",
    "Carol",
    "Joshua",
    "Amanda",
    "Kenneth",
    "Dorothy",
    "Kevin",
    "Melissa",
    "Brian",
    "Deborah",
    "George",
    "Stephanie",
    "Edward",
    "Rebecca",
    "Ronald",
    "Laura",
    "Timothy",
    "Helen",
    "Jason",
    "Sharon",
    "Jeffrey",
    "Cynthia",
    "Ryan",
    "Kathleen",
    "Jacob",
    "Amy",
    "Gary",
    "Shirley",
    "Nicholas",
    "Angela",
    "Eric",
    "Anna",
    "Jonathan",
    "Ruth",
    "Stephen",
    "Brenda",
    "Larry",
    "Pamela",
    "Justin",
    "Nicole",
    "Scott",
    "Katherine",
    "Brandon",
    "Samantha",
    "Benjamin",
    "Christine",
    "Samuel",
    "Catherine",
    "Gregory",
    "Virginia",
    "Alexander",
    "Debra",
    "Frank",
    "Rachel",
    "Patrick",
    "Janet",
    "Raymond",
    "Emma",
    "Jack",
    "Maria",
    "Dennis",
    "Heather",
    "Jerry",
    "Diane",
    "Oliver",
    "Olivia",
    "Harry",
    "Grace",
    "Alfie",
    "Poppy",
    "Gareth",
    "Rhys",
    "Niamh",
    "Declan",
    "Fiona",
    "Callum",
]
_EN_FAMILY = [
    "Smith",
    "Johnson",
    "Williams",
    "Brown",
    "Jones",
    "Miller",
    "Davis",
    "Wilson",
    "Anderson",
    "Taylor",
    "Moore",
    "Jackson",
    "Martin",
    "Lee",
    "Thompson",
    "White",
    "Harris",
    "Clark",
    "Lewis",
    "Robinson",
    "Walker",
    "Young",
    "Allen",
    "King",
    "Wright",
    "Scott",
    "Hill",
    "Green",
    "Adams",
    "Baker",
    "Nelson",
    "Carter",
    "Mitchell",
    "Roberts",
    "Turner",
    "Phillips",
    "Campbell",
    "Parker",
    "Evans",
    "Edwards",
    "Collins",
    "Stewart",
    "Morris",
    "Rogers",
    "Reed",
    "Cook",
    "Morgan",
    "Bell",
    "Murphy",
    "Bailey",
    "Cooper",
    "Cox",
    "Howard",
    "Ward",
    "Peterson",
    "Gray",
    "James",
    "Watson",
    "Brooks",
    "Kelly",
    "Sanders",
    "Price",
    "Bennett",
    "Wood",
    "Barnes",
    "Ross",
    "Henderson",
    "Coleman",
    "Jenkins",
    "Perry",
    "Powell",
    "Long",
    "Patterson",
    "Hughes",
    "Washington",
    "Butler",
    "O'Brien",
    "O'Connor",
    "MacDonald",
    "McCarthy",
    "Fitzgerald",
    "Pemberton",
    "Thackeray",
    "Ashworth",
    "Hargreaves",
    "Whitfield",
    "Blackwood",
]
_EU = {
    "de": (
        ["Hans", "Peter", "Michael", "Thomas", "Andreas", "Wolfgang", "Klaus", "Jürgen", "Günther", "Stefan", "Christian", "Uwe", "Werner", "Horst", "Frank", "Dieter", "Manfred", "Gerhard", "Bernd", "Maria", "Ursula", "Monika", "Petra", "Elisabeth", "Sabine", "Renate", "Karin", "Susanne", "Andrea", "Claudia", "Julia", "Anna", "Katharina", "Lena", "Sophie", "Lukas", "Felix", "Jonas"],
        ["Müller", "Schmidt", "Schneider", "Fischer", "Weber", "Meyer", "Wagner", "Becker", "Schulz", "Hoffmann", "Schäfer", "Koch", "Bauer", "Richter", "Klein", "Wolf", "Schröder", "Neumann", "Schwarz", "Zimmermann", "Braun", "Krüger", "Hofmann", "Hartmann", "Lange", "Werner", "Krause", "Lehmann", "Köhler", "Maier", "Jäger", "Böhm", "Größmann", "Weiß", "Vogel", "Günter"],
        ["Hauptstraße", "Bahnhofstraße", "Gartenstraße", "Lindenweg", "Schillerstraße", "Goethestraße", "Bergstraße", "Kirchgasse", "Mühlenweg", "Rosenallee", "Am", "Markt"],
        (("Berlin", "10"), ("Hamburg", "20"), ("München", "80"), ("Köln", "50"), ("Frankfurt", "60"), ("Leipzig", "04"), ("Nürnberg", "90")),
        "+49", "Germany",
    ),
    "fr": (
        ["Jean", "Pierre", "Michel", "Philippe", "Alain", "Nicolas", "Christophe", "Laurent", "François", "Éric", "Stéphane", "Julien", "Marie", "Nathalie", "Isabelle", "Sylvie", "Catherine", "Valérie", "Sandrine", "Céline", "Hélène", "Chloé", "Léa", "Camille", "Manon", "Antoine", "Hugo", "Théo", "Louis", "Gabriel", "Jean-Luc", "Anne-Sophie"],
        ["Martin", "Bernard", "Dubois", "Thomas", "Robert", "Richard", "Petit", "Durand", "Leroy", "Moreau", "Simon", "Laurent", "Lefebvre", "Michel", "Garcia", "David", "Bertrand", "Roux", "Vincent", "Fournier", "Morel", "Girard", "André", "Lefèvre", "Mercier", "Dupont", "Lambert", "Bonnet", "Legrand", "Gauthier"],
        ("rue de la Paix", "rue Victor Hugo", "avenue Jean Jaurès", "rue du Moulin", "boulevard Voltaire", "rue des Lilas", "place de l'Église"),
        (("Paris", "75"), ("Lyon", "69"), ("Marseille", "13"), ("Toulouse", "31"), ("Nantes", "44"), ("Lille", "59")),
        "+33", "France",
    ),
    "es": (
        ["José", "Antonio", "Juan", "Manuel", "Francisco", "Luis", "Javier", "Miguel", "Ángel", "Carlos", "Jesús", "Pedro", "Alejandro", "María", "Carmen", "Ana", "Isabel", "Dolores", "Pilar", "Teresa", "Rosa", "Cristina", "Laura", "Marta", "Lucía", "Paula", "Sofía", "Raúl", "Sergio", "Pablo"],
        ["García", "González", "Rodríguez", "Fernández", "López", "Martínez", "Sánchez", "Pérez", "Gómez", "Martín", "Jiménez", "Ruiz", "Hernández", "Díaz", "Moreno", "Muñoz", "Álvarez", "Romero", "Alonso", "Gutiérrez", "Navarro", "Torres", "Domínguez", "Vázquez", "Ramos", "Gil", "Serrano", "Blanco"],
        ("Calle Mayor", "Calle Real", "Avenida de la Constitución", "Calle del Sol", "Plaza España", "Calle San Juan"),
        (("Madrid", "28"), ("Barcelona", "08"), ("Valencia", "46"), ("Sevilla", "41"), ("Bilbao", "48")),
        "+34", "Spain",
    ),
    "pl": (
        ["Jan", "Piotr", "Andrzej", "Krzysztof", "Stanisław", "Tomasz", "Paweł", "Józef", "Marcin", "Marek", "Michał", "Grzegorz", "Anna", "Maria", "Katarzyna", "Małgorzata", "Agnieszka", "Barbara", "Ewa", "Krystyna", "Elżbieta", "Magdalena", "Joanna", "Zofia", "Wojciech", "Łukasz"],
        ["Nowak", "Kowalski", "Wiśniewski", "Wójcik", "Kowalczyk", "Kamiński", "Lewandowski", "Zieliński", "Szymański", "Woźniak", "Dąbrowski", "Kozłowski", "Mazur", "Jankowski", "Kwiatkowski", "Krawczyk", "Piotrowski", "Grabowski", "Pawłowski", "Michalski"],
        ("ul. Polna", "ul. Leśna", "ul. Słoneczna", "ul. Krótka", "ul. Ogrodowa", "al. Jana Pawła II"),
        (("Warszawa", "00"), ("Kraków", "30"), ("Łódź", "90"), ("Wrocław", "50"), ("Gdańsk", "80")),
        "+48", "Poland",
    ),
}  # fmt: skip
_ZH_FAMILY = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向单仇解"
_ZH_COMPOUND = ("欧阳", "上官", "司马", "诸葛", "司徒", "夏侯")
_ZH_GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华慧建文玲辉力红健波宁鑫宇浩博晨晓雪梅兰云龙飞鹏程嘉怡欣悦子涵梓轩雨泽思远志国海燕春生玉珍珊琳婷倩颖洁佳俊凯峰毅斌"
_ZH_CITIES = (
    ("上海", "Shanghai", "200"), ("北京", "Beijing", "100"), ("深圳", "Shenzhen", "518"), ("广州", "Guangzhou", "510"), ("杭州", "Hangzhou", "310"),
    ("苏州", "Suzhou", "215"), ("成都", "Chengdu", "610"), ("武汉", "Wuhan", "430"), ("宁波", "Ningbo", "315"), ("东莞", "Dongguan", "523"),
    ("青岛", "Qingdao", "266"), ("厦门", "Xiamen", "361"),
)  # fmt: skip
_ZH_STREETS = [
    "中山路",
    "人民路",
    "解放路",
    "建国路",
    "南京路",
    "和平路",
    "新华路",
    "长江路",
    "文化路",
    "科技路",
    "工业大道",
    "滨海大道",
    "朝阳街",
    "东风路",
    "学院路",
    "银河街",
]
_ZH_BRANDS = "恒泰华信中远鼎盛天宇金鹏瑞丰宏达博雅嘉禾联创启明东方海川信达永兴德昌万通顺达国瑞锦程新源立信光大远景汇丰凯越创维星辰宏图伟业"
_ZH_TRADES = (
    ("科技", "Technology"), ("贸易", "Trading"), ("电子", "Electronics"), ("实业", "Industrial"), ("机械", "Machinery"), ("进出口", "Import & Export"),
    ("食品", "Food"), ("服饰", "Garment"), ("物流", "Logistics"), ("医疗器械", "Medical"), ("包装", "Packaging"), ("五金", "Hardware"), ("软件", "Software"),
)  # fmt: skip
_ALIASES = [
    "Jason",
    "Kevin",
    "Tony",
    "Amy",
    "Lucy",
    "Linda",
    "Jack",
    "Michael",
    "Vivian",
    "Cindy",
    "David",
    "Eric",
    "Grace",
    "Helen",
    "Ivy",
    "Leo",
    "Nancy",
    "Peter",
    "Sunny",
    "Tina",
]
_EN_CITIES = (
    ("London", "SW1A", "UK"), ("Manchester", "M1", "UK"), ("Leeds", "LS1", "UK"), ("Bristol", "BS1", "UK"), ("Chicago", "606", "USA"), ("Boston", "021", "USA"),
    ("Austin", "787", "USA"), ("Denver", "802", "USA"), ("Seattle", "981", "USA"), ("Portland", "972", "USA"), ("Edinburgh", "EH1", "UK"), ("Columbus", "432", "USA"),
)  # fmt: skip
_EN_STREETS = [
    "Main",
    "Oak",
    "Maple",
    "Park",
    "Elm",
    "Washington",
    "Lake",
    "Hill",
    "Church",
    "Station",
    "Mill",
    "King",
    "Queen",
    "Victoria",
    "Albert",
    "High",
    "Bridge",
    "School",
    "Chapel",
    "Meadow",
    "Cedar",
    "Pine",
]
_EN_KINDS = (("Street", "St"), ("Road", "Rd"), ("Avenue", "Ave"), ("Lane", "Ln"), ("Drive", "Dr"), ("Close", "Cl"))
_BRAND_A = [
    "Bright",
    "North",
    "West",
    "Silver",
    "Blue",
    "Green",
    "Iron",
    "Stone",
    "Clear",
    "River",
    "Oak",
    "Red",
    "Summit",
    "Pioneer",
    "Crown",
    "Falcon",
    "Atlas",
    "Nova",
    "Vertex",
    "Orion",
    "Delta",
    "Apex",
    "Zenith",
    "Harbor",
]
_BRAND_B = [
    "field",
    "gate",
    "path",
    "bridge",
    "point",
    "line",
    "works",
    "craft",
    "mark",
    "ridge",
    "stream",
    "wood",
    "forge",
    "light",
    "wave",
    "shore",
    "hill",
    "dale",
    "ford",
    "ton",
    "bury",
    "well",
    "brook",
    "leaf",
]
_EN_TRADES = [
    "Consulting",
    "Logistics",
    "Trading",
    "Foods",
    "Packaging",
    "Systems",
    "Software",
    "Electronics",
    "Furniture",
    "Construction",
    "Textiles",
    "Chemicals",
    "Media",
    "Travel",
]
_LEGAL = {"en": ("Ltd", "Limited", "Inc.", "LLC"), "de": ("GmbH", "AG", "GmbH & Co. KG"), "fr": ("SARL", "SAS"), "es": ("S.L.", "S.A."), "pl": ("Sp. z o.o.",)}  # fmt: skip
_PROVIDERS = ("gmail.com", "yahoo.com", "hotmail.com", "outlook.com", "icloud.com")
_ZH_PROVIDERS = ("qq.com", "163.com", "126.com", "sina.com", "foxmail.com")
_NICK = {
    "William": "Bill", "Robert": "Bob", "Richard": "Dick", "James": "Jim", "Michael": "Mike", "Elizabeth": "Liz", "Katherine": "Kate",
    "Margaret": "Peggy", "Thomas": "Tom", "Christopher": "Chris", "Matthew": "Matt", "Anthony": "Tony", "Steven": "Steve", "Andrew": "Andy",
    "Joshua": "Josh", "Kenneth": "Ken", "Edward": "Ted", "Ronald": "Ron", "Timothy": "Tim", "Jeffrey": "Jeff", "Nicholas": "Nick", "Jonathan": "Jon",
    "Benjamin": "Ben", "Samuel": "Sam", "Gregory": "Greg", "Alexander": "Alex", "Patrick": "Paddy", "Jennifer": "Jenny", "Susan": "Sue",
    "Jessica": "Jess", "Barbara": "Barb", "Patricia": "Pat", "Deborah": "Debbie", "Rebecca": "Becky", "Pamela": "Pam", "Samantha": "Sam",
    "Charles": "Charlie", "Daniel": "Dan", "Joseph": "Joe", "David": "Dave", "Stephanie": "Steph", "Kimberly": "Kim", "José": "Pepe",
    "Francisco": "Paco", "Katharina": "Kathrin", "Elisabeth": "Lisa", "Małgorzata": "Gosia", "Katarzyna": "Kasia",
}  # fmt: skip


class World:
    """The makers of values, all from one random generator."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        from pypinyin import lazy_pinyin

        self.pinyin = lambda text: "".join(lazy_pinyin(text))
        self.addresses: set[str] = set()

    def pick(self, values: object, skew: float = 1.7) -> object:
        """One of the values, the first ones more often."""
        return values[int(len(values) * self.rng.random() ** skew)]  # type: ignore[index,arg-type]

    def digits(self, count: int) -> str:
        return "".join(str(self.rng.randrange(10)) for _number in range(count))


def _letters(text: str) -> str:
    from unicodedata import normalize

    plain = text.replace("ß", "ss").replace("ł", "l").replace("Ł", "L")
    return "".join(c for c in normalize("NFKD", plain).casefold() if c.isascii() and c.isalpha())


def _person(world: World, language: str) -> dict[str, str]:
    rng = world.rng
    if language == "zh":
        family = str(rng.choice(_ZH_COMPOUND)) if rng.random() < 0.02 else str(world.pick(_ZH_FAMILY))
        given = "".join(str(world.pick(_ZH_GIVEN, 1.3)) for _number in range(1 if rng.random() < 0.3 else 2))
        return {"language": language, "family": family, "given": given, "name": family + given}
    if language == "en":
        given, family = str(world.pick(_EN_GIVEN)), str(world.pick(_EN_FAMILY))
        if rng.random() < 0.35:
            family = rng.choice(_BRAND_A + _EN_FAMILY[-12:]) + rng.choice(_BRAND_B)
    else:
        given, family = str(world.pick(_EU[language][0])), str(world.pick(_EU[language][1]))
        if language == "es":
            family += f" {world.pick(_EU[language][1])}"
        if language in ("de", "pl") and rng.random() < 0.25:
            family = _letters(rng.choice(_EU[language][1])).title()[:4] + rng.choice(
                ("inger", "mann", "hofer", "ecki", "owicz", "bauer")
            )
    return {"language": language, "family": family, "given": given, "name": f"{given} {family}"}


def _address(world: World, language: str) -> dict[str, str]:
    rng = world.rng
    if language == "zh":
        city, _latin, code = rng.choice(_ZH_CITIES)
        return {
            "street": f"{world.pick(_ZH_STREETS)}{rng.randrange(1, 900)}号",
            "postcode": code + world.digits(6 - len(code)),
            "city": city,
            "country": "China",
        }
    if language == "en":
        city, code, country = rng.choice(_EN_CITIES)
        kind = rng.choice(_EN_KINDS)[0]
        postcode = (
            f"{code} {rng.randrange(1, 10)}{rng.choice('ABDEFGHJ')}{rng.choice('LNPQRSTU')}"
            if country == "UK"
            else code + world.digits(2)
        )
        return {
            "street": f"{rng.randrange(1, 400)} {rng.choice(_EN_STREETS)} {kind}",
            "postcode": postcode,
            "city": city,
            "country": country,
        }
    _given, _family, streets, cities, _code, country = _EU[language]
    city, code = rng.choice(cities)
    number = rng.randrange(1, 150)
    street = f"{number} {rng.choice(streets)}" if language == "fr" else f"{rng.choice(streets)} {number}"
    return {"street": street, "postcode": code + world.digits(3), "city": city, "country": country}


def _phone(world: World, language: str, mobile: bool) -> str:
    rng = world.rng
    if language == "zh":
        return (
            f"+861{rng.choice(('38', '39', '50', '58', '86', '77'))}{world.digits(8)}"
            if mobile
            else f"+8621{rng.choice('56')}{world.digits(7)}"
        )
    if language == "en":
        return f"+1{rng.choice(('312', '617', '512', '303', '206'))}{rng.randrange(2, 10)}{world.digits(6)}"
    code = _EU[language][4]
    return f"{code}{'6' if mobile else '3'}{world.digits(8)}"


def _shown_phone(world: World, phone: str) -> str:
    """The number as one of several people would write it."""
    rng = world.rng
    form = rng.random()
    if form < 0.4:
        return phone
    country = next(code for code in ("+86", "+49", "+33", "+34", "+48", "+1") if phone.startswith(code))
    rest = phone[len(country) :]
    if form < 0.6:
        return f"{country} {rest[:3]} {rest[3:6]} {rest[6:]}"
    if form < 0.8:
        return f"00{country[1:]}-{rest[:3]}-{rest[3:]}"
    return f"({country}) {rest[:4]} {rest[4:]}"


def _email_local(world: World, person: dict[str, str]) -> str:
    rng = world.rng
    if person["language"] == "zh":
        family, given = world.pinyin(person["family"]), world.pinyin(person["given"])
    else:
        family, given = _letters(person["family"].split()[0]), _letters(person["given"])
    return rng.choice(
        (
            f"{given}.{family}",
            f"{given[0]}{family}",
            f"{given}{family}",
            f"{family}.{given}",
            f"{given}{rng.randrange(100)}",
        )
    )


def _company(world: World, language: str) -> dict[str, str]:
    rng = world.rng
    if language == "zh":
        brand = "".join(rng.choice(_ZH_BRANDS) for _number in range(2 if rng.random() < 0.8 else 3))
        trade, english = rng.choice(_ZH_TRADES)
        city, latin, _code = rng.choice(_ZH_CITIES)
        name = f"{city}{rng.choice(('市', ''))}{brand}{trade}{rng.choice(('有限公司', '有限公司', '股份有限公司'))}"
        domain = f"{world.pinyin(brand)}{rng.choice(('', '', 'tech', '-cn', str(rng.randrange(100))))}.{rng.choice(('com', 'cn', 'com.cn'))}"
        return {"language": language, "brand": brand, "trade": trade, "city": city, "name": name, "domain": domain,
                "english": f"{latin} {world.pinyin(brand).title()} {english} Co., Ltd."}  # fmt: skip
    if language == "en" or rng.random() < 0.4:
        brand = rng.choice(_BRAND_A) + rng.choice(_BRAND_B)
        if rng.random() < 0.5:
            brand += " " + rng.choice(_BRAND_A)
    else:
        brand = rng.choice(_EU[language][1]) + rng.choice(("", " & Söhne", "werk", " Group"))
    trade = rng.choice(_EN_TRADES)
    name = (
        f"{brand} {trade} {rng.choice(_LEGAL[language])}"
        if rng.random() < 0.7
        else f"{brand} {rng.choice(_LEGAL[language])}"
    )
    domain = f"{_letters(brand)}{rng.choice(('', '', '-group', str(rng.randrange(100))))}.{rng.choice(('com', 'net', 'eu', 'co.uk'))}"
    return {"language": language, "brand": brand, "trade": trade, "name": name, "domain": domain, "english": ""}


def make_rows(count: int, seed: int = 1) -> list[Row]:
    """``count`` rows, shuffled."""
    world = World(Random(seed))
    rng = world.rng
    rows: list[Row] = []
    numbers = iter(range(1, 10 * count))
    while len(rows) < count:
        language = rng.choices(("en", "de", "fr", "es", "pl", "zh"), (30, 10, 8, 7, 5, 40))[0]
        shape = rng.random()
        if shape < 0.30:
            _household(world, language, rows, numbers)
        elif shape < 0.62:
            _office(world, language, rows, numbers)
        elif shape < 0.70:
            _namesakes(world, language, rows, numbers)
        elif shape < 0.80:
            _firms(world, language, rows, numbers)
        else:
            _add_person(world, _person(world, language), _address(world, language), rows, next(numbers), {})
    rng.shuffle(rows)
    return rows[:count]


def _household(world: World, language: str, rows: list[Row], numbers: Iterator[int]) -> None:
    rng = world.rng
    address, landline = _address(world, language), _phone(world, language, mobile=False)
    head = _person(world, language)
    home = f"h{next(numbers)}"
    used: set[str] = set()
    for position in range(rng.choice((1, 2, 2, 2, 3, 4))):
        member = dict(_person(world, language))
        if language != "zh" or position > 1 or position == 0:
            member["family"] = head["family"]
        member["name"] = (
            member["family"] + member["given"] if language == "zh" else f"{member['given']} {member['family']}"
        )
        if member["given"] in used:
            continue
        used.add(member["given"])
        phone = landline if rng.random() < 0.5 else _phone(world, language, mobile=True)
        _add_person(world, member, address, rows, next(numbers), {"home": home}, phone=phone)
        if position == 0 and language != "zh" and rng.random() < 0.03:
            son = {**member, "name": f"{member['name']} Jr."}
            _add_person(
                world, son, address, rows, next(numbers), {"home": home}, phone=_phone(world, language, mobile=True)
            )


def _office(world: World, language: str, rows: list[Row], numbers: Iterator[int]) -> None:
    rng = world.rng
    firm, address, switchboard = (
        _company(world, language),
        _address(world, language),
        _phone(world, language, mobile=False),
    )
    if language == "zh":
        address["city"] = firm["city"]
    office = f"o{next(numbers)}"
    shared = rng.random()
    for _number in range(rng.choice((1, 2, 3, 4, 5, 8))):
        person = _person(world, language)
        entity = next(numbers)
        person_mail = f"{_email_local(world, person)}@{firm['domain']}"
        email = (
            f"{rng.choice(('info', 'sales'))}@{firm['domain']}" if rng.random() < 0.25 * (shared < 0.6) else person_mail
        )
        phone = switchboard if rng.random() < 0.6 else _phone(world, language, mobile=True)
        _add_person(world, person, address, rows, entity, {"office": office}, phone=phone, email=email, firm=firm)


def _namesakes(world: World, language: str, rows: list[Row], numbers: Iterator[int]) -> None:
    rng = world.rng
    person = min((_person(world, language) for _try in range(4)), key=lambda one: _commonness(one))
    group = f"n{next(numbers)}"
    first = _address(world, language)
    for position in range(2):
        address = _address(world, language)
        if position and rng.random() < 0.3:
            address |= {"city": first["city"]}
        firm = _company(world, language) if rng.random() < 0.3 else None
        _add_person(world, person, address if position else first, rows, next(numbers), {"namesake": group}, firm=firm)


def _commonness(person: dict[str, str]) -> int:
    """A small number for a common name."""
    families = (
        _ZH_FAMILY
        if person["language"] == "zh"
        else _EN_FAMILY
        if person["language"] == "en"
        else _EU[person["language"]][1]
    )
    return families.index(person["family"]) if person["family"] in families else 999


def _firms(world: World, language: str, rows: list[Row], numbers: Iterator[int]) -> None:
    rng = world.rng
    firm = _company(world, language)
    sisters = 1 if rng.random() < 0.6 else 2
    group = f"f{next(numbers)}"
    for position in range(sisters):
        address = _address(world, language)
        member = dict(firm)
        if position:
            if language == "zh":
                old = member["city"]
                city, latin, _code = rng.choice([entry for entry in _ZH_CITIES if entry[0] != old])
                member |= {
                    "city": city,
                    "name": member["name"].replace(old, city),
                    "english": f"{latin} {member['english'].split(' ', 1)[1]}",
                }
                if rng.random() < 0.3:
                    member["name"] = f"{firm['name']}{city}分公司"
                    member["english"] = ""
            else:
                member["name"] = (
                    f"{member['name']} ({address['city']})"
                    if rng.random() < 0.5
                    else f"{member['brand']} {rng.choice(_EN_TRADES)} {rng.choice(_LEGAL[language])}"
                )
                if rng.random() < 0.5:
                    member["domain"] = f"{_letters(member['brand'])}-{_letters(address['city'])}.com"
        if language == "zh":
            address["city"] = member["city"]
        _add_firm(world, member, address, rows, next(numbers), {"firm_group": group})


def _copies(world: World) -> int:
    shape = world.rng.random()
    return 1 if shape < 0.8 else 2 if shape < 0.96 else 3 if shape < 0.99 else 4


def _add_person(world: World, person: dict[str, str], address: dict[str, str], rows: list[Row], entity: int, traps: dict[str, str], *,
                phone: str = "", email: str = "", firm: dict[str, str] | None = None) -> None:  # fmt: skip
    rng = world.rng
    language = person["language"]
    providers = _ZH_PROVIDERS if language == "zh" else _PROVIDERS
    phone = phone or (_phone(world, language, mobile=True) if rng.random() < 0.85 else "")
    if not email and rng.random() < 0.8:
        email = f"{_email_local(world, person)}{rng.choice(('', str(rng.randrange(1000))))}@{rng.choice(providers)}"
    while email and email in world.addresses and email.split("@")[0] not in ("info", "sales"):
        email = email.replace("@", f"{rng.randrange(10)}@")
    world.addresses.add(email)
    base = {
        "name": person["name"],
        "title": "",
        "company": firm["name"] if firm else "",
        "email": email,
        "phone": phone,
        **address,
    }
    for key in ("street", "postcode", "city", "country"):
        if rng.random() < 0.08:
            base[key] = ""
    if rng.random() < 0.1 and language != "zh":
        base["title"] = rng.choice(("Mr", "Ms", "Dr"))
    rows.append(Row(_finished(world, base), entity, traps, ()))
    for _copy in range(_copies(world) - 1):
        values, flaws = _flawed(world, dict(base), person, address, firm)
        rows.append(Row(_finished(world, values), entity, traps, flaws))


def _finished(world: World, values: dict[str, str]) -> dict[str, str]:
    if values["phone"].startswith("+"):
        values = {**values, "phone": _shown_phone(world, values["phone"])}
    return {key: values.get(key, "") for key in FIELDS}


def _typo(world: World, text: str) -> str:
    rng = world.rng
    if len(text) < 4:
        return text
    at = rng.randrange(1, len(text) - 1)
    shape = rng.random()
    if shape < 0.3:
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    if shape < 0.6:
        return text[:at] + text[at + 1 :]
    if shape < 0.8:
        return text[:at] + text[at] + text[at:]
    return text[:at] + rng.choice("aeioutrns") + text[at + 1 :]


def _flawed(
    world: World, values: dict[str, str], person: dict[str, str], address: dict[str, str], firm: dict[str, str] | None
) -> tuple[dict[str, str], tuple[str, ...]]:
    rng = world.rng
    language = person["language"]
    flaws: list[str] = []
    if rng.random() < 0.65:
        flaws.append(_name_flaw(world, values, person))
    for flaw, share in (("changed phone", 0.18), ("old email", 0.2), ("moved", 0.12), ("no phone", 0.12), ("no email", 0.15), ("no address", 0.15), ("company form", 0.4), ("typo in street", 0.12), ("job changed", 0.04)):  # fmt: skip
        if rng.random() >= share:
            continue
        flaws.append(flaw)
        if flaw == "changed phone" and values["phone"]:
            values["phone"] = _phone(world, language, mobile=True)
        elif flaw == "old email" and values["email"]:
            values["email"] = (
                f"{_email_local(world, person)}@{rng.choice(_ZH_PROVIDERS if language == 'zh' else _PROVIDERS)}"
            )
        elif flaw == "moved" and firm is None:
            values |= _address(world, language)
        elif flaw == "no phone":
            values["phone"] = ""
        elif flaw == "no email":
            values["email"] = ""
        elif flaw == "no address":
            values |= {"street": "", "postcode": ""}
        elif flaw == "company form" and firm is not None:
            values["company"] = _other_company(world, firm)
        elif flaw == "typo in street":
            values["street"] = _typo(world, values["street"]) if language != "zh" else values["street"]
        elif flaw == "job changed" and firm is not None:
            values["company"] = _company(world, language)["name"]
    if language == "zh" and rng.random() < 0.25:
        latin = next((entry[1] for entry in _ZH_CITIES if entry[0] == values["city"]), "")
        values["city"] = latin or values["city"]
    if rng.random() < 0.3:
        for long, short in _EN_KINDS:
            values["street"] = values["street"].replace(long, short)
        values["street"] = values["street"].replace("straße", "str.")
    if not (values["phone"] or values["email"] or values["street"] or values["company"]):
        values["phone"] = "" if rng.random() < 0.3 else world.digits(0) or values["phone"]
    return values, tuple(flaws)


def _name_flaw(world: World, values: dict[str, str], person: dict[str, str]) -> str:
    rng = world.rng
    family, given = person["family"], person["given"]
    if person["language"] == "zh":
        shape = rng.choice(("pinyin", "pinyin", "traditional", "alias", "title", "homophone"))
        latin = world.pinyin(family).title(), world.pinyin(given).title()
        if shape == "pinyin":
            values["name"] = rng.choice(
                (
                    f"{latin[0]} {latin[1]}",
                    f"{latin[1]} {latin[0]}",
                    f"{latin[0].upper()} {latin[1]}",
                    f"{latin[0]}, {latin[1]}",
                )
            )
        elif shape == "traditional":
            import opencc

            values["name"] = opencc.OpenCC("s2t").convert(values["name"])
        elif shape == "alias":
            alias = rng.choice(_ALIASES)
            values["name"] = rng.choice(
                (
                    f"{alias} {latin[0]}",
                    f"{alias} {latin[0]}",
                    f"{alias} {person['name']}",
                    f"{person['name']} ({alias})",
                )
            )
        elif shape == "title":
            values["name"] = (
                f"{family}{rng.choice(('总', '先生', '女士', '经理'))}"
                if rng.random() < 0.3
                else person["name"] + rng.choice(("先生", "女士"))
            )
        else:
            values["name"] = family + "".join(
                {"晓": "小", "静": "靖", "伟": "玮", "明": "铭", "芳": "方", "浩": "皓", "文": "雯"}.get(c, c)
                for c in given
            )
        return shape
    shape = rng.choice(("typo", "typo", "nickname", "initial", "swapped", "accents", "middle", "case"))
    if shape == "typo":
        values["name"] = f"{given} {_typo(world, family)}" if rng.random() < 0.6 else f"{_typo(world, given)} {family}"
    elif shape == "nickname":
        values["name"] = f"{_NICK.get(given, given)} {family}"
    elif shape == "initial":
        values["name"] = f"{given[0]}. {family}"
    elif shape == "swapped":
        values["name"] = rng.choice((f"{family}, {given}", f"{family} {given}"))
    elif shape == "accents":
        values["name"] = (
            values["name"].replace("ü", "ue").replace("ö", "oe").replace("ä", "ae")
            if rng.random() < 0.5
            else _plain(values["name"])
        )
    elif shape == "middle":
        values["name"] = f"{given} {rng.choice('ABCDEFJKLMR')}. {family}"
    else:
        values["name"] = values["name"].upper()
    return shape


def _plain(text: str) -> str:
    from unicodedata import normalize

    return "".join(c for c in normalize("NFKD", text.replace("ł", "l").replace("ß", "ss")) if c.isascii())


def _other_company(world: World, firm: dict[str, str]) -> str:
    rng = world.rng
    name = firm["name"]
    if firm["language"] == "zh":
        shape = rng.random()
        if shape < 0.3:
            return firm["english"] or name
        if shape < 0.6:
            return firm["brand"] + firm["trade"]
        if shape < 0.8:
            return name.replace("有限公司", "").replace("股份", "")
        return f"{firm['brand']}{firm['trade']}（{firm['city']}）有限公司"
    for form, other in (
        ("Limited", "Ltd"),
        ("Ltd", "Limited"),
        ("Inc.", "Incorporated"),
        ("GmbH & Co. KG", "GmbH"),
        ("S.L.", "SL"),
        ("Sp. z o.o.", ""),
    ):
        if name.endswith(form):
            return (name.removesuffix(form) + other).strip()
    return name.upper() if rng.random() < 0.5 else _typo(world, name)


def _add_firm(
    world: World, firm: dict[str, str], address: dict[str, str], rows: list[Row], entity: int, traps: dict[str, str]
) -> None:
    rng = world.rng
    phone = _phone(world, firm["language"], mobile=False) if rng.random() < 0.85 else ""
    email = f"{rng.choice(('info', 'office', 'sales'))}@{firm['domain']}" if rng.random() < 0.8 else ""
    base = {"name": firm["name"], "title": "", "company": firm["name"], "email": email, "phone": phone, **address}
    base["name"] = ""
    rows.append(Row(_finished(world, base), entity, traps, ()))
    for _copy in range(_copies(world) - 1):
        values = dict(base)
        values["company"] = _other_company(world, firm)
        flaws = ["company"]
        if rng.random() < 0.25:
            values["phone"] = ""
        elif rng.random() < 0.2:
            values["phone"] = _phone(world, firm["language"], mobile=False)
        if rng.random() < 0.25:
            values["email"] = ""
        if rng.random() < 0.15:
            values |= {"street": "", "postcode": ""}
        elif rng.random() < 0.08:
            fresh = _address(world, firm["language"])
            values |= {"street": fresh["street"], "postcode": fresh["postcode"]}
        rows.append(Row(_finished(world, values), entity, traps, tuple(flaws)))


def main() -> None:
    """Write the two files."""
    count, seed, target, truth = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4]
    rows = make_rows(count, seed)
    with (
        open(target, "w", encoding="utf-8", newline="") as out,
        open(truth, "w", encoding="utf-8", newline="") as answers,
    ):
        writer, answer = csv.writer(out), csv.writer(answers)
        writer.writerow(("id", *FIELDS))
        answer.writerow(("id", "entity", *TRAPS, "flaws"))
        for number, row in enumerate(rows, 1):
            writer.writerow((number, *row.values.values()))
            answer.writerow((number, row.entity, *(row.traps.get(trap, "") for trap in TRAPS), ";".join(row.flaws)))


if __name__ == "__main__":
    main()
