"""Which column is which field."""

import pytest

from crmtui.domain.mapping.content import content_type
from crmtui.domain.mapping.guess import ColumnMapping, date_order, map_columns
from crmtui.domain.mapping.headers import dictionary, look_up, normalise_header
from crmtui.domain.mapping.regions import region_of
from crmtui.domain.mapping.targets import parse_target
from crmtui.errors import UsageError


def fields(columns: list[str], *rows: list[str], region: str = "CN", **chosen: str) -> dict[str, str]:
    return {each.column: each.field for each in mapped(columns, *rows, region=region, **chosen)}


def mapped(columns: list[str], *rows: list[str], region: str = "CN", **chosen: str) -> tuple[ColumnMapping, ...]:
    return map_columns(columns, rows, region=region, chosen=chosen)


def test_an_english_table_of_twenty_columns() -> None:
    columns = [
        "id",
        "name",
        "given",
        "family",
        "company",
        "title",
        "emails",
        "phones",
        "street",
        "city",
        "region",
        "postcode",
        "country",
        "tags",
        "stage",
        "source",
        "owner",
        "created",
        "last_contact",
        "note",
    ]
    row = [
        "1",
        "Nicole Hill",
        "Nicole",
        "Hill",
        "Quantum Labs",
        "CEO",
        "n@x.org;m@x.org",
        "+44 922 051 6057",
        "9 Oak Lane",
        "London",
        "Greater London",
        "LO13 4PM",
        "United Kingdom",
        "vip;new",
        "lead",
        "web",
        "sales1",
        "2015-11-23",
        "2016-12-24",
        "hello",
    ]
    assert list(fields(columns, row).values()) == [
        "external_ids",
        "name",
        "given_name",
        "family_name",
        "company",
        "job_title",
        "emails",
        "phones",
        "street",
        "city",
        "region",
        "postal_code",
        "country",
        "tags",
        "stage",
        "source",
        "owner",
        "created_at",
        "last_interaction_at",
        "notes",
    ]


def test_a_chinese_table() -> None:
    columns = "客户名称 手机 座机 邮箱 公司 职位 微信号 省份 城市 详细地址 邮编 标签 客户状态 负责人 客户来源 生日 创建时间 最后联系时间 客户编号 备注 行业"
    row = "张三 13800138000 010-62345678 a@b.cn 华信公司 经理 zhangsan88 广东省 深圳市 南山路1号 518000 VIP 意向 李四 展会 1990-01-02 2024-01-01 2024-02-02 K001 好 软件"
    assert list(fields(columns.split(), row.split()).values()) == [
        "name",
        "phones.mobile",
        "phones",
        "emails",
        "company",
        "job_title",
        "wechat",
        "region",
        "city",
        "street",
        "postal_code",
        "tags",
        "stage",
        "owner",
        "source",
        "birthday",
        "created_at",
        "last_interaction_at",
        "external_ids",
        "notes",
        "custom.行业",
    ]


@pytest.mark.parametrize(
    ("value", "field"), [("上海博图贸易有限公司", "company"), ("王小明", "name"), ("Acme Trading Ltd.", "company")]
)
def test_the_values_say_whether_a_customer_name_is_a_person_or_a_company(value: str, field: str) -> None:
    assert fields(["客户名称", "手机"], [value, "13800138000"])["客户名称"] == field


@pytest.mark.parametrize(
    "header",
    [
        "姓名",
        "*姓名",
        "姓名（必填）",
        "姓 名",
        "姓名:",
        " Full Name ",
        "FULL_NAME",
        "ＦＵＬＬ　ＮＡＭＥ",
        "联系人姓名",
        "聯絡人",
    ],
)
def test_headers_are_compared_without_their_dress(header: str) -> None:
    meaning = look_up(header)
    assert meaning is not None and meaning.target == "name"


def test_a_weak_word_gives_way_to_a_strong_one_and_needs_fitting_values() -> None:
    assert fields(["名称", "姓名"], ["甲", "张三"]) == {"名称": "custom.名称", "姓名": "name"}
    assert fields(["编号"], ["A1"], ["A1"]) == {"编号": "custom.编号"}
    assert fields(["编号"], ["A1"], ["A2"]) == {"编号": "external_ids"}
    assert fields(["联系方式"], ["a@b.cn"], ["c@d.cn"]) == {"联系方式": "emails"}


def test_without_a_known_header_the_values_decide() -> None:
    [column] = mapped(["Spalte 7"], ["x@y.de"], ["z@y.de"])
    assert column == ColumnMapping("Spalte 7", "emails", "content", 0.8)
    assert content_type(["2024-01-02", "2023-05-06"], "CN") == ""
    assert content_type(["13800138000", "+86 139 0013 9000"], "CN") == "phones"
    assert content_type(["https://a.example/x"], "CN") == "urls"


def test_a_misspelt_header_is_recognised_and_says_so() -> None:
    [column] = mapped(["Job Tittle"], ["CEO"])
    assert (column.field, column.reason) == ("job_title", "similar header")
    assert 0.85 <= column.confidence < 1


def test_what_fits_nothing_is_kept_as_a_custom_field_and_single_values_only_once() -> None:
    assert fields(["公司", "单位", "Lieblingsfarbe", "#4"], ["甲公司", "乙公司", "blau", ""]) == {
        "公司": "company",
        "单位": "custom.单位",
        "Lieblingsfarbe": "custom.Lieblingsfarbe",
        "#4": "skip",
    }


def test_a_person_may_say_where_a_column_goes() -> None:
    assert fields(["A", "B"], ["1", "2"], A="phone", b="custom.Farbe") == {"A": "phones", "B": "custom.Farbe"}
    assert fields(["A"], ["1"], A="") == {"A": "skip"}
    with pytest.raises(UsageError, match="no field emial") as refused:
        fields(["A"], ["1"], A="emial")
    assert refused.value.hint is not None and "emails" in refused.value.hint
    with pytest.raises(UsageError, match="no column Nmae"):
        fields(["Name"], ["1"], Nmae="name")


def test_every_word_of_the_dictionary_leads_to_a_field_that_exists() -> None:
    for meaning in dictionary().words.values():
        assert parse_target(meaning.target) is not None, meaning


def test_the_columns_of_our_own_export_find_back() -> None:
    columns = ["kind", "phones", "phones 2", "phones 3", "emails 2", "custom.行业", "do_not_contact", "external_ids"]
    row = ["person", "+8613800138000", "", "", "", "软件", "", "import:7"]
    assert list(fields(columns, row).values()) == [
        "kind",
        "phones",
        "phones",
        "phones",
        "emails",
        "custom.行业",
        "do_not_contact",
        "external_ids",
    ]


@pytest.mark.parametrize(
    ("values", "order"),
    [
        (["5/3/2024", "25/3/2024"], "dmy"),
        (["5/3/2024", "3/25/2024"], "mdy"),
        (["5/3/2024"], None),
        (["25/3/2024", "3/25/2024"], None),
        (["2024-03-05"], None),
    ],
)
def test_one_value_decides_the_order_of_a_column_of_dates(values: list[str], order: str | None) -> None:
    assert date_order(values) == order


def test_countries_say_how_numbers_are_read() -> None:
    assert [region_of(name) for name in ("China", "中国", " united states ", "de", "Atlantis", "")] == [
        "CN",
        "CN",
        "US",
        "DE",
        None,
        None,
    ]


def test_headers_are_normalised() -> None:
    assert normalise_header(" 金额（元） ") == "金额"
    assert normalise_header("電話號碼") == normalise_header("电话号码")
    assert normalise_header("E-Mail_Address") == "emailaddress"
