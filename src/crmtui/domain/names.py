"""Names of persons and companies: their parts, which of the two a name is, and the key a list is sorted by."""

from __future__ import annotations

import re
from operator import add
from typing import NamedTuple
from unicodedata import normalize

from crmtui.domain.folding import fold, has_cjk
from crmtui.domain.pinyin import spelling
from crmtui.domain.surnames import COMMON_SURNAMES, COMPOUND_SURNAMES


class NameParts(NamedTuple):
    """A personal name in parts; an empty string where there is none. The name as entered is kept elsewhere."""

    family: str
    given: str
    honorific: str
    note: str


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_TITLE_WORDS = (
    "先生 女士 小姐 太太 夫人 老师 教授 博士 医生 大夫 律师 会计 工程师 总工程师 总工 副总工 经理 总经理 副总经理"
    " 总监 主任 副主任 董事长 副董事长 董事 总裁 副总裁 副总 总编 厂长 院长 校长 园长 处长 局长 科长 部长 会长 所长"
    " 店长 组长 队长 主席 秘书长 书记 主管 助理 老板 师傅 同志 同学 阿姨 大哥 大姐 哥 姐 様 さん"
)
_CHINESE_TITLES = tuple(sorted(_TITLE_WORDS.split(), key=len, reverse=True))
_SHORT_TITLES = frozenset("总總工董局處处科院校厂廠行主导導")
_PREFIX_TITLES = frozenset("老小")
# 小王 is Mr Wang, 小明 a given name: only surnames that are hardly ever given names.
_NICKNAMED = frozenset("王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏吕")
_MIDDLE_DOT = re.compile(r"\s*[·•・‧]\s*")
_NOTE = re.compile(r"\s*[(\[【]([^()\[\]【】]*)[)\]】]\s*$")
_KANA_OR_HANGUL = re.compile("[\u3041-\u30fa\u30fc-\u30ff\uac00-\ud7a3]")
_LATIN_WORD = re.compile(r"[A-Za-z][A-Za-z.'’-]*")
_TITLES = _words(
    "dr prof mr mrs ms miss mx sir dame lady lord rev fr herr frau hr mme mlle monsieur madame dott ing dipl-ing mag"
    " sra srta don doña"
)
_SUFFIXES = _words("jr sr ii iii iv phd md esq mba dds cpa ba ma msc bsc llm")
_PARTICLES = _words(
    "van von de der den del della dello delle degli di da dal dos das do du la le ten ter te zu zum zur vom af av"
    " bin binti ibn al el st y e of"
)
# Two characters that only names of firms and institutions hold: 公司, or the end of 事务所.
_COMPANY_PAIRS = _words(
    "公司 集团 集團 股份 有限 合伙 务所 務所 究院 究所 计院 大学 大學 学院 學院 医院 醫院 银行 銀行 协会 協會 商会 商會 金会"
    " 金會 员会 員會 作室 作社 营部 市部 酒店 饭店 宾馆 超市 商行 商贸 工厂 工廠 会社 會社 (株 (有 (주 주식"
)
_COMPANY_ENDS = ("厂", "廠", "店", "中心", "中学", "小学", "分行", "支行", "办事处", "営業所")
_COMPANY_WORDS = _words(
    "ltd limited inc incorporated llc llp plc corp corporation company gmbh mbh ohg gbr ug kgaa sarl sas srl spa sàrl"
    " eurl aps oyj sro doo zrt kft bhd sdn pte pty pvt ооо зао пао оао holding holdings bank university universität"
    " college hospital foundation institute gruppe stiftung gesellschaft group technologies solutions industries"
    " enterprises consulting ministry verein associates"
)
_SHORT_FORMS = _words("ag kg se sa ab as nv bv oy co ev kk ao spa srl")
_COMPANY_TOKEN = re.compile(r"[^\W\d_][\w./&-]*")
_COMPANY_TAIL = re.compile(
    r"(?:&|\band\b|\bund\b|\bet\b|\by\b|\bu\.) *(?:co|cie|sons|söhne|partners?|fils|hijos|associates)\b", re.I
)


