"""The grammar of targets: what a column may be mapped to, and back to its text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmtui.domain.fields import BY_KEY, MESSAGING_KINDS
from crmtui.domain.mapping.targets import ACTIVITIES, ENTITIES, Target, parse_target

DETAILS = st.text(min_size=1, max_size=12)
POINTS = [field.key for field in BY_KEY.values() if field.place == "point"]
GROUPS = st.integers(0, 20)


def _text(key: str, group: int, detail: str, entity: str = "") -> str:
    return (f"{entity}:" if entity else "") + key + (f"#{group}" if group else "") + (f".{detail}" if detail else "")


CUSTOMER = st.one_of(
    st.sampled_from(sorted(BY_KEY)),
    st.builds(_text, st.sampled_from(POINTS), GROUPS, st.just("")),
    st.builds(_text, st.sampled_from(["phones", "emails", "external_ids", "urls"]), st.just(0), DETAILS),
    st.builds(_text, st.just("phones"), st.integers(1, 20), DETAILS),
    st.builds(_text, st.sampled_from(["street", "city", "country", "address_label", "tags"]), GROUPS, st.just("")),
    st.builds(_text, st.just("messaging"), GROUPS, st.sampled_from(MESSAGING_KINDS)),
    st.builds("custom.{}".format, DETAILS),
)
ACTIVITY = st.sampled_from([f"{entity}:{key}" for entity, keys in ACTIVITIES.items() for key in keys])
BESIDE = st.builds(_text, st.sampled_from(["external_ids", "more"]), st.just(0), DETAILS, st.sampled_from(ENTITIES[1:]))


@given(st.one_of(CUSTOMER, CUSTOMER.map("company:{}".format), ACTIVITY, BESIDE, st.just("skip")))
def test_a_target_is_its_text(text: str) -> None:
    target = parse_target(text)
    assert target is not None and target.text == text
    assert parse_target(target.text) == target


@given(st.text(max_size=30))
def test_any_text_is_a_target_or_none(text: str) -> None:
    target = parse_target(text)
    assert target is None or parse_target(target.text) == target


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("phone", Target("phones", "")),
        ("邮箱", Target("emails", "")),
        ("phones.mobile", Target("phones", "mobile")),
        ("phones#1.label", Target("phones", "label", group=1)),
        ("phones#2.work", Target("phones", "work", group=2)),
        ("messaging#1.kind", Target("messaging", "kind", group=1)),
        ("street#2", Target("street", "", group=2)),
        ("custom.a#1:b.c", Target("custom", "a#1:b.c")),
        ("company:phones#3.extension", Target("phones", "extension", "company", 3)),
        ("Deal:Title", Target("title", "", "deal")),
        ("deal:external_ids.hub.spot", Target("external_ids", "hub.spot", "deal")),
        ("task:more.Old: remark", Target("more", "Old: remark", "task")),
    ],
)
def test_targets_are_taken_apart(text: str, target: Target) -> None:
    assert parse_target(text) == target


@pytest.mark.parametrize(
    "text",
    [
        *("", "nothing", "custom.", "name#1", "name.x", "phones#0", "phones#x", "emails#1.extension", "urls#1.kind"),
        *("messaging.smoke", "deal:", "deal:name", "deal:more.", "task:amount", "transaction:amount.x", "lead:name"),
        *("company:", "company:skip", "city#2.label", "external_ids#1"),
    ],
)
def test_what_is_no_target(text: str) -> None:
    assert parse_target(text) is None


def test_what_describes_a_contact_point() -> None:
    assert [parse_target(text).describes_point for text in ("phones#1", "phones#1.label", "phones.label")] == [  # type: ignore[union-attr]
        False,
        True,
        False,
    ]
