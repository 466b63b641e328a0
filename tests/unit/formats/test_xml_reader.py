"""XML: records found by themselves, encodings expat does not know, and documents that mean harm."""

import io
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from record_files import read

from crmtui.errors import FormatError
from crmtui.formats import text_source, xml_reader, xml_writer
from crmtui.formats.flatten import flatten

HEAD = '<?xml version="1.0"?>\n'


def test_attributes_elements_and_repeated_children(tmp_path: Path) -> None:
    text = (
        HEAD + '<customers total="2">\n<customer id="1"><name>Ann &amp; Co</name><phone type="home">1</phone>'
        '<phone>2</phone><address><city>Berlin</city></address><fax/></customer>\n<customer id="2">\n'
        "<name>\n  王伟 </name><phone>3</phone><note><![CDATA[a<b\nc]]></note></customer></customers>"
    )
    file = read(tmp_path, text, "x.xml")
    assert (file.found.format, file.found.sheet) == ("xml", "customers.customer")
    assert file.found.columns == ("id", "name", "phone.1.type", "phone.1", "phone.2", "address.city", "fax", "note")
    assert file.records == [
        {
            "id": "1",
            "name": "Ann & Co",
            "phone.1.type": "home",
            "phone.1": "1",
            "phone.2": "2",
            "address.city": "Berlin",
        },
        {"id": "2", "name": "王伟", "phone.1": "3", "note": "a<b\nc"},
    ]
    assert file.lines == [3, 4]


def test_an_attribute_named_like_an_element(tmp_path: Path) -> None:
    file = read(tmp_path, HEAD + '<r><e id="1"><id>5</id></e><e id="2" no="3"/></r>', "x.xml")
    assert file.records == [{"@id": "1", "id": "5"}, {"@id": "2", "no": "3"}]


def test_namespaces_are_left_out(tmp_path: Path) -> None:
    text = (
        '<a:r xmlns:a="urn:a" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><a:e a:id="1" xsi:type="t"><a:n>x</a:n>'
        '<b:m xmlns:b="urn:b">y</b:m></a:e><a:e><a:n xsi:nil="true"/></a:e><a:e><a:n>z</a:n></a:e></a:r>'
    )
    file = read(tmp_path, text, "x.xml")
    assert file.found.columns == ("id", "n", "m")
    assert file.records == [{"id": "1", "n": "x", "m": "y"}, {"n": "z"}]


def test_text_between_elements_stays_whole(tmp_path: Path) -> None:
    text = HEAD + "<r><e><note>Hello <b>big</b> World!</note></e><e><note>x</note></e></r>"
    assert read(tmp_path, text, "x.xml").records == [{"note": "Hello big World!"}, {"note": "x"}]


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [
        ("gb18030", "GB18030"),
        ("gbk", "gb2312"),
        ("big5", "Big5"),
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8"),
        ("utf-16", "UTF-16"),
        ("utf-8", None),
        ("gb18030", None),
    ],
)
def test_declared_encodings(tmp_path: Path, encoding: str, declared: str | None) -> None:
    head = f'<?xml version="1.0" encoding="{declared}"?>' if declared else '<?xml version="1.0"?>'
    text = head + "<客戶列表>\n<客戶><姓名>王中文</姓名></客戶><客戶><姓名>李大山</姓名></客戶></客戶列表>"
    file = read(tmp_path, text.encode(encoding), "x.xml")
    assert file.records == [{"姓名": "王中文"}, {"姓名": "李大山"}]
    assert file.lines == [2, 3]


