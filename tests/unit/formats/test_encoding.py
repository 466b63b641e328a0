"""Encodings told from short tables: every class of file, from one row on."""

import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmtui.errors import UsageError
from crmtui.formats.encoding import canonical_encoding, detect_encoding, encoding_candidates, python_codec

HANS_FAMILY = "王李张刘陈杨黄赵周吴徐孙马胡朱郭何罗高林郑梁谢唐许冯宋韩邓彭曹曾田萧潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪"
HANS_GIVEN = (
    "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂文辉玲红建国华志海燕云飞鹏宇浩婷雪梅丹晨欣怡子涵梓轩佳琪思诚博睿"
)
HANT_FAMILY = "陳林黃張李王吳劉蔡楊許鄭謝郭洪曾邱廖賴周徐蘇葉莊呂江何蕭羅高潘簡朱鍾彭游詹胡施沈余盧梁趙顏柯翁魏孫戴"
HANT_GIVEN = "淑美惠雅怡志明俊家豪宗翰冠宇承恩柏翰欣儀佳穎雅婷詩涵宜君建宏文雄國強秀英麗華玉蘭"
RARE = ("㛃", "㐱", "䶮", "𠮷", "𬬻")
JAPANESE = [
    "佐藤太郎",
    "鈴木花子",
    "高橋さくら",
    "田中健一",
    "伊藤美咲",
    "渡辺翔太",
    "山本あかり",
    "中村ひろし",
    "小林直樹",
    "加藤由美子",
]
KOREAN = ["김민준", "이서연", "박지우", "최현수", "정은영", "강지호", "조하은", "윤재성", "장미경", "임정희"]
WESTERN = ["Müller Jörg", "François Lefèvre", "José Muñoz", "Größe Weiß", "Zoë Brontë", "Ángel Núñez", "Søren Kjær"]
CZECH = ["Jiří Dvořák", "Marie Nováková", "Petr Černý", "Lucie Procházková", "Zdeněk Růžička", "Jan Šťastný"]
POLISH = ["Łukasz Wójcik", "Małgorzata Dąbrowska", "Grażyna Piątek", "Jan Śliwa", "Agnieszka Zielińska"]
TURKISH = ["Şule Yıldız", "Ayşe Çelik", "Doğan Şahin", "İbrahim Kılıç", "Gül Işık"]
RUSSIAN = ["Иван Петров", "Мария Соколова", "Алексей Кузнецов", "Ольга Фёдорова", "ДМИТРИЙ ПОПОВ"]

Name = Callable[[random.Random], str]


def hans(luck: random.Random) -> str:
    return luck.choice(HANS_FAMILY) + "".join(luck.choices(HANS_GIVEN, k=luck.choice((1, 2, 2))))


def hans_rare(luck: random.Random) -> str:
    return hans(luck) + (luck.choice(RARE) if luck.random() < 0.3 else "")


def hant(luck: random.Random) -> str:
    return luck.choice(HANT_FAMILY) + "".join(luck.choices(HANT_GIVEN, k=2))


def table(name: Name, rows: int, seed: int, header: str) -> str:
    luck = random.Random(seed)
    lines = [f"{name(luck)},138{luck.randrange(10**8):08d},{luck.randrange(10**6)}@example.com" for _ in range(rows)]
    return "\r\n".join([header, *lines, ""])


ENGLISH, CHINESE, JAPANESE_HEADER = "name,phone,email", "姓名,手机,邮箱", "氏名,電話番号,メール"
CLASSES: list[tuple[str, str, str, Name, dict[int, int]]] = [
    ("gb18030 all", "gb18030", CHINESE, hans, {1: 100, 3: 100, 20: 100, 200: 100}),
    ("gb18030 one column", "gb18030", ENGLISH, hans, {1: 92, 3: 97, 20: 100, 200: 100}),
    ("gb18030 four bytes", "gb18030", CHINESE, hans_rare, {1: 100, 3: 100, 20: 100, 200: 100}),
    ("big5 all", "big5hkscs", "姓名,手機,電郵", hant, {1: 100, 3: 100, 20: 100, 200: 100}),
    ("big5 one column", "big5hkscs", ENGLISH, hant, {1: 90, 3: 97, 20: 100, 200: 100}),
    ("shift-jis", "cp932", JAPANESE_HEADER, lambda luck: luck.choice(JAPANESE), {1: 100, 3: 100, 20: 100, 200: 100}),
    ("euc-kr", "cp949", "이름,전화번호,이메일", lambda luck: luck.choice(KOREAN), {1: 100, 3: 100, 20: 100, 200: 100}),
    ("cp1252", "cp1252", "Name;Telefon", lambda luck: luck.choice(WESTERN), {1: 100, 3: 100, 20: 100, 200: 100}),
    ("cp1250 czech", "cp1250", ENGLISH, lambda luck: luck.choice(CZECH), {1: 75, 3: 95, 20: 100, 200: 100}),
    ("cp1250 polish", "cp1250", ENGLISH, lambda luck: luck.choice(POLISH), {1: 50, 3: 90, 20: 100, 200: 100}),
    ("iso8859-2", "iso8859-2", ENGLISH, lambda luck: luck.choice(POLISH), {1: 50, 3: 90, 20: 100, 200: 100}),
    ("cp1254", "cp1254", ENGLISH, lambda luck: luck.choice(TURKISH), {1: 70, 3: 95, 20: 100, 200: 100}),
    ("cp1251", "cp1251", "имя,телефон,почта", lambda luck: luck.choice(RUSSIAN), {1: 100, 3: 100, 20: 100, 200: 100}),
    ("euc-jp", "euc_jp", JAPANESE_HEADER, lambda luck: luck.choice(JAPANESE), {1: 100, 3: 100, 20: 100, 200: 100}),
    ("utf-8", "utf-8", ENGLISH, hans, {1: 100, 3: 100, 20: 100, 200: 100}),
    ("utf-8 western", "utf-8", ENGLISH, lambda luck: luck.choice(WESTERN), {1: 100, 3: 100, 20: 100}),
    ("utf-8 with mark", "utf-8-sig", ENGLISH, hans, {1: 100, 200: 100}),
    ("utf-16-le", "utf-16-le", ENGLISH, hans, {1: 100, 3: 100, 200: 100}),
    ("utf-16-be", "utf-16-be", CHINESE, hans, {1: 100, 3: 100, 200: 100}),
]


