"""Personal names by country: lists of given and family names, and a seeded choice among them."""

from random import Random
from typing import NamedTuple

from crmtui.domain.pinyin import syllables


class SampleName(NamedTuple):
    """A name in parts, as it is shown, and in the letters of an e-mail address."""

    family: str
    given: str
    shown: str
    family_ascii: str
    given_ascii: str


def words(text: str) -> tuple[str, ...]:
    """The words of a list written as one text."""
    return tuple(text.split())


# The most frequent surnames come first: a choice weighted towards the front looks like a real list.
CN_FAMILY = words(
    "王 李 张 刘 陈 杨 赵 黄 周 吴 徐 孙 胡 朱 高 林 何 郭 马 罗 梁 宋 郑 谢 韩 唐 冯 于 董 萧 程 曹 袁 邓 许 傅 沈 曾 彭 吕"
    " 苏 卢 蒋 蔡 贾 丁 魏 薛 叶 阎 余 潘 杜 戴 夏 钟 汪 田 任 姜 范 方 石 姚 谭 廖 邹 熊 金 陆 郝 孔 白 崔 康 毛 邱 秦 江 史"
    " 顾 侯 邵 孟 龙 万 段 雷 钱 汤 尹 黎 易 常 武 乔 贺 赖 龚 文 单 仇 欧阳 司马 诸葛 上官 尉迟"
)
_CN_GIVEN_TWO = words(
    "建国 志强 秀英 桂英 海燕 晓东 小梅 丽华 志明 文博 子涵 雨桐 浩然 思远 佳怡 梓萱 欣怡 宇航 俊杰 雅婷 晓峰 春燕 国强 立新"
    " 永红 美玲 玉兰 建军 建华 卫东 红梅 淑芬 晨曦 嘉豪 诗涵 若曦 一鸣 天宇 明哲 思琪 梦洁 雪梅 志远 家辉 振华 长江 庆林 海涛"
    " 文静 丽娜 晓燕 新宇 少华 慧敏 玉梅 凤英 金凤 光明 国华 世杰 东升 小龙 亚楠 艳红 丹丹 倩倩 婷婷 佳琪 泽宇 博文 皓轩 一诺"
    " 依诺 梦瑶 语嫣 晓琳 静怡 可欣 沐宸 亦菲 云飞 鹏飞 小军 大伟 学文 向东 爱华 月娥 素珍 德明 宝玉 启明 景行 怀瑾 若兰 书瑶"
    " 修远 乐天 之恒 清扬 润泽 继业 承志 耀文 维嘉 思齐 亚军 小红 晓明 玉珍 志刚 海波 红霞 春梅 玉华 建平 立军 国栋 志伟 桂兰"
)
_CN_GIVEN_ONE = words(
    "伟 芳 娜 敏 静 丽 强 磊 军 洋 勇 艳 杰 涛 明 超 霞 平 刚 英 华 飞 玲 鑫 波 斌 宇 浩 凯 健 俊 帆 雪 琳 晨 倩 颖 洁 慧 莉 婷"
    " 欣 宁 博 旭 阳 峰 鹏 龙 云 燕 梅 兰 红 颜 琪 瑶 悦 萌 珊 蕾 薇"
)

