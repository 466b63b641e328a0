"""Reading rows by the block says the same as reading them one by one."""

import csv
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from crmtui.domain.batch import CUSTOMER_COLUMNS, make
from crmtui.domain.mapping.block import BlockReader, Customers, Details
from crmtui.domain.mapping.guess import ColumnMapping
from crmtui.domain.mapping.repeats import Repeats
from crmtui.domain.mapping.rows import RowReader, clean_cell, fit_width
from crmtui.domain.mapping.steps import parse_step, parse_steps
from crmtui.domain.phones import parse_phones
from crmtui.domain.quick_phones import quick_phone

AT = "2026-01-02T03:04:05Z"
FIELDS = (
    "external_ids",
    "name",
    "given_name",
    "family_name",
    "company",
    "kind",
    "emails",
    "emails.work",
    "phones",
    "phones.mobile",
    "wechat",
    "messaging.wecom",
    "urls",
    "street",
    "street",
    "city",
    "country",
    "tags",
    "tags",
    "stage",
    "birthday",
    "created_at",
    "last_interaction_at",
    "do_not_contact",
    "notes",
    "notes",
    "custom.行业",
    "custom.size",
)

VALUES = st.one_of(
    st.sampled_from(
        [
            *(
                "",
                "",
                "",
                "无",
                "N/A",
                "-",
                " x ",
                "张三",
                "欧阳修远",
                "Anna van Beek",
                "Müller GmbH",
                "上海博图贸易有限公司",
            ),
            *(
                "13800138000",
                "+49 30 123456",
                "(212) 555-0188",
                "021-61618888-8001",
                "138****5678",
                "1.38E+10",
                "'+86 13900139000",
            ),
            *(
                "13800138000;+44 20 7946 0958",
                "手机：13800138000",
                "a@b.cn",
                "A@B.CN",
                "a@b.cn;c@d.org",
                "Anna <a@b.cn>",
                "nobody@",
            ),
            *(
                "China",
                "Germany",
                "vip,新客户;vip",
                "2024-03-05",
                "5.3.2024",
                "45356",
                "soon",
                "yes",
                "否",
                "maybe",
                "公司",
                "person",
            ),
            *(
                '="007"',
                "crm:7;8",
                "[/x]",
                "\x1b[31m",
                "a\0b",
                "=1+1",
                "\ud800",
                "wecom:u1",
                "2024-03-05T10:00:00+02:00",
                ";",
                " ; ",
            ),
        ]
    ),
    st.text(max_size=12),
)


def reader(region: str = "CN", fields: tuple[str, ...] = FIELDS) -> RowReader:
    mapping = [ColumnMapping(f"c{at}", field, "chosen", 1.0, "dmy") for at, field in enumerate(fields)]
    return RowReader(mapping, region=region)


def read(block: BlockReader, rows: list[list[str]]) -> tuple[Customers, Details]:
    """Both halves of a block, the customers numbered in the order of the rows."""
    customers = block.read_customers(rows)
    return customers, block.read_details(rows, range(len(rows)), customers.odd)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.lists(VALUES, min_size=len(FIELDS), max_size=len(FIELDS)), min_size=1, max_size=4))
def test_a_block_is_read_as_its_rows(rows: list[list[str]]) -> None:
    slow = reader()
    block = BlockReader(slow, AT)
    customers, details = read(block, rows)
    assert [number for number, _code in customers.rejected] == [
        number for number, values in enumerate(customers.values) if values is None
    ]
    for number, row in enumerate(rows):
        intake = slow.new_customer(row)
        if any(issue.rejects for issue in intake.issues):
            assert customers.values[number] is None
            assert details.issues[number] == intake.issues
            continue
        values, points, addresses, external, tags, document = make(intake, AT)
        filled = dict(zip(block.columns, customers.values[number] or (), strict=True))
        assert filled == {key: value for key, value in zip(CUSTOMER_COLUMNS, values, strict=True) if key in filled}
        assert all(value is None for key, value in zip(CUSTOMER_COLUMNS, values, strict=True) if key not in filled)
        assert details.points[number] == [(number, *point) for point in points]
        assert list(details.addresses[number]) == [(number, *address) for address in addresses]
        assert list(details.external[number]) == list(external)
        assert list(details.tags[number]) == list(tags)
        assert details.documents[number] == document
        assert sorted(details.issues.get(number, [])) == sorted(intake.issues)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(VALUES, min_size=4, max_size=4), min_size=1, max_size=4))
