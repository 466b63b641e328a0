"""What a file is, told by its content."""

import base64
import zlib
from pathlib import Path

import pytest

from crmtui.errors import FormatError, UsageError
from crmtui.formats.detection import detect, kind_of
from crmtui.formats.registry import FORMATS, open_rows, reader_of, writer_of
from crmtui.formats.table import Column
from crmtui.formats.writing import open_writer

# A workbook of Excel 97 with a sheet 说明 of one cell and a sheet 客户 of three rows.
XLS = zlib.decompress(
    base64.b85decode(
        "c-rk)O-NKx6#njgZ*)eSaWoB7utCVoA8LqF0-F-bMde>Y_Cw}0W5nbbLmOL^Wv(O$qJ_~$u|*sEA^M>f1ua?xMlOON&|0<%?1#{K"
        "oqOJUrZ#~CCK&H~+;h)4_nvd_yZ79m_uh=>P7dEIn!+ONfQF>uLB>3tpyaUyKd9U=6l>>hN``|~1&^C1GQ)+Z-q)FG4%K{5LE^6d"
        "f++Bj(ovj2V^2I9SV7ctA3BBVL!Hnm_9Sjn@}ZFXmB;i1(=|-*aNTE2ce3UR(>kg<DGp;i)L2n##c{hV<uV^pfk$lfo;5)f;FXHw"
        "3s;3%*M(h)Q=O+*SwV@OjZx5)HbmpmgpzY`3t2!fp}M=fIue;gK27&1z8V2w+FsYs1CD-W^#Y{-u~47+7rmP%ak2iI)PX)2$At>!"
        "0c2yJu1chs9`to7dBkPPBS&h&GdRE-wMrVq_rX~EPzxDO9P+kNwl}=}B(1jM)}P0|MW?S5yQ!<Jt*EJ86$U!iHIeJOU}ew?Y~ETE"
        "tga<&BV?(wf%g*sg1yAcD=eF61Uby-@;dWV2WD=6dAmQ{9O__AA9u+-W!9@#f`N<5f{cB0B_^$4i%O=K*lRKKMNIQ)5l~*%TwpPK"
        "`nk?!E-j;WwlF3_8|Lxl#1DLKd0aB^DYTLJv4*L0`D5=w!ziUwFGBX}=|`2Q5;ukvo`mdNSo_fjriFj(O>XJ8`fgZ9X%1%9Y9!>E"
        "=dH}cLsgabuHRURQPr60t9VrPl%uNN*p%$iF(pZoHYaH$>6R~%!k1uQYW-+5UV?qmsFuebc<Rr~EIya=aQ~%*OS(zYxMk%{rtl`&"
        "TZYxTId5uGm91o3D-w_@5*#>i;J|?c2M(44f^S6TEl}NqT-FUU)B3M7ODXC6Ci!pCiXM8-(kJC^#3@gpH?8<t3zx8ci6z?D{|glk"
        "QtJuC5axcw(vDyHLJ;%cXUT^C<y%7Owx3L=pZ~c1U#<fYqW"
    )
)


def test_kinds_by_content() -> None:
    kinds = {
        b'[{"name": "Ann"}]': "json",
        b'\n{"customers": [1]}': "json",
        b'{"a": 1}\n{"a": 2}\n': "jsonl",
        b'<?xml version="1.0"?><a/>': "xml",
        b"<html><body><table>": "html",
        b"\xef\xbb\xbf<table border=1><tr>": "html",
        b"BEGIN:VCARD\r\nVERSION:3.0\r\n": "vcard",
        b"-- dump\nSET NAMES utf8;\nCREATE TABLE a (b int);": "sql",
        b"INSERT INTO customers VALUES (1);": "sql",
        b"SQLite format 3\0": "sqlite",
        b"dn: cn=Ann,o=x\ncn: Ann\n": "ldif",
        b"name,city\n": "csv",
        b"[bold]name[/bold],x\n": "csv",
        b"<Ann>,x\n": "csv",
        "\ufeff[{}]".encode("utf-16-le"): "json",
    }
    assert {head: kind_of(None, head) for head in kinds} == kinds


