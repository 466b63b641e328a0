"""An XML parser that expands and fetches nothing: expat without DOCTYPE, on text that is decoded already."""

from pathlib import Path
from xml.parsers import expat

from crmtui.errors import FormatError
from crmtui.formats.table import place
from crmtui.i18n import N_, _

MAX_DEPTH = 100
_TOKEN_LIMIT = 16 * 1024 * 1024
_REASONS = {
    expat.errors.XML_ERROR_NO_ELEMENTS: N_("it ends in the middle: it was not written or copied completely"),
    expat.errors.XML_ERROR_UNCLOSED_TOKEN: N_("it ends in the middle: it was not written or copied completely"),
    expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION: N_("it ends in the middle: it was not written or copied completely"),
    expat.errors.XML_ERROR_TAG_MISMATCH: N_("an element is closed with the name of another"),
    expat.errors.XML_ERROR_DUPLICATE_ATTRIBUTE: N_("an element has the same attribute twice"),
    expat.errors.XML_ERROR_UNDEFINED_ENTITY: N_("it uses an entity that XML does not have"),
    expat.errors.XML_ERROR_JUNK_AFTER_DOC_ELEMENT: N_("something follows after the end"),
    expat.errors.XML_ERROR_INVALID_TOKEN: N_("a sign stands where none is allowed"),
    expat.errors.XML_ERROR_SYNTAX: N_("a sign stands where none is allowed"),
    expat.errors.XML_ERROR_XML_DECL: N_("the XML declaration is wrong"),
    expat.errors.XML_ERROR_MISPLACED_XML_PI: N_("the XML declaration does not stand at the beginning"),
    expat.errors.XML_ERROR_BAD_CHAR_REF: N_("a character reference names no character"),
}


class SafeXml:
    """Feeds blocks of text to ``parser``, whose handlers the heirs set; everything it refuses is a FormatError with line
    and reason."""

    def __init__(self, path: Path | None) -> None:
        self._file = path
        self._fed = 0
        self.parser = expat.ParserCreate("utf-8")
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._doctype

    def feed(self, text: str, *, final: bool = False) -> None:
        """Parse the next piece of the document; ``final`` says that it is the last."""
        data = text.encode()
        parser = self.parser
        try:
            parser.Parse(data, final)
        except expat.ExpatError as error:
            known = _REASONS.get(expat.errors.messages[error.code])
            reason = _(known) if known else expat.ErrorString(error.code)
            raise self.refused(
                _("this is not valid XML: character {number}: {reason}").format(number=error.offset + 1, reason=reason),
                error.lineno,
            ) from None
        self._fed += len(data)
        if self._fed - parser.CurrentByteIndex > _TOKEN_LIMIT:
            raise self.too_long()

    def refused(self, reason: str, line: int | None = None) -> FormatError:
        """The refusal at the place that is being parsed, or on ``line``."""
        return FormatError(
            reason,
            where=place(self._file, line or self.parser.CurrentLineNumber),
            kept=_("Nothing was changed."),
            hint=_("Correct that place, or export the file again."),
        )

    def too_long(self) -> FormatError:
        """The refusal of a record or tag that does not end."""
        return self.refused(_("a record is longer than {limit} MB").format(limit=_TOKEN_LIMIT >> 20))

    def too_deep(self) -> FormatError:
        """The refusal of elements in elements without end."""
        return self.refused(_("elements are nested deeper than {limit}").format(limit=MAX_DEPTH))

    def _doctype(self, *_declared: object) -> None:
        raise self.refused(_("the XML has a DOCTYPE: such files are refused, as entities in it can do harm"))
