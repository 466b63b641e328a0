"""Weighing pairs: the traps of households, offices and namesakes, groups that resist chains, and the laws of the engine."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmtui.domain.matching import blocking
from crmtui.domain.matching import signals as s
from crmtui.domain.matching.comparison import cannot_match, compare, term_values
from crmtui.domain.matching.engine import candidates, scan
from crmtui.domain.matching.groups import group
from crmtui.domain.matching.levels import CERTAIN, LIKELY, POSSIBLE, level_of
from crmtui.domain.matching.places import number_level, place_of, street_of, text_level, town
from crmtui.domain.matching.profile import Profile, Source, birthday_level, email_key, make_profile, phone_key
from crmtui.domain.matching.weights import Model, count_terms


def person(
    name: str, phone: str = "", email: str = "", street: str = "", city: str = "", company: str = "", birthday: str = ""
) -> Profile:
    points = (("phone", phone, phone),) * bool(phone) + (("email", email, email),) * bool(email)
    return make_profile(Source("person", name, "", "", company, birthday, points, (street, city, "", "", "")))


def firm(name: str, phone: str = "", email: str = "", street: str = "", city: str = "") -> Profile:
    points = (("phone", phone, phone),) * bool(phone) + (("email", email, email),) * bool(email)
    return make_profile(Source("company", name, "", "", "", "", points, (street, city, "", "", "")))


def level(one: Profile, other: Profile, size: int = 10_000) -> str:
    counts = count_terms(map(term_values, [one, other]))
    model = Model(size, counts=counts)
    levels, shared = compare(one, other)
    assert compare(other, one)[0] == levels
    bits = model.weigh(levels, shared, company=one.kind == "company").bits
    return level_of(levels, bits) or POSSIBLE


HOME = {"phone": "+4930123456", "street": "Lindenweg 5", "city": "Berlin"}
OFFICE = {
    "phone": "+862161618888",
    "email": "info@hengtai.cn",
    "street": "南京路100号",
    "city": "上海",
    "company": "恒泰贸易有限公司",
}


def test_the_same_person_in_other_clothes() -> None:
    assert (
        level(person("张伟", "+8613800138000", "zw@example.cn"), person("Zhang Wei", "+8613800138000", "zw@example.cn"))
        == CERTAIN
    )
    assert level(person("William Turner", **HOME), person("Bill Turner", **HOME)) in (CERTAIN, LIKELY)
    assert level(person("Jürgen Groß", "+491701234567", city="Berlin"), person("Gross, Juergen", "0170 1234567")) in (
        CERTAIN,
        LIKELY,
    )


def test_a_household_is_not_one_person() -> None:
    assert level(person("Hans Weber", **HOME), person("Maria Weber", **HOME)) == POSSIBLE


def test_father_and_son_are_two() -> None:
    father = person("John Weber", "+4930123456", street="Lindenweg 5", city="Berlin", birthday="1950-01-02")
    son = person("John Weber Jr.", "+491701112223", street="Lindenweg 5", city="Berlin", birthday="1980-05-06")
    assert level(father, son) != CERTAIN
    assert level(father, son) == POSSIBLE


def test_colleagues_behind_one_switchboard_are_two() -> None:
    assert level(person("张伟", **OFFICE), person("李娜", **OFFICE)) == POSSIBLE
    assert cannot_match(person("张伟", **{**OFFICE, "email": ""}), person("李娜", **{**OFFICE, "email": ""}))


def test_a_name_alone_is_no_proof() -> None:
    assert level(person("王伟"), person("王伟")) == POSSIBLE
    assert level(person("王伟"), person("Wang Wei")) == POSSIBLE


def test_sister_firms_and_branches_are_two() -> None:
    assert (
        level(
            firm("深圳恒泰科技有限公司", email="info@hengtai.cn", city="深圳"),
            firm("上海恒泰科技有限公司", email="sales@hengtai.cn", city="上海"),
        )
        == POSSIBLE
    )
    assert (
        level(
            firm("恒泰银行股份有限公司", "+862161618888", city="上海"),
            firm("恒泰银行股份有限公司深圳分行", "+8675561618888", city="深圳"),
        )
        == POSSIBLE
    )
    assert level(
        firm("北京市华信科技有限公司", "+861061618888", city="北京"),
        firm("華信科技有限公司", "+861061618888", city="北京"),
    ) in (CERTAIN, LIKELY)


def test_values_as_they_are_compared() -> None:
    assert phone_key("+49 (0)30 123456-78") == "012345678"[-9:] or len(phone_key("+49 (0)30 123456-78")) == 9
    assert (
        phone_key("+86 138 0013 8000")
        == phone_key("0086-13800138000")
        == phone_key("１３８００１３８０００")
        == "800138000"[-9:]
    )
    assert email_key("J.Doe+news@GoogleMail.com") == "jdoe@gmail.com"
    assert street_of("Hauptstraße 5a") == street_of("Hauptstr. 5 a")
    assert street_of("12 Baldwin Street, Flat 3")[1:] == ("12", "flat 3")
    assert street_of("上海市南京路88号5楼")[1] == "88"
    assert town("上海市") == town("Shanghai") == "shanghai"
    assert place_of("", "", "", "SW1A 1AA", "").postcode == "sw1a1aa"
    assert birthday_level("1980-03-05", "1980-05-03") == 2
    assert birthday_level("1980-03-05", "1980-03-06") == 2
    assert birthday_level("1980-03-05", "1962-11-30") == 3
    assert number_level("12", "13") == 3
    assert number_level("2500", "2506") == 2
    assert text_level("", "x") == 0


def test_a_chain_is_cut_at_its_weak_link() -> None:
    pairs = [(1, 2, 9.0), (2, 3, 3.0)]
    chained = group(pairs, lambda _one, _other: True)
    assert (chained.groups, chained.added, chained.cut) == ([[1, 2, 3]], [(1, 3)], [])
    cut = group(pairs, lambda _one, _other: False)
    assert (cut.groups, cut.added, cut.cut) == ([[1, 2]], [], [(2, 3)])


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(1, 9), st.floats(-5, 20)), max_size=20), st.randoms())
def test_groups_do_not_depend_on_the_order_of_pairs(pairs: list[tuple[int, int, float]], random: object) -> None:
    unique = {(min(a, b), max(a, b)): (min(a, b), max(a, b), bits) for a, b, bits in pairs if a != b}
    ordered = list(unique.values())
    shuffled = list(ordered)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    judge = lambda one, other: (one + other) % 3 != 0  # noqa: E731 - a judgement like any other
    result = group(ordered, judge)
    assert result == group(shuffled, judge)
    flat = [member for members in result.groups for member in members]
    assert len(flat) == len(set(flat))


NAMES = st.sampled_from(
    ["张伟", "Zhang Wei", "王芳", "John Smith", "Smith, J.", "Bill Smith", "María López", "", "Dr. O'Hara", "李"]
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            NAMES, st.sampled_from(["", "+8613800138000", "123456"]), st.sampled_from(["", "a@b.cn", "info@x.de"])
        ),
        min_size=2,
        max_size=9,
    )
)
def test_a_scan_does_not_depend_on_the_order_of_customers(rows: list[tuple[str, str, str]]) -> None:
    profiles = {number: person(name or "x", phone, email) for number, (name, phone, email) in enumerate(rows, 1)}
    forth, _model = scan(profiles)
    back, _model = scan(dict(reversed(profiles.items())))
    assert [(pair.first, pair.second, round(pair.bits, 6)) for pair in forth] == [
        (pair.first, pair.second, round(pair.bits, 6)) for pair in back
    ]


def test_an_unknown_value_says_nothing() -> None:
    levels, shared = compare(person("张伟"), person("张伟", "+8613800138000"))
    assert levels[s.PHONE] == levels[s.EMAIL] == 0
    assert s.PHONE not in shared


def test_in_a_large_file_one_weak_key_is_not_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    families = ["Ash", "Birch", "Cedar", "Dogwood", "Elder", "Fir", "Gorse", "Hazel", "Ivy"]
    street = {
        number: person(f"Anna {family}", street=f"High Street {number}") for number, family in enumerate(families, 1)
    }
    known = {
        20: person("Uwe Klein", street="Low Road 1", city="Bonn", phone="+49228111111"),
        21: person("Uwe Klein", street="Low Road 1", city="Bonn"),
        22: person("Zoe Elm", phone="+49228111111"),
    }
    everybody, _capped = candidates(street | known, ())
    assert len(everybody) == 9 * 8 // 2 + 2
    monkeypatch.setattr(blocking, "_SMALL_FILE", 0)
    # Those who share the street and a given name share no second key; a phone is reason enough by itself.
    assert candidates(street | known, ())[0] == [(20, 21), (20, 22)]
