"""What ``crmtui inspect`` says to people: what the file is, how sure that is, what its columns hold and what is wrong in them."""

from collections.abc import Mapping, Sequence
from typing import Any

from crmtui.cli.help import wrapped
from crmtui.cli.output import Column, line_width, put, put_pairs, put_table, put_title
from crmtui.i18n import N_, _, ngettext
from crmtui.i18n.show import show_number

_UNSURE = 0.9
_RIVALS = 3
_SHEETS = 6
_SAMPLES = 3
_SAMPLE_LENGTH = 20
_WIDEST = 200
_REASONS = {
    "chosen": N_("your choice"),
    "synonym": N_("header"),
    "weak synonym": N_("header, weak"),
    "content": N_("the values"),
    "similar header": N_("like a header"),
    "kept": N_("kept, unknown"),
    "vendor": N_("its program"),
    "recipe": N_("recipe"),
}
_SIGNS = {"\t": N_("tab"), " ": N_("blank"), "\x01": "\\x01", "\x1f": "\\x1f"}
_LINE_ENDS = {"mixed": N_("mixed"), "\r": "CR"}


def tell_detection(document: Mapping[str, Any]) -> None:
    """Print the document of ``inspect`` in terminal cells, for a line of 80 and up."""
    put_title(str(document["file"]))
    put_pairs(
        (
            (_("Format"), _format(str(document.get("format") or ""))),
            (_("Encoding"), _encoding(document)),
            (_("Delimiter"), _delimiter(document)),
            (
                _("Line ends"),
                _(_LINE_ENDS.get(document.get("line_end") or "", "")) if document.get("line_end") in _LINE_ENDS else "",
            ),
            (_("Sheet"), _sheets(document)),
            (_("Header row"), _header(document)),
            (_("Rows"), _rows(document)),
            (_("Made by"), _vendor(document)),
        )
    )
    _tell_previews(document.get("encoding_candidates") or [])
    put("")
    _tell_columns(document)
    _tell_trouble(document.get("columns") or [])


def _format(name: str) -> str:
    from crmtui.formats.registry import FORMATS

    return FORMATS[name].label if name in FORMATS else name


def _sure(share: object) -> str:
    return f"{share:.0%}" if isinstance(share, int | float) else ""


def _with_rivals(found: str, sure: object, rivals: Sequence[tuple[str, float]]) -> str:
    """``gb18030 (95%), perhaps big5 (43%)``; a rival is told only when the answer is not sure."""
    said = f"{found} ({_sure(sure)})" if sure is not None else found
    if rivals and isinstance(sure, int | float) and sure < _UNSURE:
        others = ", ".join(f"{name} ({_sure(share)})" for name, share in rivals[:_RIVALS])
        return _("{found}, perhaps {others}").format(found=said, others=others)
    return said


def _encoding(document: Mapping[str, Any]) -> str:
    candidates = document.get("encoding_candidates") or []
    if not candidates:
        return ""
    found = str(document["encoding"])
    rivals = [(each["encoding"], each["confidence"]) for each in candidates if each["encoding"] != found]
    return _with_rivals(found, document.get("encoding_confidence"), rivals)


def _delimiter(document: Mapping[str, Any]) -> str:
    sign = document.get("delimiter")
    if not sign:
        return ""
    candidates = [(each["delimiter"], each["confidence"]) for each in document.get("delimiter_candidates") or []]
    sure = next((confidence for delimiter, confidence in candidates if delimiter == sign), None)
    rivals = [(_sign(delimiter), confidence) for delimiter, confidence in candidates if delimiter != sign]
    said = _with_rivals(_sign(sign), sure, rivals)
    return said + (_("; a backslash stands before quotes and delimiters") if document.get("escape") else "")


def _sign(sign: str) -> str:
    name = _SIGNS.get(sign)
    return sign if name is None else _(name)


def _sheets(document: Mapping[str, Any]) -> str:
    sheets = document.get("sheets") or []
    if not document.get("sheet"):
        return ""
    read = [each["name"] for each in sheets if each["read"]]
    others = [
        _("{name} (hidden)").format(name=each["name"]) if each["hidden"] else each["name"]
        for each in sheets
        if not each["read"]
    ]
    said = ", ".join(read[:_SHEETS] or [str(document["sheet"])]) + (" …" if len(read) > _SHEETS else "")
    if not others:
        return said
    more = ", ".join(others[:_SHEETS]) + (" …" if len(others) > _SHEETS else "")
    return _("{sheets}; not read: {others}").format(sheets=said, others=more)


