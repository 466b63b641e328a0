"""vCard 2.1, 3.0 and 4.0: what phones and mail programs write, and what is broken or means harm."""

import quopri
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from record_files import ReadFile, read

from crmtui.errors import FormatError
from crmtui.formats import content_lines


def card(*lines: str, version: str = "3.0") -> str:
    return "\r\n".join(("BEGIN:VCARD", f"VERSION:{version}", *lines, "END:VCARD", ""))


def read_cards(folder: Path, *cards: str | bytes, **options: str) -> ReadFile:
    data = b"".join(each if isinstance(each, bytes) else each.encode() for each in cards)
    return read(folder, data, "x.vcf", **options)


def test_version_3_with_groups_and_labels(tmp_path: Path) -> None:
    file = read_cards(
        tmp_path,
        card(
            "N:Smith;Ann;Maria,Rose;Dr.;MD",
            "FN:Ann Smith\\, MD",
            "item1.TEL;type=pref:+1 555 1",
            "item1.X-ABLabel:_$!<Work>!$_",
            "TEL;type=CELL;type=VOICE:+1 555 2",
            "item2.TEL:3",
            "item2.X-ABLabel:Ferienhaus",
            "EMAIL;TYPE=INTERNET,HOME:ann@example.com",
            "ORG:Acme\\; Inc;Sales;West",
            "TITLE:CEO",
            "item3.ADR;TYPE=WORK:PO 1;Suite 2;Main St. 3;Berlin;BE;10115;Germany",
            "item3.X-ABADR:de",
            "NOTE:first\\nsecond",
            "NOTE:third",
            "CATEGORIES:a,b\\,c",
            "URL:https\\://example.com",
            "IMPP;X-SERVICE-TYPE=QQ:x-apple:12345",
            "UID:u-1",
            "X-WECHAT:ann_wx",
        ),
    )
    assert file.found.format == "vcard"
    assert file.records == [
        {
            "N.family": "Smith",
            "N.given": "Ann",
            "N.additional": "Maria Rose",
            "N.prefix": "Dr.",
            "N.suffix": "MD",
            "FN": "Ann Smith, MD",
            "TEL.1.value": "+1 555 1",
            "TEL.1.type": "work",
            "TEL.2.value": "+1 555 2",
            "TEL.2.type": "cell",
            "TEL.3.value": "3",
            "TEL.3.type": "Ferienhaus",
            "EMAIL.1.value": "ann@example.com",
            "EMAIL.1.type": "home",
            "ORG.name": "Acme; Inc",
            "ORG.unit": "Sales / West",
            "TITLE": "CEO",
            "ADR.1.pobox": "PO 1",
            "ADR.1.extended": "Suite 2",
            "ADR.1.street": "Main St. 3",
            "ADR.1.city": "Berlin",
            "ADR.1.region": "BE",
            "ADR.1.postal_code": "10115",
            "ADR.1.country": "Germany",
            "ADR.1.type": "work",
            "NOTE": "first\nsecond\nthird",
            "CATEGORIES.1": "a",
            "CATEGORIES.2": "b,c",
            "URL.1.value": "https://example.com",
            "IMPP.1.value": "12345",
            "IMPP.1.type": "qq",
            "UID": "u-1",
            "X-WECHAT": "ann_wx",
        }
    ]


def test_version_21_with_quoted_printable_and_a_photo(tmp_path: Path) -> None:
    file = read_cards(
        tmp_path,
        card(
            "N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=E7=8E=8B;=E4=BC=9F;;;",
            "FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=E7=8E=8B=",
            "=E4=BC=9F",
            "NOTE;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:a=0D=0Ab=",
            "  c",
            "TEL;CELL;PREF:13800138000",
            "TEL;WORK;VOICE:010",
            "ADR;HOME:;;Street 1;Berlin;;10115;Germany",
            "LABEL;HOME;ENCODING=QUOTED-PRINTABLE:Street 1=0D=0A10115 Berlin",
            "PHOTO;ENCODING=BASE64;JPEG:aGVsbG8gd29ybGQgaGVsbG8gd29ybGQ=",
            " aGVsbG8gd29ybGQgaGVsbG8gd29ybGQ=",
            "aGVsbG8gd29ybGQgaGVsbG8gd29ybGQ=",
            "",
            "BDAY:19900412",
            version="2.1",
        ),
    )
    assert file.records == [
        {
            "N.family": "王",
            "N.given": "伟",
            "FN": "王伟",
            "NOTE": "a\nb  c",
            "TEL.1.value": "13800138000",
            "TEL.1.type": "cell",
            "TEL.2.value": "010",
            "TEL.2.type": "work",
            "ADR.1.street": "Street 1",
            "ADR.1.city": "Berlin",
            "ADR.1.postal_code": "10115",
            "ADR.1.country": "Germany",
            "ADR.1.type": "home",
            "ADR.1.label": "Street 1\n10115 Berlin",
            "BDAY": "1990-04-12",
        }
    ]
    assert [note.text for note in file.found.notes] == ["1 photo, sound or key is left out"]