@pytest.mark.parametrize(
    "unit",
    ["/**/", "<!---->", "<!-- -->\n", "-- x\n", "SET a;", " ", "version: 1", "<a ", "(", "['", '{"', ",'", '""', "(（"],
)
def test_repetition_costs_no_time(unit: str) -> None:
    """A pattern that tries every way to split this would run for years."""
    data = (unit * 60_000)[:60_000].encode()
    kind_of(None, data)
    try:
        detect(None, data=b"name,city\n" + data, as_format="csv")
    except FormatError as error:
        assert "never closed" in error.message or "columns" in error.message


@pytest.mark.parametrize(
    "head",
    [
        *(b"%PDF-1.7", b"\x1f\x8b\x08", b"\x89PNG\r\n", b"PK\x03\x04 cut", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
        *(b"PGDMP\x01", b"\0\x01\0\0Standard ACE DB", b"a.csv".ljust(257, b"\0") + b"ustar\0"),
    ],
)
def test_what_is_no_table_is_refused(head: bytes) -> None:
    with pytest.raises(FormatError):
        detect(None, data=head + b"\0" * 600)


def test_formats_without_a_reader_say_so() -> None:
    for each in FORMATS.values():
        if each.reader is None:
            with pytest.raises(FormatError, match="cannot be read"):
                reader_of(each.id)
        else:
            assert reader_of(each.id).open_rows
        if each.writer is None:
            with pytest.raises(FormatError, match="cannot be written"):
                writer_of(each.id)
        else:
            assert writer_of(each.id).create


def test_a_locked_workbook_is_told(tmp_path: Path) -> None:
    data = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 1000 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 500
    path = tmp_path / "locked.xlsx"
    path.write_bytes(data)
    with pytest.raises(FormatError, match="password"):
        detect(path)


def test_the_name_may_lie(tmp_path: Path) -> None:
    real = tmp_path / "real.xlsx"
    with open_writer(real, "xlsx", [Column("name", "姓名"), Column("city", "城市")]) as writer:
        writer.write(["张伟", "上海"])
    for name, content, kind in (
        ("a.xls", real.read_bytes(), "xlsx"),
        ("b.xls", "姓名\t城市\n张伟\t上海\n".encode("gb18030"), "tsv"),
        ("c.xlsx", XLS, "xls"),
    ):
        path = tmp_path / name
        path.write_bytes(content)
        found = detect(path)
        assert found.format == kind
        assert found.notes[0].code == "wrong_extension"
    page = tmp_path / "d.xls"
    page.write_bytes(b"<table><tr><td>name</td></tr></table>")
    assert detect(page).format == "html"
    assert detect(page).notes[0].code == "wrong_extension"


def test_as_format_cannot_turn_one_thing_into_another(tmp_path: Path) -> None:
    path = tmp_path / "customers.csv"
    path.write_text("name,city\nAnn,Rome\n")
    with pytest.raises(FormatError, match="this is not Excel"):
        detect(path, as_format="xlsx")
    assert detect(path, as_format="tsv").delimiter == "\t"
    (tmp_path / "notes.txt").write_text("[1] name,city\nx,y\n")
    assert detect(tmp_path / "notes.txt", as_format="csv").format == "csv"


def test_an_old_workbook(tmp_path: Path) -> None:
    path = tmp_path / "customers.xls"
    path.write_bytes(XLS)
    found = detect(path)
    assert (found.sheet, found.columns) == ("客户", ("姓名", "手机", "创建时间", "是否会员"))
    assert [(sheet.name, sheet.rows) for sheet in found.sheets] == [("说明", 1), ("客户", 3)]
    with open_rows(path, found) as reader:
        assert list(reader) == [
            (2, ["张伟", "13800138000", "2024-03-05", "TRUE"]),
            (3, ["=1+1", "0571-88886666", "", "FALSE"]),
        ]
    assert detect(path, sheet="说明").sheet == "说明"
    with pytest.raises(UsageError, match="no sheet"):
        detect(path, sheet="missing")
    path.write_bytes(XLS[:2000])
    with pytest.raises(FormatError):
        detect(path)