def _header(document: Mapping[str, Any]) -> str:
    row = document.get("header_row")
    columns = document.get("columns") or [{"column": "#1"}]
    numbered = any(each["column"] == f"#{number}" for number, each in enumerate(columns, 1))
    none = _("none: the columns have numbers") if numbered else _("none: the records name their values")
    said = str(row) if row else none
    return f"{said} ({_sure(document.get('header_confidence'))})" if "header_confidence" in document else said


def _rows(document: Mapping[str, Any]) -> str:
    count = document.get("rows_read")
    if count is None:
        return ""
    if not document.get("all_rows_read"):
        return _("more than {count}; the facts are about these").format(count=show_number(count))
    said = show_number(count)
    closing = document.get("footer_rows") or []
    if closing:
        rows = ", ".join(map(str, closing))
        text = ngettext("{count}; row {rows} closes the table", "{count}; rows {rows} close the table", len(closing))
        said = text.format(count=said, rows=rows)
    return said


def _vendor(document: Mapping[str, Any]) -> str:
    label = document.get("vendor_label")
    if not label:
        return ""
    export = document.get("vendor_export")
    return f"{label}{', ' + export if export else ''} ({_sure(document.get('vendor_confidence'))})"


def _tell_previews(candidates: Sequence[Mapping[str, Any]]) -> None:
    """The same rows as each encoding reads them, when there is a choice; every other day nobody needs to look."""
    if len(candidates) < 2 or candidates[0]["confidence"] >= _UNSURE or not candidates[0]["rows"]:
        return
    put("")
    for each in candidates[: _RIVALS + 1]:
        rows = each["rows"] or [""]
        titles = [f"{each['encoding']} {_sure(each['confidence'])}", *[""] * (len(rows) - 1)]
        put_pairs((f"{title:16}", row) for title, row in zip(titles, rows, strict=True))


def _tell_columns(document: Mapping[str, Any]) -> None:
    facts = {each["column"]: each for each in document.get("columns") or []}
    columns = [
        Column(_("Column"), gives=True),
        Column(_("Field"), gives=True),
        Column(_("Sure"), right=True),
        Column(_("Why"), gives=True),
        Column(_("Filled"), right=True),
        Column(_("Distinct"), right=True),
        Column(_("Samples"), gives=True),
    ]
    rows = []
    for column, target in (document.get("mapping") or {}).items():
        known = facts.get(column)
        rows.append(
            [
                column,
                str(target.get("field") or "–"),
                _sure(target.get("confidence")),
                _(_REASONS.get(reason, reason)) if (reason := str(target.get("reason") or "")) else "",
                _sure(1 - known["blank_share"]) if known else "",
                ("" if known["distinct_exact"] else "≥ ") + show_number(known["distinct"]) if known else "",
                " · ".join(text[:_SAMPLE_LENGTH] for text in known["samples"][:_SAMPLES]) if known else "",
            ]
        )
    put_table(columns, rows)


def _tell_trouble(columns: Sequence[Mapping[str, Any]]) -> None:
    """A sentence for each damage, with the step that undoes it, and one for the words that stand for nothing."""
    lines = []
    for facts in columns:
        for damage in facts["damage"]:
            line = _("{column}: {damage}").format(column=facts["column"], damage=damage["message"])
            if damage["repair"]:
                line += _("; the step {step} repairs it").format(step=damage["repair"])
            lines.append(line)
    words: dict[str, int] = {}
    where = []
    for facts in columns:
        if facts["empty_words"]:
            where.append(facts["column"])
        for word, count in facts["empty_words"].items():
            words[word] = words.get(word, 0) + count
    if words:
        counted = ", ".join(
            f"{word} ×{show_number(count)}" for word, count in sorted(words.items(), key=lambda each: -each[1])[:6]
        )
        text = _("read as empty: {words} (in {columns}); --empty-words keep leaves them as they are")
        lines.append(text.format(words=counted, columns=", ".join(where[:4]) + (" …" if len(where) > 4 else "")))
    if lines:
        put("")
        for line in lines:
            first, *others = wrapped(line, min(line_width(), _WIDEST) - 2)
            put("\n".join((f"! {first}", *(f"  {other}" for other in others))))