_GIVEN = {
    "us": "James Mary Robert Patricia Michael Jennifer David Linda William Elizabeth Richard Susan Joseph Jessica Thomas"
    " Sarah Charles Karen Daniel Nancy Matthew Lisa Anthony Ashley Mark Emily Steven Kimberly Andrew Donna Joshua"
    " Michelle Kevin Amanda Brian Melissa Carlos Sofia Jamal Aisha Priya Raj Wei Mei Tyler Hannah Derek Olivia",
    "gb": "Oliver Amelia George Isla Harry Ava Jack Mia Jacob Emily Charlie Lily Alfie Grace Oscar Freya William Sophie"
    " Thomas Poppy Henry Alice Edward Charlotte Rupert Imogen Callum Fiona Alistair Moira Gareth Bronwen Rhys Siân"
    " Imran Nadia Arjun Meera Duncan Heather Nigel Gillian Hugh Beatrice Simon Rosemary Toby Harriet",
    "de": "Jonas Anna Lukas Lena Maximilian Sophie Paul Marie Felix Laura Leon Julia Tim Lea Niklas Katharina Jan Sarah"
    " Philipp Johanna Matthias Sabine Thomas Petra Andreas Susanne Stefan Monika Michael Claudia Jürgen Birgit"
    " Wolfgang Ursula Klaus Heike Uwe Gudrun Bernd Renate Florian Antje Sören Käthe Torsten Silke Dirk Anke",
    "at": "Lukas Lena Florian Johanna Alois Theresia Wolfgang Barbara Georg Veronika Stefan Elisabeth Franz Magdalena",
    "ch": "Luca Nina Reto Ursula Beat Claudia Urs Regula Marco Sandra Jürg Monika Andri Flurina Yannick Corinne",
    "fr": "Camille Louis Chloé Gabriel Léa Arthur Manon Jules Inès Hugo Emma Lucas Sarah Raphaël Louise Adam Jade Nathan"
    " Juliette Théo Alice Antoine Claire Nicolas Élodie Julien Aurélie Pierre Hélène François Céline Jean-Paul"
    " Marie-Claire Benoît Sandrine Guillaume Mathilde Olivier Florence Xavier Nathalie",
    "nl": "Daan Emma Sem Julia Lucas Sophie Levi Lotte Finn Anna Bram Eva Thijs Sanne Jeroen Marieke Pieter Femke Joost"
    " Anouk Ruben Inge Willem Saskia",
    "it": "Leonardo Giulia Francesco Sofia Alessandro Aurora Lorenzo Alice Matteo Ginevra Andrea Chiara Marco Francesca"
    " Luca Elena Giovanni Martina Paolo Valentina Davide Silvia Stefano Paola",
    "es": "Lucía Hugo Sofía Martín Paula Daniel María Pablo Julia Alejandro Carmen Javier Ana Carlos Elena Miguel Laura"
    " Antonio Marta José Isabel Raúl Nuria Íñigo",
    "pl": "Jakub Zuzanna Jan Julia Szymon Zofia Filip Hanna Kacper Maja Piotr Agnieszka Tomasz Małgorzata Paweł Ewa"
    " Krzysztof Katarzyna Michał Joanna",
    "se": "Erik Anna Lars Maria Karl Kristina Anders Eva Johan Karin Per Sara Nils Emma Björn Elsa Åke Linnéa Göran Astrid",
    "jp": "太郎 花子 健一 由美子 大輔 美咲 翔太 陽子 拓也 恵子 直樹 真由美 和也 裕子 誠 愛",
}
_FAMILY = {
    "us": "Smith Johnson Williams Brown Jones Garcia Miller Davis Rodriguez Martinez Hernandez Lopez Wilson Anderson"
    " Thomas Taylor Moore Jackson Martin Lee Perez Thompson White Harris Sanchez Clark Ramirez Lewis Robinson Walker"
    " Young Allen King Wright Scott Torres Nguyen Hill Flores Green Adams Nelson Baker Hall Rivera Campbell Mitchell"
    " Carter Roberts O'Brien Patel Kim Chen Kowalski Schneider Becker Larsen McKenzie",
    "gb": "Smith Jones Taylor Brown Williams Wilson Johnson Davies Patel Robinson Wright Thompson Evans Walker White"
    " Roberts Green Hall Wood Jackson Clarke Khan Ali Hughes Edwards Hill Cooper Ward Turner Morris Morgan Bell Murphy"
    " Bailey Cook MacDonald Fraser Campbell Stewart Ashworth Pemberton Whitfield Hargreaves Okafor Singh Llewellyn"
    " Featherstone Blackwood Holloway Penrose",
    "de": "Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Schäfer Koch Bauer Richter Klein"
    " Wolf Schröder Neumann Schwarz Zimmermann Braun Krüger Hofmann Hartmann Lange Schmitt Werner Krause Meier Lehmann"
    " Köhler Herrmann König Walter Kaiser Fuchs Peters Scholz Möller Weiß Jung Hahn Vogel Friedrich Keller Günther"
    " Brandt Roth Winkler Lorenz Baumann Jäger Böhm Groß Petersen Thielemann",
    "at": "Gruber Huber Wagner Pichler Steiner Moser Mayer Hofer Leitner Berger Fuchs Eder Wimmer Brunner Lechner Haas",
    "ch": "Müller Meier Schmid Keller Weber Huber Schneider Meyer Steiner Fischer Gerber Brunner Baumann Frei Zürcher Bieri",
    "fr": "Martin Bernard Thomas Petit Robert Richard Durand Dubois Moreau Laurent Simon Michel Lefèvre Leroy Roux David"
    " Bertrand Morel Fournier Girard Bonnet Dupont Lambert Fontaine Rousseau Vincent Müller Faure André Mercier Blanc"
    " Guérin Boyer Garnier Chevalier François Legrand Gauthier Perrin Robin Clément Lemaire Dumas Brunet Barbier",
    "nl": "de_Jong Jansen de_Vries van_den_Berg Bakker van_Dijk Visser Janssen Smit Meijer de_Boer Mulder de_Groot Bos Vos"
    " Peters Hendriks van_Leeuwen Dekker Brouwer de_Wit Dijkstra Smits van_der_Meer Kuipers Postma",
    "it": "Rossi Russo Ferrari Esposito Bianchi Romano Colombo Ricci Marino Greco Bruno Gallo Conti De_Luca Costa Giordano"
    " Mancini Rizzo Lombardi Moretti Barbieri Fontana Santoro Mariani Rinaldi Caruso",
    "es": "García Fernández González Rodríguez López Martínez Sánchez Pérez Gómez Martín Jiménez Ruiz Hernández Díaz Moreno"
    " Álvarez Muñoz Romero Alonso Gutiérrez Navarro Torres Domínguez Vázquez Ramos Gil Ortega Serrano Blanco Ibáñez",
    "pl": "Nowak Kowalski Wiśniewski Wójcik Kowalczyk Kamiński Lewandowski Zieliński Szymański Woźniak Dąbrowski Kozłowski"
    " Jankowski Mazur Kwiatkowski Krawczyk Grabowski Pawłowski",
    "se": "Andersson Johansson Karlsson Nilsson Eriksson Larsson Olsson Persson Svensson Gustafsson Lindqvist Jönsson"
    " Lindberg Sjöberg Bergström Åkesson Nyström Holmgren",
    "jp": "佐藤 鈴木 高橋 田中 伊藤 渡辺 山本 中村 小林 加藤 吉田 山田 松本 井上 木村 清水",
}
_ROMAJI = dict(
    pair.split("=")
    for pair in words(
        "太郎=taro 花子=hanako 健一=kenichi 由美子=yumiko 大輔=daisuke 美咲=misaki 翔太=shota 陽子=yoko 拓也=takuya 恵子=keiko"
        " 直樹=naoki 真由美=mayumi 和也=kazuya 裕子=yuko 誠=makoto 愛=ai 佐藤=sato 鈴木=suzuki 高橋=takahashi 田中=tanaka"
        " 伊藤=ito 渡辺=watanabe 山本=yamamoto 中村=nakamura 小林=kobayashi 加藤=kato 吉田=yoshida 山田=yamada"
        " 松本=matsumoto 井上=inoue 木村=kimura 清水=shimizu"
    )
)
_LETTERS = str.maketrans(
    {
        **dict(
            zip("äöüåæøłñçéèêëáàâãíìîïóòôõúùûýśźżćńęąšžčřď", "aouaaolnceeeeaaaaiiiioooouuuyszzcneaszcrd", strict=True)
        ),
        "ä": "ae",
        "ö": "oe",
        "ü": "ue",
        "ß": "ss",
        "'": "",
        "’": "",
        " ": "",
        ".": "",
    }
)

