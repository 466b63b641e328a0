"""What real customer lists suffer from, planted on purpose: the same customer twice, and values typed or pasted badly."""

from collections.abc import Callable, Sequence
from random import Random

from crmtui.services.sample.activity import earliest
from crmtui.services.sample.names import letters, traditional
from crmtui.services.sample.people import OWNERS, Draft, Group
from crmtui.services.sample.places import digits
from crmtui.services.sample.talk import pick

_SAME_SOUND = dict(
    zip("晓佳婷静志伟明丽芳华雨欣子浩文国建海燕敏", "小嘉亭靖智玮铭莉方桦宇鑫梓皓雯帼健凯艳民", strict=True)
)
_LEGAL = (
    ("集团有限公司", "集团"),
    ("股份有限公司", ""),
    ("有限责任公司", "有限公司"),
    ("有限公司", ""),
    ("LLC", "L.L.C."),
    ("Inc.", "Incorporated"),
    ("Corp.", "Corporation"),
    ("Limited", "Ltd."),
    ("Ltd", "Limited"),
    ("GmbH & Co. KG", "GmbH"),
    ("GmbH", "Gmbh"),
    ("B.V.", "BV"),
    ("S.r.l.", "Srl"),
    ("S.p.A.", "SpA"),
    ("SARL", "S.A.R.L."),
    ("S.L.", "SL"),
    (" AB", ""),
)
_RIGHT_TO_LEFT = ("محمد الأحمد", "שרה כהן", "فاطمة الزهراء", "דוד לוי")
_LONG_WORDS = {
    "zh": "进出口贸易与供应链管理技术服务发展",
    "en": " International Packaging, Labelling & Logistics Holdings",
    "de": " Gesellschaft für nachhaltige Verpackungslösungen und Logistik",
    "fr": " Coopérative des Producteurs et Transformateurs du Sud-Ouest",
}
_FULL_WIDTH = str.maketrans("0123456789- ", "０１２３４５６７８９－　")
_DROPPED = ("birthday", "external_ids", "notes", "qq", "tags", "payment_terms", "urls", "messaging")


def misspelt(rng: Random, name: str, country: str, family: str, given: str) -> str:
    """The name of a person as somebody else would type it: pinyin, traditional, a look-alike, swapped, or a typo."""
    shape = int(rng.random() * 4)
    if country == "cn":
        if shape == 0:
            return f"{letters_of(family)} {letters_of(given)}".title()
        if shape == 1 and traditional(name) != name:
            return traditional(name)
        alike = "".join(_SAME_SOUND.get(character, character) for character in given)
        if shape == 2 and alike != given:
            return family + alike
        return f"{family}　{given}" if rng.random() < 0.5 else f"{letters_of(given)} {letters_of(family)}".title()
    if shape == 0:
        return f"{family}, {given}"
    if shape == 1:
        return f"{family} {given}"
    if shape == 2 and not name.isascii():
        return f"{letters(given)} {letters(family)}".title()
    return f"{given} {typo(rng, family)}"


def letters_of(chinese: str) -> str:
    """The pinyin of a piece of a name."""
    from crmtui.domain.pinyin import syllables

    return "".join(syllables(chinese, person=True))


def typo(rng: Random, word: str) -> str:
    """``word`` with two letters swapped, one lost or one doubled."""
    if len(word) < 4:
        return word + word[-1]
    at = 1 + int(rng.random() * (len(word) - 3))
    shape = rng.random()
    if shape < 0.4 and word[at] != word[at + 1]:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return word[:at] + word[at + 1 :] if shape < 0.7 else word[:at] + word[at] + word[at:]


def other_company_name(rng: Random, name: str) -> str:
    """The company as somebody else would write it."""
    if rng.random() < 0.2 and traditional(name) != name:
        return traditional(name)
    for form, other in _LEGAL:
        if name.endswith(form):
            return (name.removesuffix(form) + other).rstrip(" ,")
    return name.replace(" & ", " and ") if " & " in name else name.upper()


