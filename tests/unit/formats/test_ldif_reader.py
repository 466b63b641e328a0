"""LDIF: entries of people as rows; what is no person, no text or no entry is left out and told."""

import base64
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from record_files import read

from crmtui.errors import FormatError
from crmtui.formats import content_lines

ANN = "dn: cn=Ann,dc=x\nobjectClass: person\ncn: Ann\n"


def test_entries(tmp_path: Path) -> None:
    text = (
        "# a comment\n which goes on\nversion: 1\n\ndn: cn=Ann,dc=example\nobjectClass: top\nobjectClass: person\ncn: Ann\n"
        "mail: a@example.com\nmail: b@example.com\ndescription: a long\n  line\n# inside\ncn;lang-zh:: 546L5Lyf\no:\n\n\n"
        "dn:: Y249546L\ncn:: 546L\nmail: c@example.com\n"
    )
    file = read(tmp_path, text, "x.ldif")
    assert file.found.format == "ldif"
    columns = ("dn", "objectClass.1", "objectClass.2", "cn", "mail.1", "mail.2", "description", "cn;lang-zh", "o")
    assert file.found.columns == columns
    assert file.records[0]["description"] == "a long line"
    assert file.records[0]["cn;lang-zh"] == "王伟"
    assert file.records[1] == {"dn": "cn=王", "cn": "王", "mail.1": "c@example.com"}
    assert file.lines == [5, 18]


def test_what_is_left_out_is_told(tmp_path: Path) -> None:
    text = (
        ANN
        + "jpegPhoto:: /9j/4AAQ\njpegPhoto:< file:///etc/passwd\nuserCertificate;binary:: AAAA\nuserPassword: secret\n"
        "\ndn: cn=g\nobjectClass: groupOfNames\ncn: g\nmember: cn=Ann\n\ndn: ou=people\nobjectClass: organizationalUnit\nou: people\n"
    )
    file = read(tmp_path, text, "x.ldif")
    assert file.records == [{"dn": "cn=Ann,dc=x", "objectClass": "person", "cn": "Ann"}]
    assert file.notes == {"groups_left_out", "binary_left_out", "urls_left_out", "passwords_left_out"}
    assert "secret" not in str(file)


def test_broken_entries_leave_the_others(tmp_path: Path) -> None:
    text = (
        ANN
        + "\ncn: nobody\n\ndn: cn=b\nno attribute\n\ndn: cn=c\ncn:: ====\n\ndn: cn=d\ncn: \xff\n\n"
        + ANN.replace("Ann", "Bob")
    )
    file = read(tmp_path, text.encode("latin-1"), "x.ldif", encoding="utf-8")
    assert [record["cn"] for record in file.records] == ["Ann", "Bob"]
    assert [line for line, _text in file.broken] == [5, 7, 10, 13]


def test_changes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="changetype: modify") as refused:
        read(tmp_path, ANN + "\ndn: cn=b\nchangetype: modify\nreplace: cn\ncn: x\n", "x.ldif")
    assert refused.value.where == "x.ldif, row 6"
    assert read(tmp_path, ANN.replace("object", "changetype: add\nobject"), "x.ldif").records[0]["cn"] == "Ann"


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    text = "".join(f"dn: cn=王中文{number}\ncn: 王中文{number}\n\n" for number in range(3))
    assert [each["cn"] for each in read(tmp_path, text.encode(encoding), "x.ldif").records] == [
        "王中文0",
        "王中文1",
        "王中文2",
    ]


def test_hostile_entries_are_harmless(tmp_path: Path) -> None:
    text = "dn: cn=a\ncn: " + "\n ".join(["x" * 1000] * 3_000) + "\n\ndn: cn=b\n" + "sn: x\n" * 10_000 + "\n" + ANN
    file = read(tmp_path, text, "x.ldif")
    assert [record["cn"] for record in file.records] == ["Ann"]
    assert len(file.broken) == 2
    with pytest.raises(FormatError, match="no entries"):
        read(tmp_path, "dn: cn=g\nobjectClass: groupOfNames\n", "x.ldif")


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), st.integers(2, 60), st.booleans())
def test_folded_values_come_back(tmp_path: Path, text: str, width: int, crlf: bool) -> None:
    line = b"cn:: " + base64.b64encode(text.encode())
    folded = b"\n ".join(line[at : at + width] for at in range(0, len(line), width))
    data = b"dn: cn=a\n" + folded + b"\n\ndn: cn=b\ncn: b\n"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(content_lines, "BLOCK", 7)
        file = read(tmp_path, data.replace(b"\n", b"\r\n") if crlf else data, "x.ldif")
    assert file.records == [{"dn": "cn=a", "cn": text}, {"dn": "cn=b", "cn": "b"}]