@pytest.mark.parametrize(
    ("encoding", "header", "name", "wanted"), [each[1:] for each in CLASSES], ids=[c[0] for c in CLASSES]
)
def test_short_tables_are_read_right(encoding: str, header: str, name: Name, wanted: dict[int, int]) -> None:
    for rows, percent in wanted.items():
        files = 40 if rows < 200 else 8
        right = 0
        for seed in range(files):
            text = table(name, rows, seed, header)
            data = text.encode(encoding)
            found = detect_encoding(data)[0][0]
            right += data.decode(python_codec(found), "replace").lstrip("\ufeff") == text
        assert 100 * right / files >= percent, f"{rows} rows"


def test_a_mark_names_the_encoding() -> None:
    assert detect_encoding("a,é".encode("utf-16"))[0] == ("utf-16-le", 1.0)
    assert detect_encoding(b"\xfe\xff" + "a".encode("utf-16-be"))[0] == ("utf-16-be", 1.0)
    assert detect_encoding("a".encode("utf-8-sig"))[0] == ("utf-8-sig", 1.0)


def test_a_piece_may_end_inside_a_character() -> None:
    for encoding in ("utf-8", "gb18030"):
        data = table(hans, 50, 1, CHINESE).encode(encoding)
        cut = next(end for end in range(len(data) // 2, len(data)) if data[end - 1] > 127 and data[end] > 127)
        assert detect_encoding(data[:cut], complete=False)[0][0] == encoding


def test_the_region_settles_a_close_call() -> None:
    data = "name\n김민준\n".encode("cp949")
    assert detect_encoding(data, region="KR")[0][0] in ("cp949", "gb18030")
    assert {encoding for encoding, _ in detect_encoding(data)} >= {"gb18030", "cp949"}


def test_mostly_utf8_stays_utf8() -> None:
    data = table(hans, 200, 3, ENGLISH).encode() + "李四,1,x\r\n".encode("gb18030")
    encoding, confidence = detect_encoding(data)[0]
    assert encoding == "utf-8"
    assert confidence < 0.75


def test_each_candidate_shows_the_same_telling_rows() -> None:
    lines = (
        ["name,city"]
        + [f"Ann{n},Rome" for n in range(50)]
        + ["陳淑芬,台北", "Bob,Oslo", "林志豪,高雄", "王大明,台南", "李四,x"]
    )
    data = "\r\n".join(lines).encode("big5")
    found = encoding_candidates(detect_encoding(data), data, passed=1)
    assert found[0].encoding == "big5"
    assert found[0].preview == ("陳淑芬,台北", "林志豪,高雄", "王大明,台南")
    assert len(found) > 2
    assert {len(each.preview) for each in found} == {3}
    assert len({each.preview for each in found}) == len(found)
    wide = encoding_candidates([("utf-16-le", 0.95)], "name,city\n张伟,上海\nAnn,x\n".encode("utf-16-le"), passed=1)
    assert wide[0].preview == ("张伟,上海",)
    plain = encoding_candidates([("utf-8", 1.0)], b"name\nAnn\nBob\n", passed=1, chosen="cp1252")
    assert [(each.encoding, each.preview) for each in plain] == [("utf-8", ("Ann", "Bob")), ("cp1252", ("Ann", "Bob"))]


def test_encodings_that_read_alike_are_offered_once() -> None:
    data = "name;city\nMüller;Köln\nGroß;Düren\n".encode("cp1252")
    names = [encoding for encoding, _confidence in detect_encoding(data)]
    assert names[0] == "cp1252"
    assert not {"cp1250", "cp1254", "iso8859-2"} & set(names)


def test_names_people_type() -> None:
    names = {
        "GBK": "gb18030",
        "gb2312": "gb18030",
        "UTF8": "utf-8",
        "Big5": "big5",
        "sjis": "cp932",
        "latin-1": "iso8859-1",
    }
    assert {name: canonical_encoding(name) for name in names} == names
    for wrong in ("klingon", "base64", "rot13"):
        with pytest.raises(UsageError, match="no encoding named"):
            canonical_encoding(wrong)


@given(st.binary(max_size=300), st.booleans())
def test_any_bytes_give_an_answer(data: bytes, complete: bool) -> None:
    found = detect_encoding(data, complete=complete)
    assert found
    assert all(0 <= confidence <= 1 for _, confidence in found)
    assert sorted(found, key=lambda each: -each[1])[0][1] >= found[-1][1]