def split_name(full: str) -> NameParts:
    """Split the name of a person: 欧阳修远 → 欧阳|修远, 李总 → 李||总, `van Beethoven` stays one family name.

    Text in a final parenthesis is a note. A middle dot marks a transliterated name, whose family name is last. A single
    Latin word is a given name. What cannot be split is left whole in `given`.
    """
    name = " ".join(normalize("NFKC", full).split())
    note = ""
    found = _NOTE.search(name)
    if found is not None and found.start() > 0:
        name, note = name[: found.start()], found[1].strip()
    if not name:
        return NameParts("", "", "", note)
    if has_cjk(name) or _KANA_OR_HANGUL.search(name):
        return _split_chinese(name, note)
    return _split_latin(name, note)


class OrderedName(NamedTuple):
    """A name as it is said, and its parts."""

    name: str
    family: str
    given: str


def order_name(text: str, *, family_first: bool) -> OrderedName:
    """A personal name of which the order is known, as it is said: 晓岚 王 (given name first) → 王晓岚; `SMITH, John` → John Smith.

    A comma always has the family name before it. Names in capitals get small letters.
    """
    name = " ".join(normalize("NFKC", text).split())
    front, comma, back = (part.strip() for part in name.partition(","))
    parts = name.split(" ")
    if comma and front and back:
        family, given = front, back
    elif len(parts) < 2:
        found = split_name(name)
        return (
            OrderedName(name, found.family, found.given)
            if has_cjk(name)
            else OrderedName(_small(name), "", _small(name))
        )
    elif family_first:
        capitals = [part for part in parts if part.isupper() and len(part) > 1 and not has_cjk(part)]
        size = len(capitals) if capitals and parts[: len(capitals)] == capitals and len(capitals) < len(parts) else 1
        while size == 1 and parts[0].casefold() in _PARTICLES and size < len(parts) - 1:
            size += 1
        family, given = " ".join(parts[:size]), " ".join(parts[size:])
    else:
        at = _family_start(parts) if not has_cjk(name) else len(parts) - 1
        at = len(parts) - 1 if at == len(parts) else at
        family, given = " ".join(parts[at:]), " ".join(parts[:at])
    if has_cjk(family + given):
        return OrderedName(family + given, family, given)
    family, given = _small(family), _small(given)
    return OrderedName(f"{given} {family}", family, given)


def _small(text: str) -> str:
    """A name in capitals with capitals only where words begin; any other as it is."""
    if not text.isupper() or has_cjk(text) or len(text) < 3:
        return text
    return re.sub(r"[^\W\d_]+", lambda word: word[0].capitalize(), text)


def _split_chinese(name: str, note: str) -> NameParts:
    if _MIDDLE_DOT.search(name):
        name, honorific = _without_title(name)
        *given, family = [part for part in _MIDDLE_DOT.split(name) if part] or [""]
        return NameParts(family, "·".join(given), honorific, note)
    latin = " ".join(re.findall(r"[A-Za-z][A-Za-z.'’-]*", name))
    if latin:
        rest = re.sub(r"[A-Za-z.'’-]+", " ", name).strip()
        parts = (
            _split_chinese(rest, note) if rest and not re.search("[A-Za-z]", rest) else NameParts("", name, "", note)
        )
        if parts.given or parts.honorific:
            return parts._replace(note=" ".join(filter(None, (latin, note))))
        return parts._replace(given=latin)
    name, honorific = _without_title(name)
    words = name.split(" ")
    if len(words) == 2 and (len(words[0]) == 1 or _is_family_word(words[0], words[1])):
        return NameParts(words[0], words[1], honorific, note)
    return _split_joined(name.replace(" ", ""), honorific, note)


def _split_joined(name: str, honorific: str, note: str) -> NameParts:
    key = fold(name)
    if len(key) != len(name):
        return NameParts("", name, honorific, note)
    if len(name) > 4 and key[:4] in COMPOUND_SURNAMES:
        return NameParts(name[:4], name[4:], honorific, note)
    if key[:2] in COMPOUND_SURNAMES and (len(name) > 2 or honorific):
        if len(name) == 3 and name[2] in _SHORT_TITLES and not honorific:
            return NameParts(name[:2], "", name[2], note)
        return NameParts(name[:2], name[2:], honorific, note)
    if len(name) == 2 and not honorific:
        if name[1] in _SHORT_TITLES and key[0] in COMMON_SURNAMES:
            return NameParts(name[0], "", name[1], note)
        if name[0] == "阿":
            return NameParts("", name, "", note)
        if name[0] in _PREFIX_TITLES and key[1] in _NICKNAMED:
            return NameParts(name[1], "", name[0], note)
    if len(name) >= 4 and not (key[0] in COMMON_SURNAMES and len(name) == 4):
        return NameParts("", name, honorific, note)
    return NameParts(name[:1], name[1:], honorific, note)