def test_columns_that_the_table_does_not_have_are_left_out(rows: list[list[str]]) -> None:
    slow = reader(fields=("external_ids", "phones", "emails", "wechat"))
    block = BlockReader(slow, AT)
    assert not {"company", "stage", "birthday", "city", "last_interaction_at"} & set(block.columns)
    customers, details = read(block, rows)
    for number, row in enumerate(rows):
        intake = slow.new_customer(row)
        if customers.values[number] is None:
            assert any(issue.rejects for issue in intake.issues)
            continue
        values, *_rest, document = make(intake, AT)
        expected = {key: value for key, value in zip(CUSTOMER_COLUMNS, values, strict=True) if key in block.columns}
        assert dict(zip(block.columns, customers.values[number] or (), strict=True)) == expected
        assert details.documents[number] == document


BOUND = (
    ("name", ("name:family-first",)),
    ("phones#1", ()),
    ("phones#1.label", ()),
    ("phones#1.extension", ()),
    ("phones#2", ("strip:*",)),
    ("phones#2.label", ()),
    ("phones#2.country_code", ()),
    ("phones#2.primary", ()),
    ("phones", ()),
    ("emails#1", ()),
    ("emails#1.label", ()),
    ("emails#2", ()),
    ("emails#2.primary", ()),
    ("messaging#1", ()),
    ("messaging#1.kind", ()),
    ("urls#1", ()),
    ("urls#1.label", ()),
    ("street", ("join: / ",)),
    ("street", ("join: / ",)),
    ("city", ()),
    ("country", ()),
    ("address_label", ()),
    ("street#2", ()),
    ("city#2", ()),
    ("address_label#2", ()),
    ("city#3", ()),
    ("tags#1", ("split:/:1",)),
    ("custom.x", ("map:a=b;*=c",)),
    ("notes", ("prefix:> ",)),
)
LABELS = st.sampled_from(
    ["", "", "Work", "* Home", "CELL,pref", "手机", "own word", "wechat", "ICQ", "49", "12", "yes", "1", "VIP/x"]
)


@settings(max_examples=400, deadline=None)
@given(st.lists(st.lists(VALUES | LABELS, min_size=len(BOUND), max_size=len(BOUND)), min_size=1, max_size=4))
def test_a_block_with_bound_columns_steps_and_constants_is_read_as_its_rows(rows: list[list[str]]) -> None:
    mapping = [
        ColumnMapping(f"c{at}", field, "chosen", 1.0, None, parse_steps(steps))
        for at, (field, steps) in enumerate(BOUND)
    ]
    mapping[0] = mapping[0]._replace(more=(("custom.first", (parse_step("split: :1"),)),))
    slow = RowReader(mapping, region="CN", constants={"source": "fair", "tags": "a;b", "custom.x": "none"})
    assert slow.plain
    block = BlockReader(slow, AT)
    customers, details = read(block, rows)
    for number, row in enumerate(rows):
        intake = slow.new_customer(row)
        if any(issue.rejects for issue in intake.issues):
            assert customers.values[number] is None
            continue
        values, points, addresses, _external, tags, document = make(intake, AT)
        filled = dict(zip(block.columns, customers.values[number] or (), strict=True))
        assert filled == {key: value for key, value in zip(CUSTOMER_COLUMNS, values, strict=True) if key in filled}
        assert details.points[number] == [(number, *point) for point in points]
        assert list(details.addresses[number]) == [(number, *address) for address in addresses]
        assert list(details.tags[number]) == list(tags)
        assert details.documents[number] == document
        assert sorted(details.issues.get(number, [])) == sorted(intake.issues)


def test_the_same_field_twice_is_read_row_by_row() -> None:
    block = BlockReader(reader(fields=("name", "company", "company")), AT)
    customers, _details = read(block, [["Anna", "A", "B"]])
    assert customers.odd == [0]
    assert dict(zip(block.columns, customers.values[0] or (), strict=True))["company"] == "B"


