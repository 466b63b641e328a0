"""Where the column names are: the row of the first ten that looks most like a header, and names fit to be keys."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from crmtui.errors import FormatError
from crmtui.formats.table import MAX_COLUMNS, SAMPLE_ROWS, Note, Record, place, too_many_columns
from crmtui.i18n import _, ngettext

LOOK_AT_ROWS = 10
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
    r"(?i)\s*(?:合\s*计|总\s*计|小\s*计|總\s*計|合計|小計|共\s*\d+|(?:grand\s+|sub)?totals?\b|sum\b|summe\b|confidential\b|copyright\b|[-=_*]{3,})"
)


class TableStart(NamedTuple):
    """Where a table begins and what its columns are called; ``header_row`` 0 when it has no header."""

    header_row: int
    columns: tuple[str, ...]
    sample: tuple[tuple[str, ...], ...]
    notes: tuple[Note, ...]


class Guess(NamedTuple):
    """The header found: ``at`` its index in the rows looked at, None when the table has none; ``sure`` is False for a
    guess."""

    at: int | None
    sure: bool


def settle(records: Sequence[Record], asked: int | None, path: Path | None) -> TableStart:
    """Header, columns and sample of the table that begins with ``records``; ``asked`` is the header row a person has
    named.

    Raises FormatError for more than ``MAX_COLUMNS`` columns or when there is no row ``asked``.
    """
    header, notes = _choose(records, asked, path)
    body = [record for record in records if header is None or record.line > header.line]
    cells = header.cells if header else [""] * max((len(record.cells) for record in body), default=0)
    if len(cells) > MAX_COLUMNS:
        raise too_many_columns(path, header.line if header else body[0].line)
    columns, repeated = name_columns(cells)
    if repeated:
        notes.append(Note("repeated_columns", _("columns named alike: {names}").format(names=", ".join(repeated[:5]))))
    sample = tuple(tuple(record.cells) for record in body[:SAMPLE_ROWS])
    return TableStart(header.line if header else 0, columns, sample, tuple(notes))


def _choose(records: Sequence[Record], asked: int | None, path: Path | None) -> tuple[Record | None, list[Note]]:
    """The header record and what to say about it; None when the table has none."""
    if asked is not None:
        if asked == 0:
            return None, []
        found = next((record for record in records if record.line >= asked), None)
        if found is None:
            raise FormatError(
                _("there is no row {row} in the beginning of the file").format(row=asked),
                where=place(path),
                hint=_("Name the row with the names of the columns, from 1; 0 says that there is none."),
            )
        return found, []
    guess = find_header([record.cells for record in records])
    if guess.at is None:
        if not records:
            return None, []
        return None, [Note("no_header", _("no header row: the first row already holds values"), records[0].line)]
    header = records[guess.at]
    notes = []
    if guess.at:
        text = ngettext("{count} row above the header skipped", "{count} rows above the header skipped", guess.at)
        notes.append(Note("preamble", text.format(count=guess.at), records[0].line))
    if not guess.sure:
        notes.append(
            Note("header_unsure", _("row {row} is taken for the header: check it").format(row=header.line), header.line)
        )
    return header, notes


def find_header(rows: Sequence[Sequence[str]]) -> Guess:
    """The header among the first ten of ``rows`` (rows without content already left out)."""
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
        return Guess(None, True)
    known = _known_share(rows[best])
    if known >= 0.3:
        return Guess(best, True)
    below = rows[best + 1 : best + 1 + LOOK_AT_ROWS]
    typed_below = any(_value_share(row) >= 0.2 for row in below)
    if typed_below:
        return Guess(best, known > 0)
    if width == 1:
        return Guess(None, False)  # a bare list: its first line is as good a value as the others
    return Guess(best, False)


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
