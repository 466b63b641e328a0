"""HTML: the largest table of a page, with cells that span several places."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from record_files import read

from crmtui.errors import FormatError
from crmtui.formats import text_source


def test_a_page_saved_as_a_workbook(tmp_path: Path) -> None:
    page = (
        '<html><head><meta http-equiv="Content-Type" content="text/html; charset=gb2312"><style>td{a:b}</style></head>'
        "<body><table><tr><td>菜单</td></tr></table>\n<table><caption>客户 列表</caption>\n<tr><th>姓名<th>电话<th>备注</tr>\n"
        '<tr><td rowspan="2">王伟</td><td x:num="13800138000">1.38E+10</td><td>第一行<br>第二&nbsp;行 &amp; x</td></tr>\n'
        "<tr><td>010</td><td><script>alert(1)</script></table></body></html>"
    )
    file = read(tmp_path, page.encode("gbk"), "x.xls")
    assert (file.found.format, file.found.encoding, file.found.sheet) == ("html", "gb18030", "2 客户 列表")
    assert {"wrong_extension", "other_sheets"} <= file.notes
    assert file.records == [
        {"姓名": "王伟", "电话": "13800138000", "备注": "第一行\n第二 行 & x"},
        {"姓名": "王伟", "电话": "010"},
    ]
    assert file.lines == [4, 5]


def test_spans(tmp_path: Path) -> None:
    page = (
        "<table><tr><th>name<th colspan=2>phones<th>city</tr><tr><td>Ann<td>1<td>2<td rowspan=9>Rome</tr>"
        "<tr><td>Bob<td colspan=2>3</tr><tr><td>Cy<td rowspan=2>4<td>5<tr><td>Di<td>6</table>"
    )
    file = read(tmp_path, page, "x.html")
    assert file.found.columns == ("name", "phones", "#3", "city")
    assert [list(record.values()) for record in file.records] == [
        ["Ann", "1", "2", "Rome"],
        ["Bob", "3", "Rome"],
        ["Cy", "4", "5", "Rome"],
        ["Di", "4", "6", "Rome"],
    ]


def test_tables_inside_tables(tmp_path: Path) -> None:
    page = "<table><tr><td>x<table><tr><th>name<th>city<tr><td>Ann<td>Rome<tr><td>Bob<td>Oslo</table></td></tr></table>"
    file = read(tmp_path, page, "x.html")
    assert file.found.sheet == "2"
    assert file.records == [{"name": "Ann", "city": "Rome"}, {"name": "Bob", "city": "Oslo"}]
    assert read(tmp_path, page, "x.html", sheet="1").found.columns == ("#1",)


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        ("<html><body>hello</body></html>", "no table"),
        ("<table>" * 200, "nested deeper"),
        ("<table><tr>" + "<td>x" * 1_100, "more than 1000 columns"),
        ("<table><tr><td colspan=1001>x<td>y<tr><td>1", "more than 1000 columns"),
        ("<table><tr><td>x</td></tr><!--" + "x" * (20 << 20), "longer than 16 MB"),
    ],
)
def test_refusals(tmp_path: Path, page: str, reason: str) -> None:
    with pytest.raises(FormatError, match=reason) as refused:
        read(tmp_path, page, "x.html")
    assert (refused.value.where or "").startswith("x.html")


def test_a_span_without_end_costs_nothing(tmp_path: Path) -> None:
    page = "<table><tr><th>name<th>city<tr><td rowspan=99999999999>Ann<td>Rome<tr><td>Oslo</table>"
    assert read(tmp_path, page, "x.html").records == [{"name": "Ann", "city": "Rome"}, {"name": "Oslo"}]


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.sampled_from(
            [
                "<tr>",
                "<td>",
                "</td>",
                "<th rowspan=3>",
                "<td colspan=2>",
                "</table>",
                "<table>",
                "x",
                "1",
                "\n",
                "&amp;",
                "<",
                "<!--",
                "-->",
            ]
        ),
        max_size=30,
    ),
    st.sampled_from([5, 1 << 16]),
)
def test_any_page_is_read_or_refused(tmp_path: Path, parts: list[str], block: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text_source, "BLOCK", block)
        try:
            read(tmp_path, "<table>" + "".join(parts), "x.html")
        except FormatError as refused:
            assert "no table" in str(refused)