def test_a_block_without_rows() -> None:
    customers, details = read(BlockReader(reader(), AT), [])
    assert customers == Customers([], [], []) and details.documents == []


def test_keys_for_finding_repeats() -> None:
    block = BlockReader(reader(fields=("name", "phones", "emails")), AT)
    details = read(block, [["A", "13800138000", ""], ["B", "", "b@c.cn;d@e.cn"], ["C", "138 0013 8000", ""]])[1]
    assert list(zip(details.keys, details.key_rows, strict=True)) == [
        ("+8613800138000", 0),
        ("+8613800138000", 2),
        ("b@c.cn", 1),
        ("d@e.cn", 1),
    ]


_REGIONS = st.sampled_from(("CN", "IT", "US", "GB", "FR", "ES", "NL", "DE", "JP", "AU", "SE", "IE"))
_DIGITS = st.text("0123456789", min_size=3, max_size=13)


@settings(max_examples=500, deadline=None)
@given(
    st.sampled_from(("", "+", "+86", "+1", "+33", "+44", "+353")),
    _DIGITS,
    st.integers(0, 12),
    st.sampled_from(" -)."),
    _REGIONS,
)
def test_a_quick_phone_is_what_the_parser_says(prefix: str, digits: str, at: int, sign: str, region: str) -> None:
    text = (prefix + digits[:at] + sign + digits[at:]).strip()
    quick = quick_phone(text, region)
    if quick is None:
        return
    [phone] = parse_phones(text, region)
    assert (phone.value, phone.e164, phone.label, phone.note) == (text, quick, "", "")
    assert phone.flag in (("", "unassigned") if quick else ("invalid",))


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(("", "+86", "+86 ", "86", "0", "+1 ", "+86-")),
    st.from_regex(r"1\d{10}", fullmatch=True),
    st.sampled_from(("", " ", "-", "  ", ".")),
    _REGIONS,
)
def test_a_chinese_mobile_is_read_quickly_as_the_parser_says(prefix: str, digits: str, sign: str, region: str) -> None:
    text = prefix + sign.join((digits[:3], digits[3:7], digits[7:]))
    quick = quick_phone(text, region)
    if quick is None:
        return
    [phone] = parse_phones(text, region)
    assert (phone.value, phone.e164, phone.label, phone.note) == (text, quick, "", "")
    assert phone.flag in (("", "unassigned") if quick else ("invalid",))


@given(st.lists(st.tuples(st.integers(0, 30).map(str), st.integers(1, 40)), max_size=60))
def test_repeats_are_the_lines_with_a_value_of_an_earlier_line(entries: list[tuple[str, int]]) -> None:
    entries.sort(key=lambda entry: entry[1])
    repeats = Repeats(10)
    repeats.note([value for value, _line in entries], [line for _value, line in entries])
    first: dict[str, int] = {}
    expected = sorted({line for value, line in entries if first.setdefault(value, line) != line})
    found = list(repeats.lines())
    assert [line for line, _earlier in found] == expected
    values = {line: {value for value, own in entries if own == line} for _value, line in entries}
    assert all(earlier < line and values[line] & values[earlier] for line, earlier in found)


def test_cells_are_cleaned_by_field() -> None:
    assert clean_cell(' ="0138" ', "external_ids") == "0138"
    assert clean_cell("无", "company") == ""
    assert clean_cell("无", "name") == "无"
    assert clean_cell("'+31612345678", "phones") == "+31612345678"


def test_rows_are_made_as_wide_as_the_table() -> None:
    assert fit_width(["a"], 3) == ["a", "", ""]
    assert fit_width(["a", "b", " "], 2) == ["a", "b"]
    assert fit_width(["a", "b", "c"], 2) is None


def test_the_synonyms_are_shipped() -> None:
    import crmtui.domain.data

    path = Path(crmtui.domain.data.__file__).with_name("header_synonyms.csv")
    with path.open(encoding="utf-8", newline="") as file:
        assert len(list(csv.reader(file))) > 1200