@pytest.mark.parametrize(
    ("body", "sheets"),
    [
        (
            "<export><meta><v>1</v></meta><people><person><x>1</x></person><person><x>2</x></person></people></export>",
            0,
        ),
        (
            "<export><customers><customer><x>1</x></customer></customers><orders><o><n>1</n></o><o><n>2</n></o></orders></export>",
            2,
        ),
        ("<r><e><name>A</name><phones><phone t='1'>1</phone><phone t='2'>2</phone></phones></e></r>", 0),
        ("<customer><name>A</name><orders><order><n>1</n></order><order><n>2</n></order></orders></customer>", 0),
        ("<addresses><address><x>1</x></address><address><x>2</x></address></addresses>", 0),
        ("<r><x>1</x><y>2</y></r>", 0),
    ],
)
def test_the_record_element_is_found(tmp_path: Path, body: str, sheets: int) -> None:
    file = read(tmp_path, HEAD + body, "x.xml")
    assert len(file.found.sheets) == sheets
    expected = {
        "export.people.person": [{"x": "1"}, {"x": "2"}],
        "export.customers.customer": [{"x": "1"}],
        "r.e": [
            {
                "name": "A",
                "phones.phone.1.t": "1",
                "phones.phone.1": "1",
                "phones.phone.2.t": "2",
                "phones.phone.2": "2",
            }
        ],
        "customer": [{"name": "A", "orders.order.1.n": "1", "orders.order.2.n": "2"}],
        "addresses.address": [{"x": "1"}, {"x": "2"}],
        "r": [{"x": "1", "y": "2"}],
    }
    assert file.records == expected[file.found.sheet or ""]