def test_version_4(tmp_path: Path) -> None:
    file = read_cards(
        tmp_path,
        card(
            "FN:Bob",
            'TEL;VALUE=uri;PREF=2;TYPE="voice,home":tel:+1-555-1;ext=5',
            "TEL;VALUE=uri;PREF=1;TYPE=cell:tel:+1-555-2",
            'ADR;LABEL="Foo: 1\\nBar":;;S;C;R;P;L',
            "IMPP:xmpp:bob@example.com",
            "BDAY:--0412",
            "PHOTO:data:image/png;base64,aGVsbG8=",
            "PHOTO;VALUE=uri:file:///etc/passwd",
            version="4.0",
        ),
    )
    assert file.records == [
        {
            "FN": "Bob",
            "TEL.1.value": "+1-555-2",
            "TEL.1.type": "cell",
            "TEL.2.value": "+1-555-1;ext=5",
            "TEL.2.type": "home",
            "ADR.1.street": "S",
            "ADR.1.city": "C",
            "ADR.1.region": "R",
            "ADR.1.postal_code": "P",
            "ADR.1.country": "L",
            "ADR.1.label": "Foo: 1\nBar",
            "IMPP.1.value": "bob@example.com",
            "IMPP.1.type": "xmpp",
            "BDAY": "--04-12",
            "PHOTO": "file:///etc/passwd",
        }
    ]


@pytest.mark.parametrize(
    ("line", "date"),
    [
        ("BDAY:1990-04-12", "1990-04-12"),
        ("BDAY:19900412T000000Z", "1990-04-12"),
        ("BDAY:--04-12", "--04-12"),
        ("BDAY;X-APPLE-OMIT-YEAR=1604:1604-04-12", "--04-12"),
        ("BDAY;VALUE=date:1604-04-12", "--04-12"),
        ("BDAY;VALUE=text:circa 1800", "circa 1800"),
    ],
)
def test_birthdays(tmp_path: Path, line: str, date: str) -> None:
    assert read_cards(tmp_path, card("FN:x", line)).records[0]["BDAY"] == date


def test_groups_of_cards_are_left_out(tmp_path: Path) -> None:
    cards = (
        card("FN:A"),
        card("FN:G", "KIND:group"),
        card("FN:H", "X-ADDRESSBOOKSERVER-KIND:group"),
        card("FN:C", "KIND:org"),
    )
    file = read_cards(tmp_path, *cards)
    assert file.records == [{"FN": "A"}, {"FN": "C", "KIND": "org"}]
    assert "groups_left_out" in file.notes


def test_broken_cards_leave_the_others(tmp_path: Path) -> None:
    file = read_cards(
        tmp_path,
        card("FN:A"),
        card("FN:B", "garbage"),
        "BEGIN:VCARD\r\nFN:C\r\n",
        card("FN:D"),
        card("FN:E").encode().replace(b":E", b":\xff\xfe"),
        card("FN;CHARSET=nonsense:\xe9"),
        "stray line\r\n",
        card("FN:F"),
        "BEGIN:VCARD\nFN:G",
        encoding="utf-8",
    )
    assert file.records == [{"FN": "A"}, {"FN": "D"}, {"FN": "F"}]
    assert [line for line, _text in file.broken] == [5, 10, 16, 20, 24, 29]
    assert [note.row for note in file.found.notes if note.code == "broken_record"] == [5, 10, 16, 20, 24, 29]
    assert file.broken[1][1] == "FN:C"


@pytest.mark.parametrize("encoding", ["gb18030", "big5", "utf-16", "utf-8-sig"])
def test_encodings_of_the_whole_file(tmp_path: Path, encoding: str) -> None:
    text = "".join(card(f"FN:王中文{number}", "ORG:北京大學有限公司") for number in range(3))
    file = read_cards(tmp_path, text.encode(encoding))
    assert [record["FN"] for record in file.records] == ["王中文0", "王中文1", "王中文2"]


