"""Opening a file somebody named: regular files only, never blocking, with the size it had at that moment."""

import io
import os
import stat
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path, PosixPath
from typing import BinaryIO

from crmtui.errors import FormatError, UsageError
from crmtui.formats.table import place
from crmtui.i18n import _


class Member(PosixPath):
    """A file inside of an archive, to be read like one on disk: ``open_content`` gives its bytes from the beginning."""

    archive: str
    size: int
    open_content: Callable[[], BinaryIO]

    @property
    def name(self) -> str:
        """Archive and member, as errors name it."""
        return f"{self.archive}/{super().name}"

    @classmethod
    def of(cls, archive: str, name: str, size: int, open_content: Callable[[], BinaryIO]) -> "Member":
        """The member called ``name`` of an archive; ``size`` in bytes."""
        member = cls(name)
        member.archive, member.size, member.open_content = archive, size, open_content
        return member


class FixedSizeFile(io.RawIOBase):
    """A file that ends where it ended when it was opened, even if another program still writes to it."""

    def __init__(self, path: Path) -> None:
        self._at = 0
        self._path = path
        self._content = path.open_content() if isinstance(path, Member) else None
        if isinstance(path, Member):
            self.size = path.size
            return
        self._descriptor = open_regular(path)
        self.size = os.fstat(self._descriptor).st_size

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: object, /) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        room = min(len(view), max(0, self.size - self._at))
        if self._content is not None:
            data = self._unpacked(self._content, room)
            count = len(data)
            view[:count] = data
        else:
            count = os.readv(self._descriptor, [view[:room]]) if room else 0
        self._at += count
        return count

    def _unpacked(self, content: BinaryIO, count: int) -> bytes:
        """The next bytes of a member. Raises FormatError when the archive is damaged."""
        try:
            return content.read(count)
        except (OSError, EOFError, ValueError, RuntimeError, NotImplementedError, zlib.error, zipfile.BadZipFile):
            raise FormatError(
                _("the file is damaged or was not copied completely"),
                where=place(self._path),
                hint=_("Copy or export it again."),
            ) from None

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self.size}[whence]
        to = max(0, base + offset)
        self._at = self._content.seek(to) if self._content is not None else os.lseek(self._descriptor, to, os.SEEK_SET)
        return self._at

    def tell(self) -> int:
        return self._at

    def close(self) -> None:
        if not self.closed:
            if self._content is not None:
                self._content.close()
            else:
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