GIVEN = {country: tuple(text.split()) for country, text in _GIVEN.items()}
FAMILY = {country: tuple(text.replace("_", " ") for text in names.split()) for country, names in _FAMILY.items()}
CN_GIVEN = _CN_GIVEN_TWO + _CN_GIVEN_ONE
CN_CHARACTERS = tuple(dict.fromkeys("".join(CN_GIVEN)))

# Simplified → traditional, for those of our characters that differ: a colleague in Hong Kong types the same customer.
TRADITIONAL = dict(
    zip(
        "张刘陈杨赵黄吴孙马罗郑谢韩冯萧邓许苏卢蒋贾叶阎钟谭邹陆龙万钱汤贺赖龚单欧诸阳国强华丽军飞伟静杰涛勇艳刚鑫宁颖莉兰红颜"
        "悦珊蕾东晓佳怡梦洁远辉庆丹依诺语润泽继业维齐亚启书爱珍宝云梓静雅卫优电贸机纺织医疗械术设备丰达恒顺兴诚广苏长门厦岛连汉"
        "东装饰车网络动创态实业联胜汇邦锦绣宏图瑞",
        "張劉陳楊趙黃吳孫馬羅鄭謝韓馮蕭鄧許蘇盧蔣賈葉閻鐘譚鄒陸龍萬錢湯賀賴龔單歐諸陽國強華麗軍飛偉靜傑濤勇艷剛鑫寧穎莉蘭紅顏"
        "悅珊蕾東曉佳怡夢潔遠輝慶丹依諾語潤澤繼業維齊亞啟書愛珍寶雲梓靜雅衛優電貿機紡織醫療械術設備豐達恆順興誠廣蘇長門廈島連漢"
        "東裝飾車網絡動創態實業聯勝匯邦錦繡宏圖瑞",
        strict=True,
    )
)