def test_a_charset_of_one_line(tmp_path: Path) -> None:
    lines = card("FN;CHARSET=GBK:@", "ORG:Müller").encode().replace(b"@", "王伟".encode("gbk"))
    file = read(tmp_path, lines, "x.vcf", encoding="utf-8")
    assert file.records == [{"FN": "王伟", "ORG.name": "Müller"}]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.text(st.characters(exclude_categories=["Cs", "Cc", "Z"]), min_size=1),
    st.integers(1, 80),
    st.sampled_from(["\r\n ", "\n\t"]),
)
def test_folds_may_split_characters(tmp_path: Path, text: str, width: int, fold: str) -> None:
    escaped = text.replace("\\", "\\\\").replace(",", "\\,").replace(";", "\\;")
    line = f"FN:{escaped}".encode()
    folded = fold.encode().join(line[at : at + width] for at in range(0, len(line), width))
    data = b"BEGIN:VCARD\r\nVERSION:4.0\r\n" + folded + b"\r\nUID:1\r\nEND:VCARD\r\n"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(content_lines, "BLOCK", 5)
        assert read(tmp_path, data, "x.vcf", encoding="utf-8").records == [{"FN": text, "UID": "1"}]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(exclude_categories=["Cs", "Cc", "Z"]), min_size=1))
def test_quoted_printable_comes_back(tmp_path: Path, text: str) -> None:
    body = quopri.encodestring(text.replace("\\", "\\\\").replace(";", "\\;").encode(), quotetabs=True).rstrip(b"\n")
    line = b"FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:" + body.replace(b"\n", b"\r\n")
    data = b"BEGIN:VCARD\r\nVERSION:2.1\r\n" + line + b"\r\nUID:1\r\nEND:VCARD\r\n"
    assert read(tmp_path, data, "x.vcf").records == [{"FN": text, "UID": "1"}]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.sampled_from(
            (
                *("BEGIN:VCARD", "END:VCARD", "FN:x", "N:a;b", ";:", "TEL;:1", 'TEL;X="a:1', "AGENT:", " fold", "=41="),
                *("PHOTO;ENCODING=b:AAAA", "NOTE;ENCODING=QUOTED-PRINTABLE:=E7=", "X-A.B:1", "ORG:", "BDAY:--"),
                *("ADR:;;", "\ufeff", ""),
            )
        ),
        max_size=15,
    )
)
def test_any_lines_are_read_or_refused(tmp_path: Path, lines: list[str]) -> None:
    try:
        read_cards(tmp_path, "BEGIN:VCARD\n" + "\n".join(lines))
    except FormatError as refused:
        assert "no cards" in str(refused)


def test_hostile_cards_are_harmless(tmp_path: Path) -> None:
    nested = "BEGIN:VCARD\nFN:A\nAGENT:\n" * 5_000 + "END:VCARD\n" * 5_000
    assert read_cards(tmp_path, nested).records == [{"FN": "A"}]
    unclosed = "BEGIN:VCARD\n" * 5_000 + card("FN:Z")
    assert read_cards(tmp_path, unclosed).records == [{"FN": "Z"}]
    long_line = card("FN:B", "NOTE:" + "\r\n ".join(["x" * 1000] * 20_000))
    file = read_cards(tmp_path, long_line, card("FN:C"))
    assert file.records == [{"FN": "C"}]
    assert "longer than 1 MB" in file.found.notes[0].text
    file = read_cards(tmp_path, card("FN:D", *["X-A:1"] * 100_000), card("FN:E"))
    assert file.records == [{"FN": "E"}]
    photo = "PHOTO;ENCODING=b:" + "\r\n ".join(["QUFB" * 250] * 50_000)
    file = read_cards(tmp_path, card("FN:F", photo, "TEL:1"), card("FN:G", "PHOTO;ENCODING=b:" + "QUFB" * 500_000))
    assert file.records == [{"FN": "F", "TEL.1.value": "1"}, {"FN": "G"}]


def test_a_file_without_cards(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="no cards") as refused:
        read_cards(tmp_path, "BEGIN:VCARD\nFN:x\n")
    assert "line 1" in str(refused.value.hint)


def test_what_crmtui_wrote_has_its_own_names(tmp_path: Path) -> None:
    file = read_cards(
        tmp_path,
        card(
            "FN:A",
            'X-CRMTUI-CUSTOM;X-KEY="行业.x^^^\'":IT\\, more',
            'X-CRMTUI-CUSTOM;X-KEY="b":2',
            "X-CRMTUI-EXTERNAL-ID;X-KEY=hubspot:7",
            "X-CRMTUI-CREATED-AT:2026-01-01T00:00:00Z",
            'X-CRMTUI-RELATION;X-KEY="assistant":Bob',
            "IMPP;X-SERVICE-TYPE=line:line:a%20b",
            version="4.0",
        ),
    )
    assert file.records == [
        {
            "FN": "A",
            'custom.行业\\.x^"': "IT, more",
            "custom.b": "2",
            "external_ids.hubspot": "7",
            "created_at": "2026-01-01T00:00:00Z",
            "X-CRMTUI-RELATION.assistant": "Bob",
            "IMPP.1.value": "a b",
            "IMPP.1.type": "line",
        }
    ]
