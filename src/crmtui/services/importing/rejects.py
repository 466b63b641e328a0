"""The file of rejected rows: as they were, in the encoding and punctuation of the original, with the line and the reason."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from crmtui.errors import CrmError
from crmtui.formats.broken_text import BYTES
from crmtui.formats.encoding import python_codec
from crmtui.formats.table import Detection
from crmtui.i18n import LANGUAGES, LOCALE_FOLDER, N_, _
from crmtui.i18n.catalogue import Catalogue


class RejectsFile:
    """Rejected rows, written to ``path`` from the first one on; without a path, or without rejects, nothing is written."""

    def __init__(self, path: str | None, detection: Detection) -> None:
        self._path = path
        self._detection = detection
        self._stream: io.TextIOWrapper | None = None
        self.count = 0

    @property
    def written(self) -> str | None:
        """The path, if there is such a file now."""
        return self._path if self._stream is not None else None

    def __enter__(self) -> "RejectsFile":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._stream is not None:
            self._stream.close()

    def add(self, line: int, cells: Sequence[str], reason: str) -> None:
        """Write one row; ``reason`` is a sentence for the person who will correct it."""
        self.count += 1
        if self._path is None:
            return
        try:
            if self._stream is None:
                self._start(self._path)
            self._write([*cells, *[""] * (len(self._detection.columns) - len(cells)), str(line), reason])
        except OSError as error:
            raise CrmError(
                _("the file of rejected rows cannot be written: {reason}").format(reason=error.strerror or str(error)),
                where=self._path,
                kept=_("Nothing was imported."),
                hint=_("Name another place: --rejects FILE"),
            ) from error

    def _start(self, path: str) -> None:
        found = self._detection
        text = bool(found.delimiter)
        encoding = python_codec(found.encoding) if text else "utf-8"
        if found.encoding == "utf-8-sig" or not text:
            encoding = "utf-8-sig"
        # The reason may be in a language the original's encoding does not have; broken bytes are written as they were.
        self._stream = Path(path).open("w", encoding=encoding, errors=BYTES, newline="")  # noqa: SIM115
        if found.encoding in ("utf-16-le", "utf-16-be"):
            self._stream.write("\ufeff")
        self._writer = csv.writer(
            self._stream,
            delimiter=found.delimiter or ",",
            quotechar=found.quote or '"',
            lineterminator=found.line_end if found.line_end in ("\n", "\r\n") else "\r\n",
        )
        self._write([*found.columns, _("line"), _("reason")])

    def _write(self, cells: Sequence[str]) -> None:
        self._writer.writerow(cells)


def is_rejects_file(columns: Sequence[str]) -> bool:
    """Whether the last two columns are those that ``RejectsFile`` adds, whatever the language it wrote in."""
    line, reason = (_in_every_language(name) for name in (N_("line"), N_("reason")))
    return len(columns) > 2 and columns[-2] in line and columns[-1] in reason


def _in_every_language(name: str) -> set[str]:
    catalogues = (Catalogue.of(LOCALE_FOLDER, language) for language in LANGUAGES)
    return {name, *(catalogue.gettext(name) for catalogue in catalogues if catalogue is not None)}
