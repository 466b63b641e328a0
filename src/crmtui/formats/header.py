"""Where the column names are: the row of the first twenty that looks most like a header, and names fit to be keys."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from crmtui.errors import FormatError
from crmtui.formats.table import MAX_COLUMNS, SAMPLE_ROWS, Note, Record, place, too_many_columns
from crmtui.i18n import _, ngettext

LOOK_AT_ROWS = 20
FOOTER_STARTS = frozenset(" \t　合总小總共以制审打导报-=_*©gtscebGTSCEB")
"""What a row that closes a table may begin with, to tell the others quickly."""
_LONGEST = 200  # characters of a cell that are looked at
_LATER = 0.15  # what a row further down must have over an earlier one that looks like a header, too

# Words that name a column; enough to tell a header from a row of data, the mapping knows many more.
_LATIN = """
name first last given family nick surname forename company organi[sz]ation account e-?mail phone mobile tel
telephone fax address street city state province region zip post(?:al)?.?code country birthday birth date
time notes? comments? tags? id uuid status stage source owner title job position department website url
amount value total currency created updated modified gender sex language type category group labels? order
number price quantity subject contact customer lead wechat whatsapp lifecycle vorname nachname firma
telefon mobil stra(?:ß|ss)e plz ort land notiz kunde geburtstag anrede nom prénom société téléphone ville
nombre apellidos? empresa teléfono ciudad
"""
_CJK = """
姓名 名称 名稱 姓 名 名字 昵称 称呼 手机号?码? 手機 电话号?码? 電話 座机 传真 邮箱 邮件 邮件地址 電郵 郵箱
公司 单位 企业 地址 城市 省份? 市 区县? 国家 邮编 邮政编码 备注 備註 说明 标签 標籤 日期 时间 時間 生日
客户 客戶 联系人 聯絡人 联系方式 职位 職稱 职务 部门 编号 序号 单号 状态 狀態 阶段 来源 來源 负责人 归属人
微信号? 金额 金額 数量 性别 语言 类型 类别 分类 行业 等级 级别 网址 网站 创建人 跟进人 ID 氏名 会社 住所
メール 電話番号 都市 備考 이름 전화 이메일 회사 도시 메모
"""
_WORD = re.compile(r"(?i)\b(?:" + "|".join(_LATIN.split()) + r")\b")
_CJK_WORD = re.compile(r".{0,8}(?:" + "|".join(_CJK.split()) + r")\d*")
_TRIM = re.compile(r"[(（\[【].*?[)）\]】]|[*＊:：]|^\s+|\s+$")
_VALUE = re.compile(
    r"""(?x) [\w.+-]+@[\w-]+\.[\w.-]+ | https?://\S+ | [¥￥$€£]?\s*[-+(]?[\d０-９][\d０-９\s.,/:()\-+Ee]*[万元%€)]?
    | \d{2,4}年\d{1,2}月(?:\d{1,2}[日号])? | (?i:true|false|yes|no) | [是否男女]"""
)
_FOOTER = re.compile(
    r"""(?xi) \s*(?: 合\s*计 | 总\s*计 | 小\s*计 | 總\s*計 | 合計 | 小計 | 总数\b | 总共 | 共\s*\d+ | 以上(?:数据|共|为) | 制表(?:人|日期|时间)
    | 审核(?:人|:|：) | 打印(?:人|日期|时间) | 导出(?:人|日期|时间) | 报表(?:结束|完) | (?:grand\s+|sub)?totals?\b | sum\b | summe\b | gesamt(?:summe)?\b
    | confidential\b | copyright\b | © | generated\s+(?:by|on)\b | end\s+of\s+(?:report|file|list)\b | [-=_*]{3,} )"""
)
_HINT = re.compile(
    r"""(?xi) 必填 | 选填 | 選填 | 可选 | 必须 | 不能为空 | 不可重复 | 格式 | 示例 | 例如 | ^例\s*[:：] | 如\s*[:：] | ^请(?:填|输|选|勿|按) | 不超过 | 最多 | 最大
    | 下拉 | 分隔 | 隔开 | 填写 | 留空 | \d+\s*个?(?:字|字符)(?:以内)? | ^\W?required\b | ^\W?optional\b | \bmandatory\b | \be\.?g\.\s | for\ example
    | ^example\b | \bmax(?:imum)?\.?\s?(?:length|\d+) | \bformat\b | ^yyyy[-/]mm | ^[dm]{2}[-./][dm]{2}[-./]yy | ^please\b | ^enter\b | ^select\b"""
)
_RULE = re.compile(r"[-=+:|\s]{2,}|-")
# Words over a group of columns that add nothing to the names below them.
_PLAIN_GROUPS = frozenset(
    (
        *(
            "联系方式",
            "联系信息",
            "联系资料",
            "基本信息",
            "基本资料",
            "客户信息",
            "客户资料",
            "个人信息",
            "其他信息",
            "其他",
            "其它",
            "地址",
            "地址信息",
        ),
        *(
            "联络方式",
            "聯絡方式",
            "基本資料",
            "客戶資料",
            "地址資料",
            "contact",
            "contacts",
            "contact details",
            "contact information",
        ),
        *("general", "basic information", "details", "customer", "address", "person", "other"),
    )
)
_MOST_EXPLAINED = 3


class TableStart(NamedTuple):
    """Where a table begins and what its columns are called; ``header_row`` 0 when it has no header.

    ``confidence`` (0 to 1) is that of the header row; ``skipped`` are rows after it that explain the columns.
    """

    header_row: int
    columns: tuple[str, ...]
    sample: tuple[tuple[str, ...], ...]
    notes: tuple[Note, ...]
    confidence: float = 1.0
    skipped: tuple[int, ...] = ()


class Guess(NamedTuple):
    """The header found: ``at`` its index in the rows looked at, None when the table has none; ``sure`` is False for a
    guess, ``confidence`` says how much of one."""

    at: int | None
    sure: bool
    confidence: float = 1.0


class _Header(NamedTuple):
    """Header cells (of two rows, if there are two), the row the data comes after, and how sure that is."""

    line: int
    cells: list[str]
    confidence: float
    notes: list[Note]


def settle(records: Sequence[Record], asked: int | None, path: Path | None) -> TableStart:
    """Header, columns and sample of the table that begins with ``records``; ``asked`` is the header row a person has
    named.

    Raises FormatError for more than ``MAX_COLUMNS`` columns or when there is no row ``asked``.
    """
    header = _choose(records, asked, path)
    notes = header.notes
    body = [record for record in records if record.line > header.line]
    skipped = _explanations(body) if header.line else []
    if skipped:
        text = _("row {row} explains the columns and is no data").format(row=skipped[0])
        notes.append(Note("explanation_row", text, skipped[0]))
        body = body[len(skipped) :]
    cells = header.cells if header.line else [""] * max((len(record.cells) for record in body), default=0)
    if len(cells) > MAX_COLUMNS:
        raise too_many_columns(path, header.line or body[0].line)
    columns, repeated = name_columns(cells)
    if repeated:
        notes.append(Note("repeated_columns", _("columns named alike: {names}").format(names=", ".join(repeated[:5]))))
    while body and is_footer(body[-1].cells):
        body.pop()
    sample = tuple(tuple(record.cells) for record in body[:SAMPLE_ROWS])
    return TableStart(header.line, columns, sample, tuple(notes), header.confidence, tuple(skipped))


def _choose(records: Sequence[Record], asked: int | None, path: Path | None) -> _Header:
    """The header and what to say about it; line 0 when the table has none."""
    if asked is not None:
        if asked == 0:
            return _Header(0, [], 1.0, [])
        at = next((index for index, record in enumerate(records) if record.line >= asked), None)
        if at is None:
            raise FormatError(
                _("there is no row {row} in the beginning of the file").format(row=asked),
                where=place(path),
                hint=_("Name the row with the names of the columns, from 1; 0 says that there is none."),
            )
        joined = join_header(records[at - 1].cells, records[at].cells) if at else None
        return _Header(records[at].line, joined or records[at].cells, 1.0, [])
    guess = find_header([record.cells for record in records])
    if guess.at is None:
        if not records:
            return _Header(0, [], guess.confidence, [])
        note = Note("no_header", _("no header row: the first row already holds values"), records[0].line)
        return _Header(0, [], guess.confidence, [note])
    at, line, cells, notes = guess.at, records[guess.at].line, records[guess.at].cells, []
    joined = None
    if at and (joined := join_header(records[at - 1].cells, cells)):
        at -= 1
    elif at + 1 < len(records) and (joined := join_header(cells, records[at + 1].cells)):
        line = records[at + 1].line
    if at:
        text = ngettext("{count} row above the header skipped", "{count} rows above the header skipped", at)
        notes.append(Note("preamble", text.format(count=at), records[0].line))
    if joined:
        text = _("the names of the columns stand in two rows, {first} and {second}; they were joined")
        notes.append(Note("two_header_rows", text.format(first=records[at].line, second=line), line))
    if not guess.sure and not joined:
        notes.append(Note("header_unsure", _("row {row} is taken for the header: check it").format(row=line), line))
    return _Header(line, joined or cells, max(guess.confidence, 0.8) if joined else guess.confidence, notes)


def join_header(upper: Sequence[str], lower: Sequence[str]) -> list[str] | None:
    """The column names of a header in two rows, the upper one with names over groups of columns; None if it is none.

    A group's name goes before the names below it unless it says nothing (联系方式) and they are unique without it.
    """
    width = max(len(upper), len(lower))
    above = [cell.strip() for cell in (*upper, *[""] * (width - len(upper)))]
    below = [cell.strip() for cell in (*lower, *[""] * (width - len(lower)))]
    under_gap = [index for index in range(1, width) if not above[index] and below[index]]
    if sum(map(bool, above)) < 2 or not above[0] or not under_gap or any(len(cell) > 40 for cell in (*above, *below)):
        return None
    if sum(not above[index] and not below[index] for index in range(width)) > width // 4:
        return None
    if _value_share(above) > 0 or _value_share(below) > 0 or _known_share(below) < 0.5:
        return None
    alone = any(above[at] and below[at] and at + 1 not in under_gap and above[at] != below[at] for at in range(width))
    if alone and _known_share(below) < 0.8:
        return None  # a name below a name that spans nothing: perhaps a row of data
    groups: list[str] = []
    for index in range(width):
        groups.append(above[index] or (groups[-1] if below[index] and groups else ""))
    leaves = [below[index] or above[index] for index in range(width)]
    counts = Counter(leaves)
    joined = []
    for group, cell, leaf in zip(groups, below, leaves, strict=True):
        plain = not cell or not group or cell == group or (group.casefold() in _PLAIN_GROUPS and counts[leaf] == 1)
        joined.append(leaf if plain else f"{group} {cell}")
    return joined


def _explanations(body: Sequence[Record]) -> list[int]:
    """The rows right below the header that say how to fill the columns in, or only draw a line."""
    found: list[int] = []
    for record in body[:_MOST_EXPLAINED]:
        cells = [cell[:_LONGEST].strip() for cell in record.cells if cell.strip()]
        hints = sum(1 for cell in cells if _HINT.search(cell))
        ruled = len(cells) > 1 and all(_RULE.fullmatch(cell) for cell in cells) and any(len(cell) > 1 for cell in cells)
        example = bool(re.match(r"(?i)(?:示例|例|样例|example)\s*[:：]", cells[0])) if cells else False
        if not (ruled or example or (hints >= 2 and hints * 2 >= len(cells)) or (hints and len(cells) == 1)):
            break
        if any("@" in cell and not _HINT.search(cell) for cell in cells) and not example:
            break  # a row with an address is somebody
        found.append(record.line)
    return found if len(found) < len(body) else []


def find_header(rows: Sequence[Sequence[str]]) -> Guess:
    """The header among the first twenty of ``rows`` (rows without content already left out)."""
    if not rows:
        return Guess(None, False)
    filled = [sum(1 for cell in row if cell.strip()) for row in rows]
    width = _usual(filled)
    best, best_score = None, 0.0
    for index in range(min(LOOK_AT_ROWS, len(rows))):
        score = _header_score(rows[index], width)
        later = score - _LATER * index
        if score > 0 and (best is None or later > best_score):
            best, best_score = index, later
    if best is None:
        return Guess(None, True, 0.9)
    known = _known_share(rows[best])
    if known >= 0.3:
        return Guess(best, True, round(min(1.0, 0.75 + 0.35 * known), 2))
    below = rows[best + 1 : best + 1 + LOOK_AT_ROWS]
    typed_below = any(_value_share(row) >= 0.2 for row in below)
    if typed_below:
        return Guess(best, known > 0, 0.8 if known > 0 else 0.65)
    if width == 1:
        return Guess(None, False, 0.5)  # a bare list: its first line is as good a value as the others
    return Guess(best, False, 0.5)


def looks_like_data(rows: Sequence[Sequence[str]]) -> float:
    """How much a sheet that begins with ``rows`` looks like the table and not like a cover or a list of choices, 0 to 2."""
    guess = find_header(rows)
    if guess.at is None or len(rows[guess.at]) < 2 or len(rows) < guess.at + 2:
        return 0.0
    width = sum(1 for cell in rows[guess.at] if cell.strip())
    return guess.confidence + min(width, 5) / 10 + min(len(rows) - guess.at - 1, 5) / 10


def name_columns(cells: Sequence[str]) -> tuple[tuple[str, ...], list[str]]:
    """Unique, non-empty column names for header ``cells``, and the names that occurred more than once.

    A column without a name becomes ``#`` and its 1-based number: the same in every language, so that recipes can rely
    on it.
    """
    bases = [" ".join(cell.replace("\ufeff", "").split()) or f"#{number}" for number, cell in enumerate(cells, 1)]
    names: dict[str, None] = {}
    for base in bases:
        name, count = base, 1
        while name in names:
            count += 1
            name = f"{base} ({count})"
        names[name] = None
    return tuple(names), [base for base, count in Counter(bases).items() if count > 1]


def is_footer(cells: Sequence[str]) -> bool:
    """Whether a row closes a table and is no part of it: 合计, Total, a rule of dashes, a confidentiality line."""
    first = next((cell for cell in cells if cell.strip()), "")
    if not _FOOTER.match(first):
        return False
    rest = [cell for cell in cells if cell.strip() and cell is not first]
    return all(_VALUE.fullmatch(cell[:_LONGEST].strip()) for cell in rest)


def _usual(filled: Sequence[int]) -> int:
    """The number of filled cells a row of the table has: of the more usual counts the largest (title rows have one or
    two)."""
    counts = Counter(filled)
    most = max(counts.values())
    return max(count for count, times in counts.items() if times * 2 >= most)


def _header_score(row: Sequence[str], width: int) -> float:
    """How much a row looks like column names; 0 or less: not at all."""
    cells = [_clean(cell) for cell in row if cell.strip()]
    known = _known_share(row)
    narrow = len(cells) < max(1, min(2, width), width * 0.5)
    if not cells or (narrow and (known < 1 or len(cells) < 2)):
        return 0.0
    values = _value_share(row)
    if values > 0.3:
        return 0.0
    distinct = len({cell.casefold() for cell in cells}) / len(cells)
    short = sum(len(cell) <= 40 for cell in cells) / len(cells)
    return 2 * known + min(1.0, len(cells) / max(1, width)) + distinct + short - 3 * values - 1.5


def _clean(cell: str) -> str:
    cell = cell[:_LONGEST]
    return _TRIM.sub("", unicodedata.normalize("NFKC", cell)).strip() or cell.strip()


def _known_share(row: Sequence[str]) -> float:
    cells = [_clean(cell) for cell in row if cell.strip()]
    known = sum(
        1 for cell in cells if len(cell) <= 40 and (_CJK_WORD.fullmatch(cell) or _WORD.search(cell.replace("_", " ")))
    )
    return known / len(cells) if cells else 0.0


def _value_share(row: Sequence[str]) -> float:
    cells = [cell[:_LONGEST].strip() for cell in row if cell.strip()]
    return sum(1 for cell in cells if _VALUE.fullmatch(cell)) / len(cells) if cells else 0.0