def _without_title(name: str) -> tuple[str, str]:
    if not name.endswith(_CHINESE_TITLES):
        return name, ""
    for title in _CHINESE_TITLES:
        if name.endswith(title) and len(name) > len(title):
            return name[: -len(title)].rstrip(), title
    return name, ""


def _is_family_word(first: str, second: str) -> bool:
    """Say whether a space between two words parts family and given name (山田 太郎), rather than being stray."""
    key = fold(first)
    if key in COMPOUND_SURNAMES or _KANA_OR_HANGUL.search(first):
        return True
    return len(first) <= 3 and (len(second) > 1 or key[0] not in COMMON_SURNAMES)


def _split_latin(name: str, note: str) -> NameParts:
    honorifics: list[str] = []
    tokens: list[str] = []
    segments = [segment.split() for segment in name.split(",")]
    for segment in segments:
        while segment and _plain(segment[0]) in _TITLES and len(segment) > 1:
            honorifics.append(segment.pop(0))
    kept: list[list[str]] = []
    endings: list[str] = []
    for segment in segments:
        tail: list[str] = []
        while segment and _plain(segment[-1]) in _SUFFIXES and (kept or len(segment) > 1):
            tail.insert(0, segment.pop())
        endings += tail
        if segment:
            kept.append(segment)
    honorific = " ".join(honorifics + endings)
    if len(kept) > 1:
        return NameParts(" ".join(kept[0]), " ".join(word for segment in kept[1:] for word in segment), honorific, note)
    tokens = kept[0] if kept else []
    if len(tokens) < 2:
        # After a title, one word is the family name: Dr. Smith.
        word = " ".join(tokens)
        return NameParts(word, "", honorific, note) if honorifics else NameParts("", word, honorific, note)
    at = _family_start(tokens)
    if at == len(tokens):
        return NameParts(tokens[0], " ".join(tokens[1:]), honorific, note)
    return NameParts(" ".join(tokens[at:]), " ".join(tokens[:at]), honorific, note)


def _family_start(tokens: list[str]) -> int:
    """Return where the family name begins; the number of tokens when it is the first one only (DUPONT Jean)."""
    capitals = [at for at, token in enumerate(tokens) if len(token) > 1 and token.isupper() and token.isalpha()]
    if capitals == [0]:
        return len(tokens)
    if tokens[0].islower() and tokens[0] in _PARTICLES:
        return 0
    for at, token in enumerate(tokens[1:-1], 1):
        if token.casefold() in _PARTICLES:
            return at - 1 if token in ("y", "e") and at > 1 else at
    return len(tokens) - 1


def _plain(token: str) -> str:
    return token.replace(".", "").casefold()


def looks_like_company(name: str) -> bool:
    """Say whether `name` is that of a firm or an institution, by its legal form or a word only these have."""
    if not name.isascii():
        name = normalize("NFKC", name)
        if not _COMPANY_PAIRS.isdisjoint(map(add, name, name[1:])):
            return True
        bare = _NOTE.sub("", name) if name.endswith((")", "]", "】")) else name
        if len(bare) > 2 and bare.endswith(_COMPANY_ENDS):
            return True
    words = _COMPANY_TOKEN.findall(name)
    if len(words) < 2:
        return False
    last = words[-1].replace(".", "").replace("/", "")
    if last.casefold() in _SHORT_FORMS and (last.isupper() or "." in words[-1] or last in ("Co", "Oy", "Ab")):
        return True
    if any(_plain(word) in _COMPANY_WORDS for word in words[1:]):
        return True
    return _COMPANY_TAIL.search(name) is not None


def sort_key(name: str, family: str, given: str, *, person: bool) -> str:
    """Return a key whose plain order is the order of a list.

    Chinese names go by pinyin, syllable by syllable (persons by the reading of the surname), then by the characters;
    other persons by folded family name, then given name; companies by folded name. Chinese and Latin names share one
    alphabet.
    """
    if not name.isascii():
        chinese = spelling(name, person=person)
        if chinese:
            return chinese
    if person and family:
        # Two spaces sort before every longer family name: "van  b" < "van beethoven  a".
        return f"{fold(family)}  {fold(given)}" if given else fold(family)
    return fold(name or given)