def traditional(text: str) -> str:
    """``text`` in traditional characters, as far as our lists go."""
    return "".join(TRADITIONAL.get(character, character) for character in text)


def letters(text: str) -> str:
    """``text`` in the plain letters of an e-mail address."""
    if text in _ROMAJI:
        return _ROMAJI[text]
    plain = text.lower().translate(_LETTERS)
    return plain if plain.isascii() else "".join(character for character in plain if character.isascii())


def front_heavy(rng: Random, count: int) -> int:
    """A number below ``count``, small ones more often: how often surnames, stages and companies occur."""
    return int(count * rng.random() * rng.random())


def person_name(rng: Random, country: str) -> SampleName:
    """A name of somebody from ``country`` (lower-case ISO 3166)."""
    if country == "cn":
        family = CN_FAMILY[front_heavy(rng, len(CN_FAMILY))]
        given = CN_GIVEN[int(rng.random() * len(CN_GIVEN))]
        return SampleName(family, given, family + given, *chinese_letters(family, given))
    given = GIVEN[country][int(rng.random() * len(GIVEN[country]))]
    family = FAMILY[country][front_heavy(rng, len(FAMILY[country]))]
    if country == "pl" and given.endswith("a") and family.endswith("ski"):
        family = family[:-1] + "a"
    shown = f"{family} {given}" if country == "jp" else f"{given} {family}"
    return SampleName(family, given, shown, letters(family), letters(given))


def chinese_letters(family: str, given: str) -> tuple[str, str]:
    """The pinyin of a Chinese name in its two parts, without tones."""
    spelt = syllables(family + given, person=True)
    return "".join(spelt[: len(family)]), "".join(spelt[len(family) :])
