"""Make the customer file that the import is measured with: 20 columns, as many rows as wanted, always the same ones.

    make_csv.py 1000000 customers.csv

Two in five rows are Chinese, two English-speaking, one from elsewhere in Europe. Surnames are as common as in life, so
a search finds tens of thousands. Row k depends on the seed and k alone: the smaller file is the beginning of the larger.
"""

import argparse
import csv
from itertools import accumulate
from random import Random


def _words(text: str) -> list[str]:
    return text.split()


def _parts(text: str) -> list[str]:
    return text.split("|")


COLUMNS = _words(
    "id name given family company title emails phones street city region postcode country tags stage source owner created"
    " last_contact note"
)
CHUNK = 10_000

_Weighted = tuple[list[str], list[int]]


def _weighted(text: str) -> _Weighted:
    words, weights = zip(*(pair.rsplit(":", 1) for pair in text.split()), strict=True)
    return list(words), list(accumulate(map(int, weights)))


_CHINESE_FAMILIES = _weighted(
    "王/wang:72 李/li:72 张/zhang:68 刘/liu:54 陈/chen:45 杨/yang:31 黄/huang:22 赵/zhao:23 吴/wu:20 周/zhou:20 徐/xu:17"
    " 孙/sun:15 马/ma:13 朱/zhu:13 胡/hu:13 郭/guo:11 何/he:11 林/lin:11 高/gao:10 罗/luo:10 郑/zheng:9 梁/liang:8 谢/xie:8"
    " 宋/song:7 唐/tang:7 许/xu:7 韩/han:6 邓/deng:6 曾/zeng:5 欧阳/ouyang:1 司马/sima:1"
)
_CHINESE_GIVEN = _words(
    "伟/wei 芳/fang 娜/na 秀/xiu 英/ying 敏/min 静/jing 丽/li 强/qiang 磊/lei 军/jun 洋/yang 勇/yong 艳/yan 杰/jie 娟/juan"
    " 涛/tao 明/ming 超/chao 霞/xia 平/ping 刚/gang 桂/gui 华/hua 建/jian 国/guo 文/wen 辉/hui 玲/ling 红/hong 玉/yu 兰/lan"
    " 海/hai 燕/yan 晓/xiao 宇/yu 浩/hao 子/zi 轩/xuan 雨/yu 欣/xin 怡/yi 佳/jia 俊/jun 婷/ting 雪/xue 博/bo 思/si 嘉/jia"
)
_CHINESE_PLACES = _words(
    "北京市,海淀区,1000 北京市,朝阳区,1000 上海市,浦东新区,2001 广东省,广州市,5106 广东省,深圳市,5180 浙江省,杭州市,3100"
    " 江苏省,南京市,2100 江苏省,苏州市,2150 四川省,成都市,6100 湖北省,武汉市,4300 陕西省,西安市,7100 山东省,青岛市,2660"
)
_CHINESE_STREETS = _words("中山路 人民路 解放路 建设路 和平路 长江路 文化路 科技路 学院路 南京路")
_CHINESE_FIRMS = _words("华讯 中源 金达 天诚 新宇 海泽 东和 瑞康 宏图 盛德 恒安 信维 联创 云航 星力 智邦 博润 远洋")
_CHINESE_TRADES = _words("科技有限公司 贸易有限公司 实业集团 电子商务有限公司 机械制造有限公司 国际物流有限公司")
_CHINESE_TITLES = _words("总经理 销售经理 采购经理 技术总监 财务主管 工程师 市场总监 助理")
_CHINESE_NOTES = _parts(
    "对价格比较敏感，需要折扣。|约下周见面|希望收到新产品样品|已发送报价单，等待回复|合同年底到期，注意续签"
)

_FAMILIES = _weighted(
    "Smith:15 Johnson:12 Williams:10 Brown:10 Jones:9 Taylor:8 Davies:7 Wilson:7 Evans:6 Thomas:6 Miller:6 Anderson:5"
    " Moore:5 Martin:5 Jackson:5 White:5 Harris:5 Clark:4 Lewis:4 Walker:4 Young:4 King:4 Wright:4 Scott:4 Green:4 Baker:4"
    " Adams:3 Nelson:3 Hill:3 Campbell:3 Roberts:3 Carter:3 Turner:3 Murphy:3 Cook:2 Morgan:2 Bell:2 Kelly:2 O'Brien:2"
)
_GIVEN = _words(
    "James Mary John Patricia Robert Jennifer Michael Linda William Elizabeth David Barbara Richard Susan Joseph Sarah"
    " Charles Karen Daniel Lisa Matthew Anthony Margaret Mark Sandra Ashley Steven Emily Andrew Michelle Kevin Amanda Brian"
    " George Laura Jeffrey Amy Gary Nicholas Anna Ruth Stephen Nicole Katherine Benjamin Emma Oliver Amelia Noah Grace"
)
_EUROPEAN_FAMILIES = _words(
    "Müller Schmidt Schneider Fischer Weber Schäfer Groß Jäger Dubois Lefèvre Moreau Guérin García Fernández Núñez Ibáñez"
    " Rossi Ferrari Colombo Nowak Wiśniewski Łukasik Andersson Öberg Sjöström Visser Bakker"
)
_EUROPEAN_GIVEN = _words(
    "Lukas Jürgen Käthe Björn Hélène Zoé Benoît Françoise Begoña Íñigo Lucía Álvaro Giulia Niccolò Łukasz Małgorzata Åsa"
    " Göran Märta Thijs Renée Daan"
)
_FIRMS = _words(
    "Northwind Apex Summit Pioneer Vertex Global Silver Falcon Harbor Granite Nova Orion Atlas Quantum Cascade"
)
_TRADES = _words("Analytics Energy Foods Industries Labs Logistics Marine Media Motors Optics Partners Pharma Systems")
_ENGLISH_PLACES = _parts(
    "London,Greater London,United Kingdom,+44|Manchester,England,United Kingdom,+44|New York,NY,United States,+1|"
    "Chicago,IL,United States,+1|Austin,TX,United States,+1|Toronto,ON,Canada,+1|Sydney,NSW,Australia,+61"
)
_EUROPEAN_PLACES = _parts(
    "Berlin,Berlin,Germany,+49|München,Bayern,Germany,+49|Lyon,Auvergne-Rhône-Alpes,France,+33|Nîmes,Occitanie,France,+33|"
    "Málaga,Andalucía,Spain,+34|Milano,Lombardia,Italy,+39|Łódź,Łódzkie,Poland,+48|Malmö,Skåne,Sweden,+46"
)
_STREETS = _words("High Church Main Park Mill Victoria Station Green Oak Maple")
_TITLES = _parts("CEO|Account Executive|Finance Director|Sales Manager|Buyer|Engineer|Head of IT|Assistant")
_NOTES = _parts("Budget approved for next quarter|Referred by an existing customer|Wants a discount|Prefers e-mail")
_TAGS = _words("vip newsletter wholesale partner beta lead-2025 fair-2024 returning")
_STAGES = _words("lead contacted qualified proposal customer lost")
_SOURCES = _words("web referral fair partner wechat call")
_HOSTS = _words("example.com example.org mail.example company.example")


