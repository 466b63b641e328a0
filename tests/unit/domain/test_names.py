"""Names in parts, company or person, and the order of a list."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmtui.domain.names import NameParts, looks_like_company, sort_key, split_name

ANY_TEXT = st.text(alphabet=st.characters(categories=None))
NAME_LIKE = st.lists(
    st.sampled_from(["张", "欧阳", "总", "先生", "·", " ", "van", "Smith", ",", "Dr.", "Jr.", "(x)", "山田", "J"]),
    max_size=6,
).map("".join)


@pytest.mark.parametrize(
    ("full", "parts"),
    [
        ("欧阳修远", ("欧阳", "修远", "", "")),
        ("歐陽修", ("歐陽", "修", "", "")),
        ("诸葛亮", ("诸葛", "亮", "", "")),
        ("王欧阳", ("王", "欧阳", "", "")),
        ("欧阳", ("欧", "阳", "", "")),
        ("欧阳先生", ("欧阳", "", "先生", "")),
        ("欧阳总", ("欧阳", "", "总", "")),
        ("李总", ("李", "", "总", "")),
        ("王工", ("王", "", "工", "")),
        ("老王", ("王", "", "老", "")),
        ("小张", ("张", "", "小", "")),
        ("小明", ("小", "明", "", "")),
        ("阿强", ("", "阿强", "", "")),
        ("张总明", ("张", "总明", "", "")),
        ("张三 女士", ("张", "三", "女士", "")),
        ("陈副总经理", ("陈", "", "副总经理", "")),
        ("张　三", ("张", "三", "", "")),
        ("王小 明", ("王", "小明", "", "")),
        ("山田 太郎", ("山田", "太郎", "", "")),
        ("约翰·史密斯", ("史密斯", "约翰", "", "")),
        ("让•雅克・卢梭先生", ("卢梭", "让·雅克", "先生", "")),
        ("张三（采购部）", ("张", "三", "", "采购部")),
        ("马云 Jack", ("马", "云", "", "Jack")),
        ("David 王", ("王", "David", "", "")),
        ("김철수", ("김", "철수", "", "")),
        ("爱新觉罗溥仪", ("爱新觉罗", "溥仪", "", "")),
        ("阿卜杜热西提", ("", "阿卜杜热西提", "", "")),
        ("Smith, John", ("Smith", "John", "", "")),
        ("John Smith", ("Smith", "John", "", "")),
        ("Ludwig van Beethoven", ("van Beethoven", "Ludwig", "", "")),
        ("van Gogh", ("van Gogh", "", "", "")),
        ("Maria de la Cruz", ("de la Cruz", "Maria", "", "")),
        ("José Ortega y Gasset", ("Ortega y Gasset", "José", "", "")),
        ("Dr. Martin Luther King, Jr.", ("King", "Martin Luther", "Dr. Jr.", "")),
        ("Smith, John, Jr.", ("Smith", "John", "Jr.", "")),
        ("Dr. Smith", ("Smith", "", "Dr.", "")),
        ("DUPONT Jean", ("DUPONT", "Jean", "", "")),
        ("Prof. Dr. Anna-Lena Müller (Berlin)", ("Müller", "Anna-Lena", "Prof. Dr.", "Berlin")),
        ("Cher", ("", "Cher", "", "")),
        ("", ("", "", "", "")),
    ],
)
def test_split_name(full: str, parts: tuple[str, str, str, str]) -> None:
    assert split_name(full) == NameParts(*parts)


@given(st.one_of(ANY_TEXT, NAME_LIKE))
def test_nothing_fails(name: str) -> None:
    parts = split_name(name)
    assert all(isinstance(part, str) for part in parts)
    looks_like_company(name)
    for person in (True, False):
        sort_key(name, parts.family, parts.given, person=person)


@given(NAME_LIKE)
def test_no_letter_of_a_name_is_lost(name: str) -> None:
    def letters(text: str) -> list[str]:
        return sorted(filter(str.isalnum, text))

    assert letters("".join(split_name(name))) == letters(name)


@pytest.mark.parametrize(
    "name",
    [
        "北京华信科技有限公司",
        "華信集團",
        "招商银行上海分行",
        "老街面馆店",
        "张三事务所",
        "株式会社トヨタ",
        "（株）山田",
        "Acme Inc.",
        "Acme Corp",
        "Müller GmbH & Co. KG",
        "Siemens AG",
        "Volvo AB",
        "Société Générale S.A.",
        "Smith & Sons",
        "Tesco PLC",
        "Universität Wien Stiftung",
        "向阳小学(东校区)",
    ],
)
def test_companies(name: str) -> None:
    assert looks_like_company(name)


@pytest.mark.parametrize(
    "name", ["张三", "欧阳修远", "约翰·史密斯", "John Smith", "Anna Sa", "Kim Se", "Cher", "", "李店"]
)
def test_persons(name: str) -> None:
    assert not looks_like_company(name)


def test_order_of_a_list() -> None:
    def key(name: str) -> str:
        parts = split_name(name)
        return sort_key(name, parts.family, parts.given, person=True)

    assert key("张伟") == "zhang wei  张伟"
    ordered = [
        "阿明",
        "Ludwig van Beethoven",
        "Anna Bauer",
        "欧阳修",
        "区明",
        "单明",
        "Zoë Smith",
        "曾三",
        "张伟爱",
        "张伟",
        "張玮",
    ]
    expected = [
        "阿明",
        "Anna Bauer",
        "区明",
        "欧阳修",
        "单明",
        "Zoë Smith",
        "Ludwig van Beethoven",
        "曾三",
        "张伟",
        "張玮",
        "张伟爱",
    ]
    assert sorted(ordered, key=key) == expected
    assert sort_key("单明公司", "", "", person=False) == "dan ming gong si  单明公司"
    assert sort_key("Émile & Co", "", "", person=False) == "emile & co"
    assert sort_key("A Van B", "Van", "B", person=True) < sort_key("A Van Beethoven", "Van Beethoven", "A", person=True)
