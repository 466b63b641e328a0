"""Opening a file somebody named: regular files only, never blocking, with the size it had at that moment."""

import io
import os
import stat
from pathlib import Path

from crmtui.errors import FormatError, UsageError
from crmtui.formats.table import place
from crmtui.i18n import _


class FixedSizeFile(io.RawIOBase):
    """A file that ends where it ended when it was opened, even if another program still writes to it."""

    def __init__(self, path: Path) -> None:
        self._descriptor = open_regular(path)
        self.size = os.fstat(self._descriptor).st_size
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: object, /) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        room = min(len(view), max(0, self.size - self._at))
        count = os.readv(self._descriptor, [view[:room]]) if room else 0
        self._at += count
        return count

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self.size}[whence]
        self._at = os.lseek(self._descriptor, max(0, base + offset), os.SEEK_SET)
        return self._at

    def tell(self) -> int:
        return self._at

    def close(self) -> None:
        if not self.closed:
            os.close(self._descriptor)
        super().close()


def open_regular(path: Path) -> int:
    """A descriptor for reading ``path``; a FIFO, device or directory is refused without waiting for it."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    except FileNotFoundError:
        raise UsageError(
            _("there is no such file"), where=str(path), hint=_("Check the name and the folder.")
        ) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(
            _("the file cannot be opened: {reason}").format(reason=reason),
            where=str(path),
            hint=_("Check its permissions and those of its folder"),
        ) from None
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISREG(mode):
        return descriptor
    os.close(descriptor)
    raise FormatError(
        _("this is a folder, not a file") if stat.S_ISDIR(mode) else _("this is a pipe or a device, not a file"),
        where=place(path),
        hint=_("Name a file; to read from another program use “-”."),
    )