def _pick(random: Random, choice: _Weighted) -> str:
    words, weights = choice
    return random.choices(words, cum_weights=weights)[0]


def _chinese(random: Random) -> list[str]:
    family, sound = _pick(random, _CHINESE_FAMILIES).split("/")
    given = ""
    for part in random.choices(_CHINESE_GIVEN, k=1 if random.random() < 0.2 else 2):
        sign, spelt = part.split("/")
        given += sign
        sound += spelt
    region, city, code = random.choice(_CHINESE_PLACES).split(",")
    phone = f"1{random.choice('35789')}{random.randrange(10**9):09d}"
    return [
        family + given,
        given,
        family,
        region[:2] + random.choice(_CHINESE_FIRMS) + random.choice(_CHINESE_TRADES) if random.random() < 0.8 else "",
        random.choice(_CHINESE_TITLES),
        f"{sound}{random.randrange(10000)}@{random.choice(_HOSTS)}",
        random.choice((phone, f"+86 {phone[:3]} {phone[3:7]} {phone[7:]}", f"{phone[:3]}-{phone[3:7]}-{phone[7:]}")),
        f"{random.choice(_CHINESE_STREETS)}{random.randrange(1, 300)}号{random.randrange(1, 30)}栋",
        city,
        region,
        f"{code}{random.randrange(100):02d}",
        "China",
        random.choice(_CHINESE_NOTES) if random.random() < 0.4 else "",
    ]


def _western(random: Random, *, european: bool) -> list[str]:
    family = random.choice(_EUROPEAN_FAMILIES) if european else _pick(random, _FAMILIES)
    given = random.choice(_EUROPEAN_GIVEN if european else _GIVEN)
    city, region, country, code = random.choice(_EUROPEAN_PLACES if european else _ENGLISH_PLACES).split(",")
    account = "".join(filter(str.isalnum, f"{given}{family}".casefold())).encode("ascii", "ignore").decode()
    emails = f"{account}{random.randrange(1000)}@{random.choice(_HOSTS)}"
    phones = f"{code} {random.randrange(100, 1000)} {random.randrange(1000):03d} {random.randrange(10000):04d}"
    if random.random() < 0.25:
        phones += f";({random.randrange(200, 1000)}) {random.randrange(1000):03d}-{random.randrange(10000):04d}"
    if random.random() < 0.2:
        emails += f";{account[:8]}@{random.choice(_HOSTS)}"
    return [
        f"{given} {family}",
        given,
        family,
        f"{random.choice(_FIRMS)} {random.choice(_TRADES)} {'GmbH' if european else 'Ltd'}"
        if random.random() < 0.8
        else "",
        random.choice(_TITLES),
        emails,
        phones,
        f"{random.randrange(1, 200)} {random.choice(_STREETS)} Street",
        city,
        region,
        f"{random.randrange(10000, 99999)}",
        country,
        random.choice(_NOTES) if random.random() < 0.4 else "",
    ]


def _row(random: Random, number: int) -> list[str]:
    kind = random.random()
    values = _chinese(random) if kind < 0.4 else _western(random, european=kind > 0.8)
    year = random.randrange(2015, 2026)
    day = f"{random.randrange(1, 13):02d}-{random.randrange(1, 29):02d}"
    last = f"{random.randrange(year, 2026)}-{day}" if random.random() < 0.8 else ""
    facts = [
        ";".join(random.sample(_TAGS, random.choice((0, 0, 1, 1, 2)))),
        random.choice(_STAGES),
        random.choice(_SOURCES),
        f"sales{random.randrange(40):02d}",
        f"{year}-{day}",
        last,
    ]
    return [str(number), *values[:-1], *facts, values[-1]]


def make_csv(path: str, rows: int, seed: int = 1) -> None:
    """Write ``rows`` customers and a header line to ``path``, in UTF-8."""
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for start in range(0, rows, CHUNK):
            random = Random(f"{seed}:{start // CHUNK}")
            writer.writerows(_row(random, number) for number in range(start + 1, min(start + CHUNK, rows) + 1))


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("rows", type=int)
    parser.add_argument("file")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    make_csv(options.file, options.rows, options.seed)


if __name__ == "__main__":
    main()
