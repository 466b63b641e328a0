"""Programs recognised by the columns of their exports, and the data this rests on."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmtui.domain.mapping import vendors
from crmtui.domain.mapping.guess import ColumnMapping, map_columns
from crmtui.domain.mapping.steps import parse_step
from crmtui.domain.mapping.targets import SKIP, parse_target
from crmtui.domain.mapping.vendors import VendorMatch, fold_name, read_vendor, recognise, vendor_names
from crmtui.formats.header import name_columns

SAMPLES = Path(__file__).parents[2] / "data" / "vendors"
EXPECTED: list[dict[str, Any]] = json.loads((SAMPLES / "expected.json").read_text("utf-8"))
HOLDS = {"customers", "companies", "deals", "interactions", "transactions", "tasks"}
# Columns left out on purpose; every other one feeds a field or is kept.
LEFT_OUT = {("dynamics", "(Do Not Modify) Row Checksum"), ("crmtui", "phones.{n}.e164")}
GENERIC = (
    "Name,Email,Phone",
    "First Name,Last Name,Email,Phone,Company,Title",
    "ID,Name,Address,City,State,Zip,Country,Phone,Fax,Email,Website",
    "First Name,Last Name,Company,Job Title,Email,Phone,Street,City,State,Zip,Country,Owner,Status,Source,Created,Notes,Tags",
    "Account,Contact,Email,Phone,Owner,Stage,Amount,Close Date",
    "Organization,First name,Last name,Phone,Mobile,Email,Address,Postal code,City,Country",
    "id,first_name,last_name,email,gender,ip_address",
    "name,firstName,lastName,email,phone,company,createdAt,updatedAt",
    "Contact,Company,Phone 1,Phone 2,Email 1,Email 2,Type",
    "Date,Customer,Amount,Status,Item",
    "Vorname,Nachname,Firma,Straße,PLZ,Ort,Telefon,E-Mail",
    "姓名,手机,邮箱,公司,职位,地址,备注",
    "客户编号,客户名称,客户简称,所在省份,城市,公司地址,办公电话,主联系人,联系人手机,电子邮件,备注信息",
    "客户名称,联系人,电话,手机,地址,备注,负责人,创建时间",
    "订单号,订单状态,收货人,手机号,商品名称,金额,下单时间",
)


def sample_columns(sample: dict[str, Any]) -> tuple[str, ...]:
    """The columns of a sample file, named as the readers name them."""
    data = (SAMPLES / sample["file"]).read_bytes()
    encoding = next(
        name for name in ("utf-16", "utf-8-sig", "gb18030", "cp1252") if _decodes(data, name, data[:2] == b"\xff\xfe")
    )
    rows = [row for sign in ",;\t" for row in csv.reader(io.StringIO(data.decode(encoding)), delimiter=sign)]
    header = next(row for row in rows if sum(1 for cell in row if cell.strip()) > 3)
    return name_columns(header)[0]


def _decodes(data: bytes, encoding: str, utf16: bool) -> bool:
    try:
        data.decode(encoding)
    except UnicodeError:
        return False
    return (encoding == "utf-16") == utf16


TABLES = [sample for sample in EXPECTED if sample["file"].endswith(".csv")]
COLUMNS = {sample["file"]: sample_columns(sample) for sample in TABLES}


def recognised(columns: Any, format: str = "csv") -> VendorMatch:
    match = recognise(tuple(columns), format)
    assert match is not None
    return match


@pytest.mark.parametrize("vendor", vendor_names())
def test_the_data_of_a_vendor_says_what_the_program_understands(vendor: str) -> None:
    document = read_vendor(vendor)
    assert document["label"]
    for export in document["export"]:
        assert export["name"] and export["holds"] and set(export["holds"]) <= HOLDS
        assert export.get("telling") or len(export.get("hinting", ())) >= 3, export["name"]
        names = [fold_name(name) for name in (*export["columns"], *export.get("kept", ()))]
        assert len(set(names)) == len(names), [name for name in names if names.count(name) > 1]
        for name, written in export["columns"].items():
            for text in [written] if isinstance(written, str) else written:
                target, *steps = text.split(" | ")
                plain = target.replace("{n}", "1").replace("{name}", "other")
                assert parse_target(plain) is not None, (export["name"], name, target)
                assert target != SKIP or (vendor, name) in LEFT_OUT, name
                assert all(parse_step(step) for step in steps)
        for target in export.get("constants", {}):
            assert parse_target(target) is not None
        known = set(names)
        for text in (*export.get("telling", ()), *export.get("hinting", ())):
            for part in text.split(" + "):
                forms = {fold_name(part), *(fold_name(part) + remark for remark in ("(必填)",))}
                assert forms & known, f"{export['name']}: {part} is no column"


@pytest.mark.parametrize("vendor", vendor_names())
def test_what_is_read_quickly_is_what_the_file_says(vendor: str) -> None:
    document = read_vendor(vendor)
    quick = [export for export in vendors._exports() if export.vendor == vendor]
    assert [export.number for export in quick] == list(range(len(document["export"])))
    for export, full in zip(quick, document["export"], strict=True):
        assert export.formats == frozenset(full.get("formats", ()))
        assert len(export.telling) == len(full.get("telling", ()))
        assert len(export.hinting) == len(full.get("hinting", ()))
        named = {fold_name(name) for name in (*full["columns"], *full.get("kept", ()))}
        assert {name for name in named if "{name}" not in name} <= export.names
        assert len(export.patterns) == sum("{name}" in name for name in named)


def test_all_vendors_are_there() -> None:
    wanted = """
    salesforce hubspot zoho dynamics freshsales pipedrive copper insightly keap nimble google outlook apple linkedin thunderbird
    mailchimp shopify woocommerce stripe odoo espocrm suitecrm monica twenty brevo wecom fxiaoke xiaoshouyi youzan taobao vcard
    ldif crmtui
    """
    assert set(vendor_names()) >= set(wanted.split())
    assert set(vendor_names()) == {sample["vendor"] for sample in EXPECTED}


@pytest.mark.parametrize("sample", TABLES, ids=lambda sample: sample["file"])
def test_a_file_is_recognised_as_what_it_is_and_every_column_goes_somewhere(sample: dict[str, Any]) -> None:
    columns = COLUMNS[sample["file"]]
    match = recognised(columns)
    assert (match.vendor, match.export) == (sample["vendor"], sample["export"])
    assert match.confidence >= 0.9
    assert [name for name in columns if name not in match.columns and not name.startswith("#")] == []


@pytest.mark.parametrize("header", GENERIC)
def test_a_table_with_words_that_everybody_uses_is_nobodys(header: str) -> None:
    assert recognise(tuple(header.split(",")), "csv") is None


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_it_is_recognised_whatever_a_person_chose_to_export(data: st.DataObject) -> None:
    sample = data.draw(st.sampled_from(TABLES))
    columns = [name for name in COLUMNS[sample["file"]] if not name.startswith("#")]
    gone = data.draw(st.sets(st.sampled_from(columns), max_size=len(columns) // 3))
    more = data.draw(
        st.lists(st.sampled_from(["Score", "Budget", "Team", "等级说明", "备用", "Abteilung"]), unique=True)
    )
    left = [name for name in columns if name not in gone]
    header = data.draw(st.permutations([*left, *more[: len(left) // 3]]))
    match = recognise(name_columns(header)[0], "csv")
    # Some exports have a single name that nobody else uses: without it nobody can tell, but nobody is called another.
    export = next(each for each in read_vendor(sample["vendor"])["export"] if each["name"] == sample["export"])
    telling = sum(all(part in left for part in text.split(" + ")) for text in export.get("telling", ()))
    if match is None:
        assert telling < 2
    else:
        assert match.vendor == sample["vendor"]


def test_repeated_empty_starred_and_localised_names() -> None:
    copper = recognised(
        name_columns(["First Name", "Owned By", "Contact Type", "Tag", "Tag", "Tag", "Work Email", ""])[0]
    )
    assert [copper.columns[name][0][0] for name in ("Tag", "Tag (2)", "Tag (3)")] == ["tags"] * 3
    assert not any(name.startswith("#") for name in copper.columns)
    required = recognised(("唯一性ID（必填）", "客户名称（必填）", "负责人", "负责人主属部门"))
    assert required.columns["负责人"] == (("owner", ()),)
    starred = recognised(("Person - Name*", "Person - Owner", "Person - Email (Work)"))
    assert starred.columns["Person - Name*"][0][0] == "name"
    zoned = recognised(("Record ID", "Contact owner", "Create Date (EST)", "Email", "Lead Status"))
    assert zoned.columns["Create Date (EST)"][0][0] == "created_at"
    kind = recognised(("客户名称", "添加人", "添加人账号", "标签组3（来源）", "添加时间"))
    assert kind.columns["标签组3（来源）"][0][0] == "tags"


def test_a_pattern_puts_its_number_and_its_text_into_the_target() -> None:
    google = recognised(("First Name", "E-mail 3 - Label", "E-mail 3 - Value", "Address 2 - City", "Labels"))
    assert google.columns["E-mail 3 - Label"][0][0] == "emails#3.label"
    assert google.columns["Address 2 - City"][0][0] == "city#2"
    stripe = recognised(("id", "Email", "Created (UTC)", "Delinquent", "Seit Wann (metadata)"))
    assert stripe.columns["Seit Wann (metadata)"] == (("custom.Seit Wann", ()),)
    person = recognised(("Person - Name", "Person - City/town/village/locality of Büro", "Person - Labels"))
    assert person.columns["Person - City/town/village/locality of Büro"][0][0] == "city"


def mapped(header: str, *rows: str, **chosen: str) -> dict[str, ColumnMapping]:
    columns = tuple(header.split(","))
    found = map_columns(
        columns, [row.split(",") for row in rows], region="US", chosen=chosen, vendor=recognise(columns, "csv")
    )
    return {each.column: each for each in found}


def test_the_mapping_follows_the_vendor_and_a_person_wins() -> None:
    found = mapped("Record ID,Contact owner,Lead Status,Lifecycle Stage,Email,Score", "1,Li,New,Lead,a@b.example,7")
    assert found["Record ID"].field == "external_ids.hubspot" and found["Record ID"].reason == "vendor"
    # Of two columns for one field the better one has it, wherever it stands; the other is kept.
    assert found["Lifecycle Stage"].field == "stage"
    assert found["Lead Status"].field == "custom.Lead Status"
    assert found["Score"].field == "custom.Score" and found["Score"].reason == "kept"
    chosen = mapped("Record ID,Contact owner,Lead Status,Email", "1,Li,New,a@b.example", **{"Lead Status": "source"})
    assert chosen["Lead Status"].field == "source" and chosen["Lead Status"].reason == "chosen"


def test_what_has_no_field_stays_with_what_the_row_tells() -> None:
    found = mapped("Record ID,Deal Name,Deal Stage,Associated Company (Primary),Pipeline,Our Code", "1,a,b,c,d,e")
    assert found["Deal Name"].field == "deal:title"
    assert found["Pipeline"].field == "deal:more.Pipeline"
    assert found["Our Code"].field == "deal:more.Our Code"


def test_steps_and_further_targets_come_along() -> None:
    found = mapped(
        "First Name,Last Name,URL,Company,Position,Connected On", "A,B,https://x.example/in/ab,C,D,12 Mar 2024"
    )
    assert found["URL"].field == "urls"
    assert [(field, [step.text for step in steps]) for field, steps in found["URL"].more] == [
        ("external_ids.linkedin", ["split:/in/:2"])
    ]
    assert found["Connected On"].order == "dmy" and found["Connected On"].steps[0].text == "date:dmy"


NESTED = {
    "vcard": (
        "vcard",
        "FN N.family N.given TEL.1.value TEL.1.type TEL.2.value EMAIL.1.value ADR.1.street ADR.1.city ORG.name UID",
    ),
    "apple": ("vcard", "FN N.family N.given TEL.1.value TEL.1.type ADR.1.city X-ABSHOWAS X-ABUID UID REV"),
    "ldif": ("ldif", "dn objectClass.1 objectClass.2 cn sn givenName mail.1 mail.2 telephoneNumber o l postalCode"),
    "thunderbird": (
        "ldif",
        "dn objectclass.1 objectclass.2 cn sn givenName mail mozillaSecondEmail mozillaNickname birthyear",
    ),
    "crmtui": (
        "json",
        "id kind name given_name family_name company phones.1.value phones.1.e164 phones.1.label phones.1.primary emails.1.value"
        " emails.1.primary addresses.1.city tags.1 tags.2 external_ids.hubspot custom.行业 created_at updated_at do_not_contact",
    ),
    "monica": ("json", "uuid created_at properties.first_name properties.last_name properties.job properties.tags.1"),
}


@pytest.mark.parametrize("vendor", NESTED)
def test_nested_files_are_recognised_by_their_flattened_columns(vendor: str) -> None:
    format, header = NESTED[vendor]
    match = recognised(header.split(), format)
    assert match.vendor == vendor and match.confidence >= 0.85
    assert set(match.columns) == set(header.split())
    assert all(parse_target(target) for ways in match.columns.values() for target, _steps in ways)
    assert vendor == "crmtui" or recognise(tuple(header.split()), "csv") is None or format == "json"


def test_an_own_export_knows_its_own_words() -> None:
    match = recognised(
        [
            "kind",
            "name",
            "given_name",
            "family_name",
            "phones.2.value",
            "external_ids.google",
            "custom.a\\.b",
            "created_at",
            "do_not_contact",
            "updated_at",
        ],
        "jsonl",
    )
    assert match.columns["external_ids.google"][0][0] == "external_ids.google"
    assert match.columns["custom.a\\.b"][0][0] == "custom.a.b"
    exact = "kind name family_name given_name company job_title phones,phones 2,emails,wechat,qq,messaging,urls,stage,tags,external_ids,custom.行业"
    table = recognised(
        exact.replace(" phones,", ",phones,")
        .replace(
            "kind name family_name given_name company job_title", "kind,name,family_name,given_name,company,job_title"
        )
        .split(",")
    )
    assert table.vendor == "crmtui"
    assert table.columns["phones 2"][0][0] == "phones" and table.columns["custom.行业"][0][0] == "custom.行业"