def duplicates(rng: Random, groups: Sequence[Group], count: int) -> list[Draft]:
    """``count`` second records of customers in the groups, thinner than the first and younger, never of the same one twice."""
    originals = [
        draft for group in groups for draft in group.members() if "phones" in draft.values and "emails" in draft.values
    ]
    if not originals:
        return []
    step = max(1, len(originals) // max(1, count))
    copies = []
    for original in originals[::step][:count]:
        values = {key: value for key, value in original.values.items() if key not in _DROPPED}
        if values["kind"] == "company":
            values["name"] = other_company_name(rng, values["name"])
        elif original.name:
            values["name"] = misspelt(rng, values["name"], original.country, original.name.family, original.name.given)
            if "company" in values and rng.random() < 0.4:
                values["company"] = other_company_name(rng, values["company"])
        shape = rng.random()
        if shape < 0.45:
            values["phones"] = _other_form(values["phones"].split(";")[0], original.country)
            del values["emails"]
        elif shape < 0.75:
            del values["phones"]
        else:
            values["phones"] = _other_form(values["phones"].split(";")[0], original.country)
            values["emails"] = values["emails"].upper() if rng.random() < 0.3 else values["emails"]
        for key in ("street", "postal_code", "region", "job_title", "wechat"):
            if rng.random() < 0.6:
                values.pop(key, None)
        chinese = original.language == "zh"
        values |= {
            "owner": pick(rng, OWNERS[original.language]),
            "source": "名片扫描" if chinese else "business card",
            "stage": "lead",
        }
        copy = Draft(values, original.place)
        copy.owner, copy.stage, copy.name = values["owner"], "lead", original.name
        copy.created = copy.updated = max(earliest(original), int(original.created * rng.random()))
        copies.append(copy)
    return copies


def _other_form(phone: str, country: str) -> str:
    plain = "".join(character for character in phone if character.isdigit() or character == "+")
    if country == "cn":
        return plain.removeprefix("+86") if plain.startswith("+") else f"+86{plain.removeprefix('0')}"
    return plain


def dirty(rng: Random, groups: Sequence[Group], count: int) -> None:
    """Spoil a value of ``count`` of these groups, each kind of damage as often as the others."""
    if not groups:
        return
    step = max(1, len(groups) // max(1, count))
    for index, group in enumerate(groups[step // 2 :: step][:count]):
        _DAMAGES[index % len(_DAMAGES)](rng, group)


def _named(draft: Draft, shown: str) -> None:
    """Show another text as the name of a person, the parts of the name staying right."""
    if draft.name is not None:
        draft.values |= {"name": shown, "family_name": draft.name.family, "given_name": draft.name.given}


def _full_width(rng: Random, group: Group) -> None:
    values = group.main.values
    values.setdefault("postal_code", digits(rng, 6 if group.main.language == "zh" else 5))
    for key in ("postal_code", "street"):
        if key in values:
            values[key] = values[key].translate(_FULL_WIDTH)


def _double_spaces(rng: Random, group: Group) -> None:
    values = group.main.values
    values["name"] = (
        values["name"].replace(" ", "  ") if " " in values["name"] else f"{values['name'][:1]} {values['name'][1:]}"
    )


def _short_phone(rng: Random, group: Group) -> None:
    group.main.values["phones"] = group.main.values.get("phones", "138 1234 5678").split(";")[0][:-2]


def _upper_case(rng: Random, group: Group) -> None:
    values = group.main.values
    values["name"] = values["name"].upper()
    if "emails" in values:
        values["emails"] = values["emails"].upper()


def _brackets(rng: Random, group: Group) -> None:
    name = group.main.name
    if name is not None:
        _named(group.main, f"{name.given} [bold]{name.family}[/bold]")
    group.main.values["notes"] = "[red]urgent[/red] [@click=quit]press[/] {amount} 100%"


def _escape(rng: Random, group: Group) -> None:
    _named(group.main, f"{group.main.values['name']}\x1b[31m")
    group.main.values["notes"] = "\x1b[2J\x1b]0;pwned\x07 copied from a terminal"


def _emoji(rng: Random, group: Group) -> None:
    _named(group.main, f"{group.main.values['name']} {pick(rng, ('🌸', '🎉', '👩‍💼', '☎️', '🇨🇳'))}")
    group.main.values["notes"] = "👍🏽 OK ❤️ 👨‍👩‍👧"


def _long_company(rng: Random, group: Group) -> None:
    if group.company is None:
        return
    name = group.company.values["name"]
    end = name.rfind("有限" if group.main.language == "zh" else " ") % (len(name) + 1)
    name = name[:end] + _LONG_WORDS[group.main.language] + name[end:]
    group.company.values["name"] = name
    for person in (group.main, *group.others):
        person.values["company"] = name


def _right_to_left(rng: Random, group: Group) -> None:
    values = group.main.values
    if group.main.language == "zh":
        values["name"] = f"{values['name']}（旧）"
        return
    values["name"] = pick(rng, _RIGHT_TO_LEFT)
    group.main.name = None


def _hidden_digits(rng: Random, group: Group) -> None:
    values = group.main.values
    values["phones"] = pick(rng, ("138****5678", "1.38E+10", "see e-mail", "62345678"))


def _broken_email(rng: Random, group: Group) -> None:
    values = group.main.values
    values["emails"] = values.get("emails", "info@mail.example").replace("@", pick(rng, ("(at)", "@@")))


def _company_in_name(rng: Random, group: Group) -> None:
    values = group.main.values
    if "company" in values:
        values["name"] = f"{values['name']}（{values['company']}）"


_DAMAGES: tuple[Callable[[Random, Group], None], ...] = (
    _full_width,
    _double_spaces,
    _short_phone,
    _upper_case,
    _brackets,
    _emoji,
    _hidden_digits,
    _broken_email,
    _long_company,
    _right_to_left,
    _escape,
    _company_in_name,
)
