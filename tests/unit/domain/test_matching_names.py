"""Names of persons and firms as the search for duplicates compares them."""

import pytest

from crmtui.domain.matching import companies
from crmtui.domain.matching.companies import company_level, company_name
from crmtui.domain.matching.persons import (
    ALIAS,
    DIFFERENT,
    FAMILY_DIFFERENT,
    FAMILY_SAME,
    FAMILY_TYPO,
    FAMILY_VARIANT,
    INITIAL,
    READING,
    SAME,
    TYPO,
    VARIANT,
    best_levels,
    person_names,
)


def levels(one: str, other: str) -> tuple[int, int]:
    forth = best_levels(person_names(one, "", ""), person_names(other, "", ""))[:2]
    back = best_levels(person_names(other, "", ""), person_names(one, "", ""))[:2]
    assert forth == back
    return forth


@pytest.mark.parametrize(
    ("one", "other", "given", "family"),
    [
        ("Smith, John", "John Smith", SAME, FAMILY_SAME),
        ("SMITH John", "John Smith", SAME, FAMILY_SAME),
        ("José García", "Jose Garcia", SAME, FAMILY_SAME),
        ("José García López", "Jose Garcia", VARIANT, FAMILY_VARIANT),
        ("Jürgen Müller", "Juergen Mueller", SAME, FAMILY_SAME),
        ("William Turner", "Bill Turner", VARIANT, FAMILY_SAME),
        ("Małgorzata Nowak", "Gosia Nowak", VARIANT, FAMILY_SAME),
        ("J. Turner", "John Turner", INITIAL, FAMILY_SAME),
        ("John F. Turner", "John Turner", SAME, FAMILY_SAME),
        ("Michael Turner", "Micheal Turner", TYPO, FAMILY_SAME),
        ("John Turner", "John Turnre", SAME, FAMILY_TYPO),
        ("Bronwen Ward", "Bronwen Wrad", SAME, FAMILY_TYPO),
        ("John Turner", "Mary Turner", DIFFERENT, FAMILY_SAME),
        ("张三", "張三", SAME, FAMILY_SAME),
        ("张三", "Zhang San", READING, FAMILY_SAME),
        ("San Zhang", "张三", READING, FAMILY_SAME),
        ("单明", "Shan Ming", READING, FAMILY_SAME),
        ("曾小明", "Zeng Xiao Ming", READING, FAMILY_SAME),
        ("吕布", "Lyu Bu", READING, FAMILY_SAME),
        ("欧阳修远", "Xiuyuan Ouyang", READING, FAMILY_SAME),
        ("张伟", "Jason Zhang", ALIAS, FAMILY_SAME),
        ("张伟 (Jason)", "Jason Zhang", READING, FAMILY_SAME),
        ("王伟", "王玮", TYPO, FAMILY_SAME),
        ("李明", "李明明", DIFFERENT, FAMILY_SAME),
        ("李明", "王明", DIFFERENT, FAMILY_DIFFERENT),
        ("李总", "李明", 0, FAMILY_SAME),
        ("李明先生", "李明", SAME, FAMILY_SAME),
    ],
)
def test_names_of_persons(one: str, other: str, given: int, family: int) -> None:
    found = levels(one, other)
    if (given, family) == (DIFFERENT, FAMILY_DIFFERENT):
        assert found[1] == FAMILY_DIFFERENT
    else:
        assert found == (given, family)


def test_junior_is_marked() -> None:
    assert person_names("John Smith Jr.", "", "")[0].suffix == "jr"
    assert person_names("John Smith", "", "")[0].suffix == ""


SAME_FIRMS = [
    ("北京市华信科技有限公司", "华信科技（北京）有限公司"),
    ("北京市华信科技有限公司", "華信科技有限公司"),
    ("Beijing Huaxin Technology Co., Ltd.", "北京市华信科技有限公司"),
    ("Müller & Söhne GmbH", "Mueller und Soehne G.m.b.H."),
    ("Acme Foods Ltd", "ACME FOODS LIMITED"),
    ("Kowalski Sp. z o.o.", "Kowalski"),
]
OTHER_FIRMS = [
    ("北京华信科技有限公司", "北京华讯科技有限公司"),
    ("北京华联商厦", "上海华联商厦"),
    ("上海浦东发展银行股份有限公司", "上海浦东发展银行股份有限公司深圳分行"),
    ("深圳恒泰科技有限公司", "上海恒泰科技有限公司"),
    ("恒泰科技有限公司", "恒泰贸易有限公司"),
    ("Acme Foods Ltd", "Apex Foods Ltd"),
]


@pytest.mark.parametrize(("one", "other"), SAME_FIRMS)
def test_names_of_one_firm(one: str, other: str) -> None:
    assert company_level(company_name(one), company_name(other)) in (companies.SAME, companies.BRAND)


@pytest.mark.parametrize(("one", "other"), OTHER_FIRMS)
def test_names_of_two_firms(one: str, other: str) -> None:
    assert company_level(company_name(one), company_name(other)) != companies.SAME