def test_records_that_come_late_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_source, "BLOCK", 64)
    monkeypatch.setattr(xml_reader, "_BLOCKS_LOOKED_AT", 2)
    customers = "".join(f"<customer><name>{number}</name></customer>" for number in range(20))
    orders = "".join(f"<order><no>{number}</no></order>" for number in range(30))
    text = HEAD + f"<export><customers>{customers}</customers><orders>{orders}</orders></export>"
    file = read(tmp_path, text, "x.xml")
    assert [(sheet.name, sheet.rows) for sheet in file.found.sheets] == [
        ("export.customers.customer", 20),
        ("export.orders.order", 30),
    ]
    assert len(file.records) == 20
    assert len(read(tmp_path, text, "x.xml", sheet="export.orders.order").records) == 30


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('<!DOCTYPE l [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;">]><r><e><n>&b;</n></e></r>', "DOCTYPE"),
        ('<!DOCTYPE r SYSTEM "http://example.com/x.dtd"><r><e><n>1</n></e></r>', "DOCTYPE"),
        ('<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r><e><n>&x;</n></e></r>', "DOCTYPE"),
        ("<!DOCTYPE r><r><e><n>1</n></e></r>", "DOCTYPE"),
        ("<r><e><n>&nbsp;</n></e></r>", "an entity that XML does not have"),
        ("<a>" * 200_000, "nested deeper than 100"),
        ("<r><e>" + "<a>" * 200, "nested deeper than 100"),
        ("<r><e " + " ".join(f'a{number}="1"' for number in range(300_000)) + "/></r>", "more than 1000 attributes"),
        ("<r><e><n>1</n></e><e><n>2</n>", "ends in the middle"),
        ("<r><e><n>1</m></e></r>", "closed with the name of another"),
        ("<r><e><n a='1' a='2'/></e></r>", "same attribute twice"),
        ("<r><e><n>1</n></e></r><r/>", "after the end"),
        ("<r><e><n>\x0b</n></e></r>", "a sign stands where none"),
        ("<r></r>", "no records"),
    ],
)
def test_refusals_name_place_and_reason(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(FormatError, match=reason) as refused:
        read(tmp_path, HEAD + text, "x.xml")
    assert refused.value.where == ("x.xml" if reason == "no records" else "x.xml, row 2")


def test_a_tag_or_record_without_end_is_refused(tmp_path: Path) -> None:
    for text in ("<r><e a='" + "x" * (20 << 20), "<r><e><n>a</n></e><e><n>" + "x" * (20 << 20)):
        with pytest.raises(FormatError, match="longer than 16 MB"):
            read(tmp_path, HEAD + text, "x.xml")


def test_a_workbook_in_xml(tmp_path: Path) -> None:
    def cell(text: str, kind: str = "String", more: str = "") -> str:
        return f'<Cell{more}><Data ss:Type="{kind}">{text}</Data></Cell>'

    text = (
        HEAD + '<?mso-application progid="Excel.Sheet"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
        'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="说明"><Table><Row>'
        + cell("请填写", more=' ss:MergeAcross="3"')
        + '</Row></Table></Worksheet><Worksheet ss:Name="客户"><Table><Row>'
        + cell("姓名")
        + cell("电话", more=' ss:Index="3"')
        + cell("生日")
        + "</Row><Row/><Row ss:Index='4'>"
        + cell("王伟")
        + '<Cell ss:Index="3"><Data ss:Type="Number">13800138000</Data><Comment><ss:Data>x</ss:Data></Comment></Cell>'
        + cell("1990-04-12T00:00:00.000", "DateTime")
        + "</Row></Table></Worksheet></Workbook>"
    )
    file = read(tmp_path, text, "x.xls")
    assert (file.found.format, file.found.sheet, file.found.header_row) == ("xml", "客户", 1)
    assert file.records == [{"姓名": "王伟", "电话": "13800138000", "生日": "1990-04-12"}]
    assert file.lines == [4]
    with pytest.raises(FormatError, match="more than"):
        read(tmp_path, text.replace('ss:Index="3"', 'ss:Index="20000"'), "x.xls")


names = st.text("abcé王", min_size=1, max_size=3)
texts = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), min_size=1, max_size=8
)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.dictionaries(names, texts, max_size=3), st.lists(st.tuples(names, texts), min_size=1, max_size=5)),
        min_size=2,
        max_size=5,
    ),
    st.sampled_from([7, 1 << 16]),
)
def test_every_value_is_read(
    tmp_path: Path, records: list[tuple[dict[str, str], list[tuple[str, str]]]], block: int
) -> None:
    """Each attribute and element of each record is in exactly one cell."""
    rows = [
        "<rec"
        + "".join(f" {name}={quoteattr(value)}" for name, value in attributes.items())
        + ">"
        + "".join(f"<{name}>{escape(value)}</{name}>" for name, value in children)
        + "</rec>"
        for attributes, children in records
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text_source, "BLOCK", block)
        try:
            file = read(tmp_path, HEAD + "<all>" + "\n".join(rows) + "</all>", "x.xml", encoding="utf-8")
        except FormatError:
            assert not any(
                value.strip()
                for attributes, children in records
                for value in [*attributes.values(), *dict(children).values()]
            )
            return
    expected = [
        sorted([*attributes.values(), *(value.strip() for _name, value in children)])
        for attributes, children in records
    ]
    found = [sorted(record.values()) for record in file.records]
    assert found == [values for row in expected if (values := [value for value in row if value])]


any_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
customers = st.fixed_dictionaries(
    {"id": st.integers(1, 99).map(str), "name": any_text},
    optional={
        "tags": st.lists(any_text, max_size=3),
        "phones": st.lists(st.fixed_dictionaries({"value": any_text, "label": any_text}), max_size=3),
        "custom": st.dictionaries(any_text.filter(bool), any_text, max_size=3),
        "external_ids": st.dictionaries(st.sampled_from(["a.b", "c"]), any_text),
    },
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(customers, min_size=1, max_size=4))
def test_what_we_write_we_read(tmp_path: Path, records: list[dict[str, Any]]) -> None:
    """To the letter, blanks and control characters included."""
    stream = io.BytesIO()
    writer = xml_writer.create(stream, "xml", (), "exact", True)
    for record in records:
        writer.write(record)
    writer.finish()
    file = read(tmp_path, stream.getvalue(), "x.xml")
    expected = [{key: cell for key, cell in flatten(record).items() if cell} for record in records]
    assert file.records == expected
